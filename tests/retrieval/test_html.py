"""HTML: what a visitor of the page sees, a block each, and nothing of the site's frame."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.blocks import NotReadable, Reading, Role
from retrieval.readers.html import read

PAGE = """<!DOCTYPE html>
<html lang="zh"><head><meta charset="{charset}"><title>员工手册 &amp; 须知</title>
<style>p {{ color: red }}</style><script>var 秘密 = "<p>不是正文</p>";</script></head>
<body>
<header>网站首页</header><nav><ul><li>菜单</li></ul></nav>
<main>
<!-- 注释 -->
<article><header><h1>员工手册</h1></header>
<p>年假<b>五</b>天，
   见第&nbsp;3 条&hellip;<br>病假另算。</p>
<h2>二、补助</h2>
<ul><li>餐补 20 元</li><li><p>交通补 100 元</p></li></ul>
<table><caption>标准</caption><tr><th>项目</th><th>金额</th></tr>
<tr><td>慰问金</td><td>100<br>元</td></tr></table>
<figure><img src="a.png"><figcaption>张三 摄</figcaption></figure>
<pre>第一行
  第二行</pre>
尾巴没有标签</article>
<aside>相关阅读</aside>
</main><footer>版权所有</footer></body></html>
"""


def texts(reading: Reading) -> list[str]:
    return ["|".join(reading.text[slice(*span)] for span in b.spans) for b in reading.blocks]


def assert_verbatim(reading: Reading) -> None:
    """Check that the blocks are slices of the text: in order, not empty, none over another."""
    position = 0
    for block in reading.blocks:
        assert block.spans
        for start, end in block.spans:
            assert position <= start < end <= len(reading.text)
            piece = reading.text[start:end]
            assert piece == piece.strip()
            assert "\n" not in piece
            position = end
    assert [b.place.first for b in reading.blocks] == list(range(1, len(reading.blocks) + 1))


def test_a_page_is_its_headings_paragraphs_items_rows_and_captions():
    reading = read(PAGE.format(charset="utf-8").encode())
    assert reading.title == "员工手册 & 须知"
    assert reading.extracted
    assert not reading.raw
    assert [(b.level, b.role) for b in reading.blocks if b.role is not Role.BODY] == [
        (1, Role.HEADING),
        (2, Role.HEADING),
        (0, Role.CAPTION),
    ]
    assert texts(reading) == [
        "员工手册",
        "年假五天，见第\xa03 条…|病假另算。",
        "二、补助",
        "餐补 20 元",
        "交通补 100 元",
        "标准",
        "项目 ｜ 金额",
        "慰问金 ｜ 100 元",
        "张三 摄",
        "第一行|第二行",
        "尾巴没有标签",
    ]
    assert {b.place.unit for b in reading.blocks} == {"part"}
    assert_verbatim(reading)


def test_without_a_main_part_the_frame_may_be_the_text_and_stays():
    page = "<header>通知</header><p>正文</p><footer>工会</footer>"
    assert texts(read(page.encode())) == ["通知", "正文", "工会"]


def test_a_page_without_a_title_is_called_by_its_first_heading():
    assert read("<h2>二</h2><h1>规<i>定</i></h1><p>正文".encode()).title == "规定"
    assert read("<title> </title><h1>规定</h1>".encode()).title == "规定"
    assert read("<p>正文".encode()).title == ""


def test_a_table_that_lays_out_the_page_is_no_row():
    page = "<table><tr><td><p>甲。</p><p>乙。</p></td><td><table><tr><td>丙<td>丁</table></table>"
    assert texts(read(page.encode())) == ["甲。", "乙。", "丙 ｜ 丁"]


def test_words_around_marks_inside_a_sentence_are_not_torn_or_glued():
    page = "<div>see <a>the\nrules</a> of\n <b>2024</b>,第<i>三</i>条<p>next</div>tail"
    assert texts(read(page.encode())) == ["see the rules of 2024,第三条", "next", "tail"]


def test_hidden_elements_are_not_quoted():
    assert texts(read("<p hidden>草稿</p><p>定稿</p>".encode())) == ["定稿"]


@pytest.mark.parametrize(
    ("charset", "codec", "encoding"),
    [
        ("utf-8", "utf-8", "utf-8"),
        ("gb2312", "gb18030", "gb18030"),
        ("GBK", "gbk", "gb18030"),
        ("", "gbk", "gb18030"),
        ("no-such-thing", "gbk", "gb18030"),
        ("rot13", "gbk", "gb18030"),
        ("gb2312", "utf-8", "utf-8"),  # declared wrongly, as many pages are
    ],
)
def test_the_charset_is_the_one_declared_unless_the_bytes_say_otherwise(charset, codec, encoding):
    reading = read(PAGE.replace("…", "").format(charset=charset).encode(codec))
    assert reading.encoding == encoding
    assert texts(reading)[0] == "员工手册"


def test_a_declared_charset_decides_where_the_text_is_too_short_to_tell():
    page = '<meta http-equiv="Content-Type" content="text/html; charset={}"><p>規則'
    assert texts(read(page.format("big5").encode("big5"))) == ["規則"]
    assert texts(read(page.format("gbk").encode("gbk"))) == ["規則"]
    with pytest.raises(NotReadable, match="cannot be told"):
        read("<p>規則".encode("big5"))


def test_a_mark_says_the_encoding_of_a_page_too():
    page = PAGE.format(charset="gb2312")
    for mark, codec in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le")):
        reading = read(mark + page.encode(codec))
        assert reading.encoding == codec
        assert texts(reading)[0] == "员工手册"


@pytest.mark.parametrize("data", [b"", b"   ", b"<", b"<!-- x", b"<script>x", b"<title>t</title>"])
def test_a_page_without_text_has_no_blocks(data):
    assert [t for t in texts(read(data)) if t != "<"] == []


def test_binary_data_under_the_name_of_a_page_is_refused():
    with pytest.raises(NotReadable, match=r"^is not text but binary data"):
        read(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")


def test_elements_deep_inside_each_other_are_read_and_without_end_refused():
    page = "<p>头{}底<table><tr><td>格"
    assert texts(read(page.format("<div>" * 1000).encode())) == ["头", "底", "格"]
    with pytest.raises(NotReadable, match=r"^has elements inside each other without end; "):
        read(page.format("<div>" * 20_000).encode())


TAGS = "p div br h1 h3 table tr td th ul li main article header nav title pre figcaption b script"
MARKUP = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS.split()]),
    st.sampled_from([f"</{tag}>" for tag in TAGS.split()]),
    st.sampled_from(["<!--", "-->", "&amp;", "&#0;", "&#xd800;", "&x", "<![CDATA[", "<?x ?>", "<"]),
    st.text(st.sampled_from("甲乙ab \n\t\xa0\u2028\x01\x0c"), max_size=5),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(MARKUP, max_size=40))
def test_any_markup_is_read_and_its_blocks_are_slices_of_the_text(markup):
    assert_verbatim(read("".join(markup).encode()))
