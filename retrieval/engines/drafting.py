"""Batches to an index of the cluster: built aside, then searched, and never written to again.

A state that changes little is a clone of the last one (its files are linked, not copied) with
the files that were changed in place of the old ones.  What is deleted in Lucene still counts
in the frequencies of its terms until it is merged away, and OpenSearch keeps it for copies that
may have missed the deletion; a clone has no such past.  So, where anything was deleted, a
second clone is rid of it before it is published: scores are those of an index made anew.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

from retrieval.engines import Batch, Searcher
from retrieval.engines.connection import Again, Connection
from retrieval.engines.documents import COUNTS, LAYOUT, MAPPING, SETTINGS, documents_of, key_of
from retrieval.errors import SearchUnavailable

log = logging.getLogger(__name__)

FILES_AT_ONCE = 64
DOCUMENTS_AT_ONCE = 500
MOST_BYTES = 10_000_000  # of one request
WRITERS = 4  # requests under way
REJECTED = 8  # times that what the cluster has no room for is sent again, after longer and longer
ABANDONED = 24 * 3600 * 1000  # milliseconds after which an index nobody finished is dropped
POLL = 0.1  # seconds between two looks at how far the cluster is
LOOKS = 300  # at a shard that does not answer, before it is given up
MERGES = 300  # times that deleted documents are merged away, while other merges go on
IDLE = 30  # looks at which no copy was being made, after which none will be

Item = TypeVar("Item")


def in_groups(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield items, so many at a time."""
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group


