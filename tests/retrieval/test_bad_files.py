"""Whatever lies in a folder: each file has its sentence, and the others go on."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas
from samples import SAMPLES, ZIPPED, zipped

from retrieval.answers import Verdict
from retrieval.library import Library
from retrieval.proof import Record, Standing
from retrieval.sources import MOST_BYTES, Source
from retrieval.terms import Analyzer

LONG_AGO = 1_600_000_000  # seconds: a file that is this old is not in the writing
HOSPITAL = "海港区职工住院慰问金每人每次一百元，全年不超过两次。"
BOMB = bytes(20_000_000)


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "good.txt").write_text(HOSPITAL, "utf-8")
    age(folder / "good.txt")
    return folder


def age(path: Path) -> Path:
    os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    return path


def locked(path: Path) -> None:
    canvas = Canvas(str(path), encrypt=StandardEncryption("secret"))
    canvas.drawString(60, 600, "words")
    canvas.save()


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)  # a hole: it takes no room on the disk


def listen(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def mixed(path: Path) -> None:
    path.write_bytes((HOSPITAL * 9 + "\n").encode("gbk") + "工会常伴".encode())


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "locked.pdf": (locked, "needs a password; save a copy without one"),
    "half.pdf": (lambda p: p.write_bytes(SAMPLES[".pdf"]()[:900]), "breaks off before the end"),
    "half.docx": (lambda p: p.write_bytes(SAMPLES[".docx"]()[:9000]), "is not a Word document"),
    "binary.txt": (lambda p: p.write_bytes(b"\x89PNG\0\0"), "is not text but binary data"),
    "binary.csv": (lambda p: p.write_bytes(b"\x89PNG\0\0"), "is not text but binary data"),
    "mixed.txt": (mixed, "is not UTF-8 text (line 1), and line 2 is not in the encoding"),
    "huge.txt": (huge, "is larger than 1000 MB; divide it"),
    "pipe.txt": (os.mkfifo, "is no file but a pipe, a socket or a device; take it away"),
    "socket.txt": (listen, "is no file but a pipe, a socket or a device; take it away"),
    "folder.txt": (lambda p: p.symlink_to("/usr"), "is a link that leads out of its source"),
    "device.txt": (lambda p: p.symlink_to("/dev/zero"), "is a link that leads out of its source"),
    "circle.txt": (lambda p: p.symlink_to(p), "cannot be read: Too many levels of symbolic links"),
    "nowhere.txt": (lambda p: p.symlink_to(p.parent / "x"), "cannot be read: No such file"),
    **{f"empty{suffix}": (Path.touch, "is empty: it has 0 bytes") for suffix in SAMPLES},
    **{
        f"bomb{suffix}": (lambda p: p.write_bytes(zipped({"a.xml": BOMB})), "unpacks to")
        for suffix in ZIPPED
    },
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_the_reason_and_the_others_are_quoted(papers, open_library, name):
    make, reason = BAD[name]
    make(papers / name)
    if not (papers / name).is_symlink():
        age(papers / name)
    library = open_library(资料=papers)
    done = library.refresh()
    assert [problem.file for problem in done.problems] == [name]
    assert done.problems[0].reason.startswith(reason)
    assert str(done.problems[0]).isprintable()
    assert library.ask("住院慰问金每次多少钱").quotes[0].citation.file == "good.txt"
    again = library.refresh()
    assert (again.changed, again.problems) == (0, done.problems)  # named, but not read again


def test_a_source_that_is_a_device_is_not_read_without_end(open_library):
    (problem,) = open_library(资料=Path("/dev/zero")).refresh().problems
    assert problem.reason.startswith("is no file but a pipe, a socket or a device")


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["👍🏽报告.txt", "报告\n第二行.txt", "a\x1b[31mb.txt", "é报.txt"])
def test_a_file_with_an_odd_name_is_quoted_and_its_line_stays_a_line(papers, open_library, name):
    (papers / name).write_text("渔村图书馆每天早上九点开门。", "utf-8")
    (papers / f"无{name}").touch()
    library = open_library(资料=papers)
    (problem,) = library.refresh().problems
    assert str(problem).startswith("资料: 无")
    assert str(problem).isprintable()
    assert library.ask("图书馆几点开门").quotes[0].citation.file == name


def test_a_name_in_gbk_is_shown_in_its_characters_and_its_file_quoted(papers, open_library):
    folder = os.fsencode(papers) + "/通知".encode("gbk")
    os.mkdir(folder)  # noqa: PTH102  (bytes)
    with open(folder + "/图书馆（2023-05-01）.md".encode("gbk"), "wb") as file:  # noqa: PTH123
        file.write("渔村图书馆每天早上九点开门。".encode())
    library = open_library(资料=papers)
    assert library.refresh().problems == ()
    quote = library.ask("图书馆几点开门").quotes[0]
    assert quote.citation.file == "通知/图书馆（2023-05-01）.md"
    assert quote.citation.title == "图书馆（2023-05-01）"
    assert library.verify(Record.of(quote)).standing is Standing.SAME
    done = library.refresh()
    assert (done.files, done.removed) == (2, 0)


def test_of_two_files_with_one_name_the_one_in_gbk_has_to_be_renamed(papers, open_library):
    (papers / "图书馆.txt").write_text("渔村图书馆每天早上九点开门。", "utf-8")
    with open(os.fsencode(papers) + "/图书馆.txt".encode("gbk"), "wb") as file:  # noqa: PTH123
        file.write("渔村图书馆每天早上十点开门。".encode())
    library = open_library(资料=papers)
    (problem,) = library.refresh().problems
    assert problem.file == "ͼ\\xca\\xe9\\xb9\\xdd.txt"
    assert problem.reason == "has a name that is not UTF-8; rename it"
    assert "九点" in library.ask("图书馆几点开门").quotes[0].text


def test_a_name_in_no_encoding_is_named_with_what_to_do(papers, open_library):
    with open(os.fsencode(papers) + b"/\xff.txt", "wb") as file:  # noqa: PTH123
        file.write(HOSPITAL.encode())
    (problem,) = open_library(资料=papers).refresh().problems
    assert (problem.file, problem.reason) == (
        "\\xff.txt",
        "has a name that is not UTF-8; rename it",
    )


# --- files that change --------------------------------------------------------------------------


class Meddler(Analyzer):
    """Cuts as the Analyzer does; before the first word it does something else."""

    def __init__(self, cache: Path, first: Callable[[], object]) -> None:
        super().__init__(cache)
        self._first: Callable[[], object] | None = first

    def cut(self, text: str) -> list[str]:
        if self._first:
            first, self._first = self._first, None
            first()
        return list(super().cut(text))


@pytest.mark.parametrize("new", ["住院慰问金每次两百元。", "住院慰问金每次两百元。" * 9])
def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path, papers, cache, new):
    path = papers / "a.txt"
    path.write_text("住院慰问金每次九百元。\n\n第二段写着别的事情，也写到句号。", "utf-8")
    (papers / "good.txt").unlink()
    analyzer = Meddler(cache, lambda: path.write_text(new, "utf-8"))
    library = Library([Source("资料", papers)], tmp_path / "index", analyzer=analyzer)
    library.refresh()
    # What was read is not there any more, and is not quoted.
    assert "两百元" in library.ask("住院慰问金每次多少钱").quotes[0].text
    library.refresh()
    assert "两百元" in library.ask("住院慰问金每次多少钱").quotes[0].text
    library.close()


def test_a_file_that_is_gone_before_it_is_read_is_a_problem_until_the_next_time(
    tmp_path, papers, cache
):
    path = papers / "z.txt"  # after the other, whose words are cut first
    path.write_text(HOSPITAL, "utf-8")
    (papers / "good.txt").write_text(f"{HOSPITAL}\n\n{HOSPITAL[::-1]}", "utf-8")
    analyzer = Meddler(cache, path.unlink)
    library = Library([Source("资料", papers)], tmp_path / "index", analyzer=analyzer)
    (problem,) = library.refresh().problems
    assert (problem.file, problem.reason) == ("z.txt", "cannot be read: No such file or directory")
    assert library.refresh().problems == ()
    library.close()


# --- what may not be read -----------------------------------------------------------------------


@pytest.fixture
def closed(analyzer: Analyzer) -> Iterator[Callable[[Path], Library]]:
    """A folder for a user who may not read everything, as root would: `closed(folder)` asks it."""
    was_root = os.geteuid() == 0
    libraries: list[Library] = []
    with tempfile.TemporaryDirectory() as folder:
        if was_root:
            os.chown(folder, 65534, 65534)
            os.setresuid(65534, 65534, 0)
        try:
            papers = Path(folder, "papers")
            papers.mkdir()

            def library() -> Library:
                made = Library([Source("资料", papers)], Path(folder, "index"), analyzer=analyzer)
                libraries.append(made)
                return made

            yield papers, library
            for made in libraries:
                made.close()
            for path in (papers, *papers.rglob("*")):
                path.chmod(0o700)
        finally:
            if was_root:
                os.setresuid(0, 0, 0)


def test_a_file_without_permission_is_read_once_it_is_given(closed):
    papers, library = closed
    (papers / "good.txt").write_text(HOSPITAL, "utf-8")
    path = papers / "shut.txt"
    path.write_text("渔村图书馆每天早上九点开门。", "utf-8")
    path.chmod(0)
    library = library()
    (problem,) = library.refresh().problems
    assert (problem.file, problem.reason) == ("shut.txt", "cannot be read: Permission denied")
    assert library.ask("住院慰问金每次多少钱").verdict is Verdict.ANSWER
    path.chmod(0o600)
    assert library.refresh().problems == ()
    assert library.ask("图书馆几点开门").verdict is Verdict.ANSWER


def test_a_folder_without_permission_is_named_and_read_once_it_is_given(closed):
    papers, library = closed
    (papers / "good.txt").write_text(HOSPITAL, "utf-8")
    (papers / "shut").mkdir()
    (papers / "shut" / "a.txt").write_text("渔村图书馆每天早上九点开门。", "utf-8")
    (papers / "shut").chmod(0)
    library = library()
    done = library.refresh()
    assert [(p.file, p.reason) for p in done.problems] == [
        ("shut", "is a folder and cannot be read as a file; allow opening and reading it")
    ]
    assert library.ask("住院慰问金每次多少钱").verdict is Verdict.ANSWER
    assert library.refresh().problems == done.problems
    (papers / "shut").chmod(0o700)
    assert library.refresh().problems == ()
    assert library.ask("图书馆几点开门").verdict is Verdict.ANSWER


def test_a_source_whose_folder_may_not_be_opened_is_named(closed):
    papers, library = closed
    (papers / "good.txt").write_text(HOSPITAL, "utf-8")
    papers.chmod(0)
    library = library()
    (problem,) = library.refresh().problems
    assert problem.file == "."
    assert problem.reason.endswith("allow opening and reading it")
    papers.chmod(0o700)
    library.refresh()
    assert library.ask("住院慰问金每次多少钱").verdict is Verdict.ANSWER
