"""Markdown: `#` headings and paragraphs between blank lines, as the author marked them."""

from __future__ import annotations

import re
from dataclasses import replace

from retrieval.blocks import Block, Place, Reading, Role, Span
from retrieval.readers.plain import decode, lines

_HEADING = re.compile(r"(#{1,6})(?:\s+(.*?))??(?:\s+#+)?\s*")
_COMMENT = re.compile(r"<!--.*-->")
_INFO_ENDS = re.compile(r"<!--\s*INFO END\s*-->")  # above it stand title and dates, no text
_FENCE = re.compile(r"```|~~~")
_LIST_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s")
_MARK = re.compile(r"[-#<`~*+\d]")  # what begins with none of these is none of the above


def read(data: bytes) -> Reading:
    """Read Markdown; raise NotReadable if it is not text.  Its marks stay in the text."""
    text, encoding = decode(data)
    blocks: list[Block] = []
    paragraph: list[tuple[int, Span]] = []

    def end_paragraph() -> None:
        if paragraph:
            spans = tuple([span for _, span in paragraph])
            blocks.append(Block(spans, Place("lines", paragraph[0][0], paragraph[-1][0])))
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


def _as_notice(block: Block) -> Block:
    return block if block.role is Role.HEADING else replace(block, role=Role.NOTICE)
