"""What Youju takes at ten thousand passages, a hundred thousand and a million, beside others.

    .venv/bin/python tests/bench/scaling.py DATA [SIZE ...]      (make bench DATA=...)

DATA is a folder with the public sets (`data/`), which are no part of the project.  For each size a
collection is made (growing.py), indexed with `youju index` by each engine that is meant for so
many, and asked CMRC's questions; other engines get the same passages, as words.  Everything runs in
processes of their own.  What was measured is kept in index/scaling (`--index`), so that sizes
can be measured one at a time; the tables and plots in docs/ are then drawn from all of it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import drawing
import growing
import rjieba
from reading import megabytes
from rivals import RIVALS
from times import spread

from retrieval.store import Store
from retrieval.terms import Analyzer

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ASKED = 1_000  # questions
COLD = 7  # questions asked by processes of their own
MEMORY_TO, SLOW_TO = 200_000, 200_000  # passages: for more, disk only; no others that scan them all
SLOW = ("rank_bm25", "LangChain", "LlamaIndex")
# As where it is installed: with it, our modules would be compiled at every start.
ENVIRON = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
BASELINE = "import jieba; jieba.initialize()"

Row = dict[str, Any]


def main() -> None:
    """Measure what was named, then draw everything."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--index", type=Path, default=ROOT / "index" / "scaling", metavar="FOLDER")
    parser.add_argument("--no-rivals", action="store_true", help="ours alone: it is faster")
    arguments = parser.parse_args()
    kept = arguments.index / "figures.json"
    figures: dict[str, Row] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    for size in arguments.sizes:
        files = growing.collection(arguments.data / "data", size, arguments.index)
        asked = arguments.index / "questions.txt"
        cases = growing.questions(arguments.data / "data", ASKED)
        asked.write_text("\n".join(case.question for case in cases), "utf-8")
        for engine in ("memory", "disk") if size <= MEMORY_TO else ("disk",):
            figures[f"{size} {engine}"] = ours(engine, files, asked)
            keep(kept, figures)
        if not arguments.no_rivals:
            figures |= theirs(size, files, asked)
            keep(kept, figures)
    drawing.draw(figures, ROOT / "docs")


def keep(file: Path, figures: dict[str, Row]) -> None:
    """Write what was measured so far."""
    file.write_text(json.dumps(figures, indent=1), "utf-8")


# --- ours ---------------------------------------------------------------------------------------


def ours(engine: str, files: Path, asked: Path) -> Row:
    """Index a collection from nothing, ask it, and change it."""
    folder = files.parent / engine
    subprocess.run(["rm", "-rf", folder], check=True)
    yaml = files.parent / f"{engine}.yaml"
    yaml.write_text(
        f"sources: [{{name: bench, path: files}}]\nengine: {engine}\nindex: {engine}\n", "utf-8"
    )
    youju = [sys.executable, "-m", "bot", "--config", str(yaml)]
    row: Row = {"engine": engine, "text_mb": megabytes_of(files)}
    row["index"] = run([*youju, "index"])
    row["disk_mb"] = megabytes_of(folder)
    row["shares"] = json.loads(output([sys.executable, HERE / "shares.py", files, engine]))
    row |= json.loads(output([sys.executable, HERE / "answering.py", str(yaml), str(asked)]))
    changed = next(files.glob("laws/*.md"))
    before = changed.read_bytes()
    try:
        changed.write_bytes(before + "\n\n第九百九十九条　本条是为了测量而加的。\n".encode())
        row["change"] = run([*youju, "index"])
    finally:
        changed.write_bytes(before)
        run([*youju, "index"])
    questions = asked.read_text("utf-8").splitlines()
    times: dict[str, list[float]] = {"cold": [], "baseline": []}
    for question in questions[: COLD + 1]:
        times["cold"].append(run([*youju, "ask", "--json", question], ok=(0, 1))["s"])
        times["baseline"].append(run([sys.executable, "-c", BASELINE])["s"])
    row |= {name: statistics.median(values[1:]) for name, values in times.items()}
    print(json.dumps({k: v for k, v in row.items() if k not in ("first", "whole")}), flush=True)
    return row


def run(command: list[str], ok: tuple[int, ...] = (0,)) -> Row:
    """Run a command; return seconds of the clock and of processors, and most memory, in MB."""
    start, spent, peak = time.perf_counter(), os.times(), 0.0
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRON, **quiet) as process:
        _, complaint = b"", b""
        while process.poll() is None:
            if "index" in command:
                peak = max(peak, megabytes(process.pid))
            try:
                _, complaint = process.communicate(timeout=0.1 if "index" in command else None)
            except subprocess.TimeoutExpired:
                continue
    if process.returncode not in ok:
        sys.exit(f"{command} ended with {process.returncode}: {complaint.decode()[-500:]}")
    now = os.times()
    used = now.children_user + now.children_system - spent.children_user - spent.children_system
    return {"s": time.perf_counter() - start, "cpu_s": used, "peak_mb": peak}


def output(command: list[Any]) -> str:
    """Run a command and return what it prints."""
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode()


def megabytes_of(folder: Path) -> float:
    """Return the size of everything in a folder; a file with several names counts once."""
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum({(s.st_dev, s.st_ino): s.st_size for s in stats}.values()) / 1e6


# --- others -------------------------------------------------------------------------------------


def theirs(size: int, files: Path, asked: Path) -> dict[str, Row]:
    """Let the others have the passages that are in our index, and ask them."""
    words, questions = files.parent / "words.txt", files.parent / "questions.txt"
    store = Store(files.parent / "disk")
    with words.open("w", encoding="utf-8") as stream:
        for batch in store.batches(Analyzer()):
            for stored in store.passages([entry.passage for entry in batch.entries]):
                stream.write(" ".join(rjieba.cut(stored.passage.text)).replace("\n", " ") + "\n")
    store.close()
    lines = asked.read_text("utf-8").splitlines()
    cut = ([word for word in rjieba.cut(line) if word.isalnum()] for line in lines)
    questions.write_text("\n".join(map(" ".join, cut)), "utf-8")
    rows: dict[str, Row] = {}
    for name in RIVALS:
        if size <= SLOW_TO or name not in SLOW:
            command = [sys.executable, "-W", "ignore", HERE / "rivals.py", name, words, questions]
            row = json.loads(output(command))
            row |= {"engine": name, "whole": spread(row.pop("ms"))}
            rows[f"{size} {name}"] = row
            print(json.dumps(row), flush=True)
    return rows


if __name__ == "__main__":
    main()
