"""CSV and TSV: a row is a block, its values slices of the file's own text.

In: bytes in any encoding that plain text may have.  Out: a Reading whose blocks are rows with
their lines; a header row is a notice, and what it names labels the rows below.  Delimiters are
taken to be what makes the rows equally long; where nothing does, a line is one value.  Quotation
marks around a value are left out, and of two that stand for one within it, the second.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from retrieval.blocks import Block, Place, Reading, Role, Span
from retrieval.readers.plain import decode
from retrieval.readers.tables import is_sure_header, names_as_label

_DELIMITERS = (",", ";", "\t")
_SAMPLE = 200  # rows that the delimiter is told from
_EVEN = 0.9  # of them have to be equally long
_LINE_END = re.compile(r"\r\n|\n|\r")
_SENTENCE_ENDS = "。；：！？!?;."


class Field(NamedTuple):
    """A value without its quotation marks, and where the delimiter behind it stands."""

    value: tuple[Span, ...]  # several where a mark was doubled; none where it is empty
    end: int


def read(data: bytes) -> Reading:
    """Read a table of text; raise NotReadable if it is not text."""
    text, encoding = decode(data)
    delimiter = _delimiter(text)
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    names = _header(text, delimiter)
    role, label = Role.NOTICE if names else Role.BODY, ""
    blocks = []
    for row in _rows(text, delimiter):
        spans = _row_spans(text, row)
        first, last = (bisect_right(starts, at) for at in (spans[0][0], spans[-1][1]))
        blocks.append(Block(spans, Place("lines", first, last), 0, role, label, row=True))
        role, label = Role.BODY, names_as_label(names)
    return Reading(text, tuple(blocks), encoding=encoding)


def _delimiter(text: str) -> str:
    """Return what stands between values, or "" where the lines are one value each."""
    best, delimiter = (_EVEN, 1), ""
    for candidate in _DELIMITERS:
        widths = Counter(len(row) for row in islice(_rows(text, candidate), _SAMPLE))
        for width, rows in widths.most_common(1):
            if width > 1 and (rows / widths.total(), width) > best:
                best, delimiter = (rows / widths.total(), width), candidate
    return delimiter


def _header(text: str, delimiter: str) -> list[str]:
    """Return the names of the columns; nothing where the first row holds none."""
    sample = islice(_rows(text, delimiter), _SAMPLE)
    rows = [["".join(text[a:b] for a, b in f.value) for f in row] for row in sample]
    return rows[0] if is_sure_header(rows) else []


def _rows(text: str, delimiter: str) -> Iterator[list[Field]]:
    """Yield the fields of each row that holds a value."""
    if not text.strip(",;\t\r\n "):
        return
    stop = re.escape(delimiter)
    # A mark that is never closed before a delimiter or a line's end is a character like others.
    pattern = re.compile(
        rf'(?:"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"(?=[{stop}\r\n]|\Z)|(?P<bare>[^{stop}\r\n]*))'
        rf"(?P<end>\r\n|[{stop}\r\n]|\Z)"
    )
    row: list[Field] = []
    for match in pattern.finditer(text):
        kind = "bare" if match["quoted"] is None else "quoted"
        row.append(Field(_value(text, *match.span(kind), kind), match.start("end")))
        if not delimiter or match["end"] != delimiter:
            if any(field.value for field in row):
                yield row
            row = []


def _value(text: str, start: int, end: int, kind: str) -> tuple[Span, ...]:
    bare = text[start:end].strip()
    if not bare:
        return ()
    start += text[start:end].index(bare)
    end = start + len(bare)
    doubled = re.finditer('""', bare) if kind == "quoted" else ()
    seconds = [start + pair.start() + 1 for pair in doubled]
    pieces = zip([start, *(at + 1 for at in seconds)], [*seconds, end], strict=True)
    return tuple((a, b) for a, b in pieces if a < b)


def _row_spans(text: str, row: list[Field]) -> tuple[Span, ...]:
    """Return the slices of a row's values, with the delimiters that keep them apart.

    After the end of a sentence it would only be in the way: 年假几天？,五天。
    """
    spans: list[Span] = []
    before: Field | None = None
    for field in row:
        if not field.value:
            continue
        if before and text[spans[-1][1] - 1] not in _SENTENCE_ENDS:
            spans.append((before.end, before.end + 1))
        spans.extend(field.value)
        before = field
    merged: list[Span] = []
    for start, end in spans:
        if merged and not text[merged[-1][1] : start].strip(" \u3000"):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)
