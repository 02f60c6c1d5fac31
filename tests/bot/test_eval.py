"""`youju eval` and what it learns, as scripts and owners see it."""

from __future__ import annotations

import json
import os
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from command import ROOT, youju

from retrieval.confidence import ENOUGH, FILE, load

SEED = "003_41e9415e2b30c2d0.txt"
HOSPITAL = {
    "id": "hospital",
    "question": "海陵区职工住院，工会每次发多少慰问金？",
    "kind": "number",
    "answers": [{"file": SEED, "quote": "给予每人每次100元的慰问金"}],
    "key": ["100元"],
}
DISH = {"id": "dish", "question": "红烧肉怎么做？", "kind": "none", "answers": []}
WRONG = {
    "id": "wrong",
    "question": "海陵区职工住院慰问金一年最多几次？",
    "kind": "<b>odd</b>",
    "answers": [{"file": "nowhere.txt", "quote": "a & b < c"}],
    "key": ["c"],
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one seed, its configuration and questions, indexed once for all tests."""
    folder = tmp_path_factory.mktemp("eval")
    shutil.copy(ROOT / "seeds" / SEED, folder)
    (folder / "youju.yaml").write_text(f"sources: [{{name: 海陵, path: {SEED}}}]", "utf-8")
    questions(folder / "q.jsonl", HOSPITAL, DISH, WRONG)
    return folder


def questions(file: Path, *cases: dict) -> Path:
    file.write_text("\n".join(json.dumps(case, ensure_ascii=False) for case in cases), "utf-8")
    return file


def many(count: int) -> list[dict]:
    """One answerable question, asked again and again."""
    return [HOSPITAL | {"id": str(n)} for n in range(count)]


def test_figures_and_outcomes_are_one_object_for_scripts(shared):
    (whole,) = youju(shared, "eval", "q.jsonl", "--json").objects

    assert whole["figures"]["all"]["first"] == 0.5
    assert whole["figures"]["none"]["refused"] == 1.0
    first, dish, _ = whole["outcomes"]
    assert (first["id"], first["rank"], first["sentence"]) == ("hospital", 1, True)
    assert first["verdict"] == "answer"
    assert first["score"] > first["lead"] > 0
    assert (dish["answerable"], dish["right"]) == (False, True)


def test_people_get_a_table_and_each_failure_with_what_stood_first(shared):
    done = youju(shared, "eval", "q.jsonl")

    assert done.code == 0
    assert "number" in done.out
    assert "Not right: 1" in done.out
    failure = done.out[done.out.index("wrong  <b>odd</b>") :]
    assert WRONG["question"] in failure
    assert f"→ {SEED}: " in failure
    assert "【" in failure


def test_a_run_is_compared_with_an_older_one(shared, tmp_path):
    old = tmp_path / "old.json"
    whole = youju(shared, "eval", "q.jsonl", "--json").objects[0]
    whole["outcomes"][0] |= {"rank": 0, "sentence": False, "right": False}
    old.write_text(json.dumps(whole), "utf-8")

    done = youju(shared, "eval", "q.jsonl", "--compare", str(old))

    assert "3 of 3 questions stand in both" in done.out
    assert "better 1, worse 0, p = 1: may be noise" in done.out
    assert f"+ hospital  R@1, sentence, right or refused  {HOSPITAL['question']}" in done.out
    compared = youju(shared, "eval", "q.jsonl", "--json", "--compare", str(old)).objects[0]
    assert compared["compared"]["measures"]["R@1"] == {"better": ["hospital"], "worse": [], "p": 1}


@pytest.mark.parametrize("old", ["nowhere.json", "q.jsonl"])
def test_compared_with_what_is_no_run_it_says_so_in_one_sentence(shared, old):
    done = youju(shared, "eval", "q.jsonl", "--compare", old)

    assert (done.code, done.err.count("\n")) == (3, 1)
    assert old in done.err


class Page(HTMLParser):
    """What a page is made of; fails where a tag is closed that is not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.references: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.references += [value for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_the_page_holds_figures_curves_and_failures_and_needs_nothing_else(shared, tmp_path):
    youju(shared, "eval", "q.jsonl", "--html", str(tmp_path / "page.html"))

    source = (tmp_path / "page.html").read_text("utf-8")
    page = Page(source)
    assert page.open == []
    assert page.references == []
    assert "url(" not in source
    assert "script" not in page.tags
    assert page.tags.count("svg") == 2
    assert page.tags.count("article") == 1
    assert "prefers-color-scheme: dark" in source
    for words in (
        WRONG["question"],
        "a & b < c",
        "nowhere.txt",
        "<b>odd</b>",
        "每人每次100元的慰问金",
    ):
        assert words in page.text


def test_a_page_that_cannot_be_written_is_one_sentence(shared):
    done = youju(shared, "eval", "q.jsonl", "--html", "nowhere/page.html")

    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "nowhere/page.html cannot be written" in done.err


def test_eval_names_the_line_that_is_no_question(shared, tmp_path):
    file = tmp_path / "q.jsonl"
    file.write_text('{"question": "a"}\n{"ask": 1}\n', "utf-8")

    done = youju(shared, "eval", str(file))

    assert done.code == 3
    assert "line 2" in done.err


def test_yaml_and_squad_are_read_too(shared, tmp_path):
    quote = HOSPITAL["answers"][0]["quote"]
    (tmp_path / "q.yaml").write_text(
        f"- {{question: 住院慰问金每次多少？, answers: [{{file: {SEED}, quote: {quote}}}]}}",
        "utf-8",
    )
    text = (ROOT / "seeds" / SEED).read_text("utf-8")
    start = text.index("100元的慰问金")
    context = text[start - 30 : start + 30]
    qa = {"id": "1", "question": "住院慰问金每次多少？"}
    qa["answers"] = [{"text": "100元", "answer_start": context.index("100元")}]
    data = {"data": [{"paragraphs": [{"context": context.replace("\n", ""), "qas": [qa]}]}]}
    (tmp_path / "q.json").write_text(json.dumps(data), "utf-8")

    for name in ("q.yaml", "q.json"):
        (whole,) = youju(shared, "eval", str(tmp_path / name), "--json").objects
        assert whole["figures"]["all"]["first"] == 1.0


def test_calibrate_learns_says_what_it_comes_to_and_keeps_it(shared, tmp_path):
    file = questions(tmp_path / "q.jsonl", *many(ENOUGH), DISH)

    done = youju(shared, "eval", str(file), "--calibrate")

    assert done.code == 0
    assert (
        f"{ENOUGH} of {ENOUGH} answers found first; {ENOUGH + 1} questions without one" in done.out
    )
    assert "confidence = logistic(" in done.out
    assert "→" in done.out
    assert load(shared / "youju.index").questions == 2 * ENOUGH + 1
    assert str(shared / "youju.index" / FILE) in done.out


def test_calibrate_changes_nothing_where_too_little_was_found(shared, tmp_path):
    kept = (shared / "youju.index" / FILE).exists()

    done = youju(shared, "eval", "q.jsonl", "--calibrate")

    assert done.code == 0
    assert f"nothing was learnt: 1 of 2 answers were found, and {ENOUGH} are needed" in done.out
    assert (shared / "youju.index" / FILE).exists() == kept


def test_calibrate_stands_alone(shared):
    done = youju(shared, "eval", "q.jsonl", "--calibrate", "--json")

    assert (done.code, done.err.count("\n")) == (2, 1)


def test_index_calibrates_when_documents_or_questions_changed_and_only_then(tmp_path):
    shutil.copy(ROOT / "seeds" / SEED, tmp_path)
    os.utime(tmp_path / SEED, (1e9, 1e9))  # just written, it would be read once more
    file = questions(tmp_path / "q.jsonl", *many(ENOUGH))
    (tmp_path / "youju.yaml").write_text(
        f"sources: [{{name: 海陵, path: {SEED}}}]\neval: q.jsonl", "utf-8"
    )

    first = youju(tmp_path, "index")
    assert first.code == 0
    assert f"calibrated by {file}: {ENOUGH} of {ENOUGH} answers found first" in first.out
    made = tmp_path / "youju.index" / FILE
    assert "calibrated" not in youju(tmp_path, "index").out

    later = made.stat().st_mtime + 5
    os.utime(file, (later, later))
    assert "calibrated" in youju(tmp_path, "index").out

    os.utime(made, (later + 5, later + 5))
    assert "calibrated" not in youju(tmp_path, "index").out
    (tmp_path / SEED).write_text((tmp_path / SEED).read_text("utf-8") + "\n完。\n", "utf-8")
    assert "calibrated" in youju(tmp_path, "index").out

    os.utime(made, (later + 5, later + 5))
    made.write_text("damaged", "utf-8")
    mended = youju(tmp_path, "index")
    assert FILE in mended.err
    assert "calibrated" in mended.out


def test_questions_named_in_the_yaml_that_are_none_do_not_undo_the_index(tmp_path):
    (tmp_path / "a.txt").write_text("食堂周六关门。", "utf-8")
    (tmp_path / "q.jsonl").write_text("no question", "utf-8")
    (tmp_path / "youju.yaml").write_text(
        "sources: [{name: a, path: a.txt}]\neval: q.jsonl", "utf-8"
    )

    done = youju(tmp_path, "index")

    assert done.code == 3
    assert "files: 1, passages: 1" in done.out
    assert "q.jsonl: line 1" in done.err
    assert youju(tmp_path, "ask", "食堂周六关门吗").code == 0
