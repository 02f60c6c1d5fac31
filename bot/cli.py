"""The `youju` command: the only place where the parts meet.

    youju [chat] · ask · telegram · index · status · passages · eval · verify · doctor · config

Answers go to stdout, everything else to stderr.  Exit codes: 0 answered or related, 1 nothing
found, 2 wrong use or configuration, 3 the engine or a file failed.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import logging
import os
import sys
from collections.abc import Sequence

from bot.arguments import parsed

OBJECTS = 50_000  # made before Python looks for garbage: its 700 cost a start a tenth of its time
INTERRUPTED = 130  # what shells report of a command that Ctrl-C ended
CANNOT_WRITE = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    gc.set_threshold(OBJECTS)
    atexit.register(gc.freeze)  # else Python looks through all that is left before it ends
    try:
        _prepare_streams()
        try:
            arguments = parsed(argv)
        finally:
            sys.stdout.flush()  # what --help shows
        logging.basicConfig(level=logging.WARNING, format="youju: %(message)s", stream=sys.stderr)
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return 0  # whoever read it has had enough
    except OSError as error:
        _drop_output()
        print(f"youju: {_sentence(error)}", file=sys.stderr)
        return CANNOT_WRITE


def _prepare_streams() -> None:
    """Make stdout and stderr endure every text; raises OSError where stdout is closed."""
    # Else the index would be opened as one of them, and be written to.
    while (free := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(free, True)
    os.close(free)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - as long as the process
    if sys.stdout is None:
        raise OSError("stdout is closed: there is nowhere to write to")
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a substitute: no answer may fail on it.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _drop_output() -> None:
    """Have what nobody can read go nowhere: Python must not complain at exit either."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentence(error: OSError) -> str:
    if error.errno is None:
        return str(error)
    return f"{error.filename or 'the output cannot be written'}: {error.strerror}"


def _run(arguments: argparse.Namespace) -> int:
    from bot.opening import FAILED, WRONG_USE
    from config.yaml_tree import ConfigError
    from retrieval.errors import RetrievalError

    try:
        code: int = arguments.run(arguments)
        return code
    except ConfigError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except RetrievalError as error:
        print(f"youju: {error}", file=sys.stderr)
        return FAILED
