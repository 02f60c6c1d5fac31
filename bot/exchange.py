"""What a channel and the conversation hand each other: a Session, a Reference, a Reply.

Nothing here knows of Telegram, terminals, HTML or colours.
"""

from __future__ import annotations

import hashlib

from msgspec import Struct

from bot.wording import Language
from retrieval.answers import Answer, Quote
from retrieval.fragments import LONGEST, Fragment


class Session(Struct):
    """What the bot remembers of one chat: the last answer, and how much of it was shown."""

    language: Language = "zh"
    answer: Answer | None = None
    shown: int = 0
    chat: int | None = None  # its id, as `visible_to` lists them; None: the channel has no ids
    owner: bool = False  # at the owner's own terminal, who may see every source


class Reference(Struct, frozen=True):
    """What a message was sent in reply to."""

    answer: Answer | None = None  # the answer that was replied to
    shown: int = 0  # how much of it had been shown by then
    fragment: str = ""  # the words that were picked out of it, or of another message
    line: str = ""  # the line that they were picked from, if known

    def picked(self, last: Answer | None) -> Fragment | None:
        """Return the words that were picked out, with the quote of an answer that they are from."""
        words = self.fragment[:LONGEST].strip()
        if not words:
            return None
        quotes = last.quotes if last else ()
        for part in (self.line.strip("… "), words):  # several may hold the words, but not the line
            for quote in quotes:
                if part and Fragment(part).is_from(quote.text):
                    return Fragment(words, (quote.text,))
        return Fragment(words)


class Reply(Struct, frozen=True):
    """One reply before a channel gives it a look: words, then quotes, then words."""

    language: Language
    lead: str = ""
    quotes: tuple[Quote, ...] = ()
    first: int = 1  # the number of the first of these quotes within the whole answer
    tail: str = ""
    alone: str = ""  # what Conversation.alone takes, where this is the answer to a follow-up


def alone_key(answer: Answer | None) -> str:
    """Return a name of the question of an answer, if it was completed from the one before."""
    if answer is None:
        return ""
    question = answer.question
    return (
        hashlib.sha256(question.text.encode(errors="replace")).hexdigest()[:16]
        if question.follows
        else ""
    )
