"""What an index of the cluster is made of: its fields, and a document for each passage and file.

In: batches.  Out: documents, in the form of the bulk helpers.  Terms stand in fields that
the whitespace analyzer divides as they were; what is kept stands beside them, unsearched.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from retrieval.engines import Batch, Entry, Field, Kept
from retrieval.engines.memory import K1, B

LAYOUT = 1  # raise it whenever what an index holds changes, here or in shipping
LONGEST_TERM = 200  # characters; the analyzer cuts at 255
COUNTS = ("documents", "passages", "characters")

_TEXT = {
    "type": "text",
    "analyzer": "whitespace",
    "index_options": "freqs",
    "similarity": "youju",
}
_BYTES = {"type": "binary", "store": True, "doc_values": False}
MAPPING: Mapping[str, Any] = {
    "dynamic": "strict",
    "_source": {"enabled": False},
    "properties": {
        **{field.value: _TEXT for field in Field},
        "id": {"type": "keyword", "index": False},  # to put equal scores in order
        "source": {"type": "keyword"},
        "of": {"type": "keyword", "doc_values": False},  # the file, to delete it
        "kept": _BYTES,
        # Of files only:
        "text": _BYTES,
        **{name: {"type": "long", "index": False} for name in COUNTS},
    },
}
SETTINGS: Mapping[str, Any] = {
    "similarity": {"youju": {"type": "BM25", "k1": K1, "b": B}},
    "refresh_interval": -1,
    "merge.policy.expunge_deletes_allowed": 0,
}


def key_of(kind: str, name: object) -> str:
    """Return the id in the cluster of a passage (its id) or a file (its key)."""
    digest = hashlib.blake2b(json.dumps([kind, name]).encode(), digest_size=15)
    return base64.urlsafe_b64encode(digest.digest()).decode()


def as_token(term: str) -> str:
    """Return a term as the whitespace analyzer leaves it: the few that it would cut, hashed."""
    if len(term) <= LONGEST_TERM and term.isprintable() and " " not in term:
        return term
    return "#" + hashlib.sha256(term.encode(errors="surrogatepass")).hexdigest()


def documents_of(key: str, batch: Batch) -> Iterator[dict[str, Any]]:
    """Yield the documents of a file, in the form of the bulk helpers."""
    shared = {"_op_type": "index", "source": batch.source, "of": key}
    for entry in batch.entries:
        yield {**shared, "_id": key_of("passage", entry.passage), **_passage(entry)}
    kept = batch.kept or Kept(b"")
    if batch.entries:
        yield {
            **shared,
            "_id": key,
            "id": key,
            "kept": _text(kept.about),
            **({"text": _text(kept.text)} if kept.text else {}),
            "documents": kept.documents,
            "passages": len(batch.entries),
            "characters": kept.characters,
        }


def _passage(entry: Entry) -> dict[str, Any]:
    terms = {field.value: " ".join(map(as_token, words)) for field, words in entry.terms.items()}
    return {"id": entry.passage, "kept": _text(entry.kept), **terms}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
