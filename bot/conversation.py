"""What the bot answers, whichever channel asks.

In: the text of a message and the Session of its chat.  Out: a Reply for the channel to
draw.  Nothing here knows of Telegram, terminals, HTML or colours.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bot.exchange import Reference, Reply, Session, alone_key
from bot.journal import Journal
from bot.verdicts import (
    Example,
    courtesy,
    for_example,
    greeting,
    language_of,
    no_example,
    refusal,
    says_more,
    verdict_words,
)
from bot.wording import Language, say, why
from retrieval.answers import Answer
from retrieval.errors import RetrievalError
from retrieval.fragments import Fragment
from retrieval.patterns import regex

if TYPE_CHECKING:
    from retrieval.library import Library
    from retrieval.remote import RemoteLibrary

log = logging.getLogger(__name__)

PAGE = 3  # quotes shown at a time: what a phone's screen holds

COMMANDS = {"help": "帮助", "more": "更多", "why": "依据", "alone": "单独", "sources": "来源"}
"""Each command, and its Chinese name."""

_ALIASES = {"start": "start"} | {name: name for name in COMMANDS}
_ALIASES |= {chinese: name for name, chinese in COMMANDS.items()} | {"为什么": "why"}


class Conversation:
    """Turns messages into replies.  Safe to call from several threads, one a session."""

    def __init__(
        self,
        library: Library | RemoteLibrary,
        journal: Journal,
        can_quit: bool = False,
        example: Example = no_example,
    ) -> None:
        self._library = library
        self._is_kept_up = False  # by somebody else
        self._can_quit = can_quit  # the channel has a /quit of its own
        self._journal = journal
        self._known_example = example
        self._reported: set[object] = set()

    def use(self, library: Library, example: Example) -> None:
        """Answer from this library from now on, which somebody else keeps up with its files."""
        self._library, self._is_kept_up, self._known_example = library, True, example

    def reply(self, text: str, session: Session, to: Reference | None = None) -> Reply:
        """Return the reply to one message; `session` remembers where the chat stands.

        `/help`, `/more`, `/sources` and their Chinese names are commands (also with a
        full-width slash); anything else is a question.  `to` is what was replied to: the chat
        goes on from there, and words that were picked out are what the question is about.
        Whatever was typed, and even if the documents cannot be searched, the reply is a
        sentence and never an exception.
        """
        text = text.strip()
        if to and to.answer:
            session.answer, session.shown = to.answer, to.shown
        self._forget_what_is_hidden(session)
        picked = to.picked(session.answer) if to else None
        if command := _COMMAND.fullmatch(text):
            name, rest = command[1].lower(), (command[2] or "").strip()
            if not rest or name in _ALIASES:
                return self._command(name, rest, session, picked)
            text = rest  # /ask 慰问金: the question is what was meant
        if session.answer and not (to and to.fragment) and says_more(text):
            return self._command("more", "", session, None)
        session.language = language_of(text) or session.language
        match "" if to and to.fragment else courtesy(text):
            case "welcome":
                return Reply(session.language, say(session.language, "welcome"))
            case "greeting":
                return Reply(session.language, greeting(session.language, self._example(session)))
            case "who":
                return self._command("start", "", session, None)
        if refused := refusal(session.language, text):
            return Reply(session.language, refused)
        return self._ask(text, session, session.answer, picked)

    def alone(self, key: str, session: Session) -> Reply | None:
        """Answer the last question again, without the one before it.

        `key` is what a Reply said; None where it is not that of the last answer any more.
        """
        self._forget_what_is_hidden(session)
        if session.answer is None or not key or key != alone_key(session.answer):
            return None
        return self._ask(session.answer.question.text, session, None)

    def _ask(
        self,
        text: str,
        session: Session,
        previous: Answer | None,
        fragment: Fragment | None = None,
    ) -> Reply:
        language = session.language
        try:
            self._refresh()
            visible = self._visible(session)
            answer = self._library.ask(text, sources=visible, previous=previous, fragment=fragment)
        except RetrievalError as error:
            return self._unavailable(language, error)
        session.answer, session.shown = answer, 0
        lead = verdict_words(language, answer, self._example(session))
        page = self._page(session, lead)
        return replace(page, alone=alone_key(answer))

    def _unavailable(self, language: Language, error: RetrievalError) -> Reply:
        log.error("could not search: %s", error)  # its message says what to do
        return Reply(language, say(language, "unavailable"))

    def _refresh(self) -> None:
        """Take in what is new or changed; the log says, once, what could not be read."""
        if self._is_kept_up:
            return
        refresh = self._library.refresh()
        for problem in refresh.problems:
            if problem not in self._reported:
                self._reported.add(problem)
                log.warning("%s", problem)
        if refresh.note and refresh.note not in self._reported:
            self._reported.add(refresh.note)
            log.warning("%s", refresh.note)

    def _command(self, name: str, rest: str, session: Session, fragment: Fragment | None) -> Reply:
        """Do a command; `rest` is what stands behind it, `fragment` the words replied to."""
        language = session.language
        match _ALIASES.get(name):
            case "start":
                return Reply(language, say(language, "greeting") + "\n" + self._help(session))
            case "help":
                return Reply(language, self._help(session))
            case "sources":
                try:
                    return Reply(language, self._sources(session))
                except RetrievalError as error:
                    return self._unavailable(language, error)
            case "more" if fragment:
                return self._ask(rest, session, None, fragment)
            case "alone" if rest:
                return self._ask(rest, session, None)
            case "more" | "why" | "alone" if session.answer is None:
                return Reply(language, say(language, "nothing_yet"))
            case "more":
                return self._more(rest, session)
            case "why":
                return self._why(rest, session)
            case "alone":
                reply = self.alone(alone_key(session.answer), session)
                return reply or Reply(language, say(language, "already_alone"))
        unknown = say(language, "unknown_command", command=f"/{name}")
        return Reply(language, unknown + "\n" + self._help(session))

    def _help(self, session: Session) -> str:
        language = session.language
        lines = [say(language, "help", example=for_example(language, self._example(session)))]
        return "\n".join(lines + [say(language, "help_quit")] * self._can_quit)

    def _example(self, session: Session) -> Example:
        """Return what knows a question to show: none to who may not see all it may be about."""
        return self._known_example if self._visible(session) is None else no_example

    def _more(self, rest: str, session: Session) -> Reply:
        """Show the next quotes or, for `2` or `2 a question`, what there is about the second."""
        assert session.answer is not None
        language, quotes = session.language, session.answer.quotes
        number, _, question = rest.partition(" ")
        if number.isdecimal():
            if not 0 < int(number) <= session.shown:
                return Reply(language, say(language, "no_such_quote", number=int(number)))
            quote = quotes[int(number) - 1]
            sentence = quote.text[slice(*quote.answer)]
            return self._ask(question.strip(), session, None, Fragment(sentence, (quote.text,)))
        if rest:
            return Reply(language, say(language, "how_more"))
        if session.shown >= len(quotes):
            return Reply(language, say(language, "nothing_more"))
        return self._page(session)

    def _why(self, rest: str, session: Session) -> Reply:
        """Tell how the quotes on the last page were found, or the one of this number."""
        assert session.answer is not None
        shown = range((session.shown - 1) // PAGE * PAGE if session.shown else 0, session.shown)
        if rest.isdecimal():
            if not 0 < int(rest) <= session.shown:
                words = say(session.language, "no_such_quote", number=int(rest))
                return Reply(session.language, words)
            shown = range(int(rest) - 1, int(rest))
        elif rest:
            return Reply(session.language, say(session.language, "how_why"))
        words = why(session.language, session.answer, shown, self._library.confidence)
        return Reply(session.language, words)

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


def is_command(word: str) -> bool:
    """Return whether a word, slash included, is a command that is known here."""
    return word[1:].lower() in _ALIASES


_COMMAND = regex(r"[/／](\w+)(?:\s+(.*))?", re.DOTALL)
