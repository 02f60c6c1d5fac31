"""File formats: the bytes of a file to its text and blocks, in the order of the file.

To support another format, write a module here with a function `read` from bytes to a
Reading, and add its suffix to READERS.  Nothing else needs to change.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from retrieval.blocks import NotReadable, Reading
from retrieval.readers import markdown, plain

Reader = Callable[[bytes], Reading]


def _when_needed(module: str) -> Reader:
    """Return the reader in `module`, whose library loads only once there is such a file."""

    def read(data: bytes) -> Reading:
        reader: Reader = loaded(module).read
        return reader(data)

    return read


def loaded(module: str) -> ModuleType:
    """Return a module of this package; raise NotReadable if its library is not installed."""
    try:
        return import_module(f"retrieval.readers.{module}")
    except ModuleNotFoundError as error:
        advice = "install them with: pip install 'youju[documents]'"
        raise NotReadable(f"needs libraries that are not installed; {advice}") from error


READERS: dict[str, Reader] = {
    ".txt": plain.read,
    ".text": plain.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".html": _when_needed("html"),
    ".htm": _when_needed("html"),
    ".eml": _when_needed("eml"),
    ".epub": _when_needed("epub"),
    ".docx": _when_needed("docx"),
    ".pptx": _when_needed("pptx"),
    ".xlsx": _when_needed("xlsx"),
    ".csv": _when_needed("csv"),
    ".tsv": _when_needed("csv"),
    ".pdf": _when_needed("pdf"),
}
