"""Candidates to Matches, in the order a reader would put them, whichever engine found them.

In: a Question and what it asks for, and the passages that an engine proposed with their
scores.  Out: Matches, best first, each with a score from 0 to 1 that means the same
for every question: the share of what the question asks that the passage holds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import add, mul
from typing import NamedTuple

from retrieval.amounts import borne
from retrieval.blocks import DATE, Role
from retrieval.engines import Field
from retrieval.fitting import fitter
from retrieval.lookup import Terms, Text
from retrieval.names import begins, entitled, is_year
from retrieval.phrases import Wanted
from retrieval.questions import Question, whole_words
from retrieval.seeking import Asked, Statistics
from retrieval.store import StoredPassage
from retrieval.terms import LETTER

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

_WEIGHTS = tuple(WEIGHTS.values())
TOTAL = sum(_WEIGHTS)

WINDOW = 40  # characters
CONTEXT = 0.8  # what a term counts that stands in the passage's context only
K1, B = 0.9, 0.5

# What a passage of a role is worth as an answer: who asks for a fact wants no headline.
ROLES = {
    Role.BODY: 1.0,
    Role.CAPTION: 1.0,
    Role.HEADING: 0.8,
    Role.CONTENTS: 0.4,
    Role.BYLINE: 0.6,
    Role.NOTICE: 0.6,
}
ANSWERED_BY = {
    Wanted.BYLINE: Role.BYLINE,
    Wanted.TITLE: Role.HEADING,
    Wanted.DATE: Role.NOTICE,
    Wanted.ITEMS: Role.CONTENTS,
}
ELSEWHERE = 0.6  # what a passage keeps that is not about the place or year asked for
FITS = 0.06  # what a passage gains that holds the kind of thing asked for
BORNE = 0.04  # what it gains that bears the amounts of the question: 7年, 满1年不满10年
CLAUSE = 0.3  # what the clause gains that is asked for by its number
ENTITLED = 0.05  # what a passage gains whose whole title stands in the question
SUPERSEDED = 0.97  # what an older version of a document keeps where no year is asked for
LOCAL = 0.85  # what the rules of one place keep where none is asked for
AMENDS = 0.9  # what a decision keeps that repeats articles of the law it changes
_LOCAL = re.compile(
    rf"{LETTER}{{1,6}}(?:省|市|区|县|州).*(?:条例|办法|规定|细则|规则|决定|意见|通知)(?:\(|$)"
)
_AMENDS = re.compile("关于修[改正].*决定|修正案")
ASKED_FOR = 0.25  # added where the question asks for this very role


@dataclass(frozen=True, slots=True)
class Match:
    """A passage and how well it fits a question."""

    stored: StoredPassage
    score: float  # 0 to 1
    coverage: float  # share of the question's characters, by idf, that it or its context holds


def rank(
    question: Question,
    asked: Asked,
    candidates: Sequence[tuple[StoredPassage, float]],
    average_length: float,
) -> list[Match]:
    """Order the candidates `(passage, engine's score)`; ties keep the engine's order.

    `average_length` is that of all passages, in characters.
    """
    best = max((score for _, score in candidates), default=0.0) or 1.0
    terms, weights, fit = Terms(asked.distinct), _Weights.of(asked), fitter(question)
    wanted = {ANSWERED_BY[kind] for kind in question.wants if kind in ANSWERED_BY}
    around: dict[str, _Around] = {}  # by context: passages of a section share theirs
    matches = []
    for stored, score in candidates:
        if (context := around.get(stored.context)) is None:
            context = around[stored.context] = _Around.of(stored.context, question, terms, weights)
        k = K1 * (1 - B + B * len(stored.folded) / average_length)
        shares = _shares(terms, weights, context, stored.folded, k)
        total = sum(map(mul, _WEIGHTS, (*shares, context.title_share, score / best))) / TOTAL
        total += FITS * fit(stored.folded) + BORNE * borne(question.amounts, stored.folded)
        total += CLAUSE * any(begins(stored.folded, name) for name in question.names)
        total = min(1.0, total + context.bonus) * context.worth
        if asked.names and asked.lacking(f"{stored.context}\n{stored.folded}"):
            total *= ELSEWHERE
        role = stored.passage.role
        fits_role = role in wanted and (role is not Role.CONTENTS or _counts(question, stored))
        total = min(1.0, total + ASKED_FOR) if fits_role else total * ROLES[role]
        matches.append(Match(stored, total, shares[2]))
    return sorted(_newest_preferred(question, matches), key=lambda match: -match.score)


_COUNTED = re.compile(r"(\d+) ?(?:大|项|件|个|条|种|类|篇|点|方面|部分)")


def _counts(question: Question, headings: StoredPassage) -> bool:
    """Return whether there are as many headings as a question says: five measures are not four."""
    counted = _COUNTED.search(question.folded)
    return counted is None or int(counted[1]) == 1 + headings.folded.count("\n")


def _newest_preferred(question: Question, matches: Sequence[Match]) -> list[Match]:
    """Return the matches, those of an older version of a document with a little less score."""
    documents: dict[str, set[str]] = {}
    for match in matches:
        documents.setdefault(match.stored.passage.title, set()).add(match.stored.passage.document)
    if len(documents) == len(matches) or any(map(is_year, question.names)):
        return list(matches)
    newest: dict[str, tuple[int, ...]] = {}
    several = [m for m in matches if len(documents[m.stored.passage.title]) > 1]
    for match in several:
        title = match.stored.passage.title
        newest[title] = max(newest.get(title, ()), _date(match.stored))
    return [
        replace(match, score=match.score * SUPERSEDED)
        if (latest := newest.get(match.stored.passage.title)) and _date(match.stored) < latest
        else match
        for match in matches
    ]


def _date(stored: StoredPassage) -> tuple[int, ...]:
    found = DATE.search(stored.context)
    return tuple(map(int, re.findall(r"\d+", found[0]))) if found else ()


@lru_cache(maxsize=4096)
def _rank_of(title: str, local: bool) -> float:
    """Return what a document's kind is worth, as its title tells; `local`: a place is asked."""
    worth = 1.0 if local or not _LOCAL.match(title) else LOCAL
    return worth * AMENDS if _AMENDS.search(title) else worth


