"""Pieces of lines with their positions to lines in reading order, as PDF needs it.

In: for each page the pieces, in any order.  Out: lines, each knowing the edges of its column.
`body` leaves out running heads, footers and page numbers; `in_order` tells columns apart by the
gap between them and joins the pieces of a row.  No character is added but white space.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise, takewhile
from statistics import median, quantiles

from msgspec import Struct

_PAGE_NUMBER = re.compile(
    r"\W*(第?\s*\d{1,4}\s*页?|[ivxlc]{1,6}|page\s+\d+)(\W*(of|共|/)?\s*\d{1,4}\s*页?)?\W*", re.I
)


class Line(Struct):
    """A line of text, or a piece of one.  x grows to the right, y upwards; units are points."""

    text: str
    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    size: float = 0.0
    bold: bool = False
    cells: bool = False  # a row of a table
    left: float = 0.0  # the edges of its column
    right: float = 0.0

    def beside(self, y0: float, y1: float) -> bool:
        """Return whether this stands in one row with what reaches from `y0` to `y1`."""
        overlap = min(self.y1, y1) - max(self.y0, y0)
        return overlap > 0.5 * min(self.y1 - self.y0, y1 - y0)


# --- running heads---------------------------------------------------------------------------


def body(pages: list[list[Line]]) -> list[list[Line]]:
    """Return the pages without what stands at the same height on several of them."""
    edges = [(rows[:3], rows[3:][:-4:-1]) for rows in map(_rows, pages)]
    seen = Counter(
        key for edge in edges for key in {k for rows in edge for row in rows for k in _keys(row)}
    )
    often = 3 if len(pages) > 3 else 2

    def is_head(row: list[Line]) -> bool:
        return any(seen[key] >= often for key in _keys(row)) or (
            len(row) == 1 and _PAGE_NUMBER.fullmatch(row[0].text) is not None
        )

    kept = []
    for page, edge in zip(pages, edges, strict=True):
        gone: set[int] = set()
        for row in (row for rows in edge for row in takewhile(is_head, rows)):
            gone.update(id(piece) for piece in row)
        kept.append([piece for piece in page if id(piece) not in gone])
    return kept


def _keys(row: list[Line]) -> list[tuple[str, int]]:
    """Return what a row says, digits aside, and which page it counts, each with its height."""
    text = " ".join(p.text for p in row)
    says = [re.sub(r"[\d\s]|(?<=第)[一二三四五六七八九十]+", "", text)]
    says += [f"page {int(n) - row[0].page}" for n in re.findall(r"^\d{1,4}\b|\b\d{1,4}$", text)]
    height = (row[0].y0 + row[0].y1) / 2
    # Rounded in two ways: what is nearly at the same height is so in one of them.
    return [(s, n) for s in says for n in (int(height // 6), -int((height + 3) // 6) - 1)]


def _rows(pieces: list[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda p: -(p.y0 + p.y1)):
        if rows and rows[-1][0].beside(piece.y0, piece.y1):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.x0) for row in rows]


def _text(row: list[Line]) -> str:
    text, end = "", row[0].x1
    for piece in row:
        text += " " + piece.text if text and piece.x0 - end > 0.15 * piece.size else piece.text
        end = piece.x1
    return text


# --- 3: columns ---------------------------------------------------------------------------------


def in_order(pages: list[list[Line]]) -> list[Line]:
    """Return the lines of all pages in reading order."""
    gutter: float | None = None
    lines: list[Line] = []
    for page in pages:
        gutter = _gutter(page, gutter)
        lines += _lines(page, gutter)
    return lines


def _gutter(pieces: list[Line], known: float | None = None) -> float | None:
    """Return an x with columns at both sides; `known`, where a page goes on like the last."""
    if len(pieces) > 2000:  # a drawing, a map
        return None
    begins, ends = sorted(p.x0 for p in pieces), sorted(p.x1 for p in pieces)
    best, most = None, 3
    for x in sorted({math.ceil(p.x1) for p in pieces}):
        if min(bisect_left(ends, x + 1), len(begins) - bisect_right(begins, x)) <= most:
            continue
        paired = sum(_paired(*sides) for _, *sides in _bands(pieces, x))
        if paired > most:
            best, most = float(x), paired
    if best is None and known is not None:
        # The right column of the last page may be too short to show itself.
        crossing = sum(p.x0 < known < p.x1 for p in pieces)
        left = [p for p in pieces if p.x1 <= known]
        if 10 * crossing <= len(pieces) and left and _is_prose(left):
            return known
    return best


def _bands(pieces: list[Line], x: float) -> Iterator[tuple[list[Line], list[Line], list[Line]]]:
    """Yield, from above, what runs over x, and what stands under it to the left and right."""
    over: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for piece in sorted(pieces, key=lambda p: -p.y1):
        if piece.x0 < x - 1 and piece.x1 > x + 1:
            if left or right:
                yield over, left, right
                over, left, right = [], [], []
            over.append(piece)
        else:
            (left if piece.x1 <= x + 1 else right).append(piece)
    yield over, left, right


def _paired(left: list[Line], right: list[Line]) -> int:
    """Return how many lines of running text stand side by side; 0 for the cells of a table."""
    if min(len(left), len(right)) < 3:
        return 0
    if not (_is_prose(left) and _is_prose(right)):
        return 0
    low = max(min(p.y0 for p in side) for side in (left, right))
    high = min(max(p.y1 for p in side) for side in (left, right))
    return min(sum(low <= (p.y0 + p.y1) / 2 <= high for p in side) for side in (left, right))


def _is_prose(side: list[Line]) -> bool:
    widths = [p.x1 - p.x0 for p in side]
    return median(widths) >= max(8 * side[0].size, 0.5 * max(widths))


def _lines(pieces: list[Line], gutter: float | None) -> list[Line]:
    """Return the lines in reading order: down the left column, then down the right one."""
    if gutter is None:
        return _column(pieces)
    lines = []
    for over, left, right in _bands(pieces, gutter):
        if len(left) == len(right) == 1:
            lines += _column(over + left + right)
            continue
        lines += _column(over)
        for side in (left, right):
            lines += _lines(side, _gutter(side))
    return lines


def _column(pieces: list[Line]) -> list[Line]:
    lines = []
    for row in _rows(pieces):
        main = max(row, key=lambda p: len(p.text))
        x1 = max(p.x1 for p in row)
        bold = all(p.bold for p in row)
        cells = any(b.x0 - a.x1 > 1.5 * main.size for a, b in pairwise(row))
        lines.append(
            Line(_text(row), main.page, row[0].x0, main.y0, x1, main.y1, main.size, bold, cells)
        )
    if lines:
        left, right = min(p.x0 for p in lines), max(p.x1 for p in lines)
        if len(lines) > 4:  # a line or two may stick out
            right = quantiles((p.x1 for p in lines), n=10)[-1]
        for line in lines:
            line.left, line.right = left, right
    return lines
