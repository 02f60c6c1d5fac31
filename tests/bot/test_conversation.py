"""What the bot says, without any channel."""

from __future__ import annotations

import json
import logging
import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace
from shelf import Shelf
from shelf import quote as prepared

from bot.conversation import Conversation
from bot.exchange import Reference, Reply, Session
from bot.journal import Journal
from bot.opening import example_of, lexicon_of
from bot.verdicts import language_of
from bot.wording import COMMANDS, SENTENCES, say
from config.settings import load_settings
from retrieval.database import FILE
from retrieval.library import Library
from retrieval.sources import Source
from retrieval.store import Store


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path)
    yield journal
    journal.close()


@pytest.fixture
def conversation(seeds, journal):
    return Conversation(seeds, journal)


def test_three_quotes_at_a_time_and_more_on_demand(conversation):
    session = Session()

    replies = [conversation.reply(text, session) for text in ("职工书屋", *["/more"] * 4)]

    assert [len(reply.quotes) for reply in replies] == [3, 3, 3, 1, 0]
    assert [reply.first for reply in replies[:4]] == [1, 4, 7, 10]
    assert replies[0].tail == say("zh", "more", count=7)
    assert replies[4].lead == say("zh", "nothing_more")


def test_sessions_do_not_mix(conversation):
    one, other = Session(), Session()
    conversation.reply("职工书屋", one)

    assert conversation.reply("/more", other).lead == say("zh", "nothing_yet")
    assert conversation.reply("/more", one).quotes


def test_a_follow_up_is_said_to_be_one(conversation):
    session = Session()
    conversation.reply("贾汪区一共建了多少个职工书屋？", session)

    reply = conversation.reply("其中省级的有几个？", session)

    assert reply.lead.startswith("结合上一问：贾汪区一共建了多少个职工书屋？")
    assert "7个省级职工书屋" in reply.quotes[0].text


@pytest.mark.parametrize("command", ["/alone", "/单独", "／单独"])
def test_a_follow_up_is_undone_by_a_command(conversation, command):
    session = Session()
    assert conversation.reply(command, session).lead == say("zh", "nothing_yet")
    assert not conversation.reply("贾汪区一共建了多少个职工书屋？", session).alone
    assert conversation.reply(command, session).lead == say("zh", "already_alone")
    assert conversation.reply("其中省级的有几个？", session).alone

    reply = conversation.reply(command, session)

    assert "结合上一问" not in reply.lead
    assert not reply.alone
    assert session.answer.question.text == "其中省级的有几个？"
    assert conversation.reply(command, session).lead == say("zh", "already_alone")


def test_another_place_than_the_documents_is_said_to_be_absent(conversation):
    reply = conversation.reply("泰州姜堰区职工住院慰问金是多少？", Session())

    assert say("zh", "related") in reply.lead
    assert "姜堰" in reply.lead


@pytest.mark.parametrize("command", ["/why", "/依据", "/为什么"])
def test_why_tells_how_the_quotes_shown_were_found(conversation, command):
    session = Session()
    assert conversation.reply(command, session).lead == say("zh", "nothing_yet")
    conversation.reply("润洲区走访了多少名困难劳模？", session)

    lead = conversation.reply(command, session).lead

    assert "原样出现：走访、困难、劳模" in lead
    assert "读音相同：润洲区 → 润州区" in lead
    assert "没有写明是：润洲区" in lead
    assert "第 3 段" in lead
    assert "第 4 段" not in lead
    assert "把握 " in lead
    assert conversation.reply("/more", session).first == 4


def test_why_after_nothing_or_conditions_alone_is_a_sentence(conversation):
    session = Session()
    conversation.reply("双色球昨晚开奖号码是多少", session)
    assert conversation.reply("/why", session).lead.startswith("把握 ")

    listed = conversation.reply("标题:十件大事", session)
    assert listed.lead == say("zh", "listed")
    assert conversation.reply("/why", session).lead == say("zh", "only_conditions")


def test_that_conditions_left_passages_out_is_said_where_nothing_is_found(conversation):
    assert say("zh", "filtered") in conversation.reply("慰问金 来源:年鉴", Session()).lead


