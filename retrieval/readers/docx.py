"""Word documents: paragraphs and the rows of tables, in the order of the document.

In: the bytes of a .docx.  Out: a Reading of text taken out.  Word knows no pages until it
prints, so places count the blocks.  Headings are what has a heading's style; headers and
footers are left out, footnotes and endnotes come last.  What a tracked change deleted is no text,
what it inserted is, and so are the numbers that Word puts before paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement

from retrieval.blocks import Place, Reading, Role
from retrieval.readers.numbering import Numbering
from retrieval.readers.office import Extract, opened, tidy
from retrieval.readers.tables import as_line, is_header, is_sure_header

_P, _TBL, _TR, _TC, _T = (qn(f"w:{name}") for name in ("p", "tbl", "tr", "tc", "t"))
_BOX = qn("w:txbxContent")
_BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
# Deleted and moved-away text, the copy of a drawing for old programs, and a paragraph's settings.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED = {qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), _FALLBACK}

_HEADING = re.compile(r"(?:heading|标题)\s*([1-6])", re.IGNORECASE)


class Style(NamedTuple):
    """What a paragraph's style says that it is."""

    level: int = 0  # 0: none, 1 to 6; a title is `title` instead
    title: bool = False
    role: Role = Role.BODY


class Paragraph(NamedTuple):
    """A paragraph, or the row of a table."""

    text: str
    style: Style
    row: bool = False


class Look(NamedTuple):
    """What is not said in a paragraph itself."""

    styles: dict[str, Style]  # by their ids
    numbers: dict[BaseOxmlElement, str]  # what Word puts before a paragraph


def read(data: bytes) -> Reading:
    """Read a document; raise NotReadable if it is none, protected or damaged."""
    with opened(data, "a Word document (.docx)") as file:
        document = docx.Document(file)
        look = Look(_styles(document), _numbers(document))
        found = [*_blocks(document.element.body, look), *_notes(document)]
        title = " ".join(paragraph.text for paragraph in found if paragraph.style.title)
        # Level 1 is the document's own title: with several chapters, it is not theirs.
        chapters = sum(paragraph.style.level == 1 for paragraph in found)
        deeper = int(bool(title) or chapters > 1)
        extract = Extract()
        for paragraph in found:
            number = len(extract) + 1
            level = paragraph.style.level and min(paragraph.style.level + deeper, 6)
            level = 1 if paragraph.style.title else level
            place, role = Place("part", number, number), paragraph.style.role
            extract.add(paragraph.text, place, level, role, row=paragraph.row)
        return extract.reading(title or document.core_properties.title)


def _styles(document: Document) -> dict[str, Style]:
    """Return what each style means, by its id; one that is built on another means the same."""
    elements = {str(style.get(qn("w:styleId"))): style for style in document.styles.element}
    found = {}
    for id in elements:
        meaning, at, seen = Style(), id, set[str]()
        while meaning == Style() and at in elements and at not in seen:
            seen.add(at)
            meaning = _meaning(_setting(elements[at], "w:name"))
            at = _setting(elements[at], "w:basedOn")
        found[id] = meaning
    return found


def _meaning(name: str) -> Style:
    if heading := _HEADING.fullmatch(name):
        return Style(level=int(heading[1]))
    name = name.lower()
    if name in ("title", "标题"):
        return Style(title=True)
    if name in ("caption", "题注"):
        return Style(role=Role.CAPTION)
    # A table of contents says again what the headings say.
    return Style(role=Role.NOTICE) if re.fullmatch(r"(?:toc|目录)\s*\d", name) else Style()


def _setting(element: BaseOxmlElement | None, path: str) -> str:
    """Return the value of a setting, such as `<w:name w:val="Title"/>`; "" where it is not set."""
    for name in path.split("/"):
        element = None if element is None else element.find(qn(name))
    return "" if element is None else str(element.get(qn("w:val"), "on"))


def _numbers(document: Document) -> dict[BaseOxmlElement, str]:
    part = next(_parts(document, "/numbering"), None)
    if part is None:
        return {}
    numbering = Numbering(part, document.styles.element.iterchildren(qn("w:style")))
    paragraphs = document.element.body.iter(_P)
    shown = (p for p in paragraphs if next(p.iterancestors(_FALLBACK), None) is None)
    return {paragraph: numbering.label(paragraph) for paragraph in shown}


