"""A file of a Source to Documents: what is in it, and what its owner says of it."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import asdict, replace

from retrieval.blocks import DATE, Block, NotReadable, Reading, Role, join
from retrieval.errors import UnreadableFile
from retrieval.readers import READERS
from retrieval.walking import Language as Language  # "as": for others to import from here
from retrieval.walking import Source as Source
from retrieval.walking import Split, leads_out, path_of, pictures

# What reads files is loaded when there is one to be read: most questions find none changed.
if TYPE_CHECKING:
    from retrieval.mending import Article
    from retrieval.mending.paragraphs import Cuts
    from retrieval.ocr import Ocr

_UNREAD = {"name", "path", "exclude", "visible_to"}  # of a Source: they change no document


class Document(Struct, frozen=True):
    """One article: a file is one, or, as a newspaper page, holds several."""

    id: str  # "source/path", or "source/path#2" for the second of several: stable between runs
    source: str
    file: str  # path inside the source; the file's name, where the source is one file
    title: str
    byline: str  # "" where none is printed
    date: str  # as printed; "" where none is
    blocks: tuple[Block, ...]
    place: str = ""  # that the owner says it is about
    language: Language | None = None  # that the owner says it is in


class FileContent(Struct, frozen=True):
    """A file as it was read: its decoded text, what identifies it, and its documents."""

    hash: str  # SHA-256 of the bytes
    text: str
    documents: tuple[Document, ...]
    extracted: bool = False  # the text was taken out of the file: see Reading
    encoding: str = ""  # as it was taken to be; "" where a format knows none
    problem: str = ""  # what of it could not be read; "" where all of it was


MOST_BYTES = 1_000_000_000  # of a file: one beyond that would fill the memory


def read(source: Source, file: str, path: Path, cuts: Cuts, ocr: Ocr | None = None) -> FileContent:
    """Read one file into documents; raise UnreadableFile with the reason where that fails.

    What a document itself says goes before what the owner says of its source, but for the
    title of a source that is one file with one document: that is the owner's.
    """
    if not source.is_file:
        _check(source, file, path)
    data = read_bytes(path)
    content_hash = hashlib.sha256(data).hexdigest()
    reading = parse(path, data, ocr)
    del data  # a large file need not be held twice
    if reading.raw and source.split != "row":
        from retrieval.mending import mend

        articles = mend(reading, cuts)
    else:
        articles = [_marked_up(reading)]
    own_title = source.title if len(articles) == 1 and source.is_file else ""
    documents = tuple(
        Document(
            id=f"{source.name}/{file}" + (f"#{number}" if len(articles) > 1 else ""),
            source=source.name,
            file=file,
            title=own_title or article.title or source.title or Path(file).stem,
            byline=article.byline,
            date=_date_in_name(path) or article.date or _printed(source.date),
            blocks=_divided(article.blocks, reading.text, source.split),
            place=source.place,
            language=source.language,
        )
        for number, article in enumerate(articles, 1)
    )
    return FileContent(
        content_hash,
        reading.text,
        documents,
        reading.extracted,
        reading.encoding,
        reading.problem,
    )


def _check(source: Source, file: str, path: Path) -> None:
    """Raise UnreadableFile where a file is not the source's own, or cannot be found again."""
    if path.is_symlink() and leads_out(source, str(path)):
        advice = "make what it leads to a source of its own, or exclude the link"
        raise UnreadableFile(path, f"is a link that leads out of its source; {advice}")
    if path_of(source, file) != path:
        raise UnreadableFile(path, "has a name that is not UTF-8; rename it")


def _divided(blocks: tuple[Block, ...], text: str, split: Split | None) -> tuple[Block, ...]:
    """Return blocks as passages are to be made of them."""
    from retrieval.clauses import group_clauses, rows

    match split:
        case "paragraph":
            return blocks
        case "row":
            return rows(blocks, text)
        case "clause":
            return group_clauses(blocks, text, fewest=1)
    return group_clauses(blocks, text)


def ocr_of(source: Source, index: Path) -> Ocr | None:
    """Return what reads the pictures of a source, and keeps what they say beside the index."""
    if not source.ocr:
        return None
    from retrieval.ocr import Ocr

    return Ocr(index / "ocr")


