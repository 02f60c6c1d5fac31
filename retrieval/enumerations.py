"""The list that a sentence belongs to: its lead, and all of its items.

In: folded text and a slice of it.  Out: the slice widened to the whole list.

    下列材料:(一)申请表;(二)证明。     numbered, in brackets or not; 一是 … 二是 …; 第一, … 第二, …
    工作重点:抓组织;抓服务;抓队伍。    parted by semicolons
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.blocks import Span
from retrieval.patterns import regex

_NUMERAL = "(?P<number>[一二三四五六七八九十]|\\d{1,2})"
_BEGINS = r"(?:(?<=[\s。;:,!?])|(?<![\s\S]))"
_MARKERS = tuple(
    regex(pattern)
    for pattern in (
        rf"\({_NUMERAL}\)",
        rf"{_BEGINS}{_NUMERAL}[、.)](?!\d)",
        rf"{_BEGINS}{_NUMERAL}(?:是|要)",
        rf"{_BEGINS}第{_NUMERAL}[,、:]",
    )
)
_BULLET = regex(r"(?m)^[ \t]*[-*•●○◆■▪](?=\s*\w)")
_END = regex(r"[。!?]+[”’」』)\"']*|\n|$")
_HAN = "一二三四五六七八九十"
PARTS = 3  # from as many parts between semicolons on, a sentence is a list


def whole_list(text: str, sentence: Span) -> Span:
    """Return the list in a folded text that a sentence is of, or the sentence if it is of none."""
    for start, end in _lists(text):
        if start < sentence[1] and sentence[0] < end:
            return start, end
    start, end = _to_full_stops(text, sentence)
    parts = [part for part in text[start:end].split(";") if part.strip()]
    return (start, end) if len(parts) >= PARTS else sentence


def _lists(text: str) -> Iterator[Span]:
    for pattern in _MARKERS:
        markers: list[re.Match[str]] = []
        for marker in [*pattern.finditer(text), None]:
            if markers and (marker is None or _value(marker) != _value(markers[-1]) + 1):
                if len(markers) > 1:
                    yield _spread(text, markers[0].start(), markers[-1].end())
                markers = []
            if marker is not None:
                markers.append(marker)
    bullets = [*_BULLET.finditer(text)]
    if len(bullets) > 1:
        yield _spread(text, bullets[0].start(), bullets[-1].end())


def _value(marker: re.Match[str]) -> int:
    number = marker["number"]
    return int(number) if number.isdigit() else _HAN.index(number) + 1


def _spread(text: str, first: int, last: int) -> Span:
    """Return the slice from what leads to the first item to the end of the last one."""
    start, end = _to_full_stops(text, (first, last))
    if not text[start:first].strip():  # the line above may lead to it
        above = text[:start].rstrip()
        if above.endswith((":", ",")):
            start = _to_full_stops(text, (len(above) - 1, len(above)))[0]
    return start, end


def _to_full_stops(text: str, span: Span) -> Span:
    """Return a slice widened to whole sentences, semicolons or not."""
    start = 0
    for stop in _END.finditer(text, 0, span[0]):
        if stop.end() <= span[0] and stop[0]:
            start = stop.end()
    found = _END.search(text, max(span[1] - 1, span[0]))
    return start, found.end() if found else len(text)
