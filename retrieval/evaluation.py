"""Cases to figures: how often the right passage is found and shown; and to a calibration.

A question counts as found at rank k when the k-th quote comes from an answer's file and,
white space aside, holds its quote.  A sentence hit asks that the sentence marked as the
answer in the first quote holds the key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from retrieval.answers import Answer, Verdict
from retrieval.cases import Case
from retrieval.confidence import Confidence, Sample, fit
from retrieval.passages import Passage

Ask = Callable[[str, Answer | None], Answer]
"""A question, and the answer before it in the same conversation, to its answer."""

AskWithout = Callable[[str, Answer | None, Callable[[Passage], bool] | None], Answer]
"""The same, as if the passages that the third holds for stood nowhere."""

CROSSDOC = "crossdoc"  # the kind whose answers are all wanted, each from another document
SHOWN = 10  # quotes among which these documents are counted


class Outcome(Struct, frozen=True):
    """What became of a case."""

    case: Case
    answer: Answer
    rank: int  # of the first quote that answers, from 1; 0 where none does
    sentence: bool  # the marked sentence of the first quote holds the key
    documents: float | None  # share of the answers' files shown; None: not a crossdoc question

    @property
    def is_right(self) -> bool:
        """Whether the right passage stood first, or nothing was claimed where nothing is."""
        return self.rank == 1 if self.case.answers else self.answer.verdict is not Verdict.ANSWER


class Figures(Struct, frozen=True):
    """Shares from 0 to 1 over the outcomes of one kind, or of all; None: over no question."""

    questions: int
    first: float | None  # R@1, over the answerable
    three: float | None  # R@3
    ten: float | None  # R@10
    mrr: float | None  # mean of 1/rank
    sentence: float | None  # the marked sentence holds the key, over the answerable
    documents: float | None  # answers' files among ten quotes, over the crossdoc questions
    answered: float | None  # verdict "answer", over the answerable
    refused: float | None  # no verdict "answer", over the unanswerable


def run(cases: Iterable[Case], ask: Ask) -> list[Outcome]:
    """Ask every question, each in a conversation of its own."""
    outcomes = []
    for case in cases:
        previous = ask(case.previous, None) if case.previous else None
        answer = ask(case.question, previous)
        shown = [(quote.citation.file, quote.text) for quote in answer.quotes]
        first = answer.quotes[0] if answer.quotes else None
        outcomes.append(
            Outcome(
                case,
                answer,
                rank(case, shown),
                first is not None and holds_key(case, first.text[slice(*first.answer)]),
                _documents(case, shown[:SHOWN]),
            )
        )
    return outcomes


def rank(case: Case, passages: Iterable[tuple[str, str]]) -> int:
    """Return the place, from 1, of the first `(file, text)` that answers; 0 if none does."""
    wanted = _wanted(case)
    return next((n for n, (file, text) in enumerate(passages, 1) if _holds(file, text, wanted)), 0)


def holds_key(case: Case, sentence: str) -> bool:
    """Return whether a sentence holds the words that a reader needs."""
    bare = _bare(sentence)
    return (any if case.any_key else all)(_bare(key) in bare for key in case.key)


def _documents(case: Case, shown: Sequence[tuple[str, str]]) -> float | None:
    files = {file for file, _ in case.answers}
    if case.kind != CROSSDOC or not files:
        return None
    wanted = _wanted(case)
    return len({file for file, text in shown if _holds(file, text, wanted)}) / len(files)


_Wanted = Sequence[tuple[str, str]]  # file, or "" for any, and a bare piece of it


def _wanted(case: Case) -> _Wanted:
    return [(file, _bare(quote)) for file, quote in case.answers]


def _holds(file: str, text: str, wanted: _Wanted) -> bool:
    bare = _bare(text)
    return any(of in ("", file) and piece in bare for of, piece in wanted)


def _bare(text: str) -> str:
    return "".join(text.split())


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures over some outcomes."""
    known = [o for o in outcomes if o.case.answers]
    unknown = [o for o in outcomes if not o.case.answers]
    several = [o.documents for o in outcomes if o.documents is not None]

    def share(of: Sequence[Outcome], holds: Callable[[Outcome], float]) -> float | None:
        return sum(map(holds, of)) / len(of) if of else None

    return Figures(
        questions=len(outcomes),
        first=share(known, lambda o: o.rank == 1),
        three=share(known, lambda o: 1 <= o.rank <= 3),
        ten=share(known, lambda o: 1 <= o.rank <= 10),
        mrr=share(known, lambda o: 1 / o.rank if o.rank else 0),
        sentence=share(known, lambda o: o.sentence),
        documents=sum(several) / len(several) if several else None,
        answered=share(known, lambda o: o.answer.verdict is Verdict.ANSWER),
        refused=share(unknown, lambda o: o.answer.verdict is not Verdict.ANSWER),
    )


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, Figures]:
    """Return the figures of "all", then of each kind there is, by name."""
    kinds = sorted({outcome.case.kind for outcome in outcomes} - {""})
    return {"all": figures(outcomes)} | {
        kind: figures([o for o in outcomes if o.case.kind == kind]) for kind in kinds
    }


# --- calibration --------------------------------------------------------------------------------


def samples(cases: Iterable[Case], ask: AskWithout) -> list[Sample]:
    """Ask every question, and the answerable ones again with their answers taken away.

    A question whose first match is about another place or year is left out: it is refused
    for that, however confident the rest would be.
    """
    found = []
    for case in cases:
        previous = ask(case.previous, None, None) if case.previous else None
        wanted = _wanted(case)
        answer = ask(case.question, previous, None)
        shown = [(quote.citation.file, quote.text) for quote in answer.quotes]
        if not answer.absent:
            right = rank(case, shown) == 1
            found.append(Sample(answer.score, answer.lead, right, bool(wanted)))
        if wanted:
            without = ask(case.question, previous, lambda p: _holds(p.file, p.text, wanted))  # noqa: B023
            if not without.absent:
                found.append(Sample(without.score, without.lead, False, False))
    return found


def calibrate(cases: Iterable[Case], ask: AskWithout) -> Confidence:
    """Return the confidence that these questions teach."""
    return fit(samples(cases, ask))
