"""Documents to passages: the pieces that can be found and quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.blocks import Block, Place, Repeat, Role, Span, join, line_at

if TYPE_CHECKING:
    from retrieval.mending.paragraphs import Cuts
    from retrieval.sources import Document, Language

LONGEST = 800  # characters; a paragraph beyond it is cut between sentences
LEAD = 200  # characters of the first paragraph: where a report says what place it is about
LONGEST_LATIN = 2400  # Latin script takes three times the characters to say the same

LONG_SENTENCE = 120  # characters
# Begun with a class of characters rather than with alternatives, it is searched for twice as fast.
_END = re.compile(r"[。！？!?\n](?:(?<!\n)[。！？!?]*[”’」』）)\"']*)?")
_CLOSING = "”’」』）)\"'"
_LETTER = re.compile(r"[^\W_]")
_SEMICOLON = re.compile(r"[；;]+[”’」』）)\"']*")
_END_LATIN = re.compile(r"[.!?][\")']*(?=\s)|\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph as its file has it, and what is needed to cite it.

    `text` is the file's `spans` joined; nothing but white space at the joins was changed.
    """

    id: str  # the document's id, ":" and a number from 1
    document: str
    source: str
    file: str
    title: str
    section: tuple[str, ...]  # the headings above it, outermost first, without the title
    role: Role
    text: str
    spans: tuple[Span, ...]
    place: Place
    also: tuple[Repeat, ...] = ()  # where the file says it, or its last or first words, once more


def cut(document: Document, text: str) -> Iterator[Passage]:
    """Yield a document's passages in reading order; `text` is the text of its file.

    A paragraph is a passage, and so is a caption, a byline, a title.  A section's heading
    goes with the passages under it; where there are none, it is a passage itself.  Last
    come the headings of one level, for who asks what the ten great events were.
    """
    number = 0
    section: list[tuple[int, str]] = []
    for i, block in enumerate(document.blocks):
        if block.role is Role.HEADING:
            section = [(level, heading) for level, heading in section if level < block.level]
            if block.level > 1:
                section.append((block.level, join(text, block.spans)))
            if block.level > 1 and _has_text(document.blocks, i):
                continue
        above = () if block.role is Role.HEADING else tuple(heading for _, heading in section)
        pieces = list(_pieces(text, block, document.language))
        for spans in pieces:
            number += 1
            yield Passage(
                id=f"{document.id}:{number}",
                document=document.id,
                source=document.source,
                file=document.file,
                title=document.title,
                section=_section(block, above),
                role=block.role,
                text=join(text, spans),
                spans=spans,
                place=_place(text, block, spans),
                also=_also(text, block, spans is pieces[0], spans is pieces[-1]),
            )
    if headings := _contents(document):
        spans = tuple(span for block in headings for span in block.spans)
        yield Passage(
            id=f"{document.id}:{number + 1}",
            document=document.id,
            source=document.source,
            file=document.file,
            title=document.title,
            section=(),
            role=Role.CONTENTS,
            text="\n".join(join(text, block.spans) for block in headings),
            spans=spans,
            place=replace(headings[0].place, last=headings[-1].place.last),
        )


def _contents(document: Document) -> list[Block]:
    """Return the headings of the highest level that several stand on, each with text below."""
    blocks = document.blocks
    headings = [b for i, b in enumerate(blocks) if b.level > 1 and _has_text(blocks, i)]
    for level in sorted({block.level for block in headings}):
        found = [block for block in headings if block.level == level]
        if len(found) > 2:
            length = sum(end - start + 1 for block in found for start, end in block.spans)
            return found if length <= LONGEST else []
    return []


def _also(text: str, block: Block, first: bool, last: bool) -> tuple[Repeat, ...]:
    """Return what repeats the end of a block, for its last piece; its beginning, for the first."""
    if not block.also:
        return ()
    whole = join(text, block.spans)
    return tuple(
        again
        for again in block.also
        if (last if whole.endswith(join(text, again.spans)) else first)
    )


def _section(block: Block, above: tuple[str, ...]) -> tuple[str, ...]:
    # A caption belongs to its photograph, not to the section it was set in.
    if block.role in (Role.CAPTION, Role.BYLINE, Role.NOTICE):
        return ()
    return (*above, block.label) if block.label else above


def _has_text(blocks: tuple[Block, ...], i: int) -> bool:
    """Return whether a heading has a passage, or a deeper heading, directly under it."""
    if i + 1 == len(blocks):
        return False
    below = blocks[i + 1]
    return below.role is Role.BODY or (below.role is Role.HEADING and below.level > blocks[i].level)


def context(document: Document, passage: Passage, named: Sequence[str]) -> list[str]:
    """Return what a passage takes for granted, in lines: title, headings, author, date, places.

    `named` are the `places` of the document.  The source's name is part of it unless the file
    holds other articles as well: then it cannot be about each of them.
    """
    several = document.id != f"{document.source}/{document.file}"
    lines = [
        document.title,
        *passage.section,
        document.byline if passage.role is not Role.BYLINE else "",
        document.date,
        document.place,
        " ".join(named),
        "" if several else document.source,
    ]
    return lines[:1] + [line for line in lines[1:] if line]


