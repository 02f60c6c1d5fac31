"""Everyday words to written ones: which are found in a question, and which are not."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.folding import fold
from retrieval.lexicon import Expansion, Group, Lexicon

LEXICON = Lexicon.of(
    [
        Group(("老板", "公司"), ("用人单位",), 0.5),
        Group(("炒鱿鱼", "开除"), ("解除劳动合同", "辞退")),
        Group(("工资",), ("劳动报酬",)),
        Group(("拖…工资", "拖着"), ("拖欠工资",)),
        Group(("最低工资",), ("最低工资标准",)),
        Group(("七天退货",), ("七日内退货",)),
        Group(("overtime pay",), ("加班费",)),
        Group(("加班", "工資卡"), ("延长工作时间",), 0.5),
        Group(("加班",), ("延长工作时间", "加班加点"), 0.8),
    ]
)


@pytest.fixture
def expand(analyzer):
    """What a question as typed is expanded to, as pairs of said and written."""

    def expand(question: str) -> list[tuple[str, str]]:
        return [(e.said, e.written) for e in LEXICON.expand(fold(question).text, analyzer.cut)]

    return expand


def test_each_phrase_stands_for_all_its_written_words_in_the_order_of_the_question(expand):
    assert expand("被老板开除了") == [
        ("老板", "用人单位"),
        ("开除", "解除劳动合同"),
        ("开除", "辞退"),
    ]


def test_an_expansion_knows_the_slice_it_stands_for_and_its_weight(analyzer):
    assert LEXICON.expand("被老板骂", analyzer.cut) == (Expansion(1, 3, "老板", "用人单位", 0.5),)


def test_of_phrases_that_overlap_the_longest_counts(expand):
    assert expand("最低工资多少") == [("最低工资", "最低工资标准")]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("老板拖工资", "拖工资"),
        ("老板拖了我们三个人的工资", "拖了我们3个人的工资"),
        ("拖着不给，工资", "拖着"),  # not over a comma
        ("拖了我和同一个宿舍的工友们工资", ""),  # not over more than eight characters
    ],
)
def test_an_ellipsis_stands_for_up_to_eight_characters_or_none(expand, question, said):
    assert [s for s, written in expand(question) if written == "拖欠工资"] == [said] * bool(said)


def test_what_stands_in_the_gap_is_a_phrase_of_its_own(expand):
    assert ("加班", "延长工作时间") in expand("拖了加班的工资")


@pytest.mark.parametrize("question", ["职工资格证", "公司法", "加班费"])
def test_a_phrase_is_found_only_where_words_begin_and_end(expand, question):
    assert expand(question) == []


@pytest.mark.parametrize("question", ["overtime payment", "xovertime pay", "overtimepay"])
def test_latin_words_are_whole_too(expand, question):
    assert expand(question) == []
    assert expand("Is Overtime Pay due?") == [("overtime pay", "加班费")]


def test_script_width_and_numerals_do_not_matter_on_either_side(expand):
    assert expand("被炒魷魚") == [("炒鱿鱼", "解除劳动合同"), ("炒鱿鱼", "辞退")]
    assert expand("工资卡") == [("工资卡", "延长工作时间")]  # the entry is in traditional script
    assert expand("能７天退货吗") == [("7天退货", "7日内退货")]


def test_what_the_question_holds_already_is_left_out(expand):
    assert expand("开除算解除劳动合同吗") == [("开除", "辞退")]


def test_a_word_of_two_groups_is_written_once_with_the_higher_weight(analyzer):
    found = LEXICON.expand("加班", analyzer.cut)
    assert [(e.written, e.weight) for e in found] == [("延长工作时间", 0.8), ("加班加点", 0.8)]


def test_an_empty_lexicon_and_an_empty_question_have_nothing(expand, analyzer):
    assert Lexicon.of([]).expand("老板", analyzer.cut) == ()
    assert expand("") == []


def test_a_lexicon_can_be_kept_as_json(analyzer):
    kept = Lexicon(**json.loads(json.dumps(LEXICON.parts)))
    question = "老板拖了三个月工资，加班"
    assert kept.expand(question, analyzer.cut) == LEXICON.expand(question, analyzer.cut)


@settings(max_examples=100)
@given(st.text(st.sampled_from("老板拖工资加班炒鱿鱼最低公司法七天，a "), max_size=30))
def test_every_expansion_stands_where_it_says_and_none_overlap_outside_a_gap(analyzer, text):
    question = fold(text).text
    found = LEXICON.expand(question, analyzer.cut)
    assert all(question[e.start : e.end] == e.said for e in found)
    assert all(e.written not in question for e in found)
    whole = sorted({(e.start, e.end) for e in found if not e.said.startswith("拖")})
    assert all(one[1] <= other[0] for one, other in pairwise(whole))
