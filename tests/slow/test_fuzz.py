"""Whatever a file holds: it is read and quoted word for word, or refused with one sentence."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SAMPLES, ZIPPED, unzipped, zipped

from retrieval.blocks import join
from retrieval.errors import UnreadableFile
from retrieval.passages import cut
from retrieval.sources import Source, read

pytestmark = pytest.mark.slow

SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))]
NOISE = {  # what the readers look at, put where it does not belong
    ".html": [b"<table>", b"<tr>", b"</td>", b"<h1>", b"<pre>", b"<br>", b"&#0;", b"<!--", b"</p>"],
    ".md": [b"# ", b"```\n", b"<!-- INFO END -->\n", b"- ", b"\n\n"],
    ".csv": [b'"', b",", b"\r\n", b'""', b";"],
    ".tsv": [b'"', b"\t", b"\r\n", b"\xff"],
    ".eml": [b"=?utf-8?B?a?=", b"boundary=", b"multipart/mixed", b"\r\n\r\n", b"*0*=", b"--"],
    ".pdf": [
        b"endobj",
        b"stream\n",
        b">>",
        b"BT",
        b"ET",
        b"999999999",
        b"/Kids",
        b" 0 R",
        b"%%EOF",
    ],
    ".docx": [b"<w:p>", b"</w:tbl>", b'w:val="99999"', b"<w:numId/>", b"<w:tc/>", b"\xef\xbf\xbe"],
    ".pptx": [b"<a:p>", b"</p:sp>", b'"-1"', b"<a:tbl/>"],
    ".xlsx": [b"<c>", b"</row>", b't="s"', b"<v>999</v>", b'r="ZZZ9"', b"A1:XFD1048576", b"1e999"],
    ".epub": [b"<itemref/>", b"../", b"%00", b"</package>", b"&x;", b"<body>"],
}


@cache
def sample(suffix: str) -> bytes:
    return SAMPLES[suffix]()


@st.composite
def damaged(draw: st.DrawFn, suffix: str, data: bytes) -> bytes:
    """The file with pieces cut out, doubled, moved, or overwritten with something else."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(changed)))
        end = draw(st.integers(start, min(len(changed), start + 400)))
        piece = bytes(changed[start:end])
        known = [b"", piece * 2, b"\n\n\n", b"\r\n", "\u3000".encode(), *NOISE.get(suffix, ())]
        changed[start:end] = draw(st.sampled_from(known) | st.binary(max_size=8))
    return bytes(changed)


@st.composite
def broken(draw: st.DrawFn, suffix: str) -> bytes:
    """A file of a format, damaged; of one that is a zip file, mostly inside of it."""
    if suffix in (".txt", ".md") and draw(st.booleans()):
        return draw(damaged(suffix, draw(st.sampled_from(SEEDS))))
    if suffix not in ZIPPED or draw(st.integers(0, 9)) == 0:
        return draw(damaged(suffix, sample(suffix)))
    entries = unzipped(sample(suffix))
    for name in draw(st.lists(st.sampled_from(sorted(entries)), min_size=1, max_size=3)):
        entries[name] = draw(damaged(suffix, entries[name]))
    return zipped(entries)


@pytest.mark.parametrize("suffix", SAMPLES)
@settings(max_examples=1000, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_quoted_word_for_word_or_refused(
    tmp_path_factory, analyzer, suffix, data
):
    sample(suffix)  # made here: what makes it may ask for chance of its own
    path = tmp_path_factory.mktemp("fuzz") / f"page{suffix}"
    path.write_bytes(data.draw(broken(suffix) | st.binary(max_size=200)))
    try:
        content = read(Source("源", path), path.name, path, analyzer.cut)
    except UnreadableFile as error:
        refused = error.reason
    else:
        refused = ""
    finally:
        path.unlink()
    if refused:
        assert refused.isprintable()
        assert len(refused) < 300
        return
    content.text.encode()
    for document in content.documents:
        for block in document.blocks:
            assert all(before[1] <= after[0] for before, after in pairwise(block.spans))
        for passage in cut(document, content.text):
            assert "".join(join(content.text, passage.spans).split()) == "".join(
                passage.text.split()
            )
            assert passage.text.strip()
