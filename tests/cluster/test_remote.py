"""What one machine indexed, others answer from: with neither the documents nor a store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import asdict, replace

from bot.wording import citation
from retrieval.answers import Verdict
from retrieval.confidence import DEFAULT
from retrieval.engines.cluster import ClusterEngine
from retrieval.engines.connection import Cluster, Connection
from retrieval.errors import SearchUnavailable
from retrieval.library import Library
from retrieval.questions import NO_LEXICON
from retrieval.remote import RemoteLibrary
from retrieval.shipping import batches
from retrieval.sources import Source

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
ELSEWHERE = Path("/nowhere/on/this/machine")


@pytest.fixture
def docs(tmp_path) -> Path:
    """Four of the reports, and one as a format whose text has to be taken out."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for seed in sorted((ROOT / "seeds").glob("00[1-4]*.txt")):
        shutil.copy(seed, folder)
    (folder / "page.html").write_text("<h1>通知</h1><p>食堂星期六关门。</p>", "utf-8")
    return folder


@pytest.fixture
def library(cluster, docs, tmp_path, analyzer) -> Iterator[Library]:
    """The library of the machine with the documents; it has been indexed."""
    connection = Connection(cluster)
    library = Library(
        [Source("报道", docs)],
        tmp_path / "index",
        lambda: ClusterEngine(connection),
        analyzer,
        batches=batches,
    )
    library.refresh()
    yield library
    library.close()


@pytest.fixture
def remote(analyzer, tmp_path) -> Iterator[Callable[..., RemoteLibrary]]:
    """Open what a bot has: `remote(cluster, path, …)` with the path where it looks for files."""
    opened: list[RemoteLibrary] = []

    def made(cluster: Cluster, path: Path = ELSEWHERE, name: str = "报道") -> RemoteLibrary:
        folder = tmp_path / "bot"
        connection = Connection(cluster)
        opened.append(RemoteLibrary([Source(name, path)], connection, folder, analyzer, NO_LEXICON))
        return opened[-1]

    yield made
    for one in opened:
        one.close()


def questions(count: int) -> list[str]:
    lines = (ROOT / "config/seeds.questions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines][:: len(lines) // count]


def test_a_bot_elsewhere_answers_as_the_machine_with_the_documents(
    library, remote, cluster, tmp_path
):
    bot = remote(cluster)
    asked = [*questions(15), "title:海陵区", "食堂哪天关门？", "红烧肉怎么做？"]
    for question in asked:
        here, there = library.ask(question), bot.ask(question)
        assert there.verdict is here.verdict
        assert [replace(q, citation=replace(q.citation, here=True)) for q in there.quotes] == list(
            here.quotes
        )
        assert not any(q.citation.here for q in there.quotes)
        for quote in there.quotes:
            assert citation("zh", quote).endswith("原文不在本机，未再核对")
    assert bot.contents()[0].passages == library.contents()[0].passages
    assert not (tmp_path / "bot").exists()


def test_a_file_that_is_here_too_is_compared_and_what_it_lacks_is_not_quoted(
    library, remote, cluster, docs, caplog
):
    bot = remote(cluster, docs)
    answer = bot.ask("食堂哪天关门？")
    assert answer.quotes[0].citation.here
    assert answer.quotes[0].text == "食堂星期六关门。"
    (docs / "page.html").write_text("<h1>通知</h1><p>食堂天天开门。</p>", "utf-8")
    answer = bot.ask("食堂哪天关门？")
    assert all(quote.citation.file != "page.html" for quote in answer.quotes)
    assert "run `youju index`" in caplog.text


def test_what_is_indexed_meanwhile_is_answered_at_once(library, remote, cluster, docs):
    bot = remote(cluster)

    def quoted() -> str:
        return bot.ask("班车几点发车？").quotes[0].text

    before = quoted()
    (docs / "bus.txt").write_text("班车每天七点半发车。\n", "utf-8")
    assert quoted() == before  # asking takes nothing in
    library.refresh()
    assert quoted() == "班车每天七点半发车。"
    (docs / "bus.txt").unlink()
    library.refresh()
    assert quoted() == before


def test_only_what_the_configuration_names_is_quoted(library, remote, cluster):
    bot = remote(cluster, name="别的资料")
    answer = bot.ask("海陵区住院慰问金每次多少钱？")
    assert (answer.verdict, answer.quotes) == (Verdict.NONE, ())
    assert "住院" in "".join(answer.missing)  # not even that the word occurs


def test_what_was_learnt_where_the_documents_are_counts_everywhere(library, remote, cluster):
    learnt = replace(DEFAULT, threshold_answer=0.5, questions=100)
    connection = Connection(cluster)
    ClusterEngine(connection).note(confidence=asdict(learnt))
    connection.close()
    bot = remote(cluster)
    bot.ask("海陵区住院慰问金每次多少钱？")
    assert bot.confidence == learnt


def test_an_index_that_nobody_made_is_a_sentence(remote, cluster):
    with pytest.raises(SearchUnavailable, match="run `youju index` where the documents are"):
        remote(cluster).ask("食堂哪天关门？")
