"""How a file was read, for its owner to look at: a line for each piece of it.

In: a file as it was read.  Out: lines, or objects for scripts.

    ═══ 5 of 5: 倾听、创新、守护,当好职工群众的“娘家人” ｜ 于长彬 ｜ lines 107–131
    notice    line 107        【履职手记】
    body      lines 125–127   …让职工感受到‹125⏎127›了工会的关心和支持。…    a joined sentence
    repeat    line 131        工会的关心和支持。…               says the piece above once more
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from bot.repl import PLAIN, printable
from bot.wording import place
from retrieval.blocks import Block, Place, Role, Span, join
from retrieval.errors import on_one_line
from retrieval.passages import Passage, cut
from retrieval.sources import Document, FileContent

_COLOURS = {
    "title": "\x1b[1;36m",
    "heading": "\x1b[36m",
    "byline": "\x1b[35m",
    "caption": "\x1b[32m",
    "notice": "\x1b[33m",
    "body": "",
    "contents": "\x1b[34m",
    "repeat": "\x1b[2m",
    "unread": "\x1b[2m",
}
_JOIN = "\x1b[1;31m"
_ROLE, _PLACE = 10, 16  # columns before the text
_UNBROKEN = re.compile(r"(?P<colour>\x1b\[[\d;]*m)|[!-~]+|[\s\S]")


def passage_json(passage: Passage) -> dict[str, Any]:
    """Return a passage in the form that scripts rely on: fields may be added, not changed."""
    return {
        "id": passage.id,
        "title": passage.title,
        "section": list(passage.section),
        "role": passage.role.value,
        "text": passage.text,
        "place": passage.place.as_json(),
        "spans": [list(span) for span in passage.spans],
        "also": [again.place.as_json() for again in passage.also],
    }


def drawn(content: FileContent, name: str, colour: bool, width: int = 0) -> Iterator[str]:
    """Yield what shows how the file `name` was read, a summary last.

    Texts are wrapped beside their labels where a `width`, in columns, is given.
    """
    sheet = _Sheet(content, colour)
    unread = [
        span for span in left_out(content) if any(map(str.isalnum, content.text[slice(*span)]))
    ]
    taken = f" (taken for {content.encoding})" if content.encoding else ""
    yield f"{on_one_line(name)}{taken}: documents: {len(content.documents)}"
    counts: Counter[str] = Counter()
    passages = characters = 0
    for number, document in enumerate(content.documents, 1):
        yield f"\n═══ {number} of {len(content.documents)}: {_about(document, name)}"
        for piece in _pieces(document, content.text):
            counts[piece.word] += 1
            passages += piece.quotable
            characters += len("".join(join(content.text, piece.spans).split())) * piece.quotable
            yield "\n".join(_wrapped(sheet.row(piece), width))
    if unread:
        yield "\n═══ part of no document:"
    for span in unread:
        counts["unread"] += 1
        yield "\n".join(_wrapped(sheet.row(_Piece("unread", sheet.lines(span), (span,))), width))
    words = ", ".join(f"{word}: {counts[word]}" for word in _COLOURS if counts[word])
    yield f"\npassages: {passages:,}, characters: {characters:,} ({words})"


def left_out(content: FileContent) -> Iterator[Span]:
    """Yield what is part of no document: the marks and comments of Markdown; no white space."""
    held = [s for d in content.documents for p in _pieces(d, content.text) for s in p.spans]
    at = 0
    for start, end in (*sorted(held), (len(content.text), len(content.text))):
        for line in re.finditer(r"\S(?:[^\r\n]*\S)?", content.text[at:start]):
            yield at + line.start(), at + line.end()
        at = max(at, end)


def _about(document: Document, name: str) -> str:
    """Return what a document is known by: title, author, date, lines."""
    title = document.title
    if title == Path(name).stem and not any(b.role is Role.HEADING for b in document.blocks):
        title += " (the file's name: no title was found)"
    places = [b.place for b in document.blocks]
    places += [again.place for b in document.blocks for again in b.also]
    whole = Place(places[0].unit, min(p.first for p in places), max(p.last for p in places))
    about = (title, document.byline, document.date, place("en", whole))
    return " ｜ ".join(on_one_line(text) for text in about if text)


class _Piece(Struct, frozen=True):
    """A row of the sheet."""

    word: str
    place: Place
    spans: tuple[Span, ...]
    level: int = 0
    quotable: bool = True  # it is a passage


def _pieces(document: Document, text: str) -> Iterator[_Piece]:
    """Yield a document's passages, headings and repeats in reading order."""
    passages = list(cut(document, text))
    for block in document.blocks:
        own = []
        while passages and _is_of(passages[0], block):
            own.append(passages.pop(0))
        word = "title" if block.level == 1 else block.role.value
        if not own:  # a heading with text below: it goes with that
            yield _Piece(word, block.place, block.spans, block.level, quotable=False)
        for passage in own:
            yield _Piece(word, passage.place, passage.spans, block.level)
            for again in passage.also:
                yield _Piece("repeat", again.place, again.spans, quotable=False)
    for passage in passages:  # the headings once more, as a list
        yield _Piece(passage.role.value, passage.place, passage.spans)


