"""What belongs to a source, and what the owner says of its documents."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from retrieval.answers import Verdict
from retrieval.globs import divided, excluding, matching
from retrieval.passages import context, cut, places
from retrieval.sources import Source, read, reading_version
from retrieval.walking import files, path_of

LONG_AGO = 1_600_000_000  # seconds: no file that is this old may still be in the writing

HOSPITAL = "职工住院慰问金每人每次一百元，全年不超过两次。"
LIBRARY_HOURS = "图书馆每天早上九点开门，晚上八点关门，周二休息。"


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    return folder


def write(path, text: str = HOSPITAL):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def names(source: Source) -> list[str]:
    """Return the paths inside a source, each of which leads to its file."""
    found = list(files(source))
    assert all(path_of(source, name) == path for name, path in found)
    return [name for name, _ in found]


def first(answer) -> str:
    return answer.quotes[0].text if answer.quotes else ""


# Globs


@pytest.mark.parametrize(
    ("glob", "matched", "others"),
    [
        ("*.pdf", ["a.pdf", "A.PDF", ".pdf"], ["a.pdfx", "x/a.pdf", "apdf"]),
        ("**/*.pdf", ["a.pdf", "x/a.pdf", "x/y/a.pdf"], ["x/a.txt", "a.pdf/b"]),
        ("**", ["a", "x/y/a.txt"], [""]),
        ("x/**", ["x/a", "x/y/a"], ["x", "xx/a"]),
        ("x/*/a.*", ["x/y/a.txt"], ["x/a.txt", "x/y/z/a.txt"]),
        ("20??年.txt", ["2018年.txt"], ["201年.txt", "20/8年.txt"]),
        ("[2023]5号(+).txt", ["[2023]5号(+).txt"], ["25号.txt"]),
        ("", ["a", "x/换\n行"], []),
    ],
)
def test_a_glob_matches_whole_paths(glob, matched, others):
    test = matching(glob)
    assert [path for path in matched if not test(path)] == []
    assert [path for path in others if test(path)] == []


@pytest.mark.parametrize(
    ("glob", "excluded", "others"),
    [
        ("*.bak", ["a.bak", "x/a.BAK", "x.bak/a.txt"], ["a.bak.txt", "bak"]),
        ("notes.txt", ["notes.txt", "x/notes.txt"], ["my notes.txt", "notes.txt2"]),
        ("old/", ["old/", "old/a", "x/old/", "x/old/y/a"], ["old", "x/old", "bold/a", "old.txt"]),
        ("drafts/**", ["drafts/a", "drafts/x/a"], ["drafts", "drafts/", "x/drafts/a"]),
        ("drafts/*.txt", ["drafts/a.txt"], ["drafts/x/a.txt", "x/drafts/a.txt"]),
        ("/a.txt", ["a.txt"], ["x/a.txt"]),
        ("./a.txt", ["a.txt"], ["x/a.txt"]),
        ("/old/", ["old/", "old/a"], ["x/old/a"]),
        ("**/x/*.txt", ["x/a.txt", "y/x/a.txt"], ["x/y/a.txt"]),
        ("~$*", ["~$报告.docx", "x/~$a"], ["a~$"]),
        ("*", ["a", "x/", "x/a"], []),
    ],
)
def test_what_is_excluded_is_as_in_a_gitignore(glob, excluded, others):
    test = excluding([glob, "no such name"])
    assert [path for path in excluded if not test(path)] == []
    assert [path for path in others if test(path)] == []


def test_a_path_is_divided_before_its_first_wildcard(tmp_path):
    assert divided(tmp_path / "a" / "b") == (tmp_path / "a" / "b", "")
    assert divided(tmp_path / "a" / "*" / "b.txt") == (tmp_path / "a", "*/b.txt")
    assert divided(tmp_path / "**" / "?.txt") == (tmp_path, "**/?.txt")


# Which files


def test_a_glob_is_cited_by_the_path_inside_the_folder_before_it(papers, open_library):
    write(papers / "a.txt", LIBRARY_HOURS)
    write(papers / "handbook" / "part" / "b.txt")
    write(papers / "handbook" / "c.md", LIBRARY_HOURS)
    source = Source("手册", papers / "handbook" / "**" / "*.txt")
    assert names(source) == ["part/b.txt"]
    library = open_library(source)
    assert library.refresh().files == 1
    answer = library.ask("住院慰问金每次多少钱？")
    assert answer.quotes[0].citation.file == "part/b.txt"
    assert library.ask("图书馆几点开门？").verdict is Verdict.NONE


def test_a_glob_without_two_stars_goes_no_deeper_than_it_says(papers):
    for path in ("a.txt", "x/b.txt", "y/b.txt", "x/y/b.txt"):
        write(papers / path)
    assert names(Source("报", papers / "*.txt")) == ["a.txt"]
    assert names(Source("报", papers / "*" / "b.txt")) == ["x/b.txt", "y/b.txt"]
    assert names(Source("报", papers / "*" / "*" / "*")) == ["x/y/b.txt"]
    assert names(Source("报", papers / "no" / "*")) == []


def test_what_is_excluded_is_not_there_at_any_depth(papers):
    for path in ("a.txt", "old/a.txt", "x/old/b.txt", "x/c.txt", "drafts/d.txt", "x/drafts/e.txt"):
        write(papers / path)
    source = Source("报", papers, exclude=("old/", "drafts/**", "c.*"))
    assert names(source) == ["a.txt", "x/drafts/e.txt"]
    inside = Source("报", papers / "x" / "**" / "*.txt", exclude=("drafts/**",))
    assert names(inside) == ["c.txt", "old/b.txt"]
    assert names(Source("报", papers / "a.txt", exclude=("a.*",))) == []


def test_a_file_excluded_later_is_forgotten_and_the_others_are_not_read_again(papers, open_library):
    write(papers / "a.txt")
    write(papers / "drafts" / "b.txt", LIBRARY_HOURS)
    source = Source("报", papers)
    open_library(source).refresh()
    library = open_library(replace(source, exclude=("drafts/",)))
    done = library.refresh()
    assert (done.files, done.changed, done.removed) == (1, 0, 1)
    assert library.ask("图书馆几点开门？").verdict is Verdict.NONE
    assert first(library.ask("住院慰问金每次多少钱？")) == HOSPITAL


def test_hidden_files_are_left_out_of_a_glob_too(papers):
    for path in ("a.txt", ".b.txt", ".git/c.txt", "x/.d.txt"):
        write(papers / path)
    assert names(Source("报", papers / "**" / "*.txt")) == ["a.txt"]
    assert names(Source("报", papers / ".*")) == []


def test_a_link_to_what_is_excluded_is_left_out_and_one_out_of_the_source_is_named(
    papers, tmp_path, open_library
):
    write(tmp_path / "outside.txt")
    write(papers / "a.txt")
    write(papers / "drafts" / "secret.txt")
    (papers / "in.txt").symlink_to(papers / "a.txt")
    (papers / "out.txt").symlink_to(tmp_path / "outside.txt")
    (papers / "draft.txt").symlink_to(papers / "drafts" / "secret.txt")
    (papers / "up").symlink_to(tmp_path, target_is_directory=True)
    own, out = ["a.txt", "in.txt"], ["out.txt", "up"]
    for path, outward in [
        (papers, out),
        (papers / "**" / "*.txt", out),
        (papers / "*.txt", out[:1]),  # which looks into no folder
        (papers / "a*.txt", None),
    ]:
        source = Source("报", path, exclude=("drafts/",))
        assert names(source) == ([*own, *outward] if outward else ["a.txt"])
        library = open_library(source)
        assert [problem.file for problem in library.refresh().problems] == (outward or [])
    assert names(Source("报", papers, exclude=("drafts/", "out.*", "up/"))) == own


@pytest.mark.parametrize("path", ["", "**/*.txt"])
def test_links_in_a_circle_end(papers, open_library, path):
    write(papers / "a.txt")
    (papers / "b.txt").symlink_to(papers / "c.txt")
    (papers / "c.txt").symlink_to(papers / "b.txt")
    (papers / "loop").symlink_to(papers, target_is_directory=True)
    library = open_library(Source("报", papers / path))
    done = library.refresh()
    assert [problem.file for problem in done.problems] == ["b.txt", "c.txt"]
    assert all("cannot be read" in problem.reason for problem in done.problems)
    assert first(library.ask("住院慰问金每次多少钱？")) == HOSPITAL


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_named_and_not_waited_for(papers, open_library):
    write(papers / "a.txt")
    os.mkfifo(papers / "b.txt")
    library = open_library(报=papers)
    (problem,) = library.refresh().problems
    assert (problem.file, problem.reason.split(";")[0]) == (
        "b.txt",
        "is no file but a pipe, a socket or a device",
    )
    assert first(library.ask("住院慰问金每次多少钱？")) == HOSPITAL


# Title and date


def titles(source: Source, analyzer) -> list[str]:
    return [
        document.title
        for file, path in files(source)
        for document in read(source, file, path, analyzer.cut).documents
    ]


def test_a_title_is_the_files_own_only_where_the_source_is_one_document(papers, analyzer):
    write(papers / "a.md", f"# 慰问办法\n\n{HOSPITAL}\n")
    write(papers / "b.md", LIBRARY_HOURS)
    assert titles(Source("报", papers, title="员工手册"), analyzer) == ["慰问办法", "员工手册"]
    assert titles(Source("报", papers / "*.md", title="员工手册"), analyzer) == [
        "慰问办法",
        "员工手册",
    ]
    assert titles(Source("报", papers / "a.md", title="员工手册"), analyzer) == ["员工手册"]
    assert titles(Source("报", papers), analyzer) == ["慰问办法", "b"]


def test_a_title_is_not_put_over_several_articles_of_one_file(papers, analyzer):
    body = "昨天上午举行了隆重的仪式，市民代表两百多人参加，仪式持续了一个小时。大家都很高兴。"
    page = (
        f"海港博物馆今日开馆\n\n本报记者 林晓雯\n\n博物馆{body}\n\n"
        f"环城铁路全线通车\n\n本报记者 赵一平\n\n铁路{body}\n"
    )
    source = Source("报", write(papers / "a.txt", page), title="海港日报")
    assert titles(source, analyzer) == ["海港博物馆今日开馆", "环城铁路全线通车"]


@pytest.mark.parametrize(
    ("date", "printed"),
    [("2019", "2019年"), ("2019-04", "2019年4月"), ("2019-04-06", "2019年4月6日"), ("", "")],
)
def test_a_date_is_put_as_documents_have_it(papers, analyzer, date, printed):
    source = Source("报", write(papers / "a.txt"), date=date)
    (document,) = read(source, "a.txt", papers / "a.txt", analyzer.cut).documents
    assert document.date == printed


def test_a_date_of_the_documents_own_goes_before_the_owners(papers, analyzer):
    named = write(papers / "办法(2021-12-24).md")
    source = Source("报", papers, date="2019")
    (document,) = read(source, named.name, named, analyzer.cut).documents
    assert document.date == "2021年12月24日"


def test_a_question_of_the_year_is_answered_and_one_of_another_year_is_not(papers, open_library):
    write(papers / "a.txt")
    library = open_library(Source("慰问办法", papers, date="2019-04"))
    library.refresh()
    assert library.ask("2019年住院慰问金每次多少钱？").verdict is Verdict.ANSWER
    answer = library.ask("2021年住院慰问金每次多少钱？")
    assert answer.verdict is not Verdict.ANSWER
    assert "2021" in (*answer.absent, *answer.missing)


# Place


def test_a_question_of_the_place_is_answered_and_one_of_another_place_is_not(papers, open_library):
    write(papers / "a.txt", f"# 慰问办法\n\n{HOSPITAL}\n\n{LIBRARY_HOURS}\n")
    library = open_library(Source("慰问办法", papers, place="海陵区"))
    library.refresh()
    for question in ("海陵区住院慰问金每次多少钱？", "海陵住院慰问金每次多少钱？"):
        answer = library.ask(question)
        assert (answer.verdict, first(answer)) == (Verdict.ANSWER, HOSPITAL)
    answer = library.ask("姜堰区住院慰问金每次多少钱？")
    assert answer.verdict is not Verdict.ANSWER
    assert "姜堰区" in (*answer.absent, *answer.missing)


def test_the_place_asked_about_decides_between_two_sources_that_say_the_same(papers, open_library):
    write(papers / "a" / "a.txt")
    write(papers / "b" / "b.txt", HOSPITAL.replace("一百", "两百"))
    library = open_library(
        Source("甲", papers / "a", place="海陵区"), Source("乙", papers / "b", place="姜堰区")
    )
    library.refresh()
    for place, source in (("海陵区", "甲"), ("姜堰区", "乙")):
        answer = library.ask(f"{place}住院慰问金每次多少钱？")
        assert (answer.verdict, answer.quotes[0].citation.source) == (Verdict.ANSWER, source)


def test_the_place_is_context_and_never_text(papers, analyzer):
    source = Source("报", write(papers / "a.txt"), place="海陵区")
    content = read(source, "a.txt", source.path, analyzer.cut)
    (document,) = content.documents
    (passage,) = cut(document, content.text)
    assert passage.text == HOSPITAL
    assert "海陵区" in context(document, passage, places(document, content.text, analyzer.cut))


# Split and language


def passages(source: Source, analyzer) -> list[tuple[str, tuple[int, int]]]:
    """Return the passages of a source that is one file: text, and lines or rows."""
    content = read(source, source.path.name, source.path, analyzer.cut)
    return [
        (passage.text, (passage.place.first, passage.place.last))
        for document in content.documents
        for passage in cut(document, content.text)
    ]


CLAUSES = (
    "第一条 为了规范管理，制定本办法。\n\n本办法适用于全体职工。\n\n"
    "第二条 有下列情形之一的，不予报销：\n\n（一）超过标准的；\n\n（二）没有票据的。\n"
)


def test_clauses_are_grouped_where_the_owner_says_so_or_the_text_shows_it(papers, analyzer):
    source = Source("报", write(papers / "a.md", CLAUSES))
    paragraphs = CLAUSES.strip().split("\n\n")

    def texts(split):
        return ["".join(t.split()) for t, _ in passages(replace(source, split=split), analyzer)]

    def bare(*parts: str) -> str:
        return "".join("".join(parts).split())

    assert texts("paragraph") == [bare(paragraph) for paragraph in paragraphs]
    assert texts("clause") == [bare(*paragraphs[:2]), bare(*paragraphs[2:])]
    # Two clauses may be mentions; items go with the line that leads to them all the same.
    assert texts(None) == [bare(p) for p in paragraphs[:2]] + [bare(*paragraphs[2:])]


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_each_line_is_a_passage_where_rows_are_asked_for(papers, analyzer, name):
    lines = [
        "食堂电话，周一到周五上午九点到下午五点有人接听，周末请拨打值班室的号码，",
        "值班室：",
        "1. 白天 5521",
        "2. 夜里 5522",
    ]
    path = write(papers / name, "\n".join([*lines[:2], *lines[2:]]) + "\n\n一卡通 5530\n")
    source = Source("电话", path, split="row", title="电话簿")
    assert passages(source, analyzer) == [
        *((line, (n, n)) for n, line in enumerate(lines, 1)),
        ("一卡通 5530", (6, 6)),
    ]
    assert titles(source, analyzer) == ["电话簿"]


def test_a_row_of_a_table_stays_whole_however_many_lines_its_cells_have(papers, analyzer):
    path = write(papers / "a.csv", '问题,答案\n食堂几点开门,"周一到周五：\n八点"\n谁管,后勤\n')
    for split in ("row", None):
        found = passages(Source("问答", path, split=split), analyzer)
        assert [place for _, place in found] == [(1, 1), (2, 3), (4, 4)]


def test_rows_of_other_formats_are_what_their_reader_says(papers, analyzer):
    path = write(papers / "a.html", "<p>甲<br>乙</p><table><tr><td>丙</td><td>丁</td></tr></table>")
    assert [text for text, _ in passages(Source("报", path, split="row"), analyzer)] == [
        "甲",
        "乙",
        "丙 ｜ 丁",
    ]


def test_the_language_says_where_a_long_paragraph_is_cut(papers, analyzer):
    sentence = "Ask Ms Li (李女士, 人力资源部) for the form. "
    source = Source("手册", write(papers / "a.md", sentence * 70))

    def texts(language):
        return [text for text, _ in passages(replace(source, language=language), analyzer)]

    english, chinese = texts("en"), texts("zh")
    assert [len(text) <= 2400 for text in english] == [True, True]
    assert all(text.endswith("for the form.") for text in english)
    assert all(len(text) <= 800 for text in chinese)
    assert texts(None) == chinese


# Read again, or not


@pytest.mark.parametrize(
    "said",
    [
        {"title": "办法"},
        {"date": "2019"},
        {"place": "海陵区"},
        {"language": "en"},
        {"split": "row"},
    ],
)
def test_the_files_of_a_source_are_read_again_when_the_owner_says_something_else_of_them(
    papers, open_library, said
):
    write(papers / "a" / "a.txt")
    write(papers / "b" / "b.txt", LIBRARY_HOURS)
    one, other = Source("甲", papers / "a"), Source("乙", papers / "b")
    open_library(one, other).refresh()
    library = open_library(replace(one, **said), other)
    assert library.pending() == 1
    assert library.refresh().changed == 1
    assert open_library(one, other).refresh().changed == 1
    assert open_library(one, other).refresh().changed == 0


def test_nothing_is_read_again_when_only_the_readers_of_a_source_change(papers, open_library):
    write(papers / "a.txt")
    source = Source("报", papers)
    open_library(source).refresh()
    for visible_to in (frozenset({7}), frozenset({7, -100}), frozenset()):
        assert open_library(replace(source, visible_to=visible_to)).refresh().changed == 0


def test_a_title_is_looked_at_again_when_a_file_becomes_its_folder(papers, open_library):
    write(papers / "a.md", f"# 慰问办法\n\n{HOSPITAL}\n")
    one = Source("报", papers / "a.md", title="员工手册")
    assert reading_version(one, "") != reading_version(replace(one, path=papers), "")
    library = open_library(one)
    library.refresh()
    assert library.ask("住院慰问金每次多少钱？").quotes[0].citation.title == "员工手册"
    library = open_library(replace(one, path=papers))
    library.refresh()
    assert library.ask("住院慰问金每次多少钱？").quotes[0].citation.title == "慰问办法"


# Limited to some sources


def test_a_question_limited_to_no_source_finds_nothing(papers, open_library):
    write(papers / "a.txt")
    library = open_library(报=papers)
    library.refresh()
    answer = library.ask("住院慰问金每次多少钱？", sources=())
    assert (answer.verdict, answer.quotes) == (Verdict.NONE, ())
