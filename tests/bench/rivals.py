"""Other engines, each in a process of its own: how long they take, and how much memory.

    python tests/bench/rivals.py ENGINE WORDS QUESTIONS

WORDS holds the words of a passage a line, with blanks between them; QUESTIONS those of questions.
Every engine is used as its documentation says, and gets words: cutting them is not what is
measured.  Prints one JSON object: `index_s` (seconds to build), `peak_mb` (resident), `ms` (of
each question, for its ten best).
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

Search = Callable[[list[str]], object]
BEST = 10
ENOUGH_S = 60.0  # of asking


def rank_bm25(words: Iterator[list[str]]) -> Search:
    """BM25Okapi and its get_top_n."""
    from rank_bm25 import BM25Okapi

    model = BM25Okapi(list(words))
    places = range(model.corpus_size)
    return lambda question: model.get_top_n(question, places, n=BEST)


def bm25s(words: Iterator[list[str]]) -> Search:
    """Its default, numpy."""
    from bm25s import BM25

    logging.getLogger("bm25s").setLevel(logging.WARNING)
    model = BM25()
    model.index(list(words), show_progress=False)
    return lambda question: model.retrieve([question], k=BEST, show_progress=False)


def langchain(words: Iterator[list[str]]) -> Search:
    """BM25Retriever, told that blanks end words."""
    from langchain_community.retrievers import BM25Retriever

    texts = [" ".join(line) for line in words]
    retriever = BM25Retriever.from_texts(texts, preprocess_func=str.split, k=BEST)
    return lambda question: retriever.invoke(" ".join(question))


def llamaindex(words: Iterator[list[str]]) -> Search:
    """BM25Retriever, told the same."""
    from llama_index.core.schema import TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = [TextNode(text=" ".join(line)) for line in words]
    retriever = BM25Retriever(
        nodes=nodes, similarity_top_k=BEST, skip_stemming=True, token_pattern=r"\S+"
    )
    return lambda question: retriever.retrieve(" ".join(question))


def fts5(words: Iterator[list[str]]) -> Search:
    """SQLite's full-text search, its rank."""
    folder = tempfile.TemporaryDirectory()
    db = sqlite3.connect(Path(folder.name, "fts.sqlite"))
    db.execute("CREATE VIRTUAL TABLE passages USING fts5(text, content='', tokenize='unicode61')")
    db.executemany("INSERT INTO passages (text) VALUES (?)", ((" ".join(line),) for line in words))
    db.execute("INSERT INTO passages (passages) VALUES ('optimize')")
    db.commit()

    def search(question: list[str]) -> object:
        assert folder  # as long as it is searched
        match = " OR ".join('"' + word.replace('"', "") + '"' for word in question)
        query = "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?"
        return db.execute(query, (match, BEST)).fetchall()

    return search


RIVALS: dict[str, Callable[[Iterator[list[str]]], Search]] = {
    "rank_bm25": rank_bm25,
    "LangChain": langchain,
    "LlamaIndex": llamaindex,
    "bm25s": bm25s,
    "SQLite FTS5": fts5,
}


def lines(file: str) -> Iterator[list[str]]:
    """Yield the words of each line."""
    with Path(file).open(encoding="utf-8") as stream:
        yield from (line.split() for line in stream)


def main() -> None:
    """Build, ask and print."""
    name, passages, questions = sys.argv[1:]
    start = time.perf_counter()
    search = RIVALS[name](lines(passages))
    built = time.perf_counter() - start
    times: list[float] = []
    for question in lines(questions):
        start = time.perf_counter()
        search(question)
        times.append((time.perf_counter() - start) * 1000)
        if sum(times) > ENOUGH_S * 1000:
            break
    status = Path("/proc/self/status").read_text()  # getrusage would tell of our parent, too
    peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
    print(json.dumps({"index_s": built, "peak_mb": peak, "ms": times}))


if __name__ == "__main__":
    main()
