"""Aspects: a sentence that speaks of what is asked is told from one that does not."""

from __future__ import annotations

import pytest

from retrieval.aspects import says
from retrieval.folding import fold


@pytest.mark.parametrize(
    ("question", "says_it", "says_something_else"),
    [
        ("工程为什么停了？", "因连日下雨，工程停了。", "工程由三家单位承建。"),
        ("这座桥是怎么得名的？", "桥以一位石匠的名字命名。", "桥长三百米。"),
        ("铁树的别名有哪些？", "铁树又名苏铁。", "铁树喜欢阳光。"),
        ("他出生在哪里？", "他1902年生于宁波。", "他在上海工作了三十年。"),
        ("他是怎么死的？", "他次年病逝。", "他次年回乡。"),
        ("她是谁的女儿？", "她是县令之女。", "她会写诗。"),
        ("塔有多高？", "塔身高45米。", "塔有45层。"),
        ("有效期多长时间？", "证书三年内有效。", "证书由主管部门发放。"),
        (
            "Why was the line closed?",
            "It was closed because of a flood.",
            "The line has two tracks.",
        ),
    ],
)
def test_a_sentence_that_says_it_is_known(question, says_it, says_something_else):
    test = says(fold(question).text)
    assert test(fold(says_it).text)
    assert not test(fold(says_something_else).text)


@pytest.mark.parametrize("question", ["塔身有几层？", "她被称为什么？", ""])
def test_most_questions_ask_for_nothing_of_the_kind(question):
    assert not says(fold(question).text)("因为塔高45米，又名铁塔。")
