"""Plain text: every line that is not blank becomes a block; mending makes paragraphs of them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from retrieval.blocks import Block, NotReadable, Place, Reading, Span, line_at

_MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
_LINE = re.compile(r"(?P<text>[^\r\n]*)(?:\r\n|\n|\r|$)")


def read_plain(data: bytes) -> Reading:
    """Read UTF-8 or UTF-16 text; raise NotReadable for anything else."""
    text = decode(data)
    blocks = [
        Block((span,), Place("lines", number, number)) for number, span in lines(text) if span
    ]
    return Reading(text, tuple(blocks), raw=True)


def lines(text: str) -> Iterator[tuple[int, Span | None]]:
    """Yield each line's number, from 1, and its slice without the white space around it.

    A blank line has no slice.  Only CR, LF and CR LF end a line, as in an editor:
    `str.splitlines` would also count form feeds and other rare characters.
    """
    for number, match in enumerate(_LINE.finditer(text), 1):
        stripped = match["text"].strip()
        if not stripped:
            yield number, None
            continue
        start = match.start() + match["text"].index(stripped)
        yield number, (start, start + len(stripped))


def decode(data: bytes) -> str:
    """Return the characters behind a text file's bytes, the byte order mark dropped."""
    encoding, mark = next(((e, m) for e, m in _MARKS.items() if data.startswith(m)), ("utf-8", b""))
    data = data[len(mark) :]
    if encoding == "utf-8" and b"\0" in data:
        raise NotReadable("is not text but binary data; convert it to text first")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = line_at(data[: error.start].decode(encoding, "ignore"), error.start)
        raise NotReadable(
            f"is not {encoding[:6].upper().rstrip('-')} text (line {line}); save it as UTF-8"
        ) from error
