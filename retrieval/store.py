"""What was read, kept between runs: files, passages, folded texts and terms, in one SQLite file.

In: files as they are read.  Out: the manifest (is a file unchanged?), passages by id, and
the batches an engine is filled from.  Everything here can be made anew from the documents,
so a damaged store, or one of another version, is simply thrown away.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar, cast

from retrieval.blocks import Place, Repeat, Role, Span, Unit
from retrieval.engines import Batch, Entry, Field
from retrieval.errors import StoreUnusable
from retrieval.packing import packed, read_spans, unpacked, written
from retrieval.passages import Passage
from retrieval.sounds import by_sound
from retrieval.terms import bigram_texts, character_texts

LAYOUT = 8  # raise it whenever SCHEMA changes
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
    common INTEGER NOT NULL,    -- characters of `common` that its passages are like
    about TEXT NOT NULL         -- of its first passage: those of the others are like it
);
CREATE INDEX documents_by_id ON documents (id);
CREATE INDEX documents_by_file ON documents (source, file);
CREATE TABLE common (
    text TEXT NOT NULL          -- of the first passages: it only grows
);
INSERT INTO common VALUES ('');
CREATE TABLE passages (         -- see packing
    document INTEGER NOT NULL,  -- its number
    number INTEGER NOT NULL,    -- with the id of the document, the passage's
    role TEXT NOT NULL,
    unit TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    folded BLOB NOT NULL,       -- the text as it is compared, like `common`
    text BLOB NOT NULL,         -- like folded
    about BLOB NOT NULL,        -- JSON: section, spans, context, its words, repeats; like the
                                -- document's
    words BLOB NOT NULL,        -- slices of folded; pairs are quick to make again
    PRIMARY KEY (document, number)
) WITHOUT ROWID;
"""

_STATE = "size, mtime_ns, settled, hash, version, documents, encoding, date, problem"
COMMON = 8_000  # characters
_COLUMNS = """d.id, source, file, title, common, d.about, p.number, role, unit, first, last, folded,
    text, p.about"""


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
    date: str = ""  # of its documents, as printed; " / " between several
    problem: str = ""  # why nothing, or not all of it, could be read

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
    """A passage and what search needs of it.

    Its words go into the store, and from there to engines only.
    """

    passage: Passage
    folded: str
    context: str  # what it takes for granted (title, headings, place, date), folded
    words: tuple[Span, ...] = ()  # slices of `folded`
    context_words: tuple[Span, ...] = ()  # slices of `context`


