"""How long a question takes from the shell, beside what jieba and rank-bm25 alone need to load.

    .venv/bin/python tests/bench/cold_start.py [RUNS]

Each run starts both commands in turn, as whole processes, so that whatever else the machine
does falls on both.  Prints the medians in seconds, and the median of the ratios.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUESTION = "海陵区职工住院慰问金每次多少钱？"
COMMANDS = {
    "youju ask": [sys.executable, "-m", "bot", "ask", "--json", QUESTION],
    "baseline": [sys.executable, "-c", "import jieba, rank_bm25; jieba.initialize()"],
}


def seconds(command: list[str]) -> float:
    """Return how long a command takes, start to end."""
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    for command in COMMANDS.values():
        seconds(command)  # the index is made, bytecode and caches are written
    times = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    ratios = [a / b for a, b in zip(*times.values(), strict=True)]
    for name, values in times.items():
        print(f"{name:10} {statistics.median(values):.2f} s (median of {runs})")
    print(f"ratio      {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