def test_behind_what_stands_nowhere_comes_the_nearest_that_does(conversation):
    lead = conversation.reply("润洲区总工会的电话和地址是多少？", Session()).lead
    assert "润洲区 → 润州区" in lead


def test_nothing_found_names_the_words(conversation):
    reply = conversation.reply("双色球昨晚开奖号码是多少", Session())

    assert reply.lead.startswith(say("zh", "none"))
    assert "双色球" in reply.lead
    assert not reply.quotes


@pytest.mark.parametrize("command", ["/sources", "/来源", "／sources", "/SOURCES"])
def test_commands_are_known_by_each_of_their_names(conversation, command):
    assert "镇江高新区总工会" in conversation.reply(command, Session()).lead


def test_an_unknown_command_is_named_and_help_given(conversation):
    reply = conversation.reply("/open", Session())

    assert reply.lead.startswith(say("zh", "unknown_command", command="/open"))


@pytest.mark.parametrize(("text", "key"), [("", "empty"), ("  \n", "empty")])
def test_an_empty_message_is_answered_with_a_sentence(conversation, text, key):
    assert conversation.reply(text, Session()).lead == say("zh", key)


def test_a_message_too_long_is_answered_with_a_sentence(conversation):
    assert "100,000" in conversation.reply("问" * 100_000, Session()).lead


def test_the_language_is_the_questions(conversation):
    session = Session()

    assert conversation.reply("Who won the world cup?", session).language == "en"
    assert conversation.reply("/more", session).language == "en"
    assert conversation.reply("职工书屋", session).language == "zh"
    assert language_of("123 ？") is None


def test_both_languages_say_the_same_things():
    assert SENTENCES["zh"].keys() == SENTENCES["en"].keys()
    assert COMMANDS["zh"].keys() == COMMANDS["en"].keys()


def test_what_is_shown_is_on_record_and_proven(conversation, journal, seeds):
    reply = conversation.reply("职工书屋", Session())

    for quote in reply.quotes:
        record = journal.find(quote.id)
        assert record
        assert seeds.verify(record).text == quote.text


def test_the_question_is_written_nowhere(conversation, journal, tmp_path):
    conversation.reply("职工书屋有多少个呀呀呀", Session())

    journal.close()
    assert "呀呀呀".encode() not in b"".join(p.read_bytes() for p in tmp_path.iterdir())


def test_a_journal_that_cannot_be_written_stops_no_answer(seeds, tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")

    reply = Conversation(seeds, Journal(blocked)).reply("职工书屋", Session())

    assert reply.quotes
    assert "were not recorded" in caplog.text


def test_changed_documents_are_taken_in_between_two_questions(tmp_path, journal):
    (tmp_path / "docs").mkdir()
    file = tmp_path / "docs" / "notice.txt"
    file.write_text("食堂周六关门。", "utf-8")
    library = Library([Source("通知", tmp_path / "docs")], tmp_path / "index")
    conversation, session = Conversation(library, journal), Session()

    assert conversation.reply("食堂哪天关门", session).quotes[0].text == "食堂周六关门。"
    file.write_text("食堂周五关门。", "utf-8")
    assert conversation.reply("食堂哪天关门", session).quotes[0].text == "食堂周五关门。"
    library.close()


def test_a_file_that_cannot_be_read_is_logged_once(tmp_path, journal, caplog):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "b.txt").write_bytes(b"\x00")
    library = Library([Source("通知", tmp_path / "docs")], tmp_path / "index")
    conversation, session = Conversation(library, journal), Session()

    with caplog.at_level(logging.WARNING):
        conversation.reply("食堂", session)
        conversation.reply("食堂", session)

    assert caplog.text.count("b.txt") == 1
    library.close()


# Who may see which source

SECRET = "沿海补贴每人每月三百元，由人事科发放。"
PUBLIC = "食堂周六关门。"
BOARD, GROUP, SOMEBODY = 7, -100, 8


