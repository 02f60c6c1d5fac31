"""The `youju` command as scripts see it: output, exit codes, one sentence for every mistake."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from command import ROOT, Run, youju
from tesseract import Tesseract, picture

from bot.upkeep import _advice
from retrieval.database import FILE
from retrieval.store import Store

SEED = "003_41e9415e2b30c2d0.txt"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one seed and its configuration, indexed once for the whole module."""
    folder = tmp_path_factory.mktemp("cli")
    shutil.copy(ROOT / "seeds" / SEED, folder)
    os.utime(folder / SEED, (1_600_000_000, 1_600_000_000))  # not in the writing
    (folder / "youju.yaml").write_text(f"sources: [{{name: 海陵, path: {SEED}}}]", "utf-8")
    return folder


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


def test_ask_why_tells_how_the_quotes_were_found(run):
    done = run("ask", "-n", "1", "--why", "海陵区职工住院慰问金每次多少钱？")

    assert "地点、年份、篇名相符：海陵区" in done.out
    assert done.out.rstrip().endswith("起算有关。")
    assert run("ask", "--why", "--json", "劳模").code == 2


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
    assert f"file      海陵: {SEED}: documents: 1, passages: 28, taken for utf-8" in status.out
    assert "pending   0 " in status.out


@pytest.fixture
def papers(tmp_path):
    """A folder of notices with its configuration: `papers(3)` writes three."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "youju.yaml").write_text("sources: [{name: 通知, path: docs}]", "utf-8")

    def write(files: int) -> Path:
        for number in range(files):
            text = f"2024年3月{number % 28 + 1}日\n\n第{number}号：食堂周六关门，周日照常开放。\n"
            path = tmp_path / "docs" / f"{number:03}.txt"
            path.write_text(text, "utf-8")
            os.utime(path, (1_600_000_000, 1_600_000_000))
        return tmp_path

    return write


def test_index_names_each_file_that_is_new_changed_gone_or_faulty(papers):
    folder = papers(3)
    first = youju(folder, "index")
    assert [line for line in first.out.splitlines() if "new" in line.split()] == [
        f"new       通知: {number:03}.txt" for number in range(3)
    ]
    (folder / "docs" / "000.txt").unlink()
    (folder / "docs" / "001.txt").write_text("食堂周日也关门。", "utf-8")
    (folder / "docs" / "004.txt").write_bytes(b"\0\1\xff")
    second = youju(folder, "index")
    assert second.out.splitlines() == [
        "changed   通知: 001.txt",
        "removed   通知: 000.txt",
        "files: 3, passages: 3 (new: 0, changed: 1, removed: 1, unreadable: 1)",
    ]
    assert second.err.startswith("youju: 通知: 004.txt is not text but binary data")
    assert second.code == 3


def test_of_many_files_only_those_are_named_that_need_a_look(papers):
    folder = papers(35)
    for number in range(25):
        (folder / "docs" / f"b{number}.txt").write_bytes(b"\0\1\xff")
    indexed = youju(folder, "index")
    assert "new       通知: 35 files" in indexed.out
    assert indexed.err.count("is not text but binary data") == 20
    assert "5 other files could not be read either: `youju status` names them all" in indexed.err
    listed = youju(folder, "status").out.splitlines()
    assert sum(line.startswith("problem   通知: b") for line in listed) == 25
    assert [line for line in listed if line.startswith("file")] == [
        "files     通知: 35 without a remark"
    ]


def is_running(pid: str) -> bool:
    """Return whether a process runs: one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which processes there are")
def test_an_index_run_that_is_stopped_leaves_the_old_state_and_no_process(papers):
    folder = papers(1)
    assert youju(folder, "index").code == 0
    papers(600)
    environ = os.environ | {"YOUJU_CONFIG": "youju.yaml", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "index"],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        helpers = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and not (pids := helpers.read_text().split()):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (out, err.decode()) == (b"", "youju: stopped; the index stays as complete as it was\n")
    assert "documents: 1, passages: 2" in youju(folder, "status").out
    deadline = time.monotonic() + 60  # one that was just starting has to see first that it is alone
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, pids))


def test_config_shows_what_is_in_force(run, shared):
    done = run("config")

    assert done.code == 0
    assert str(shared / "youju.index") in done.out


def test_config_shows_what_the_owner_says_of_a_source(tmp_path):
    (tmp_path / "a.txt").touch()
    (tmp_path / "youju.yaml").write_text(
        "sources: [{name: 甲, path: '*.txt', exclude: [b, old/], date: 2019, visible_to: []}]",
        "utf-8",
    )

    lines = youju(tmp_path, "config").out.splitlines()

    assert lines[1:5] == [
        f"source    甲: {tmp_path}/*.txt",
        "          exclude: b, old/",
        "          date: 2019",
        "          visible_to: nobody",
    ]
    assert lines[5].startswith("engine")


def test_doctor_checks_each_part(run):
    done = run("doctor", TELEGRAM_BOT_TOKEN="")

    assert done.code == 0
    assert "BotFather" in done.out
    assert run("doctor", TELEGRAM_BOT_TOKEN=f"123456:{'a' * 35}").out.count("ok ") == 4


def test_doctor_names_a_source_that_holds_nothing(papers):
    done = youju(papers(0), "doctor")

    assert done.code == 3
    assert "bad   通知: " in done.out
    assert "holds no file that can be read" in done.out


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
    assert "a.txt: documents: 1, passages: 1, taken for gb18030" in youju(tmp_path, "status").out
    assert "(taken for gb18030)" in youju(tmp_path, "passages", "a.txt").out


