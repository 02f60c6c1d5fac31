"""Confidence: what is learnt from samples, and how it is kept."""

from __future__ import annotations

import logging
import math
import random

import pytest

from retrieval.confidence import (
    DEFAULT,
    ENOUGH,
    FILE,
    Confidence,
    Sample,
    default,
    fit,
    lead,
    load,
    save,
)
from retrieval.errors import StoreUnusable

TRUE = Confidence(14.0, 6.0, -8.0, 0.5, 0.1)


def drawn(count: int, seed: int = 1) -> list[Sample]:
    """Samples that are right as often as TRUE says."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        score, ahead = chance.random(), 0.3 * chance.random()
        right = chance.random() < TRUE.of(score, ahead)
        found.append(Sample(score, ahead, right, answerable=right or chance.random() < 0.2))
    return found


def parted(count: int) -> list[Sample]:
    """Samples that one score parts cleanly: ten of each."""
    right = [Sample(0.6 + 0.01 * i, 0.2, True, True) for i in range(count)]
    return right + [Sample(0.2 + 0.01 * i, 0.0, False, False) for i in range(count)]


def test_a_confidence_is_a_share_that_grows_with_score_and_lead():
    assert 0 < DEFAULT.of(0.2, 0) < DEFAULT.of(0.5, 0) < DEFAULT.of(0.5, 0.2) < 1
    extreme = Confidence(1e6, 0, 0, 0.5, 0.1)
    assert extreme.of(1, 0) == 1
    assert extreme.of(-1, 0) == 0


@pytest.mark.parametrize(
    ("scores", "ahead"), [([], 0), ([0.5], 0), ([0.5, 0.5], 0), ([0.75, 0.5, 0.25], 0.25)]
)
def test_the_lead_is_the_distance_to_the_next(scores, ahead):
    assert lead(scores) == ahead


@pytest.mark.slow
def test_many_samples_teach_the_curve_that_made_them():
    fitted = fit(drawn(5_000))
    assert fitted.questions == 5_000
    for score, ahead in ((0.3, 0.0), (0.5, 0.1), (0.6, 0.0), (0.8, 0.2)):
        assert fitted.of(score, ahead) == pytest.approx(TRUE.of(score, ahead), abs=0.04)


def test_at_the_end_of_the_fit_no_step_makes_it_likelier():
    """The slope is nought: checked by differences, against the likelihood written out."""
    samples = drawn(300)

    def loss(score: float, ahead: float, intercept: float) -> float:
        curve = Confidence(score, ahead, intercept, 0, 0)
        likelihood = sum(
            math.log(p if s.right else 1 - p) for s in samples for p in (curve.of(s.score, s.lead),)
        )
        distance = (
            (score - DEFAULT.score) ** 2
            + (ahead - DEFAULT.lead) ** 2
            + (intercept - DEFAULT.intercept) ** 2
        )
        return distance / 50 - likelihood

    fitted = fit(samples)
    best = (fitted.score, fitted.lead, fitted.intercept)
    for at in range(3):
        for step in (-0.01, 0.01):
            moved = [value + step * (at == i) for i, value in enumerate(best)]
            assert loss(*moved) > loss(*best)


def test_the_default_stays_where_too_little_was_found():
    few = drawn(500)
    right = [s for s in few if s.right][: ENOUGH - 1]
    assert fit([]) == DEFAULT
    assert fit(right + [s for s in few if not s.right]) == DEFAULT


def test_samples_that_are_parted_cleanly_do_not_blow_the_curve_up():
    fitted = fit(parted(ENOUGH))
    assert max(map(abs, (fitted.score, fitted.lead, fitted.intercept))) < 40
    assert fitted.of(0.65, 0.2) > 0.9 > 0.1 > fitted.of(0.25, 0)


def test_in_a_gap_the_threshold_stands_in_the_middle():
    fitted = fit(parted(20))
    highest_wrong, lowest_right = fitted.of(0.39, 0), fitted.of(0.6, 0.2)
    assert fitted.threshold_answer == pytest.approx((highest_wrong + lowest_right) / 2)
    assert fitted.threshold_related < fitted.threshold_answer


def test_97_of_100_found_answers_stay_answers():
    samples = drawn(2000)
    fitted = fit(samples)
    right = [fitted.of(s.score, s.lead) for s in samples if s.right]
    kept = sum(value >= fitted.threshold_answer for value in right) / len(right)
    related = sum(value >= fitted.threshold_related for value in right) / len(right)
    assert 0.97 <= kept < 0.985
    assert related >= 0.99


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_samples_that_are_all_alike_fit_without_an_error(value):
    fitted = fit([Sample(value, value, True, True)] * 20)
    assert 0 <= fitted.threshold_related <= fitted.threshold_answer <= 1


def test_what_is_kept_is_read_again(tmp_path):
    fitted = fit(drawn(200))
    save(fitted, tmp_path)
    assert load(tmp_path) == fitted
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_without_a_file_the_default_holds_and_nothing_is_said(tmp_path, caplog):
    assert load(tmp_path) == DEFAULT
    assert not caplog.records


def test_among_more_passages_less_is_an_answer_and_as_much_is_related():
    few, many = default(1000), default(1_000_000)
    assert few == DEFAULT
    score = 0.25
    assert few.of(score, 0) > many.of(score, 0)
    assert few.of(score, 0) > few.threshold_related
    assert many.of(score, 0) > many.threshold_related


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"score": 1}',
        b'{"score": "a", "lead": 1, "intercept": 1, "threshold_answer": 1, "threshold_related": 0}',
        b'{"score": NaN, "lead": 1, "intercept": 1, "threshold_answer": 1, "threshold_related": 0}',
        b'{"score": 1, "lead": 1, "intercept": 1, "threshold_answer": 2, "threshold_related": 0}',
        b'{"score": 1, "lead": 1, "intercept": 1, "threshold_answer": 0, "threshold_related": 1}',
    ],
)
def test_a_damaged_file_is_named_once_and_the_default_holds(tmp_path, caplog, damaged):
    (tmp_path / FILE).write_bytes(damaged)
    with caplog.at_level(logging.WARNING):
        assert load(tmp_path) == DEFAULT
    (said,) = caplog.messages
    assert FILE in said
    assert "\n" not in said


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "index").write_text("a file stands in the way", "utf-8")
    with pytest.raises(StoreUnusable, match=r"calibration\.json cannot be written"):
        save(DEFAULT, tmp_path / "index")
