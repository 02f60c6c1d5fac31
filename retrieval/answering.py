"""A question to its answer: the flow from understanding to quotes, on one page.

In: a question, the engine to search and the shelf on which the passages stand.  Out: an Answer,
whose quotes nobody has compared with their files yet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct
from msgspec.structs import replace

from retrieval.amounts import states
from retrieval.answers import Answer, Verdict, judge, quote
from retrieval.arranging import VOICE, Arranged, arrange
from retrieval.confidence import Confidence, lead
from retrieval.engines import Hit, Searcher, Where
from retrieval.errors import UnknownSource
from retrieval.folding import fold
from retrieval.follow_ups import about, completed, instead, may_follow, refers, things
from retrieval.fragments import Fragment
from retrieval.lexicon import Lexicon
from retrieval.listing import listed
from retrieval.names import entitled, in_passing, of_another_year, sources_named
from retrieval.nearest import nearest, terms_like
from retrieval.passages import Passage
from retrieval.questions import Question, understand, whole_words
from retrieval.ranking import Match, rank, words_held
from retrieval.reasons import missing_nouns, otherwise_written, unknown_words
from retrieval.seeking import Asked, Statistics, places_named
from retrieval.shelf import Shelf
from retrieval.terms import RUN, Analyzer, is_han

CANDIDATES = 100  # passages that the engine proposes and ranking looks at
FIRST = 20  # of these it looks at the first in any case,
NEAR = 0.3  # and at the others if they have this share of the first one's score
WITH_FILTER = 4 * CANDIDATES  # where a question's operators will leave some of them out
ALIKE = 20  # passages in which a word is looked for that is like one that stands nowhere
AS_MUCH = 0.8  # share of the best score that a passage needs to speak as much of a thing

Without = Callable[[Passage], bool] | None
"""Which passages to leave out, as if they stood nowhere; None: none."""


class Answerer(Struct, frozen=True):
    """Everything that turns a question into an answer.  Thread-safe."""

    shelf: Shelf
    engine: Searcher
    analyzer: Analyzer
    lexicon: Lexicon
    sources: Collection[str]  # the names of those that are configured
    confidence: Confidence
    average_length: float  # of a passage, in characters

    def answer(
        self,
        text: str,
        previous: Answer | None,
        where: Where,
        limit: int,
        without: Without,
        fragment: Fragment | None = None,
    ) -> Answer:
        """Answer a question alone or, where that leads nowhere, together with the last one.

        `previous` is the answer before it; passages that `without` holds for are left out.
        Where the question is put to a `fragment` of a quote, it is answered from elsewhere.
        """
        question = self._understood(text, where)
        if fragment:
            said = understand(fragment.text, self.analyzer, self.lexicon)
            more = about(question, said)
            return self._answered(more, where, limit, _either(without, fragment.leaves_out))
        if previous is None or not previous.question.words:
            return self._answered(question, where, limit, without)
        both = completed(question, previous.question)
        if refers(question):
            together = self._answered(both, where, limit, without)
            if (other := instead(question, previous.question)) is None:
                return together
            # 婚假呢, after 产假几天, is about 婚假, unless what speaks of it does so of 产假.
            anew = self._answered(other, where, limit, without)
            return anew if _is_of_its_own(question, both, anew, together) else together
        alone = self._answered(question, where, limit, without)
        # A thing that stands nowhere is a new subject, and so is how to do what stands nowhere.
        words = {typed for word, typed in question.content if len(word) > 1}
        unknown = not words.isdisjoint(alone.missing)
        if not may_follow(question) or unknown or (alone.missing and not question.wants):
            return alone
        # A short question goes on with the last one if that leads to where the last one led.
        # (Kept, a condition like title: would lead there whatever was asked.)
        both = replace(both, filter=question.filter)
        together = self._answered(both, where, limit, without)
        # What is answered alone, and not together, is a question of its own; so is what speaks of
        # something that stands elsewhere, and not there (食堂多少钱, after a question about books).
        worse = alone.verdict is Verdict.ANSWER and together.verdict is not Verdict.ANSWER
        worse = worse or _words_in(together, question) < _words_in(alone, question)
        return together if _same_document(together, previous) and not worse else alone

    def _understood(self, text: str, where: Where) -> Question:
        def known(words: Collection[str]) -> list[str]:
            places = places_named(lambda terms: self.engine.frequencies(terms, where), words)
            return places + sources_named(words, self._visible(where), self.analyzer)

        return understand(text, self.analyzer, self.lexicon, known)

    def _answered(self, question: Question, where: Where, limit: int, without: Without) -> Answer:
        if question.filter and not question.words:
            return self._listing(question, where, limit, without)
        statistics = Statistics.of(
            question,
            self.engine.size(),
            lambda terms: self.engine.frequencies(terms, where),
        )
        asked = Asked.of(question, statistics)
        matches = self._matches(question, asked, where, without)
        if question.about and not question.follows:  # more of the same, and not just anything
            matches = [m for m in matches if m.score >= VOICE * matches[0].score]
        missing = unknown_words(question, statistics.holds)
        unknown = _unknown(question, statistics, matches[0].stored.folded if matches else "")
        absent = self._absent(question, asked, matches)
        held = words_held(question, asked, matches[0], statistics) if matches else 0.0
        score = matches[0].score if matches else 0.0
        ahead = lead([match.score for match in matches[:2]])
        verdict = self._verdict(question, matches, unknown, len(absent), held)
        near = () if verdict is Verdict.ANSWER else self._nearest(question, statistics, where)
        if verdict is Verdict.NONE:
            return Answer(question, verdict, missing=missing, score=score, lead=ahead, nearest=near)
        quotes = tuple(
            quote(question, asked, shown, self._hash(shown.match.stored.passage))
            for shown in arrange(question, matches, limit)
        )
        nouns = missing_nouns(question, missing, statistics.holds, self.analyzer.may_name)
        return Answer(question, verdict, quotes, missing, absent, score, ahead, near, nouns)

    def _verdict(
        self, question: Question, matches: Sequence[Match], unknown: float, absent: int, held: float
    ) -> Verdict:
        # An amount may stand elsewhere in the document, and be about something else.
        said = all(states(matches[0].stored.folded, claim) for claim in question.claims if matches)
        absent = absent if said else max(absent, 1)
        return judge(question, matches, self.confidence, unknown, absent, held)

    def _nearest(
        self, question: Question, statistics: Statistics, where: Where
    ) -> tuple[tuple[str, str], ...]:
        """Return the words of a question that stand nowhere, with those that are like them."""
        found = []
        for word, typed in dict(whole_words(question)).items():
            # Of two characters half the dictionary is like any other two.
            if len(word) > 2 and is_han(word) and not statistics.holds(word):
                hits = self.engine.search(terms_like(word), ALIKE, where)
                passages = self.shelf.passages([hit.passage for hit in hits])
                texts = [f"{passage.folded}\n{passage.context}" for passage in passages]
                found.append((typed, nearest(word, texts, self.analyzer.cut)))
        return tuple(pair for pair in found if pair[1])

    def _listing(self, question: Question, where: Where, limit: int, without: Without) -> Answer:
        """Answer a question that is nothing but operators, with what they pick."""
        found = listed(self.shelf, question.filter, self._picked(question, where), WITH_FILTER)
        kept = [p for p in found if not (without and without(p.passage))][:limit]
        asked = Asked((), (), (), (), ())
        quotes = tuple(
            quote(question, asked, Arranged(Match(p, 0.0, 0.0)), self._hash(p.passage))
            for p in kept
        )
        return Answer(question, Verdict.RELATED if quotes else Verdict.NONE, quotes)

    def _picked(self, question: Question, where: Where) -> frozenset[str]:
        """Return the sources that may be looked at and that the question asks for."""
        return question.filter.among(self._visible(where))

    def _visible(self, where: Where) -> Collection[str]:
        return self.sources if where.sources is None else where.sources

    def _matches(
        self, question: Question, asked: Asked, where: Where, without: Without
    ) -> list[Match]:
        wanted = 2 * CANDIDATES if without else CANDIDATES  # so that as many are left
        filter = question.filter
        if filter:
            wanted, where = WITH_FILTER, Where(self._picked(question, where))
        proposed = self.engine.search(asked.terms, wanted, where)
        if not filter and not without:
            proposed = _near(proposed)
        hits = {hit.passage: hit.score for hit in proposed}
        found = self.shelf.passages(list(hits))
        if filter:
            found = [p for p in found if filter.passes(p)]
        if filter.files or filter.titles:  # of which the engine knows nothing
            others = listed(self.shelf, filter, where.sources or (), WITH_FILTER)
            found += [p for p in others if p.passage.id not in hits]
        if without:
            found = [p for p in found if not without(p.passage)][:CANDIDATES]
        candidates = [(p, hits.get(p.passage.id, 0.0)) for p in found]
        matches = rank(question, asked, candidates, self.average_length)
        return [m for m in matches if m.coverage or m.stored.passage.id in hits]

    def _hash(self, passage: Passage) -> str:
        state = self.shelf.state(passage.source, passage.file)
        return state.hash if state else ""

    def _absent(
        self, question: Question, asked: Asked, matches: Sequence[Match]
    ) -> tuple[str, ...]:
        if not matches or not (asked.names or question.claims):
            return ()
        stored = matches[0].stored
        passage = stored.passage
        # The source's name is the owner's word for what its documents are about.
        source = fold(passage.source).text
        about = f"{source}\n{self.shelf.document_text(passage.document)}"
        claims = [claim for claim in question.claims if not states(about, claim)]
        # The same clause of another law is no answer.
        clause = any(name.endswith("条") for name in question.names)
        title = stored.context.partition("\n")[0]
        others = [name for name in question.titles if clause and not entitled(title, name)]
        near = f"{source}\n{stored.context}\n{stored.folded}"
        passing = [n for n in asked.names if in_passing(n, near, about)]
        headed = fold(" ".join((passage.title, *passage.section))).text
        passing += [n for n in asked.names if of_another_year(n, headed, stored.folded)]
        return (*dict.fromkeys((*asked.lacking(about), *passing)), *claims, *others)


def _near(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits without those so far behind the first one that ranking never prefers them.

    Most questions leave few, and what they leave out is most of the work.
    """
    least = NEAR * hits[0].score if hits else 0.0
    return [hit for at, hit in enumerate(hits) if at < FIRST or hit.score >= least]


