"""The `youju` command in a process of its own, as a script would run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
