import unicodedata
from itertools import groupby
from pathlib import Path

import pytest

import retrieval.sounds
from retrieval.folding import fold
from retrieval.sounds import by_sound
from retrieval.terms import is_han


def test_characters_that_sound_alike_become_one():
    assert by_sound("润洲区康乃新") == by_sound("润州区康乃馨")


def test_the_tone_makes_no_difference_but_the_vowel_does():
    assert by_sound("妈麻马骂") == by_sound("马马马马")
    assert by_sound("女") != by_sound("努")


def test_letters_numbers_and_the_length_stay():
    assert by_sound("2023年ktv,")[:4] == "2023"
    assert by_sound("2023年ktv,")[5:] == "ktv,"
    assert len(by_sound("工会𠀀会")) == len("工会𠀀会")


def test_the_representative_of_a_syllable_is_a_chinese_character():
    assert is_han(by_sound("会"))


def test_the_table_is_what_the_library_of_pronunciations_says(golden):
    golden(Path(retrieval.sounds.__file__).with_suffix(".txt"), _table())


def _table() -> str:
    """Return the folded characters of one syllable a line, the most usual syllable of each."""
    pinyin = pytest.importorskip("pypinyin.constants").PINYIN_DICT
    known = {chr(code): _toneless(said.partition(",")[0]) for code, said in pinyin.items()}
    folded = sorted(
        (said, character)
        for character, said in known.items()
        if "㐀" <= character <= "鿿" and fold(character).text == character
    )
    lines = ("".join(c for _, c in group) for _, group in groupby(folded, key=lambda p: p[0]))
    return "\n".join(sorted(lines)) + "\n"


def _toneless(pinyin: str) -> str:
    """Return lü for lǜ: without the tone, but with the dots."""
    apart = unicodedata.normalize("NFD", pinyin)
    return "".join(c for c in apart if not unicodedata.combining(c) or c == "\u0308")
