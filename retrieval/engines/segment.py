"""A segment: some files' passages and their postings, as one run of bytes that never changes.

In: the bytes that building.py makes.  Out: postings, read in place: of a mapped file nothing is
parsed at the start, and nothing loaded but what a search looks at.

The bytes are named arrays: MAGIC, the length of a table in JSON (name: type, place, length),
the table, the arrays.  Passages are numbered by their ids, terms of a field by their bytes.
An id is kept in two parts: all passages of a document share the first.
"""

from __future__ import annotations

import json
import mmap
import zlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.engines.postings import Numbers, Postings, decode, decode_one

MAGIC = b"youju-4\n"  # raise the number whenever anything here or in postings.py changes
ALIGNED = 8  # bytes

Key = tuple[str, str]  # source, file


class Segment:
    """What `buffer` holds.  Raises ValueError or KeyError where it is no segment."""

    def __init__(self, buffer: bytes | mmap.mmap) -> None:
        self.buffer = buffer
        if buffer[: len(MAGIC)] != MAGIC:
            raise ValueError("no segment of this version")
        start = len(MAGIC) + 8
        size = int.from_bytes(buffer[len(MAGIC) : start], "little")
        self._table: Mapping[str, tuple[str, int, int]] = json.loads(buffer[start : start + size])
        self._start = start + size
        self.file_of = self.array("file_of")  # the number of each passage's file
        self.size = len(self.file_of)
        self._tails = self.strings("tails")
        self._heads = self.strings("heads")
        self._head_of = self.array("head_of")
        self._head = lru_cache(8192)(self._read_head)

    def array(self, name: str) -> NDArray[Any]:
        """Return one of the arrays, in place."""
        type_, at, length = self._table[name]
        return np.frombuffer(self.buffer, type_, length, self._start + at)

    def strings(self, name: str) -> Strings:
        """Return byte strings that are kept as an array, and another of where each ends."""
        return Strings(self.buffer, self._start + self._table[name][1], self.array(f"{name}.ends"))

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

    def ids(self, passages: NDArray[np.intp] | None = None) -> list[str]:
        """Return the ids of some passages; if none are given, of all, in order."""
        if passages is None:
            heads, tails = self._head_of, self._tails.all()
        else:
            heads, tails = self._head_of[passages], self._tails.some(passages)
        return [
            head + tail.decode("utf-8", "surrogatepass")
            for head, tail in zip(map(self._head, heads.tolist()), tails, strict=True)
        ]

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
        self.terms = segment.strings(f"{name}.terms")
        self.frequencies = segment.array(f"{name}.frequencies")  # passages with each term
        self._data = segment.strings(f"{name}.data")

    def find(self, term: bytes) -> int | None:
        """Return a term's number, None for one that stands nowhere."""
        at = self.terms.bisect(term)
        return at if at < len(self.terms) and self.terms[at] == term else None

    def passages(self, term: int) -> tuple[Numbers, NDArray[np.float32]]:
        """Return the passages that hold a term, by its number, and how often each does."""
        return decode_one(self._data[term], int(self.frequencies[term]))

    def postings(self, start: int, end: int) -> Postings:
        """Return the postings of some terms, by their numbers."""
        data, ends = self._data.joined(start, end)
        frequencies = self.frequencies[start:end].astype(np.int64)
        return decode(data, np.diff(ends, prepend=0), frequencies)


class Strings(Sequence[bytes]):
    """Byte strings, one after another, read in place."""

    def __init__(self, buffer: bytes | mmap.mmap, start: int, ends: NDArray[Any]) -> None:
        self._buffer, self._start = buffer, start
        self._ends, self._places = ends, ends.data  # of each, counted from `start`; as ints

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401  (never a slice)
        start, ends = self._start, self._places
        return self._buffer[start + ends[at - 1] if at else start : start + ends[at]]

    def bisect(self, sought: bytes) -> int:
        """Return how many are lower, where they are in order; twice as fast as bisect_left."""
        buffer, start, ends = self._buffer, self._start, self._places
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            first = start + ends[middle - 1] if middle else start
            if buffer[first : start + ends[middle]] < sought:
                low = middle + 1
            else:
                high = middle
        return low

    def some(self, places: NDArray[np.intp]) -> list[bytes]:
        """Return some of them, faster than one by one."""
        buffer, start, ends = self._buffer, self._start, self._places
        return [
            buffer[start + ends[at - 1] if at else start : start + ends[at]]
            for at in places.tolist()
        ]

    def all(self) -> list[bytes]:
        """Return all of them, faster than one by one."""
        data, ends = self.joined(0, len(self))
        return [data[a:b] for a, b in pairwise([0, *ends.tolist()])]

    def joined(self, first: int, last: int) -> tuple[bytes, Numbers]:
        """Return those from one number up to another, joined, and where each ends."""
        origin = int(self._ends[first - 1]) if first else 0
        ends = self._ends[first:last].astype(np.int64)
        start, end = self._start + origin, self._start + (int(ends[-1]) if len(ends) else origin)
        return self._buffer[start:end], ends - origin


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
