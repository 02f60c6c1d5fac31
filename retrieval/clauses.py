"""Paragraphs of laws, rules and contracts to clauses: one article with its paragraphs and items.

In: the blocks of a document.  Out: the same, the paragraphs that belong to one numbered clause
made one block, which knows its number; elsewhere, items made one block with the line that
leads to them.  A document without either stays as it is.

    第三十九条 劳动者有下列情形之一的，…：      |
    （一）在试用期间被证明…；                   | one block, label "第三十九条"
    （二）严重违反用人单位的规章制度的；        |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from retrieval.blocks import Block, Role

_NUMERAL = "[零〇一二三四五六七八九十百千\\d０-９]+"
_KINDS = (
    re.compile(rf"(?P<label>第{_NUMERAL}条(?:之{_NUMERAL})?)(?=[\s　:：]|[一-鿿“《])"),
    re.compile(r"(?P<label>[一二三四五六七八九十]{1,3}、)"),
)
"""How clauses begin, the surest sign first."""

_FEWEST = 3  # clauses: fewer may be mentions of another text's
_ITEM = re.compile(
    r"[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、．)）](?!\d)|[①-⑳]|[-*+•·●]\s?"
)
_ANNEX = re.compile(r"(?:附件|附录|附表|附[:：]|附\s*$|附注)")


def group_clauses(blocks: Sequence[Block], text: str) -> tuple[Block, ...]:
    """Return `blocks` with the paragraphs of each clause made one block."""
    for kind in _KINDS:
        starts = [i for i, block in enumerate(blocks) if _label(block, text, kind)]
        if len(starts) >= _FEWEST:
            blocks = list(_clauses(blocks, text, kind))
            break
    return tuple(_with_items(blocks, text))


def _label(block: Block, text: str, kind: re.Pattern[str]) -> str:
    start = block.spans[0][0]
    found = kind.match(text, start) if block.role is Role.BODY else None
    return found["label"] if found else ""


def _with_items(blocks: Sequence[Block], text: str) -> Iterator[Block]:
    lead: Block | None = None
    for block in blocks:
        plain = block.role is Role.BODY and not block.label
        if lead is not None and plain and _ITEM.match(text, block.spans[0][0]):
            lead = _together(lead, block)
            continue
        if lead is not None:
            yield lead
            lead = None
        if plain and text[block.spans[-1][1] - 1] in "：:":
            lead = block
        else:
            yield block
    if lead is not None:
        yield lead


def _together(first: Block, second: Block) -> Block:
    place = replace(first.place, last=second.place.last)
    return replace(first, spans=(*first.spans, *second.spans), place=place)


def _clauses(blocks: Sequence[Block], text: str, kind: re.Pattern[str]) -> Iterator[Block]:
    clause: Block | None = None
    for block in blocks:
        label = _label(block, text, kind)
        ends = block.role is not Role.BODY or _ANNEX.match(text, block.spans[0][0]) is not None
        if clause is not None and (label or ends):
            yield clause
            clause = None
        if label:
            clause = replace(block, label=label)
        elif clause is not None:
            clause = _together(clause, block)
        else:
            yield block
    if clause is not None:
        yield clause
