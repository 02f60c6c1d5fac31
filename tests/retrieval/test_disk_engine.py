"""The disk engine: a folder that nothing can spoil, and the memory engine's answers."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kept_files import file, publish, publish_two_states

from retrieval import cases
from retrieval.engines import Field, WeightedTerm
from retrieval.engines.disk import DiskEngine
from retrieval.errors import StoreUnusable
from retrieval.library import Library
from retrieval.sources import Source

ROOT = Path(__file__).parents[2]


def ask(engine: DiskEngine, word: str) -> list[str]:
    engine.state()
    return [hit.passage for hit in engine.search([WeightedTerm(Field.WORD, word)], 500)]


@pytest.fixture
def folder(tmp_path) -> Path:
    """Where an engine kept 100 files, the last of them changed."""
    engine = DiskEngine(tmp_path / "disk")
    publish_two_states(engine)
    return tmp_path / "disk"


def directories(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()]


# --- the folder ---------------------------------------------------------------------------------


def test_only_the_directory_that_counts_stays(folder):
    assert len(directories(folder)) == 1
    assert len(ask(DiskEngine(folder), "工会")) == 99
    assert ask(DiskEngine(folder), "慰问") == ["099"]


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no list of what is mapped")
def test_what_was_mapped_for_many_searches_is_given_back(folder, monkeypatch):
    def mapped() -> set[str]:
        lines = Path("/proc/self/maps").read_text().splitlines()
        return {line.split()[0] for line in lines if str(folder) in line and ".idx" in line}

    monkeypatch.setattr("retrieval.engines.disk.OFTEN", 3)
    engine = DiskEngine(folder)
    found = ask(engine, "工会")
    before = mapped()
    assert before
    assert [ask(engine, "工会") for _ in range(6)] == [found] * 6
    assert len(mapped()) == len(before)
    assert not mapped() & before  # the new ones were there before the old ones went


def test_files_that_do_not_change_are_linked_and_not_copied(folder):
    before = {path.stat().st_ino for path in directories(folder)[0].glob("*.idx")}
    publish(DiskEngine(folder), "三", file(98, "慰问"))
    assert before < {path.stat().st_ino for path in directories(folder)[0].glob("*.idx")}


def test_where_files_cannot_be_linked_they_are_copied(folder, monkeypatch):
    def refuse(old, new):
        raise OSError("this file system knows no links")

    monkeypatch.setattr(os, "link", refuse)
    publish(DiskEngine(folder), "三", file(98, "慰问"))
    assert ask(DiskEngine(folder), "慰问") == ["098", "099"]


def test_any_damage_is_no_worse_than_no_index(folder, tmp_path):
    chance = random.Random(0)
    (inside,) = directories(folder)
    files = [folder / "current", *(p for p in inside.iterdir() if p.suffix != ".lock")]
    for path in files:
        if path.name == "owned":
            continue
        for kind in range(4):
            copy = tmp_path / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder, copy)
            data = bytearray(path.read_bytes())
            match kind:
                case 0:
                    data = data[: chance.randrange(len(data))]
                case 1:
                    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
                case 2:
                    data += b"\0"
                case 3:
                    data = bytearray(len(data))
            (copy / path.relative_to(folder)).write_bytes(data)
            engine = DiskEngine(copy)
            assert engine.state() == "", path.name
            assert ask(engine, "工会") == []
        publish(engine, "三", file(1, "工会"))
        assert DiskEngine(copy).state() == "三"


def test_a_missing_file_is_no_worse_than_no_index(folder):
    next(directories(folder)[0].glob("*.term")).unlink()
    assert DiskEngine(folder).state() == ""


def test_a_copied_index_is_read_again(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "other", copy_function=shutil.copy)  # with new dates
    assert DiskEngine(tmp_path / "other").state() == "二"


def test_an_index_of_another_version_answers_while_it_is_made_anew(folder):
    reader = DiskEngine(folder)
    assert reader.state() == "二"
    current = folder / "current"
    text = current.read_text("utf-8").partition("\n")[2]
    other = text.replace("disk-", "other-")
    assert other != text
    current.write_text(f"{zlib.crc32(other.encode())}\n{other}", "utf-8")
    writer = DiskEngine(folder)
    assert writer.state() == ""
    draft = writer.draft(anew=True)
    draft.update([file(1, "工会")])
    assert len(ask(reader, "工会")) == 99
    draft.publish("三")
    assert reader.state() == "三"
    assert ask(reader, "工会") == ["001"]


LEAVE = """
import os, sys
from pathlib import Path
from retrieval.engines import Batch, Entry, Field
from retrieval.engines.disk import DiskEngine

