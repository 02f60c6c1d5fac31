"""OCR: pictures of text are read by tesseract where the owner wants it, and read once."""

from __future__ import annotations

import io
import os
import shutil

import pytest
from msgspec.structs import replace
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from tesseract import Tesseract, picture

from retrieval.answers import Verdict
from retrieval.blocks import NotReadable, Reading, Role, join
from retrieval.intake import SEVERAL, take_in
from retrieval.ocr import Ocr
from retrieval.proof import Record, Standing
from retrieval.readers import READERS
from retrieval.sources import Source
from retrieval.store import Store

LONG_AGO = 1_600_000_000  # seconds: a file that is this old is not in the writing

SONG = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(SONG))

# As tesseract gives a page: lines as they are printed, and a blank one between paragraphs.
LEAVE = """海港区职工休假规定

职工每人每年可以享受带薪年休假十五天，工作满二十年的职工
可以再增加五天，具体日期由所在科室安排，并于每年一月底以
前报人事部门备案，逾期没有备案的按自动放弃处理。
"""
HOSPITAL = """职工因病住院的，工会派人慰问并发给慰问金，每人每次五百元
，同一病因一年内以两次为限。
"""
WORDS = ("休假", "住院慰问", "图书借阅", "食堂就餐")


@pytest.fixture
def tesseract(tmp_path, monkeypatch) -> Tesseract:
    program = Tesseract(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(program.folder))
    program.knows(1, LEAVE)
    program.knows(2, HOSPITAL)
    program.knows(8, "FAIL")
    program.knows(9, "HANG")
    return program


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    return folder


def pdf(*pages: int | str) -> bytes:
    """Return a PDF; a number is a page with a picture of so many bars, a text is text."""
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=(420, 594))
    for page in pages:
        if isinstance(page, int):
            canvas.drawImage(ImageReader(picture(page)), 0, 0, 420, 594)
        else:
            canvas.setFont(SONG, 10)
            for number in range(0, len(page), 30):
                canvas.drawString(60, 540 - number // 2, page[number : number + 30])
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def image(kind: str, *bars: int) -> bytes:
    data = io.BytesIO()
    first, *others = map(picture, bars)
    first.save(data, kind, **({"save_all": True, "append_images": others} if others else {}))
    return data.getvalue()


def shown(reading: Reading) -> list[tuple[int, str]]:
    return [(b.place.first, join(reading.text, b.spans)) for b in reading.blocks]


def test_a_scan_is_quoted_with_its_page_and_its_lines_are_joined(tesseract, papers, open_library):
    (papers / "规定.pdf").write_bytes(pdf(1, 2))
    library = open_library(Source("资料", papers, ocr=True))
    assert library.refresh().problems == ()
    quote = library.ask("住院慰问金每次多少元").quotes[0]
    assert quote.text == "".join(HOSPITAL.split())
    assert quote.citation.title == "海港区职工休假规定"
    assert quote.citation.place.as_json() == {"page": 2}
    quote = library.ask("年休假有多少天").quotes[0]
    assert quote.text == "".join(LEAVE.split("\n\n")[1].split())
    assert quote.citation.place.as_json() == {"page": 1}
    proof = library.verify(Record.of(quote))
    assert (proof.standing, proof.text) == (Standing.SAME, quote.text)


def test_tesseract_is_given_a_page_of_300_dots_per_inch_and_the_languages_that_it_has(
    tesseract, tmp_path
):
    Ocr(tmp_path / "ocr").readers()[".pdf"](pdf(1))
    ((file, *rest),) = tesseract.calls
    assert file.endswith(".png")
    assert rest == ["stdout", "-l", "chi_sim+eng"]


def test_a_page_is_read_once_however_often_its_file_is(tesseract, papers, open_library, tmp_path):
    (papers / "a.pdf").write_bytes(pdf(1, 2))
    source = Source("资料", papers, ocr=True)
    open_library(source).refresh()
    assert len(tesseract.calls) == 2
    # The store is thrown away, as a newer version of the program would do.
    for file in (tmp_path / "index").glob("store-*.sqlite*"):
        file.unlink()
    (papers / "a.pdf").rename(papers / "b.pdf")
    library = open_library(source)
    library.refresh()
    assert library.ask("年休假有多少天").verdict is Verdict.ANSWER
    assert len(tesseract.calls) == 2


def test_pages_with_text_stay_and_pictures_are_read_between_them(tesseract, tmp_path):
    reading = Ocr(tmp_path).readers()[".pdf"](pdf("第一页有字，写着许多话。", 1, "第三页也有字。"))
    assert shown(reading) == [
        (1, "第一页有字，写着许多话。"),
        (2, "海港区职工休假规定"),
        (2, "".join(LEAVE.split("\n\n")[1].split())),
        (3, "第三页也有字。"),
    ]
    assert (reading.raw, reading.extracted, reading.problem) == (False, True, "")
    assert "".join(reading.text.split()) == "".join(text for _, text in shown(reading))
    assert len(tesseract.calls) == 1


def test_a_file_with_text_is_not_given_to_tesseract(tesseract, tmp_path):
    data = pdf("第一页有字，写着许多话。")
    assert Ocr(tmp_path).readers()[".pdf"](data) == READERS[".pdf"](data)
    assert tesseract.calls == []


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("TIFF", ".tif")])
def test_pictures_are_read(tesseract, papers, open_library, kind, suffix):
    (papers / f"照片{suffix.upper()}").write_bytes(image(kind, 2))
    library = open_library(Source("资料", papers, ocr=True))
    assert library.refresh().problems == ()
    quote = library.ask("住院慰问金每次多少元").quotes[0]
    assert quote.citation.place.as_json() == {"page": 1}


