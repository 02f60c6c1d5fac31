"""Segments made of batches, or of other segments.

In: batches as they come, or segments with the files to leave out.  Out: a segment, in memory,
which takes a few bytes a posting, and little more while it is made.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, compress, count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.engines import Batch
from retrieval.engines.columns import Columns
from retrieval.engines.postings import Numbers, Postings, encode
from retrieval.engines.segment import FieldPart, Key, Segment, packed

AT_ONCE = 250_000  # postings merged in one step: it takes 25 MB

Arrays = dict[str, NDArray[Any]]


class Builder:
    """Files on their way into a segment."""

    def __init__(self) -> None:
        self.tokens = 0
        self.keys: dict[Key, None] = {}
        self._passages: list[tuple[str, int]] = []  # id, number of the file
        self._fields: defaultdict[str, _FieldBuilder] = defaultdict(_FieldBuilder)

    def add(self, batch: Batch) -> None:
        """Take in a file, which must not be there yet."""
        if not batch.entries:
            return
        number = len(self.keys)
        self.keys[batch.key] = None
        columns = Columns.of(batch.entries)
        for name, texts in columns.fields.items():
            self.tokens += self._fields[name.value].add(len(self._passages), texts)
        self._passages += [(passage, number) for passage in columns.passages]

    def segment(self) -> Segment:
        """Return the segment."""
        passages = self._passages
        order = sorted(range(len(passages)), key=passages.__getitem__)
        files = np.array([passages[i][1] for i in order], dtype=np.int64)
        arrays = _head([passages[i][0] for i in order], files, list(self.keys))
        numbers = _inverse(order)
        for name, field in self._fields.items():
            arrays |= field.arrays(name, numbers)
        return Segment(packed(arrays))


class _FieldBuilder:
    def __init__(self) -> None:
        self._vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
        self._terms: list[NDArray[np.int32]] = []  # of each file
        self._sizes: list[Numbers] = []  # of its passages
        self._passages: list[Numbers] = []

    def add(self, first: int, texts: Sequence[str]) -> int:
        """Take in a file, given the number of its first passage; return how many terms it has."""
        terms = [text.split() for text in texts]
        sizes = np.fromiter(map(len, terms), np.int64, len(terms))
        places = map(self._vocabulary.__getitem__, chain.from_iterable(terms))
        self._terms.append(np.fromiter(places, np.int32, int(sizes.sum())))
        self._sizes.append(sizes)
        self._passages.append(np.arange(first, first + len(texts)))
        return len(self._terms[-1])

    def arrays(self, name: str, numbers: Numbers) -> Arrays:
        words = [_bytes(word) for word in self._vocabulary]
        order = sorted(range(len(words)), key=words.__getitem__)
        sizes = np.concatenate(self._sizes)
        passages = numbers[np.concatenate(self._passages)]
        lengths = np.zeros(len(numbers), dtype=np.int64)
        lengths[passages] = sizes
        keys = _inverse(order)[np.concatenate(self._terms)] << 32 | np.repeat(passages, sizes)
        keys.sort()
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        counts = np.diff(first, append=len(keys))
        keys = keys[first]
        frequencies = np.bincount(keys >> 32, minlength=len(words))
        postings = Postings(frequencies, keys & 0xFFFFFFFF, counts)
        return _field(name, [words[i] for i in order], lengths, [postings])


def merged(segments: Sequence[tuple[Segment, Collection[int]]]) -> Segment:
    """Return one segment that holds what several do but for some files.

    With each segment come the numbers of its files to leave out.  No file may stay in two.
    """
    ids: list[str] = []
    keys: list[Key] = []
    files, kept = [], []
    for segment, left_out in segments:
        some = np.flatnonzero(segment.alive(left_out))
        ids += map(segment.ids().__getitem__, some.tolist())
        files.append(segment.file_of[some].astype(np.int64) + len(keys))
        keys += segment.files
        kept.append(some)
    order = sorted(range(len(ids)), key=ids.__getitem__)
    held, files_of = np.unique(np.concatenate(files)[order], return_inverse=True)
    arrays = _head([ids[i] for i in order], files_of, [keys[i] for i in held.tolist()])
    places = np.split(_inverse(order), np.cumsum([len(some) for some in kept])[:-1])
    numbers = [
        _spread(segment.size, some, place)
        for (segment, _), some, place in zip(segments, kept, places, strict=True)
    ]
    for name in dict.fromkeys(name for segment, _ in segments for name in segment.fields):
        parts = [
            (segment.fields[name], number)
            for (segment, _), number in zip(segments, numbers, strict=True)
            if name in segment.fields
        ]
        arrays |= _merged_field(name, parts, len(ids))
    return Segment(packed(arrays))


def _spread(size: int, where: Numbers, values: Numbers) -> Numbers:
    """Return an array of `size` with values at some places and -1 elsewhere."""
    whole = np.full(size, -1, dtype=np.int64)
    whole[where] = values
    return whole


def _inverse(order: Sequence[int]) -> Numbers:
    place = np.empty(len(order), dtype=np.int64)
    place[list(order)] = np.arange(len(order))
    return place


def _merged_field(name: str, parts: Sequence[tuple[FieldPart, Numbers]], passages: int) -> Arrays:
    """Join a field of several segments; with each come the new numbers of its passages."""
    words = sorted({word for part, _ in parts for word in part.terms.all()})
    rank = {word: i for i, word in enumerate(words)}
    ranks = [
        np.fromiter(map(rank.__getitem__, part.terms.all()), np.int64, len(part.terms))
        for part, _ in parts
    ]
    del rank
    lengths = np.zeros(passages, dtype=np.int64)
    load = np.zeros(len(words), dtype=np.int64)
    for (part, numbers), own in zip(parts, ranks, strict=True):
        lengths[numbers[numbers >= 0]] = part.lengths[numbers >= 0]
        load[own] += part.frequencies
    return _field(name, words, lengths, _merged_postings(parts, ranks, np.cumsum(load)))


def _merged_postings(
    parts: Sequence[tuple[FieldPart, Numbers]], ranks: Sequence[Numbers], load: Numbers
) -> Iterator[Postings]:
    """Yield the postings of all terms, some at a time; `load` counts them up to each term."""
    start = 0
    while start < len(load):
        before = load[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(load, before + AT_ONCE)))
        keys = np.concatenate(
            [
                _keys(part, numbers, own, start, end)
                for (part, numbers), own in zip(parts, ranks, strict=True)
            ]
        )
        keys.sort()
        yield Postings(
            np.bincount(keys >> 40, minlength=end - start),
            keys >> 16 & 0xFFFFFF,
            (keys & 0xFFFF) + 1,
        )
        start = end


def _keys(part: FieldPart, numbers: Numbers, own: Numbers, start: int, end: int) -> Numbers:
    """Return term, passage and count of postings in one number each, for the terms asked for."""
    first, last = np.searchsorted(own, (start, end)).tolist()
    postings = part.postings(first, last)
    terms = np.repeat(own[first:last] - start, postings.frequencies)
    passages = numbers[postings.passages]
    keys = terms << 40 | passages << 16 | postings.counts - 1
    return keys[passages >= 0]


def _head(ids: Sequence[str], files_of: Numbers, files: Sequence[Key]) -> Arrays:
    parts = [id.rpartition(":") for id in ids]
    heads: defaultdict[str, int] = defaultdict(count().__next__)
    head_of = [heads[head + colon] for head, colon, _ in parts]
    return {
        "files": np.frombuffer(zlib.compress(json.dumps(files).encode()), np.uint8),
        "file_of": _small(files_of),
        "head_of": _small(np.array(head_of, dtype=np.int64)),
        **_strings("heads", [zlib.compress(_bytes(head)) for head in heads]),
        **_strings("tails", [_bytes(tail) for _, _, tail in parts]),
    }


def _field(
    name: str, words: Sequence[bytes], lengths: Numbers, postings: Iterable[Postings]
) -> Arrays:
    """Return a field's arrays, without the terms that no passage holds, or none."""
    frequencies, data, sizes = [], [], []
    for some in postings:
        held = some.frequencies > 0
        frequencies.append(some.frequencies)
        piece, size = encode(Postings(some.frequencies[held], some.passages, some.counts))
        data.append(piece)
        sizes.append(size)
    every = np.concatenate(frequencies)
    if not every.any():
        return {}
    return {
        f"{name}.lengths": _small(lengths),
        **_strings(f"{name}.terms", list(compress(words, every > 0))),
        f"{name}.frequencies": _small(every[every > 0]),
        f"{name}.data": np.frombuffer(b"".join(data), np.uint8),
        f"{name}.data.ends": _small(np.cumsum(np.concatenate(sizes))),
    }


def _strings(name: str, strings: Sequence[bytes]) -> Arrays:
    ends = np.cumsum(np.fromiter(map(len, strings), np.int64, len(strings)))
    return {name: np.frombuffer(b"".join(strings), np.uint8), f"{name}.ends": _small(ends)}


def _small(numbers: Numbers) -> NDArray[Any]:
    """Return numbers in the narrowest type that holds them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
