"""The record of every quote that was shown, so that it can be proven later.

In: quotes as they are shown.  Out: the record behind an id.  One SQLite file beside the
index; the question is never written down.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

from retrieval.answers import Quote
from retrieval.proof import Record

log = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS quotes (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    file_hash TEXT NOT NULL,  -- SHA-256 of the file when it was quoted
    spans TEXT NOT NULL,      -- JSON: slices of the file's text
    length INTEGER NOT NULL,  -- of the quoted characters, white space aside
    text_hash TEXT NOT NULL   -- SHA-256 of these characters
) WITHOUT ROWID
"""


class JournalUnusable(Exception):
    """The record cannot be read; the message says why."""


class Journal:
    """The journal in `folder`.  Thread-safe; several processes may share it.

    A quote that cannot be recorded is logged and shown all the same.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.sqlite"
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    def record(self, quotes: Iterable[Quote]) -> None:
        """Put quotes on record; the same quote is recorded once."""
        rows = [
            (r.id, r.source, r.file, r.file_hash, json.dumps(r.spans), r.length, r.text_hash)
            for r in map(Record.of, quotes)
        ]
        if not rows:
            return
        with self._lock:
            try:
                with self._open() as db:
                    db.executemany(
                        "INSERT OR IGNORE INTO quotes VALUES (?, ?, ?, ?, ?, ?, ?)", rows
                    )
            except sqlite3.Error as error:
                log.warning("%s: quotes were not recorded (%s)", self._path, error)

    def find(self, id: str) -> Record | None:
        """Return the record of a quote, or None if no quote was given under this id."""
        if not self._path.exists():
            return None
        with self._lock:
            try:
                row = self._open().execute("SELECT * FROM quotes WHERE id = ?", (id,)).fetchone()
            except sqlite3.Error as error:
                raise JournalUnusable(f"{self._path}: cannot be read ({error})") from error
        if row is None:
            return None
        spans = tuple((start, end) for start, end in json.loads(row[4]))
        return Record(row[0], row[1], row[2], row[3], spans, row[5], row[6])

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            db = sqlite3.connect(self._path, timeout=10, check_same_thread=False)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute(SCHEMA)
            except sqlite3.Error:
                db.close()
                raise
            self._db = db
        return self._db
