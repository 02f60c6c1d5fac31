"""The things that a question can ask for, and where a text holds one of them.

In: a Question's kinds of answer, and folded text.  Out: slices of the text: the amount with
its unit, the date, the person, the place, the list.  They are hints: they choose between
sentences and are marked in the one that was chosen, but no answer depends on them alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from msgspec import Struct

from retrieval.blocks import Span
from retrieval.patterns import regex
from retrieval.phrases import Wanted
from retrieval.questions import Question
from retrieval.surnames import BEFORE, CALLINGS, COMMON_WORDS, SURNAMES, TITLES
from retrieval.terms import LETTER

_AMOUNT = r"\d[\d.]*%?[多余几来]? ?"
_ENGLISH_AMOUNT = (
    r"(?:£|\$|€) ?\d|\b(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|"
    r"thousand|million|dozen|half|third|quarter|once|twice|double)[ -]+[a-z]"
)
_LENGTHS = "年|个?月|天|日|小时|分钟|周|星期|学时|届"
_MONEY = "元|块钱|圆|镑|法郎|马克|卢布|币"
_AREA = "平方?米|㎡|平方公里|公顷|亩"
_UNITS = (  # what a question counts, and the units that texts count it in
    (
        r"多少钱|几块钱|几个钱|多少元|多少块|多少工资|how much (?:money|is paid)",
        "元|块钱|镑|圆|法郎|马克|卢布|币|%|倍",
    ),
    (r"(?:多少|几)(?:个?人|名|位|个?(?:职工|会员|员工))|how many people", "人|名|位|户|%"),
    (r"百分之几|几成|几倍|比例|占比|percent", "%|倍|成|比例|半数"),
    (r"多久|多长时间|how long|(?<![这那前近哪])(?<!最近)几(?:年|个月|天|个?小时|周)", _LENGTHS),
    (r"多少(?:年|个月|天|个?小时|周)", _LENGTHS),
    (r"多大年[龄纪]|(?:多少|几)岁", "岁"),
    (
        r"(?:多少|几)个?平方?米|多大面积|面积(?:有?多[大少]|是多少)",
        "平方?米|㎡|平方公里|公顷|亩|倍|%",
    ),
    (r"(?:多少|几)(?:公里|千米|里路)", "公里|千米|里|米"),
    (r"(?:多少|几)(?:公斤|千克|斤|吨)", "公斤|千克|斤|吨|克"),
    (r"(?:多少|几)(?:摄氏)?度", "度|℃|°"),
)
_ASKS_NUMBER = regex(  # by which to call
    "(?:哪个|什么|啥|多少)(?:号码|电话|热线|手机号)|(?:号码|电话|热线|手机号)(?:号码)?是?(?:哪个|什么|啥|多少|几)"
)
_NUMBER_TO_CALL = regex(r"\d{5}|\d{3}-\d{4}|(?<!\d)1[12]\d(?!\d)")
_ASKS_YEAR = regex("哪1?年|几几年|何年|年份")
_SAYS_YEAR = regex(r"\d{3,4} ?年|年代|世纪|年号|[今去前昨明当次翌同]年|\d年|元年|\b\d{3,4}\b|年间")
_CALENDAR = regex(r"(?<!\d)(?:1\d|20)\d\d年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日")
_COUNTED = regex(  # no (2), no 统一, no 一系列
    r"(?<![第\d])\d+(?!\d| ?[)、])|[两几数十百千万半双]|首[个次家批]"
    "|[一二三四五六七八九](?:[个名位人次件项家户间处所座台辆场届期点时分秒刻成倍层级支只张把条])"
)
_ASKED_UNIT = regex(rf"(?<!哪)(?:多少|几)个?(?P<unit>{LETTER})")
_DATE = (
    r"\d{4}年(?:\d+月(?:\d+日)?)?|\d{1,2}月\d{1,2}日|\d{1,2}月|\d{1,2}日(?!内)"
    r"|(?:春|夏|秋|冬)季|春节|元旦|国庆|中秋|前夕|[上下]午|星期[1-6一二三四五六日]"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|\b(?:1\d|20)\d\d\b"
)
_SURNAMES = SURNAMES + COMMON_WORDS
_TITLES = f"{TITLES}|{BEFORE}|{CALLINGS}"
_PERSON = (
    rf"(?:{_TITLES})[:/ ]?[{_SURNAMES}]{LETTER}{{1,2}}"
    rf"|[{_SURNAMES}]{LETTER}{{1,2}}(?=说|表示|告诉|介绍|认为|坦言|撰|摄|(?:{_TITLES}))"
)
_LOCALITIES = "省|市|区|县|镇|乡|村|街道|路|大道|中心|广场|大厦"
_PLACE = rf"(?:在|位于|地点)[\w“”]{{2,}}|{LETTER}{{2,}}(?:{_LOCALITIES})"
_LIST = r"[^、，,。；;]+(?:、[^、，,。；;]+){2,}|\((?:[一二三四五六七八九十]|\d{1,2})\)"
_MEANING = r"是指|所称|称为|指的是|，是|,是| is | are |means"


def _preceded(words: str) -> str:
    """Return a pattern that finds words before which two letters stand, however many there are."""
    rest = "|".join(f"(?<={LETTER}{{2}}{word[0]}){word[1:]}" for word in words.split("|"))
    return f"[{''.join(word[0] for word in words.split('|'))}](?:{rest})"


_SIGNS = {
    _DATE: (
        r"\d(?:\d{3}年|\d?月|\d?日(?!内)|(?:(?<=\b1)\d|(?<=\b2)0)\d\d\b)",
        "春[季节]|夏季|秋季|冬季|元旦|国庆|中秋|前夕|上午|下午|星期[1-6一二三四五六日]",
        r"[jfmasond](?<=\b.)(?:anuary|ebruary|arch|pril|ay|une|uly|ugust|(?:ept|ov|ec)ember|ctober)\b",
    ),
    _PERSON: (
        rf"[{_SURNAMES}]{LETTER}{{1,2}}(?:说|表示|告诉|介绍|认为|坦言|撰|摄|{_TITLES})",
        rf"(?:{_TITLES})[:/ ]?[{_SURNAMES}]{LETTER}",
    ),
    _PLACE: (_preceded(_LOCALITIES), r"在[\w“”]{2}|位于[\w“”]{2}|地点[\w“”]{2}"),
    _LIST: (
        r"、(?<=[^、，,。；;]、)[^、，,。；;]+、[^、，,。；;]",
        r"\((?:[一二三四五六七八九十]|\d{1,2})\)",
    ),
}
"""Enough to know that what a pattern describes stands in a text: one of these is found there.

