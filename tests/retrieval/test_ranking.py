"""Ranking: what fits best comes first, whichever engine proposed it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from retrieval.blocks import Place, Role
from retrieval.engines import Field
from retrieval.folding import fold
from retrieval.lookup import Terms, Text
from retrieval.passages import Passage
from retrieval.questions import Written, understand
from retrieval.ranking import Match, rank, words_held
from retrieval.seeking import Asked, Other, Sought, Statistics
from retrieval.sounds import by_sound
from retrieval.store import StoredPassage
from retrieval.terms import is_han

FEW = Statistics(passages=100, frequencies={})


def candidate(text: str, context: str = "标题", role: Role = Role.BODY, id: str = ""):
    place = Place("lines", 1, 1)
    passage = Passage(id or text, "d", "s", "f", "标题", (), role, text, ((0, len(text)),), place)
    return StoredPassage(passage, fold(text).text, fold(context).text)


def ranked(analyzer, question: str, *candidates, scores=None, statistics=FEW):
    scores = scores or [1.0] * len(candidates)
    asked = understand(question, analyzer)
    pairs = list(zip(candidates, scores, strict=True))
    return rank(asked, Asked.of(asked, statistics), pairs, average_length=40)


def order(matches) -> list[str]:
    return [match.stored.passage.text for match in matches]


def test_nothing_proposed_is_nothing_ranked(analyzer):
    assert ranked(analyzer, "住院慰问金") == []


@pytest.mark.parametrize("question", ["住院慰问金每次多少", "？", "", "the", "x"])
@pytest.mark.parametrize("text", ["住院慰问金每次100元", "，。", "a", "字" * 800])
def test_scores_lie_between_nothing_and_one(analyzer, question, text):
    for match in ranked(analyzer, question, candidate(text), candidate(text, role=Role.HEADING)):
        assert 0 <= match.score <= 1
        assert 0 <= match.coverage <= 1


def test_what_holds_more_of_the_question_comes_first(analyzer):
    good, poor = "住院慰问金每次100元。", "图书馆每次借五本书。"
    for pair in ([good, poor], [poor, good]):
        found = ranked(analyzer, "住院慰问金每次多少", *map(candidate, pair))
        assert order(found) == [good, poor]
        assert found[0].score > found[1].score


def test_words_that_stand_together_beat_words_that_are_scattered(analyzer):
    near = "住院慰问金每次发放。" + "其他的事情另外说明。" * 8
    far = "住院。" + "其他的事情另外说明。" * 8 + "慰问金。每次。"
    assert order(ranked(analyzer, "住院慰问金每次", candidate(far), candidate(near)))[0] == near


def test_equals_keep_the_order_of_the_engine(analyzer):
    same = [candidate("住院慰问金", id=str(i)) for i in range(5)]
    found = ranked(analyzer, "住院慰问金", *same)
    assert [match.stored.passage.id for match in found] == ["0", "1", "2", "3", "4"]


def test_the_engines_score_decides_between_equals(analyzer):
    same = [candidate("住院慰问金", id=str(i)) for i in range(3)]
    found = ranked(analyzer, "住院慰问金", *same, scores=[1.0, 3.0, 2.0])
    assert [match.stored.passage.id for match in found] == ["1", "2", "0"]


def test_a_passage_whose_context_fits_comes_before_one_whose_does_not(analyzer):
    text = "区总工会发放住院慰问金。"
    found = ranked(
        analyzer, "海陵区住院慰问金", candidate(text, "梁溪区", id="b"), candidate(text, "海陵区")
    )
    assert found[0].stored.context == "海陵区"
    assert found[0].coverage > found[1].coverage


@pytest.mark.parametrize(
    ("question", "role"),
    [
        ("海陵工匠的作者是谁", Role.BYLINE),
        ("海陵工匠的标题是什么", Role.HEADING),
        ("海陵工匠有多少人", Role.BODY),
    ],
)
def test_a_byline_or_title_comes_first_only_where_it_is_asked_for(analyzer, question, role):
    all_roles = [candidate("海陵工匠", role=r) for r in (Role.BYLINE, Role.HEADING, Role.BODY)]
    assert ranked(analyzer, question, *all_roles)[0].stored.passage.role is role


def places(text: str, term: str) -> list[int]:
    sought = Sought(0, term, 1.0, is_han(term))
    return [p for _, places, _ in Text(text).find(Terms([sought])) for p in places]


def test_a_number_counts_whole_or_not_at_all():
    assert places("共12018人,bm25", "12018") == [1]
    assert places("共12018人,bm25", "2018") == []
    assert places("共12018人,bm25", "bm") == []


def test_places_are_all_places_and_characters_of_patterns_are_harmless():
    assert places("工会工会", "工会") == [0, 2]
    assert places("a.b", ".") == []
    assert places("", "工") == []


def test_idf_is_that_of_the_engines():
    statistics = Statistics(10, {(Field.WORD, "a"): 10, (Field.WORD, "b"): 1})
    assert statistics.idf(Field.WORD, "a") == pytest.approx(0.04652, abs=1e-5)
    assert statistics.idf(Field.WORD, "b") == pytest.approx(1.99243, abs=1e-5)
    assert statistics.idf(Field.WORD, "c") > statistics.idf(Field.WORD, "b")


def test_a_word_is_held_if_it_or_all_its_pairs_are():
    statistics = Statistics(
        9,
        {
            (Field.WORD, "工会"): 1,
            (Field.CONTEXT, "海陵"): 1,
            (Field.GRAM, "慰问"): 1,
            (Field.GRAM, "问金"): 1,
            (Field.CHAR, "奖"): 1,
        },
    )
    for word in ("工会", "海陵", "慰问金", "奖"):
        assert statistics.holds(word), word
    for word in ("住院", "慰问品", "罚", "app"):
        assert not statistics.holds(word), word


def test_what_is_asked_twice_weighs_twice(analyzer):
    once = Asked.of(understand("慰问", analyzer), FEW)
    twice = Asked.of(understand("慰问，慰问", analyzer), FEW)
    assert twice.words[0].text == once.words[0].text == "慰问"
    assert twice.words[0].weight == pytest.approx(2 * once.words[0].weight)


def test_a_title_of_one_character_is_a_title(analyzer):
    text = "叶子互生，全缘。"
    found = ranked(analyzer, "蓍的叶子有什么特点", candidate(text, "牡蒿"), candidate(text, "蓍"))
    assert [match.stored.context for match in found] == ["蓍", "牡蒿"]


def test_a_word_counts_as_held_where_what_is_written_for_it_stands(analyzer):
    spoken = understand("老板慰问", analyzer)
    written = Written("老板", "用人单位", ("用人单位",), ("用人", "人单", "单位"), 0.8)
    known = Statistics(100, {(Field.WORD, "慰问"): 3, (Field.WORD, "用人单位"): 5})
    for written_for, least in (((written,), 0.3), ((), 0.0)):
        question = replace(spoken, written=written_for)
        asked = Asked.of(question, known)
        match = Match(candidate("用人单位应当发放工资。"), 0.5, 0.5)
        held = words_held(question, asked, match, known)
        assert (held > least) == bool(written_for)


def test_a_name_that_no_dictionary_has_is_one_word_of_those_held(analyzer):
    question = understand("蓍萝藤的别名是什么", analyzer)
    pairs = {(Field.GRAM, "蓍萝"): 1, (Field.GRAM, "萝藤"): 1, (Field.WORD, "别名"): 3}
    known = Statistics(100, pairs)
    asked = Asked.of(question, known)
    for text, held in (("蓍萝藤又叫蓍草。", 0.4), ("蓍草与萝藤又叫野草。", 0.0)):
        match = Match(candidate(text), 0.5, 0.5)
        assert (words_held(question, asked, match, known) > held) == (held > 0)


# --- stand-ins ----------------------------------------------------------------------------------


def test_a_homophone_of_words_that_stand_nowhere_is_found_by_its_sound(analyzer):
    heard = Statistics(
        100, {(Field.SOUND, by_sound("康乃")): 2, (Field.SOUND, by_sound("乃馨")): 2}
    )
    right, wrong = "区里建了康乃馨服务站。", "区里建了许多服务站。"
    found = ranked(analyzer, "康奶新服务站", candidate(wrong), candidate(right), statistics=heard)
    assert order(found)[0] == right


def test_what_sounds_alike_but_shares_no_character_is_chance():
    asked = Sought(0, "丰球", 1.0, True, (Other("丰球", 0.8, by_sound("丰球")),))
    for text, at in (("九号风球", [(2, 4)]), ("蜂鸣与封丘", [])):
        assert Text(text).spans(asked) == at
        assert bool(Text(text).find(Terms([asked]))) == bool(at)


def test_a_word_that_stands_somewhere_is_not_looked_for_by_its_sound(analyzer):
    known = Statistics(100, {(Field.GRAM, "慰问"): 3, (Field.SOUND, by_sound("慰问")): 5})
    asked = Asked.of(understand("慰问", analyzer), known)
    assert not any(sought.others for sought in (*asked.words, *asked.grams, *asked.characters))
    assert not any(term.field is Field.SOUND for term in asked.terms)


def test_a_written_word_stands_for_a_spoken_one_but_counts_less(analyzer):
    spoken = understand("老板不发工资", analyzer)
    written = Written("老板", "用人单位", ("用人单位",), ("用人", "人单", "单位"), 0.8)
    asked = replace(spoken, written=(written,))
    passages = ["用人单位应当发放工资。", "老板应当发放工资。", "个人应当发放工资。"]
    pairs = [(candidate(text), 1.0) for text in passages]
    found = rank(asked, Asked.of(asked, FEW), pairs, average_length=40)
    assert order(found) == [passages[1], passages[0], passages[2]]


def test_of_two_ways_to_write_the_same_the_rarer_counts_more(analyzer):
    spoken = understand("几年不能告", analyzer)
    ways = [
        Written("几年不能告", "诉讼时效", ("诉讼时效",), ("诉讼", "讼时", "时效"), 0.8),
        Written("几年不能告", "起诉", ("起诉",), ("起诉",), 0.8),
    ]
    asked = replace(spoken, written=tuple(ways))
    statistics = Statistics(1000, {(Field.GRAM, "起诉"): 400, (Field.GRAM, "诉讼"): 300})
    passages = ["他可以起诉三年。", "诉讼时效为三年。"]
    pairs = [(candidate(text), 1.0) for text in passages]
    found = rank(asked, Asked.of(asked, statistics), pairs, average_length=40)
    assert order(found) == passages[::-1]
