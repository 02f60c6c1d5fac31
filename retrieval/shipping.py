"""What was read, to the cluster and back: bots on other machines share no disk with the store.

In: the store, and batches that hold all of it for the cluster.  Out: ClusterShelf, on which it
stands again, as far as answering needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import count
from typing import Any

from msgspec.structs import astuple

from retrieval.engines import Batch, Entry, Kept
from retrieval.engines.cluster import ClusterEngine
from retrieval.entries import Entries
from retrieval.packing import deflated, inflated, packed_alone, unpacked_alone
from retrieval.store import FileState, Store, StoredPassage
from retrieval.terms import Analyzer

AT_ONCE = 200  # passages of a document that are fetched together
RECENT = 4096  # files whose state is kept at hand


# --- to the cluster -----------------------------------------------------------------------------


def batches(store: Store, analyzer: Analyzer, since: int = 0) -> Iterator[Batch]:
    """Yield what the cluster has to hold of the files changed after a generation of the store."""
    terms = Entries(analyzer.quick())
    for source, file, passages in store.changed(since):
        plain = terms.batch(source, file, passages)
        entries = tuple(
            Entry(entry.passage, entry.terms, packed_alone(stored))
            for entry, stored in zip(plain.entries, passages, strict=True)
        )
        yield Batch(source, file, entries, _kept(store, source, file, passages))


def _kept(store: Store, source: str, file: str, passages: Sequence[StoredPassage]) -> Kept:
    state = store.state(source, file) or FileState(0, 0, settled=True)
    titles = {stored.passage.document: stored.passage.title for stored in passages}
    text = store.text(source, file)
    return Kept(
        deflated([source, file, astuple(state), list(titles.items())], b""),
        b"" if text is None else deflated(text, b""),
        state.documents,
        sum(len(stored.folded) for stored in passages),
    )


# --- and back -----------------------------------------------------------------------------------


class ClusterShelf:
    """See Shelf.  `engine` stays with one state: what was once fetched of it stays true."""

    def __init__(self, engine: ClusterEngine) -> None:
        self._engine = engine
        self._about = lru_cache(RECENT)(self._fetched)

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """See Shelf.passages."""
        found = self._engine.passages(ids)
        return [unpacked_alone(found[id]) for id in ids if id in found]

    def documents(self) -> list[tuple[str, str, str, str]]:
        """See Shelf.documents."""
        return self._documents

    @cached_property
    def _documents(self) -> list[tuple[str, str, str, str]]:
        return sorted(
            (id, source, file, title)
            for source, file, _, documents in map(_read, self._engine.files())
            for id, title in documents
        )

    def document_text(self, document: str) -> str:
        """See Shelf.document_text."""
        texts: list[str] = []
        for first in count(1, AT_ONCE):  # they are numbered without a gap
            ids = [f"{document}:{number}" for number in range(first, first + AT_ONCE)]
            found = self.passages(ids)
            texts += (f"{stored.context}\n{stored.folded}" for stored in found)
            if len(found) < AT_ONCE:
                break
        return "\n".join(texts)

    def average_length(self) -> float:
        """See Shelf.average_length."""
        held = self._engine.now.sources.values()
        return sum(h.characters for h in held) / max(1, self._engine.size()) or 1.0

    def state(self, source: str, file: str) -> FileState | None:
        """See Shelf.state."""
        about = self._about(source, file)
        return None if about is None else FileState(*about[2])

    def text(self, source: str, file: str) -> str | None:
        """See Shelf.text."""
        data = self._engine.text((source, file))
        return None if data is None else str(inflated(data, b""))

    def _fetched(self, source: str, file: str) -> list[Any] | None:
        data = self._engine.about((source, file))
        return None if data is None else _read(data)


def _read(data: bytes) -> list[Any]:
    read: list[Any] = inflated(data, b"")
    return read
