"""The memory engine: rank-bm25's own scores, and a folder that nothing can spoil."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import zlib
from collections import Counter
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept_files import file, publish, publish_two_states
from rank_bm25 import BM25Okapi

from retrieval.engines import Batch, Entry, Field, WeightedTerm
from retrieval.engines.building import Builder, merged
from retrieval.engines.memory import MemoryEngine
from retrieval.engines.model import BM25, COLUMNS, K1, B, Impact, Part, best, searched
from retrieval.engines.postings import MANY, MOST, Postings, decode, decode_one, encode
from retrieval.engines.segment import Segment
from retrieval.library import Library
from retrieval.sources import Source
from retrieval.store import Store

ROOT = Path(__file__).parents[2]


class Reference(BM25Okapi):
    """The package's model, searched by the package; only its idf is Lucene's."""

    def _calc_idf(self, nd):
        n = self.corpus_size
        self.idf = {word: log(1 + (n - held + 0.5) / (held + 0.5)) for word, held in nd.items()}


# --- scores -------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["seeds", "tests/data/laws"])
def batches(request, analyzer, tmp_path_factory) -> list[Batch]:
    folder = tmp_path_factory.mktemp("index")
    library = Library([Source("资料", ROOT / request.param)], folder, analyzer=analyzer)
    library.refresh()
    library.close()
    store = Store(folder)
    found = list(store.batches(analyzer))
    store.close()
    return found


def segment(*batches: Batch) -> Segment:
    builder = Builder()
    for batch in batches:
        builder.add(batch)
    return builder.segment()


@pytest.mark.parametrize("field", Field)
def test_scores_are_those_of_rank_bm25(batches, field):
    entries = sorted((e for b in batches for e in b.entries), key=lambda e: e.passage)
    reference = Reference([list(e.terms[field]) for e in entries], k1=K1, b=B)
    model = BM25([Part(segment(*batches))], field)
    terms = sorted(reference.idf)
    asked = random.Random(0).sample(terms, min(300, len(terms)))
    for query in [[term] for term in asked] + [asked[i : i + 8] for i in range(0, 300, 8)]:
        assert model.get_scores(query) == pytest.approx(reference.get_scores(query), abs=1e-5)
    assert not model.get_scores(["\ue000", ""]).any()


def test_searches_find_what_rank_bm25_finds_in_its_order(batches):
    entries = sorted((e for b in batches for e in b.entries), key=lambda e: e.passage)
    reference = Reference([list(e.terms[Field.GRAM]) for e in entries], k1=K1, b=B)
    engine = MemoryEngine()
    draft = engine.draft()
    draft.update(batches)
    draft.publish()
    for some in random.Random(1).sample(entries, 20):
        query = list(some.terms[Field.GRAM])[:12]
        scores = reference.get_scores(query)
        hits = engine.search([WeightedTerm(Field.GRAM, term) for term in query], 50)
        expected = [i for i in np.argsort(-scores, kind="stable")[:50] if scores[i] > 0]
        assert [hit.score for hit in hits] == pytest.approx(scores[expected].tolist(), abs=1e-5)
        places = {entry.passage: i for i, entry in enumerate(entries)}
        assert [scores[places[hit.passage]] for hit in hits] == pytest.approx(scores[expected])


# --- the best of many ---------------------------------------------------------------------------


@given(st.integers(0, 3 * COLUMNS * 7), st.integers(0, 7), st.integers(0, 2**32), st.integers(1, 9))
def test_the_best_are_those_that_sorting_finds(size, limit, seed, values):
    total = np.random.default_rng(seed).integers(0, values, size).astype(np.float32)
    order = np.argsort(-total, kind="stable")[:limit]
    assert best(total, limit).tolist() == [i for i in order.tolist() if total[i] > 0]


@given(st.integers(1, 900), st.integers(0, 12), st.integers(0, 2**32), st.booleans())
def test_common_words_count_although_they_are_looked_up_only_where_they_decide(
    size, limit, seed, some
):
    chance = np.random.default_rng(seed)
    weighted, total = [], np.zeros(size, np.float32)
    for highest in chance.integers(1, 9, 6).tolist():
        scores = chance.integers(0, highest + 1, size).astype(np.float32)
        weight, places = float(chance.integers(1, 3)), None
        if chance.random() < 0.5:
            places = np.flatnonzero(chance.random(size) < 0.1)
            scores = scores[places]
        impact = Impact(places, scores, float(highest))
        weighted.append((weight, impact))
        impact.add_to(total, weight)
    allowed = chance.random(size) < 0.5 if some else None
    if allowed is not None:
        total *= allowed
    places, scores = searched([*weighted, (1.0, None)], size, allowed, limit)
    assert places.tolist() == best(total, limit).tolist()
    assert scores.tolist() == total[places].tolist()


# --- postings as bytes --------------------------------------------------------------------------

COUNTS = st.integers(1, 3) | st.integers(1, MOST)
TERM = st.dictionaries(st.integers(0, 300) | st.integers(0, 2**24 - 1), COUNTS, min_size=1)
LONG = st.builds(
    lambda n, gap, most: {i * gap: 1 + i % most for i in range(n)},
    st.integers(MANY, MANY * 3),
    st.integers(1, 300) | st.integers(1, 2**17),
    st.integers(1, 3) | st.integers(1, MOST),
)


@given(st.lists(TERM | LONG, max_size=12))
def test_postings_are_what_they_were(terms):
    postings = Postings(
        np.array([len(term) for term in terms], dtype=np.int64),
        np.array([p for term in terms for p in sorted(term)], dtype=np.int64),
        np.array([term[p] for term in terms for p in sorted(term)], dtype=np.int64),
    )
    data, sizes = encode(postings)
    again = decode(data, sizes, postings.frequencies)
    assert again.passages.tolist() == postings.passages.tolist()
    assert again.counts.tolist() == postings.counts.tolist()
    ends = np.cumsum(sizes).tolist()
    for i, term in enumerate(terms):
        passages, counts = decode_one(data[ends[i] - int(sizes[i]) : ends[i]], len(term))
        assert dict(zip(passages.tolist(), counts.tolist(), strict=True)) == term


def test_a_term_counts_no_more_than_two_bytes_hold():
    often = Batch("资料", "a.txt", (Entry("a", {Field.WORD: ["工会"] * (MOST + 9)}),))
    (held,) = segment(often).fields["word"].passages(0)[1]
    assert held == MOST
    again = merged([(segment(often), ()), (segment(), ())])
    assert again.fields["word"].passages(0)[1] == [MOST]
    assert again.fields["word"].lengths.tolist() == [MOST + 9]


# --- the folder ---------------------------------------------------------------------------------


def ask(engine: MemoryEngine, word: str) -> list[str]:
    return [hit.passage for hit in engine.search([WeightedTerm(Field.WORD, word)], 500)]


@pytest.fixture
def folder(tmp_path) -> Path:
    """Where an engine kept two segments: one of 100 files, one of the last of them, changed."""
    engine = MemoryEngine(tmp_path / "memory")
    publish_two_states(engine)
    return tmp_path / "memory"


def names(folder: Path) -> Counter[str]:
    return Counter(path.suffix or path.name for path in folder.iterdir())


def test_a_changed_file_is_kept_beside_the_rest(folder):
    assert names(folder) == {".segment": 2, "current": 1}
    engine = MemoryEngine(folder)
    assert engine.state() == "二"
    assert len(ask(engine, "工会")) == 99
    assert ask(engine, "慰问") == ["099"]


def test_after_many_changes_all_is_one_segment_again(folder):
    engine = MemoryEngine(folder)
    engine.state()
    for i in range(30):
        publish(engine, f"{i}", file(i, "慰问"))
        assert names(folder)[".segment"] <= 2
    assert len(ask(MemoryEngine(folder), "慰问")) == 0  # not before it was asked for its state
    again = MemoryEngine(folder)
    assert again.state() == "29"
    assert len(ask(again, "慰问")) == 31


def test_an_empty_index_is_kept_too(tmp_path):
    publish(MemoryEngine(tmp_path), "空")
    assert MemoryEngine(tmp_path).state() == "空"


def test_any_damage_is_no_worse_than_no_index(folder, tmp_path):
    chance = random.Random(0)
    for path in sorted(folder.iterdir()):
        for _ in range(40):
            copy = tmp_path / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder, copy)
            data = bytearray(path.read_bytes())
            match chance.randrange(4):
                case 0:
                    data = data[: chance.randrange(len(data))]
                case 1:
                    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
                case 2:
                    data += b"\0"
                case 3:
                    data = bytearray(len(data))
            (copy / path.name).write_bytes(data)
            engine = MemoryEngine(copy)
            assert engine.state() == ""
            assert ask(engine, "工会") == []
            publish(engine, "三", file(1, "工会"))
            assert MemoryEngine(copy).state() == "三"


def test_a_missing_segment_is_no_worse_than_no_index(folder):
    next(folder.glob("*.segment")).unlink()
    assert MemoryEngine(folder).state() == ""


def test_a_copied_index_is_read_again(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "other", copy_function=shutil.copy)  # with new dates
    assert MemoryEngine(tmp_path / "other").state() == "二"


def test_an_index_of_another_version_is_made_anew(folder):
    current = folder / "current"
    text = current.read_text("utf-8").partition("\n")[2]
    for other in (text.replace("youju-", "other-"), text.replace('"word"', '"wort"')):
        assert other != text
        current.write_text(f"{zlib.crc32(other.encode())}\n{other}", "utf-8")
        assert MemoryEngine(folder).state() == ""


def test_what_a_killed_process_left_is_removed_in_time(folder):
    engine = MemoryEngine(folder)
    engine.state()
    old, new = folder / "0.segment", folder / "1.segment"
    for path in (old, new):
        path.write_bytes(b"half")
    long_ago = 1_000_000_000
    os.utime(old, (long_ago, long_ago))
    publish(engine, "三", file(200, "工会"))
    assert not old.exists()
    assert new.exists()  # another process may be writing it


def test_where_nothing_can_be_written_all_stays_in_memory(tmp_path):
    (tmp_path / "memory").write_text("not a folder")
    engine = MemoryEngine(tmp_path / "memory")
    assert engine.state() == ""
    publish(engine, "一", file(1, "工会"))
    assert engine.state() == "一"
    assert ask(engine, "工会") == ["001"]


WRITER = """
import sys
from pathlib import Path
from retrieval.engines import Batch, Entry, Field
from retrieval.engines.memory import MemoryEngine

who, folder = sys.argv[1], Path(sys.argv[2])
engine = MemoryEngine(folder)
for turn in range(30):
    engine.state()
    draft = engine.draft()
    for number in range(turn % 7 + 1):
        entry = Entry(f"{who}{number}", {Field.WORD: ["工会", who]})
        draft.update([Batch("资料", f"{who}{number}", (entry,))])
    draft.publish(f"{who}{turn}")
    assert engine.search([], 5) == []
"""


def test_two_processes_may_write_at_once(tmp_path):
    command = [sys.executable, "-c", WRITER]
    both = [
        subprocess.Popen([*command, who, str(tmp_path / "memory")], cwd=ROOT) for who in ("a", "b")
    ]
    assert [process.wait() for process in both] == [0, 0]
    engine = MemoryEngine(tmp_path / "memory")
    # One may have removed what the other counted on: then all is made anew.
    if state := engine.state():
        assert state in ("a29", "b29")
        assert ask(engine, "工会")
    publish(engine, "c", file(1, "住院"))
    again = MemoryEngine(tmp_path / "memory")
    assert again.state() == "c"
    assert ask(again, "住院") == ["001"]