def _parts(document: Document, kind: str) -> Iterator[BaseOxmlElement]:
    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(kind):
            yield parse_xml(relation.target_part.blob)


def _blocks(parent: BaseOxmlElement, look: Look) -> Iterator[Paragraph]:
    """Yield the paragraphs and rows in an element, whatever they are wrapped in."""
    for child in parent:
        if child.tag == _P:
            yield Paragraph(_numbered(child, look), _style(child, look.styles))
            for box in _within(child, _BOX):
                yield from _blocks(box, look)
        elif child.tag == _TBL:
            yield from _table(child, look)
        elif child.tag not in _SKIPPED:
            yield from _blocks(child, look)


def _numbered(paragraph: BaseOxmlElement, look: Look) -> str:
    """Return the text of a paragraph with its number; where there is no text, there is none."""
    text = _text(paragraph)
    return look.numbers.get(paragraph, "") + text if text.strip() else ""


def _style(paragraph: BaseOxmlElement, styles: dict[str, Style]) -> Style:
    style = styles.get(_setting(paragraph, "w:pPr/w:pStyle"), Style())
    outline = _setting(paragraph, "w:pPr/w:outlineLvl")
    if style == Style() and outline in tuple("012345"):
        return Style(level=int(outline) + 1)
    return style


def _text(element: BaseOxmlElement) -> str:
    """Return the text of a paragraph without that of boxes anchored in it."""
    text = ""
    for child in element:
        if child.tag == _T:
            text += child.text or ""
        elif child.tag in _BREAKS:
            text += _BREAKS[child.tag]
        elif child.tag not in _SKIPPED and child.tag != _BOX:
            text += _text(child)
    return text


def _within(element: BaseOxmlElement, tag: str) -> Iterator[BaseOxmlElement]:
    """Yield the elements with this tag, not those inside of them."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in _SKIPPED:
            yield from _within(child, tag)


def _table(table: BaseOxmlElement, look: Look) -> Iterator[Paragraph]:
    rows = [row for row in _within(table, _TR) if not _setting(row, "w:trPr/w:del")]
    lines = [list(_cells(row, look)) for row in rows]
    if all(len(line) <= 1 for line in lines):  # a frame around paragraphs
        for row in rows:
            for cell in _within(row, _TC):
                yield from _blocks(cell, look)
        return
    names: list[str] = []
    marked = len(rows) > 1 and _is_marked(rows[0]) and not _is_marked(rows[1])
    texts = [[text or "" for text in line] for line in lines]
    if (marked and is_header(texts[0])) or is_sure_header(texts):
        names = texts[0]
        lines.pop(0)
    above: list[str] = []
    for line in lines:
        # A cell over several rows counts for each of them.
        above = [
            (above[i] if i < len(above) else "") if text is None else text
            for i, text in enumerate(line)
        ]
        yield Paragraph(as_line(above, names), Style(), row=True)


def _cells(row: BaseOxmlElement, look: Look) -> Iterator[str | None]:
    """Yield the texts of a row's cells, None for one that goes on from the row above.

    A cell across several columns is followed by empty ones.
    """
    for cell in _within(row, _TC):
        merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
        if merged is not None and merged.get(qn("w:val"), "continue") == "continue":
            yield None
        else:
            yield tidy("\n".join(_numbered(paragraph, look) for paragraph in _within(cell, _P)))
        width = _setting(cell, "w:tcPr/w:gridSpan")
        # Word allows 63 columns.
        yield from [""] * (min(int(width), 63) - 1 if width.isdecimal() else 0)


def _is_marked(row: BaseOxmlElement) -> bool:
    """Return whether a row is repeated on every page, or bold throughout."""
    if _setting(row, "w:trPr/w:tblHeader") not in ("", "0", "false"):
        return True
    bold = [
        _setting(run, "w:rPr/w:b") not in ("", "0", "false")
        for run in _within(row, qn("w:r"))
        if _text(run).strip()
    ]
    return bool(bold) and all(bold)


def _notes(document: Document) -> Iterator[Paragraph]:
    for kind in ("/footnotes", "/endnotes"):
        for notes in _parts(document, kind):
            for note in notes:
                if note.get(qn("w:type")) in (None, "normal"):  # others are the line above them
                    texts = (_text(paragraph) for paragraph in _within(note, _P))
                    yield Paragraph("\n".join(texts), Style())
