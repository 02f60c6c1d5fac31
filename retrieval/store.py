"""What was read, kept between runs: files, passages, folded texts and terms, in one SQLite file.

In: files as they are read.  Out: the manifest (is a file unchanged?), passages by id, and
the batches an engine is filled from.  Everything here can be made anew from the documents,
so a damaged store, or one of another version, is simply thrown away.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from retrieval.blocks import Place, Role, Unit
from retrieval.engines import Batch, Entry, Field
from retrieval.errors import StoreUnusable
from retrieval.folding import Folded
from retrieval.passages import Passage
from retrieval.terms import bigrams, characters

LAYOUT = 3  # raise it whenever SCHEMA changes

SCHEMA = """
CREATE TABLE state (generation INTEGER NOT NULL);
INSERT INTO state VALUES (0);
CREATE TABLE files (
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    settled INTEGER NOT NULL,   -- 0: it was changed just before it was read
    hash TEXT NOT NULL,
    version TEXT NOT NULL,      -- of the code that read it
    documents INTEGER NOT NULL,
    encoding TEXT NOT NULL,     -- as the text was taken to be, or ''
    problem TEXT NOT NULL,      -- why it could not be read, or ''
    PRIMARY KEY (source, file)
) WITHOUT ROWID;
CREATE TABLE texts (            -- of files whose text is not their own characters
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (source, file)
) WITHOUT ROWID;
CREATE TABLE passages (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    document TEXT NOT NULL,
    title TEXT NOT NULL,
    section TEXT NOT NULL,      -- JSON
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    spans TEXT NOT NULL,        -- JSON
    unit TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    folded TEXT NOT NULL,       -- the text as it is compared
    context TEXT NOT NULL,      -- what the passage takes for granted, folded
    words TEXT NOT NULL,        -- of folded, a space between; pairs are quick to make again
    context_words TEXT NOT NULL -- of context
);
CREATE INDEX passages_by_file ON passages (source, file);
CREATE INDEX passages_by_document ON passages (document);
"""

_STATE = "size, mtime_ns, settled, hash, version, documents, encoding, problem"
_COLUMNS = "id, document, source, file, title, section, role, text, spans, unit, first, last"


@dataclass(frozen=True, slots=True)
class FileState:
    """What the manifest knows of a file."""

    size: int
    mtime_ns: int
    settled: bool  # it was not changed just before it was read: the stamp can be trusted
    hash: str = ""
    version: str = ""  # of the code that read it
    documents: int = 0
    encoding: str = ""  # as the text was taken to be
    problem: str = ""  # why nothing could be read

    @classmethod
    def unreadable(cls, problem: str) -> FileState:
        """Return the state of a file that may not be opened at all."""
        return cls(-1, 0, settled=True, problem=problem)

    @property
    def is_unreadable(self) -> bool:
        """Whether the file could not even be opened."""
        return self.size < 0


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage and what search needs of it."""

    passage: Passage
    folded: str
    context: str  # what it takes for granted (title, headings, place, date), folded
    words: tuple[str, ...]  # of `folded`
    context_words: tuple[str, ...]


