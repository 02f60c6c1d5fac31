"""A cluster of three nodes for all tests of this folder, and indexes of their own for each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import opensearch
import pytest

from retrieval.engines.connection import Cluster, Connection

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def nodes() -> Iterator[opensearch.Cluster]:
    """Three nodes, all of them up."""
    if missing := opensearch.missing():
        pytest.skip(missing)
    cluster = opensearch.Cluster(3)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def address(nodes) -> Callable[..., Cluster]:
    """Return the address of the nodes, under the name of an index that nobody else uses."""
    return lambda **more: Cluster(tuple(nodes.hosts), f"test{next(_NUMBERS)}", **more)


@pytest.fixture
def cluster(address) -> Iterator[Cluster]:
    """The address of an index without copies, which are slow to make; it is dropped at the end."""
    own = address(shards=2, replicas=0)
    yield own
    admin = Connection(own)
    for index in admin.ask(lambda c: c.indices.get_alias(index=f"{own.index}-*")):
        admin.ask(lambda c, index=index: c.indices.delete(index=index))
    admin.close()
