"""rank-bm25's model, searched through postings: only passages that hold a term are looked at.

In: parts (segments, less the files that are gone).  Out: scores as the package's own
`get_scores` reckons them, and the best passages.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.engines import FieldTerm, Where
from retrieval.engines.segment import FieldPart, Segment

K1, B = 0.9, 0.5  # measured on Chinese questions: the package's 1.5 and 0.75 are the worst corner
DENSE = 8  # a term in more than one of so many passages is kept as a score for every passage
COLUMNS = 16  # as many times the passages asked for: those whose best score is looked at first
COUNTED = 1 << 14  # terms whose passages are counted once: two megabytes
ROUNDED = 1e-3  # a score, which is a sum of some dozen, is off by less
RECENT = 128 << 20  # bytes of scores kept ready for the terms asked for last

Mask = NDArray[np.bool_]
Scores = NDArray[np.float32]


class Impact(Struct, frozen=True):
    """What one term adds to the scores of a part's passages."""

    passages: NDArray[np.intp] | None  # None: `scores` has one for every passage
    scores: Scores
    highest: float  # no score is higher

    def add_to(self, total: Scores, weight: float = 1) -> None:
        """Add it to the scores of all passages."""
        scores = _weighted(self.scores, weight)
        if self.passages is None:
            total += scores
        else:
            np.add.at(total, self.passages, scores)

    def count(self, allowed: Mask | None) -> int:
        """Return how many of the passages hold the term."""
        if self.passages is None:
            return int(np.count_nonzero(self.scores if allowed is None else self.scores[allowed]))
        return int(len(self.passages) if allowed is None else allowed[self.passages].sum())

    @property
    def bytes(self) -> int:
        """The memory it takes."""
        return self.scores.nbytes + (0 if self.passages is None else self.passages.nbytes)


def _weighted(scores: Scores, weight: float) -> Scores:
    return scores if weight == 1 else scores * np.float32(weight)


class Part:
    """A segment less some of its files, by their numbers."""

    def __init__(self, segment: Segment, left_out: Collection[int] = ()) -> None:
        self.segment = segment
        self.left_out = frozenset(left_out)

    @cached_property
    def alive(self) -> Mask | None:
        """Which passages there are still; None: all."""
        return self.segment.alive(self.left_out) if self.left_out else None

    @cached_property
    def size(self) -> int:
        """How many passages there are still."""
        return self.segment.size if self.alive is None else int(self.alive.sum())

    def less(self, left_out: Collection[int]) -> Part:
        """Return the same segment less these files."""
        return Part(self.segment, left_out)

    def allowed(self, where: Where) -> Mask | None:
        """Return which passages may be found; None: all."""
        if where.sources is None:
            return None
        files = [source in where.sources for source, _ in self.segment.files]
        return None if all(files) else np.array(files)[self.segment.file_of]


class BM25(BM25Okapi):  # type: ignore[misc]  # the package ships no types
    """rank-bm25's model with the idf of Lucene, over one field of the parts.

    The package's own idf is zero or negative for words in half of the passages or more, and
    its remedy weighs such words above rarer ones.
    """

    def __init__(self, parts: Sequence[Part], field: str) -> None:
        self._parts = [(part, part.segment.fields.get(field)) for part in parts]
        super().__init__(self._parts, k1=K1, b=B)
        self.frequency = lru_cache(COUNTED)(self._frequency)

    def _initialize(self, corpus: Sequence[tuple[Part, FieldPart | None]]) -> Mapping[str, int]:
        """Take lengths from the parts; terms are looked up when they are asked for."""
        self.corpus_size = sum(part.size for part, _ in corpus)
        lengths = [
            field.lengths if part.alive is None else field.lengths[part.alive]
            for part, field in corpus
            if field is not None
        ]
        total = sum(int(length.sum(dtype=np.int64)) for length in lengths)
        # The package divides by the average length, and cannot hold passages without terms.
        self.avgdl = total / self.corpus_size if total else 1.0
        every = np.arange(max((int(length.max(initial=0)) for length in lengths), default=0) + 1)
        self._norms = (K1 * (1 - B + B * every / self.avgdl)).astype(np.float32)  # by length
        return {}

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        self.idf = {word: self.idf_of(n) for word, n in nd.items()}

    def idf_of(self, passages: int) -> float:
        """Return the idf of a term that stands in so many passages."""
        return math.log(1 + (self.corpus_size - passages + 0.5) / (passages + 0.5))

    def get_scores(self, query: Iterable[str]) -> Scores:
        """Return the scores of all passages, part after part, in the order of their ids."""
        totals = [np.zeros(part.segment.size, np.float32) for part, _ in self._parts]
        for term in query:
            for impact, total in zip(self.impacts(term), totals, strict=True):
                if impact is not None:
                    impact.add_to(total)
        return np.concatenate(
            [
                total if part.alive is None else total[part.alive]
                for (part, _), total in zip(self._parts, totals, strict=True)
            ]
        )

    def _frequency(self, term: str) -> int:
        """Return how many passages hold a term."""
        encoded = _bytes(term)
        frequency = 0
        for part, field in self._parts:
            if field is None or (number := field.find(encoded)) is None:
                continue
            if part.alive is None:
                frequency += int(field.frequencies[number])
            else:
                frequency += int(part.alive[field.passages(number)[0]].sum())
        return frequency

    def impacts(self, term: str) -> tuple[Impact | None, ...]:
        """Return what a term adds in each part; None where no passage holds it."""
        encoded = _bytes(term)
        found = [_postings(part, field, encoded) for part, field in self._parts]
        frequency = sum(len(postings[0]) for postings in found if postings)
        highest = np.float32(self.idf_of(frequency) * (K1 + 1))
        return tuple(
            self._impact(field, *postings, highest) if field and postings else None
            for (_, field), postings in zip(self._parts, found, strict=True)
        )

    def _impact(
        self, field: FieldPart, passages: NDArray[np.intp], counts: Scores, highest: np.float32
    ) -> Impact:
        divisor = self._norms[field.lengths[passages]]
        divisor += counts
        scores = counts * highest
        scores /= divisor
        size = len(field.lengths)
        if len(passages) * DENSE <= size:
            return Impact(passages, scores, float(highest))
        row = np.zeros(size, np.float32)
        row[passages] = scores
        return Impact(None, row, float(scores.max()))


