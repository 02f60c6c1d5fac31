"""Where the time of `youju index` goes: reading, cutting and writing, as shares of processors.

    .venv/bin/python tests/bench/shares.py FOLDER [ENGINE]

Some of the files, the same every time, go through the parts that `youju index` consists of, one
part after the other in one process, and each part is timed; so `youju index` itself has to
carry no clocks.  What processes take to start is left out: it does not grow.
"""

from __future__ import annotations

import json
import pickle
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from retrieval.engines import ENGINES, Batch, Parted
from retrieval.entries import Entries
from retrieval.packing import packed
from retrieval.preparing import Job, Prepared, passages_of, stamp
from retrieval.sources import Source, read
from retrieval.store import Store
from retrieval.terms import Analyzer
from retrieval.walking import files

SOME = 300  # files

Spent = defaultdict[str, float]
"""The seconds of processors that each part took."""

GROUPS = {
    "reading": ("files to text, and text to blocks",),
    "cutting": ("passages, folded", "terms"),
    "writing": ("packing", "from process to process", "SQLite", "the engine"),
}
"""The parts that make up what is told apart, in order."""


def main() -> None:
    """Measure, and print a share for each part, as JSON."""
    folder, engine = Path(sys.argv[1]).resolve(strict=True), (*sys.argv[2:], "disk")[0]
    spent = measured(Source("corpus", folder), engine)
    total = sum(spent.values())
    print(json.dumps({part: seconds / total for part, seconds in spent.items()}, indent=1))


def measured(source: Source, engine: str) -> Spent:
    """Return the seconds of processors that each part takes."""
    there = list(files(source))
    some = random.Random(1).sample(there, min(SOME, len(there)))
    spent: Spent = defaultdict(float)
    with tempfile.TemporaryDirectory() as work:
        store, draft = Store(Path(work)), ENGINES[engine](Path(work, engine)).draft(anew=True)
        analyzer = Analyzer(Path(work)).quick()
        in_parts = isinstance(draft, Parted)
        for _ in _through(source, some[:3], analyzer, defaultdict(float), in_parts=in_parts):
            pass  # what is loaded or looked up once does not count
        threads = time.process_time() - time.thread_time()
        with store.changing():
            for prepared in _through(source, some, analyzer, spent, in_parts=in_parts):
                with _timed(spent, "SQLite"):
                    store.put_packed(*prepared.job.key, prepared.state, prepared.documents)
                with _timed(spent, "the engine"):
                    draft.update([Batch(*prepared.job.key, prepared.terms or ())])
            with _timed(spent, "the engine"):
                draft.publish("measured")
            with _timed(spent, "SQLite"):
                store.keep()
        with _timed(spent, "SQLite"):
            store.tidy()
        spent["the engine"] += time.process_time() - time.thread_time() - threads
        store.close()
    return spent


def _through(
    source: Source,
    some: list[tuple[str, Path]],
    analyzer: Analyzer,
    spent: Spent,
    *,
    in_parts: bool,
) -> Iterator[Prepared]:
    """Yield what files come to, and note what each part of that took."""
    for file, path in some:
        job = Job(source, file, path, None, terms=True)
        with _timed(spent, "files to text, and text to blocks"):
            state = stamp(job, analyzer)
            content = read(source, file, path, analyzer.cut)
        with _timed(spent, "passages, folded"):
            passages = list(passages_of(content, analyzer))
        with _timed(spent, "terms"):
            columns = Entries(analyzer).columns(passages)
        with _timed(spent, "packing"):
            documents = tuple(packed(passages))
        prepared = Prepared(job, state, documents, terms=columns)
        with _timed(spent, "from process to process"):
            # What an engine takes in parts is written by the process that made it.
            sent = replace(prepared, terms=None) if in_parts else prepared
            sent = pickle.loads(pickle.dumps(sent, pickle.HIGHEST_PROTOCOL))
        yield replace(sent, terms=columns)


@contextmanager
def _timed(spent: Spent, part: str) -> Iterator[None]:
    start = time.thread_time()
    yield
    spent[part] += time.thread_time() - start


if __name__ == "__main__":
    main()
