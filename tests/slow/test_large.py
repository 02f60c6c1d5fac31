"""300 MB of text are read, in memory that the file bounds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SIZE = 300_000_000  # bytes
MOST_COPIES = 5  # of the file, in memory at once: as bytes, as characters, as blocks
ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, resource, sys
from pathlib import Path
from retrieval.passages import cut
from retrieval.sources import Source, read
from retrieval.terms import Analyzer

path = Path(sys.argv[1])
content = read(Source("源", path), path.name, path, Analyzer(path.parent).cut)
passages = characters = 0
for document in content.documents:
    for passage in cut(document, content.text):
        passages += 1
        characters += len("".join(passage.text.split()))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in kB, on a Mac in bytes
peak *= 1 if sys.platform == "darwin" else 1024
print(json.dumps({"passages": passages, "characters": characters, "peak": peak}))
"""


def paragraph(number: int) -> str:
    words = f"第{number}号职工每年可以享受带薪年休假{number % 30}天，具体日期由所在科室安排。"
    return words * (1 + number % 7)


def test_300_mb_of_text_are_read_whole_in_memory_that_the_file_bounds(tmp_path):
    path, size, characters, number = tmp_path / "large.txt", 0, 0, 0
    with path.open("w", encoding="utf-8", newline="") as file:
        while size < SIZE:
            number += 1
            text = paragraph(number)
            size += len(text.encode()) + 1
            characters += len(text)
            file.write(text + "\n")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    read = json.loads(done.stdout)
    print(f"\n{read['passages']} passages, peak {read['peak'] / 10**6:.0f} MB")
    assert read["characters"] == characters
    assert read["peak"] < MOST_COPIES * SIZE + 150_000_000  # and what the program itself takes
