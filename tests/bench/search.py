"""How long a search takes, beside rank-bm25's own, over the same terms of the same passages.

    .venv/bin/python tests/bench/search.py [FOLDER [SIZE ...]]

FOLDER holds documents of any format (the ten laws of the tests, if none is given), SIZE is how
many passages to search (10,000 and 100,000).  Where the documents have fewer, more are made
of halves of two, and one in ten of the words that are in no more than five is renamed, so
that the vocabulary grows as it would.  Questions are eight words in a row from somewhere.

Prints medians and 99th percentiles in milliseconds, and the ratio on the questions that both
were asked: as they come for the first time, their words still to be unpacked, and when they are
asked again.  Stops with an error if the best 50 scores differ by more than 1e-5.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
from rank_bm25 import BM25Okapi

from retrieval.engines import Batch, Entry, Field, WeightedTerm
from retrieval.engines.memory import K1, B, MemoryEngine
from retrieval.errors import UnreadableFile
from retrieval.folding import fold
from retrieval.passages import cut
from retrieval.sources import Source, read
from retrieval.terms import Analyzer
from retrieval.walking import files

LAWS = Path(__file__).parents[1] / "data/laws"
ASKED, ASKED_BASELINE, LIMIT = 1000, 20, 50
Found = TypeVar("Found")


class Baseline(BM25Okapi):
    """The package, searched as it comes; only its idf is Lucene's, so that scores compare."""

    def _calc_idf(self, nd):
        n = self.corpus_size
        self.idf = {word: math.log(1 + (n - f + 0.5) / (f + 0.5)) for word, f in nd.items()}


def natural(folder: Path, most: int) -> Iterator[list[str]]:
    """Yield the words of the passages of a folder, in an order without order."""
    analyzer = Analyzer()
    source = Source("bench", folder)
    found = list(files(source))
    random.Random(0).shuffle(found)
    for name, path in found:
        try:
            content = read(source, name, path, analyzer.cut)
        except UnreadableFile:
            continue
        for document in content.documents:
            for passage in cut(document, content.text):
                yield analyzer.words(fold(passage.text).text)
                most -= 1
                if not most:
                    return


def grown(passages: list[list[str]], size: int) -> list[list[str]]:
    """Return `size` passages: these, and others recombined from them."""
    chance = random.Random(0)
    held = Counter(word for passage in passages for word in set(passage))
    made = passages[:size]
    while len(made) < size:
        one, other = chance.choice(passages), chance.choice(passages)
        words = one[: len(one) // 2] + other[len(other) // 2 :]
        rename = f"#{len(made)}"
        made.append([w + rename if held[w] <= 5 and chance.random() < 0.1 else w for w in words])
    return made


def filled(folder: Path, passages: list[list[str]]) -> MemoryEngine:
    """Return the engine as a new process finds it on disk."""
    draft = MemoryEngine(folder).draft()
    draft.update(
        Batch("bench", f"{i}", (Entry(f"{i:07}", {Field.WORD: words}),))
        for i, words in enumerate(passages)
    )
    draft.publish("bench")
    engine = MemoryEngine(folder)
    engine.state()
    return engine


def measure(passages: list[list[str]]) -> None:
    """Print a line of the table.

    Every question is asked once, as they come, and once more; after each so many the baseline
    is asked the last one, so that whatever else the machine does falls on all.
    """
    questions = asked(passages)
    baseline = Baseline(passages, k1=K1, b=B)
    first, again, theirs = [], [], {}
    with tempfile.TemporaryDirectory() as folder:
        engine = filled(Path(folder), passages)
        for i, question in enumerate(questions):
            terms = [WeightedTerm(Field.WORD, word) for word in question]
            seconds, hits = timed(lambda terms=terms: engine.search(terms, LIMIT))
            first.append(seconds)
            again.append(timed(lambda terms=terms: engine.search(terms, LIMIT))[0])
            if i % (ASKED // ASKED_BASELINE) == 0:
                theirs[i], best = timed(lambda question=question: top(baseline, question))
                scores = [hit.score for hit in hits]
                if not np.allclose(scores, best[best > 0], rtol=0, atol=1e-5):
                    sys.exit(f"the scores differ: {question}")
    print(
        f"{len(passages):>9,}",
        *(f"{statistics.median(t):>9.2f} {percentile(t):>9.2f}" for t in (first, again)),
        f"{statistics.median(theirs.values()):>9.1f} {percentile(theirs.values()):>9.1f}",
        *(
            f"{statistics.median(theirs[i] / ours[i] for i in theirs):>9,.0f}"
            for ours in (first, again)
        ),
        flush=True,
    )


def asked(passages: list[list[str]]) -> list[list[str]]:
    """Return questions: eight words in a row."""
    chance = random.Random(1)
    questions = []
    for passage in chance.choices([p for p in passages if len(p) >= 8], k=ASKED):
        start = chance.randrange(len(passage) - 7)
        questions.append(passage[start : start + 8])
    return questions


def timed(search: Callable[[], Found]) -> tuple[float, Found]:
    """Return how many milliseconds a search takes, and what it finds."""
    start = time.perf_counter()
    found = search()
    return (time.perf_counter() - start) * 1000, found


def top(baseline: Baseline, question: list[str]) -> np.ndarray:
    """Return the best scores, as the package's `get_top_n` finds them."""
    scores = baseline.get_scores(question)
    return scores[np.argsort(scores)[::-1][:LIMIT]]


def percentile(times: Iterable[float]) -> float:
    """Return the 99th percentile."""
    ordered = sorted(times)
    return ordered[math.ceil(len(ordered) * 0.99) - 1]


def main() -> None:
    """Measure and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else LAWS
    sizes = [int(size) for size in sys.argv[2:]] or [10_000, 100_000]
    passages = list(natural(folder, max(sizes)))
    print(f"{len(passages):,} passages of {folder}; best {LIMIT}, one at a time, milliseconds")
    heads = ["passages", "first", "p99", "again", "p99", "rank_bm25", "p99", "ratio", "again"]
    print(*(f"{head:>9}" for head in heads))
    for size in sizes:
        measure(grown(passages, size))


if __name__ == "__main__":
    main()
