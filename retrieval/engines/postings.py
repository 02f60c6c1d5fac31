"""Postings as bytes: for each term the passages that hold it, and how often.

In: terms in order, for each the numbers of its passages, ascending, and its count in each.
Out: a few bytes a passage, and the way back.  A passage is the gap to the one before, doubled,
plus one where the term occurs there more than once; these counts follow the term's gaps.  All
as numbers of 7 bits a byte, highest first, only the last byte below 128; what is long is deflated.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEFLATED = 256  # passages; what stands in as many is deflated
FEW = 100  # bytes that Python unpacks faster than numpy
MOST = 65_535  # a term counts no more often in a passage

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Postings:
    """The passages of some terms: `frequencies[i]` of them for term i, one term after another."""

    frequencies: Numbers
    passages: Numbers
    counts: Numbers  # parallel to `passages`


def encode(postings: Postings) -> tuple[bytes, Numbers]:
    """Return the bytes of all terms, joined, and how many bytes each has."""
    frequencies, counts = postings.frequencies, postings.counts
    first = np.cumsum(frequencies) - frequencies
    gaps = np.diff(postings.passages, prepend=0)
    gaps[first] = postings.passages[first]
    often = counts > 1
    extra = np.add.reduceat(often, first) if len(first) else first
    start = np.cumsum(frequencies + extra) - frequencies - extra
    values = np.empty(len(gaps) + int(extra.sum()), dtype=np.int64)
    values[np.arange(len(gaps)) + np.repeat(start - first, frequencies)] = gaps * 2 + often
    seen = np.cumsum(extra) - extra
    at = np.arange(int(extra.sum())) + np.repeat(start + frequencies - seen, extra)
    values[at] = np.minimum(counts[often], MOST) - 2
    data, ends = _packed(values)
    return _deflated(data, ends[start + frequencies + extra], frequencies)


def decode(data: bytes, sizes: Numbers, frequencies: Numbers) -> Postings:
    """Return the postings of terms; `data` is what `encode` made of them (or a slice of it)."""
    data, ends = _inflated(data, sizes, frequencies)
    raw = np.frombuffer(data, dtype=np.uint8)
    values = _unpacked(raw)
    start = np.searchsorted(np.flatnonzero(raw < 128), ends - np.diff(ends, prepend=0))
    total = int(frequencies.sum())
    first = np.cumsum(frequencies) - frequencies
    at = np.arange(total) + np.repeat(start - first, frequencies)
    is_gap = np.zeros(len(values), dtype=bool)
    is_gap[at] = True
    gaps = values[at].astype(np.int64)
    counts = np.ones(total, dtype=np.int64)
    counts[(gaps & 1).astype(bool)] = values[~is_gap] + 2
    passages = np.cumsum(gaps >> 1)
    before = np.zeros(len(first), dtype=np.int64)
    before[1:] = passages[first[1:] - 1]
    return Postings(frequencies, passages - np.repeat(before, frequencies), counts)


def decode_one(data: bytes, frequency: int) -> tuple[Numbers, NDArray[np.float32]]:
    """Return one term's passages and its counts in them: as `decode`, but faster."""
    if frequency >= DEFLATED:
        data = zlib.decompress(data)
    values = _few(data) if len(data) < FEW else _unpacked(np.frombuffer(data, dtype=np.uint8))
    gaps, extra = values[:frequency], values[frequency:]
    counts = np.ones(frequency, dtype=np.float32)
    if len(extra):
        counts[np.flatnonzero(gaps & 1)] = extra + 2
    return np.cumsum(gaps >> 1, dtype=np.int64), counts


def _packed(values: Numbers) -> tuple[bytes, Numbers]:
    """Return numbers as bytes, and where each begins, with the length of all at the end."""
    lengths = np.ones(len(values), dtype=np.int64)
    for bits in range(7, 64, 7):
        longer = values >> bits > 0
        if not longer.any():
            break
        lengths += longer
    ends = np.concatenate(([0], np.cumsum(lengths)))
    out = np.empty(int(ends[-1]), dtype=np.uint8)
    for i in range(int(lengths.max(initial=0))):
        some = np.flatnonzero(lengths > i)
        out[ends[some + 1] - 1 - i] = (values[some] >> 7 * i & 127) | (128 if i else 0)
    return out.tobytes(), ends


def _unpacked(raw: NDArray[np.uint8]) -> NDArray[np.int32]:
    values = raw[raw < 128].astype(np.int32)
    more = np.flatnonzero(raw > 127)  # few: most numbers have one byte
    if len(more):
        number = more - np.arange(len(more))  # that the byte belongs to
        place = np.searchsorted(number, number, "right") - np.arange(len(more))  # from its end
        for i in range(1, int(place.max()) + 1):
            some = np.flatnonzero(place == i)
            values[number[some]] |= (raw[more[some]] & 127).astype(np.int32) << 7 * i
    return values


def _few(data: bytes) -> NDArray[np.int32]:
    """Return the numbers of short data: as `_unpacked`, but faster for them."""
    values, value = [], 0
    for byte in data:
        value = value << 7 | byte & 127
        if byte < 128:
            values.append(value)
            value = 0
    return np.array(values, dtype=np.int32)


def _deflated(data: bytes, ends: Numbers, frequencies: Numbers) -> tuple[bytes, Numbers]:
    sizes = np.diff(ends, prepend=0)
    pieces, at = [], 0
    for i in np.flatnonzero(frequencies >= DEFLATED).tolist():
        start, end = int(ends[i] - sizes[i]), int(ends[i])
        piece = zlib.compress(data[start:end])
        pieces += [data[at:start], piece]
        sizes[i], at = len(piece), end
    return b"".join([*pieces, data[at:]]), sizes


def _inflated(data: bytes, sizes: Numbers, frequencies: Numbers) -> tuple[bytes, Numbers]:
    """Return the bytes as they were before, and where each term's end."""
    ends = np.cumsum(sizes)
    sizes = sizes.astype(np.int64)
    pieces, at = [], 0
    for i in np.flatnonzero(frequencies >= DEFLATED).tolist():
        start, end = int(ends[i] - sizes[i]), int(ends[i])
        piece = zlib.decompress(data[start:end])
        pieces += [data[at:start], piece]
        sizes[i], at = len(piece), end
    return b"".join([*pieces, data[at:]]), np.cumsum(sizes)
