"""Changed documents, and a changed configuration, are taken in while questions are answered."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from command import ROOT

from bot.conversation import Conversation
from bot.exchange import Session
from bot.following import Follower
from bot.journal import Journal
from bot.opening import opened
from bot.verdicts import no_example
from config.settings import Settings, load_settings
from retrieval.library import Library

FEES = "会费按工资的千分之五交纳。\n"
POOL = "游泳馆晚上八点关门。\n"


@pytest.fixture
def yaml(tmp_path, analyzer, cache) -> Path:
    analyzer.cut("会费")
    shutil.copytree(cache, tmp_path / "index")  # the dictionary
    for name, text in (("docs/fees.txt", FEES), ("more/pool.txt", POOL)):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text, "utf-8")
        os.utime(path, (1_600_000_000, 1_600_000_000))
    file = tmp_path / "youju.yaml"
    file.write_text("sources:\n- {name: 会费, path: docs}\nindex: index\n", "utf-8")
    return file


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def ask(yaml, told) -> Callable[[str], str]:
    """Ask a conversation whose library is followed."""
    settings = load_settings(yaml)
    with closing(opened(settings)) as library, closing(Journal(settings.index)) as journal:
        library.refresh()
        conversation = Conversation(library, journal)
        conversation.use(library, no_example)

        def use(library: Library, settings: Settings) -> None:
            conversation.use(library, no_example)

        def first(question: str) -> str:
            quotes = conversation.reply(question, Session(owner=True)).quotes
            return quotes[0].text if quotes else ""

        with Follower(settings, library, use, told.append):
            time.sleep(0.3)  # until the watches are set up
            yield first


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_changed_a_new_and_a_removed_file_are_taken_in(ask, yaml, told):
    assert ask("会费怎么交？") == FEES.strip()
    docs = yaml.parent / "docs"
    (docs / "fees.txt").write_text(FEES.replace("五", "六"), "utf-8")
    (docs / "hours.txt").write_text("图书馆早上九点开门。\n", "utf-8")
    until(lambda: ask("图书馆几点开门？"))
    assert "千分之六" in ask("会费怎么交？")
    (docs / "hours.txt").unlink()
    until(lambda: not ask("图书馆几点开门？"))
    assert told == []


def test_a_changed_yaml_takes_the_place_of_the_old_one(ask, yaml, told):
    assert ask("游泳馆几点关门？") == ""
    new = yaml.with_name("new")
    new.write_text(yaml.read_text("utf-8").replace("docs", "more") + "engine: disk\n", "utf-8")
    new.replace(yaml)  # as editors do
    until(lambda: ask("游泳馆几点关门？"))
    assert FEES.strip() not in ask("会费怎么交？")
    # From now on, it is the other folder that is followed.
    (yaml.parent / "more" / "gym.txt").write_text("体育馆在河边。\n", "utf-8")
    until(lambda: ask("体育馆在哪里？"))
    assert told == []


def test_a_broken_yaml_is_named_with_its_line_and_the_old_one_stays(ask, yaml, told):
    text = yaml.read_text("utf-8")
    yaml.write_text(text + "engin: disk\n", "utf-8")
    until(lambda: told)
    assert "youju.yaml:4:1: unknown key" in told[0].replace(", line 4, column 1", ":4:1")
    assert "stays as it was" in told[0]
    assert ask("会费怎么交？") == FEES.strip()
    yaml.write_text(text.replace("docs", "more"), "utf-8")
    until(lambda: ask("游泳馆几点关门？"))
    assert len(told) == 1


def test_a_file_that_cannot_be_read_is_told_once(ask, yaml, told):
    bad = yaml.parent / "docs" / "bad.txt"
    bad.write_bytes(b"\0\0\0")
    until(lambda: told)
    assert "bad.txt is not text" in told[0]
    (yaml.parent / "docs" / "hours.txt").write_text("图书馆早上九点开门。\n", "utf-8")
    until(lambda: ask("图书馆几点开门？"))
    assert len(told) == 1


def test_what_the_gate_refuses_is_told_and_the_old_one_stays(ask, yaml, told):
    known = {"question": "会费怎么交？", "answers": [{"file": "fees.txt", "quote": "会费按工资"}]}
    (yaml.parent / "known.jsonl").write_text(json.dumps({"id": "1", **known}), "utf-8")
    yaml.write_text(yaml.read_text("utf-8") + "eval: known.jsonl\nmay_lose: 10%\n", "utf-8")
    time.sleep(1.5)
    (yaml.parent / "docs" / "hours.txt").write_text("图书馆早上九点开门。\n", "utf-8")
    until(lambda: ask("图书馆几点开门？"))
    (yaml.parent / "docs" / "fees.txt").unlink()
    until(lambda: told)
    assert "loses 1 of 1 known answers" in told[0]
    yaml.write_text(yaml.read_text("utf-8").replace("path: docs", "path: more"), "utf-8")
    until(lambda: len(told) > 1)
    assert told[-1] == "the configuration stays as it was"
    assert ask("图书馆几点开门？")


def test_index_watch_stays_and_ends_with_a_sentence(yaml):
    command = [sys.executable, "-m", "bot", "--config", str(yaml), "index", "--watch"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        assert next(lines) == "new       会费: fees.txt\n"
        assert next(lines).startswith("files: 1, passages: 1 (new: 1")
        assert next(lines).startswith(f"watching {yaml} and what it names")
        time.sleep(0.5)
        (yaml.parent / "docs" / "hours.txt").write_text("图书馆早上九点开门。\n", "utf-8")
        assert next(lines) == "new       会费: hours.txt\n"
        assert next(lines).startswith("files: 2, passages: 2 (new: 1, changed: 0")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err == "youju: no longer watching; the index is complete\n"
