"""What a reader makes of a file: its text, and the blocks that the text consists of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Span = tuple[int, int]
"""A slice `[start, end)` in characters."""


class Role(StrEnum):
    """What a block is to its page."""

    BODY = "body"
    HEADING = "heading"
    BYLINE = "byline"  # who wrote, edited, photographed; where it was taken from
    CAPTION = "caption"  # the words under a photograph
    NOTICE = "notice"  # advertisement, column label, page head: kept, rarely an answer


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its file a piece of text stands; both ends count from 1 and are included."""

    unit: Literal["lines", "page"]
    first: int
    last: int

    def as_json(self) -> dict[str, int | list[int]]:
        """Return `{"lines": [3, 5]}` or `{"page": 2}`."""
        if self.unit == "lines":
            return {"lines": [self.first, self.last]}
        return {self.unit: self.first}


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph: slices of the text of its file, in reading order."""

    spans: tuple[Span, ...]
    place: Place
    level: int = 0  # 0 is no heading; 1 to 6 as in HTML
    role: Role = Role.BODY


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole text of a file, line ends untouched, and the blocks it consists of.

    `raw` says that the blocks are the lines as they came, and no author said which of them
    are paragraphs and headings: `mending` has to find out.
    """

    text: str
    blocks: tuple[Block, ...]
    raw: bool = False


class NotReadable(ValueError):
    """The bytes are not what the file's name promises; the message says what to do."""


def line_at(text: str, position: int) -> int:
    """Return the number, from 1, of the line that a position stands in."""
    return 1 + len(re.findall(r"\r\n|\n|\r", text[:position]))


def join(text: str, spans: Iterable[Span]) -> str:
    """Return the slices of `text` as one: a space between Latin words, nothing in Chinese."""
    joined = ""
    for start, end in spans:
        piece = text[start:end]
        wants_space = joined[-1:].isascii() and piece[:1].isascii()
        joined += f" {piece}" if joined and wants_space else piece
    return joined
