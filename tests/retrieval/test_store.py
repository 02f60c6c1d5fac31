"""The store: what was read outlives the process, and damage is no worse than reading anew."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from contextlib import suppress

import pytest

from retrieval.blocks import Place, Repeat, Role
from retrieval.database import FILE, LAYOUT
from retrieval.engines import Field
from retrieval.entries import Entries
from retrieval.errors import StoreBusy, StoreUnusable
from retrieval.passages import Passage
from retrieval.store import FileState, Store, StoredPassage

STATE = FileState(10, 123_456_789_000, settled=True, hash="abc", version="v", documents=1)


def stored(id: str, file: str = "a.txt", source: str = "资料") -> StoredPassage:
    passage = Passage(
        id=id,
        document=id.rpartition(":")[0],
        source=source,
        file=file,
        title="标题",
        section=("一", "二"),
        role=Role.CAPTION,
        text="住院慰问金 100元",
        spans=((3, 8), (10, 14)),
        place=Place("lines", 2, 4),
        also=(Repeat(Place("lines", 9, 9), ((40, 44),)),),
    )
    return StoredPassage(passage, "住院慰问金 100元", "标题\n资料")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def opened(folder):
    """Open stores in the folder; all are closed at the end."""
    stores = []

    def open_store(where=folder) -> Store:
        stores.append(Store(where))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


def filled(store: Store, *ids: str) -> Store:
    with store.changing():
        store.put("资料", "a.txt", STATE, [stored(id) for id in ids])
    return store


def test_a_new_store_is_empty_and_makes_its_folder(opened, folder, analyzer):
    store = opened(folder / "deep" / "er")
    assert store.writable
    assert store.manifest() == {}
    assert list(store.batches(analyzer)) == []
    assert store.generation() == 0
    assert store.passages(["a"]) == []
    assert store.average_length() == 1  # never zero: it is divided by


def test_what_was_put_is_kept_between_opens(opened):
    filled(opened(), "a:1", "a:2").close()
    store = opened()
    assert store.manifest() == {("资料", "a.txt"): STATE}
    assert store.state("资料", "a.txt") == STATE
    assert store.state("资料", "b.txt") is None
    assert store.passages(["a:2", "unknown", "a:1"]) == [stored("a:2"), stored("a:1")]
    assert store.passage_counts() == {("资料", "a.txt"): 2}
    assert store.document_text("a").count("住院慰问金 100元") == 2
    assert store.generation() == 1


def test_batches_hold_what_was_put(opened, analyzer):
    store = filled(opened(), "a:1")
    (kept,) = store.batches(analyzer)
    assert kept == Entries(analyzer).batch("资料", "a.txt", [stored("a:1")])
    terms = kept.entries[0].terms
    assert terms[Field.WORD] == ["住院", "慰问", "慰问金", "元", "100"]
    assert terms[Field.GRAM] == ["住院", "院慰", "慰问", "问金", "元", "100"]
    assert sorted(terms[Field.CHAR]) == sorted(["100", *"住院慰问金元"])
    assert terms[Field.CONTEXT] == ["标题", "标题", "资料", "资料"]


def test_put_replaces_all_that_was_known_of_a_file(opened):
    store = filled(filled(opened(), "a:1", "a:2"), "a:3")
    assert store.passages(["a:1", "a:2", "a:3"]) == [stored("a:3")]


def test_the_files_of_a_source_are_known_until_one_differs(opened):
    names = ["a.txt", "a b.txt", "a/b.txt", "a//.txt", "两\n行.txt", "ﾊ.txt", "𠮷.txt"]
    store = opened()
    with store.changing():
        for name in names:
            store.put("资料", name, STATE)
        store.put("别的", "b.txt", STATE)
    files = sorted((name, f"/{name}", STATE.size, STATE.mtime_ns) for name in names)
    assert store.knows("资料", "v", files)
    assert not store.knows("资料", "w", files)
    assert not store.knows("别的", "v", files)
    assert not store.knows("别的", "v", [])
    assert not store.knows("资料", "v", files[1:])
    assert not store.knows("资料", "v", [*files, ("龘.txt", "/龘.txt", 1, 1)])
    for i, (name, path, size, time) in enumerate(files):
        for other in ((name + "x", path, size, time), (name, path, 1, time), (name, path, size, 1)):
            assert not store.knows("资料", "v", [*files[:i], other, *files[i + 1 :]])
    with store.changing():
        store.distrust("资料", "a.txt")
    assert not store.knows("资料", "v", files)


def test_forgetting_a_file_leaves_the_others(opened):
    store = filled(opened(), "a:1")
    with store.changing():
        store.put("别的", "a.txt", STATE, [stored("b:1", source="别的")])
    with store.changing():
        store.forget("资料", "a.txt")
    assert list(store.manifest()) == [("别的", "a.txt")]
    assert store.passages(["a:1", "b:1"]) == [stored("b:1", source="别的")]


def test_the_generation_grows_with_real_changes_only(opened):
    store = filled(opened(), "a:1")
    with store.changing():
        pass
    with store.changing():
        store.touch("资料", "a.txt", FileState(11, 5, settled=False))
    assert store.generation() == 1
    state = store.state("资料", "a.txt")
    assert (state.size, state.mtime_ns, state.settled, state.hash) == (11, 5, False, "abc")
    filled(store, "a:1")
    assert store.generation() == 2


def test_forgetting_what_was_never_known_is_no_change(opened):
    store = opened()
    with store.changing():
        store.forget("资料", "never.txt")
    assert store.generation() == 0


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_undoes_all_changes_of_its_step(opened, error):
    store = filled(opened(), "a:1")

    def step() -> None:
        with store.changing():
            store.put("资料", "b.txt", STATE, [stored("b:1", "b.txt")])
            store.forget("资料", "a.txt")
            raise error

    with pytest.raises(error):
        step()
    assert list(store.manifest()) == [("资料", "a.txt")]
    assert store.passages(["a:1", "b:1"]) == [stored("a:1")]
    assert store.generation() == 1
    filled(store, "a:2")  # and it can be changed as before
    assert store.generation() == 2


def test_a_store_of_another_layout_is_dropped(opened, folder):
    filled(opened(), "a:1").close()
    db = sqlite3.connect(folder / FILE)
    db.execute("CREATE TABLE other (x)")
    db.execute(f"PRAGMA user_version = {LAYOUT + 1}")
    db.close()
    store = opened()
    assert store.manifest() == {}
    assert filled(store, "a:2").passages(["a:2"]) == [stored("a:2")]


def test_a_database_of_somebody_else_s_is_no_obstacle(opened, folder):
    folder.mkdir()
    db = sqlite3.connect(folder / FILE)
    db.execute("CREATE TABLE files (x)")
    db.close()
    assert opened().manifest() == {}


def noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: noise(len(data)),
        lambda data: b"",
        lambda data: b"not a database, but text of somebody's\n" * 100,
        lambda data: data[:100],
        lambda data: data[:4096] + noise(len(data) - 4096),
        lambda data: data[:5000],
        lambda data: data.replace(b"CREATE TABLE files", b"CREATE TABLE fil\xafs"),
        lambda data: data.replace(b"CREATE TABLE files", b"CREATE \xaf\xaf\xaf\xaf\xaf files"),
        lambda data: data.replace(b"mtime_ns", b"mtime_xs"),
        lambda data: data.replace("资料".encode(), b"\xaf" * 6),
    ],
    ids=[
        "random",
        "empty",
        "text",
        "cut in the head",
        "random after the head",
        "cut",
        "a table's name is no text",
        "a statement is no text",
        "a column of another name",
        "a source's name is no text",
    ],
)
def test_a_damaged_store_is_made_anew(opened, folder, damage, analyzer):
    filled(opened(), *(f"a:{i}" for i in range(50))).close()
    file = folder / FILE
    file.write_bytes(damage(file.read_bytes()))
    store = opened()
    assert store.writable
    with suppress(StoreUnusable):  # damage far from the head is noticed when it is met
        store.manifest()
    assert store.manifest() == {}
    assert list(store.batches(analyzer)) == []
    assert filled(store, "b:1").passages(["b:1"]) == [stored("b:1")]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnusable) as unusable:
        Store(tmp_path / "file" / "index")
    assert str(tmp_path / "file" / "index") in str(unusable.value)
    assert "`index:`" in str(unusable.value)


def test_a_file_where_the_folder_should_be_is_named(tmp_path):
    (tmp_path / "index").write_text("in the way")
    with pytest.raises(StoreUnusable) as unusable:
        Store(tmp_path / "index")
    assert str(tmp_path / "index") in str(unusable.value)


def test_a_folder_where_the_file_should_be_is_named(tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(StoreUnusable) as unusable:
        Store(tmp_path)
    assert str(tmp_path) in str(unusable.value)


AS_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


@AS_ROOT
def test_a_store_that_may_only_be_read_can_be_searched(opened, folder):
    filled(opened(), "a:1").close()
    folder.chmod(0o500)
    (folder / FILE).chmod(0o400)
    try:
        store = opened()
        assert not store.writable
        assert store.passages(["a:1"]) == [stored("a:1")]
        with pytest.raises(StoreUnusable):
            filled(store, "a:2")
    finally:
        folder.chmod(0o700)


@AS_ROOT
def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreUnusable) as unusable:
            Store(tmp_path / "index")
        assert str(tmp_path / "index") in str(unusable.value)
    finally:
        tmp_path.chmod(0o700)


def test_two_stores_of_one_folder_see_each_other(opened):
    one, two = opened(), opened()
    filled(one, "a:1")
    assert two.passages(["a:1"]) == [stored("a:1")]
    filled(two, "a:2")
    assert one.generation() == two.generation() == 2
    assert one.passages(["a:1", "a:2"]) == [stored("a:2")]


def test_what_another_store_is_changing_is_not_seen_yet(opened):
    one, two = opened(), opened()
    filled(one, "a:1")
    with one.changing():
        one.put("资料", "a.txt", STATE, [stored("a:2")])
        assert two.passages(["a:1", "a:2"]) == [stored("a:1")]
    assert two.passages(["a:1", "a:2"]) == [stored("a:2")]


def test_only_the_thread_that_changes_the_store_sees_the_changes(opened):
    store = filled(opened(), "a:1")

    def elsewhere() -> list[str]:
        found = []
        thread = threading.Thread(
            target=lambda: found.extend(p.passage.id for p in store.passages(["a:1", "a:2"]))
        )
        thread.start()
        thread.join()
        return found

    with store.changing():
        store.put("资料", "a.txt", STATE, [stored("a:2")])
        assert store.passages(["a:1", "a:2"]) == [stored("a:2")]
        assert elsewhere() == ["a:1"]
        store.keep()
        assert elsewhere() == ["a:2"]
    assert store.generation() == 2


def test_the_version_is_known_before_it_is_kept(opened):
    store = filled(opened(), "a:1")
    with store.changing():
        store.put("资料", "a.txt", STATE, [stored("a:2")])
        store.number()
        version = store.version()
    assert store.version() == version


def test_who_reads_sees_one_state_whatever_others_do(opened):
    one, two = filled(opened(), "a:1"), opened()
    with one.reading():
        assert one.generation() == 1
        filled(two, "a:2")
        assert one.generation() == 1
        assert one.passages(["a:1", "a:2"]) == [stored("a:1")]
    assert one.passages(["a:1", "a:2"]) == [stored("a:2")]


def test_a_second_writer_is_told_in_one_sentence(opened, folder):
    one, two = filled(opened(), "a:1"), opened()
    with one.changing():
        one.forget("资料", "a.txt")
        for _ in range(2):
            with pytest.raises(StoreBusy, match="another process is changing the index"):
                filled(two, "a:2")
        assert two.passages(["a:1"]) == [stored("a:1")]
    assert filled(two, "a:2").generation() == 3


def test_a_store_of_another_layout_stays_until_this_one_is_complete(opened, folder):
    store = opened()
    old = folder / "store-3.sqlite"
    for path in (old, folder / "store.sqlite-wal", folder / "store-notes.sqlite"):
        path.write_text("of an older version")
    store.tidy()
    assert old.exists()
    filled(store, "a:1").tidy()
    assert {path.name for path in folder.glob("store*")} == {
        FILE,
        f"{FILE}-shm",
        f"{FILE}-wal",
        "store-notes.sqlite",
    }


def test_what_was_written_is_moved_out_of_the_log(opened, folder):
    store = filled(opened(), *(f"a:{i}" for i in range(500)))
    log = folder / f"{FILE}-wal"
    assert log.stat().st_size > 0
    store.tidy()
    assert log.stat().st_size == 0


def test_threads_may_share_a_store(opened):
    store, errors = opened(), []

    def work(number: int) -> None:
        try:
            for i in range(10):
                with store.changing():
                    id = f"{number}:{i}"
                    store.put("资料", id, STATE, [stored(id, id)])
                assert store.passages([id]) == [stored(id, id)]
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.generation() == 40
    assert len(store.manifest()) == 40


@pytest.mark.parametrize("name", ["'", '"; DROP TABLE files; --', "空 格", "a/b\\c", "%_", "\n"])
def test_any_name_can_be_stored(opened, name):
    store = opened()
    with store.changing():
        store.put(name, name, STATE, [stored(f"{name}:1", name, name)])
    assert list(store.manifest()) == [(name, name)]
    assert store.passages([f"{name}:1"]) == [stored(f"{name}:1", name, name)]


def test_many_passages_can_be_fetched_at_once(opened):
    ids = [f"a:{i}" for i in range(3000)]
    store = filled(opened(), *ids)
    assert [p.passage.id for p in store.passages(ids)] == ids
    assert store.passages([]) == []


def test_of_two_processes_that_make_the_store_one_waits_for_the_other(folder):
    folder.mkdir()
    other = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(0.1, other.close)
    timer.start()
    store = Store(folder)
    timer.join()
    assert store.writable
    store.close()
