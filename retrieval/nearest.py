"""A word that stands nowhere to the nearest that does: 康奶新 to 康乃馨.

In: a folded Chinese word, and texts that hold some of it.  Out: what sounds alike or, of three
characters and more, differs in one; the one that occurs most often.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from retrieval.engines import Field, WeightedTerm
from retrieval.sounds import by_sound
from retrieval.terms import HAN, PLACE_ENDINGS

AROUND = 8  # characters on either side: enough to see where words begin and end


def terms_like(word: str) -> list[WeightedTerm]:
    """Return what to search for to find texts that hold such a word."""
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    sounds = [WeightedTerm(Field.SOUND, by_sound(pair), 2.0) for pair in pairs]
    return sounds + [WeightedTerm(Field.GRAM, pair) for pair in pairs]


def nearest(word: str, texts: Collection[str], cut: Callable[[str], Sequence[str]]) -> str:
    """Return the nearest word, "" if there is none; `cut` cuts a text into words."""
    for found in (_heard(word, texts), _one_other(word, texts, cut)):
        counts = Counter(found)
        if counts:
            return counts.most_common(1)[0][0]
    return ""


def _heard(word: str, texts: Collection[str]) -> list[str]:
    for part in _parts(word):
        sound = re.escape(by_sound(part))
        found = [
            text[slice(*m.span())] for text in texts for m in re.finditer(sound, by_sound(text))
        ]
        if found:
            return [] if part in found else found
    return []


def _parts(word: str) -> Iterator[str]:
    """Yield a word, then what it may be with a neighbour that was taken for a part of it."""
    for length in range(len(word), min(len(word), 3) - 1, -1):
        for start in range(len(word) - length + 1):
            yield word[start : start + length]


def _one_other(
    word: str, texts: Iterable[str], cut: Callable[[str], Sequence[str]]
) -> Iterator[str]:
    if len(word) < 3 or word.endswith(PLACE_ENDINGS):
        return  # half of a word is no likeness, and another place is another place
    pattern = re.compile("|".join(f"{word[:i]}[{HAN}]{word[i + 1 :]}" for i in range(len(word))))
    for text in texts:
        for match in pattern.finditer(text):
            start = max(0, match.start() - AROUND)
            around = text[start : match.end() + AROUND]
            if match[0] != word and match[0] in cut(around):
                yield match[0]
