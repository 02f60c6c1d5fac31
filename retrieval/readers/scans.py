"""The pages of a PDF that bear no text, as pictures: what OCR is given.

In: the bytes of a PDF.  Out: the Reading of the pages that do bear text, and a way to draw each
of the others as a grey PNG of 300 dots per inch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

import pypdfium2 as pdfium
from msgspec import Struct

from retrieval.blocks import NotReadable, Reading
from retrieval.readers.pdf import LOCK, numbered, opened, parts

DOTS = 300  # per inch: what tesseract reads best
_MOST_PIXELS = 50_000_000  # a newspaper's page has 30 million; a page of absurd size has fewer dots
_LONGEST = 30_000  # pixels: tesseract takes 32,767


class Scans(Struct, frozen=True):
    """A PDF whose pages can be drawn."""

    reading: Reading  # of the pages with text; without blocks where there is none
    pages: tuple[int, ...]  # from 1: those that show something, but no text
    _pdf: pdfium.PdfDocument

    def named(self, pages: Sequence[int]) -> str:
        """Return “page 3”, or “pages 2, 4–9”."""
        return numbered(pages)

    def draw(self, page: int) -> bytes:
        """Return a page as a PNG; raise NotReadable if it is damaged."""
        with LOCK:
            try:
                return _drawn(self._pdf[page - 1])
            except (pdfium.PdfiumError, ValueError, MemoryError) as error:
                raise NotReadable("the page cannot be drawn") from error


@contextmanager
def scans(data: bytes) -> Iterator[Scans]:
    """Open a PDF to draw its pages; raise NotReadable if it is none, broken or locked."""
    reading, pages = parts(data)
    silent = tuple(n for n, page in enumerate(pages, 1) if page.shows and not page.pieces)
    with LOCK:
        pdf = opened(data)
    try:
        yield Scans(reading, silent, pdf)
    finally:
        with LOCK:
            pdf.close()


def _drawn(page: pdfium.PdfPage) -> bytes:
    width, height = page.get_size()  # in points, 72 an inch
    scale = min(
        DOTS / 72, math.sqrt(_MOST_PIXELS / (width * height)), _LONGEST / max(width, height)
    )
    picture = BytesIO()
    image = page.render(scale=scale, grayscale=True).to_pil()
    image.save(picture, "PNG", dpi=(72 * scale, 72 * scale), compress_level=1)
    page.close()
    return picture.getvalue()
