"""OpenSearch: an index on several machines, for whoever cannot hold it on one.

In: batches, terms.  Out: hits; and what batches want kept, which is fetched by id.

A state is an index of its own; an alias points to the one that is searched.  It is built aside,
without copies, gets them once it is whole, and is never written to again: so every copy of a
shard holds the same, and a question is answered alike whichever is asked.  What a state is
called, and how much it holds, stands in the `_meta` of its mapping.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from retrieval.engines import EVERYWHERE, FieldTerm, Hit, WeightedTerm, Where, weights_of
from retrieval.engines.connection import Again, Connection, Got
from retrieval.engines.documents import LAYOUT, as_token, key_of
from retrieval.engines.drafting import ClusterDraft, in_groups
from retrieval.errors import SearchUnavailable

MOST_TERMS = 1000  # of a question; Lucene takes 1,024
AT_ONCE = 500  # documents fetched by one request
MOVES = 5  # times that a search is begun again because its index is gone


class Held(Struct, frozen=True):
    """How much there is of a source."""

    files: int
    documents: int
    passages: int
    characters: int  # of the passages, folded


class State(Struct, frozen=True):
    """An index of the cluster that was published, and what its `_meta` says."""

    index: str = ""  # its own name; "": there is none
    name: str = ""  # that it was published under
    sources: Mapping[str, Held] = {}
    routings: tuple[str, ...] = ()  # a name for each shard that is routed to it
    notes: Mapping[str, Any] = {}  # what else readers are to know

    def covers(self, where: Where) -> bool:
        """Return whether all that there is may be found."""
        return where.sources is None or where.sources >= self.sources.keys()


class Moved(Exception):
    """The index is gone: another one is searched by now."""


class ClusterEngine:
    """See Engine.  With `pinned`, it stays with one state, and raises Moved once that is gone."""

    def __init__(self, connection: Connection, pinned: State | None = None) -> None:
        self._connection = connection
        self._pinned = pinned is not None
        self.now = pinned or State()

    def state(self) -> str:
        """See Engine.state."""
        self.now = current(self._connection)
        # Divided otherwise than it should be, it is searched, but made anew by whoever fills it.
        as_asked = len(self.now.routings) == self._connection.cluster.shards
        return self.now.name if as_asked else ""

    def size(self) -> int:
        """See Engine.size."""
        return sum(held.passages for held in self.now.sources.values())

    def search(
        self, terms: Sequence[WeightedTerm], limit: int, where: Where = EVERYWHERE
    ) -> list[Hit]:
        """See Engine.search."""
        weights = weights_of(terms)
        if not weights or limit < 1 or where.sources == frozenset():
            return []
        heaviest = sorted(weights.items(), key=lambda pair: -pair[1])[:MOST_TERMS]
        body = {
            "size": limit,
            "_source": False,
            "stored_fields": "_none_",
            "track_total_hits": False,
            "query": {
                "bool": {
                    "should": [_clause(*term) for term in heaviest],
                    "minimum_should_match": 1,
                    "filter": _within(where),
                }
            },
            # Equal scores stand in the order of the ids: each copy has one of its own.
            "sort": [{"_score": "desc"}, {"id": "asc"}],
        }
        # Without dfs, each shard would have an idf of its own.
        how = {"search_type": "dfs_query_then_fetch", "filter_path": "hits.hits.sort"}
        found = self._search(body, how)
        hits = found["hits"]["hits"] if found else []
        return [Hit(id, score) for score, id in (hit["sort"] for hit in hits)]

    def frequencies(
        self, terms: Collection[FieldTerm], where: Where = EVERYWHERE
    ) -> Mapping[FieldTerm, int]:
        """See Engine.frequencies."""
        if not terms or not self.now.index or where.sources == frozenset():
            return dict.fromkeys(terms, 0)
        if self.now.covers(where):
            return self._read(lambda index: self._counted(index, list(terms)))
        filters = {str(i): {"term": {f.value: as_token(t)}} for i, (f, t) in enumerate(terms)}
        body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": _within(where)}},
            "aggs": {"terms": {"filters": {"filters": filters}}},
        }
        found = self._search(body, {"filter_path": "aggregations"})
        buckets = found["aggregations"]["terms"]["buckets"]
        return {term: buckets[str(i)]["doc_count"] for i, term in enumerate(terms)}

    def draft(self, *, anew: bool = False) -> ClusterDraft:
        """See Engine.draft."""
        before = self.now.index
        return ClusterDraft(self._connection, before, anew, self.state, self._searching)

    def _searching(self, index: str, meta: Mapping[str, Any]) -> ClusterEngine:
        """Return what searches an index, whether the alias points to it or not."""
        return ClusterEngine(self._connection, pinned=_state_of(index, meta))

    # --- what is kept ---------------------------------------------------------------------------

    def passages(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Return what was kept of passages, by their ids; unknown ids are left out."""
        keys = {key_of("passage", id): id for id in ids}
        return {keys[key]: data for key, data in self._fetch(list(keys), "kept").items()}

    def about(self, file: tuple[str, str]) -> bytes | None:
        """Return what was kept of a file."""
        return self._fetch([key_of("file", file)], "kept").get(key_of("file", file))

    def text(self, file: tuple[str, str]) -> bytes | None:
        """Return the text that was kept of a file."""
        return self._fetch([key_of("file", file)], "text").get(key_of("file", file))

    def files(self) -> Iterator[bytes]:
        """Yield what was kept of each file."""
        body: dict[str, Any] = {
            "size": AT_ONCE,
            "_source": False,
            "stored_fields": ["kept"],
            "query": {"exists": {"field": "documents"}},
            "sort": [{"id": "asc"}],
        }
        path = {"filter_path": "hits.hits.fields,hits.hits.sort"}
        while hits := self._search(body, path).get("hits", {}).get("hits", []):
            yield from (base64.b64decode(hit["fields"]["kept"][0]) for hit in hits)
            body["search_after"] = hits[-1]["sort"]

    def note(self, **notes: object) -> None:
        """Let readers know something else about what is searched now."""
        now = self.now = current(self._connection)
        if not now.index or now.notes | notes == now.notes:  # type: ignore[operator]
            return
        held = self._connection.ask(lambda c: c.indices.get_mapping(index=now.index))
        meta = held[now.index]["mappings"]["_meta"]
        meta["notes"] = {**meta["notes"], **notes}
        self._connection.ask(lambda c: c.indices.put_mapping(index=now.index, body={"_meta": meta}))

    # --- requests -------------------------------------------------------------------------------

    def _search(self, body: Mapping[str, Any], params: Mapping[str, str]) -> dict[str, Any]:
        if not self.now.index:
            return {}
        # A shard without a copy is an error: never answer from the others alone.
        whole = {"allow_partial_search_results": "false", **params}
        return self._read(
            lambda index: self._connection.ask(
                lambda c: c.search(index=index, body=body, params=dict(whole))
            )
        )

    def _counted(self, index: str, terms: Sequence[FieldTerm]) -> dict[FieldTerm, int]:
        """Return the frequencies that stand in the dictionaries of the shards."""
        texts: dict[str, list[str]] = {}
        for field, text in terms:
            texts.setdefault(field.value, []).append(as_token(text))
        asked = {
            "doc": {field: " ".join(words) for field, words in texts.items()},
            "term_statistics": True,
            **dict.fromkeys(("field_statistics", "positions", "offsets", "payloads"), False),
        }
        docs = [{"_index": index, "routing": routing, **asked} for routing in self.now.routings]
        path = {"filter_path": "docs.error,docs.term_vectors.*.terms.*.doc_freq"}
        found = self._documents(lambda c: c.mtermvectors(body={"docs": docs}, params=dict(path)))
        counts = dict.fromkeys(terms, 0)
        for shard in found:
            for field, text in terms:
                held = shard.get("term_vectors", {}).get(field.value, {}).get("terms", {})
                counts[field, text] += held.get(as_token(text), {}).get("doc_freq", 0)
        return counts

    def _fetch(self, keys: Sequence[str], field: str) -> dict[str, bytes]:
        """Return a field of documents, by their ids in the cluster."""
        found: dict[str, bytes] = {}
        if not self.now.index:
            return found
        params = {
            "stored_fields": field,
            "realtime": "false",
            "filter_path": "docs._id,docs.fields,docs.error",
        }
        for group in in_groups(keys, AT_ONCE):
            for row in self._read(
                lambda index, ids=group: self._documents(  # type: ignore[misc]
                    lambda c: c.mget(index=index, body={"ids": ids}, params=dict(params))
                )
            ):
                if "fields" in row:
                    found[row["_id"]] = base64.b64decode(row["fields"][field][0])
        return found

    def _documents(self, call: Callable[[Any], Any]) -> list[dict[str, Any]]:
        """Return the `docs` of an answer; again where one of them could not be looked at."""

        def whole(client: Any) -> list[dict[str, Any]]:  # noqa: ANN401
            docs: list[dict[str, Any]] = call(client).get("docs", [])
            for doc in docs:
                if "error" in doc:
                    if doc["error"].get("type") == "index_not_found_exception":
                        raise KeyError(doc["error"].get("index"))
                    raise Again(str(doc["error"].get("reason")))
            return docs

        return self._connection.ask(whole)

    def _read(self, get: Callable[[str], Got]) -> Got:
        """Return what `get` finds in the index that is searched now."""
        for _ in range(MOVES):
            try:
                return get(self.now.index)
            except KeyError:
                if self._pinned:
                    raise Moved from None
                self.state()
        raise SearchUnavailable("the index is replaced faster than it can be searched; ask again")


def current(connection: Connection) -> State:
    """Return what the alias points to now; State() where there is nothing of this layout."""
    # Each node knows: it need not ask the manager, which may be gone.
    local = {"local": "true", "filter_path": "*.mappings._meta"}
    try:
        found = connection.ask(
            lambda c: c.indices.get_mapping(index=connection.cluster.index, params=dict(local))
        )
    except KeyError:
        return State()
    for index, held in found.items():
        meta = held["mappings"]["_meta"]
        if meta.get("layout") == LAYOUT:
            return _state_of(index, meta)
    return State()


def _state_of(index: str, meta: Mapping[str, Any]) -> State:
    sources = {name: Held(*counts) for name, counts in meta["sources"].items()}
    return State(index, meta["state"], sources, tuple(meta["routings"]), meta["notes"])


def _clause(term: FieldTerm, weight: float) -> dict[str, Any]:
    field, text = term
    return {"term": {field.value: {"value": as_token(text), "boost": weight}}}


def _within(where: Where) -> list[dict[str, Any]]:
    return [] if where.sources is None else [{"terms": {"source": sorted(where.sources)}}]
