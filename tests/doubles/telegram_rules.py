"""The rules of the Bot API, as far as the tests' Telegram needs them: pure functions.

aiogram's models of the Bot API say which methods, parameters and fields there are; the rest
is what Telegram checks beyond types: texts, entities, buttons.
"""

from __future__ import annotations

import inspect
import json
import struct
from collections.abc import Iterator
from typing import Any, get_args

import aiogram.methods
from aiogram.methods.base import TelegramMethod
from aiogram.types import InlineKeyboardMarkup, MessageEntity
from pydantic import BaseModel, TypeAdapter, ValidationError

METHODS: dict[str, type[TelegramMethod[Any]]] = {
    model.__api_method__: model
    for model in vars(aiogram.methods).values()
    if inspect.isclass(model) and issubclass(model, TelegramMethod) and model is not TelegramMethod
}
REASONS = {
    400: "Bad Request: refused by the test",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running",
    429: "Too Many Requests: retry after {retry_after}",
    500: "Internal Server Error",
    502: "Bad Gateway",
}
Json = dict[str, Any]


class Refused(Exception):
    """A request that is answered with an error; `parameters` are Telegram's hints."""

    def __init__(self, status: int, description: str = "", **parameters: int) -> None:
        self.status = status
        self.description = description or REASONS.get(status, "").format(**parameters)
        self.parameters = parameters

    @classmethod
    def bad(cls, why: str) -> Refused:
        return cls(400, f"Bad Request: {why}")


def parsed(method: str, raw: Json) -> tuple[TelegramMethod[Any], list[str]]:
    """A request as a model, and what it has that the Bot API does not know.

    Raises Refused where a value has the wrong type or is missing.
    """
    fields = METHODS[method].model_fields
    known = {name: value for name, value in raw.items() if name in fields}
    outdated = [name for name in known if fields[name].json_schema_extra == {"deprecated": True}]
    try:
        values = {
            name: json.loads(value) if _is_json(value) and not _is_text(fields[name]) else value
            for name, value in known.items()
        }
        call = METHODS[method].model_validate(values)
    except ValueError as error:
        raise Refused.bad(f"wrong type: {error}") from error
    strange = [*sorted(raw.keys() - known.keys()), *outdated, *_extras(call)]
    return call, [f"{method}: unknown or outdated parameter {name!r}" for name in strange]


def faults_of_reply(method: str, result: Any) -> list[str]:
    """What the double says wrongly itself."""
    try:
        model = TypeAdapter(METHODS[method].__returning__).validate_python(result)
    except ValidationError as error:
        return [f"double: {method}: {error}"]
    return [f"double: {method}: unknown field {name!r}" for name in _extras(model)]


def content(call: aiogram.methods.SendMessage | aiogram.methods.EditMessageText) -> Json:
    """Check text, entities and keyboard as Telegram does; give them as they will be shown."""
    text, entities = call.text or "", call.entities or []
    if isinstance(call.parse_mode, str):
        raise Refused(501, "parse_mode is not in the double: send entities")
    _check_entities(text, entities)
    shown = text.strip()
    if not shown:
        raise Refused.bad("message text is empty")
    if _units(shown) > 4096:
        raise Refused.bad("message is too long")
    result: Json = {"text": shown}
    trimmed, end = _units(text[: len(text) - len(text.lstrip())]), _units(shown)
    for entity in entities:
        first = max(entity.offset - trimmed, 0)
        last = min(entity.offset + entity.length - trimmed, end)
        if first < last:
            kept = entity.model_dump(exclude_none=True) | {"offset": first, "length": last - first}
            result.setdefault("entities", []).append(kept)
    if isinstance(call.reply_markup, InlineKeyboardMarkup):
        for button in (b for row in call.reply_markup.inline_keyboard for b in row):
            data = button.callback_data
            if data is not None and not 1 <= len(data.encode()) <= 64:
                raise Refused.bad("BUTTON_DATA_INVALID")
        result["reply_markup"] = call.reply_markup.model_dump(exclude_none=True)
    return result


def _check_entities(text: str, entities: list[MessageEntity]) -> None:
    """Within the text, in whole UTF-16 characters, one inside another or apart."""
    units = struct.unpack(f"<{_units(text)}H", text.encode("utf-16-le"))
    if len(entities) > 100:
        raise Refused.bad("too many entities")
    open_until: list[tuple[int, bool]] = []
    for entity in sorted(entities, key=lambda e: (e.offset, -e.length)):
        start, end = entity.offset, entity.offset + entity.length
        where = f"entity beginning at UTF-16 offset {start}"
        if start < 0 or end <= start:
            raise Refused.bad("receive an entity with incorrect offset or length")
        if end > len(units):
            raise Refused.bad(f"{where} ends after the end of the text at {end}")
        if any(p < len(units) and 0xDC00 <= units[p] <= 0xDFFF for p in (start, end)):
            raise Refused.bad(f"{where} starts or ends in the middle of a UTF-16 symbol")
        while open_until and open_until[-1][0] <= start:
            open_until.pop()
        quote = entity.type in ("blockquote", "expandable_blockquote")
        if open_until and (end > open_until[-1][0] or (quote and any(q for _, q in open_until))):
            raise Refused.bad(f"{where} is not nested properly")
        open_until.append((end, quote))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _is_json(value: object) -> bool:
    return isinstance(value, str) and value[:1] in ("[", "{")


def _is_text(field: Any) -> bool:
    return str in (field.annotation, *get_args(field.annotation))


def _extras(value: Any, path: str = "") -> Iterator[str]:
    """The fields that a model was given and does not know, however deep."""
    if isinstance(value, BaseModel):
        yield from (f"{path}{name}" for name in value.model_extra or ())
        for name in value.model_fields_set:
            yield from _extras(getattr(value, name, None), f"{path}{name}.")
    elif isinstance(value, list):
        for item in value:
            yield from _extras(item, path)
