"""How far a long refresh is: files done and to do, how fast, how long it may still take.

In: the Steps of a refresh.  Out: one line on a terminal, drawn over itself; elsewhere a plain
line now and then.  What takes less than a second shows nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

from retrieval.intake import Outcome, Step

WIDTH = 24  # of the bar, in columns


class Progress:
    """Watches a refresh: `with Progress(sys.stderr) as watch: library.refresh(watch)`."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._draws = out.isatty() and os.environ.get("TERM") != "dumb"
        self._next = clock() + (1 if self._draws else 10)
        self._first: float | None = None  # when the first file was done: starting up is no rate
        self._writes = False  # all were read; now the engine gets them
        self._drawn = False

    def __enter__(self) -> Progress:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._drawn:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def __call__(self, step: Step) -> None:
        """Show how far it is, ten times a second at most."""
        now = self._clock()
        if self._first is None or (step.outcome is Outcome.WRITTEN) != self._writes:
            self._first, self._writes = now, step.outcome is Outcome.WRITTEN
        if now < self._next and not (self._drawn and step.done == step.total):
            return
        self._next = now + (0.1 if self._draws else 10)
        line = _line(step, now - self._first)
        if self._draws:
            full = round(WIDTH * step.done / step.total)
            self._out.write(f"\r{'█' * full}{'░' * (WIDTH - full)} {line}\x1b[K")
            self._drawn = True
        else:
            self._out.write(f"youju: {line}\n")
        self._out.flush()


def _line(step: Step, seconds: float) -> str:
    what = "files written for search" if step.outcome is Outcome.WRITTEN else "files"
    done = f"{step.done:,} of {step.total:,} {what}"
    if step.done == step.total:
        return f"{done}; arranging them for search"
    if not seconds:
        return done
    rate = (step.done - 1) / seconds
    left = round((step.total - step.done) / rate)
    return f"{done}, {rate:.{0 if rate >= 10 else 1}f} a second, {left // 60}:{left % 60:02} left"
