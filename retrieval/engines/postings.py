"""Postings as bytes: for each term the passages that hold it, and how often.

In: terms in order, for each the numbers of its passages, ascending, and its count in each.
Out: a few bytes a passage, and the way back.  A passage is the gap to the one before.

Of a term in few passages, a gap is doubled, plus one where the term occurs there more than once;
these counts follow the term's gaps.  All as numbers of 7 bits a byte, highest first, only the
last byte below 128.  Of a term in many, the lowest bytes of all gaps come first, then the next
ones, then those of the counts less one: planes that numpy joins in a few steps.  The first stays
as it is; the others, mostly zeros, are deflated, each with a code of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

MANY = 64  # passages; what stands in as many is kept as planes
MOST = 65_535  # a term counts no more often in a passage
_RAW = -zlib.MAX_WBITS  # deflated without a head or a checksum: the file has one

_ONES = np.ones(MANY, dtype=np.float32)

Numbers = NDArray[np.int64]


class Postings(Struct, frozen=True):
    """The passages of some terms: `frequencies[i]` of them for term i, one term after another."""

    frequencies: Numbers
    passages: Numbers
    counts: Numbers  # parallel to `passages`


def encode(postings: Postings) -> tuple[bytes, Numbers]:
    """Return the bytes of all terms, joined, and how many bytes each has."""
    frequencies = postings.frequencies
    first = np.cumsum(frequencies) - frequencies
    gaps = np.diff(postings.passages, prepend=0)
    gaps[first] = postings.passages[first]
    counts = np.minimum(postings.counts, MOST)
    few = frequencies < MANY
    some = np.repeat(few, frequencies)
    sizes = np.zeros(len(frequencies), dtype=np.int64)
    data, sizes[few] = _encoded(frequencies[few], gaps[some], counts[some])
    ends = np.cumsum(sizes).tolist()
    pieces, at = [], 0
    for i in np.flatnonzero(~few).tolist():
        place = slice(first[i], first[i] + frequencies[i])
        piece = _planes(gaps[place], counts[place] - 1)
        pieces += [data[at : ends[i]], piece]
        sizes[i], at = len(piece), ends[i]
    return b"".join([*pieces, data[at:]]), sizes


def decode(data: bytes, sizes: Numbers, frequencies: Numbers) -> Postings:
    """Return the postings of terms; `data` is what `encode` made of them (or a slice of it)."""
    ends = np.cumsum(sizes, dtype=np.int64)
    first = np.cumsum(frequencies) - frequencies
    few = frequencies < MANY
    some = np.repeat(few, frequencies)
    passages = np.empty(len(some), dtype=np.int64)
    counts = np.empty(len(some), dtype=np.int64)
    pieces, at = [], 0
    for i in np.flatnonzero(~few).tolist():
        start, end = int(ends[i] - sizes[i]), int(ends[i])
        place = slice(first[i], first[i] + frequencies[i])
        passages[place], counts[place] = decode_one(data[start:end], int(frequencies[i]))
        pieces.append(data[at:start])
        at = end
    data = b"".join([*pieces, data[at:]])
    passages[some], counts[some] = _decoded(data, sizes[few], frequencies[few])
    return Postings(frequencies, passages, counts)


def decode_one(data: bytes, frequency: int) -> tuple[Numbers, NDArray[np.float32]]:
    """Return one term's passages and its counts in them: as `decode`, but faster."""
    if frequency >= MANY:
        others = zlib.decompress(data[frequency:], _RAW)
        planes = np.frombuffer(others, np.uint8, offset=1).reshape(-1, frequency)
        lowest = np.frombuffer(data, np.uint8, frequency)
        gaps = _joined([lowest, *planes[: others[0]]])
        counts = _joined(planes[others[0] :])
        return gaps.cumsum(dtype=np.int64), np.add(counts, 1, dtype=np.float32)
    values, value = [], 0
    for byte in data:
        value = value << 7 | byte & 127
        if byte < 128:
            values.append(value)
            value = 0
    doubled = np.array(values[:frequency], dtype=np.int64)
    counts = _ONES[:frequency]
    if len(values) > frequency:
        counts = counts.copy()
        counts[(doubled & 1).astype(bool)] += np.array(values[frequency:], dtype=np.float32) + 1
    return (doubled >> 1).cumsum(), counts


def _planes(gaps: Numbers, counts: Numbers) -> bytes:
    """Return a term in many passages as bytes.

    The first that is deflated says how many more planes are of gaps.
    """
    lowest, *higher = _split(gaps)
    deflate = zlib.compressobj(wbits=_RAW, memLevel=9, strategy=zlib.Z_RLE)
    pieces = [lowest, deflate.compress(bytes([len(higher)]))]
    for plane in higher + _split(counts):
        pieces += [deflate.compress(plane), deflate.flush(zlib.Z_BLOCK)]
    return b"".join([*pieces, deflate.flush()])


def _split(values: Numbers) -> list[bytes]:
    """Return the lowest bytes of numbers, then the next ones, up to the highest that any has."""
    size = max(1, (int(values.max()).bit_length() + 7) // 8)
    return [(values >> 8 * i & 255).astype(np.uint8).tobytes() for i in range(size)]


def _joined(planes: Sequence[NDArray[np.uint8]] | NDArray[np.uint8]) -> NDArray[Any]:
    """Return the numbers that were split."""
    if len(planes) == 1:
        return planes[0]
    together = np.zeros((len(planes[0]), 2 if len(planes) == 2 else 4), np.uint8)
    for i, plane in enumerate(planes):
        together[:, i] = plane
    return together.view(f"<u{together.shape[1]}")[:, 0]


def _encoded(frequencies: Numbers, gaps: Numbers, counts: Numbers) -> tuple[bytes, Numbers]:
    """Return the bytes of terms in few passages, joined, and how many bytes each has."""
    often = counts > 1
    first = np.cumsum(frequencies) - frequencies
    extra = np.add.reduceat(often, first) if len(first) else first
    start = np.cumsum(frequencies + extra) - frequencies - extra
    values = np.empty(len(gaps) + int(extra.sum()), dtype=np.int64)
    values[np.arange(len(gaps)) + np.repeat(start - first, frequencies)] = gaps * 2 + often
    seen = np.cumsum(extra) - extra
    at = np.arange(int(extra.sum())) + np.repeat(start + frequencies - seen, extra)
    values[at] = counts[often] - 2
    data, ends = _packed(values)
    return data, np.diff(ends[start + frequencies + extra], prepend=0)


def _decoded(data: bytes, sizes: Numbers, frequencies: Numbers) -> tuple[Numbers, Numbers]:
    """Return the passages of terms in few, and the counts: what _encoded was given."""
    ends = np.cumsum(sizes, dtype=np.int64)
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
    return passages - np.repeat(before, frequencies), counts


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
