"""Passages: whatever can be found and quoted is cut from its file, word for word."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import passages as passages_module
from retrieval.blocks import Place, join
from retrieval.passages import LONGEST, LONGEST_LATIN, context, is_latin, places, sentences

SEEDS = ("000", "001", "002", "003", "004")


def lines_before(text: str, at: int) -> int:
    """Count the line ends before a character, one character at a time."""
    count = 0
    for i in range(at):
        if text[i] == "\n" or (text[i] == "\r" and text[i + 1 : i + 2] != "\n"):
            count += 1
    return count


def check_verbatim(page):
    """Assert all that makes a passage a quotation."""
    text = page.text
    for passage in page.passages:
        spans = passage.spans
        assert "".join(join(text, spans).split()) == "".join(passage.text.split())
        # Joined by hand as well, in case `join` itself goes wrong.
        assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(
            passage.text.split()
        )
        assert passage.text.strip(), "a passage of white space"
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))
        assert passage.place.first == lines_before(text, spans[0][0]) + 1
        assert passage.place.last == lines_before(text, spans[-1][1]) + 1
    ids = [passage.id for passage in page.passages]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("file", SEEDS)
def test_every_passage_of_the_seeds_is_verbatim(seed_pages, file):
    check_verbatim(seed_pages[file])


chinese = st.text(st.sampled_from("海陵区职工住院慰问金，。！？；：“”（）、一二三"), max_size=60)
latin = st.text(st.sampled_from("abcdeF G.,;!? '\"-9"), max_size=80)
odd = st.text(st.sampled_from("👍🏽𠮷\u0301é　 \t\x0c\u2028%①ﬁ#-*1.【】"), max_size=12)
long = st.builds(
    str.__mul__,
    st.sampled_from(
        ["住院慰问金每次一百元", "职工。", "one word ", "End. ", "字", "x", "　", "👍"]
    ),
    st.integers(1, 400),
)
# What markdown and mending look for: headings, lists, bylines, page heads.
forms = st.sampled_from(
    [
        "# 标题",
        "## 第二级",
        "- 一项",
        "1. 第一项",
        "（一）第一项",
        "本报记者 林晓雯",
        "2024年3月5日 星期二",
        "【读者来信】",
        "来源：《海港日报》",
        "——副题",
        "| 项目 | 金额 |\n| --- | --- |\n| 餐补 | 25元 |",
        "| --- | :-: |",
    ]
)
line_ends = st.sampled_from(["\n", "\n\n", "\r\n", "\r\n\r\n", "\r", "\n　　", "\n\n\n\n"])
documents = st.lists(
    st.tuples(chinese | latin | odd | long | forms, line_ends), min_size=1, max_size=12
).map(lambda parts: "".join(map("".join, parts)))


@pytest.mark.parametrize("name", ["page.txt", "page.md"])
@given(text=documents)
def test_every_passage_of_any_document_is_verbatim(page, name, text):
    if text.strip():
        check_verbatim(page(text, name))


@pytest.mark.parametrize("name", ["page.txt", "page.md"])
@pytest.mark.parametrize(
    "text",
    [
        "字" + "　" * 2 * LONGEST + "字",
        "字" * 5 * LONGEST,
        "\ufeff字",
        "一\r二\r\n三\n\r四",
        "𠮷👍🏽" * LONGEST,
        "Word. " * LONGEST_LATIN,
        "长句子，没有句号，" * LONGEST,
    ],
    ids=["gap", "one sentence", "second mark", "line ends", "astral", "latin", "commas"],
)
def test_passages_of_a_strange_document_are_verbatim(page, name, text):
    check_verbatim(page(text, name))


def accounted(page):
    """Return the places of the characters that can be found, or are said again elsewhere."""
    spans = [span for p in page.passages for span in p.spans]
    spans += [span for p in page.passages for again in p.also for span in again.spans]
    return {i for start, end in spans for i in range(start, end)}


@pytest.mark.parametrize("name", ["page.txt", "page.md"])
@given(text=documents)
def test_no_character_of_markdown_or_plain_text_is_lost(page, name, text):
    if not text.strip():
        return
    read = page(text, name)
    held = accounted(read)
    headings = "\n".join("".join(h.split()) for p in read.passages for h in p.section)
    at = 0
    for line in read.text.replace("\r", "\n").split("\n"):
        bare = "".join(line.split())
        whole = [i for i in range(at, at + len(line)) if not read.text[i].isspace()]
        at += len(line) + 1
        if set(whole) <= held or bare.lstrip("#") in headings:
            continue
        assert name == "page.md"
        marks = "".join(read.text[i] for i in whole if i not in held)
        # The marks of a heading are no words, nor are those of a table.
        assert bare.startswith("#") or ("|" in bare and set(marks) <= set("|:-"))


LENGTHS = [
    ("住院慰问金每次一百元。" * 300, LONGEST),
    ("字" * 3000, LONGEST),
    ("The fund pays once a year. " * 400, LONGEST_LATIN),
    ("word " * 2000, LONGEST_LATIN),
    ("x" * 9000, LONGEST_LATIN),
    ("职工。" * 100 + "\n\n" + "慰问，" * 900, LONGEST),
]


@pytest.mark.parametrize("name", ["page.txt", "page.md"])
@pytest.mark.parametrize(("text", "longest"), LENGTHS)
def test_no_passage_is_longer_than_it_may_be(page, name, text, longest):
    passages = page(text, name).passages
    assert max(len(p.text) for p in passages) <= longest
    # Nor is it cut into crumbs: any two that follow each other would be too long together.
    assert sum(len(p.text) for p in passages) >= len("".join(text.split()))
    assert len(passages) <= 2 * len(text) / longest + 2


def test_chinese_after_a_latin_beginning_is_cut_as_chinese(page):
    read = page("abc " * 100 + "住院慰问金每次一百元。" * 150)
    assert max(len(p.text) for p in read.passages) <= LONGEST_LATIN // 2


def test_the_spaces_of_wrapped_text_count(page):
    read = page("ab\n" * 1500, "page.md")
    assert max(len(p.text) for p in read.passages) <= LONGEST_LATIN


def test_a_long_paragraph_is_cut_between_sentences(page):
    read = page("每年一月发放慰问金，标准由工会确定。" * 100)
    assert len(read.passages) > 1
    assert all(p.text.endswith("。") for p in read.passages)


def test_what_a_long_paragraph_ends_with_is_said_again_of_its_last_piece(page):
    text = "".join(f"第{n}年的标准由工会在每年一月确定并且公布。" for n in range(100))
    read = page(f"{text}\n\n{text[-42:]}\n")
    assert len(read.passages) > 1
    assert [len(p.also) for p in read.passages[:-1]] == [0] * (len(read.passages) - 1)
    assert read.passages[-1].also[0].place.first == 3


def test_the_seeds_need_no_cutting(seed_pages):
    for page in seed_pages.values():
        assert max(len(p.text) for p in page.passages) <= LONGEST


@pytest.mark.parametrize("file", SEEDS)
def test_every_word_of_the_seeds_can_be_found(seed_pages, file):
    page = seed_pages[file]
    held = accounted(page)
    headings = {heading for p in page.passages for heading in p.section}
    at = 0
    for number, line in enumerate(page.text.split("\n"), 1):
        lost = [i for i, c in enumerate(line, at) if not c.isspace() and i not in held]
        at += len(line) + 1
        if not lost:
            continue
        assert line.strip() in headings, f"{file}:{number} {line}"


@pytest.mark.parametrize("file", SEEDS)
def test_no_word_of_the_seeds_is_in_two_passages(seed_pages, file):
    held = [i for p in seed_pages[file].passages for a, b in p.spans for i in range(a, b)]
    assert len(held) == len(set(held))


def test_headings_of_markdown_are_nested(page):
    read = page("# 手册\n\n## 假期\n\n### 年假\n\n五天。\n\n## 工资\n\n每月十日。\n", "a.md")
    assert read.holding("五天。").section == ("假期", "年假")
    assert read.holding("每月十日。").section == ("工资",)
    assert read.holding("五天。").title == "手册"


def test_a_heading_with_nothing_under_it_is_a_passage(page):
    read = page("# 手册\n\n## 待定\n\n## 工资\n\n每月十日。\n", "a.md")
    assert "待定" in read.texts()
    assert "工资" not in read.texts()


def test_a_page_without_title_is_called_by_its_file_name(page):
    assert page("一句话。", "员工手册.txt").passages[0].title == "员工手册"


def taken_for_granted(page, passage, analyzer) -> list[str]:
    document = page.content.documents[0]
    return context(document, passage, places(document, page.text, analyzer.cut))


def test_context_holds_what_a_passage_takes_for_granted(seed_pages, analyzer):
    page = seed_pages["003"]
    passage = page.holding("每人每次100元的慰问金")
    around = taken_for_granted(page, passage, analyzer)
    assert around[0] == page.content.documents[0].title
    assert "住院慰问普惠职工" in around
    assert around[-1] == "样本"  # the source's name
    assert any("海陵" in line and "泰州" in line for line in around[1:])


def test_the_name_of_a_source_says_nothing_where_a_file_holds_several_articles(
    seed_pages, analyzer
):
    page = seed_pages["001"]
    assert "样本" not in taken_for_granted(page, page.passages[3], analyzer)


@given(chinese | latin | odd | long)
def test_sentences_are_the_whole_text(text):
    spans = sentences(text)
    assert "".join(text[a:b] for a, b in spans) == text
    assert all(a[1] == b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("一句。两句！三句？", ["一句。", "两句！", "三句？"]),
        ("他说：“好。”走了。", ["他说：“好。”", "走了。"]),
        ("金额1.5万元。", ["金额1.5万元。"]),
        ("等等……完了。", ["等等……完了。"]),
        ("One. Two! Three", ["One.", " Two!", " Three"]),
        ("Version 1.5 is out. Fine.", ["Version 1.5 is out.", " Fine."]),
        ("", [""]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, parts):
    assert [text[a:b] for a, b in sentences(text)] == parts


@pytest.mark.parametrize(
    "sentence",
    [
        "Mr. James T. Wood, the head librarian, issues the cards.",
        "Fines are $0.25 per day per book, e.g. $1.00 after four days.",
        "It is open from 9 a.m. to 5 p.m. Monday to Friday.",
        "A U.S. passport will do.",
        "The U.S. Army built it.",
        "Dr. Helen Park of St. Mary wrote No. 5, i.e. Fig. 3 on p. 12.",
        "Acme Co. Ltd. was founded on Jan. 5, 1921 by J. R. Smith Jr. and others.",
        '"Stop!" he said.',
    ],
)
def test_a_point_that_shortens_a_word_ends_no_english_sentence(sentence):
    text = f"{sentence} Next one."
    assert [text[a:b] for a, b in sentences(text)] == [sentence, " Next one."]


@pytest.mark.parametrize(
    "text",
    [
        "It closes at 5 p.m. The door is locked.",
        "He lives in the U.S. In 1918, he did not.",
        "She said no. 5 people came.",
        'He asked: "Why?" Nobody knew.',
        "One line\nAnother line",
    ],
)
def test_a_sentence_ends_where_the_next_one_clearly_begins(text):
    assert len(sentences(text)) == 2


@pytest.mark.parametrize(
    ("text", "latin_script"),
    [("plain English", True), ("中文", False), ("这里有中文 with APP", False)],
)
def test_latin_script_is_told_from_chinese(text, latin_script):
    assert is_latin(text) is latin_script


_END = re.compile(r"[。！？!?]+[”’」』）)\"']*|\n")
_SEMICOLON = re.compile(r"[；;]+[”’」』）)\"']*")


@given(st.text("工会ab1_。！？;；\n”“（） ，", max_size=40), st.sampled_from(["", "长" * 130]))
def test_sentences_are_those_that_a_search_for_their_ends_finds(text, long):
    text = f"工{text}{long}"  # Chinese it is
    found = []
    for start, end in passages_module._split(text, 0, len(text), _END):
        long = end - start > passages_module.LONG_SENTENCE
        found += passages_module._split(text, start, end, _SEMICOLON) if long else [(start, end)]
    assert is_latin(text) or sentences(text) == found


def test_the_lines_of_a_long_paragraph_are_counted_from_piece_to_piece(page):
    text = "# 标题\r\n\r\n" + "".join(f"{'字' * 60}{n}。\r\n" for n in range(1, 101))
    read = page(text, "long.md")
    assert len(read.passages) > 5
    check_verbatim(read)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (Place("lines", 3, 3), {"lines": [3, 3]}),
        (Place("page", 2, 2), {"page": 2}),
        (Place("part", 11, 15), {"part": 11, "last": 15}),
    ],
)
def test_a_place_tells_where_it_ends(place, told):
    assert place.as_json() == told
