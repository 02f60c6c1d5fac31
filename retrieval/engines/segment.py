"""A segment: some files' passages and their postings, as one run of bytes that never changes.

In: the bytes that building.py makes.  Out: postings, read in place: of a mapped file nothing is
parsed at the start, and nothing loaded but what a search looks at.

The bytes are named arrays: MAGIC, the length of a table in JSON (name: type, place, length),
the table, the arrays.  Passages are numbered by their ids, terms of a field by their bytes.
An id is kept in two parts: all passages of a document share the first.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.engines.postings import Numbers, Postings, decode, decode_one

MAGIC = b"youju-2\n"  # raise the number whenever anything here or in postings.py changes
ALIGNED = 8  # bytes

Key = tuple[str, str]  # source, file


class Segment:
    """What `buffer` holds.  Raises ValueError or KeyError where it is no segment."""

    def __init__(self, buffer: bytes | memoryview) -> None:
        self.buffer = view = memoryview(buffer)
        if bytes(view[: len(MAGIC)]) != MAGIC:
            raise ValueError("no segment of this version")
        start = len(MAGIC) + 8
        size = int.from_bytes(view[len(MAGIC) : start], "little")
        self._table: Mapping[str, tuple[str, int, int]] = json.loads(bytes(view[start:][:size]))
        self._arrays = view[start + size :]
        self.file_of = self.array("file_of")  # the number of each passage's file
        self.size = len(self.file_of)
        self._tails = _Strings(self.array("tails"), self.array("tails.ends"))
        self._heads = _Strings(self.array("heads"), self.array("heads.ends"))
        self._head_of = self.array("head_of")
        self._head = lru_cache(8192)(self._read_head)

    def array(self, name: str) -> NDArray[Any]:
        """Return one of the arrays, in place."""
        type_, at, length = self._table[name]
        return np.frombuffer(self._arrays, type_, length, at)

    @cached_property
    def files(self) -> tuple[Key, ...]:
        """The files, by number."""
        return tuple(
            (source, file)
            for source, file in json.loads(zlib.decompress(self.array("files").tobytes()))
        )

    @cached_property
    def file_numbers(self) -> dict[Key, int]:
        """The number of each file."""
        return {key: number for number, key in enumerate(self.files)}

    @cached_property
    def fields(self) -> dict[str, FieldPart]:
        """The fields that any passage has terms in."""
        names = [name[: -len(".lengths")] for name in self._table if name.endswith(".lengths")]
        return {name: FieldPart(self, name) for name in names}

    def id(self, passage: int) -> str:
        """Return the id of a passage."""
        tail: bytes = self._tails[passage]
        return self._head(int(self._head_of[passage])) + tail.decode(errors="surrogatepass")

    def ids(self) -> list[str]:
        """Return the ids of all passages, in order."""
        return [self.id(passage) for passage in range(self.size)]

    def _read_head(self, number: int) -> str:
        return zlib.decompress(self._heads[number]).decode(errors="surrogatepass")

    def alive(self, left_out: Collection[int]) -> NDArray[np.bool_]:
        """Return which passages stay when some files are left out, by their numbers."""
        stays = np.ones(len(self.files), dtype=bool)
        stays[list(left_out)] = False
        mask: NDArray[np.bool_] = stays[self.file_of]
        return mask


class FieldPart:
    """The terms of one field in one segment."""

    def __init__(self, segment: Segment, name: str) -> None:
        self.lengths = segment.array(f"{name}.lengths")  # terms in each passage
        self.terms = _Strings(segment.array(f"{name}.terms"), segment.array(f"{name}.terms.ends"))
        self.frequencies = segment.array(f"{name}.frequencies")  # passages with each term
        self._data = segment.array(f"{name}.data")
        self._ends = segment.array(f"{name}.data.ends")

    def find(self, term: bytes) -> int | None:
        """Return a term's number, None for one that stands nowhere."""
        at = bisect_left(self.terms, term)
        return at if at < len(self.terms) and self.terms[at] == term else None

    def passages(self, term: int) -> tuple[Numbers, NDArray[np.float32]]:
        """Return the passages that hold a term, by its number, and how often each does."""
        start, end = int(self._ends[term - 1]) if term else 0, int(self._ends[term])
        return decode_one(self._data[start:end].tobytes(), int(self.frequencies[term]))

    def postings(self, start: int, end: int) -> Postings:
        """Return the postings of some terms, by their numbers."""
        ends = self._ends[start:end].astype(np.int64)
        origin = int(self._ends[start - 1]) if start else 0
        data = self._data[origin : int(ends[-1]) if len(ends) else origin].tobytes()
        frequencies = self.frequencies[start:end].astype(np.int64)
        return decode(data, np.diff(ends, prepend=origin), frequencies)


class _Strings(Sequence[bytes]):
    """Byte strings, one after another, and where each ends."""

    def __init__(self, data: NDArray[np.uint8], ends: NDArray[Any]) -> None:
        self._data, self._ends = data.data, ends.data

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401  (never a slice)
        return bytes(self._data[self._ends[at - 1] if at else 0 : self._ends[at]])

    def all(self) -> list[bytes]:
        """Return all of them, faster than one by one."""
        data, ends = bytes(self._data), self._ends.tolist()
        return [data[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)] if ends else []


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the bytes that Segment reads."""
    table, at = {}, 0
    pieces: list[bytes | memoryview] = []
    for name, array in arrays.items():
        table[name] = (array.dtype.str, at, len(array))
        padding = -array.nbytes % ALIGNED
        pieces += [array.data.cast("B") if len(array) else b"", bytes(padding)]
        at += array.nbytes + padding
    # Places are counted from the end of the table, whose own length is known only now.
    head = json.dumps(table).encode()
    head += b" " * (-len(head) % ALIGNED)
    return b"".join([MAGIC, len(head).to_bytes(8, "little"), head, *pieces])
