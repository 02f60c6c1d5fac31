"""A cluster behind TLS and a password: who is let in, and what is said to who is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from command import youju
from guard import PASSWORD, USER, Guard

pytestmark = pytest.mark.cluster

LOGIN = {"YOUJU_CLUSTER_USER": USER, "YOUJU_CLUSTER_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def guard(nodes, tmp_path_factory) -> Iterator[Guard]:
    """The door to one of the nodes."""
    guard = Guard(nodes.hosts[0], tmp_path_factory.mktemp("guard"))
    yield guard
    guard.close()


@pytest.fixture
def owner(cluster, guard, tmp_path) -> Path:
    """A folder with a document, and the YAML that names the door."""
    (tmp_path / "通知.txt").write_text("食堂通知\n\n食堂星期六关门。\n", "utf-8")
    (tmp_path / "youju.yaml").write_text(
        "sources: [{name: 通知, path: 通知.txt}]\n"
        "engine: cluster\n"
        f"cluster: {{hosts: ['{guard.url}'], index: {cluster.index}, ca: {guard.ca}}}\n",
        "utf-8",
    )
    return tmp_path


def test_who_has_the_password_indexes_and_asks_over_tls(owner):
    assert youju(owner, "index", **LOGIN).code == 0
    asked = youju(owner, "ask", "--json", "食堂星期几关门？", **LOGIN)
    assert asked.code == 0
    assert asked.objects[0]["quotes"][0]["text"] == "食堂星期六关门。"


def test_the_password_may_come_from_a_file(owner):
    (owner / "login").write_text(f"{USER}:{PASSWORD}\n", "utf-8")
    yaml = owner / "youju.yaml"
    yaml.write_text(yaml.read_text("utf-8").replace("{hosts", "{password_file: login, hosts"))
    assert youju(owner, "index").code == 0


@pytest.mark.parametrize("login", [{}, LOGIN | {"YOUJU_CLUSTER_PASSWORD": "guessed-it"}])
def test_who_has_it_not_is_told_what_to_set_and_never_the_password(owner, login):
    for command in (["index"], ["ask", "食堂"]):
        refused = youju(owner, *command, **login)
        assert refused.code == 3
        assert "set YOUJU_CLUSTER_USER and YOUJU_CLUSTER_PASSWORD" in refused.out + refused.err
        assert "guessed-it" not in refused.out + refused.err


def test_a_certificate_that_nobody_vouches_for_is_refused_in_a_sentence(owner):
    other = owner / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    refused = youju(owner, "index", YOUJU_CLUSTER_CA=str(other), **LOGIN)
    assert refused.code == 3
    assert "certificate was not accepted" in refused.out + refused.err
    assert PASSWORD not in refused.out + refused.err
