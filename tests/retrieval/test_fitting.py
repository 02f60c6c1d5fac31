"""The things that questions ask for, and where texts hold one of them."""

from __future__ import annotations

import random
import re

import pytest

from retrieval import fitting as fitting_module
from retrieval.fitting import fitter, fitting, lacks
from retrieval.folding import fold
from retrieval.questions import Question, understand


def fit(question: Question, text: str) -> float:
    return fitter(question)(text)


def marked(analyzer, question: str, text: str) -> list[str]:
    folded = fold(text).text
    return [folded[slice(*span)] for span in fitting(understand(question, analyzer), folded)]


@pytest.mark.parametrize(
    ("question", "text", "held"),
    [
        ("每次多少钱？", "自2018年起每次补助300元。", ["300元"]),
        ("有多少人参加？", "2018年共有1700余人参加。", ["1700余人"]),
        ("试用期多久？", "第十九条 试用期不得超过六个月。", ["6个月"]),
        ("覆盖率是百分之几？", "2019年覆盖率达到85%。", ["85%"]),
        ("什么时候成立的？", "港口工会于2022年5月20日成立。", ["2022年5月20日"]),
        ("一共建了几家书屋？", "2018年建成12家书屋。", ["12家"]),
    ],
)
def test_the_amount_with_its_unit_is_what_fits(analyzer, question, text, held):
    assert marked(analyzer, question, text) == held


def test_a_number_of_something_else_fits_less_and_is_not_marked(analyzer):
    question = understand("每次多少钱？", analyzer)
    assert fit(question, "每次300元") > fit(question, "共有300人") > fit(question, "若干") == 0
    assert marked(analyzer, "每次多少钱？", "共有300人") == []


def test_a_question_that_asks_for_no_such_thing_fits_nothing(analyzer):
    assert marked(analyzer, "住院慰问", "每次300元") == []
    assert fit(understand("住院慰问", analyzer), "每次300元") == 0


def test_what_a_word_means_stands_where_it_is_followed_by_is(analyzer):
    question = understand("什么是居住权？", analyzer)
    meaning, mention = "居住权是对他人住宅的用益物权。", "居住权消灭的,应当办理注销登记,这是义务。"
    assert fit(question, meaning) > fit(question, mention)


@pytest.mark.parametrize(
    ("question", "text", "does"),
    [
        ("一份套餐多少钱？", "食堂每天供应三十种菜。", True),
        ("一份套餐多少钱？", "食堂套餐每份十五元。", False),
        ("龙井茶多少钱？", "品名：龙井茶；单价（元）：168；库存：42", False),
        ("龙井茶多少钱？", "品名：龙井茶；库存：42", True),
        ("有多少会员？", "会员可以免费参加。", True),
        ("有多少会员？", "现有会员五千六百人。", False),
        ("休息室多少平方米？", "休息室三间，配有空调。", True),
        ("休息室多少平方米？", "休息室占地八十平方米。", False),
        ("投诉热线是哪个号码？", "开通全国统一的投诉热线。", True),
        ("投诉热线是哪个号码？", "投诉热线12351全天开通。", False),
        ("How many books may I borrow?", "Readers borrow up to eight books.", False),
        ("How many books may I borrow?", "Readers borrow books.", True),
        ("经费多少？", "树立统一思想，(二)做好一系列工作。", True),
        ("经费多少？", "经费两笔，一笔已到。", False),
        ("津贴发几个月？", "2024年6月1日起发放津贴。", True),  # no date is an amount
        ("图书馆几点开门？", "图书馆早上八点开门。", False),
        ("哪一年建成的？", "图书馆已经建成。", True),
        ("哪一年建成的？", "图书馆1815年建成。", False),
        ("食堂在哪里？", "食堂在一楼。", False),  # asks for no amount
        ("分哪几种？", "分为门诊和病房。", False),  # asks for a list
    ],
)
def test_a_text_without_anything_of_the_kind_asked_for_cannot_answer(
    analyzer, question, text, does
):
    assert lacks(understand(question, analyzer), fold(text).text) is does


@pytest.mark.parametrize("pattern", list(fitting_module._SIGNS))
def test_a_sign_is_found_just_where_the_pattern_is_that_it_stands_for(pattern):
    chance = random.Random(5)
    pieces = (
        "在 位于 地点 省 市 街道 大厦 站 王 张 说 主席 书记 : 12 1949 20 年 月 日 内 春 季 节 "
        "may june ， 。 、 ( ) 一 的 了"
    ).split()
    signs = fitting_module._signs(re.compile(pattern))
    for _ in range(3000):
        text = "".join(chance.choices(pieces, k=chance.randrange(9)))
        found = any(sign.search(text) for sign in signs)
        assert found == bool(re.search(pattern, text)), text
