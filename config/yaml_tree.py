"""A YAML file to PyYAML's nodes, which know their line and column; what the keys mean is not known.

In: a path.  Out: the root node, and a `YamlFile` to note faults on.  A file that cannot be read,
is no YAML or holds a Telegram token raises `ConfigError` at once: there is nothing to check then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import yaml
from msgspec import Struct
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

TOKEN = r"\d+:[\w-]{30,}"  # noqa: S105 - what a token looks like
NO_TOKEN_HERE = (
    "a Telegram token must not stand in this file, which gets copied and shared: delete it, and "  # noqa: S105
    "set the environment variable TELEGRAM_BOT_TOKEN or save the token in a file of its own"
)
_TOKEN_INSIDE = re.compile(r"\d{5}" + TOKEN, re.ASCII)  # from six digits on: sha256:… is none
_FORBIDDEN = (
    (_TOKEN_INSIDE, NO_TOKEN_HERE),
    (yaml.SafeLoader.NON_PRINTABLE, "an invisible control character stands here: delete it"),
)
_WAYS_OUT = (  # what PyYAML's complaint, the line above or the line itself match, and what to do
    (r"'\\t'|^[ -]*\t", "indent with spaces, not with tabs"),
    (r"^[\s-]*\w+：", 'write ": " after a key, an ASCII colon and a space, not "："'),
    ("another document", "keep one document in the file, without --- between two"),
    ("mapping values", "put a text with a colon in quotes, align keys, write a space after colons"),
    ("unknown escape|escape sequence", "write / instead of \\, or use single quotes"),
    ("undefined alias|expected alphabetic|cannot start any token", "put the text in quotes"),
    ("find expected ':'", "write a colon and a space after the key"),
    ("", "check the quotes, brackets and indentation here and in the line above"),
)


class Fault(Struct, frozen=True):
    """One thing to put right, as a sentence that says how."""

    file: Path | None  # None: it concerns the token, not a place in a file
    line: int  # from 1, like the column; both are 0 without a file
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.file else ""
        return place + self.message


class ConfigError(Exception):
    """The configuration cannot be used: `faults` holds all there is to put right, by position."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda f: (str(f.file), f.line, f.column)))
        # Even the name of the file may be a token: somebody mixed up two arguments.
        super().__init__(_TOKEN_INSIDE.sub("<token>", "\n".join(map(str, self.faults))))


class YamlFile(Struct, frozen=True):
    """A file, and the faults found in it so far."""

    path: Path
    faults: list[Fault] = []
    missing: list[Fault] = []  # no faults where files are elsewhere

    def note(self, node: Node, message: str) -> None:
        """Note a fault, to be reported with all others."""
        self.faults.append(self._fault(node, message))

    def miss(self, node: Node, message: str) -> None:
        """Note that a file is not there, which is a fault only where it has to be."""
        self.missing.append(self._fault(node, message))

    def _fault(self, node: Node, message: str) -> Fault:
        mark = node.start_mark
        return Fault(self.path, mark.line + 1, mark.column + 1, message)

    def root(self) -> Node:
        """Read the file and return its root node; keys that stand twice are noted."""
        text = self._text()
        loader = yaml.SafeLoader(text)  # not CSafeLoader: deep nesting takes libyaml down
        try:
            # Where there are only comments, if anything, keys are missed at the end of the file.
            root = loader.get_single_node() or MappingNode("", [], loader.get_mark())
            self._check_keys(root)
        except yaml.MarkedYAMLError as error:
            self._stop_at_syntax(text, error)
        except (RecursionError, ValueError, OverflowError):  # deep nesting, circles, "\UFFFFFFFF"
            self._stop("this cannot be read: write it in a plainer way", loader.line, loader.column)
        return root

    def _text(self) -> str:
        try:
            text = self.path.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start)
            self._stop("this line is not UTF-8: save the file in the encoding UTF-8", line)
        except OSError as error:
            self._stop(f"the file cannot be read ({error.strerror}): name a YAML file that can")
        for pattern, message in _FORBIDDEN:
            if found := pattern.search(text):
                before = text[: found.start()]
                self._stop(message, before.count("\n"), len(before) - before.rfind("\n") - 1)
        return text

    def _check_keys(self, node: Node) -> None:
        if isinstance(node, SequenceNode):
            for item in node.value:
                self._check_keys(item)
        elif isinstance(node, MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                if not isinstance(key, ScalarNode):
                    self.note(key, "a key must be a word: put it in quotes")
                elif key.value in lines:
                    first = lines[key.value]
                    self.note(key, f'"{key.value}" stands on line {first} already: keep one')
                else:
                    lines[key.value] = key.start_mark.line + 1
                self._check_keys(value)

    def _stop_at_syntax(self, text: str, error: yaml.MarkedYAMLError) -> NoReturn:
        """Say what PyYAML stumbled over, with the likeliest way out."""
        problem = error.problem or ""
        unfinished = "stream" in problem or "find expected" in problem  # its beginning says more
        mark = (unfinished and error.context_mark) or error.problem_mark
        assert mark is not None  # PyYAML sets it in all it raises here
        lines = ["", *text.splitlines(), ""]
        clues = "\n".join([problem, *lines[mark.line : mark.line + 2]])
        advice = next(advice for clue, advice in _WAYS_OUT if re.search(clue, clues, re.MULTILINE))
        self._stop(f"this is not YAML ({problem}): {advice}", mark.line, mark.column)

    def _stop(self, message: str, line: int = 0, column: int = 0) -> NoReturn:
        """Raise a fault by itself; line and column count from 0, as PyYAML's do."""
        raise ConfigError([Fault(self.path, line + 1, column + 1, message)])
