"""Answers: on the five reports, the verdict, the quotes and what is marked in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from retrieval.answers import Verdict
from retrieval.blocks import join
from retrieval.passages import sentences

# question, the file of the first quote, words of the sentence that is marked
KNOWN = [
    ("海陵区职工住院慰问金每次多少钱？", "003", "100元"),
    ("海陵区总工会组织多少名职工去汤山疗休养？", "003", "34名"),
    ("贾汪区各级工会建成了多少个职工书屋？", "001", "76个"),
    ("梁溪区有多少人获得高级工证书？", "001", "4341人"),
    ("上海2024年要建设改善多少间休息室？", "001", "1000间"),
    ("润州区总工会发放了多少份要约书？", "000", "97份"),
    ("润州区有多少对青年职工喜结良缘？", "000", "400对"),
    ("惠龙易通物流工会是什么时候成立的？", "002", "2021年9月30日"),
    ("广丰区一共办了多少张工会龙卡？", "004", "28670"),
    ("广丰区欠薪投诉案件处理了多少件？", "004", "53 件"),
    ("廣豐區處理欠薪投訴案件多少件？", "004", "53 件"),  # asked in the other script
    ("广丰区总工会对九十一名劳模做了什么调查？", "004", "91 名"),
]

# question, and what of it the documents lack: words, names
UNKNOWN = [
    ("京口区总工会的住院慰问金多少钱？", "京口"),
    ("北京市海淀区有多少个职工书屋？", "海淀"),
    ("海陵区2009年评选了多少工匠？", "2009"),
    ("图书馆的量子计算机多少钱？", None),
    ("怎么做红烧肉？", None),
    ("苏格拉底是谁？", None),
    ("Python 怎么读取 csv 文件？", "Python"),
]


@pytest.mark.parametrize(("question", "file", "words"), KNOWN)
def test_a_question_is_answered_from_its_document(seeds, question, file, words):
    answer = seeds.ask(question)
    assert answer.verdict is Verdict.ANSWER
    first = answer.quotes[0]
    assert first.citation.file.startswith(file)
    assert words in first.text[slice(*first.answer)]


@pytest.mark.parametrize(("question", "name"), UNKNOWN)
def test_a_question_beside_the_documents_is_not_called_answered(seeds, question, name):
    answer = seeds.ask(question)
    assert answer.verdict is not Verdict.ANSWER
    if name:
        assert any(name in word for word in answer.missing + answer.absent)


@pytest.mark.parametrize(
    ("answered", "other"),
    [
        ("海陵区职工住院慰问金每次多少钱？", "梁溪区职工住院慰问金每次多少钱？"),
        ("海陵区职工住院慰问金每次多少钱？", "贾汪区职工住院慰问金每次多少钱？"),
        ("海陵区职工住院慰问金每次多少钱？", "海门区职工住院慰问金每次多少钱？"),  # was visited
        ("海陵区职工住院慰问金每次多少钱？", "扬州市职工住院慰问金每次多少钱？"),
        ("海陵区2018年职工住院慰问金每次多少钱？", "海陵区2015年职工住院慰问金每次多少钱？"),
        ("开展第二届海陵工匠评选活动", "开展第九届海陵工匠评选活动"),
        ("贾汪区有多少个职工书屋？", "润州区有多少个职工书屋？"),
        ("贾汪区有多少个职工书屋？", "秦淮区有多少个职工书屋？"),
    ],
)
def test_a_question_about_another_place_or_year_is_related_at_most(seeds, answered, other):
    assert seeds.ask(answered).verdict is Verdict.ANSWER
    assert seeds.ask(other).verdict is not Verdict.ANSWER


QUESTIONS = [
    "海陵区职工住院慰问金每次多少钱？",
    "上海2024年要建设改善多少间休息室？",
    "廣豐區處理欠薪投訴案件多少件？",
    "广丰区总工会对九十一名劳模做了什么调查？",
    "北京市海淀区有多少个职工书屋？",
    "双进",
    "工会",
    "1",
    "APP",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_quote_is_well_formed(seeds, seed_pages, question):
    answer = seeds.ask(question)
    assert len(answer.quotes) <= 10
    assert len({quote.id for quote in answer.quotes}) == len(answer.quotes)
    scores = [quote.score for quote in answer.quotes]
    assert scores == sorted(scores, reverse=True)
    for quote in answer.quotes:
        text = seed_pages[quote.citation.file[:3]].text
        assert "".join(join(text, quote.spans).split()) == "".join(quote.text.split())
        assert len(quote.id) <= 12
        assert quote.id.isascii()
        assert 0 <= quote.score <= 1
        start, end = quote.answer
        assert 0 <= start < end <= len(quote.text)
        assert quote.text[start:end] == quote.text[start:end].strip()
        at = 0
        for start, end in quote.marks:
            assert at <= start < end <= len(quote.text)
            at = end
        assert len(quote.file_hash) == 64


asked = st.text(st.sampled_from("海陵区职工住院工会多少钱哪年2018第二届贾汪 ?？“👍a\x00\ud800"))


@settings(max_examples=40)
@given(asked | st.text(max_size=30))
def test_any_question_gets_an_answer(seeds, question):
    answer = seeds.ask(question, limit=3)
    assert answer.question.text == question
    assert (answer.verdict is Verdict.NONE) == (not answer.quotes)


def test_a_quote_has_the_same_id_every_time(seeds):
    one, two = (seeds.ask("海陵区职工住院慰问金每次多少钱？").quotes for _ in range(2))
    assert [q.id for q in one] == [q.id for q in two]


def test_the_marked_sentence_is_a_sentence_of_its_passage(seeds):
    quote = seeds.ask("海陵区职工住院慰问金每次多少钱？").quotes[0]
    marked = quote.text[slice(*quote.answer)]
    assert marked in [quote.text[a:b].strip() for a, b in sentences(quote.text)]


def test_the_words_that_matched_are_marked_as_they_are_written(seeds):
    quote = seeds.ask("海陵區職工住院醫療慰問金").quotes[0]
    marked = {quote.text[a:b] for a, b in quote.marks}
    assert any("慰问金" in words for words in marked)


def test_a_citation_says_where_its_quote_stands(seeds):
    quote = seeds.ask("海陵区职工住院慰问金每次多少钱？").quotes[0]
    cited = quote.citation
    assert cited.source == "泰州市海陵区总工会2018年十件大事"
    assert cited.file == "003_41e9415e2b30c2d0.txt"
    assert cited.section == ("住院慰问普惠职工",)
    assert cited.place.as_json() == {"lines": [57, 57]}


def test_words_that_stand_nowhere_are_named_as_they_were_typed(seeds):
    answer = seeds.ask("海陵區有ＷＩＦＩ和滑雪場嗎？")
    assert "ＷＩＦＩ" in answer.missing
    assert any("滑雪" in word for word in answer.missing)
    assert not any("海陵" in word for word in answer.missing)


def test_an_answer_to_nothing_has_no_quotes(seeds):
    for question in ("", "？", "请问", "👍", "\x00", "zzz qqq"):
        answer = seeds.ask(question)
        assert answer.verdict is Verdict.NONE
        assert answer.quotes == ()


@pytest.mark.parametrize(("limit", "most"), [(0, 0), (1, 1), (3, 3), (50, 50)])
def test_there_are_no_more_quotes_than_asked_for(seeds, limit, most):
    assert len(seeds.ask("海陵区职工住院慰问金每次多少钱？", limit=limit).quotes) <= most


def test_the_longest_questions_are_answered_in_bounds(seeds):
    answer = seeds.ask("海陵区职工住院慰问金每次多少钱？" * 256)
    assert answer.quotes[0].citation.file.startswith("003")


def test_a_follow_up_is_answered_from_where_the_last_answer_stood(seeds):
    first = seeds.ask("贾汪区各级工会建成了多少个职工书屋？")
    second = seeds.ask("其中省级的有几个？", previous=first)
    assert second.quotes[0].citation.place == first.quotes[0].citation.place
    assert "7个省级" in second.quotes[0].text[slice(*second.quotes[0].answer)]
    assert second.question.follows == "贾汪区各级工会建成了多少个职工书屋？"


def test_a_new_subject_is_no_follow_up(seeds):
    first = seeds.ask("贾汪区各级工会建成了多少个职工书屋？")
    second = seeds.ask("海陵区职工住院慰问金每次多少钱？", previous=first)
    assert second.quotes[0].citation.file.startswith("003")
    assert second.question.follows == ""


def test_a_follow_up_to_nothing_is_a_question_of_its_own(seeds):
    first = seeds.ask("？")
    answer = seeds.ask("海陵区职工住院慰问金呢？", previous=first)
    assert answer.quotes[0].citation.file.startswith("003")


def test_the_nearest_of_another_place_is_not_sold_as_a_follow_up_s_answer(seeds):
    first = seeds.ask("海陵区职工住院慰问金每次多少钱？")
    assert seeds.ask("那贾汪区呢？", previous=first).verdict is not Verdict.ANSWER


def test_the_same_holds_for_a_place_that_jieba_does_not_know(seeds):
    first = seeds.ask("海陵区职工住院慰问金每次多少钱？")
    assert seeds.ask("那梁溪区呢？", previous=first).verdict is not Verdict.ANSWER


def test_a_new_subject_after_a_filler_word_is_no_follow_up(seeds):
    first = seeds.ask("海陵区职工住院慰问金每次多少钱？")
    second = seeds.ask("那么上海有多少休息室？", previous=first)
    assert second.quotes[0].citation.file.startswith("001")


def test_what_is_asked_of_all_documents_is_no_follow_up(seeds):
    first = seeds.ask("title:广丰 工会龙卡办了多少张？")
    second = seeds.ask("哪些地方建了职工书屋？", previous=first)
    assert not second.question.follows
    assert len({quote.citation.file for quote in second.quotes[:2]}) == 2


def test_a_condition_does_not_make_the_next_short_question_a_follow_up(seeds):
    first = seeds.ask("title:广丰 工会龙卡办了多少张？")
    second = seeds.ask("康乃馨服务站有几家？", previous=first)
    assert second.quotes[0].citation.file.startswith("000")


@pytest.mark.parametrize(
    "question", ["职工代表大会每年开几次", "食堂多少钱", "产假有几天", "工资协商怎么谈"]
)
def test_what_the_last_answer_says_nothing_of_is_a_new_subject(seeds, question):
    first = seeds.ask("海陵区职工住院慰问金每次多少钱？")
    assert seeds.ask(question, previous=first).question.follows == ""


def test_those_that_were_not_spoken_of_are_a_new_subject(seeds):
    first = seeds.ask("海陵区职工住院慰问金每次多少钱？")
    second = seeds.ask("那些货车司机入会的事怎么样了", previous=first)
    assert second.quotes[0].citation.file.startswith("002")


def test_a_counted_list_is_not_answered_by_another_number_of_headings(seeds):
    assert seeds.ask("海陵区2018年十件大事是哪些？").quotes[0].text.count("\n") == 9
    assert (
        "\n" not in seeds.ask("广丰的五项惠民措施有哪些？").quotes[0].text
    )  # it has four headings


def test_without_its_first_quote_an_answer_is_related_and_without_any_none(seeds):
    answer = seeds.ask("海陵区职工住院慰问金每次多少钱？")
    assert answer.verdict is Verdict.ANSWER
    assert answer.only(answer.quotes[:1]).verdict is Verdict.ANSWER
    elsewhere = replace(answer.quotes[0], citation=replace(answer.quotes[0].citation, here=False))
    assert answer.only((elsewhere,)).verdict is Verdict.ANSWER
    assert answer.only(answer.quotes[1:]).verdict is Verdict.RELATED
    assert answer.only(()).verdict is Verdict.NONE
