"""Readers: bytes to text and blocks, or one sentence that says why not."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.blocks import NotReadable, Role, join
from retrieval.readers import READERS
from retrieval.readers.markdown import read as read_markdown
from retrieval.readers.plain import decode, lines
from retrieval.readers.plain import read as read_plain

TEXTS = {suffix: READERS[suffix] for suffix in (".txt", ".md")}

UNCERTAIN = "which other encoding it is cannot be told for certain"
TEXT = "海陵区总工会\n慰问金100元 👍𠮷\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("gb18030"),
    ],
    ids=[
        "UTF-8",
        "UTF-8 with a mark",
        "UTF-16 LE",
        "UTF-16 BE",
        "UTF-16 LE without a mark",
        "UTF-16 BE without a mark",
        "GB18030",
    ],
)
@pytest.mark.parametrize("reader", TEXTS.values(), ids=TEXTS)
def test_text_is_read_in_every_encoding_of_unicode_and_the_mark_is_dropped(reader, data):
    assert reader(data).text == TEXT


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("慰问".encode("gbk"), f"is not UTF-8 text (line 1), and {UNCERTAIN}; save it as UTF-8"),
        ("好\n好\n".encode() + "慰问".encode("gbk"), "is not UTF-8 text (line 3)"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not text but binary data"),
        (b"one\0two", "is not text but binary data"),
        (codecs.BOM_UTF8 + b"one\0two", "is not text but binary data"),
        ("A\n".encode("utf-16-le"), "is not text but binary data"),  # no mark: cannot be told
        (codecs.BOM_UTF16_LE + b"\x41", "is not UTF-16 text (line 1)"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x41\x00", "is not UTF-16 text (line 1)"),  # half a pair
        ("好".encode()[:2], "is not UTF-8 text (line 1)"),  # cut off
        (b"a\rb\r\xff", "is not UTF-8 text (line 3)"),
        (
            codecs.BOM_UTF16_LE + "上一\n".encode("utf-16-le") + b"\x00\xd8",
            "is not UTF-16 text (line 2)",
        ),
    ],
)
@pytest.mark.parametrize("reader", TEXTS.values(), ids=TEXTS)
def test_what_is_no_text_is_refused_with_what_to_do(reader, data, reason):
    with pytest.raises(NotReadable) as refused:
        reader(data)
    assert str(refused.value).startswith(reason)
    assert "\n" not in str(refused.value)


@given(st.binary(max_size=60))
def test_any_bytes_are_either_read_or_refused(data):
    for reader in TEXTS.values():
        try:
            reading = reader(data)
        except NotReadable:
            continue
        for block in reading.blocks:
            assert all(0 <= a < b <= len(reading.text) for a, b in block.spans)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_editors_do(end):
    text = end.join(["一", "", " 二　", "\x0c三\u2028四\x85", ""])
    numbered = {number: text[slice(*span)] for number, span in lines(text) if span}
    # Only line ends end a line: form feeds and their like do not.
    assert numbered == {1: "一", 3: "二", 4: "三\u2028四"}


def test_mixed_line_ends_are_counted_once_each():
    assert [number for number, span in lines("一\r\n二\n\r三\r\r四") if span] == [1, 2, 4, 6]


def test_each_line_of_plain_text_is_a_block_without_the_space_around_it():
    reading = read_plain("　　甲\r\n\r\n乙 \r\n".encode())
    assert reading.raw
    assert [join(reading.text, b.spans) for b in reading.blocks] == ["甲", "乙"]
    assert [b.place.first for b in reading.blocks] == [1, 3]


@pytest.mark.parametrize("data", [b"", b"\n\n", codecs.BOM_UTF8, " \t　\n".encode()])
@pytest.mark.parametrize("reader", TEXTS.values(), ids=TEXTS)
def test_an_empty_file_has_no_blocks(reader, data):
    assert reader(data).blocks == ()


MARKDOWN = """# 员工手册

前言一行
接着一行

## 假期 ##
年假五天。
- 病假
  要证明
- 事假
1. 婚假
2) 产假

