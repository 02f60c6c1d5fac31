"""File formats: the bytes of a file to its text and blocks, in the order of the file.

To support another format, write a module here with a function from bytes to a
Reading, and add its suffix to READERS.  Nothing else needs to change.
"""

from __future__ import annotations

from collections.abc import Callable

from retrieval.blocks import Reading
from retrieval.readers.markdown import read_markdown
from retrieval.readers.plain import read_plain

READERS: dict[str, Callable[[bytes], Reading]] = {
    ".txt": read_plain,
    ".md": read_markdown,
}
