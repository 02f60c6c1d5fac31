"""The cluster engine keeps the contract of all engines: each test of it, on a real cluster."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
import test_engines as contract
from test_engines import *  # noqa: F403

from retrieval.engines import Engine
from retrieval.engines.cluster import ClusterEngine
from retrieval.engines.connection import Connection

pytestmark = pytest.mark.cluster


@pytest.fixture
def start(cluster) -> Iterator[Callable[[], Engine]]:
    """Start the engine: each time as another process would."""
    connections = []

    def started() -> Engine:
        connections.append(Connection(cluster))
        engine = ClusterEngine(connections[-1])
        engine.state()
        return engine

    yield started
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("asked", ["工会", "住院 慰问", "工会 工会 甲", "工会 图书馆", "丁"])
def test_scores_are_those_of_the_textbook(engine, asked):
    # But for a factor, the same for all; passages as short as these keep their lengths whole.
    texts = ["工会 住院 住院 慰问", "工会 甲", "工会 乙 丙 丁 戊 己", "慰问", "甲 甲 甲"]
    contract.fill(engine, *texts)
    scores = {hit.passage: hit.score for hit in contract.found(engine, asked)}
    reckoned = contract.reckoned(texts, asked)
    factor = sum(reckoned.values()) / sum(scores.values())
    assert {id: factor * score for id, score in scores.items()} == pytest.approx(reckoned)


def test_a_changed_index_answers_like_one_made_anew(engine):
    dice, files = random.Random(1), {}
    for number in [*range(6), *dice.choices(range(8), k=4)]:
        name = f"{number}.txt"
        if name in files and dice.random() < 0.3:
            del files[name]
            contract.publish(engine, removed=[("资料", name)])
            continue
        texts = [" ".join(dice.choices("工会住院慰问金职", k=dice.randrange(30))) for _ in range(4)]
        entries = [contract.entry(f"{number:02}:{i}", text) for i, text in enumerate(texts)]
        files[name] = contract.batch(*entries, file=name)
        contract.publish(engine, files[name])
    words = ("工 会", "住 院 工会", "慰 问 金 职", "工会 金")
    changed = [contract.found(engine, each, 20) for each in words], engine.size()
    contract.publish(engine, *files.values(), anew=True)
    assert changed == ([contract.found(engine, each, 20) for each in words], engine.size())


def test_searches_see_one_state_or_the_other_and_never_a_mixture(engine):
    assert contract.mixtures(engine, states=4) == []
