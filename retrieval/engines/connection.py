"""The way to an OpenSearch cluster: its nodes, who asks, and what to do when one does not answer.

In: a Cluster and a Login.  Out: the client's answers, tried again as long as that may help, or
SearchUnavailable.  No password is ever part of a message.
"""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from retrieval.errors import SearchUnavailable, on_one_line

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

Got = TypeVar("Got")

PATIENCE = 10  # seconds for a question to one node
WORKING = 3600  # seconds for what takes long: merging, deleting, cloning
PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0)  # seconds, while another copy of a shard takes over
PASSING = {429, 500, 502, 503, 504}  # statuses that may be gone at the next try
DEAD = 5  # seconds after which a node that did not answer is tried again
THREADS = 32  # that may ask one node at once


class Cluster(Struct, frozen=True):
    """Where the cluster is, and how it is to keep the index."""

    hosts: tuple[str, ...]  # URLs of some of its nodes
    index: str = "youju"  # the alias that points to the index
    shards: int = 1
    replicas: int = 1  # copies of each shard beside the first
    ca: Path | None = None  # the certificate of who signed those of the nodes
    password_file: Path | None = None  # holds user:password


class Login(Struct, frozen=True):
    """Who asks."""

    user: str
    password: str

    def __repr__(self) -> str:
        """Leave out the password: this may end up in a log."""
        return f"Login(user={self.user!r})"


class Again(Exception):
    """An answer that may be another one at the next try."""


class Connection:
    """See above.  Thread-safe; connects when it is first used."""

    def __init__(
        self, cluster: Cluster, login: Login | None = None, patience: float = PATIENCE
    ) -> None:
        self.cluster = cluster
        self._login = login
        self._patience = patience
        self._client: OpenSearch | None = None

    def patient(self) -> Connection:
        """Return one for what takes long."""
        return Connection(self.cluster, self._login, WORKING)

    def ask(self, call: Callable[[OpenSearch], Got]) -> Got:
        """Return what `call` returns, tried on other nodes and again where that may help.

        Raises KeyError where there is no such index, SearchUnavailable for all else.
        """
        from opensearchpy import exceptions

        for pause in (*PAUSES, None):
            try:
                return call(self._connected())
            except exceptions.NotFoundError as error:
                raise KeyError(error.error) from error
            except (Again, exceptions.TransportError) as error:
                passing = isinstance(error, Again) or error.status_code in PASSING
                if not passing or pause is None:
                    raise SearchUnavailable(self._told(error)) from error
                time.sleep(pause)
        raise AssertionError  # the last try returns or raises

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> OpenSearch:
        if self._client is None:
            from opensearchpy import OpenSearch

            logging.getLogger("opensearch").setLevel(logging.CRITICAL)  # each error is ours to tell
            login, ca = self._login, self.cluster.ca
            options: dict[str, Any] = {} if ca is None else {"ca_certs": str(ca)}
            self._client = OpenSearch(
                list(self.cluster.hosts),
                http_auth=None if login is None else (login.user, login.password),
                timeout=self._patience,
                max_retries=2 * len(self.cluster.hosts),  # each node may be tried twice
                retry_on_timeout=True,
                retry_on_status=(),  # see ask: that a shard is moving is not its node's fault
                dead_timeout=DEAD,
                timeout_cutoff=0,
                pool_maxsize=THREADS,
                **options,
            )
            weakref.finalize(self, self._client.close)  # a draft may simply be dropped
        return self._client

    def _told(self, error: Exception) -> str:
        """Return a sentence for the owner."""
        from opensearchpy import exceptions

        hosts = ", ".join(self.cluster.hosts)
        if isinstance(error, exceptions.SSLError):
            return (
                f"the cluster's certificate was not accepted ({hosts}): name the file of the "
                "certificate that signed it under `ca`, below `cluster:`"
            )
        if isinstance(error, exceptions.ConnectionError):
            return (
                f"no node of the cluster answers ({hosts}): start it, or correct `hosts` below "
                "`cluster:`"
            )
        if isinstance(
            error, exceptions.AuthenticationException | exceptions.AuthorizationException
        ):
            return (
                f"the cluster refuses the user or the password ({hosts}): set YOUJU_CLUSTER_USER "
                "and YOUJU_CLUSTER_PASSWORD"
            )
        return on_one_line(f"the cluster cannot do this just now ({hosts}): {_reason(error)}")


def _reason(error: Exception) -> str:
    """Return what the cluster itself says."""
    status, kind = getattr(error, "status_code", ""), getattr(error, "error", "") or str(error)
    info = getattr(error, "info", None)
    told = info.get("error") if isinstance(info, dict) else None
    reason = told.get("reason", "") if isinstance(told, dict) else ""
    return " ".join(filter(None, (str(status), str(kind), str(reason))))[:500]
