"""Books: chapters in the order of the spine, and no book that harms whoever opens it."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

import pytest

from retrieval.blocks import NotReadable, Reading, Role
from retrieval.readers import READERS

read = READERS[".epub"]

CONTAINER = """<?xml version="1.0"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>
<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""
OPF = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>工会
 手册</dc:title></metadata>
<manifest>
<item id="two" href="text/b.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/%E4%B8%80.xhtml" media-type="application/xhtml+xml"/>
<item id="toc" href="toc.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="png" href="a.png" media-type="image/png"/>
</manifest>
<spine><itemref idref="cover"/><itemref idref="toc"/><itemref idref="one"/><itemref idref="two"/>
<itemref idref="png"/><itemref idref="none"/></spine></package>"""
PAGE = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x"/></head>
<body><a id="p1"/><h1>{0}</h1><p>{0}的正文&nbsp;一。</p><p>第二段<br/>换行</p></body></html>"""
FILES = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OPS/book.opf": OPF,
    "OPS/cover.xhtml": '<html><body><img src="a.png"/></body></html>',
    "OPS/toc.xhtml": "<html><body><nav><ol><li>目录</li></ol></nav></body></html>",
    "OPS/text/b.xhtml": PAGE.format("第二章"),
    "OPS/text/一.xhtml": PAGE.format("第一章"),
}


def book(**changes: str | bytes | None) -> bytes:
    files = FILES | changes
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)
    return out.getvalue()


def assert_verbatim(reading: Reading) -> None:
    position, chapter = 0, 1
    for block in reading.blocks:
        assert block.place.unit == "chapter"
        assert block.place.first in (chapter, chapter + 1)
        chapter = block.place.first
        assert block.spans
        for start, end in block.spans:
            assert position <= start < end <= len(reading.text)
            assert reading.text[start:end].strip()
            position = end


def test_a_book_is_its_chapters_in_the_order_of_the_spine():
    reading = read(book())
    assert reading.title == "工会 手册"
    assert reading.extracted
    texts = ["|".join(reading.text[slice(*span)] for span in b.spans) for b in reading.blocks]
    assert [(b.place.first, b.level, t) for b, t in zip(reading.blocks, texts, strict=True)] == [
        (1, 1, "第一章"),
        (1, 0, "第一章的正文\xa0一。"),
        (1, 0, "第二段|换行"),
        (2, 1, "第二章"),
        (2, 0, "第二章的正文\xa0一。"),
        (2, 0, "第二段|换行"),
    ]
    assert reading.blocks[0].role is Role.HEADING
    assert_verbatim(reading)


def test_a_chapter_in_another_encoding_is_read():
    page = PAGE.format("第一章").replace("utf-8", "gb2312").encode("gb18030")
    assert read(book(**{"OPS/text/一.xhtml": page})).text == read(book()).text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"META-INF/container.xml": None}, "is no EPUB book, or a damaged one"),
        ({"OPS/book.opf": None}, "is no EPUB book, or a damaged one"),
        ({"OPS/book.opf": OPF[:300]}, "is no EPUB book, or a damaged one"),
        ({"OPS/text/b.xhtml": None}, "is no EPUB book, or a damaged one"),
        ({"OPS/book.opf": "<package/>"}, "is an EPUB book that lists no chapters"),
        ({"OPS/text/b.xhtml": b"\0" * 20_000_000}, "unpacks to "),
        (
            {
                "META-INF/encryption.xml": "<encryption><EncryptedData><EncryptionMethod "
                'Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/></EncryptedData>'
                "</encryption>"
            },
            "is protected against copying",
        ),
    ],
)
def test_what_is_no_readable_book_is_refused_with_a_sentence(changes, reason):
    with pytest.raises(NotReadable) as refused:
        read(book(**changes))
    assert str(refused.value).startswith(reason)


def test_scrambled_fonts_do_not_protect_a_book():
    way = '<EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/>'
    changes = {"META-INF/encryption.xml": f"<encryption>{way}</encryption>"}
    assert read(book(**changes)).text == read(book()).text


def test_a_book_that_says_it_unpacks_to_gigabytes_is_refused_before_it_is_unpacked():
    data = bytearray(book())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 3_000_000_000)
    with pytest.raises(NotReadable, match=r"^unpacks to more than 200 MB"):
        read(bytes(data))


def test_an_entry_that_needs_a_password_is_refused():
    data = bytearray(book())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(NotReadable, match=r"^is protected against copying"):
        read(bytes(data))


def test_an_entity_that_names_a_file_of_the_computer_is_not_unfolded(tmp_path):
    (tmp_path / "secret").write_text("秘密")
    doctype = f'<!DOCTYPE package [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    opf = OPF.replace("<package", doctype + "<package", 1).replace("工会", "&x;工会")
    page = doctype + PAGE.format("&x;第一章").split("?>", 1)[1]
    reading = read(book(**{"OPS/book.opf": opf, "OPS/text/一.xhtml": page}))
    assert "秘密" not in reading.title + reading.text