def test_a_tiff_may_hold_several_pages(tesseract, tmp_path):
    reading = Ocr(tmp_path).readers()[".tiff"](image("TIFF", 1, 2))
    assert {page for page, _ in shown(reading)} == {1, 2}
    assert reading.raw


def test_a_list_of_files_under_the_name_of_a_picture_is_not_followed(
    tesseract, papers, open_library
):
    (papers / "a.png").write_text("/etc/hostname\n")
    library = open_library(Source("资料", papers, ocr=True))
    (problem,) = library.refresh().problems
    assert problem.reason == "is no PNG, JPEG or TIFF picture, whatever its name says"
    assert tesseract.calls == []


def test_spaces_between_characters_are_none_and_those_between_words_stay(tesseract, tmp_path):
    tesseract.knows(3, "职 工 每 人 每 年 ， read the rules 2024 年   完\n")
    reading = Ocr(tmp_path).readers()[".png"](image("PNG", 3))
    assert shown(reading) == [(1, "职工每人每年， read the rules 2024 年   完")]


def test_running_heads_and_page_numbers_are_left_out(tesseract, tmp_path):
    bodies = {
        page: f"{word}的规定在这里，\n{word}要登记，\n{word}到年底为止。"
        for page, word in enumerate(WORDS, 1)
    }
    for page, body in bodies.items():
        tesseract.knows(page, f"海港区总工会手册\n\n{body}\n\n— {page} —\n")
    reading = Ocr(tmp_path).readers()[".pdf"](pdf(*bodies))
    assert {page for page, _ in shown(reading)} == {1, 2, 3, 4}
    assert "".join(reading.text.split()) == "".join("".join(bodies.values()).split())


def test_among_many_files_scans_are_read_by_other_processes_and_kept_in_the_same_place(
    tesseract, papers, open_library, tmp_path
):
    for number in range(SEVERAL):
        path = papers / f"{number:03}.txt"
        path.write_text(f"第{number}号通知：职工书屋今天开放，欢迎各位职工前来借阅。", "utf-8")
    (papers / "a.pdf").write_bytes(pdf(1, 2))
    (papers / "b.png").write_bytes(image("PNG", 8))
    library = open_library(Source("资料", papers, ocr=True))
    (problem,) = library.refresh().problems
    assert (problem.file, problem.reason) == (
        "b.png",
        "could not be read by OCR: tesseract failed (Error during processing.)",
    )
    assert library.ask("住院慰问金每次多少元").quotes[0].citation.file == "a.pdf"
    assert len(tesseract.calls) == 3
    kept = list((tmp_path / "index" / "ocr").glob("*/*.txt"))
    assert sorted(path.name for path in kept) == ["1.txt", "2.txt"]


