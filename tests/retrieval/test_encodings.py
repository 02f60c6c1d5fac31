"""Encodings: text is read in the one it was written in, or its owner is asked."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.blocks import NotReadable
from retrieval.readers import READERS
from retrieval.readers.plain import decode, read

SIMPLIFIED = "海陵区总工会在这里慰问一线职工，发放慰问金100元。\r\n他们说：“谢谢大家！”\n"
TRADITIONAL = "海陵區總工會在這裡慰問一線職工，發放慰問金100元。\r\n他們說：「謝謝大家！」\n"
HONG_KONG = TRADITIONAL + "我哋喺鰂魚涌開會。\n"  # two characters that only Hong Kong's Big5 has
SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))


@pytest.mark.parametrize(
    ("text", "codec", "encoding"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "gb2312", "gb18030"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (SIMPLIFIED + "𠮷", "gb18030", "gb18030"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL, "cp950", "big5"),
        (HONG_KONG, "big5hkscs", "big5"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (TRADITIONAL, "utf-16-le", "utf-16-le"),
        ("Opening hours: nine to five.\n", "utf-16-be", "utf-16-be"),
        ("Opening hours: nine to five.\n", "ascii", "utf-8"),
    ],
)
def test_text_is_read_in_the_encoding_it_was_written_in(text, codec, encoding):
    assert decode(text.encode(codec)) == (text, encoding)


@pytest.mark.parametrize("file", SEEDS, ids=lambda file: file.name[:3])
@pytest.mark.parametrize("codec", ["gb18030", "utf-16-le", "utf-16-be"])
def test_the_newspaper_pages_are_read_alike_in_every_encoding(file, codec):
    text = file.read_bytes().decode()
    assert decode(text.encode(codec)) == (text, codec)


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_a_reading_says_which_encoding_was_taken(suffix):
    assert READERS[suffix](SIMPLIFIED.encode("gbk")).encoding == "gb18030"
    assert READERS[suffix](TRADITIONAL.encode("big5")).encoding == "big5"
    assert READERS[suffix](codecs.BOM_UTF16_LE + "字".encode("utf-16-le")).encoding == "utf-16-le"
    assert READERS[suffix](SIMPLIFIED.encode()).encoding == "utf-8"


def test_slices_are_of_the_decoded_text():
    reading = read(SIMPLIFIED.encode("gb18030"))
    lines = [reading.text[slice(*block.spans[0])] for block in reading.blocks]
    assert lines == SIMPLIFIED.split()


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("안녕하세요. 오늘은 회사의 규칙을 설명합니다. 이것은 문서입니다.\n" * 3, "euc-kr"),
        ("これは日本語の文書です。会社の規則を説明します。\n" * 3, "shift_jis"),
        ("これは日本語の文書です。会社の規則を説明します。\n" * 3, "euc-jp"),
        ("Привет, это правила нашей компании.\n" * 3, "cp1251"),
        ("Привет, это правила нашей компании.\n" * 3, "koi8-r"),
        ("Das Büro öffnet täglich, schöne Grüße aus Köln.\n" * 3, "latin-1"),
        ("Le café est fermé à cause des élèves.\n" * 3, "cp1252"),
    ],
)
def test_text_in_an_encoding_that_is_not_known_is_refused_and_not_guessed(text, codec):
    with pytest.raises(NotReadable, match=r"^is not UTF-8 text \(line 1\), and which other"):
        decode(text.encode(codec))


@pytest.mark.parametrize("data", ["慰问".encode("gbk"), "規則".encode("big5"), b"\xb5\xc4"])
def test_two_words_are_too_few_to_guess_from(data):
    with pytest.raises(NotReadable, match=r"cannot be told for certain; save it as UTF-8$"):
        decode(data)


@pytest.mark.parametrize(
    ("text", "codec"),
    [("通知", "gbk"), ("职员", "gbk"), ("不用", "utf-16-le"), ("不用", "utf-16-be")],
)
def test_a_few_words_that_are_utf_8_by_chance_are_not_taken_for_it(text, codec):
    data = text.encode(codec)
    assert data.decode() != text
    with pytest.raises(
        NotReadable, match="too few words to tell its encoding by; save it as UTF-8"
    ):
        decode(data)
    assert decode(codecs.BOM_UTF8 + text.encode())[0] == text


@pytest.mark.parametrize(
    "text",
    ["é", "Grüße", "Café à côté", "α·β", "Правила", "A·B", "12 × 3", "-N", "OK", "שלום", "通知"],
)
def test_a_few_words_that_are_utf_8_are_taken_for_it(text):
    assert decode(text.encode()) == (text, "utf-8")


def test_a_region_that_the_kinds_of_big5_fill_differently_is_not_guessed():
    assert decode((TRADITIONAL * 3).encode("big5"))[1] == "big5"
    with pytest.raises(NotReadable, match="cannot be told"):
        decode((TRADITIONAL * 3).encode("big5") + b"\xc6\xa1")  # kana in one, ① in the other


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (
            [(SIMPLIFIED * 9, "gbk"), ("海陵区总工会在这里慰问职工", "utf-8")],
            "is not UTF-8 text (line 1), and {}",
        ),
        (
            [(SIMPLIFIED * 9, "gbk"), ("工会常伴", "utf-8")],
            "is not UTF-8 text (line 1), and line 19 is not in the encoding of the others",
        ),
        (
            [("工会常伴\n", "utf-8"), (SIMPLIFIED * 9, "gbk")],
            "is not UTF-8 text (line 2), and line 1 is not in the encoding of the others",
        ),
        ([(SIMPLIFIED, "utf-8"), (SIMPLIFIED * 9, "gbk")], "is not UTF-8 text (line 3), and {}"),
        ([(SIMPLIFIED * 9, "gbk"), (TRADITIONAL, "big5")], "is not UTF-8 text (line 1), and {}"),
        ([(TRADITIONAL * 9, "big5"), (SIMPLIFIED, "utf-8")], "is not UTF-8 text (line 1), and {}"),
        (
            [(TRADITIONAL * 9, "big5"), ("为进一步促进", "gbk")],
            "is not UTF-8 text (line 1), and line 19 is not in the encoding of the others",
        ),
    ],
)
def test_a_file_in_two_encodings_is_refused(parts, reason):
    with pytest.raises(NotReadable) as refused:
        decode(b"".join(text.encode(codec) for text, codec in parts))
    expected = reason.format("which other encoding it is cannot be told for certain")
    assert str(refused.value).startswith(expected)


def test_a_ruled_line_does_not_outweigh_the_words():
    text = "─" * 300 + "\n" + SIMPLIFIED + "═" * 300 + "\n"
    assert decode(text.encode("gb18030")) == (text, "gb18030")


@pytest.mark.parametrize("codec", ["gb18030", "big5", "utf-16-le", "utf-8"])
def test_text_that_was_cut_off_is_read_as_far_as_it_goes_or_refused(codec):
    text = TRADITIONAL * 2
    data = text.encode(codec)
    for end in range(len(data)):
        try:
            decoded, taken = decode(data[:end])
        except NotReadable:
            continue
        if end > 12:  # four characters say little, and six bytes of UTF-16 can be UTF-8
            assert taken == codec or decoded.isascii()
            assert text.startswith(decoded)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80), st.sampled_from(["gbk", "big5", "utf-16-le"]))
def test_any_bytes_among_text_are_read_or_refused_in_one_line(noise, codec):
    text = TRADITIONAL.encode(codec)
    try:
        decoded, _ = decode(text + noise + text)
    except NotReadable as error:
        sentence = str(error)
    else:
        assert decoded
        return
    assert "\n" not in sentence
    assert len(sentence) < 200
