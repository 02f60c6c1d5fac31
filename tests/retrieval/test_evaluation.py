"""Evaluation: questions with known answers to figures."""

from __future__ import annotations

import pytest

from retrieval.cases import Case
from retrieval.confidence import Confidence
from retrieval.evaluation import by_kind, calibrate, figures, run, samples

FILES = {
    "hospital.txt": "海港区职工住院慰问金每人每次一百元。申请人须为工会会员。\n",
    "library.txt": "渔村图书馆每天早上九点开门，晚上八点关门，周二休息。\n",
    "tea.txt": "青山镇今年多产春茶三万斤，茶农收入增加了五百多万元。\n",
}


@pytest.fixture
def library(tmp_path, open_library):
    folder = tmp_path / "papers"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    library = open_library(资料=folder)
    library.refresh()
    return library


def outcomes(library, *cases: Case):
    return run(cases, lambda text, before: library.ask(text, previous=before))


RIGHT = Case(
    "1",
    "住院慰问金每次多少钱？",
    "number",
    (("hospital.txt", "每人每次 一百元"),),  # white space does not count
    ("一百元",),
)
WRONG_FILE = Case("2", "图书馆几点开门？", "time", (("tea.txt", "春茶三万斤"),), ("三万斤",))
REFUSED = Case("3", "怎么做红烧肉？", "none")
CLAIMED = Case("4", "青山镇春茶多产了多少斤？", "none")  # said to be unanswerable, and answered


def test_each_outcome_says_what_became_of_its_case(library):
    right, wrong, refused, claimed = outcomes(library, RIGHT, WRONG_FILE, REFUSED, CLAIMED)
    assert (right.rank, right.sentence, right.is_right) == (1, True, True)
    assert (wrong.rank, wrong.sentence, wrong.is_right) == (0, False, False)
    assert refused.is_right
    assert not claimed.is_right


def test_figures_are_shares_of_what_can_be_answered_and_of_what_cannot(library):
    found = figures(outcomes(library, RIGHT, WRONG_FILE, REFUSED, CLAIMED))
    assert found.questions == 4
    assert (found.first, found.three, found.ten, found.mrr) == (0.5, 0.5, 0.5, 0.5)
    assert found.sentence == 0.5
    assert found.answered == 1.0
    assert found.refused == 0.5


def test_the_figures_of_nothing_are_nothing():
    nothing = figures([])
    assert nothing.questions == 0
    assert nothing.first is nothing.mrr is nothing.refused is None  # no share of nothing is zero


def test_a_lower_rank_counts_less(library):
    # 工会 stands in one file, 职工 too; the quote asked for is what comes second.
    answer = library.ask("青山镇图书馆")
    assert len(answer.quotes) == 2
    second = answer.quotes[1]
    case = Case("5", "青山镇图书馆", answers=((second.citation.file, second.text),))
    (outcome,) = outcomes(library, case)
    assert outcome.rank == 2
    assert not outcome.is_right
    found = figures([outcome])
    assert (found.first, found.three, found.mrr) == (0, 1, 0.5)


@pytest.mark.parametrize(
    ("key", "any_key", "hit"),
    [
        (("一百元",), False, True),
        (("一百元", "两百元"), False, False),
        (("一百元", "两百元"), True, True),
        (("申请人",), False, False),  # it stands in the next sentence
        ((), False, True),
    ],
)
def test_a_sentence_hits_when_it_holds_the_key(library, key, any_key, hit):
    case = Case("1", RIGHT.question, answers=RIGHT.answers, key=key, any_key=any_key)
    assert outcomes(library, case)[0].sentence is hit


def test_a_follow_up_is_asked_after_its_first_question(library):
    case = Case(
        "6",
        "谁可以申请？",
        answers=(("hospital.txt", "申请人须为工会会员"),),
        previous="海港区职工住院慰问金多少钱？",
    )
    (outcome,) = outcomes(library, case)
    assert outcome.answer.question.follows == case.previous
    assert outcome.rank == 1


def test_a_question_with_answers_in_several_files_counts_how_many_are_shown(library):
    both = (("library.txt", "九点开门"), ("tea.txt", "春茶三万斤"))
    one, neither = (
        Case(str(n), question, "crossdoc", both)
        for n, question in enumerate(("渔村几点开门？", "住院慰问金"))
    )
    found = outcomes(library, one, neither, RIGHT)
    assert [o.documents for o in found] == [0.5, 0.0, None]
    assert figures(found).documents == 0.25
    assert figures([found[2]]).documents is None


def test_an_answer_of_no_certain_file_may_stand_in_any(library):
    case = Case("1", "图书馆几点开门？", answers=(("", "每天早上九点开门"),))
    assert outcomes(library, case)[0].rank == 1


def test_each_kind_has_figures_of_its_own(library):
    rows = by_kind(outcomes(library, RIGHT, WRONG_FILE, REFUSED, CLAIMED))
    assert list(rows) == ["all", "none", "number", "time"]
    assert [row.questions for row in rows.values()] == [4, 2, 1, 1]
    assert rows["number"].first == 1.0


def asked(library):
    return lambda text, before, out: library.ask(text, previous=before, without=out)


def test_each_answerable_question_teaches_twice_with_its_answers_and_without(library):
    with_answer, taken_away, unanswerable = samples([RIGHT, REFUSED], asked(library))

    assert (with_answer.right, with_answer.answerable) == (True, True)
    assert (taken_away.right, taken_away.answerable) == (False, False)
    assert (unanswerable.right, unanswerable.answerable) == (False, False)
    assert with_answer.score > taken_away.score
    assert with_answer.lead > 0


def test_a_question_refused_for_its_place_or_year_teaches_nothing(library):
    elsewhere = Case("7", "海陵区的图书馆每天早上几点开门？", "none")
    assert library.ask(elsewhere.question).absent
    assert samples([elsewhere], asked(library)) == []


def test_too_few_found_answers_leave_the_default(library):
    assert calibrate([RIGHT, REFUSED], asked(library)).questions == 0


def test_calibrated_what_was_found_is_surer_than_what_was_taken_away(library):
    cases = [Case(str(n), RIGHT.question, answers=RIGHT.answers) for n in range(12)]
    fitted = calibrate(cases, asked(library))
    found, taken = samples(cases[:1], asked(library))

    assert isinstance(fitted, Confidence)
    assert fitted.questions == 24
    assert fitted.of(found.score, found.lead) > fitted.threshold_answer
    assert fitted.of(taken.score, taken.lead) < fitted.threshold_answer
