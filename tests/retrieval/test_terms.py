"""Terms: words, pairs and single characters, each with its place in the folded text."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import UnreadableFile
from retrieval.folding import fold
from retrieval.terms import Analyzer, bigrams, characters, han_runs, is_han

ROOT = Path(__file__).parents[2]


def test_words_are_cut_as_in_search_mode_with_the_shorter_ones_inside(analyzer):
    assert analyzer.words("泰州市总工会") == ["泰州", "州市", "泰州市", "总工", "工会", "总工会"]


def test_pairs_run_through_a_run_of_chinese_and_never_across_a_mark():
    assert bigrams("住院慰问,每次") == ["住院", "院慰", "慰问", "每次"]


def test_a_lone_character_is_a_term_as_no_pair_would_find_it():
    assert bigrams("职,工") == ["职", "工"]


def test_characters_stand_alone():
    assert characters("住院a1组") == ["住", "院", "a1", "组"]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("APP模块", "app"),
        ("2.4km", "2.4"),
        ("109.67 万元", "1096700"),
        ("达85%以上", "85%"),
        ("49路公交", "49"),
        ("BM25 and rank-bm25", "bm25"),
        ("Привет мир", "привет"),
        ("二〇一八年", "2018"),
    ],
)
def test_numbers_and_words_of_other_scripts_stay_whole(analyzer, text, whole):
    for cut in (analyzer.words, bigrams, characters):
        assert whole in cut(fold(text).text)


@settings(max_examples=50)
@given(st.text(st.sampled_from("职工会区𠮷abc12.5% ，。\n👍é"), max_size=30))
def test_every_character_that_means_something_is_in_a_term(analyzer, text):
    folded = fold(text).text
    for cut in (analyzer.words, bigrams, characters):
        terms = cut(folded)
        assert all(term in folded for term in terms)
        assert {c for c in folded if c.isalnum()} <= set("".join(terms))


@settings(max_examples=50)
@given(st.text(st.sampled_from("职工会区𠮷abc12.5% ，。\n👍é"), max_size=30))
def test_pairs_of_chinese_characters_are_those_of_its_runs(text):
    folded = fold(text).text
    han = [pair for pair in bigrams(folded) if is_han(pair)]
    assert [pair for run in han_runs(folded) for pair in bigrams(run)] == han


@settings(max_examples=50)
@given(st.text(st.sampled_from("职工会住院泰州海陵区𠮷abc12 ，"), max_size=30))
def test_the_pieces_of_a_cut_are_the_text(analyzer, text):
    assert "".join(analyzer.cut(text)) == text


@pytest.mark.parametrize("word", ["海陵", "海陵区", "泰州", "泰州市", "江苏", "江苏省", "无锡"])
def test_a_place_is_known_with_its_ending_and_without(analyzer, word):
    assert analyzer.is_place(word)


@pytest.mark.parametrize(
    "word",
    [
        "城市",
        "东西",
        "工会",
        "住院",
        "市",
        "",
        "abc",
    ],
)
def test_a_common_word_is_no_place(analyzer, word):
    assert not analyzer.is_place(word)


@pytest.mark.parametrize(
    ("text", "han"), [("职", True), ("𠮷", True), ("a", False), ("1", False), ("，", False)]
)
def test_chinese_is_told_from_the_rest(text, han):
    assert is_han(text) is han


@pytest.fixture
def own(cache, tmp_path):
    """An analyzer with a dictionary of the owner's."""

    def own(words: str | bytes) -> Analyzer:
        file = tmp_path / "words.txt"
        file.write_bytes(words if isinstance(words, bytes) else words.encode())
        return Analyzer(cache, file)

    return own


def test_words_of_the_owners_are_not_cut_apart(analyzer, own):
    assert analyzer.cut("康乃馨服务站开门") == ["康乃馨", "服务站", "开门"]
    words = "康乃馨服務站\n\n  爱妈咪  100 n \r\n大柳塔 ns\n"  # traditional script is as good
    assert own(words).cut("康乃馨服务站开门") == ["康乃馨服务站", "开门"]
    assert own(words).cut("爱妈咪") == ["爱妈咪"]
    assert "康乃馨服务站" in own(words).words("康乃馨服务站")