class Store:
    """The store in `folder`.  Thread-safe; several processes may share it.

    Raises StoreUnusable if the folder can be neither read nor written.  Where it can only
    be read, `writable` is False, and what it holds can still be searched.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "store.sqlite"
        self._changed = False
        self._common = ""
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

    def version(self) -> str:
        """Return a name of what is held now, unlike that of any other store or generation."""
        ((store, generation),) = self._rows("SELECT store, generation FROM state")
        return f"{store}-{_code()}:{generation}"

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
        wanted = [(head, int(tail)) for head, _, tail in parts if tail.isdecimal()]
        passages = self._read(
            f"SELECT {_COLUMNS} FROM json_each(?) w"  # noqa: S608
            " CROSS JOIN documents d ON d.id = json_extract(w.value, '$[0]')"
            " CROSS JOIN passages p"
            " ON p.document = d.number AND p.number = json_extract(w.value, '$[1]')",
            (json.dumps(wanted),),
            self._stored,
        )
        found = {stored.passage.id: stored for stored in passages}
        return [found[id] for id in ids if id in found]

    def documents(self) -> list[tuple[str, str, str, str]]:
        """Return `(id, source, file, title)` of each document, by id."""
        return self._rows("SELECT id, source, file, title FROM documents ORDER BY id")

    def document_text(self, document: str) -> str:
        """Return the folded text of a whole document, its context included."""
        passages = self._read(
            f"SELECT {_COLUMNS} FROM documents d JOIN passages p ON p.document = d.number"  # noqa: S608
            " WHERE d.id = ?",
            (document,),
            self._stored,
        )
        return "\n".join(f"{stored.context}\n{stored.folded}" for stored in passages)

    def passage_counts(self) -> dict[tuple[str, str], int]:
        """Return how many passages each file has."""
        rows = self._rows("SELECT source, file, passages FROM files WHERE passages > 0")
        return {(source, file): count for source, file, count in rows}

    def batches(self, since: int = 0) -> Iterator[Batch]:
        """Yield what an engine has to hold of the files changed after a generation."""
        files = self._rows(
            "SELECT source, file FROM files WHERE generation > ? AND passages > 0", (since,)
        )
        for source, file in files:
            passages = self._read(
                f"SELECT {_COLUMNS}, words"  # noqa: S608
                " FROM documents d JOIN passages p ON p.document = d.number"
                " WHERE source = ? AND file = ?",
                (source, file),
                self._stored,
            )
            yield batch(source, file, passages)

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
        try:
            with self._lock:
                return list(map(read, self._db.execute(query, values)))
        except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            raise self._unusable("read", error) from error
        except (sqlite3.DatabaseError, zlib.error, ValueError, TypeError) as error:
            self._db.close()
            self._throw_away()
            self._db, self._common = self._connect(), ""
            raise StoreUnusable(
                f"{self._path} was damaged ({error}); it is made anew: ask again"
            ) from error

    def _unusable(self, what: str, error: Exception) -> StoreUnusable:
        return StoreUnusable(f"{self.folder}: the index cannot be {what} ({error})")

    def _stored(self, row: tuple[Any, ...]) -> StoredPassage:
        document, source, file, title, common, like, number, role, unit, first, last = row[:11]
        folded = unpacked(row[11], like=self._shared(common))
        section, spans, context, context_words, also = json.loads(unpacked(row[13], like=like))
        passage = Passage(
            id=f"{document}:{number}",
            document=document,
            source=source,
            file=file,
            title=title,
            section=tuple(section),
            role=Role(role),
            text=unpacked(row[12], like=folded),
            spans=tuple((start, end) for start, end in spans),
            place=Place(cast(Unit, unit), first, last),
            also=tuple(
                Repeat(Place(*place), tuple((start, end) for start, end in again))
                for *place, again in also
            ),
        )
        if len(row) == 14:
            return StoredPassage(passage, folded, context)
        words = read_spans(unpacked(row[14]))
        return StoredPassage(passage, folded, context, words, read_spans(context_words))

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
                    self._common = ""

    def put(
        self, source: str, file: str, state: FileState, passages: Collection[StoredPassage] = ()
    ) -> None:
        """Replace all that is known of a file."""
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
                len(passages),
                sum(len(stored.folded) for stored in passages),
            ),
        )
        for id, document in groupby(passages, key=lambda stored: stored.passage.document):
            self._put_document(source, file, id, list(document))

    def _put_document(
        self, source: str, file: str, id: str, passages: Sequence[StoredPassage]
    ) -> None:
        about, common = _about(passages[0]), self._shared()
        cursor = self._db.execute(
            "INSERT INTO documents VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            (id, source, file, passages[0].passage.title, len(common), about),
        )
        self._db.executemany(
            f"INSERT INTO passages VALUES ({','.join('?' * 10)})",  # noqa: S608
            ((cursor.lastrowid, *_row(stored, common, about)) for stored in passages),
        )
        if len(common) < COMMON:
            more = "".join(stored.folded for stored in passages)[: COMMON - len(common)]
            self._db.execute("UPDATE common SET text = text || ?", (more,))

    def _shared(self, length: int = COMMON) -> str:
        """Return the text that passages are like, so much of it as there is."""
        if len(self._common) < length:
            self._common = self._rows("SELECT text FROM common")[0][0]
        return self._common if len(self._common) <= length else self._common[:length]

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
            "DELETE FROM passages WHERE document IN"
            " (SELECT number FROM documents WHERE source = ? AND file = ?)",
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
        self._db.close()


def _file_state(row: tuple[Any, ...]) -> FileState:
    size, mtime_ns, settled, *rest = row
    return FileState(size, mtime_ns, bool(settled), *rest)


@cache
def _code() -> str:
    """Return what changes when the terms of the same passages may."""
    folder = Path(__file__).parent
    code = (folder / name for name in ("store.py", "sounds.py", "sounds.txt"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in code)).hexdigest()[:8]


def _layout(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _about(stored: StoredPassage) -> str:
    section, spans = stored.passage.section, stored.passage.spans
    also = [(*astuple(again.place), again.spans) for again in stored.passage.also]
    about = (section, spans, stored.context, written(stored.context_words), also)
    return json.dumps(about, ensure_ascii=False)


def _row(stored: StoredPassage, common: str, about: str) -> tuple[str | int | bytes, ...]:
    passage, place = stored.passage, stored.passage.place
    return (
        int(passage.id.rpartition(":")[2]),
        passage.role.value,
        place.unit,
        place.first,
        place.last,
        packed(stored.folded, like=common),
        packed(passage.text, like=stored.folded),
        packed(_about(stored), like=about),
        packed(written(stored.words)),
    )


def batch(source: str, file: str, passages: Iterable[StoredPassage]) -> Batch:
    """Return what an engine has to hold for a file."""
    return Batch(source, file, tuple(Entry(p.passage.id, _terms(p)) for p in passages))


def _terms(stored: StoredPassage) -> dict[Field, Sequence[str]]:
    folded, context = stored.folded, stored.context
    heard = by_sound(f"{context}\n{folded}")
    return {
        Field.WORD: [folded[start:end] for start, end in stored.words],
        Field.GRAM: bigram_texts(folded),
        Field.CHAR: character_texts(folded),
        Field.SOUND: bigram_texts(heard, han_only=True),
        Field.CONTEXT: [context[start:end] for start, end in stored.context_words]
        + bigram_texts(context),
    }
