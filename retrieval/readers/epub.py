"""A book to its text: the chapters in their order, each block placed by its chapter.

In: the bytes of an .epub file, a zip of XHTML pages with a list of them (OPF).  Out: a Reading
of extracted text; a chapter is a page of the book's spine that holds text, counted from 1.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from lxml import etree

from retrieval.blocks import NotReadable, Reading
from retrieval.readers.html import laid_out, pieces_of
from retrieval.readers.plain import decode_declared
from retrieval.readers.unpacking import check_sizes

_CONTAINER = "META-INF/container.xml"
# Fonts may be scrambled in a book that anyone can read; these are the ways of doing that.
_OF_FONTS = re.compile(r"idpf\.org/2008/embedding|ns\.adobe\.com/pdf/enc#RC")
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)""")
# XML's way of an empty element leaves it open in HTML: <title/> would swallow the page.
_CLOSED = re.compile(r"<((?!(?:br|hr|img|input|meta|link|col|wbr)\b)[a-zA-Z][\w:]*)(\s[^<>]*)?/>")


def read(data: bytes) -> Reading:
    """Read a book; raise NotReadable if it is damaged, protected or no book."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check(archive, len(data))
            title, pages = _contents(archive)
            chapters = [pieces_of(_page(archive.read(page)))[1] for page in pages]
    except NotReadable:
        raise
    # A damaged zip raises some ten kinds of errors, damaged XML others.
    except Exception as error:
        raise NotReadable("is no EPUB book, or a damaged one; get the whole file") from error
    told = enumerate(filter(None, chapters), 1)
    text, blocks = laid_out(((n, piece) for n, pieces in told for piece in pieces), "chapter")
    return Reading(text, blocks, extracted=True, title=title)


def _check(archive: zipfile.ZipFile, packed: int) -> None:
    """Raise NotReadable for what must not be unpacked, or cannot be read then."""
    entries = archive.infolist()
    check_sizes(entries, packed)
    protected = "is protected against copying; get it without (DRM)"
    if any(entry.flag_bits & 1 for entry in entries):
        raise NotReadable(protected)
    names = set(archive.namelist())
    if "META-INF/encryption.xml" in names:
        ways = _xml(archive.read("META-INF/encryption.xml")).iter("{*}EncryptionMethod")
        if not all(_OF_FONTS.search(way.get("Algorithm", "")) for way in ways):
            raise NotReadable(protected)


def _contents(archive: zipfile.ZipFile) -> tuple[str, list[str]]:
    """Return the book's title and its pages' names, as its list has them in order."""
    root = next(_xml(archive.read(_CONTAINER)).iter("{*}rootfile"))
    place = root.get("full-path", "")
    opf = _xml(archive.read(place))
    titles = (" ".join("".join(e.itertext()).split()) for e in opf.iter("{*}title"))
    files = {
        item.get("id"): normpath(join(dirname(place), unquote(item.get("href", ""))))
        for item in opf.iter("{*}item")
        # The table of contents says again what the chapters' headings say.
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    }
    spine = dict.fromkeys(ref.get("idref") for ref in opf.iter("{*}itemref"))
    pages = [files[idref] for idref in spine if idref in files]
    if not pages:
        raise NotReadable("is an EPUB book that lists no chapters; get the whole file")
    return next(filter(None, titles), ""), pages


def _page(data: bytes) -> str:
    declared = _DECLARED.match(data[:400].lstrip())
    text, _ = decode_declared(data, declared[1].decode("ascii") if declared else "")
    return _CLOSED.sub(r"<\1\2></\1>", text)


def _xml(data: bytes) -> etree._Element:
    # Nothing is fetched, and no entity is unfolded: it could be a file of this computer.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)
