"""A Question to what is looked for: each term, how much it weighs, and what may stand for it.

In: a Question, and how many passages hold each term.  Out: Asked, for engines and for ranking.

A term is found by itself, by a written word that the lexicon gives for it (老板: 用人单位), or,
where no passage holds it, by its sound (润洲: 润州): such a stand-in counts less.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from retrieval.engines import Field, FieldTerm, WeightedTerm
from retrieval.names import bears, stem
from retrieval.questions import Question, Written
from retrieval.sounds import by_sound
from retrieval.terms import PLACE_ENDINGS, RUN, is_han

FIELD_WEIGHTS = {Field.WORD: 0.5, Field.GRAM: 1.0, Field.CHAR: 0.25, Field.CONTEXT: 0.5}
"""What a term counts in the engine's search.  Fitted on public sets (docs/evaluation.md)."""

UNKNOWN = 0.5  # what is left of the weight of a term that stands nowhere: 搞, 砸, 咋样
HEARD = 0.8  # what a term counts that is found by its sound
COMMON = 0.5  # what a written word loses, at most, for being commoner than others for the same


class Statistics(Struct, frozen=True):
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


class Other(Struct, frozen=True):
    """What may stand in a passage for a term of the question."""

    text: str  # folded
    worth: float  # below 1: what it counts against the term itself
    sound: str = ""  # of the text, where anything that sounds like it will do


class Sought(Struct, frozen=True):
    """A term of a question."""

    number: int  # of its text among those of the question, from 0: words and pairs may be equal
    text: str
    weight: float  # how often asked, times idf
    han: bool  # a number or a Latin word is found whole or not at all
    others: tuple[Other, ...] = ()  # best first
    is_name: bool = False  # of the place or year asked about, or a part of it


class Asked(Struct, frozen=True):
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
        ways = _written(question, statistics)
        written = list(_stand_ins(ways, statistics))

        def weighed(terms: Sequence[str], name: Field) -> tuple[Sought, ...]:
            found = []
            for term, times in Counter(terms).items():
                number = distinct[term].number if term in distinct else len(distinct)
                sought = _sought(number, term, times, name, question, written, heard, statistics)
                distinct.setdefault(term, sought)
                found.append(sought)
            return tuple(found)

        return cls(
            weighed(question.words, Field.WORD),
            weighed(question.grams, Field.GRAM),
            weighed(question.characters, Field.CHAR),
            tuple(_engine_terms(question, ways, heard)),
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


def _written(question: Question, statistics: Statistics) -> list[Written]:
    """Return what is written for parts of a question; for English ones, if it can stand anywhere.

    English words have forms that are no words, and Chinese ones, of no use in English documents.
    """
    return [w for w in question.written if is_han(w.said) or all(map(statistics.holds, w.words))]


def _stand_ins(
    ways: Sequence[Written], statistics: Statistics
) -> Iterator[tuple[str, frozenset[str], Other]]:
    """Yield what is written for each part of a question, with that part and its Latin words.

    What stands everywhere stands in a passage by chance: of the ways to write the same the
    rarest counts most (诉讼时效期间 before 起诉).  The forms of an English word count alike.
    """
    rarities = [statistics.rarest(written.text) for written in ways]
    most: dict[str, float] = {}
    for written, rarity in zip(ways, rarities, strict=True):
        most[written.said] = max(rarity, most.get(written.said, 0.0))
    for written, rarity in zip(ways, rarities, strict=True):
        common = 0.0 if written.text.isascii() else 1 - rarity / (most[written.said] or 1.0)
        worth = written.weight * (1 - COMMON * common)
        latin = frozenset(run for run in RUN.findall(written.said) if not is_han(run))
        yield written.said, latin, Other(written.text, worth)


def _sought(
    number: int,
    term: str,
    times: int,
    name: Field,
    question: Question,
    written: Sequence[tuple[str, frozenset[str], Other]],
    heard: Sequence[str],
    statistics: Statistics,
) -> Sought:
    idf = statistics.idf(name, term)
    rarity = idf
    han = is_han(term)  # wage is no part of wages
    others = [other for said, latin, other in written if term in (said if han else latin)]
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
    return Sought(number, term, times * rarity, han, tuple(others), is_name)


def _engine_terms(
    question: Question, ways: Sequence[Written], heard: Sequence[str]
) -> Iterator[WeightedTerm]:
    for name, weight in FIELD_WEIGHTS.items():
        for term in question.terms(name):
            # A law hardly ever names itself; those that do are others, about it.
            if name is Field.CONTEXT or not any(term in title for title in question.titles):
                yield WeightedTerm(name, term, weight)
    for written in ways:
        # However long, what is written weighs together no more than what was said.
        said = len(_pairs(written.said)) if is_han(written.said) else written.said.count(" ") + 1
        for terms, name in ((written.words, Field.WORD), (written.grams, Field.GRAM)):
            if terms:
                share = written.weight * said / len(terms)
                for term in terms:
                    yield WeightedTerm(name, term, FIELD_WEIGHTS[name] * share)
                    yield WeightedTerm(Field.CONTEXT, term, FIELD_WEIGHTS[Field.CONTEXT] * share)
    for gram in heard:
        yield WeightedTerm(Field.SOUND, by_sound(gram), HEARD)
