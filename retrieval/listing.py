"""The passages that a Filter picks by itself, without a search.

In: a Filter, a Shelf and the sources that may be looked at.  Out: passages, in reading order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from retrieval.operators import Filter
from retrieval.shelf import Shelf
from retrieval.store import StoredPassage

FIRST = 20  # passages of each document that are looked at, where there are many documents
AT_ONCE = 200  # documents whose first passages are read in one go


def listed(
    shelf: Shelf, filter: Filter, sources: Collection[str], limit: int
) -> list[StoredPassage]:
    """Return up to `limit` passages that pass: the first ones of each document in turn.

    Documents whose titles hold little but what is asked for come first.
    """
    documents = list(islice(_documents(shelf, filter, sources), limit))
    if not documents:
        return []
    each = max(FIRST, 2 * limit // len(documents))  # some may not pass
    ids = [f"{document}:{number}" for document in documents for number in range(1, each + 1)]
    passages = (p for p in shelf.passages(ids) if filter.passes(p))
    place = {document: i for i, document in enumerate(documents)}
    of_document = [0] * len(documents)
    found = []
    for passage in passages:
        at = place[passage.passage.document]
        of_document[at] += 1
        found.append((of_document[at], at, passage))
    return [passage for _, _, passage in sorted(found, key=lambda one: one[:2])[:limit]]


def _documents(shelf: Shelf, filter: Filter, sources: Collection[str]) -> Iterator[str]:
    """Yield the ids of the documents that may hold such passages."""
    rows = [
        (id, title)
        for id, source, file, title in shelf.documents()
        if source in sources and filter.passes_document(file, title)
    ]
    if filter.titles:
        rows.sort(key=lambda row: len(row[1]))
    for start in range(0, len(rows), AT_ONCE):
        ids = [id for id, _ in rows[start : start + AT_ONCE]]
        firsts = shelf.passages([f"{id}:1" for id in ids])
        yield from (p.passage.document for p in firsts if filter.passes_date(p))
