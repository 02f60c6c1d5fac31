"""The Telegram bot as a whole: built from its parts, and kept running.

In: a Conversation and a token.  Out: an exit code, when it is told to stop.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import sys
import time
from datetime import timedelta
from typing import Any

from telegram import BotCommand, LinkPreviewOptions, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ApplicationBuilder, Defaults

from bot import wording
from bot.conversation import Conversation
from bot.telegram.handlers import App, Desk
from bot.telegram.pacing import Pacing
from bot.telegram.redaction import protect_log
from bot.wording import Language

log = logging.getLogger(__name__)

Builder = ApplicationBuilder[Any, Any, Any, Any, Any, Any]

MENUS: dict[str | None, Language] = {None: "en", "zh": "zh"}
"""The language of the menu by that of the person's app; None is all the others."""

READ_TIMEOUT = 20.0  # seconds; a message whose receipt comes later still is sent a second time
SLOWEST = 30.0  # seconds between two attempts to reach Telegram
NEW_OUTAGE = 90.0  # seconds without an error after which the next one is worth a line again


def run(conversation: Conversation, token: str, api: str | None = None) -> int:
    """Answer messages until SIGINT or SIGTERM; 0 then, and 2 if the token is not accepted.

    `api` is the address of a Bot API server, if it is not Telegram's own.
    """
    protect_log()
    if not re.fullmatch(r"\d+:[\w-]+", token):
        print("This is not a bot token: @BotFather gives them out.", file=sys.stderr)
        return 2
    builder = ApplicationBuilder().token(token).read_timeout(READ_TIMEOUT)
    if api:
        base = api.rstrip("/")
        builder = builder.base_url(f"{base}/bot").base_file_url(f"{base}/file/bot")
    try:
        asyncio.run(_until_told(build(conversation, builder)))
    except InvalidToken:
        where = api or "Telegram"
        print(f"{where} does not accept the bot's token: ask @BotFather.", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass
    log.info("stopped")
    return 0


def build(conversation: Conversation, builder: Builder) -> App:
    """Return an Application that answers through `conversation`.

    `builder` says how Telegram is reached: token and addresses, or the requests of a test.
    """
    # python-telegram-bot warns at each pause unless its durations are timedeltas.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    application = (
        builder.defaults(
            Defaults(
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                allow_sending_without_reply=True,  # in groups: it may be deleted meanwhile
            )
        )
        .concurrent_updates(True)
        .rate_limiter(Pacing())
        .build()
    )
    Desk(conversation).attach(application)
    return application


async def serve(application: App) -> None:
    """Answer messages until cancelled; then finish those that are being answered.

    Raises InvalidToken.  Any other trouble with the network is waited out.
    """
    # Application.run_polling does much the same, but is silent while Telegram cannot be
    # reached, and logs a traceback with the token in it when that is not accepted.
    updater = application.updater
    assert updater is not None
    try:
        await _connect(application)
        await _announce(application)
        await updater.start_polling(
            allowed_updates=[Update.MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY],
            bootstrap_retries=-1,
            error_callback=Interruptions(),
        )
        await application.start()
        log.info("answering as @%s", application.bot.username)
        await asyncio.Event().wait()
    finally:
        if updater.running:
            await updater.stop()
        if application.running:
            await application.stop()
        await application.shutdown()
        await application.bot.shutdown()  # where the application did not get as far as that


class Interruptions:
    """Says why no messages come: once, and not at each of the polls that fail."""

    def __init__(self) -> None:
        self._said: type[TelegramError] | None = None
        self._last = 0.0

    def __call__(self, error: TelegramError) -> None:
        """Take note of a failed poll."""
        again = type(error) is self._said and time.monotonic() - self._last < NEW_OUTAGE
        self._said, self._last = type(error), time.monotonic()
        if again:
            log.debug("still no messages: %s", error)
        elif isinstance(error, Conflict):
            log.error("another copy of this bot is running: stop one of them (%s)", error)
        else:
            log.warning("no messages for now, trying on: %s", error)


async def _until_told(application: App) -> None:
    """Serve until SIGTERM; SIGINT is asyncio's own care."""
    task = asyncio.current_task()
    assert task is not None
    if sys.platform != "win32":  # which has no such signal to be told by
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await serve(application)


async def _connect(application: App) -> None:
    """Say hello to Telegram, as often as it takes."""
    pause = 1.0
    while True:
        try:
            await application.initialize()
            return
        except InvalidToken:
            raise
        except TelegramError as error:
            if pause == 1.0:
                log.warning("cannot reach Telegram, trying on: %s", error)
            if isinstance(error, RetryAfter) and isinstance(error.retry_after, timedelta):
                pause = max(pause, error.retry_after.total_seconds())
        await asyncio.sleep(pause)
        pause = min(2 * pause, SLOWEST)


async def _announce(application: App) -> None:
    """Set the menu of commands."""
    try:
        for code, language in MENUS.items():
            menu = [BotCommand(name, what) for name, what in wording.COMMANDS[language].items()]
            await application.bot.set_my_commands(menu, language_code=code)
    except TelegramError as error:  # the commands work without a menu
        log.warning("the menu of commands could not be set: %s", error)
