"""The documents of a cluster, ready to be asked from any machine.

In: questions.  Out: Answers.  No file is read but to compare a quote with it, and nothing is
written: `Library` does that, where the documents are.  A bot here has no store of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from retrieval.answering import Answerer, Without, leaving_out, within
from retrieval.answers import Answer
from retrieval.confidence import DEFAULT, Confidence, default
from retrieval.engines import Where
from retrieval.engines.cluster import ClusterEngine, Moved, State, current
from retrieval.engines.connection import Connection
from retrieval.errors import SearchUnavailable
from retrieval.fragments import Fragment
from retrieval.intake import Watch, unwatched
from retrieval.lexicon import Lexicon
from retrieval.library import Refresh, SourceContents
from retrieval.originals import Originals
from retrieval.proof import Proof, Record
from retrieval.shipping import ClusterShelf
from retrieval.sources import Source
from retrieval.terms import Analyzer

log = logging.getLogger(__name__)

TRIES = 3  # times that a question is asked anew: the index, or files, changed meanwhile


class _Opened(Struct, frozen=True):
    """One state of the cluster: whoever asks stays with it until the answer is complete."""

    state: State
    engine: ClusterEngine
    shelf: ClusterShelf
    confidence: Confidence


class RemoteLibrary:
    """See above.  Thread-safe.  `folder` is for the OCR of scans that are compared."""

    def __init__(
        self,
        sources: Sequence[Source],
        connection: Connection,
        folder: Path,
        analyzer: Analyzer,
        lexicon: Lexicon,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._connection = connection
        self._originals = Originals(sources, folder)
        self._analyzer = analyzer
        self._lexicon = lexicon
        self._opened: _Opened | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources, in the order of the YAML."""
        return tuple(self._sources.values())

    @property
    def confidence(self) -> Confidence:
        """What makes a confidence, and so a verdict, of an answer's score and lead."""
        return self._opened.confidence if self._opened else DEFAULT

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def refresh(self, watch: Watch = unwatched) -> Refresh:
        """Do nothing: what is asked is always what the cluster holds at that moment."""
        return Refresh(0, 0, 0, ())

    def contents(self) -> tuple[SourceContents, ...]:
        """Return how much the cluster holds of each source, in the order of the YAML."""
        held = self._now().state.sources
        return tuple(
            SourceContents(name, source.path, h.files, h.documents, h.passages)
            if (h := held.get(name))
            else SourceContents(name, source.path, 0, 0, 0)
            for name, source in self._sources.items()
        )

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
        """Answer a question: see Library.ask.

        A quote whose file is on this machine was compared with it; of any other the citation
        says that it is not `here`.  Raises SearchUnavailable where the cluster does not answer.
        """
        for _ in range(TRIES):
            opened = self._now()
            try:
                return self._ask(opened, text, sources, previous, limit, without, fragment)
            except Moved:
                log.info("the index was replaced while a question was answered: once more")
        raise SearchUnavailable("the index is replaced faster than it can be searched; ask again")

    def verify(self, record: Record) -> Proof:
        """Show whether a quote that was given still stands in its file: see Originals.verify."""
        return self._originals.verify(record)

    def _ask(
        self,
        opened: _Opened,
        text: str,
        sources: Collection[str] | None,
        previous: Answer | None,
        limit: int,
        without: Without,
        fragment: Fragment | None,
    ) -> Answer:
        where = self._where(sources, opened.state)
        answerer = Answerer(
            opened.shelf,
            opened.engine,
            self._analyzer,
            self._lexicon,
            self._sources.keys(),
            opened.confidence,
            opened.shelf.average_length(),
        )
        outdated: set[tuple[str, str]] = set()

        for _ in range(TRIES):
            leave_out = leaving_out(outdated, without)
            answer = answerer.answer(text, previous, where, limit, leave_out, fragment)
            stand = list(self._originals.stand(answer.quotes, opened.shelf))
            quotes = tuple(
                # A file that cannot be read here is as good as elsewhere.
                quote if stands else replace(quote, citation=replace(quote.citation, here=False))
                for quote, stands in zip(answer.quotes, stand, strict=True)
                if stands is not False
            )
            if len(quotes) == len(stand):
                return replace(answer, quotes=quotes)
            outdated |= {
                (quote.citation.source, quote.citation.file)
                for quote, stands in zip(answer.quotes, stand, strict=True)
                if stands is False
            }
            log.warning("files were changed since they were indexed: run `youju index`")
        return answer.only(quotes)

    def _now(self) -> _Opened:
        """Return what the cluster holds at this moment."""
        state, opened = current(self._connection), self._opened
        if not state.index:
            name = self._connection.cluster.index
            raise SearchUnavailable(
                f'the cluster holds no index "{name}" that this version made: run `youju index` '
                "where the documents are"
            )
        if opened is None or opened.state != state:
            engine = ClusterEngine(self._connection, pinned=state)
            learnt = state.notes.get("confidence")
            confidence = Confidence(**learnt) if learnt else default(engine.size())
            opened = _Opened(state, engine, ClusterShelf(engine), confidence)
            self._opened = opened
        return opened

    def _where(self, sources: Collection[str] | None, state: State) -> Where:
        """Return which passages may be found: others may have put more into the cluster."""
        if sources is not None:
            return within(sources, self._sources)
        whole = state.sources.keys() <= self._sources.keys()
        return Where() if whole else Where(frozenset(self._sources))
