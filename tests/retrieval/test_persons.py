"""Persons in questions: who is named is not taken for somebody else."""

from __future__ import annotations

import pytest

from retrieval.answers import Verdict
from retrieval.folding import fold
from retrieval.persons import introduced, latin_names, persons


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("张伟主席说了什么", ["张伟"]),
        ("主席曹军表示了什么", ["曹军"]),
        ("滕開昆如是說", ["滕开昆"]),
        ("王建国是谁", ["王建国"]),
        ("张建国书记是哪里人", ["张建国"]),
        ("记者李晓红写了什么", ["李晓红"]),
        ("刘洋什么时候入职的", ["刘洋"]),
        ("李小兰有什么贡献", ["李小兰"]),
        ("介绍周文静", ["周文静"]),
        ("欧阳修说了什么", ["欧阳修"]),
        ("约翰·史密斯是谁", ["史密斯", "约翰·史密斯"]),
        ("约翰·史密斯出生于哪里", ["史密斯", "约翰·史密斯"]),
        ("乔治·珀西担任什么", ["乔治·珀西"]),
        ("乔治·珀西获得什么军衔", ["乔治·珀西"]),
        ("1620年乔治·珀西做了什么", ["乔治·珀西"]),
        ("请介绍加布里埃尔·加西亚·马尔克斯的作品", ["加布里埃尔·加西亚·马尔克斯"]),
        ("长江·三峡的门票", []),
        ("部门负责人李建军", ["李建军"]),
    ],
)
def test_a_person_is_known_by_a_title_or_by_what_is_asked_about(analyzer, question, found):
    assert list(persons(fold(question).text, analyzer.cut)) == found


@pytest.mark.parametrize(
    "question",
    "书记方便吗 高兴说了什么 和平是谁 主席团成员有谁 主席荣获了什么 主席关怀了哪些职工 "
    "老师傅带徒弟 安全员是谁 金秋助学是谁办的 主任医生 马师傅的工资 石家庄市主席 王局长 "
    "温州人说 黄山的电话 连云港主席是谁 万人说 高新区主席说 施工方表示 记者江边采访 "
    "项目经理说 律师费谁出 高温津贴是谁发 那张照片是谁拍的 张家港主席 主席任期几年 "
    "书记于昨天 安康是谁 康复科是谁 平安的电话 高温有什么补贴 范围有什么变化 "
    "温暖有什么活动".split(),
)
def test_a_word_that_may_be_a_name_is_none_without_a_reason(analyzer, question):
    assert list(persons(fold(question).text, analyzer.cut)) == []


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Who is John Smith?", ["john smith"]),
        ("What did Zhang Wei say about fees", ["zhang wei"]),
        ("What Is The Annual Leave", []),
        ("How much is the fee?", []),
        ("WHO IS JOHN", []),
        ("Was the company founded in Boston?", ["boston"]),
        ("How many people work at Acme in New York", ["new york", "acme", "new york"]),
        ("Is there a holiday in May or on Monday?", []),
        ("Is the form in English, and what is in Chapter 3", []),
        ("", []),
    ],
)
def test_in_latin_letters_a_name_is_capitalised_words(question, found):
    assert list(latin_names(question)) == found


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("镇江高新区工会主席王建军说了什么", "王建军"),
        ("滕开心副主席说服务站有什么作用", "滕开心"),
        ("黄旭华有什么贡献", "黄旭华"),
        ("上海49路公交车驾驶员徐俊说了什么", ""),
        ("滕开昆说康乃馨服务站能做什么", ""),
    ],
)
def test_what_another_person_said_is_no_answer(seeds, question, name):
    answer = seeds.ask(question)
    assert (answer.verdict is Verdict.ANSWER) is not bool(name)
    assert answer.absent == ((name,) if name else ())


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("何冰莹是谁", "何冰莹"),
        ("请问,于长彬是干什么的", "于长彬"),
        ("谁是王颍?", "王颍"),
        ("工会主席是谁", ""),
        ("安全员是谁", ""),
        ("王主任是谁", ""),
        ("谁是主席", ""),
        ("何冰莹写了什么", ""),
    ],
)
def test_who_is_to_be_introduced_is_known_by_the_surname(question, name):
    assert introduced(fold(question).text) == name


@pytest.mark.parametrize("name", ["曹淑梅", "于长彬", "王颍", "何冰莹"])
def test_whoever_stands_in_a_byline_only_is_shown_there(seeds, name):
    for question in (f"{name}是谁", f"{name}是干什么的"):
        answer = seeds.ask(question)
        assert name in answer.quotes[0].text
        assert len(answer.quotes[0].text) < 40
