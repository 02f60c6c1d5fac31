"""An index that several processes write in parts is the one that a single process writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deadly import WORDS, DeadlyAnalyzer
from kept_files import file, publish

from retrieval.engines import Batch, Field, Hit, WeightedTerm
from retrieval.engines.disk import DiskEngine
from retrieval.intake import SEVERAL
from retrieval.library import Library
from retrieval.sources import Source
from retrieval.workers import cores

TERMS = [WeightedTerm(Field.WORD, "书屋"), WeightedTerm(Field.GRAM, "开放", 0.5)]


def found(engine: DiskEngine, word: str = "工会") -> list[str]:
    engine.state()
    return [hit.passage for hit in engine.search([WeightedTerm(Field.WORD, word)], 500)]


def elsewhere(batch: Batch) -> Batch:
    """What the draft is told of a file that is in a part."""
    return Batch(*batch.key, (), written=len(batch.entries))


@pytest.fixture
def papers(tmp_path) -> Path:
    """A folder with enough files to be read by several processes."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(SEVERAL + 6):
        text = (
            f"第{number}号通知：职工书屋今天开放到{number % 12}点。\n" + "请各位职工前来。" * number
        )
        (folder / f"{number:03}.txt").write_text(text, "utf-8")
    return folder


def test_parts_are_one_index_in_the_end(tmp_path):
    engine = DiskEngine(tmp_path / "disk")
    draft = engine.draft(anew=True)
    parts = [draft.part(), draft.part(), draft.part()]  # the last of which gets nothing
    for number, part in enumerate(parts[:2]):
        part.add(file(number, "工会 住院"))
    for part in parts:
        part.finish()
    draft.update([elsewhere(file(0, "工会")), elsewhere(file(1, "工会")), file(2, "工会 退休")])
    assert draft.searcher().size() == 3
    draft.publish("一")
    for one in (engine, DiskEngine(tmp_path / "disk")):
        assert one.state() == "一"
        assert found(one) == ["000", "001", "002"]
    publish(engine, "二", file(1, "慰问"), removed=[("资料", "2.txt")])
    assert found(engine) == ["000"]
    assert found(engine, "慰问") == ["001"]
    (directory,) = (path for path in (tmp_path / "disk").iterdir() if path.is_dir())
    assert not [path for path in directory.iterdir() if path.is_dir()]


def test_a_part_that_holds_too_little_has_all_made_anew(tmp_path):
    engine = DiskEngine(tmp_path / "disk")
    draft = engine.draft(anew=True)
    whole, broken = draft.part(), draft.part()
    for number, part in enumerate((whole, broken)):
        part.add(file(number, "工会"))
    whole.finish()  # and the other one never is
    draft.update([elsewhere(file(0, "工会")), elsewhere(file(1, "工会"))])
    draft.publish("一")
    assert engine.state() == ""


def test_a_part_that_cannot_be_written_is_no_exception(tmp_path):
    engine = DiskEngine(tmp_path / "disk")
    draft = engine.draft(anew=True)
    part = draft.part()
    (directory,) = (path for path in (tmp_path / "disk").iterdir() if path.is_dir())
    (directory / "part-0").write_text("something else is in the way")
    part.add(file(0, "工会"))
    part.finish()
    draft.update([elsewhere(file(0, "工会"))])
    draft.publish("一")
    assert engine.state() == ""


def opened(papers: Path, folder: Path, analyzer) -> Library:
    return Library([Source("通知", papers)], folder, "disk", analyzer)


def hits(library: Library) -> list[Hit]:
    library._engine.state()
    return library._engine.search(TERMS, 500)


@pytest.mark.skipif(cores() < 2, reason="one processor reads without other processes")
def test_many_files_are_found_as_if_one_process_had_written_the_index(papers, tmp_path, analyzer):
    library = opened(papers, tmp_path / "index", analyzer)
    library.refresh()
    (meta,) = (tmp_path / "index" / "disk").glob("*/meta.json")
    assert len(json.loads(meta.read_text("utf-8"))["segments"]) == min(4, cores())
    alone = DiskEngine(tmp_path / "alone")
    publish(alone, "一", *library._store.batches(analyzer))
    alone.state()
    assert hits(library) == alone.search(TERMS, 500)
    assert len(hits(library)) == SEVERAL + 6
    library.close()


@pytest.mark.skipif(cores() < 2, reason="one processor reads without other processes")
def test_what_a_process_that_died_had_written_is_written_again(papers, tmp_path, cache):
    deadly = f"今天的通知里有{WORDS}，谁读到它谁就停下来。全市职工书屋今天不开放。"
    (papers / "040.txt").write_text(deadly, "utf-8")
    library = opened(papers, tmp_path / "index", DeadlyAnalyzer(cache))
    assert [problem.file for problem in library.refresh().problems] == ["040.txt"]
    assert library._engine.state() == library._store.version()
    assert len(hits(library)) == SEVERAL + 5
    library.close()
