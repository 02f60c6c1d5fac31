"""What is compiled late finds what is compiled at once."""

from __future__ import annotations

import re

import pytest

from retrieval.patterns import regex


@pytest.mark.parametrize("flags", [0, re.IGNORECASE])
def test_it_serves_as_the_compiled_expression(flags):
    late, early = regex("(?P<year>\\d{4})年|a", flags), re.compile("(?P<year>\\d{4})年|a", flags)
    text = "2018年A，2019年a"
    assert late.pattern == early.pattern
    for _ in range(2):
        assert [m.groupdict() for m in late.finditer(text)] == [
            m.groupdict() for m in early.finditer(text)
        ]
        assert late.sub("-", text) == early.sub("-", text)
        assert late.flags == early.flags
