"""How long answers take in a process that stays, and how much memory it has.

    python tests/bench/answering.py YAML QUESTIONS

Prints one JSON object: `passages`, `first` (the engine's search alone) and `whole` (the answer
with its proofs), both as median and 99th percentile in milliseconds, `resident_mb` at most, and
`of_it_mine_mb` afterwards, without pages that are only mapped from files.
"""

from __future__ import annotations

import json
import re
import sys
import time
from argparse import Namespace
from pathlib import Path

from times import spread

from bot.opening import library_of, settings_of


def main() -> None:
    """Ask and print."""
    questions = Path(sys.argv[2]).read_text("utf-8").splitlines()
    with library_of(settings_of(Namespace(config=sys.argv[1]))) as library:
        library.refresh()
        engine = library._engine
        first: list[float] = []
        search = engine.search

        def timed(*arguments, **named):
            start = time.perf_counter()
            hits = search(*arguments, **named)
            first.append((time.perf_counter() - start) * 1000)
            return hits

        engine.search = timed
        whole = []
        for at, question in enumerate(questions):
            before = len(first)
            start = time.perf_counter()
            library.ask(question)
            whole.append((time.perf_counter() - start) * 1000)
            first[before:] = [sum(first[before:])]
            if at == WARM:
                first, whole = [], []
        status = Path("/proc/self/status").read_text()
        resident, own = (int(re.search(rf"{n}:\s+(\d+)", status)[1]) / 1024 for n in NAMES)
        print(
            json.dumps(
                {
                    "passages": engine.size(),
                    "first": spread(first),
                    "whole": spread(whole),
                    "resident_mb": resident,
                    "of_it_mine_mb": own,
                }
            )
        )


WARM = 100  # questions before it counts
NAMES = "VmHWM", "RssAnon"

if __name__ == "__main__":
    main()
