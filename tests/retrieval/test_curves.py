"""Risk against coverage, and reliability."""

from __future__ import annotations

import pytest

from retrieval.confidence import Confidence, Sample
from retrieval.curves import Bin, cut, reliability, risk_coverage

EVEN = Confidence(1.0, 0.0, 0.0, 0.5, 0.1)  # the surer, the higher the score; 0.5 at score 0
SAMPLES = [
    Sample(4, 0, right=True, answerable=True),
    Sample(3, 0, right=False, answerable=False),
    Sample(2, 0, right=True, answerable=True),
    Sample(-1, 0, right=False, answerable=True),
]


def test_a_cut_says_what_is_answered_and_what_is_wrong_with_it():
    found = cut(SAMPLES, EVEN, 0.5)
    assert (found.coverage, found.risk) == (0.75, pytest.approx(1 / 3))
    assert (found.kept, found.answered, found.refused) == (1.0, pytest.approx(2 / 3), 0.0)


def test_a_cut_above_everything_answers_nothing_and_risks_nothing():
    found = cut(SAMPLES, EVEN, 0.99)
    assert (found.coverage, found.risk, found.refused) == (0, None, 1)


def test_shares_of_nothing_are_nothing():
    found = cut(SAMPLES[:1], EVEN, 0.5)
    assert found.refused is None
    assert cut(SAMPLES[1:2], EVEN, 0.5).kept is None


def test_risk_is_counted_from_the_surest_answer_on():
    assert risk_coverage(SAMPLES, EVEN) == [
        (0.25, 0),
        (0.5, 0.5),
        (0.75, pytest.approx(1 / 3)),
        (1, 0.5),
    ]


def test_equal_confidences_come_in_together():
    twins = [Sample(1, 0, True, True), Sample(1, 0, False, True)]
    assert risk_coverage(twins, EVEN) == [(1, 0.5)]


def test_reliability_puts_samples_of_about_the_same_confidence_together():
    found = reliability([*SAMPLES, Sample(50, 0, True, True)], EVEN)
    assert [b.samples for b in found] == [1, 1, 3]
    assert found[0] == Bin(1, pytest.approx(0.269, abs=0.001), 0)
    assert found[-1].right == pytest.approx(2 / 3)
