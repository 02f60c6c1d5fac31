"""Many files at once: the same as one after the other, whatever happens to a process."""

from __future__ import annotations

import os
import signal

import pytest
from deadly import WORDS, DeadlyAnalyzer

from retrieval.intake import SEVERAL, Outcome, take_in
from retrieval.preparing import Job, prepare
from retrieval.sources import Source
from retrieval.store import Store
from retrieval.terms import Analyzer
from retrieval.workers import Worker, cores, prepare_all

LONG_AGO = 1_600_000_000  # seconds: no file that is this old may still be in the writing


@pytest.fixture
def papers(tmp_path):
    """A folder with enough files to be read by several processes, some of them faulty."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(SEVERAL + 6):
        text = f"第{number}号通知：职工书屋今天开放到{number % 12}点，欢迎各位职工前来借阅。\n"
        path = folder / f"{number:03}.txt"
        path.write_text(text, "utf-8")
        os.utime(path, (LONG_AGO, LONG_AGO))
    for name, data in [("007.txt", b"\0\1\xff"), ("008.txt", b"")]:
        (folder / name).write_bytes(data)
        os.utime(folder / name, (LONG_AGO, LONG_AGO))
    return folder


def jobs(folder):
    return [Job(Source("通知", folder), path.name, path, None) for path in sorted(folder.iterdir())]


@pytest.fixture
def worker(cache):
    worker = Worker(DeadlyAnalyzer(cache))
    worker.start()
    worker.wait_until_ready()
    yield worker
    worker.stop()


def test_several_processes_make_what_one_makes_in_the_same_order(papers, analyzer):
    told = jobs(papers)
    assert list(prepare_all(told, analyzer)) == [prepare(job, analyzer) for job in told]


def test_many_files_are_stored_and_each_is_told_of(papers, analyzer, tmp_path):
    store = Store(tmp_path / "index")
    steps = []
    take_in(store, [Source("通知", papers)], analyzer, steps.append)
    assert [step.done for step in steps] == list(range(1, len(steps) + 1))
    assert {step.total for step in steps} == {len(steps)} == {SEVERAL + 6}
    assert [s.file for s in steps if s.outcome is Outcome.FAULTY] == ["007.txt", "008.txt"]
    assert sum(s.outcome is Outcome.NEW for s in steps) == SEVERAL + 4
    assert len(store.manifest()) == SEVERAL + 6
    store.close()


def test_a_file_over_which_a_process_dies_is_named_and_the_next_is_read(papers, worker):
    (papers / "000.txt").write_text(
        f"今天的通知里有{WORDS}，谁读到它谁就停下来。全市职工书屋今天不开放。", "utf-8"
    )
    first, second, *_ = jobs(papers)
    died = worker.prepare(first)
    assert "ended (SIGKILL)" in died.state.problem
    assert died.documents == ()
    assert died.state.settled  # it is not tried again with every question
    assert worker.prepare(second).documents[0].characters > 10


@pytest.mark.skipif(cores() < 2, reason="one processor reads without other processes")
def test_a_process_that_dies_does_not_stop_the_others(papers, cache, tmp_path):
    (papers / "010.txt").write_text(
        f"今天的通知里有{WORDS}，谁读到它谁就停下来。全市职工书屋今天不开放。", "utf-8"
    )
    store = Store(tmp_path / "index")
    take_in(store, [Source("通知", papers)], DeadlyAnalyzer(cache))
    assert [file for _, file, _ in store.problems()] == ["007.txt", "008.txt", "010.txt"]
    assert len(store.manifest()) == SEVERAL + 6
    store.close()


def test_a_process_that_dies_between_two_files_is_no_fault_of_a_file(papers, worker):
    first, second, *_ = jobs(papers)
    worker.prepare(first)
    before = worker.pid
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert worker.prepare(second).state.problem == ""
    assert worker.pid != before


def test_stopped_half_way_no_process_is_left_and_the_store_is_as_before(papers, analyzer, tmp_path):
    store = Store(tmp_path / "index")
    seen = []

    def interrupt(step):
        seen.append(step)
        if step.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in(store, [Source("通知", papers)], analyzer, interrupt)
    assert len(seen) == 5
    assert store.manifest() == {}
    assert store.generation() == 0
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    store.close()


def test_a_pipe_is_not_waited_for(tmp_path, analyzer):
    os.mkfifo(tmp_path / "a.txt")
    (job,) = jobs(tmp_path)
    assert prepare(job, analyzer).state.problem != ""


class FaultyAnalyzer(Analyzer):
    """An Analyzer with a fault in it."""

    def cut(self, text):
        raise KeyError("书屋")


def test_a_fault_of_the_program_is_the_problem_of_one_file(papers, cache):
    (papers / "000.txt").write_text("全市职工书屋今天开放，欢迎各位职工前来借阅。", "utf-8")
    (papers / "000.txt").write_text("全市职工书屋今天开放。欢迎各位职工前来借阅。", "utf-8")
    prepared = prepare(jobs(papers)[0], FaultyAnalyzer(cache))
    assert "by a fault of the program (KeyError: '书屋')" in prepared.state.problem
    assert prepared.documents == ()
