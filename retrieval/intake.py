"""Files to the store: what is new, changed or gone since the last time, and only that.

In: the sources and the store.  Out: a changed store.  An unchanged file costs a stat.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from retrieval.engines import Batch, Part
from retrieval.sources import Source, ocr_of, reading_version
from retrieval.store import UNREADABLE, Store
from retrieval.terms import Analyzer
from retrieval.walking import found

# What prepares files is loaded when there is one to be prepared: most questions find none changed.
if TYPE_CHECKING:
    from retrieval.preparing import Job, Prepared

SEVERAL = 64  # files: for fewer, starting processes takes longer than they save
LARGE = 300_000  # bytes of them: to cut more, it pays to load what cuts fast


class Outcome(StrEnum):
    """What happened to a file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"  # it was written again, or may have been, with the words it had
    REMOVED = "removed"
    FAULTY = "faulty"  # it, or some of it, cannot be read; the store knows why
    WRITTEN = "written"  # the engine, which was behind the store, has it as well


class Step(Struct, frozen=True):
    """One file done, while files are taken in."""

    done: int  # files, this one included
    total: int  # files that have to be done
    source: str
    file: str  # path inside the source
    outcome: Outcome


Watch = Callable[[Step], None]
"""Whoever wants to know how far it is."""


class Hold(Protocol):
    """An engine, or rather its draft, that is filled with files while they are read."""

    def __call__(self, batches: Iterator[Batch], /) -> None:
        """Take all of them: files are read as they come."""
        ...

    def part(self) -> Part | None:
        """Return what another process may write of it; None: all comes in batches."""
        ...


def unwatched(step: Step) -> None:
    """Do nothing: nobody wants to know."""


class Changes(Struct, frozen=True):
    """How the files differ from what the store holds."""

    files: int  # that there are
    changed: tuple[tuple[Source, str, Path], ...]  # source, path inside it, path: new or changed
    removed: tuple[tuple[str, str], ...]  # source, path inside it

    def __bool__(self) -> bool:
        """Return whether there is anything to do."""
        return bool(self.changed or self.removed)


def find_changes(store: Store, sources: Collection[Source], analyzer: Analyzer) -> Changes:
    """Compare the files of the sources with the store's manifest."""
    count, changed, removed = 0, [], []
    for source in sources:
        version = reading_version(source, analyzer.version)
        listed = sorted(found(source))
        count += len(listed)
        if store.knows(source.name, version, listed):
            continue
        held = store.stamps(source.name, version)
        there = {(file, size, time, 1): path for file, path, size, time in listed}
        # Both are sets of plain tuples: of thousands of files, hardly one differs.
        gone = {file: size for file, size, _, _ in held - there.keys()}
        for key in sorted(there.keys() - held):
            file, path = key[0], there[key]
            closed = gone.pop(file, 0) == UNREADABLE and not os.access(path, os.R_OK)
            if not closed:  # else it is as it was, until permission is given
                changed.append((source, file, Path(path)))
        removed += [(source.name, file) for file in gone]
    for name in store.sources() - {source.name for source in sources}:
        removed += [(name, file) for file, *_ in store.stamps(name)]
    return Changes(count, tuple(changed), tuple(sorted(removed)))


def take_in(
    store: Store,
    sources: Collection[Source],
    analyzer: Analyzer,
    watch: Watch = unwatched,
    hold: Hold | None = None,
) -> Changes:
    """Bring the store in line with the files, in one step, and return what was done.

    A file that cannot be read is noted with the reason; `watch` is told of each file.  What an
    engine has to hold of the changed files is offered to `hold`, which has to take all of it:
    files are read as it goes.  Raises StoreUnusable, the store as before, where it cannot be
    written.  So it is, too, after Ctrl-C.
    """
    from retrieval.preparing import Job

    with store.changing():
        changes = find_changes(store, sources, analyzer)  # another process may have been faster
        jobs = [
            Job(
                source,
                file,
                path,
                store.state(source.name, file),
                ocr_of(source, store.folder),
                hold is not None,
            )
            for source, file, path in changes.changed
        ]
        part = hold.part if hold else None
        with closing(_kept(store, jobs, changes.removed, analyzer, watch, part)) as batches:
            if hold:
                hold(batches)
            for _ in batches:  # nobody wants them
                pass
    return changes


def _kept(
    store: Store,
    jobs: Sequence[Job],
    removed: Sequence[tuple[str, str]],
    analyzer: Analyzer,
    watch: Watch,
    part: Callable[[], Part | None] | None,
) -> Generator[Batch]:
    """Keep what changed in the store; yield what is left, or new, of each file for an engine."""
    total = len(jobs) + len(removed)
    with closing(_prepared(jobs, analyzer, part)) as all_prepared:
        for done, prepared in enumerate(all_prepared, 1):
            outcome = _keep(store, prepared)
            if not prepared.same:
                yield Batch(*prepared.job.key, prepared.terms or (), written=prepared.written)
            watch(Step(done, total, *prepared.job.key, outcome))
    for done, (source, file) in enumerate(removed, len(jobs) + 1):
        store.forget(source, file)
        yield Batch(source, file, ())
        watch(Step(done, total, source, file, Outcome.REMOVED))


def _prepared(
    jobs: Sequence[Job], analyzer: Analyzer, part: Callable[[], Part | None] | None
) -> Generator[Prepared]:
    """Yield what the jobs come to, in order."""
    if len(jobs) < SEVERAL:
        from retrieval.preparing import prepare

        if sum(map(_size, jobs)) > LARGE:
            analyzer = analyzer.quick()
        yield from (prepare(job, analyzer) for job in jobs)
    else:
        from retrieval.workers import prepare_all

        yield from prepare_all(jobs, analyzer, part)


def _size(job: Job) -> int:
    with suppress(OSError):
        return job.path.stat().st_size
    return 0


def _keep(store: Store, prepared: Prepared) -> Outcome:
    """Put what a file came to into the store; return what happened to it."""
    job, state = prepared.job, prepared.state
    if prepared.same:
        store.touch(*job.key, state)
        return Outcome.SAME
    store.put_packed(*job.key, state, prepared.documents)
    if prepared.text is not None:
        store.put_text(*job.key, prepared.text)
    if state.problem:
        return Outcome.FAULTY
    return Outcome.CHANGED if job.held else Outcome.NEW
