"""The commands that take the documents in, and show what is indexed.

In: parsed arguments.  Out: an exit code; what was found out on stdout.
"""

from __future__ import annotations

import sys
import threading
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bot.measuring import keep_calibrated
from bot.opening import (
    FAILED,
    FOUND,
    SOME,
    asked_library_of,
    library_of,
    refreshed,
    settings_of,
    share_confidence,
)
from config.settings import Settings
from retrieval.database import FILE as STORE_FILE
from retrieval.engines import CLUSTER, ENGINES
from retrieval.errors import on_one_line
from retrieval.intake import Outcome, Step
from retrieval.library import FileContents, Library, Refresh

FEW = 50  # files of a source: of more, only those are listed that an owner may have to look after


def index(arguments: Namespace) -> int:
    """Bring the index in line with the files and, with --watch, keep it so."""
    settings = settings_of(arguments)
    steps: list[Step] = []
    with library_of(settings) as library:
        try:
            refresh = refreshed(library, steps.append, force=arguments.force)
        except KeyboardInterrupt:
            print("youju: stopped; the index stays as complete as it was", file=sys.stderr)
            raise
        _report(library, steps, refresh)
        if not refresh.note:
            keep_calibrated(library, settings, refresh)
            share_confidence(settings)
        if arguments.watch:
            _keep_watching(settings, library)
        return FAILED if refresh.problems or refresh.note else FOUND


def _report(library: Library, steps: Sequence[Step], refresh: Refresh) -> None:
    """Say what was taken in, and how much there is."""
    for line in () if refresh.note else _happened(steps):
        print(on_one_line(line))
    for question in refresh.lost:
        print(on_one_line(f"lost      {question}"))
    passages = sum(source.passages for source in library.contents())
    counts = Counter(() if refresh.note else (step.outcome for step in steps))
    print(
        f"files: {refresh.files:,}, passages: {passages:,} "
        f"(new: {counts[Outcome.NEW]:,}, changed: {counts[Outcome.CHANGED]:,}, "
        f"removed: {counts[Outcome.REMOVED]:,}, unreadable: {len(refresh.problems):,})",
        flush=True,
    )


def _keep_watching(settings: Settings, library: Library) -> None:
    """Take in changes as they come, until Ctrl-C."""
    from bot.following import Follower, sentence_of

    def report(library: Library, steps: Sequence[Step], refresh: Refresh) -> None:
        if sentence_of(refresh) or refresh.lost:
            _report(library, steps, refresh)

    def tell(sentence: str) -> None:
        print(f"youju: {sentence}", file=sys.stderr, flush=True)

    print(f"watching {settings.file} and what it names; Ctrl-C ends it", flush=True)
    try:
        with Follower(settings, library, lambda library, settings: None, tell, report):
            threading.Event().wait()
    except KeyboardInterrupt:
        print("youju: no longer watching; the index is complete", file=sys.stderr)


def _happened(steps: Iterable[Step]) -> list[str]:
    """Return a line for each file that is new, changed or gone; many of a source are counted."""
    shown = (Outcome.NEW, Outcome.CHANGED, Outcome.REMOVED)
    groups: dict[tuple[Outcome, str], list[str]] = {}
    for step in steps:
        groups.setdefault((step.outcome, step.source), []).append(step.file)
    return [
        f"{outcome:<9} {source}: {what}"
        for (outcome, source), files in sorted(groups.items())
        if outcome in shown
        for what in (files if len(files) <= SOME else [f"{len(files):,} files"])
    ]


def status(arguments: Namespace) -> int:
    """Show what the index holds, file by file, without changing it."""
    settings = settings_of(arguments)
    if settings.cluster:
        _print_cluster(settings)
        if not (settings.index / STORE_FILE).exists():
            return FOUND  # the documents are indexed on another machine
    with library_of(settings) as library:
        contents, files = library.contents(), library.files()
        advice = _advice(settings.engine, sum(source.passages for source in contents))
        print(f"engine    {settings.engine}{advice}")
        print(f"index     {settings.index}")
        for source in contents:
            print(
                f"source    {source.name}: files: {source.files:,}, documents: "
                f"{source.documents:,}, passages: {source.passages:,} ({source.path})"
            )
            for line in _listed([file for file in files if file.source == source.name]):
                print(on_one_line(line))
        pending = library.pending()
        print(f"pending   {pending:,} (files new, changed or gone since they were last taken in)")
        return FAILED if any(file.problem for file in files) else FOUND


_ROOM = {"memory": 100_000, "disk": 5_000_000}
"""How many passages an engine is good for, in this order; a cluster has no bounds."""


def _advice(engine: str, passages: int) -> str:
    """Return which engine to change to, as a sentence; "" where this one will do."""
    if passages <= _ROOM.get(engine, passages):
        return ""
    roomy = (other for other in ENGINES if passages <= _ROOM.get(other, passages))
    better = next(roomy, CLUSTER)
    return (
        f" (good for {_ROOM[engine]:,} passages, and there are {passages:,}: it is time to write "
        f'"engine: {better}" in the YAML)'
    )


def _print_cluster(settings: Settings) -> None:
    """Show what the cluster holds, wherever that was read."""
    assert settings.cluster is not None
    print(f"cluster   {', '.join(settings.cluster.hosts)}: {settings.cluster.index}")
    with asked_library_of(settings) as remote:
        for source in remote.contents():
            print(
                f"          {source.name}: files: {source.files:,}, documents: "
                f"{source.documents:,}, passages: {source.passages:,}"
            )


def _listed(files: Sequence[FileContents]) -> Iterator[str]:
    """Yield a line for each file of a source, or for each of many that needs a look."""
    noted = [f for f in files if f.problem or f.is_guessed or not f.passages]
    for file in files if len(files) <= FEW else noted:
        if file.problem:
            yield f"problem   {file.source}: {file.file} {file.problem}"
        if file.problem and not file.passages:
            continue
        date = f", date: {file.date}" if file.date else ""
        encoding = f", taken for {file.encoding}" if file.encoding else ""
        yield (
            f"file      {file.source}: {file.file}: documents: {file.documents:,}, "
            f"passages: {file.passages:,}{date}{encoding}"
        )
    if len(files) > FEW:
        yield f"files     {files[0].source}: {len(files) - len(noted):,} without a remark"
