"""Candidates to Matches, in the order a reader would put them, whichever engine found them.

In: a Question and what it asks for, and the passages that an engine proposed with their
scores.  Out: Matches, best first, each with a score from 0 to 1 that means the same
for every question: the share of what the question asks that the passage holds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from retrieval.blocks import Role, Span
from retrieval.engines import Field
from retrieval.fitting import fit
from retrieval.mending import DATE
from retrieval.names import entitled, is_year
from retrieval.passages import sentences
from retrieval.phrases import Wanted
from retrieval.questions import Question
from retrieval.seeking import Asked, Sought, Statistics
from retrieval.sounds import by_sound
from retrieval.store import StoredPassage
from retrieval.terms import HAN, is_han

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

TOTAL = sum(WEIGHTS.values())

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
ENTITLED = 0.05  # what a passage gains whose whole title stands in the question
SUPERSEDED = 0.97  # what an older version of a document keeps where no year is asked for
LOCAL = 0.95  # what the rules of one place keep where none is asked for
AMENDS = 0.9  # what a decision keeps that repeats articles of the law it changes
_LOCAL = re.compile(
    rf"[{HAN}]{{1,6}}(?:省|市|区|县|州).*(?:条例|办法|规定|细则|规则|决定|意见|通知)(?:\(|$)"
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
    around: dict[str, list[float]] = {}  # by context: passages of a section share theirs
    matches = []
    for stored, score in candidates:
        if (worths := around.get(stored.context)) is None:
            worths = [worth for _, worth in Text(stored.context).find(asked.distinct)]
            around[stored.context] = worths
        matches.append(_match(question, asked, stored, worths, score / best, average_length))
    return sorted(_newest_preferred(question, matches), key=lambda match: -match.score)


def _newest_preferred(question: Question, matches: Sequence[Match]) -> Iterator[Match]:
    """Yield the matches, those of an older version of a document with a little less score."""
    newest: dict[str, tuple[int, ...]] = {}
    dates = [_date(match.stored) for match in matches]
    for match, date in zip(matches, dates, strict=True):
        title = match.stored.passage.title
        newest[title] = max(newest.get(title, ()), date)
    year_asked = any(map(is_year, question.names))
    for match, date in zip(matches, dates, strict=True):
        is_old = date < newest[match.stored.passage.title] and not year_asked
        yield replace(match, score=match.score * SUPERSEDED) if is_old else match


def _date(stored: StoredPassage) -> tuple[int, ...]:
    found = DATE.search(stored.context)
    return tuple(map(int, re.findall(r"\d+", found[0]))) if found else ()


def _match(
    question: Question,
    asked: Asked,
    stored: StoredPassage,
    around: Sequence[float],
    engine: float,
    average: float,
) -> Match:
    text = Text(stored.folded)
    seen = text.find(asked.distinct)
    k = K1 * (1 - B + B * len(stored.folded) / average)
    words, _, sentence_words = _bm25(asked.words, seen, around, text, k)
    characters, coverage, sentence_characters = _bm25(asked.characters, seen, around, text, k)
    title = stored.context.partition("\n")[0]
    shares = {
        "words": words,
        "characters": characters,
        "coverage": coverage,
        "sentence_words": sentence_words,
        "sentence_characters": sentence_characters,
        "window": _window(asked.grams, seen, around),
        "title": _title_share(title, question.folded),
        "engine": engine,
    }
    score = sum(WEIGHTS[name] * share for name, share in shares.items()) / TOTAL
    score += FITS * fit(question, stored.folded)
    if len(title) > 1 and title in question.folded:
        score += ENTITLED
    score = min(1.0, score) * _aboutness(question, asked, stored, title)
    return Match(stored, _for_role(score, stored.passage.role, question), coverage)


def _aboutness(question: Question, asked: Asked, stored: StoredPassage, title: str) -> float:
    """Return 1 for a passage about the place, year and title asked for, less for others."""
    about = 1.0
    if asked.names and asked.lacking(f"{stored.context}\n{stored.folded}"):
        about = ELSEWHERE
    if question.titles:
        about *= max(max(entitled(title, name) for name in question.titles), ELSEWHERE)
    return about * _rank_of(title, local=any(not is_year(name) for name in question.names))


@lru_cache(maxsize=4096)
def _rank_of(title: str, local: bool) -> float:
    """Return what a document's kind is worth, as its title tells; `local`: a place is asked."""
    worth = 1.0 if local or not _LOCAL.match(title) else LOCAL
    return worth * AMENDS if _AMENDS.search(title) else worth


def _for_role(score: float, role: Role, question: Question) -> float:
    if any(ANSWERED_BY.get(wanted) is role for wanted in question.wants):
        return min(1.0, score + ASKED_FOR)
    return score * ROLES[role]


def words_held(question: Question, asked: Asked, match: Match, statistics: Statistics) -> float:
    """Return the share, by idf, of a question's words that a passage or its context holds.

    Names are left out, and words that no passage holds; 1 where no other is left.
    """
    text = Text(f"{match.stored.folded}\n{match.stored.context}")
    sought = {term.text: term for term in asked.words}
    weights = {
        word: statistics.idf(Field.WORD, word)
        for word, _ in question.content
        if len(word) > 1
        and statistics.holds(word)
        and not any(word in name or name in word for name in question.names)
    }
    held = sum(
        weight
        for word, weight in weights.items()
        if word in text.text or (word in sought and text.find([sought[word]]) != [NOWHERE])
    )
    return held / sum(weights.values()) if weights else 1.0


