"""A Question to what is looked for: each term, how much it weighs, and what may stand for it.

In: a Question, and how many passages hold each term.  Out: Asked, for engines and for ranking.

A term is found by itself, by a written word that the lexicon gives for it (老板: 用人单位), or,
where no passage holds it, by its sound (润洲: 润州): such a stand-in counts less.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from retrieval.engines import Field, FieldTerm, WeightedTerm
from retrieval.names import bears, stem
from retrieval.questions import Question
from retrieval.sounds import by_sound
from retrieval.terms import PLACE_ENDINGS, is_han

FIELD_WEIGHTS = {Field.WORD: 0.5, Field.GRAM: 1.0, Field.CHAR: 0.25, Field.CONTEXT: 0.5}
"""What a term counts in the engine's search.  Fitted on public sets (docs/evaluation.md)."""

UNKNOWN = 0.5  # what is left of the weight of a term that stands nowhere: 搞, 砸, 咋样
HEARD = 0.8  # what a term counts that is found by its sound


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the terms of a question are spread over the passages."""

    passages: int
    frequencies: Mapping[FieldTerm, int]

    @classmethod
    def of(
        cls,
        question: Question,
        passages: int,
        count: Callable[[Collection[FieldTerm]], Mapping[FieldTerm, int]],
    ) -> Statistics:
        """Have an engine `count` the passages that hold each of the question's terms."""
        alone = cls(passages, count({*_counted(question)}))
        heard = {(Field.SOUND, by_sound(gram)) for gram in alone.unknown(question)}
        return cls(passages, {**alone.frequencies, **(count(heard) if heard else {})})

    def unknown(self, question: Question) -> list[str]:
        """Return the pairs of Chinese characters in the question that stand nowhere."""
        return [
            gram
            for gram in dict.fromkeys(question.grams)
            if len(gram) == 2 and is_han(gram) and not self.found(Field.GRAM, gram)
        ]

    def idf(self, field: Field, term: str) -> float:
        """Return ln(1 + (N - n + ½) / (n + ½)), as every engine reckons it."""
        n = min(self.frequencies.get((field, term), 0), self.passages)
        return math.log(1 + (self.passages - n + 0.5) / (n + 0.5))

    def found(self, field: Field, term: str) -> bool:
        """Return whether any passage, or its context, holds a term."""
        return bool(
            self.frequencies.get((field, term), 0) or self.frequencies.get((Field.CONTEXT, term), 0)
        )

    def holds(self, word: str) -> bool:
        """Return whether any passage, or its context, holds a word or (nearly) its characters."""
        if self.found(Field.WORD, word) or (len(word) == 1 and self.found(Field.CHAR, word)):
            return True
        pairs = _pairs(word) if is_han(word) else []
        return bool(pairs) and all(self.found(Field.GRAM, pair) for pair in pairs)

    def rarest(self, text: str) -> float:
        """Return the idf of the rarest pair or number in a folded text: how rare it is at most."""
        return max((self.idf(Field.GRAM, pair) for pair in _pairs(text)), default=0.0)


def _pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)] if is_han(text) else [text]


MOSTLY = 0.5  # share of a word's passages that name a place by it, from which on it is one


def places_named(
    count: Callable[[Collection[FieldTerm]], Mapping[FieldTerm, int]], words: Collection[str]
) -> list[str]:
    """Return those of some words that stand before 区, 县 … wherever documents have them.

    `count` is an engine's: how many passages hold each term.
    """
    if not words:
        return []
    places = {word: [word + ending for ending in PLACE_ENDINGS] for word in words}
    whole = {(Field.WORD, text) for word in words for text in (word, *places[word])}
    pairs = {(Field.GRAM, pair) for found in places.values() for p in found for pair in _pairs(p)}
    characters = {(Field.CHAR, character) for word in words for character in word}
    counts = count(whole | pairs | characters)

    def is_named(word: str) -> bool:
        if alone := counts.get((Field.WORD, word), 0):
            named = max(counts.get((Field.WORD, place), 0) for place in places[word])
            return named >= MOSTLY * alone
        # What no dictionary has was cut into characters, one of which it has for itself.
        rarest = min(counts.get((Field.CHAR, character), 0) for character in word)
        together = min(counts.get((Field.GRAM, pair), 0) for pair in _pairs(word))
        return together >= MOSTLY * rarest and any(
            all(counts.get((Field.GRAM, pair), 0) for pair in _pairs(place))
            for place in places[word]
        )

    return [word for word in dict.fromkeys(words) if is_named(word)]


