"""Quote against file: shows that a quote stands in its source, now.

In: the record of a quote (no text, only hashes and slices) and its file.  Out: whether the
very words still stand there, stand elsewhere in the file, or are gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from retrieval.answers import Quote
from retrieval.blocks import Place, Span, join
from retrieval.passages import Passage
from retrieval.sources import parse, read_bytes


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a quote that was given: enough to prove it, none of its words."""

    id: str
    source: str
    file: str
    file_hash: str
    spans: tuple[Span, ...]
    text_hash: str

    @classmethod
    def of(cls, quote: Quote) -> Record:
        """Return the record of a quote."""
        cited = quote.citation
        return cls(
            quote.id, cited.source, cited.file, quote.file_hash, quote.spans, text_hash(quote.text)
        )


class Standing(StrEnum):
    """Where the words of a quote are now."""

    SAME = "same"  # the file is the one that was quoted
    STILL = "still"  # the file was changed, the words stand where they stood
    MOVED = "moved"  # they stand elsewhere in the file
    GONE = "gone"  # the file does not hold them any more


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of a check: and where and how the words stand, if they do."""

    standing: Standing
    text: str = ""
    place: Place | None = None


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text's characters other than white space."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()


def check(record: Record, path: Path, passages: Callable[[], Iterable[Passage]]) -> Proof:
    """Cut a quote out of its file again.  Raises UnreadableFile if that cannot be read.

    `passages` reads the file anew into passages; it is called only if the words have moved.
    """
    data = read_bytes(path)
    text = parse(path, data).text
    now = join(text, record.spans)
    if text_hash(now) == record.text_hash:
        same = hashlib.sha256(data).hexdigest() == record.file_hash
        return Proof(Standing.SAME if same else Standing.STILL, now, _place(text, record.spans))
    for passage in passages():
        if text_hash(passage.text) == record.text_hash:
            return Proof(Standing.MOVED, passage.text, passage.place)
    return Proof(Standing.GONE)


def _place(text: str, spans: tuple[Span, ...]) -> Place:
    def line(at: int) -> int:
        before = text[:at]
        return before.count("\n") + before.replace("\r\n", "").count("\r") + 1

    return Place("lines", line(spans[0][0]), line(spans[-1][1]))


def is_verbatim(quote: Quote, text: str) -> bool:
    """Return whether a quote is what its slices of `text` say, white space aside."""
    return "".join(join(text, quote.spans).split()) == "".join(quote.text.split())
