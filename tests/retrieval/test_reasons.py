"""Reasons: how a quote holds each word that was asked for."""

from __future__ import annotations

import pytest

from retrieval.lexicon import Group, Lexicon
from retrieval.library import Library
from retrieval.reasons import How
from retrieval.sources import Source

PAPER = """# 润州区服务办法

润州区建了三个康乃馨服务站。

用人单位可以解除劳动合同，但要说明理由，工资照发。

建站的费用由区总工会承担。
"""


@pytest.fixture
def ask(tmp_path, analyzer):
    (tmp_path / "paper(2018-05-01).md").write_text(PAPER, "utf-8")
    lexicon = Lexicon.of([Group(("炒掉",), ("解除劳动合同",))])
    source = Source("规章", tmp_path / "paper(2018-05-01).md")
    library = Library([source], tmp_path / "index", analyzer=analyzer, lexicon=lexicon)
    library.refresh()

    def first_reasons(question: str) -> set[tuple[str, How, str]]:
        return {(r.word, r.how, r.found) for r in library.ask(question).quotes[0].reasons}

    yield first_reasons
    library.close()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("建了几个服务站", ("服务站", How.ITSELF, "")),
        ("三個康乃馨服務站", ("服務站", How.ITSELF, "")),
        ("被单位炒掉要说明理由吗", ("炒掉", How.WRITTEN, "解除劳动合同")),
        ("几个康奶新服务站", ("康奶新", How.HEARD, "康乃馨")),
        ("润洲区建了几个服务站", ("润洲区", How.HEARD, "润州区")),
        ("润州区建站的费用谁承担", ("润州区", How.CONTEXT, "")),
        ("润州区建站的费用谁承担", ("润州区", How.ABOUT, "")),
        ("2018年有几个服务站", ("2018", How.ABOUT, "")),
        ("2019年有几个服务站", ("2019", How.ELSEWHERE, "")),
        ("服务办法里工资照发吗", ("工资", How.ITSELF, "")),
        ("几个服务站有足球场", ("足球场", How.NOWHERE, "")),
    ],
)
def test_each_word_is_told_how_it_was_found(ask, question, expected):
    assert expected in ask(question)


def test_a_word_of_which_only_a_part_stands_there_is_not_said_to_stand_there(ask):
    found = ask("解除劳动合同法怎么说，要说明理由吗")
    assert ("合同法", How.PARTLY, "合同") in found


def test_single_characters_say_nothing_alone(ask):
    assert [word for word, _, _ in ask("2018年服务站发了几个") if word in ("年", "发")] == []


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("张伟主席什么时候来的？", ("张伟",)),
        ("扫黑除恶办公室在哪？", ("扫黑", "除恶")),
        ("康乃新服务站有几家？", ("康乃新",)),
        ("屠呦呦服务站有几家？", ("屠呦呦",)),
        ("鳜", ("鳜",)),  # a word of one character is one
        ("海陵區有滑雪場嗎？", ("滑雪場",)),
    ],
)
def test_words_that_stand_nowhere_are_named_whole(seeds, question, missing):
    assert seeds.ask(question).missing == missing
