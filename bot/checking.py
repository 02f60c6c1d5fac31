"""The commands that check: how a file is read, whether a quote still stands, the set-up.

In: parsed arguments.  Out: an exit code; what was found out on stdout.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from contextlib import closing
from pathlib import Path
from shutil import get_terminal_size

from msgspec.structs import fields

from bot import reading, repl
from bot.journal import Journal, JournalUnusable
from bot.opening import (
    FAILED,
    FOUND,
    NOTHING,
    WRONG_USE,
    asked_library_of,
    complaints,
    library_of,
    settings_of,
)
from bot.progress import Progress
from bot.wording import place
from config.credentials import telegram_token
from config.settings import Settings
from config.yaml_tree import ConfigError
from retrieval.errors import RetrievalError, UnknownSource, on_one_line
from retrieval.ocr import Ocr
from retrieval.passages import cut
from retrieval.proof import Standing
from retrieval.sources import Source, ocr_of, read
from retrieval.terms import Analyzer
from retrieval.walking import legible


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
