"""Two runs over the same questions to whether the newer one is better, or it is chance.

In: the Records of both; `record` makes one of an Outcome, `load` reads those that
`youju eval --json` wrote.  Out: Comparisons, by McNemar's exact test: of the questions that
changed, as many would change for the better as for the worse if nothing but chance were at work.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from retrieval.errors import UnreadableFile
from retrieval.evaluation import Outcome

LEVEL = 0.05  # chance brings a p below it once in twenty comparisons of equals


class Record(Struct, frozen=True):
    """What is kept of an Outcome to compare others with it."""

    id: str
    question: str
    kind: str
    answerable: bool
    rank: int
    sentence: bool
    right: bool  # the right passage first, or nothing claimed where nothing is
    verdict: str
    score: float
    lead: float


class Comparison(Struct, frozen=True):
    """One measure of two runs."""

    better: tuple[str, ...]  # ids of the questions that hold now and did not before
    worse: tuple[str, ...]
    p: float  # how likely chance alone parts them so far, or further

    @property
    def meaning(self) -> str:
        """What that means, in words."""
        if not self.better and not self.worse:
            return "nothing changed"
        if self.p >= LEVEL:
            return "may be noise"
        return f"known to be {'better' if len(self.better) > len(self.worse) else 'worse'}"


def record(outcome: Outcome) -> Record:
    """Return what is kept of an outcome."""
    return Record(
        id=outcome.case.id,
        question=outcome.case.question,
        kind=outcome.case.kind,
        answerable=bool(outcome.case.answers),
        rank=outcome.rank,
        sentence=outcome.sentence,
        right=outcome.is_right,
        verdict=outcome.answer.verdict.value,
        score=round(outcome.answer.score, 6),
        lead=round(outcome.answer.lead, 6),
    )


def load(path: Path) -> list[Record]:
    """Read what `youju eval --json` printed; raise UnreadableFile if it is something else."""
    try:
        outcomes = json.loads(path.read_text("utf-8-sig"))["outcomes"]
        names = Record.__struct_fields__
        return [Record(**{name: outcome[name] for name in names}) for outcome in outcomes]
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(path, f"cannot be read as UTF-8 text ({error})") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableFile(path, "is no output of `youju eval FILE --json`") from error


MEASURES: Mapping[str, tuple[Callable[[Record], bool], bool]] = {
    "R@1": (lambda r: r.rank == 1, True),
    "sentence": (lambda r: r.sentence, True),
    "right or refused": (lambda r: r.right, False),
}
"""What is compared, and whether over the answerable only."""


def compare(old: Sequence[Record], new: Sequence[Record]) -> tuple[int, dict[str, Comparison]]:
    """Return how many questions both runs have, and how they differ by each measure.

    A question is the same where its id and its words are.
    """
    before = {(r.id, r.question): r for r in old}
    pairs = [(before[key], r) for r in new if (key := (r.id, r.question)) in before]
    comparisons = {}
    for name, (holds, answerable) in MEASURES.items():
        of = [(a, b) for a, b in pairs if not answerable or (a.answerable and b.answerable)]
        better = tuple(b.id for a, b in of if holds(b) and not holds(a))
        worse = tuple(b.id for a, b in of if holds(a) and not holds(b))
        comparisons[name] = Comparison(better, worse, mcnemar(len(better), len(worse)))
    return len(pairs), comparisons


def mcnemar(better: int, worse: int) -> float:
    """Return the two-sided p of McNemar's exact test: a fair coin, `better + worse` times."""
    thrown = better + worse
    tail = sum(math.comb(thrown, k) for k in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / (1 << thrown))  # no float: 2 to the 1024th is none
