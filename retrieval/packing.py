"""Passages to what the store keeps of them, as few bytes, and back.

In: the passages of a file.  Out: a Packed for each document: a few bytes a passage, deflated,
each by itself, as a question needs a hundred of a hundred documents.  What the passages of a
document have in common is taken out of each.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from retrieval.blocks import Place, Repeat, Role, Span
from retrieval.passages import Passage

ENCODING = "gb18030"  # every character there is, and the usual Chinese ones in two bytes
LEVEL = 3  # of 9: more saves a seventieth, and takes a sixth longer
RAW = -15  # no header, no checksum
MEMORY = 6  # of 9: what is short deflates as well with less, and sooner
# Kept, for `json.dumps` makes another one for every passage.
_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class StoredPassage(Struct, frozen=True):
    """A passage and what search needs of it."""

    passage: Passage
    folded: str
    context: str  # what it takes for granted (title, headings, place, date), folded


class Packed(Struct, frozen=True):
    """A document as it is kept."""

    id: str
    title: str
    like: bytes  # its passages are like this
    passages: tuple[tuple[int, bytes], ...]  # number of each, and the rest
    characters: int  # of its passages, folded


def packed(passages: Iterable[StoredPassage]) -> Iterator[Packed]:
    """Yield the documents of a file."""
    for id, group in groupby(passages, key=lambda stored: stored.passage.document):
        document = list(group)
        first = document[0]
        like = _deflatable(_about(first))
        yield Packed(
            id,
            first.passage.title,
            like,
            tuple((_number(p), deflated([*_about(p), *_texts(p)], like)) for p in document),
            sum(len(p.folded) for p in document),
        )


def unpacked(
    source: str, file: str, document: str, title: str, like: bytes, number: int, data: bytes
) -> StoredPassage:
    """Return a passage; raise zlib.error, ValueError or TypeError if the bytes are damaged."""
    return _stored(source, file, document, title, number, inflated(data, like))


def packed_alone(stored: StoredPassage) -> bytes:
    """Return a passage as bytes that need nothing else to be unpacked."""
    p = stored.passage
    whose = [p.source, p.file, p.document, p.title, _number(stored)]
    return deflated([*whose, [*_about(stored), *_texts(stored)]], b"")


def unpacked_alone(data: bytes) -> StoredPassage:
    """Return the passage that `packed_alone` made `data` of."""
    return _stored(*inflated(data, b""))


def _stored(
    source: str, file: str, document: str, title: str, number: int, rest: list[Any]
) -> StoredPassage:
    role, place, section, spans, context, also, text, folded = rest
    passage = Passage(
        id=f"{document}:{number}",
        document=document,
        source=source,
        file=file,
        title=title,
        section=tuple(section),
        role=Role(role),
        text=folded if text is None else text,
        spans=_spans(spans),
        place=Place(*place),
        also=tuple(Repeat(Place(*place), _spans(again)) for *place, again in also),
    )
    return StoredPassage(passage, folded, context)


def deflated(value: Any, like: bytes) -> bytes:  # noqa: ANN401  (anything that JSON takes)
    """Return the bytes of a value that may be much like other bytes."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, RAW, MEMORY, zdict=like)
    return deflate.compress(_deflatable(value)) + deflate.flush()


def inflated(data: bytes, like: bytes) -> Any:  # noqa: ANN401
    """Return the value that `deflated` made `data` of, given the same other bytes."""
    return json.loads(zlib.decompressobj(RAW, like).decompress(data).decode(ENCODING))


def _deflatable(value: Any) -> bytes:  # noqa: ANN401
    return _AS_JSON(value).encode(ENCODING)


def _about(stored: StoredPassage) -> list[Any]:
    """Return what tells of a passage where it stands."""
    passage = stored.passage
    also = [(*astuple(again.place), again.spans) for again in passage.also]
    return [
        passage.role,
        astuple(passage.place),
        passage.section,
        passage.spans,
        stored.context,
        also,
    ]


def _texts(stored: StoredPassage) -> tuple[str | None, str]:
    text, folded = stored.passage.text, stored.folded
    return (None if text == folded else text), folded


def _number(stored: StoredPassage) -> int:
    return int(stored.passage.id.rpartition(":")[2])


def _spans(spans: Iterable[list[int]]) -> tuple[Span, ...]:
    return tuple([(start, end) for start, end in spans])
