"""The gate: a new index that loses known answers does not take the old one's place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from retrieval.cases import Case
from retrieval.gate import Gate
from retrieval.intake import Outcome
from retrieval.library import Library
from retrieval.sources import Source

CASES = (
    Case("1", "住院慰问金每次多少钱？", answers=(("a.txt", "每次一百元"),)),
    Case("2", "图书馆几点开门？", answers=(("b.txt", "早上九点开门"),)),
    Case("3", "体育馆在哪里？", answers=(("c.txt", "体育馆在河边"),)),  # stands nowhere yet
    Case("4", "游泳馆几点关门？"),  # has no answer
)


@pytest.fixture
def papers(tmp_path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name, text in (
        ("a", "海港区职工住院慰问金每次一百元。"),
        ("b", "渔村图书馆每天早上九点开门。"),
    ):
        (folder / f"{name}.txt").write_text(text, "utf-8")
        os.utime(folder / f"{name}.txt", (1_600_000_000, 1_600_000_000))  # not in the writing
    return folder


@pytest.fixture(params=["memory", "disk"])
def opened(request, papers, tmp_path, analyzer):
    """Open a library that may lose this share of its answers."""
    libraries = []

    def make(may_lose: float | None) -> Library:
        gate = None if may_lose is None else Gate(CASES, may_lose)
        sources = [Source("资料", papers)]
        library = Library(sources, tmp_path / "index", request.param, analyzer, gate=gate)
        libraries.append(library)
        return library

    yield make
    for library in libraries:
        library.close()


def first(library: Library, question: str) -> str:
    quotes = library.ask(question).quotes
    return quotes[0].text if quotes else ""


def test_an_index_that_loses_too_many_answers_is_not_used(opened, papers):
    library = opened(0.2)
    assert library.refresh().note == ""  # the first is taken whatever it answers
    (papers / "b.txt").write_text("渔村图书馆歇业。\n", "utf-8")
    (papers / "d.txt").write_text("游泳馆晚上八点关门。\n", "utf-8")
    done = library.refresh()
    assert done.lost == ("图书馆几点开门？",)
    assert done.note == (
        "the new index loses 1 of 2 known answers, and may lose 20%: 图书馆几点开门？: what was "
        "there before goes on answering; `youju index --force` takes the new one"
    )
    assert library.pending() == 2
    assert "一百元" in first(library, "住院慰问金每次多少钱？")
    # What it would say of the file does not stand in it any more.
    assert "图书馆" not in first(library, "图书馆几点开门？")
    assert first(library, "游泳馆几点关门？") == ""


def test_what_was_refused_is_refused_again_without_being_read(opened, papers):
    opened(0.2).refresh()
    (papers / "b.txt").unlink()
    refused = opened(0.2).refresh()
    steps = []
    again = opened(0.2).refresh(steps.append)  # as another process would
    assert (again.note, again.lost) == (refused.note, refused.lost)
    assert steps == []
    (papers / "b.txt").write_text("渔村图书馆每天早上九点开门。\n\n欢迎。\n", "utf-8")
    assert opened(0.2).refresh().note == ""


def test_by_force_it_is_used(opened, papers):
    library = opened(0.2)
    library.refresh()
    (papers / "b.txt").unlink()
    assert library.refresh().lost
    steps = []
    done = library.refresh(steps.append, force=True)
    assert (done.note, done.lost) == ("", ())
    assert steps[0].outcome is Outcome.REMOVED
    assert first(library, "图书馆几点开门？") == ""
    assert library.refresh().note == ""


def test_what_may_be_lost_may_be_lost(opened, papers):
    library = opened(0.5)
    library.refresh()
    (papers / "b.txt").unlink()
    assert library.refresh().note == ""


def test_without_a_gate_nothing_is_asked(opened, papers):
    library = opened(None)
    library.refresh()
    (papers / "b.txt").unlink()
    assert library.refresh().note == ""


def test_many_lost_questions_are_named_in_part(papers):
    cases = tuple(Case(str(i), f"第{i}问", answers=(("a.txt", "x"),)) for i in range(9))
    gate = Gate(cases, 0.0)

    class Nothing:
        quotes = ()

    with pytest.raises(Exception, match="loses 9 of 9") as refused:
        gate.check(cases, lambda text, previous: Nothing())
    assert "第4问; …" in str(refused.value)
    assert "第5问" not in str(refused.value)
    assert len(refused.value.lost) == 9
