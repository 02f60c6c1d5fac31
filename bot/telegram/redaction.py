"""Keeps bot tokens out of the log: every address of the Bot API holds one.

In: log records.  Out: the same records, with `<token>` for whatever looks like a token, in
the message, its arguments and the traceback.
"""

from __future__ import annotations

import logging
import re

TOKEN = re.compile(r"\d{6,}:[\w-]{30,}")
CHATTY = ("httpx", "httpcore")  # at INFO and DEBUG they log the address of each request


def protect_log() -> None:
    """Redact what the handlers of the root logger write, and quiet the HTTP client."""
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # A filter on a logger misses the records of its children; on a handler it sees them all.
    for handler in (*logging.getLogger().handlers, logging.lastResort):
        if handler and not any(isinstance(old, Redaction) for old in handler.filters):
            handler.addFilter(Redaction())


def redacted(text: str) -> str:
    """Return `text` without the tokens in it."""
    return TOKEN.sub("<token>", text)


class Redaction(logging.Filter):
    """Takes tokens out of each record, and lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the message and the traceback into words now, and redact these."""
        record.msg, record.args = redacted(record.getMessage()), None
        if record.exc_info:
            # A formatter uses exc_text where it is set, and does not look at exc_info then.
            text = record.exc_text or logging.Formatter().formatException(record.exc_info)
            record.exc_text = redacted(text)
        if record.stack_info:
            record.stack_info = redacted(record.stack_info)
        return True