def reading_version(source: Source, words: str) -> str:
    """Return what changes exactly when the files of a source have to be read again.

    That is when the code that reads, cuts or folds them was changed, what the owner says of
    their documents, the `words` of the owner's own (Analyzer.version), or OCR would read others.
    """
    said = {name: value for name, value in asdict(source).items() if name not in _UNREAD}
    pictures = _tesseract() if source.ocr else ""
    key = repr((_code_version(), words, said, bool(source.title) and source.is_file, pictures))
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _tesseract() -> str:
    from retrieval import tesseract

    return tesseract.version()


@cache
def _code_version() -> str:
    digest = hashlib.sha256()
    for name in (
        "blocks.py",
        "clauses.py",
        "cutting.py",
        "dictionary.py",
        "folding.py",
        "mending/*.py",
        "ocr.py",
        "passages.py",
        "preparing.py",
        "sounds.*",
        "sources.py",
        "surnames.py",
        "terms.py",
        "tesseract.py",
        "vocabulary.py",
        "readers/*.py",
    ):
        for path in sorted(Path(__file__).parent.glob(name)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raise UnreadableFile where that is impossible."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            closed = not os.access(path, os.R_OK | os.X_OK)
            advice = "allow opening and reading it" if closed else "name a file in it"
            raise UnreadableFile(path, f"is a folder and cannot be read as a file; {advice}")
        if not stat.S_ISREG(about.st_mode):  # it might never end, or never begin
            what = "is no file but a pipe, a socket or a device"
            raise UnreadableFile(path, f"{what}; take it away or exclude it")
        if about.st_size > MOST_BYTES:
            raise UnreadableFile(path, f"is larger than {MOST_BYTES // 10**6} MB; divide it")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path, f"cannot be read: {error.strerror or error}") from error


def parse(path: Path, data: bytes, ocr: Ocr | None = None) -> Reading:
    """Return what a file's bytes say; raise UnreadableFile where they say nothing.

    `ocr` reads what is a picture of text; None where the owner did not ask for that.
    """
    suffix = path.suffix.lower()
    readers = READERS | (ocr.readers() if ocr else {})
    if suffix not in readers and suffix in pictures():
        advice = (
            "write `ocr: true` for its source in the YAML, with the program tesseract installed"
        )
        raise UnreadableFile(path, f"is a picture: it needs OCR; {advice}")
    if suffix not in readers:
        known = ", ".join(sorted(READERS))
        raise UnreadableFile(path, f"is of a kind that cannot be read; known are {known}")
    if not data:
        raise UnreadableFile(path, "is empty: it has 0 bytes")
    try:
        reading = readers[suffix](data)
    except NotReadable as error:
        raise UnreadableFile(path, str(error)) from error
    if not reading.blocks:
        raise UnreadableFile(path, "holds no text")
    return reading


def _date_in_name(path: Path) -> str:
    """Return the date that a file's name bears, as 工会法(2021-12-24).md does: its version."""
    found = re.search(r"(?<!\d)((?:19|20)\d\d)[-._](\d\d)[-._](\d\d)(?!\d)", path.stem)
    return _printed("-".join(found.groups())) if found else ""


def _printed(date: str) -> str:
    """Return 2023-04-26, or as much of it as is known, as documents have it: 2023年4月26日."""
    numbers = date.split("-") if date else []
    return "".join(f"{int(n)}{unit}" for n, unit in zip(numbers, "年月日", strict=False))


def _marked_up(reading: Reading) -> Article:
    """Return the one article of a file whose author marked headings as such."""
    from retrieval.clauses import opening_title
    from retrieval.mending import Article

    if not reading.title:
        reading = replace(reading, blocks=opening_title(reading.blocks, reading.text))
    titles = [
        join(reading.text, block.spans)
        for block in takewhile(lambda block: block.role is not Role.BODY, reading.blocks)
        if block.role is Role.HEADING and block.level == 1
    ]
    notices = [b for b in reading.blocks if b.role is Role.NOTICE and not b.row]
    dates = [date for b in notices for date in DATE.findall(join(reading.text, b.spans))]
    title = reading.title or " ".join(titles) or _first_heading(reading)
    # The last one tells the version: passed, then amended, then in force.
    return Article(title, "", dates[-1] if dates else "", reading.blocks)


def _first_heading(reading: Reading) -> str:
    from retrieval.clauses import is_numbered

    headings = [block for block in reading.blocks if block.role is Role.HEADING]
    best = min(headings, key=lambda block: block.level, default=None)
    if best is None or is_numbered(best, reading.text):
        return ""  # 第一章 is not what the whole is called
    return join(reading.text, best.spans)
