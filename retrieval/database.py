"""The SQLite file that the store is in: made, opened, read, changed in steps, closed.

In: a folder, and queries.  Out: rows, and an error where the file cannot be read or written, or
somebody else is writing it.  Everything in it can be made anew from the documents, so a damaged
file, or one of another layout, is simply thrown away.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from retrieval.errors import StoreBusy, StoreUnusable

LAYOUT = 9  # raise it whenever SCHEMA changes
FILE = f"store-{LAYOUT}.sqlite"  # one of another layout answers its program until this is complete
OTHERS = re.compile(r"store(-\d+)?\.sqlite(-wal|-shm)?")
PATIENCE = 1.0  # seconds to wait for another process that is changing the store
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


class Database:
    """The file in `folder`.  Thread-safe; several processes may share it.

    Raises StoreUnusable if the folder can be neither read nor written.  Where it can only
    be read, `writable` is False, and what it holds can still be searched.

    Nobody who reads waits for anybody who writes: there is a connection for either, and only
    the thread that is `changing` the store sees its changes before they are kept.

    Store inherits from it: it reads with `_rows` and `_read`, writes to `_db`, and notes in
    `_changed` that it did.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / FILE
        self._changed = False  # something, in this step
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


def _layout(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
