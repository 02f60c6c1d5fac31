"""Titles that questions name, and places that may be mistyped."""

from __future__ import annotations

import pytest

from retrieval.folding import fold
from retrieval.names import (
    ABOUT_IT,
    bears,
    entitled,
    in_passing,
    may_be_mistyped,
    of_another_year,
    sources_named,
    titles,
)
from retrieval.phrases import without_asking


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("劳动合同法里试用期多久", ["劳动合同法"]),
        ("按照工伤保险条例该怎么赔", ["工伤保险条例"]),
        ("《员工手册》里怎么说", ["员工手册"]),
        ("工会法规定主席怎么选", ["工会法"]),
        ("中华人民共和国工会法第三条", ["工会法"]),
        ("有什么办法可以不加班", []),
        ("这种做法违法吗", []),
        ("公司规定几点上班", []),
        ("工会条例第20条规定什么", ["工会条例"]),
        ("第二十条规定了什么", []),
        ("劳动合同法第39条规定了哪些情形", ["劳动合同法"]),
        ("违反第二十条规定怎么罚", []),
        ("第三次会议规定的", []),
        ("第四条第二款规定什么", []),
        ("第3版员工手册", ["员工手册"]),
        ("2024年考勤规定", ["考勤规定"]),
    ],
)
def test_a_document_is_named_by_words_that_end_as_titles_do(analyzer, question, found):
    assert list(titles(without_asking(fold(question).text), analyzer)) == found


def test_a_title_fits_its_name_with_or_without_the_state_the_date_and_the_part():
    assert entitled("中华人民共和国工会法", "工会法") == 1
    assert entitled("工会法(2021-12-24)", "工会法") == 1
    assert entitled("中华人民共和国民法典 物权编", "民法典") == 1
    assert entitled("工伤保险条例", "国务院工伤保险条例") == 1


def test_what_was_written_about_a_law_is_not_that_law():
    assert entitled("关于适用《工会法》的解释", "工会法") == ABOUT_IT
    assert entitled("劳动合同法实施条例", "劳动合同法") == ABOUT_IT
    assert entitled("劳动法", "工会法") == 0


def test_only_a_place_that_nobody_knows_may_be_mistyped(analyzer):
    assert may_be_mistyped("润洲区", analyzer)
    assert not may_be_mistyped("宿州", analyzer)
    assert not may_be_mistyped("海陵区", analyzer)
    assert not may_be_mistyped("2018", analyzer)
    assert not may_be_mistyped("第3届", analyzer)
    assert not may_be_mistyped("韩国", analyzer)


@pytest.mark.parametrize(
    ("document", "name", "held"),
    [
        ("john smith was born in 1580. smith sailed west", "robert smith", False),
        ("john smith was born in 1580. smith sailed west", "john smith", True),
        ("captain j. smith sailed", "john smith", True),
        ("john edward smith", "john smith", True),
        ("approved by mr smith, and by smith", "robert smith", True),
        ("smith sailed", "robert smith", True),
        ("smithson", "robert smith", False),
        ("library of boston", "boston library", True),
        ("founded in seattle", "boston", False),
        ("探险家约翰·史密斯", "约翰·史密斯", True),
        ("探险家约翰·史密斯,史密斯后来", "罗伯特·史密斯", False),
        ("史密斯后来", "罗伯特·史密斯", True),
        ("汉弗里·戴维的讲座", "汉弗莱·戴维", True),
        ("约翰•史密斯", "约翰·史密斯", True),
        ("日治时期", "日本", True),
        ("出口日本", "韩国", False),
    ],
)
def test_the_last_name_will_do_where_the_document_has_no_other_first_name(document, name, held):
    assert bears(document, name) is held


def test_a_source_is_named_by_what_hardly_means_anything_else(analyzer):
    sources = ["蓝湾报告", "云岭手册", "通知"]
    words = ["蓝湾", "云岭", "手册", "报告", "通知", "海陵"]
    assert sources_named(words, sources, analyzer) == ["蓝湾", "云岭"]


def test_a_place_is_named_in_passing_once_and_elsewhere():
    visited, own = "组织干部到海门学习", "给住院职工发慰问金"
    assert in_passing("海门区", own, f"{visited}\n{own}")
    assert not in_passing("海门区", visited, f"{visited}\n{own}")
    assert not in_passing("海门区", own, f"海门区总工会\n{visited}\n{own}")
    assert not in_passing("2018", own, f"2018年\n{own}")


def test_a_passage_that_speaks_of_other_years_only_is_of_none_of_its_own():
    assert of_another_year("2024", "年报", "2023年收入2亿元")
    assert not of_another_year("2024", "2024年年报", "2023年收入1亿元")
    assert not of_another_year("2024", "年报", "2024年收入2亿元,2023年1亿元")
    assert not of_another_year("2024", "年报", "收入2亿元")
    assert not of_another_year("海门区", "年报", "2023年收入2亿元")
