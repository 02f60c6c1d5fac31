"""Evaluation: questions with known answers to figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval.errors import UnreadableFile
from retrieval.evaluation import Case, figures, load, run

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


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_cases_are_read_with_all_they_hold(tmp_path):
    full = {
        "id": "g1",
        "question": "问",
        "kind": "number",
        "answers": [{"file": "a.txt", "quote": "答"}],
        "key": ["答", "案"],
        "key_mode": "any",
        "previous": "前",
        "note": "unknown keys are for people",
    }
    file = write(
        tmp_path / "q.jsonl", json.dumps(full, ensure_ascii=False), "", '{"question": "只问"}'
    )
    assert load(file) == [
        Case("g1", "问", "number", (("a.txt", "答"),), ("答", "案"), True, "前"),
        Case("3", "只问"),
    ]


def test_a_byte_order_mark_is_no_obstacle(tmp_path):
    (tmp_path / "q.jsonl").write_bytes('\ufeff{"question": "问"}'.encode())
    assert load(tmp_path / "q.jsonl") == [Case("1", "问")]


@pytest.mark.parametrize(
    "bad",
    [
        "not json",
        '{"answers": []}',
        "[]",
        "null",
        '"question"',
        '{"question": "问", "answers": [{"file": "a.txt"}]}',
        '{"question": "问", "answers": 5}',
        '{"question": "问", "answers": ["a.txt"]}',
        '{"question": "问", "answers": null}',
        ('{"question": "问", "key": "100元"}'),
        '{"question": null}',
    ],
)
def test_a_bad_line_is_named(tmp_path, bad):
    file = write(tmp_path / "q.jsonl", '{"question": "好"}', bad)
    with pytest.raises(UnreadableFile, match=r"q\.jsonl: line 2 "):
        load(file)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xfe\x00", "问".encode("gbk")])
def test_a_file_without_questions_is_refused(tmp_path, data):
    (tmp_path / "q.jsonl").write_bytes(data)
    with pytest.raises(UnreadableFile, match=r"q\.jsonl"):
        load(tmp_path / "q.jsonl")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere\.jsonl"):
        load(tmp_path / "nowhere.jsonl")


def test_a_line_separator_within_a_question_ends_no_line(tmp_path):
    file = write(tmp_path / "q.jsonl", '{"question": "一\u2028二"}')
    assert load(file) == [Case("1", "一\u2028二")]
