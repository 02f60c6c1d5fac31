"""What may be unpacked: a few bytes of zip must not fill the memory."""

from __future__ import annotations

from collections.abc import Sequence
from zipfile import ZipInfo

from retrieval.blocks import NotReadable

MOST_BYTES = 200_000_000  # unpacked, all entries together
_MOST_XML = 80_000_000  # of it: in memory its elements take up to 25 times as much
_XML = (".xml", ".xhtml", ".html", ".htm")
_MOST_RATIO = 200  # real documents shrink to a fiftieth at most
_SMALL = 10_000_000  # bytes: below it the ratio does not matter


def check_sizes(entries: Sequence[ZipInfo], packed: int) -> None:
    """Raise NotReadable for a zip of `packed` bytes that unpacks to absurdly many.

    The sizes in its directory bind: zipfile gives out no more of an entry than they say.
    """
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES:
        raise NotReadable(f"unpacks to more than {MOST_BYTES // 10**6} MB; divide it")
    xml = sum(entry.file_size for entry in entries if _is_tree(entry.filename.lower()))
    if xml > _MOST_XML:
        raise NotReadable(f"holds more than {_MOST_XML // 10**6} MB of marked-up text; divide it")
    if size > _SMALL and size > _MOST_RATIO * packed:
        raise NotReadable(f"unpacks to {size // packed} times its size; it is no document")


def _is_tree(name: str) -> bool:
    """Return whether an entry is parsed as a whole; those of a workbook are read row by row."""
    return name.endswith(_XML) and not name.startswith("xl/")