def _unknown(question: Question, statistics: Statistics, passage: str) -> float:
    """Return the share of a question's words that stand nowhere, nor what is written for them.

    Its names aside: that a place is known says nothing of what is asked about it.  Where the
    passage that fits best is Chinese, a word in Latin letters counts twice: it names what the
    question is about, or nobody knows what is written for it.
    """
    known = {
        run for said in otherwise_written(question, statistics.holds) for run in RUN.findall(said)
    }
    chinese = any(map(is_han, passage))
    total = unknown = 0
    for word, _ in question.content:
        if any(word in name for name in question.names):
            continue
        total += 1
        han = is_han(word)
        if not statistics.holds(word) and not any(
            word in run if han else word == run for run in known
        ):
            unknown += 2 if chinese and word.isascii() and word.isalpha() else 1
    return unknown / max(1, total)


def within(sources: Collection[str] | None, configured: Collection[str]) -> Where:
    """Return where to look for who asks only some sources; UnknownSource for one there is not."""
    for name in sources or ():
        if name not in configured:
            raise UnknownSource(f'there is no source "{name}"')
    return Where() if sources is None else Where(frozenset(sources))


def leaving_out(files: Collection[tuple[str, str]], without: Without) -> Without:
    """Return what leaves out the passages of some files, given as (source, file), as well."""
    return _either(without, lambda p: (p.source, p.file) in files) if files else without


