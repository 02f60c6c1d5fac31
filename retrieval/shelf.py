"""What answering needs of what was read, wherever it is kept.

Out: passages by id, and what is known of their files and documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from retrieval.store import FileState, StoredPassage


class Shelf(Protocol):
    """What was read, as far as answering needs it.  Thread-safe."""

    def passages(self, ids: Sequence[str]) -> list[StoredPassage]:
        """Return the passages with these ids, in the order given; unknown ids are left out."""
        ...

    def documents(self) -> list[tuple[str, str, str, str]]:
        """Return `(id, source, file, title)` of each document, by id."""
        ...

    def document_text(self, document: str) -> str:
        """Return the folded text of a whole document, its context included."""
        ...

    def average_length(self) -> float:
        """Return how many characters a passage has on average, folded."""
        ...

    def state(self, source: str, file: str) -> FileState | None:
        """Return what is known of one file."""
        ...

    def text(self, source: str, file: str) -> str | None:
        """Return the text that was taken out of a file, if its text is not its own."""
        ...
