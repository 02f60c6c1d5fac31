"""Passages to the terms that engines find them by.

In: the folded texts of a file's passages.  Out: a Batch.  Nothing but a passage's texts counts,
so engines can be filled anew from the store at any time.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from operator import add
from pathlib import Path
from typing import NamedTuple

from retrieval.engines import Batch, Field
from retrieval.engines.columns import NUMBER, Column, Columns, numbered
from retrieval.packing import StoredPassage
from retrieval.sounds import by_sound
from retrieval.terms import RUN, Analyzer, is_han


class Entries:
    """Makes the terms of passages."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def batch(self, source: str, file: str, passages: Iterable[StoredPassage]) -> Batch:
        """Return what an engine has to hold for a file."""
        return Batch(source, file, self.columns(passages))

    def columns(self, passages: Iterable[StoredPassage]) -> Columns:
        """Return the terms of the passages of a file."""
        terms, ids = _Terms(self._analyzer), []
        for stored in passages:
            ids.append(stored.passage.id)
            terms.add(stored)
        return Columns(tuple(ids), terms.columns())


class _Line(NamedTuple):
    """The terms of a line of context."""

    context: Sequence[str]  # words and pairs
    pairs: Sequence[str]


class _Terms:
    """The terms of a file, whose passages share lines of context."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._terms: dict[Field, list[str]] = {field: [] for field in Field}
        self._ends: dict[Field, list[int]] = {field: [] for field in Field}
        self._lines: dict[str, _Line] = {}

    def add(self, stored: StoredPassage) -> None:
        """Take in the next passage."""
        terms = self._terms
        han, others = _runs(stored.folded)
        pairs = _pairs(han)
        terms[Field.WORD] += self._analyzer.words_of(han)
        terms[Field.WORD] += others
        terms[Field.GRAM] += pairs
        terms[Field.GRAM] += others
        terms[Field.CHAR] += others
        for run in han:
            terms[Field.CHAR] += run
        for text in stored.context.split("\n"):
            line = self._lines.get(text) or self._line(text)
            terms[Field.CONTEXT] += line.context
            terms[Field.SOUND] += line.pairs
        terms[Field.SOUND] += pairs
        for field, ends in self._ends.items():
            ends.append(len(terms[field]))

    def _line(self, text: str) -> _Line:
        han, others = _runs(text)
        pairs = _pairs(han)
        context = [*self._analyzer.words_of(han), *others, *pairs, *others]
        line = self._lines[text] = _Line(context, pairs)
        return line

    def columns(self) -> dict[Field, Column]:
        """Return all that was taken in."""
        make = dict.fromkeys(Field, Column.of) | {Field.SOUND: _heard}
        return {field: make[field](self._terms[field], self._ends[field]) for field in Field}


def _heard(pairs: Sequence[str], ends: Iterable[int]) -> Column:
    """Return the sounds of pairs as a column."""
    written = dict.fromkeys(pairs)
    heard = by_sound("\n".join(written)).split("\n")  # a pair sounds as its characters do
    places = numbered(heard)
    of = dict(zip(written, map(places.__getitem__, heard), strict=False))  # nothing has one line
    return Column(
        tuple(places), array(NUMBER, list(map(of.__getitem__, pairs))), array(NUMBER, ends)
    )


def _runs(folded: str) -> tuple[list[str], list[str]]:
    """Return the runs of Chinese characters in a text, and all other runs."""
    han: list[str] = []
    others: list[str] = []
    for run in RUN.findall(folded):
        (han if is_han(run) else others).append(run)
    return han, others


def _pairs(runs: Sequence[str]) -> list[str]:
    """Return the pairs of neighbours in each run; a lone character is a pair of its own."""
    pairs: list[str] = []
    for run in runs:
        pairs += map(add, run, run[1:]) if len(run) > 1 else (run,)
    return pairs


@cache
def code_version() -> str:
    """Return what changes when the terms of the same passages may."""
    folder = Path(__file__).parent
    names = ("cutting.py", "entries.py", "sounds.py", "sounds.txt", "terms.py", "variants.py")
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in names)).hexdigest()[:8]
