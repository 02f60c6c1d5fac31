"""Packing: nothing of a passage is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from retrieval.blocks import Place, Repeat, Role
from retrieval.packing import StoredPassage, deflated, inflated, packed, unpacked
from retrieval.passages import Passage

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SPANS = st.lists(st.tuples(st.integers(0), st.integers(0))).map(tuple)
PLACES = st.builds(Place, st.sampled_from(["lines", "page", "row"]), st.integers(1), st.integers(1))


@given(TEXT, TEXT)
def test_a_text_comes_back_whatever_it_is_like(text, other):
    for like in ("", other, text, text + other, other + text):
        encoded = like.encode("gb18030")
        assert inflated(deflated(text, encoded), encoded) == text


def test_every_character_comes_back():
    text = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    assert inflated(deflated(text, b""), b"") == text


@st.composite
def passages(draw) -> list[StoredPassage]:
    """The passages of a file with one document or two."""
    found = []
    for number in range(1, draw(st.integers(2, 5))):
        document = f"源/a.txt#{draw(st.integers(1, 2))}"
        text = draw(TEXT)
        passage = Passage(
            id=f"{document}:{number}",
            document=document,
            source="源",
            file="a.txt",
            title=f"标题{document}",
            section=tuple(draw(st.lists(TEXT, max_size=3))),
            role=draw(st.sampled_from(Role)),
            text=text,
            spans=draw(SPANS),
            place=draw(PLACES),
            also=tuple(draw(st.lists(st.builds(Repeat, PLACES, SPANS), max_size=2))),
        )
        found.append(StoredPassage(passage, draw(st.sampled_from([text, "别的"])), draw(TEXT)))
    return sorted(found, key=lambda stored: stored.passage.document)


@given(passages())
def test_passages_come_back_as_they_were(given):
    documents = list(packed(given))
    found = [
        unpacked("源", "a.txt", document.id, document.title, document.like, number, data)
        for document in documents
        for number, data in document.passages
    ]
    assert found == given
    assert sum(document.characters for document in documents) == sum(len(p.folded) for p in given)


def test_what_passages_have_in_common_takes_little_room():
    text = "经研究决定，自2018年1月1日起实施住院慰问金制度，每人每次100元；全年不超过两次。"
    passage = Passage(
        "a:1", "a", "源", "a.txt", "题", ("一",), Role.BODY, text, ((0, 9),), Place("lines", 1, 1)
    )
    one = StoredPassage(passage, text, "江苏省泰州市海陵区总工会\n职工住院慰问金发放办法")
    other = StoredPassage(replace(passage, id="a:2"), text.replace("，", ","), one.context)
    (document,) = packed([one, other])
    sizes = [len(data) for _, data in document.passages]
    assert sizes[0] < len(text.encode("gb18030")) + 20
    assert sizes[1] < 1.2 * sizes[0]  # though it is there twice, as it is and folded
