"""What was read, kept between runs: files, documents, passages and their folded texts.

In: files as they are read.  Out: the manifest (is a file unchanged?), passages by id, and
the batches an engine is filled from.  Everything here can be made anew from the documents;
how it stands on the disk, and what becomes of it when that is damaged, is in `database`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from msgspec import Struct

from retrieval.database import NUMBERS, Database
from retrieval.engines import Batch
from retrieval.entries import Entries, code_version
from retrieval.packing import Packed, packed, unpacked
from retrieval.packing import StoredPassage as StoredPassage  # "as": for others to import from here
from retrieval.terms import Analyzer
from retrieval.walking import Found

MANY = 100_000  # characters: to cut more, it pays to load what cuts fast
UNREADABLE = -1  # the size of a file that may not be opened

_OF_DOCUMENT = f"p.key BETWEEN d.number * {NUMBERS} AND d.number * {NUMBERS} + {NUMBERS - 1}"
_STATE = "size, mtime_ns, settled, hash, version, documents, encoding, date, problem"
_PASSAGE = f"source, file, d.id, title, shared, p.key % {NUMBERS}, packed"


class FileState(Struct, frozen=True):
    """What the manifest knows of a file."""

    size: int
    mtime_ns: int
    settled: bool  # it was not changed just before it was read: the stamp can be trusted
    hash: str = ""
    version: str = ""  # of the code that read it
    documents: int = 0
    encoding: str = ""  # as the text was taken to be
    date: str = ""  # of its documents, as printed; " / " between several
    problem: str = ""  # why nothing, or not all of it, could be read

    @classmethod
    def unreadable(cls, problem: str) -> FileState:
        """Return the state of a file that may not be opened at all."""
        return cls(UNREADABLE, 0, settled=True, problem=problem)

    @property
    def is_unreadable(self) -> bool:
        """Whether the file could not even be opened."""
        return self.size == UNREADABLE


class Store(Database):
    """What was read, in the database of a folder: when it is read and changed, Database says."""

    # --- reading --------------------------------------------------------------------------------

    def version(self) -> str:
        """Return a name of what is held now, unlike that of any other store or generation."""
        ((store, generation),) = self._rows("SELECT store, generation FROM state")
        return f"{store}-{code_version()}:{generation}"

    def generation_of(self, version: str) -> int | None:
        """Return the generation that had this name; None where it was of another store."""
        now, then = self.version().split(":"), version.split(":")
        return int(then[1]) if now[0] == then[0] else None

    def manifest(self) -> dict[tuple[str, str], FileState]:
        """Return what is known of each file, by source and path inside it."""
        rows = self._rows(
            f"SELECT source, file, {_STATE} FROM files"  # noqa: S608
        )
        return {(row[0], row[1]): _file_state(row[2:]) for row in rows}

    def stamps(self, source: str, version: str = "") -> set[tuple[str, int, int, int]]:
        """Return what tells whether a file of a source has changed, for each that is known.

        Its path inside the source, size and time; and 1 if these can be trusted and it was read
        by this version, else 0.
        """
        query = "SELECT file, size, mtime_ns, settled AND version = ? FROM files WHERE source = ?"
        return set(self._rows(query, (version, source)))

    def knows(self, source: str, version: str, files: Sequence[Found]) -> bool:
        """Return whether these are the files of a source, sorted, as this version read them.

        Thousands are compared in a third of the time that `stamps` takes: their columns come
        as one text each.
        """
        query = (
            "SELECT group_concat(file, '//'), group_concat(size, '/'), group_concat(mtime_ns, '/'),"
            " total(settled AND version = ?) FROM files WHERE source = ?"
        )
        (known,) = self._rows(query, (version, source))
        if not files or known[3] != len(files):
            return False
        names, _, sizes, times = zip(*files, strict=True)
        # No path holds "//".  The rows come as the table is sorted; if ever not, all are compared.
        return known[:3] == ("//".join(names), *("/".join(map(str, n)) for n in (sizes, times)))

    def sources(self) -> set[str]:
        """Return the names of the sources that files are known of."""
        return {name for (name,) in self._rows("SELECT DISTINCT source FROM files")}

    def holds(self, source: str) -> bool:
        """Return whether a source has any document."""
        query = "SELECT 1 FROM files WHERE source = ? AND documents > 0 LIMIT 1"
        return bool(self._rows(query, (source,)))

    def state(self, source: str, file: str) -> FileState | None:
        """Return what the manifest knows of one file."""
        rows = self._rows(
            f"SELECT {_STATE} FROM files WHERE source = ? AND file = ?",  # noqa: S608
            (source, file),
        )
        return _file_state(rows[0]) if rows else None

    def problems(self) -> list[tuple[str, str, str]]:
        """Return `(source, file, why)` of the files that could not be read (whole), in order."""
        return self._rows(
            "SELECT source, file, problem FROM files WHERE problem <> '' ORDER BY source, file"
        )

    def text(self, source: str, file: str) -> str | None:
        """Return the text that was taken out of a file, if its text is not its own."""
        rows = self._rows("SELECT text FROM texts WHERE source = ? AND file = ?", (source, file))
        return rows[0][0] if rows else None

    def average_length(self) -> float:
        """Return how many characters a passage has on average, folded."""
        rows = self._rows("SELECT total(characters) / nullif(sum(passages), 0) FROM files")
        return float(rows[0][0] or 1)

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return the passages with these ids, in the order given; unknown ids are left out."""
        parts = [id.rpartition(":") for id in ids]
        wanted = [
            (head, int(tail)) for head, _, tail in parts if tail.isdecimal() and len(tail) < 8
        ]
        passages = self._read(
            f"SELECT {_PASSAGE} FROM json_each(?) w"  # noqa: S608
            " CROSS JOIN documents d ON d.id = json_extract(w.value, '$[0]')"
            " CROSS JOIN passages p"
            f" ON p.key = d.number * {NUMBERS} + json_extract(w.value, '$[1]')",
            (json.dumps(wanted),),
            _stored,
        )
        found = {stored.passage.id: stored for stored in passages}
        return [found[id] for id in ids if id in found]

    def documents(self) -> list[tuple[str, str, str, str]]:
        """Return `(id, source, file, title)` of each document, by id."""
        return self._rows("SELECT id, source, file, title FROM documents ORDER BY id")

    def document_text(self, document: str) -> str:
        """Return the folded text of a whole document, its context included."""
        passages = self._read(
            f"SELECT {_PASSAGE} FROM documents d JOIN passages p ON {_OF_DOCUMENT}"  # noqa: S608
            " WHERE d.id = ?",
            (document,),
            _stored,
        )
        return "\n".join(f"{stored.context}\n{stored.folded}" for stored in passages)

    def passage_counts(self) -> dict[tuple[str, str], int]:
        """Return how many passages each file has."""
        rows = self._rows("SELECT source, file, passages FROM files WHERE passages > 0")
        return {(source, file): count for source, file, count in rows}

    def totals(self) -> dict[str, tuple[int, int, int]]:
        """Return how many files that hold anything, documents and passages each source has."""
        rows = self._rows(
            "SELECT source, total(documents > 0), total(documents), total(passages)"
            " FROM files GROUP BY source"
        )
        return {source: (int(f), int(d), int(p)) for source, f, d, p in rows}

    def batches(self, analyzer: Analyzer, since: int = 0) -> Iterator[Batch]:
        """Yield what an engine has to hold of the files changed after a generation."""
        query = "SELECT total(characters) FROM files WHERE generation > ?"
        many = self._rows(query, (since,))[0][0] > MANY
        entries = Entries(analyzer.quick() if many else analyzer)
        return (entries.batch(*changed) for changed in self.changed(since))

    def changed(self, since: int = 0) -> Iterator[tuple[str, str, list[StoredPassage]]]:
        """Yield `(source, file, passages)` of the files changed after a generation."""
        files = self._rows(
            "SELECT source, file FROM files WHERE generation > ? AND passages > 0", (since,)
        )
        for source, file in files:
            passages = self._read(
                f"SELECT {_PASSAGE}"  # noqa: S608
                f" FROM documents d JOIN passages p ON {_OF_DOCUMENT}"
                " WHERE source = ? AND file = ?",
                (source, file),
                _stored,
            )
            yield source, file, passages

    def count_changed(self, since: int = 0) -> int:
        """Return how many batches there are of the files changed after a generation."""
        query = "SELECT count(*) FROM files WHERE generation > ? AND passages > 0"
        return int(self._rows(query, (since,))[0][0])

    def gone(self, since: int = 0) -> list[tuple[str, str]]:
        """Return the files that were forgotten, or emptied, after a generation."""
        return self._rows(
            "SELECT source, file FROM gone WHERE generation > ?1 UNION ALL"
            " SELECT source, file FROM files WHERE generation > ?1 AND passages = 0",
            (since,),
        )

    # --- writing --------------------------------------------------------------------------------

    def put(
        self, source: str, file: str, state: FileState, passages: Collection[StoredPassage] = ()
    ) -> None:
        """Replace all that is known of a file."""
        self.put_packed(source, file, state, tuple(packed(passages)))

    def put_packed(
        self, source: str, file: str, state: FileState, documents: Collection[Packed] = ()
    ) -> None:
        """Replace all that is known of a file, its passages packed already."""
        known = "SELECT 1 FROM files WHERE source = ? AND file = ?"
        if self._db.execute(known, (source, file)).fetchone():
            self.forget(source, file)
        self._changed = True
        self._db.execute("DELETE FROM gone WHERE source = ? AND file = ?", (source, file))
        self._db.execute(
            f"INSERT INTO files SELECT {','.join('?' * 13)}, generation + 1 FROM state",  # noqa: S608
            (
                source,
                file,
                state.size,
                state.mtime_ns,
                state.settled,
                state.hash,
                state.version,
                state.documents,
                state.encoding,
                state.date,
                state.problem,
                sum(len(document.passages) for document in documents),
                sum(document.characters for document in documents),
            ),
        )
        for document in documents:
            self._put_document(source, file, document)

    def _put_document(self, source: str, file: str, document: Packed) -> None:
        key = self._db.execute(
            "INSERT INTO documents VALUES (NULL, ?, ?, ?, ?, ?)",
            (document.id, source, file, document.title, document.like),
        ).lastrowid
        assert key is not None  # a row was inserted
        self._db.executemany(
            "INSERT INTO passages VALUES (?, ?)",
            ((key * NUMBERS + number, data) for number, data in document.passages),
        )

    def put_text(self, source: str, file: str, text: str) -> None:
        """Keep the text that was taken out of a file."""
        self._db.execute("INSERT INTO texts VALUES (?, ?, ?)", (source, file, text))

    def touch(self, source: str, file: str, state: FileState) -> None:
        """Note that a file was written again with the same content."""
        self._db.execute(
            "UPDATE files SET size = ?, mtime_ns = ?, settled = ? WHERE source = ? AND file = ?",
            (state.size, state.mtime_ns, state.settled, source, file),
        )

    def distrust(self, source: str, file: str) -> None:
        """Have a file read again at the next refresh, even if its stamp is the same."""
        self._db.execute(
            "UPDATE files SET settled = 0 WHERE source = ? AND file = ?", (source, file)
        )

    def forget(self, source: str, file: str) -> None:
        """Drop all that is known of a file."""
        self._db.execute(
            "DELETE FROM passages WHERE key IN (SELECT p.key FROM documents d"  # noqa: S608
            f" JOIN passages p ON {_OF_DOCUMENT} WHERE source = ? AND file = ?)",
            (source, file),
        )
        for table in ("files", "texts", "documents"):
            dropped = self._db.execute(
                f"DELETE FROM {table} WHERE source = ? AND file = ?",  # noqa: S608
                (source, file),
            )
            self._changed = self._changed or dropped.rowcount > 0
        self._db.execute(
            "INSERT OR REPLACE INTO gone SELECT ?, ?, generation + 1 FROM state", (source, file)
        )


def _file_state(row: tuple[Any, ...]) -> FileState:
    size, mtime_ns, settled, *rest = row
    return FileState(size, mtime_ns, bool(settled), *rest)


def _stored(row: tuple[Any, ...]) -> StoredPassage:
    return unpacked(*row)
