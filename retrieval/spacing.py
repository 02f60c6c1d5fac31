"""Texts to their terms, as far as no word has to be known for that, with spaces between.

In: folded texts.  Out: for each of them, other texts.  What takes a step a character elsewhere
(see terms) is done here for arrays of all characters, thirty times as fast.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.sounds import syllables
from retrieval.terms import HAN, RUN

Codes = NDArray[np.uint16] | NDArray[np.uint32]
"""Characters, by their numbers."""

BETWEEN = "\0"  # stands between texts; no term holds it
SPACE = ord(" ")
_CODECS = {2: "utf-16-le", 4: "utf-32-le"}  # by the bytes of a character
_CHINESE, _DULL = 1, 2  # kinds of characters; what is dull is part of no term


class Spaced:
    """Texts, 65,000 at most; in what comes out there is a space, or several, behind each term."""

    def __init__(self, texts: Sequence[str]) -> None:
        whole = BETWEEN.join(text.replace(BETWEEN, " ") for text in texts)
        self._all = _codes(whole)
        kinds = _kinds().take(self._all)
        self._dull = kinds != 0
        self._is_han = kinds == _CHINESE
        self._after_han = _shifted(self._is_han)
        self._is_between = self._all == ord(BETWEEN)
        self._han = self._all.compress(self._is_han)
        # Of a run's last character, and of one that is a run by itself, the place among all.
        last = self._is_han.copy()
        last[:-1] &= ~self._is_han[1:]
        self._last = np.flatnonzero(last.compress(self._is_han))
        self._lone = np.flatnonzero((last & ~self._after_han).compress(self._is_han))
        ends = np.append(np.flatnonzero(self._is_between), len(self._all))
        self._ends = np.append([0], np.cumsum(self._is_han))[ends]

    def runs(self) -> str:
        """Return the runs of Chinese characters of all texts, with BETWEEN between texts."""
        kept = self._is_han | self._is_between
        return _text(np.where(kept, self._all, SPACE).compress(kept | self._after_han))

    def others(self) -> Iterator[list[str]]:
        """Yield all other runs of each text."""
        codes = np.where(self._dull, SPACE, self._all)
        kept = ~(self._dull & _shifted(self._dull))
        return map(RUN.findall, _text(codes.compress(kept)).split(BETWEEN))

    def pairs(self) -> Iterator[str]:
        """Yield the pairs of neighbours in each run; a lone character is a pair of its own."""
        return self._paired(self._han)

    def sounds(self) -> Iterator[str]:
        """Yield the same, by sound."""
        return self._paired(_by_sound().take(self._han).astype(self._han.dtype))

    def characters(self, first: int) -> Iterator[tuple[str, ...]]:
        """Yield Chinese characters, each once, and those that come again, as often as they do.

        What the texts before the `first` hold is left out.
        """
        start, *ends = np.append([0], self._ends)[first:].tolist()
        sizes = np.diff(ends, prepend=start)
        bits = 8 * self._han.itemsize
        kind: Any = np.uint32 if bits == 16 else np.int64
        numbers = np.arange(len(sizes), dtype=kind) << bits
        keys = np.sort(np.repeat(numbers, sizes) | self._han[start:])
        again = np.zeros(len(keys), bool)
        again[1:] = keys[1:] == keys[:-1]
        parts = []
        for some in (keys.compress(~again), keys.compress(again)):
            spaced = np.full((len(some), 2), SPACE, self._han.dtype)
            spaced[:, 0] = some & ((1 << bits) - 1)
            counts = np.bincount(some >> bits, minlength=len(sizes))
            parts.append(_divided(spaced, np.cumsum(counts)))
        return zip(*parts, strict=True)

    def _paired(self, codes: Codes) -> Iterator[str]:
        spaced = np.full((len(codes), 3), SPACE, codes.dtype)
        spaced[:, 0] = codes
        spaced[:-1, 1] = codes[1:]
        spaced[self._last, :2] = SPACE  # the pair before holds it
        spaced[self._lone, 0] = codes[self._lone]
        return _divided(spaced, self._ends)


def _shifted(which: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which characters follow one of `which`."""
    after = np.zeros_like(which)
    after[1:] = which[:-1]
    return after


def _divided(spaced: Codes, ends: NDArray[Any]) -> Iterator[str]:
    """Yield rows of characters as texts, given where each ends."""
    text, start = _text(spaced), 0
    for end in (ends * spaced.shape[1]).tolist():
        yield text[start:end]
        start = end


def _codes(text: str) -> Codes:
    """Return the characters of a text, in two bytes each where that is enough: it is quicker."""
    codes = np.frombuffer(text.encode(_CODECS[2], "surrogatepass"), np.uint16)
    if (codes & 0xF800 == 0xD800).any():  # a half of what takes four bytes
        return np.frombuffer(text.encode(_CODECS[4], "surrogatepass"), np.uint32)
    return codes


def _text(codes: Codes) -> str:
    return codes.tobytes().decode(_CODECS[codes.itemsize], "surrogatepass")


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of each character; 0 is what other runs are made of, and BETWEEN."""
    kinds = np.zeros(sys.maxunicode + 1, np.uint8)
    kinds[: 1 << 16] = [0 if chr(c).isalnum() else _DULL for c in range(1 << 16)]
    kinds[[ord(BETWEEN), ord("."), ord("%")]] = 0
    for first, last in zip(HAN[::3], HAN[2::3], strict=True):
        kinds[ord(first) : ord(last) + 1] = _CHINESE
    return kinds


@cache
def _by_sound() -> Codes:
    """Return the first character of its syllable for each Chinese character."""
    first = np.arange(1 << 18, dtype=np.uint32)
    for syllable in reversed(syllables()):  # of two that hold a character, the first counts
        first[[ord(character) for character in syllable]] = ord(syllable[0])
    return first
