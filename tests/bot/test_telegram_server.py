"""The tests' Telegram is as strict as the real one: else what it takes would prove nothing."""

import json

import pytest
from telegram_server import CUT, TOKEN, TelegramServer, drawn

ANN, STRANGER = 7, 99


@pytest.fixture
def server() -> TelegramServer:
    server = TelegramServer()
    server.say(ANN, "?")
    return server


async def call(server: TelegramServer, method: str, **values: object) -> tuple[int, object]:
    """Status, and the result or the description of the error; values as a form has them."""
    raw = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    status, body = await server.handle(TOKEN, method, raw)
    answer = json.loads(body)
    return status, answer.get("result", answer.get("description"))


def bold(offset: int, length: int, kind: str = "bold") -> dict:
    return {"type": kind, "offset": offset, "length": length}


@pytest.mark.parametrize(
    ("why", "values"),
    [
        ("chat not found", {"chat_id": STRANGER, "text": "x"}),
        ("text is empty", {"text": " \n"}),
        ("too long", {"text": "🧧" * 2049}),
        ("Field required", {}),
        ("valid integer", {"text": "x", "entities": [bold("a", 1)]}),
        ("after the end", {"text": "🧧", "entities": [bold(0, 3)]}),
        ("middle of a UTF-16", {"text": "🧧", "entities": [bold(0, 1)]}),
        ("middle of a UTF-16", {"text": "🧧", "entities": [bold(1, 1)]}),
        ("incorrect offset or length", {"text": "x", "entities": [bold(0, 0)]}),
        ("not nested", {"text": "abcd", "entities": [bold(0, 3), bold(1, 3, "italic")]}),
        ("not nested", {"text": "ab", "entities": [bold(0, 2, "blockquote")] * 2}),
        ("too many", {"text": "x", "entities": [bold(0, 1)] * 101}),
        ("replied not found", {"text": "x", "reply_parameters": {"message_id": 99}}),
        (
            "BUTTON_DATA_INVALID",
            {
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "b", "callback_data": "会" * 22}]]},
            },
        ),
    ],
)
async def test_it_refuses_what_telegram_refuses(server, why, values):
    status, description = await call(server, "sendMessage", **{"chat_id": ANN} | values)
    assert (status, why in str(description)) == (400, True), description


async def test_it_takes_as_much_as_telegram_takes(server):
    entities = [bold(0, 4096, "blockquote"), bold(2, 4), bold(2, 2, "underline")]
    reply = {"message_id": 99, "allow_sending_without_reply": True}
    status, message = await call(
        server, "sendMessage", chat_id=ANN, text="🧧" * 2048, entities=entities,
        reply_parameters=reply,
    )  # fmt: skip
    assert status == 200
    assert message["entities"] == entities
    assert server.violations == []


async def test_white_space_around_a_message_is_cut_off_and_entities_move_along(server):
    _, message = await call(
        server, "sendMessage", chat_id=ANN, text="\n ab \n", entities=[bold(0, 6)]
    )
    assert drawn(message) == "⟦bold:ab⟧"


async def test_unknown_parameters_fields_and_methods_are_violations(server):
    await call(server, "sendMessage", chat_id=ANN, text="x", colour="red")
    await call(server, "sendMessage", chat_id=ANN, text="x", reply_to_message_id=1)
    await call(server, "sendMessage", chat_id=ANN, text="x", entities=[bold(0, 1) | {"hue": 1}])
    status, _ = await call(server, "sendDice", chat_id=ANN)
    assert status == 501
    for name in ("colour", "reply_to_message_id", "entities.hue", "sendDice"):
        assert any(name in violation for violation in server.violations)


async def test_a_message_is_edited_only_to_something_else(server):
    _, message = await call(server, "sendMessage", chat_id=ANN, text="x")
    which = {"chat_id": ANN, "message_id": message["message_id"]}
    status, description = await call(server, "editMessageText", **which, text="x")
    assert (status, "not modified" in description) == (400, True)
    status, message = await call(server, "editMessageText", **which, text="y")
    assert (status, message["text"]) == (200, "y")
    status, description = await call(server, "editMessageText", chat_id=ANN, message_id=1, text="y")
    assert (status, "can't be edited" in description) == (400, True)


async def test_an_update_is_given_again_until_it_is_confirmed(server):
    for _ in range(2):
        _, (update,) = await call(server, "getUpdates")
    _, rest = await call(server, "getUpdates", offset=update["update_id"] + 1)
    assert rest == []


async def test_only_the_updates_that_were_asked_for_are_kept(server):
    await call(server, "getUpdates", allowed_updates=["edited_message"], offset=9999)
    server.edit(ANN, server.say(ANN, "x"), "y")
    _, (update,) = await call(server, "getUpdates")
    assert "edited_message" in update


async def test_tokens_webhooks_blocks_and_ordered_faults_have_their_status(server):
    assert (await server.handle("nonsense", "getMe", {}))[0] == 404
    assert (await server.handle(TOKEN + "x", "getMe", {}))[0] == 401
    server.webhook = "https://example.org"
    assert (await call(server, "getUpdates"))[0] == 409
    server.fail_next("getMe", 429, retry_after=3)
    assert await call(server, "getMe") == (429, "Too Many Requests: retry after 3")
    server.fail_next("getMe", CUT)
    assert (await call(server, "getMe"))[0] == CUT
    server.block(ANN)
    status, description = await call(server, "sendMessage", chat_id=ANN, text="x")
    assert (status, "blocked by the user" in description) == (403, True)
