"""What the bot says, without any channel."""

from __future__ import annotations

import logging
import sqlite3

import pytest

from bot.conversation import Conversation, Session, language_of
from bot.journal import Journal
from bot.wording import COMMANDS, SENTENCES, say
from retrieval.library import Library
from retrieval.sources import Source


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


def test_another_place_than_the_documents_is_said_to_be_absent(conversation):
    reply = conversation.reply("泰州姜堰区职工住院慰问金是多少？", Session())

    assert say("zh", "related") in reply.lead
    assert "姜堰" in reply.lead


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


def test_an_index_that_breaks_is_a_sentence_and_not_an_exception(tmp_path, journal, caplog):
    (tmp_path / "a.txt").write_text("食堂周六关门。", "utf-8")
    library = Library([Source("通知", tmp_path / "a.txt")], tmp_path / "index")
    library.refresh()
    with sqlite3.connect(tmp_path / "index" / "store.sqlite") as db:
        db.execute("DROP TABLE passages")
    db.close()

    reply = Conversation(library, journal).reply("食堂周六关门吗", Session())

    assert reply.lead == say("zh", "unavailable")
    library.close()
