"""Operators in a question: what a passage must be, whatever else is asked.

In: a question as typed.  Out: the question with blanks for its operators, and a Filter.

    "职工书屋"  “职工书屋”  「职工书屋」    the phrase stands in the passage or its title
    -海陵区                             the word stands in neither
    source:工会报  file:001  title:条例   the name holds this (来源: 文件: 标题:)
    date:2018..2020  date:2018..  date:..2020-06  date:2018      (日期:)

Each stands between blanks: what merely quotes (海陵区的“十件大事”) or joins (2020-2023) is no
operator.  All of them have to hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import astuple

from retrieval.blocks import DATE
from retrieval.folding import fold
from retrieval.patterns import regex
from retrieval.store import StoredPassage

Date = tuple[int, ...]
"""A year, or with its month, or its month and day."""


class Filter(Struct, frozen=True):
    """Which passages may answer; all of its words are folded."""

    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    since: Date = ()
    until: Date = ()

    def __bool__(self) -> bool:
        """Whether anything is asked of a passage."""
        return any(astuple(self))

    def passes(self, stored: StoredPassage) -> bool:
        """Return whether a passage may answer; its source is not looked at."""
        text = f"{stored.context.partition(chr(10))[0]}\n{stored.folded}"
        return (
            self.passes_document(stored.passage.file, stored.passage.title)
            and all(_holds(text, phrase) for phrase in self.phrases)
            and not any(_holds(text, word) for word in self.excluded)
            and self.passes_date(stored)
        )

    def passes_document(self, file: str, title: str) -> bool:
        """Return whether a file (its path) and a title hold the names asked for."""
        return _names(file, self.files) and _names(title, self.titles)

    def among(self, sources: Collection[str]) -> frozenset[str]:
        """Return those of the sources that are asked for; the one of just this name before all."""
        exact = {name for name in sources if self.sources == (fold(name).text,)}
        return frozenset(exact or {name for name in sources if _names(name, self.sources)})

    def passes_date(self, stored: StoredPassage) -> bool:
        """Return whether a passage's document is of the time asked for."""
        if not (self.since or self.until):
            return True
        date = date_of(stored)
        # What is less exact than the other decides: May 2018 lies in 2018.
        shared, last = min(len(date), len(self.since)), min(len(date), len(self.until))
        return (
            date != ()
            and date[:shared] >= self.since[:shared]
            and date[:last] <= (self.until[:last])
        )


NO_FILTER = Filter()


def date_of(stored: StoredPassage) -> Date:
    """Return the first date that a passage's context names; () if it names none.

    A year alone, or with its month, counts only where nothing else stands on the line.
    """
    found = DATE.search(stored.context) or _PART_OF_DATE.search(stored.context)
    return tuple(map(int, re.findall(r"\d+", found[0]))) if found else ()


_PART_OF_DATE = regex(r"^\d{4}年(?:\d{1,2}月)?$", re.MULTILINE)


def _holds(text: str, words: str) -> bool:
    """Return whether folded words stand in folded text: art stands in no party."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    before = r"(?<![a-z0-9])" if re.match("[a-z0-9]", words) else ""
    after = r"(?![a-z0-9])" if re.search("[a-z0-9]$", words) else ""
    return re.search(before + pattern + after, text) is not None


def _names(name: str, asked: tuple[str, ...]) -> bool:
    return not asked or all(part in fold(name).text for part in asked)


# --- reading ------------------------------------------------------------------------------------

_KEYS = {"source": "sources", "来源": "sources", "file": "files", "文件": "files"}
_KEYS |= {"title": "titles", "标题": "titles"}
_MARKS = {'"': '"', "＂": "＂", "“": "”", "「": "」", "『": "』"}
_QUOTED = "|".join(f"{a}[^{a}{b}]{{2,}}{b}" for a, b in _MARKS.items())
_VALUE = rf"(?:{_QUOTED}|[^\s，。？！；、]+)"
_OPERATOR = regex(
    rf"(?<!\S)(?:(?P<phrases>{_QUOTED})(?=[?？!！。]*(?:\s|$))"
    rf"|[-－](?P<excluded>{_QUOTED}|[^\W\d_][^\s，。？！；、,?!;：:]*)"
    rf"|(?P<key>source|来源|file|文件|title|标题)[:：](?P<name>{_VALUE})"
    rf"|(?:date|日期)[:：](?P<date>{_VALUE}))",
    re.IGNORECASE,
)
_DAY = r"\d{4}(?:[-/年]\d{1,2}(?:[-/月]\d{1,2})?)?[年月日]?"
_RANGE = regex(rf"(?P<since>{_DAY})?(?P<to>\.{{2,3}}|~)?(?P<until>{_DAY})?")


def parse(text: str) -> tuple[str, Filter]:
    """Return a question with blanks for its operators, as long as before, and the Filter.

    The words of a phrase stay in the question.  A question of nothing but `-` is none: a dash
    at its beginning was meant as something else.
    """
    found: dict[str, list[str]] = {}
    range: tuple[Date, Date] = (), ()

    def blank(operator: re.Match[str]) -> str:
        nonlocal range
        whole = operator[0]
        if operator["date"] is not None:
            if (dates := _dates(operator["date"])) is None:
                return whole
            range = dates
        else:
            kind = _KEYS.get((operator["key"] or "").lower()) or str(operator.lastgroup)
            words = fold(_unquoted(operator["name"] or operator[kind])).text.strip(" ,?!;")
            if not words:
                return whole
            found.setdefault(kind, []).append(words)
            if kind == "phrases":
                return f" {whole[1:-1]} "
        return " " * len(whole)

    rest = _OPERATOR.sub(blank, text)
    filter = Filter(since=range[0], until=range[1], **{k: tuple(v) for k, v in found.items()})
    if not re.search(r"\w", rest) and filter == Filter(excluded=filter.excluded):
        return text, NO_FILTER
    return rest, filter


def _unquoted(words: str) -> str:
    return words[1:-1] if words[:1] in _MARKS and words[-1:] == _MARKS[words[:1]] else words


def _dates(range: str) -> tuple[Date, Date] | None:
    """Return from when and until when; None if this is no range of dates."""
    plain = unicodedata.normalize("NFKC", _unquoted(range)).rstrip(",?!;")
    found = _RANGE.fullmatch(plain)
    if not found or not (found["since"] or found["until"]):
        return None
    if found["since"] and found["until"] and not found["to"]:
        return None
    since, until = (tuple(map(int, re.findall(r"\d+", found[k] or ""))) for k in ("since", "until"))
    return since, until if found["to"] or until else since
