"""The whole of retrieval on one page: how documents get in, how answers get out.

library = Library([Source("员工手册", Path("handbook"))], folder=Path("index"))
library.refresh()
answer = library.ask("年假有几天？")
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.answers import Answer, Quote, Verdict, judge, quote
from retrieval.engines import ENGINES, Field, WeightedTerm, Where
from retrieval.errors import StoreUnusable, UnknownSource, UnreadableFile
from retrieval.folding import fold
from retrieval.intake import find_changes, take_in
from retrieval.names import bears
from retrieval.passages import Passage
from retrieval.proof import Proof, Record, check, is_verbatim
from retrieval.questions import Question, completed, may_follow, refers, understand
from retrieval.ranking import Asked, Match, Statistics, rank, words_held
from retrieval.sources import Source, parse, read_bytes
from retrieval.store import Store
from retrieval.terms import Analyzer

log = logging.getLogger(__name__)

CANDIDATES = 50  # passages that the engine proposes and ranking looks at
FIELD_WEIGHTS = {Field.WORD: 0.5, Field.GRAM: 1.0, Field.CHAR: 0.25, Field.CONTEXT: 0.5}


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read, and why."""

    source: str
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh did."""

    files: int  # that there are now
    changed: int  # of them: new, or read again
    removed: int
    problems: tuple[Problem, ...]
    note: str = ""  # why changes could not be taken in; the old state still answers


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
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._new_engine = ENGINES[engine]
        self._engine = self._new_engine()
        self._store = Store(folder)
        # An analyzer may serve several libraries: its dictionary takes a second to load.
        self._analyzer = analyzer or Analyzer(cache=folder if self._store.writable else None)
        self._generation = -1  # of the store, as the engine holds it
        self._average_length = 1.0
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close the index."""
        self._store.close()

    # --- documents in ---------------------------------------------------------------------------

    def refresh(self) -> Refresh:
        """Take in what is new or changed, forget what is gone; an unchanged file costs a stat.

        A file that cannot be read is reported and does not stop the others.
        """
        with self._lock:
            changes, note = find_changes(self._store, self._sources.values()), ""
            if changes:
                try:
                    changes = take_in(self._store, self._sources.values(), self._analyzer)
                except StoreUnusable as error:
                    note = f"{error}; what changed was not taken in"
            self._fill_engine()
            return Refresh(
                changes.files, len(changes.changed), len(changes.removed), self.problems(), note
            )

    def problems(self) -> tuple[Problem, ...]:
        """Return the files that could not be read."""
        return tuple(Problem(*row) for row in self._store.problems())

    def guessed(self) -> tuple[tuple[str, str, str], ...]:
        """Return `(source, file, encoding)` of the texts whose encoding had to be guessed."""
        return tuple(
            (source, file, state.encoding)
            for (source, file), state in sorted(self._store.manifest().items())
            if state.encoding not in ("", "utf-8")
        )

    def contents(self) -> tuple[SourceContents, ...]:
        """Return how much each source holds, in the order of the YAML."""
        manifest, passages = self._store.manifest(), self._store.passage_counts()
        return tuple(
            SourceContents(
                name,
                source.path,
                files=sum(key[0] == name and not state.problem for key, state in manifest.items()),
                documents=sum(s.documents for key, s in manifest.items() if key[0] == name),
                passages=sum(n for key, n in passages.items() if key[0] == name),
            )
            for name, source in self._sources.items()
        )

    def pending(self) -> int:
        """Return how many files are new, changed or gone since the last refresh."""
        changes = find_changes(self._store, self._sources.values())
        return len(changes.changed) + len(changes.removed)

    def _fill_engine(self) -> None:
        generation = self._store.generation()
        if generation != self._generation:
            self._engine = self._new_engine()
            draft = self._engine.draft()
            draft.update(self._store.batches())
            draft.publish()
            self._average_length = self._store.average_length()
            self._generation = generation

    # --- answers out ----------------------------------------------------------------------------

    def ask(
        self,
        text: str,
        *,
        sources: Collection[str] | None = None,
        previous: Answer | None = None,
        limit: int = 10,
    ) -> Answer:
        """Answer a question with up to `limit` passages, word for word, each with its source.

        `sources` limits the answer to these (their names; UnknownSource for any other).
        `previous` is the answer before it in the same conversation: a follow-up is completed
        from its question.  Nothing is generated, and before the answer leaves, every quote
        was cut from its file again and compared.  "Nothing found" is an answer too.
        """
        where = self._where(sources)
        with self._lock:
            for _ in range(3):
                answer = self._answer_in_turn(text, previous, where, limit)
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
        return check(record, self._path(record.source, record.file))

    def _where(self, sources: Collection[str] | None) -> Where:
        if sources is None:
            return Where()
        for name in sources:
            if name not in self._sources:
                raise UnknownSource(f'there is no source "{name}"')
        return Where(frozenset(sources))

    def _answer_in_turn(
        self, text: str, previous: Answer | None, where: Where, limit: int
    ) -> Answer:
        """Answer a question alone or, where that leads nowhere, together with the last one."""
        question = understand(text, self._analyzer)
        if previous is None or not previous.question.words:
            return self._answer(question, where, limit)
        both = completed(question, previous.question)
        if refers(question):
            return self._answer(both, where, limit)
        alone = self._answer(question, where, limit)
        if not may_follow(question):
            return alone
        # A short question goes on with the last one if that leads to where the last one led.
        together = self._answer(both, where, limit)
        return together if _same_document(together, previous) else alone

    def _answer(self, question: Question, where: Where, limit: int) -> Answer:
        asked_for = [
            WeightedTerm(field, term, weight)
            for field, weight in FIELD_WEIGHTS.items()
            for term in question.terms(field)
        ]
        hits = {hit.passage: hit.score for hit in self._engine.search(asked_for, CANDIDATES, where)}
        statistics = self._statistics(question, where)
        found = self._store.passages(list(hits))
        matches = rank(question, [(p, hits[p.passage.id]) for p in found], statistics)
        missing = tuple(typed for word, typed in question.content if not statistics.holds(word))
        absent = self._absent(question, matches)
        held = words_held(question, matches[0], statistics) if matches else 0.0
        verdict = judge(question, matches, len(missing), len(absent), held)
        if verdict is Verdict.NONE:
            return Answer(question, verdict, missing=missing)
        asked = Asked.of(question, statistics)
        quotes = tuple(
            quote(question, asked, match, self._hash(match.stored.passage))
            for match in matches[:limit]
        )
        return Answer(question, verdict, quotes, missing, absent)

    def _statistics(self, question: Question, where: Where) -> Statistics:
        terms = {(field, term) for field in FIELD_WEIGHTS for term in question.terms(field)}
        return Statistics(
            self._engine.size(),
            self._average_length,
            self._engine.frequencies(terms, where),
        )

    def _absent(self, question: Question, matches: Sequence[Match]) -> tuple[str, ...]:
        if not matches or not question.names:
            return ()
        passage = matches[0].stored.passage
        # The source's name is the owner's word for what its documents are about.
        about = fold(passage.source).text + "\n" + self._store.document_text(passage.document)
        return tuple(name for name in question.names if not bears(about, name))

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
        return parse(path, data).text

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
        path = self._sources[source].path
        return path / file if path.is_dir() else path


def _same_document(one: Answer, other: Answer) -> bool:
    """Return whether two answers quote the same document first."""
    return bool(one.quotes and other.quotes) and (
        one.quotes[0].citation.is_of(other.quotes[0].citation)
    )
