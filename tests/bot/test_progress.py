"""The progress bar: seen at a terminal only, gone at the end, silent where it is quick."""

from __future__ import annotations

import io

import pytest

from bot.progress import Progress
from retrieval.intake import Outcome, Step


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def run(out, clock, seconds_each: float, files: int) -> str:
    with Progress(out, clock) as watch:
        for done in range(1, files + 1):
            clock.now += seconds_each
            watch(Step(done, files, "报道", f"{done}.txt", Outcome.NEW))
    return out.getvalue()


@pytest.mark.parametrize("out", [Terminal(), io.StringIO()])
def test_what_takes_less_than_a_second_shows_nothing(out, clock):
    assert run(out, clock, 0.01, 90) == ""


def test_a_terminal_shows_files_rate_and_time_left_in_one_line_that_goes_away(clock):
    frames = run(Terminal(), clock, 0.5, 1200).split("\r")
    assert frames[1].startswith("░")
    assert "2 of 1,200 files, 2.0 a second, 9:59 left" in frames[1]
    middle = next(frame for frame in frames if "600 of" in frame)
    assert middle.count("█") == middle.count("░") == 12
    assert "1,200 of 1,200 files; arranging them for search" in frames[-2]
    assert frames[-1] == "\x1b[K"
    assert all("\n" not in frame for frame in frames)


def test_elsewhere_a_plain_line_comes_now_and_then(clock):
    lines = run(io.StringIO(), clock, 0.5, 100).splitlines()
    assert lines[0] == "youju: 20 of 100 files, 2.0 a second, 0:40 left"
    assert len(lines) == 5


def test_a_bar_is_drawn_ten_times_a_second_at_most(clock):
    frames = run(Terminal(), clock, 0.001, 3000).split("\r")
    assert 15 <= len(frames) <= 25


def test_what_is_written_for_search_has_a_rate_of_its_own(clock):
    out = io.StringIO()
    with Progress(out, clock) as watch:
        for outcome, seconds in ((Outcome.NEW, 1), (Outcome.WRITTEN, 4)):
            for done in range(1, 31):
                clock.now += seconds
                watch(Step(done, 30, "报道", f"{done}.txt", outcome))
    assert "20 of 30 files, 1.0 a second, 0:10 left" in out.getvalue()
    assert "of 30 files written for search, 0.2 a second, " in out.getvalue()
