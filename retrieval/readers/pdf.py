"""PDF: positioned characters to lines, columns, paragraphs and headings, each with its page.

In: the bytes of a file.  Out: a Reading whose text was rebuilt in reading order.  Here characters
become pieces of lines, as far as they stand close together; `layout` orders them, and
`wrapping` makes paragraphs of them.  Text that stands askew on its page (a watermark, a note
at the margin) is left out.
"""

from __future__ import annotations

import ctypes
import math
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as c

from retrieval.blocks import NotReadable, Reading
from retrieval.readers.layout import Line, body, in_order
from retrieval.readers.wrapping import CJK, reading

_LOCK = threading.Lock()  # PDFium knows no threads
_SCAN = (
    "holds no text but pictures of it; run OCR first, for example: ocrmypdf -l chi_sim FILE OUT.pdf"
)
# Control and private characters, but for the bullet of the font Symbol.
_RUBBISH = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ue000-\uf0b6\uf0b8-\uf8ff\ufffd-\uffff\U000e0000-\U0010ffff]"
)
_MISSING = 1000  # pages in a row that cannot be opened: their number is made up
_NO_TITLE = re.compile(
    r"microsoft |untitled|无标题|未命名|文档\s?\d|幻灯片|powerpoint|document\d*$|.*\.\w{2,4}$", re.I
)


def read(data: bytes) -> Reading:
    """Read a PDF; raise NotReadable if it is none, is broken or locked, or holds no text."""
    if b"%PDF-" not in data[:1024]:
        raise NotReadable("is not a PDF, whatever its name says; save or download it again")
    end = data.rfind(b"%%EOF")
    if end < 0 or b" obj" in data[end:]:
        raise NotReadable("breaks off before the end of the PDF; copy or download it again")
    with _LOCK:
        pages, title = _pages(data)
    if not any(pages):
        raise NotReadable(_SCAN)
    return reading(in_order(body(pages)), title)


def _pages(data: bytes) -> tuple[list[list[Line]], str]:
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (c.FPDF_ERR_PASSWORD, c.FPDF_ERR_SECURITY):
            advice = "needs a password; save a copy without one, for example with qpdf --decrypt"
            raise NotReadable(advice) from error
        raise NotReadable("is a damaged PDF; copy, download or export it again") from error
    with pdf:
        pages: list[list[Line] | None] = []
        for number in range(1, len(pdf) + 1):
            pages.append(_page(pdf, number))
            if pages[-_MISSING:] == [None] * _MISSING:
                break
        if all(page is None for page in pages):
            raise NotReadable("is a damaged PDF without a page; copy or export it again")
        try:
            title = " ".join(pdf.get_metadata_value("Title").split())
        except ValueError:  # not UTF-16
            title = ""
    sensible = 1 < len(title) < 120 and title.isprintable() and not _NO_TITLE.match(title)
    return [page or [] for page in pages], title if sensible else ""


def _page(pdf: pdfium.PdfDocument, number: int) -> list[Line] | None:
    """Return the pieces of lines of a page; None where it cannot be opened."""
    try:
        page = pdf[number - 1]
    except pdfium.PdfiumError:
        return None
    try:
        text = page.get_textpage()
        pieces = list(_pieces(text.raw, c.FPDFText_CountChars(text.raw), number))
        text.close()
    except pdfium.PdfiumError:
        return None
    finally:
        page.close()
    for piece in pieces:
        # Characters beyond 16 bits come as two; radicals stand for characters in some fonts.
        whole = piece.text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
        piece.text = re.sub("[⺀-⿕]", lambda m: unicodedata.normalize("NFKC", m[0]), whole)
    everything = "".join(piece.text for piece in pieces)
    if 3 * len(_RUBBISH.findall(everything)) > len(
        everything
    ):  # a font that does not say what its glyphs mean
        return []
    for piece in pieces:
        piece.text = _RUBBISH.sub("", piece.text).strip()
    return [piece for piece in pieces if piece.text]


def _pieces(text: object, count: int, page: int) -> Iterator[Line]:
    angles = Counter(round(_angle(text, i) * 2 / math.pi) % 4 for i in range(0, count, 20))
    turn = angles.most_common(1)[0][0] if angles else 0
    box, piece, first, last, space = c.FS_RECTF(), None, 0, 0, ""
    for i in range(count):
        code = c.FPDFText_GetUnicode(text, i)
        character = "-" if code in (0x2, 0xAD, 0xFFFE) else chr(code)
        if character.isspace() or not code or character in "\u200b\ufeff":
            # PDFium adds spaces where letters stand apart: in Chinese they always do.
            added = c.FPDFText_IsGenerated(text, i) and piece and CJK.match(piece.text[-1])
            space = space or ("" if added else " ")
            continue
        c.FPDFText_GetLooseCharBox(text, i, box)
        x0, y0, x1, y1 = _turned(box, turn)
        near = 0.8 * (y1 - y0)
        if piece and piece.beside(y0, y1) and -near < x0 - piece.x1 < near:
            piece.text += space + character
            piece.x1, last = max(piece.x1, x1), i
            piece.y0, piece.y1 = min(piece.y0, y0), max(piece.y1, y1)
        else:
            if piece and _styled(piece, text, first, last, turn):
                yield piece
            piece, first, last = Line(character, page, x0, y0, x1, y1), i, i
        space = ""
    if piece and _styled(piece, text, first, last, turn):
        yield piece


def _angle(text: object, i: int) -> float:
    return float(c.FPDFText_GetCharAngle(text, i))


def _turned(box: c.FS_RECTF, turn: int) -> tuple[float, float, float, float]:
    """Return a box as on a page whose text runs from left to right: x0, y0, x1, y1."""
    x0, y0, x1, y1 = box.left, box.bottom, box.right, box.top
    turned = ((x0, y0, x1, y1), (-y1, x0, -y0, x1), (-x1, -y1, -x0, -y0), (y0, -x1, y1, -x0))
    return turned[turn]


def _styled(piece: Line, text: object, first: int, last: int, turn: int) -> bool:
    """Find out size and weight of a piece; return whether it runs as its page does."""
    matrix, flags, name = c.FS_MATRIX(), ctypes.c_int(), ctypes.create_string_buffer(100)
    piece.bold = True
    for i in {first, last}:
        c.FPDFText_GetMatrix(text, i, matrix)
        size = c.FPDFText_GetFontSize(text, i) * math.hypot(matrix.c, matrix.d)
        piece.size = max(piece.size, round(2 * size) / 2 if 1 < size < 1000 else 1.0)
        c.FPDFText_GetFontInfo(text, i, name, len(name), flags)
        named = re.search(rb"bold|black|heavy|simhei", name.value, re.I) is not None
        piece.bold &= named or c.FPDFText_GetFontWeight(text, i) >= 600
    off = (_angle(text, first) - turn * math.pi / 2) % math.tau
    finite = math.isfinite(piece.x0 + piece.y0 + piece.x1 + piece.y1)
    return finite and min(off, math.tau - off) < 0.1
