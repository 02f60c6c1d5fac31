"""Markdown: `#` headings, paragraphs between blank lines and tables, as the author marked them.

A row of a table is a block, labelled with the names of the columns; these are a notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from retrieval.blocks import Block, Place, Reading, Role, Span
from retrieval.readers.plain import decode, lines
from retrieval.readers.tables import is_header, names_as_label

_HEADING = re.compile(r"(#{1,6})(?:\s+(.*?))??(?:\s+#+)?\s*")
_COMMENT = re.compile(r"<!--.*-->")
_INFO_ENDS = re.compile(r"<!--\s*INFO END\s*-->")  # above it stand title and dates, no text
_FENCE = re.compile(r"```|~~~")
_LIST_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s")
_RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")  # under the names of columns
_PIPE = re.compile(r"(?<!\\)\|")
_MARK = re.compile(r"[-#<`~*+\d]")  # what begins with none of these is none of the above


def read(data: bytes) -> Reading:
    """Read Markdown; raise NotReadable if it is not text.  Its marks stay in the text."""
    text, encoding = decode(data)
    blocks: list[Block] = []
    paragraph: list[tuple[int, Span]] = []

    def end_paragraph() -> None:
        if paragraph:
            blocks.extend(_blocks(text, paragraph))
            paragraph.clear()

    fenced = False  # within a fence, # begins a comment and a blank line ends nothing
    for number, span in lines(text):
        if span is None:
            if not fenced:
                end_paragraph()
            continue
        if not _MARK.match(text, span[0]):
            paragraph.append((number, span))
            continue
        line = text[slice(*span)]
        if _COMMENT.fullmatch(line):
            end_paragraph()
            if _INFO_ENDS.fullmatch(line):
                blocks[:] = [_as_notice(block) for block in blocks]
            continue
        fenced = fenced != bool(_FENCE.match(line))
        if not fenced and (heading := _HEADING.fullmatch(line)):
            end_paragraph()
            if heading[2]:
                start = span[0] + heading.start(2)
                place = Place("lines", number, number)
                words = (start, start + len(heading[2]))
                blocks.append(Block((words,), place, len(heading[1]), Role.HEADING))
            continue
        if not fenced and _LIST_ITEM.match(line):
            end_paragraph()
        paragraph.append((number, span))
    end_paragraph()
    return Reading(text, tuple(blocks), encoding=encoding)


def _blocks(text: str, paragraph: list[tuple[int, Span]]) -> Iterator[Block]:
    """Yield what lines without a blank one between them are: a paragraph, a table, or both."""
    under = _rule(text, paragraph)
    rest = paragraph[: under - 1] if under else paragraph
    if rest:
        yield Block(tuple([span for _, span in rest]), Place("lines", rest[0][0], rest[-1][0]))
    if not under:
        return
    number, span = paragraph[under - 1]
    names = [name.strip() for name in _PIPE.split(text[slice(*_bare(text, span))])]
    named = is_header(names)  # not where the first of the rows was put there for want of names
    yield _row(text, number, span, Role.NOTICE if named else Role.BODY)
    label = names_as_label(names) if named else ""
    for number, span in paragraph[under + 1 :]:
        yield _row(text, number, span, Role.BODY, label)


def _rule(text: str, paragraph: list[tuple[int, Span]]) -> int:
    """Return the number of the line that makes those around it a table; 0 where there is none."""
    for i, (_, (start, end)) in enumerate(paragraph[1:], 1):
        if text[start] in "|:-" and "|" in text[start:end] and _RULE.fullmatch(text, start, end):
            fenced = any(_FENCE.match(text, span[0]) for _, span in paragraph)
            return 0 if fenced else i
    return 0


def _row(text: str, number: int, span: Span, role: Role, label: str = "") -> Block:
    place = Place("lines", number, number)
    return Block((_bare(text, span),), place, 0, role, label, row=True)


def _bare(text: str, span: Span) -> Span:
    """Return a row without the marks at both its ends, unless it has nothing else."""
    start, end = span
    inside = text[start:end].strip("| \t\u3000")
    if not inside:
        return span
    start += text[start:end].index(inside)
    return start, start + len(inside)


def _as_notice(block: Block) -> Block:
    return block if block.role is Role.HEADING else replace(block, role=Role.NOTICE)
