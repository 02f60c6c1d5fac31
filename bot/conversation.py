"""What the bot answers, whichever channel asks.

In: the text of a message and the Session of its chat.  Out: a Reply for the channel to
draw.  Nothing here knows of Telegram, terminals, HTML or colours.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from bot.journal import Journal
from bot.wording import Language, say
from retrieval.answers import Answer, Quote, Verdict
from retrieval.errors import RetrievalError
from retrieval.library import Library
from retrieval.questions import MAX_LENGTH

log = logging.getLogger(__name__)

PAGE = 3  # quotes shown at a time: what a phone's screen holds

COMMANDS = {"help": "帮助", "more": "更多", "sources": "来源"}
"""Each command, and its Chinese name."""

_ALIASES = {"start": "start"} | {name: name for name in COMMANDS}
_ALIASES |= {chinese: name for name, chinese in COMMANDS.items()}


@dataclass(slots=True)
class Session:
    """What the bot remembers of one chat: the last answer, and how much of it was shown."""

    language: Language = "zh"
    answer: Answer | None = None
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply before a channel gives it a look: words, then quotes, then words."""

    language: Language
    lead: str = ""
    quotes: tuple[Quote, ...] = ()
    first: int = 1  # the number of the first of these quotes within the whole answer
    tail: str = ""


class Conversation:
    """Turns messages into replies.  Safe to call from several threads, one a session."""

    def __init__(self, library: Library, journal: Journal, can_quit: bool = False) -> None:
        self._library = library
        self._can_quit = can_quit  # the channel has a /quit of its own
        self._journal = journal
        self._reported: set[object] = set()

    def reply(self, text: str, session: Session) -> Reply:
        """Return the reply to one message; `session` remembers where the chat stands.

        `/help`, `/more`, `/sources` and their Chinese names are commands (also with a
        full-width slash); anything else is a question.  Whatever was typed, and even if the
        documents cannot be searched, the reply is a sentence and never an exception.
        """
        text = text.strip()
        if command := re.fullmatch(r"[/／](\w+)", text):
            return self._command(command[1].lower(), session)
        session.language = language_of(text) or session.language
        language = session.language
        if refused := refusal(language, text):
            return Reply(language, refused)
        try:
            self._refresh()
            answer = self._library.ask(text, previous=session.answer)
        except RetrievalError as error:
            log.error("could not search: %s", error)  # its message says what to do
            return Reply(language, say(language, "unavailable"))
        session.answer, session.shown = answer, 0
        return self._page(session, lead=verdict_words(language, answer))

    def _refresh(self) -> None:
        """Take in what is new or changed; the log says, once, what could not be read."""
        refresh = self._library.refresh()
        for problem in refresh.problems:
            if problem not in self._reported:
                self._reported.add(problem)
                log.warning("%s/%s %s", problem.source, problem.file, problem.reason)
        if refresh.note and refresh.note not in self._reported:
            self._reported.add(refresh.note)
            log.warning("%s", refresh.note)

    def _command(self, name: str, session: Session) -> Reply:
        language = session.language
        help_text = say(language, "help", example=say(language, "example"))
        if self._can_quit:
            help_text += "\n" + say(language, "help_quit")
        match _ALIASES.get(name):
            case "start":
                return Reply(language, say(language, "greeting") + "\n" + help_text)
            case "help":
                return Reply(language, help_text)
            case "sources":
                return Reply(language, self._sources(language))
            case "more":
                if session.answer is None:
                    return Reply(language, say(language, "nothing_yet"))
                if session.shown >= len(session.answer.quotes):
                    return Reply(language, say(language, "nothing_more"))
                return self._page(session)
        unknown = say(language, "unknown_command", command=f"/{name}")
        return Reply(language, unknown + "\n" + help_text)

    def _page(self, session: Session, lead: str = "") -> Reply:
        """Return the next quotes of the session's answer, and put them on record."""
        assert session.answer is not None
        first = session.shown
        quotes = session.answer.quotes[first : first + PAGE]
        self._journal.record(quotes)
        session.shown = first + len(quotes)
        left = len(session.answer.quotes) - session.shown
        tail = say(session.language, "more", count=left) if left else ""
        return Reply(session.language, lead, quotes, first + 1, tail)

    def _sources(self, language: Language) -> str:
        lines = [
            say(language, "source", name=s.name, documents=s.documents, passages=s.passages)
            for s in self._library.contents()
        ]
        return "\n".join([say(language, "sources"), *lines])


def refusal(language: Language, text: str) -> str:
    """Return why a text cannot be asked at all, as a sentence; "" if it can."""
    if not text.strip():
        return say(language, "empty")
    if len(text) > MAX_LENGTH:
        return say(language, "too_long", length=f"{len(text):,}", limit=f"{MAX_LENGTH:,}")
    return ""


def verdict_words(language: Language, answer: Answer) -> str:
    """Return what is said above the quotes: how far they answer, and what was not found."""
    comma = say(language, "list_comma")
    lines = []
    if answer.question.follows:
        lines.append(say(language, "follows", question=answer.question.follows))
    if answer.verdict is not Verdict.ANSWER:
        lines.append(say(language, answer.verdict.value))
        missing = [word for word in answer.missing if not any(word in n for n in answer.absent)]
        if missing:
            lines.append(say(language, "missing", words=comma.join(missing)))
        if answer.absent:
            lines.append(say(language, "absent", words=comma.join(answer.absent)))
    if answer.verdict is Verdict.RELATED:
        lines.append(say(language, "nearest"))
    return "\n".join(lines)


def language_of(text: str) -> Language | None:
    """Return the language a question is asked in; None where it holds no letters at all."""
    if re.search(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]", text):
        return "zh"
    return "en" if re.search(r"[A-Za-z]", text) else None
