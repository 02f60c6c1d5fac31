"""Nothing is lost, whenever a process is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.sources import Source

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def passages(folder: Path, docs: Path) -> list[tuple[str, int]]:
    """Return what a library holds, after a refresh."""
    library = Library([Source("报道", docs)], folder)
    library.refresh()
    held = sorted((c.name, c.passages) for c in library.contents())
    assert library.ask("职工住院慰问金每次多少钱？").quotes
    library.close()
    return held


def test_an_index_run_killed_at_any_moment_leaves_the_next_one_complete(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    for copy in range(8):
        for seed in sorted((ROOT / "seeds").glob("*.txt")):
            text = seed.read_text("utf-8")
            (docs / f"{copy}-{seed.name}").write_text(text + f"\n\n第{copy}份。\n", "utf-8")
    (tmp_path / "youju.yaml").write_text("sources: [{name: 报道, path: docs}]", "utf-8")
    whole = passages(tmp_path / "whole", docs)
    dice = random.Random(1)
    command = [sys.executable, "-m", "bot", "--config", str(tmp_path / "youju.yaml"), "index"]

    for _ in range(20):
        (docs / f"{dice.randrange(8)}-new.txt").write_text(f"新的一篇，{dice.random()}。", "utf-8")
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            time.sleep(dice.uniform(0.2, 2.5))
            process.send_signal(signal.SIGKILL)

    for file in docs.glob("*-new.txt"):
        file.unlink()
    assert passages(tmp_path / "youju.index", docs) == whole


def test_quotes_on_record_survive_a_kill(tmp_path):
    (tmp_path / "a.txt").write_text("食堂周六关门。", "utf-8")
    (tmp_path / "youju.yaml").write_text("sources: [{name: 通知, path: a.txt}]", "utf-8")
    base = [sys.executable, "-m", "bot", "--config", str(tmp_path / "youju.yaml")]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}

    with subprocess.Popen(
        [*base, "ask", "--json"], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("食堂周六关门吗\n".encode())
        process.stdin.flush()
        answer = process.stdout.readline().decode()
        process.kill()

    id = answer.split('"id": "')[1].split('"')[0]
    assert subprocess.run([*base, "verify", id], env=environ, check=False).returncode == 0
