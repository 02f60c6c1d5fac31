"""English words in their other forms."""

from __future__ import annotations

import pytest

from retrieval.answers import Verdict
from retrieval.inflections import inflections
from retrieval.library import Library
from retrieval.sources import Source


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("unions", "union"),
        ("book", "books"),
        ("boxes", "box"),
        ("companies", "company"),
        ("close", "closing"),
        ("closed", "close"),
        ("stopped", "stop"),
        ("stop", "stopping"),
        ("elects", "elected"),
        ("paying", "paid"),
        ("child", "children"),
        ("wrote", "written"),
    ],
)
def test_a_form_is_found_from_another(word, form):
    assert form in inflections(word)
    assert word not in inflections(word)


@pytest.mark.parametrize("word", ["", "is", "工会", "2019", "f104"])
def test_what_is_no_english_word_has_no_forms(word):
    assert inflections(word) == ()


HANDBOOK = """# Handbook of Example Logistics

Salaries are transferred on the twenty-fifth of each month.

The staff library lends up to eight books for four weeks.

In 1911 Thomas Kerrigan founded the staff association.
"""


@pytest.fixture(scope="module")
def handbook(tmp_path_factory):
    folder = tmp_path_factory.mktemp("english")
    (folder / "handbook.md").write_text(HANDBOOK, "utf-8")
    library = Library([Source("handbook", folder / "handbook.md")], folder / "index")
    library.refresh()
    yield library
    library.close()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When is my salary transferred?", "twenty-fifth"),
        ("How many books does the library lend?", "eight books"),
        ("Who founded the association?", "Thomas Kerrigan"),
    ],
)
def test_an_english_question_finds_other_forms_of_its_words(handbook, question, words):
    answer = handbook.ask(question)
    assert answer.verdict is Verdict.ANSWER
    assert words in answer.quotes[0].text


@pytest.mark.parametrize(
    "question",
    ["How many books does the Oxford Library lend?", "How do I boil an egg?"],
)
def test_what_an_english_text_does_not_say_is_not_answered(handbook, question):
    assert handbook.ask(question).verdict is not Verdict.ANSWER
