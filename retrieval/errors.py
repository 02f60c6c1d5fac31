"""What can go wrong in retrieval, and who is expected to care.

* RetrievalError
  - UnreadableFile  one file could not be read: it is reported, the others go on
  - UnknownSource   a question was limited to a source that does not exist
  - StoreUnusable   the folder of the index can be neither read nor written

Every message is one sentence for the owner: what, where, and what to do.
"Nothing found" is no error but an answer.
"""

from __future__ import annotations

from pathlib import Path


class RetrievalError(Exception):
    """Base class of every error that this package raises on purpose."""


class UnreadableFile(RetrievalError):
    """A file exists, but no text can be taken from it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}".encode("utf-8", "backslashreplace").decode())
        self.path = path
        self.reason = reason


class UnknownSource(RetrievalError):
    """A question was limited to a source that the library does not have."""


class StoreUnusable(RetrievalError):
    """The folder of the index can be neither read nor written."""
