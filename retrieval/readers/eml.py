"""A mail to its text: the subject as its heading, sender and date, and what was written.

In: the bytes of an .eml file.  Out: a Reading of extracted text, a block a paragraph.  Where the
mail is there both as text and as HTML, the text is taken.  Attachments are named, not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message

from retrieval.blocks import NotReadable, Reading, Role
from retrieval.readers.html import Piece, laid_out, pieces_of
from retrieval.readers.plain import decode, decode_declared, lines, strictly

_NO_MAIL = "is no mail: it names neither sender nor subject; save it as .eml in the mail program"
_DAMAGED = "is a damaged mail; save it as .eml in the mail program once more"
_SENTENCE_ENDS = re.compile(r"[。！？]$")
# A mail program wraps its lines at some 76 columns: what is shorter was ended by its writer,
# what is longer was not wrapped.
_WRAPPED = range(60, 101)


def read(data: bytes) -> Reading:
    """Read a mail; raise NotReadable if it is none, or damaged."""
    try:
        # The newer policy's parser of fields raises on some that are only malformed.
        mail = message_from_bytes(data, policy=policy.compat32)
        subject, sender = _header(mail, "subject"), _header(mail, "from")
        if not subject and not sender:
            raise NotReadable(_NO_MAIL)
        pieces = [Piece((subject,), 1, Role.HEADING)] if subject else []
        if byline := tuple(filter(None, (sender, _header(mail, "date")))):
            pieces.append(Piece(byline, role=Role.BYLINE))
        bodies, attached = _parts(mail)
        for body in bodies:
            pieces.extend(_written(body))
        if names := tuple(filter(None, map(_file_name, attached))):
            pieces.append(Piece(names, role=Role.NOTICE))
    except NotReadable:
        raise
    # Damaged fields, or thousands of parts inside each other, raise many kinds of errors.
    except Exception as error:
        raise NotReadable(_DAMAGED) from error
    text, blocks = laid_out(enumerate(pieces, 1), "part")
    return Reading(text, blocks, extracted=True, title=subject)


# --- parts --------------------------------------------------------------------------------------


def _parts(part: Message) -> tuple[list[Message], list[Message]]:
    """Return the parts that are the message, and those that are attached to it."""
    kind, inner = part.get_content_type(), part.get_payload()
    if kind.startswith("multipart/") and isinstance(inner, list):
        found = [_parts(sub) for sub in inner if isinstance(sub, Message)]
        bodies = [body for some, _ in found for body in some]
        if kind == "multipart/alternative":
            bodies = _preferred([some for some, _ in found if some])
        return bodies, [attachment for _, some in found for attachment in some]
    disposed = _disposition(part)
    if kind in ("text/plain", "text/html") and disposed != "attachment":
        return [part], []
    return [], [part]


def _preferred(alternatives: list[list[Message]]) -> list[Message]:
    for kind in ("text/plain", "text/html"):
        for bodies in alternatives:
            if any(body.get_content_type() == kind and _bytes(body).strip() for body in bodies):
                return bodies
    return []


def _written(body: Message) -> Iterator[Piece]:
    try:
        declared = str(body.get_content_charset() or "")
        text, _ = decode_declared(_bytes(body), declared)
    except NotReadable as error:
        advice = "open it in the mail program and save what it says as UTF-8 text"
        raise NotReadable(f"is a mail whose characters cannot be told; {advice}") from error
    if body.get_content_type() == "text/html":
        yield from pieces_of(text)[1]
    else:
        yield from _paragraphs(text)


def _paragraphs(text: str) -> Iterator[Piece]:
    paragraph: list[str] = []
    for _, span in lines(text):
        line = text[slice(*span)] if span else ""
        if line:
            paragraph.append(line)
        if paragraph and (_columns(line) not in _WRAPPED or _SENTENCE_ENDS.search(line)):
            yield Piece(tuple(paragraph))
            paragraph.clear()
    if paragraph:
        yield Piece(tuple(paragraph))


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


# --- what the fields hold -----------------------------------------------------------------------


def _header(mail: Message, name: str) -> str:
    """Return a field as its writer meant it, on one line; "" where there is none."""
    raw = next((str(value) for key, value in mail.raw_items() if key.lower() == name), "")
    return _unfolded(raw)


def _unfolded(raw: str) -> str:
    data = raw.encode("utf-8", "surrogateescape")
    if not data.isascii():  # never encoded, against the rules, and common
        return _one_line(_decoded(data, ""))
    try:
        # Words of one charset come as one: programs cut them in the middle of a character.
        words = decode_header(raw)
    except MessageError:
        return _one_line(raw)
    return _one_line(
        "".join(
            word if isinstance(word, str) else _decoded(word, charset or "")
            for word, charset in words
        )
    )


def _decoded(data: bytes, charset: str) -> str:
    text = strictly(data, charset) if charset else None
    if text is not None:
        return text
    try:
        return decode(data)[0]
    except NotReadable:  # the rest of the mail is worth more than one field
        return data.decode("ascii", "ignore")


def _one_line(text: str) -> str:
    return " ".join("".join(c for c in text if not "\ud800" <= c <= "\udfff").split())


def _bytes(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _disposition(part: Message) -> str:
    return str(part.get_content_disposition() or "")


def _file_name(part: Message) -> str:
    return _unfolded(str(part.get_filename() or ""))
