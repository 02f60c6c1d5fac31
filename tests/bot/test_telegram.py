"""The Telegram channel as a person meets it: the real Application, polling a strict double."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from shelf import Ledger, Shelf, quote
from telegram import Update
from telegram.error import Conflict, RetryAfter, TelegramError
from telegram.ext import ApplicationBuilder
from telegram_server import CUT, TOKEN, TelegramServer, drawn

from bot.conversation import Conversation
from bot.journal import Journal
from bot.telegram.app import Interruptions, build, run, serve
from bot.telegram.handlers import MOST_WAITING, App, Desk
from bot.telegram.pacing import PATIENCE, TRIES, Pacing
from bot.telegram.redaction import Redaction, protect_log
from bot.wording import COMMANDS, say
from retrieval.library import Library
from retrieval.sources import Source

ANN, BEN, GROUP = 7, 8, -100

PAY = "职工医保住院的，每次给付慰问金500元；全年最多两次。"
QUESTION = "住院慰问金每次多少钱？"


@pytest.fixture
def library() -> Shelf:
    allowance = quote(
        f"会员住院有慰问。{PAY}凭出院小结领取。", PAY, ["住院", "每次", "慰问金"], "慰问办法"
    )
    others = [quote(f"第{n}条：住院慰问金的其他规定。", title=f"规定{n}") for n in range(2, 6)]
    return Shelf({QUESTION: [allowance, *others]})


@pytest.fixture
def conversation(library: Shelf) -> Conversation:
    return Conversation(library, Ledger())


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    server = TelegramServer()
    yield server
    assert server.violations == []


@asynccontextmanager
async def answering(server: TelegramServer, conversation: Conversation) -> AsyncIterator[App]:
    """The bot, from the moment it polls until it is told to stop."""
    builder = ApplicationBuilder().token(TOKEN)
    builder = builder.request(server.wire()).get_updates_request(server.wire())
    application = build(conversation, builder)
    task = asyncio.create_task(serve(application))
    await server.until(lambda: server.polls or task.done())
    try:
        yield application
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def bot(server: TelegramServer, conversation: Conversation) -> AsyncIterator[App]:
    async with answering(server, conversation) as application:
        yield application


def texts(messages: list[dict]) -> list[str]:
    return [message["text"] for message in messages]


# What people see


async def test_start_greets_and_explains(bot, server, golden):
    server.say(ANN, "/start")
    (message,) = await server.replies(ANN)
    golden("telegram_start.txt", drawn(message) + "\n")


async def test_a_question_is_answered_by_quotes_with_their_sources(bot, server, golden):
    server.say(ANN, QUESTION)
    (message,) = await server.replies(ANN)
    golden("telegram_answer.txt", drawn(message) + "\n")


async def test_more_shows_the_quotes_that_are_left_and_counts_on(bot, server, golden):
    for text in (QUESTION, "/more", "/more"):
        server.say(ANN, text)
    _, more, nothing = await server.replies(ANN, 3)
    golden("telegram_more.txt", drawn(more) + "\n")
    assert nothing["text"] == say("zh", "nothing_more")


async def test_a_session_over_the_seeds_looks_as_agreed(server, seeds, tmp_path, golden):
    """The real library behind the channel: an answer, a refusal, more of it, the sources."""
    journal = Journal(tmp_path)
    session = [
        "海陵区职工住院慰问金每次多少钱？",
        "/more",
        "泰州姜堰区的住院慰问金是多少？",
        "红烧肉怎么做才不腻？",
        "/sources",
    ]
    async with answering(server, Conversation(seeds, journal)):
        for text in session:
            server.say(ANN, text)
        replies = await server.replies(ANN, len(session))
    journal.close()
    shown = [f"> {text}\n{drawn(reply)}" for text, reply in zip(session, replies, strict=True)]
    golden("telegram_seeds.txt", "\n\n".join(shown) + "\n")


async def test_sources_are_listed(bot, server, golden):
    server.say(ANN, "/sources")
    (message,) = await server.replies(ANN)
    golden("telegram_sources.txt", drawn(message) + "\n")


async def test_a_question_that_nothing_answers_is_told_so(bot, server):
    server.say(ANN, "京口区？")
    (message,) = await server.replies(ANN)
    assert message["text"].startswith(say("zh", "none"))


async def test_a_long_passage_is_one_folded_message_with_the_answer_in_it(bot, server, library):
    text = "这里是前文，与问题无关。" * 300 + PAY + "这里是后文，也与问题无关。" * 300
    library.answers["很长的呢？"] = [quote(text, PAY, ["慰问金"], "长文")]
    server.say(ANN, "很长的呢？")
    (message,) = await server.replies(ANN)
    assert drawn(message).startswith("⟦expandable_blockquote:……这里是前文")
    assert f"与问题无关。⟦bold:{PAY.replace('慰问金', '⟦underline:慰问金⟧')}⟧这里是后文" in drawn(
        message
    )
    assert "与问题无关。……⟧\n⟦italic:1. 工会报 ｜ 长文" in drawn(message)


async def test_links_in_quotes_have_no_preview(bot, server):
    server.say(ANN, QUESTION)
    await server.replies(ANN)
    sent = [raw for method, raw in server.requests if method == "sendMessage"]
    assert [raw["link_preview_options"] for raw in sent] == ['{"is_disabled": true}']


# A follow-up undone

FIRST, FOLLOW_UP = "贾汪区一共建了多少个职工书屋？", "其中省级的有几个？"


async def test_a_follow_up_has_a_button_that_asks_it_alone(server, seeds):
    async with answering(server, Conversation(seeds, Ledger())):
        server.say(ANN, FIRST)
        server.say(ANN, FOLLOW_UP)
        first, followed = await server.replies(ANN, 2)
        assert "reply_markup" not in first
        assert followed["text"].startswith(say("zh", "follows", question=FIRST))

        tap = server.tap(ANN, followed, say("zh", "alone"))
        (alone,) = await server.replies(ANN)

        assert say("zh", "follows", question=FIRST) not in alone["text"]
        assert "reply_markup" not in alone
        assert server.taps[tap] == ""
        again = server.tap(ANN, followed, say("zh", "alone"))
        await server.until(lambda: server.taps[again])
        assert server.taps[again] == say("zh", "stale")


async def test_a_button_of_an_earlier_answer_or_bot_is_answered_with_a_sentence(server, seeds):
    async with answering(server, Conversation(seeds, Ledger())):
        for text in (FIRST, FOLLOW_UP, "海陵区职工住院慰问金每次多少钱？"):
            server.say(ANN, text)
        _, followed, _ = await server.replies(ANN, 3)
        old = server.tap(ANN, followed, say("zh", "alone"))
        await server.until(lambda: server.taps[old])
        assert server.taps[old] == say("zh", "stale")
    async with answering(server, Conversation(seeds, Ledger())):  # which remembers nothing
        lost = server.tap(ANN, followed, say("zh", "alone"), language="en")
        await server.until(lambda: server.taps[lost])
        assert server.taps[lost] == say("en", "stale")


async def test_a_tap_that_fails_is_answered_and_told(server, seeds):
    conversation = Conversation(seeds, Ledger())
    async with answering(server, conversation):
        server.say(ANN, FIRST)
        server.say(ANN, FOLLOW_UP)
        _, followed = await server.replies(ANN, 2)
        conversation._library = None  # type: ignore[assignment]
        tap = server.tap(ANN, followed, say("zh", "alone"))
        (message,) = await server.replies(ANN)
    assert "编号" in message["text"]
    assert server.taps[tap] == ""


# Languages and commands


@pytest.mark.parametrize(
    ("app", "language"),
    [("zh", "zh"), ("zh-hans", "zh"), ("ZH-hant", "zh"), (None, "zh"), ("en", "en"), ("fr", "en")],
)
async def test_a_new_chat_is_greeted_in_the_language_of_the_app(bot, server, app, language):
    server.say(ANN, "/start", language=app)
    (message,) = await server.replies(ANN)
    assert message["text"].startswith(say(language, "greeting"))


async def test_afterwards_the_bot_speaks_the_language_of_the_question(bot, server):
    server.say(ANN, "What is this?", language="zh")
    server.say(ANN, "/more", language="zh")
    assert texts(await server.replies(ANN, 2))[1] == say("en", "nothing_more")


@pytest.mark.parametrize("text", ["/help", "/help@youju_test_bot", "／帮助", "/HELP"])
async def test_a_command_may_carry_the_name_of_the_bot(bot, server, text):
    server.say(ANN, text)
    (message,) = await server.replies(ANN)
    assert message["text"] == say("zh", "help", example="")


async def test_what_a_link_adds_to_start_is_no_question(bot, server):
    server.say(ANN, "/start from-the-web-site")
    (message,) = await server.replies(ANN)
    assert message["text"].startswith(say("zh", "greeting"))


async def test_the_menu_is_chinese_in_chinese_apps_and_english_elsewhere(bot, server):
    assert server.commands == {"": COMMANDS["en"], "zh": COMMANDS["zh"]}


# What is not a question


async def test_only_text_is_read_and_an_album_is_told_so_once(bot, server):
    server.photo(ANN, album="holidays")
    server.photo(ANN, album="holidays")
    server.sticker(ANN)
    server.say(ANN, "/more")
    only_text = say("zh", "only_text")
    expected = [only_text, only_text, say("zh", "nothing_yet")]
    assert texts(await server.replies(ANN, 3)) == expected


async def test_groups_edited_messages_and_service_messages_are_not_answered(bot, server):
    server.say(ANN, QUESTION, chat=GROUP)
    first = server.say(ANN, "/more")
    server.edit(ANN, first, QUESTION)
    server.pin(ANN, first)
    server.say(ANN, "/help")
    answers = texts(await server.replies(ANN, 2))
    assert answers == [say("zh", "nothing_yet"), say("zh", "help", example="")]
    sent = [raw["chat_id"] for method, raw in server.requests if method == "sendMessage"]
    assert sent == [str(ANN), str(ANN)]


# Who may see which source


@pytest.fixture
def guarded(tmp_path, analyzer) -> Iterator[Library]:
    """A source for everybody, and one that only Ann and a group may see."""
    (tmp_path / "public.txt").write_text("食堂周六关门，周日九点开门。", "utf-8")
    (tmp_path / "secret.txt").write_text("沿海补贴每人每月三百元。", "utf-8")
    secret = Source("薪酬", tmp_path / "secret.txt", visible_to=frozenset({ANN, GROUP}))
    sources = [Source("通知", tmp_path / "public.txt"), secret]
    library = Library(sources, tmp_path / "index", analyzer=analyzer)
    library.refresh()
    yield library
    library.close()


async def test_a_source_is_shown_only_to_the_chats_that_may_see_it(server, guarded):
    session = [
        "食堂哪天关门？",
        "那沿海补贴呢？",
        "沿海补贴每月多少钱？",
        "/more",
        "/sources",
        "沿海食堂？",
    ]
    async with answering(server, Conversation(guarded, Ledger())):
        for person in (ANN, BEN):
            for text in session:
                server.say(person, text)
        ann = texts(await server.replies(ANN, len(session)))
        ben = texts(await server.replies(BEN, len(session)))
    assert ["三百元" in text for text in ann[:5]] == [False, True, True, False, False]
    assert "薪酬" in ann[4]
    assert "周六关门" in ben[0]
    assert "通知" in ben[4]
    assert [text for text in ben if "三百" in text or "薪酬" in text] == []
    # A word that stands in the hidden source only is one that stands nowhere.
    assert say("zh", "missing", words="沿海") in ben[5]
    assert say("zh", "missing", words="沿海") not in ann[5]


async def test_a_person_who_may_see_a_source_does_not_show_it_to_a_group(server, guarded):
    async with answering(server, Conversation(guarded, Ledger())):
        server.say(ANN, "沿海补贴每月多少钱？", chat=-200)
        server.say(ANN, "沿海补贴每月多少钱？")
        (message,) = await server.replies(ANN)
    assert "三百元" in message["text"]
    sent = [raw["chat_id"] for method, raw in server.requests if method == "sendMessage"]
    assert sent == [str(ANN)]


# Several at once


async def test_messages_of_one_chat_take_turns_and_other_chats_do_not_wait(bot, server, library):
    go_on = threading.Event()
    library.before = lambda text: go_on.wait(30) if text == "慢？" else None
    try:
        server.say(ANN, "慢？")
        server.say(ANN, "/sources")
        server.say(BEN, QUESTION)
        assert PAY in texts(await server.replies(BEN))[0]
    finally:
        go_on.set()
    slow, sources = texts(await server.replies(ANN, 2))
    assert slow.startswith(say("zh", "none"))
    assert sources.startswith(say("zh", "sources"))


async def test_a_flood_of_messages_is_answered_only_in_part(bot, server, library, caplog):
    caplog.set_level(logging.INFO, "bot")
    go_on = threading.Event()
    library.before = lambda text: go_on.wait(30)
    try:
        for _ in range(MOST_WAITING + 3):
            server.say(ANN, QUESTION)
        await server.until(lambda: caplog.text.count("too many messages at once") == 3)
    finally:
        go_on.set()
    await server.replies(ANN, MOST_WAITING)
    server.say(ANN, "/more")
    (message,) = await server.replies(ANN)
    assert "第4条" in message["text"]


async def test_a_chat_that_was_silent_longest_is_forgotten(conversation):
    desk = Desk(conversation, most_chats=2)
    server = TelegramServer()
    for person in (1, 2, 3, 1):
        server.say(person, "?")
    builder = ApplicationBuilder().token(TOKEN)
    builder = builder.request(server.wire()).get_updates_request(server.wire())
    async with builder.build() as application:
        updates: tuple[Update, ...] = await application.bot.get_updates()
    first, second, _, again = [desk._chat(update.message) for update in updates]
    assert again is not first
    assert second not in desk._chats.values()


async def test_a_message_being_answered_when_the_bot_stops_is_still_answered(
    server, conversation, library
):
    asked, go_on = threading.Event(), threading.Event()
    library.before = lambda text: (asked.set(), go_on.wait(30))
    async with answering(server, conversation):
        server.say(ANN, QUESTION)
        await server.until(asked.is_set)
        threading.Timer(0.05, go_on.set).start()
    assert PAY in texts(await server.replies(ANN))[0]


# Trouble on the bot's side


async def test_a_failure_is_logged_and_told_with_the_same_number(bot, server, library, caplog):
    def stumble(text: str) -> None:
        raise RuntimeError(f"no such thing, {TOKEN}")

    library.before = stumble
    server.say(ANN, QUESTION)
    (message,) = await server.replies(ANN)
    (record,) = [r for r in caplog.records if r.levelno >= logging.ERROR]
    number = record.getMessage().split()[3].rstrip(":")
    assert message["text"] == say("zh", "failed", id=number)
    assert "no such thing" in caplog.text
    assert "Traceback" in caplog.text


async def test_after_a_failure_the_next_question_is_answered(bot, server, library):
    library.before = lambda text: 1 / 0
    server.say(ANN, QUESTION)
    await server.replies(ANN)
    library.before = lambda text: None
    server.say(ANN, QUESTION)
    assert PAY in texts(await server.replies(ANN))[0]


# Trouble on Telegram's side


async def test_entities_that_telegram_refuses_are_left_out(bot, server, caplog):
    server.fail_next("sendMessage", 400, "Bad Request: ENTITY_BOUNDS_INVALID")
    server.say(ANN, QUESTION)
    (message,) = await server.replies(ANN)
    assert PAY in message["text"]
    assert "entities" not in message
    assert "entity_bounds_invalid" in caplog.text.lower()


async def test_a_message_refused_without_marks_is_a_failure(bot, server, caplog):
    server.fail_next("sendMessage", 400, "Bad Request: message is too long")
    server.say(ANN, "/help")
    (message,) = await server.replies(ANN)
    assert "编号" in message["text"]
    assert "message is too long" in caplog.text.lower()


async def test_one_who_blocked_the_bot_is_no_error(bot, server, caplog):
    caplog.set_level(logging.INFO, "bot")
    server.block(ANN)
    server.say(ANN, QUESTION)
    await server.until(lambda: "blocked by the user" in caplog.text)
    assert [r.levelname for r in caplog.records if "blocked" in r.getMessage()] == ["INFO"]


async def test_too_many_requests_are_waited_out(bot, server):
    server.fail_next("sendMessage", 429, retry_after=1)
    server.say(ANN, QUESTION)
    (message,) = await server.replies(ANN)
    assert message["entities"]


async def test_a_message_that_got_lost_is_sent_again(bot, server):
    server.fail_next("sendMessage", 502)
    server.say(ANN, QUESTION)
    (message,) = await server.replies(ANN)
    assert PAY in message["text"]


async def test_a_message_whose_receipt_got_lost_comes_twice_rather_than_never(bot, server):
    server.fail_next("sendMessage", CUT)
    server.say(ANN, "/help")
    first, second = texts(await server.replies(ANN, 2))
    assert first == second


async def test_when_sending_fails_for_good_that_is_logged(bot, server, caplog):
    server.fail_next("sendMessage", 502, times=3)
    server.say(ANN, QUESTION)
    await server.until(lambda: "could not be told" in caplog.text)
    assert "Traceback" not in caplog.text
    server.say(ANN, "/more")
    assert await server.replies(ANN)


async def test_polls_that_fail_are_said_in_one_line_and_do_not_stop_the_bot(
    server, conversation, caplog
):
    server.fail_next("getUpdates", 502)
    async with answering(server, conversation):
        server.say(ANN, QUESTION)
        assert await server.replies(ANN)
    (record,) = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert record.getMessage() == "no messages for now, trying on: Bad Gateway"


async def test_a_second_copy_of_the_bot_is_said_in_plain_words(bot, server, caplog):
    await server.until(lambda: server.polls)
    await server.handle(TOKEN, "getUpdates", {"timeout": "0"})
    await server.until(lambda: "another copy of this bot is running" in caplog.text)
    server.say(ANN, QUESTION)
    assert await server.replies(ANN)


def test_trouble_that_lasts_is_said_once_and_again_when_it_changes(caplog):
    told = Interruptions()
    for error in (Conflict("c"), Conflict("c"), TelegramError("down"), Conflict("c")):
        told(error)
    assert [r.levelname for r in caplog.records] == ["ERROR", "WARNING", "ERROR"]


async def test_a_start_without_network_is_waited_out(server, conversation, caplog):
    server.fail_next("getMe", 502)
    server.fail_next("setMyCommands", 400, "Bad Request: commands are invalid")
    async with answering(server, conversation):
        server.say(ANN, QUESTION)
        assert await server.replies(ANN)
    lines = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert lines == [
        "cannot reach Telegram, trying on: Bad Gateway",
        "the menu of commands could not be set: Commands are invalid",
    ]


async def test_a_webhook_left_from_elsewhere_is_taken_away(server, conversation):
    server.webhook = "https://example.org/hook"
    async with answering(server, conversation):
        server.say(ANN, QUESTION)
        assert await server.replies(ANN)


# Pacing


class Line:
    """Requests that Telegram turns down as often as it is told to, and the pauses made."""

    def __init__(self, *pauses: int) -> None:
        self.left, self.slept = list(pauses), []

    async def send(self) -> bool:
        if self.left:
            raise RetryAfter(self.left.pop(0))
        return True

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def process(self) -> bool:
        return await Pacing(self.sleep).process_request(
            self.send, (), {}, "sendMessage", {"chat_id": 1}, None
        )


@pytest.fixture
def _timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # as build() does


@pytest.mark.usefixtures("_timedeltas")
async def test_a_pause_is_as_long_as_telegram_asks():
    line = Line(3, 5)
    assert await line.process()
    assert line.slept == [3, 5]


@pytest.mark.usefixtures("_timedeltas")
@pytest.mark.parametrize("pauses", [(PATIENCE + 1,), (1,) * TRIES])
async def test_pauses_too_long_or_too_many_are_not_waited_for(pauses):
    with pytest.raises(RetryAfter):
        await Line(*pauses).process()


# The token


def test_what_is_no_token_is_not_even_tried(conversation, capsys):
    assert run(conversation, "my secret token") == 2
    assert "not a bot token" in capsys.readouterr().err


def test_a_token_that_telegram_does_not_know_ends_the_run(conversation, server, capsys):
    stranger = TOKEN[:-1] + "x"
    with server.over_http() as api:
        assert run(conversation, stranger, api + "/") == 2
    err = capsys.readouterr().err
    assert "does not accept" in err
    assert stranger not in err


def test_no_log_shows_a_token_whatever_it_logs():
    records = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(logging.Formatter().format(record))
    logger = logging.getLogger("httpx.of.a.test")
    handler.addFilter(Redaction())
    logger.addHandler(handler)
    try:
        logger.error("POST %s", f"https://api.telegram.org/bot{TOKEN}/getMe")
        try:
            raise ValueError(TOKEN)
        except ValueError:
            logger.exception("failed: %d%%", 100, stack_info=True)
    finally:
        logger.removeHandler(handler)
    assert len(records) == 2
    assert "POST https://api.telegram.org/bot<token>/getMe" in records[0]
    assert "failed: 100%" in records[1]
    assert "ValueError: <token>" in records[1]
    assert TOKEN not in "".join(records)


def test_protecting_the_log_twice_is_protecting_it_once():
    protect_log()
    protect_log()
    for handler in logging.getLogger().handlers:
        assert sum(isinstance(f, Redaction) for f in handler.filters) == 1


# Replies


@pytest.fixture
async def reading(server: TelegramServer, seeds: Library) -> AsyncIterator[App]:
    """The bot over the five reports."""
    async with answering(server, Conversation(seeds, Ledger())) as application:
        yield application


ALLOWANCE = "海陵区职工住院慰问金每次多少钱？"


@pytest.mark.parametrize("text", ["还有吗", "更多", "more", "?", "/more"])
async def test_a_reply_to_a_quoted_fragment_asks_for_more_about_it(reading, server, text):
    server.say(ANN, ALLOWANCE)
    server.say(ANN, "贾汪区有多少个职工书屋？")
    answer, _ = await server.replies(ANN, 2)
    fragment = "“职工住院医疗慰问金”制度"

    server.say(ANN, text, to=answer["message_id"], quoted=fragment)
    (more,) = await server.replies(ANN)

    assert more["text"].startswith(
        say("zh" if text != "more" else "en", "about", fragment=fragment)
    )
    assert "首批住院医疗慰问金发放" in more["text"]
    assert "每人每次100元" not in more["text"]  # where it is from
    assert "reply_markup" not in more


async def test_a_question_about_a_quoted_fragment_is_answered_with_it_and_alone_by_a_tap(
    reading, server
):
    server.say(ANN, "康乃馨服务站有几家？")
    (answer,) = await server.replies(ANN)
    fragment = "康乃馨服务站"

    server.say(ANN, "有什么作用？", to=answer["message_id"], quoted=fragment)
    (together,) = await server.replies(ANN)
    assert together["text"].startswith(say("zh", "follows_quote", fragment=fragment))

    server.tap(ANN, together, say("zh", "alone"))
    (alone,) = await server.replies(ANN)
    assert fragment not in alone["text"].partition("\n")[0]


async def test_a_reply_to_an_answer_goes_on_from_it_and_not_from_the_last_one(reading, server):
    asked = server.say(ANN, FIRST)
    server.say(ANN, ALLOWANCE)
    answer, _ = await server.replies(ANN, 2)
    for to in (answer["message_id"], asked):  # or to the question that was asked for it
        server.say(ANN, FOLLOW_UP, to=to)
        server.say(ANN, ALLOWANCE)
        followed, _ = await server.replies(ANN, 2)
        assert followed["text"].startswith(say("zh", "follows", question=FIRST))
        assert "7个省级职工书屋" in followed["text"]
    server.say(ANN, "/more", to=answer["message_id"])
    (more,) = await server.replies(ANN)
    assert "\n4. " in more["text"]
    assert "贾汪" in more["text"]


async def test_a_reply_to_what_is_not_remembered_is_a_message_like_any_other(server, seeds):
    async with answering(server, Conversation(seeds, Ledger())):
        server.say(ANN, ALLOWANCE)
        (answer,) = await server.replies(ANN)
    async with answering(server, Conversation(seeds, Ledger())):  # which remembers nothing
        server.say(ANN, FIRST, to=answer["message_id"])
        server.say(ANN, "还有吗", to=answer["message_id"], quoted="首批住院医疗慰问金发放")
        first, more = await server.replies(ANN, 2)
    assert "76个职工书屋" in first["text"]
    assert "每人每次100元" in more["text"]


# Groups


@pytest.mark.parametrize(
    "text",
    [
        f"@youju_test_bot {ALLOWANCE}",
        f"{ALLOWANCE} @Youju_Test_Bot",
        f"请问@youju_test_bot，{ALLOWANCE}",
    ],
)
async def test_in_a_group_the_bot_answers_who_names_it_in_reply(reading, server, text):
    number = server.say(ANN, text, chat=GROUP)
    (message,) = await server.replies(GROUP)
    assert "每人每次100元" in message["text"]
    assert message["reply_to_message"]["message_id"] == number


async def test_in_a_group_a_reply_to_the_bot_needs_no_name(reading, server):
    server.say(ANN, f"@youju_test_bot {FIRST}", chat=GROUP)
    (answer,) = await server.replies(GROUP)

    server.say(BEN, FOLLOW_UP, chat=GROUP, to=answer["message_id"])
    (followed,) = await server.replies(GROUP)
    assert "7个省级职工书屋" in followed["text"]

    server.say(BEN, "还有吗", chat=GROUP, to=answer["message_id"], quoted="区级职工书屋")
    (more,) = await server.replies(GROUP)
    assert more["text"].startswith(say("zh", "about", fragment="区级职工书屋"))
    assert "7个省级职工书屋" not in more["text"]


async def test_in_a_group_naming_the_bot_below_somebody_s_question_asks_that(reading, server):
    number = server.say(BEN, ALLOWANCE, chat=GROUP)
    server.say(ANN, "@youju_test_bot", chat=GROUP, to=number)
    (message,) = await server.replies(GROUP)
    assert "每人每次100元" in message["text"]


async def test_in_a_group_commands_are_done_unless_they_are_for_another_bot(reading, server):
    number = server.say(BEN, "大家好", chat=GROUP)
    for text in ("/help@another_bot", "/weather", "/later on", "大家谢谢", "@youju_test_bot2 在吗"):
        server.say(ANN, text, chat=GROUP)
    server.say(ANN, "我也这么想", chat=GROUP, to=number)
    server.voice(ANN, chat=GROUP)
    server.photo(ANN, chat=GROUP)
    server.say(ANN, "/help@youju_test_bot", chat=GROUP)
    server.say(ANN, "/sources", chat=GROUP)
    help_, sources = texts(await server.replies(GROUP, 2))
    assert help_ == say("zh", "help", example="")
    assert sources.startswith(say("zh", "sources"))


async def test_in_a_group_a_question_that_is_deleted_meanwhile_is_answered_all_the_same(
    reading, server
):
    number = server.say(ANN, f"@youju_test_bot {ALLOWANCE}", chat=GROUP)
    del server._messages[GROUP, number]
    (message,) = await server.replies(GROUP)
    assert "每人每次100元" in message["text"]


# Pictures with words, voices, inline queries


async def test_the_words_below_a_photograph_are_a_question(reading, server):
    server.photo(ANN, caption=ALLOWANCE)
    server.photo(ANN, caption=f"@youju_test_bot {ALLOWANCE}", chat=GROUP)
    for chat in (ANN, GROUP):
        (message,) = await server.replies(chat)
        assert "每人每次100元" in message["text"]


async def test_an_album_with_a_question_is_answered_once(reading, server):
    server.photo(ANN, album="a", caption=ALLOWANCE)
    server.photo(ANN, album="a")
    server.say(ANN, "/help")
    answer, help_ = texts(await server.replies(ANN, 2))
    assert "每人每次100元" in answer
    assert help_.startswith("直接提问")


async def test_a_voice_is_answered_with_what_the_bot_can_do(bot, server):
    server.voice(ANN)
    (message,) = await server.replies(ANN)
    assert message["text"] == say("zh", "only_text")


async def test_an_inline_query_offers_quotes_with_their_sources(reading, server):
    found = server.inline(ANN, ALLOWANCE)
    nothing, empty, command = (server.inline(ANN, text) for text in ("红烧肉？", "", "/help"))
    await server.until(lambda: len(server.offers) == 4)
    first = server.offers[found][0]
    assert "每人每次100元" in first["description"]
    given = first["input_message_content"]
    assert "每人每次100元" in given["message_text"]
    assert "003_41e9415e2b30c2d0.txt" in given["message_text"]
    assert {entity["type"] for entity in given["entities"]} >= {"bold", "italic"}
    assert [server.offers[id] for id in (nothing, empty, command)] == [[], [], []]


async def test_an_inline_query_finds_only_what_everybody_may_see(server, guarded):
    async with answering(server, Conversation(guarded, Ledger())):
        secret, public = (
            server.inline(ANN, "沿海补贴每月多少钱？"),
            server.inline(ANN, "食堂哪天关门？"),
        )
        await server.until(lambda: len(server.offers) == 2)
    assert server.offers[secret] == []
    assert "周六关门" in server.offers[public][0]["description"]
