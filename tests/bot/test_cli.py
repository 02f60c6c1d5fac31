"""The `youju` command as scripts see it: output, exit codes, one sentence for every mistake."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEED = "003_41e9415e2b30c2d0.txt"


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one seed and its configuration, indexed once for the whole module."""
    folder = tmp_path_factory.mktemp("cli")
    shutil.copy(ROOT / "seeds" / SEED, folder)
    (folder / "youju.yaml").write_text(f"sources: [{{name: 海陵, path: {SEED}}}]", "utf-8")
    return folder


def youju(folder: Path, *arguments: str, stdin: bytes = b"", **environ: str) -> Run:
    """Run the command in a process of its own, as a script would."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env=os.environ
        | {"YOUJU_CONFIG": "youju.yaml", "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        | environ,
        timeout=120,
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err
    return Run(done.returncode, out, err)


@pytest.fixture
def run(shared: Path) -> Callable[..., Run]:
    return lambda *arguments, **more: youju(shared, *arguments, **more)


def test_ask_json_holds_all_that_scripts_rely_on(run):
    done = run("ask", "--json", "海陵区职工住院慰问金每次多少钱？")

    (answer,) = done.objects
    assert done.code == 0
    assert done.err == ""
    assert answer["question"] == "海陵区职工住院慰问金每次多少钱？"
    assert answer["verdict"] == "answer"
    assert isinstance(answer["ms"], float)
    first = answer["quotes"][0]
    assert (first["source"], first["file"]) == ("海陵", SEED)
    assert first["section"] == ["住院慰问普惠职工"]
    assert first["place"] == {"lines": [57, 57]}
    assert "100元" in first["answer"]
    assert first["answer"] in first["text"]
    assert 0 < len(first["id"]) <= 12
    assert first["id"].isascii()
    text = (ROOT / "seeds" / SEED).read_text("utf-8")
    assert "".join(text[start:end] for start, end in first["spans"]) == first["text"]
    assert len(answer["quotes"]) <= 10


def test_ask_shows_the_answering_sentence_and_where_it_stands(run):
    done = run("ask", "-n", "1", "住院慰问金一年最多几次？")

    assert done.code == 0
    assert "【" in done.out
    assert f"{SEED} 第 57 行" in done.out
    assert "2. " not in done.out


def test_asked_in_english_it_answers_in_english(run):
    done = run("ask", "Who baked the croissant?")

    assert done.code == 1
    assert "I found nothing" in done.out


def test_nothing_found_names_the_missing_words_and_exits_with_1(run):
    done = run("ask", "--json", "勾股定理怎么证明？")

    assert done.code == 1
    assert done.objects[0]["verdict"] == "none"
    assert done.objects[0]["quotes"] == []
    assert "勾股定理" in done.objects[0]["missing"]


def test_questions_from_stdin_get_an_object_each_even_empty_lines(run):
    done = run("ask", "--json", stdin="勾股定理\n\n住院慰问金多少钱\n".encode())

    assert [answer["verdict"] for answer in done.objects] == ["none", "none", "answer"]
    assert done.code == 0


def test_a_session_completes_follow_ups_and_separate_questions_do_not(run):
    lines = "海陵区职工住院，工会给多少慰问金？\n那一年最多能领几回呢？\n".encode()

    together = run("ask", "--json", "--session", stdin=lines).objects[1]
    apart = run("ask", "--json", stdin=lines).objects[1]

    assert together["quotes"][0]["place"] == {"lines": [57, 57]}
    assert together["follows"] == "海陵区职工住院，工会给多少慰问金？"
    assert apart["follows"] == ""


def test_answers_are_flushed_as_soon_as_they_are_given(shared):
    """A script may keep the process and ask one question after the other."""
    environ = os.environ | {"YOUJU_CONFIG": "youju.yaml", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "ask", "--json"]
    with subprocess.Popen(
        command, cwd=shared, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        for question in ("住院慰问金", "海陵工匠"):
            process.stdin.write(f"{question}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["question"] == question
        process.stdin.close()


@pytest.mark.parametrize(
    ("question", "complaint"),
    [("", "请输入问题"), ("  ", "请输入问题"), ("问" * 30_000, "最多 4,096 个字")],
    ids=["empty", "blank", "too long"],
)
def test_what_cannot_be_asked_is_wrong_use(run, question, complaint):
    done = run("ask", "--json", question)

    assert done.code == 2
    assert complaint in done.err
    assert done.err.count("\n") == 1


def test_a_question_of_100000_characters_from_stdin_stops_nothing(run):
    done = run("ask", "--json", stdin=("问" * 100_000 + "\n住院慰问金\n").encode())

    assert [answer["verdict"] for answer in done.objects] == ["none", "answer"]
    assert "100,000" in done.err
    assert done.code == 0
    assert run("ask", stdin=("问" * 100_000).encode()).code == 2


def test_odd_questions_and_bytes_that_are_no_text_are_answered_like_any_other(run):
    odd = [
        "\x00\x1b[31m\x07",
        "😀🎉👩‍👩‍👧",
        "？！。，",
        "的的的",
        "\ud83d",
        "'; DROP TABLE files",
        "-",
    ]
    lines = [question.encode("utf-8", errors="surrogatepass") for question in odd]
    lines.append("住院慰问金".encode("gbk"))

    done = run("ask", "--json", stdin=b"\n".join(lines))

    assert done.code in (0, 1)
    assert len(done.objects) == len(lines)


@pytest.mark.parametrize("arguments", [["ask", "-n", "0", "x"], ["ask", "-n", "11", "x"], ["frob"]])
def test_wrong_use_exits_with_2_and_says_why(run, arguments):
    done = run(*arguments)

    assert done.code == 2
    assert "usage: youju" in done.err


def test_chat_reads_lines_where_stdin_is_no_terminal_and_ends_with_them(run):
    done = run(stdin="住院慰问金多少钱？\n/more\n/sources\n/quit\n没有读到这里\n".encode())

    assert done.code == 0
    assert "给予每人每次100元的慰问金" in done.out
    assert "4. " in done.out
    assert "海陵（1 篇" in done.out
    assert "没有读到" not in done.out


def test_chat_says_goodbye_at_the_end_of_input(run):
    assert run("chat", stdin=b"").code == 0


def test_a_reader_that_leaves_early_is_no_error(shared):
    environ = os.environ | {"YOUJU_CONFIG": "youju.yaml", "PYTHONPATH": str(ROOT)}
    questions = "住院慰问金\n" * 50
    done = subprocess.run(
        f"{sys.executable} -m bot ask | head -n 1",
        shell=True,
        cwd=shared,
        env=environ,
        input=questions.encode(),
        capture_output=True,
        check=False,
    )

    assert done.stderr == b""


def test_index_and_status_say_what_there_is(run):
    assert "files: 1, passages: " in run("index").out
    status = run("status")
    assert status.code == 0
    assert "海陵: files: 1, documents: 1" in status.out
    assert "pending   0 " in status.out


def test_config_shows_what_is_in_force(run, shared):
    done = run("config")

    assert done.code == 0
    assert str(shared / "youju.index") in done.out


def test_doctor_checks_each_part(run):
    done = run("doctor", TELEGRAM_BOT_TOKEN="")

    assert done.code == 0
    assert "BotFather" in done.out
    assert run("doctor", TELEGRAM_BOT_TOKEN=f"123456:{'a' * 35}").out.count("ok ") == 4


def test_passages_reads_any_file_configured_or_not(shared, tmp_path):
    file = tmp_path / "notice.md"
    file.write_text("# 通知\n\n食堂周六关门。\n\n周日开门。\n", "utf-8")

    done = youju(shared, "passages", str(file), "--json")

    assert done.code == 0
    assert [(p["role"], p["text"]) for p in done.objects] == [
        ("heading", "通知"),
        ("body", "食堂周六关门。"),
        ("body", "周日开门。"),
    ]
    assert done.objects[1]["place"] == {"lines": [3, 3]}
    assert "食堂周六关门。" in youju(tmp_path, "passages", "notice.md").out


def test_eval_measures_questions_with_known_answers(run, tmp_path):
    questions = tmp_path / "questions.jsonl"
    cases = [
        {
            "question": "海陵区职工住院，工会每次发多少慰问金？",
            "kind": "number",
            "answers": [{"file": SEED, "quote": "给予每人每次100元的慰问金"}],
            "key": ["100元"],
        },
        {"question": "红烧肉怎么做？", "kind": "none", "answers": []},
    ]
    questions.write_text("\n".join(map(json.dumps, cases)), "utf-8")

    done = run("eval", str(questions), "--json")

    assert done.objects[0]["all"]["first"] == 1.0
    assert done.objects[0]["all"]["refused"] == 1.0
    assert "number" in run("eval", str(questions)).out


def test_eval_names_the_line_that_is_no_question(run, tmp_path):
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"question": "a"}\n{"ask": 1}\n', "utf-8")

    done = run("eval", str(questions))

    assert done.code == 3
    assert "line 2" in done.err


def test_verify_says_whether_a_quote_still_stands(tmp_path):
    file = tmp_path / "notice.txt"
    file.write_text("食堂周六关门。\n\n图书馆周日开门。\n", "utf-8")
    (tmp_path / "youju.yaml").write_text("sources: [{name: 通知, path: notice.txt}]", "utf-8")
    answer = youju(tmp_path, "ask", "--json", "食堂周六关门吗").objects[0]
    id = answer["quotes"][0]["id"]

    same = youju(tmp_path, "verify", id)
    assert (same.code, "word for word" in same.out) == (0, True)
    file.write_text("公告\n\n食堂周六关门。\n\n图书馆周日开门。\n", "utf-8")
    moved = youju(tmp_path, "verify", id)
    assert (moved.code, "line 3" in moved.out) == (0, True)
    file.write_text("食堂周五关门。\n\n图书馆周日开门。\n", "utf-8")
    gone = youju(tmp_path, "verify", id)
    assert (gone.code, "not stand" in gone.out) == (1, True)
    file.unlink()
    (tmp_path / "other.txt").write_text("另一份。", "utf-8")
    (tmp_path / "youju.yaml").write_text("sources: [{name: 通知, path: other.txt}]", "utf-8")
    assert youju(tmp_path, "verify", id).code != 0
    assert youju(tmp_path, "verify", "nonesuch").code == 1


def test_a_configuration_with_faults_names_each_and_exits_with_2(tmp_path):
    (tmp_path / "youju.yaml").write_text("sourcs: []\nengine: sqlite\n", "utf-8")

    done = youju(tmp_path, "ask", "x")

    assert done.code == 2
    assert "youju.yaml:1:1: " in done.err
    assert "youju.yaml:2:9: " in done.err


def test_a_missing_configuration_is_one_sentence(tmp_path):
    done = youju(tmp_path, "--config", "nowhere.yaml", "status")

    assert done.code == 2
    assert "nowhere.yaml" in done.err


def test_an_index_that_cannot_be_made_is_one_sentence_and_exits_with_3(tmp_path):
    (tmp_path / "a.txt").write_text("食堂周六关门。", "utf-8")
    (tmp_path / "inde").write_text("a file stands in the way", "utf-8")
    (tmp_path / "youju.yaml").write_text(
        "sources: [{name: a, path: a.txt}]\nindex: inde/x", "utf-8"
    )

    done = youju(tmp_path, "ask", "食堂")

    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "inde" in done.err


def test_a_file_that_is_not_text_is_named_and_the_others_answer(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("食堂周六关门。", "utf-8")
    (tmp_path / "docs" / "b.txt").write_bytes(b"\x00\x01\xff\xfe")
    (tmp_path / "youju.yaml").write_text("sources: [{name: a, path: docs}]", "utf-8")

    done = youju(tmp_path, "ask", "--json", "食堂周六关门吗")

    assert done.code == 0
    assert "b.txt" in done.err
    assert done.objects[0]["quotes"][0]["text"] == "食堂周六关门。"
    assert youju(tmp_path, "index").code == 3
    assert "b.txt" in youju(tmp_path, "status").out


def test_a_folder_without_documents_is_said_and_nothing_is_found(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "youju.yaml").write_text("sources: [{name: a, path: docs}]", "utf-8")

    done = youju(tmp_path, "ask", "食堂")

    assert done.code == 1
    assert "holds no file that can be read" in done.err


def test_telegram_without_a_token_says_what_to_do(run):
    done = run("telegram", TELEGRAM_BOT_TOKEN="", TELEGRAM_BOT_TOKEN_FILE="")

    assert done.code == 2
    assert "BotFather" in done.err
    assert "TELEGRAM_BOT_TOKEN" in done.err


def test_a_damaged_journal_is_one_sentence(tmp_path):
    (tmp_path / "a.txt").write_text("食堂周六关门。", "utf-8")
    (tmp_path / "youju.yaml").write_text("sources: [{name: a, path: a.txt}]", "utf-8")
    (tmp_path / "youju.index").mkdir()
    (tmp_path / "youju.index" / "journal.sqlite").write_text("no database " * 100)

    answered = youju(tmp_path, "ask", "食堂周六关门吗")
    assert answered.code == 0
    assert "were not recorded" in answered.err
    verified = youju(tmp_path, "verify", "abc")
    assert (verified.code, "journal.sqlite" in verified.err) == (3, True)


def test_the_encoding_that_a_text_was_taken_for_is_said(tmp_path):
    text = "职工食堂周六关门，周日照常开放。本通知自发布之日起执行，请各位职工互相转告。" * 3
    (tmp_path / "a.txt").write_bytes(text.encode("gb18030"))
    (tmp_path / "youju.yaml").write_text("sources: [{name: a, path: a.txt}]", "utf-8")

    assert youju(tmp_path, "ask", "食堂周六关门吗").code == 0
    assert "a.txt was taken for gb18030" in youju(tmp_path, "status").out
    assert "(taken for gb18030)" in youju(tmp_path, "passages", "a.txt").out