#没有空格
### 第三级
"""


def test_markdown_is_headings_paragraphs_and_list_items():
    reading = read_markdown(MARKDOWN.encode())
    assert not reading.raw
    blocks = [(b.level, join(reading.text, b.spans), b.place) for b in reading.blocks]
    assert [(level, text, place.first, place.last) for level, text, place in blocks] == [
        (1, "员工手册", 1, 1),
        (0, "前言一行接着一行", 3, 4),
        (2, "假期", 6, 6),
        (0, "年假五天。", 7, 7),
        (0, "- 病假要证明", 8, 9),
        (0, "- 事假", 10, 10),
        (0, "1. 婚假", 11, 11),
        (0, "2) 产假", 12, 12),
        (0, "#没有空格", 14, 14),
        (3, "第三级", 15, 15),
    ]


def test_a_heading_of_markdown_has_its_role_and_a_paragraph_none():
    roles = [block.role for block in read_markdown(MARKDOWN.encode()).blocks]
    assert roles[:3] == [Role.HEADING, Role.BODY, Role.HEADING]


@pytest.mark.parametrize(
    "empty",
    [
        "#",
        "##   ",
        "# #",
    ],
)
def test_a_heading_without_words_is_no_heading(empty):
    reading = read_markdown(f"{empty}\n正文。\n".encode())
    assert [join(reading.text, b.spans) for b in reading.blocks][-1] == "正文。"


TABLE = "补贴如下：\n| 项目 | 金额 |\n|:---|---:|\n| 餐补 | 25元 |\n| 房补 |\n\n又一段 | 话。\n"


def test_a_row_of_a_table_in_markdown_is_a_block_labelled_with_its_columns():
    reading = read_markdown(TABLE.encode())
    assert [
        (join(reading.text, b.spans), b.place.first, b.role, b.label, b.row) for b in reading.blocks
    ] == [
        ("补贴如下：", 1, Role.BODY, "", False),
        ("项目 | 金额", 2, Role.NOTICE, "", True),
        ("餐补 | 25元", 4, Role.BODY, "项目 ｜ 金额", True),
        ("房补", 5, Role.BODY, "项目 ｜ 金额", True),
        ("又一段 | 话。", 7, Role.BODY, "", False),
    ]


def test_a_heading_above_a_table_goes_with_its_rows(page):
    read = page("# 手册\n\n## 补贴\n\n" + TABLE[6:], "guide.md")
    assert [p.section for p in read.passages if p.text == "餐补 | 25元"] == [
        ("补贴", "项目 ｜ 金额")
    ]
    assert "补贴" not in read.texts()


def test_a_first_row_that_names_no_columns_is_a_row_and_code_is_no_table():
    reading = read_markdown(b"| 1 | 2 |\n| --- | --- |\n| 3 | 4 |\n")
    assert [(b.role, b.label) for b in reading.blocks] == [(Role.BODY, "")] * 2
    assert len(read_markdown(f"```\n{TABLE[6:-9]}```\n".encode()).blocks) == 1


def test_a_comment_in_code_is_no_heading():
    reading = read_markdown("装好以后：\n```sh\n# 安装\nmake chat\n```\n".encode())
    assert all(block.role is not Role.HEADING for block in reading.blocks)


def test_latin_lines_are_joined_with_a_space_and_chinese_ones_without():
    reading = read_markdown("one\ntwo\n三\n四".encode())
    assert [join(reading.text, b.spans) for b in reading.blocks] == ["one two三四"]


@given(st.text(st.sampled_from("一二 　\r\n\t\x0c\x85\u2028#-1.)ab"), max_size=40))
def test_the_lines_of_a_block_are_those_its_slices_stand_in(text):
    line_of, line, i = {}, 1, 0
    while i < len(text):  # counted one character at a time, not as the reader does it
        line_of[i] = line
        if text[i] == "\n" or (text[i] == "\r" and text[i + 1 : i + 2] != "\n"):
            line += 1
        i += 1
    for reader in TEXTS.values():
        for block in reader(text.encode()).blocks:
            assert block.place.first == line_of[block.spans[0][0]]
            assert block.place.last == line_of[block.spans[-1][1] - 1]
            for start, end in block.spans:
                assert text[start:end] == text[start:end].strip() != ""


def test_decoding_keeps_every_character_but_the_mark():
    assert decode("\ufeff\ufeff字".encode()) == ("\ufeff字", "utf-8")
