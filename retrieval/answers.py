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
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial

from msgspec import Struct
from msgspec.structs import astuple, replace

from retrieval.arranging import Arranged
from retrieval.aspects import says
from retrieval.blocks import Place, Role, Span
from retrieval.confidence import Confidence, lead
from retrieval.enumerations import whole_list
from retrieval.fitting import fitter, fitting, lacks
from retrieval.folding import Folded, fold
from retrieval.lookup import Terms, Text
from retrieval.passages import Passage
from retrieval.phrases import Wanted
from retrieval.questions import Question
from retrieval.ranking import Match
from retrieval.reasons import Reason, reasons
from retrieval.seeking import Asked
from retrieval.store import StoredPassage


class Verdict(StrEnum):
    """How far the documents answer a question."""

    ANSWER = "answer"  # the first quote answers it
    RELATED = "related"  # the documents touch on it; the quotes are the nearest they have
    NONE = "none"  # nothing was found: no quotes


class Citation(Struct, frozen=True):
    """Where a quote stands, for a reader who wants to look it up."""

    source: str  # the source's name in the YAML
    file: str  # path inside the source; its name, where the source is one file
    title: str  # of the document: a file may hold several
    section: tuple[str, ...]  # the headings above the quote, outermost first
    place: Place
    also: tuple[Place, ...] = ()  # where the file says it, or its last or first words, once more
    here: bool = True  # the file is on this machine, and the quote was compared with it

    def is_of(self, other: Citation) -> bool:
        """Return whether both stand in the same document."""
        return (self.source, self.file, self.title) == (other.source, other.file, other.title)


class Quote(Struct, frozen=True):
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
    alike: tuple[Citation, ...] = ()  # other documents that say nearly the same
    explain: Callable[[], tuple[Reason, ...]] = tuple

    def __eq__(self, other: object) -> bool:
        """Whether both say the same of the same passage; how they explain it does not count."""
        return isinstance(other, Quote) and astuple(self)[:-1] == astuple(other)[:-1]

    def __hash__(self) -> int:
        """Return the same for those that are equal."""
        return hash(astuple(self)[:-1])

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """How it holds each word that was asked for; worked out only where somebody asks."""
        return self.explain()


class Answer(Struct, frozen=True):
    """What the documents say to a question: quotes, best first."""

    question: Question
    verdict: Verdict
    quotes: tuple[Quote, ...] = ()
    missing: tuple[str, ...] = ()  # words of the question that stand in no document, folded
    absent: tuple[str, ...] = ()  # places and years of it that the first quote is not about
    score: float = 0.0  # of the first match, even where the verdict is that nothing was found
    lead: float = 0.0  # how far it lies before the next match
    nearest: tuple[tuple[str, str], ...] = ()  # words that stand nowhere, and such as do, alike
    missing_nouns: tuple[str, ...] = ()  # those of `missing` that even an answer should name

    def only(self, quotes: tuple[Quote, ...]) -> Answer:
        """Return it with these of its quotes only; it is the first that makes it an answer."""
        verdict = self.verdict if quotes else Verdict.NONE
        if quotes and quotes[0].id != self.quotes[0].id:
            verdict = Verdict.RELATED
        return replace(self, quotes=quotes, verdict=verdict)


# --- verdict ------------------------------------------------------------------------------------

HELD = 0.25  # share of the words that occur at all which the first quote must hold
UNKNOWN = 0.6  # share of words that stand nowhere, from which on nothing is called related,
FOREIGN = 0.8  # and from which on nothing is called an answer


def judge(
    question: Question,
    matches: Sequence[Match],
    confidence: Confidence,
    unknown: float,
    absent: int,
    held: float,
) -> Verdict:
    """Return the verdict on a question's matches.

    The share `unknown` of its words stands nowhere, and the first match's document lacks
    `absent` of its names: a question about another place or year is not answered from this one.
    The first match holds the share `held` of its other words: the right place is not enough.
    """
    if not matches:
        return Verdict.NONE
    sure = confidence.of(matches[0].score, lead([match.score for match in matches[:2]]))
    fits = held >= HELD and not absent and not lacks(question, matches[0].stored.folded)
    if fits and unknown < FOREIGN and sure >= confidence.threshold_answer:
        return Verdict.ANSWER
    # Asked about a place that the document is about, it may use other words for the rest.
    about = bool(question.names or question.titles) and not absent
    related = about or (unknown < UNKNOWN and sure >= confidence.threshold_related)
    return Verdict.RELATED if related else Verdict.NONE


# --- quotes -------------------------------------------------------------------------------------


