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

from msgspec.structs import replace

from retrieval.blocks import Block, Place, Role, Span, join, line_at

_NUMERAL = "[零〇一二三四五六七八九十百千\\d０-９]+"
_KINDS = (
    re.compile(rf"(?P<label>第{_NUMERAL}条(?:之{_NUMERAL})?)(?=[\s　:：]|[一-鿿“《])"),
    re.compile(r"(?P<label>[一二三四五六七八九十]{1,3}、)"),
)
"""How clauses begin, the surest sign first."""

_NUMBERED = re.compile(rf"第{_NUMERAL}[编章节条]|[一二三四五六七八九十]{{1,3}}、")
_OPENING = re.compile(r"[^，,。；;：:！？!?…｜|]{2,80}")  # a title has no sentence's marks

FEWEST = 3  # clauses: fewer may be mentions of another text's
_ITEM = re.compile(
    r"[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、．)）](?!\d)|[①-⑳]|[-*+•·●]\s?"
)
_MARKS = "。；：！？，、.;:!?,…”’」』）)》】"  # what a paragraph may end with
_CLOSING = re.compile(
    r"(?:联系(?:人|方式|地址|部门)|.{0,4}(?:电话|热线|传真|手机|邮箱|邮编|网址)|电子邮件|(?:办公|通讯)?地址"
    r"|[甲乙丙]方|法定代表人|经办人|签[字名章]|盖章|(?:签订|发布|印发)?日期)\s*(?:[（(].{0,9}[）)]\s*)?[:：]"
    r"|特此|此致|抄送|[\d〇零一二三四五六七八九]{4}\s*年[\s\d一二三四五六七八九十]{1,4}月[\s\d一二三四五六七八九十]{1,5}日\s*$",
    re.MULTILINE,
)
_BODY = Role.BODY  # looked up in Role, it takes ten times as long
_ANNEX = re.compile(r"(?:附件|附录|附表|附[:：]|附\s*$|附注)")


def group_clauses(blocks: Sequence[Block], text: str, fewest: int = FEWEST) -> tuple[Block, ...]:
    """Return `blocks` with the paragraphs of each clause, and items with their lead, as one.

    Fewer than `fewest` clauses are taken for none.
    """

    def continues_clause(block: Block) -> bool:
        annex = _ANNEX.match(text, block.spans[0][0])
        return block.role is _BODY and not block.row and not annex

    def continues_items(block: Block) -> bool:
        return _is_plain(block) and _ITEM.match(text, block.spans[0][0]) is not None

    def leads_to_items(block: Block, _: str) -> bool:
        return _is_plain(block) and text[block.spans[-1][1] - 1] in "：:"

    for kind in _KINDS:
        labels = [_label(block, text, kind) for block in blocks]
        if sum(map(_is_clause, blocks, labels)) >= fewest:
            end = _end(blocks, labels, text)
            merged = _merged(blocks[:end], labels[:end], _is_clause, continues_clause)
            blocks = [*merged, *blocks[end:]]
            break
    labels = [block.label for block in blocks]
    return tuple(_merged(blocks, labels, leads_to_items, continues_items))


def opening_title(blocks: Sequence[Block], text: str) -> tuple[Block, ...]:
    """Return `blocks`, the first made the title where numbered parts follow it at once.

    Many a report and many rules have it that way, without a word that it is a heading.
    """
    first, *below = blocks[:3]
    numbered = any(is_numbered(block, text) for block in below)
    if first.role is not Role.BODY or first.row or not numbered or is_numbered(first, text):
        return tuple(blocks)
    if not _OPENING.fullmatch(join(text, first.spans)):
        return tuple(blocks)
    return (replace(first, role=Role.HEADING, level=1), *blocks[1:])


def is_numbered(block: Block, text: str) -> bool:
    """Return whether a block begins with the number of a chapter, a part or a clause."""
    return _NUMBERED.match(text, block.spans[0][0]) is not None


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


def _label(block: Block, text: str, kind: re.Pattern[str]) -> str:
    plain = block.role is _BODY and not block.row
    found = kind.match(text, block.spans[0][0]) if plain else None
    return found["label"] if found else block.label


def _is_clause(block: Block, label: str) -> bool:
    return bool(label) and not block.row


def _is_plain(block: Block) -> bool:
    return not block.label and not block.row and block.role is _BODY


def _end(blocks: Sequence[Block], labels: Sequence[str], text: str) -> int:
    """Return the number of the block that the last clause ends before.

    Below it, whom to call is no part of it, nor who signed, nor when: lines that end without
    any mark, unless a colon leads to them.
    """
    last = max(i for i, clause in enumerate(map(_is_clause, blocks, labels)) if clause)
    listing = False
    for i, block in enumerate(blocks[last:], last):
        end = text[block.spans[-1][1] - 1]
        item = _ITEM.match(text, block.spans[0][0])
        closing = _CLOSING.match(text, block.spans[0][0]) or not (item or end in _MARKS)
        if i > last and block.role is _BODY and closing and not listing:
            return i
        listing = end in "：:" or (listing and (bool(closing) or end not in "。."))
    return len(blocks)


def _merged(
    blocks: Sequence[Block],
    labels: Sequence[str],
    begins: Callable[[Block, str], bool],
    continues: Callable[[Block], bool],
) -> Iterator[Block]:
    """Yield the blocks; one that begins a group takes in those that continue it, and its label."""
    group: list[Block] = []
    of_group = ""
    for block, label in zip(blocks, labels, strict=True):
        if group and not label and continues(block):
            group.append(block)
            continue
        if group:
            yield _joined(group, of_group)
        group, of_group = ([block] if begins(block, label) else []), label
        if not group:
            yield block
    if group:
        yield _joined(group, of_group)


def _joined(group: Sequence[Block], label: str) -> Block:
    """Return one block, made at once: to make one for each that is added takes twice as long."""
    first, last = group[0], group[-1]
    if first is last and label == first.label:
        return first
    place = Place(first.place.unit, first.place.first, last.place.last)
    spans = tuple([span for block in group for span in block.spans])
    also = tuple([again for block in group for again in block.also])
    return Block(spans, place, first.level, first.role, label, also)
