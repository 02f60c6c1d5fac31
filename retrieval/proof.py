"""Quote against file: shows that a quote stands in its source, now.

In: the record of a quote (no text, only hashes and slices) and its file.  Out: whether the
very words still stand there, stand elsewhere in the file, or are gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from retrieval.answers import Quote
from retrieval.blocks import Place, Reading, Span, join, line_at
from retrieval.sources import parse, read_bytes

if TYPE_CHECKING:
    from retrieval.ocr import Ocr


class Record(Struct, frozen=True):
    """What is kept of a quote that was given: enough to prove it, none of its words."""

    id: str
    source: str
    file: str
    file_hash: str
    spans: tuple[Span, ...]
    length: int  # of its text, in characters that are no white space
    text_hash: str

    @classmethod
    def of(cls, quote: Quote) -> Record:
        """Return the record of a quote."""
        cited = quote.citation
        return cls(
            quote.id,
            cited.source,
            cited.file,
            quote.file_hash,
            quote.spans,
            len("".join(quote.text.split())),
            text_hash(quote.text),
        )


class Standing(StrEnum):
    """Where the words of a quote are now."""

    SAME = "same"  # the file is the one that was quoted
    STILL = "still"  # the file was changed, the words stand where they stood
    MOVED = "moved"  # they stand elsewhere in the file
    GONE = "gone"  # the file does not hold them any more


class Proof(Struct, frozen=True):
    """The outcome of a check: and where and how the words stand, if they do."""

    standing: Standing
    text: str = ""
    place: Place | None = None


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text's characters other than white space."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()


def check(record: Record, path: Path, ocr: Ocr | None = None) -> Proof:
    """Cut a quote out of its file again.  Raises UnreadableFile if that cannot be read."""
    data = read_bytes(path)
    reading = parse(path, data, ocr)
    now = join(reading.text, record.spans)
    if text_hash(now) == record.text_hash:
        same = hashlib.sha256(data).hexdigest() == record.file_hash
        place = _place(reading, record.spans)
        return Proof(Standing.SAME if same else Standing.STILL, now, place)
    return _found_elsewhere(record, reading) or Proof(Standing.GONE)


def _found_elsewhere(record: Record, reading: Reading) -> Proof | None:
    """Look for the words at every place of the text: only their hash is known."""
    text = reading.text
    places = [i for i, character in enumerate(text) if not character.isspace()]
    bare = "".join(text[i] for i in places)
    for first in range(len(bare) - record.length + 1):
        if text_hash(bare[first : first + record.length]) == record.text_hash:
            span = places[first], places[first + record.length - 1] + 1
            return Proof(Standing.MOVED, text[slice(*span)], _place(reading, [span]))
    return None


def _place(reading: Reading, spans: Sequence[Span]) -> Place:
    """Return where slices stand: in which lines or, in extracted text, on which page."""
    start, end = spans[0][0], spans[-1][1]
    if not reading.extracted:
        return Place("lines", line_at(reading.text, start), line_at(reading.text, end))
    held = [b.place for b in reading.blocks if b.spans[0][0] < end and b.spans[-1][1] > start]
    return replace(held[0], last=held[-1].last)


def is_verbatim(quote: Quote, text: str) -> bool:
    """Return whether a quote is what its slices of `text` say, white space aside."""
    return "".join(join(text, quote.spans).split()) == "".join(quote.text.split())