def quote(question: Question, asked: Asked, shown: Arranged, file_hash: str) -> Quote:
    """Return a match as a quote, its answering sentence and matched words marked."""
    match = shown.match
    passage = match.stored.passage
    folded = fold(passage.text)
    answer = _best_sentence(question, asked, match)
    if question.wants & {Wanted.LIST, Wanted.ITEMS}:
        whole = passage.role is Role.CONTENTS
        answer = (0, len(folded.text)) if whole else whole_list(folded.text, answer)
    return Quote(
        id=_quote_id(passage, file_hash),
        text=passage.text,
        spans=passage.spans,
        answer=_trimmed(passage.text, folded.original(*answer)),
        marks=tuple(_marks(question, asked, folded, answer)),
        score=round(match.score, 4),
        citation=_citation(passage),
        file_hash=file_hash,
        alike=tuple(_citation(other.stored.passage) for other in shown.alike),
        explain=partial(_explained, question, asked, match.stored),
    )


def _explained(question: Question, asked: Asked, stored: StoredPassage) -> tuple[Reason, ...]:
    return reasons(question, asked, stored, fold(stored.passage.text))


def _citation(passage: Passage) -> Citation:
    return Citation(
        passage.source,
        passage.file,
        passage.title,
        passage.section,
        passage.place,
        tuple(again.place for again in passage.also),
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
    beginning = opening[0][:20] if opening else text.text[:15]
    held = [
        (sought.text, worth, {text.sentence_at(place) for place in places})
        for sought, places, worth in text.find(Terms(asked.distinct))
    ]
    for terms, weight in ((asked.characters, 0.65), (asked.words, 0.35)):
        for known in (title, beginning):
            rest = {term.text: term.weight for term in terms if term.text not in known}
            _add_shares(scores, held, rest, weight / 2)
    _prefer_fitting(scores, text, question, asked)
    if len(scores) > 1 and _is_run_in_heading(text.text[slice(*text.sentences[0])]):
        scores[0] = 0.0
    best = max(range(len(scores)), key=lambda i: (round(scores[i], 6), -i))
    return text.sentences[best]


def _prefer_fitting(scores: list[float], text: Text, question: Question, asked: Asked) -> None:
    """Raise the scores of sentences that hold what is asked for: an amount, a day, a cause."""
    sentences = [text.text[slice(*span)] for span in text.sentences]
    # What was asked is not the answer: in 2024 there is no amount for who asks about 2024.
    known_numbers = [t.text for t in asked.characters if t.text[0].isdigit()]
    fit, said = fitter(question), says(question.folded)
    fits = [fit(_without(s, known_numbers)) if question.wants else 0.0 for s in sentences]
    counted = Wanted.NUMBER in question.wants and Wanted.LIST not in question.wants
    for i, (sentence, fitness) in enumerate(zip(sentences, fits, strict=True)):
        scores[i] += FITTING * fitness + SAID * said(sentence)
        if counted and not fitness and any(fits):
            scores[i] *= COUNTLESS


def _without(text: str, numbers: Iterable[str]) -> str:
    for number in numbers:
        text = re.sub(rf"(?<![\d.]){re.escape(number)}(?![\d.])", " ", text)
    return text


def _add_shares(
    scores: list[float],
    held: Iterable[tuple[str, float, set[int]]],
    weights: Mapping[str, float],
    weight: float,
) -> None:
    """Add to each sentence its share of those terms that have `weights`.

    `held` are the terms that the text holds, what each is worth, and its sentences.
    """
    found = [
        (worth * weights[term] * math.log(1 + len(scores) / len(places)), places)
        for term, worth, places in held
        if term in weights
    ]
    total = sum(value for value, _ in found) or 1.0
    for value, places in found:
        for i in places:
            scores[i] += weight * value / total


FITTING = 0.25  # what a sentence gains that holds just the kind of thing asked for
SAID = 0.3  # and one that speaks of what is asked: 因为 where it is why
COUNTLESS = 0.5  # what one keeps that holds no amount, beside one that does


def _is_run_in_heading(sentence: str) -> bool:
    """Return whether a paragraph's first sentence is its heading, as 打造职工阅读平台 is."""
    return len(sentence) <= 25 and not re.search(r"[\d,，:：是为]", sentence)


def _marks(question: Question, asked: Asked, folded: Folded, answer: Span) -> Iterable[Span]:
    """Return the slices of the original text that the question's words stand at.

    In the sentence that answers, given as a slice of the folded text, so are those that hold
    the kind of thing asked for: the amount, the day, the name.
    """
    text = Text(folded.text)
    places = [
        span
        for sought in asked.words
        if len(sought.text) > 1 or not sought.han
        for span in text.spans(sought)
    ]
    start = answer[0]
    sentence = folded.text[slice(*answer)]
    places += [(start + a, start + b) for a, b in fitting(question, sentence)]
    spans = [folded.original(*place) for place in places]
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
