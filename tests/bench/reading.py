"""How long a folder of documents takes to be read, with how much memory, and whether all is there.

    .venv/bin/python tests/bench/reading.py FOLDER

Three runs, each a process of its own with its children: reading and storing alone; `youju
index` after it, which then only fills the engine; and an account of every file, in which each
character that is no white space has to be part of a passage, a heading, a repeat or a mark of
Markdown.  Then, over some of the files, `youju index` from nothing, with either engine, beside
what `jieba.lcut` alone takes to cut the same text in one process (its dictionary loaded, and
ours made, before).  Memory is the sum over all processes, pages they share counted for each; it
is known on Linux only.  The seconds of processors say more than those of the clock on a busy
machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jieba

from bot.reading import left_out
from config.settings import load_settings
from retrieval.engines import ENGINES
from retrieval.errors import UnreadableFile
from retrieval.intake import take_in
from retrieval.passages import cut
from retrieval.sources import FileContent, Source, read
from retrieval.store import Store
from retrieval.terms import Analyzer
from retrieval.walking import files

SOME = 300  # files
TURNS = 3
_MARKS = re.compile(r"#{1,6}|<!--.*-->")


def main() -> None:
    """Measure and print."""
    if len(sys.argv) == 3:
        steps = {"read": read_and_store, "account": account, "cut": cut_by_jieba}
        steps[sys.argv[1]](Path(sys.argv[2]))
        return
    folder = Path(sys.argv[1]).resolve(strict=True)
    with tempfile.TemporaryDirectory() as work:
        yaml = Path(work, "youju.yaml")
        yaml.write_text(f"sources: [{{name: corpus, path: {json.dumps(str(folder))}}}]\n", "utf-8")
        me = [sys.executable, __file__]
        measured("reading and storing", [*me, "read", str(yaml)])
        index = [sys.executable, "-m", "bot", "--config", str(yaml), "index"]
        measured("filling the engine (youju index)", index)
        measured("account", [*me, "account", str(yaml)])
        beside_jieba(yaml, Path(work, "some"))


def beside_jieba(yaml: Path, some: Path) -> None:
    """Index some of the files and have jieba cut them, in turn, and print how long each took."""
    (source,) = load_settings(yaml).sources
    paths = [path for _, path in files(source)]
    for path in paths[:: max(1, len(paths) // SOME)]:
        copy = some / "files" / path.relative_to(source.path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    for turn in range(TURNS):
        measured("jieba.lcut alone", [sys.executable, __file__, "cut", str(some / "files")])
        for engine in ENGINES:
            config = some / f"{engine}-{turn}.yaml"
            config.write_text(
                f"sources: [{{name: some, path: files}}]\nengine: {engine}\n", "utf-8"
            )
            settings = load_settings(config)
            settings.index.mkdir()
            Analyzer(settings.index).is_place("北京")  # makes the dictionary
            index = [sys.executable, "-m", "bot", "--config", str(config), "index"]
            measured(f"youju index, engine {engine}", index)


def cut_by_jieba(folder: Path) -> None:
    """Cut all files of a folder, and print how long it took."""
    jieba.initialize()
    source = Source("some", folder)
    cuts = Analyzer().cut
    texts = [read(source, file, path, cuts).text for file, path in files(source)]
    start, spent = time.perf_counter(), time.process_time()
    for text in texts:
        jieba.lcut(text)
    seconds, spent = time.perf_counter() - start, time.process_time() - spent
    print(f"jieba.lcut: {seconds:.1f} s, {spent:.1f} s of processors", flush=True)


def measured(what: str, command: list[str]) -> None:
    """Run a command, print how long it took and how much memory it had at most."""
    start, spent, peak = time.perf_counter(), processor_seconds(), 0.0
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            peak = max(peak, megabytes(process.pid))
            time.sleep(0.05)
    if process.returncode:
        sys.exit(f"{what} ended with {process.returncode}")
    memory = f"{peak:,.0f} MB at most" if peak else "memory unknown"
    seconds, spent = time.perf_counter() - start, processor_seconds() - spent
    print(f"{what}: {seconds:.1f} s, {spent:.1f} s of processors, {memory}", flush=True)


def processor_seconds() -> float:
    """Return what the processes that were waited for have used."""
    used = os.times()
    return used.children_user + used.children_system


def megabytes(pid: int) -> float:
    """Return the resident memory of a process and its children; 0 where nothing is known."""
    total = 0.0
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        total += int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(map(megabytes, map(int, (task / "children").read_text().split())))
    except (OSError, TypeError):
        pass  # it has just ended, or this is no Linux
    return total


def read_and_store(yaml: Path) -> None:
    """Take the documents in, without an engine."""
    settings = load_settings(yaml)
    store = Store(settings.index)
    changes = take_in(store, settings.sources, Analyzer(settings.index))
    print(f"files: {changes.files:,}, unreadable: {len(store.problems()):,}")
    store.close()


def account(yaml: Path) -> None:
    """Read every file once more; print how much there is, and what is part of nothing."""
    settings = load_settings(yaml)
    analyzer = Analyzer(settings.index)
    characters = lost = 0
    lengths = []
    for source in settings.sources:
        for file, path in files(source):
            try:
                content = read(source, file, path, analyzer.cut)
            except UnreadableFile:
                continue
            characters += sum(not c.isspace() for c in content.text)
            lengths += [len(p.text) for d in content.documents for p in cut(d, content.text)]
            for words in lost_words(content):
                lost += len(words)
                print(f"lost in {file}: {words[:60]}")
    print(f"passages: {len(lengths):,}, longest: {max(lengths, default=0):,} characters")
    print(f"characters other than white space: {characters:,}, lost: {lost:,}")


def lost_words(content: FileContent) -> list[str]:
    """Return what of a file's text is neither in a document nor a mark of Markdown."""
    pieces = [content.text[slice(*span)] for span in left_out(content)]
    return [piece for piece in pieces if not _MARKS.fullmatch(piece)]


if __name__ == "__main__":
    main()
