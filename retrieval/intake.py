"""Files to the store: what is new, changed or gone since the last time, and only that.

In: the sources and the store.  Out: a changed store.  An unchanged file costs a stat.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from retrieval.preparing import Job, Prepared, prepare
from retrieval.sources import Source, files, ocr_of, reading_version
from retrieval.store import FileState, Store
from retrieval.terms import Analyzer

SEVERAL = 64  # files: for fewer, starting processes takes longer than they save


class Outcome(StrEnum):
    """What happened to a file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"  # it was written again, or may have been, with the words it had
    REMOVED = "removed"
    FAULTY = "faulty"  # it, or some of it, cannot be read; the store knows why


@dataclass(frozen=True, slots=True)
class Step:
    """One file done, while files are taken in."""

    done: int  # files, this one included
    total: int  # files that have to be done
    source: str
    file: str  # path inside the source
    outcome: Outcome


Watch = Callable[[Step], None]
"""Whoever wants to know how far it is."""


def unwatched(step: Step) -> None:
    """Do nothing: nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files differ from what the store holds."""

    files: int  # that there are
    changed: tuple[tuple[Source, str, Path], ...]  # source, path inside it, path: new or changed
    removed: tuple[tuple[str, str], ...]  # source, path inside it

    def __bool__(self) -> bool:
        """Return whether there is anything to do."""
        return bool(self.changed or self.removed)


def find_changes(store: Store, sources: Collection[Source], analyzer: Analyzer) -> Changes:
    """Compare the files of the sources with the store's manifest."""
    held = store.manifest()
    present: set[tuple[str, str]] = set()
    changed = []
    for source in sources:
        version = reading_version(source, analyzer.version)
        for file, path in files(source):
            present.add((source.name, file))
            if not _is_unchanged(held.get((source.name, file)), path, version):
                changed.append((source, file, path))
    return Changes(len(present), tuple(changed), tuple(sorted(held.keys() - present)))


def take_in(
    store: Store, sources: Collection[Source], analyzer: Analyzer, watch: Watch = unwatched
) -> Changes:
    """Bring the store in line with the files, in one step, and return what was done.

    A file that cannot be read is noted with the reason; `watch` is told of each file.  Raises
    StoreUnusable, the store as before, where it cannot be written.  So it is, too, after
    Ctrl-C.
    """
    with store.changing():
        changes = find_changes(store, sources, analyzer)  # another process may have been faster
        total = len(changes.changed) + len(changes.removed)
        jobs = [
            Job(source, file, path, store.state(source.name, file), ocr_of(source, store.folder))
            for source, file, path in changes.changed
        ]
        with closing(_prepared(jobs, analyzer)) as all_prepared:
            for done, prepared in enumerate(all_prepared, 1):
                watch(Step(done, total, *_keep(store, prepared)))
        for done, (source, file) in enumerate(changes.removed, len(jobs) + 1):
            store.forget(source, file)
            watch(Step(done, total, source, file, Outcome.REMOVED))
    return changes


def _prepared(jobs: Sequence[Job], analyzer: Analyzer) -> Generator[Prepared]:
    """Yield what the jobs come to, in order."""
    if len(jobs) < SEVERAL:
        yield from (prepare(job, analyzer) for job in jobs)
        return
    from retrieval.workers import prepare_all  # most questions come without new files

    yield from prepare_all(jobs, analyzer)


def _keep(store: Store, prepared: Prepared) -> tuple[str, str, Outcome]:
    """Put what a file came to into the store; return whose it is, and what happened to it."""
    job, state = prepared.job, prepared.state
    if prepared.same:
        store.touch(*job.key, state)
        return *job.key, Outcome.SAME
    store.put(*job.key, state, prepared.passages)
    if prepared.text is not None:
        store.put_text(*job.key, prepared.text)
    if state.problem:
        return *job.key, Outcome.FAULTY
    return *job.key, Outcome.CHANGED if job.held else Outcome.NEW


def _is_unchanged(held: FileState | None, path: Path, version: str) -> bool:
    if held is None:
        return False
    if held.is_unreadable:
        return not os.access(path, os.R_OK)  # until permission is given
    try:
        stat = path.stat()
    except OSError:
        return False
    same = (held.size, held.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    return same and held.settled and held.version == version
