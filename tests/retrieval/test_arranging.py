"""What is shown of the matches, and in which order."""

from __future__ import annotations

from retrieval.arranging import arrange
from retrieval.blocks import Place, Role
from retrieval.folding import fold
from retrieval.passages import Passage
from retrieval.questions import understand
from retrieval.ranking import Match
from retrieval.store import StoredPassage


def match(text: str, document: str, score: float) -> Match:
    place = Place("lines", 1, 1)
    passage = Passage(
        f"{document}:{text}", document, "s", "f", "t", (), Role.BODY, text, ((0, 1),), place
    )
    return Match(StoredPassage(passage, fold(text).text, ""), score, score)


def shown(analyzer, question: str, *matches: Match, limit: int = 10) -> list[str]:
    arranged = arrange(understand(question, analyzer), matches, limit)
    return [one.match.stored.passage.document for one in arranged]


BOOKS = "各级工会建成职工书屋七十六个，其中全国职工书屋两个。"
CARE = "区总工会为职工书屋赠送图书，并为劳模安排体检。"
OTHER = "职工书屋全年开放，欢迎职工借阅各类图书和报刊。"


def test_where_many_are_asked_for_each_document_speaks_before_any_speaks_again(analyzer):
    matches = [match(BOOKS, "a", 0.9), match(CARE, "a", 0.8), match(OTHER, "b", 0.7)]
    assert shown(analyzer, "哪些地方建了职工书屋？", *matches) == ["a", "b", "a"]


def test_an_ordinary_question_keeps_the_order_of_the_scores(analyzer):
    matches = [match(BOOKS, "a", 0.9), match(CARE, "a", 0.8), match(OTHER, "b", 0.7)]
    assert shown(analyzer, "职工书屋有多少个？", *matches) == ["a", "a", "b"]


def test_a_document_that_has_little_to_say_does_not_come_forward(analyzer):
    matches = [match(BOOKS, "a", 0.9), match(CARE, "a", 0.8), match(OTHER, "b", 0.2)]
    assert shown(analyzer, "哪些地方建了职工书屋？", *matches) == ["a", "a", "b"]


def test_what_another_document_says_in_nearly_the_same_words_is_folded(analyzer):
    long = BOOKS + CARE
    nearly = long.replace("两个", "三个")
    matches = [match(long, "a", 0.9), match(nearly, "b", 0.8), match(OTHER, "c", 0.7)]
    arranged = arrange(understand("职工书屋", analyzer), matches, 10)
    assert [len(one.alike) for one in arranged] == [1, 0]
    assert arranged[0].alike[0].stored.passage.document == "b"


def test_what_one_document_says_twice_stays_two_quotes(analyzer):
    long = BOOKS + CARE
    matches = [match(long, "a", 0.9), match(long.replace("两个", "三个"), "a", 0.8)]
    assert shown(analyzer, "职工书屋", *matches) == ["a", "a"]


def test_no_more_are_shown_than_wanted(analyzer):
    matches = [match(BOOKS, "a", 0.9), match(CARE, "b", 0.8), match(OTHER, "c", 0.7)]
    assert shown(analyzer, "职工书屋", *matches, limit=2) == ["a", "b"]
    assert shown(analyzer, "职工书屋") == []
