"""What the store keeps of a passage, as few bytes, and back.

In: texts, slices.  Out: bytes, deflated; a text like another one is told by the difference.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from functools import lru_cache
from itertools import accumulate

from retrieval.blocks import Span

ENCODING = "gb18030"  # every character there is, and the usual Chinese ones in two bytes
RAW = -15  # no header, no checksum
MEMORY = 6  # of 9: what is short deflates as well with less, and sooner
FIRST = ord("0")  # the character that stands for 0
SURROGATES = 0xD800, 0x800  # where they begin, and how many there are: these are no characters


def packed(text: str, like: str = "") -> bytes:
    """Return the bytes of a text that may be much like another one, or the same."""
    if text == like:
        return b""
    deflate = zlib.compressobj(9, zlib.DEFLATED, RAW, MEMORY, zdict=_encoded(like))
    return deflate.compress(text.encode(ENCODING)) + deflate.flush()


def unpacked(data: bytes, like: str = "") -> str:
    """Return the text that `packed` made `data` of, given the same other one."""
    if not data:
        return like
    return zlib.decompressobj(RAW, _encoded(like)).decompress(data).decode(ENCODING)


@lru_cache(64)  # what is like many others is asked for again and again
def _encoded(text: str) -> bytes:
    return text.encode(ENCODING)


def written(spans: Collection[Span]) -> str:
    """Return slices of a passage as a text: two characters each, in order."""
    numbers: list[int] = []
    last = 0
    for start, end in sorted(spans):
        numbers += (start - last, end - start)
        last = start
    return "".join(map(_character, numbers))


def read_spans(text: str) -> tuple[Span, ...]:
    """Return the slices that `written` made `text` of, in order."""
    starts = accumulate(map(_NUMBERS.__getitem__, text[::2]))
    lengths = map(_NUMBERS.__getitem__, text[1::2])
    return tuple([(start, start + n) for start, n in zip(starts, lengths, strict=True)])


def _character(number: int) -> str:
    code, (first, count) = number + FIRST, SURROGATES
    return chr(code if code < first else code + count)


class _Numbers(dict[str, int]):
    """What characters stand for, worked out when they are first met."""

    def __missing__(self, character: str) -> int:
        code, (first, count) = ord(character), SURROGATES
        self[character] = (code if code < first else code - count) - FIRST
        return self[character]


_NUMBERS = _Numbers()
