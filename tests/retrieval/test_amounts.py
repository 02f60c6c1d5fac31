"""Numbers in questions: conditions that passages meet, claims that they confirm or not."""

from __future__ import annotations

import pytest

from retrieval.amounts import amounts, borne, claims, states
from retrieval.answers import Verdict
from retrieval.folding import fold
from retrieval.library import Library
from retrieval.sources import Source

LEAVE = """职工带薪休假办法

第一条 职工累计工作已满1年不满10年的，年休假5天；已满10年不满20年的，年休假10天；\
已满20年的，年休假15天。
第二条 当年度未安排休满年休假的，应当按照职工当年已工作时间折算年休假天数，\
并支付未休年休假工资报酬。
第三条 职工住院的，工会每次给付慰问金100元，全年不超过2次。
第四条 三分之一以上的会员提议，可以临时召开会员大会。
第五条 加班每天不得超过3小时，每月不得超过36小时。
第六条 工资不得低于最低工资标准。
第七条 本单位共有职工书屋76个，走访困难劳模17人，参保率达到95%。
"""
OTHER = """工会成立六十周年纪念

为纪念工会成立60周年，15号文件要求各单位组织慰问活动。第二届职工运动会有500人参加。
49路司机的休息室添了躺椅。
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory, analyzer):
    folder = tmp_path_factory.mktemp("numbers")
    (folder / "leave.txt").write_text(LEAVE, "utf-8")
    (folder / "other.txt").write_text(OTHER, "utf-8")
    sources = [Source("办法", folder / "leave.txt"), Source("纪念", folder / "other.txt")]
    library = Library(sources, folder / "index", analyzer=analyzer)
    library.refresh()
    yield library
    library.close()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("我工作了7年，年假几天？", "不满10年"),
        ("工作12年的职工有几天年假", "不满20年"),
        ("干了二十五年，年休假多少天", "已满20年"),
        ("工作满15年年假有15天吗", "年休假"),
        ("一年能领三次慰问金吗", "不超过2次"),
        ("加班40小时合法吗", "36小时"),
        ("每天加班5小时可以吗", "3小时"),
        ("四分之一的会员提议能开会员大会吗", "三分之一"),
        ("第五条说的什么", "第五条"),
        ("慰问金是不是100元？", "100元"),
        ("慰问金每次一百块对吗", "100元"),
        ("走访了17名困难劳模吗", "17人"),
        ("职工书屋是不是有76个", "76个"),
        ("参保率是不是95%", "95%"),
        ("工会成立六十周年有什么活动", "60周年"),
        ("15号文件要求做什么", "15号文件"),
        ("49路司机的休息室添了什么", "躺椅"),
    ],
)
def test_numbers_of_one_s_own_and_those_that_stand_there_are_answered(library, question, words):
    answer = library.ask(question)
    assert answer.verdict is Verdict.ANSWER
    assert words in answer.quotes[0].text
    assert not answer.absent


@pytest.mark.parametrize(
    ("question", "absent"),
    [
        ("慰问金是不是200元？", "200元"),
        ("住院慰问金每次300块对吗", "300块"),
        ("走访了三十名困难劳模吗", "30名"),
        ("职工书屋是不是有七十个", "70个"),
        ("参保率是不是80%", "80%"),
        ("最低工资标准是不是2000元", "2000元"),
        ("工会成立七十周年有什么活动", "70周年"),
        ("16号文件要求做什么", "16号文件"),
        ("50路司机的休息室添了什么", "50路"),
        ("第三届职工运动会有多少人参加", "第3届"),
        ("第三十六条怎么规定慰问金", "第36条"),
    ],
)
def test_a_number_that_stands_nowhere_is_named_and_nothing_is_called_an_answer(
    library, question, absent
):
    answer = library.ask(question)
    assert answer.verdict is Verdict.RELATED
    assert absent in answer.absent


def test_an_amount_that_stands_beside_something_else_confirms_nothing(library):
    answer = library.ask("慰问金是不是76个？")  # which are reading rooms
    assert answer.verdict is Verdict.RELATED
    assert answer.absent == ()


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("工作满7年", ["7年"]),
        ("2018年", []),  # of the calendar
        ("一个人一年", []),  # no numbers, but articles
        ("哪两位", []),  # asked for
        ("第36条", []),  # a name
        ("三十日以内", ["30日"]),
        ("6月30日期间", []),
        ("两百多名", ["200多名"]),
        ("8个小时和三分之二", ["8个小时", "3分之二"]),
    ],
)
def test_amounts_are_numbers_with_units(question, found):
    assert [amount.text for amount in amounts(fold(question).text)] == found


@pytest.mark.parametrize(
    ("question", "claimed"),
    [
        ("慰问金是不是200元？", ["200元"]),
        ("年假有30天吗", ["30天"]),
        ("每月36小时，对吗", []),  # not in the same clause: rather missed
        ("我工作7年能休10天吗", []),  # what may be
        ("新增了三千多人吗", []),  # about
        ("慰问金200元怎么领", []),
        ("慰问金超过200元吗", []),
    ],
)
def test_a_claim_is_the_amount_that_is_to_be_confirmed(question, claimed):
    assert list(claims(fold(question).text)) == claimed


@pytest.mark.parametrize(
    ("asked", "text", "worth"),
    [
        ("7年", "满1年不满10年", 1),
        ("12年", "满1年不满10年", 0.5),  # 满1年
        ("7年", "满10年", 0),
        ("25年", "20年以上", 0.5),
        ("3个月", "不满6个月", 0.5),
        ("8天", "5天至10天", 1),
        ("30天", "提前30日通知", 1),
        ("200元", "1200元", 0),
        ("200元", "200余元", 1),
        ("3小时", "每天3个小时", 1),
        ("7年", "", 0),
    ],
)
def test_an_amount_is_borne_by_itself_or_by_a_range(asked, text, worth):
    assert borne(amounts(asked), text) == worth


def test_amounts_are_the_same_in_each_of_their_units():
    assert states("每次100块钱", "100元")
    assert states("走访17人", "17名")
    assert not states("走访117人", "17名")
    assert not states("共17.5元", "17元")
