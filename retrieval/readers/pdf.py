"""PDF: positioned characters to lines, columns, paragraphs and headings, each with its page.

In: the bytes of a file.  Out: a Reading whose text was rebuilt in reading order.  Here characters
become pieces of lines, as far as they stand close together; `layout` orders them, and
`wrapping` makes paragraphs of them.  Text that stands askew on its page (a watermark, a note
at the margin) is left out.  Pages that are pictures are counted here, and read by `retrieval.ocr`.
"""

from __future__ import annotations

import ctypes
import math
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as c
from msgspec import Struct
from msgspec.structs import replace

from retrieval.blocks import NotReadable, Reading
from retrieval.readers.forms import filled_in, prepare
from retrieval.readers.layout import Line, body, in_order
from retrieval.readers.wrapping import CJK, reading

LOCK = threading.Lock()  # PDFium knows no threads
_REMEDY = (
    "write `ocr: true` for its source in the YAML, with the program tesseract installed, or run: "
    "ocrmypdf -l chi_sim FILE OUT.pdf"
)
_LARGE = 0.6  # of a page: a picture that is no illustration
_MOST_OBJECTS = 200  # on a page: a scan has few, a drawing has many
# Control and private characters, but for the bullet of the font Symbol.
_RUBBISH = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ue000-\uf0b6\uf0b8-\uf8ff\ufffd-\uffff\U000e0000-\U0010ffff]"
)
_MISSING = 1000  # pages in a row that cannot be opened: their number is made up
_NO_TITLE = re.compile(
    r"microsoft |untitled|无标题|未命名|文档\s?\d|幻灯片|powerpoint|document\d*$|.*\.\w{2,4}$", re.I
)


class Page(Struct, frozen=True):
    """A page as it is found: the pieces of its lines, and what else there is on it."""

    pieces: list[Line]
    shows: bool = False  # anything at all, text or not
    picture: bool = False  # most of it is one


def read(data: bytes) -> Reading:
    """Read a PDF; raise NotReadable if it is none, is broken or locked, or holds no text."""
    reading, pages = parts(data)
    if not reading.blocks and any(page.shows for page in pages):
        raise NotReadable(f"holds no text but pictures of it: it needs OCR; {_REMEDY}")
    # A cover without text is nothing that is missed.
    scans = [n for n, page in enumerate(pages[1:-1], 2) if page.picture and not page.pieces]
    if not scans:
        return reading
    return replace(reading, problem=f"holds only pictures on {numbered(scans)}; {_REMEDY}")


def parts(data: bytes) -> tuple[Reading, list[Page]]:
    """Return what the text of a PDF says, and its pages: those without pieces say nothing.

    Raise NotReadable if it is no PDF, is broken or locked.
    """
    if b"%PDF-" not in data[:1024]:
        raise NotReadable("is not a PDF, whatever its name says; save or download it again")
    end = data.rfind(b"%%EOF")
    if end < 0 or b" obj" in data[end:]:
        raise NotReadable("breaks off before the end of the PDF; copy or download it again")
    with LOCK:
        found, title = _pages(data)
    kept = body([page.pieces for page in found])
    if not any(kept) and not any(page.picture for page in found):
        kept = [page.pieces for page in found]  # the same short page, several times
    pages = [replace(page, pieces=pieces) for page, pieces in zip(found, kept, strict=True)]
    return reading(in_order(kept), title), pages


def opened(data: bytes) -> pdfium.PdfDocument:
    """Return the file opened; raise NotReadable where it is locked or damaged.  LOCK is held."""
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (c.FPDF_ERR_PASSWORD, c.FPDF_ERR_SECURITY):
            advice = "needs a password; save a copy without one, for example with qpdf --decrypt"
            raise NotReadable(advice) from error
        raise NotReadable("is a damaged PDF; copy, download or export it again") from error


def numbered(pages: Sequence[int]) -> str:
    """Return “page 3”, or “pages 2, 4–9”."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    told = (str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
    return f"page{'s' * (len(pages) > 1)} {', '.join(told)}"


def _pages(data: bytes) -> tuple[list[Page], str]:
    with opened(data) as pdf:
        prepare(pdf)
        pages: list[Page | None] = []
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
    return [page or Page([]) for page in pages], title if sensible else ""


def _page(pdf: pdfium.PdfDocument, number: int) -> Page | None:
    """Return the pieces of lines of a page; None where it cannot be opened."""
    try:
        page = pdf[number - 1]
    except pdfium.PdfiumError:
        return None
    try:
        text = page.get_textpage()
        pieces = list(_pieces(text.raw, c.FPDFText_CountChars(text.raw), number))
        text.close()
        pieces += filled_in(page, number, pieces)
        shows, picture = _shown(page)
    except pdfium.PdfiumError:
        return None
    finally:
        page.close()
    return Page(_cleaned(pieces), shows, picture)


def _shown(page: pdfium.PdfPage) -> tuple[bool, bool]:
    """Return whether a page shows anything, and whether one picture covers most of it."""
    width, height = page.get_size()
    bounds, covers = [ctypes.c_float() for _ in range(4)], 0.0
    count = c.FPDFPage_CountObjects(page.raw)
    for i in range(count if count < _MOST_OBJECTS else 0):
        thing = c.FPDFPage_GetObject(page.raw, i)
        kinds = c.FPDF_PAGEOBJ_IMAGE, c.FPDF_PAGEOBJ_FORM
        if c.FPDFPageObj_GetType(thing) in kinds and c.FPDFPageObj_GetBounds(thing, *bounds):
            left, bottom, right, top = (bound.value for bound in bounds)
            covers = max(covers, (right - left) * (top - bottom))
    return count > 0, covers >= _LARGE * width * height > 0


def _cleaned(pieces: list[Line]) -> list[Line]:
    """Return the pieces in characters that can be shown; none where a font hides them."""
    for piece in pieces:
        # Characters beyond 16 bits come as two; radicals stand for characters in some fonts.
        whole = piece.text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
        piece.text = re.sub("[⺀-⿕]", lambda m: unicodedata.normalize("NFKC", m[0]), whole)
    everything = "".join(piece.text for piece in pieces)
    if 3 * len(_RUBBISH.findall(everything)) > len(everything):
        return []  # a font that does not say what its glyphs mean
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
