"""jieba's dictionary, the owner's words and the tables of its hidden Markov model, in one file.

In: words with how often they occur.  Out: bytes, which are mapped into memory and read in
place: to parse the dictionary at every start would take longer than to answer a question.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate
from math import log
from pathlib import Path

from msgspec import Struct

_HEAD = struct.Struct("<8s32sQQQQQI4x20d")
_MAGIC = b"youju\0w2"

_PLACE, _NOUN = 1, 2  # what the tag of a word says of it

_RECENT = 1 << 16  # fragments whose frequency is remembered: 10 MB

FIRST, LAST = 0x4E00, 0x9FD5  # what jieba takes for Chinese characters
STATES = "BEMS"  # a character begins a word, ends it, stands in the middle, is one alone
NEVER = -3.14e100  # the logarithm of a probability of 0, as jieba has it


class Model(Struct, frozen=True):
    """The hidden Markov model: logarithms of probabilities, by the places of STATES."""

    start: Sequence[float]  # of each state
    change: Sequence[float]  # from each state to each
    emission: Sequence[float]  # of each character from FIRST to LAST in each state


def image(
    key: bytes,
    frequencies: Mapping[str, int],
    total: int,
    places: Collection[str],
    nouns: Collection[str],
    model: Model,
    stamp: int,
) -> bytes:
    """Return what a Dictionary is read from.

    `key` (32 bytes) names what it was made of, `total` is the sum of the frequencies, `stamp`
    the date that its file will bear (ns).
    """
    words = sorted(frequencies)  # also the order of their bytes
    encoded = [word.encode() for word in words]
    parts: tuple[bytes, ...] = (
        array("d", model.emission).tobytes(),
        array("I", accumulate(map(len, encoded), initial=0)).tobytes(),
        array("I", map(frequencies.__getitem__, words)).tobytes(),
        bytes(_PLACE * (word in places) + _NOUN * (word in nouns) for word in words),
        b"".join(encoded),
    )
    body = b"".join(parts)
    head = _HEAD.pack(
        _MAGIC,
        key,
        stamp,
        total,
        len(words),
        len(model.emission),
        len(body),
        zlib.crc32(body),
        *model.start,
        *model.change,
    )
    return head + body


class Dictionary:
    """Words and how often they occur, read in place.  Thread-safe.

    Raises ValueError if the bytes are no image of this `key`.  A file that bears the date it
    was written with is what was written; the checksum decides about any other (`date`: ns).
    """

    def __init__(self, data: bytes | mmap.mmap, key: bytes, date: int = 0) -> None:
        if len(data) < _HEAD.size or sys.byteorder != "little":
            raise ValueError("no dictionary")
        magic, held, stamp, total, count, emissions, size, checksum, *chances = _HEAD.unpack_from(
            data
        )
        if (magic, held, size) != (_MAGIC, key, len(data) - _HEAD.size):
            raise ValueError("another dictionary")
        view = memoryview(data)[_HEAD.size :]
        if date != stamp and zlib.crc32(view) != checksum:
            raise ValueError("a damaged dictionary")
        emission, view = view[: 8 * emissions], view[8 * emissions :]
        ends, view = view[: 4 * count + 4], view[4 * count + 4 :]
        frequencies, view = view[: 4 * count], view[4 * count :]
        self._data = data
        self._ends = ends.cast("I")
        self._frequencies = frequencies.cast("I")
        self._kinds = view[:count]
        self._words = len(data) - len(view) + count  # where they begin
        self.log_total = log(total)
        self.model = Model(chances[:4], chances[4:], emission.cast("d"))
        self.frequency = lru_cache(_RECENT)(self._frequency)

    def _frequency(self, fragment: str) -> int | None:
        """Return how often a word occurs; 0 if longer ones begin so, None if none does."""
        encoded = fragment.encode("utf-8", "surrogatepass")
        at = bisect_left(self, encoded)
        if at == len(self) or not (found := self[at]).startswith(encoded):
            return None
        return self._frequencies[at] if len(found) == len(encoded) else 0

    def is_place(self, word: str) -> bool:
        """Return whether a word's tag says that it is a place."""
        return self._kind(word) & _PLACE > 0

    def is_noun(self, word: str) -> bool:
        """Return whether a word's tag says that it is a noun, or the name of something."""
        return self._kind(word) & _NOUN > 0

    def _kind(self, word: str) -> int:
        encoded = word.encode("utf-8", "surrogatepass")
        at = bisect_left(self, encoded)
        return self._kinds[at] if at < len(self) and self[at] == encoded else 0

    def __len__(self) -> int:
        return len(self._frequencies)

    def __getitem__(self, number: int) -> bytes:
        at = self._words
        return self._data[at + self._ends[number] : at + self._ends[number + 1]]


def opened(file: Path, key: bytes) -> Dictionary | None:
    """Return the dictionary in a file; None if there is none, or a damaged or another one."""
    with suppress(OSError, ValueError), file.open("rb") as stream:
        date = os.fstat(stream.fileno()).st_mtime_ns
        return Dictionary(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), key, date)
    return None


def keep(file: Path, data: bytes, stamp: int) -> None:
    """Write an image in one step, dated as it says; nothing where that is impossible."""
    new = file.with_name(f"{file.name}.{os.getpid()}")
    with suppress(OSError):
        try:
            new.write_bytes(data)
            os.utime(new, ns=(stamp, stamp))
            new.replace(file)
        finally:
            new.unlink(missing_ok=True)
