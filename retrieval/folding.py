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
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

from retrieval.blocks import Span
from retrieval.variants import Variants


@dataclass(frozen=True, slots=True)
class Folded:
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
    plain = text.translate(_character_folds())
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


class _CharacterFolds(dict[int, str]):
    """By the number of a character, its fold, worked out when it is first met."""

    def __init__(self) -> None:
        super().__init__()
        self._simplified = Variants("simplified.txt")
        self.uneven: set[str] = set()  # of those met: what does not become one character

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
    rf"(?=[{_NUMERALS}万亿\d])(?:"  # only so as to find quickly where none begins
    rf"(?P<percent>百分之(?P<share>[{_NUMERALS}点]+))"
    r"|(?P<hundred_millions>\d+)亿(?P<myriads>\d+)万"
    r"|(?P<arabic>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:[ ]?(?P<unit>[百千]?[万亿]+|[百千](?![分克瓦米万亿百千]))(?!\d))?"
    # 几十个 is no ten, and in 一千克 the 千 belongs to the unit.
    rf"|(?<![几数])(?P<han>[{_NUMERALS}万亿]{{2,}}(?<!千(?=[克瓦米]))|[{_NUMERALS}](?=[{_COUNTED}]|千[克瓦米])))"
)


def _numbers(folded: str) -> list[tuple[int, int, str]]:
    """Return `(start, end, digits)` of each number that is not written in plain digits yet."""
    found = []
    for match in _NUMBER.finditer(folded):
        digits = _digits(match)
        if digits is not None and digits != match[0]:
            found.append((match.start(), match.end(), digits))
    return found


def _digits(match: re.Match[str]) -> str | None:
    if match["percent"]:
        whole, _, fraction = match["share"].partition("点")
        value, rest = _han_value(whole), "".join(str(_DIGITS.get(c, "")) for c in fraction)
        return None if value is None else f"{value}{'.' + rest if rest else ''}%"
    if match["myriads"]:
        return str(int(match["hundred_millions"]) * 100_000_000 + int(match["myriads"]) * 10_000)
    if match["arabic"]:
        plain = match["arabic"].replace(",", "")
        return _multiplied(plain, match["unit"]) if match["unit"] else plain
    value = _han_value(match["han"])
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
