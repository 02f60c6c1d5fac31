"""jieba's words and the owner's to a Dictionary, made once and kept beside the index.

In: jieba's own files, which are only read (to import it takes half a second), and the owner's
words.  Out: a Dictionary.  What is kept is made anew, silently, when it is damaged or was made
of something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from itertools import accumulate, chain
from math import log
from pathlib import Path
from typing import Any, NamedTuple

from retrieval.cutting import likeliest, pieces
from retrieval.dictionary import FIRST, LAST, NEVER, STATES, Dictionary, Model, image, keep, opened
from retrieval.errors import UnreadableFile
from retrieval.folding import fold
from retrieval.patterns import regex

NAME = "words.bin"
PLACE = "ns"  # jieba's tag,
NOUNS = ("n", "vn")  # and what those of nouns begin with: ns, nr, nz …


class Word(NamedTuple):
    """A word of the owner's, folded: what is cut is folded text."""

    text: str
    frequency: int | None  # None: as many as it takes to be cut whole
    tag: str | None


_OWN_WORD = regex(r"(\S+)(?:\s+([1-9]\d{0,8}))?(?:\s+([a-z]+))?")


def own_words(dictionary: Path) -> tuple[Word, ...]:
    """Read a file of the owner's: a word a line and, if wanted, how often it occurs and a tag.

    Raises UnreadableFile, with the line, if it is anything else.
    """
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
            words.append(Word(fold(text).text, int(frequency) if frequency else None, tag))
    return tuple(words)


def dictionary_of(own: Sequence[Word], folder: Path | None) -> Dictionary:
    """Return jieba's words with the owner's; kept in `folder`, if it is given and writable."""
    jieba = _jieba()
    about = (jieba / "dict.txt").stat()
    made_of = (about.st_size, about.st_mtime_ns, tuple(own))
    key = hashlib.sha256(repr(made_of).encode("utf-8", "surrogatepass")).digest()
    file = folder / NAME if folder else None
    if file and (found := opened(file, key)):
        return found
    data = _image(jieba, own, key, about.st_mtime_ns)
    if file:
        keep(file, data, about.st_mtime_ns)
    return (opened(file, key) if file else None) or Dictionary(data, key)


def _jieba() -> Path:
    """Return the folder of the package, which need not be imported for that."""
    spec = find_spec("jieba")
    if not spec or not spec.origin:
        raise ModuleNotFoundError("jieba is not installed")
    return Path(spec.origin).parent


def _image(jieba: Path, own: Sequence[Word], key: bytes, stamp: int) -> bytes:
    lines = (jieba / "dict.txt").read_text("utf-8").replace("\n", " ").split(" ")
    texts, counts, tags = lines[:-1:3], list(map(int, lines[1::3])), lines[2::3]
    tagged = [*zip(texts, tags, strict=True), *((word.text, word.tag or "n") for word in own)]
    places = {text for text, tag in tagged if tag == PLACE}
    nouns = {text for text, tag in tagged if tag.startswith(NOUNS)}
    words = _Growing(dict(zip(texts, counts, strict=True)), sum(counts))
    words.take_in(own)
    model = _model(jieba / "finalseg")
    return image(key, words.known, words.total, places, nouns, model, stamp)


class _Growing:
    """Words to which others are added."""

    def __init__(self, known: dict[str, int], total: int) -> None:
        self.known = known
        self.total = total
        self._beginnings: set[str] = set()  # of those words that matter

    @property
    def log_total(self) -> float:
        """See Frequencies."""
        return log(self.total)

    def frequency(self, fragment: str, /) -> int | None:
        """See Frequencies."""
        return self.known.get(fragment, 0 if fragment in self._beginnings else None)

    def take_in(self, own: Sequence[Word]) -> None:
        """Add words, one after the other: each may be made of those before."""
        letters = {letter for word in own for letter in word.text}
        alike = (word for word in self.known if word[0] in letters) if letters else ()
        self._beginnings = {start for word in alike for start in accumulate(word)}
        for word in own:
            frequency = word.frequency or self._fitting(word.text)
            self.known[word.text] = frequency
            self.total += frequency  # as in jieba, even if the word was known before
            self._beginnings.update(accumulate(word.text))

    def _fitting(self, word: str) -> int:
        """Return how often a word has to occur to be cut whole, as jieba reckons it."""
        share = 1.0
        for piece in pieces(word, partial(likeliest, words=self)):
            share *= self.known.get(piece, 1) / self.total
        return max(int(share * self.total) + 1, self.known.get(word, 0))


def _model(folder: Path) -> Model:
    import pickle  # the dictionary is made once

    def table(name: str) -> dict[str, dict[str, float]]:
        # jieba's own files: whoever could change them could change what we import as well.
        chances: dict[str, dict[str, float]] = pickle.loads(  # noqa: S301
            (folder / f"prob_{name}.p").read_bytes()
        )
        return chances

    start: Any = table("start")
    change, emission = table("trans"), table("emit")
    characters = list(map(chr, range(FIRST, LAST + 1)))
    columns = [[emission[state].get(c, NEVER) for c in characters] for state in STATES]
    return Model(
        [start[state] for state in STATES],
        [change[then].get(now, NEVER) for then in STATES for now in STATES],
        list(chain.from_iterable(zip(*columns, strict=True))),
    )
