"""The library as a whole: real folders, real files that come, change and go."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from retrieval.answers import Verdict
from retrieval.database import FILE
from retrieval.errors import StoreUnusable, UnknownSource
from retrieval.intake import Outcome
from retrieval.library import Library
from retrieval.sources import Source
from retrieval.store import Store

LONG_AGO = 1_600_000_000  # seconds: no file that is this old may still be in the writing

HOSPITAL = "海港区职工住院慰问金每人每次一百元，全年不超过两次。\n"
LIBRARY_HOURS = "渔村图书馆每天早上九点开门，晚上八点关门，周二休息。\n"


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    return folder


def write(path, text: str | bytes, age: int = LONG_AGO):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, (age, age))
    return path


def first(answer) -> str:
    return answer.quotes[0].text if answer.quotes else ""


def generation(folder) -> int:
    """Return how often the index has changed, as another process would see it."""
    store = Store(folder)
    try:
        return store.generation()
    finally:
        store.close()


def test_what_is_in_the_folder_can_be_asked(papers, open_library):
    write(papers / "a.txt", HOSPITAL)
    write(papers / "deep" / "b.md", f"# 图书馆\n\n{LIBRARY_HOURS}")
    library = open_library(资料=papers)
    done = library.refresh()
    assert (done.files, done.changed, done.removed, done.problems, done.note) == (2, 2, 0, (), "")
    assert first(library.ask("住院慰问金每次多少钱")) == HOSPITAL.strip()
    answer = library.ask("图书馆几点开门")
    assert answer.quotes[0].citation.file == "deep/b.md"
    assert answer.quotes[0].citation.title == "图书馆"
    assert answer.quotes[0].citation.place.as_json() == {"lines": [3, 3]}
    (contents,) = library.contents()
    assert (contents.name, contents.files, contents.documents) == ("资料", 2, 2)


def test_nothing_is_found_before_the_first_refresh(papers, open_library):
    write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    assert library.ask("住院慰问金").verdict is Verdict.NONE
    assert library.pending() == 1


def test_unchanged_files_are_not_read_again(papers, open_library, tmp_path):
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    # Other content behind the same stamp and size: only reading would notice it.
    write(path, HOSPITAL.replace("一百", "九百"))
    before = generation(tmp_path / "index")
    done = library.refresh()
    assert (done.files, done.changed, done.removed) == (1, 0, 0)
    assert generation(tmp_path / "index") == before


def test_what_was_read_is_kept_for_the_next_time(papers, open_library, tmp_path):
    write(papers / "a.txt", HOSPITAL)
    open_library(资料=papers).refresh()
    again = open_library(资料=papers)
    assert again.refresh().changed == 0
    assert first(again.ask("住院慰问金")) == HOSPITAL.strip()


def test_a_second_start_takes_the_engine_s_index_as_it_is(papers, open_library, tmp_path):
    for i in range(30):
        write(papers / f"{i}.txt", LIBRARY_HOURS)
    write(papers / "a.txt", HOSPITAL)
    folder = tmp_path / "index"
    open_library(folder=folder, 资料=papers).refresh()
    kept = {path: path.stat().st_mtime_ns for path in (folder / "memory").iterdir()}
    assert kept
    library = open_library(folder=folder, 资料=papers)
    library.refresh()
    assert first(library.ask("住院慰问金每次多少钱")) == HOSPITAL.strip()
    assert {path: path.stat().st_mtime_ns for path in (folder / "memory").iterdir()} == kept
    # A changed file is put beside what is there.
    write(papers / "b.txt", HOSPITAL.replace("海港", "渔村"))
    library.refresh()
    now = {path: path.stat().st_mtime_ns for path in (folder / "memory").iterdir()}
    assert len(kept.items() & now.items()) == 1
    assert "渔村" in first(library.ask("渔村区住院慰问金每次多少钱"))


def test_a_damaged_index_of_the_engine_is_made_anew(papers, open_library, tmp_path):
    write(papers / "a.txt", HOSPITAL)
    folder = tmp_path / "index"
    open_library(folder=folder, 资料=papers).refresh()
    for path in (folder / "memory").iterdir():
        path.write_bytes(path.read_bytes()[:-9])
    library = open_library(folder=folder, 资料=papers)
    assert library.refresh().changed == 0
    assert first(library.ask("住院慰问金每次多少钱")) == HOSPITAL.strip()


def test_an_engine_s_index_of_another_store_is_made_anew(papers, open_library, tmp_path):
    write(papers / "a.txt", HOSPITAL)
    folder = tmp_path / "index"
    open_library(folder=folder, 资料=papers).refresh()
    (folder / FILE).unlink()
    write(papers / "a.txt", LIBRARY_HOURS)
    library = open_library(folder=folder, 资料=papers)
    library.refresh()
    assert first(library.ask("图书馆几点开门")) == LIBRARY_HOURS.strip()
    assert first(library.ask("住院慰问金每次多少钱")) == ""


LOOK = """
import sys
from pathlib import Path
from retrieval.intake import Outcome
from retrieval.library import Library
from retrieval.sources import Source
library = Library([Source("资料", Path(sys.argv[1]))], Path(sys.argv[2]))
library.contents(), library.pending(), library.problems()
assert "numpy" not in sys.modules
"""


def test_only_a_search_loads_what_searches(papers, tmp_path):
    write(papers / "a.txt", HOSPITAL)
    command = [sys.executable, "-c", LOOK, str(papers), str(tmp_path / "index")]
    subprocess.run(command, cwd=Path(__file__).parents[2], check=True)


def test_a_file_written_again_with_the_same_words_changes_nothing(papers, open_library, tmp_path):
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    before = generation(tmp_path / "index")
    write(path, HOSPITAL, LONG_AGO + 60)
    library.refresh()
    assert generation(tmp_path / "index") == before
    assert library.pending() == 0  # the new stamp was noted


def test_a_changed_file_is_read_again(papers, open_library):
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    write(path, HOSPITAL.replace("一百", "两百"), LONG_AGO + 60)
    assert library.pending() == 1
    assert library.refresh().changed == 1
    assert "两百元" in first(library.ask("住院慰问金每次多少钱"))
    assert len(library.ask("住院慰问金每次多少钱").quotes) == 1


def test_a_removed_file_is_forgotten(papers, open_library):
    path = write(papers / "a.txt", HOSPITAL)
    write(papers / "b.txt", LIBRARY_HOURS)
    library = open_library(资料=papers)
    library.refresh()
    path.unlink()
    assert library.refresh().removed == 1
    answer = library.ask("住院慰问金")
    assert answer.verdict is Verdict.NONE
    assert "慰问金" in "".join(answer.missing)


def test_a_renamed_file_is_cited_by_its_new_name(papers, open_library):
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    path.rename(papers / "新名.txt")
    done = library.refresh()
    assert (done.files, done.changed, done.removed) == (1, 1, 1)
    assert library.ask("住院慰问金").quotes[0].citation.file == "新名.txt"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\0\0", "is not text but binary data; convert it to text first"),
        (
            "慰问".encode("gbk"),
            "is not UTF-8 text (line 1), and which other encoding it is cannot be told for "
            "certain; save it as UTF-8",
        ),
        (b"", "is empty: it has 0 bytes"),
        (b"\n \n", "holds no text"),
    ],
)
def test_a_file_that_cannot_be_read_does_not_stop_the_others(papers, open_library, data, reason):
    write(papers / "a.txt", HOSPITAL)
    write(papers / "bad.txt", data)
    library = open_library(资料=papers)
    done = library.refresh()
    assert done.files == 2
    assert [(p.source, p.file, p.reason) for p in done.problems] == [("资料", "bad.txt", reason)]
    assert first(library.ask("住院慰问金")) == HOSPITAL.strip()
    # It is still a problem next time, though it is not read again.
    again = library.refresh()
    assert (again.changed, again.problems) == (0, done.problems)
    assert library.contents()[0].files == 1


def test_a_file_that_becomes_unreadable_is_no_longer_quoted(papers, open_library):
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    write(path, b"\0\0\0", LONG_AGO + 60)
    # Even before the next refresh: what is quoted is cut from the file as it is now.
    assert library.ask("住院慰问金").quotes == ()
    assert [p.file for p in library.problems()] == ["a.txt"]
    write(path, HOSPITAL, LONG_AGO + 120)
    library.refresh()
    assert library.problems() == ()
    assert first(library.ask("住院慰问金")) == HOSPITAL.strip()


def test_a_file_that_changed_since_is_quoted_as_it_is_now(papers, open_library):
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    write(path, "前言。\n\n" + HOSPITAL.replace("一百", "三百"), LONG_AGO + 60)
    quote = library.ask("住院慰问金每次多少钱").quotes[0]
    assert "三百元" in quote.text
    assert quote.citation.place.first == 3


def test_a_file_that_is_gone_since_is_not_quoted(papers, open_library):
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    path.unlink()
    assert library.ask("住院慰问金").verdict is Verdict.NONE


def test_a_file_changed_behind_its_stamp_is_never_misquoted(papers, open_library):
    # Size and time are the same, and it is long ago: refresh cannot know.
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    write(path, HOSPITAL.replace("一百", "九百"))
    answer = library.ask("住院慰问金每次多少钱")
    assert "一百" not in first(answer)


def test_a_file_changed_behind_its_stamp_is_read_again_when_a_quote_does_not_fit(
    papers, open_library
):
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    write(path, HOSPITAL.replace("一百", "九百"))
    assert "九百" in first(library.ask("住院慰问金每次多少钱"))


def test_a_change_within_the_same_time_stamp_is_noticed(papers, open_library):
    path = papers / "a.txt"
    path.write_text(HOSPITAL, "utf-8")
    stamp = path.stat()
    library = open_library(资料=papers)
    library.refresh()
    path.write_text(HOSPITAL.replace("一百", "五百"), "utf-8")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert path.stat().st_size == stamp.st_size
    assert library.refresh().changed == 1
    assert "五百元" in first(library.ask("住院慰问金每次多少钱"))


def test_sources_limit_what_is_quoted(tmp_path, open_library):
    write(tmp_path / "one" / "a.txt", HOSPITAL)
    write(tmp_path / "two" / "a.txt", HOSPITAL.replace("海港", "河口"))
    library = open_library(甲=tmp_path / "one", 乙=tmp_path / "two")
    library.refresh()
    assert {q.citation.source for q in library.ask("住院慰问金").quotes} == {"甲", "乙"}
    for name in ("甲", "乙"):
        answer = library.ask("住院慰问金", sources=[name])
        assert {q.citation.source for q in answer.quotes} == {name}
    assert library.ask("住院慰问金", sources=[]).verdict is Verdict.NONE
    with pytest.raises(UnknownSource, match="丙"):
        library.ask("住院慰问金", sources=["甲", "丙"])


def test_a_word_of_another_source_counts_as_missing(tmp_path, open_library):
    write(tmp_path / "one" / "a.txt", HOSPITAL)
    write(tmp_path / "two" / "a.txt", LIBRARY_HOURS)
    library = open_library(甲=tmp_path / "one", 乙=tmp_path / "two")
    library.refresh()
    # Else the answer would tell what stands in a source that may not be seen.
    assert "图书馆" in library.ask("图书馆", sources=["甲"]).missing
    assert library.ask("图书馆").missing == ()


def test_passages_that_are_to_be_left_out_make_room_for_the_next(papers, open_library):
    for n in range(60):
        write(papers / f"{n:02}.txt", f"渔村图书馆早上{n}点开门。\n")
    library = open_library(资料=papers)
    library.refresh()
    early = {f"{n:02}.txt" for n in range(50)}

    whole = library.ask("渔村图书馆几点开门？")
    rest = library.ask("渔村图书馆几点开门？", without=lambda p: p.file in early)

    assert len(whole.quotes) == len(rest.quotes) == 10
    assert {q.citation.file for q in rest.quotes} & early == set()
    nothing = library.ask("渔村图书馆几点开门？", without=lambda p: True)
    assert (nothing.verdict, nothing.score) == (Verdict.NONE, 0)


def test_an_answer_says_how_well_the_first_match_fits_and_how_far_it_leads(papers, open_library):
    write(papers / "a.txt", HOSPITAL)
    write(papers / "b.txt", LIBRARY_HOURS)
    library = open_library(资料=papers)
    library.refresh()

    asked = library.ask("海港区图书馆住院慰问金每次多少？")
    assert asked.score - asked.lead == pytest.approx(asked.quotes[1].score, abs=1e-4)
    assert asked.score == pytest.approx(asked.quotes[0].score, abs=1e-4)
    alone = library.ask("海港区职工住院慰问金")
    assert alone.lead == 0  # over nothing


def test_a_source_may_be_one_file(tmp_path, open_library):
    path = write(tmp_path / "one.txt", HOSPITAL)
    library = open_library(资料=path)
    library.refresh()
    assert library.ask("住院慰问金").quotes[0].citation.file == "one.txt"


def test_a_source_that_is_a_file_of_another_kind_is_a_problem(tmp_path, open_library):
    library = open_library(资料=write(tmp_path / "one.xyz", HOSPITAL))
    (problem,) = library.refresh().problems
    assert problem.file == "one.xyz"
    assert ".txt" in problem.reason


def test_a_source_that_is_taken_away_is_forgotten(tmp_path, open_library):
    write(tmp_path / "one" / "a.txt", HOSPITAL)
    write(tmp_path / "two" / "a.txt", LIBRARY_HOURS)
    open_library(甲=tmp_path / "one", 乙=tmp_path / "two").refresh()
    library = open_library(乙=tmp_path / "two")
    assert library.refresh().removed == 1
    assert library.ask("住院慰问金").verdict is Verdict.NONE


def test_a_source_that_does_not_exist_is_a_problem_and_no_error(tmp_path, open_library):
    write(tmp_path / "one" / "a.txt", HOSPITAL)
    library = open_library(甲=tmp_path / "one", 乙=tmp_path / "nowhere")
    done = library.refresh()
    assert [problem.source for problem in done.problems] == ["乙"]
    assert first(library.ask("住院慰问金")) == HOSPITAL.strip()


def test_an_empty_folder_answers_nothing(papers, open_library):
    library = open_library(资料=papers)
    done = library.refresh()
    assert (done.files, done.problems) == (0, ())
    answer = library.ask("海港区住院慰问金")
    assert (answer.verdict, answer.quotes) == (Verdict.NONE, ())
    assert answer.missing


def test_hidden_files_and_other_kinds_are_left_out(papers, open_library):
    write(papers / "a.txt", HOSPITAL)
    for name in (".hidden.txt", ".git/b.txt", "c.xyz", "d", "e.txt~", "deep/.f.md"):
        write(papers / name, LIBRARY_HOURS)
    library = open_library(资料=papers)
    assert library.refresh().files == 1
    assert "图书馆" in library.ask("图书馆").missing


def test_links_are_followed_inside_a_source_and_never_out_of_it(papers, tmp_path, open_library):
    write(papers / "a.txt", HOSPITAL)
    secret = write(tmp_path / "outside" / "secret.txt", LIBRARY_HOURS)
    os.utime(secret.parent, (LONG_AGO, LONG_AGO))
    (papers / "inside.txt").symlink_to(papers / "a.txt")
    (papers / "out.txt").symlink_to(secret)
    (papers / "folder").symlink_to(secret.parent, target_is_directory=True)
    (papers / "broken.txt").symlink_to(papers / "nowhere.txt")
    (papers / "circle.txt").symlink_to(papers / "circle.txt")
    (papers / "loop").symlink_to(papers, target_is_directory=True)
    library = open_library(资料=papers)
    done = library.refresh()
    (found,) = library.ask("住院慰问金").quotes  # what both say is one quote
    assert (found.citation.file, *(c.file for c in found.alike)) == ("a.txt", "inside.txt")
    assert library.ask("图书馆几点开门").verdict is Verdict.NONE
    outward = (
        "is a link that leads out of its source; "
        "make what it leads to a source of its own, or exclude the link"
    )
    assert {p.file: p.reason for p in done.problems} == {
        "broken.txt": "cannot be read: No such file or directory",
        "circle.txt": "cannot be read: Too many levels of symbolic links",
        "folder": outward,
        "out.txt": outward,
    }
    again = library.refresh()
    assert (again.changed, again.problems) == (0, done.problems)


def test_a_link_that_is_turned_outwards_later_is_not_quoted(papers, tmp_path, open_library):
    path = write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    secret = write(tmp_path / "secret.txt", LIBRARY_HOURS)
    path.unlink()
    path.symlink_to(secret)
    assert library.ask("住院慰问金").quotes == ()
    assert library.ask("图书馆几点开门").quotes == ()


@pytest.mark.parametrize(
    "name",
    [
        "空 格.txt",
        "UPPER.TXT",
        "a#2.txt",
        "a:b.txt",
        "'quo\"te.txt",
        "换\n行.txt",
        "é.md",
        "%s.txt",
    ],
)
def test_files_may_have_odd_names(papers, open_library, name):
    write(papers / name, HOSPITAL)
    library = open_library(资料=papers)
    assert library.refresh().problems == ()
    quote = library.ask("住院慰问金").quotes[0]
    assert quote.citation.file == name
    assert quote.text == HOSPITAL.strip()


def test_a_file_whose_name_is_no_text_does_not_stop_the_others(papers, open_library):
    write(papers / "a.txt", HOSPITAL)
    with open(os.fsencode(papers) + b"/\xff.txt", "wb") as file:  # noqa: PTH123 (bytes)
        file.write(HOSPITAL.encode())
    library = open_library(资料=papers)
    library.refresh()
    assert first(library.ask("住院慰问金")) == HOSPITAL.strip()


def test_a_file_with_several_articles_and_one_named_like_its_second_are_told_apart(
    papers, open_library
):
    body = "昨天上午举行了隆重的仪式，市民代表两百多人参加，仪式持续了一个小时。大家都很高兴。"
    page = (
        f"海港博物馆今日开馆\n\n本报记者 林晓雯\n\n博物馆{body}\n\n"
        f"环城铁路全线通车\n\n本报记者 赵一平\n\n铁路{body}\n"
    )
    write(papers / "a.txt", page)
    write(papers / "a.txt#2.txt", LIBRARY_HOURS)
    library = open_library(资料=papers)
    library.refresh()
    assert library.ask("图书馆几点开门").quotes[0].citation.file == "a.txt#2.txt"
    assert library.contents()[0].documents == 3


def test_two_libraries_may_share_a_folder(papers, open_library):
    path = write(papers / "a.txt", HOSPITAL)
    one, two = open_library(资料=papers), open_library(资料=papers)
    one.refresh()
    two.refresh()
    write(path, LIBRARY_HOURS, LONG_AGO + 60)
    one.refresh()
    # There is nothing left to read for the other, but it takes the new state over.
    done = two.refresh()
    assert done.changed == 0
    assert first(two.ask("图书馆几点开门")) == LIBRARY_HOURS.strip()
    assert two.ask("住院慰问金").verdict is Verdict.NONE


def test_a_library_finds_what_another_has_taken_in_since(papers, open_library):
    path = write(papers / "a.txt", HOSPITAL)
    one, two = open_library(资料=papers), open_library(资料=papers)
    one.refresh()
    two.refresh()
    write(path, HOSPITAL.replace("一百", "两百"), LONG_AGO + 60)
    one.refresh()
    # Without a refresh of its own: its engine is old, its passages and the file are new.
    assert "两百元" in first(two.ask("住院慰问金每次多少钱"))


def test_the_folder_of_the_index_is_made(tmp_path, papers):
    write(papers / "a.txt", HOSPITAL)
    library = Library([Source("资料", papers)], tmp_path / "deep" / "index")
    library.refresh()
    assert first(library.ask("住院慰问金")) == HOSPITAL.strip()
    library.close()


def test_an_index_that_cannot_be_made_is_named(tmp_path, papers):
    (tmp_path / "index").write_text("in the way")
    with pytest.raises(StoreUnusable, match="index"):
        Library([Source("资料", papers)], tmp_path / "index")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_index_that_may_only_be_read_still_answers_and_says_so(papers, open_library, tmp_path):
    write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers)
    library.refresh()
    library.close()
    write(papers / "b.txt", LIBRARY_HOURS)
    index = tmp_path / "index"
    for path in (*index.iterdir(), index):
        path.chmod(0o500)
    try:
        library = open_library(资料=papers)
        assert str(index) in library.refresh().note
        assert first(library.ask("住院慰问金")) == HOSPITAL.strip()
        assert library.ask("图书馆几点开门").verdict is Verdict.NONE
        assert library.pending() == 1
    finally:
        index.chmod(0o700)


def test_answers_are_right_while_files_change(papers, open_library):
    # Each state of the file is whole: whatever is quoted stood there at some moment.
    amounts = ["一百", "两百", "三百", "四百"]
    path = write(papers / "a.txt", HOSPITAL)
    write(papers / "b.txt", LIBRARY_HOURS)
    library = open_library(资料=papers)
    library.refresh()
    allowed = {HOSPITAL.replace("一百", amount).strip() for amount in amounts}
    done, wrong = threading.Event(), []

    def ask() -> None:
        while not done.is_set():
            try:
                answer = library.ask("住院慰问金每次多少钱")
                wrong.extend(
                    q.text
                    for q in answer.quotes
                    if q.citation.file == "a.txt" and q.text not in allowed
                )
            except Exception as error:
                wrong.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for round in range(12):
        new = papers / "new"
        new.write_text(HOSPITAL.replace("一百", amounts[round % 4]), "utf-8")
        new.replace(path)  # at once, as editors do
        library.refresh()
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- while the index is written -----------------------------------------------------------------

BOTH = pytest.mark.parametrize("engine", ["memory", "disk"])


@BOTH
def test_questions_are_answered_from_the_old_state_until_the_new_one_is_complete(
    papers, open_library, engine
):
    write(papers / "a.txt", HOSPITAL)
    write(papers / "b.txt", LIBRARY_HOURS)
    library = open_library(资料=papers, engine=engine)
    library.refresh()
    (papers / "b.txt").unlink()
    for n in range(3):
        write(papers / f"{n}.txt", f"渔村体育馆第{n}号门早上七点开放。\n")
    seen = []

    def ask() -> None:
        seen.append((first(library.ask("住院慰问金每次多少钱")), library.ask("体育馆").verdict))

    def watch(step) -> None:  # while it is under way, before anything can be kept
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(20)

    library.refresh(watch)
    assert len(seen) == 4  # files that were read and given to the engine, or forgotten
    assert set(seen) == {(HOSPITAL.strip(), Verdict.NONE)}
    assert "体育馆" in first(library.ask("体育馆几点开放"))
    assert library.ask("图书馆几点开门").quotes == ()


@BOTH
def test_while_another_process_writes_the_old_state_answers_and_a_note_says_why(
    papers, open_library, tmp_path, engine
):
    write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers, engine=engine)
    library.refresh()
    write(papers / "b.txt", LIBRARY_HOURS)
    other = Store(tmp_path / "index")  # which stands for that of another process
    with other.changing():
        other.forget("资料", "a.txt")
        done = library.refresh()
        assert done.note == (
            f"{tmp_path / 'index'}: another process is changing the index; until it is done, "
            "answers come from what was there before; what changed was not taken in"
        )
        assert first(library.ask("住院慰问金每次多少钱")) == HOSPITAL.strip()
        assert library.ask("图书馆几点开门").verdict is Verdict.NONE
    other.close()
    assert library.refresh().note == ""
    assert first(library.ask("住院慰问金每次多少钱")) == HOSPITAL.strip()
    assert first(library.ask("图书馆几点开门")) == LIBRARY_HOURS.strip()


@BOTH
def test_a_refresh_that_was_stopped_leaves_the_old_state(papers, open_library, engine):
    write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers, engine=engine)
    library.refresh()
    write(papers / "b.txt", LIBRARY_HOURS)

    def stop(step) -> None:
        if step.outcome is Outcome.NEW:  # the store and the engine have taken it in
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.refresh(stop)
    assert library.pending() == 1
    assert first(library.ask("住院慰问金每次多少钱")) == HOSPITAL.strip()
    assert library.ask("图书馆几点开门").verdict is Verdict.NONE
    assert library.refresh().changed == 1
    assert first(library.ask("图书馆几点开门")) == LIBRARY_HOURS.strip()


@BOTH
def test_a_refresh_does_not_wait_for_one_in_another_thread(papers, open_library, engine):
    write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers, engine=engine)
    notes = []

    def watch(step) -> None:
        asking = threading.Thread(target=lambda: notes.append(library.refresh(patience=0).note))
        asking.start()
        asking.join(20)

    library.refresh(watch)
    assert set(notes) == {"documents are being taken in just now"}


def test_the_engine_may_be_changed_and_changed_back(papers, open_library):
    write(papers / "a.txt", HOSPITAL)
    for engine in ("memory", "disk", "memory", "disk"):
        library = open_library(资料=papers, engine=engine)
        library.refresh()
        assert first(library.ask("住院慰问金每次多少钱")) == HOSPITAL.strip()
        library.close()
    write(papers / "a.txt", LIBRARY_HOURS, LONG_AGO + 60)
    steps = []
    library = open_library(资料=papers, engine="memory")
    library.refresh(steps.append)
    assert [step.outcome for step in steps] == [Outcome.CHANGED]
    library.close()
    library, steps = open_library(资料=papers, engine="disk"), []
    library.refresh(steps.append)
    assert [step.outcome for step in steps] == [Outcome.WRITTEN]  # only what was changed
    assert first(library.ask("图书馆几点开门")) == LIBRARY_HOURS.strip()


def test_a_state_that_only_the_store_has_is_given_to_the_engine(papers, open_library, tmp_path):
    # As after a power cut between the two.
    write(papers / "a.txt", HOSPITAL)
    open_library(资料=papers).refresh()
    shutil.copytree(tmp_path / "index" / "memory", tmp_path / "old")
    write(papers / "b.txt", LIBRARY_HOURS)
    open_library(资料=papers).refresh()
    shutil.rmtree(tmp_path / "index" / "memory")
    (tmp_path / "old").rename(tmp_path / "index" / "memory")
    library = open_library(资料=papers)
    assert library.refresh().changed == 0
    assert first(library.ask("图书馆几点开门")) == LIBRARY_HOURS.strip()


def test_an_engine_that_cannot_be_written_is_a_note_and_the_old_state_answers(
    papers, open_library, tmp_path
):
    write(papers / "a.txt", HOSPITAL)
    library = open_library(资料=papers, engine="disk")
    library.refresh()
    write(papers / "b.txt", LIBRARY_HOURS)
    disk = tmp_path / "index" / "disk"
    disk.rename(tmp_path / "away")
    disk.write_text("in the way")
    assert f"{disk}: the index cannot be written" in library.refresh().note
    assert first(library.ask("住院慰问金每次多少钱")) == HOSPITAL.strip()
    assert library.ask("图书馆几点开门").verdict is Verdict.NONE
    disk.unlink()
    (tmp_path / "away").rename(disk)
    assert library.refresh().note == ""
    assert first(library.ask("图书馆几点开门")) == LIBRARY_HOURS.strip()


def test_an_engine_that_does_not_exist_is_refused(tmp_path, papers):
    with pytest.raises(KeyError):
        Library([Source("资料", papers)], tmp_path / "index", engine="nothing")
