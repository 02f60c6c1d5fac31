"""Lines with their positions to paragraphs and headings, as PDF needs it.

In: lines in reading order.  Out: a Reading; a paragraph is a line of its text.  A wrapped line
goes on where its column is filled, over columns and pages too; indents, gaps and another size
begin a paragraph.  Headings are told by size, number and weight.  No character is added
but white space: a word divided at the end of a line keeps its hyphen.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from statistics import median

from msgspec import Struct

from retrieval.blocks import Block, Place, Reading, Role, Span
from retrieval.readers.layout import Line

CJK = re.compile(r"[\u2e80-\u312f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_ENDS = re.compile(r"[。！？!?…；;：:.][\"'”’」』）)》】]*$")
_NEW = re.compile(
    r"第[零〇一二三四五六七八九十百千\d]+[编章节条款]|[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．](?!\d)"
    r"|[·•●■◆★※\uf0b7]|[-–*]\s|【|——|[问答QA]\s?[:：.]|\[\d+\]"
)
_RANKS = (  # what numbers a heading, the outermost first
    re.compile(r"第[零〇一二三四五六七八九十百千\d]+[编篇]"),
    re.compile(r"第[零〇一二三四五六七八九十百千\d]+章|(?i:chapter|part)\s+[\divx]+\b"),
    re.compile(r"第[零〇一二三四五六七八九十百千\d]+节"),
    re.compile(r"[一二三四五六七八九十]{1,3}、"),
    re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）]"),
    re.compile(r"\d{1,2}[.．]\d{1,2}[.．]?(?![.．\d%])\s?\D"),
    re.compile(r"\d{1,2}([.．]\d{1,2}){2,4}(?![\d%])\s?\D"),
)
_NO_HEADING = re.compile(r"[。；;，,、.．…]\s*\d*$|^\W*$")
_CONTENTS = re.compile(r"(?:[.．·…]\s?){4,}\s*\d*$")


class _Paragraph(Struct):
    lines: list[Line] = []
    level: int = 0

    @property
    def text(self) -> str:
        return _wrapped(self.lines)


def _wrapped(lines: list[Line]) -> str:
    text = ""
    for line in lines:
        # A number is divided only where Chinese is set in a grid.
        edge, grid = text[-2:] + line.text[:1], CJK.search(line.text)
        divided = re.search(r"[a-z]-[a-z]$" if not grid else r"\d\d$", edge)
        bare = not text or divided or CJK.match(text[-1]) or CJK.match(line.text)
        text += line.text if bare else " " + line.text
    return text


def reading(lines: list[Line], title: str) -> Reading:
    """Return the paragraphs of a file; `title` is what its own fields say, or ""."""
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    pitches = [
        (a.y0 - b.y0) / a.size
        for a, b in pairwise(lines)
        if a.size == b.size and 0 < a.y0 - b.y0 < 4 * a.size
    ]
    pitch = median(pitches) if pitches else 1.5
    paragraphs: list[_Paragraph] = []
    for line in lines:
        # A note at the foot of a page does not end the paragraph that goes on overleaf.
        last = next((p for p in reversed(paragraphs[-4:]) if p.lines[0].size >= line.size), None)
        if (
            last
            and (last is paragraphs[-1] or last.lines[-1].page < line.page)
            and _follows(last, line, pitch, body)
        ):
            last.lines.append(line)
        else:
            paragraphs.append(_Paragraph([line]))
    _levels(paragraphs, body)
    first = [p for p in paragraphs if p.level and p.lines[0].page == 1 and p.lines[0].size > body]
    largest = max(first, key=lambda p: p.lines[0].size, default=None)
    return _assembled(paragraphs, title or (largest.text if largest else ""))


def _follows(paragraph: _Paragraph, line: Line, pitch: float, body: float) -> bool:
    """Return whether a line goes on with a paragraph."""
    last, size = paragraph.lines[-1], line.size
    if last.bold != line.bold or last.cells or line.cells or _CONTENTS.search(last.text):
        return False
    if max(last.size, size) > 1.15 * min(last.size, size):
        return False
    ended = _ENDS.search(last.text) is not None
    begins = _NEW.match(line.text) or any(rank.match(line.text) for rank in _RANKS)
    if begins and (ended or not line.text[0].isalnum() or last.x0 < line.x0 - 1):
        return False
    word = re.match(r"[!-~]+|.", line.text)
    room = last.right - last.x1 - (len(word[0]) * 0.5 if word else 1) * size
    full = room < (0.6 if ended else 2.0) * size or (line.text[0].islower() and not ended)
    down = last.y0 - line.y0
    if last.page != line.page or down <= 0:  # another column or page
        return full and not ended and line.x0 - line.left < 0.9 * size and size <= 1.15 * body
    if down > max(1.35 * pitch, 1.2) * size:
        return False
    if size > 1.15 * body:
        return True  # headings are wrapped where their author likes
    hangs = len(paragraph.lines) == 1 and _NEW.match(last.text)
    if line.x0 - last.x0 > 0.9 * size and not hangs:
        return False
    if len(paragraph.lines) > 1 and last.x0 - line.x0 > 0.9 * size:
        return False
    return full


def _levels(paragraphs: list[_Paragraph], body: float) -> None:
    """Give headings their levels: by size, then by what numbers them, then bold ones."""
    bold = Counter[bool]()
    for p in paragraphs:
        bold[p.lines[0].bold] += len(p.text)
    styles: dict[int, tuple[float, int]] = {}
    for i, p in enumerate(paragraphs):
        text, size = p.text, p.lines[0].size
        rank = next((n for n, pattern in enumerate(_RANKS) if pattern.match(text)), len(_RANKS))
        short = len(text) <= (40 if CJK.search(text) else 100) and len(p.lines) < 4
        marked = size > 1.15 * body or (p.lines[0].bold and 2 * bold[True] < bold.total())
        numbered = rank < len(_RANKS) and size >= body
        entry = re.search(r"\s\d+$", text) if not marked else None  # of a table of contents
        if short and (marked or numbered) and not (_NO_HEADING.search(text) or entry):
            styles[i] = (-size if size > 1.15 * body else 0.0, rank)
    order = sorted(set(styles.values()))
    # Level 1 is the title of the whole: there is one, or none.
    alone = order and list(styles.values()).count(order[0]) == 1 and order[0][0] < 0
    for i, style in styles.items():
        paragraphs[i].level = min(6, order.index(style) + (1 if alone else 2))


def _assembled(paragraphs: list[_Paragraph], title: str) -> Reading:
    text, blocks = "", []
    # One line alone with wide gaps may be anything; and many a clause stands far from its number.
    wide = [p.lines[0].cells and not _NEW.match(p.text) for p in paragraphs]
    rows = {i + n for i, pair in enumerate(pairwise(wide)) if all(pair) for n in (0, 1)}
    for i, p in enumerate(paragraphs):
        spans: list[Span] = []
        numbers = sorted({line.page for line in p.lines})
        for number in numbers:
            piece = _wrapped([line for line in p.lines if line.page == number])
            spans.append((len(text), len(text) + len(piece)))
            text += piece + "\n\n"
        place = Place("page", numbers[0], numbers[-1])
        role = Role.HEADING if p.level else Role.BODY
        row = i in rows and not p.level
        blocks.append(Block(tuple(spans), place, p.level, role, row=row))
    return Reading(text, tuple(blocks), extracted=True, title=title)
