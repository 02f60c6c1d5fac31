"""The folder where the disk engine keeps its index: directories, one of which counts.

In: the folder.  Out: the directory that searches read, and new ones that begin as its copy.

A new state is written into a directory of its own.  It begins with links to the files of the one
that counts, for those never change; so nobody who reads waits for anybody who writes, and
what a killed process leaves is never looked at.  `current` names the directory that counts.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from retrieval.engines.kept import File, read_current, stamp_of_current, write_current

if sys.platform != "win32":
    import fcntl

OWNED = "owned"  # locked by the process that writes the directory
REWRITTEN = {"meta.json", ".managed.json"}  # all that tantivy ever writes again
TRIES = 5  # times that a state is looked for while others replace it

Opened = TypeVar("Opened")


class Kept(Struct, frozen=True):
    """A directory that counts, or did when it was looked up."""

    path: Path
    state: str
    files: tuple[File, ...]


class Directories:
    """The folder at `path`, which need not be there; `format` is that of what it holds."""

    def __init__(self, path: Path, format: Sequence[str]) -> None:
        self.path = path
        self._format = list(format)

    def stamp(self) -> tuple[int, int, int] | None:
        """Return what changes whenever another directory counts."""
        return stamp_of_current(self.path)

    def read(self, open: Callable[[Path], Opened]) -> tuple[Kept, Opened] | None:
        """Return the directory that counts, opened; None if there is none, or it is damaged."""
        for _ in range(TRIES):
            stamp = self.stamp()
            with suppress(OSError, ValueError, KeyError, TypeError):
                kept = self._read()
                return kept, open(kept.path)
            if stamp == self.stamp():
                break  # it is damaged; else another process has just replaced it
        return None

    def _read(self) -> Kept:
        kept = read_current(self.path)
        if kept["format"] != self._format:
            raise ValueError("it is of another version")
        files = tuple(File(**file) for file in kept["files"])
        path = self.path / kept["directory"]
        if not all(file.is_whole(path) for file in files):
            raise ValueError("it is damaged")
        return Kept(path, kept["state"], files)

    def begin(self, kept: Kept | None) -> Owned:
        """Return a new directory that holds what `kept` does.  Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._sweep()
        owned = Owned(self.path / os.urandom(8).hex())
        try:
            if kept:
                for file in kept.files:
                    _take(kept.path / file.name, owned.path / file.name)
        except OSError:
            owned.remove()
            raise
        return owned

    def publish(self, owned: Owned, state: str, before: Kept | None) -> Kept:
        """Let a directory count from now on.  Raises OSError, all as before."""
        known = {file.name: file for file in before.files} if before else {}
        files = tuple(
            known[path.name] if path.name in known and path.name not in REWRITTEN else File.of(path)
            for path in sorted(owned.path.iterdir())
            if not path.name.endswith(".lock") and path.name != OWNED
        )
        content = {
            "format": self._format,
            "state": state,
            "directory": owned.path.name,
            "files": [asdict(file) for file in files],
        }
        write_current(self.path, content)
        owned.release()
        self._sweep()
        return Kept(owned.path, state, files)

    def _sweep(self) -> None:
        """Remove the directories that do not count and that no process is writing.

        Where open files cannot be removed, what is still read stays for the next time.
        """
        try:
            counts = read_current(self.path)["directory"]
        except (OSError, ValueError, KeyError, TypeError):
            counts = ""
        for path in self.path.iterdir():
            if path.is_dir() and path.name != counts and not _is_owned(path):
                shutil.rmtree(path, ignore_errors=True)


class Owned:
    """A directory that this process writes.  Raises OSError if it cannot be made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self._file: IO[bytes] = (path / OWNED).open("wb")
        if sys.platform != "win32":
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def release(self) -> None:
        """Have it swept once it does not count any more."""
        self._file.close()

    def remove(self) -> None:
        """Remove it, and all in it."""
        self.release()
        shutil.rmtree(self.path, ignore_errors=True)


def _is_owned(path: Path) -> bool:
    try:
        with (path / OWNED).open("rb") as file:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return False
        (path / OWNED).unlink()  # which Windows refuses while it is open
        return False
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _take(old: Path, new: Path) -> None:
    if old.name not in REWRITTEN:
        with suppress(OSError):
            os.link(old, new)
            return
    shutil.copy2(old, new)
