"""What was asked: the words to search for, what kind of answer is wanted, names and years.

In: a question as typed; for a follow-up, the question before it, or the words of a quote, as well.
Out: a Question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from retrieval.amounts import Amount, amounts, claims
from retrieval.engines import Field
from retrieval.folding import Folded, fold
from retrieval.inflections import inflections
from retrieval.lexicon import Lexicon
from retrieval.names import Known, is_year, kind, may_be_mistyped, names, titles
from retrieval.operators import NO_FILTER, Filter, parse
from retrieval.persons import latin_names, persons
from retrieval.phrases import Wanted, asks_for_more, says_nothing, wants, without_asking
from retrieval.terms import RUN, Analyzer, bigrams, characters, is_han

WRITTEN = 0.85  # what a written word counts against the one that was asked
INFLECTED = 0.95  # what another form of an English word counts
NO_LEXICON = Lexicon.of(())
MAX_LENGTH = 4096  # characters, as many as a Telegram message has


@dataclass(frozen=True, slots=True)
class Written:
    """What documents write for a part of a question, as the lexicon has it."""

    said: str  # the part of the folded question
    text: str  # folded
    words: tuple[str, ...]
    grams: tuple[str, ...]
    weight: float  # against the part itself, which counts 1


@dataclass(frozen=True, slots=True)
class Question:
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
    mistyped: frozenset[str] = frozenset()  # those of the names that may be written wrongly
    amounts: tuple[Amount, ...] = ()  # numbers with their units: better passages bear them
    claims: tuple[str, ...] = ()  # an amount that it wants to have confirmed
    titles: tuple[str, ...] = ()  # what it may name a document by
    written: tuple[Written, ...] = ()  # what documents may write for parts of it
    filter: Filter = NO_FILTER  # what its operators ask of a passage
    follows: str = ""  # the earlier question that this one was completed from, if it was
    about: str = ""  # the words of an earlier quote that more is wanted about, if it is

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
    content = Folded(without_asking(folded.text))
    found = (*names(content.text, analyzer, known), *persons(folded.text, analyzer.cut))
    named = tuple(dict.fromkeys((*found, *latin_names(searchable))))
    wanted = wants(folded.text)
    return Question(
        text=text,
        folded=folded.text.strip() if filter else folded.text,
        words=tuple(t.text for t in analyzer.words(content) if not says_nothing(t.text)),
        grams=tuple(t.text for t in bigrams(content) if not says_nothing(t.text)),
        characters=tuple(t.text for t in characters(content) if not says_nothing(t.text)),
        wants=wanted,
        first_word=next(iter(analyzer.cut(folded.text.lstrip())), ""),
        content=tuple(_content(text, folded, content, analyzer)),
        names=named,
        mistyped=frozenset(name for name in named if may_be_mistyped(name, analyzer)),
        amounts=amounts(folded.text),
        claims=() if wanted else tuple(claims(folded.text)),
        titles=tuple(titles(content.text, analyzer)),
        written=tuple(_written(folded.text, analyzer, lexicon)),
        filter=filter,
    )


def _written(question: str, analyzer: Analyzer, lexicon: Lexicon) -> Iterator[Written]:
    for expansion in lexicon.expand(question, analyzer.cut):
        written = Folded(expansion.written)
        yield Written(
            expansion.said,
            expansion.written,
            tuple(term.text for term in analyzer.words(written) if not says_nothing(term.text)),
            tuple(term.text for term in bigrams(written)),
            WRITTEN * expansion.weight,
        )
    for word in dict.fromkeys(re.findall(r"[a-z]+", without_asking(question))):
        for form in () if says_nothing(word) else inflections(word):
            yield Written(word, form, (form,), (form,), INFLECTED)


def _searchable(text: str) -> str:
    """Return `text` with spaces for control characters and for halves of broken ones."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in text)


def _content(
    text: str, folded: Folded, content: Folded, analyzer: Analyzer
) -> Iterator[tuple[str, str]]:
    """Yield the longest words that mean something, each once, folded and as typed."""
    seen: set[str] = set()
    for run in RUN.finditer(content.text):
        at = run.start()
        for word in analyzer.cut(run[0]) if is_han(run[0]) else [run[0]]:
            if not says_nothing(word) and word not in seen:
                seen.add(word)
                yield word, text[slice(*folded.original(at, at + len(word)))]
            at += len(word)


# --- follow-ups ---------------------------------------------------------------------------------

_POINTERS = frozenset(
    "那 那么 它 他 她 它们 他们 她们 其中 这个 这 该 此 还有 另外 里面 里头".split()
)
_REFERS = re.compile(
    r"呢[？?。！!]*$|它|他们|她们|^(?:不是|不对|错了)\W|^我[是要想]*[问说]的"
    r"|^(?:and|what about|how about|it|they)\b"
)
_ASKS = re.compile(r"怎么?|咋|如何|为[什何啥]|[吗么不]\W*$|(.)不\1|^(?:how|why)\b")
_SHORT = 12  # characters: a longer question says what it is about
_FEW = 2  # Chinese words of several characters, as well


def refers(question: Question) -> bool:
    """Return whether a question points back: 那贾汪呢, 其中省级的有几个."""
    return question.first_word in _POINTERS or _REFERS.search(question.folded) is not None


def may_follow(question: Question) -> bool:
    """Return whether a question is so short that its subject may be the last question's."""
    places = any(not is_year(name) for name in question.names)
    own = places or bool(question.titles) or Wanted.MANY in question.wants
    own = own or sum(len(w) > 1 and is_han(w) for w, _ in question.content) > _FEW
    asks = bool(question.wants) or _ASKS.search(question.folded) is not None
    return len(question.folded) <= _SHORT and asks and not own


def completed(question: Question, previous: Question) -> Question:
    """Return a follow-up with the terms of the question before it; its own count twice.

    A place or a year that it names takes the place of the one that was asked about before.
    """
    anew = {kind(name) for name in question.names}
    replaced = [name for name in previous.names if kind(name) in anew]

    def kept(terms: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(t for t in terms if not any(t in name or name in t for name in replaced))

    return replace(
        question,
        words=question.words * 2 + kept(previous.words),
        grams=question.grams * 2 + kept(previous.grams),
        characters=question.characters * 2 + kept(previous.characters),
        names=question.names + tuple(n for n in previous.names if n not in replaced),
        mistyped=question.mistyped | previous.mistyped,
        amounts=question.amounts or previous.amounts,
        titles=question.titles or previous.titles,
        written=question.written + previous.written,
        content=tuple(
            dict.fromkeys(question.content + tuple(c for c in previous.content if kept(c[:1])))
        ),
        wants=question.wants or previous.wants,
        filter=question.filter or previous.filter,
        follows=(not previous.about and previous.follows) or previous.text or previous.about,
    )


def about(question: Question, fragment: Question) -> Question:
    """Return a question together with the words of a quote that it was put to.

    Its own terms count twice; where it only asks for more, the fragment is all of it.  What
    the fragment names is looked for, but may be otherwise elsewhere: another place, another year.
    """
    if asks_for_more(question.folded):
        return replace(
            fragment,
            text=question.text,
            names=(),
            titles=(),
            claims=(),
            wants=frozenset(),
            filter=question.filter,
            about=fragment.text,
        )
    return replace(
        question,
        words=question.words * 2 + fragment.words,
        grams=question.grams * 2 + fragment.grams,
        characters=question.characters * 2 + fragment.characters,
        follows=fragment.text,
        about=fragment.text,
    )


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