def test_new_code_reads_a_scan_again_without_tesseract(tesseract, papers, analyzer, tmp_path):
    (papers / "a.pdf").write_bytes(pdf(2, 8))
    source, store = Source("资料", papers, ocr=True), Store(tmp_path / "index")
    take_in(store, [source], analyzer)
    state = replace(store.state("资料", "a.pdf"), version="older")
    passages = [p.passage.text for p in store.passages(["资料/a.pdf:1"])]
    with store.changing():
        store.put("资料", "a.pdf", state)
    tesseract.knows(8, "FAIL")
    take_in(store, [source], analyzer)
    assert [p.passage.text for p in store.passages(["资料/a.pdf:1"])] == passages != []
    assert [call[0].endswith(".png") for call in tesseract.calls] == [True] * 3  # 2, 8, 8
    store.close()


def test_a_glob_may_mean_pictures_and_what_is_excluded_is_not_read(tesseract, papers, open_library):
    (papers / "scans").mkdir()
    for name in ("a.PNG", "b.png", "c.jpg"):
        (papers / "scans" / name).write_bytes(image("PNG", 2))
    library = open_library(
        Source("资料", papers / "**" / "*.png", exclude=("b.*",), title="住院慰问", ocr=True)
    )
    assert library.refresh().files == 1
    (quote,) = library.ask("住院慰问金每次多少元").quotes
    assert (quote.citation.file, quote.citation.title) == ("scans/a.PNG", "住院慰问")
    assert len(tesseract.calls) == 1


# --- without OCR --------------------------------------------------------------------------------


def test_without_being_asked_for_it_a_scan_says_what_to_do_and_pictures_are_no_documents(
    tesseract, papers, open_library
):
    (papers / "a.pdf").write_bytes(pdf(1))
    (papers / "b.png").write_bytes(image("PNG", 2))
    (papers / "c.txt").write_text(HOSPITAL, "utf-8")
    library = open_library(资料=papers)
    done = library.refresh()
    assert [problem.file for problem in done.problems] == ["a.pdf"]
    assert "it needs OCR; write `ocr: true`" in done.problems[0].reason
    assert "ocrmypdf -l chi_sim FILE OUT.pdf" in done.problems[0].reason
    assert done.files == 2
    assert library.ask("住院慰问金每次多少元").quotes[0].citation.file == "c.txt"
    assert tesseract.calls == []


def test_a_source_that_is_a_picture_says_what_to_do(tesseract, papers, open_library):
    (papers / "b.png").write_bytes(image("PNG", 2))
    (problem,) = open_library(资料=papers / "b.png").refresh().problems
    assert problem.reason.startswith("is a picture: it needs OCR; write `ocr: true`")


def test_once_it_is_asked_for_scans_are_read(tesseract, papers, open_library):
    (papers / "a.pdf").write_bytes(pdf(2))
    open_library(资料=papers).refresh()
    library = open_library(Source("资料", papers, ocr=True))
    assert library.refresh().problems == ()
    assert library.ask("住院慰问金每次多少元").verdict is Verdict.ANSWER


def test_without_tesseract_it_says_so_and_once_that_is_installed_scans_are_read(
    tmp_path, monkeypatch, papers, open_library
):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (papers / "a.pdf").write_bytes(pdf(2))
    (papers / "b.pdf").write_bytes(pdf("第一页有字，写着许多话。", 2))
    (papers / "c.png").write_bytes(image("PNG", 2))
    library = open_library(Source("资料", papers, ocr=True))
    told = {problem.file: problem.reason for problem in library.refresh().problems}
    missing = "needs the program tesseract, which is not installed (Debian: apt install"
    assert told["a.pdf"].startswith(f"holds only pictures on page 1, and {missing}")
    assert told["b.pdf"].startswith(f"holds only pictures on page 2, and {missing}")
    assert told["c.png"].startswith(missing)
    assert library.ask("第一页写着什么").quotes[0].citation.file == "b.pdf"

    program = Tesseract(tmp_path / "bin")
    program.knows(2, HOSPITAL)
    assert library.refresh().problems == ()
    assert library.ask("住院慰问金每次多少元").verdict is Verdict.ANSWER


def test_a_tesseract_that_knows_none_of_the_languages_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(Tesseract(tmp_path / "bin", ("fra", "osd")).folder))
    with pytest.raises(NotReadable, match=r"knows neither chi_sim nor chi_tra nor eng \(Deb"):
        Ocr(tmp_path).readers()[".png"](image("PNG", 2))


