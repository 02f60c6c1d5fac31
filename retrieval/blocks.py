"""What a reader makes of a file: its text, and the blocks that the text consists of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from retrieval.patterns import regex

Span = tuple[int, int]
"""A slice `[start, end)` in characters."""

DATE = regex(r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日")


class Role(StrEnum):
    """What a block is to its page."""

    BODY = "body"
    HEADING = "heading"
    BYLINE = "byline"  # who wrote, edited, photographed; where it was taken from
    CAPTION = "caption"  # the words under a photograph
    CONTENTS = "contents"  # the headings of a document, one below the other
    NOTICE = "notice"  # advertisement, column label, page head: kept, rarely an answer


Unit = Literal["lines", "page", "slide", "row", "chapter", "part"]
"""What places are counted in: lines of a text, pages of a PDF, slides, rows of a sheet,
chapters of a book, or (where a format knows no such thing) paragraphs."""


class Place(Struct, frozen=True):
    """Where in its file a piece of text stands; both ends count from 1 and are included."""

    unit: Unit
    first: int
    last: int

    def as_json(self) -> dict[str, int | list[int]]:
        """Return `{"lines": [3, 5]}`, `{"page": 2}` or, over several, `{"page": 2, "last": 4}`."""
        if self.unit == "lines":
            return {"lines": [self.first, self.last]}
        told: dict[str, int | list[int]] = {self.unit: self.first}
        return told | {"last": self.last} if self.last > self.first else told


class Repeat(Struct, frozen=True):
    """Where a file says the words of a block, or the last or first of them, once more."""

    place: Place
    spans: tuple[Span, ...]


class Block(Struct, frozen=True):
    """A heading or a paragraph: slices of the text of its file, in reading order."""

    spans: tuple[Span, ...]
    place: Place
    level: int = 0  # 0 is no heading; 1 to 6 as in HTML
    role: Role = Role.BODY
    label: str = ""  # the number of a clause: 第七条; of a row, what its columns are called
    also: tuple[Repeat, ...] = ()
    row: bool = False  # of a table: a passage of its own, whatever stands around it

    def followed_by(self, other: Block) -> Block:
        """Return this block with the slices of a later one added."""
        return replace(
            self,
            spans=(*self.spans, *other.spans),
            place=replace(self.place, last=other.place.last),
            also=(*self.also, *other.also),
        )


class Reading(Struct, frozen=True):
    """The whole text of a file, line ends untouched, and the blocks it consists of.

    `raw` says that the blocks are the lines as they came, and no author said which of them
    are paragraphs and headings: `mending` has to find out.  `extracted` says that the text is not
    the file's own characters but was taken out of it (PDF, Office): it is kept beside the
    index, and quotes are cut from there.
    """

    text: str
    blocks: tuple[Block, ...]
    raw: bool = False
    extracted: bool = False
    title: str = ""  # as the file's own fields have it; "" where they do not
    encoding: str = ""  # of a text file, as it was taken: "utf-8", "gb18030"; "" for others
    problem: str = ""  # what of the file could not be read, as a sentence; "" where all of it was


class NotReadable(ValueError):
    """The bytes are not what the file's name promises; the message says what to do."""


def line_at(text: str, position: int) -> int:
    """Return the number, from 1, of the line that a position stands in."""
    ends = text.count("\n", 0, position) + text.count("\r", 0, position)
    return 1 + ends - text.count("\r\n", 0, position)


def join(text: str, spans: Iterable[Span]) -> str:
    """Return the slices of `text` as one.

    Between them stands a line end where a sentence had ended, a space between Latin words,
    and nothing within a Chinese sentence.
    """
    joined = ""
    for start, end in spans:
        piece = text[start:end]
        if joined and joined[-1] in "。；：！？":
            joined += "\n"
        elif joined and joined[-1].isascii() and piece[:1].isascii():
            joined += " "
        joined += piece
    return joined
