"""Candidates to Matches, in the order a reader would put them, whichever engine found them.

In: a Question, the passages that an engine proposed with their scores, and how many passages
hold each term.  Out: Matches, best first, each with a score from 0 to 1 that means the same
for every question: the share of what the question asks that the passage holds.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.blocks import Role
from retrieval.engines import Field, FieldTerm
from retrieval.names import bears
from retrieval.passages import sentences
from retrieval.phrases import Wanted
from retrieval.questions import Question
from retrieval.store import StoredPassage
from retrieval.terms import RUN, is_han

WEIGHTS = {
    "words": 0.14,  # BM25 over words
    "characters": 0.14,  # BM25 over characters
    "coverage": 0.15,  # characters of the question that occur at all
    "sentence_words": 0.06,  # words within the best single sentence
    "sentence_characters": 0.05,
    "window": 0.38,  # pairs within the best 40 characters
    "title": 0.08,  # share of the title that the question holds
    "engine": 0.10,  # the engine's own score
}
"""How much each share counts.  Fitted on public question sets (docs/evaluation.md)."""

WINDOW = 40  # characters
CONTEXT = 0.8  # what a term counts that stands in the passage's context only
K1, B = 0.9, 0.5

# What a passage of a role is worth as an answer: who asks for a fact wants no headline.
ROLES = {Role.BODY: 1.0, Role.CAPTION: 1.0, Role.HEADING: 0.8, Role.BYLINE: 0.6, Role.NOTICE: 0.6}
ELSEWHERE = 0.6  # what a passage keeps that is not about the place or year asked for
ASKED_FOR = 0.25  # added where the question asks for this very role


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the terms of a question are spread over the passages."""

    passages: int
    average_length: float  # characters
    frequencies: Mapping[FieldTerm, int]

    def idf(self, field: Field, term: str) -> float:
        """Return ln(1 + (N - n + ½) / (n + ½)), as every engine reckons it."""
        n = self.frequencies.get((field, term), 0)
        return math.log(1 + (self.passages - n + 0.5) / (n + 0.5))

    def holds(self, word: str) -> bool:
        """Return whether any passage, or its context, holds a word or (nearly) its characters."""
        pairs = [word[i : i + 2] for i in range(len(word) - 1)] if is_han(word) else []

        def found(field: Field, term: str) -> bool:
            in_text = self.frequencies.get((field, term), 0)
            return bool(in_text or self.frequencies.get((Field.CONTEXT, term), 0))

        if found(Field.WORD, word) or (len(word) == 1 and found(Field.CHAR, word)):
            return True
        return bool(pairs) and all(found(Field.GRAM, pair) for pair in pairs)


@dataclass(frozen=True, slots=True)
class Match:
    """A passage and how well it fits a question."""

    stored: StoredPassage
    score: float  # 0 to 1
    coverage: float  # share of the question's characters, by idf, that it or its context holds


@dataclass(frozen=True, slots=True)
class Asked:
    """The terms of a question with their weights: how often asked, times idf."""

    words: Mapping[str, float]
    grams: Mapping[str, float]
    characters: Mapping[str, float]

    @classmethod
    def of(cls, question: Question, statistics: Statistics) -> Asked:
        """Weigh the terms of a question."""

        def weighed(terms: Sequence[str], field: Field) -> dict[str, float]:
            return {t: n * statistics.idf(field, t) for t, n in Counter(terms).items()}

        return cls(
            weighed(question.words, Field.WORD),
            weighed(question.grams, Field.GRAM),
            weighed(question.characters, Field.CHAR),
        )


def rank(
    question: Question,
    candidates: Sequence[tuple[StoredPassage, float]],
    statistics: Statistics,
) -> list[Match]:
    """Order the candidates `(passage, engine's score)`; ties keep the engine's order."""
    asked = Asked.of(question, statistics)
    best = max((score for _, score in candidates), default=0.0) or 1.0
    matches = [
        _match(question, asked, stored, score / best, statistics.average_length)
        for stored, score in candidates
    ]
    return sorted(matches, key=lambda match: -match.score)


