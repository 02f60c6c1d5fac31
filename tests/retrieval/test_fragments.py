"""Fragments of quotes: which passages would only repeat them."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.fragments import Fragment
from retrieval.passages import Passage, cut
from retrieval.sources import Source, read

WHOLE = "住院慰问金每人每次100元，全年不超过2次，凭出院小结领取，由所在单位工会代办。"


def passage(tmp_path: Path, text: str) -> Passage:
    (tmp_path / "a.txt").write_text(text + "\n", "utf-8")
    source = Source("报", tmp_path / "a.txt")
    content = read(source, "a.txt", tmp_path / "a.txt", list)
    return next(p for d in content.documents for p in cut(d, content.text) if p.text == text)


@pytest.mark.parametrize(
    ("fragment", "text", "left_out"),
    [
        (Fragment("慰问金", (WHOLE,)), WHOLE, True),
        (Fragment("慰问金", (WHOLE,)), WHOLE.replace("，由", "由"), True),  # nearly the same
        (Fragment("慰问金", (WHOLE,)), "慰问金已经发放到每个人的手里，大家都说好。", False),
        (Fragment(WHOLE), f"本报讯，{WHOLE}职工都说好，记者在现场看到许多人。", True),
        (Fragment("住院慰问金每人每次100元"), WHOLE, True),  # from there, as far as one knows
        (Fragment("慰问金"), WHOLE, False),  # anybody may say so
    ],
)
def test_where_words_are_from_and_what_repeats_them_is_left_out(tmp_path, fragment, text, left_out):
    assert fragment.leaves_out(passage(tmp_path, text)) is left_out


def test_white_space_does_not_part_words_from_where_they_are_from():
    assert Fragment("每人 每次\n100元").is_from(WHOLE)
    assert not Fragment("每人每次200元").is_from(WHOLE)
