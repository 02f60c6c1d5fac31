"""A question from the shell starts at once: what it does not need is not loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_NEEDED = (
    "asyncio telegram httpx prompt_toolkit watchfiles "  # other channels
    "jieba rjieba opencc pypinyin "  # made into files of our own, or for indexing
    "lxml docx pptx openpyxl pypdfium2 PIL email html.parser zipfile "  # formats
    "tantivy opensearchpy "  # other engines
    "dataclasses importlib.metadata importlib.resources statistics concurrent.futures "
    "bot.telegram bot.upkeep bot.checking bot.measuring bot.reading bot.report "
    "retrieval.mending retrieval.clauses retrieval.ocr retrieval.tesseract retrieval.preparing "
    "retrieval.workers retrieval.evaluation retrieval.comparison retrieval.curves retrieval.cases"
).split()


CODE = (
    "import sys; from bot.cli import main; code = main(); "
    "print(*sys.modules, file=sys.stderr); sys.exit(code)"
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the modules that the command itself imports to answer, once there is an index."""
    shipped = (ROOT / "config" / "youju.yaml").read_text("utf-8")
    folder = tmp_path_factory.mktemp("lean")
    text = shipped.replace("index: ../index", f"index: {folder / 'index'}")
    text = text.replace("../", f"{ROOT}/").replace("eval: ", f"eval: {ROOT}/config/")
    (folder / "youju.yaml").write_text(text, "utf-8")
    # Coverage, where the tests are measured, would bring modules of its own.
    environ = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    command = ["--config", str(folder / "youju.yaml"), "ask", "慰问金每次多少钱？"]
    for _ in range(2):  # the second time, with an index
        done = subprocess.run(
            [sys.executable, "-c", CODE, *command],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        )
    assert "慰问金" in done.stdout
    return set(done.stderr.split())


def test_the_way_this_is_found_out_finds_modules(imported):
    assert {"bot.asking", "retrieval.library", "numpy"} <= imported


@pytest.mark.parametrize("module", NOT_NEEDED)
def test_a_question_does_not_load(imported, module):
    assert not [name for name in imported if name == module or name.startswith(f"{module}.")]
