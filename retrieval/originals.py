"""The files that quotes are from, as they are now.

In: quotes, or the record of one.  Out: whether each stands in its file, word for word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from retrieval.answers import Quote
from retrieval.errors import UnknownSource, UnreadableFile
from retrieval.proof import Proof, Record, check, is_verbatim
from retrieval.shelf import Shelf
from retrieval.sources import Source, ocr_of, parse, read_bytes
from retrieval.walking import path_of


class Originals:
    """The files of some sources.  `folder` keeps what OCR has read.  Thread-safe."""

    def __init__(self, sources: Sequence[Source], folder: Path) -> None:
        self._sources = {source.name: source for source in sources}
        self._folder = folder

    def stand(self, quotes: Sequence[Quote], shelf: Shelf) -> Iterator[bool | None]:
        """Yield whether each quote stands in its file now; None where that cannot be read.

        `shelf` knows what was read before: what has not changed need not be read again.
        """
        texts: dict[tuple[str, str], str | None] = {}
        for quote in quotes:
            file = quote.citation.source, quote.citation.file
            if file not in texts:
                try:
                    texts[file] = self._text(*file, shelf)
                except UnreadableFile:
                    texts[file] = None
            text = texts[file]
            yield None if text is None else is_verbatim(quote, text)

    def verify(self, record: Record) -> Proof:
        """Show whether a quote that was given still stands in its file.

        Raises UnknownSource if its source is configured no more, UnreadableFile if its file
        is gone.
        """
        source = self._source(record.source)
        return check(record, path_of(source, record.file), ocr_of(source, self._folder))

    def _text(self, name: str, file: str, shelf: Shelf) -> str:
        source = self._source(name)
        path = path_of(source, file)
        data = read_bytes(path)
        state = shelf.state(name, file)
        if state and state.hash == hashlib.sha256(data).hexdigest():
            kept = shelf.text(name, file)
            if kept is not None:
                return kept  # taking it out of the file again would give the same
            if state.encoding == "utf-8":
                return data.decode("utf-8-sig")  # which is all that its reader does for the text
        return parse(path, data, ocr_of(source, self._folder)).text

    def _source(self, name: str) -> Source:
        if name not in self._sources:
            raise UnknownSource(f'source "{name}" is not in the configuration any more')
        return self._sources[name]
