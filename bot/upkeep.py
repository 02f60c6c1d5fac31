"""The commands that look after the documents and the set-up.

In: parsed arguments.  Out: an exit code; what was found out on stdout.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from shutil import get_terminal_size

from bot import reading, repl
from bot.journal import Journal, JournalUnusable
from bot.measuring import keep_calibrated
from bot.opening import (
    FAILED,
    FOUND,
    NOTHING,
    SOME,
    WRONG_USE,
    asked_library_of,
    complaints,
    library_of,
    refreshed,
    settings_of,
    share_confidence,
)
from bot.progress import Progress
from bot.wording import place
from config.settings import ConfigError, Settings, telegram_token
from retrieval.engines import CLUSTER, ENGINES
from retrieval.errors import RetrievalError, UnknownSource, on_one_line
from retrieval.intake import Outcome, Step
from retrieval.library import FileContents, Library, Refresh
from retrieval.ocr import Ocr
from retrieval.passages import cut
from retrieval.proof import Standing
from retrieval.sources import Source, ocr_of, read
from retrieval.store import FILE as STORE_FILE
from retrieval.terms import Analyzer
from retrieval.walking import legible

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
        with Follower(settings, library, lambda library: None, tell, report):
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


def passages(arguments: Namespace) -> int:
    """Show how a file is read, configured or not."""
    path: Path = arguments.file
    shown = on_one_line(str(path))
    if os.path.isdir(path):  # noqa: PTH112  (unlike Path.is_dir, it never raises)
        print(f"youju: {shown} is a folder: name one of its files", file=sys.stderr)
        return WRONG_USE
    source, name = Source(legible(path.stem), path), legible(path.name)
    content = read(source, name, path, Analyzer(cache=_cache(arguments)).cut, _ocr(arguments, path))
    if content.problem:
        print(f"youju: {shown} {content.problem}", file=sys.stderr)
    if arguments.json:
        for document in content.documents:
            for passage in cut(document, content.text):
                print(json.dumps(reading.passage_json(passage), ensure_ascii=False))
        return FOUND
    width = get_terminal_size().columns if sys.stdout.isatty() else 0
    print(*reading.drawn(content, name, repl.wants_colour(sys.stdout), width), sep="\n")
    return FOUND


def _cache(arguments: Namespace) -> Path | None:
    """Return the folder with jieba's parsed dictionary, where a configuration names one."""
    try:
        folder = settings_of(arguments).index
    except ConfigError:
        return None
    return folder if folder.is_dir() else None


def _ocr(arguments: Namespace, path: Path) -> Ocr | None:
    """Return what reads a file's pictures, where it belongs to a source with `ocr: true`."""
    try:
        settings = settings_of(arguments)
    except ConfigError:
        return None
    whole = Path(os.path.realpath(path))  # unlike Path.resolve, it endures links in a circle
    owners = (source for source in settings.sources if whole.is_relative_to(source.root))
    return next(filter(None, (ocr_of(source, settings.index) for source in owners)), None)


_STANDINGS = {
    Standing.SAME: "stands word for word in the file it was quoted from",
    Standing.STILL: "still stands there word for word, though the file was changed since",
    Standing.MOVED: "still stands in the file word for word, but elsewhere",
    Standing.GONE: "does not stand in the file any more: the file was changed",
}


def verify(arguments: Namespace) -> int:
    """Cut a quote out of its file again and say whether it still stands there."""
    settings = settings_of(arguments)
    with closing(Journal(settings.index)) as journal:
        try:
            record = journal.find(arguments.id.strip().lower())
        except JournalUnusable as error:
            print(f"youju: {error}", file=sys.stderr)
            return FAILED
    if record is None:
        print(f"youju: no quote was given under the id {arguments.id!r}", file=sys.stderr)
        return NOTHING
    with asked_library_of(settings) as library:
        try:
            proof = library.verify(record)
        except UnknownSource as error:
            print(f"youju: {error}", file=sys.stderr)
            return WRONG_USE
    where = f", {place('en', proof.place)}" if proof.place else ""
    print(f"{record.id} {_STANDINGS[proof.standing]} ({record.source}: {record.file}{where})")
    if proof.text:
        print(repl.printable(proof.text))
    return NOTHING if proof.standing is Standing.GONE else FOUND


def config(arguments: Namespace) -> int:
    """Show the configuration with its defaults filled in; no secret is part of it."""
    settings = settings_of(arguments)
    print(f"file      {settings.file}")
    for source in settings.sources:
        print(f"source    {source.name}: {source.path}")
        for key in fields(source)[2:]:
            if (value := getattr(source, key.name)) != key.default:
                listed = isinstance(value, tuple | frozenset)
                shown = ", ".join(map(str, sorted(value))) or "nobody" if listed else value
                print(f"          {key.name}: {shown}")
    print(f"engine    {settings.engine}")
    if cluster := settings.cluster:
        print(
            f"cluster   {', '.join(cluster.hosts)}: {cluster.index}, shards: {cluster.shards}, "
            f"replicas: {cluster.replicas}"
        )
    print(f"index     {settings.index}")
    may_lose = "" if settings.may_lose is None else f" (may lose {settings.may_lose:.0%})"
    print(f"eval      {settings.questions or 'no questions'}{may_lose}")
    print(f"telegram  {settings.telegram.api or 'the public Bot API'}")
    return FOUND


def doctor(arguments: Namespace) -> int:
    """Check the set-up, a line each, and say how to mend what is wrong."""
    settings = settings_of(arguments)
    print(f"ok    configuration: {settings.file}")
    code = _check_cluster(settings) if settings.cluster else _check_documents(settings)
    try:
        telegram_token(settings, os.environ)
        print("ok    Telegram token: set, and of the right form")
    except ConfigError as error:
        print(f"note  Telegram: {error}")
    return code


def _check_documents(settings: Settings) -> int:
    """Take in what changed, and say what cannot be read or written."""
    code = FOUND
    try:
        with library_of(settings) as library:
            with Progress(sys.stderr) as progress:
                refresh = library.refresh(progress)
            wrong = list(complaints(library, refresh))
            if not os.access(settings.index, os.W_OK):
                wrong.append(f"index: {settings.index} cannot be written: allow that")
            else:
                print(f"ok    index: {settings.index}")
            for source in library.contents():
                if source.files:
                    about = f"files: {source.files:,}, passages: {source.passages:,}"
                    print(f"ok    documents: {source.name}: {about}")
            for complaint in wrong:
                print(on_one_line(f"bad   {complaint}"))
                code = FAILED
    except RetrievalError as error:
        print(f"bad   index: {error}")
        code = FAILED
    return code


def _check_cluster(settings: Settings) -> int:
    """Say what the cluster holds; nothing is read or written here."""
    try:
        with asked_library_of(settings) as remote:
            for source in remote.contents():
                about = f"files: {source.files:,}, passages: {source.passages:,}"
                print(f"{'ok ' if source.files else 'bad'}   cluster: {source.name}: {about}")
    except RetrievalError as error:
        print(f"bad   cluster: {error}")
        return FAILED
    return FOUND
