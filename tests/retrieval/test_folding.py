"""Folding: what is compared is one script, one width, one way to write numbers."""

from __future__ import annotations

import sys
import unicodedata
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import retrieval.folding
from retrieval.folding import all_folded, fold, folded

ALPHABETS = (
    "职工住院慰问金一二三百千万亿零〇两十年月日第条",
    "職員慶賀館廣臺灣體裡",
    "abcXYZéüßﬁŒ",
    "0123456789.,% ",
    "０１２ＡＢｃ，。！？　％",
    "\u0301\u0308\u20e3",  # combining
    "👍🏽👨‍👩‍👧🇨🇳",
    "𠮷𪚥𝟙𝐀",  # beyond the basic plane
    "㎡℃㈱½Ⅳ①㍿ﷺ",  # grow when they are normalised
    "\n\r\t\u200b\ufeff",
)
texts = st.text(st.sampled_from("".join(ALPHABETS)), max_size=40)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ　１２３", "abc 123"),  # width
        ("Straße", "strasse"),
        ("Café", "cafe"),
        ("Cafe\u0301", "cafe"),  # the accent as a character of its own
        ("職工慶賀", "职工庆贺"),
        ("面积５㎡，３７℃", "面积5m2,37°c"),
        ("𠮷野家", "𠮷野家"),
        ("", ""),
    ],
)
def test_width_case_accents_and_script_are_folded(text, folded):
    assert fold(text).text == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("九十一名", "91名"),
        ("91名", "91名"),
        ("五万多", "50000多"),
        ("二〇一八年", "2018年"),
        ("第一百一十条", "第110条"),
        ("百分之八十五", "85%"),
        ("百分之三点五", "3.5%"),
        ("109.67 万", "1096700"),
        ("109.67万元", "1096700元"),
        ("1,200", "1200"),
        ("1,200,000 人", "1200000 人"),
        ("十", "十"),  # alone it is a word, not a number
        ("十个", "10个"),
        ("七个街道", "7个街道"),
        ("两家", "2家"),
        ("一百零五", "105"),
        ("一百五", "150"),
        ("三千八百元", "3800元"),
        ("一万二千", "12000"),
        ("１．８万", "18000"),
    ],
)
def test_a_number_is_written_in_digits(text, folded):
    assert fold(text).text == folded


@pytest.mark.parametrize(
    "text",
    [
        "统一一线",
        "三四百",
        "五一",
        "统一",
        "一线职工",
        "千方百计",
        "建功十四五",
        "七八个",
        "两三百",
    ],
)
def test_a_word_with_numerals_in_it_is_left_alone(text):
    assert fold(text).text == text


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("三亿五千万", "3亿5000万"),
        ("一千克", "1千克"),
    ],
)
def test_a_number_is_the_same_however_it_is_written(written, digits):
    assert fold(written).text == fold(digits).text


def test_some_tens_are_no_ten():
    assert fold("几十个").text == "几十个"


def test_the_parts_of_a_number_stand_for_the_whole_of_it():
    folded = fold("共三千八百元")
    assert folded.text == "共3800元"
    assert {folded.original(i, i + 1) for i in range(1, 5)} == {(1, 5)}
    assert folded.original(5, 6) == (5, 6)


@given(texts)
def test_every_slice_of_folded_text_has_its_slice_of_the_original(text):
    folded = fold(text)
    slices = [folded.original(i, i + 1) for i in range(len(folded.text))]
    assert all(0 <= start < end <= len(text) for start, end in slices)
    assert [start for start, _ in slices] == sorted(start for start, _ in slices)
    assert [end for _, end in slices] == sorted(end for _, end in slices)
    # A longer slice reaches from where its first character comes from to where its last does.
    for width in (2, 5):
        for i in range(len(slices) - width + 1):
            assert folded.original(i, i + width) == (slices[i][0], slices[i + width - 1][1])


@given(texts, st.integers(0, 40))
def test_position_is_the_first_place_that_stands_for_a_character_or_what_follows(text, at):
    folded = fold(text)
    position = folded.position(at)
    starts = [folded.original(i, i + 1)[0] for i in range(len(folded.text))]
    assert all(start < at for start in starts[:position])
    assert all(start >= at for start in starts[position:])


# Numbers as people write them, apart from each other.
natural = st.lists(
    st.sampled_from(
        "职工 慰問 ＡＢＣ Café é \u0301 👍🏽 𠮷 ㎡ ℃ ﬁ ① 九十一名 五万多 二〇一八年 第一百一十条 "
        "百分之八十五 109.67万 １，２００ 三四百 十四五 2.5% 一万五".split()
    )
).map("；".join)


@given(natural)
def test_folding_twice_changes_nothing(text):
    once = fold(text).text
    assert fold(once).text == once


@pytest.mark.parametrize(
    "text",
    [
        "㈶",
        "ΐ",
        "薴",
        "5千百",
    ],
)
def test_folding_twice_changes_nothing_in_rare_cases_either(text):
    once = fold(text).text
    assert fold(once).text == once


@given(st.text(st.sampled_from("职工住院０１ＡＢabé \n"), max_size=30))
def test_text_without_numerals_keeps_every_place(text):
    folded = fold(text)
    assert len(folded.text) == len(text)
    assert all(folded.original(i, i + 1) == (i, i + 1) for i in range(len(text)))


def test_the_table_of_scripts_is_what_the_library_of_scripts_says(golden):
    golden(Path(retrieval.folding.__file__).with_name("simplified.txt"), _table())


def _table() -> str:
    """Return each simplified character and, behind it, what becomes it, a line each."""
    simplified = pytest.importorskip("opencc").OpenCC("t2s").convert
    pairs = []
    for code in (*range(0x80, 0xD800), *range(0xE000, 0x40000)):
        character = chr(code)
        while (simple := simplified(character)) != character:
            character = simple  # 薴 becomes 苧, and that 苎
        if character != chr(code):
            pairs.append((character, chr(code)))
    groups = groupby(sorted(pairs), key=lambda pair: pair[0])
    return "".join(f"{simple}{''.join(c for _, c in group)}\n" for simple, group in groups)


@given(texts)
def test_text_alone_is_folded_as_with_its_places(text):
    assert folded(text) == fold(text).text


@given(st.lists(texts | st.just("a\0b"), max_size=8))
def test_texts_are_folded_together_as_each_is(several):
    assert all_folded(several) == list(map(folded, several))


def test_no_character_becomes_one_that_becomes_several():
    folds = {
        character: folded(character)
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.decomposition(character) or character.casefold() != character
    }
    uneven = {character for character, fold in folds.items() if len(fold) != 1}
    became = {part for character, fold in folds.items() for part in fold if part != character}
    assert not uneven & became
