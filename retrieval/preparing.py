"""One file to all that the store keeps of it: passages with their words, and the file's state.

In: a Job.  Out: Prepared.  Whatever is wrong with a file ends up in its state, as a sentence.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from retrieval.blocks import Span
from retrieval.errors import UnreadableFile
from retrieval.folding import Folded, fold
from retrieval.ocr import Ocr
from retrieval.passages import context, cut
from retrieval.sources import FileContent, Source, read, reading_version
from retrieval.store import FileState, StoredPassage
from retrieval.terms import Analyzer

SETTLED_NS = 2_000_000_000  # a file changed so recently may change again within its time stamp


@dataclass(frozen=True, slots=True)
class Job:
    """A file that has to be read, and what the store held of it so far."""

    source: Source
    file: str  # path inside the source
    path: Path
    held: FileState | None
    ocr: Ocr | None = None  # what reads its pictures, where the owner wants that

    @property
    def key(self) -> tuple[str, str]:
        """The names of the source and of the file inside it."""
        return self.source.name, self.file


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the store is to keep of a file."""

    job: Job
    state: FileState
    passages: tuple[StoredPassage, ...] = ()
    text: str | None = None  # what was taken out of the file, where the text is not its own
    same: bool = False  # it holds what it held: only its stamp is new


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
    return Prepared(
        job,
        state,
        tuple(_passages(content, analyzer)),
        content.text if content.extracted else None,
    )


def _passages(content: FileContent, analyzer: Analyzer) -> Iterator[StoredPassage]:
    """Yield a file's passages with all that search needs of them."""
    # Title, headings and places are those of the passage before: a fifth of the work.
    cuts = lru_cache(maxsize=64)(analyzer.cut)
    words = lru_cache(maxsize=64)(lambda line: _words(analyzer, Folded(line)))
    for document in content.documents:
        for passage in cut(document, content.text):
            folded = fold(passage.text)
            around = fold(context(document, passage, content.text, cuts)).text
            context_words: list[Span] = []
            at = 0
            for line in around.split("\n"):
                context_words += [(at + start, at + end) for start, end in words(line)]
                at += len(line) + 1
            yield StoredPassage(
                passage, folded.text, around, _words(analyzer, folded), tuple(context_words)
            )


def _words(analyzer: Analyzer, folded: Folded) -> tuple[Span, ...]:
    return tuple((term.start, term.end) for term in analyzer.words(folded))