@pytest.fixture
def guarded(tmp_path, analyzer):
    """A library with a source for everybody, and one for the board and its group."""
    (tmp_path / "public.txt").write_text(PUBLIC, "utf-8")
    (tmp_path / "secret.txt").write_text(SECRET, "utf-8")
    board = frozenset({BOARD, GROUP})
    sources = [
        Source("通知", tmp_path / "public.txt"),
        Source("薪酬", tmp_path / "secret.txt", visible_to=board),
    ]
    library = Library(sources, tmp_path / "index", analyzer=analyzer)
    library.refresh()
    yield library
    library.close()


@pytest.mark.parametrize(
    ("session", "allowed"),
    [
        (Session(chat=BOARD), True),
        (Session(chat=GROUP), True),
        (Session(owner=True), True),
        (Session(chat=SOMEBODY), False),
        (Session(chat=-BOARD), False),
        (Session(), False),  # a channel that knows no ids
    ],
)
def test_a_source_is_quoted_listed_and_known_only_to_those_who_may_see_it(
    guarded, journal, session, allowed
):
    conversation = Conversation(guarded, journal)

    answer = conversation.reply("沿海补贴每月多少钱？", session)
    listed = conversation.reply("/sources", session).lead

    assert [quote.text for quote in answer.quotes] == ([SECRET] if allowed else [])
    assert ("薪酬" in listed) is allowed
    assert "通知" in listed
    # That nobody else wrote the word is said as if there were no such source.
    missing = conversation.reply("沿海食堂有海鲜吗？", session).lead
    assert ("沿海" in missing) is not allowed
    assert conversation.reply("食堂哪天关门？", session).quotes[0].text == PUBLIC


def test_a_follow_up_does_not_lead_to_what_is_hidden(guarded, journal):
    conversation, session = Conversation(guarded, journal), Session(chat=SOMEBODY)

    conversation.reply("食堂周六关门吗？", session)

    for text in ("那沿海补贴呢？", "沿海补贴多少钱？", "/more", "其中三百元是谁发放？"):
        assert SECRET not in [quote.text for quote in conversation.reply(text, session).quotes]


def test_who_may_see_nothing_is_told_nothing(tmp_path, journal, analyzer):
    (tmp_path / "a.txt").write_text(SECRET, "utf-8")
    source = Source("薪酬", tmp_path / "a.txt", visible_to=frozenset())
    library = Library([source], tmp_path / "index", analyzer=analyzer)
    conversation, session = Conversation(library, journal), Session(chat=SOMEBODY)

    reply = conversation.reply("沿海补贴每月多少钱？", session)

    assert reply.lead.startswith(say("zh", "none"))
    assert not reply.quotes
    assert conversation.reply("/sources", session).lead == say("zh", "no_sources")
    library.close()


def test_what_was_hidden_after_the_answer_is_not_shown_by_more(journal):
    shelf = Shelf({"补贴？": [prepared(f"{SECRET}{n}") for n in range(5)]})
    shelf.sources = [Source("工会报", Path("papers"))]
    conversation, session = Conversation(shelf, journal), Session(chat=SOMEBODY)
    assert len(conversation.reply("补贴？", session).quotes) == 3

    shelf.sources = [replace(shelf.sources[0], visible_to=frozenset({BOARD}))]

    assert conversation.reply("/more", session).lead == say("zh", "nothing_yet")


def test_an_index_that_breaks_is_a_sentence_and_not_an_exception(tmp_path, journal, caplog):
    (tmp_path / "a.txt").write_text("食堂周六关门。", "utf-8")
    library = Library([Source("通知", tmp_path / "a.txt")], tmp_path / "index")
    library.refresh()
    with sqlite3.connect(tmp_path / "index" / FILE) as db:
        db.execute("DROP TABLE passages")
    db.close()

    reply = Conversation(library, journal).reply("食堂周六关门吗", Session())

    assert reply.lead == say("zh", "unavailable")
    library.close()


# More about a fragment of a quote

ALLOWANCE = "住院慰问金每人每次100元，全年不超过2次。"
PAGES = {
    "办法.txt": f"慰问办法\n\n{ALLOWANCE}凭出院小结领取。\n",
    "报道.txt": "慰问金到了\n\n去年发放住院慰问金680人次，每人每次100元，职工都说好。\n",
    "转载.txt": f"慰问办法转载\n\n{ALLOWANCE}凭出院小结领取\n",
    "食堂.txt": "食堂通知\n\n食堂周六关门，周日九点开门。\n",
}


