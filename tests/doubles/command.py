"""The `youju` command in a process of its own, as a script would run it."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from retrieval.terms import Analyzer
from retrieval.vocabulary import NAME as WORDS

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Run:
    """What became of a command."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict]:
        """The JSON objects that it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def youju(folder: Path, *arguments: str, stdin: bytes = b"", **environ: str) -> Run:
    """Run the command in a folder with a youju.yaml; a traceback fails the test."""
    _lay_words(folder)
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env=os.environ
        | {"YOUJU_CONFIG": "youju.yaml", "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        | environ,
        timeout=120,
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err
    return Run(done.returncode, out, err)


def _lay_words(folder: Path) -> None:
    """Put the parsed dictionary where the command would: making it anew takes a second."""
    words, yaml = folder / "youju.index" / WORDS, folder / "youju.yaml"
    if yaml.is_file() and not words.parent.exists() and b"index:" not in yaml.read_bytes():
        words.parent.mkdir()
        shutil.copy2(_words(), words)


@cache
def _words() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="youju-words-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Analyzer(folder).cut("职工书屋")
    return folder / WORDS
