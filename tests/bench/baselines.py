"""What others find: rank-bm25, bm25s and LangChain's retriever, all over jieba's words.

In: the passages of a Corpus.  Out: for a question, the places of the ten best among them.  Each
package is used as its documentation says, with its defaults.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence

import jieba
from corpora import Corpus

from retrieval.cases import Case
from retrieval.evaluation import holds_key, rank
from retrieval.passages import sentences

Search = Callable[[str], list[int]]
SHOWN = 10


def rank_bm25(corpus: Corpus) -> Search:
    """BM25Okapi, with its own k1, b and epsilon."""
    from rank_bm25 import BM25Okapi

    model = BM25Okapi(corpus.words)
    places = range(len(corpus.passages))
    return lambda question: model.get_top_n(jieba.lcut(question), places, n=SHOWN)


def bm25s(corpus: Corpus) -> Search:
    """Its default method, Lucene's, with its own k1 and b."""
    from bm25s import BM25

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for DEBUG when imported
    model = BM25()
    model.index(corpus.words, show_progress=False)

    def search(question: str) -> list[int]:
        found = model.retrieve([jieba.lcut(question)], k=SHOWN, show_progress=False)
        return [int(place) for place in found.documents[0]]

    return search


def langchain(corpus: Corpus) -> Search:
    """BM25Retriever, told to cut with jieba."""
    from langchain_community.retrievers import BM25Retriever

    texts = [f"{title}\n{text}" for _, title, text in corpus.passages]
    cut = dict(zip(texts, corpus.words, strict=True))
    retriever = BM25Retriever.from_texts(
        texts,
        metadatas=[{"place": place} for place in range(len(texts))],
        preprocess_func=lambda text: cut.get(text) or jieba.lcut(text),
        k=SHOWN,
    )
    return lambda question: [found.metadata["place"] for found in retriever.invoke(question)]


BASELINES: dict[str, Callable[[Corpus], Search]] = {
    "rank_bm25": rank_bm25,
    "bm25s": bm25s,
    "LangChain": langchain,
}

Found = tuple[int, bool]  # the rank of the first passage that answers, and the sentence hit

_search: Search  # of the process that was forked: a model need not be sent to it


def found(
    baselines: Iterable[str], corpus: Corpus, cases: Sequence[Case]
) -> dict[str, list[Found]]:
    """Return what each baseline finds for each question, both cores at work."""
    global _search
    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    results = {}
    for name in baselines:
        _search = BASELINES[name](corpus)
        with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
            tops = pool.map(_top, [case.question for case in cases], chunksize=16)
        results[name] = [_became(corpus, case, top) for case, top in zip(cases, tops, strict=True)]
    return results


def _top(question: str) -> list[int]:
    return _search(question)


def _became(corpus: Corpus, case: Case, top: Sequence[int]) -> Found:
    shown = [(file, text) for file, _, text in (corpus.passages[place] for place in top)]
    return rank(case, shown), holds_key(case, plain_sentence(corpus, case.question, shown[0][1]))


def plain_sentence(corpus: Corpus, question: str, text: str) -> str:
    """Return the sentence that holds most of the question's words, by how rare they are."""
    count, frequencies = len(corpus.passages), corpus.frequencies

    def rarity(word: str) -> float:
        held = frequencies[word]
        return math.log(1 + (count - held + 0.5) / (held + 0.5))

    asked = {word: rarity(word) for word in jieba.lcut(question) if any(map(str.isalnum, word))}
    pieces = [text[start:end] for start, end in sentences(text)]
    return max(
        pieces, key=lambda piece: sum(asked.get(word, 0.0) for word in set(jieba.lcut(piece)))
    )
