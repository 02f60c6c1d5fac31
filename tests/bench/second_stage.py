"""How long ordering the candidates takes, beside the sketch that the design was measured with.

In: a library, questions, the sketch's file.  Out: a table with both times and their ratio.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from retrieval import answering as answering_module
from retrieval.library import Library
from retrieval.questions import understand

ROUNDS = 7
LOOKED_AT = 50  # candidates


def compared(library: Library, questions: Sequence[str], sketch_file: Path) -> str:
    """Time both over the same candidates, question by question, in turn: CPU time.

    The sketch understands the question within its time; ours is timed with that and without.
    Where the sound of a term is scored too, the sketch, which is not asked to, does less.
    """
    calls = [call for call in _ranked(library, questions) if len(call[2]) >= LOOKED_AT]
    rank, analyzer = answering_module.rank, library._analyzer
    sketch = _loaded(sketch_file)
    frequencies = sketch.Df()
    for _, _, candidates, _ in calls:
        for stored, _ in candidates:
            frequencies.add(stored.passage.text)
    by_ear: list[tuple[float, ...]] = []
    by_eye: list[tuple[float, ...]] = []
    for question, asked, candidates, average in calls:
        looked_at = candidates[:LOOKED_AT]
        ready = [(p.passage.title, _passage(sketch, p), score) for p, score in looked_at]

        ordered = partial(rank, asked=asked, candidates=looked_at, average_length=average)
        alone = partial(ordered, question)
        its = partial(sketch.rerank, question.text, ready, frequencies, sound=0)

        def mine(order: Callable[[Any], object] = ordered, text: str = question.text) -> None:
            order(understand(text, analyzer))

        times = [tuple(map(_milliseconds, (alone, mine, its))) for _ in range(ROUNDS)]
        heard = any(other.sound for term in asked.distinct for other in term.others)
        (by_ear if heard else by_eye).append(
            tuple(map(statistics.median, zip(*times, strict=True)))
        )
    return "\n".join(
        [
            f"Second stage, {LOOKED_AT} candidates, CPU time, median of {ROUNDS} rounds each:\n",
            "| | questions | ordering | with understanding | the sketch | ratio | ratio |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            *(
                f"| {name} | {len(times)} | "
                + " | ".join(f"{statistics.median(t[i] for t in times):.2f} ms" for i in range(3))
                + "".join(
                    f" | {statistics.median(t[i] / t[2] for t in times):.2f}" for i in range(2)
                )
                + " |"
                for name, times in (("no sound scored", by_eye), ("sound scored too", by_ear))
                if times
            ),
        ]
    )


def _ranked(library: Library, questions: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return what the library hands to the second stage for each question."""
    calls: list[tuple[Any, ...]] = []
    rank = answering_module.rank

    def noted(*arguments: Any) -> Any:
        calls.append(arguments)
        return rank(*arguments)

    near = answering_module.NEAR
    answering_module.rank = noted
    answering_module.NEAR = 0.0  # of most questions it leaves fewer than are to be timed
    try:
        for question in questions:
            library.ask(question)
    finally:
        answering_module.rank = rank
        answering_module.NEAR = near
    return calls


def _passage(sketch: ModuleType, stored: Any) -> Any:
    return sketch.Passage(stored.passage.title, stored.passage.text)


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def _loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("sketch", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
