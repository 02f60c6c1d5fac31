"""Comparing two runs: what changed, and whether it may be chance."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import asdict, replace

from retrieval.answers import Answer, Verdict
from retrieval.cases import Case
from retrieval.comparison import Comparison, Record, compare, load, mcnemar, record
from retrieval.errors import UnreadableFile
from retrieval.evaluation import Outcome
from retrieval.questions import Question

FOUND = Record("1", "问一", "number", True, 1, True, True, "answer", 0.8, 0.2)
MISSED = replace(FOUND, rank=2, sentence=False, right=False)
REFUSED = Record("2", "问二", "none", False, 0, False, True, "related", 0.2, 0.0)


@pytest.mark.parametrize(
    ("better", "worse", "p"),
    [(0, 0, 1), (1, 1, 1), (5, 0, 1 / 16), (0, 5, 1 / 16), (6, 1, 0.125), (10, 2, 158 / 4096)],
)
def test_mcnemar_is_the_chance_of_a_fair_coin(better, worse, p):
    assert mcnemar(better, worse) == pytest.approx(p)


def test_thousands_of_changes_are_no_trouble():
    assert mcnemar(2000, 2000) == 1
    assert mcnemar(2000, 1500) < 1e-10


@pytest.mark.parametrize(
    ("better", "worse", "meaning"),
    [
        (0, 0, "nothing changed"),
        (5, 0, "may be noise"),
        (6, 0, "known to be better"),
        (0, 6, "known to be worse"),
    ],
)
def test_a_comparison_says_what_it_means(better, worse, meaning):
    found = Comparison(("a",) * better, ("b",) * worse, mcnemar(better, worse))
    assert found.meaning == meaning


def test_each_measure_counts_what_changed():
    old = [MISSED, replace(FOUND, id="3"), REFUSED]
    new = [FOUND, replace(MISSED, id="3", rank=1, right=True), replace(REFUSED, right=False)]

    paired, found = compare(old, new)

    assert paired == 3
    assert (found["R@1"].better, found["R@1"].worse) == (("1",), ())
    assert (found["sentence"].better, found["sentence"].worse) == (("1",), ("3",))
    assert (found["right or refused"].better, found["right or refused"].worse) == (("1",), ("2",))


def test_only_questions_with_the_same_id_and_words_are_compared():
    paired, found = compare([MISSED], [replace(FOUND, question="另问"), REFUSED])
    assert paired == 0
    assert found["R@1"] == Comparison((), (), 1.0)


def test_a_record_holds_what_became_of_a_case():
    case = Case("1", "问一", "number", (("a.txt", "答"),))
    answer = Answer(Question("问一"), Verdict.ANSWER, score=0.8, lead=0.2)
    assert record(Outcome(case, answer, 1, True, None)) == FOUND


def test_records_are_read_from_what_eval_printed_whatever_else_is_in_it(tmp_path):
    file = tmp_path / "old.json"
    outcomes = [asdict(FOUND) | {"new": 1}, asdict(REFUSED)]
    file.write_text(json.dumps({"figures": {}, "outcomes": outcomes}), "utf-8")
    assert load(file) == [FOUND, REFUSED]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"outcomes": 5}', '{"outcomes": [{"id": 1}]}'])
def test_another_file_is_no_run(tmp_path, text):
    file = tmp_path / "old.json"
    file.write_text(text, "utf-8")
    with pytest.raises(UnreadableFile, match=r"old\.json: is no output of"):
        load(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere\.json"):
        load(tmp_path / "nowhere.json")