def test_what_was_read_can_be_quoted_and_proven_without_tesseract(
    tesseract, papers, open_library, monkeypatch
):
    (papers / "a.pdf").write_bytes(pdf(2))
    library = open_library(Source("资料", papers, ocr=True))
    library.refresh()
    shutil.rmtree(tesseract.folder)
    assert library.refresh().problems == ()
    quote = library.ask("住院慰问金每次多少元").quotes[0]
    assert quote.text == "".join(HOSPITAL.split())


def test_pages_that_are_pictures_among_pages_of_text_are_reported_the_covers_aside():
    words = "这一页有字，写着许多话，一直写到句号。"
    assert READERS[".pdf"](pdf(1, words, 2)).problem == ""
    problem = READERS[".pdf"](pdf(1, words, 2, 2, words, 2, 1)).problem
    assert problem.startswith("holds only pictures on pages 3–4, 6; write `ocr: true`")


# --- what goes wrong ----------------------------------------------------------------------------


def test_a_page_that_fails_is_a_problem_of_its_file_and_the_other_pages_are_quoted(
    tesseract, papers, open_library
):
    (papers / "a.pdf").write_bytes(pdf(2, 8))
    os.utime(papers / "a.pdf", (LONG_AGO, LONG_AGO))
    (papers / "b.txt").write_text("渔村图书馆每天早上九点开门。", "utf-8")
    library = open_library(Source("资料", papers, ocr=True))
    (problem,) = library.refresh().problems
    assert problem.file == "a.pdf"
    assert problem.reason == (
        "could not be read by OCR on page 2: tesseract failed (Error during processing.)"
    )
    assert library.ask("住院慰问金每次多少元").quotes[0].citation.file == "a.pdf"
    assert library.ask("图书馆几点开门").verdict is Verdict.ANSWER
    assert library.contents()[0].files == 2
    calls = len(tesseract.calls)
    assert library.refresh().problems == (problem,)  # known, and not tried with every question
    assert len(tesseract.calls) == calls


def test_a_file_that_is_read_again_tries_only_the_pages_that_failed(
    tesseract, papers, open_library
):
    path = papers / "a.pdf"
    path.write_bytes(pdf(2, 8))
    library = open_library(Source("资料", papers, ocr=True))
    library.refresh()
    tesseract.knows(8, LEAVE)
    path.touch()
    assert library.refresh().problems == ()
    assert len(tesseract.calls) == 3
    assert library.ask("年休假有多少天").verdict is Verdict.ANSWER


def test_a_page_that_hangs_is_given_up(tesseract, tmp_path):
    reading = Ocr(tmp_path / "ocr", patience=1).readers()[".pdf"](pdf(9, 2))
    assert reading.problem == (
        "could not be read by OCR on page 1: tesseract was not done after 1 seconds"
    )
    assert {page for page, _ in shown(reading)} == {2}


def test_after_three_failures_in_a_row_the_others_are_not_tried(tesseract, tmp_path):
    with pytest.raises(NotReadable) as refused:
        Ocr(tmp_path / "ocr").readers()[".pdf"](pdf(8, 8, 8, 1, 2))
    assert str(refused.value) == (
        "could not be read by OCR on pages 1–3: tesseract failed (Error during processing.); "
        "on pages 4–5: the pages before could not, either"
    )
    assert len(tesseract.calls) == 3


def test_a_picture_that_says_nothing_holds_no_text(tesseract, papers, open_library):
    (papers / "a.png").write_bytes(image("PNG", 0))
    (problem,) = open_library(Source("资料", papers, ocr=True)).refresh().problems
    assert problem.reason == "holds no text"


def test_a_broken_or_locked_pdf_says_so_with_ocr_as_without(tesseract, tmp_path):
    read = Ocr(tmp_path).readers()[".pdf"]
    with pytest.raises(NotReadable, match="breaks off"):
        read(pdf(1)[:200])
    with pytest.raises(NotReadable, match="is not a PDF"):
        read(b"words")


def test_the_lines_of_a_scan_are_told_apart_as_those_of_a_newspaper(tesseract, page, tmp_path):
    reading = Ocr(tmp_path).readers()[".png"](image("PNG", 1))
    assert reading.raw
    assert {block.role for block in reading.blocks} == {Role.BODY}
    assert [page for page, _ in shown(reading)] == [1, 1, 1, 1]
