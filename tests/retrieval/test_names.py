"""Titles that questions name, and places that may be mistyped."""

from __future__ import annotations

import pytest

from retrieval.names import (
    ABOUT_IT,
    entitled,
    in_passing,
    may_be_mistyped,
    of_another_year,
    titles,
)


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
    ],
)
def test_a_document_is_named_by_words_that_end_as_titles_do(analyzer, question, found):
    assert list(titles(question, analyzer)) == found


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
