"""What may be typed behind `youju`, as a parser: which function of which module runs what.

In: words as the shell divides them.  Out: a Namespace whose `run` takes it and returns an exit
code.  No module is loaded before its command runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

Command = Callable[[argparse.Namespace], int]
"""Arguments to an exit code."""


def parsed(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the words say (None: those of this process); exit with 2 where it is nothing.

    Of a question, a word such as -海陵区 that is no option is a part.
    """
    parser = _parser()
    arguments, rest = parser.parse_known_args(words)
    is_question = "question" in arguments and not any(word.startswith("--") for word in rest)
    if rest and not is_question:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if rest:
        arguments.question += rest
    return arguments


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
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", prog="youju")
    for name, (run, about, add_arguments) in _COMMANDS.items():
        command = commands.add_parser(name, parents=[shared], help=about, description=about)
        command.set_defaults(run=_loaded(run))
        add_arguments(command)
    return parser


def _none(command: argparse.ArgumentParser) -> None:
    pass


def _of_ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", nargs="*", metavar="QUESTION")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a question")
    form.add_argument("--why", action="store_true", help="also tell how each quote was found")
    command.add_argument("--session", action="store_true", help="the lines are one conversation")
    about = "quotes at most (1 to 10)"
    command.add_argument("-n", type=_count, default=10, metavar="N", dest="limit", help=about)


def _of_index(command: argparse.ArgumentParser) -> None:
    about = "even if known answers are lost (may_lose in the YAML)"
    command.add_argument("--force", action="store_true", help=about)
    about = "stay, and take in what changes as it does"
    command.add_argument("--watch", action="store_true", help=about)


def _of_passages(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("--json", action="store_true", help="one JSON object a passage")


def _of_eval(command: argparse.ArgumentParser) -> None:
    about = "JSON Lines, YAML, or JSON in the form of SQuAD"
    command.add_argument("file", type=Path, metavar="FILE", help=about)
    command.add_argument("--json", action="store_true", help="one JSON object")
    about = "what --json printed before a change"
    command.add_argument("--compare", type=Path, metavar="OLD.json", help=about)
    about = "also write a page with curves and failures"
    command.add_argument("--html", type=Path, metavar="FILE.html", help=about)
    about = "learn from FILE when a match is an answer"
    command.add_argument("--calibrate", action="store_true", help=about)


def _of_verify(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID", help="as shown behind each quote")


_COMMANDS: dict[str, tuple[str, str, Callable[[argparse.ArgumentParser], None]]] = {
    "chat": ("asking.chat", "ask in the terminal (the default)", _none),
    "ask": ("asking.ask", "answer one question, or one a line from stdin", _of_ask),
    "telegram": ("asking.telegram", "answer in Telegram (token: $TELEGRAM_BOT_TOKEN)", _none),
    "index": ("upkeep.index", "take in what is new or changed", _of_index),
    "status": ("upkeep.status", "show what is indexed, and which files could not be read", _none),
    "passages": ("checking.passages", "show how a file is read", _of_passages),
    "eval": ("measuring.evaluate", "measure on questions with known answers", _of_eval),
    "verify": ("checking.verify", "show whether a quote still stands in its file", _of_verify),
    "doctor": ("checking.doctor", "check the set-up, and say how to mend it", _none),
    "config": ("checking.config", "show the configuration that is in force", _none),
}
"""Each command: the function that runs it, what it does, and what adds its arguments."""


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
