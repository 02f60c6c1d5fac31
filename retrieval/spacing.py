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

Codes = NDArray[np.uint32]
"""Characters, by their numbers."""

BETWEEN = "\0"  # stands between texts; no term holds it
SPACE, LINE_END = ord(" "), ord("\n")
BITS = 18  # of the number of a Chinese character


class Spaced:
    """Texts; in what comes out there is a space, or several, behind each term."""

    def __init__(self, texts: Sequence[str]) -> None:
        whole = BETWEEN.join(text.replace(BETWEEN, " ") for text in texts)
        self._all = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), np.uint32)
        self._is_han = _is_han()[self._all]
        self._is_between = self._all == ord(BETWEEN)
        self._after_han = np.concatenate(([False], self._is_han[:-1]))
        before_han = np.concatenate((self._is_han[1:], [False]))
        self._han = self._all[self._is_han]
        self._last = ~before_han[self._is_han]  # of a run
        self._lone = self._last & ~self._after_han[self._is_han]
        ends = np.append(np.flatnonzero(self._is_between), len(self._all))
        self._ends = np.concatenate(([0], np.cumsum(self._is_han)))[ends]

    def runs(self) -> list[str]:
        """Return the runs of Chinese characters; the first one of a text begins with BETWEEN."""
        kept = self._is_han | self._is_between
        codes = np.where(kept, self._all, LINE_END)[kept | self._after_han]
        return _text(codes).split(chr(LINE_END))

    def others(self) -> Iterator[list[str]]:
        """Yield all other runs of each text."""
        codes = np.where(self._is_han, SPACE, self._all)[~(self._is_han & self._after_han)]
        return map(RUN.findall, _text(codes).split(BETWEEN))

    def pairs(self) -> Iterator[str]:
        """Yield the pairs of neighbours in each run; a lone character is a pair of its own."""
        return self._paired(self._han)

    def sounds(self) -> Iterator[str]:
        """Yield the same, by sound."""
        return self._paired(_by_sound()[self._han])

    def characters(self) -> Iterator[tuple[str, ...]]:
        """Yield Chinese characters, each once, and those that come again, as often as they do."""
        sizes = np.diff(self._ends, prepend=0)
        keys = np.sort(np.repeat(np.arange(len(sizes)), sizes) << BITS | self._han)
        again = np.diff(keys, prepend=-1) == 0
        parts = []
        for some in (keys[~again], keys[again]):
            codes = (some & ((1 << BITS) - 1)).astype(np.uint32)
            ends = np.cumsum(np.bincount(some >> BITS, minlength=len(sizes)))
            parts.append(_divided(np.stack((codes, np.full_like(codes, SPACE)), axis=1), ends))
        return zip(*parts, strict=True)

    def _paired(self, codes: Codes) -> Iterator[str]:
        spaced = np.full((len(codes), 3), SPACE, np.uint32)
        spaced[:, 0] = codes
        spaced[:-1, 1] = codes[1:]
        spaced[self._last, 0] = np.where(self._lone, codes, SPACE)[self._last]
        spaced[self._last, 1] = SPACE  # the pair before holds it
        return _divided(spaced, self._ends)


def _divided(spaced: Codes, ends: NDArray[Any]) -> Iterator[str]:
    """Yield rows of characters as texts, given where each ends."""
    text, start = _text(spaced), 0
    for end in (ends * spaced.shape[1]).tolist():
        yield text[start:end]
        start = end


def _text(codes: Codes) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _is_han() -> NDArray[np.bool_]:
    is_han = np.zeros(sys.maxunicode + 1, bool)
    for first, last in zip(HAN[::3], HAN[2::3], strict=True):
        is_han[ord(first) : ord(last) + 1] = True
    return is_han


@cache
def _by_sound() -> Codes:
    """Return the first character of its syllable for each Chinese character."""
    first = np.arange(1 << BITS, dtype=np.uint32)
    for syllable in reversed(syllables()):  # of two that hold a character, the first counts
        first[[ord(character) for character in syllable]] = ord(syllable[0])
    return first
