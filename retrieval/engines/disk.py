"""tantivy, an index on disk: good for millions of passages on one machine.

In: terms.  Out: passage ids.  tantivy reckons BM25 with a k1 of 1.2 and a b of .75, and keeps
lengths in one byte: its scores are not those of the memory engine, but what it proposes
is ranked by the passages alone.  Single characters, which most passages share, would take most
of the time: it searches by them only where too little is found without.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from weakref import finalize

from tantivy import DocAddress, Index, IndexWriter, Occur, Query

from retrieval.engines import (
    EVERYWHERE,
    Batch,
    Field,
    FieldTerm,
    Hit,
    WeightedTerm,
    Where,
    weights_of,
)
from retrieval.engines.directories import Directories, Kept, Owned
from retrieval.engines.parts import HEAP, KEPT, DiskPart, documents_of, join, schema, term_of
from retrieval.errors import StoreUnusable

TIED = 2_000  # passages of one score that are put in order; of more, the first that tantivy has
EXACT = 1_000  # a count is off by one in so many at most
OFTEN = 200  # searches, after which files are mapped anew: what was read of them counts as memory
COUNTS = 20_000  # terms whose passages were counted are remembered
WORN = 4  # once one passage of so many is only marked as deleted, all is to be made anew

FORMAT = ("disk-1", *(f"{field} {how}" for field, how in KEPT.items()))
"""With another one, all is made anew."""


class Snapshot:
    """An index as it was at one moment: all that a search needs.  Thread-safe."""

    def __init__(self, index: Index, directory: Path) -> None:
        index.config_reader("manual")
        index.reload()
        self._schema = index.schema
        self._searcher = index.searcher()
        segments = json.loads((directory / "meta.json").read_text("utf-8"))["segments"]
        self._written = sum(segment["max_doc"] for segment in segments)
        self._deleted = self._written - self.size()
        self.counts: dict[tuple[Field, str, Where], int] = {}  # of passages with a term

    @property
    def is_worn(self) -> bool:
        """Whether so much of it is only marked as deleted that searches suffer."""
        return bool(self._deleted * WORN > self._written)

    def size(self) -> int:
        """See Engine.size."""
        return self._searcher.num_docs

    def frequencies(
        self, terms: Collection[FieldTerm], where: Where = EVERYWHERE
    ) -> Mapping[FieldTerm, int]:
        """See Engine.frequencies."""
        return {(field, text): self._count(field, text, where) for field, text in terms}

    def search(
        self, terms: Sequence[WeightedTerm], limit: int, where: Where = EVERYWHERE
    ) -> list[Hit]:
        """See Engine.search."""
        weights = weights_of(terms)
        held = {key: weight for key, weight in weights.items() if self._count(*key, EVERYWHERE)}
        most = {key: weight for key, weight in held.items() if key[0] is not Field.CHAR}
        found = self._best(most, limit, where)
        return found if len(found) >= limit or most == held else self._best(held, limit, where)

    def _best(self, weights: Mapping[FieldTerm, float], limit: int, where: Where) -> list[Hit]:
        """Return the best, those of equal scores by their ids."""
        if limit < 1 or not weights:
            return []
        terms = (
            (Occur.Should, Query.boost_query(self._term(*key), weight * self._mend(*key)))
            for key, weight in weights.items()
        )
        query = self._within(Query.boolean_query(list(terms)), where)
        wanted = limit
        while True:
            hits = self._searcher.search(query, wanted + 1, count=False).hits
            found = [(_rounded(score), address) for score, address in hits]
            # Where the scores go on with the last one that counts, more may come before it.
            if len(found) <= wanted or found[limit - 1][0] > found[-1][0] or wanted > TIED:
                break
            wanted *= 8
        last = found[:limit][-1][0] if found else 0.0
        best = [(-score, self._id(address)) for score, address in found if score >= last]
        return [Hit(id, -score) for score, id in sorted(best)[:limit]]

    def _id(self, address: DocAddress) -> str:
        return str(self._searcher.doc(address)["id"][0].decode())

    def _term(self, field: str, text: str) -> Query:
        return Query.term_query(self._schema, field, text, KEPT.get(Field(field), "basic"))

    def _within(self, query: Query, where: Where) -> Query:
        if where.sources is None:
            return query
        sources = Query.term_set_query(self._schema, "source", sorted(where.sources))
        both = [(Occur.Must, query), (Occur.Must, Query.const_score_query(sources, 0.0))]
        return Query.boolean_query(both)

    def _count(self, field: Field, text: str, where: Where) -> int:
        """Return how many passages hold a term: counted once."""
        key = field, text, where
        found = self.counts.get(key)
        if found is None:
            # No lru_cache: it would hold this object, and its files, until garbage is looked for.
            if len(self.counts) > COUNTS:
                self.counts = {}
            found = self.counts[key] = self._counted(*key)
        return found

    def _counted(self, field: Field, text: str, where: Where) -> int:
        try:
            written = self._searcher.doc_freq(field, text)
        except ValueError:  # it is no text, so it stands nowhere
            return 0
        if where.sources is None and written > EXACT * self._deleted:
            return written
        if not written:
            return 0
        query = self._within(self._term(field, text), where)
        found = self._searcher.search(query, 1, count=True)
        return int(found.count)  # type: ignore[attr-defined]  # the stubs leave it out

    def _mend(self, field: Field, text: str) -> float:
        """Return what to multiply scores of a term with: tantivy counts what is deleted, too."""
        if not self._deleted:
            return 1.0
        written = self._searcher.doc_freq(field, text)
        now = _idf(self._count(field, text, EVERYWHERE), self.size())
        return now / _idf(written, self._written)


def _idf(passages: int, size: int) -> float:
    return math.log(1 + (size - passages + 0.5) / (passages + 0.5))


def _rounded(score: float) -> float:
    """Return a score that does not depend on the order in which its parts were added up."""
    return float(f"{score:.5g}")


class DiskEngine:
    """See Engine."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            folder = Path(mkdtemp(prefix="youju-"))
            finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._directories = Directories(folder, FORMAT)
        self._stamp: object = None  # of the folder, when it was last looked at
        self._held: tuple[Kept, Snapshot] | None = None
        self._searches = 0  # since its files were mapped

    def state(self) -> str:
        """See Engine.state."""
        if (stamp := self._directories.stamp()) != self._stamp or self._searches > OFTEN:
            self._stamp, self._searches = stamp, 0
            before, self._held = self._held, self._directories.read(_snapshot) or self._held
            if before and self._held and before[0] == self._held[0]:
                self._held[1].counts = before[1].counts
        return self._held[0].state if self._held else ""

    def search(
        self, terms: Sequence[WeightedTerm], limit: int, where: Where = EVERYWHERE
    ) -> list[Hit]:
        """See Engine.search."""
        held = self._held
        self._searches += 1
        return held[1].search(terms, limit, where) if held else []

    def frequencies(
        self, terms: Collection[FieldTerm], where: Where = EVERYWHERE
    ) -> Mapping[FieldTerm, int]:
        """See Engine.frequencies."""
        held = self._held
        return held[1].frequencies(terms, where) if held else dict.fromkeys(terms, 0)

    def size(self) -> int:
        """See Engine.size."""
        held = self._held
        return held[1].size() if held else 0

    def draft(self, *, anew: bool = False) -> DiskDraft:
        """See Engine.draft.  Raises StoreUnusable if the folder cannot be written."""
        self.state()
        kept = self._held[0] if self._held and not anew else None
        with _writing(self._directories.path):
            owned = self._directories.begin(kept)
        return DiskDraft(self, owned, kept)

    def _publish(self, owned: Owned, state: str, before: Kept | None) -> None:
        snapshot = _snapshot(owned.path)
        kept = self._directories.publish(owned, "" if snapshot.is_worn else state, before)
        self._stamp = self._directories.stamp()
        self._held = kept, snapshot


