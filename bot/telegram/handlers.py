"""What happens to a message: it is answered; if that fails, the person is told.

In: updates of private chats.  Out: the drafts of `render`, sent.  Each chat has a Session,
and its messages take turns; different chats are answered at the same time.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from telegram import Message, Update, User
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError
from telegram.ext import (
    Application,
    CallbackContext,
    CallbackQueryHandler,
    MessageHandler,
    filters,
)

from bot.conversation import Conversation, Session
from bot.telegram.render import ALONE, Draft, render
from bot.wording import Language, say

log = logging.getLogger(__name__)

MOST_CHATS = 10_000  # remembered; who asks again after that many others starts afresh
MOST_WAITING = 20  # messages of one chat: a flood of them must not keep the others waiting
SEND_AGAIN = 0.5  # seconds after which a message that did not get through is tried once more

App = Application[Any, Any, Any, Any, Any, Any]
Context = CallbackContext[Any, Any, Any, Any]


@dataclass(slots=True)
class Chat:
    """What is kept of a chat: where the conversation stands, and whose turn it is."""

    session: Session
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0  # messages, the one in turn included
    album: str | None = None  # the last album in it, which comes as several messages


class TooMany(Exception):
    """A chat sends more than can be answered; what is too much is left unanswered."""


class Desk:
    """Answers private messages through one Conversation."""

    def __init__(self, conversation: Conversation, most_chats: int = MOST_CHATS) -> None:
        self._conversation = conversation
        self._most_chats = most_chats
        self._chats: OrderedDict[int, Chat] = OrderedDict()

    def attach(self, application: App) -> None:
        """Register what is done with updates; edited and group messages are not looked at."""
        private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
        other = private & ~filters.TEXT & ~filters.StatusUpdate.ALL  # status: "pinned" and such
        application.add_handler(MessageHandler(private & filters.TEXT, self.answer))
        application.add_handler(MessageHandler(other, self.only_text))
        application.add_handler(CallbackQueryHandler(self.tapped))
        application.add_error_handler(self.failed)

    async def answer(self, update: Update, context: Context) -> None:
        """Reply to a text."""
        message = update.effective_message
        assert message is not None
        assert message.text is not None
        async with self._turn(message) as chat:
            # Searching is work for the processor: the other chats must not wait for it.
            text = plain(message.text)
            reply = await asyncio.to_thread(self._conversation.reply, text, chat.session)
            await _send(message, render(reply))

    async def only_text(self, update: Update, context: Context) -> None:
        """Say that photographs, stickers and so on are not understood; once an album."""
        message = update.effective_message
        assert message is not None
        async with self._turn(message) as chat:
            if message.media_group_id is None or message.media_group_id != chat.album:
                await _send(message, [Draft(say(chat.session.language, "only_text"))])
            chat.album = message.media_group_id

    async def tapped(self, update: Update, context: Context) -> None:
        """Answer a follow-up alone, at the tap of its button; what is out of date is said so."""
        query = update.callback_query
        assert query is not None
        message = query.message
        if not isinstance(message, Message):  # too old for Telegram to tell what it was
            await query.answer(say(language_for(query.from_user), "stale"))
            return
        try:
            async with self._turn(message, query.from_user) as chat:
                key = (query.data or "").removeprefix(ALONE)
                reply = await asyncio.to_thread(self._conversation.alone, key, chat.session)
                # An app shows a tap as being done until it is answered.
                await query.answer(None if reply else say(chat.session.language, "stale"))
                if reply:
                    await _send(message, render(reply))
        except Exception:
            with suppress(TelegramError):  # it may be answered already
                await query.answer()
            raise

    async def failed(self, update: object, context: Context) -> None:
        """Log what went wrong, then tell the person, with the number it has in the log."""
        message = update.effective_message if isinstance(update, Update) else None
        if isinstance(context.error, Forbidden | TooMany):
            log.info("not answered: %s", context.error)
            return
        number = secrets.token_hex(3)
        # When the network is down, where it was noticed tells the owner nothing.
        down = isinstance(context.error, NetworkError) and not isinstance(context.error, BadRequest)
        trace = None if down else context.error
        log.error("message failed, number %s: %r", number, context.error, exc_info=trace)
        if message is None:
            return
        sentence = say(self._chat(message).session.language, "failed", id=number)
        try:
            await message.reply_text(sentence)
        except TelegramError as error:
            log.warning("number %s: the person could not be told: %s", number, error)

    @asynccontextmanager
    async def _turn(self, message: Message, user: User | None = None) -> AsyncIterator[Chat]:
        """Wait until it is this message's turn in its chat; TooMany if too many wait already.

        `user` is who acts, where that is not who wrote the message.
        """
        chat = self._chat(message, user)
        if chat.waiting >= MOST_WAITING:
            raise TooMany("too many messages at once in one chat")
        chat.waiting += 1
        try:
            async with chat.turn:
                yield chat
        finally:
            chat.waiting -= 1

    def _chat(self, message: Message, user: User | None = None) -> Chat:
        """Return what is kept of the chat, and forget the one that was silent longest."""
        chat = self._chats.pop(message.chat_id, None)
        if chat is None:
            chat = Chat(Session(language_for(user or message.from_user), chat=message.chat_id))
        self._chats[message.chat_id] = chat
        if len(self._chats) > self._most_chats:
            # Many more are kept than can be answered at a time: it is nobody who waits.
            self._chats.popitem(last=False)
        return chat


def language_for(user: User | None) -> Language:
    """Return what to speak before a question shows it: the language of the person's app."""
    code = user.language_code if user else None
    return "zh" if not code or code.lower().startswith("zh") else "en"


def plain(text: str) -> str:
    """Return a message as one types it in a terminal: `/help@youju_bot` is `/help`.

    What a link to the bot adds to /start (`/start from-the-web-site`) is no question.
    """
    text = re.sub(r"^([/／]\w+)@\w+", r"\1", text)
    return "/start" if text.startswith("/start ") else text


async def _send(message: Message, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        try:
            await _send_one(message, draft)
        except BadRequest as error:
            if not draft.entities:
                raise
            log.warning("Telegram refused a message, so it goes without marks: %s", error)
            await _send_one(message, replace(draft, entities=()))


async def _send_one(message: Message, draft: Draft) -> None:
    """Send a message, and again if it got lost: the same answer twice is better than none."""
    try:
        await message.reply_text(
            draft.text, entities=draft.entities or None, reply_markup=draft.keyboard
        )
    except BadRequest:  # a kind of NetworkError, in python-telegram-bot
        raise
    except NetworkError as error:
        log.warning("a message did not get through, trying again: %s", error)
        await asyncio.sleep(SEND_AGAIN)
        await message.reply_text(
            draft.text, entities=draft.entities or None, reply_markup=draft.keyboard
        )