def _match(
    question: Question, asked: Asked, stored: StoredPassage, engine: float, average: float
) -> Match:
    text = Text(stored.folded)
    context = Text(stored.context)
    norm = K1 * (1 - B + B * len(stored.folded) / average)
    words, _, sentence_words = _bm25(asked.words, text, context, norm)
    characters, coverage, sentence_characters = _bm25(asked.characters, text, context, norm)
    shares = {
        "words": words,
        "characters": characters,
        "coverage": coverage,
        "sentence_words": sentence_words,
        "sentence_characters": sentence_characters,
        "window": _window(asked.grams, text, context),
        "title": _title_share(stored.context.partition("\n")[0], question.folded),
        "engine": engine,
    }
    score = sum(WEIGHTS[name] * share for name, share in shares.items()) / sum(WEIGHTS.values())
    if not all(bears(f"{stored.context}\n{stored.folded}", name) for name in question.names):
        score *= ELSEWHERE
    return Match(stored, _for_role(score, stored.passage.role, question), coverage)


def _for_role(score: float, role: Role, question: Question) -> float:
    wanted = {Role.BYLINE: Wanted.BYLINE, Role.HEADING: Wanted.TITLE}.get(role)
    if wanted in question.wants:
        return min(1.0, score + ASKED_FOR)
    return score * ROLES[role]


def words_held(question: Question, match: Match, statistics: Statistics) -> float:
    """Return the share, by idf, of a question's words that a passage or its context holds.

    Names are left out, and words that no passage holds; 1 where no other is left.
    """
    text = f"{match.stored.folded}\n{match.stored.context}"
    weights = {
        word: statistics.idf(Field.WORD, word)
        for word, _ in question.content
        if len(word) > 1
        and statistics.holds(word)
        and not any(word in name or name in word for name in question.names)
    }
    held = sum(weight for word, weight in weights.items() if word in text)
    return held / sum(weights.values()) if weights else 1.0


class Text:
    """Folded text in which terms are looked up."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sentences = sentences(text)
        self._whole: dict[str, list[int]] = {}  # numbers and Latin words: whole or not at all
        for run in RUN.finditer(text):
            if not is_han(run[0]):
                self._whole.setdefault(run[0], []).append(run.start())

    def __contains__(self, term: str) -> bool:
        return term in self.text if is_han(term) else term in self._whole

    def places(self, term: str) -> list[int]:
        """Return where `term` begins, each time it occurs."""
        if not is_han(term):
            return self._whole.get(term, [])
        return [match.start() for match in re.finditer(re.escape(term), self.text)]


def _bm25(
    asked: Mapping[str, float], text: Text, context: Text, norm: float
) -> tuple[float, float, float]:
    """Return the shares of `asked` that BM25, mere presence and the best sentence amount to."""
    total = sum(asked.values()) or 1.0
    bm25 = coverage = 0.0
    in_sentence = [0.0] * len(text.sentences)
    for term, weight in asked.items():
        if places := text.places(term):
            bm25 += weight * len(places) / (len(places) + norm)
            coverage += weight
            for i, (start, end) in enumerate(text.sentences):
                if any(start <= place < end for place in places):
                    in_sentence[i] += weight
        elif term in context:
            bm25 += CONTEXT * weight / (1 + norm)
            coverage += CONTEXT * weight
    return bm25 / total, coverage / total, max(in_sentence, default=0.0) / total


def _window(asked: Mapping[str, float], text: Text, context: Text) -> float:
    """Return the share of `asked` that the best WINDOW characters hold, each term once."""
    total = sum(asked.values()) or 1.0
    granted = sum(CONTEXT * weight for term, weight in asked.items() if term in context)
    hits = sorted(
        (place, term) for term in asked if term not in context for place in text.places(term)
    )
    held: Counter[str] = Counter()
    best = weight = 0.0
    first = 0
    for place, term in hits:
        if not held[term]:
            weight += asked[term]
        held[term] += 1
        while hits[first][0] < place - WINDOW:
            gone = hits[first][1]
            held[gone] -= 1
            if not held[gone]:
                weight -= asked[gone]
            first += 1
        best = max(best, weight)
    return (granted + best) / total


def _title_share(title: str, question: str) -> float:
    pairs = {title[i : i + 2] for i in range(len(title) - 1)}
    return sum(pair in question for pair in pairs) / len(pairs) if pairs else 0.0
