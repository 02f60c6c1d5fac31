"""Many questions at once, while documents change, are all answered from one state or the other."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.conversation import Conversation
from bot.exchange import Session
from bot.journal import Journal
from retrieval.library import Library
from retrieval.proof import is_verbatim
from retrieval.sources import Source

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
QUESTIONS = [
    "住院慰问金每次多少钱？",
    "职工书屋有多少个？",
    "康乃馨服务站有几家？",
    "红烧肉怎么做？",
]


def test_eight_chats_ask_while_files_change(tmp_path):
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "seeds", docs)
    library = Library([Source("报道", docs)], tmp_path / "index")
    journal = Journal(tmp_path)
    conversation = Conversation(library, journal)
    done = threading.Event()

    def change() -> None:
        turn = 0
        while not done.wait(0.05):
            turn += 1
            (docs / "notice.txt").write_text(f"第{turn}号通知：职工书屋今天开放。", "utf-8")

    def chat(number: int) -> int:
        session = Session()
        quoted = 0
        for turn in range(25):
            reply = conversation.reply(QUESTIONS[(number + turn) % len(QUESTIONS)], session)
            assert reply.quotes or reply.lead
            for quote in reply.quotes:
                if quote.citation.file != "notice.txt":
                    text = (docs / quote.citation.file).read_text("utf-8")
                    assert is_verbatim(quote, text)
                    quoted += 1
        return quoted

    changer = threading.Thread(target=change)
    changer.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(chat, range(8)))
    finally:
        done.set()
        changer.join()
        journal.close()
        library.close()