def words_held(question: Question, asked: Asked, match: Match, statistics: Statistics) -> float:
    """Return the share, by idf, of a question's words that a passage or its context holds.

    Names are left out, and words that no passage holds, unless what stands for them is here;
    1 where no other is left.
    """
    text = Text(f"{match.stored.folded}\n{match.stored.context}")
    sought = {term.text: term for term in asked.words}
    held = total = 0.0
    for word, _ in whole_words(question):
        if len(word) == 1 or any(word in name or name in word for name in question.names):
            continue
        term = sought.get(word)
        is_here = word in text.text or bool(term and text.find(Terms([term])))
        if is_here or statistics.holds(word):
            weight = statistics.idf(Field.WORD, word) if term else statistics.rarest(word)
            weight = min(weight, term.weight) if term else weight
            total += weight
            held += weight * is_here
    return held / total if total else 1.0


@dataclass(frozen=True, slots=True)
class _Weights:
    """What each term of a question weighs as a word, as a character and as a pair."""

    by_number: tuple[tuple[float, float, float], ...]  # 0 where it is none
    words: float  # what all words weigh together; 1 where there are none
    characters: float
    pairs: float
    names: frozenset[int]  # the numbers of those that belong to a name

    @classmethod
    def of(cls, asked: Asked) -> _Weights:
        table = [[0.0, 0.0, 0.0] for _ in asked.distinct]
        for kind, terms in enumerate((asked.words, asked.characters, asked.grams)):
            for sought in terms:
                table[sought.number][kind] = sought.weight
        words, characters, pairs = (sum(row[kind] for row in table) or 1.0 for kind in range(3))
        names = frozenset(sought.number for sought in asked.distinct if sought.is_name)
        return cls(tuple((a, b, c) for a, b, c in table), words, characters, pairs, names)


class _Around(NamedTuple):
    """What the context of a passage says of it; others of its section share it."""

    title_share: float  # how much of the title the question holds
    bonus: float  # what that adds to the score
    worth: float  # what a passage keeps of its score in a document of this title
    terms: dict[int, float]  # the terms that stand in the context, by number, and their worth
    pairs: float  # what the pairs among them weigh

    @classmethod
    def of(cls, context: str, question: Question, terms: Terms, weights: _Weights) -> _Around:
        title = context.partition("\n")[0]
        found, pairs = {}, 0.0
        for sought, _, worth in Text(context).find(terms):
            found[sought.number] = worth
            pair = weights.by_number[sought.number][2]
            pairs += (1 if sought.is_name else CONTEXT) * worth * pair
        local = bool(question.names) and not all(map(is_year, question.names))
        about = _rank_of(title, local)
        if question.titles:
            about *= max(max(entitled(title, name) for name in question.titles), ELSEWHERE)
        bonus = ENTITLED if len(title) > 1 and title in question.folded else 0.0
        return cls(_title_share(title, question.folded), bonus, about, found, pairs)