def _either(one: Without, other: Callable[[Passage], bool]) -> Callable[[Passage], bool]:
    return lambda passage: bool(one and one(passage)) or other(passage)


def _is_of_its_own(question: Question, both: Question, anew: Answer, together: Answer) -> bool:
    """Return whether a follow-up that names a thing is better answered without the old subject.

    So it is where other passages speak much more of the thing, or none does so of the subject.
    """
    if not together.quotes or not _words_in(anew, question):
        return bool(_words_in(anew, question))
    first = together.quotes[0].id
    score = max((quote.score for quote in anew.quotes if quote.id == first), default=0.0)
    return score < AS_MUCH * anew.score or not (both.subject and _words_in(together, both.subject))


def _words_in(answer: Answer, question: Question) -> int:
    """Return how many words of a question the first quote of an answer holds, or its title."""
    if not answer.quotes:
        return 0
    cited = answer.quotes[0].citation
    text = fold("\n".join([answer.quotes[0].text, cited.title, *cited.section])).text
    held = [w.said for w in question.written if w.text in text]
    return sum(word in text or any(word in said for said in held) for word in things(question))


def _same_document(one: Answer, other: Answer) -> bool:
    """Return whether two answers quote the same document first, or one that says the same."""
    cited = [
        (answer.quotes[0].citation, *answer.quotes[0].alike) if answer.quotes else ()
        for answer in (one, other)
    ]
    return any(a.is_of(b) for a in cited[0] for b in cited[1])
