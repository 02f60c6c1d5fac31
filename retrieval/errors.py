"""What can go wrong in retrieval, and who is expected to care.

* RetrievalError
  - UnreadableFile  one file could not be read: it is reported, the others go on
  - UnknownSource   a question was limited to a source that does not exist
  - StoreUnusable   the folder of the index can be neither read nor written
    - StoreBusy     another process is writing it just now: what was there before answers
  - Refused         a new index loses too many known answers: the old one stays
  - SearchUnavailable  the cluster does not answer, or not as it should: later it may

Every message is one sentence for the owner: what, where, and what to do.
"Nothing found" is no error but an answer.
"""

from __future__ import annotations

from pathlib import Path

from retrieval.patterns import regex

_UNSEEN = regex("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def on_one_line(text: str) -> str:
    """Return a text that may hold a file's name with what would break its line replaced."""
    return _UNSEEN.sub("\ufffd", text)


class RetrievalError(Exception):
    """Base class of every error that this package raises on purpose."""


class UnreadableFile(RetrievalError):
    """A file exists, but no text can be taken from it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(on_one_line(f"{path}: {reason}"))
        self.path = path
        self.reason = reason


class UnknownSource(RetrievalError):
    """A question was limited to a source that the library does not have."""


class StoreUnusable(RetrievalError):
    """The folder of the index can be neither read nor written."""


class StoreBusy(StoreUnusable):
    """Another process is changing the index."""


class Refused(RetrievalError):
    """A new index loses too many known answers."""

    def __init__(self, message: str, lost: tuple[str, ...]) -> None:
        super().__init__(message)
        self.lost = lost  # the questions


class SearchUnavailable(RetrievalError):
    """Nothing can be searched just now: the cluster does not answer."""
