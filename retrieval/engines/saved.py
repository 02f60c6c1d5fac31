"""The folder where the memory engine keeps its segments between runs.

In: parts, and the name of the state they hold.  Out: the same, mapped from files.  A file
`current` names the segments that count.
"""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec.structs import asdict

from retrieval.engines import Field
from retrieval.engines.kept import CURRENT, File, read_current, stamp_of_current, write_current
from retrieval.engines.model import Part
from retrieval.engines.segment import MAGIC, Segment

LEFTOVER = 3600  # seconds after which a segment that does not count belongs to no running process
FORMAT = [MAGIC.decode(), *Field]  # with another one, all is made anew


class SavedPart(Part):
    """A part whose segment is kept in a file."""

    def __init__(self, segment: Segment, left_out: Collection[int], file: File) -> None:
        super().__init__(segment, left_out)
        self.file = file

    def less(self, left_out: Collection[int]) -> SavedPart:
        """See Part.less."""
        return SavedPart(self.segment, left_out, self.file)


class Folder:
    """The folder at `path`, which need not be there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def stamp(self) -> tuple[int, int, int] | None:
        """Return what changes whenever another state is written."""
        return stamp_of_current(self._path)

    def read(self) -> tuple[str, tuple[Part, ...]] | None:
        """Return the name of the state that is kept, and its parts; None if there is none."""
        try:
            kept = read_current(self._path)
            if kept["format"] != FORMAT:
                return None
            parts = tuple(self._open(File(**file), left_out) for file, left_out in kept["parts"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return kept["state"], parts

    def write(self, state: str, parts: Sequence[Part]) -> tuple[Part, ...]:
        """Keep parts, and return them as they are mapped from files from now on.

        Raises OSError, and what was kept before stays, where they cannot be written.
        """
        self._path.mkdir(parents=True, exist_ok=True)
        before = self._names()
        saved = tuple(self._saved(part) for part in parts)
        kept = [(asdict(part.file), sorted(part.left_out)) for part in saved]
        write_current(self._path, {"format": FORMAT, "state": state, "parts": kept})
        self._clean(before - self._names())
        return saved

    def _saved(self, part: Part) -> SavedPart:
        if isinstance(part, SavedPart):
            return part
        path = self._path / f"{os.urandom(8).hex()}.segment"
        try:
            with path.open("xb") as file:
                file.write(part.segment.buffer)
                file.flush()
                os.fsync(file.fileno())
            return self._open(File.of(path), sorted(part.left_out))
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise

    def _open(self, file: File, left_out: Sequence[int]) -> SavedPart:
        if not file.is_whole(self._path):
            raise ValueError(f"{file.name} is damaged")
        with (self._path / file.name).open("rb") as opened:
            mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        return SavedPart(Segment(mapped), left_out, file)

    def _names(self) -> set[str]:
        """Return the names of the segments that count."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = read_current(self._path)
            return {file["name"] for file, _ in kept["parts"]}
        return set()

    def _clean(self, names: set[str]) -> None:
        """Remove segments that count no more, and what a killed process left."""
        for path in self._path.iterdir():
            with suppress(OSError):  # another process was faster, or holds it open
                if path.name in names or self._is_leftover(path):
                    path.unlink()

    def _is_leftover(self, path: Path) -> bool:
        if path.name == CURRENT or path.name in self._names():
            return False
        return path.stat().st_mtime < time.time() - LEFTOVER
