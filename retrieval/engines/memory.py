"""rank-bm25 over postings in memory-mapped files: good for some hundred thousand passages.

What is published is kept in `folder`, if one is given, and found there at the next start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from retrieval.engines import (
    EVERYWHERE,
    Batch,
    Field,
    FieldTerm,
    Hit,
    Searcher,
    WeightedTerm,
    Where,
    weights_of,
)
from retrieval.engines.building import Builder, merged
from retrieval.engines.model import BM25, K1, B, Impact, Mask, Part, Recent, searched
from retrieval.engines.saved import Folder

__all__ = ["K1", "B", "MemoryDraft", "MemoryEngine"]

TOKENS_AT_ONCE = 2_000_000  # turned into a segment in one step
CHANGED = 8  # the passages added and gone make up to one of so many before all are merged anew


class _State:
    """All that a search needs; swapped whole, so that no search sees a mixture."""

    def __init__(self, name: str = "", parts: Sequence[Part] = ()) -> None:
        self.name = name
        self.parts = tuple(parts)
        self._nothing = (None,) * len(self.parts)
        self._size = sum(part.size for part in parts)
        fields = {field for part in parts for field in part.segment.fields}
        self._models = {Field(field): BM25(self.parts, field) for field in fields}
        self._recent = Recent()
        self._allowed = lru_cache(16)(self._make_allowed)

    def search(
        self, terms: Sequence[WeightedTerm], limit: int, where: Where = EVERYWHERE
    ) -> list[Hit]:
        """See Searcher.search."""
        weighted = [(weight, self._impacts(term)) for term, weight in weights_of(terms).items()]
        hits: list[Hit] = []
        for i, (part, mask) in enumerate(zip(self.parts, self._allowed(where), strict=True)):
            impacts = ((weight, of_part[i]) for weight, of_part in weighted)
            places, scores = searched(impacts, part.segment.size, mask, limit)
            hits += map(Hit, part.segment.ids(places), scores.tolist())
        if len(self.parts) > 1:
            hits.sort(key=lambda hit: (-hit.score, hit.passage))
        # With this idf a shared term always scores above zero, so a score is a match.
        return hits[:limit]

    def frequencies(
        self, terms: Collection[FieldTerm], where: Where = EVERYWHERE
    ) -> Mapping[FieldTerm, int]:
        """See Searcher.frequencies."""
        return {term: self._frequency(term, where) for term in terms}

    def size(self) -> int:
        """See Searcher.size."""
        return self._size

    def _frequency(self, term: FieldTerm, where: Where) -> int:
        if where.sources is None:
            model = self._models.get(term[0])
            return model.frequency(term[1]) if model else 0
        return sum(
            impact.count(mask)
            for impact, mask in zip(self._impacts(term), self._allowed(where), strict=True)
            if impact is not None
        )

    def _impacts(self, term: FieldTerm) -> tuple[Impact | None, ...]:
        model = self._models.get(term[0])
        return self._recent.get(term, model) if model else self._nothing

    def _make_allowed(self, where: Where) -> tuple[Mask | None, ...]:
        return tuple(part.allowed(where) for part in self.parts)


class MemoryEngine:
    """See Engine."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = None if folder is None else Folder(folder)
        self._stamp: object = None  # of the folder, when it was last looked at
        self._state = _State()

    def state(self) -> str:
        """See Engine.state."""
        if self._folder and (stamp := self._folder.stamp()) != self._stamp:
            self._stamp = stamp
            if kept := self._folder.read():
                self._state = _State(*kept)
        return self._state.name

    def search(
        self, terms: Sequence[WeightedTerm], limit: int, where: Where = EVERYWHERE
    ) -> list[Hit]:
        """See Engine.search."""
        return self._state.search(terms, limit, where)

    def frequencies(
        self, terms: Collection[FieldTerm], where: Where = EVERYWHERE
    ) -> Mapping[FieldTerm, int]:
        """See Engine.frequencies."""
        return self._state.frequencies(terms, where)

    def size(self) -> int:
        """See Engine.size."""
        return self._state.size()

    def draft(self, *, anew: bool = False) -> MemoryDraft:
        """See Engine.draft."""
        return MemoryDraft(self, () if anew else self._state.parts)

    def _publish(self, state: str, parts: Sequence[Part]) -> None:
        if self._folder:
            with suppress(OSError):  # then it is made anew at the next start
                parts = self._folder.write(state, parts)
                self._stamp = self._folder.stamp()
        self._state = _State(state, parts)


class MemoryDraft:
    """See Draft."""

    def __init__(self, engine: MemoryEngine, parts: Sequence[Part]) -> None:
        self._engine = engine
        self._parts = [(part, set(part.left_out)) for part in parts]
        self._builder = Builder()

    def update(self, batches: Iterable[Batch], removed: Collection[tuple[str, str]] = ()) -> None:
        """See Draft.update."""
        for key in removed:
            self._drop(key)
        for batch in batches:
            self._drop(batch.key)
            self._builder.add(batch)
            if self._builder.tokens >= TOKENS_AT_ONCE:
                self._flush()

    def searcher(self) -> Searcher:
        """See Draft.searcher."""
        return _State(parts=[part for part in self._now() if part.size])

    def publish(self, state: str = "") -> None:
        """See Draft.publish."""
        self._engine._publish(state, _compacted(self._now()))

    def _now(self) -> list[Part]:
        self._flush()
        return [
            part if part.left_out == left_out else part.less(left_out)
            for part, left_out in self._parts
        ]

    def _drop(self, key: tuple[str, str]) -> None:
        if key in self._builder.keys:
            self._flush()
        for part, left_out in self._parts:
            if key in part.segment.file_numbers:
                left_out.add(part.segment.file_numbers[key])

    def _flush(self) -> None:
        if self._builder.keys:
            self._parts.append((Part(self._builder.segment()), set()))
            self._builder = Builder()


def _compacted(parts: Sequence[Part]) -> Sequence[Part]:
    """Return parts as one or, where little was changed since all were merged, as two."""
    parts = sorted((part for part in parts if part.size), key=lambda part: -part.segment.size)
    if not parts:
        return ()
    base, *rest = parts
    changed = base.segment.size - base.size + sum(part.size for part in rest)
    if changed * CHANGED > base.segment.size:
        return (_merged(parts),)
    return (base, _merged(rest)) if rest else (base,)


def _merged(parts: Sequence[Part]) -> Part:
    if len(parts) == 1 and not parts[0].left_out:
        return parts[0]
    return Part(merged([(part.segment, part.left_out) for part in parts]))
