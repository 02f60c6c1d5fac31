"""What the disk engine's index is made of, and parts of it that several processes write at once.

In: batches.  Out: documents of tantivy's, in one index.  A part is an index by itself; its
segments are files that know of no other, so that they are moved into the whole, and named there.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from typing import Any

from tantivy import Document, Index, IndexWriter, Schema, SchemaBuilder

from retrieval.engines import Batch, Field
from retrieval.engines.columns import AGAIN, Columns

HEAP = 96 << 20  # bytes of postings that a writer gathers before they are written
KEPT = {
    Field.WORD: "freq",
    Field.GRAM: "freq",
    Field.CONTEXT: "freq",
    Field.SOUND: "basic",  # how often is not kept: it only stands in for what is mistyped
    Field.CHAR: "basic",
}
META, MANAGED = "meta.json", ".managed.json"  # what counts of an index, and every file of it


def schema() -> Schema:
    """Return the fields of the index."""
    builder = SchemaBuilder()
    builder.add_bytes_field("id", stored=True)
    for name in ("source", "file"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for field, how in KEPT.items():
        builder.add_text_field(field, tokenizer_name="whitespace", index_option=how)
    return builder.build()


def documents_of(batch: Batch) -> Iterator[Document]:
    """Yield a document for each passage."""
    columns = Columns.of(batch.entries)
    texts = {field: columns.fields[field] for field in KEPT}
    # How often characters come again is not kept.
    texts[Field.CHAR] = [text.partition(AGAIN)[0] for text in texts[Field.CHAR]]
    names = ("source", "file", *texts)
    rows = zip(repeat(batch.source), repeat(term_of(batch.key)), *texts.values(), strict=False)
    for passage, row in zip(columns.passages, rows, strict=False):
        document = Document.from_dict(dict(zip(names, row, strict=True)))
        document.add_bytes("id", passage.encode())  # among the others it would take longer
        yield document


def term_of(file: tuple[str, str]) -> str:
    """Return what the documents of a file are found by."""
    return "\0".join(file)


class DiskPart:
    """See Part.  It is written in a folder of its own, by the process that gets it.

    What fails there is not told: whoever joins the parts counts what they hold.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: IndexWriter | None = None
        self._failed = False

    def add(self, batch: Batch) -> None:
        """See Part.add."""
        try:
            if self._writer is None and not self._failed:
                self._path.mkdir(exist_ok=True)
                self._writer = Index(schema(), str(self._path)).writer(HEAP, 1)
            if self._writer:
                for document in documents_of(batch):
                    self._writer.add_document(document)
        except (OSError, ValueError):
            self._failed, self._writer = True, None

    def finish(self) -> None:
        """See Part.finish."""
        with suppress(OSError, ValueError):
            if self._writer:
                self._writer.commit()
                self._writer.wait_merging_threads()
        self._writer = None


def join(index: Path, parts: Sequence[Path]) -> int:
    """Move what parts hold into an index that nobody writes; return how many passages that are.

    Raises OSError.
    """
    whole, managed = _read(index / META), set(_read(index / MANAGED))
    joined = 0
    for part in parts:
        if not (part / META).exists():
            continue  # nothing was written
        held = _read(part / META)
        segments = held["segments"]
        names = {segment["segment_id"].replace("-", "") for segment in segments}
        for path in part.iterdir():
            if path.stem in names:
                path.replace(index / path.name)
                managed.add(path.name)
        whole["segments"] += segments
        whole["opstamp"] = max(whole["opstamp"], held["opstamp"])
        joined += sum(segment["max_doc"] for segment in segments)
        shutil.rmtree(part, ignore_errors=True)
    _write(index / MANAGED, sorted(managed))
    _write(index / META, whole)
    return joined


def _read(path: Path) -> Any:  # noqa: ANN401  (what JSON holds)
    return json.loads(path.read_text("utf-8"))


def _write(path: Path, content: object) -> None:
    draft = path.with_name(os.urandom(8).hex())
    draft.write_text(json.dumps(content), "utf-8")
    draft.replace(path)
