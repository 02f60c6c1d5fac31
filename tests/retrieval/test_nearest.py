"""Words that stand nowhere, and the nearest that do."""

from __future__ import annotations

import pytest

from retrieval.answers import Verdict
from retrieval.nearest import nearest


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("康奶新", "康乃馨服务站", "康乃馨"),
        ("润洲", "在润州区", "润州"),
        ("润泽", "在润州区", ""),  # half of a word is no likeness
        ("慰问品", "发放慰问金和补贴", "慰问金"),
        ("康乃新", "康乃会", ""),  # no word
        ("康奶新卖", "康乃馨服务站", "康乃馨"),
        ("慰问金", "慰问金", ""),
        ("京口区", "上海市虹口区", ""),  # another place is another place
        ("困难户", "有困难的人", ""),  # no word ends there
        ("足球场", "", ""),
    ],
)
def test_the_nearest_sounds_alike_or_differs_in_one_character(analyzer, word, text, found):
    assert nearest(word, [text], analyzer.cut) == found


def test_of_several_the_most_frequent_is_the_nearest(analyzer):
    texts = ["发放慰问信。", "发放慰问金。慰问金每次一百元。"]
    assert nearest("慰问品", texts, analyzer.cut) == "慰问金"


def test_an_answer_that_lacks_words_names_the_nearest(tmp_path, open_library):
    (tmp_path / "public").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "public" / "a.txt").write_text("食堂周六关门，周日九点开门。", "utf-8")
    (tmp_path / "secret" / "b.txt").write_text("区里有三个康乃馨服务站。", "utf-8")
    library = open_library(公开=tmp_path / "public", 内部=tmp_path / "secret")
    library.refresh()

    hidden = library.ask("食堂里的康奶新卖多少钱一斤呢", sources=["公开"])
    seen = library.ask("月球上的康奶新卖多少钱一斤呢")

    assert hidden.nearest == ()  # nothing of what is hidden
    assert seen.verdict is not Verdict.ANSWER
    assert [found for _, found in seen.nearest] == ["康乃馨"]
