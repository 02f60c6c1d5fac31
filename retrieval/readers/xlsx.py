"""Excel workbooks: a row is a block, each value with the name of its column.

In: the bytes of an .xlsx.  Out: a Reading of text taken out, places being the rows as Excel
numbers them.  Where there are several sheets, their names are headings; hidden sheets are
left out.  Formulas are read as what they came to when the workbook was saved.  What stands in a
cell over several rows counts for each of them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice

import openpyxl
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from retrieval.blocks import NotReadable, Place, Reading
from retrieval.readers.office import Extract, opened, tidy
from retrieval.readers.tables import Row, as_line, is_header, is_sure_header

_MOST_ROWS = 1_048_576  # that Excel allows; a damaged file may claim more
_MOST_CELLS = 50_000_000
_SAMPLE = 20  # rows that the header is told from

# 0.00, #,##0.00_);…, 0%, 000000: what can be said of a number's look in a line of code
_FORMAT = re.compile(r"(?:#,##)?(?P<digits>0+)(?:\.(?P<places>0+))?(?P<percent>%)?(?:[_;].*)?")

_ROWS_END = re.compile(rb"</(?:\w+:)?sheetData>")
_MERGED = re.compile(
    rb"""<(?:\w+:)?mergeCell\b[^<>]*?\bref=["']([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})["']"""
)

Line = tuple[int, list[str], bool]
"""A row's number, its cells, and whether all of them are bold."""


def read(data: bytes) -> Reading:
    """Read a workbook; raise NotReadable if it is none, protected or damaged."""
    with opened(data, "an Excel workbook (.xlsx)") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        extract = Extract()
        for sheet in sheets:
            _take_sheet(extract, sheet, named=len(sheets) > 1)
        return extract.reading(book.properties.title)


def _take_sheet(extract: Extract, sheet: ReadOnlyWorksheet, *, named: bool) -> None:
    lines = _lines(sheet)
    first = list(islice(lines, _SAMPLE))
    if named and first:
        extract.add(sheet.title, Place("row", first[0][0], first[0][0]), level=2)
    # A cell alone above the table is what the table is called.
    while len(first) > 1 and _filled(first[0]) == 1 < _filled(first[1]):
        number, cells, _ = first.pop(0)
        extract.add(as_line(cells), Place("row", number, number), level=3)
    names: Row = ()
    if _has_header(first):
        names = first.pop(0)[1]
    for number, cells, _ in _filled_down(chain(first, lines), _merged(sheet)):
        extract.add(as_line(cells, names), Place("row", number, number), row=True)


def _filled(line: Line) -> int:
    return sum(map(bool, line[1]))


def _has_header(lines: list[Line]) -> bool:
    """Return whether the first line names columns: two columns may as well be a form."""
    if len(lines) < 2 or not is_header(lines[0][1]):
        return False
    marked = lines[0][2] and not lines[1][2]
    table = len(lines) > 2 and _filled(lines[0]) > 2
    return marked or table or is_sure_header([cells for _, cells, _ in lines])


def _lines(sheet: ReadOnlyWorksheet) -> Iterator[Line]:
    """Yield the rows that hold something."""
    sheet.reset_dimensions()  # what a file says of its size may be wrong
    seen = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        seen += len(row)
        if number > _MOST_ROWS or seen > _MOST_CELLS:
            raise NotReadable("has more rows or cells than Excel allows; divide it")
        cells = [tidy(_shown(cell)) for cell in row]
        if any(cells):
            bold = all(cell.font.b for cell, text in zip(row, cells, strict=True) if text)
            yield number, cells, bold


def _merged(sheet: ReadOnlyWorksheet) -> dict[int, list[tuple[int, int]]]:
    """Return the cells over several rows: by their first row, the column and the last row."""
    # They are listed behind the rows, where openpyxl does not look if it reads row by row.
    tail, behind = b"", False
    with sheet._get_source() as xml:
        while chunk := xml.read(1 << 20):
            tail += chunk
            if not behind:
                end = _ROWS_END.search(tail)
                behind = end is not None
                tail = tail[end.end() if end else -40 :]
    merged: dict[int, list[tuple[int, int]]] = {}
    for column, first, last in _MERGED.findall(tail):
        if int(last) > int(first):
            index = column_index_from_string(column.decode()) - 1
            merged.setdefault(int(first), []).append((index, int(last)))
    return merged


def _filled_down(
    lines: Iterable[Line], merged: Mapping[int, list[tuple[int, int]]]
) -> Iterator[Line]:
    """Yield the rows, those within such a cell with what it says."""
    going_on: dict[int, tuple[int, str]] = {}  # column to last row and text
    for number, cells, bold in lines:
        going_on = {column: told for column, told in going_on.items() if told[0] >= number}
        cells += [""] * (max(going_on, default=0) + 1 - len(cells))
        for column, (_, text) in going_on.items():
            cells[column] = cells[column] or text
        for column, last in merged.get(number, ()):
            if column < len(cells):
                going_on[column] = last, cells[column]
        yield number, cells, bold


def _shown(cell: ReadOnlyCell) -> str:
    """Return a cell as the sheet shows it, dates as 2024-03-05."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return str(value.date()) if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, datetime.time):
        return value.isoformat("minutes")
    return str(value).replace("_x000D_", "")  # how Excel writes the carriage return of a cell


def _number(value: float, look: str | None) -> str:
    found = _FORMAT.fullmatch(look or "")
    if found and found["percent"]:
        return f"{value * 100:.{len(found['places'] or '')}f}%"
    if found and found["places"]:
        return f"{value:.{len(found['places'])}f}"
    if found and (len(found["digits"]) > 1 or not isinstance(value, int)):
        return f"{value:0{len(found['digits'])}.0f}"  # 000123, and 3 where 3.4 is shown so
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    # Fifteen digits are what Excel keeps: 0.1 + 0.2 is 0.3.
    return f"{value:.15g}" if 1e-4 <= abs(value) < 1e15 else str(value)
