"""Operators: read where they were meant, and only there; what they ask of a passage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answers import Verdict
from retrieval.follow_ups import completed
from retrieval.operators import NO_FILTER, Filter, parse
from retrieval.questions import understand
from retrieval.sources import Source


@pytest.mark.parametrize(
    ("text", "rest", "filter"),
    [
        ('"职工书屋" 有几个', "职工书屋 有几个", Filter(phrases=("职工书屋",))),
        ("“职工书屋”", "职工书屋", Filter(phrases=("职工书屋",))),
        ("贾汪 「职工书屋」？", "贾汪 职工书屋 ？", Filter(phrases=("职工书屋",))),
        ('What is "Work Hours"?', "What is Work Hours ?", Filter(phrases=("work hours",))),
        ("慰问金 -海陵区", "慰问金", Filter(excluded=("海陵区",))),
        ("慰问金 －海陵区，多少钱", "慰问金 ，多少钱", Filter(excluded=("海陵区",))),
        ('-海陵 慰问金 -"住院 补助"', "慰问金", Filter(excluded=("海陵", "住院 补助"))),
        ("source:工会报 慰问金", "慰问金", Filter(sources=("工会报",))),
        ("来源：工會報 慰问金", "慰问金", Filter(sources=("工会报",))),
        ('FILE:"A b.txt" 慰问金', "慰问金", Filter(files=("a b.txt",))),
        ("标题:工会法，第三条讲什么", "，第三条讲什么", Filter(titles=("工会法",))),
        ("慰问金 title:工会法？", "慰问金 ？", Filter(titles=("工会法",))),
        ("慰问金 date:2018", "慰问金", Filter(since=(2018,), until=(2018,))),
        ("慰问金 date:2018..", "慰问金", Filter(since=(2018,))),
        ("日期：..2020-06 慰问金", "慰问金", Filter(until=(2020, 6))),
        ("date:２０１８…2020年5月 慰问金", "慰问金", Filter(since=(2018,), until=(2020, 5))),
        ("date:2018..2020", "", Filter(since=(2018,), until=(2020,))),
    ],
)
def test_operators_are_taken_out_of_the_question(text, rest, filter):
    found, asked = parse(text)
    assert (" ".join(found.split()), asked) == (rest, filter)
    assert len(found) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "海陵区的“十件大事”是哪十件？",
        '海陵区的"十件大事"是哪十件？',
        "「娘家人」指的是谁？",
        "“一” 是什么",
        "2020-2023年的工匠",
        "2020 - 2023 年的工匠",
        "2020 -2023 年的工匠",
        "零下 -5 度能放假吗",
        "e-learning 怎么报名",
        "- 住院慰问金多少",
        "-海陵区",
        "-海陵区有几个书屋？",
        "--help",
        "这段话的来源:哪里",
        "来源： 工会报",
        "date:去年 慰问金",
        "date:.. 慰问金",
        "日期：",
        "http://example.org/a?title:b",
        "文件里 file 和 title 是什么",
        '" "',
        "''",
        "",
    ],
)
def test_what_merely_looks_like_an_operator_is_none(text):
    assert parse(text) == (text, NO_FILTER)


@given(st.text(st.sampled_from(' "“”「」-－:：.2018ab海sourcetitledate来源标题?？'), max_size=30))
def test_any_text_can_be_read(text):
    rest, _ = parse(text)
    assert len(rest) == len(text)


def test_a_phrase_stays_to_be_searched_and_the_other_operators_do_not(analyzer):
    question = understand('"职工书屋" 几个 -海陵 source:工会报 title:报告', analyzer)
    assert {"职工", "书屋"} <= set(question.words)
    terms = " ".join((*question.words, *question.grams, *question.characters))
    assert [word for word in ("海", "报", "source", "title") if word in terms] == []
    assert [typed for _, typed in question.content] == ["职工", "书屋"]


def test_a_follow_up_keeps_the_operators_unless_it_has_its_own(analyzer):
    first = understand("慰问金多少 source:工会报", analyzer)
    assert completed(understand("那海陵呢", analyzer), first).filter.sources == ("工会报",)
    other = completed(understand("那海陵呢 source:年鉴", analyzer), first)
    assert other.filter.sources == ("年鉴",)


# --- in a library -------------------------------------------------------------------------------

PAPERS = {
    "rules/hospital(2018-05-01).md": "# 住院慰问办法\n\n职工住院慰问金每次五百元。\n\n凭小结领。\n",
    "rules/births(2021-03-01).md": "# 生育慰问办法\n\n职工生育慰问金每次三百元，由区总工会发放。\n",
    "news.md": "# 海港区工会\n\n慰问金已发给海港区职工，每次一百元。\n\nThe e-learning party.\n",
}


@pytest.fixture
def library(tmp_path, open_library):
    for name, text in PAPERS.items():
        path = tmp_path / "papers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    library = open_library(
        Source("工会规章", tmp_path / "papers" / "rules"),
        Source("工会", tmp_path / "papers" / "news.md"),
    )
    library.refresh()
    return library


def files(answer) -> set[str]:
    return {quote.citation.file.rpartition("/")[2].partition("(")[0] for quote in answer.quotes}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("职工慰问金每次多少", {"hospital", "births", "news.md"}),
        ('职工慰问金每次多少 "生育慰问金"', {"births"}),
        ("“慰問金每次”", {"hospital", "births"}),
        ("职工慰问金每次多少 -海港区", {"hospital", "births"}),
        ("职工慰问金每次多少 -生育 -海港区", {"hospital"}),
        ("慰问金每次多少 source:规章", {"hospital", "births"}),
        ("慰问金每次多少 source:工会", {"news.md"}),  # just this name, though it is part of others
        ("慰问金每次多少 file:NEWS", {"news.md"}),
        ("慰问金每次多少 title:住院", {"hospital"}),
        ("慰问金每次多少 date:2018", {"hospital"}),
        ("慰问金每次多少 date:2018-06..", {"births"}),
        ("慰问金每次多少 date:..2020", {"hospital"}),
        ('"e-learning"', {"news.md"}),
        ('慰问金 "art"', set()),  # stands in no party
        ("慰问金每次多少 source:年鉴", set()),
        ("慰问金每次多少 date:2020..2018", set()),
        ("title:慰问办法", {"hospital", "births"}),
        ("file:news -发给", {"news.md"}),
        ("file:news -海港区", set()),
        ("date:2021..", {"births"}),
        ("title:工会法", set()),
    ],
)
def test_only_passages_that_pass_are_quoted(library, question, found):
    answer = library.ask(question)
    assert files(answer) == found
    assert (answer.verdict is Verdict.NONE) is (not found)


def test_operators_alone_list_the_first_passages_of_each_document(library):
    answer = library.ask("title:慰问办法 来源:规章", limit=3)
    assert answer.verdict is Verdict.RELATED
    assert [quote.text for quote in answer.quotes] == [
        "生育慰问办法",
        "住院慰问办法",
        "职工生育慰问金每次三百元，由区总工会发放。",
    ]


def test_operators_show_nothing_of_sources_that_are_hidden(library):
    for question in ("source:规章", "慰问金 source:规章", "title:慰问", "慰问金 title:住院"):
        assert library.ask(question, sources=["工会"]).quotes == ()
