"""Which files belong to a source, and where each lies.

In: a source.  Out: for each file its path inside the source, where it lies, and its stamp.  This
is looked up with every question: a file costs a stat, and little else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from msgspec import Struct

from retrieval import globs
from retrieval.readers import READERS

Language = Literal["zh", "en"]
Split = Literal["paragraph", "clause", "row"]


class Source(Struct, frozen=True):
    """Documents that the owner allows to be quoted, and what they do not say themselves."""

    name: str  # as it appears in citations
    path: Path  # absolute: a file, a folder, or a glob as /docs/**/*.pdf
    exclude: tuple[str, ...] = ()  # globs of what is left out
    title: str = ""  # of one file with one document; else of documents without any
    date: str = ""  # 2023, 2023-04 or 2023-04-26: of documents without any
    place: str = ""  # that every document is about
    language: Language | None = None  # None: each paragraph shows it
    split: Split | None = None  # None: into clauses where there are such, and paragraphs
    ocr: bool = False  # what is a picture of text is read by OCR
    visible_to: frozenset[int] | None = None  # ids of those who may be answered; None: everybody

    @property
    def root(self) -> Path:
        """The folder that paths inside the source start from; the file, where it is one."""
        return globs.divided(self.path)[0]

    @property
    def is_file(self) -> bool:
        """Whether the path names one file, there or not, rather than any number of them."""
        # Unlike Path.is_dir, it never raises for a folder that may not be opened.
        return self.root == self.path and not os.path.isdir(self.path)  # noqa: PTH112


Found = tuple[str, str, int, int]
"""A file: its path inside the source, its path, its size in bytes and the time it was changed (ns).

Both numbers are -1 where nothing can be told of it.
"""


def files(source: Source) -> Iterator[tuple[str, Path]]:
    """Yield `(path inside the source, path)` of each file of a source, sorted: see `found`."""
    yield from sorted((inside, Path(path)) for inside, path, _, _ in found(source))


def found(source: Source) -> Iterator[Found]:
    """Yield each file of a source that a reader exists for, in no order.

    Hidden files and folders are left out, and what the source excludes, be it by a link.  What
    `read` will refuse is among them, so that its owner hears of it: links that lead out of the
    source, folders that may not be opened.
    """
    excluded = globs.excluding(source.exclude)
    if not source.is_file:
        yield from _inside(source, excluded)
    elif not excluded(name := legible(source.path.name)):
        yield name, str(source.path), *_stamp(source.path.stat)


def _inside(source: Source, excluded: globs.Test) -> Iterator[Found]:
    """Yield what the glob of a source means, in its folder and those below.

    A link that seems a file is one, too.
    """
    glob = globs.divided(source.path)[1]
    wanted = globs.matching(glob)
    deepest = None if "**" in glob or not glob else glob.count("/")
    suffixes = {*READERS, *(pictures() if source.ocr else ())}
    # Folders, for each its path, that inside the source, legible and as it is, and how deep it is.
    folders = [(str(source.root), "", "", 0)]
    for folder, above, bare, depth in folders:  # which grow meanwhile
        try:
            with os.scandir(folder) as listed:
                entries = list(listed)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:  # it may not be opened
            yield _cited(source, above[:-1], bare[:-1], folder), folder, *_stamp(Path(folder).stat)
            continue
        for entry in entries:
            name, path = entry.name, entry.path
            if name.startswith("."):
                continue
            inside = above + (name if name.isascii() else legible(name))
            if not _is_folder(entry):
                suffix = name[name.rfind(".") :].lower()  # where there is no dot, no suffix either
                if suffix not in suffixes or not wanted(inside) or excluded(inside):
                    continue
                if entry.is_symlink() and _hides(source, path, excluded):
                    continue
            elif excluded(f"{inside}/") or (deepest is not None and depth >= deepest):
                continue
            elif not entry.is_symlink():
                folders.append((path, f"{inside}/", f"{bare}{name}/", depth + 1))
                continue
            elif not leads_out(source, path):
                continue
            if inside != bare + name:
                inside = _cited(source, inside, bare + name, path)
            yield inside, path, *_stamp(entry.stat)


def _stamp(stat: Callable[[], os.stat_result]) -> tuple[int, int]:
    try:
        about = stat()
    except OSError:
        return -1, -1
    return about.st_size, about.st_mtime_ns


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder, or a link to one: a link in a circle is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def pictures() -> Collection[str]:
    """Return the suffixes of what OCR reads, where the owner wants that."""
    from retrieval.ocr import PICTURES  # few sources have any

    return PICTURES


def leads_out(source: Source, path: str) -> bool:
    """Return whether a link leads out of its source; one in a circle leads nowhere."""
    target = os.path.realpath(path)  # unlike Path.resolve, it endures links in a circle
    return not Path(target).is_relative_to(os.path.realpath(source.root))


def _hides(source: Source, link: str, excluded: globs.Test) -> bool:
    """Return whether a link leads to what its source excludes."""
    if leads_out(source, link):
        return False
    target = Path(os.path.realpath(link)).relative_to(os.path.realpath(source.root))
    return excluded("/".join(map(legible, target.parts)))


def _cited(source: Source, inside: str, bare: str, path: str) -> str:
    """Return the path inside the source as it is cited: legible, if no other file is called so."""
    if inside != bare and path_of(source, inside) != Path(path):
        return _escaped(bare)  # there is another file of this name
    return inside or "."


def legible(name: str) -> str:
    """Return a file's name as text: one that is not UTF-8 is GBK, from some Windows, or escaped."""
    if name.isascii():
        return name
    if _LATE.search(name) and not _ESCAPES.search(name):
        return name  # it is Chinese in UTF-8, for sure
    from retrieval.readers.plain import in_disguise

    data = os.fsencode(name)
    if (other := in_disguise(data)).encode("gb18030") == data:
        return other
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return _escaped(name)


_LATE = re.compile("[^\0-\u07ff]")  # no two bytes of GBK look like these
_ESCAPES = re.compile("[\udc80-\udcff]")  # what Python makes of bytes that are not UTF-8


def _escaped(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def path_of(source: Source, file: str) -> Path:
    """Return the path of a file of a source, named by its path inside it."""
    if source.is_file:
        return source.path
    path = source.root
    for name in file.split("/"):
        in_gbk = path / os.fsdecode(name.encode("gb18030"))
        path /= name
        if not os.path.lexists(path) and os.path.lexists(in_gbk):
            path = in_gbk
    return path