def _is_of(passage: Passage, block: Block) -> bool:
    start = passage.spans[0][0]
    return any(a <= start < b for a, b in block.spans)


class _Sheet:
    """Draws pieces: a word for the role, the place, the text with its joins."""

    def __init__(self, content: FileContent, colour: bool) -> None:
        self._text = content.text
        self._colour = colour
        self._line_ends = [m.end() for m in re.finditer(r"\r\n|\n|\r", content.text)]

    def row(self, piece: _Piece) -> str:
        """Return a piece as one line."""
        indent = "  " * max(0, piece.level - 2)
        label = f"{piece.word:<{_ROLE}}{place('en', piece.place):<{_PLACE}}"
        tint = _COLOURS[piece.word]
        text = self._joined(piece, tint)
        if not self._colour or not tint:
            return f"{label}{indent}{text}"
        return f"{tint}{label}{indent}{text}{PLAIN}"

    def lines(self, span: Span) -> Place:
        """Return the lines that a slice stands in."""
        return Place("lines", int(self._line(span[0])), int(self._line(span[1] - 1)))

    def _joined(self, piece: _Piece, tint: str) -> str:
        """Return the text, with marks where it was joined."""
        drawn = ""
        for i, span in enumerate(piece.spans):
            if i:
                mark = self._mark(piece, piece.spans[i - 1], span)
                drawn += f"{_JOIN}{mark}{PLAIN}{tint}" if self._colour and mark else mark
            drawn += printable(self._text[slice(*span)])
        return drawn

    def _mark(self, piece: _Piece, one: Span, other: Span) -> str:
        """Return ‹15⏎17› where a sentence of line 15 goes on in line 17, ‹15¶17› after its end."""
        after = join(self._text, (one, other))[one[1] - one[0]]
        ended = after == "\n" or piece.word == "contents"
        first, second = self._line(one[1] - 1), self._line(other[0])
        if piece.place.unit != "lines":
            first = second = ""
        elif first == second:
            return ""
        return f"‹{first}{'¶' if ended else '⏎'}{second}›"

    def _line(self, at: int) -> str:
        return str(1 + bisect_right(self._line_ends, at))


def _wrapped(row: str, width: int) -> Iterator[str]:
    """Yield a row as lines of `width` columns, the text below the text; 0 is no limit."""
    margin = " " * (_ROLE + _PLACE)
    line, used = "", 0
    for part in _UNBROKEN.finditer(row):
        columns = 0 if part["colour"] else sum(map(_columns, part[0]))
        if part[0] == "\n" or (width > 2 * len(margin) and used + columns > width):
            yield line
            line, used = margin, len(margin)
        if part[0] != "\n":
            line += part[0]
            used += columns
    yield line


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    # Quotation marks and dashes are wide on a Chinese terminal, narrow on others.
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1
