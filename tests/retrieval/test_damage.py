"""Damaged files of every format: they are read as far as they go or refused, in one sentence."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import SAMPLES, ZIPPED, unzipped, zipped

from retrieval.blocks import NotReadable, Reading
from retrieval.readers import READERS

WHOLE = (".docx", ".epub", ".pdf", ".pptx", ".xlsx")  # what is worth nothing without its end


@cache
def sample(suffix: str) -> bytes:
    return SAMPLES[suffix]()


def read_or_refused(suffix: str, data: bytes) -> Reading | None:
    """Read a file; its blocks are slices of its text, or a sentence says why it is none."""
    try:
        reading = READERS[suffix](data)
    except NotReadable as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert 20 < len(refused) < 250
        assert refused.isprintable()
        return None
    for block in reading.blocks:
        assert block.spans
        assert 1 <= block.place.first <= block.place.last
        assert all(0 <= start < end <= len(reading.text) for start, end in block.spans)
        assert all(before[1] <= after[0] for before, after in pairwise(block.spans))
        assert "".join(reading.text[a:b] for a, b in block.spans).strip()
    reading.text.encode()  # no half characters: nothing could store them
    return reading


def test_there_is_a_sample_of_every_format():
    same = {".text": ".txt", ".markdown": ".md", ".htm": ".html"}
    assert {same.get(suffix, suffix) for suffix in READERS} == set(SAMPLES)


@pytest.mark.parametrize("suffix", SAMPLES)
def test_a_whole_file_is_read(suffix):
    reading = read_or_refused(suffix, sample(suffix))
    assert reading
    assert reading.blocks
    assert reading.problem == ""


@pytest.mark.parametrize("suffix", SAMPLES)
def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes_or_refused(suffix):
    data = sample(suffix)
    for end in range(0, len(data), max(1, len(data) // 150)):
        reading = read_or_refused(suffix, data[:end])
        assert reading is None or suffix not in WHOLE


@pytest.mark.parametrize("suffix", SAMPLES)
def test_a_file_with_wrong_bytes_is_read_or_refused(suffix):
    chance = random.Random(4)
    for _ in range(60):
        damaged = bytearray(sample(suffix))
        for _ in range(chance.choice([1, 5, 50])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        read_or_refused(suffix, bytes(damaged))


@pytest.mark.parametrize("suffix", ZIPPED)
def test_a_file_with_wrong_xml_is_read_or_refused(suffix):
    """The sums of a zip file catch wrong bytes before the XML is seen: damage that, too."""
    chance, entries = random.Random(4), unzipped(sample(suffix))
    own = [name for name in entries if "theme" not in name and "Layout" not in name]
    for _ in range(80):
        name = chance.choice(own)
        damaged = bytearray(entries[name])
        at = chance.randrange(len(damaged))
        damaged[at : at + chance.choice([0, 1, 200])] = chance.choice([b"", b"9", b"x", b"</w:p>"])
        read_or_refused(suffix, zipped({**entries, name: bytes(damaged)}))


@pytest.mark.parametrize("suffix", SAMPLES)
@given(data=st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(suffix, data):
    read_or_refused(suffix, data)


@pytest.mark.parametrize("suffix", SAMPLES)
def test_a_file_of_another_format_is_read_as_text_or_refused(suffix):
    for other in SAMPLES:
        reading = read_or_refused(suffix, sample(other))
        assert reading is None or suffix == other or suffix not in WHOLE
