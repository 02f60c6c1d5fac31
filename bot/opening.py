"""What every command begins with: the configuration, and the library it describes."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import Settings, load_settings
from retrieval.library import Library, Refresh
from retrieval.readers import READERS

FOUND, NOTHING, WRONG_USE, FAILED = 0, 1, 2, 3
"""Exit codes: answered or related, nothing found, wrong use or configuration, a file failed."""


def settings_of(arguments: Namespace) -> Settings:
    """Load the configuration that a command was told to use."""
    chosen = getattr(arguments, "config", None) or os.environ.get("YOUJU_CONFIG")
    return load_settings(Path(chosen or "config/youju.yaml"))


@contextmanager
def library_of(settings: Settings) -> Iterator[Library]:
    """Open the library of a configuration, and close it at the end."""
    library = Library(settings.sources, settings.index, settings.engine)
    try:
        yield library
    finally:
        library.close()


def report(library: Library, refresh: Refresh) -> None:
    """Say on stderr, a line each, what could not be read or taken in."""
    for problem in refresh.problems:
        print(f"youju: {problem.source}: {problem.file} {problem.reason}", file=sys.stderr)
    if refresh.note:
        print(f"youju: {refresh.note}", file=sys.stderr)
    for source in library.contents():
        if not source.files and not any(p.source == source.name for p in refresh.problems):
            kinds = ", ".join(sorted(READERS))
            print(
                f"youju: {source.name}: {source.path} holds no file that can be read ({kinds})",
                file=sys.stderr,
            )