Sighting = tuple[Sequence[int], float]
"""Where a term begins, each time it occurs, and what that is worth: 1 for the term itself."""

NOWHERE: Sighting = ((), 0.0)


class Text:
    """Folded text in which terms are looked up."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def sentences(self) -> list[Span]:
        """Its sentences, as slices."""
        return sentences(self.text)

    @cached_property
    def starts(self) -> list[int]:
        """Where each of its sentences begins."""
        return [start for start, _ in self.sentences]

    @cached_property
    def heard(self) -> str:
        """The text folded by sound, place by place."""
        return by_sound(self.text)

    @cached_property
    def runs(self) -> dict[str, list[int]]:
        """Numbers and Latin words, which are found whole or not at all."""
        runs: dict[str, list[int]] = {}
        for run in _NOT_HAN.finditer(self.text):
            runs.setdefault(run[0], []).append(run.start())
        return runs

    def find(self, asked: Iterable[Sought]) -> list[Sighting]:
        """Return for each term where it, or what stands for it, begins, and its worth."""
        text, found = self.text, []
        for sought in asked:
            places = _places(text, sought.text) if sought.han else self.runs.get(sought.text, ())
            if places:
                found.append((places, 1.0))
            else:
                found.append(self._find_other(sought) if sought.others else NOWHERE)
        return found

    def spans(self, sought: Sought) -> list[Span]:
        """Return the slices that hold a term, or else what stands for it."""
        for text, heard in ((sought.text, False), *((o.text, o.heard) for o in sought.others)):
            alone = Sought(0, text, 0.0, is_han(text))
            places = _places(self.heard, text) if heard else self.find([alone])[0][0]
            if places:
                return [(place, place + len(text)) for place in places]
        return []

    def _find_other(self, sought: Sought) -> Sighting:
        for other in sought.others:
            if other.heard:
                places: Sequence[int] = _places(self.heard, other.text)
            elif is_han(other.text):
                places = _places(self.text, other.text)
            else:
                places = self.runs.get(other.text, ())
            if places:
                return places, other.worth
        return NOWHERE

    def sentence_at(self, place: int) -> int:
        """Return the number, from 0, of the sentence that a place belongs to."""
        return bisect_right(self.starts, place) - 1


_NOT_HAN = re.compile(rf"\d+(?:\.\d+)?%?|[a-z][a-z0-9]*|[^\W_{HAN}]+")


def _places(text: str, term: str) -> Sequence[int]:
    at = text.find(term)
    if at < 0:
        return ()
    places = []
    while at >= 0:
        places.append(at)
        at = text.find(term, at + len(term))
    return places


def _bm25(
    asked: Sequence[Sought], seen: Sequence[Sighting], around: Sequence[float], text: Text, k: float
) -> tuple[float, float, float]:
    """Return the shares of `asked` that BM25, mere presence and the best sentence amount to.

    `seen` and `around` tell of each term, by number, where it stands in the text and what it is
    worth in the context; `k` is BM25's k1 for a text of this length.
    """
    total = bm25 = coverage = everywhere = 0.0
    starts = text.starts
    in_sentence = [0.0] * len(starts)
    for sought in asked:
        weight = sought.weight
        total += weight
        places, worth = seen[sought.number]
        if sought.is_name:
            # A document names its place in one passage and takes it for granted in the others.
            weight *= max(worth, around[sought.number])
            bm25 += weight / (1 + k)
            everywhere += weight
        elif places:
            weight *= worth
            bm25 += weight * len(places) / (len(places) + k)
            coverage += weight
            last = -1
            for place in places:
                if (sentence := bisect_right(starts, place) - 1) != last:
                    in_sentence[sentence] += weight
                    last = sentence
        elif worth := around[sought.number]:
            weight *= CONTEXT * worth
            bm25 += weight / (1 + k)
            coverage += weight
    total = total or 1.0
    return bm25 / total, (coverage + everywhere) / total, (max(in_sentence) + everywhere) / total


def _window(asked: Sequence[Sought], seen: Sequence[Sighting], around: Sequence[float]) -> float:
    """Return the share of `asked` that the best WINDOW characters hold, each term once."""
    total = granted = 0.0
    hits = []
    for number, sought in enumerate(asked):
        total += sought.weight
        if worth := around[sought.number]:
            granted += (1 if sought.is_name else CONTEXT) * worth * sought.weight
            continue
        places, worth = seen[sought.number]
        if places:
            weight = worth * sought.weight
            hits += [(place, number, weight) for place in places]
    hits.sort()
    held = [0] * len(asked)
    best = weight = 0.0
    first = 0
    for place, number, worth in hits:
        if not held[number]:
            weight += worth
        held[number] += 1
        while hits[first][0] < place - WINDOW:
            _, gone, worth_gone = hits[first]
            held[gone] -= 1
            if not held[gone]:
                weight -= worth_gone
            first += 1
        if weight > best:
            best = weight
    return (granted + best) / (total or 1.0)


def _title_share(title: str, question: str) -> float:
    pairs = {title[i : i + 2] for i in range(len(title) - 1)}
    return sum(pair in question for pair in pairs) / len(pairs) if pairs else 0.0
