"""Words, and the file they are read from: the same as jieba's own, whoever cuts."""

from __future__ import annotations

import logging
import os
import random
import re
import shutil
import warnings
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.cutting import Cutter, MappedCutter, QuickCutter
from retrieval.folding import fold
from retrieval.terms import HAN
from retrieval.vocabulary import NAME, Word, dictionary_of

ROOT = Path(__file__).parents[2]
OWN = (
    Word("康乃馨服务站", None, None),
    Word("服务站开", 7, "n"),
    Word("康乃馨服务站开门", None, "ns"),  # of words that are the owner's themselves
    Word("工会", 3, None),  # jieba knows it, as more frequent
    Word("职工之家t恤", None, None),
)
CHINESE = st.sampled_from("职工会住院泰州海陵区康乃馨服务站开门之家常在较陡峭𠮷㐀龥")


class Pair(NamedTuple):
    """jieba itself, and both of our Cutters with the same words."""

    jieba: Any
    slow: Cutter
    fast: Cutter


@pytest.fixture(scope="module", params=[(), OWN], ids=["jieba's words", "with the owner's"])
def pair(request, tmp_path_factory) -> Pair:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    tokenizer.initialize()
    for word in request.param:
        tokenizer.add_word(word.text, word.frequency, word.tag)
    words = dictionary_of(request.param, None)
    own = [(word.text, words.frequency(word.text) or 1) for word in request.param]
    slow = MappedCutter(words)
    return Pair(tokenizer, slow, QuickCutter(slow, own))


def documents() -> list[str]:
    files = [*(ROOT / "seeds").glob("*.txt"), *(ROOT / "tests/data/laws").rglob("*.md")]
    assert len(files) > 5
    return [fold(file.read_text("utf-8-sig")).text for file in files]


def runs(texts: list[str]) -> set[str]:
    return set(chain.from_iterable(re.findall(f"[{HAN}]+", text) for text in texts))


def test_documents_are_cut_as_jieba_cuts_them(pair):
    for run in runs(documents()):
        expected = list(pair.jieba.cut_for_search(run))
        assert pair.slow.words(run) == expected
        assert pair.fast.words(run) == expected
    for text in documents():
        expected = list(pair.jieba.cut(text, HMM=False))
        assert pair.slow.pieces(text) == expected
        assert pair.fast.pieces(text) == expected


def test_characters_that_never_met_are_cut_as_jieba_cuts_them(pair):
    drawn = random.Random(1)
    characters = [chr(code) for code in range(0x4DF0, 0x9FE0)]
    common = list(chain.from_iterable(runs(documents())))
    for _ in range(2000):
        for letters in (characters, common):
            text = "".join(drawn.choices(letters, k=drawn.randint(1, 12)))
            assert pair.slow.words(text) == list(pair.jieba.cut_for_search(text))


@given(st.text(CHINESE, max_size=30))
def test_so_is_any_chinese(pair, text):
    found = pair.slow.words(text)
    assert found == list(pair.jieba.cut_for_search(text))


@given(st.text(st.sampled_from("职工会T恤B超AT&c#+-.%12 \r\n\t，👍之家t恤"), max_size=20))
@example("在B超室做1993-94年的C++，AT&T的T恤3.5%\r\n")
@example("\ud800职工")
def test_pieces_of_mixed_text_are_jiebas(pair, text):
    expected = list(pair.jieba.cut(text, HMM=False))
    assert pair.slow.pieces(text) == expected
    assert pair.fast.pieces(text) == expected


# --- what is kept -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    dictionary_of((), folder)
    return folder / NAME


@pytest.fixture
def kept(made, tmp_path) -> Path:
    """A dictionary that was kept, of its right date."""
    return Path(shutil.copy2(made, tmp_path))


def test_what_is_kept_is_read_again(kept):
    before = kept.stat()
    assert dictionary_of((), kept.parent).frequency("职工")
    after = kept.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(kept.parent.iterdir()) == [kept]


def test_a_copy_of_another_date_is_read_all_the_same(kept):
    os.utime(kept, (1, 1))
    before = kept.stat().st_ino
    assert dictionary_of((), kept.parent).frequency("职工")
    assert kept.stat().st_ino == before


@pytest.mark.parametrize("harm", ["empty", "nonsense", "cut off", "changed"])
def test_what_is_damaged_is_made_anew(kept, harm):
    whole = kept.read_bytes()
    middle = len(whole) // 2
    damaged = {
        "empty": b"",
        "nonsense": b"\0damaged",
        "cut off": whole[:-1],
        "changed": whole[:middle] + b"?" + whole[middle + 1 :],
    }
    kept.write_bytes(damaged[harm])
    dictionary_of((), kept.parent)
    assert kept.read_bytes() == whole


def test_other_words_of_the_owners_make_another_dictionary(kept):
    before = kept.read_bytes()
    assert dictionary_of(OWN, kept.parent).frequency("康乃馨服务站") == 1
    assert dictionary_of((), kept.parent).frequency("康乃馨服务站") is None
    assert kept.read_bytes() == before


def test_a_folder_that_is_gone_does_no_harm(tmp_path):
    assert dictionary_of((), tmp_path / "gone").frequency("职工")
    assert list(tmp_path.iterdir()) == []
