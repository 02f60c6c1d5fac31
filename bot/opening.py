"""What every command begins with: the configuration, and the library it describes."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.progress import Progress
from config.settings import Settings, load_settings
from config.word_lists import load_lexicon
from retrieval.errors import on_one_line
from retrieval.intake import Step, Watch, unwatched
from retrieval.library import Library, Refresh
from retrieval.readers import READERS
from retrieval.terms import Analyzer

FOUND, NOTHING, WRONG_USE, FAILED = 0, 1, 2, 3
"""Exit codes: answered or related, nothing found, wrong use or configuration, a file failed."""


def settings_of(arguments: Namespace) -> Settings:
    """Load the configuration that a command was told to use."""
    chosen = getattr(arguments, "config", None) or os.environ.get("YOUJU_CONFIG")
    return load_settings(Path(chosen or "config/youju.yaml"))


def analyzer_of(settings: Settings) -> Analyzer:
    """Return what cuts text into words: jieba with the owner's own, its dictionary kept."""
    return Analyzer(settings.index, settings.dictionary)


@contextmanager
def library_of(settings: Settings) -> Iterator[Library]:
    """Open the library of a configuration, and close it at the end."""
    library = Library(
        settings.sources,
        settings.index,
        settings.engine,
        analyzer_of(settings),
        load_lexicon(settings.lexicon, cache=settings.index / "lexicon.json"),
    )
    try:
        yield library
    finally:
        library.close()


SOME = 20  # files that are named one by one, where there may be thousands


def refreshed(library: Library, watch: Watch = unwatched) -> Refresh:
    """Take in what changed, with a progress bar on stderr, and say there what went wrong."""
    with Progress(sys.stderr) as progress:

        def both(step: Step) -> None:
            progress(step)
            watch(step)

        refresh = library.refresh(both)
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
    if refresh.note:
        yield refresh.note
    for source in library.contents():
        if not source.files and not any(p.source == source.name for p in refresh.problems):
            kinds = ", ".join(sorted(READERS))
            yield f"{source.name}: {source.path} holds no file that can be read ({kinds})"