draft = DiskEngine(Path(sys.argv[1])).draft()
draft.update([Batch("资料", "x", (Entry("x", {Field.WORD: ["工会"]}),))])
print("written", flush=True)
sys.stdin.readline()
"""


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(folder):
    command = [sys.executable, "-c", LEAVE, str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        publish(DiskEngine(folder), "三", file(98, "慰问"))
        assert len(directories(folder)) == 2
        process.send_signal(signal.SIGKILL)
        process.wait()
    publish(DiskEngine(folder), "四", file(97, "慰问"))
    assert len(directories(folder)) == 1
    assert ask(DiskEngine(folder), "慰问") == ["097", "098", "099"]


def test_a_draft_that_is_dropped_leaves_nothing(folder):
    draft = DiskEngine(folder).draft()
    draft.update([file(1, "慰问")])
    assert len(directories(folder)) == 2
    del draft
    assert len(directories(folder)) == 1


def test_what_is_mostly_deleted_asks_to_be_made_anew(folder):
    engine = DiskEngine(folder)
    engine.state()
    publish(engine, "三", removed=[("资料", f"{i}.txt") for i in range(20)])
    assert engine.state() == "三"
    publish(engine, "四", removed=[("资料", f"{i}.txt") for i in range(20, 40)])
    assert engine.state() == ""
    assert len(ask(engine, "工会")) == 59  # it answers all the same


# --- no room, no permission ---------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "disk").write_text("not a folder")
    engine = DiskEngine(tmp_path / "disk")
    assert engine.state() == ""
    with pytest.raises(StoreUnusable, match="disk: the index cannot be written"):
        engine.draft()


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Have writing fail as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(folder):
    engine = DiskEngine(folder)
    engine.state()
    words = " ".join(f"字{i}" for i in range(9_000))
    with no_file_larger_than(20_000), pytest.raises(StoreUnusable) as unusable:
        publish(engine, "三", *(file(i, words) for i in range(100, 110)))
    assert "\n" not in str(unusable.value)
    assert "cannot be written" in str(unusable.value)
    assert (engine.state(), len(ask(engine, "工会"))) == ("二", 99)
    assert DiskEngine(folder).state() == "二"
    del unusable
    publish(engine, "三", file(98, "慰问"))
    assert len(directories(folder)) == 1
    assert ask(engine, "慰问") == ["098", "099"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_file_system_that_may_only_be_read_is_searched(folder, tmp_path):
    other = tmp_path / "mounted"
    other.mkdir()
    mount = ["mount", "-t", "tmpfs", "none", str(other)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        shutil.copytree(folder, other / "disk")
        subprocess.run(["mount", "-o", "remount,ro", str(other)], check=True)
        engine = DiskEngine(other / "disk")
        assert engine.state() == "二"
        assert len(ask(engine, "工会")) == 99
        with pytest.raises(StoreUnusable, match="Read-only"):
            engine.draft()
    finally:
        subprocess.run(["umount", "-l", str(other)], check=True)


# --- the answers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def libraries(analyzer, tmp_path_factory) -> Iterator[list[Library]]:
    folder = tmp_path_factory.mktemp("index")
    sources = [Source("报道", ROOT / "seeds"), Source("法规", ROOT / "tests/data/laws")]
    made = [Library(sources, folder, engine, analyzer) for engine in ("memory", "disk")]
    for library in made:
        library.refresh()
    yield made
    for library in made:
        library.close()


@pytest.mark.slow
def test_it_answers_as_the_memory_engine_does(libraries):
    memory, disk = libraries
    questions = [case.question for case in cases.load(ROOT / "config/seeds.questions.jsonl")]
    questions += [
        "年休假有几天？",
        "女职工产假多少天",
        "工资什么时候支付",
        "车船税怎么交",
        "第三条",
    ]
    pairs = [(memory.ask(question), disk.ask(question)) for question in questions]
    firsts = [[a.quotes[0].id if a.quotes else "" for a in pair] for pair in pairs]
    verdicts = [[a.verdict for a in pair] for pair in pairs]
    for both in (firsts, verdicts):  # lengths in a byte decide what is next to equal
        assert sum(one == other for one, other in both) >= 0.97 * len(pairs)
    assert all(one.missing == other.missing for one, other in pairs)
