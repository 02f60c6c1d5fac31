"""Documents to passages: the pieces that can be found and quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from retrieval.blocks import Block, Place, Role, Span, join, line_at
from retrieval.mending import Cuts
from retrieval.sources import Document

LONGEST = 800  # characters; a paragraph beyond it is cut between sentences
LEAD = 200  # characters of the first paragraph: where a report says what place it is about
LONGEST_LATIN = 2400  # Latin script takes three times the characters to say the same

_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+[”’」』）)\"']*|\n|$)")
_SENTENCE_LATIN = re.compile(r".+?(?:[.!?][\"')]*(?=\s)|\n|$)", re.DOTALL)


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


def cut(document: Document, text: str) -> Iterator[Passage]:
    """Yield a document's passages in reading order; `text` is the text of its file.

    A paragraph is a passage, and so is a caption, a byline, a title.  A section's heading
    goes with the passages under it; where there are none, it is a passage itself.
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
        for spans in _pieces(text, block):
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


def context(document: Document, passage: Passage, text: str, cuts: Cuts) -> str:
    """Return what a passage takes for granted, a line each: title, headings, author, date, place.

    The source's name is part of it unless the file holds other articles as well: then it
    cannot be about each of them.
    """
    several = document.id != f"{document.source}/{document.file}"
    lines = [
        document.title,
        *passage.section,
        document.byline if passage.role is not Role.BYLINE else "",
        document.date,
        " ".join(_places(document, text, cuts)),
        "" if several else document.source,
    ]
    return "\n".join(lines[:1] + [line for line in lines[1:] if line])


_PLACE = re.compile(r".{2,}(?:省|市|区|县|镇|乡|街道|州)")
_ENDING = re.compile(r"省|市|区|县|镇|乡|街道|州|区委|市委|县委|省委")


def _places(document: Document, text: str, cuts: Cuts) -> list[str]:
    """Return the places that the first paragraph names: later ones say only 区总工会."""
    first = next((b for b in document.blocks if b.role is Role.BODY), None)
    words = [*cuts(join(text, first.spans)[:LEAD]), ""] if first else []
    return [
        word
        for word, following in dict.fromkeys(pairwise(words))
        if _PLACE.fullmatch(word) or (len(word) > 1 and _ENDING.fullmatch(following))
    ]


def sentences(text: str) -> list[Span]:
    """Return the sentences of `text` as slices; together they are the whole of it."""
    pattern = _SENTENCE_LATIN if is_latin(text) else _SENTENCE
    found: list[Span] = []
    for match in pattern.finditer(text):
        if match.start() == match.end():
            continue
        if found and not any(map(str.isalnum, match[0])):
            found[-1] = (found[-1][0], match.end())
        else:
            found.append(match.span())
    return found or [(0, len(text))]


def is_latin(text: str) -> bool:
    """Return whether a text is written in Latin letters rather than Chinese."""
    return sum(map(str.isascii, text)) > 0.8 * len(text)


def _pieces(text: str, block: Block) -> Iterator[tuple[Span, ...]]:
    """Yield a block's slices, in several groups where it is longer than a passage may be.

    The items of a clause make sense only with the words that lead to them: each group of
    items repeats these.
    """
    whole = join(text, block.spans)
    longest = LONGEST_LATIN if is_latin(whole) else LONGEST
    if len(whole) <= longest:
        yield block.spans
        return
    lead, rest = _lead(text, block)
    longest -= sum(end - start + 1 for start, end in lead)
    group: list[Span] = []
    size = 0
    for span in _sentence_spans(text, rest, longest):
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


def _sentence_spans(text: str, spans: tuple[Span, ...], longest: int) -> Iterator[Span]:
    """Yield slices no longer than a passage, each a sentence (or, in one too long, a part)."""
    for start, end in spans:
        for a, b in sentences(text[start:end]):
            for at in range(start + a, start + b, longest - 1):
                piece = text[at : min(at + longest - 1, start + b)]
                if words := piece.strip():
                    first = at + piece.index(words)
                    yield first, first + len(words)


def _place(text: str, block: Block, spans: tuple[Span, ...]) -> Place:
    if block.place.unit != "lines" or spans == block.spans:
        return block.place
    origin = block.spans[0][0]
    first = block.place.first - 1 + line_at(text[origin:], spans[0][0] - origin)
    start, end = spans[0][0], spans[-1][1]
    return Place("lines", first, first - 1 + line_at(text[start:end], end - start))
