"""The entries of a file, by field: each term once, and its place among them wherever it stands.

In: entries, or the terms of one passage after the other.  Out: what several passages repeat is
sent from process to process, and looked up by an engine, only once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from retrieval.engines import Entry, Field

NUMBER = "I"  # the type of a place: four bytes


@dataclass(frozen=True, slots=True)
class Column:
    """The terms of one field in all passages of a file, one passage after the other."""

    words: tuple[str, ...]  # each once
    numbers: array[int]  # for each term its place in `words`
    ends: array[int]  # for each passage where its terms end

    @classmethod
    def of(cls, terms: Sequence[str], ends: Iterable[int]) -> Column:
        """Return terms as a column."""
        places = numbered(terms)
        # An array is made faster of a list than of what yields the same.
        numbers = array(NUMBER, list(map(places.__getitem__, terms)))
        return cls(tuple(places), numbers, array(NUMBER, ends))

    def terms(self, passage: int) -> list[str]:
        """Return the terms of one passage, by its number."""
        start = self.ends[passage - 1] if passage else 0
        return [self.words[number] for number in self.numbers[start : self.ends[passage]]]


def numbered(terms: Iterable[str]) -> dict[str, int]:
    """Return the number of each different term, in the order in which they come."""
    return {term: number for number, term in enumerate(dict.fromkeys(terms))}


@dataclass(frozen=True, slots=True)
class Columns(Sequence[Entry]):
    """The entries of a file."""

    passages: tuple[str, ...]  # ids
    fields: Mapping[Field, Column]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Columns:
        """Return entries as columns, which they may be already."""
        if isinstance(entries, cls):
            return entries
        columns = {}
        for field in dict.fromkeys(field for entry in entries for field in entry.terms):
            each = [entry.terms.get(field, ()) for entry in entries]
            columns[field] = Column.of([*chain.from_iterable(each)], accumulate(map(len, each)))
        return cls(tuple(entry.passage for entry in entries), columns)

    def __len__(self) -> int:
        """Return how many passages there are."""
        return len(self.passages)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401  (never a slice)
        """Return the entry of a passage, by its number."""
        terms = {field: column.terms(at) for field, column in self.fields.items()}
        return Entry(self.passages[at], terms)
