"""What was read, kept between runs: files, passages, folded texts and terms, in one SQLite file.

In: files as they are read.  Out: the manifest (is a file unchanged?), passages by id, and
the batches an engine is filled from.  Everything here can be made anew from the documents,
so a damaged store, or one of another version, is simply thrown away.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from retrieval.engines import Batch
from retrieval.entries import Entries, code_version
from retrieval.errors import StoreBusy, StoreUnusable
from retrieval.packing import Packed, packed, unpacked
from retrieval.packing import StoredPassage as StoredPassage  # "as": for others to import from here
from retrieval.terms import Analyzer
from retrieval.walking import Found

LAYOUT = 9  # raise it whenever SCHEMA changes
FILE = f"store-{LAYOUT}.sqlite"  # one of another layout answers its program until this is complete
OTHERS = re.compile(r"store(-\d+)?\.sqlite(-wal|-shm)?")
PATIENCE = 1.0  # seconds to wait for another process that is changing the store
MANY = 100_000  # characters: to cut more, it pays to load what cuts fast
Read = TypeVar("Read")

SCHEMA = """
CREATE TABLE state (
    generation INTEGER NOT NULL,
    store TEXT NOT NULL         -- unlike that of any other store
);
INSERT INTO state VALUES (0, hex(randomblob(8)));
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
    date TEXT NOT NULL,         -- of its documents, as printed, or ''
    problem TEXT NOT NULL,      -- why it, or some of it, could not be read, or ''
    passages INTEGER NOT NULL,
    characters INTEGER NOT NULL, -- of its passages, folded
    generation INTEGER NOT NULL, -- that it is part of since its content changed
    PRIMARY KEY (source, file)
) WITHOUT ROWID;
CREATE TABLE gone (             -- files that were forgotten
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    generation INTEGER NOT NULL, -- since which they are
    PRIMARY KEY (source, file)
) WITHOUT ROWID;
CREATE TABLE texts (            -- of files whose text is not their own characters
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (source, file)
) WITHOUT ROWID;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    title TEXT NOT NULL,
    shared BLOB NOT NULL        -- its passages are like this
);
CREATE INDEX documents_by_id ON documents (id);
CREATE INDEX documents_by_file ON documents (source, file);
CREATE TABLE passages (
    key INTEGER PRIMARY KEY,    -- its document's number, then its own: see NUMBERS
    packed BLOB NOT NULL        -- see packing
);
"""

NUMBERS = 1 << 24  # more than there are passages in a document
_OF_DOCUMENT = f"p.key BETWEEN d.number * {NUMBERS} AND d.number * {NUMBERS} + {NUMBERS - 1}"

_STATE = "size, mtime_ns, settled, hash, version, documents, encoding, date, problem"
UNREADABLE = -1  # the size of a file that may not be opened
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


class Store:
    """The store in `folder`.  Thread-safe; several processes may share it.

    Raises StoreUnusable if the folder can be neither read nor written.  Where it can only
    be read, `writable` is False, and what it holds can still be searched.

    Nobody who reads waits for anybody who writes: there is a connection for either, and only
    the thread that is `changing` the store sees its changes before they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / FILE
        self._changed = False
        self._busy = False  # another process was writing when this one wanted to
        self._lock = threading.RLock()  # of the connection that writes
        self._reading = threading.RLock()  # of the other one
        self._changer: int | None = None  # the thread that is changing the store
        self.writable = True
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._open()
        except (OSError, sqlite3.Error) as error:
            self._db = self._reader = self._open_read_only(error)
            self.writable = False

    def _open(self) -> None:
        try:
            self._connect()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # damaged names are no text
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._throw_away()
            self._connect()

    def _throw_away(self) -> None:
        """Remove a file that is no database, or a broken one: all in it can be read anew."""
        for name in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + name).unlink(missing_ok=True)

    def _connect(self) -> None:
        self._db = self._connection()
        try:
            self._prepare(self._db)
            self._reader = self._connection()
        except (sqlite3.Error, UnicodeDecodeError):
            self._db.close()
            raise

    def _connection(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )

    def _prepare(self, db: sqlite3.Connection) -> None:
        _keep_log(db)
        # A power cut may lose the last refresh, which is then simply repeated.
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")  # see tidy
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

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See the same state of the store all the time, whatever others make of it."""
        if self._changer == threading.get_ident() or not self.writable:
            yield
            return
        with self._reading:
            nested = self._reader.in_transaction
            if not nested:
                self._reader.execute("BEGIN")
            try:
                yield
            finally:
                if not nested and self._reader.in_transaction:
                    self._reader.execute("COMMIT")

    def generation(self) -> int:
        """Return a number that grows with every change, whichever process makes it."""
        return int(self._rows("SELECT generation FROM state")[0][0])

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

    def _rows(self, query: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        return self._read(query, values, tuple)

    def _read(
        self, query: str, values: Sequence[str | int], read: Callable[[tuple[Any, ...]], Read]
    ) -> list[Read]:
        own = self._changer == threading.get_ident()
        try:
            with self._lock if own else self._reading:
                db = self._db if own else self._reader
                return list(map(read, db.execute(query, values)))
        except (sqlite3.DatabaseError, zlib.error, ValueError, TypeError) as error:
            if not _is_damage(error):
                raise self._unusable("read", error) from error
            self._replace()
            raise StoreUnusable(
                f"{self._path} was damaged ({error}); it is made anew: ask again"
            ) from error

    def _replace(self) -> None:
        """Put an empty store into the place of a damaged one."""
        # Whoever is changing it will meet the damage as well.
        if self._lock.acquire(blocking=False):
            try:
                with self._reading:
                    self.close()
                    self._throw_away()
                    self._connect()
            finally:
                self._lock.release()

    def _unusable(self, what: str, error: Exception) -> StoreUnusable:
        return StoreUnusable(f"{self.folder}: the index cannot be {what} ({error})")

    # --- writing --------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make all changes inside one step: either all of them are kept, or none.

        Raises StoreUnusable, all as before, where they cannot be written.
        """
        with self._lock:
            if self._changer is not None:  # it is part of a larger step
                yield
                return
            try:
                self._begin()
                yield
                self.keep()
            except sqlite3.Error as error:
                raise self._unusable("written", error) from error
            finally:
                self._changer = None
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _begin(self) -> None:
        # Whoever has waited once need not wait again for the same process.
        self._db.execute(f"PRAGMA busy_timeout = {0 if self._busy else 1000 * PATIENCE:.0f}")
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._busy = False
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            self._busy = True
            raise StoreBusy(
                f"{self.folder}: another process is changing the index; "
                "until it is done, answers come from what was there before"
            ) from error
        self._changer = threading.get_ident()
        self._changed = False

    def number(self) -> None:
        """Give what was changed in this step the version that it will be kept as."""
        if self._changed:
            self._db.execute("UPDATE state SET generation = generation + 1")
            self._changed = False

    def keep(self) -> None:
        """Let all see what was changed in this step, from now on."""
        if self._db.in_transaction:
            self.number()
            self._db.execute("COMMIT")
            self._changer = None

    def tidy(self) -> None:
        """Move what was written to where it stays; it takes a while after large changes.

        Also remove the stores of other layouts, once this one holds anything.
        """
        if not self.writable:
            return
        with self._lock, suppress(sqlite3.Error):
            # Where others are reading, some is left for the next time.
            self._db.execute("PRAGMA busy_timeout = 0")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for path in self.folder.iterdir() if self.generation() else ():
            if OTHERS.fullmatch(path.name) and not path.name.startswith(FILE):
                with suppress(OSError):
                    path.unlink()

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

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
        self._db.close()


def _is_damage(error: Exception) -> bool:
    """Return whether an error tells of what stands in the file, and not of how it is reached."""
    if isinstance(error, sqlite3.OperationalError):
        # A column of another name, or a text that is none: its kind is SQLITE_ERROR, or not said.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return bool(code == sqlite3.SQLITE_ERROR)
    return not isinstance(error, sqlite3.ProgrammingError)


def _keep_log(db: sqlite3.Connection) -> None:
    """Have changes written to a log first; of two processes that make the file one has to wait."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:  # SQLite itself does not wait here
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _file_state(row: tuple[Any, ...]) -> FileState:
    size, mtime_ns, settled, *rest = row
    return FileState(size, mtime_ns, bool(settled), *rest)


def _stored(row: tuple[Any, ...]) -> StoredPassage:
    return unpacked(*row)


def _layout(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
