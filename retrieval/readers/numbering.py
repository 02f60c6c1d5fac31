"""The numbers that Word writes itself, as 第三条 or 1.2: they are in no paragraph's text.

In: a document's numbering part, its styles, its paragraphs in order.  Out: for each numbered
paragraph what Word shows before it.  Bullets are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from msgspec import Struct

_MOST = 9_999  # what is counted further is no numbered paragraph but damage
_BASED_ON = 20  # styles upon each other; in damaged files, in a circle
_DIGITS = "零一二三四五六七八九"


class Level(NamedTuple):
    """How one level of a list counts."""

    start: int = 1
    format: str = "decimal"
    text: str = ""  # as "第%1条", or "%1.%2"
    after: str = " "
    style: str = ""  # the paragraphs of this style are of this level
    legal: bool = False  # all numbers in it are 1, 2, 3
    restarts: bool = True


class _List(Struct):
    """A list: its levels, and how far it has counted."""

    levels: dict[int, Level] = {}
    counts: dict[int, int] = {}


class _Use(Struct):
    """A use of a list, which may begin anew."""

    list: _List
    own: dict[int, Level] = {}
    starts: dict[int, int] = {}  # not yet made


class Numbering:
    """Counts through a document: `label` is to be asked for each paragraph once, in order."""

    def __init__(
        self, numbering: BaseOxmlElement | None, styles: Iterable[BaseOxmlElement]
    ) -> None:
        self._styles = {str(style.get(qn("w:styleId"))): style for style in styles}
        self._uses: dict[str, _Use] = {}
        if numbering is not None:
            self._take(numbering)

    def label(self, paragraph: BaseOxmlElement) -> str:
        """Return what Word shows before a paragraph, a space after it; "" for nothing."""
        number, level = self._place(paragraph)
        use = self._uses.get(number)
        if use is None:
            return ""
        if level in use.starts:
            use.list.counts[level] = use.starts.pop(level) - 1
        levels = use.list.levels | use.own
        counts = use.list.counts
        for above in range(level):
            counts.setdefault(above, levels.get(above, Level()).start)
        shape = levels.get(level, Level())
        counts[level] = min(counts.get(level, shape.start - 1) + 1, _MOST)
        for below in [n for n in counts if n > level and levels.get(n, Level()).restarts]:
            del counts[below]
        if shape.format == "bullet":
            return ""

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            form = "decimal" if shape.legal else levels.get(at, Level()).format
            return written(counts.get(at, 0), form)

        text = re.sub(r"%([1-9])", shown, shape.text).strip()
        # 一、 and （1） need no space after them.
        return text if not text or text[-1] in "、）：】" else text + shape.after

    def _take(self, numbering: BaseOxmlElement) -> None:
        lists = {}
        links = {}
        for abstract in numbering.iterchildren(qn("w:abstractNum")):
            id = str(abstract.get(qn("w:abstractNumId")))
            lists[id] = _List(_levels(abstract))
            links[id] = _value(abstract, "numStyleLink")
        for number in numbering.iterchildren(qn("w:num")):
            use = _Use(lists.get(_value(number, "abstractNumId"), _List()))
            for change in number.iterchildren(qn("w:lvlOverride")):
                level = _number(change.get(qn("w:ilvl")), 0)
                use.own |= _levels(change)
                if start := _value(change, "startOverride"):
                    use.starts[level] = _number(start, 1)
            self._uses[str(number.get(qn("w:numId")))] = use
        for number in numbering.iterchildren(qn("w:num")):
            # A list may be that of a style, which names another use of it.
            if link := links.get(_value(number, "abstractNumId")):
                own, _ = self._of_style(link)
                if own in self._uses:
                    self._uses[str(number.get(qn("w:numId")))].list = self._uses[own].list

    def _place(self, paragraph: BaseOxmlElement) -> tuple[str, int]:
        """Return which use of a list a paragraph belongs to, and its level there."""
        settings = paragraph.find(qn("w:pPr"))
        style = _value(settings, "pStyle")
        own = settings.find(qn("w:numPr")) if settings is not None else None
        number, level = self._of_style(style)
        if own is not None:
            number = _value(own, "numId") or number
            level = _number(_value(own, "ilvl"), 0 if level is None else level)
        use = self._uses.get(number)
        if level is None and use:
            levels = use.list.levels | use.own
            level = next((n for n, shape in levels.items() if shape.style == style), 0)
        return number, level or 0

    def _of_style(self, id: str) -> tuple[str, int | None]:
        for _ in range(_BASED_ON):
            style = self._styles.get(id)
            if style is None:
                break
            settings = style.find(qn("w:pPr"))
            numbered = settings.find(qn("w:numPr")) if settings is not None else None
            if numbered is not None:
                level = _value(numbered, "ilvl")
                return _value(numbered, "numId"), _number(level, 0) if level else None
            id = _value(style, "basedOn")
        return "", None


def _levels(parent: BaseOxmlElement) -> dict[int, Level]:
    found = {}
    for level in parent.iterchildren(qn("w:lvl")):
        after = {"nothing": ""}.get(_value(level, "suff"), " ")
        found[_number(level.get(qn("w:ilvl")), 0)] = Level(
            _number(_value(level, "start"), 1),
            _value(level, "numFmt") or "decimal",
            _value(level, "lvlText"),
            after,
            _value(level, "pStyle"),
            level.find(qn("w:isLgl")) is not None,
            _value(level, "lvlRestart") != "0",
        )
    return found


def _value(element: BaseOxmlElement | None, name: str) -> str:
    child = None if element is None else element.find(qn(f"w:{name}"))
    return "" if child is None else str(child.get(qn("w:val"), ""))


def _number(text: str | None, otherwise: int) -> int:
    return min(int(text), _MOST) if text and text.isascii() and text.isdigit() else otherwise


# --- how numbers are written --------------------------------------------------------------------


def written(number: int, format: str) -> str:
    """Return a number in one of Word's formats; in one that is not known, as 1, 2, 3."""
    write = _FORMATS.get(format)
    return str(number) if write is None or number < 1 else write(number)


def _chinese(number: int) -> str:
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + name
        zero = not digit
    return text.removeprefix("一") if 10 <= number < 20 else text


def _letters(number: int) -> str:
    """Return a … z, then aa, bb, as Word counts."""
    return chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    text = ""
    for value, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        "m cm d cd c xc l xl x ix v iv i".split(),
        strict=True,
    ):
        text += letters * (number // value)
        number %= value
    return text


def _of(characters: str) -> Callable[[int], str]:
    return lambda number: characters[number - 1] if number <= len(characters) else str(number)


def _digit_by_digit(digits: str) -> Callable[[int], str]:
    return lambda number: "".join(digits[int(digit)] for digit in str(number))


_CIRCLED = _of("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda number: "",
    "decimalZero": lambda number: f"{number:02}",
    "decimalFullWidth": _digit_by_digit("０１２３４５６７８９"),
    "decimalFullWidth2": _digit_by_digit("０１２３４５６７８９"),
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
    "decimalEnclosedParen": _of("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    "decimalEnclosedFullstop": _of("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerLetter": _letters,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerRoman": _roman,
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "ideographDigital": _digit_by_digit("〇" + _DIGITS[1:]),
    "ideographTraditional": _of("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _of("子丑寅卯辰巳午未申酉戌亥"),
}
