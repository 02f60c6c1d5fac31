"""Questions: what is asked for, apart from how it is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answers import Verdict
from retrieval.engines import Field
from retrieval.folding import fold
from retrieval.follow_ups import about, completed, instead, may_follow, refers
from retrieval.library import Library
from retrieval.names import bears
from retrieval.phrases import Wanted, asks_for_more, says_nothing, without_asking
from retrieval.questions import MAX_LENGTH, Question, understand
from retrieval.sources import Source


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("请问住院慰问金是多少钱？", ["住院", "慰问", "慰问金"]),
        ("谁知道海陵区有几个书屋", ["海陵", "海陵区", "书屋"]),
        ("为什么要开展劳动竞赛呢？", ["开展", "劳动", "竞赛"]),
        ("什么时候成立的工会", ["成立", "工会"]),
        ("怎么申请", ["申请"]),
    ],
)
def test_phrases_that_only_ask_are_no_search_words(analyzer, question, left):
    words = understand(question, analyzer).words
    assert [word for word in left if word not in words] == []
    for asking in ("请问", "多少", "多少钱", "谁", "知道", "几个", "几", "为什么", "什么", "怎么"):
        assert asking not in words


@pytest.mark.parametrize(
    "question",
    ["请问多少钱？", "什么时候呢", "为什么", "？？？", "", " \n\t", "的了吗", "👍👍", "…"],
)
def test_a_question_about_nothing_has_no_terms(analyzer, question):
    understood = understand(question, analyzer)
    assert understood.words == ()
    assert understood.text == question
    assert all(not understood.terms(field) for field in (Field.WORD, Field.CONTEXT))


# Phrases are looked for in folded text, where 哪一年 is 哪1年 already.
@pytest.mark.parametrize("question", ["哪一年", "哪一天", "哪一位", "哪一个", "哪一届", "哪一家"])
def test_which_one_is_no_search_word(analyzer, question):
    assert understand(question, analyzer).words == ()


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("慰问金多少钱", {Wanted.NUMBER}),
        ("有几个街道", {Wanted.NUMBER}),
        ("什么时候成立", {Wanted.TIME}),
        ("哪年开始的", {Wanted.TIME}),
        ("哪一年开始的", {Wanted.TIME}),
        ("哪一天发放", {Wanted.TIME}),
        ("哪一位获奖", {Wanted.PERSON}),
        ("谁获奖了", {Wanted.PERSON}),
        ("服务站在哪里", {Wanted.PLACE}),
        ("哪些单位获奖", {Wanted.LIST, Wanted.MANY}),
        ("这篇文章的作者是谁", {Wanted.BYLINE, Wanted.PERSON}),
        ("文章的标题是什么", {Wanted.TITLE}),
        ("How many workers?", {Wanted.NUMBER}),
        ("When did it begin?", {Wanted.TIME}),
        ("几乎没有", set()),
        ("工会成立", set()),
    ],
)
def test_the_kind_of_answer_is_understood(analyzer, question, wanted):
    assert understand(question, analyzer).wants == wanted


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("海陵区职工住院慰问金多少", {"海陵区"}),
        ("海陵职工住院慰问金多少", {"海陵"}),
        ("泰州市海陵区的工会", {"泰州市", "海陵区"}),
        ("2018年泰州的工匠", {"2018", "泰州"}),
        ("二〇一八年的工匠", {"2018"}),
        ("第二届海陵工匠", {"第2届", "海陵"}),
        ("第 2 批工匠", {"第2批"}),
        ("月牙湖街道总工会", {"月牙湖街道"}),
        ("梁溪区的工会", {"梁溪区"}),
        ("那梁溪区呢", {"梁溪区"}),
        ("铜山区的工会", {"铜山区"}),
        ("宝塔路街道的工会", {"宝塔路街道"}),
        ("山区的学校", set()),
        ("高新区的工会", set()),
        ("开发区有多少企业", set()),
        ("城市里的工会", set()),
        ("哪个区的工会", set()),
        ("东西部的工会", set()),
        ("工会大食堂", set()),
        ("1815年的工会", {"1815"}),
        ("1620年与民国112年", {"1620", "112"}),
        ("2023高温津贴", {"2023"}),
        ("2000职工与2018名会员", set()),
        ("300年以上的树", set()),
        ("用了125年", set()),
        ("1500年历史", set()),
        ("How many members in 1999?", {"1999"}),
        ("Who led it in 1950 or later", {"1950"}),
        ("in 2000 cases", set()),
        ("Was it founded before 1950?", set()),
        ("出口韩国多少", {"韩国"}),
        ("香港的工会", {"香港"}),
        ("中国的工会", set()),
        ("1200名职工和20元", set()),
        ("2018名职工", set()),
    ],
)
def test_places_years_and_ordinals_are_names(analyzer, question, names):
    assert set(understand(question, analyzer).names) == names


@pytest.mark.parametrize(
    ("document", "name", "held"),
    [
        ("海陵区总工会", "海陵", True),
        ("海陵工匠", "海陵区", True),
        ("梁溪区", "海陵区", False),
        ("在2018年", "2018", True),
        ("共12018人", "2018", False),
        ("第 2 届工匠", "第2届", True),
        ("第12届", "第2届", False),
    ],
)
def test_a_document_bears_a_name_with_its_ending_or_without(document, name, held):
    assert bears(document, name) is held


def test_content_is_the_longest_words_as_they_were_typed(analyzer):
    understood = understand("請問海陵區職工住院每次２００元？", analyzer)
    assert dict(understood.content)["海陵区"] == "海陵區"
    assert dict(understood.content)["200"] == "２００"
    assert "请问" not in dict(understood.content)


def test_the_two_scripts_and_widths_ask_the_same(analyzer):
    one = understand("海陵区职工住院慰问金２００元", analyzer)
    other = understand("海陵區職工住院慰問金200元", analyzer)
    assert one.words == other.words
    assert one.grams == other.grams


@pytest.mark.parametrize(
    ("question", "points_back"),
    [
        ("那贾汪呢？", True),
        ("其中省级的有几个", True),
        ("它是什么时候成立的", True),
        ("还有别的吗", True),
        ("What about Jiawang?", True),
        ("And in 2018?", True),
        ("海陵区职工住院慰问金每次多少钱？", False),
        ("工会大食堂在哪里", False),
        ("How many workers are there?", False),
    ],
)
def test_a_question_that_points_back_is_told_from_a_new_one(analyzer, question, points_back):
    assert refers(understand(question, analyzer)) is points_back


@pytest.mark.parametrize("question", ["再就业培训有哪些", "再生资源公司有几家", "那曲市有多少工会"])
def test_a_word_that_begins_like_a_pronoun_is_none(analyzer, question):
    assert not refers(understand(question, analyzer))


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("有多少人参加？", True),
        ("在哪里", True),
        ("海陵区有多少", False),  # it names a place of its own
        ("工会大食堂", False),  # it asks nothing
        ("职工住院医疗慰问金制度从什么时候开始实施", False),  # it says what it is about
        ("怎么申请", True),
        ("提前十天行不行", True),
        ("能报销吗", True),
    ],
)
def test_a_short_question_may_go_on_with_the_last_one(analyzer, question, short):
    assert may_follow(understand(question, analyzer)) is short


def follow(analyzer, first: str, *more: str) -> Question:
    question = understand(first, analyzer)
    for text in more:
        question = completed(understand(text, analyzer), question)
    return question


def test_a_follow_up_is_completed_and_its_own_words_count_twice(analyzer):
    question = follow(analyzer, "贾汪区有多少职工书屋？", "其中省级的呢")
    assert question.words.count("省级") == 2
    assert question.words.count("书屋") == 1
    assert question.names == ("贾汪区",)
    assert question.wants == {Wanted.NUMBER}
    assert question.follows == "贾汪区有多少职工书屋？"
    assert question.text == "其中省级的呢"


def test_another_place_takes_the_place_of_the_first(analyzer):
    question = follow(analyzer, "贾汪区有多少职工书屋？", "那海陵区呢")
    assert question.names == ("海陵区",)
    assert "书屋" in question.words
    assert not any("贾汪" in term for term in question.words + question.grams)


def test_another_year_takes_the_place_of_the_first_and_the_place_stays(analyzer):
    question = follow(analyzer, "海陵区2018年有多少工匠？", "那2017年呢")
    assert set(question.names) == {"2017", "海陵区"}
    assert "2018" not in question.words


def test_a_chain_of_follow_ups_goes_back_to_its_beginning(analyzer):
    question = follow(analyzer, "贾汪区有多少职工书屋？", "其中省级的呢", "那市级的呢")
    assert question.follows == "贾汪区有多少职工书屋？"
    assert "书屋" in question.words
    assert question.names == ("贾汪区",)


def test_a_chain_of_follow_ups_does_not_grow(analyzer):
    first = follow(analyzer, "住院慰问金是多少", "一年几次")
    chain = follow(analyzer, "住院慰问金是多少", *(["去哪里申请", "一年几次"] * 5))
    assert chain.words == first.words
    assert chain.grams == first.grams
    assert chain.follows == "住院慰问金是多少"


def test_words_of_a_follow_up_count_for_what_points_back_at_them_and_for_nothing_else(analyzer):
    chain = ["贾汪区有多少职工书屋？", "其中省级的呢"]
    assert "省级" in follow(analyzer, *chain, "它们在哪里").words
    assert "省级" not in follow(analyzer, *chain, "那市级的呢").words
    assert "省级" not in follow(analyzer, *chain, "它们在哪里", "那市级的呢").words


def test_another_year_is_spoken_of_from_then_on(analyzer):
    question = follow(analyzer, "海陵区2018年有多少工匠？", "那2017年呢", "一等奖呢")
    assert set(question.names) == {"2017", "海陵区"}
    assert question.words.count("2017") == 1
    assert "2018" not in question.words


def put(analyzer, first: str, then: str) -> Question | None:
    return instead(understand(then, analyzer), understand(first, analyzer))


def test_another_thing_takes_the_place_of_the_first_and_the_place_stays(analyzer):
    question = put(analyzer, "海陵区2018年住院慰问金多少钱", "那创业奖扶呢")
    assert set(question.names) == {"海陵区", "2018"}
    assert "慰问金" not in question.words
    assert question.words.count("海陵区") == 1
    assert question.wants == {Wanted.NUMBER}
    assert question.follows == "海陵区2018年住院慰问金多少钱"


@pytest.mark.parametrize(
    "then",
    [
        "那海陵区呢",
        "其中省级的呢",
        "省级的呢",
        "它呢",
        "那谁批准呢",
        "满二十年呢",
        "怎么申请呢",
        "一年几次",
        "呢",
        "and how do I apply",
    ],
)
def test_what_names_no_other_thing_puts_none_in_its_place(analyzer, then):
    assert put(analyzer, "贾汪区有多少职工书屋？", then) is None


def test_what_takes_nothing_of_the_last_question_does_not_follow_it(analyzer):
    assert put(analyzer, "医疗互助", "婚假呢").follows == ""
    assert put(analyzer, "How many vacation days?", "and meals?").follows


def test_after_more_about_a_quote_a_follow_up_goes_on_with_the_quote(analyzer):
    said = understand("海陵区给付住院慰问金100元", analyzer)
    for text in ("还有吗", "从哪年开始？"):
        asked = about(understand(text, analyzer), said)
        then = completed(understand("那怎么申请呢", analyzer), asked)
        assert (then.about, then.follows) == (said.text, said.text)
        assert then.words.count("慰问金") == 1


def test_an_earlier_question_is_not_changed(analyzer):
    first = understand("贾汪区有多少职工书屋？", analyzer)
    before = first.words
    completed(understand("那海陵区呢", analyzer), first)
    assert first.words == before


@pytest.mark.parametrize(
    "junk",
    ["\x00", "\x1b[31m", "\ud800", "\uffff", "\u202e", "\ue000", "👨‍👩‍👧", "\u200b", "\ufeff"],
)
def test_characters_that_mean_nothing_do_no_harm(analyzer, junk):
    question = understand(f"{junk}住院慰问金{junk}", analyzer)
    assert question.text == f"{junk}住院慰问金{junk}"
    assert "慰问金" in question.words


@pytest.mark.parametrize("unit", ["住院慰问金", "字", "a", "1", "？", "👍", "一", "“", " ", "哪"])
def test_the_longest_question_is_understood(analyzer, unit):
    question = understand((unit * MAX_LENGTH)[:MAX_LENGTH], analyzer)
    assert len(question.text) == MAX_LENGTH


@given(st.text(max_size=60))
def test_any_question_is_understood(analyzer, text):
    question = understand(text, analyzer)
    assert question.text == text
    for word, typed in question.content:
        assert word
        assert typed in text
    assert set(question.names) <= set(question.names)
    completed(question, understand("海陵区2018年有多少工匠？", analyzer))


@given(st.text(st.sampled_from("请问多少钱什么哪里几个谁为怎么样的海陵区住院 "), max_size=30))
def test_taking_out_what_asks_keeps_every_place(text):
    without = without_asking(text)
    assert len(without) == len(text)
    assert all(a in (b, " ") for a, b in zip(without, text, strict=True))


@pytest.mark.parametrize(
    ("term", "empty"), [("的", True), ("的了", True), ("the", True), ("工会", False), ("1", False)]
)
def test_stop_words_say_nothing(term, empty):
    assert says_nothing(term) is empty


def test_places_that_only_the_documents_know_are_names(tmp_path, analyzer):
    texts = {
        "a.txt": "磨溪区总工会建成书屋12个。\n\n磨溪工匠评选开始了。",
        "b.txt": "清河区有书屋3个。每人发书一本，开发区也发。",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    library = Library([Source("报", tmp_path / "a.txt"), Source("刊", tmp_path / "b.txt")],
                      tmp_path / "i", analyzer=analyzer)  # fmt: skip
    library.refresh()

    def names(question: str) -> tuple[str, ...]:
        return library.ask(question).question.names

    assert understand("磨溪有几个书屋", analyzer).names == ()
    assert names("磨溪有几个书屋") == ("磨溪",)
    assert names("每人发几本书") == ()
    assert names("职工书屋") == ()
    assert library.ask("磨溪有几个书屋").verdict is Verdict.ANSWER
    followed = library.ask("那清河呢", previous=library.ask("磨溪有几个书屋"))
    assert followed.question.names == ("清河",)
    assert "3个" in followed.quotes[0].text
    library.close()


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("第二届海陵工匠有谁", "那第三届呢", {"第3届", "海陵"}),
        ("海陵区2018年的工匠", "那第三届呢", {"第3届", "海陵区", "2018"}),
        ("劳动合同法第三十九条", "那第四十条呢", {"第40条"}),
        ("劳动合同法三十九条", "那四十条呢", {"第40条"}),
        ("主席曹军说了什么", "王建国书记呢", {"王建国"}),
    ],
)
def test_a_name_takes_the_place_of_one_of_its_kind(analyzer, first, second, names):
    assert set(follow(analyzer, first, second).names) == names


@pytest.mark.parametrize("question", ["不是，我问的是贾汪", "不对，我说的是2018年", "我问的是梁溪"])
def test_a_correction_points_back(analyzer, question):
    assert refers(understand(question, analyzer))


@pytest.mark.parametrize(
    ("text", "more"),
    [
        *(
            (text, True)
            for text in ("还有吗", "还有别的吗？", "更多", "继续", "more", "?", "没了？")
        ),
        *((text, False) for text in ("还有几家", "更多服务站", "没有", "食堂", "more unions")),
    ],
)
def test_what_only_asks_to_go_on_is_told_from_a_question(text, more):
    assert asks_for_more(fold(text).text) is more


def test_a_question_about_a_fragment_has_its_own_words_twice_and_none_of_its_names(analyzer):
    said = understand("海陵区给付住院慰问金100元", analyzer)
    asked = about(understand("从哪年开始？", analyzer), said)
    assert (asked.words.count("年"), asked.words.count("慰问金")) == (0, 1)
    assert asked.names == ()
    assert asked.follows == asked.about == said.text
    more = about(understand("还有吗", analyzer), said)
    assert (more.words, more.names, more.follows) == (said.words, (), "")


@pytest.fixture
def handbooks(tmp_path, analyzer):
    rules = "产假为158天，难产的增加15天。\n\n员工结婚享受婚假13天。\n\n餐补标准为每日25元。"
    (tmp_path / "a.txt").write_text(rules, "utf-8")
    (tmp_path / "b.txt").write_text("全年生产蔬菜1.2万吨。\n\n公司有员工86人。", "utf-8")
    sources = [Source("云岭手册", tmp_path / "a.txt"), Source("蓝湾报告", tmp_path / "b.txt")]
    library = Library(sources, tmp_path / "i", analyzer=analyzer)
    library.refresh()
    yield library
    library.close()


def test_a_chain_of_follow_ups_goes_from_thing_to_thing(handbooks):
    chain = {
        "产假几天？": "158天",
        "难产呢？": "难产",
        "双胞胎呢？": "158天",
        "婚假呢？": "13天",
        "餐补呢？": "25元",
        "产假呢？": "158天",
    }
    answer = None
    for question, said in chain.items():
        answer = handbooks.ask(question, previous=answer)
        assert said in answer.quotes[0].text
        assert answer.missing == (("双胞胎",) if "双胞胎" in question else ())


def test_what_is_asked_of_one_source_is_not_answered_from_another(handbooks):
    assert handbooks.ask("云岭的婚假几天").verdict is Verdict.ANSWER
    assert handbooks.ask("蓝湾生产多少蔬菜").verdict is Verdict.ANSWER
    other = handbooks.ask("蓝湾的婚假几天")
    assert other.question.names == ("蓝湾",)
    assert other.verdict is not Verdict.ANSWER
    hidden = handbooks.ask("蓝湾的婚假几天", sources=["云岭手册"])
    assert hidden.question.names == ()  # of a source that is not there nothing is known
