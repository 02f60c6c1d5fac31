"""How likely the first match answers: a logistic curve, fitted on questions with known answers.

In: the first match's score and its lead over the next one.  Out: a confidence from 0 to 1,
and the two thresholds that make a verdict of it.  `fit` makes the curve from samples, `save`
and `load` keep it as calibration.json beside the index.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict, astuple, replace

from retrieval.errors import StoreUnusable

log = logging.getLogger(__name__)

FILE = "calibration.json"

KEPT = 0.97  # share of the rightly found answers that stay answers
TOUCHED = 0.99  # share of them that stay at least related
ROOM = 7  # the odds at which "related" begins are at most this part of those of "answer"
ENOUGH = 10  # rightly found answers, below which nothing can be learnt
SPREAD = 5.0  # how far from the default's the curve's numbers lie for no reason, about


class Sample(Struct, frozen=True):
    """One question that was asked, and whether the first match answered it."""

    score: float
    lead: float
    right: bool  # the first match is a known answer
    answerable: bool  # a known answer was there to be found


class Confidence(Struct, frozen=True):
    """logistic(score · s + lead · (s - s₂) + intercept), and what is made of it.

    From `threshold_answer` on a match is called an answer, from `threshold_related` on it is
    at least related.  `questions`: how many it was fitted on, those whose answers were taken
    away counted again; 0 where nobody calibrated.
    """

    score: float
    lead: float
    intercept: float
    threshold_answer: float
    threshold_related: float
    questions: int = 0

    def of(self, score: float, lead: float) -> float:
        """Return how likely a first match of this score, so far before the next, answers."""
        return _logistic(self.score * score + self.lead * lead + self.intercept)


DEFAULT = Confidence(10.7, 8.5, -5.0, 0.35, 0.07)
"""For a corpus of 1,000 passages that nobody calibrated: fitted on encyclopedia passages among law
articles and on the reports that come with the project (docs/evaluation.md)."""

FEWEST = 100  # passages, below which nothing was measured
GROWTH = 0.45  # what each ten times as many passages take off: more of them fit by chance


def lead(scores: Sequence[float]) -> float:
    """Return how far the first of some scores, best first, lies before the next; 0 without one.

    The next may stand in the same document: leaving that out was measured, and no better.
    """
    return scores[0] - scores[1] if len(scores) > 1 else 0.0


# --- fitting ------------------------------------------------------------------------------------


def fit(samples: Sequence[Sample]) -> Confidence:
    """Fit the curve and its thresholds; DEFAULT where fewer than ENOUGH samples are right.

    Logistic regression by Newton's method.  The numbers are drawn to the default's (a ridge),
    so that a few questions, or such as a threshold parts cleanly, do not blow them up.
    """
    if sum(s.right for s in samples) < ENOUGH:
        return DEFAULT
    rows = [((s.score, s.lead, 1.0), float(s.right)) for s in samples]
    weights = _PRIOR
    for _ in range(50):  # five to ten do
        step, size = _newton_step(rows, weights), 1.0
        loss = _loss(rows, weights)
        while _loss(rows, _moved(weights, step, size)) > loss and size > 1e-6:
            size /= 2  # too far: the loss is no parabola
        weights = _moved(weights, step, size)
        if max(map(abs, step)) < 1e-9:
            break
    curve = replace(DEFAULT, score=weights[0], lead=weights[1], intercept=weights[2])
    answer, related = _thresholds(samples, curve)
    return Confidence(*weights, answer, related, len(samples))


_Three = tuple[float, float, float]
_Rows = Sequence[tuple[_Three, float]]  # what the curve is of, and 1 for right, 0 for wrong
_PRIOR: _Three = (DEFAULT.score, DEFAULT.lead, DEFAULT.intercept)


def _moved(weights: _Three, step: _Three, size: float) -> _Three:
    a, b, c = (w - size * s for w, s in zip(weights, step, strict=True))
    return a, b, c


def _loss(rows: _Rows, weights: _Three) -> float:
    """Return the negative log likelihood, and what the distance from the default costs."""
    total = sum((w - p) ** 2 for w, p in zip(weights, _PRIOR, strict=True)) / (2 * SPREAD**2)
    for inputs, right in rows:
        x = _dot(weights, inputs)
        total += max(x, 0.0) - x * right + math.log1p(math.exp(-abs(x)))
    return total


def _newton_step(rows: _Rows, weights: _Three) -> _Three:
    """Solve curvature · step = slope, by Cramer's rule."""
    ridge = 1 / SPREAD**2
    slope = [ridge * (w - p) for w, p in zip(weights, _PRIOR, strict=True)]
    curvature = [[ridge * (i == j) for j in range(3)] for i in range(3)]
    for inputs, right in rows:
        p = _logistic(_dot(weights, inputs))
        for i in range(3):
            slope[i] += (p - right) * inputs[i]
            for j in range(3):
                curvature[i][j] += p * (1 - p) * inputs[i] * inputs[j]
    whole = _determinant(curvature)
    columns = list(zip(*curvature, strict=True))  # symmetric: rows and columns are the same
    a, b, c = (_determinant([*columns[:k], slope, *columns[k + 1 :]]) / whole for k in range(3))
    return a, b, c


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _determinant(rows: Sequence[Sequence[float]]) -> float:
    (a, b, c), (d, e, f), (g, h, i) = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0  # beyond that, exp overflows