def _counted(question: Question) -> Iterator[FieldTerm]:
    for name in FIELD_WEIGHTS:
        for term in question.terms(name):
            yield name, term
    for written in question.written:
        for word in written.words:
            yield from ((Field.WORD, word), (Field.CONTEXT, word))
        for gram in written.grams:
            yield from ((Field.GRAM, gram), (Field.CONTEXT, gram))


@dataclass(frozen=True, slots=True)
class Other:
    """What may stand in a passage for a term of the question."""

    text: str  # folded
    worth: float  # below 1: what it counts against the term itself
    sound: str = ""  # of the text, where anything that sounds like it will do


@dataclass(frozen=True, slots=True)
class Sought:
    """A term of a question."""

    number: int  # of its text among those of the question, from 0: words and pairs may be equal
    text: str
    weight: float  # how often asked, times idf
    han: bool  # a number or a Latin word is found whole or not at all
    others: tuple[Other, ...] = ()  # best first
    is_name: bool = False  # of the place or year asked about, or a part of it


@dataclass(frozen=True, slots=True)
class Asked:
    """All that is looked for."""

    words: tuple[Sought, ...]
    grams: tuple[Sought, ...]
    characters: tuple[Sought, ...]
    terms: tuple[WeightedTerm, ...]  # for the engine
    distinct: tuple[Sought, ...]  # one for each text, by number
    names: tuple[str, ...] = ()  # places, years and ordinals
    by_ear: frozenset[str] = frozenset()  # names that stand nowhere: they may be mistyped

    @classmethod
    def of(cls, question: Question, statistics: Statistics) -> Asked:
        """Weigh the terms of a question."""
        heard = [
            gram
            for gram in statistics.unknown(question)
            if statistics.frequencies.get((Field.SOUND, by_sound(gram)))
        ]

        distinct: dict[str, Sought] = {}

        def weighed(terms: Sequence[str], name: Field) -> tuple[Sought, ...]:
            found = []
            for term, times in Counter(terms).items():
                number = distinct[term].number if term in distinct else len(distinct)
                sought = _sought(number, term, times, name, question, heard, statistics)
                distinct.setdefault(term, sought)
                found.append(sought)
            return tuple(found)

        return cls(
            weighed(question.words, Field.WORD),
            weighed(question.grams, Field.GRAM),
            weighed(question.characters, Field.CHAR),
            tuple(_engine_terms(question, heard)),
            tuple(distinct.values()),
            question.names,
            frozenset(n for n in question.mistyped if not statistics.holds(stem(n))),
        )

    def lacking(self, text: str) -> list[str]:
        """Return the names that a folded text does not bear, nor any that sounds like them."""
        return [
            name
            for name in self.names
            if not bears(text, name)
            and not (name in self.by_ear and by_sound(stem(name)) in by_sound(text))
        ]


def _sought(
    number: int,
    term: str,
    times: int,
    name: Field,
    question: Question,
    heard: Sequence[str],
    statistics: Statistics,
) -> Sought:
    idf = statistics.idf(name, term)
    rarity = idf
    others = [Other(w.text, w.weight) for w in question.written if term in w.said]
    if others and not statistics.found(name, term):
        # A word that nobody writes is no rarer than what is written for it.
        rarity = min(idf, max(statistics.rarest(other.text) for other in others))
    by_ear = [gram for gram in heard if (gram in term if len(term) > 1 else term in gram)]
    if by_ear and len(term) > 1:
        rarity = min(rarity, max(statistics.idf(Field.SOUND, by_sound(gram)) for gram in by_ear))
        by_ear = [term]
    others += [Other(text, HEARD, by_sound(text)) for text in by_ear]
    others.sort(key=lambda other: -other.worth)
    if not others and not statistics.found(name, term):
        rarity *= UNKNOWN
    is_name = any(term in name for name in question.names + question.titles)
    return Sought(number, term, times * rarity, is_han(term), tuple(others), is_name)


def _engine_terms(question: Question, heard: Sequence[str]) -> Iterator[WeightedTerm]:
    for name, weight in FIELD_WEIGHTS.items():
        for term in question.terms(name):
            # A law hardly ever names itself; those that do are others, about it.
            if name is Field.CONTEXT or not any(term in title for title in question.titles):
                yield WeightedTerm(name, term, weight)
    for written in question.written:
        # However long, what is written weighs together no more than what was said.
        for terms, name in ((written.words, Field.WORD), (written.grams, Field.GRAM)):
            if terms:
                share = written.weight * max(1, len(written.said) - 1) / len(terms)
                for term in terms:
                    yield WeightedTerm(name, term, FIELD_WEIGHTS[name] * share)
                    yield WeightedTerm(Field.CONTEXT, term, FIELD_WEIGHTS[Field.CONTEXT] * share)
    for gram in heard:
        yield WeightedTerm(Field.SOUND, by_sound(gram), HEARD)