class ClusterDraft:
    """See Draft.  `before` is the index that is searched now, if any; `published` is told.

    `searching` makes a searcher of an index and its `_meta`.
    """

    def __init__(
        self,
        connection: Connection,
        before: str,
        anew: bool,
        published: Callable[[], object],
        searching: Callable[[str, Mapping[str, Any]], Searcher],
    ) -> None:
        self._connection = connection.patient()
        self._published = published
        self._searching = searching
        self._before = before
        self._base = "" if anew else before  # the index it begins as
        self._index = ""  # that is being built
        self._written: set[str] = set()  # keys of the files in it that were not in the base

    def update(self, batches: Iterable[Batch], removed: Collection[tuple[str, str]] = ()) -> None:
        """See Draft.update."""
        self._begin()
        for keys in in_groups(removed, DOCUMENTS_AT_ONCE):
            self._forget([key_of("file", key) for key in keys])
        for group in in_groups(batches, FILES_AT_ONCE):
            files = {key_of("file", batch.key): batch for batch in group}  # the last one counts
            self._forget(list(files))
            self._written.update(files)
            self._send(line for key, batch in files.items() for line in documents_of(key, batch))

    def searcher(self) -> Searcher:
        """See Draft.searcher."""
        self._begin()
        self._refresh(self._index)
        return self._searching(self._index, self._meta(""))

    def publish(self, state: str = "") -> None:
        """See Draft.publish."""
        self._begin()
        self._refresh(self._index)
        if self._deleted(self._index):
            self._index = self._cleaned()
        self._refresh(self._index)
        # The copies are made of the files that are on disk.
        self._ask(lambda c: c.indices.flush(index=self._index, params={"force": "true"}))
        cluster, index = self._connection.cluster, self._index
        meta = self._meta(state)
        self._ask(lambda c: c.indices.put_mapping(index=index, body={"_meta": meta}))
        final = {"index.number_of_replicas": cluster.replicas, "index.blocks.write": True}
        self._ask(lambda c: c.indices.put_settings(index=index, body=final))
        self._wait_for_copies()
        others = {"index": f"{cluster.index}-*", "alias": cluster.index, "must_exist": False}
        actions = [{"remove": others}, {"add": {"index": index, "alias": cluster.index}}]
        self._ask(lambda c: c.indices.update_aliases(body={"actions": actions}))
        self._drop_old()
        self._connection.close()
        self._published()

    # --- the index ------------------------------------------------------------------------------

    def _begin(self) -> None:
        if not self._index:
            self._index = self._cloned(self._base) if self._base else self._created()

    def _created(self) -> str:
        name, cluster = self._new_name(), self._connection.cluster
        settings = {"number_of_shards": cluster.shards, "number_of_replicas": 0, **SETTINGS}
        self._ask(
            lambda c: c.indices.create(index=name, body={"settings": settings, "mappings": MAPPING})
        )
        return name

    def _cloned(self, base: str) -> str:
        name = self._new_name()
        settings = {"index.number_of_replicas": 0, "index.blocks.write": None}
        self._ask(lambda c: c.indices.clone(index=base, target=name, body={"settings": settings}))
        while self._health(name)["status"] == "red":
            time.sleep(POLL)
        return name

    def _new_name(self) -> str:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        return f"{self._connection.cluster.index}-{stamp}-{secrets.token_hex(3)}"

    def _cleaned(self) -> str:
        """Return a clone of the index without what was deleted from it."""
        old = self._index
        closed = {"index.blocks.write": True}
        self._ask(lambda c: c.indices.put_settings(index=old, body=closed))
        new = self._cloned(old)
        self._drop(old)
        expunge = {"only_expunge_deletes": "true"}
        # What another merge has in hand is left out: once that is done, there is nothing left.
        for _ in range(MERGES):
            if not self._deleted(new):
                return new
            self._ask(lambda c: c.indices.forcemerge(index=new, params=expunge))
            self._refresh(new)
            time.sleep(POLL)
        log.warning("deleted passages still count in the frequencies of their words")
        return new

    def _deleted(self, index: str) -> bool:
        total = {"filter_path": "_shards,_all.primaries.docs.deleted"}
        stats = self._of_all_shards(
            lambda c: c.indices.stats(index=index, metric="docs", params=total)
        )
        return bool(stats["_all"]["primaries"]["docs"]["deleted"])

    def _refresh(self, index: str) -> None:
        self._of_all_shards(lambda c: c.indices.refresh(index=index))

    def _of_all_shards(self, ask: Callable[[Any], Any]) -> Any:  # noqa: ANN401  (what JSON holds)
        """Ask all shards of an index without copies, until every one of them has answered.

        A node that has not heard yet that a shard of a new index was started leaves it out.
        """
        for _ in range(LOOKS):
            answer = self._ask(ask)
            shards = answer["_shards"]
            if shards["successful"] == shards["total"]:
                return answer
            if shards["failed"]:
                break
            time.sleep(POLL)
        raise SearchUnavailable("the cluster lost a shard while the index was written; again")

    def _meta(self, state: str) -> dict[str, Any]:
        """Return what readers have to know of the index."""
        sums = {name: {"sum": {"field": name}} for name in COUNTS}
        body = {
            "size": 0,
            "query": {"exists": {"field": COUNTS[0]}},
            "aggs": {"sources": {"terms": {"field": "source", "size": 10_000}, "aggs": sums}},
        }
        strict = {"allow_partial_search_results": "false"}
        found = self._ask(lambda c: c.search(index=self._index, body=body, params=strict))
        sources = {
            row["key"]: [row["doc_count"], *(int(row[name]["value"]) for name in COUNTS)]
            for row in found["aggregations"]["sources"]["buckets"]
        }
        held = self._ask(lambda c: c.indices.get_mapping(index=self._index))
        before = held[self._index]["mappings"].get("_meta", {})
        routings = before.get("routings") or self._routings()
        notes = before.get("notes", {})
        return {
            "layout": LAYOUT,
            "state": state,
            "sources": sources,
            "routings": routings,
            "notes": notes,
        }

    def _routings(self) -> list[str]:
        """Return for each shard a name that is routed to it."""
        found: dict[int, str] = {}
        number = 0
        while len(found) < self._connection.cluster.shards:
            found.setdefault(self._shard_of(str(number)), str(number))
            number += 1
        return [found[shard] for shard in sorted(found)]

    def _shard_of(self, routing: str) -> int:
        asked = {"routing": routing, "filter_path": "shards.shard"}
        answer = self._ask(lambda c: c.search_shards(index=self._index, params=asked))
        return int(answer["shards"][0][0]["shard"])

    def _wait_for_copies(self) -> None:
        """Wait until each shard has its copies, or all that there are nodes for."""
        idle = 0
        while (health := self._health(self._index))["status"] != "green":
            idle = 0 if health["initializing_shards"] else idle + 1
            if idle > IDLE:
                missing = health["unassigned_shards"]
                log.warning("there are no nodes for %s copies of shards: see `replicas`", missing)
                return
            time.sleep(POLL)

    def _health(self, index: str) -> Any:  # noqa: ANN401
        return self._ask(lambda c: c.cluster.health(index=index))

    def _drop_old(self) -> None:
        """Drop the indexes before the last, and those that nobody finished.

        Questions that have just been asked are still answered from the one before this.
        """
        parts = ("creation_date", "blocks")
        path = {"filter_path": ",".join(f"*.settings.index.{part}" for part in parts)}
        pattern = f"{self._connection.cluster.index}-*"
        found = self._ask(lambda c: c.indices.get_settings(index=pattern, params=path))
        settings = {name: one["settings"]["index"] for name, one in found.items()}
        oldest = int(settings[self._index]["creation_date"]) - ABANDONED
        for name, one in settings.items():
            finished = "blocks" in one
            abandoned = int(one["creation_date"]) < oldest
            if name not in (self._index, self._before) and (finished or abandoned):
                self._drop(name)

    def _drop(self, index: str) -> None:
        there_or_not = {"ignore_unavailable": "true"}
        self._ask(lambda c: c.indices.delete(index=index, params=there_or_not))

    # --- its documents --------------------------------------------------------------------------

    def _forget(self, keys: Sequence[str]) -> None:
        """Delete all that there is of some files."""
        if not (self._base or self._written.intersection(keys)):
            return
        if self._written:
            self._refresh(self._index)
        body = {"query": {"terms": {"of": list(keys)}}}
        again = {"refresh": "true", "conflicts": "proceed"}
        done = self._ask(lambda c: c.delete_by_query(index=self._index, body=body, params=again))
        if done["failures"]:
            raise SearchUnavailable(f"the cluster could not delete: {done['failures'][0]}")

    def _send(self, actions: Iterable[dict[str, Any]]) -> None:
        """Write documents, several requests at a time; slower where the cluster cannot follow."""
        with ThreadPoolExecutor(WRITERS) as pool:
            under_way: deque[Future[None]] = deque()
            for group in in_groups(actions, DOCUMENTS_AT_ONCE):
                if len(under_way) == 2 * WRITERS:
                    under_way.popleft().result()
                under_way.append(pool.submit(self._write, group))
            for one in under_way:
                one.result()

    def _write(self, actions: list[dict[str, Any]]) -> None:
        from opensearchpy.helpers import streaming_bulk

        def written(client: Any) -> None:  # noqa: ANN401
            results = streaming_bulk(
                client,
                actions,
                index=self._index,
                max_chunk_bytes=MOST_BYTES,
                raise_on_error=False,
                max_retries=REJECTED,
                initial_backoff=1,
                max_backoff=30,
                yield_ok=False,
            )
            for _, failed in results:
                ((_, item),) = failed.items()
                raise Again(f"{item.get('status')} {item.get('error')}")

        self._connection.ask(written)

    def _ask(self, call: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        try:
            return self._connection.ask(call)
        except KeyError as error:
            raise SearchUnavailable(
                f"the index is gone from the cluster ({error}): another `youju index` may have "
                "replaced it; run it again"
            ) from error