@pytest.fixture
def pages(tmp_path, journal, analyzer):
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / name).write_text(text, "utf-8")
    sources = [Source(name.removesuffix(".txt"), folder / name) for name in PAGES]
    library = Library(sources, tmp_path / "index", analyzer=analyzer)
    library.refresh()
    yield Conversation(library, journal)
    library.close()


def sources_of(reply):
    return [quote.citation.source for quote in reply.quotes]


@pytest.mark.parametrize("ask", ["/more 1", "/更多 1", "／more 1"])
def test_more_about_a_quote_comes_from_elsewhere_and_not_from_those_who_repeat_it(pages, ask):
    session = Session()
    first = pages.reply("住院慰问金每次多少钱？", session)
    assert first.quotes[0].text.startswith(ALLOWANCE)

    reply = pages.reply(ask, session)

    assert sources_of(reply)[0] == "报道"
    assert not {"办法", "转载"} & set(sources_of(reply))
    assert reply.lead.startswith("关于“住院慰问金每人每次100元")
    assert not reply.alone


@pytest.mark.parametrize("text", ["还有吗", "更多", "more", "?", "还有别的吗？"])
def test_a_quoted_fragment_without_a_question_asks_for_more_of_it(pages, text):
    session = Session()
    pages.reply("住院慰问金每次多少钱？", session)
    answer = session.answer
    pages.reply("食堂哪天关门？", session)

    reply = pages.reply(text, session, Reference(answer, 3, "每人每次100元"))

    assert sources_of(reply)[0] == "报道"
    assert "办法" not in sources_of(reply)


def test_a_question_about_a_fragment_is_answered_together_with_it_and_undone(pages):
    session = Session()
    pages.reply("住院慰问金每次多少钱？", session)

    reply = pages.reply("发了多少人次？", session, Reference(session.answer, 3, ALLOWANCE))

    assert reply.lead.startswith(say("zh", "follows_quote", fragment=ALLOWANCE))
    assert "680人次" in reply.quotes[0].text
    assert reply.alone
    assert "结合" not in pages.reply("/alone", session).lead


def test_where_nothing_else_speaks_of_a_fragment_that_is_said(pages):
    session = Session()
    pages.reply("食堂哪天关门？", session)
    reply = pages.reply("/more 1", session)
    assert reply.lead == say("zh", "about_nothing", fragment="食堂周六关门，周日九点开门。")
    assert not reply.quotes


def test_a_fragment_may_come_from_anywhere(pages):
    reply = pages.reply("还有吗", Session(), Reference(None, 0, "发放住院慰问金680人次"))
    assert "办法" in sources_of(reply)


def test_of_several_quotes_that_hold_the_words_the_line_tells_which_was_meant(pages):
    session = Session()
    pages.reply("住院慰问金每次多少钱？", session)
    to = Reference(session.answer, 3, "每人每次100元", PAGES["报道.txt"].splitlines()[-1])
    assert "报道" not in sources_of(pages.reply("还有吗", session, to))


def test_a_reply_to_an_earlier_answer_goes_on_from_there(pages):
    session = Session()
    pages.reply("住院慰问金每次多少钱？", session)
    earlier = session.answer
    pages.reply("食堂哪天关门？", session)

    reply = pages.reply("一年最多几次？", session, Reference(earlier, 3))

    assert reply.lead.startswith(say("zh", "follows", question="住院慰问金每次多少钱？"))
    assert "不超过2次" in reply.quotes[0].text


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("/more 9", say("zh", "no_such_quote", number=9)),
        ("/more 0", say("zh", "no_such_quote", number=0)),
        ("/why 9", say("zh", "no_such_quote", number=9)),
    ],
)
def test_a_passage_that_was_not_shown_has_no_more_to_it(pages, command, sentence):
    session = Session()
    assert pages.reply(command, session).lead == say("zh", "nothing_yet")
    pages.reply("食堂哪天关门？", session)
    assert pages.reply(command, session).lead == sentence


