"""Files that never change once they are written, and the one that names those that count.

In: a folder of an engine's.  Out: whether each file still holds what it was written with.  The
file `current` is checksummed and replaced in one step, so that at any moment it names a whole
state or, where something was damaged, none: then all is made anew.
"""

from __future__ import annotations

import json
import mmap
import os
import time
import zlib
from pathlib import Path
from typing import Any

from msgspec import Struct

PAST_NS = 10_000_000_000
CURRENT = "current"


class File(Struct, frozen=True):
    """A file as it was when its bytes had this checksum."""

    name: str
    size: int
    mtime_ns: int
    crc: int

    @classmethod
    def of(cls, path: Path) -> File:
        """Return what is known of a file that was just written.  Raises OSError."""
        # Dated back, so that whoever writes it again leaves another date, however soon.
        past = time.time_ns() - PAST_NS
        os.utime(path, ns=(past, past))
        stat = path.stat()
        return cls(path.name, stat.st_size, stat.st_mtime_ns, _crc(path))

    def is_whole(self, folder: Path) -> bool:
        """Return whether it still holds what it did.  Raises OSError."""
        path = folder / self.name
        stat = path.stat()
        # Reading all of it takes longer than many a question: that is for files that changed.
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime_ns) or (
            stat.st_size == self.size and _crc(path) == self.crc
        )


def _crc(path: Path) -> int:
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return zlib.crc32(b"")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return zlib.crc32(mapped)


def read_current(folder: Path) -> Any:  # noqa: ANN401  (what JSON holds)
    """Return what was written last.  Raises OSError or ValueError if there is no such thing."""
    check, _, text = (folder / CURRENT).read_text("utf-8").partition("\n")
    if int(check) != zlib.crc32(text.encode()):
        raise ValueError(f"{CURRENT} is damaged")
    return json.loads(text)


def write_current(folder: Path, content: object) -> None:
    """Replace what was written, in one step.  Raises OSError, all as before."""
    text = json.dumps(content)
    draft = folder / f"{os.urandom(8).hex()}.new"
    try:
        draft.write_text(f"{zlib.crc32(text.encode())}\n{text}", "utf-8")
        draft.replace(folder / CURRENT)
    finally:
        draft.unlink(missing_ok=True)


def stamp_of_current(folder: Path) -> tuple[int, int, int] | None:
    """Return what changes whenever something else is written; None if nothing was."""
    try:
        stat = (folder / CURRENT).stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
