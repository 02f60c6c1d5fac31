"""Globs of the owner's to what they match: `handbook/**/*.pdf`, `*.bak`, `old/`, `drafts/**`.

In: globs, and paths inside a source with / between folders (a folder's ends in one).  Out:
whether they match.  `*` and `?` stand for characters of one name, `**` goes across folders,
capitals are as good as small letters, and no other character means anything but itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path

Test = Callable[[str], bool]
"""A path inside a source to whether it is meant."""

_PIECE = re.compile(r"\*\*/|\*\*|[*?]|[^*?]+")
_MEANING = {"**/": "(?:.+/)?", "**": ".+", "*": "[^/]*", "?": "[^/]"}


def divided(path: Path) -> tuple[Path, str]:
    """Return the folder before a path's first wildcard part, and the glob from there on.

    A path without wildcards is returned as it is, with "".
    """
    for i, part in enumerate(path.parts):
        if "*" in part or "?" in part:
            return Path(*path.parts[:i]), "/".join(path.parts[i:])
    return path, ""


def matching(glob: str) -> Test:
    """Return the test whether the whole path of a file matches; "" is matched by all."""
    if not glob:
        return lambda inside: True
    pattern = _compiled(_regex(glob))
    return lambda inside: pattern.fullmatch(inside) is not None


def excluding(globs: Collection[str]) -> Test:
    """Return the test whether a path is left out by one of `globs`, itself or with its folder.

    As in a .gitignore: a plain name is meant at any depth, one with a / before its end from
    the source's own folder on, and a / at the end means folders only.
    """
    if not globs:
        return lambda inside: False
    pattern = _compiled("|".join(map(_excluded, globs)))
    return lambda inside: pattern.match(inside) is not None


def _excluded(glob: str) -> str:
    name = glob.removeprefix("./").rstrip("/")
    anywhere = "" if "/" in name or glob.startswith("./") else "(?:.+/)?"
    return anywhere + _regex(name.lstrip("/")) + ("/" if glob.endswith("/") else "(?:/|$)")


def _regex(glob: str) -> str:
    return "".join(_MEANING.get(piece) or re.escape(piece) for piece in _PIECE.findall(glob))


def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.IGNORECASE | re.DOTALL)
