"""Telegram for tests: a double of the Bot API that is as strict as the real one.

One core, two ways in:

* `server.wire()`       a telegram.request.BaseRequest: the real Application, and no socket
* `server.over_http()`  the same on loopback, for a bot that runs as a process of its own

Every request, and every reply of the double itself, is judged by telegram_rules.  What
Telegram would refuse is refused, in its words; what it would let pass although a bot should
not do it (an unknown parameter, say) is kept in `server.violations`, which a test expects to
be empty at its end.

The person's side is `say`, `photo`, `sticker`, `voice`, `inline`, `edit`, `tap`, `block`, and
`replies`, which waits.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import count
from typing import Any

import aiogram.methods
import aiogram.types
from aiogram.methods.base import TelegramMethod
from aiohttp import web
from telegram.request import BaseRequest, RequestData
from telegram_rules import METHODS, Json, Refused, content, faults_of_reply, parsed

TOKEN = "123456789:" + "AbCdEfGhIj-KlMnOpQrStUvWxYz_0123456"  # looks like one; nobody's
ME = {"id": 123456789, "is_bot": True, "first_name": "有据", "username": "youju_test_bot"}
CUT = 0  # the "status" of a connection that ends half way through the reply


class TelegramServer:
    """One bot, its chats, and what it did."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.violations: list[str] = []
        self.requests: list[tuple[str, Json]] = []  # every one but getUpdates, as it was sent
        self.commands: dict[str, Json] = {}  # language code -> command -> description
        self.taps: dict[str, str | None] = {}  # what each was answered with; None: not yet
        self.offers: dict[str, list[Json]] = {}  # what each inline query was answered with
        self.polls = 0
        self.webhook = ""
        self._chats: dict[int, Json] = {}
        self._messages: dict[tuple[int, int], Json] = {}
        self._answers: dict[int, list[Json]] = defaultdict(list)  # by chat, not yet collected
        self._blocked: set[int] = set()
        self._updates: list[Json] = []
        self._allowed: list[str] = []
        self._faults: dict[str, deque[Refused]] = defaultdict(deque)
        self._message_ids, self._update_ids = count(1), count(1000)

    # The person's side

    def say(
        self,
        user: int,
        text: str,
        *,
        language: str | None = "zh",
        chat: int = 0,
        to: int = 0,
        quoted: str = "",
    ) -> int:
        """A person types a message, in private or in the group `chat` (a negative number).

        It replies to the message of the number `to`, or to the words `quoted` in it.
        """
        content: Json = {"text": text}
        if command := re.match(r"/\w+(@\w+)?", text):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": command.end()}]
        if to:
            original = self._messages[chat or user, to]
            content["reply_to_message"] = {
                name: value for name, value in original.items() if name != "reply_to_message"
            }
            if quoted:
                before = original["text"][: original["text"].index(quoted)]
                at = len(before.encode("utf-16-le")) // 2
                content["quote"] = {"text": quoted, "position": at, "is_manual": True}
        return self._post(user, content, language, chat)

    def photo(
        self, user: int, *, album: str | None = None, caption: str = "", chat: int = 0
    ) -> int:
        """A person sends a photograph, perhaps as one of an album, perhaps with words below."""
        size = {"file_id": "p", "file_unique_id": "p", "width": 90, "height": 60}
        content: Json = {"photo": [size]} | ({"media_group_id": album} if album else {})
        return self._post(user, content | ({"caption": caption} if caption else {}), chat=chat)

    def voice(self, user: int, *, chat: int = 0) -> int:
        """A person sends a spoken message."""
        voice = {"file_id": "v", "file_unique_id": "v", "duration": 3}
        return self._post(user, {"voice": voice}, chat=chat)

    def inline(self, user: int, words: str, language: str = "zh") -> str:
        """A person types `@the_bot words` into any chat; gives the id of it, see `offers`."""
        person = {"id": user, "is_bot": False, "first_name": f"Person {user}"}
        query = {"id": str(next(self._update_ids)), "query": words, "offset": ""}
        self._update("inline_query", query | {"from": person | {"language_code": language}})
        return query["id"]

    def sticker(self, user: int) -> int:
        """A person sends a sticker."""
        sticker = {"file_id": "s", "file_unique_id": "s", "width": 512, "height": 512}
        kind = {"type": "regular", "is_animated": False, "is_video": False}
        return self._post(user, {"sticker": sticker | kind})

    def pin(self, user: int, message_id: int) -> int:
        """A person pins a message of the chat: Telegram tells of it by a service message."""
        return self._post(user, {"pinned_message": self._messages[user, message_id]})

    def edit(self, user: int, message_id: int, text: str) -> None:
        """A person changes a message that was sent before."""
        message = self._messages[user, message_id] | {"text": text, "edit_date": int(time.time())}
        self._messages[user, message_id] = message
        self._update("edited_message", message)

    def block(self, user: int) -> None:
        """A person blocks the bot."""
        self._blocked.add(user)

    def tap(self, user: int, message: Json, label: str, language: str = "zh") -> str:
        """A person taps a button of a message; gives the id of the tap, see `taps`."""
        rows = message["reply_markup"]["inline_keyboard"]
        data = next(b["callback_data"] for row in rows for b in row if b["text"] == label)
        person = {"id": user, "is_bot": False, "first_name": f"Person {user}"}
        tap = {"id": str(next(self._update_ids)), "chat_instance": "1", "data": data}
        tap |= {"from": person | {"language_code": language}, "message": message}
        self.taps[tap["id"]] = None
        self._update("callback_query", tap)
        return tap["id"]

    async def replies(self, chat: int, count: int = 1, timeout: float = 30) -> list[Json]:
        """Wait for `count` messages of the bot in a chat, and collect them, oldest first."""
        answers = self._answers[chat]
        await self.until(lambda: len(answers) >= count, timeout)
        collected, answers[:count] = answers[:count], []
        return collected

    async def until(self, condition: Callable[[], object], timeout: float = 30) -> None:
        """Wait until something is true; that it never is shows as a TimeoutError."""
        # Looking again and again needs no event loop in common with the bot.
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.requests[-3:]} {self.violations}")
            await asyncio.sleep(0.005)

    # The tester's side

    def fail_next(
        self, method: str, status: int, description: str = "", times: int = 1, **hints: int
    ) -> None:
        """Refuse the next requests of a method; with CUT they are done, but the reply is cut."""
        self._faults[method].extend([Refused(status, description, **hints)] * times)

    def wire(self) -> BaseRequest:
        """A way in for one Application, to be given to its builder."""
        return Wire(self)

    @contextmanager
    def over_http(self) -> Iterator[str]:
        """Serve on loopback from a thread of its own; gives the address."""
        address: Future[str] = Future()
        loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

        async def serve() -> None:
            app = web.Application()
            app.router.add_route("*", "/bot{token}/{method}", self._http)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            loops.append((asyncio.get_running_loop(), asyncio.Event()))
            address.set_result(f"http://127.0.0.1:{runner.addresses[0][1]}")
            await loops[0][1].wait()
            await runner.cleanup()

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        try:
            yield address.result(timeout=30)
        finally:
            loop, stop = loops[0]
            loop.call_soon_threadsafe(stop.set)
            thread.join()

    # The bot's side

    async def handle(self, token: str, method: str, raw: Json) -> tuple[int, bytes]:
        """Answer one request: status and body; status CUT where the body must not arrive whole."""
        status, answer = 200, {}
        try:
            call = self._understood(token, method, raw)
            fault = self._faults[method].popleft() if self._faults[method] else None
            if fault and fault.status != CUT:
                raise fault
            result = await HANDLERS[method](self, call)
            self.violations += faults_of_reply(method, result)
            answer = {"ok": True, "result": result}
            status = CUT if fault else 200
        except Refused as refused:
            status = refused.status
            answer = {"ok": False, "error_code": status, "description": refused.description}
            answer |= {"parameters": refused.parameters} if refused.parameters else {}
        return status, json.dumps(answer).encode()

    async def _http(self, request: web.Request) -> web.StreamResponse:
        raw = dict(request.query) | dict(await request.post())
        if request.content_type == "application/json":
            raw |= await request.json()
        token, method = request.match_info["token"], request.match_info["method"]
        status, body = await self.handle(token, method, raw)
        if status != CUT:
            return web.Response(body=body, status=status, content_type="application/json")
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        assert request.transport
        request.transport.abort()
        return response

    def _understood(self, token: str, method: str, raw: Json) -> TelegramMethod[Any]:
        if not re.fullmatch(r"\d+:[\w-]+", token) or method not in METHODS:
            raise Refused(404)
        if token != self.token:
            raise Refused(401)
        if method != "getUpdates":
            self.requests.append((method, raw))
        if method not in HANDLERS:
            self.violations.append(f"{method} is not in the double")
            raise Refused(501, "Not Implemented")
        call, faults = parsed(method, raw)
        self.violations += faults
        return call

    async def _get_me(self, call: TelegramMethod[Any]) -> Json:
        return ME | {"can_join_groups": True, "can_read_all_group_messages": False}

    async def _delete_webhook(self, call: aiogram.methods.DeleteWebhook) -> bool:
        self.webhook = ""
        if call.drop_pending_updates:
            self._updates.clear()
        return True

    async def _get_updates(self, call: aiogram.methods.GetUpdates) -> list[Json]:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active; "
                          "use deleteWebhook to delete the webhook first")  # fmt: skip
        self.polls += 1
        poll = self.polls
        if call.allowed_updates is not None:
            self._allowed = call.allowed_updates
        confirmed = call.offset or 0
        self._updates = [update for update in self._updates if update["update_id"] >= confirmed]
        deadline = time.monotonic() + min(call.timeout or 0, 50)
        while not self._updates and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
            if poll != self.polls:
                raise Refused(409)
        return self._updates[: call.limit or 100]

    async def _set_my_commands(self, call: aiogram.methods.SetMyCommands) -> bool:
        for command in call.commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command.command):
                raise Refused.bad("BOT_COMMAND_INVALID")
            if not 1 <= len(command.description) <= 256:
                raise Refused.bad("BOT_COMMAND_DESCRIPTION_INVALID")
        menu = {command.command: command.description for command in call.commands}
        self.commands[call.language_code or ""] = menu
        return True

    async def _send_message(self, call: aiogram.methods.SendMessage) -> Json:
        chat = self._writable(call.chat_id)
        message = {"message_id": next(self._message_ids), "from": ME, "chat": chat}
        message |= {"date": int(time.time())} | content(call)
        if reply := call.reply_parameters:
            original = self._messages.get((chat["id"], reply.message_id))
            if original is None and reply.allow_sending_without_reply is not True:
                raise Refused.bad("message to be replied not found")
            message |= {"reply_to_message": original} if original else {}
        self._messages[chat["id"], message["message_id"]] = message
        self._answers[chat["id"]].append(message)
        return message

    async def _edit_message_text(self, call: aiogram.methods.EditMessageText) -> Json:
        chat = self._writable(call.chat_id)
        old = self._messages.get((chat["id"], call.message_id or 0))
        if old is None:
            raise Refused.bad("message to edit not found")
        if old["from"] != ME:
            raise Refused.bad("message can't be edited")
        new = content(call)
        changing = ("text", "entities", "reply_markup")
        if new == {name: old[name] for name in changing if name in old}:
            raise Refused.bad("message is not modified: specified new message content and reply "
                              "markup are exactly the same as a current content and reply markup "
                              "of the message")  # fmt: skip
        message = {name: value for name, value in old.items() if name not in changing}
        message |= new | {"edit_date": int(time.time())}
        self._messages[chat["id"], old["message_id"]] = message
        return message

    async def _answer_callback_query(self, call: aiogram.methods.AnswerCallbackQuery) -> bool:
        if self.taps.get(call.callback_query_id, "") is not None:
            raise Refused.bad("query is too old and response timeout expired or query ID is "
                              "invalid")  # fmt: skip
        if len(call.text or "") > 200:
            raise Refused.bad("MESSAGE_TOO_LONG")
        self.taps[call.callback_query_id] = call.text or ""
        return True

    async def _answer_inline_query(self, call: aiogram.methods.AnswerInlineQuery) -> bool:
        if call.inline_query_id in self.offers:
            raise Refused.bad("query is too old and response timeout expired or query ID is "
                              "invalid")  # fmt: skip
        results = [result.model_dump(exclude_none=True) for result in call.results]
        if len(results) > 50 or len({result["id"] for result in results}) < len(results):
            raise Refused.bad("RESULT_ID_DUPLICATE")
        for result in call.results:
            if not 1 <= len(result.id.encode()) <= 64:
                raise Refused.bad("RESULT_ID_INVALID")
            if not isinstance(result, aiogram.types.InlineQueryResultArticle):
                raise Refused(501, "only articles are in the double")
            given = result.input_message_content
            if not isinstance(given, aiogram.types.InputTextMessageContent):
                raise Refused(501, "only texts are in the double")
            content(
                aiogram.methods.SendMessage(
                    chat_id=1, text=given.message_text, entities=given.entities
                )
            )
        self.offers[call.inline_query_id] = results
        return True

    # What both sides share

    def _writable(self, chat_id: int | str | None) -> Json:
        try:
            chat = self._chats[int(chat_id or 0)]
        except (KeyError, ValueError):
            raise Refused.bad("chat not found") from None
        if chat["id"] in self._blocked:
            raise Refused(403)
        return chat

    def _post(self, user: int, content: Json, language: str | None = "zh", chat: int = 0) -> int:
        person = {"id": user, "is_bot": False, "first_name": f"Person {user}"}
        private = {"id": user, "type": "private", "first_name": person["first_name"]}
        group = {"id": chat, "type": "group", "title": "A group"}
        place = self._chats.setdefault(chat or user, group if chat else private)
        number = next(self._message_ids)
        message = {"message_id": number, "chat": place, "date": int(time.time()), **content}
        message["from"] = person | ({"language_code": language} if language else {})
        self._messages[place["id"], number] = message
        self._update("message", message)
        return number

    def _update(self, kind: str, content: Json) -> None:
        if not self._allowed or kind in self._allowed:
            self._updates.append({"update_id": next(self._update_ids), kind: content})


