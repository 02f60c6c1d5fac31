"""Candidates to Matches, in the order a reader would put them, whichever engine found them.

In: a Question and what it asks for, and the passages that an engine proposed with their
scores.  Out: Matches, best first, each with a score from 0 to 1 that means the same
for every question: the share of what the question asks that the passage holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from operator import add, mul

from msgspec import Struct
from msgspec.structs import replace

from retrieval.amounts import borne
from retrieval.blocks import DATE, Role
from retrieval.engines import Field
from retrieval.fitting import fitter
from retrieval.lookup import Terms, Text
from retrieval.names import begins, entitled, is_number, is_year
from retrieval.phrases import Wanted
from retrieval.questions import Question, whole_words
from retrieval.seeking import Asked, Statistics
from retrieval.shares import Near, Weights, shares
from retrieval.store import StoredPassage
from retrieval.terms import ABROAD, LETTER

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


class Match(Struct, frozen=True):
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
    terms, weights, fit = Terms(asked.distinct), Weights.of(asked), fitter(question)
    wanted = {ANSWERED_BY[kind] for kind in question.wants if kind in ANSWERED_BY}
    numbers = [name for name in question.names if is_number(name)]
    around = _all_around({stored.context for stored, _ in candidates}, question, asked, weights)
    matches = []
    for stored, score in candidates:
        context = around[stored.context]
        k = K1 * (1 - B + B * len(stored.folded) / average_length)
        held = shares(terms, weights, context.near, stored.folded, k)
        total = sum(map(mul, _WEIGHTS, (*held, context.title_share, score / best))) / TOTAL
        total += FITS * fit(stored.folded) + BORNE * borne(question.amounts, stored.folded)
        if numbers:
            total += CLAUSE * any(begins(stored.folded, name) for name in numbers)
        total = min(1.0, total + context.bonus) * context.worth
        if asked.names and not ABROAD.issuperset(
            asked.lacking(f"{stored.context}\n{stored.folded}")
        ):
            total *= ELSEWHERE
        role = stored.passage.role
        fits_role = role in wanted and (role is not Role.CONTENTS or _counts(question, stored))
        total = min(1.0, total + ASKED_FOR) if fits_role else total * ROLES[role]
        matches.append(Match(stored, total, held[2]))
    matches = _naming_preferred(question.whom, matches)
    return sorted(_newest_preferred(question, matches), key=lambda match: -match.score)


def _naming_preferred(name: str, matches: list[Match]) -> list[Match]:
    """Return the matches: where one itself names who is asked for, the others with less score.

    An article has its author's name in the context of every passage, and in one byline.
    """
    naming = [bool(name) and name in match.stored.folded for match in matches]
    if not any(naming):
        return matches
    return [
        replace(m, score=min(1.0, m.score / ROLES[Role.BYLINE]))
        if named and m.stored.passage.role is Role.BYLINE
        else m
        if named
        else replace(m, score=m.score * ELSEWHERE)
        for named, m in zip(naming, matches, strict=True)
    ]


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
    names = [name for name in question.names if name not in ABROAD]
    for word, _ in whole_words(question):
        if len(word) == 1 or any(word in name or name in word for name in names):
            continue
        term = sought.get(word)
        is_here = word in text.text or bool(term and text.find(Terms([term])))
        if is_here or statistics.holds(word):
            weight = statistics.idf(Field.WORD, word) if term else statistics.rarest(word)
            weight = min(weight, term.weight) if term else weight
            total += weight
            held += weight * is_here
    return held / total if total else 1.0


class _Around(Struct, frozen=True):
    """What the context of a passage says of it; others of its section share it."""

    title_share: float  # how much of the title the question holds
    bonus: float  # what that adds to the score
    worth: float  # what a passage keeps of its score in a document of this title
    near: Near

    @classmethod
    def of(
        cls, context: str, question: Question, terms: Terms, pairs: Sequence[str], weights: Weights
    ) -> _Around:
        """`terms` and `pairs` (of the question's characters) are those that may stand in it."""
        title = context.partition("\n")[0]
        local = bool(question.names) and not all(map(is_year, question.names))
        about = _rank_of(title, local)
        if question.titles:
            about *= max(max(entitled(title, name) for name in question.titles), ELSEWHERE)
        bonus = ENTITLED if len(title) > 1 and title in question.folded else 0.0
        if len(title) < 2:
            share = float(bool(title) and title in question.folded)
        else:
            share = sum(map(title.__contains__, pairs)) / (len(title) - 1)
        return cls(share, bonus, about, Near.of(context, terms, weights))


def _all_around(
    contexts: Collection[str], question: Question, asked: Asked, weights: Weights
) -> dict[str, _Around]:
    """Return what each context says; most of a question stands in none, so all are asked first."""
    anywhere = "\n".join(contexts)
    terms = Terms(sought for sought in asked.distinct if sought.others or sought.text in anywhere)
    folded = question.folded
    pairs = [pair for pair in {*map(add, folded, folded[1:])} if pair in anywhere]
    return {c: _Around.of(c, question, terms, pairs, weights) for c in contexts}
