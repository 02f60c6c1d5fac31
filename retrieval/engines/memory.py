"""rank-bm25 in memory: made anew from the store at every start, good for thousands of passages."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.engines import (
    EVERYWHERE,
    Batch,
    Field,
    FieldTerm,
    Hit,
    WeightedTerm,
    Where,
)

K1, B = 0.9, 0.5  # measured on Chinese questions: the package's 1.5 and 0.75 are the worst corner


class BM25(BM25Okapi):  # type: ignore[misc]  # the package ships no types
    """rank-bm25's model with the idf of Lucene.

    The package's own idf is zero or negative for words in half of the passages or more, and
    its remedy weighs such words above rarer ones.
    """

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        count = self.corpus_size
        self.idf = {word: math.log(1 + (count - n + 0.5) / (n + 0.5)) for word, n in nd.items()}


@dataclass(frozen=True, slots=True)
class _State:
    """All that a search needs; swapped whole, so that no search sees a mixture."""

    batches: Mapping[tuple[str, str], Batch] = field(default_factory=dict)
    passages: tuple[str, ...] = ()  # ids, sorted
    sources: NDArray[np.str_] = field(default_factory=lambda: np.array([], dtype=str))
    models: Mapping[Field, BM25] = field(default_factory=dict)

    def allowed(self, where: Where) -> NDArray[np.bool_]:
        if where.sources is None:
            return np.ones(len(self.passages), dtype=bool)
        return np.isin(self.sources, sorted(where.sources))


class MemoryEngine:
    """See Engine."""

    def __init__(self) -> None:
        self._state = _State()

    def search(
        self, terms: Sequence[WeightedTerm], limit: int, where: Where = EVERYWHERE
    ) -> list[Hit]:
        """See Engine.search."""
        state = self._state
        scores = np.zeros(len(state.passages))
        for term in terms:
            model = state.models.get(term.field)
            if model is not None and term.text in model.idf:
                scores += term.weight * model.get_scores([term.text])
        # With this idf a shared term always scores above zero, so a score is a match.
        scores[~state.allowed(where)] = 0
        best = np.argsort(-scores, kind="stable")[:limit]
        return [Hit(state.passages[i], float(scores[i])) for i in best if scores[i] > 0]

    def frequencies(
        self, terms: Collection[FieldTerm], where: Where = EVERYWHERE
    ) -> Mapping[FieldTerm, int]:
        """See Engine.frequencies."""
        state = self._state
        allowed = state.allowed(where)
        return {
            (name, text): sum(
                text in counts and bool(allowed[i])
                for i, counts in enumerate(state.models[name].doc_freqs)
            )
            if name in state.models and text in state.models[name].idf
            else 0
            for name, text in terms
        }

    def size(self) -> int:
        """See Engine.size."""
        return len(self._state.passages)

    def draft(self) -> MemoryDraft:
        """See Engine.draft."""
        return MemoryDraft(self, self._state.batches)


class MemoryDraft:
    """See Draft."""

    def __init__(self, engine: MemoryEngine, batches: Mapping[tuple[str, str], Batch]) -> None:
        self._engine = engine
        self._batches = dict(batches)

    def update(self, batches: Iterable[Batch], removed: Collection[tuple[str, str]] = ()) -> None:
        """See Draft.update."""
        for key in removed:
            self._batches.pop(key, None)
        self._batches.update((batch.key, batch) for batch in batches)

    def publish(self) -> None:
        """See Draft.publish."""
        entries = sorted(
            ((entry, batch.source) for batch in self._batches.values() for entry in batch.entries),
            key=lambda pair: pair[0].passage,
        )
        self._engine._state = _State(
            batches=self._batches,
            passages=tuple(entry.passage for entry, _ in entries),
            sources=np.array([source for _, source in entries], dtype=str),
            models={
                name: BM25(corpus, k1=K1, b=B)
                for name in Field
                # The package divides by the average length: it can hold neither no passages
                # nor only empty ones.
                if any(corpus := [entry.terms.get(name, ()) for entry, _ in entries])
            },
        )
