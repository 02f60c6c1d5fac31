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
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

Command = Callable[[argparse.Namespace], int]
"""Arguments to an exit code."""

OBJECTS = 50_000  # made before Python looks for garbage: its 700 cost a start a tenth of its time
INTERRUPTED = 130  # what shells report of a command that Ctrl-C ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    gc.set_threshold(OBJECTS)
    atexit.register(gc.freeze)  # else Python looks through all that is left before it ends
    arguments = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a substitute: no answer may fail on it.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    logging.basicConfig(level=logging.WARNING, format="youju: %(message)s", stream=sys.stderr)
    return _run(arguments.run, arguments)


def _run(command: Command, arguments: argparse.Namespace) -> int:
    from bot.opening import FAILED, FOUND, WRONG_USE
    from config.settings import ConfigError
    from retrieval.errors import RetrievalError

    try:
        code = command(arguments)
        sys.stdout.flush()
        return code
    except ConfigError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except RetrievalError as error:
        print(f"youju: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough; Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="the YAML file (default: $YOUJU_CONFIG or config/youju.yaml)",
    )
    parser = argparse.ArgumentParser(
        prog="youju",
        parents=[shared],
        description="Ask your documents; every answer is a quotation with its source.",
        epilog="Exit codes: 0 answered or related, 1 nothing found, 2 wrong use or configuration, "
        "3 the engine or a file failed.",
    )
    parser.add_argument("--version", action=_ShowVersion, help="show the version, and exit")
    parser.set_defaults(run=_loaded("asking.chat"))
    subparsers = parser.add_subparsers(metavar="COMMAND", title="commands", prog="youju")

    def add(name: str, run: str, help: str) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(name, parents=[shared], help=help, description=help)
        sub.set_defaults(run=_loaded(run))
        return sub

    add("chat", "asking.chat", "ask in the terminal (the default)")
    ask = add("ask", "asking.ask", "answer one question, or one a line from stdin")
    ask.add_argument("question", nargs="*", metavar="QUESTION")
    form = ask.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a question")
    form.add_argument("--why", action="store_true", help="also tell how each quote was found")
    ask.add_argument("--session", action="store_true", help="the lines are one conversation")
    ask.add_argument(
        "-n", type=_count, default=10, metavar="N", dest="limit", help="quotes at most (1 to 10)"
    )
    add("telegram", "asking.telegram", "answer in Telegram (token: $TELEGRAM_BOT_TOKEN)")
    index = add("index", "upkeep.index", "take in what is new or changed")
    index.add_argument(
        "--force", action="store_true", help="even if known answers are lost (may_lose in the YAML)"
    )
    index.add_argument(
        "--watch", action="store_true", help="stay, and take in what changes as it does"
    )
    add("status", "upkeep.status", "show what is indexed, and which files could not be read")
    passages = add("passages", "checking.passages", "show how a file is read")
    passages.add_argument("file", type=Path, metavar="FILE")
    passages.add_argument("--json", action="store_true", help="one JSON object a passage")
    evaluate = add("eval", "measuring.evaluate", "measure on questions with known answers")
    evaluate.add_argument(
        "file", type=Path, metavar="FILE", help="JSON Lines, YAML, or JSON in the form of SQuAD"
    )
    evaluate.add_argument("--json", action="store_true", help="one JSON object")
    evaluate.add_argument(
        "--compare", type=Path, metavar="OLD.json", help="what --json printed before a change"
    )
    evaluate.add_argument(
        "--html", type=Path, metavar="FILE.html", help="also write a page with curves and failures"
    )
    evaluate.add_argument(
        "--calibrate", action="store_true", help="learn from FILE when a match is an answer"
    )
    verify = add("verify", "checking.verify", "show whether a quote still stands in its file")
    verify.add_argument("id", metavar="ID", help="as shown behind each quote")
    add("doctor", "checking.doctor", "check the set-up, and say how to mend it")
    add("config", "checking.config", "show the configuration that is in force")
    return parser


def _loaded(name: str) -> Command:
    """Return the function `module.name` of this package, which loads only when it is called."""

    def run(arguments: argparse.Namespace) -> int:
        module, _, function = name.partition(".")
        command: Command = getattr(import_module(f"bot.{module}"), function)
        return command(arguments)

    return run


class _ShowVersion(argparse.Action):
    """Looks the version up only where it is asked for: that takes as long as a question."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401
        super().__init__(nargs=0, default=argparse.SUPPRESS, **settings)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"youju {version('youju')}")
        parser.exit()


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 10")
    return int(text)