HANDLERS: dict[str, Callable[[TelegramServer, Any], Any]] = {
    "answerCallbackQuery": TelegramServer._answer_callback_query,
    "answerInlineQuery": TelegramServer._answer_inline_query,
    "deleteWebhook": TelegramServer._delete_webhook,
    "editMessageText": TelegramServer._edit_message_text,
    "getMe": TelegramServer._get_me,
    "getUpdates": TelegramServer._get_updates,
    "sendMessage": TelegramServer._send_message,
    "setMyCommands": TelegramServer._set_my_commands,
}


class Wire(BaseRequest):
    """Hands requests to the server in the same process."""

    def __init__(self, server: TelegramServer) -> None:
        self._server = server

    @property
    def read_timeout(self) -> float:
        return 5.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        token, name = url.rsplit("/bot", 1)[1].split("/")
        raw = request_data.json_parameters if request_data else {}
        status, body = await self._server.handle(token, name, raw)
        if status == CUT:
            raise ConnectionResetError("the reply ended half way")
        return status, body


def drawn(message: Json) -> str:
    """A message as plain text with its entities in it: `⟦bold:会费⟧`, one inside another."""
    signs: dict[int, list[str]] = defaultdict(list)
    entities = sorted(message.get("entities", ()), key=lambda e: (e["offset"], -e["length"]))
    for entity in entities:
        signs[entity["offset"] + entity["length"]].insert(0, "⟧")
        signs[entity["offset"]].append(f"⟦{entity['type']}:")
    text, out, at = message["text"].encode("utf-16-le"), "", 0
    for place in sorted(signs):
        out += text[2 * at : 2 * place].decode("utf-16-le") + "".join(signs[place])
        at = place
    return out + text[2 * at :].decode("utf-16-le")
