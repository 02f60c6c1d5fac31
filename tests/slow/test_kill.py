"""Nothing is lost, whenever a process is killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.sources import Source

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KILLS = 100  # for each engine
QUESTIONS = (
    "职工住院慰问金每次多少钱？",
    "年休假有几天？",
    "女职工产假多少天？",
    "第七号告示说了什么？",
    "谁制定海底电缆的规定？",
)

SERVE = """
import os, sys
from pathlib import Path
from retrieval.engines import ENGINES
from retrieval.library import Library
from retrieval.sources import Source
from retrieval.terms import Analyzer

folder, docs, engine, cache = sys.argv[1:]
analyzer = Analyzer(Path(cache))
analyzer.cut("工会")
ENGINES[engine](None)
while sys.stdin.readline():
    child = os.fork()
    if not child:
        Library([Source("资料", Path(docs))], Path(folder), engine, analyzer).refresh()
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""A process that indexes, in a child, when it is told to: loading modules is not what is tested."""


@pytest.fixture
def docs(tmp_path) -> Path:
    """Some hundred files: laws, reports, and notices that the tests change."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for path in [*(ROOT / "seeds").glob("*.txt"), *(ROOT / "tests/data/laws").glob("*.md")]:
        shutil.copy(path, folder)
    for number in range(100):
        notice(folder, number, 0)
    return folder


def notice(folder: Path, number: int, edition: int) -> None:
    text = f"第{number}号告示\n\n本告示第{edition}次修订，在{number % 7}号楼张贴。\n"
    (folder / f"notice-{number}.txt").write_text(text, "utf-8")


def change(folder: Path, dice: random.Random) -> None:
    """Add, change and remove some files."""
    for _ in range(dice.randrange(1, 12)):
        number = dice.randrange(140)
        if dice.random() < 0.3:
            (folder / f"notice-{number}.txt").unlink(missing_ok=True)
        else:
            notice(folder, number, dice.randrange(1000))


def held(library: Library, questions: Sequence[str]) -> list[object]:
    """Return what a library holds and answers after a refresh."""
    assert library.refresh().note == ""
    files = [(c.file, c.documents, c.passages, c.problem) for c in library.files()]
    answers = [library.ask(question) for question in questions]
    firsts = [[quote.text for quote in answer.quotes[:1]] for answer in answers]
    said = [(answer.verdict, answer.missing) for answer in answers]
    return [files, library._engine.size(), firsts, said]


def killed(server: subprocess.Popen[str], after: float) -> bool:
    """Begin an indexing run and kill it; return whether it had not ended by itself."""
    assert server.stdin
    assert server.stdout
    print(file=server.stdin, flush=True)
    child = int(server.stdout.readline())
    time.sleep(after)
    os.kill(child, signal.SIGKILL)  # it may have ended, but is there until the server is told
    print(file=server.stdin, flush=True)
    return bool(int(server.stdout.readline()))


@pytest.mark.parametrize("engine", ["memory", "disk"])
def test_an_indexing_run_killed_at_any_moment_loses_nothing(
    docs, tmp_path, analyzer, engine, cache
):
    def opened(folder: Path) -> Library:
        return Library([Source("资料", docs)], folder, engine, analyzer)

    dice = random.Random(1)
    folder = tmp_path / "index"
    clean = opened(tmp_path / "clean")  # never killed
    with closing(opened(folder)) as library:
        assert held(library, QUESTIONS) == held(clean, QUESTIONS)
    command = [sys.executable, "-c", SERVE, folder, docs, engine, cache]
    unfinished = 0
    with subprocess.Popen(
        list(map(str, command)), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        for kill in range(KILLS):
            change(docs, dice)
            if anew := kill % 20 == 19:  # all from the beginning, which takes longest
                shutil.rmtree(folder)
            unfinished += killed(server, dice.uniform(0, 2 if anew else 0.3))
            some = dice.sample(QUESTIONS, 1)
            with closing(opened(folder)) as library:
                assert held(library, some) == held(clean, some)
        assert server.stdin
        server.stdin.close()
    clean.close()
    assert unfinished > KILLS / 4
    with closing(opened(folder)) as library, closing(opened(tmp_path / "afresh")) as afresh:
        assert held(library, QUESTIONS) == held(afresh, QUESTIONS)
    assert len([*folder.glob(f"{engine}/*")]) <= 4  # and nothing is left lying about


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