def _title_share(title: str, question: str) -> float:
    """Return the share of a title's pairs of characters that a question holds."""
    if len(title) < 2:
        return float(bool(title) and title in question)
    return sum(map(title.__contains__, _pairs(question))) / (len(title) - 1)


@lru_cache(maxsize=64)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(map(add, text, text[1:]))


def _shares(
    terms: Terms, weights: _Weights, around: _Around, folded: str, k: float
) -> tuple[float, float, float, float, float, float]:
    """Return the first six shares of WEIGHTS; `k` is BM25's k1 for a text of this length.

    One pass over what stands in the text: this is what every question waits for.
    """
    text = Text(folded)
    words = characters = coverage = 0.0
    pairs: list[tuple[int, int, float]] = []
    placed: list[tuple[Sequence[int], float, float]] = []
    elsewhere = around.terms.copy()  # what does not stand in the text itself, and names
    for sought, places, worth in text.find(terms):
        number = sought.number
        word, character, pair = weights.by_number[number]
        if pair and number not in around.terms:
            pair *= worth
            pairs += [(place, number, pair) for place in places]
        if number in weights.names:
            elsewhere[number] = max(worth, elsewhere.get(number, 0.0))
            continue
        elsewhere.pop(number, None)
        if not word and not character:
            continue
        saturation = worth * len(places) / (len(places) + k)
        words += word * saturation
        characters += character * saturation
        coverage += character * worth
        placed.append((places, word * worth, character * worth))
    every_word = every_character = 0.0  # counted for every sentence alike
    for number, worth in elsewhere.items():
        word, character, _ = weights.by_number[number]
        if number in weights.names:
            # A document names its place in one passage and takes it for granted in the others.
            every_word += word * worth
            every_character += character * worth
        else:
            worth *= CONTEXT
            coverage += character * worth
        words += word * worth / (1 + k)
        characters += character * worth / (1 + k)
    best_words, best_characters = _best_sentences(text, placed)
    return (
        words / weights.words,
        characters / weights.characters,
        (coverage + every_character) / weights.characters,
        (best_words + every_word) / weights.words,
        (best_characters + every_character) / weights.characters,
        (around.pairs + _best_window(pairs)) / weights.pairs,
    )


def _best_sentences(
    text: Text, placed: Sequence[tuple[Sequence[int], float, float]]
) -> tuple[float, float]:
    """Return what a single sentence holds at most of the words, and of the characters.

    `placed` are `(places, weight as a word, weight as a character)` of terms in the text.
    """
    if len(placed) < 2:  # as in most candidates: no need to know where sentences end
        return (placed[0][1], placed[0][2]) if placed else (0.0, 0.0)
    starts = [start for start, _ in text.sentences]
    words, characters = [0.0] * len(starts), [0.0] * len(starts)  # by sentence
    for places, word, character in placed:
        last = -1
        for place in places:
            if (sentence := bisect_right(starts, place) - 1) != last:
                words[sentence] += word
                characters[sentence] += character
                last = sentence
    return max(words), max(characters)


def _best_window(pairs: list[tuple[int, int, float]]) -> float:
    """Return what the best WINDOW characters hold of `(place, number, weight)`, each once."""
    if not pairs:
        return 0.0
    pairs.sort()
    if pairs[-1][0] - pairs[0][0] <= WINDOW:
        return sum({number: weight for _, number, weight in pairs}.values())
    held: dict[int, int] = {}
    best = weight = 0.0
    first = 0
    for place, number, worth in pairs:
        times = held.get(number, 0)
        held[number] = times + 1
        if not times:
            weight += worth
        while pairs[first][0] < place - WINDOW:
            _, gone, worth_gone = pairs[first]
            held[gone] -= 1
            if not held[gone]:
                weight -= worth_gone
            first += 1
        if weight > best:
            best = weight
    return best
