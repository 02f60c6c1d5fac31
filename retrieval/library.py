"""The whole of retrieval on one page: how documents get in, how answers get out.

library = Library([Source("员工手册", Path("handbook"))], folder=Path("index"))
library.refresh()
answer = library.ask("年假有几天？")
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from retrieval.answers import Answer, Quote, Verdict, judge, quote
from retrieval.arranging import Arranged, arrange
from retrieval.confidence import DEFAULT, Confidence, lead, load
from retrieval.engines import ENGINES, Engine, Where
from retrieval.errors import StoreUnusable, UnknownSource, UnreadableFile, on_one_line
from retrieval.folding import fold
from retrieval.intake import Changes, Watch, find_changes, take_in, unwatched
from retrieval.lexicon import Lexicon
from retrieval.listing import listed
from retrieval.nearest import nearest, terms_like
from retrieval.passages import Passage
from retrieval.proof import Proof, Record, check, is_verbatim
from retrieval.questions import NO_LEXICON, Question, completed, may_follow, refers, understand
from retrieval.ranking import Match, rank, words_held
from retrieval.reasons import whole_words
from retrieval.seeking import Asked, Statistics
from retrieval.sources import Source, ocr_of, parse, path_of, read_bytes
from retrieval.store import Store
from retrieval.terms import Analyzer, is_han

log = logging.getLogger(__name__)

CANDIDATES = 100  # passages that the engine proposes and ranking looks at

ALIKE = 20  # passages in which a word is looked for that is like one that stands nowhere
WITH_FILTER = 4 * CANDIDATES  # where a question's operators will leave some of them out

Without = Callable[[Passage], bool] | None
"""Which passages to leave out, as if they stood nowhere; None: none."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read, or not all of it, and why."""

    source: str
    file: str
    reason: str

    def __str__(self) -> str:
        """Return the line that its owner is shown."""
        return on_one_line(f"{self.source}: {self.file} {self.reason}")


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh did."""

    files: int  # that there are now
    changed: int  # of them: new, or read again
    removed: int
    problems: tuple[Problem, ...]
    note: str = ""  # why changes could not be taken in; the old state still answers


@dataclass(frozen=True, slots=True)
class FileContents:
    """What a file holds, and how it was taken."""

    source: str
    file: str  # path inside the source
    documents: int
    passages: int
    date: str  # of its documents, as printed
    encoding: str  # that a text was taken to be in; "" for other formats
    problem: str  # why it, or some of it, could not be read; "" where all of it was

    @property
    def is_guessed(self) -> bool:
        """Whether its encoding had to be guessed."""
        return self.encoding not in ("", "utf-8")


@dataclass(frozen=True, slots=True)
class SourceContents:
    """How much a source holds."""

    name: str
    path: Path
    files: int
    documents: int
    passages: int


class Library:
    """The owner's documents, ready to be asked.  Thread-safe.

    `folder` keeps what was read between runs; StoreUnusable if it can be neither read nor
    written.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        folder: Path,
        engine: str = "memory",
        analyzer: Analyzer | None = None,
        lexicon: Lexicon = NO_LEXICON,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._store = Store(folder)
        self._new_engine = partial(ENGINES[engine], folder / engine)
        # An analyzer may serve several libraries: its dictionary takes a second to load.
        self._analyzer = analyzer or Analyzer(cache=folder if self._store.writable else None)
        self._version = ""  # of the store, when it was last looked at
        self._average_length = 1.0
        self._lexicon = lexicon
        self._confidence = DEFAULT
        self._lock = threading.RLock()

    @cached_property
    def _engine(self) -> Engine:
        return self._new_engine()  # only to search: what only looks at files need not load it

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources, in the order of the YAML."""
        return tuple(self._sources.values())

    @property
    def confidence(self) -> Confidence:
        """What makes a confidence, and so a verdict, of an answer's score and lead."""
        return self._confidence

    def close(self) -> None:
        """Close the index."""
        self._store.close()

    # --- documents in ---------------------------------------------------------------------------

    def refresh(self, watch: Watch = unwatched) -> Refresh:
        """Take in what is new or changed, forget what is gone; an unchanged file costs a stat.

        A file that cannot be read is reported and does not stop the others.  `watch` is told
        of every file that is done.  Stopped half-way, all stays as it was.
        """
        with self._lock:
            changes, note = self._find_changes(), ""
            if changes:
                try:
                    changes = take_in(self._store, self._sources.values(), self._analyzer, watch)
                except StoreUnusable as error:
                    note = f"{error}; what changed was not taken in"
            self._fill_engine()
            self._confidence = load(self._store.folder, self._engine.size())
            return Refresh(
                changes.files, len(changes.changed), len(changes.removed), self.problems(), note
            )

    def _find_changes(self) -> Changes:
        return find_changes(self._store, self._sources.values(), self._analyzer)

    def problems(self) -> tuple[Problem, ...]:
        """Return the files that could not be read, or not all of them."""
        return tuple(Problem(*row) for row in self._store.problems())

    def files(self) -> tuple[FileContents, ...]:
        """Return what is known of each file, by source and path."""
        passages = self._store.passage_counts()
        return tuple(
            FileContents(
                source,
                file,
                state.documents,
                passages.get((source, file), 0),
                state.date,
                state.encoding,
                state.problem,
            )
            for (source, file), state in sorted(self._store.manifest().items())
        )

    def contents(self) -> tuple[SourceContents, ...]:
        """Return how much each source holds, in the order of the YAML."""
        manifest, passages = self._store.manifest(), self._store.passage_counts()
        return tuple(
            SourceContents(
                name,
                source.path,
                files=sum(
                    key[0] == name and state.documents > 0 for key, state in manifest.items()
                ),
                documents=sum(s.documents for key, s in manifest.items() if key[0] == name),
                passages=sum(n for key, n in passages.items() if key[0] == name),
            )
            for name, source in self._sources.items()
        )

    def pending(self) -> int:
        """Return how many files are new, changed or gone since the last refresh."""
        changes = self._find_changes()
        return len(changes.changed) + len(changes.removed)

    def _fill_engine(self) -> None:
        version = self._store.version()
        held = self._engine.state()
        if held != version:
            since = self._store.generation_of(held)
            draft = self._engine.draft(anew=since is None)
            draft.update(self._store.batches(since or 0), self._store.gone(since or 0))
            draft.publish(version)
        if version != self._version:
            self._average_length = self._store.average_length()
            self._version = version

    # --- answers out ----------------------------------------------------------------------------

    def ask(
        self,
        text: str,
        *,
        sources: Collection[str] | None = None,
        previous: Answer | None = None,
        limit: int = 10,
        without: Without = None,
    ) -> Answer:
        """Answer a question with up to `limit` passages, word for word, each with its source.

        `sources` limits the answer to these (their names; UnknownSource for any other).
        `previous` is the answer before it in the same conversation: a follow-up is completed
        from its question.  Passages `without` holds for are left out, as if they stood
        nowhere.  Nothing is generated, and before the answer leaves, every quote
        was cut from its file again and compared.  "Nothing found" is an answer too.
        """
        where = self._where(sources)
        with self._lock:
            for _ in range(3):
                answer = self._answer_in_turn(text, previous, where, limit, without)
                if self._is_proven(answer.quotes):
                    return answer
                self._distrust(answer.quotes)
                self.refresh()
            proven = tuple(q for q in answer.quotes if self._is_proven([q]))
            log.warning("quotes withheld, for their files keep changing")
            return replace(
                answer, quotes=proven, verdict=answer.verdict if proven else Verdict.NONE
            )

    def verify(self, record: Record) -> Proof:
        """Show whether a quote that was given still stands in its file.

        Raises UnknownSource if its source is configured no more, UnreadableFile if its file
        is gone.
        """
        path = self._path(record.source, record.file)
        return check(record, path, ocr_of(self._sources[record.source], self._store.folder))

    def _where(self, sources: Collection[str] | None) -> Where:
        if sources is None:
            return Where()
        for name in sources:
            if name not in self._sources:
                raise UnknownSource(f'there is no source "{name}"')
        return Where(frozenset(sources))

    def _answer_in_turn(
        self, text: str, previous: Answer | None, where: Where, limit: int, without: Without
    ) -> Answer:
        """Answer a question alone or, where that leads nowhere, together with the last one."""
        question = understand(text, self._analyzer, self._lexicon)
        if previous is None or not previous.question.words:
            return self._answer(question, where, limit, without)
        both = completed(question, previous.question)
        if refers(question):
            return self._answer(both, where, limit, without)
        alone = self._answer(question, where, limit, without)
        if not may_follow(question):
            return alone
        # A short question goes on with the last one if that leads to where the last one led.
        # (Kept, a condition like title: would lead there whatever was asked.)
        both = replace(both, filter=question.filter)
        together = self._answer(both, where, limit, without)
        return together if _same_document(together, previous) else alone

    def _answer(self, question: Question, where: Where, limit: int, without: Without) -> Answer:
        if question.filter and not question.words:
            return self._listing(question, where, limit, without)
        statistics = Statistics.of(
            question,
            self._engine.size(),
            lambda terms: self._engine.frequencies(terms, where),
        )
        asked = Asked.of(question, statistics)
        matches = self._matches(question, asked, where, without)
        missing = tuple(typed for word, typed in question.content if not statistics.holds(word))
        absent = self._absent(asked, matches)
        held = words_held(question, asked, matches[0], statistics) if matches else 0.0
        score = matches[0].score if matches else 0.0
        ahead = lead([match.score for match in matches[:2]])
        verdict = judge(question, matches, self._confidence, len(missing), len(absent), held)
        near = () if verdict is Verdict.ANSWER else self._nearest(question, statistics, where)
        if verdict is Verdict.NONE:
            return Answer(question, verdict, missing=missing, score=score, lead=ahead, nearest=near)
        quotes = tuple(
            quote(question, asked, shown, self._hash(shown.match.stored.passage))
            for shown in arrange(question, matches, limit)
        )
        return Answer(question, verdict, quotes, missing, absent, score, ahead, near)

    def _nearest(
        self, question: Question, statistics: Statistics, where: Where
    ) -> tuple[tuple[str, str], ...]:
        """Return the words of a question that stand nowhere, with those that are like them."""
        found = []
        for word, typed in dict(whole_words(question)).items():
            # Of two characters half the dictionary is like any other two.
            if len(word) > 2 and is_han(word) and not statistics.holds(word):
                hits = self._engine.search(terms_like(word), ALIKE, where)
                passages = self._store.passages([hit.passage for hit in hits])
                texts = [f"{passage.folded}\n{passage.context}" for passage in passages]
                found.append((typed, nearest(word, texts, self._analyzer.cut)))
        return tuple(pair for pair in found if pair[1])

    def _listing(self, question: Question, where: Where, limit: int, without: Without) -> Answer:
        """Answer a question that is nothing but operators, with what they pick."""
        found = listed(self._store, question.filter, self._picked(question, where), WITH_FILTER)
        kept = [p for p in found if not (without and without(p.passage))][:limit]
        asked = Asked((), (), (), (), ())
        quotes = tuple(
            quote(question, asked, Arranged(Match(p, 0.0, 0.0)), self._hash(p.passage))
            for p in kept
        )
        return Answer(question, Verdict.RELATED if quotes else Verdict.NONE, quotes)

    def _picked(self, question: Question, where: Where) -> frozenset[str]:
        """Return the sources that may be looked at and that the question asks for."""
        names = self._sources if where.sources is None else where.sources
        return question.filter.among(names)

    def _matches(
        self, question: Question, asked: Asked, where: Where, without: Without
    ) -> list[Match]:
        wanted = 2 * CANDIDATES if without else CANDIDATES  # so that as many are left
        filter = question.filter
        if filter:
            wanted, where = WITH_FILTER, Where(self._picked(question, where))
        hits = {hit.passage: hit.score for hit in self._engine.search(asked.terms, wanted, where)}
        found = self._store.passages(list(hits))
        if filter:
            found = [p for p in found if filter.passes(p)]
        if filter.files or filter.titles:  # of which the engine knows nothing
            others = listed(self._store, filter, where.sources or (), WITH_FILTER)
            found += [p for p in others if p.passage.id not in hits]
        if without:
            found = [p for p in found if not without(p.passage)][:CANDIDATES]
        candidates = [(p, hits.get(p.passage.id, 0.0)) for p in found]
        matches = rank(question, asked, candidates, self._average_length)
        return [m for m in matches if m.coverage or m.stored.passage.id in hits]

    def _absent(self, asked: Asked, matches: Sequence[Match]) -> tuple[str, ...]:
        if not matches or not asked.names:
            return ()
        passage = matches[0].stored.passage
        # The source's name is the owner's word for what its documents are about.
        about = fold(passage.source).text + "\n" + self._store.document_text(passage.document)
        return tuple(asked.lacking(about))

    def _hash(self, passage: Passage) -> str:
        state = self._store.state(passage.source, passage.file)
        return state.hash if state else ""

    def _is_proven(self, quotes: Sequence[Quote]) -> bool:
        texts: dict[tuple[str, str], str] = {}
        for given in quotes:
            key = given.citation.source, given.citation.file
            if key not in texts:
                try:
                    texts[key] = self._text(*key)
                except UnreadableFile:
                    return False
            if not is_verbatim(given, texts[key]):
                return False
        return True

    def _text(self, source: str, file: str) -> str:
        """Return the text of a file as it is now."""
        path = self._path(source, file)
        data = read_bytes(path)
        kept = self._store.text(source, file)
        state = self._store.state(source, file)
        if kept is not None and state and state.hash == hashlib.sha256(data).hexdigest():
            return kept  # taking it out of the file again would give the same
        return parse(path, data, ocr_of(self._sources[source], self._store.folder)).text

    def _distrust(self, quotes: Sequence[Quote]) -> None:
        """Have files read again that were changed, whatever their stamps say."""
        files = {(q.citation.source, q.citation.file) for q in quotes if not self._is_proven([q])}
        if self._store.writable:
            with self._store.changing():
                for source, file in files:
                    self._store.distrust(source, file)

    def _path(self, source: str, file: str) -> Path:
        if source not in self._sources:
            raise UnknownSource(f'source "{source}" is not in the configuration any more')
        return path_of(self._sources[source], file)


def _same_document(one: Answer, other: Answer) -> bool:
    """Return whether two answers quote the same document first."""
    return bool(one.quotes and other.quotes) and (
        one.quotes[0].citation.is_of(other.quotes[0].citation)
    )
