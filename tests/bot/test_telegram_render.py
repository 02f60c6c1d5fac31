"""Replies as Telegram messages: readable, word for word, and never refused."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import quote
from telegram import Bot
from telegram_server import TOKEN, TelegramServer, drawn

from bot.exchange import Reply
from bot.telegram.render import ELLIPSIS, LIMIT, LONGEST_CITATION, render, units
from retrieval.answers import Citation, Quote
from retrieval.blocks import Place

PERSON = 7


def delivered(reply: Reply) -> list[dict]:
    """The messages of a reply as Telegram would show them; it must take every one."""
    server = TelegramServer()
    server.say(PERSON, "?")

    async def send() -> list[dict]:
        bot = Bot(TOKEN, request=server.wire(), get_updates_request=server.wire())
        drafts = render(reply)
        for draft in drafts:
            await bot.send_message(PERSON, draft.text, entities=draft.entities)
        messages = await server.replies(PERSON, len(drafts))
        assert [m["text"] for m in messages] == [d.text for d in drafts], "something was trimmed"
        return messages

    messages = asyncio.run(send())
    assert server.violations == []
    return messages


def parts(message: dict, *kinds: str) -> list[str]:
    """The words that the entities of these kinds cover."""
    text = message["text"].encode("utf-16-le")
    return [
        text[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in message.get("entities", ())
        if e["type"] in kinds
    ]


def quotations(messages: list[dict]) -> list[str]:
    """The block quotations of all messages, in order."""
    kinds = ("blockquote", "expandable_blockquote")
    return [text for message in messages for text in parts(message, *kinds)]


FEE = quote(
    "会费怎么收？本市职工每人每月按工资的0.5%交纳会费。退休后免交。",
    answer="本市职工每人每月按工资的0.5%交纳会费。",
    marks=["会费", "交纳"],
    title="会费收缴办法",
)


def test_a_reply_is_lead_then_each_quote_with_its_citation_then_tail(golden):
    reply = Reply("zh", "结合上一问：会费", (FEE, FEE), 3, "还有 2 段，发 /more 继续看。")
    (message,) = delivered(reply)
    golden("telegram_reply.txt", drawn(message) + "\n")


def test_a_reply_without_quotes_is_plain_text():
    (message,) = delivered(Reply("zh", "没有检索到能回答这个问题的内容。"))
    assert drawn(message) == "没有检索到能回答这个问题的内容。"


def test_a_quote_longer_than_a_screen_is_folded():
    long = quote("一" * 401)
    (message,) = delivered(Reply("zh", quotes=(FEE, long)))
    assert parts(message, "blockquote") == [FEE.text]
    assert parts(message, "expandable_blockquote") == [long.text]


def test_an_overlong_passage_is_cut_to_the_sentence_that_answers_and_its_neighbours():
    answer = "这一句才是回答。"
    text = "前面的话。" * 500 + answer + "后面的话。" * 500
    (message,) = delivered(Reply("zh", "lead", (quote(text, answer),), tail="tail"))
    (shown,) = quotations([message])
    assert shown.startswith("……前面的话。")
    assert shown.endswith("后面的话。……")
    assert shown.strip("…") in text
    assert parts(message, "bold") == [answer]
    assert LIMIT - 30 < units(message["text"]) <= LIMIT


def test_an_overlong_sentence_is_cut_around_the_words_that_matched():
    text = "长" * 3000 + "会费" + "🧧" * 3000
    (message,) = delivered(Reply("en", quotes=(quote(text, marks=["会费"]),)))
    (shown,) = quotations([message])
    assert parts(message, "underline") == ["会费"]
    assert (shown[0], shown[-1]) == ("…", "…")
    assert shown.strip("…") in text


def test_long_passages_share_one_message_and_the_short_one_stays_whole():
    long = quote("长句子。" * 1000, "长句子。")
    messages = delivered(Reply("zh", "lead", (long, FEE, long)))
    assert len(messages) == 1
    assert quotations(messages)[1] == FEE.text


def test_a_list_too_long_for_one_message_is_cut_between_its_lines():
    lines = [f"· 来源 {n}（{n} 篇）" for n in range(600)]
    messages = delivered(Reply("zh", "\n".join(lines)))
    assert len(messages) > 1
    assert [line for m in messages for line in m["text"].splitlines()] == lines


def test_words_without_a_line_end_are_cut_all_the_same():
    messages = delivered(Reply("zh", "字" * 9000))
    assert "".join(m["text"] for m in messages) == "字" * 9000


def test_an_overlong_citation_keeps_its_beginning_and_the_line_numbers():
    (message,) = delivered(Reply("zh", quotes=(quote("短", title="题" * 5000),)))
    (citation,) = parts(message, "italic")
    assert units(citation) <= LONGEST_CITATION
    assert citation.startswith("1. 工会报")
    assert citation.endswith("000.txt 第 3–5 行 ｜ q1")


def test_many_matching_words_stay_below_the_limit_of_entities():
    text = "会费，" * 200
    busy = Quote(
        "q", text, ((0, 600),), (0, 600), tuple((n, n + 2) for n in range(0, 600, 3)), 1.0,
        FEE.citation, "",
    )  # fmt: skip
    (message,) = delivered(Reply("zh", quotes=(busy, busy, busy)))
    assert len(message["entities"]) <= 100


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    """Passages nobody would write: any length, emoji, rare characters, blank lines."""
    alphabet = "会费工作。！？；，.;x y\n\u3000🧧𠮷👨‍👩‍👧é…”"
    unit = draw(st.text(alphabet, min_size=1, max_size=60).filter(str.strip))
    text = (unit * 5000)[: draw(st.integers(1, 5000))]
    text = text if text.strip() else text + "会"
    place = st.integers(0, len(text))
    answer = sorted((draw(place), draw(place)))
    points = sorted(draw(st.sets(place, max_size=80)))
    marks = tuple(zip(points[::2], points[1::2], strict=False))
    title = draw(st.text("题名𠮷🧧 a", min_size=1, max_size=20).filter(str.strip)).strip()
    citation = Citation("来源", "a.txt", title, (), Place("page", 1, 1))
    return Quote("q", text, ((0, len(text)),), (answer[0], answer[1]), marks, 0.5, citation, "")


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.lists(quotes(), min_size=1, max_size=3),
    st.sampled_from(["zh", "en"]),
    st.sampled_from(["", "最接近的是：", "🧧" * 1500]),
    st.sampled_from(["", "还有 2 段，发 /more 继续看。"]),
)
def test_whatever_is_quoted_telegram_takes_it_and_it_is_shown_word_for_word(
    shown, language, lead, tail
):
    messages = delivered(Reply(language, lead, tuple(shown), 1, tail))
    dots = ELLIPSIS[language]
    bodies = quotations(messages)
    assert len(bodies) == len(shown), "every quote is in one piece"
    for number, (original, body) in enumerate(zip(shown, bodies, strict=True), 1):
        assert body in original.text or body.removeprefix(dots).removesuffix(dots) in original.text
        (home,) = [
            m
            for m in messages
            if f"{body}\n{number}. 来源 ｜ {original.citation.title}" in m["text"]
        ]
        bold = parts(home, "bold")
        answer = original.text[slice(*original.answer)]
        assert not answer.strip() or any(part in answer for part in bold)
    fits = sum(units(q.text) for q in shown) + units(lead) + units(tail) + 60 * len(shown) < LIMIT
    assert len(messages) == 1 or not fits
    assert "\n\n".join(m["text"] for m in messages).startswith(lead)
    assert messages[-1]["text"].endswith(tail)
