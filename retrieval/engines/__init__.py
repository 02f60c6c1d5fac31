"""Search engines: terms in, passage ids out.  Texts, titles and places are the store's.

To add an engine, write a module here with a class that satisfies Engine, add it to ENGINES
and to the contract suite in tests/retrieval/test_engines.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from msgspec import Struct


class Field(StrEnum):
    """The kinds of terms a passage is found by; each has weights of its own."""

    WORD = "word"
    GRAM = "gram"  # pairs of Chinese characters
    CHAR = "char"  # single Chinese characters
    SOUND = "sound"  # pairs of syllables, of the context as well
    CONTEXT = "context"  # words and pairs of title, headings, place, date: what it belongs to


FieldTerm = tuple[Field, str]


class Entry(Struct, frozen=True):
    """A passage, and the terms it can be found by, repeated as often as they occur."""

    passage: str  # id
    terms: Mapping[Field, Sequence[str]]
    kept: bytes = b""  # the passage itself, for an engine that keeps such things: see cluster


class Kept(Struct, frozen=True):
    """What an engine that also keeps passages is to keep of their file."""

    about: bytes  # what is known of it
    text: bytes = b""  # that was taken out of it
    documents: int = 0
    characters: int = 0  # of its passages, folded


class Batch(Struct, frozen=True):
    """Everything an engine holds for one file."""

    source: str
    file: str
    entries: Sequence[Entry]  # Columns, where they come from files
    kept: Kept | None = None
    written: int = 0  # passages, all there are: in a Part, by another process

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the file among all sources."""
        return self.source, self.file


class WeightedTerm(Struct, frozen=True):
    """A term to search for, and how much it counts."""

    field: Field
    text: str
    weight: float = 1.0


def weights_of(terms: Iterable[WeightedTerm]) -> dict[FieldTerm, float]:
    """Return what each term weighs in all: one that is given twice counts twice."""
    weights: dict[FieldTerm, float] = {}
    for term in terms:
        key = term.field, term.text
        weights[key] = weights.get(key, 0.0) + term.weight
    return weights


class Hit(Struct, frozen=True):
    """A passage that an engine found.  Scores compare only within one search."""

    passage: str  # id
    score: float


class Where(Struct, frozen=True):
    """Which passages may be found at all."""

    sources: frozenset[str] | None = None  # None: all of them


EVERYWHERE = Where()


class Searcher(Protocol):
    """Postings that can be searched.  Every method may be called from several threads."""

    def search(
        self, terms: Sequence[WeightedTerm], limit: int, where: Where = EVERYWHERE
    ) -> list[Hit]:
        """Return up to `limit` passages that share a term, best first.

        Equal scores come in the same order every time.  No terms, no index, no match: an
        empty list, never an error.
        """
        ...

    def frequencies(
        self, terms: Collection[FieldTerm], where: Where = EVERYWHERE
    ) -> Mapping[FieldTerm, int]:
        """Return how many passages hold each term: for idf, and for the words found nowhere."""
        ...

    def size(self) -> int:
        """Return how many passages there are."""
        ...


class Engine(Searcher, Protocol):
    """The state that was published last, and how to come to the next."""

    def state(self) -> str:
        """Return the name under which the state was published that searches see now.

        It may be one that an earlier process published, or another one has just now; ""
        before any was, and where all should be made anew: so much was changed that it suffers.
        """
        ...

    def draft(self, *, anew: bool = False) -> Draft:
        """Return the next state of the engine, which nobody sees before it is published.

        It begins as what searches see now or, `anew`, with nothing.
        """
        ...


class Draft(Protocol):
    """The next state of an engine.  Dropping it unpublished changes nothing."""

    def update(self, batches: Iterable[Batch], removed: Collection[tuple[str, str]] = ()) -> None:
        """Replace whole files and forget the `removed` ones (their keys)."""
        ...

    def searcher(self) -> Searcher:
        """Return what searches the draft as it is now; it holds until the next update."""
        ...

    def publish(self, state: str = "") -> None:
        """Let every search from now on see this state, and none a mixture.

        `state` names it, for the next start.
        """
        ...


class Part(Protocol):
    """A part of a draft that another process writes, to which it is sent before its first use."""

    def add(self, batch: Batch) -> None:
        """Write a file that is in no other part; never raises."""
        ...

    def finish(self) -> None:
        """Complete the part, so that the draft can take it in; never raises."""
        ...


@runtime_checkable
class Parted(Protocol):
    """A draft that began with nothing and may be written in parts as well.

    Publishing it takes in the parts.  Where these hold less than the batches said, a process
    died over it: then the state has no name, so that all is made anew.
    """

    def part(self) -> Part:
        """Return another part."""
        ...


def _memory(folder: Path | None = None) -> Engine:
    # To start threads of linear algebra, which nobody needs, takes numpy a third of its time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from retrieval.engines.memory import MemoryEngine  # numpy loads only where it is needed

    return MemoryEngine(folder)


def _disk(folder: Path | None = None) -> Engine:
    from retrieval.engines.disk import DiskEngine  # so does tantivy

    return DiskEngine(folder)


ENGINES: dict[str, Callable[[Path | None], Engine]] = {
    "memory": _memory,
    "disk": _disk,
}
"""How to make each engine, given the folder where it may keep its state (None: nowhere)."""

CLUSTER = "cluster"
"""The engine on other machines, which needs to know where they are: see cluster.ClusterEngine."""
