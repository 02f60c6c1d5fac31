"""The whole of retrieval on one page: how documents get in, how answers get out.

library = Library([Source("员工手册", Path("handbook"))], folder=Path("index"))
library.refresh()
answer = library.ask("年假有几天？")
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from retrieval.answering import Answerer, Without, leaving_out, within
from retrieval.answers import Answer, Quote
from retrieval.confidence import DEFAULT, Confidence, load
from retrieval.engines import ENGINES, Batch, Draft, Engine, Part, Parted, Searcher, Where
from retrieval.errors import Refused, StoreBusy, StoreUnusable, on_one_line
from retrieval.fragments import Fragment
from retrieval.intake import Changes, Outcome, Step, Watch, find_changes, take_in, unwatched
from retrieval.lexicon import Lexicon
from retrieval.originals import Originals
from retrieval.proof import Proof, Record
from retrieval.questions import NO_LEXICON
from retrieval.sources import Source
from retrieval.store import Store
from retrieval.terms import Analyzer

if TYPE_CHECKING:
    from retrieval.gate import Gate  # a question does not need it

log = logging.getLogger(__name__)

FIRST = 3  # quotes that the gate looks at: as many as a chat shows at once
ROUNDS = 4  # times that an answer is made while its files change
PATIENCE = 0.5  # seconds that a question waits for documents that another thread is taking in


class Problem(Struct, frozen=True):
    """A file that could not be read, or not all of it, and why."""

    source: str
    file: str
    reason: str

    def __str__(self) -> str:
        """Return the line that its owner is shown."""
        return on_one_line(f"{self.source}: {self.file} {self.reason}")


class Refresh(Struct, frozen=True):
    """What a refresh did."""

    files: int  # that there are now
    changed: int  # of them: new, or read again
    removed: int
    problems: tuple[Problem, ...]
    note: str = ""  # why changes could not be taken in; the old state still answers
    lost: tuple[str, ...] = ()  # known answers for whose sake they were not, as questions


class FileContents(Struct, frozen=True):
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


class SourceContents(Struct, frozen=True):
    """How much a source holds."""

    name: str
    path: Path
    files: int
    documents: int
    passages: int


class Library:
    """The owner's documents, ready to be asked.  Thread-safe.

    `folder` keeps what was read between runs; StoreUnusable if it can be neither read nor
    written.  `gate` says which changes are not taken in: those that lose too many answers.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        folder: Path,
        engine: str | Callable[[], Engine] = "memory",
        analyzer: Analyzer | None = None,
        lexicon: Lexicon = NO_LEXICON,
        gate: Gate | None = None,
        batches: Callable[[Store, Analyzer, int], Iterator[Batch]] | None = None,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._store = Store(folder)
        self._originals = Originals(sources, folder)
        self._new_engine = engine if callable(engine) else partial(ENGINES[engine], folder / engine)
        self._batches = batches  # what the engine is filled with, where terms are not enough
        # An analyzer may serve several libraries: its dictionary takes a second to load.
        self._analyzer = analyzer or Analyzer(cache=folder if self._store.writable else None)
        self._version = ""  # of the store, when it was last looked at
        self._lexicon = lexicon
        self._gate = gate
        self._confidence = DEFAULT
        self._average_length = 1.0  # of a passage, in characters
        self._lock = threading.RLock()  # of what answers: it is held for moments only
        self._refreshing = threading.RLock()

    @cached_property
    def _engine(self) -> Engine:
        return self._new_engine()  # only to search: what only looks at files need not load it

    def _answerer(self, engine: Searcher, average_length: float) -> Answerer:
        return Answerer(
            self._store,
            engine,
            self._analyzer,
            self._lexicon,
            self._sources.keys(),
            self._confidence,
            average_length,
        )

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

    def refresh(
        self, watch: Watch = unwatched, patience: float = -1, *, force: bool = False
    ) -> Refresh:
        """Take in what is new or changed, forget what is gone; an unchanged file costs a stat.

        A file that cannot be read is reported and does not stop the others.  `watch` is told
        of every file that is done.  Stopped half-way, all stays as it was.  Questions are
        answered meanwhile, from the old state, until the new one is complete.  If another
        thread is about it for longer than `patience` seconds (below zero: however long), or
        another process is, or the gate refuses it (unless by `force`), all stays as it is;
        `note` says why.  Where there is nothing yet that could stay, it raises StoreUnusable, or
        StoreBusy while another process is filling the index.
        """
        if not self._refreshing.acquire(timeout=patience):
            return self._refreshed(Changes(0, (), ()), "documents are being taken in just now")
        try:
            lost: tuple[str, ...] = ()
            changes, note = self._find_changes(), ""
            if changes or self._is_behind():
                try:
                    changes = self._passed(changes, watch, None if force else self._gate)
                except StoreUnusable as error:
                    if not self._store.generation():
                        raise self._unfilled(error) from error
                    note = f"{error}; what changed was not taken in"
                except Refused as error:
                    note, lost = str(error), error.lost
            with self._at_rest():
                self._confidence = load(self._store.folder, self._engine.size())
            return self._refreshed(changes, note, lost)
        finally:
            self._refreshing.release()

    def _unfilled(self, error: StoreUnusable) -> StoreUnusable:
        """Return what to say where an index that never held anything could not be filled."""
        if not isinstance(error, StoreBusy):
            return error
        return StoreBusy(
            f"{self._store.folder}: another process is reading the documents for the first time; "
            "they cannot be searched until it is done"
        )

    def rest(self) -> None:
        """Go on answering, but take nothing in: another library does, and the files are its own.

        Until the same thread says `go_on`, a refresh waits, as behind another one.
        """
        self._refreshing.acquire()

    def go_on(self) -> None:
        """Take in what changes again."""
        self._refreshing.release()

    def _passed(self, changes: Changes, watch: Watch, gate: Gate | None) -> Changes:
        """Take in changes, unless the gate refuses them, or did before."""
        if not gate or not changes or not self._store.generation():
            return self._take_in(watch)
        folder, version = self._store.folder, self._store.version()
        gate.recall(folder, changes, version)
        try:
            return self._take_in(watch, gate)
        except Refused as error:
            gate.remember(folder, changes, version, error)
            raise

    def _unproven_answer(self, text: str, previous: Answer | None) -> Answer:
        """Answer from what is there, whatever has become of the files."""
        with self._at_rest():
            answerer = self._answerer(self._engine, self._average_length)
            return answerer.answer(text, previous, Where(), FIRST, None)

    def _refreshed(self, changes: Changes, note: str, lost: tuple[str, ...] = ()) -> Refresh:
        counts = changes.files, len(changes.changed), len(changes.removed)
        return Refresh(*counts, self.problems(), note, lost)

    def _is_behind(self) -> bool:
        """Return whether the engine holds another state than the store."""
        return self._engine.state() != self._store.version()

    def _take_in(self, watch: Watch, gate: Gate | None = None) -> Changes:
        """Bring the store in line with the files, and the engine with the store, in one step.

        Raises Refused, all as before, if the gate does not let it pass.
        """
        store = self._store
        if not store.writable:
            self._fill_engine(watch)  # as far as it can do without the folder
            if changes := self._find_changes():
                raise StoreUnusable(f"{store.folder}: the index may only be read")
            return changes
        with store.changing():
            drafts: list[Draft] = []
            # While files are read, the engine can be filled if it lacks nothing else.
            level = not (self._batches or (self._is_behind() and store.generation()))
            hold = _Filled(self._engine, drafts, anew=not store.generation()) if level else None
            changes = take_in(store, self._sources.values(), self._analyzer, watch, hold)
            store.number()
            version, draft = store.version(), drafts[0] if drafts else self._draft(watch)
            if gate and draft:
                from concurrent.futures import ThreadPoolExecutor

                with ThreadPoolExecutor(1) as other:  # which sees the old state, unlike this thread
                    answered = other.submit(gate.answered, self._unproven_answer).result()
                answerer = self._answerer(draft.searcher(), store.average_length())
                gate.check(answered, lambda q, p: answerer.answer(q, p, Where(), FIRST, None))
            with self._lock:
                store.keep()
                if draft:
                    draft.publish(version)
        store.tidy()
        if self._is_behind():  # the engine asks to be made anew
            self._fill_engine(watch)
        return changes

    def _fill_engine(self, watch: Watch) -> None:
        if draft := self._draft(watch):
            draft.publish(self._store.version())

    def _draft(self, watch: Watch) -> Draft | None:
        """Return what the engine is to hold; None where it does already."""
        store, held = self._store, self._engine.state()
        if held == store.version():
            return None
        since = store.generation_of(held)
        draft = self._engine.draft(anew=since is None)
        draft.update(self._read_back(since or 0, watch), store.gone(since or 0))
        return draft

    def _read_back(self, since: int, watch: Watch) -> Iterator[Batch]:
        """Yield what an engine has to hold, and tell how far it is."""
        total = self._store.count_changed(since)
        batches = self._batches or Store.batches
        for done, batch in enumerate(batches(self._store, self._analyzer, since), 1):
            yield batch
            watch(Step(done, total, *batch.key, Outcome.WRITTEN))

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
        totals = self._store.totals()
        return tuple(
            SourceContents(name, source.path, *totals.get(name, (0, 0, 0)))
            for name, source in self._sources.items()
        )

    def empty(self) -> tuple[Source, ...]:
        """Return the sources that hold nothing."""
        return tuple(s for name, s in self._sources.items() if not self._store.holds(name))

    def pending(self) -> int:
        """Return how many files are new, changed or gone since the last refresh."""
        changes = self._find_changes()
        return len(changes.changed) + len(changes.removed)

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        """Keep what answers as it is: one state of the store, and the engine's that fits it."""
        with self._lock:
            for pause in (0.02, 0.05, 0.2, 0.0):
                with self._store.reading():
                    version = self._store.version()
                    # Between the two, another process publishes one and then the other.
                    if self._engine.state() == version or not pause or version == self._version:
                        if version != self._version:
                            self._average_length = self._store.average_length()
                            self._version = version
                        yield
                        return
                time.sleep(pause)

    # --- answers out ----------------------------------------------------------------------------

    def ask(
        self,
        text: str,
        *,
        sources: Collection[str] | None = None,
        previous: Answer | None = None,
        limit: int = 10,
        without: Without = None,
        fragment: Fragment | None = None,
    ) -> Answer:
        """Answer a question with up to `limit` passages, word for word, each with its source.

        `sources` limits the answer to these (their names; UnknownSource for any other).
        `previous` is the answer before it in the same conversation: a follow-up is completed
        from its question.  With a `fragment` of a quote, the question is about that, and is
        answered from elsewhere.  Passages `without` holds for are left out, as if they stood
        nowhere.  Nothing is generated, and before the answer leaves, every quote
        was cut from its file again and compared.  "Nothing found" is an answer too.
        """
        where = within(sources, self._sources)
        stale: set[tuple[str, str]] = set()  # files that changed and cannot be read again now

        for _ in range(ROUNDS):
            with self._at_rest():
                answerer = self._answerer(self._engine, self._average_length)
                leave_out = leaving_out(stale, without)
                answer = answerer.answer(text, previous, where, limit, leave_out, fragment)
                changed = self._unproven(answer.quotes)
                if not changed:
                    return answer
            if not self._read_again(changed):
                stale |= changed
        proven = tuple(q for q in answer.quotes if not self._unproven([q]))
        log.warning("quotes withheld, for their files keep changing")
        return answer.only(proven)

    def verify(self, record: Record) -> Proof:
        """Show whether a quote that was given still stands in its file: see Originals.verify."""
        return self._originals.verify(record)

    def _unproven(self, quotes: Sequence[Quote]) -> set[tuple[str, str]]:
        """Return the files in which a quote does not stand now, word for word."""
        stand = self._originals.stand(quotes, self._store)
        return {
            (quote.citation.source, quote.citation.file)
            for quote, stands in zip(quotes, stand, strict=True)
            if not stands
        }

    def _read_again(self, files: Collection[tuple[str, str]]) -> bool:
        """Have files read again whatever their stamps say; return whether that could be done."""
        if not self._refreshing.acquire(timeout=PATIENCE):
            return False  # a whole refresh is under way
        try:
            if self._store.writable:
                with self._store.changing():
                    for source, file in files:
                        self._store.distrust(source, file)
            return not self.refresh().note
        except StoreUnusable:
            return False
        finally:
            self._refreshing.release()


class _Filled:
    """A draft that is filled while files are read: see Hold.  It begins when there is any."""

    def __init__(self, engine: Engine, drafts: list[Draft], *, anew: bool) -> None:
        self._engine = engine
        self._drafts = drafts  # where the draft is put
        self._anew = anew

    def __call__(self, batches: Iterator[Batch]) -> None:
        for first in batches:
            self._draft().update(chain([first], batches))

    def part(self) -> Part | None:
        draft = self._draft() if self._anew else None
        return draft.part() if isinstance(draft, Parted) else None

    def _draft(self) -> Draft:
        if not self._drafts:
            self._drafts.append(self._engine.draft(anew=self._anew))
        return self._drafts[0]
