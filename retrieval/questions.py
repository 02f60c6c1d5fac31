"""What was asked: the words to search for, what kind of answer is wanted, names and years.

In: a question as typed.  Out: a Question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

from retrieval.amounts import Amount, amounts, claims
from retrieval.engines import Field
from retrieval.folding import Folded, fold
from retrieval.inflections import inflections
from retrieval.lexicon import Lexicon
from retrieval.names import Known, may_be_mistyped, names, titles
from retrieval.operators import NO_FILTER, Filter, parse
from retrieval.persons import introduced, latin_names, persons
from retrieval.phrases import Wanted, says_nothing, telling, wants, without_asking
from retrieval.terms import RUN, Analyzer, bigrams, characters, is_han

WRITTEN = 0.85  # what a written word counts against the one that was asked
INFLECTED = 0.95  # what another form of an English word counts
NO_LEXICON = Lexicon.of(())
MAX_LENGTH = 4096  # characters, as many as a Telegram message has


class Written(Struct, frozen=True):
    """What documents write for a part of a question, as the lexicon has it."""

    said: str  # the part of the folded question
    text: str  # folded
    words: tuple[str, ...]
    grams: tuple[str, ...]
    weight: float  # against the part itself, which counts 1


class Question(Struct, frozen=True):
    """A question, and what was understood of it.

    The terms are folded; a term that is asked twice counts twice.
    """

    text: str  # as typed
    folded: str = ""
    words: tuple[str, ...] = ()
    grams: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()  # single Chinese characters; numbers and Latin words whole
    wants: frozenset[Wanted] = frozenset()
    first_word: str = ""
    content: tuple[tuple[str, str], ...] = ()  # its longest words, folded and as typed
    names: tuple[str, ...] = ()  # places, years, persons …: an answer has to be about them
    whom: str = ""  # the person whom it asks to be introduced
    mistyped: frozenset[str] = frozenset()  # those of the names that may be written wrongly
    amounts: tuple[Amount, ...] = ()  # numbers with their units: better passages bear them
    claims: tuple[str, ...] = ()  # an amount that it wants to have confirmed
    titles: tuple[str, ...] = ()  # what it may name a document by
    written: tuple[Written, ...] = ()  # what documents may write for parts of it
    filter: Filter = NO_FILTER  # what its operators ask of a passage
    follows: str = ""  # the earlier question that this one was completed from, if it was
    about: str = ""  # the words of an earlier quote that more is wanted about, if it is
    subject: Question | None = None  # what it was completed from, for the next one to begin with

    def terms(self, field: Field) -> tuple[str, ...]:
        """Return the terms to look for in one field of the engine."""
        match field:
            case Field.WORD:
                return self.words
            case Field.GRAM:
                return self.grams
            case Field.CHAR:
                return self.characters
            case Field.CONTEXT:
                return self.words + self.grams
            case Field.SOUND:
                return ()  # looked for only where a pair of characters stands nowhere


def understand(
    text: str,
    analyzer: Analyzer,
    lexicon: Lexicon = NO_LEXICON,
    known: Known = lambda words: (),
) -> Question:
    """Return what `text` asks for; without a word to search for it has no terms.

    `known` tells which words documents use as places' names.
    """
    searchable, filter = parse(_searchable(text))
    folded = fold(searchable)
    content = without_asking(folded.text)
    found = (*names(content, analyzer, known), *persons(folded.text, analyzer.cut))
    named = tuple(dict.fromkeys((*found, *latin_names(searchable))))
    wanted = wants(folded.text)
    return Question(
        text=text,
        folded=folded.text.strip() if filter else folded.text,
        words=telling(analyzer.words(content)),
        grams=telling(bigrams(content)),
        characters=telling(characters(content)),
        wants=wanted,
        first_word=next(iter(analyzer.cut(folded.text.lstrip())), ""),
        content=tuple(_content(text, folded, content, analyzer)),
        names=named,
        whom=introduced(folded.text),
        mistyped=frozenset(name for name in named if may_be_mistyped(name, analyzer)),
        amounts=amounts(folded.text),
        claims=() if wanted else tuple(claims(folded.text)),
        titles=tuple(titles(content, analyzer)),
        written=tuple(_written(folded.text, analyzer, lexicon)),
        filter=filter,
    )


def _written(question: str, analyzer: Analyzer, lexicon: Lexicon) -> Iterator[Written]:
    for expansion in lexicon.expand(question, analyzer.cut):
        yield Written(
            expansion.said,
            expansion.written,
            telling(analyzer.words(expansion.written)),
            tuple(bigrams(expansion.written)),
            WRITTEN * expansion.weight,
        )
    for word in dict.fromkeys(re.findall(r"[a-z]+", without_asking(question))):
        for form in () if says_nothing(word) else inflections(word):
            yield Written(word, form, (form,), (form,), INFLECTED)


def _searchable(text: str) -> str:
    """Return `text` with spaces for control characters and for halves of broken ones."""
    if text.isprintable():  # nearly every one is
        return text
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in text)


def _content(
    text: str, folded: Folded, content: str, analyzer: Analyzer
) -> Iterator[tuple[str, str]]:
    """Yield the longest words that mean something, each once, folded and as typed."""
    seen: set[str] = set()
    for run in RUN.finditer(content):
        at = run.start()
        for word in analyzer.cut(run[0]) if is_han(run[0]) else [run[0]]:
            if not says_nothing(word) and word not in seen:
                seen.add(word)
                yield word, text[slice(*folded.original(at, at + len(word)))]
            at += len(word)


_COUNTED = "年月日号个名位份次届"  # what stands behind a number and is part of no name


def whole_words(question: Question) -> Iterator[tuple[str, str]]:
    """Yield the words of a question, folded and as typed; single characters only together.

    What no dictionary knows (康乃新) is cut into characters, which alone say nothing.
    """
    whole = typed_whole = ""
    for word, typed in (*question.content, ("", "")):
        single = len(word) == 1 and is_han(word) and word not in _COUNTED
        if single and whole not in question.names and whole + word in question.folded:
            whole, typed_whole = whole + word, typed_whole + typed
            continue
        if whole and whole + whole[-1] in question.folded:  # 呦呦: each stands in `content` once
            whole, typed_whole = whole + whole[-1], typed_whole + typed_whole[-1]
        if len(whole) > 1:
            yield whole, typed_whole
        whole, typed_whole = (word, typed) if single else ("", "")
        if len(word) > 1 or (word and not is_han(word)):
            yield word, typed
