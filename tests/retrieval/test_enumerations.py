"""Lists in a text: all of it is the answer where a list is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answers import Verdict
from retrieval.enumerations import whole_list
from retrieval.library import Library
from retrieval.sources import Source


def listed(text: str, words: str) -> str:
    """The list around the first occurrence of these words."""
    at = text.index(words)
    return text[slice(*whole_list(text, (at, at + len(words))))].strip()


@pytest.mark.parametrize(
    ("before", "listing", "after"),
    [
        ("总则。\n", "应当提交下列材料:\n(一)申请表;\n(二)证明;\n(三)病历。", "\n其他从略。"),
        ("总则。", "应当提交下列材料:(1)申请表;(2)证明。", "其他从略。"),
        ("", "步骤:\n1.填表;\n2.盖章;\n3.领证。", "\n以上。"),
        ("今年很忙。", "要做三件事:一是填表;二是盖章;三是领证。", "明年再说。"),
        ("先说一句。", "第一,填表;第二,盖章。", "完了。"),
        ("引言。\n", "一、填表\n二、盖章", "\n结尾。"),
        ("引言。\n", "要带:\n- 身份证\n- 照片", "\n结尾。"),
        ("引言。", "重点是:抓组织;抓服务;抓队伍。", "结尾。"),
        ("", "(9)填表;(10)盖章;(11)领证。", ""),
    ],
)
@pytest.mark.parametrize("part", [0, -1])
def test_a_list_is_whole_from_what_leads_to_it_to_its_last_item(before, listing, after, part):
    words = listing.replace("\n", " ").split(" ")[part].strip(";。")[-2:]
    assert listed(before + listing + after, words) == listing


@pytest.mark.parametrize(
    "text",
    [
        "本条例自公布之日起施行。一是好的。",  # one is no list
        "增长1.5倍,2.5倍。",
        "上午填表;下午领证。",
        "(一)填表。(三)领证。",
    ],
)
def test_what_is_no_list_stays_a_sentence(text):
    assert whole_list(text, (0, 2)) == (0, 2)


def test_a_sentence_beside_a_list_is_not_of_it():
    text = "食堂九点开门。要带:(一)饭卡;(二)餐盒。周日休息。"
    assert listed(text, "九点") == "九点"
    assert listed(text, "周日") == "周日"


@given(st.text("一二三()12.、;:。\n 是第,-甲", max_size=60), st.data())
def test_any_list_holds_the_sentence_it_was_asked_for(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    a, b = whole_list(text, (start, end))
    assert 0 <= a <= start <= end <= b <= len(text)


CLAUSE = """第十八条 提出工伤认定申请应当提交下列材料：
（一）工伤认定申请表；
（二）劳动关系证明材料；
（三）诊断证明。
材料不完整的，应当一次性书面告知申请人需要补正的全部材料。
"""


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("申请工伤认定要哪些材料？", True),
        ("申请工伤认定要什么材料", True),
        ("工伤认定的材料都有啥", True),
        ("材料不完整怎么办？", False),
    ],
)
def test_who_asks_for_a_list_is_shown_all_of_it(tmp_path, analyzer, question, whole):
    (tmp_path / "a.txt").write_text(CLAUSE, "utf-8")
    library = Library([Source("条例", tmp_path / "a.txt")], tmp_path / "i", analyzer=analyzer)
    library.refresh()
    quote = library.ask(question).quotes[0]
    marked = quote.text[slice(*quote.answer)]
    assert (marked.startswith("第十八条") and marked.endswith("诊断证明。")) is whole
    library.close()


def test_of_headings_all_are_marked(seeds):
    answer = seeds.ask("海陵区总工会2018年的十件大事是哪十件？")
    assert answer.verdict is Verdict.ANSWER
    assert answer.quotes[0].answer == (0, len(answer.quotes[0].text))
    assert answer.quotes[0].text.count("\n") == 9
