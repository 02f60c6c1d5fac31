"""Files for an engine that keeps its state in a folder, and states of them."""

from __future__ import annotations

from retrieval.engines import Batch, Engine, Entry, Field


def file(number: int, words: str) -> Batch:
    return Batch("资料", f"{number}.txt", (Entry(f"{number:03}", {Field.WORD: words.split()}),))


def publish(engine: Engine, state: str, *batches: Batch, removed=()) -> None:
    draft = engine.draft()
    draft.update(batches, removed)
    draft.publish(state)


def publish_two_states(engine: Engine) -> None:
    """Publish 100 files, and then the last of them, changed."""
    publish(engine, "一", *(file(i, "工会 住院") for i in range(100)))
    publish(engine, "二", file(99, "慰问"))
