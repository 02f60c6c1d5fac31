"""The benchmark of answers runs, on sets of two passages; what it finds is not judged."""

from __future__ import annotations

import io
import json
import lzma
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("quality.py")
LAW = """# 茶园条例

2001年1月1日公布

<!-- INFO END -->

## 总则

第一条 茶园归村民所有。

第二条 茶农应当：

（一）春天采茶；

（二）秋天修枝。

## 附则

第三条 自公布之日起施行。
"""


def quality(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in the form of the public sets."""
    folder = tmp_path / "sets" / "data"
    folder.mkdir(parents=True)
    context = "渔村图书馆早上九点开门。周二休息。"
    answers = [{"text": "九点", "answer_start": context.index("九点")}]
    qa = {"id": "Q_0", "question": "渔村图书馆几点开门？", "answers": answers}
    article = {"title": "渔村图书馆", "id": "P_0"}
    article["paragraphs"] = [{"id": "P_0", "context": context, "qas": [qa]}]
    with lzma.open(folder / "cmrc2018_dev.json.xz", "wt", encoding="utf-8") as stream:
        json.dump({"data": [article]}, stream)
    with lzma.open(folder / "cmrc2018_dev_typos.jsonl.xz", "wt", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "Q_0", "question": "渔村图书馆几点开闷？"}) + "\n")
    with tarfile.open(folder / "laws.tar.xz", "w:xz") as archive:
        member = tarfile.TarInfo("./其他/茶园条例.md")
        member.size = len(LAW.encode())
        archive.addfile(member, io.BytesIO(LAW.encode()))
    return folder.parent


def test_without_data_it_says_so_and_that_is_no_error(tmp_path):
    for arguments in ([], [tmp_path / "nowhere"]):
        done = quality(*arguments)
        assert (done.returncode, done.stdout.count("\n")) == (0, 1)
        assert done.stdout.startswith("Nothing measured: ")


def test_a_set_that_does_not_exist_is_wrong_use(data):
    assert quality(data, "nonesuch").returncode == 2


def test_a_passage_is_asked_for_among_articles_of_law_and_with_a_typo(data, tmp_path):
    options = ("--articles", 3, "--index", tmp_path / "kept", "--no-baselines")

    done = quality(data, "cmrc", "typos", *options)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("1 questions, 4 passages") == 2
    assert done.stdout.count("| R@1 | 100.0 |") == 2
    written = (tmp_path / "kept" / "cmrc-dev-3" / "laws" / "0.md").read_text("utf-8")
    assert "公布\n" not in written
    assert "第二条 茶农应当：\n\n（一）春天采茶；\n\n（二）秋天修枝。\n\n第三条" in written
