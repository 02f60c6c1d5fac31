"""The folder where the memory engine keeps its segments between runs.

In: parts, and the name of the state they hold.  Out: the same, mapped from files.  A file
`current` names the segments that count; it is replaced in one step, so that at any moment it
names a whole state or, where something was damaged, none: then all is made anew.
"""

from __future__ import annotations

import json
import mmap
import os
import time
import zlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.engines import Field
from retrieval.engines.model import Part
from retrieval.engines.segment import MAGIC, Segment

LEFTOVER = 3600  # seconds after which a segment that does not count belongs to no running process
PAST_NS = 10_000_000_000
FORMAT = [MAGIC.decode(), *Field]  # with another one, all is made anew


@dataclass(frozen=True, slots=True)
class File:
    """A segment's file: as it was when its bytes had this checksum."""

    name: str
    size: int
    mtime_ns: int
    crc: int


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
        self._current = path / "current"

    def stamp(self) -> tuple[int, int, int] | None:
        """Return what changes whenever another state is written."""
        try:
            stat = self._current.stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_size, stat.st_mtime_ns

    def read(self) -> tuple[str, tuple[Part, ...]] | None:
        """Return the name of the state that is kept, and its parts; None if there is none."""
        try:
            check, _, text = self._current.read_text("utf-8").partition("\n")
            if int(check) != zlib.crc32(text.encode()):
                return None
            kept = json.loads(text)
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
        text = json.dumps({"format": FORMAT, "state": state, "parts": kept})
        draft = self._path / f"{os.urandom(8).hex()}.new"
        draft.write_text(f"{zlib.crc32(text.encode())}\n{text}", "utf-8")
        draft.replace(self._current)
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
            # Dated back, so that whoever writes it again leaves another date, however soon.
            past = time.time_ns() - PAST_NS
            os.utime(path, ns=(past, past))
            crc, stat = zlib.crc32(part.segment.buffer), path.stat()
            file_ = File(path.name, stat.st_size, stat.st_mtime_ns, crc)
            return self._open(file_, sorted(part.left_out))
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise

    def _open(self, file: File, left_out: Sequence[int]) -> SavedPart:
        with (self._path / file.name).open("rb") as opened:
            stat = os.fstat(opened.fileno())
            mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        # Reading all of it takes longer than many a question: that is for files that changed.
        is_same = (stat.st_size, stat.st_mtime_ns) == (file.size, file.mtime_ns)
        if not is_same and (len(mapped), zlib.crc32(mapped)) != (file.size, file.crc):
            raise ValueError(f"{file.name} is damaged")
        return SavedPart(Segment(memoryview(mapped)), left_out, file)

    def _names(self) -> set[str]:
        """Return the names of the segments that count."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._current.read_text("utf-8").partition("\n")[2])
            return {file["name"] for file, _ in kept["parts"]}
        return set()

    def _clean(self, names: set[str]) -> None:
        """Remove segments that count no more, and what a killed process left."""
        for path in self._path.iterdir():
            with suppress(OSError):  # another process was faster, or holds it open
                if path.name in names or self._is_leftover(path):
                    path.unlink()

    def _is_leftover(self, path: Path) -> bool:
        if path == self._current or path.name in self._names():
            return False
        return path.stat().st_mtime < time.time() - LEFTOVER
