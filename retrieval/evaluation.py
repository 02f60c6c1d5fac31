"""Questions with known answers to figures: how often the right passage is found and shown.

In: a JSON Lines file, an object a line with `question`, `answers` (`file` and `quote`, a
piece of that file; none, where nothing answers), `key` (the words a reader needs) with
`key_mode` (`all` or `any`), `kind`, and for a follow-up `previous`.  Out: a Report.

A question counts as found at rank k when the k-th quote comes from an answer's file and,
white space aside, holds its quote.  A sentence hit asks that the sentence marked as the
answer in the first quote holds the key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.answers import Answer, Verdict
from retrieval.errors import UnreadableFile

Ask = Callable[[str, Answer | None], Answer]
"""A question, and the answer before it in the same conversation, to its answer."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its known answers."""

    id: str
    question: str
    kind: str = ""
    answers: tuple[tuple[str, str], ...] = ()  # (file, quote)
    key: tuple[str, ...] = ()
    any_key: bool = False
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case."""

    case: Case
    answer: Answer
    rank: int  # of the first quote that answers, from 1; 0 where none does
    sentence: bool  # the marked sentence of the first quote holds the key

    @property
    def is_right(self) -> bool:
        """Whether the right passage stood first, or nothing was claimed where nothing is."""
        return self.rank == 1 if self.case.answers else self.answer.verdict is not Verdict.ANSWER


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1 over the outcomes of one kind, or of all; None: over no question."""

    questions: int
    first: float | None  # R@1, over the answerable
    three: float | None  # R@3
    ten: float | None  # R@10
    mrr: float | None  # mean of 1/rank
    sentence: float | None  # the marked sentence holds the key, over the answerable
    answered: float | None  # verdict "answer", over the answerable
    refused: float | None  # no verdict "answer", over the unanswerable


def load(path: Path) -> list[Case]:
    """Read a file of cases; raise UnreadableFile, naming the line, if it is no such file."""
    try:
        lines = path.read_text("utf-8-sig").split("\n")  # nothing else ends a JSON line
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(path, f"cannot be read as UTF-8 text ({error})") from error
    cases = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            cases.append(_case(json.loads(line), number))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reason = f"line {number} is no question with answers: {error!r}"
            raise UnreadableFile(path, reason) from error
    if not cases:
        raise UnreadableFile(path, "holds no question")
    return cases


def _case(data: dict[str, Any], number: int) -> Case:
    if not isinstance(data["question"], str) or not isinstance(data.get("key", []), list):
        raise TypeError("question has to be a text, and key a list")
    return Case(
        id=str(data.get("id", number)),
        question=data["question"],
        kind=str(data.get("kind", "")),
        answers=tuple((str(a["file"]), str(a["quote"])) for a in data.get("answers", [])),
        key=tuple(map(str, data.get("key", []))),
        any_key=data.get("key_mode") == "any",
        previous=str(data.get("previous", "")),
    )


def run(cases: Iterable[Case], ask: Ask) -> list[Outcome]:
    """Ask every question, each in a conversation of its own."""
    outcomes = []
    for case in cases:
        previous = ask(case.previous, None) if case.previous else None
        answer = ask(case.question, previous)
        outcomes.append(Outcome(case, answer, _rank(case, answer), _sentence_hit(case, answer)))
    return outcomes


def _rank(case: Case, answer: Answer) -> int:
    for rank, quote in enumerate(answer.quotes, 1):
        text = _bare(quote.text)
        if any(quote.citation.file == file and _bare(q) in text for file, q in case.answers):
            return rank
    return 0


def _sentence_hit(case: Case, answer: Answer) -> bool:
    if not answer.quotes:
        return False
    first = answer.quotes[0]
    sentence = _bare(first.text[slice(*first.answer)])
    return (any if case.any_key else all)(_bare(key) in sentence for key in case.key)


def _bare(text: str) -> str:
    return "".join(text.split())


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures over some outcomes."""
    known = [o for o in outcomes if o.case.answers]
    unknown = [o for o in outcomes if not o.case.answers]

    def share(of: Sequence[Outcome], holds: Callable[[Outcome], float]) -> float | None:
        return sum(map(holds, of)) / len(of) if of else None

    return Figures(
        questions=len(outcomes),
        first=share(known, lambda o: o.rank == 1),
        three=share(known, lambda o: 1 <= o.rank <= 3),
        ten=share(known, lambda o: 1 <= o.rank <= 10),
        mrr=share(known, lambda o: 1 / o.rank if o.rank else 0),
        sentence=share(known, lambda o: o.sentence),
        answered=share(known, lambda o: o.answer.verdict is Verdict.ANSWER),
        refused=share(unknown, lambda o: o.answer.verdict is not Verdict.ANSWER),
    )
