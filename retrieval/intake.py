"""Files to the store: what is new, changed or gone since the last time, and only that.

In: the sources and the store.  Out: a changed store.  An unchanged file costs a stat.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.errors import UnreadableFile
from retrieval.folding import fold
from retrieval.passages import context, cut
from retrieval.sources import FileContent, Source, files, read, reading_version
from retrieval.store import FileState, Store, StoredPassage
from retrieval.terms import Analyzer

SETTLED_NS = 2_000_000_000  # a file changed so recently may change again within its time stamp


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files differ from what the store holds."""

    files: int  # that there are
    changed: tuple[tuple[str, str, Path], ...]  # source, path inside it, path: new or changed
    removed: tuple[tuple[str, str], ...]  # source, path inside it

    def __bool__(self) -> bool:
        """Return whether there is anything to do."""
        return bool(self.changed or self.removed)


def find_changes(store: Store, sources: Collection[Source]) -> Changes:
    """Compare the files of the sources with the store's manifest."""
    held = store.manifest()
    present: set[tuple[str, str]] = set()
    changed = []
    for source in sources:
        for file, path in files(source):
            present.add((source.name, file))
            if not _is_unchanged(held.get((source.name, file)), path):
                changed.append((source.name, file, path))
    return Changes(len(present), tuple(changed), tuple(sorted(held.keys() - present)))


def take_in(store: Store, sources: Collection[Source], analyzer: Analyzer) -> Changes:
    """Bring the store in line with the files, in one step, and return what was done.

    A file that cannot be read is noted with the reason.  Raises StoreUnusable, the store as
    before, where it cannot be written.
    """
    with store.changing():
        changes = find_changes(store, sources)  # another process may have been faster
        for source, file, path in changes.changed:
            _take_in_file(store, analyzer, source, file, path)
        for source, file in changes.removed:
            store.forget(source, file)
    return changes


def _is_unchanged(held: FileState | None, path: Path) -> bool:
    if held is None:
        return False
    if held.is_unreadable:
        return not os.access(path, os.R_OK)  # until permission is given
    try:
        stat = path.stat()
    except OSError:
        return False
    same = (held.size, held.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    return same and held.settled and held.version == reading_version()


def _take_in_file(store: Store, analyzer: Analyzer, source: str, file: str, path: Path) -> None:
    now = time.time_ns()
    try:
        stat = path.stat()
    except OSError as error:
        store.put(source, file, FileState.unreadable(f"cannot be read: {error.strerror}"))
        return
    state = FileState(
        size=stat.st_size,
        mtime_ns=stat.st_mtime_ns,
        settled=stat.st_mtime_ns < now - SETTLED_NS,
        version=reading_version(),
    )
    try:
        content = read(source, file, path, analyzer.cut)
    except UnreadableFile as error:
        if not os.access(path, os.R_OK):
            state = FileState.unreadable(error.reason)
        store.put(source, file, replace(state, problem=error.reason))
        return
    state = replace(
        state, hash=content.hash, documents=len(content.documents), encoding=content.encoding
    )
    held = store.state(source, file)
    if held and (held.hash, held.version) == (state.hash, state.version):
        store.touch(source, file, state)
    else:
        store.put(source, file, state, list(_prepared(content, analyzer)))
        if content.extracted:
            store.put_text(source, file, content.text)


def _prepared(content: FileContent, analyzer: Analyzer) -> Iterator[StoredPassage]:
    """Yield a file's passages with all that search needs of them."""
    for document in content.documents:
        for passage in cut(document, content.text):
            folded = fold(passage.text)
            around = fold(context(document, passage, content.text, analyzer.cut))
            yield StoredPassage(
                passage,
                folded.text,
                around.text,
                tuple(term.text for term in analyzer.words(folded)),
                tuple(term.text for term in analyzer.words(around)),
            )
