"""A Reply becomes Telegram messages: texts with entities, none longer than Telegram takes.

In: Reply.  Out: Drafts in the order they are sent; usually one.  Marks are entities beside
the text and not signs inside it: nothing has to be escaped, and a quote stays word for word.

    lead               what was understood, and how far the documents answer it
    the quote          a block quotation, folded where it is long; the sentence that answers
                       is bold, and the words of the question in it are underlined
    1. its citation    in italics
    tail               how to see more
    [button]           below a follow-up's answer: asks the same alone
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    LinkPreviewOptions,
    MessageEntity,
)
from telegram.constants import MessageEntityType, MessageLimit

from bot import wording
from bot.exchange import Reply
from bot.wording import Language
from retrieval.answers import Quote
from retrieval.blocks import Span

LIMIT = int(MessageLimit.MAX_TEXT_LENGTH)  # UTF-16 units
MOST_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)  # a message
MOST_MARKS = 30  # underlined words a quote: three quotes stay below MOST_ENTITIES
FOLD = 400  # characters: a longer quote fills the screen of a phone
SHARE = 600  # units: rather another message than a quote with less room than this
LONGEST_CITATION = 500  # units: what is longer loses its middle
DESCRIPTION = 120  # characters below the title of an inline result: two lines of a phone
GAP = "\n\n"
ALONE = "alone:"  # begins the data of the button that undoes a follow-up

ELLIPSIS: dict[Language, str] = {"zh": "……", "en": "…"}
SENTENCE_END = re.compile(r"(?:[。！？!?；;]+[”’」』）)\"]*|\.(?=\s)|\n)\s*")


class Draft(Struct, frozen=True):
    """A message to be sent; the entities count in UTF-16 units, as Telegram does."""

    text: str
    entities: tuple[MessageEntity, ...] = ()
    keyboard: InlineKeyboardMarkup | None = None


def render(reply: Reply) -> list[Draft]:
    """Return the messages that show `reply`: one where it fits, and never half a quote."""
    citations = [
        _middle_out(f"{number}. {wording.citation(reply.language, quote)}")
        for number, quote in enumerate(reply.quotes, reply.first)
    ]
    around = [units(citation) + len("\n" + GAP) for citation in citations]
    room = LIMIT - sum(around) - units(reply.lead) - units(reply.tail) - len(GAP)
    lengths = [units(quote.text) for quote in reply.quotes]
    if sum(lengths) <= room or SHARE * len(lengths) <= room:
        shares = _shares(lengths, room)
    else:  # not in one message: each quote may fill its own
        shares = [LIMIT - spent for spent in around]
    quotations = [
        _quotation(quote, citation, share, ELLIPSIS[reply.language])
        for quote, citation, share in zip(reply.quotes, citations, shares, strict=True)
    ]
    drafts = _packed([*_split(reply.lead), *quotations, *_split(reply.tail)])
    if reply.alone:
        label = wording.say(reply.language, "alone")
        button = InlineKeyboardButton(label, callback_data=ALONE + reply.alone)
        drafts[-1] = replace(drafts[-1], keyboard=InlineKeyboardMarkup([[button]]))
    return drafts


def offers(reply: Reply) -> list[InlineQueryResultArticle]:
    """Return the quotes of a reply to choose from: the one chosen becomes a message."""
    found = []
    for quote in reply.quotes:
        (draft, *_) = render(Reply(reply.language, quotes=(quote,)))
        found.append(
            InlineQueryResultArticle(
                id=quote.id,
                title=quote.citation.title or quote.citation.source,
                description=" ".join(quote.text[slice(*quote.answer)].split())[:DESCRIPTION],
                input_message_content=InputTextMessageContent(
                    draft.text,
                    entities=draft.entities,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                ),
            )
        )
    return found


def units(text: str) -> int:
    """Return the length of `text` as Telegram counts it: 𠮷 and most emoji are two long."""
    return len(text) + sum(character > "\uffff" for character in text)


def _lengths(text: str) -> list[int]:
    """Return the length in units of text[:0], text[:1] and so on to the whole."""
    return list(accumulate(map(units, text), initial=0))


def window(quote: Quote, room: int) -> Span:
    """Return the slice of the quote's text to show within `room` units.

    All of it where it fits; else the sentence that answers with as many of its neighbours as
    fit; else as much of that sentence as fits around the words that matched.
    """
    text = quote.text
    until = _lengths(text)
    start, end = 0, len(text)
    if until[end] > room:
        start, end = quote.answer if quote.answer[0] < quote.answer[1] else (start, end)
        if until[end] - until[start] <= room:
            cuts: Sequence[int] = [0, *(m.end() for m in SENTENCE_END.finditer(text)), len(text)]
        else:
            cuts = range(start, end + 1)
            marks = _inside(quote.marks, (start, end)) or [(start, start)]
            start, end = marks[0][0], marks[-1][1]
            if until[end] - until[start] > room:
                end = start
        start, end = _widened((start, end), cuts, until, room)
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _widened(span: Span, cuts: Sequence[int], until: Sequence[int], room: int) -> Span:
    """Move the ends of `span` outwards from cut to cut, in turn, while it fits."""
    start, end = span
    grown = True
    while grown:
        grown = False
        after, before = bisect_right(cuts, end), bisect_left(cuts, start) - 1
        if after < len(cuts) and until[cuts[after]] - until[start] <= room:
            end, grown = cuts[after], True
        if before >= 0 and until[end] - until[cuts[before]] <= room:
            start, grown = cuts[before], True
    return start, end


def _quotation(quote: Quote, citation: str, room: int, dots: str) -> Draft:
    """Draw a quote in `room` units, and its citation below."""
    if units(quote.text) > room:
        room -= 2 * len(dots)
    start, end = shown = window(quote, room)
    # The dots say that words were left out: they stand beside the quoted words.
    left = dots if quote.text[:start].strip() else ""
    right = dots if quote.text[end:].strip() else ""
    body = left + quote.text[start:end] + right
    if not body:
        return Draft(
            citation, _entities(citation, [(MessageEntityType.ITALIC, (0, len(citation)))])
        )

    folded = end - start > FOLD
    kind = MessageEntityType.EXPANDABLE_BLOCKQUOTE if folded else MessageEntityType.BLOCKQUOTE
    answer = _inside([quote.answer], shown)
    marks = [mark for part in answer for mark in _inside(quote.marks, part)][:MOST_MARKS]
    shift = len(left) - start
    looks = [(kind, (0, len(body)))]
    looks += [(MessageEntityType.BOLD, (a + shift, b + shift)) for a, b in answer]
    looks += [(MessageEntityType.UNDERLINE, (a + shift, b + shift)) for a, b in marks]
    text = f"{body}\n{citation}"
    looks.append((MessageEntityType.ITALIC, (len(text) - len(citation), len(text))))
    return Draft(text, _entities(text, looks))


def _entities(text: str, looks: Iterable[tuple[str, Span]]) -> tuple[MessageEntity, ...]:
    """Return entities in UTF-16 units for spans in characters."""
    entities = [MessageEntity(kind, start, end - start) for kind, (start, end) in looks]
    return tuple(MessageEntity.adjust_message_entities_to_utf_16(text, entities))


def _inside(spans: Iterable[Span], outer: Span) -> list[Span]:
    """Return what of each span lies within `outer`; none of them empty."""
    cut = [(max(start, outer[0]), min(end, outer[1])) for start, end in spans]
    return [(start, end) for start, end in cut if start < end]


def _shares(lengths: Sequence[int], room: int) -> list[int]:
    """Divide `room`: short quotes get what they need, long ones share what is left."""
    shares = [0] * len(lengths)
    shortest_first = sorted(range(len(lengths)), key=lengths.__getitem__)
    for taken, i in enumerate(shortest_first):
        shares[i] = min(lengths[i], room // (len(lengths) - taken))
        room -= shares[i]
    return shares


def _middle_out(citation: str) -> str:
    """Shorten an overlong citation; its end says where to look, so both ends stay."""
    if units(citation) <= LONGEST_CITATION:
        return citation
    half = LONGEST_CITATION // 4  # characters, and each may count two units
    return f"{citation[:half]}…{citation[-half:]}"


def _split(text: str) -> list[Draft]:
    """Cut words of the bot (a list of sources may be long) at line ends, where it can."""
    drafts = []
    while text := text.strip():
        end = bisect_right(_lengths(text), LIMIT) - 1
        if end < len(text):
            end = text.rfind("\n", 0, end + 1) + 1 or end
        drafts.append(Draft(text[:end].rstrip()))
        text = text[end:]
    return drafts


def _packed(pieces: Iterable[Draft]) -> list[Draft]:
    """Put the pieces into as few messages as the limits allow, in order."""
    messages: list[Draft] = []
    for piece in pieces:
        last = messages[-1] if messages else None
        if (
            last is not None
            and units(last.text) + len(GAP) + units(piece.text) <= LIMIT
            and len(last.entities) + len(piece.entities) <= MOST_ENTITIES
        ):
            text, entities = MessageEntity.concatenate(
                (last.text, last.entities), (GAP, ()), (piece.text, piece.entities)
            )
            messages[-1] = Draft(text, tuple(entities))
        else:
            messages.append(piece)
    return messages
