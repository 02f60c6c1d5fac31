"""A fragment of an answer that more is wanted about, and the passages that would only repeat it.

In: words of a quote, and the passages they were taken from.  Out: which passages to leave out.
"""

from __future__ import annotations

from msgspec import Struct

from retrieval.arranging import ALIKE
from retrieval.folding import fold
from retrieval.passages import Passage
from retrieval.terms import bigrams

LONGEST = 1024  # characters, as many as a quotation in Telegram has
OWN = 6  # pairs of characters, from which on words are hardly the same by chance
TELLING = 20  # pairs of characters, from which on a passage that holds them all says the same


class Fragment(Struct, frozen=True):
    """Words that stand in a quote; `origin`: the texts of the passages that they are from."""

    text: str
    origin: tuple[str, ...] = ()

    def is_from(self, text: str) -> bool:
        """Return whether these words stand in a text; white space does not count."""
        return _bare(self.text) in _bare(text)

    def leaves_out(self, passage: Passage) -> bool:
        """Return whether a passage is where the words are from, or says nearly the same."""
        bare = _bare(passage.text)
        if any(bare == _bare(origin) for origin in self.origin):
            return True
        held, own = _pairs(passage.text), _pairs(self.text)
        if not self.origin and len(own) >= OWN and self.is_from(passage.text):
            return True
        if len(own) >= TELLING and len(own & held) >= ALIKE * len(own):
            return True
        others = map(_pairs, self.origin)
        return any(len(held & other) >= ALIKE * len(held | other) for other in others if other)


def _bare(text: str) -> str:
    return "".join(text.split())


def _pairs(text: str) -> set[str]:
    return set(bigrams(fold(text).text))