def _bytes(term: str) -> bytes:
    return term.encode(errors="surrogatepass")


def _postings(
    part: Part, field: FieldPart | None, term: bytes
) -> tuple[NDArray[np.intp], Scores] | None:
    """Return the passages that hold a term, and how often each does; None where none does."""
    if field is None or (number := field.find(term)) is None:
        return None
    passages, counts = field.passages(number)
    if part.alive is not None:
        stays = part.alive[passages]
        passages, counts = passages[stays], counts[stays]
    return (passages, counts) if len(passages) else None


class Recent:
    """The impacts of the terms asked for last.  Thread-safe."""

    def __init__(self) -> None:
        self._held: OrderedDict[FieldTerm, tuple[Impact | None, ...]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, term: FieldTerm, model: BM25) -> tuple[Impact | None, ...]:
        """Return the impacts of a term, made only if they are not held."""
        try:
            self._held.move_to_end(term)
            return self._held[term]
        except KeyError:  # never held, or dropped by another thread just now
            pass
        impacts = model.impacts(term[1])
        with self._lock:
            if term not in self._held:
                self._held[term] = impacts
                self._bytes += _memory(impacts)
            while self._bytes > RECENT and len(self._held) > 1:
                self._bytes -= _memory(self._held.popitem(last=False)[1])
        return impacts


def _memory(impacts: tuple[Impact | None, ...]) -> int:
    return 200 + sum(impact.bytes for impact in impacts if impact is not None)


def searched(
    impacts: Iterable[tuple[float, Impact | None]], size: int, allowed: Mask | None, limit: int
) -> tuple[NDArray[np.intp], Scores]:
    """Return the passages with the `limit` highest scores above zero, as `best`, and the scores.

    `impacts` come with their weights; `size` is how many passages there are.  What common terms
    add is looked up only where it decides: a passage that is behind by more than all of them
    together add cannot be among the best.  (H. Turtle and J. Flood, Query evaluation:
    strategies and optimizations, 1995.)
    """
    total = np.zeros(size, np.float32)
    common = []
    for weight, impact in impacts:
        if impact is None:
            continue
        if impact.passages is None:
            common.append((weight, impact))
        else:
            impact.add_to(total, weight)
    if allowed is not None:
        total *= allowed
    rest = sum(weight * impact.highest for weight, impact in common)
    behind = _floor(total, limit) - rest - ROUNDED if common else 0.0
    some = (total >= behind).nonzero()[0] if behind > 0 else slice(None)
    scores = total[some]
    for weight, impact in common:
        scores += _weighted(impact.scores[some], weight)
    if common and allowed is not None:
        scores *= allowed[some]
    places = best(scores, limit)
    return (places if isinstance(some, slice) else some[places]), scores[places]


def best(total: Scores, limit: int) -> NDArray[np.intp]:
    """Return the places of the `limit` highest scores above zero, best first, then by place."""
    if limit <= 0:
        return np.zeros(0, np.intp)
    floor = _floor(total, limit)
    (found,) = (total >= floor if floor > 0 else total > 0).nonzero()
    return found[(-total[found]).argsort(kind="stable")[:limit]]


def _floor(total: Scores, limit: int) -> float:
    """Return a score that the `limit` best reach; 0 where none is found quickly.

    The limit-th best of the columns' maxima is no higher than the limit-th best score.  To
    partition the maxima is much faster than to partition all scores.
    """
    columns = min(limit * COLUMNS, len(total) // 2)
    if not 0 < limit <= columns:
        return 0.0
    rows = len(total) // columns
    maxima = total[: rows * columns].reshape(rows, columns).max(axis=0)
    maxima.partition(-limit)
    return float(maxima[-limit])
