"""Text to terms: the one place that decides what counts as a word.

Documents and questions go through the same Analyzer, so an engine never has to understand
a language: engines compare terms, they do not make them.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import add
from pathlib import Path

from retrieval.cutting import Cutter, MappedCutter, QuickCutter
from retrieval.dictionary import Dictionary
from retrieval.folding import Folded
from retrieval.vocabulary import Word, dictionary_of, own_words

HAN = "㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"[{HAN}]+|\d+(?:\.\d+)?%?|[a-z][a-z0-9]*|[^\W_{HAN}]+")
"""Runs of one script in folded text: Chinese, a number, a Latin word, anything else."""

PLACE_ENDINGS = ("自治区", "街道", "省", "市", "区", "县", "镇", "乡", "村", "州", "旗")

LETTER = r"[^\W\da-z_]"
"""A letter that is not Latin: in a pattern over folded text, as good as HAN as long as there is
no other script, and quicker by a millisecond to compile, which counts at a start."""


def is_han(text: str) -> bool:
    """Return whether `text` begins with a Chinese character."""
    first = text[:1]
    return first >= "㐀" and (
        "一" <= first <= "鿿"
        or first <= "䶿"
        or "豈" <= first <= "\ufaff"
        or "\U00020000" <= first <= "\U0003ffff"
    )


def han_runs(folded: str) -> list[str]:
    """Return the runs of Chinese characters in a text."""
    return [run for run in RUN.findall(folded) if is_han(run)]


@dataclass(frozen=True, slots=True)
class Term:
    """A folded word or pair of characters, and its place in the folded text."""

    text: str
    start: int
    end: int


class Analyzer:
    """Cuts text into words and bigrams.  Thread-safe.

    `cache` is a folder where the dictionary is kept, ready to be used; without it (or where
    it cannot be written) the dictionary is made anew at every start.

    `dictionary` is a file with words of the owner's, as jieba reads it: a word a line, and if
    wanted how often it occurs and a tag (ns: a place); UnreadableFile if it is anything else.
    `version` changes with it: what was cut with another dictionary has to be cut again.
    """

    def __init__(self, cache: Path | None = None, dictionary: Path | None = None) -> None:
        self._own = own_words(dictionary) if dictionary else ()
        self.version = hashlib.sha256(repr(self._own).encode()).hexdigest()[:16]
        self._cache = cache
        self._dictionary: Dictionary | None = None
        self._cutter: Cutter | None = None
        self._lock = threading.Lock()

    def __getstate__(self) -> tuple[tuple[Word, ...], str, Path | None]:
        """Return what another process needs, which opens the dictionary for itself."""
        return self._own, self.version, self._cache

    def __setstate__(self, state: tuple[tuple[Word, ...], str, Path | None]) -> None:
        """Become a copy of one in another process."""
        self._own, self.version, self._cache = state
        self._dictionary = self._cutter = None
        self._lock = threading.Lock()

    def quick(self) -> Analyzer:
        """Return one that cuts fast: it takes a tenth of a second, and pays for many pages."""
        words = self._words()
        quick = Analyzer.__new__(type(self))
        quick.__setstate__(self.__getstate__())
        quick._dictionary = words
        own = [(word.text, words.frequency(word.text) or 1) for word in self._own]
        quick._cutter = QuickCutter(MappedCutter(words), own)
        return quick

    def words(self, folded: Folded) -> Iterator[Term]:
        """Yield words: Chinese ones as jieba's search mode cuts them, shorter ones inside too.

        Numbers and Latin words stay whole: jieba never sees them, as it would split them.
        """
        for run in RUN.finditer(folded.text):
            if is_han(run[0]):
                tokens = self._cuts().tokens(run[0])
                yield from (Term(w, run.start() + a, run.start() + b) for w, a, b in tokens)
            else:
                yield Term(run[0], run.start(), run.end())

    def words_of(self, runs: Sequence[str]) -> list[str]:
        """Return what `words` finds in runs of Chinese characters, faster: without places."""
        return self._cuts().words(runs)

    def cut(self, text: str) -> list[str]:
        """Return the pieces of `text` between word ends: joined, they are `text`."""
        return self._cuts().pieces(text)

    def is_place(self, word: str) -> bool:
        """Return whether the dictionary knows `word` as a place, with an ending or without.

        Its tag alone will not do: it calls 城市 and 东西 places.  A real one is also there
        with what kind of place it is: 海陵 and 海陵区.
        """
        is_place = self._words().is_place
        if len(word) > 2 and word.endswith(PLACE_ENDINGS):
            return is_place(word)
        return is_place(word) and any(is_place(word + ending) for ending in PLACE_ENDINGS)

    def _words(self) -> Dictionary:
        with self._lock:
            if self._dictionary is None:
                self._dictionary = dictionary_of(self._own, self._cache)
        return self._dictionary

    def _cuts(self) -> Cutter:
        if self._cutter is None:
            self._cutter = MappedCutter(self._words())
        return self._cutter


def bigrams(folded: Folded) -> Iterator[Term]:
    """Yield each pair of neighbouring Chinese characters; a number or Latin word counts as one.

    A lone Chinese character is a term of its own: there is no pair to find it by.
    """
    for run in RUN.finditer(folded.text):
        text, at = run[0], run.start()
        if is_han(text) and len(text) > 1:
            for i in range(len(text) - 1):
                yield Term(text[i : i + 2], at + i, at + i + 2)
        else:
            yield Term(text, at, run.end())


def characters(folded: Folded) -> Iterator[Term]:
    """Yield each Chinese character; a number or Latin word counts as one."""
    for run in RUN.finditer(folded.text):
        if is_han(run[0]):
            for i, character in enumerate(run[0], run.start()):
                yield Term(character, i, i + 1)
        else:
            yield Term(run[0], run.start(), run.end())


def bigram_texts(folded: str) -> list[str]:
    """Return the texts of `bigrams`, ten times as fast: who compares texts needs no places."""
    found: list[str] = []
    for run in RUN.findall(folded):
        if len(run) > 1 and is_han(run):
            found += map(add, run, run[1:])
        else:
            found.append(run)
    return found