def test_one_dictionary_does_not_change_another_analyzer(cache, own):
    own("康乃馨服务站").cut("职工")
    assert Analyzer(cache).cut("康乃馨服务站") == ["康乃馨", "服务站"]


def test_a_place_of_the_owners_is_known_with_its_ending(analyzer, own):
    assert not analyzer.is_place("大柳塔镇")
    assert own("大柳塔镇 100 ns\n大柳塔 100 ns").is_place("大柳塔镇")
    assert own("大柳塔镇 100 ns\n大柳塔 100 ns").is_place("大柳塔")
    assert own("大柳塔镇 100 n").is_place("大柳塔镇") is False


def test_what_was_cut_with_other_words_has_another_version(analyzer, own):
    versions = [own(words).version for words in ("甲", "甲 5", "甲 5 n", "乙")]
    assert len({*versions, analyzer.version}) == 5
    assert own("甲\n").version == versions[0]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("甲\n乙 丙 丁 戊", "line 2 is no word: write"),
        ("甲 0", "line 1 is no word: write"),
        ("甲 -5 n", "line 1 is no word: write"),
        ("甲".encode("gb18030"), "is not UTF-8: save it in the encoding UTF-8"),
    ],
)
def test_a_dictionary_that_is_none_is_told_with_its_line(own, tmp_path, words, reason):
    with pytest.raises(UnreadableFile, match=reason) as caught:
        own(words)
    assert str(caught.value).startswith(f"{tmp_path / 'words.txt'}: ")


def test_a_dictionary_that_is_gone_is_told(tmp_path):
    with pytest.raises(UnreadableFile, match="cannot be read"):
        Analyzer(dictionary=tmp_path / "gone.txt")


def run_python(code: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    """Run Python as the owner would, with a temporary folder of its own."""
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", code],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONPYCACHEPREFIX": ""},
        capture_output=True,
        text=True,
        check=True,
    )


def test_it_is_silent_and_writes_only_where_it_is_told(tmp_path):
    # jieba itself writes to stderr by a handler of its own, and to a file with a fixed name in
    # the shared temporary folder, where anybody may have put another dictionary.
    shared, kept = tmp_path / "shared", tmp_path / "kept"
    shared.mkdir()
    kept.mkdir()
    done = run_python(
        "from pathlib import Path\n"
        "from retrieval.terms import Analyzer\n"
        f"a = Analyzer(Path({str(kept)!r}))\n"
        "print(''.join(a.cut('海陵区职工')), a.is_place('海陵'))",
        shared,
    )
    assert done.stdout == "海陵区职工 True\n"
    assert done.stderr == ""
    assert list(shared.iterdir()) == []
    assert [file.name for file in kept.iterdir()] == ["words.bin"]


def test_without_a_folder_nothing_is_put_into_the_shared_one(tmp_path):
    done = run_python(
        "from retrieval.terms import Analyzer\nprint(''.join(Analyzer().cut('海陵区职工')))",
        tmp_path,
    )
    assert done.stdout == "海陵区职工\n"
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_another_process_cuts_with_the_words_of_the_owners_as_well(own):
    copy = pickle.loads(pickle.dumps(own("康乃馨服务站")))
    assert copy.cut("康乃馨服务站开门") == ["康乃馨服务站", "开门"]
    assert copy.version == own("康乃馨服务站").version


@pytest.mark.parametrize("word", ["停车场", "宠物", "抖音", "李建军"])
def test_nouns_and_words_that_no_dictionary_has_may_name_something(analyzer, word):
    assert analyzer.may_name(word)


@pytest.mark.parametrize("word", ["拿出", "看望", "再添", "那场", "去过"])
def test_verbs_and_what_was_cut_around_a_little_word_name_nothing(analyzer, word):
    assert not analyzer.may_name(word)
