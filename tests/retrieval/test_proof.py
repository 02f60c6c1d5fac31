"""Proof: a quote that was given is cut out of its file again."""

from __future__ import annotations

import pytest

from retrieval.blocks import Place
from retrieval.errors import UnknownSource, UnreadableFile
from retrieval.proof import Record, Standing, is_verbatim, text_hash

TEXT = "前言在此。\n\n海港区职工住院慰问金每人每次一百元，全年不超过两次。\n"
QUOTED = "海港区职工住院慰问金每人每次一百元，全年不超过两次。"


@pytest.fixture
def given(tmp_path, open_library):
    """A library, the file of a quote that it gave, and the quote."""
    path = tmp_path / "papers" / "a.txt"
    path.parent.mkdir()
    path.write_text(TEXT, "utf-8")
    library = open_library(资料=path.parent)
    library.refresh()
    return library, path, library.ask("住院慰问金每次多少钱").quotes[0]


def test_a_record_holds_none_of_the_words(given):
    _, _, quote = given
    record = Record.of(quote)
    assert (record.id, record.source, record.file) == (quote.id, "资料", "a.txt")
    assert not any("慰问金" in str(value) for value in (record.id, record.spans, record.text_hash))


@pytest.mark.parametrize(
    ("now", "standing", "line"),
    [
        (TEXT, Standing.SAME, 3),
        (TEXT + "\n后记在此。\n", Standing.STILL, 3),
        (TEXT.replace("前言", "序言"), Standing.STILL, 3),
        ("新的第一行。\n\n" + TEXT, Standing.MOVED, 5),
        (QUOTED, Standing.MOVED, 1),
        (TEXT.replace("一百", "两百"), Standing.GONE, None),
        ("别的东西。\n", Standing.GONE, None),
        ("短", Standing.GONE, None),
        (TEXT.replace("\n", "\r\n"), Standing.MOVED, 3),
    ],
)
def test_where_the_words_stand_now_is_told(given, now, standing, line):
    library, path, quote = given
    path.write_bytes(now.encode())
    proof = library.verify(Record.of(quote))
    assert proof.standing is standing
    if line:
        assert proof.place == Place("lines", line, line)
        assert proof.text == QUOTED
    else:
        assert (proof.text, proof.place) == ("", None)


def test_words_that_are_part_of_another_paragraph_now_have_moved(given):
    library, path, quote = given
    path.write_text("前言在此。" + QUOTED, "utf-8")
    assert library.verify(Record.of(quote)).standing is Standing.MOVED


def test_a_file_that_is_gone_is_named(given):
    library, path, quote = given
    path.unlink()
    with pytest.raises(UnreadableFile, match=r"a\.txt"):
        library.verify(Record.of(quote))


def test_a_file_that_is_no_text_any_more_is_named(given):
    library, path, quote = given
    path.write_bytes(b"\0\0")
    with pytest.raises(UnreadableFile, match="binary"):
        library.verify(Record.of(quote))


def test_a_source_that_is_configured_no_more_is_named(given, tmp_path, open_library):
    _, path, quote = given
    other = open_library(别的=path.parent)
    with pytest.raises(UnknownSource, match="资料"):
        other.verify(Record.of(quote))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("一 二\n三", "一二三", True), ("一二", "二一", False), ("", "　", True), ("a b", "ab", True)],
)
def test_white_space_does_not_count(one, other, same):
    assert (text_hash(one) == text_hash(other)) is same


def test_every_quote_of_the_seeds_can_be_proven(seeds):
    for question in ("住院慰问金", "工会大食堂", "职工书屋有多少", "劳模"):
        for quote in seeds.ask(question).quotes:
            proof = seeds.verify(Record.of(quote))
            assert proof.standing is Standing.SAME
            assert proof.place == quote.citation.place
            assert "".join(proof.text.split()) == "".join(quote.text.split())


def test_a_quote_is_verbatim_or_it_is_not(given):
    _, _, quote = given
    assert is_verbatim(quote, TEXT)
    assert not is_verbatim(quote, TEXT.replace("一百", "两百"))
    assert not is_verbatim(quote, TEXT[1:])
    assert not is_verbatim(quote, "")
