"""Pictures of text to text: tesseract reads them, a folder keeps what it read.

In: the bytes of a picture, or of a PDF with pages that are pictures.  Out: a Reading; where all
of it was read by OCR, its blocks are lines as they came, and `mending` makes paragraphs of them.
A page is read once: what it said is kept by the file's hash and the languages.  One that
cannot be read is named in the Reading's problem; the others are read all the same.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from retrieval import tesseract
from retrieval.blocks import Block, NotReadable, Place, Reading, Span
from retrieval.readers import Reader, loaded
from retrieval.readers.layout import Line, body

if TYPE_CHECKING:
    from retrieval.readers.scans import Scans

PICTURES = {  # suffix to how such a file begins
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".tif": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    ".tiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
}
_FAILURES = 3  # pages in a row that fail: then the others are not tried
_HAN = "\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_SPACE = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")  # tesseract puts one between any two characters


class Ocr(Struct, frozen=True):
    """Reads pictures of text, and keeps what they say in `folder`."""

    folder: Path
    patience: float = 300.0  # seconds that a page may take

    def readers(self) -> dict[str, Reader]:
        """Return the readers that need OCR, by suffix; as those of READERS, they raise NotReadable.

        The text of a PDF that has some is taken as it is.
        """
        return {".pdf": self._read_pdf, **dict.fromkeys(PICTURES, self._read_picture)}

    def _read_picture(self, data: bytes) -> Reading:
        suffix = next((s for s, marks in PICTURES.items() if data.startswith(marks)), None)
        if suffix is None:
            # Tesseract would take it for a list of files to be read, wherever they are.
            raise NotReadable("is no PNG, JPEG or TIFF picture, whatever its name says")
        try:
            text = self._text(_hash(data), 1, suffix, lambda: data)
        except tesseract.Missing:
            raise
        except NotReadable as error:
            raise NotReadable(f"could not be read by OCR: {error}") from error
        # A TIFF may hold several pages.
        pages = dict(enumerate(text.rstrip("\f").split("\f"), 1))
        return _laid_out({number: _lines(page) for number, page in pages.items()})

    def _read_pdf(self, data: bytes) -> Reading:
        with loaded("scans").scans(data) as pdf:
            reading: Reading = pdf.reading
            found, problem = self._pages(_hash(data), pdf)
        if problem and not found and not reading.blocks:
            raise NotReadable(problem)
        if found:
            pages = {number: _lines(text) for number, text in found.items()}
            reading = _woven(reading, pages) if reading.blocks else _laid_out(pages)
        return replace(reading, problem=problem)

    def _pages(self, hash: str, pdf: Scans) -> tuple[dict[int, str], str]:
        """Return what the pages without text say, and as a sentence which cannot be read."""
        found: dict[int, str] = {}
        failed: dict[str, list[int]] = {}
        in_a_row = 0
        for page in pdf.pages:
            try:
                if in_a_row == _FAILURES:
                    raise NotReadable("the pages before could not, either")
                draw = partial(pdf.draw, page)
                found[page] = self._text(hash, page, ".png", draw)
                in_a_row = 0
            except tesseract.Missing as error:
                rest = [page for page in pdf.pages if page not in found]
                return found, f"holds only pictures on {pdf.named(rest)}, and {error}"
            except NotReadable as error:
                failed.setdefault(str(error), []).append(page)
                in_a_row = min(in_a_row + 1, _FAILURES)
        told = (f"on {pdf.named(pages)}: {why}" for why, pages in failed.items())
        return found, f"could not be read by OCR {'; '.join(told)}" if failed else ""

    def _text(self, hash: str, page: int, suffix: str, draw: Callable[[], bytes]) -> str:
        """Return what a page says: as it is kept or, where it is not, as tesseract reads it."""
        languages = tesseract.version()
        # Without tesseract, what it once read in whatever languages is better than nothing.
        folders = [f"{hash}.{languages}"] if languages else self._folders(hash)
        for folder in folders:
            with suppress(OSError):
                return Path(self.folder, folder, f"{page}.txt").read_text("utf-8")
        text = tesseract.read(draw(), suffix, self.patience)
        kept = Path(self.folder, f"{hash}.{languages}", f"{page}.txt")
        with suppress(OSError):  # where nothing can be kept, it is read again next time
            kept.parent.mkdir(parents=True, exist_ok=True)
            new = kept.with_name(f"{page}.{os.getpid()}")
            new.write_text(text, "utf-8")
            new.replace(kept)
        return text

    def _folders(self, hash: str) -> list[str]:
        return sorted(folder.name for folder in self.folder.glob(f"{hash}.*"))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- what was read ------------------------------------------------------------------------------


def _lines(text: str) -> list[str]:
    """Return the lines of a page, one blank one between paragraphs; what is added is left out."""
    lines = [_SPACE.sub("", line.strip()) for line in text.replace("\f", "\n").split("\n")]
    return [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]


def _laid_out(pages: dict[int, list[str]]) -> Reading:
    """Return the lines of pages as blocks, for mending; running heads and page numbers left out."""
    text, blocks = "", []
    for number, lines in _without_heads(pages).items():
        for line in lines:
            if line:
                span = len(text), len(text) + len(line)
                blocks.append(Block((span,), Place("page", number, number)))
            text += line + "\n"
        text += "\n"
    return Reading(text, tuple(blocks), raw=True, extracted=True)


def _without_heads(pages: dict[int, list[str]]) -> dict[int, list[str]]:
    """Return pages less running heads and page numbers, as `layout` knows them by their heights."""
    if len(pages) == 1:
        return pages  # a number at its edge may be anything
    kept = body([_set(page, lines) for page, lines in pages.items()])
    heights = {(line.page, line.y0) for lines in kept for line in lines}
    return {
        page: [
            line
            for line, y in zip(lines, _heights(len(lines)), strict=True)
            if not line or (page, y) in heights
        ]
        for page, lines in pages.items()
    }


def _set(page: int, lines: list[str]) -> list[Line]:
    placed = zip(lines, _heights(len(lines)), strict=True)
    return [Line(line, page, 0, y, 1, y + 10) for line, y in placed if line]


def _heights(count: int) -> list[float]:
    """Return heights for lines: of the upper half from the top, of the lower from the foot."""
    half = count // 2
    return [1e6 - 20 * i for i in range(half)] + [20.0 * i for i in reversed(range(count - half))]


def _woven(reading: Reading, pages: dict[int, list[str]]) -> Reading:
    """Return a reading with the paragraphs of further pages where they belong."""
    pieces: list[tuple[list[str], Block]] = []
    waiting = list(pages)
    for block in (*reading.blocks, None):
        while waiting and (block is None or waiting[0] < block.place.first):
            page = waiting.pop(0)
            place = Place("page", page, page)
            pieces += [(lines, Block((), place)) for lines in _paragraphs(pages[page])]
        if block is not None:
            pieces.append(([reading.text[slice(*span)] for span in block.spans], block))
    text, blocks = "", []
    for lines, block in pieces:
        spans: list[Span] = []
        for line in lines:
            spans.append((len(text), len(text) + len(line)))
            text += line + "\n"
        text += "\n"
        blocks.append(replace(block, spans=tuple(spans)))
    return replace(reading, text=text, blocks=tuple(blocks))


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    for blank, group in groupby(lines, key=lambda line: not line):
        if not blank:
            yield list(group)
