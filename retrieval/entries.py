"""Passages to the terms that engines find them by.

In: the folded texts of a file's passages.  Out: a Batch.  Nothing but a passage's texts counts,
so engines can be filled anew from the store at any time.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

from retrieval.engines import Batch, Field
from retrieval.engines.columns import AGAIN, Columns
from retrieval.packing import StoredPassage
from retrieval.terms import Analyzer

AT_ONCE = 1_000  # passages of a file: their terms take some MB while they are made
_SPACED = "{} {}".format


class Entries:
    """Makes the terms of passages."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def batch(self, source: str, file: str, passages: Iterable[StoredPassage]) -> Batch:
        """Return what an engine has to hold for a file."""
        return Batch(source, file, self.columns(passages))

    def columns(self, passages: Iterable[StoredPassage]) -> Columns:
        """Return the terms of the passages of a file."""
        stored = list(passages)
        fields: dict[Field, list[str]] = {field: [] for field in Field}
        for at in range(0, len(stored), AT_ONCE):
            for field, texts in self._fields(stored[at : at + AT_ONCE]).items():
                fields[field] += texts
        return Columns(tuple(one.passage.id for one in stored), fields)

    def _fields(self, stored: Sequence[StoredPassage]) -> dict[Field, Iterable[str]]:
        """Return the text of each passage, by field."""
        from retrieval.spacing import BETWEEN, Spaced  # numpy: no question needs it here

        # What passages share of their context is made once.
        about = [one.context.split("\n") for one in stored]
        lines = list(dict.fromkeys(chain.from_iterable(about)))
        size = len(lines)
        spaced = Spaced([*lines, *(one.folded for one in stored)])
        runs = list(spaced.others())
        others = list(map(" ".join, runs))
        cut = " ".join(self._analyzer.words_of(spaced.runs())).split(BETWEEN)
        words = list(map(_SPACED, cut, others))
        pairs = list(map(_SPACED, spaced.pairs(), others))
        sounds = list(spaced.sounds())
        characters = map(_characters, spaced.characters(size), runs[size:], others[size:])
        context = dict(zip(lines, map(_SPACED, words, pairs), strict=False)).__getitem__
        heard = dict(zip(lines, sounds, strict=False)).__getitem__
        return {
            Field.WORD: words[size:],
            Field.GRAM: pairs[size:],
            Field.CHAR: characters,
            Field.SOUND: (
                " ".join((own, *map(heard, lines)))
                for own, lines in zip(sounds[size:], about, strict=True)
            ),
            Field.CONTEXT: (" ".join(map(context, lines)) for lines in about),
        }


def _characters(han: tuple[str, ...], runs: Sequence[str], others: str) -> str:
    """Return the text of single characters; a number or Latin word counts as one."""
    once, again = han
    if len(different := dict.fromkeys(runs)) < len(runs):
        others = " ".join(different)
        again += " ".join((Counter(runs) - Counter(different.keys())).elements())
    return f"{once}{others}{AGAIN}{again}"


@cache
def code_version() -> str:
    """Return what changes when the terms of the same passages may."""
    folder = Path(__file__).parent
    names = (
        "cutting.py",
        "entries.py",
        "sounds.py",
        "sounds.txt",
        "spacing.py",
        "terms.py",
        "variants.py",
    )
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in names)).hexdigest()[:8]
