"""Whatever a file holds: it is read and quoted word for word, or refused with one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.blocks import join
from retrieval.errors import UnreadableFile
from retrieval.passages import cut
from retrieval.sources import read

pytestmark = pytest.mark.slow

SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A seed with pieces cut out, doubled, moved, or overwritten with random bytes."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 400)))
        piece = bytes(data[start:end])
        data[start:end] = draw(
            st.sampled_from([b"", piece * 2, b"\n\n\n", b"\r\n", "\u3000".encode()])
            | st.binary(max_size=8)
        )
    return bytes(data)


@pytest.mark.parametrize("suffix", [".txt", ".md"])
@settings(max_examples=1500, deadline=None)
@given(data=damaged() | st.binary(max_size=200))
def test_a_damaged_file_is_quoted_word_for_word_or_refused(
    tmp_path_factory, analyzer, suffix, data
):
    path = tmp_path_factory.mktemp("fuzz") / f"page{suffix}"
    path.write_bytes(data)
    try:
        content = read("源", path.name, path, analyzer.cut)
    except UnreadableFile:
        return
    finally:
        path.unlink()

    for document in content.documents:
        for passage in cut(document, content.text):
            assert "".join(join(content.text, passage.spans).split()) == "".join(
                passage.text.split()
            )
            assert passage.text.strip()
