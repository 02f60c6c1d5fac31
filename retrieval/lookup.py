"""Folded text in which terms are looked up: by themselves, or by what may stand for them.

In: a folded text and what is sought.  Out: where it stands, and what that is worth.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from retrieval.blocks import Span
from retrieval.passages import sentence_starts
from retrieval.patterns import regex
from retrieval.seeking import Other, Sought
from retrieval.sounds import by_sound
from retrieval.terms import HAN, is_han

Sighting = tuple[Sought, Sequence[int], float]
"""A term, the places where it (or what stands for it) begins, and its worth: 1 for itself."""


class Terms:
    """What is looked up in one text after the other; no two have the same text."""

    __slots__ = ("by_text", "replaceable")

    def __init__(self, asked: Iterable[Sought]) -> None:
        self.by_text = {sought.text: sought for sought in asked}
        self.replaceable = [sought for sought in self.by_text.values() if sought.others]


class Text:
    """Folded text in which terms are looked up."""

    # No cached_property: in Python 3.11 it takes a lock, which here costs more than the work.
    __slots__ = ("_runs", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None
        self._runs: dict[str, list[int]] | None = None

    @property
    def starts(self) -> list[int]:
        """Where its sentences begin."""
        if self._starts is None:
            self._starts = sentence_starts(self.text)
        return self._starts

    @property
    def sentences(self) -> list[Span]:
        """Its sentences, as slices."""
        return list(pairwise([*self.starts, len(self.text)]))

    @property
    def runs(self) -> dict[str, list[int]]:
        """Numbers and Latin words, which are found whole or not at all."""
        if self._runs is None:
            self._runs = {}
            for run in _NOT_HAN.finditer(self.text):
                self._runs.setdefault(run[0], []).append(run.start())
        return self._runs

    def find(self, terms: Terms) -> list[Sighting]:
        """Return the terms that the text holds, each by itself or, if need be, another way.

        Of what may stand for a term only the best is looked for.
        """
        text, found = self.text, []
        for term, sought in terms.by_text.items():
            # Most terms stand in few texts: whether they do takes half as long as where.
            if term in text and (places := self._places(term, sought.han)):
                found.append((sought, places, 1.0))
        if terms.replaceable:
            there = {sought.text for sought, _, _ in found}
            for sought in terms.replaceable:
                if sought.text not in there and (other := self._find_other(sought)):
                    found.append(other)
        return found

    def spans(self, sought: Sought) -> list[Span]:
        """Return the slices that hold a term, or else what stands for it."""
        if places := self._places(sought.text, is_han(sought.text)):
            return [(place, place + len(sought.text)) for place in places]
        for other in sought.others:
            if places := self._places_of(other):
                return [(place, place + len(other.text)) for place in places]
        return []

    def sentence_at(self, place: int) -> int:
        """Return the number, from 0, of the sentence that a place belongs to."""
        return bisect_right(self.starts, place) - 1

    def _places(self, term: str, han: bool) -> Sequence[int]:
        if han:
            return _all(self.text, term)
        return self.runs.get(term, ()) if term in self.text else ()

    def _find_other(self, sought: Sought) -> Sighting | None:
        for other in sought.others:
            if places := self._places_of(other):
                return sought, places, other.worth
        return None

    def _places_of(self, other: Other) -> Sequence[int]:
        if not other.sound:
            return self._places(other.text, is_han(other.text))
        return self._alike(other.text, other.sound)

    def _alike(self, term: str, sound: str) -> Sequence[int]:
        """Return where something begins that sounds like a term and shares a character with it.

        Who mistypes a character hits the next one: all of it said alike is chance (䲟又, 因由).
        So what is shared is looked for, and only what stands around it has to be heard.
        """
        text, found = self.text, set()
        for offset, character in enumerate(term):
            for at in _all(text, character):
                start = at - offset
                if start >= 0 and by_sound(text[start : start + len(term)]) == sound:
                    found.add(start)
        return sorted(found)


# As RUN has them; begun with a class of characters rather than with alternatives, they are found
# much sooner in a text that is mostly Chinese.
_NOT_HAN = regex(
    rf"[^\W_{HAN}](?:(?<=\d)\d*(?:\.\d+)?%?|(?<=[a-z])[a-z0-9]*|(?<![\da-z])[^\W_{HAN}]*)"
)


def _all(text: str, term: str) -> list[int]:
    """Return where a term begins in a text, wherever words begin and end."""
    places, size = [], len(term)
    at = text.find(term)
    while at >= 0:
        places.append(at)
        at = text.find(term, at + size)
    return places