class Store:
    """The store in `folder`.  Thread-safe; several processes may share it.

    Raises StoreUnusable if the folder can be neither read nor written.  Where it can only
    be read, `writable` is False, and what it holds can still be searched.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "store.sqlite"
        self._changed = False
        self._lock = threading.RLock()
        self.writable = True
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = self._open()
        except (OSError, sqlite3.Error) as error:
            self._db = self._open_read_only(error)
            self.writable = False

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._throw_away()
            return self._connect()

    def _throw_away(self) -> None:
        """Remove a file that is no database, or a broken one: all in it can be read anew."""
        for name in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + name).unlink(missing_ok=True)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=60, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(db)
        except sqlite3.Error:
            db.close()
            raise
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode = WAL")
        # A power cut may lose the last refresh, which is then simply repeated.
        db.execute("PRAGMA synchronous = NORMAL")
        if _layout(db) == LAYOUT:
            return
        db.execute("BEGIN IMMEDIATE")
        if _layout(db) != LAYOUT:  # another process may have been faster
            tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                db.execute(f'DROP TABLE "{table}"')
            for statement in SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {LAYOUT}")
        db.execute("COMMIT")

    def _open_read_only(self, error: Exception) -> sqlite3.Connection:
        with suppress(sqlite3.Error):
            db = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro&immutable=1",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            with suppress(sqlite3.Error):
                if _layout(db) == LAYOUT:
                    return db
            db.close()
        raise StoreUnusable(
            f"{self._path.parent}: the index cannot be written ({error}); "
            "allow writing there, or name another folder under `index:`"
        ) from error

    # --- reading --------------------------------------------------------------------------------

    def generation(self) -> int:
        """Return a number that grows with every change, whichever process makes it."""
        return int(self._rows("SELECT generation FROM state")[0][0])

    def manifest(self) -> dict[tuple[str, str], FileState]:
        """Return what is known of each file, by source and path inside it."""
        rows = self._rows(
            f"SELECT source, file, {_STATE} FROM files"  # noqa: S608
        )
        return {(row[0], row[1]): _file_state(row[2:]) for row in rows}

    def state(self, source: str, file: str) -> FileState | None:
        """Return what the manifest knows of one file."""
        rows = self._rows(
            f"SELECT {_STATE} FROM files WHERE source = ? AND file = ?",  # noqa: S608
            (source, file),
        )
        return _file_state(rows[0]) if rows else None

    def problems(self) -> list[tuple[str, str, str]]:
        """Return `(source, file, why)` of the files that could not be read, in order."""
        return self._rows(
            "SELECT source, file, problem FROM files WHERE problem <> '' ORDER BY source, file"
        )

    def text(self, source: str, file: str) -> str | None:
        """Return the text that was taken out of a file, if its text is not its own."""
        rows = self._rows("SELECT text FROM texts WHERE source = ? AND file = ?", (source, file))
        return rows[0][0] if rows else None

    def average_length(self) -> float:
        """Return how many characters a passage has on average, folded."""
        return float(self._rows("SELECT avg(length(folded)) FROM passages")[0][0] or 1)

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return the passages with these ids, in the order given; unknown ids are left out."""
        marks = ",".join("?" * len(ids))
        rows = self._rows(
            f"SELECT {_COLUMNS}, folded, context, words, context_words"  # noqa: S608
            f" FROM passages WHERE id IN ({marks})",
            ids,
        )
        found = {row[0]: _stored(row) for row in rows}
        return [found[id] for id in ids if id in found]

    def document_text(self, document: str) -> str:
        """Return the folded text of a whole document, its context included."""
        rows = self._rows(
            "SELECT context || char(10) || folded FROM passages WHERE document = ?",
            (document,),
        )
        return "\n".join(row[0] for row in rows)

    def passage_counts(self) -> dict[tuple[str, str], int]:
        """Return how many passages each file has."""
        rows = self._rows("SELECT source, file, count(*) FROM passages GROUP BY source, file")
        return {(source, file): count for source, file, count in rows}

    def batches(self) -> Iterator[Batch]:
        """Yield what an engine has to hold, file by file."""
        rows = self._rows(
            "SELECT source, file, id, folded, words, context, context_words FROM passages"
            " ORDER BY source, file"
        )
        for (source, file), group in groupby(rows, key=lambda row: (row[0], row[1])):
            entries = tuple(Entry(row[2], _terms(*row[3:])) for row in group)
            yield Batch(source, file, entries)

    def _rows(self, query: str, values: Sequence[str] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._db.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            raise self._unusable("read", error) from error
        except sqlite3.DatabaseError as error:
            self._db.close()
            self._throw_away()
            self._db = self._connect()
            raise StoreUnusable(
                f"{self._path} was damaged ({error}); it is made anew: ask again"
            ) from error

    def _unusable(self, what: str, error: Exception) -> StoreUnusable:
        return StoreUnusable(f"{self.folder}: the index cannot be {what} ({error})")

    # --- writing --------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make all changes inside one step: either all of them are kept, or none.

        Raises StoreUnusable, all as before, where they cannot be written.
        """
        with self._lock:
            self._changed = False
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                if self._changed:
                    self._db.execute("UPDATE state SET generation = generation + 1")
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._unusable("written", error) from error
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def put(
        self, source: str, file: str, state: FileState, passages: Collection[StoredPassage] = ()
    ) -> None:
        """Replace all that is known of a file."""
        self.forget(source, file)
        self._changed = True
        self._db.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                state.problem,
            ),
        )
        self._db.executemany(
            f"INSERT INTO passages VALUES ({','.join('?' * 16)})",  # noqa: S608
            map(_row, passages),
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
        for table in ("files", "texts", "passages"):
            dropped = self._db.execute(
                f"DELETE FROM {table} WHERE source = ? AND file = ?",  # noqa: S608
                (source, file),
            )
            self._changed = self._changed or dropped.rowcount > 0

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _file_state(row: tuple[Any, ...]) -> FileState:
    size, mtime_ns, settled, *rest = row
    return FileState(size, mtime_ns, bool(settled), *rest)


def _layout(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _row(stored: StoredPassage) -> tuple[str | int, ...]:
    p = stored.passage
    return (
        p.id,
        p.source,
        p.file,
        p.document,
        p.title,
        json.dumps(p.section, ensure_ascii=False),
        p.role.value,
        p.text,
        json.dumps(p.spans),
        p.place.unit,
        p.place.first,
        p.place.last,
        stored.folded,
        stored.context,
        " ".join(stored.words),
        " ".join(stored.context_words),
    )


def _stored(row: tuple[str | int, ...]) -> StoredPassage:
    id, document, source, file, title, section, role, text, spans, unit, first, last = row[:12]
    passage = Passage(
        id=str(id),
        document=str(document),
        source=str(source),
        file=str(file),
        title=str(title),
        section=tuple(json.loads(str(section))),
        role=Role(str(role)),
        text=str(text),
        spans=tuple((start, end) for start, end in json.loads(str(spans))),
        place=Place(cast(Unit, unit), int(first), int(last)),
    )
    folded, context, words, context_words = map(str, row[12:])
    return StoredPassage(
        passage, folded, context, tuple(words.split()), tuple(context_words.split())
    )


def batch(source: str, file: str, passages: Sequence[StoredPassage]) -> Batch:
    """Return what an engine has to hold for a file."""
    return Batch(
        source,
        file,
        tuple(
            Entry(
                p.passage.id,
                _terms(p.folded, " ".join(p.words), p.context, " ".join(p.context_words)),
            )
            for p in passages
        ),
    )


def _terms(folded: str, words: str, context: str, context_words: str) -> dict[Field, Sequence[str]]:
    text = Folded(folded)
    return {
        Field.WORD: words.split(),
        Field.GRAM: [term.text for term in bigrams(text)],
        Field.CHAR: [term.text for term in characters(text)],
        Field.CONTEXT: context_words.split() + [t.text for t in bigrams(Folded(context))],
    }
