"""Text to the form in which it is compared: one script, one width, one way to write numbers.

    >>> fold("職工９１名，共三千八百元").text
    '职工91名,共3800元'

Characters are folded one by one (never by phrases), so every character of the result knows
the slice of the original that it stands for.  Only search sees folded text; quotes never do.

simplified.txt holds the traditional characters of one simplified one a line, behind it.  It is
made from the data of OpenCC by `make golden`; a test keeps it in step.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct

from retrieval.blocks import Span
from retrieval.variants import Variants


class Folded(Struct, frozen=True):
    """Folded text, and for each of its characters the slice of the original it came from.

    `starts` and `ends` have one entry a character of `text`, or are None where folding kept
    every character's place.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> Span:
        """Return the slice of the original behind the non-empty slice `[start, end)`."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def position(self, original: int) -> int:
        """Return the first place in `text` that stands for `original` or what follows it."""
        return original if self.starts is None else bisect_left(self.starts, original)


def folded(text: str) -> str:
    """Return the text of `fold`, in half the time: without the places."""
    return _with_digits(text.translate(_character_folds()))


def all_folded(texts: Sequence[str]) -> list[str]:
    """Return what `folded` makes of each text, in a quarter of the time where there are many."""
    done: list[str] = []
    at = 0
    while at < len(texts):
        end, size = at, 0
        while end < len(texts) and size < AT_ONCE:
            size += len(texts[end])
            end += 1
        joined = _BETWEEN.join(texts[at:end])
        some = _with_digits(_character_folds().of(joined)).split(_BETWEEN)
        # A text that holds what stands between texts is folded by itself, and so are the others.
        done += some if len(some) == end - at else map(folded, texts[at:end])
        at = end
    return done


AT_ONCE = 100_000  # characters: it takes a MB
_BETWEEN = "\0"


def _with_digits(plain: str) -> str:
    pieces: list[str] = []
    at = 0
    for start, end, digits in _numbers(plain):
        pieces += (plain[at:start], digits)
        at = end
    return "".join((*pieces, plain[at:])) if at else plain


def fold(text: str) -> Folded:
    """Fold characters (width, case, accents, traditional script), then numbers."""
    folds = _character_folds()
    folded = text.translate(folds)
    numbers = _numbers(folded)
    even = folds.uneven.isdisjoint(text)
    if even and not numbers:
        return Folded(folded)
    if even:
        origins = list(range(len(text)))
    else:
        origins = [i for i, character in enumerate(text) for _ in folds[ord(character)]]
    starts, ends, out, at = [], [], [], 0
    for start, end, digits in numbers:
        out += [folded[at:start], digits]
        starts += origins[at:start] + [origins[start]] * len(digits)
        ends += [i + 1 for i in origins[at:start]] + [origins[end - 1] + 1] * len(digits)
        at = end
    out.append(folded[at:])
    starts += origins[at:]
    ends += [i + 1 for i in origins[at:]]
    return Folded("".join(out), tuple(starts), tuple(ends))


# --- characters ---------------------------------------------------------------------------------


_UNKNOWN = 0xFFFFFFFF  # more than any character's number: not met yet, or uneven


class _CharacterFolds(dict[int, str]):
    """By the number of a character, its fold, worked out when it is first met."""

    def __init__(self) -> None:
        super().__init__()
        self._simplified = Variants("simplified.txt")
        self.uneven: set[str] = set()  # of those met: what does not become one character
        self._table: Any = None  # the same, as far as they become one, for many at once

    def of(self, text: str) -> str:
        """Return a text with its characters folded; a long one sooner than `str.translate`."""
        import numpy as np  # no question needs it

        if self._table is None:
            self._table = np.full(sys.maxunicode + 1, _UNKNOWN, np.uint32)
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        found = self._table[codes]
        unknown = np.flatnonzero(found == _UNKNOWN)
        for code in np.unique(codes[unknown]).tolist():
            if len(self[code]) == 1:
                self._table[code] = ord(self[code])
        found[unknown] = self._table[codes[unknown]]
        uneven = np.flatnonzero(found == _UNKNOWN)
        found[uneven] = codes[uneven]
        plain = str(found.tobytes(), "utf-32-le", "surrogatepass")
        # Nothing becomes one of these, so that they can be replaced one after the other.
        for code in np.unique(codes[uneven]).tolist():
            plain = plain.replace(chr(code), self[code])
        return plain

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = unicodedata.normalize("NFKC", character).casefold()
        if not plain.isascii():
            plain = "".join(map(self._plain, unicodedata.normalize("NFC", plain)))
        if len(plain) != 1:
            self.uneven.add(character)
        self[code] = plain
        return plain

    def _plain(self, character: str) -> str:
        # café and cafe, with the accent composed or not, are one word.
        taken_apart = unicodedata.normalize("NFD", character)
        base = taken_apart[0]
        if base.isascii() and len(taken_apart) > 1:
            return base
        if unicodedata.combining(base):
            return ""
        return self._simplified[ord(character)]


@cache
def _character_folds() -> _CharacterFolds:
    return _CharacterFolds()


# --- numbers ------------------------------------------------------------------------------------

_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_UNITS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_NUMERALS = "".join(_DIGITS) + "".join(_UNITS)
# A lone numeral is a number only where something is counted: 七个, but not 统一 or 一线.
_COUNTED = "个名位家条项件次年月日天号份台张种类批届期级岁元角分篇部处支场只本页章节款周度万亿"

_NUMBER = re.compile(
    # Begun with a class of characters, it is searched for faster than begun with alternatives;
    # each of them looks back at that character.
    rf"[{_NUMERALS}万亿\d](?:"
    rf"(?<=百)分之(?P<share>[{_NUMERALS}点]+)"
    r"|(?<=\d)\d*亿(?P<myriads>\d+)万"
    r"|(?<=\d)(?P<arabic>\d{0,2}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d*(?:\.\d+)?)"
    r"(?:[ ]?(?P<unit>[百千]?[万亿]+|[百千](?![分克瓦米万亿百千]))(?!\d))?"
    # 几十个 is no ten, and in 一千克 the 千 belongs to the unit.
    rf"|(?<!\d)(?<![几数].)(?:[{_NUMERALS}万亿]+(?<!千(?=[克瓦米]))|(?<=[{_NUMERALS}])(?=[{_COUNTED}]|千[克瓦米]))"
    r")"
)


def _numbers(folded: str) -> list[tuple[int, int, str]]:
    """Return `(start, end, digits)` of each number that is not written in plain digits yet."""
    found = []
    for match in _NUMBER.finditer(folded):
        digits = _digits(match[0], *match.groups())
        if digits is not None and digits != match[0]:
            found.append((match.start(), match.end(), digits))
    return found


@lru_cache(4096)
def _digits(
    text: str, share: str | None, myriads: str | None, arabic: str | None, unit: str | None
) -> str | None:
    """Return what `_NUMBER` found, whole and by group, in digits; None if it is no number."""
    if share:
        whole, _, fraction = share.partition("点")
        value, rest = _han_value(whole), "".join(str(_DIGITS.get(c, "")) for c in fraction)
        return None if value is None else f"{value}{'.' + rest if rest else ''}%"
    if myriads:
        return str(int(text.partition("亿")[0]) * 100_000_000 + int(myriads) * 10_000)
    if arabic is not None:
        plain = text[: len(arabic) + 1].replace(",", "")
        return _multiplied(plain, unit) if unit else plain
    value = _han_value(text)
    return None if value is None else str(value)


def _multiplied(plain: str, unit: str) -> str:
    """Return 1.8 and 万 as 18000, without the noise of floating point."""
    zeros = sum({"百": 2, "千": 3, "万": 4, "亿": 8}[character] for character in unit)
    whole, _, fraction = plain.partition(".")
    digits = (whole + fraction.ljust(zeros, "0")[:zeros]).lstrip("0") or "0"
    rest = fraction[zeros:].rstrip("0")
    return f"{digits}.{rest}" if rest else digits


def _han_value(numeral: str) -> int | str | None:
    """Return the value of 三千八百 (3800), 二〇一八 ("2018"), or None: 三四百 is no number."""
    if all(character in _DIGITS for character in numeral):
        # Two digits side by side are rarely a number: 五一, 统一一线.
        if len(numeral) == 2:
            return None
        return "".join(str(_DIGITS[character]) for character in numeral)
    total = section = digit = 0
    pending, last_unit, implied = False, 10_000, 1
    for character in numeral:
        if character in _DIGITS:
            if pending and digit:
                return None
            digit, pending = _DIGITS[character], True
            implied = implied if digit else 1  # 一百零五, but 一百五 is 150
        elif character in _UNITS:
            unit = _UNITS[character]
            if unit >= last_unit or (not pending and unit != 10):
                return None
            section += (digit if pending else 1) * unit
            digit, pending, last_unit, implied = 0, False, unit, unit // 10
        else:
            myriad, section = _MYRIADS[character], section + digit
            if not section:
                return None
            total = (total + section) * myriad if myriad > total else total + section * myriad
            section, digit, pending, last_unit, implied = 0, 0, False, 10_000, myriad // 10
    return total + section + digit * implied