_PLACE = re.compile(r".{2,}(?:省|市|区|县|镇|乡|街道|州)")
_ENDING = re.compile(r"省|市|区|县|镇|乡|街道|州|区委|市委|县委|省委")


def places(document: Document, text: str, cuts: Cuts) -> list[str]:
    """Return the places that the first paragraph names: later ones say only 区总工会."""
    first = next((b for b in document.blocks if b.role is Role.BODY), None)
    beginning = join(text, first.spans)[:LEAD] if first else ""
    words = [*cuts(beginning), ""] if _ENDING.search(beginning) else []
    return [
        word
        for word, following in dict.fromkeys(pairwise(words))
        if _PLACE.fullmatch(word) or (len(word) > 1 and _ENDING.fullmatch(following))
    ]


def sentences(text: str, language: Language | None = None) -> list[Span]:
    """Return the sentences of `text` as slices; together they are the whole of it.

    A Chinese sentence goes to the next 。！？, or, where it is long, to the next semicolon.
    """
    if is_latin(text, language):
        return _split(text, 0, len(text), _END_LATIN)
    found: list[Span] = []
    for start, end in _plainly_split(text) or _split(text, 0, len(text), _END):
        if end - start > LONG_SENTENCE:
            found += _split(text, start, end, _SEMICOLON)
        else:
            found.append((start, end))
    return found


def _plainly_split(text: str) -> list[Span]:
    """Return what `_split` does at the end of sentences, three times as fast; or nothing.

    That is where a mark stands alone, and letters behind it: in most texts.  Ranking wants the
    sentences of every text that it looks at.
    """
    for mark in "！？!?\n":
        text = text.replace(mark, "。")
    pieces = text.split("。")
    if not pieces[-1]:
        pieces.pop()
    found, start = [], 0
    for piece in pieces:
        if not piece[:1].isalnum() and (piece[:1] in _CLOSING or not _LETTER.search(piece)):
            return []
        found.append((start, start := start + len(piece) + 1))
    if start > len(text):
        found[-1] = (found[-1][0], len(text))
    return found


def _split(text: str, start: int, end: int, ends: re.Pattern[str]) -> list[Span]:
    """Return the slices between the `ends`; what holds no letter goes with the one before."""
    found: list[Span] = []
    for stop in [*[match.end() for match in ends.finditer(text, start, end)], end]:
        if (
            found
            and not text[start : start + 1].isalnum()
            and not _LETTER.search(text, start, stop)
        ):
            found[-1] = (found[-1][0], stop)
        elif stop > start:
            found.append((start, stop))
        start = stop
    return found or [(start, end)]


def is_latin(text: str, language: Language | None = None) -> bool:
    """Return whether a text is written in Latin letters rather than Chinese, if nobody says."""
    if language:
        return language == "en"
    return len(text.encode("ascii", "ignore")) > 0.8 * len(text)


def _pieces(text: str, block: Block, language: Language | None) -> Iterator[tuple[Span, ...]]:
    """Yield a block's slices, in several groups where it is longer than a passage may be.

    The items of a clause make sense only with the words that lead to them: each group of
    items repeats these.
    """
    whole = join(text, block.spans)
    longest = LONGEST_LATIN if is_latin(whole, language) else LONGEST
    if len(whole) <= longest:
        yield block.spans
        return
    lead, rest = _lead(text, block)
    longest -= sum(end - start + 1 for start, end in lead)
    group: list[Span] = []
    size = 0
    for span in _sentence_spans(text, rest, longest, language):
        if group and size + span[1] - span[0] > longest:
            yield (*lead, *group)
            group, size = [], 0
        size += span[1] - span[0] + 1  # and the space at a join
        if group and not text[group[-1][1] : span[0]].strip(" \t\u3000"):
            group[-1] = (group[-1][0], span[1])
        else:
            group.append(span)
    yield (*lead, *group)


def _lead(text: str, block: Block) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return what leads to a clause's items (short, and ending in a colon), and the rest."""
    start, end = block.spans[0]
    leads = len(block.spans) > 1 and text[end - 1] in "：:" and end - start <= LONGEST // 2
    return (block.spans[:1], block.spans[1:]) if leads else ((), block.spans)


def _sentence_spans(
    text: str, spans: tuple[Span, ...], longest: int, language: Language | None
) -> Iterator[Span]:
    """Yield slices no longer than a passage, each a sentence (or, in one too long, a part)."""
    for start, end in spans:
        for a, b in sentences(text[start:end], language):
            for at in range(start + a, start + b, longest - 1):
                piece = text[at : min(at + longest - 1, start + b)]
                if words := piece.strip():
                    first = at + piece.index(words)
                    yield first, first + len(words)


def _place(text: str, block: Block, spans: tuple[Span, ...]) -> Place:
    if block.place.unit != "lines" or spans == block.spans:
        return block.place
    origin = block.spans[0][0]
    first = block.place.first - 1 + line_at(text[origin : spans[0][0]], spans[0][0] - origin)
    start, end = spans[0][0], spans[-1][1]
    return Place("lines", first, first - 1 + line_at(text[start:end], end - start))