class DiskDraft:
    """See Draft.  Raises StoreUnusable if it cannot be written; then nothing has changed."""

    def __init__(self, engine: DiskEngine, owned: Owned, before: Kept | None) -> None:
        self._engine = engine
        self._owned = owned
        self._before = before
        self._writers: list[IndexWriter] = []
        self._parts: list[Path] = []
        self._elsewhere = 0  # passages that the parts should hold
        self._drop = finalize(self, _drop, owned, self._writers)
        with self._writing():
            if not before:
                Index(schema(), str(owned.path))
            self._open()

    def _open(self) -> None:
        self._writers.append(Index.open(str(self._owned.path)).writer(HEAP, 1))

    def part(self) -> DiskPart:
        """See Parted.part."""
        self._parts.append(self._owned.path / f"part-{len(self._parts)}")
        return DiskPart(self._parts[-1])

    def update(self, batches: Iterable[Batch], removed: Collection[tuple[str, str]] = ()) -> None:
        """See Draft.update."""
        (writer,) = self._writers
        with self._writing():
            for key in removed:
                writer.delete_documents_by_term("file", term_of(key))
        for batch in batches:
            self._elsewhere += batch.written
            if batch.written:
                continue
            with self._writing():
                writer.delete_documents_by_term("file", term_of(batch.key))
                for document in documents_of(batch):
                    writer.add_document(document)

    def _commit(self) -> None:
        """Write all that there is, and take in the parts."""
        self._writers[0].commit()
        if self._parts:
            self._writers.pop().wait_merging_threads()
            self._elsewhere -= join(self._owned.path, self._parts)
            self._parts = []
            self._open()
            self._writers[0].commit()  # so that segments are merged where there are too many

    def searcher(self) -> Snapshot:
        """See Draft.searcher."""
        with self._writing():
            self._commit()
            return _snapshot(self._owned.path)

    def publish(self, state: str = "") -> None:
        """See Draft.publish."""
        with self._writing():
            self._commit()
            self._writers.pop().wait_merging_threads()
            self._engine._publish(self._owned, "" if self._elsewhere else state, self._before)
        self._drop.detach()

    def _writing(self) -> AbstractContextManager[None]:
        return _writing(self._owned.path.parent)


def _snapshot(directory: Path) -> Snapshot:
    if os.access(directory, os.W_OK):
        return Snapshot(Index.open(str(directory)), directory)
    # tantivy locks a directory even to read it.  Once a file is open, its name does not matter.
    with TemporaryDirectory(prefix="youju-") as other:
        for path in directory.iterdir():
            if path.suffix != ".lock":
                (Path(other) / path.name).symlink_to(path.absolute())
        return Snapshot(Index.open(other), directory)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say in one sentence what tantivy, or the file system, makes an error of."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise StoreUnusable(f"{folder}: the index cannot be written ({error})") from error


def _drop(owned: Owned, writers: list[IndexWriter]) -> None:
    writers.clear()  # its threads end first
    owned.remove()
