"""How long ordering the candidates takes, beside the sketch that the design was measured with.

In: a library, questions, the sketch's file.  Out: a sentence with both times and their ratio.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from retrieval import library as library_module
from retrieval.library import CANDIDATES, Library
from retrieval.questions import understand

ROUNDS = 5


def compared(library: Library, questions: Sequence[str], sketch_file: Path) -> str:
    """Time both over the same full sets of candidates, in turn, each question by itself."""
    calls = [call for call in _ranked(library, questions) if len(call[2]) == CANDIDATES]
    rank, analyzer = library_module.rank, library._analyzer
    sketch = _loaded(sketch_file)
    frequencies = sketch.Df()
    for _, _, candidates, _ in calls:
        for stored, _ in candidates:
            frequencies.add(stored.passage.text)
    ready = [
        (
            question.text,
            [(p.passage.title, _passage(sketch, p), score) for p, score in candidates],
        )
        for question, _, candidates, _ in calls
    ]

    def one(at: int) -> None:
        question, *rest = calls[at]
        rank(understand(question.text, analyzer), *rest)

    def other(at: int) -> None:
        sketch.rerank(*ready[at], frequencies, sound=0)

    mine, its = [], []
    for _ in range(ROUNDS):
        mine.append(_milliseconds(one, len(calls)))
        its.append(_milliseconds(other, len(calls)))
    ratio = statistics.median(a / b for a, b in zip(mine, its, strict=True))
    return (
        f"Second stage, {CANDIDATES} candidates, {len(calls)} questions, median of {ROUNDS} "
        f"rounds: {statistics.median(mine):.2f} ms; the sketch, without sound, "
        f"{statistics.median(its):.2f} ms; ratio {ratio:.2f}"
    )


def _ranked(library: Library, questions: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return what the library hands to the second stage for each question."""
    calls: list[tuple[Any, ...]] = []
    rank = library_module.rank

    def noted(*arguments: Any) -> Any:
        calls.append(arguments)
        return rank(*arguments)

    library_module.rank = noted
    try:
        for question in questions:
            library.ask(question)
    finally:
        library_module.rank = rank
    return calls


def _passage(sketch: ModuleType, stored: Any) -> Any:
    return sketch.Passage(stored.passage.title, stored.passage.text)


def _milliseconds(work: Callable[[int], None], count: int) -> float:
    start = time.perf_counter()
    for at in range(count):
        work(at)
    return 1000 * (time.perf_counter() - start) / count


def _loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("sketch", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
