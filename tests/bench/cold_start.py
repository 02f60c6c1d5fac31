"""How long a question takes from the shell, beside what jieba alone needs to load.

    .venv/bin/python tests/bench/cold_start.py [RUNS] [YAML …]

Asks over the reports that come with the project, and over what each YAML describes.  Each run
starts all commands in turn, as whole processes, so that whatever else the machine does falls
on all of them.  Prints the medians in milliseconds, of the wall and of the processors, and the
median of the ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUESTION = "海陵区职工住院慰问金每次多少钱？"
BASELINE = "jieba"


def spent(command: list[str]) -> tuple[float, float]:
    """Return how long a command takes, start to end, and the processors' time, in seconds."""
    start, before = time.perf_counter(), os.times()
    # As most people run it: bytecode is kept.  Without it our modules are compiled every time.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False)
    assert done.returncode < 2, done.stderr  # 1: nothing was found
    after = os.times()
    used = after.children_user + after.children_system
    return time.perf_counter() - start, used - before.children_user - before.children_system


def main() -> None:
    """Measure and print."""
    given = sys.argv[1:]
    runs = int(given.pop(0)) if given and given[0].isdecimal() else 9
    ask = [sys.executable, "-m", "bot", "ask", "--json", QUESTION]
    commands = {"seeds": ask}
    commands |= {name: [*ask, "--config", str(Path(name).absolute())] for name in given}
    commands[BASELINE] = [sys.executable, "-c", "import jieba; jieba.initialize()"]
    for command in commands.values():
        spent(command)  # the index is made, bytecode and caches are written
    times = [{name: spent(command) for name, command in commands.items()} for _ in range(runs)]
    for name in commands:
        wall, used = (statistics.median(run[name][i] for run in times) for i in range(2))
        ratio, used_ratio = (
            statistics.median(run[name][i] / run[BASELINE][i] for run in times) for i in range(2)
        )
        print(
            f"{name}: {1000 * wall:.0f} ms, {1000 * used:.0f} ms of processors; "
            f"{ratio:.3f} of {BASELINE}, {used_ratio:.3f} by processors (median of {runs})"
        )


if __name__ == "__main__":
    main()
