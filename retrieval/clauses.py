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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from retrieval.blocks import Block, Place, Role, Span, line_at

_NUMERAL = "[零〇一二三四五六七八九十百千\\d０-９]+"
_KINDS = (
    re.compile(rf"(?P<label>第{_NUMERAL}条(?:之{_NUMERAL})?)(?=[\s　:：]|[一-鿿“《])"),
    re.compile(r"(?P<label>[一二三四五六七八九十]{1,3}、)"),
)
"""How clauses begin, the surest sign first."""

FEWEST = 3  # clauses: fewer may be mentions of another text's
_ITEM = re.compile(
    r"[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、．)）](?!\d)|[①-⑳]|[-*+•·●]\s?"
)
_ANNEX = re.compile(r"(?:附件|附录|附表|附[:：]|附\s*$|附注)")


def group_clauses(blocks: Sequence[Block], text: str, fewest: int = FEWEST) -> tuple[Block, ...]:
    """Return `blocks` with the paragraphs of each clause, and items with their lead, as one.

    Fewer than `fewest` clauses are taken for none.
    """

    def continues_clause(block: Block) -> bool:
        annex = _ANNEX.match(text, block.spans[0][0])
        return block.role is Role.BODY and not annex

    def continues_items(block: Block) -> bool:
        return _is_plain(block) and _ITEM.match(text, block.spans[0][0]) is not None

    def leads_to_items(block: Block) -> bool:
        return _is_plain(block) and text[block.spans[-1][1] - 1] in "：:"

    for kind in _KINDS:
        labelled = [_labelled(block, text, kind) for block in blocks]
        if sum(bool(block.label) for block in labelled) >= fewest:
            blocks = list(_merged(labelled, lambda block: bool(block.label), continues_clause))
            break
    return tuple(_merged(blocks, leads_to_items, continues_items))


def rows(blocks: Sequence[Block], text: str) -> tuple[Block, ...]:
    """Return `blocks` with each line of a paragraph as a block of its own.

    The cells of a table's row stay together, for more than white space stands between them.
    """
    return tuple(row for block in blocks for row in _rows(block, text))


def _rows(block: Block, text: str) -> Iterator[Block]:
    lines: list[list[Span]] = []
    for span in block.spans:
        if lines and not _breaks(text[lines[-1][-1][1] : span[0]]):
            lines[-1].append(span)
        else:
            lines.append([span])
    if len(lines) == 1:
        yield block  # a row of a table, perhaps, whose cells hold several lines
        return
    at, number = block.spans[0][0], block.place.first
    for spans in lines:
        number += line_at(text[at : spans[0][0]], spans[0][0] - at) - 1
        at = spans[0][0]
        place = Place("lines", number, number) if block.place.unit == "lines" else block.place
        yield replace(block, spans=tuple(spans), place=place)


def _breaks(between: str) -> bool:
    """Return whether what stands between two slices is white space that ends a line."""
    return between.isspace() and line_at(between, len(between)) > 1


def _labelled(block: Block, text: str, kind: re.Pattern[str]) -> Block:
    found = kind.match(text, block.spans[0][0]) if block.role is Role.BODY else None
    if not found:
        return block
    return Block(block.spans, block.place, block.level, block.role, found["label"], block.also)


def _is_plain(block: Block) -> bool:
    return block.role is Role.BODY and not block.label


def _merged(
    blocks: Sequence[Block], begins: Callable[[Block], bool], continues: Callable[[Block], bool]
) -> Iterator[Block]:
    """Yield the blocks; one that begins a group takes in those that continue it."""
    group: Block | None = None
    for block in blocks:
        if group is not None and not block.label and continues(block):
            group = group.followed_by(block)
            continue
        if group is not None:
            yield group
        group = block if begins(block) else None
        if group is None:
            yield block
    if group is not None:
        yield group
