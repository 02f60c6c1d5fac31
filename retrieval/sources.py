"""A Source of the owner's YAML to Documents: which files belong to it, and what is in them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

from retrieval.blocks import Block, NotReadable, Reading, Role, join
from retrieval.clauses import group_clauses
from retrieval.errors import UnreadableFile
from retrieval.mending import DATE, Article, Cuts, mend
from retrieval.readers import READERS


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of documents, or one file, that the owner allows to be quoted."""

    name: str  # as it appears in citations
    path: Path  # absolute


@dataclass(frozen=True, slots=True)
class Document:
    """One article: a file is one, or, as a newspaper page, holds several."""

    id: str  # "source/path", or "source/path#2" for the second of several: stable between runs
    source: str
    file: str  # path inside the source; the file's name, where the source is one file
    title: str
    byline: str  # "" where none is printed
    date: str  # as printed; "" where none is
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file as it was read: its decoded text, what identifies it, and its documents."""

    hash: str  # SHA-256 of the bytes
    text: str
    documents: tuple[Document, ...]
    extracted: bool = False  # the text was taken out of the file: see Reading
    encoding: str = ""  # as it was taken to be; "" where a format knows none


def files(source: Source) -> Iterator[tuple[str, Path]]:
    """Yield `(path inside the source, path)` of each file that a reader exists for, sorted.

    Hidden files and folders are left out, and links that lead out of the source.
    """
    if not source.path.is_dir():
        yield source.path.name, source.path
        return
    root = source.path.resolve()
    found = []
    for folder, folders, names in os.walk(source.path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in READERS:
                continue
            if not path.is_symlink() or path.resolve().is_relative_to(root):
                inside = path.relative_to(source.path).as_posix()
                # A name that is not UTF-8 can still be reported.
                found.append((inside.encode("utf-8", "backslashreplace").decode(), path))
    yield from sorted(found)


def read(source: str, file: str, path: Path, cuts: Cuts) -> FileContent:
    """Read one file into documents; raise UnreadableFile with the reason where that fails."""
    data = read_bytes(path)
    reading = parse(path, data)
    articles = mend(reading, cuts) if reading.raw else [_marked_up(reading)]
    documents = tuple(
        Document(
            id=f"{source}/{file}" + (f"#{number}" if len(articles) > 1 else ""),
            source=source,
            file=file,
            title=article.title or path.stem,
            byline=article.byline,
            date=_date_in_name(path) or article.date,
            blocks=group_clauses(article.blocks, reading.text),
        )
        for number, article in enumerate(articles, 1)
    )
    return FileContent(
        hashlib.sha256(data).hexdigest(),
        reading.text,
        documents,
        reading.extracted,
        reading.encoding,
    )


@cache
def reading_version() -> str:
    """Return what changes exactly when the code that reads, cuts or folds files does.

    A file that an older version read is read again, even though it did not change.
    """
    digest = hashlib.sha256()
    for name in (
        "blocks",
        "clauses",
        "folding",
        "mending",
        "passages",
        "sources",
        "terms",
        "readers/*",
    ):
        for path in sorted(Path(__file__).parent.glob(f"{name}.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raise UnreadableFile where that is impossible."""
    try:
        str(path).encode()
        return path.read_bytes()
    except UnicodeEncodeError as error:
        raise UnreadableFile(path, "has a name that is not UTF-8; rename it") from error
    except OSError as error:
        raise UnreadableFile(path, f"cannot be read: {error.strerror or error}") from error


def parse(path: Path, data: bytes) -> Reading:
    """Return what a file's bytes say; raise UnreadableFile where they say nothing."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise UnreadableFile(path, f"is of a kind that cannot be read; known are {known}")
    try:
        reading = reader(data)
    except NotReadable as error:
        raise UnreadableFile(path, str(error)) from error
    if not reading.blocks:
        raise UnreadableFile(path, "holds no text")
    return reading


def _date_in_name(path: Path) -> str:
    """Return the date that a file's name bears, as 工会法(2021-12-24).md does: its version."""
    found = re.search(r"(?<!\d)((?:19|20)\d\d)[-._](\d\d)[-._](\d\d)(?!\d)", path.stem)
    return f"{found[1]}年{int(found[2])}月{int(found[3])}日" if found else ""


def _marked_up(reading: Reading) -> Article:
    """Return the one article of a file whose author marked headings as such."""
    titles = [
        join(reading.text, block.spans)
        for block in takewhile(lambda block: block.role is not Role.BODY, reading.blocks)
        if block.role is Role.HEADING and block.level == 1
    ]
    notices = [join(reading.text, b.spans) for b in reading.blocks if b.role is Role.NOTICE]
    dates = [date for notice in notices for date in DATE.findall(notice)]
    title = reading.title or " ".join(titles) or _first_heading(reading)
    # The last one tells the version: passed, then amended, then in force.
    return Article(title, "", dates[-1] if dates else "", reading.blocks)


def _first_heading(reading: Reading) -> str:
    headings = [block for block in reading.blocks if block.role is Role.HEADING]
    best = min(headings, key=lambda block: block.level, default=None)
    return join(reading.text, best.spans) if best else ""
