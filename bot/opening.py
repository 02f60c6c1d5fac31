"""What every command begins with: the configuration, and the library it describes."""

from __future__ import annotations

import math
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from bot.progress import Progress
from bot.verdicts import language_of
from bot.wording import Language
from config.settings import Settings, load_settings
from config.word_lists import load_lexicon
from retrieval import confidence
from retrieval.errors import RetrievalError, StoreBusy, on_one_line
from retrieval.intake import Step, Watch, unwatched
from retrieval.library import Library, Refresh
from retrieval.readers import READERS
from retrieval.store import Store
from retrieval.terms import Analyzer

if TYPE_CHECKING:
    from retrieval.engines import Batch, Engine
    from retrieval.engines.connection import Connection
    from retrieval.gate import Gate
    from retrieval.lexicon import Lexicon
    from retrieval.remote import RemoteLibrary

FOUND, NOTHING, WRONG_USE, FAILED = 0, 1, 2, 3
"""Exit codes: answered or related, nothing found, wrong use or configuration, a file failed."""


def settings_of(arguments: Namespace) -> Settings:
    """Load the configuration that a command was told to use."""
    chosen = getattr(arguments, "config", None) or os.environ.get("YOUJU_CONFIG")
    return load_settings(Path(chosen or "config/youju.yaml"))


def analyzer_of(settings: Settings) -> Analyzer:
    """Return what cuts text into words: jieba with the owner's own, its dictionary kept."""
    return Analyzer(settings.index, settings.dictionary)


def gate_of(settings: Settings) -> Gate | None:
    """Return what a new index has to pass, where the configuration says so."""
    if settings.questions is None or settings.may_lose is None:
        return None
    from retrieval import cases
    from retrieval.gate import Gate  # few owners have one

    return Gate(tuple(cases.load(settings.questions)), settings.may_lose)


def opened(settings: Settings) -> Library:
    """Return the library of a configuration, which has to be closed.

    It reads the documents: raises RetrievalError where they are to be found in a cluster and
    are not on this machine, or they would be taken for deleted.
    """
    engine: str | Callable[[], Engine] = settings.engine
    batches: Callable[[Store, Analyzer, int], Iterator[Batch]] | None = None
    if settings.cluster:
        from retrieval import shipping
        from retrieval.engines.cluster import ClusterEngine

        batches = shipping.batches
        for source in settings.sources:
            if not os.access(source.root, os.F_OK):
                where = f"{source.name}: {source.root} is not on this machine"
                raise RetrievalError(f"{where}: run this where the documents are")
        engine = partial(ClusterEngine, connection_of(settings))
    return Library(
        settings.sources,
        settings.index,
        engine,
        analyzer_of(settings),
        lexicon_of(settings),
        gate_of(settings),
        batches,
    )


@contextmanager
def library_of(settings: Settings) -> Iterator[Library]:
    """Open the library of a configuration, and close it at the end: see `opened`."""
    library = opened(settings)
    try:
        yield library
    finally:
        library.close()


@contextmanager
def asked_library_of(
    settings: Settings, patience: float = math.inf
) -> Iterator[Library | RemoteLibrary]:
    """Open the library of a configuration to ask it: what changed is taken in first.

    Where another process is doing so for the first time it is waited for, for `patience`
    seconds; raises StoreBusy then.  Of a cluster, only what it holds is asked; `youju index` takes
    in what changed.
    """
    if not settings.cluster:
        with library_of(settings) as local:
            _filled(local, patience)
            yield local
        return
    from retrieval.remote import RemoteLibrary

    settings.index.mkdir(parents=True, exist_ok=True)  # for what is kept beside an index
    remote = RemoteLibrary(
        settings.sources,
        connection_of(settings),
        settings.index,
        analyzer_of(settings),
        lexicon_of(settings),
    )
    try:
        yield remote
    finally:
        remote.close()


BRIEF: dict[Language, int] = {"zh": 16, "en": 48}
"""How many characters a question may have that is shown as an example."""


def example_of(settings: Settings, language: Language) -> str:
    """Return one of the owner's own questions that the documents answer; "" if there is none."""
    from retrieval import cases

    if settings.questions is None:
        return ""
    try:
        known = cases.load(settings.questions)
    except RetrievalError:  # `youju index` says what is wrong with it
        return ""
    own = (case.question for case in known if case.answers and not case.previous)
    return next((q for q in own if len(q) <= BRIEF[language] and language_of(q) == language), "")


def lexicon_of(settings: Settings) -> Lexicon:
    """Return the everyday words, the owner's and the shipped ones."""
    return load_lexicon(settings.lexicon, cache=settings.index / "lexicon.json")


def connection_of(settings: Settings) -> Connection:
    """Return the way to the cluster of a configuration."""
    from config.credentials import cluster_login  # few owners have a cluster
    from retrieval.engines.connection import Connection

    assert settings.cluster is not None
    return Connection(*cluster_login(settings.cluster, os.environ))


def share_confidence(settings: Settings) -> None:
    """Let the bots on other machines judge by what was learnt here, if anything was."""
    learnt = confidence.load(settings.index)
    if settings.cluster and learnt.questions:
        from retrieval.engines.cluster import ClusterEngine

        ClusterEngine(connection_of(settings)).note(confidence=asdict(learnt))


AGAIN = 0.5  # seconds between two looks at whether another process is done


def _filled(library: Library, patience: float) -> None:
    """Take in what changed; wait for another process that is filling the index."""
    end, waits = time.monotonic() + patience, False
    while True:
        try:
            refreshed(library)
            return
        except StoreBusy:
            if time.monotonic() >= end:
                raise
        if not waits:
            waits = True
            print(
                "youju: another process is reading the documents for the first time: waiting for "
                "it (Ctrl-C gives up)",
                file=sys.stderr,
            )
        time.sleep(AGAIN)


SOME = 20  # files that are named one by one, where there may be thousands


def refreshed(library: Library, watch: Watch = unwatched, *, force: bool = False) -> Refresh:
    """Take in what changed, with a progress bar on stderr, and say there what went wrong."""
    with Progress(sys.stderr) as progress:

        def both(step: Step) -> None:
            progress(step)
            watch(step)

        refresh = library.refresh(both, force=force)
    for complaint in complaints(library, refresh):
        print(on_one_line(f"youju: {complaint}"), file=sys.stderr)
    return refresh


def complaints(library: Library, refresh: Refresh) -> Iterator[str]:
    """Yield a sentence for each file or source that could not be read or taken in."""
    for problem in refresh.problems[:SOME]:
        yield str(problem)
    if len(refresh.problems) > SOME:
        more = len(refresh.problems) - SOME
        yield f"{more:,} other files could not be read either: `youju status` names them all"
    if refresh.note:  # a source may hold what was not taken in
        yield refresh.note
        return
    for source in library.empty():
        if not any(p.source == source.name for p in refresh.problems):
            kinds = ", ".join(sorted(READERS))
            yield f"{source.name}: {source.path} holds no file that can be read ({kinds})"
