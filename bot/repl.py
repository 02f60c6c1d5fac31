"""The terminal channel: questions typed, answers drawn as text.

In: lines, from a person at a terminal or from a pipe.  Out: drawn replies.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot.conversation import COMMANDS, Conversation
from bot.exchange import Reply, Session
from bot.wording import citation, say
from retrieval.answers import Quote

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

PROMPT = "问> "
LEAVING = {slash + word for slash in ("/", "／", "") for word in ("quit", "exit", "退出")}

BOLD, UNDERLINED, DIM, PLAIN = "\x1b[1m", "\x1b[4m", "\x1b[2m", "\x1b[0m"


def run(conversation: Conversation, lines: Iterator[str], out: TextIO, colour: bool) -> None:
    """Answer line after line until /quit or the end of input."""
    session = Session(owner=True)
    for line in lines:
        if line.strip().lower() in LEAVING:
            break
        if line.strip():
            print(draw(conversation.reply(line, session), colour) + "\n", file=out, flush=True)


def welcome(conversation: Conversation) -> str:
    """Return what is shown before the first question."""
    return draw(conversation.reply("/help", Session()), colour=False) + "\n"


# --- drawing ------------------------------------------------------------------------------------


def draw(reply: Reply, colour: bool) -> str:
    """Draw a reply as text.

    The sentence that answers is bold and the matched words in it are underlined; without
    colour the sentence stands in 【】.
    """
    parts = [reply.lead] if reply.lead else []
    for number, quote in enumerate(reply.quotes, reply.first):
        cited = f"    —— {citation(reply.language, quote)}"
        body = _coloured(quote) if colour else _marked(quote)
        parts.append(f"{number}. {body}\n{DIM + cited + PLAIN if colour else cited}")
    if reply.tail:
        parts.append(reply.tail)
    if reply.alone:
        parts.append(say(reply.language, "alone_hint"))
    return "\n\n".join(parts)


def _marked(quote: Quote) -> str:
    start, end = quote.answer
    text = quote.text
    return f"{printable(text[:start])}【{printable(text[start:end])}】{printable(text[end:])}"


def _coloured(quote: Quote) -> str:
    start, end = quote.answer
    drawn, at = [printable(quote.text[:start]), BOLD], start
    for a, b in quote.marks:
        a, b = max(a, start), min(b, end)
        if a < b:
            drawn += [
                printable(quote.text[at:a]),
                UNDERLINED,
                printable(quote.text[a:b]),
                PLAIN + BOLD,
            ]
            at = b
    drawn += [printable(quote.text[at:end]), PLAIN, printable(quote.text[end:])]
    return "".join(drawn)


def printable(text: str) -> str:
    """Return text without control characters: a document must not command the terminal."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) == "Cc" and c not in "\n\t" else c
        for c in text
    )


def wants_colour(out: TextIO) -> bool:
    """Return whether to draw with colours: at a terminal, unless NO_COLOR is set."""
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


# --- typing -------------------------------------------------------------------------------------


def piped(stream: TextIO | None) -> Iterator[str]:
    """Yield the lines of a pipe or file, whatever bytes they consist of."""
    if stream is None:
        raise OSError("stdin is closed: there is no question to read")
    for line in stream.buffer:
        yield line.decode("utf-8", errors="replace").removeprefix("\ufeff").rstrip("\r\n")


def typed(history: Path | None) -> Iterator[str]:
    """Yield what a person types: with history, and completion of commands."""
    from prompt_toolkit.patch_stdout import patch_stdout

    session = _prompt_session(history)
    while True:
        try:
            with patch_stdout(raw=True):  # what is said meanwhile stands above the line
                line = session.prompt(PROMPT)
        except KeyboardInterrupt:
            continue  # Ctrl-C drops the line, as shells do
        except EOFError:
            return
        yield line


def _prompt_session(history: Path | None) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    commands = [f"/{name}" for name in COMMANDS] + ["/quit"]
    return PromptSession(
        history=FileHistory(history) if history else InMemoryHistory(),
        completer=WordCompleter(commands, sentence=True),
        complete_while_typing=False,
    )


def history_file(environ: Callable[[str], str | None] = os.environ.get) -> Path | None:
    """Return the file of the REPL's history, readable by its owner only; None if impossible."""
    state = Path(environ("XDG_STATE_HOME") or Path("~/.local/state").expanduser())
    path = state / "youju" / "history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("a"):
            return path
    except OSError:
        return None


def stdin_is_terminal() -> bool:
    """Return whether a person is typing."""
    return sys.stdin is not None and sys.stdin.isatty()
