"""The Telegram bot as a process of its own, over HTTP, as the owner runs it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from telegram_server import CUT, TOKEN, TelegramServer

from bot.wording import say

ROOT = Path(__file__).parents[2]
ANN = 7

TALKATIVE = """
import logging, sys
from shelf import Ledger, Shelf
from bot.conversation import Conversation
from bot.telegram.app import run

logging.basicConfig(level=logging.DEBUG)
sys.exit(run(Conversation(Shelf(), Ledger()), *sys.argv[1:]))
"""


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    server = TelegramServer()
    yield server
    assert server.violations == []


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with one small document; tests add where Telegram is."""
    (tmp_path / "fees.md").write_text("# 会费\n\n会费按工资的0.5%交纳。\n", encoding="utf-8")
    file = tmp_path / "youju.yaml"
    file.write_text("sources:\n  - name: 会费\n    path: fees.md\nindex: index\n", encoding="utf-8")
    return file


def reach(config: Path, api: str) -> None:
    with config.open("a", encoding="utf-8") as file:
        file.write(f"telegram:\n  api: {api}\n")


def environment(**more: str) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if "TELEGRAM" not in name}
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "doubles")])
    return mine | {"PYTHONPATH": path, "PYTHONUTF8": "1"} | more


def youju(config: Path) -> list[str]:
    return [sys.executable, "-m", "bot", "--config", str(config), "telegram"]


@contextmanager
def running(command: Sequence[str], stderr: Path, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not outlive the test, and what it writes to stderr in a file."""
    with stderr.open("wb") as file:
        process = subprocess.Popen(command, stderr=file, env=environment(**env))
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def answer(server: TelegramServer, process: subprocess.Popen[bytes], text: str) -> str:
    """What the bot replies, with its process watched: one that has died never replies."""
    server.say(ANN, text)
    asyncio.run(server.until(lambda: server._answers[ANN] or process.poll() is not None, 60))
    assert process.poll() is None, "the bot ended before it replied"
    return asyncio.run(server.replies(ANN))[0]["text"]


def test_with_everything_logged_and_much_failing_the_token_is_never_shown(server, tmp_path):
    stderr = tmp_path / "stderr"
    server.fail_next("getMe", 502)
    server.fail_next("getUpdates", CUT)
    server.fail_next("sendMessage", CUT)
    with server.over_http() as api:
        command = [sys.executable, "-c", TALKATIVE, TOKEN, api]
        with running(command, stderr) as process:
            assert answer(server, process, "/more") == say("zh", "nothing_yet")
            asyncio.run(server.replies(ANN))  # the first again: its receipt was lost
            server.fail_next("sendMessage", 502, times=2)
            assert "编号" in answer(server, process, "/help")
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    log = stderr.read_text(encoding="utf-8")
    assert "cannot reach Telegram" in log
    assert "message failed, number" in log
    assert TOKEN not in log
    assert TOKEN.partition(":")[2] not in log


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_youju_telegram_answers_until_it_is_told_to_stop(server, config, tmp_path, stop):
    stderr = tmp_path / "stderr"
    with server.over_http() as api:
        reach(config, api)
        with running(youju(config), stderr, TELEGRAM_BOT_TOKEN=TOKEN) as process:
            reply = answer(server, process, "会费怎么交？")
            assert "会费按工资的0.5%交纳。" in reply
            assert "fees.md" in reply
            process.send_signal(stop)
            assert process.wait(60) == 0
    log = stderr.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert TOKEN not in log


def test_without_a_token_there_is_one_sentence_and_exit_code_2(config):
    done = subprocess.run(youju(config), capture_output=True, env=environment(), timeout=60)
    assert done.returncode == 2
    assert "TELEGRAM_BOT_TOKEN" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_token_that_telegram_does_not_know_is_one_sentence_and_exit_code_2(server, config):
    stranger = TOKEN[:-1] + "x"
    with server.over_http() as api:
        reach(config, api)
        env = environment(TELEGRAM_BOT_TOKEN=stranger)
        done = subprocess.run(youju(config), capture_output=True, env=env, timeout=60)
    assert done.returncode == 2
    err = done.stderr.decode()
    assert "does not accept" in err
    assert "Traceback" not in err
    assert stranger not in err
