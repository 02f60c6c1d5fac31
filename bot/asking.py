"""The commands that answer questions: chat, ask, telegram.

In: parsed arguments.  Out: an exit code; answers on stdout.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from bot import repl
from bot.conversation import Conversation
from bot.exchange import Reply
from bot.journal import Journal
from bot.opening import FOUND, NOTHING, WRONG_USE, asked_library_of, example_of, settings_of
from bot.verdicts import (
    Example,
    courtesy,
    greeting,
    language_of,
    refusal,
    says_more,
    verdict_words,
)
from bot.wording import Language, say, why
from config.settings import Settings
from retrieval.answers import Answer, Quote, Verdict
from retrieval.library import Library
from retrieval.questions import Question

if TYPE_CHECKING:
    from retrieval.library import Refresh
    from retrieval.remote import RemoteLibrary

log = logging.getLogger(__name__)

MOST = 10  # quotes of an answer
PATIENCE = 30.0  # seconds that a script waits for documents that another process reads first


def chat(arguments: Namespace) -> int:
    """Open the REPL; where stdin is no terminal, answer its lines."""
    settings = settings_of(arguments)
    with asked_library_of(settings) as library, closing(Journal(settings.index)) as journal:
        conversation = Conversation(library, journal, True, partial(example_of, settings))
        colour = repl.wants_colour(sys.stdout)
        if not repl.stdin_is_terminal():
            repl.run(conversation, repl.piped(sys.stdin), sys.stdout, colour)
            return FOUND
        print(repl.welcome(conversation))
        with _followed(settings, library, conversation, _warn):
            repl.run(conversation, repl.typed(repl.history_file()), sys.stdout, colour)
    return FOUND


def _warn(sentence: str) -> None:
    print(f"youju: {sentence}", file=sys.stderr)


@contextmanager
def _followed(
    settings: Settings,
    library: Library | RemoteLibrary,
    conversation: Conversation,
    tell: Callable[[str], None],
) -> Iterator[None]:
    """Take in what changes while people are asking; a cluster is written to by `youju index`."""
    if not isinstance(library, Library):
        yield
        return
    from bot.following import Follower, sentence_of  # whoever asks once does not need it

    def report(library: Library, steps: object, refresh: Refresh) -> None:
        if sentence := sentence_of(refresh):
            log.info("%s", sentence)

    def use(library: Library, settings: Settings) -> None:
        conversation.use(library, partial(example_of, settings))

    use(library, settings)
    with Follower(settings, library, use, tell, report):
        yield


def ask(arguments: Namespace) -> int:
    """Answer the question given, or each line of stdin."""
    settings = settings_of(arguments)
    given = " ".join(arguments.question) if arguments.question else None
    if given is not None and (refused := refusal(language_of(given) or "zh", given)):
        print(f"youju: {refused}", file=sys.stderr)
        return WRONG_USE
    questions = iter([given]) if given is not None else repl.piped(sys.stdin)
    with (
        asked_library_of(settings, PATIENCE) as library,
        closing(Journal(settings.index)) as journal,
    ):
        example = partial(example_of, settings)
        desk = _Desk(library, example, arguments.limit, arguments.session)
        return _ask_each(questions, desk, journal, arguments)


class _Desk(Struct):
    """Answers question after question; those of a session are one conversation."""

    library: Library | RemoteLibrary
    example: Example
    limit: int  # quotes shown at a time
    is_session: bool
    last: Answer | None = None
    shown: int = 0  # quotes of the last answer

    def answer(self, question: str, language: Language) -> tuple[Answer, Reply]:
        """Return the answer to a question, with the quotes to show, and as it is to be drawn."""
        if kind := courtesy(question):
            polite = greeting(language, self.example) if kind != "welcome" else say(language, kind)
            return Answer(Question(question), Verdict.NONE), Reply(language, polite)
        if self.last and says_more(question):
            return self._more(self.last, question, language)
        most = MOST if self.is_session else self.limit
        answer = self.library.ask(question, previous=self.last, limit=most)
        if self.is_session:
            self.last, self.shown = answer, self.limit
        lead = verdict_words(language, answer, self.example)
        answer = answer.only(answer.quotes[: self.limit])
        return answer, Reply(language, lead, answer.quotes)

    def _more(self, last: Answer, question: str, language: Language) -> tuple[Answer, Reply]:
        first, self.shown = self.shown, self.shown + self.limit
        answer = last.only(last.quotes[first : self.shown])
        asked = replace(last.question, text=question, follows=last.question.text)
        lead = "" if answer.quotes else say(language, "nothing_more")
        return replace(answer, question=asked), Reply(language, lead, answer.quotes, first + 1)


def _ask_each(questions: Iterator[str], desk: _Desk, journal: Journal, arguments: Namespace) -> int:
    codes = set()
    for number, question in enumerate(questions):
        if number:
            desk.library.refresh()
        started = time.perf_counter()
        language = language_of(question) or "zh"
        if refused := refusal(language, question):
            answer, reply = Answer(Question(question), Verdict.NONE), Reply(language, refused)
            if question.strip():
                print(f"youju: {refused}", file=sys.stderr)
                codes.add(WRONG_USE)
        else:
            answer, reply = desk.answer(question, language)
        milliseconds = round(1000 * (time.perf_counter() - started), 1)
        journal.record(answer.quotes)
        codes.add(NOTHING if answer.verdict is Verdict.NONE else FOUND)
        if arguments.json:
            print(json.dumps(answer_json(answer, milliseconds), ensure_ascii=False), flush=True)
            continue
        if arguments.why and answer.question.folded:
            all_of_them = range(len(answer.quotes))
            tail = why(language, answer, all_of_them, desk.library.confidence)
            reply = replace(reply, tail=tail)
        print(repl.draw(reply, repl.wants_colour(sys.stdout)) + "\n", flush=True)
    return next((code for code in (FOUND, WRONG_USE) if code in codes), NOTHING)


def answer_json(answer: Answer, milliseconds: float) -> dict[str, Any]:
    """Return an answer in the form that scripts rely on: fields may be added, not changed."""
    return {
        "question": answer.question.text,
        "verdict": answer.verdict.value,
        "quotes": [_quote_json(quote) for quote in answer.quotes],
        "missing": list(answer.missing),
        "absent": list(answer.absent),
        "follows": answer.question.follows,
        "ms": milliseconds,
    }


def _quote_json(quote: Quote) -> dict[str, Any]:
    cited = quote.citation
    return {
        "id": quote.id,
        "source": cited.source,
        "file": cited.file,
        "title": cited.title,
        "section": list(cited.section),
        "text": quote.text,
        "answer": quote.text[slice(*quote.answer)],
        "place": cited.place.as_json(),
        "also": [place.as_json() for place in cited.also],
        "here": cited.here,
        "spans": [list(span) for span in quote.spans],
        "score": quote.score,
        "alike": [
            {"source": c.source, "file": c.file, "title": c.title, "place": c.place.as_json()}
            for c in quote.alike
        ],
    }


def telegram(arguments: Namespace) -> int:
    """Answer in Telegram until stopped."""
    from config.credentials import telegram_token  # the terminal needs none

    settings = settings_of(arguments)
    token = telegram_token(settings, os.environ)
    from bot.telegram.app import run  # no other command needs python-telegram-bot

    logging.getLogger("bot").setLevel(logging.INFO)  # the owner wants to see that it answers
    with asked_library_of(settings) as library, closing(Journal(settings.index)) as journal:
        conversation = Conversation(library, journal, example=partial(example_of, settings))
        with _followed(settings, library, conversation, lambda said: log.warning("%s", said)):
            return run(conversation, token, settings.telegram.api)
