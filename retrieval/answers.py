"""Matches to an Answer: verdict, quotes, the sentence that answers, citations.

In: a Question, its Matches best first, and what else the verdict depends on.  Out: an
Answer.  Nothing in it is generated: every word shown is a slice of a passage.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from retrieval.blocks import Place, Span
from retrieval.folding import Folded, fold
from retrieval.passages import Passage
from retrieval.phrases import Wanted
from retrieval.questions import Question
from retrieval.ranking import Asked, Match, Text


class Verdict(StrEnum):
    """How far the documents answer a question."""

    ANSWER = "answer"  # the first quote answers it
    RELATED = "related"  # the documents touch on it; the quotes are the nearest they have
    NONE = "none"  # nothing was found: no quotes


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands, for a reader who wants to look it up."""

    source: str  # the source's name in the YAML
    file: str  # path inside the source; its name, where the source is one file
    title: str  # of the document: a file may hold several
    section: tuple[str, ...]  # the headings above the quote, outermost first
    place: Place

    def is_of(self, other: Citation) -> bool:
        """Return whether both stand in the same document."""
        return (self.source, self.file, self.title) == (other.source, other.file, other.title)


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage word for word.

    `spans` are slices of the file's text; joined, with nothing but the white space at the
    joins changed, they are `text`.  `answer` and `marks` are slices of `text`: the sentence
    that answers, and the words that matched the question (sorted, none overlapping).
    """

    id: str  # at most 12 ASCII characters; the same words at the same place have the same id
    text: str
    spans: tuple[Span, ...]
    answer: Span
    marks: tuple[Span, ...]
    score: float  # 0 to 1, comparable between questions
    citation: Citation
    file_hash: str  # SHA-256 of the file when it was read


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say to a question: quotes, best first."""

    question: Question
    verdict: Verdict
    quotes: tuple[Quote, ...] = ()
    missing: tuple[str, ...] = ()  # words of the question that stand in no document, folded
    absent: tuple[str, ...] = ()  # places and years of it that the first quote's document lacks


# --- verdict ------------------------------------------------------------------------------------

ANSWERS = 0.42  # score from which on the first quote is called an answer
ANSWERS_NAMED = 0.33  # the same where the question names the place or year that the quote is about
HELD = 0.3  # share of the words that occur at all which the first quote must hold
RELATES = 0.26  # score below which nothing is called related
"""Where nothing was calibrated.  All were fitted on questions with known answers."""


def judge(
    question: Question, matches: Sequence[Match], missing: int, absent: int, held: float
) -> Verdict:
    """Return the verdict on a question's matches.

    `missing` of its words stand nowhere, and the first match's document lacks `absent` of
    its names: a question about another place or year is not answered from this one.  The
    first match holds the share `held` of its other words: the right place is not enough.
    """
    if not matches:
        return Verdict.NONE
    score = matches[0].score
    unknown = missing / max(1, len(question.content))
    enough = ANSWERS_NAMED if question.names else ANSWERS
    if score >= max(enough, unknown) and not absent and held >= HELD:
        return Verdict.ANSWER
    # Asked about a place that the document is about, it may use other words for the rest.
    about = bool(question.names) and not absent
    return Verdict.RELATED if about or score >= max(RELATES, unknown / 2) else Verdict.NONE


# --- quotes -------------------------------------------------------------------------------------


def quote(question: Question, asked: Asked, match: Match, file_hash: str) -> Quote:
    """Return a match as a quote, its answering sentence and matched words marked."""
    passage = match.stored.passage
    folded = fold(passage.text)
    return Quote(
        id=_quote_id(passage, file_hash),
        text=passage.text,
        spans=passage.spans,
        answer=_trimmed(passage.text, folded.original(*_best_sentence(question, asked, match))),
        marks=tuple(_marks(question, folded)),
        score=round(match.score, 4),
        citation=Citation(
            passage.source, passage.file, passage.title, passage.section, passage.place
        ),
        file_hash=file_hash,
    )


def _quote_id(passage: Passage, file_hash: str) -> str:
    key = json.dumps([passage.source, passage.file, file_hash, passage.spans])
    return base64.b32encode(hashlib.sha256(key.encode()).digest())[:10].decode().lower()


def _trimmed(text: str, span: Span) -> Span:
    piece = text[slice(*span)]
    start = span[0] + len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())


def _best_sentence(question: Question, asked: Asked, match: Match) -> Span:
    """Return the slice of the folded text that holds most of what was asked.

    Words that name the subject of the whole passage (its title, its opening) say nothing
    about where in it the answer stands; words rare within the passage say most.
    """
    text = Text(match.stored.folded)
    scores = [0.0] * len(text.sentences)
    title = match.stored.context.partition("\n")[0]
    opening = re.match(r".{2,40}?(?=[，。,（(]|是|为)", text.text)
    lead = opening[0][:20] if opening else text.text[:15]
    for terms, weight in ((asked.characters, 0.65), (asked.words, 0.35)):
        for known in (title, lead):
            _add_shares(
                scores, text, {t: w for t, w in terms.items() if t not in known}, weight / 2
            )
    for i, (start, end) in enumerate(text.sentences):
        if any(_fits(wanted, text.text[start:end]) for wanted in question.wants):
            scores[i] += FITTING
    best = max(range(len(scores)), key=lambda i: (round(scores[i], 6), -i))
    return text.sentences[best]


def _add_shares(scores: list[float], text: Text, terms: Mapping[str, float], weight: float) -> None:
    found: list[tuple[float, list[int]]] = []
    for term, value in terms.items():
        places = text.places(term)
        held = [
            i
            for i, (start, end) in enumerate(text.sentences)
            if any(start <= p < end for p in places)
        ]
        if held:
            found.append((value * math.log(1 + len(scores) / len(held)), held))
    total = sum(value for value, _ in found) or 1.0
    for value, held in found:
        for i in held:
            scores[i] += weight * value / total


FITTING = 0.05  # what a sentence gains that holds the kind of thing asked for
_KINDS = {
    Wanted.NUMBER: re.compile(r"\d"),
    Wanted.TIME: re.compile(r"\d+ ?[年月日天]|春节|前夕|期间|上午|下午|之际|季度|when|\d{4}"),
}


def _fits(wanted: Wanted, sentence: str) -> bool:
    kind = _KINDS.get(wanted)
    return kind is not None and kind.search(sentence) is not None


def _marks(question: Question, folded: Folded) -> Iterable[Span]:
    """Return the slices of the original text that the question's words stand at."""
    text = Text(folded.text)
    spans = []
    for term in set(question.words):
        if len(term) > 1 or term.isdigit():
            spans += [folded.original(at, at + len(term)) for at in text.places(term)]
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
