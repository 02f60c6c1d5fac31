"""What happens to a message: it is answered; if that fails, the person is told.

In: updates of chats and groups, and inline queries.  Out: the drafts of `render`, sent.  Each
chat has a Session, and its messages take turns; different chats are answered at the same time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from telegram import Message, Update, User
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError
from telegram.ext import (
    Application,
    CallbackContext,
    CallbackQueryHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.conversation import Conversation
from bot.exchange import Reference, Session
from bot.telegram.listening import picked, question
from bot.telegram.render import ALONE, Draft, offers, render
from bot.wording import Language, say

log = logging.getLogger(__name__)

MOST_CHATS = 10_000  # remembered; who asks again after that many others starts afresh
MOST_WAITING = 20  # messages of one chat: a flood of them must not keep the others waiting
MOST_MESSAGES = 1_000  # remembered, of all chats, for who replies to one: questions and answers
INLINE_KEPT = 60  # seconds that Telegram may give the same quotes for the same inline query
SEND_AGAIN = 0.5  # seconds after which a message that did not get through is tried once more

App = Application[Any, Any, Any, Any, Any, Any]
Context = CallbackContext[Any, Any, Any, Any]


class Chat(Struct):
    """What is kept of a chat: where the conversation stands, and whose turn it is."""

    session: Session
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0  # messages, the one in turn included
    album: str | None = None  # the last album in it, which comes as several messages


class TooMany(Exception):
    """A chat sends more than can be answered; what is too much is left unanswered."""


class Desk:
    """Answers messages through one Conversation."""

    def __init__(self, conversation: Conversation, most_chats: int = MOST_CHATS) -> None:
        self._conversation = conversation
        self._most_chats = most_chats
        self._chats: OrderedDict[int, Chat] = OrderedDict()
        self._answers: OrderedDict[tuple[int, int], Reference] = OrderedDict()  # by message

    def attach(self, application: App) -> None:
        """Register what is done with updates; edited messages are not looked at."""
        new = filters.UpdateType.MESSAGE
        private, groups = new & filters.ChatType.PRIVATE, new & filters.ChatType.GROUPS
        words = filters.TEXT | filters.CAPTION
        other = private & ~words & ~filters.StatusUpdate.ALL  # status: "pinned" and such
        application.add_handler(MessageHandler((private | groups) & words, self.answer))
        application.add_handler(MessageHandler(other, self.only_text))
        application.add_handler(InlineQueryHandler(self.offer))
        application.add_handler(CallbackQueryHandler(self.tapped))
        application.add_error_handler(self.failed)

    async def answer(self, update: Update, context: Context) -> None:
        """Reply to a text, or to the words below a photograph; in groups to those for the bot."""
        message = update.effective_message
        assert message is not None
        text = question(message, context.bot.username)
        if text is None:
            return
        async with self._turn(message) as chat:
            chat.album = message.media_group_id
            # Searching is work for the processor: the other chats must not wait for it.
            to = self._replied_to(message)
            reply = await asyncio.to_thread(self._conversation.reply, text, chat.session, to)
            sent = await _send(message, render(reply))
            if reply.quotes:
                self._remember(chat.session, (message, *sent))

    async def offer(self, update: Update, context: Context) -> None:
        """Answer an inline query with quotes to choose from, of what everybody may see."""
        query = update.inline_query
        assert query is not None
        session = Session(language_for(query.from_user))
        reply = await asyncio.to_thread(self._conversation.reply, query.query, session)
        await query.answer(offers(reply), cache_time=INLINE_KEPT)

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
                    self._remember(chat.session, await _send(message, render(reply)))
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

    def _replied_to(self, message: Message) -> Reference:
        """Return what a message was sent in reply to."""
        to = message.reply_to_message
        answer = self._answers.get((message.chat_id, to.message_id)) if to else None
        words = picked(message)
        return replace(words, answer=answer.answer, shown=answer.shown) if answer else words

    def _remember(self, session: Session, messages: Iterable[Message]) -> None:
        """Keep the answer for those who reply to the messages it was asked for and given in."""
        for message in messages:
            key = message.chat_id, message.message_id
            self._answers[key] = Reference(session.answer, session.shown)
        while len(self._answers) > MOST_MESSAGES:
            self._answers.popitem(last=False)

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


async def _send(message: Message, drafts: Sequence[Draft]) -> list[Message]:
    """Send the drafts, and return the messages that they became."""
    sent = []
    for draft in drafts:
        try:
            sent.append(await _send_one(message, draft))
        except BadRequest as error:
            if not draft.entities:
                raise
            log.warning("Telegram refused a message, so it goes without marks: %s", error)
            sent.append(await _send_one(message, replace(draft, entities=())))
    return sent


async def _send_one(message: Message, draft: Draft) -> Message:
    """Send a message, and again if it got lost: the same answer twice is better than none."""

    async def send() -> Message:
        return await message.reply_text(
            draft.text, entities=draft.entities or None, reply_markup=draft.keyboard
        )

    try:
        return await send()
    except BadRequest:  # a kind of NetworkError, in python-telegram-bot
        raise
    except NetworkError as error:
        log.warning("a message did not get through, trying again: %s", error)
        await asyncio.sleep(SEND_AGAIN)
        return await send()
