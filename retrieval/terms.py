"""Text to terms: the one place that decides what counts as a word.

Documents and questions go through the same Analyzer, so an engine never has to understand
a language: engines compare terms, they do not make them.  jieba lives here and only here.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from retrieval.folding import Folded

HAN = "㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"[{HAN}]+|\d+(?:\.\d+)?%?|[a-z][a-z0-9]*|[^\W_{HAN}]+")
"""Runs of one script in folded text: Chinese, a number, a Latin word, anything else."""

PLACE_ENDINGS = ("自治区", "街道", "省", "市", "区", "县", "镇", "乡", "村", "州", "旗")

_IS_HAN = re.compile(f"[{HAN}]").match


def is_han(text: str) -> bool:
    """Return whether `text` begins with a Chinese character."""
    return _IS_HAN(text) is not None


@dataclass(frozen=True, slots=True)
class Term:
    """A folded word or pair of characters, and its place in the folded text."""

    text: str
    start: int
    end: int


class Analyzer:
    """Cuts text into words and bigrams.  Thread-safe.

    `cache` is a folder where jieba keeps its parsed dictionary; without it (or where it
    cannot be written) the dictionary is parsed at every start.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._tokenizer: Any = None
        self._places: frozenset[str] | None = None
        self._lock = threading.Lock()

    def words(self, folded: Folded) -> Iterator[Term]:
        """Yield words: Chinese ones as jieba's search mode cuts them, shorter ones inside too.

        Numbers and Latin words stay whole: jieba never sees them, as it would split them.
        """
        for run in RUN.finditer(folded.text):
            if is_han(run[0]):
                tokens = self._jieba().tokenize(run[0], mode="search")
                yield from (Term(w, run.start() + a, run.start() + b) for w, a, b in tokens)
            else:
                yield Term(run[0], run.start(), run.end())

    def cut(self, text: str) -> list[str]:
        """Return the pieces of `text` between word ends: joined, they are `text`."""
        return list(self._jieba().cut(text, HMM=False))

    def is_place(self, word: str) -> bool:
        """Return whether jieba's dictionary knows `word` as a place, with an ending or without.

        Its tag alone will not do: it calls 城市 and 东西 places.  A real one is also there
        with what kind of place it is: 海陵 and 海陵区.
        """
        with self._lock:
            if self._places is None:
                with _import_jieba().Tokenizer().get_dict_file() as file:
                    lines = file.read().decode()
                self._places = frozenset(re.findall(r"^(\S+) \d+ ns$", lines, re.MULTILINE))
        places = self._places
        if len(word) > 2 and word.endswith(PLACE_ENDINGS):
            return word in places
        return word in places and any(word + ending in places for ending in PLACE_ENDINGS)

    def _jieba(self) -> Any:  # noqa: ANN401  (jieba ships no types)
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = _load_jieba(self._cache)
        return self._tokenizer


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


def _import_jieba() -> Any:  # noqa: ANN401
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba 0.42.1 has invalid escapes and pkg_resources
        import jieba
    jieba.setLogLevel(logging.CRITICAL)  # it writes to stderr by a handler of its own
    return jieba


def _load_jieba(cache: Path | None) -> Any:  # noqa: ANN401
    tokenizer = _import_jieba().Tokenizer()
    # Its own choice is a fixed name in the shared temporary folder, where anybody may have
    # put another dictionary.
    with TemporaryDirectory() as folder:
        tokenizer.tmp_dir, tokenizer.cache_file = str(cache or folder), "jieba.cache"
        tokenizer.initialize()
    return tokenizer
