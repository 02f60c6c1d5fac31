"""What an owner sees of how a file was read: articles, roles, joins, repeats, what is left out."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from pathlib import Path

import pytest

from bot.cli import main
from bot.reading import drawn, left_out
from retrieval.sources import Source, read

ROOT = Path(__file__).parents[2]
SEED_001 = ROOT / "seeds" / "001_da2f574a8710ab3e.txt"
SEED_003 = ROOT / "seeds" / "003_41e9415e2b30c2d0.txt"
LAW = ROOT / "tests" / "data" / "laws" / "女职工劳动保护特别规定(2012-04-28).md"


def shown(path: Path, analyzer, colour: bool = False, width: int = 0) -> str:
    content = read(Source(path.stem, path), path.name, path, analyzer.cut)
    return "\n".join(drawn(content, path.name, colour, width)) + "\n"


def row(text: str, beginning: str) -> str:
    (line,) = (line for line in text.split("\n") if beginning in line)
    return line


@pytest.mark.parametrize(("file", "path"), [("passages_seed", SEED_001), ("passages_law", LAW)])
def test_the_golden_sheets_show_a_page_and_a_law(analyzer, golden, file, path):
    golden(f"{file}.txt", shown(path, analyzer))


def test_each_article_begins_with_its_title_author_and_lines(analyzer):
    text = shown(SEED_001, analyzer)
    heads = [line for line in text.split("\n") if line.startswith("═══")]
    assert len(heads) == 5
    assert heads[4].endswith("倾听、创新、守护,当好职工群众的“娘家人” ｜ 于长彬 ｜ lines 107–131")


def test_a_joined_sentence_shows_the_lines_on_both_sides_and_a_repeat_its_place(analyzer):
    text = shown(SEED_003, analyzer)
    assert "知识竞赛、“聚‹61⏎67›力新时代" in row(text, "body      lines 61–67")
    assert "加强工会网络宣传阵地建设" in row(text, "repeat    line 65 ")
    assert "首家镇街园区总工会成立" in row(text, "caption   line 63 ")


def test_each_role_has_a_colour_and_the_words_are_the_same_without(analyzer):
    plain, coloured = shown(SEED_003, analyzer), shown(SEED_003, analyzer, colour=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    tints = {
        line.split()[0].split("m")[-1]: line.split("m")[0]
        for line in coloured.split("\n")
        if line.startswith("\x1b")
    }
    assert set(tints) == {"title", "heading", "caption", "notice", "contents", "repeat"}
    assert len(set(tints.values())) == 6


def test_wrapped_lines_fit_the_terminal_and_begin_below_the_text(analyzer):
    lines = shown(SEED_003, analyzer, width=80).split("\n")
    rows = [line for line in lines if not line.startswith(("═", "003", "passages"))]
    wide = [sum(1 + (unicodedata.east_asian_width(c) in "WFA") for c in line) for line in rows]
    assert 70 < max(wide) <= 80
    assert any(line.startswith(" " * 26) and line.strip() for line in rows)
    words = shown(SEED_003, analyzer).split()
    assert "".join("".join(lines).split()) == "".join(words)


def test_a_page_without_a_title_says_where_its_name_comes_from(analyzer, tmp_path):
    path = tmp_path / "员工手册.txt"
    path.write_text("食堂周六关门，周日照常开放，节假日另行通知。\n", "utf-8")
    assert "员工手册 (the file's name: no title was found)" in shown(path, analyzer)


def test_marks_and_comments_are_left_out_and_only_words_of_them_are_shown(analyzer):
    path = next(LAW.parent.glob("工会法*"))
    content = read(Source("法规", path), path.name, path, analyzer.cut)
    pieces = {content.text[slice(*span)] for span in left_out(content)}
    assert pieces == {"#", "##", "<!-- INFO END -->"}
    text = shown(path, analyzer)
    assert row(text, "unread    line 11 ").endswith("<!-- INFO END -->")
    assert "unread: 1)" in text


def test_nothing_of_the_newspapers_is_left_out(analyzer):
    for path in sorted((ROOT / "seeds").glob("*.txt")):
        assert list(left_out(read(Source("报", path), path.name, path, analyzer.cut))) == []


def test_what_a_document_holds_cannot_command_the_terminal(analyzer, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("食堂\x1b[2J周六关门，\x07周日照常开放。\n", "utf-8")
    assert "\x1b" not in shown(path, analyzer)


def test_json_gives_every_place_of_a_repeat(capsys):
    assert main(["passages", str(SEED_003), "--json"]) == 0
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    again = [o for o in objects if o["also"]]
    assert [(o["place"], o["also"]) for o in again] == [
        ({"lines": [61, 67]}, [{"lines": [65, 65]}])
    ]


def test_a_folder_is_wrong_use(capsys, tmp_path):
    assert main(["passages", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_a_link_in_a_circle_and_a_name_that_is_no_text_have_their_sentence(capsys, tmp_path):
    circle = tmp_path / "a.txt"
    circle.symlink_to(circle)
    assert main(["passages", str(circle)]) == 3
    assert "Too many levels of symbolic links" in capsys.readouterr().err
    odd = tmp_path / os.fsdecode("通知\n".encode("gbk") + b".txt")
    odd.write_text("图书馆每天早上九点开门。", "utf-8")
    assert main(["passages", str(odd)]) == 0
    assert capsys.readouterr().out.startswith("通知\N{REPLACEMENT CHARACTER}.txt (taken")