def test_why_tells_of_the_quotes_that_were_shown_last(conversation):
    session = Session()
    for text in ("职工书屋", "/more"):
        conversation.reply(text, session)
    lead = conversation.reply("/why", session).lead
    assert ["第 3 段" in lead, "第 4 段" in lead, "第 6 段" in lead] == [False, True, True]
    assert "第 2 段" in conversation.reply("/why 2", session).lead


def test_what_was_hidden_is_no_fragment_s_origin(guarded, journal):
    conversation, session = Conversation(guarded, journal), Session(chat=SOMEBODY)
    secret = guarded.ask("沿海补贴每月多少钱？")
    reply = conversation.reply("还有吗", session, Reference(secret, 1))
    assert not reply.quotes


# What people type besides questions


@pytest.mark.parametrize("text", ["还有吗", "继续", "还有别的吗？", "more", "没了？"])
def test_going_on_may_be_asked_for_in_words(conversation, text):
    session = Session()
    conversation.reply("职工书屋", session)
    assert conversation.reply(text, session).first == 4


@pytest.mark.parametrize("text", ["👍", "？？？", "。", "/", "多少钱", "……"])
def test_where_there_is_no_word_to_search_for_that_is_said(conversation, text):
    assert conversation.reply(text, Session()).lead == say("zh", "no_words", example="")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *(
            (text, "greeting")
            for text in ("你好", "您好！", "在嗎？", "Hello!", "你是谁？", "帮助")
        ),
        *((text, "welcome") for text in ("谢谢啦", "Thank you")),
    ],
)
def test_a_courtesy_is_returned(conversation, text, key):
    reply = conversation.reply(text, Session())
    assert reply.lead.startswith(say(reply.language, key))
    assert not reply.quotes


@pytest.mark.parametrize(
    "text", ["帮助农民工讨薪", "好的工会", "谢谢工会的职工", "hello world of unions"]
)
def test_a_courtesy_with_a_subject_is_a_question(conversation, text):
    assert conversation.reply(text, Session()).lead not in (
        say("zh", "welcome"),
        say("en", "welcome"),
    )
    assert not conversation.reply(text, Session()).lead.startswith(say("zh", "greeting"))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("/ask 职工书屋", "职工书屋"),
        ("/alone 职工书屋", "职工书屋"),
        ("/单独 职工书屋", "职工书屋"),
    ],
)
def test_a_question_behind_a_command_is_asked(conversation, text, question):
    session = Session()
    assert conversation.reply(text, session).quotes
    assert session.answer.question.text == question


def test_a_correction_and_a_short_how_go_on_with_the_last_question(conversation):
    session = Session()
    conversation.reply("海陵区住院慰问金每次多少钱？", session)
    follows = say("zh", "follows", question="海陵区住院慰问金每次多少钱？")
    assert conversation.reply("怎么申请？", session).lead.startswith(follows)
    corrected = conversation.reply("不是，我问的是贾汪", session)
    assert corrected.lead.startswith(follows)
    assert say("zh", "related") in corrected.lead
    assert say("zh", "absent", words="贾汪") in corrected.lead


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/more abc", "how_more"),
        ("/more -1", "how_more"),
        ("/更多 二", "how_more"),
        ("/why abc", "how_why"),
    ],
)
def test_what_a_command_cannot_take_gets_its_use_and_changes_nothing(conversation, text, key):
    session = Session()
    conversation.reply("职工书屋", session)

    assert conversation.reply(text, session) == Reply("zh", say("zh", key))
    assert conversation.reply("/more", session).first == 4


@pytest.mark.parametrize("text", ["/start", "/help", "你好", "……"])
def test_an_example_is_one_of_the_owners_or_none_at_all(seeds, journal, text):
    asks = {"zh": "年假几天", "en": "How many days?"}.__getitem__
    of_somebody_else = Conversation(seeds, journal).reply(text, Session()).lead
    assert "例如" not in of_somebody_else
    assert "直接提问" in of_somebody_else or "写出想查的事。" in of_somebody_else

    with_example = Conversation(seeds, journal, example=asks)
    assert "，例如“年假几天”" in with_example.reply(text, Session()).lead
    english = with_example.reply(text, Session("en")).lead
    assert ("for example “How many days?”" in english) is (text != "你好")


