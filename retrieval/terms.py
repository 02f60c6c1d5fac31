"""Text to terms: the one place that decides what counts as a word.

Documents and questions go through the same Analyzer, so an engine never has to understand
a language: engines compare terms, they do not make them.  jieba lives here and only here.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from operator import add
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from retrieval.errors import UnreadableFile
from retrieval.folding import Folded, fold

HAN = "㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"[{HAN}]+|\d+(?:\.\d+)?%?|[a-z][a-z0-9]*|[^\W_{HAN}]+")
"""Runs of one script in folded text: Chinese, a number, a Latin word, anything else."""

PLACE_ENDINGS = ("自治区", "街道", "省", "市", "区", "县", "镇", "乡", "村", "州", "旗")

_IS_HAN = re.compile(f"[{HAN}]").match
_HAN_RUN = re.compile(f"[{HAN}]+")


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

    `dictionary` is a file with words of the owner's, as jieba reads it: a word a line, and if
    wanted how often it occurs and a tag (ns: a place); UnreadableFile if it is anything else.
    `version` changes with it: what was cut with another dictionary has to be cut again.
    """

    def __init__(self, cache: Path | None = None, dictionary: Path | None = None) -> None:
        self._own = _own_words(dictionary) if dictionary else ()
        self.version = hashlib.sha256(repr(self._own).encode()).hexdigest()[:16]
        self._cache = cache
        self._tokenizer: Any = None
        self._places: frozenset[str] | None = None
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[Analyzer], tuple[Path | None]]:
        """Be made anew in another process, which loads the dictionary for itself."""
        return Analyzer, (self._cache,)

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
                own = (word.text for word in self._own if word.tag == "ns")
                known = re.findall(r"^(\S+) \d+ ns$", lines, re.MULTILINE)
                self._places = frozenset(known).union(own)
        places = self._places
        if len(word) > 2 and word.endswith(PLACE_ENDINGS):
            return word in places
        return word in places and any(word + ending in places for ending in PLACE_ENDINGS)

    def _jieba(self) -> Any:  # noqa: ANN401  (jieba ships no types)
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = _load_jieba(self._cache)
                for word in self._own:
                    self._tokenizer.add_word(word.text, word.frequency, word.tag)
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


def bigram_texts(folded: str, *, han_only: bool = False) -> list[str]:
    """Return the texts of `bigrams`, ten times as fast: indexing needs no places."""
    found: list[str] = []
    for run in (_HAN_RUN if han_only else RUN).findall(folded):
        if len(run) > 1 and is_han(run):
            found += map(add, run, run[1:])
        else:
            found.append(run)
    return found


def character_texts(folded: str) -> list[str]:
    """Return the texts of `characters`, as `bigram_texts` does."""
    found: list[str] = []
    for run in RUN.findall(folded):
        found += run if is_han(run) else (run,)
    return found


class _Word(NamedTuple):
    """A word of the owner's, folded: jieba sees folded text only."""

    text: str
    frequency: int | None  # None: as many as it takes for jieba to cut it whole
    tag: str | None


_OWN_WORD = re.compile(r"(\S+)(?:\s+([1-9]\d{0,8}))?(?:\s+([a-z]+))?")


def _own_words(dictionary: Path) -> tuple[_Word, ...]:
    try:
        lines = dictionary.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UnreadableFile(dictionary, "is not UTF-8: save it in the encoding UTF-8") from error
    except OSError as error:
        raise UnreadableFile(dictionary, f"cannot be read ({error.strerror})") from error
    words = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            found = _OWN_WORD.fullmatch(line.strip())
            if not found:
                reason = f"line {number} is no word: write 康乃馨服务站, or 康乃馨服务站 100 n"
                raise UnreadableFile(dictionary, reason)
            text, frequency, tag = found.groups()
            words.append(_Word(fold(text).text, int(frequency) if frequency else None, tag))
    return tuple(words)


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