def _thresholds(samples: Sequence[Sample], curve: Confidence) -> tuple[float, float]:
    """Return the confidences from which on a match is an answer, and related.

    "Answer" keeps 97 of 100 rightly found answers and refuses as many unanswerable questions
    as that allows; where there is a gap between the two, it stands in the middle.
    """
    right = sorted(curve.of(s.score, s.lead) for s in samples if s.right)
    lowest = right[int((1 - KEPT) * len(right))]
    others = (curve.of(s.score, s.lead) for s in samples if not s.answerable)
    refused = max((c for c in others if c < lowest), default=0.0)
    answer = (refused + next((c for c in right if c > refused), lowest)) / 2
    far = answer / (answer + ROOM * (1 - answer))  # the odds of it are a seventh
    return answer, min(far, right[int((1 - TOUCHED) * len(right))])


# --- keeping ------------------------------------------------------------------------------------


def save(confidence: Confidence, folder: Path) -> None:
    """Keep it beside the index, whole or not at all; raise StoreUnusable where that fails."""
    path = folder / FILE
    draft = path.with_name(f"{FILE}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(asdict(confidence), indent=1) + "\n", "utf-8")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise StoreUnusable(
            f"{path} cannot be written ({error.strerror}); allow writing there"
        ) from error


def default(passages: int) -> Confidence:
    """Return DEFAULT for a corpus of that many passages.

    However many, what would be related among a thousand is shown: of everyday questions about
    laws, half of those that would be told that there is nothing have their answer among it.
    """
    less, related = GROWTH * math.log10(max(passages, FEWEST) / 1000), DEFAULT.threshold_related
    if less > 0:
        related = _logistic(math.log(related / (1 - related)) - less)
    return replace(DEFAULT, intercept=DEFAULT.intercept - less, threshold_related=related)


def load(folder: Path, passages: int = 1000) -> Confidence:
    """Return what was saved there, or else the default for that many passages.

    A damaged file is named in the log and ignored.
    """
    path = folder / FILE
    try:
        data = json.loads(path.read_text("utf-8"))
        confidence = Confidence(**data)
        if not _is_sound(confidence):
            raise ValueError("its numbers are impossible")
    except FileNotFoundError:
        return default(passages)
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s cannot be used (%s): run `youju eval FILE --calibrate` again", path, error)
        return default(passages)
    return confidence


def _is_sound(confidence: Confidence) -> bool:
    values = astuple(confidence)
    numbers = all(isinstance(v, int | float) and math.isfinite(v) for v in values)
    return numbers and 0 <= confidence.threshold_related <= confidence.threshold_answer <= 1
