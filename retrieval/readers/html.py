"""HTML to its text: headings, paragraphs, list items and table rows, one block each.

In: the bytes of a page.  Out: a Reading whose text is what a visitor of the page sees, a block a
line (a `<br>` breaks the line inside its block); markup, scripts and the frame of the site are
left out.  `pieces_of` does the same for a page that is characters already, as in mails and books.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree
from msgspec import Struct

from retrieval.blocks import Block, NotReadable, Place, Reading, Role, Span, Unit
from retrieval.readers.plain import decode_declared

CELL = " ｜ "  # between the cells of a table's row

_UNSEEN = frozenset(
    "script style noscript template head title iframe object svg math select textarea".split()
)
_FRAME = frozenset("nav header footer aside".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol option p"
    " pre section summary table tbody tfoot thead tr ul".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_CELLS = frozenset(("td", "th"))
_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)=["']?([\w.:-]+)""", re.I
)
_SPACE = re.compile(r"[ \t\r\n\f]+")


class Piece(Struct, frozen=True):
    """A block before its place is known: its lines, none of them blank, and what it is."""

    lines: tuple[str, ...]
    level: int = 0
    role: Role = Role.BODY
    row: bool = False  # of a table


def read(data: bytes) -> Reading:
    """Read a page; raise NotReadable if its bytes are no text.  Malformed markup is no error."""
    declared = _CHARSET.search(data[:4096])
    page, encoding = decode_declared(data, declared[1].decode("ascii") if declared else "")
    title, pieces = pieces_of(page)
    text, blocks = laid_out(enumerate(pieces, 1), "part")
    return Reading(text, blocks, extracted=True, title=title, encoding=encoding)


def pieces_of(page: str) -> tuple[str, list[Piece]]:
    """Return a page's title ("" where it has none) and its pieces, in the order of the page.

    Raise NotReadable where the parser would leave out the rest of it.
    """
    # What the page declares about its encoding is no longer so: the parser is told.
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(page.encode("utf-8", "replace"), parser)
    except etree.LxmlError:  # nothing at all in it
        root = None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise NotReadable("has elements inside each other without end; save it as text")
    if root is None:
        return "", []
    walk = _Walk(framed=next(root.iter("main", "article"), None) is not None)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            walk.open(element)
        else:
            walk.close(element)
    walk.end_piece()
    named = (_one_line(element.text or "") for element in root.iter("title"))
    first = (" ".join(piece.lines) for piece in walk.pieces if piece.level == 1)
    return next(filter(None, named), "") or next(first, ""), walk.pieces


def laid_out(pieces: Iterable[tuple[int, Piece]], unit: Unit) -> tuple[str, tuple[Block, ...]]:
    """Return the text that numbered pieces make, a line each, and its blocks."""
    lines: list[str] = []
    blocks: list[Block] = []
    position = 0
    for number, piece in pieces:
        spans: list[Span] = []
        for line in piece.lines:
            spans.append((position, position + len(line)))
            position += len(line) + 1
        lines.extend(piece.lines)
        place = Place(unit, number, number)
        blocks.append(Block(tuple(spans), place, piece.level, piece.role, row=piece.row))
    return "".join(f"{line}\n" for line in lines), tuple(blocks)


class _Walk(Struct):
    """A walk through the elements of a page, and the pieces found on the way."""

    framed: bool  # the page says which part of it is the text: what frames that can go
    pieces: list[Piece] = []
    words: list[str] = []  # of the piece that is being gathered
    unseen: int = 0  # how many of the open elements are inside one that no one sees
    content: int = 0  # of the open elements, how many are <main> or <article>
    preformatted: int = 0
    rows: list[etree._Element] = []  # the open <tr>, innermost last
    inside: list[str] = []  # the open headings and captions

    def open(self, element: etree._Element) -> None:
        tag = element.tag
        if self.unseen or self._is_unseen(element, tag):
            self.unseen += 1
            return
        self._boundary(tag)
        self.content += tag in ("main", "article")
        self.preformatted += tag == "pre"
        if tag == "tr" and _is_row(element):
            self.rows.append(element)
        if tag in _HEADINGS or tag == "figcaption":
            self.inside.append(tag)
        if tag == "br":
            self.words.append("\n")
        self._add(element.text)

    def close(self, element: etree._Element) -> None:
        tag = element.tag
        if self.unseen:
            self.unseen -= 1
        else:
            if self.rows and self.rows[-1] is element:
                self.end_piece()
                self.rows.pop()
            self._boundary(tag)
            self.content -= tag in ("main", "article")
            self.preformatted -= tag == "pre"
            if tag in _HEADINGS or tag == "figcaption":
                self.inside.pop()
        if not self.unseen:
            self._add(element.tail)

    def end_piece(self) -> None:
        """Make a piece of the words gathered, if there are any."""
        if self.rows:
            cells = (_one_line(cell) for cell in "".join(self.words).split("\0"))
            lines = [CELL.join(filter(None, cells))]
        else:
            lines = [_one_line(line) for line in "".join(self.words).split("\n")]
        self.words.clear()
        if not any(lines):
            return
        tag = self.inside[-1] if self.inside else ""
        level = int(tag[1]) if tag in _HEADINGS else 0
        role = Role.HEADING if level else Role.CAPTION if tag else Role.BODY
        self.pieces.append(Piece(tuple(filter(None, lines)), level, role, bool(self.rows)))

    def _is_unseen(self, element: etree._Element, tag: str) -> bool:
        if tag in _UNSEEN or "hidden" in element.attrib:
            return True
        # The head of an article bears its title; that of the site, its menus.
        return self.framed and tag in _FRAME and (not self.content or tag in ("nav", "aside"))

    def _boundary(self, tag: str) -> None:
        if not self.rows:
            if tag in _BLOCKS or tag in _CELLS:
                self.end_piece()
        elif tag in _CELLS:
            self.words.append("\0")
        elif tag in _BLOCKS:
            self.words.append("\n")

    def _add(self, words: str | None) -> None:
        if words:
            words = words.replace("\0", "")
            self.words.append(words if self.preformatted else _SPACE.sub(_joint, words))


def _joint(space: re.Match[str]) -> str:
    """Return what white space of the source is on the page; a wrap between Chinese is nothing."""
    before = space.string[space.start() - 1 : space.start()]
    after = space.string[space.end() : space.end() + 1]
    wraps = "\n" in space[0] or "\r" in space[0]
    return "" if wraps and not (before + after).isascii() else " "


def _one_line(words: str) -> str:
    return _SPACE.sub(" ", words).strip()


def _is_row(element: etree._Element) -> bool:
    """Return whether a `<tr>` is a row of data; many an old page is laid out with tables."""
    return not any(
        inner.tag == "table" or inner.tag in _HEADINGS or _paragraphs(inner) > 1
        for inner in element.iter("table", "td", "th", *_HEADINGS)
    )


def _paragraphs(cell: etree._Element) -> int:
    return sum(child.tag in ("p", "div", "ul", "ol") for child in cell)
