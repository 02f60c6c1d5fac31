"""One file to all that the store keeps of it: passages with their words, and the file's state.

In: a Job.  Out: Prepared.  Whatever is wrong with a file ends up in its state, as a sentence.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from retrieval.engines.columns import Columns
from retrieval.entries import Entries
from retrieval.errors import UnreadableFile
from retrieval.folding import all_folded
from retrieval.packing import Packed, StoredPassage, packed
from retrieval.passages import context, cut, places
from retrieval.sources import FileContent, Source, read, reading_version
from retrieval.store import FileState
from retrieval.terms import Analyzer

if TYPE_CHECKING:
    from retrieval.ocr import Ocr

SETTLED_NS = 2_000_000_000  # a file changed so recently may change again within its time stamp


class Job(Struct, frozen=True):
    """A file that has to be read, and what the store held of it so far."""

    source: Source
    file: str  # path inside the source
    path: Path
    held: FileState | None
    ocr: Ocr | None = None  # what reads its pictures, where the owner wants that
    terms: bool = False  # an engine waits for its terms

    @property
    def key(self) -> tuple[str, str]:
        """The names of the source and of the file inside it."""
        return self.source.name, self.file


class Prepared(Struct, frozen=True):
    """What the store is to keep of a file, and an engine to hold."""

    job: Job
    state: FileState
    documents: tuple[Packed, ...] = ()
    text: str | None = None  # what was taken out of the file, where the text is not its own
    same: bool = False  # it holds what it held: only its stamp is new
    terms: Columns | None = None  # where the job asks for them
    written: int = 0  # passages whose terms are in a part of the engine's draft


def prepare(job: Job, analyzer: Analyzer) -> Prepared:
    """Read and cut one file.  Never raises for what the file holds."""
    state = stamp(job, analyzer)
    if state.is_unreadable:
        return Prepared(job, state)
    try:
        content = read(job.source, job.file, job.path, analyzer.cut, job.ocr)
        return _prepared(job, state, content, analyzer)
    except UnreadableFile as error:
        if not os.access(job.path, os.R_OK):
            state = FileState.unreadable(error.reason)
        return Prepared(job, replace(state, problem=error.reason))
    except Exception as error:  # a fault of ours, or of a library: the other files go on
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        reason = f"cannot be read, by a fault of the program ({what}); please report it"
        return Prepared(job, replace(state, problem=reason))


def stamp(job: Job, analyzer: Analyzer) -> FileState:
    """Return what the manifest knows of a file before it is read."""
    now = time.time_ns()
    try:
        stat = job.path.stat()
    except OSError as error:
        return FileState.unreadable(f"cannot be read: {error.strerror}")
    return FileState(
        size=stat.st_size,
        mtime_ns=stat.st_mtime_ns,
        settled=stat.st_mtime_ns < now - SETTLED_NS,
        version=reading_version(job.source, analyzer.version),
    )


def _prepared(job: Job, state: FileState, content: FileContent, analyzer: Analyzer) -> Prepared:
    state = replace(
        state,
        hash=content.hash,
        documents=len(content.documents),
        encoding=content.encoding,
        date=" / ".join(dict.fromkeys(d.date for d in content.documents if d.date)),
        problem=content.problem,
    )
    same = job.held and (job.held.hash, job.held.version, job.held.problem)
    if same == (state.hash, state.version, state.problem):
        return Prepared(job, state, same=True)
    passages = list(passages_of(content, analyzer))
    return Prepared(
        job,
        state,
        tuple(packed(passages)),
        content.text if content.extracted else None,
        terms=Entries(analyzer).columns(passages) if job.terms else None,
    )


def passages_of(content: FileContent, analyzer: Analyzer) -> Iterator[StoredPassage]:
    """Yield a file's passages with all that search needs of them."""
    for document in content.documents:
        named = places(document, content.text, analyzer.cut)
        passages = list(cut(document, content.text))
        around = [context(document, passage, named) for passage in passages]
        # Title, headings and places are mostly those of the passage before.
        lines = list(dict.fromkeys(chain.from_iterable(around)))
        texts = all_folded([*lines, *(passage.text for passage in passages)])
        line = dict(zip(lines, texts, strict=False)).__getitem__
        for passage, text, about in zip(passages, texts[len(lines) :], around, strict=True):
            yield StoredPassage(passage, text, "\n".join(map(line, about)))