def test_a_scan_has_its_line_until_there_is_a_program_that_reads_it(tmp_path):
    picture(1).save(tmp_path / "规定.png")
    config = "sources: [{name: 海港, path: 规定.png, ocr: true}]"
    (tmp_path / "youju.yaml").write_text(config, "utf-8")
    path = str(tmp_path / "bin")
    done = youju(tmp_path, "index", PATH=path)
    assert done.code == 3
    assert done.err.startswith(
        "youju: 海港: 规定.png needs the program tesseract, which is not inst"
    )

    Tesseract(tmp_path / "bin").knows(1, "海港区职工住院慰问金每次一百元。")
    assert youju(tmp_path, "index", PATH=path).code == 0
    shown = youju(tmp_path, "passages", "规定.png", PATH=path)
    assert "海港区职工住院慰问金每次一百元。" in shown.out
    (answer,) = youju(tmp_path, "ask", "--json", "住院慰问金每次多少元", PATH=path).objects
    assert answer["quotes"][0]["place"] == {"page": 1}


@pytest.mark.parametrize(
    ("engine", "passages", "advice"),
    [
        ("memory", 100_000, ""),
        (
            "memory",
            100_001,
            " (good for 100,000 passages, and there are 100,001: it is time to write "
            '"engine: disk" in the YAML)',
        ),
        ("disk", 5_000_000, ""),
    ],
)
def test_status_says_when_it_is_time_for_another_engine(engine, passages, advice):
    assert _advice(engine, passages) == advice


def test_a_greeting_is_returned_and_nothing_else_is_searched(run):
    done = run("ask", "你好")

    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("你好，我是有据")
    assert "没有出现" not in done.out
    assert run("ask", "--json", "谢谢").objects[0]["verdict"] == "none"


def test_a_session_goes_on_when_asked_to_in_words(run):
    lines = "职工\n还有吗\nmore\n继续\n".encode()

    done = run("ask", "--session", "-n", "4", stdin=lines)
    assert [f"{number}. " in done.out for number in (1, 4, 5, 8, 9, 10)] == [True] * 6
    assert "没有更多段落了。" in done.out

    shown = run("ask", "--session", "--json", "-n", "4", stdin=lines).objects
    assert [len(answer["quotes"]) for answer in shown] == [4, 4, 2, 0]
    assert len({quote["id"] for answer in shown for quote in answer["quotes"]}) == 10
    assert [answer["question"] for answer in shown] == ["职工", "还有吗", "more", "继续"]
    assert [answer["follows"] for answer in shown] == ["", "职工", "职工", "职工"]
    assert shown[3]["verdict"] == "none"


def test_a_word_with_a_hyphen_that_is_no_option_is_a_part_of_the_question(run):
    done = run("ask", "--json", "慰问金", "-海陵区", "-n", "1", "多少")

    assert done.objects[0]["question"] == "慰问金 -海陵区 多少"
    assert run("ask", "--json", "-海陵区").objects[0]["question"] == "-海陵区"
    assert run("ask", "慰问金", "--jsno").code == 2
    assert run("status", "-海陵区").code == 2


ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full and shells' closed files")


@ON_LINUX
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("ask 慰问金 >/dev/full", "youju: the output cannot be written: No space left on device\n"),
        ("status >/dev/full", "youju: the output cannot be written: No space left on device\n"),
        ("ask 慰问金 >&-", "youju: stdout is closed: there is nowhere to write to\n"),
        ("ask <&-", "youju: stdin is closed: there is no question to read\n"),
        ("chat <&-", "youju: stdin is closed: there is no question to read\n"),
    ],
)
def test_output_that_is_full_and_files_that_are_closed_are_one_sentence(
    shared, typed, complaint, unbuffered
):
    environ = os.environ | {"YOUJU_CONFIG": "youju.yaml", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        f"{sys.executable} -m bot {typed}",
        shell=True,
        cwd=shared,
        env=environ | {"PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr.decode()) == (3, complaint)


@ON_LINUX
def test_where_only_stderr_is_closed_questions_are_answered_and_the_index_stays_whole(papers):
    folder = papers(1)
    environ = os.environ | {"YOUJU_CONFIG": "youju.yaml", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        f"{sys.executable} -m bot ask 食堂 2>&-", shell=True, cwd=folder, env=environ, check=False
    )

    assert done.returncode == 0
    assert youju(folder, "status").code == 0


def test_a_first_question_waits_for_the_process_that_is_reading_the_documents(papers):
    folder = papers(1)
    Store(folder / "youju.index").close()
    other = sqlite3.connect(folder / "youju.index" / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # as a process does that fills the index
    environ = os.environ | {"YOUJU_CONFIG": "youju.yaml", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "食堂周六关门吗"],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr
        waits = process.stderr.readline().decode()
        other.close()  # killed, say
        out, err = process.communicate(timeout=60)

    assert "another process is reading the documents for the first time: waiting" in waits
    assert (process.returncode, err) == (0, b"")
    assert "食堂周六关门" in out.decode()


def test_index_beside_another_first_one_says_that_nothing_can_be_searched_yet(papers):
    folder = papers(1)
    Store(folder / "youju.index").close()
    other = sqlite3.connect(folder / "youju.index" / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    done = youju(folder, "index")
    other.close()

    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "they cannot be searched until it is done" in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="its paths are never bytes")
def test_a_path_that_the_locale_cannot_name_is_one_sentence(tmp_path):
    (tmp_path / "资料.txt").write_text("食堂周六关门。", "utf-8")
    (tmp_path / "youju.yaml").write_text("sources: [{name: a, path: 资料.txt}]", "utf-8")
    locale = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    done = youju(tmp_path, "status", **locale)

    assert done.code == 2
    assert done.err.endswith(
        "youju.yaml:1:27: files cannot be named so in this locale (ascii): set PYTHONUTF8=1\n"
    )
