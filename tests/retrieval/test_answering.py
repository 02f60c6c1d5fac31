"""Which of the passages that an engine proposes are looked at."""

from retrieval.answering import FIRST, NEAR, _near
from retrieval.engines import Hit


def hits(*scores):
    return [Hit(f"法/法.md:{number}", score) for number, score in enumerate(scores)]


def test_the_first_candidates_are_looked_at_however_far_behind_they_are():
    proposed = hits(10.0, *[0.1] * (FIRST - 1))
    assert _near(proposed) == proposed


def test_of_the_others_those_are_looked_at_that_are_near_the_first_one():
    near, far = 10 * NEAR, 9.9 * NEAR
    proposed = hits(*[10.0] * FIRST, near, near, far, far)
    assert _near(proposed) == proposed[:-2]


def test_without_candidates_there_is_nothing_to_look_at():
    assert _near([]) == []
