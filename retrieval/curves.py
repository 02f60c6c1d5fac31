"""Samples to curves: what a threshold costs, and whether a confidence means what it says.

In: samples and a Confidence.  Out: the points of the risk-coverage and reliability curves.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from retrieval.confidence import Confidence, Sample

BINS = 10


class Cut(Struct, frozen=True):
    """What happens when every confidence from `threshold` on is called an answer.

    Shares from 0 to 1; None: of no question.
    """

    threshold: float
    coverage: float  # share of all samples that get an answer
    risk: float | None  # share of these answers that are wrong
    kept: float | None  # share of the rightly found that get an answer
    answered: float | None  # share of the answerable that do
    refused: float | None  # share of the unanswerable that do not


class Bin(Struct, frozen=True):
    """Samples of about the same confidence."""

    samples: int
    confidence: float  # mean
    right: float  # share


def cut(samples: Sequence[Sample], confidence: Confidence, threshold: float) -> Cut:
    """Return what a threshold does to some samples, at least one."""

    def above(of: Sequence[Sample]) -> float | None:
        held = sum(confidence.of(s.score, s.lead) >= threshold for s in of)
        return held / len(of) if of else None

    claimed = [s for s in samples if confidence.of(s.score, s.lead) >= threshold]
    wrongly_answered = above([s for s in samples if not s.answerable])
    return Cut(
        threshold,
        coverage=len(claimed) / len(samples),
        risk=sum(not s.right for s in claimed) / len(claimed) if claimed else None,
        kept=above([s for s in samples if s.right]),
        answered=above([s for s in samples if s.answerable]),
        refused=None if wrongly_answered is None else 1 - wrongly_answered,
    )


def risk_coverage(samples: Sequence[Sample], confidence: Confidence) -> list[tuple[float, float]]:
    """Return (coverage, risk), from the most confident answer alone to all of them.

    Equal confidences come in together: no threshold parts them.
    """
    ranked = sorted(((confidence.of(s.score, s.lead), s.right) for s in samples), reverse=True)
    points = []
    wrong = 0
    for count, (value, right) in enumerate(ranked, 1):
        wrong += not right
        if count == len(ranked) or ranked[count][0] < value:
            points.append((count / len(ranked), wrong / count))
    return points


def reliability(samples: Sequence[Sample], confidence: Confidence) -> list[Bin]:
    """Return the samples in bins of a tenth of confidence each; empty bins are left out."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for s in samples:
        value = confidence.of(s.score, s.lead)
        bins[min(BINS - 1, int(value * BINS))].append((value, s.right))
    return [
        Bin(len(of), sum(value for value, _ in of) / len(of), sum(r for _, r in of) / len(of))
        for of in bins
        if of
    ]
