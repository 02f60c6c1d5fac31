"""Packing: nothing of a text or of its slices is lost."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.packing import SURROGATES, packed, read_spans, unpacked, written

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SPAN = st.tuples(st.integers(0, 20_000), st.integers(0, 60_000)).map(lambda s: (s[0], sum(s)))


@given(TEXT, TEXT)
def test_a_text_comes_back_whatever_it_is_like(text, other):
    for like in ("", other, text, text + other, other + text):
        assert unpacked(packed(text, like), like) == text


def test_every_character_comes_back():
    first, count = SURROGATES
    text = "".join(map(chr, [*range(first), *range(first + count, 0x110000)]))
    assert unpacked(packed(text)) == text


def test_a_text_takes_no_room_where_it_is_the_same_and_little_where_it_is_like():
    text = "经研究决定，自2018年1月1日起实施住院慰问金制度，每人每次100元；全年不超过两次。"
    assert packed(text, text) == b""
    assert len(packed(text, text.replace("，", ","))) < len(packed(text)) / 2


@given(st.lists(SPAN))
@example([(0, 0xD7D0), (0xD7D0, 0xE000)])
def test_slices_come_back_in_order(spans):
    text = written(spans)
    assert read_spans(unpacked(packed(text))) == tuple(sorted(spans))
    assert read_spans(json.loads(json.dumps(text, ensure_ascii=False))) == tuple(sorted(spans))
