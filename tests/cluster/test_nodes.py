"""Nodes are killed while questions are asked: none fails, none changes its answer."""

from __future__ import annotations

import shutil
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from command import youju

from bot.conversation import Conversation
from bot.exchange import Session
from bot.journal import Journal
from bot.wording import say
from retrieval.answers import Answer
from retrieval.engines.cluster import ClusterEngine
from retrieval.engines.connection import Connection
from retrieval.errors import SearchUnavailable
from retrieval.library import Library
from retrieval.questions import NO_LEXICON
from retrieval.remote import RemoteLibrary
from retrieval.shipping import batches
from retrieval.sources import Source

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
MORE_LAWS = ROOT.parent / "shared/data/laws.tar.xz"  # used where it is there
MANY = 60  # of its files
ASKING = 4  # threads
QUESTIONS = [
    "年休假有几天？",
    "女职工生育享受多少天产假？",
    "拖欠工资怎么办？",
    "工会经费从哪里来？",
    "印花税由谁缴纳？",
    "车船税的税率是多少？",
    "海底电缆受损谁赔偿？",
    "行贿罪怎么处罚？",
    "买卖合同欺诈怎么赔？",
    "哪些单位可以建立工会？",
    "第三条",
    "title:工会法",
]


@pytest.fixture(scope="module")
def laws(tmp_path_factory) -> Path:
    """A folder of laws."""
    folder = tmp_path_factory.mktemp("laws") / "laws"
    shutil.copytree(ROOT / "tests/data/laws", folder)
    if MORE_LAWS.exists():
        with tarfile.open(MORE_LAWS) as archive:
            members = (member for member in archive if member.name.endswith(".md"))
            for number, member in zip(range(MANY), members, strict=False):
                stream = archive.extractfile(member)
                assert stream
                (folder / f"{number}.md").write_bytes(stream.read())
    return folder


@pytest.fixture(scope="module")
def remote(laws, address, analyzer, tmp_path_factory) -> Iterator[RemoteLibrary]:
    """A bot that asks what was indexed with a copy of each shard."""
    folder = tmp_path_factory.mktemp("index")
    connection = Connection(address(shards=3, replicas=1))
    sources = [Source("法规", laws)]
    library = Library(sources, folder, lambda: ClusterEngine(connection), analyzer, batches=batches)
    library.refresh()
    library.close()
    remote = RemoteLibrary(sources, connection, folder, analyzer, NO_LEXICON)
    yield remote
    remote.close()


@dataclass(slots=True)
class Load:
    """Questions asked by several threads at once, and what became of them."""

    remote: RemoteLibrary
    expected: dict[str, Answer]
    answered: int = 0
    wrong: int = 0
    failed: str = ""

    def run(self, done: threading.Event) -> list[threading.Thread]:
        threads = [threading.Thread(target=self._ask, args=(done,)) for _ in range(ASKING)]
        for thread in threads:
            thread.start()
        return threads

    def _ask(self, done: threading.Event) -> None:
        while not done.is_set():
            for question, answer in self.expected.items():
                try:
                    same = self.remote.ask(question) == answer
                except Exception as error:  # whatever it is, the test has to tell
                    self.failed = repr(error)
                    return
                self.wrong += not same
                self.answered += 1

    def wait(self, more: int) -> None:
        """Wait until so many more questions were asked."""
        until = self.answered + more
        while self.answered < until and not self.failed:
            threading.Event().wait(0.05)


def test_nodes_are_killed_and_come_back_and_nobody_notices(nodes, remote):
    load = Load(remote, {question: remote.ask(question) for question in QUESTIONS})
    assert all(answer.quotes for answer in load.expected.values())
    done = threading.Event()
    threads = load.run(done)
    try:
        load.wait(24)
        manager = nodes.manager()
        nodes.kill(manager)
        load.wait(60)
        nodes.start(manager)
        load.wait(24)
        nodes.kill((manager + 1) % 3)
        load.wait(60)
    finally:
        done.set()
        for thread in threads:
            thread.join()
        nodes.start(*({0, 1, 2} - set(nodes.running())))
    assert (load.failed, load.wrong) == ("", 0)
    assert load.answered >= 168


def test_with_all_nodes_gone_it_says_so_and_recovers_by_itself(nodes, remote, tmp_path, caplog):
    (tmp_path / "youju.yaml").write_text(
        "sources: [{name: 法规, path: nowhere}]\nengine: cluster\n"
        f"cluster: {{hosts: [{', '.join(nodes.hosts)}], index: nothing}}\n",
        "utf-8",
    )
    session = Session()
    with closing(Journal(tmp_path)) as journal:
        conversation = Conversation(remote, journal)
        before = conversation.reply(QUESTIONS[0], session)
        assert before.quotes
        nodes.kill(0, 1, 2)
        with pytest.raises(SearchUnavailable, match="no node of the cluster answers"):
            remote.ask(QUESTIONS[0])
        assert conversation.reply(QUESTIONS[0], session).lead == say("zh", "unavailable")
        assert conversation.reply("/sources", session).lead == say("zh", "unavailable")
        assert "Traceback" not in caplog.text
        asked = youju(tmp_path, "ask", QUESTIONS[0])
        assert (asked.code, asked.out) == (3, "")
        assert asked.err.startswith("youju: no node of the cluster answers")
        assert asked.err.count("\n") == 1
        chat = youju(tmp_path, "chat", stdin=f"{QUESTIONS[0]}\n/help\n".encode())
        assert say("zh", "unavailable") in chat.out
        nodes.start(0, 1, 2)
        assert conversation.reply(QUESTIONS[0], session).quotes == before.quotes
