"""What to do when Telegram says "too many requests": wait as long as it says, then go on.

python-telegram-bot's AIORateLimiter halts all chats for the sake of one; this one halts the
chat that was meant.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.constants import FloodLimit
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

log = logging.getLogger(__name__)

PATIENCE = 60  # seconds: who is told to wait longer is not answered at all
TRIES = 3


class Pacing(BaseRateLimiter[None]):
    """At most 30 messages a second, as Telegram asks; pauses a chat where it asks for more."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._overall = AsyncLimiter(int(FloodLimit.MESSAGES_PER_SECOND), 1)

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to put away."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 -- the base class leaves it open
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:  # noqa: ANN401
        """Make a request; again after a pause, when Telegram asks for one of bearable length.

        Nobody else waits with it: messages of one chat take turns anyway (see handlers).
        """
        for left in reversed(range(TRIES)):
            if "chat_id" in data:
                await self._overall.acquire()
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                pause = error.retry_after
                seconds = pause.total_seconds() if isinstance(pause, timedelta) else pause
                if not left or seconds > PATIENCE:
                    raise
                log.info("%s: Telegram asks to wait %d s", endpoint, seconds)
                await self._sleep(seconds)
