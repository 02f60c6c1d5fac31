"""What the bot answers, whichever channel asks.

In: the text of a message and the Session of its chat.  Out: a Reply for the channel to
draw.  Nothing here knows of Telegram, terminals, HTML or colours.
"""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass, replace

from bot.journal import Journal
from bot.wording import Language, say, why
from retrieval.answers import Answer, Quote, Verdict
from retrieval.errors import RetrievalError
from retrieval.library import Library
from retrieval.questions import MAX_LENGTH

log = logging.getLogger(__name__)

PAGE = 3  # quotes shown at a time: what a phone's screen holds

COMMANDS = {"help": "帮助", "more": "更多", "why": "依据", "alone": "单独", "sources": "来源"}
"""Each command, and its Chinese name."""

_ALIASES = {"start": "start"} | {name: name for name in COMMANDS}
_ALIASES |= {chinese: name for name, chinese in COMMANDS.items()} | {"为什么": "why"}


@dataclass(slots=True)
class Session:
    """What the bot remembers of one chat: the last answer, and how much of it was shown."""

    language: Language = "zh"
    answer: Answer | None = None
    shown: int = 0
    chat: int | None = None  # its id, as `visible_to` lists them; None: the channel has no ids
    owner: bool = False  # at the owner's own terminal, who may see every source


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply before a channel gives it a look: words, then quotes, then words."""

    language: Language
    lead: str = ""
    quotes: tuple[Quote, ...] = ()
    first: int = 1  # the number of the first of these quotes within the whole answer
    tail: str = ""
    alone: str = ""  # what Conversation.alone takes, where this is the answer to a follow-up


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
        self._forget_what_is_hidden(session)
        if command := re.fullmatch(r"[/／](\w+)", text):
            return self._command(command[1].lower(), session)
        session.language = language_of(text) or session.language
        language = session.language
        if refused := refusal(language, text):
            return Reply(language, refused)
        return self._ask(text, session, session.answer)

    def alone(self, key: str, session: Session) -> Reply | None:
        """Answer the last question again, without the one before it.

        `key` is what a Reply said; None where it is not that of the last answer any more.
        """
        self._forget_what_is_hidden(session)
        if session.answer is None or not key or key != _alone_key(session.answer):
            return None
        return self._ask(session.answer.question.text, session, None)

    def _ask(self, text: str, session: Session, previous: Answer | None) -> Reply:
        language = session.language
        try:
            self._refresh()
            visible = self._visible(session)
            answer = self._library.ask(text, sources=visible, previous=previous)
        except RetrievalError as error:
            log.error("could not search: %s", error)  # its message says what to do
            return Reply(language, say(language, "unavailable"))
        session.answer, session.shown = answer, 0
        page = self._page(session, lead=verdict_words(language, answer))
        return replace(page, alone=_alone_key(answer))

    def _refresh(self) -> None:
        """Take in what is new or changed; the log says, once, what could not be read."""
        refresh = self._library.refresh()
        for problem in refresh.problems:
            if problem not in self._reported:
                self._reported.add(problem)
                log.warning("%s", problem)
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
                return Reply(language, self._sources(session))
            case "more":
                if session.answer is None:
                    return Reply(language, say(language, "nothing_yet"))
                if session.shown >= len(session.answer.quotes):
                    return Reply(language, say(language, "nothing_more"))
                return self._page(session)
            case "why":
                if session.answer is None:
                    return Reply(language, say(language, "nothing_yet"))
                shown = min(session.shown, PAGE)
                return Reply(
                    language, why(language, session.answer, shown, self._library.confidence)
                )
            case "alone":
                if session.answer is None:
                    return Reply(language, say(language, "nothing_yet"))
                reply = self.alone(_alone_key(session.answer), session)
                return reply or Reply(language, say(language, "already_alone"))
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

    def _sources(self, session: Session) -> str:
        visible, language = self._visible(session), session.language
        lines = [
            say(language, "source", name=s.name, documents=s.documents, passages=s.passages)
            for s in self._library.contents()
            if visible is None or s.name in visible
        ]
        return "\n".join([say(language, "sources" if lines else "no_sources"), *lines])

    def _visible(self, session: Session) -> frozenset[str] | None:
        """Return the names of the sources that a chat may be answered from; None: of all."""
        if session.owner:
            return None
        sources = self._library.sources
        allowed = [s.name for s in sources if s.visible_to is None or session.chat in s.visible_to]
        return None if len(allowed) == len(sources) else frozenset(allowed)

    def _forget_what_is_hidden(self, session: Session) -> None:
        """Start afresh where the last answer quotes what the owner has hidden since."""
        visible = self._visible(session)
        if session.answer is None or visible is None:
            return
        if any(quote.citation.source not in visible for quote in session.answer.quotes):
            session.answer, session.shown = None, 0


def _alone_key(answer: Answer) -> str:
    """Return a name of the question of an answer, if it was completed from the one before."""
    question = answer.question
    return (
        hashlib.sha256(question.text.encode(errors="replace")).hexdigest()[:16]
        if question.follows
        else ""
    )


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
    if answer.verdict is Verdict.RELATED and not answer.question.words:
        return "\n".join([*lines, say(language, "listed")])
    if answer.verdict is not Verdict.ANSWER:
        lines.append(say(language, answer.verdict.value))
        missing = [word for word in answer.missing if not any(word in n for n in answer.absent)]
        if missing:
            lines.append(say(language, "missing", words=comma.join(missing)))
        if answer.absent:
            lines.append(say(language, "absent", words=comma.join(answer.absent)))
        if answer.nearest:
            pairs = (say(language, "stands_for", word=w, found=f) for w, f in answer.nearest)
            lines.append(say(language, "near", words=comma.join(pairs)))
    if answer.verdict is Verdict.RELATED:
        lines.append(say(language, "nearest"))
    if answer.verdict is Verdict.NONE and answer.question.filter:
        lines.append(say(language, "filtered"))
    return "\n".join(lines)


def language_of(text: str) -> Language | None:
    """Return the language a question is asked in; None where it holds no letters at all."""
    if re.search(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]", text):
        return "zh"
    return "en" if re.search(r"[A-Za-z]", text) else None
