"""Which messages are for the bot, and what in them is the question.

In: a Message.  Out: the text to answer, None where it is for others; what it replies to.

In private chats every text and caption is for the bot.  In groups those are that name it
(@the_bot), reply to it, or are commands, unless for another bot.
"""

from __future__ import annotations

import re

from telegram import Message

from bot.conversation import is_command
from bot.exchange import Reference

_COMMAND = re.compile(r"([/／]\w+)(?:@(\w+))?(?=\s|$)")


def question(message: Message, bot: str) -> str | None:
    """Return what a message asks the bot of this user name, as one types it in a terminal.

    A reply to another person's message that only names the bot asks what that message says.
    """
    text = message.text or message.caption or ""
    private = message.chat.type == message.chat.PRIVATE
    command = _COMMAND.match(text)
    if command and command[2] and command[2].lower() != bot.lower() and not private:
        return None
    mention = re.compile(rf"@{re.escape(bot)}\b", re.IGNORECASE)
    named = mention.search(text) is not None
    to = message.reply_to_message
    answers = to is not None and to.from_user is not None and to.from_user.username == bot
    if not (private or named or answers or (command and is_command(command[1]))):
        return None
    if command:
        text = command[1] + text[command.end() :]
        # What a link to the bot adds to /start (`/start from-the-web-site`) is no question.
        return "/start" if text.startswith("/start ") else text
    text = mention.sub(" ", text).strip() if named else text
    if not text and to and not answers and not private:
        return to.text or to.caption or ""
    return text


def picked(message: Message) -> Reference:
    """Return the words of another message that a message was sent in reply to, if any."""
    if message.quote is None or not message.quote.is_manual:
        return Reference()
    to = message.reply_to_message
    text = ((to.text or to.caption) if to else "") or ""
    # Telegram counts in UTF-16.
    at = len(text.encode("utf-16-le")[: 2 * message.quote.position].decode("utf-16-le", "ignore"))
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return Reference(fragment=message.quote.text, line=text[start : end if end >= 0 else len(text)])
