"""Documents to passages: the pieces that can be found and quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import sub
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from retrieval.blocks import Block, Place, Repeat, Role, Span, join, line_at

if TYPE_CHECKING:
    from retrieval.mending.paragraphs import Cuts
    from retrieval.sources import Document, Language

LONGEST = 800  # characters; a paragraph beyond it is cut between sentences
LEAD = 200  # characters of the first paragraph: where a report says what place it is about
LONGEST_LATIN = 2400  # Latin script takes three times the characters to say the same

LONG_SENTENCE = 120  # characters
_ENDS, _SEMICOLONS = "。！？!?", "；;"
_CLOSING = "”’」』）)\"'"
_LETTER = re.compile(r"[^\W_]")
_BODY, _HEADING = Role.BODY, Role.HEADING  # looked up in Role, they take ten times as long
_ASIDE = Role.CAPTION, Role.BYLINE, Role.NOTICE
_BEGINS = (  # what a sentence begins with far more often than a name does
    "A|After|All|An|And|As|At|But|By|For|From|He|Her|His|However|If|In|It|Its|On|She|That|The|Their"
    "|Then|There|These|They|This|To|We|When|While|With|You"
)
# After a point no sentence begins small, nor where the point is that of a title (Dr. Park), a
# number (No. 5) or, unless such a word follows (in the U.S. The …), an initial, hour or company.
_END_LATIN = re.compile(
    r"[.!?\n](?:(?<=\n)|(?=[\")']*\s(?!\s*[a-z]))"
    r"(?<!\b(?:Mr|Ms|Dr|Mt|Ft|Lt|vs|cf)\.)"
    r"(?<!\b(?:Mrs|Gen|Col|Rev|Hon|Gov|Sen|Rep|Sgt|viz|e\.g|i\.e)\.)"
    r"(?<!\b(?:Prof|Capt)\.)"
    rf"(?:(?<!\b[A-Z]\.)(?<!\b(?:St|Co|Jr|Sr)\.)(?<!\b(?:Inc|Ltd|[ap]\.m)\.)|(?=\s+(?:{_BEGINS})\b))"
    r"(?:(?<!\bp\.)(?<!\b(?:No|Ch|pp|ca)\.)(?<!\b(?:Nos|Art|Sec|Vol|Fig)\.)"
    r"(?<!\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\.)(?<!\bSept\.)|(?!\s+\d))"
    r"[\")']*)"
)


class Passage(Struct, frozen=True):
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
    headings: tuple[str, ...] = ()
    for i, block in enumerate(document.blocks):
        if block.role is _HEADING:
            section = [(level, heading) for level, heading in section if level < block.level]
            if block.level > 1:
                section.append((block.level, join(text, block.spans)))
            headings = tuple(heading for _, heading in section)
            if block.level > 1 and _has_text(document.blocks, i):
                continue
        above = () if block.role is _HEADING else headings
        pieces = list(_pieces(text, block, document.language))
        places = _places(text, block, [spans for spans, _ in pieces])
        for (spans, piece), place in zip(pieces, places, strict=True):
            number += 1
            yield Passage(
                id=f"{document.id}:{number}",
                document=document.id,
                source=document.source,
                file=document.file,
                title=document.title,
                section=_section(block, above),
                role=block.role,
                text=piece,
                spans=spans,
                place=place,
                also=_also(text, block, spans is pieces[0][0], spans is pieces[-1][0]),
            )
    if contents := _contents(document):
        spans = tuple(span for block in contents for span in block.spans)
        yield Passage(
            id=f"{document.id}:{number + 1}",
            document=document.id,
            source=document.source,
            file=document.file,
            title=document.title,
            section=(),
            role=Role.CONTENTS,
            text="\n".join(join(text, block.spans) for block in contents),
            spans=spans,
            place=replace(contents[0].place, last=contents[-1].place.last),
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
    if block.role in _ASIDE:
        return ()
    return (*above, block.label) if block.label else above


def _has_text(blocks: tuple[Block, ...], i: int) -> bool:
    """Return whether a heading has a passage, or a deeper heading, directly under it."""
    if i + 1 == len(blocks):
        return False
    below = blocks[i + 1]
    if below.role is _HEADING:
        return below.level > blocks[i].level
    return below.role is _BODY or below.row  # the names of a table's columns are a notice


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
    first = next((b for b in document.blocks if b.role is _BODY), None)
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
    return list(pairwise([*sentence_starts(text, language), len(text)]))


def sentence_starts(text: str, language: Language | None = None) -> list[int]:
    """Return where the `sentences` of `text` begin, the first one at 0."""
    if is_latin(text, language):
        return [start for start, _ in _split(text, 0, len(text), _END_LATIN)]
    starts = _starts(text, _ENDS)
    ends = [*starts[1:], len(text)]
    if max(map(sub, ends, starts)) <= LONG_SENTENCE:
        return starts
    found: list[int] = []
    for start, end in zip(starts, ends, strict=True):
        long = end - start > LONG_SENTENCE
        parts = _starts(text[start:end], _SEMICOLONS) if long else [0]
        found += [start + part for part in parts]
    return found


def _starts(text: str, marks: str) -> list[int]:
    """Return what `_split` would behind `marks` and at the end of lines, much faster.

    What closes a sentence (”, 」) belongs to it, and so does what holds no letter.  Ranking wants
    this of every text that it looks at.
    """
    for mark in marks[1:]:
        text = text.replace(mark, marks[0])
    starts, at = [0], 0
    for line in text.split("\n"):
        closing = ""  # at the beginning of a line nothing is closed
        for piece in line.split(marks[0]):
            if at and piece[:1].isalnum():
                starts.append(at)
            elif at and _LETTER.search(piece):
                starts.append(at + len(piece) - len(piece.lstrip(closing)))
            at += len(piece) + 1
            closing = _CLOSING
    return starts


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


def _pieces(
    text: str, block: Block, language: Language | None
) -> Iterator[tuple[tuple[Span, ...], str]]:
    """Yield a block's slices and their text, in groups where it is longer than a passage may be."""
    whole = join(text, block.spans)
    longest = LONGEST
    if len(whole) > longest and is_latin(whole, language):
        longest = LONGEST_LATIN
    if len(whole) <= longest:
        yield block.spans, whole
        return
    for spans in _groups(text, block, longest, language):
        yield spans, join(text, spans)


def _groups(
    text: str, block: Block, longest: int, language: Language | None
) -> Iterator[tuple[Span, ...]]:
    """Yield the slices of a block in groups that are no longer than a passage may be.

    The items of a clause make sense only with the words that lead to them: each group of
    items repeats these.
    """
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


def _places(text: str, block: Block, pieces: Sequence[tuple[Span, ...]]) -> Iterator[Place]:
    """Yield where each piece of a block stands, its lines counted on from the piece before."""
    first = last = block.place.first
    begun = ended = block.spans[0][0]
    for spans in pieces:
        if block.place.unit != "lines" or spans == block.spans:
            yield block.place
            continue
        start, end = spans[0][0], spans[-1][1]
        first += line_at(text[begun:start], start - begun) - 1
        last += line_at(text[ended:end], end - ended) - 1
        begun, ended = start, end
        yield Place("lines", first, last)
