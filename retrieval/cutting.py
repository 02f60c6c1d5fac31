"""Chinese to words as jieba cuts it: the likeliest path through the words of a dictionary.

What the dictionary does not know is cut by a hidden Markov model.  There are two Cutters:
ours reads the dictionary in place and begins at once, so it cuts questions; rjieba takes a
tenth of a second to load and cuts 15 times as fast, so it cuts documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache, partial
from math import log
from typing import Any, Protocol

from retrieval.dictionary import FIRST, STATES, Model

_BLOCK = re.compile(r"([一-鿕a-zA-Z0-9+#&._%-]+)|\r\n|.", re.DOTALL)
_HAN = re.compile("[一-鿕]+")
_LETTER = re.compile("[a-zA-Z0-9]")


class Frequencies(Protocol):
    """What a cut needs to know of a dictionary."""

    @property
    def log_total(self) -> float:
        """The logarithm of the sum of all frequencies."""
        ...

    def frequency(self, fragment: str, /) -> int | None:
        """Return how often a word occurs; 0 if longer ones begin so, None if none does."""
        ...


class WithModel(Frequencies, Protocol):
    """A dictionary with a model of the words that it does not know."""

    @property
    def model(self) -> Model:
        """The model."""
        ...


class Cutter(Protocol):
    """Cuts text into words."""

    def words(self, text: str) -> list[str]:
        """Return the words of Chinese text, unknown ones too, each after the shorter ones in it."""
        ...

    def pieces(self, text: str) -> list[str]:
        """Return the words of the dictionary that `text` is made of: joined, they are `text`."""
        ...


Cuts = Callable[[str], Iterable[str]]
"""Cuts a run of Chinese characters and letters into the likeliest words of a dictionary."""


def pieces(text: str, cuts: Cuts) -> list[str]:
    """Return the words of a dictionary that `text` is made of: joined, they are `text`.

    Letters and digits between them stay together.
    """
    found: list[str] = []
    for block in _BLOCK.finditer(text):
        if not block[1]:
            found.append(block[0])
            continue
        loose = ""
        for word in cuts(block[1]):
            if len(word) == 1 and _LETTER.match(word):
                loose += word
                continue
            if loose:
                found.append(loose)
                loose = ""
            found.append(word)
        if loose:
            found.append(loose)
    return found


class MappedCutter:
    """Cuts with a dictionary that is read in place.  Thread-safe."""

    def __init__(self, words: WithModel) -> None:
        self._words = words
        # Who understands a question cuts it, and parts of it, time and again.
        self._likeliest = lru_cache(maxsize=64)(partial(likeliest, words=words))
        self._pieces = lru_cache(maxsize=64)(partial(pieces, cuts=self._likeliest))

    def words(self, text: str) -> list[str]:
        """See Cutter."""
        found: list[str] = []
        for word in self._cut(text):
            for size in (2, 3):
                if len(word) > size:
                    parts = (word[at : at + size] for at in range(len(word) - size + 1))
                    found += filter(self._words.frequency, parts)
            found.append(word)
        return found

    def pieces(self, text: str) -> list[str]:
        """See Cutter."""
        return self._pieces(text).copy()

    def _cut(self, text: str) -> Iterator[str]:
        for block in _BLOCK.finditer(text):
            if not block[1]:
                yield block[0]
                continue
            single = ""  # characters that no word takes in, one after the other
            for word in self._likeliest(block[1]):
                if len(word) == 1:
                    single += word
                    continue
                yield from self._unknown(single)
                single = ""
                yield word
            yield from self._unknown(single)

    def _unknown(self, single: str) -> Iterable[str]:
        if len(single) < 2 or self._words.frequency(single):
            return single
        return _modelled(single, self._words.model)


class QuickCutter:
    """Cuts as `other` does (but for a word in 100,000), much faster.  Thread-safe.

    `own` are words with their frequencies that the other one knows besides jieba's.
    """

    def __init__(self, other: Cutter, own: Collection[tuple[str, int]] = ()) -> None:
        import rjieba  # no question needs it

        self._other = other
        self._jieba: Any = rjieba  # it has loaded a dictionary already: that takes longest
        if own:
            self._jieba = rjieba.Jieba()
        for word, frequency in own:
            self._jieba.add_word(word, frequency, "n")

    def words(self, text: str) -> list[str]:
        """See Cutter."""
        found: list[str] = self._jieba.cut_for_search(text)
        return found

    def pieces(self, text: str) -> list[str]:
        """See Cutter."""
        found: list[str] = []
        for block in _BLOCK.finditer(text):
            # It keeps other letters together than jieba does.
            quick = _HAN.fullmatch(block[0])
            found += self._jieba.cut(block[0], False) if quick else self._other.pieces(block[0])
        return found


def likeliest(text: str, words: Frequencies) -> tuple[str, ...]:
    """Return the words whose frequencies make the largest product; of equal ones, the longest."""
    frequency, log_total, size = words.frequency, words.log_total, len(text)
    best = [(0.0, 0)] * (size + 1)  # from each place to the end: its logarithm, and the first end
    for start in range(size - 1, -1, -1):
        choices = []
        for end in range(start + 1, size + 1):
            count = frequency(text[start:end])
            if count is None:
                break
            if count:
                # The order of the sum is jieba's: equal paths have to stay equal.
                choices.append((log(count) - log_total + best[end][0], end))
        best[start] = max(choices, default=(-log_total + best[start + 1][0], start + 1))
    found, start = [], 0
    while start < size:
        end = best[start][1]
        found.append(text[start:end])
        start = end
    return tuple(found)


_BEGIN, _END, _MIDDLE, _ALONE = range(len(STATES))
_BEFORE = ((_END, _ALONE), (_BEGIN, _MIDDLE), (_BEGIN, _MIDDLE), (_END, _ALONE))
"""The states that may precede each."""


def _modelled(text: str, model: Model) -> Iterator[str]:
    """Yield the words of the likeliest states of a run of Chinese characters (Viterbi)."""
    states = range(len(STATES))
    chances: list[float] = []
    ways: list[tuple[int, ...]] = []
    for place, character in enumerate(text):
        at = (ord(character) - FIRST) * len(STATES)
        emission = model.emission[at : at + len(STATES)]
        if place == 0:
            chances = [model.start[state] + emission[state] for state in states]
            ways = [(state,) for state in states]
            continue
        steps = [
            max(
                (chances[then] + model.change[then * len(STATES) + now] + emission[now], then)
                for then in _BEFORE[now]
            )
            for now in states
        ]
        chances = [chance for chance, _ in steps]
        ways = [(*ways[then], now) for now, (_, then) in enumerate(steps)]
    way = ways[max((chances[state], state) for state in (_END, _ALONE))[1]]
    start = 0
    for end, state in enumerate(way, 1):
        if state in (_END, _ALONE):
            yield text[start:end]
            start = end