Each begins with a character or a class of them, which `re` looks for by itself: in the hundred
texts of a question they are found ten times as fast.
"""


class _Words(Struct, frozen=True):
    """A pattern of nothing but words: `in` finds these ten times as fast as `re`."""

    words: Sequence[str]

    def search(self, text: str) -> bool:
        return any(word in text for word in self.words)


@cache
def _signs(pattern: re.Pattern[str]) -> tuple[re.Pattern[str] | _Words, ...]:
    if pattern.pattern == _MEANING:
        return (_Words(_MEANING.split("|")),)
    return tuple(map(regex, _SIGNS.get(pattern.pattern, (pattern.pattern,))))


def _patterns(question: Question) -> tuple[re.Pattern[str], ...]:
    """Return what fits a question, the most exact first."""
    if not question.wants:
        return ()
    about = question.content if Wanted.MEANING in question.wants else ()
    return _patterns_for(question.wants, question.folded, about)


@lru_cache(maxsize=64)
def _patterns_for(
    wants: frozenset[Wanted], folded: str, about: tuple[tuple[str, str], ...]
) -> tuple[re.Pattern[str], ...]:
    found = []
    if about:
        subject = "|".join(re.escape(word) for word, _ in about)
        found.append(
            rf"(?:{subject})[^,，。]{{0,4}}[,，]?(?:是|包括|有权)|(?:称|叫)的?(?:{subject})"
        )
    if Wanted.NUMBER in wants:
        found += [rf"{_AMOUNT}{LETTER}?(?:{unit})" for unit in _units(folded)]
        if asked := _ASKED_UNIT.search(folded):
            found.append(rf"{_AMOUNT}{asked['unit']}")
        found.append(_AMOUNT)
        if folded.isascii():
            found.append(_ENGLISH_AMOUNT)
    kinds = {
        Wanted.TIME: _DATE,
        Wanted.PERSON: _PERSON,
        Wanted.BYLINE: _PERSON,
        Wanted.PLACE: _PLACE,
        Wanted.LIST: _LIST,
        Wanted.ITEMS: _LIST,
        Wanted.MEANING: _MEANING,
    }
    found += [pattern for wanted, pattern in kinds.items() if wanted in wants]
    return tuple(map(re.compile, found))


def _units(question: str) -> list[str]:
    return [units for asked, units in _UNITS if re.search(asked, question)]


def lacks(question: Question, text: str) -> bool:
    """Return whether a folded text cannot answer, for want of anything of the kind asked for.

    True only where that is sure: whoever asks what it costs is not answered without money, nor
    by which number to call without one, nor which year without any.
    """
    if _ASKS_NUMBER.search(question.folded):
        return not _NUMBER_TO_CALL.search(text)
    if _ASKS_YEAR.search(question.folded):
        return not _SAYS_YEAR.search(text)
    if Wanted.NUMBER not in question.wants or question.wants & {Wanted.LIST, Wanted.TIME}:
        return False
    if re.search(_ENGLISH_AMOUNT, text):
        return False  # who knows what units an English text counts in
    text = _CALENDAR.sub(" ", text)  # no date is an amount of anything
    if units := _units(question.folded):
        counted = (rf"{_AMOUNT}\D{{0,4}}?(?:{unit})|\([^()\d]?(?:{unit})\): ?\d" for unit in units)
        return not any(re.search(amount, text) for amount in counted)  # 168元, or 单价(元):168
    return not _COUNTED.search(text)


def fitter(question: Question) -> Callable[[str], float]:
    """Return what tells of a folded text how well it holds what is asked for, from 0 to 1."""
    signs = [_signs(pattern) for pattern in _patterns(question)]

    def fit(text: str) -> float:
        for number, any_of in enumerate(signs):
            if any(sign.search(text) for sign in any_of):
                return 1 - number / len(signs)
        return 0.0

    return fit


def fitting(question: Question, text: str) -> list[Span]:
    """Return where a folded text holds what is asked for; a number alone says too little."""
    for pattern in _patterns(question):
        places = [match.span() for match in pattern.finditer(text)]
        if places and pattern.pattern != _AMOUNT:
            return places
    return []
