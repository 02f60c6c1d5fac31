"""PowerPoint presentations: slide by slide, each with its title as the heading.

In: the bytes of a .pptx.  Out: a Reading of text taken out, places being the slides.  What
stands on a slide is read from top to bottom and from left to right, SmartArt with its points
one after the other; the speaker's notes follow it.  Hidden slides, and the date, number and
footer of each, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pptx
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.table import Table

from retrieval.blocks import Place, Reading
from retrieval.readers.office import Extract, opened, tidy
from retrieval.readers.tables import as_line, is_header, is_sure_header

_LINE = 300_000  # EMU, a third of an inch: what differs less in height stands side by side
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_FURNITURE = {PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER}


def read(data: bytes) -> Reading:
    """Read a presentation; raise NotReadable if it is none, protected or damaged."""
    with opened(data, "a PowerPoint presentation (.pptx)") as file:
        presentation = pptx.Presentation(file)
        extract = Extract()
        title = ""
        for number, slide in enumerate(presentation.slides, 1):
            if slide.element.get("show") in ("0", "false"):
                continue
            place = Place("slide", number, number)
            heading = _title(slide)
            title = title or heading
            extract.add(heading, place, level=2)
            for text in _slide(slide):
                extract.add(text, place)
        return extract.reading(title or presentation.core_properties.title)


def _title(slide: Slide) -> str:
    shape = slide.shapes.title
    return tidy(shape.text_frame.text) if shape is not None else ""


def _slide(slide: Slide) -> Iterator[str]:
    """Yield what a slide says under its title, and then its notes."""
    title = slide.shapes.title
    for shape in _in_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape(shape)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None:
        yield from (paragraph.text for paragraph in notes.paragraphs)


def _in_order(shapes: Iterable[BaseShape]) -> list[BaseShape]:
    return sorted(shapes, key=lambda shape: ((shape.top or 0) // _LINE, shape.left or 0))


def _shape(shape: BaseShape) -> Iterator[str]:
    if shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
        return
    if isinstance(shape, GroupShape):
        for part in _in_order(shape.shapes):
            yield from _shape(part)
    elif isinstance(shape, GraphicFrame) and shape.has_table:
        yield from _table(shape.table)
    elif isinstance(shape, GraphicFrame):
        yield from _points(shape)
    elif isinstance(shape, Shape):
        yield from (paragraph.text for paragraph in shape.text_frame.paragraphs)


def _points(shape: GraphicFrame) -> Iterator[str]:
    """Yield the texts of a diagram (SmartArt), which is a part of its own; of others, nothing."""
    for diagram in shape.element.iter(f"{{{_DIAGRAM}}}relIds"):
        part = shape.part.related_part(diagram.get(qn("r:dm")))
        for point in parse_xml(part.blob).iter(f"{{{_DIAGRAM}}}pt"):
            yield "".join(text.text or "" for text in point.iter(qn("a:t")))


def _table(table: Table) -> Iterator[str]:
    lines = [
        ["" if cell.is_spanned else tidy(cell.text_frame.text) for cell in row.cells]
        for row in table.rows
    ]
    names: list[str] = []
    # PowerPoint sets the first row off unless told otherwise: readers see a header there.
    marked = len(lines) > 1 and table.first_row and is_header(lines[0])
    if marked or is_sure_header(lines):
        names = lines.pop(0)
    yield from (as_line(line, names) for line in lines)
