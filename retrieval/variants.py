"""Characters that count as one: groups of them, a line each, of which the first stands for all.

In: a file beside this one.  Out: a table for `str.translate`.  A character is looked for when
it is first met: a question needs twenty of thousands.
"""

from __future__ import annotations

from pathlib import Path


class Variants(dict[int, str]):
    """By the number of a character, what stands for it: itself, where it is in no group."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._groups = Path(__file__).with_name(name).read_text("utf-8")

    def groups(self) -> list[str]:
        """Return the groups."""
        return self._groups.split()

    def __missing__(self, code: int) -> str:
        character = chr(code)
        at = self._groups.find(character) if character != "\n" else -1
        first = self._groups[self._groups.rfind("\n", 0, at) + 1] if at >= 0 else character
        self[code] = first
        return first
