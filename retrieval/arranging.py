"""Matches as they are shown: what is said twice once, and many voices where many are asked.

In: a Question and its Matches, best first.  Out: the same, some moved, some folded into others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from retrieval.phrases import Wanted
from retrieval.questions import Question
from retrieval.ranking import Match
from retrieval.terms import bigrams

ALIKE = 0.9  # share of the pairs of characters that two passages have in common to be one
VOICE = 0.6  # share of the best score from which on a document has something to say, too


class Arranged(Struct, frozen=True):
    """A match to be shown, and those that say nearly the same elsewhere."""

    match: Match
    alike: tuple[Match, ...] = ()


def arrange(question: Question, matches: Sequence[Match], limit: int) -> list[Arranged]:
    """Return up to `limit` matches to be shown."""
    if Wanted.MANY in question.wants and not question.names:
        matches = _every_document_first(matches)
    return _folded(matches, limit)


def _every_document_first(matches: Sequence[Match]) -> list[Match]:
    """Return the matches, the best of each document that has something to say before the rest."""
    enough = VOICE * matches[0].score if matches else 0.0
    heard: set[str] = set()
    first, rest = [], []
    for match in matches:
        document = match.stored.passage.document
        if match.score >= enough and document not in heard:
            heard.add(document)
            first.append(match)
        else:
            rest.append(match)
    return first + rest


def _folded(matches: Iterable[Match], limit: int) -> list[Arranged]:
    shown: list[tuple[Match, set[str], list[Match]]] = []
    for match in matches:
        pairs = set(bigrams(match.stored.folded))
        for other, others, alike in shown:
            if _are_alike(pairs, others) and not _same_document(match, other):
                alike.append(match)
                break
        else:
            if len(shown) == limit:
                break
            shown.append((match, pairs, []))
    return [Arranged(match, tuple(alike)) for match, _, alike in shown]


def _same_document(one: Match, other: Match) -> bool:
    return one.stored.passage.document == other.stored.passage.document


def _are_alike(one: set[str], other: set[str]) -> bool:
    fewer, more = sorted((len(one), len(other)))
    if fewer < ALIKE * more:
        return False
    return len(one & other) >= ALIKE * len(one | other)