def test_who_may_not_see_every_source_gets_no_example(guarded, journal):
    conversation = Conversation(guarded, journal, example=lambda language: "沿海补贴每月多少钱？")

    assert "补贴" in conversation.reply("/help", Session(chat=BOARD)).lead
    assert "补贴" not in conversation.reply("/help", Session(chat=SOMEBODY)).lead


def test_the_example_is_the_first_short_question_of_the_owners_that_is_answered(tmp_path):
    (tmp_path / "a.txt").write_text(PUBLIC, "utf-8")
    questions = [
        {"question": "没有答案的", "answers": []},
        {"question": "问" * 17, "answers": [{"file": "a.txt", "quote": "x"}]},
        {"question": "那么呢", "answers": [{"file": "a.txt", "quote": "x"}], "previous": "?"},
        {"question": "几点开门？", "answers": [{"file": "a.txt", "quote": "x"}]},
        {"question": "When does it open?", "answers": [{"file": "a.txt", "quote": "x"}]},
    ]
    file = tmp_path / "q.jsonl"
    file.write_text("\n".join(map(json.dumps, questions)), "utf-8")
    yaml = tmp_path / "youju.yaml"
    yaml.write_text("sources: [{name: 通知, path: a.txt}]", "utf-8")
    assert example_of(load_settings(yaml), "zh") == ""

    yaml.write_text("sources: [{name: 通知, path: a.txt}]\neval: q.jsonl", "utf-8")
    settings = load_settings(yaml)
    assert example_of(settings, "zh") == "几点开门？"
    assert example_of(settings, "en") == "When does it open?"
    file.write_text("no questions", "utf-8")
    assert example_of(settings, "zh") == ""


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("贾汪区职工书屋有几个停车场？", "资料里没有出现：停车场。"),
        ("润州区困难劳模的宠物有多少只？", "资料里没有出现：宠物。"),
        ("海陵区职工住院慰问金每次多少钱？", ""),
        ("镇江市里拿出多少钱来弄工会食堂", ""),  # 拿出 stands nowhere, and names nothing
        ("海陵那个开蔬菜公司的劳模叫什么名字", ""),  # 名字 is what is asked for
        ("广丰帮打工的讨回来多少工钱", ""),  # 工资 stands for 工钱
    ],
)
def test_an_answer_too_says_which_things_of_the_question_stand_nowhere(
    seeds_settings, seeds, journal, analyzer, question, note
):
    lexicon = lexicon_of(seeds_settings)
    library = Library(seeds_settings.sources, seeds_settings.index, "memory", analyzer, lexicon)
    reply = Conversation(library, journal).reply(question, Session())
    library.close()

    assert reply.quotes
    assert reply.lead == note


def test_an_english_answer_names_the_names_that_stand_nowhere(tmp_path, analyzer, journal):
    (tmp_path / "handbook.md").write_text("# Office\n\nThe opening time of the office is nine.\n")
    library = Library([Source("Handbook", tmp_path)], tmp_path / "index", analyzer=analyzer)
    library.refresh()
    reply = Conversation(library, journal).reply(
        "What is the opening time of the London office?", Session()
    )
    library.close()

    assert reply.lead == "These words stand in none of the documents: London."


def test_while_another_process_reads_the_documents_first_it_says_that_it_cannot_search(
    tmp_path, analyzer, journal
):
    (tmp_path / "a.txt").write_text(PUBLIC, "utf-8")
    library = Library([Source("通知", tmp_path / "a.txt")], tmp_path / "index", analyzer=analyzer)
    conversation = Conversation(library, journal)
    other = Store(tmp_path / "index")  # which stands for that of another process
    with other.changing():
        assert conversation.reply("几点开门", Session()).lead == say("zh", "unavailable")
    other.close()

    assert conversation.reply("几点开门", Session()).lead != say("zh", "unavailable")
    library.close()
