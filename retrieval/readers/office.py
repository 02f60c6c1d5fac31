"""What the readers of Office files share: a safe way in, and the text they take out.

In: the bytes of a docx, pptx or xlsx, which is a zip file of XML.  Out: the file to be read, or
NotReadable with one sentence, whatever is wrong with it; and a Reading built block by block.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from retrieval.blocks import Block, NotReadable, Place, Reading, Role
from retrieval.readers.unpacking import check_sizes

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how Office files began before 2007
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_LINE_END = re.compile(r"\s*(?:\r\n|[\n\r\v\f])\s*")
_DEFAULT_TITLES = {"", "Word Document", "PowerPoint Presentation", "PowerPoint 演示文稿"}


@contextmanager
def opened(data: bytes, kind: str) -> Iterator[BytesIO]:
    """Give the file to a library; whatever goes wrong with it there is one sentence here.

    `kind` is how the owner knows such files: "a Word document (.docx)".
    """
    _check(data, kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a library cannot show is nothing we quote
        try:
            yield BytesIO(data)
        except NotReadable:
            raise
        # Broken XML, missing parts, wrong numbers: each raises something else, deep inside.
        except Exception as error:
            raise NotReadable(
                f"is not {kind}, or it is damaged; open it in its program and save it anew"
            ) from error


def _check(data: bytes, kind: str) -> None:
    """Raise NotReadable for what must not even be unpacked."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise NotReadable("is protected with a password; save it without one")
        raise NotReadable(
            f"is an old Office file (.doc, .xls or .ppt) under a new name; save it as {kind}"
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except Exception as error:  # a damaged directory raises more than BadZipFile
        raise NotReadable(f"is not {kind}, or only a part of one; get the whole file") from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise NotReadable("is protected with a password; save it without one")
    check_sizes(entries, len(data))


class Extract:
    """The text taken out of a file, a block after the other, a line end between them."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0

    def __len__(self) -> int:
        """Return how many blocks there are."""
        return len(self._blocks)

    def add(
        self, text: str, place: Place, level: int = 0, role: Role = Role.BODY, *, row: bool = False
    ) -> None:
        """Add a block, or nothing where the text is blank; a level makes it a heading."""
        text = tidy(text)
        if not text:
            return
        span = self._length, self._length + len(text)
        role = Role.HEADING if level else role
        self._blocks.append(Block((span,), place, level, role, row=row))
        self._pieces.append(text)
        self._length += len(text) + 1

    def reading(self, title: str | None = "") -> Reading:
        """Return all of it; a title that the program put there by itself is none."""
        title = " ".join((title or "").split())
        return Reading(
            "\n".join(self._pieces),
            tuple(self._blocks),
            extracted=True,
            title="" if title in _DEFAULT_TITLES else title,
        )


def tidy(text: str) -> str:
    """Return a text with one kind of line end and no blank lines."""
    return _LINE_END.sub("\n", text.strip())
