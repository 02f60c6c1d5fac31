"""What was filled into the form of a PDF: it is no text of its page.

In: a page of an open file.  Out: pieces of lines where the fields stand, as `pdf` makes them of
text.  Marks in boxes are left out: they say nothing without the words beside them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as c

from retrieval.readers.layout import Line

_WRITTEN = (c.FPDF_FORMFIELD_TEXTFIELD, c.FPDF_FORMFIELD_COMBOBOX, c.FPDF_FORMFIELD_LISTBOX)
_PLAIN = 10.0  # points: the size of letters on a page that has no text


def prepare(pdf: pdfium.PdfDocument) -> None:
    """Have the fields of a file known, if it has any: before its pages are opened."""
    with suppress(pdfium.PdfiumError):
        if pdf.get_formtype() != c.FORMTYPE_NONE:
            pdf.init_forms()


def filled_in(page: pdfium.PdfPage, number: int, pieces: list[Line]) -> Iterator[Line]:
    """Yield what stands in a page's fields, in letters as large as its text."""
    form = page.pdf.formenv
    if form is None:
        return
    size = median(piece.size for piece in pieces) if pieces else _PLAIN
    for i in range(c.FPDFPage_GetAnnotCount(page.raw)):
        field, box = c.FPDFPage_GetAnnot(page.raw, i), c.FS_RECTF()
        if c.FPDFAnnot_GetFormFieldType(form.raw, field) in _WRITTEN:
            c.FPDFAnnot_GetRect(field, box)
            lines = _value(form, field).replace("\r", "\n").split("\n")
            # One line stands in the middle of its field, as its label does; several begin above.
            top = box.top if len(lines) > 1 else (box.bottom + box.top + size) / 2
            for n, text in enumerate(line.strip() for line in lines):
                y = top - (n + 1) * 1.2 * size + 0.2 * size
                if text:
                    yield Line(text, number, box.left, y, box.right, y + size, size)
        c.FPDFPage_CloseAnnot(field)


def _value(form: pdfium.PdfFormEnv, field: object) -> str:
    count = c.FPDFAnnot_GetFormFieldValue(form.raw, field, None, 0)
    buffer = (ctypes.c_ushort * (count // 2 + 1))()
    c.FPDFAnnot_GetFormFieldValue(form.raw, field, buffer, count)
    return bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0")
