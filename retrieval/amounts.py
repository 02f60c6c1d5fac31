"""Amounts in a question: what it takes for granted, and what it asks to be confirmed.

In: folded text.  Out: Amounts, and how well a text bears one, as it is or within a range.

    我工作了7年,年假几天     a condition: 已满1年不满10年 is about 7 years, 已满10年 is not
    慰问金是不是200元        a claim: for a yes, 200 元 has to stand there
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from retrieval.patterns import regex

_ALIKE = (
    "元|块钱|块",
    "天|日",
    "小时|个小时|钟头|个钟头",
    "个?星期|周",
    "人|名|位|人次|个人",
    "次|回",
)
_UNIT = (
    "元|块钱?|天|日(?!期)|个?小时|个?钟头|分钟|个月|年(?![级代度初底末前中])|个?星期|周(?!年)"
    "|人次?|名|位|个人|[次回](?!数)|周?岁|倍|%|分之[\\d一二三四五六七八九十]+|公斤|公里|平方米|[个家间份件张场户项吨米套对台辆座所篇]"
)
_AMOUNT = regex(
    rf"(?<![\d.第月哪-])(?P<number>\d+(?:\.\d+)?)(?P<about>[多余来几])? ?(?P<unit>{_UNIT})"
)


class Amount(Struct, frozen=True):
    """A number with its unit."""

    text: str  # 200元
    number: float
    unit: str  # a pattern of the ways in which documents write it
    is_exact: bool  # not 200多元


def amounts(question: str) -> tuple[Amount, ...]:
    """Return the amounts of a folded question; years of the calendar are none."""
    return tuple(
        Amount(
            found[0].replace(" ", ""),
            float(found["number"]),
            _pattern(found["unit"]),
            not found["about"],
        )
        for found in _AMOUNT.finditer(question)
        if not (found["unit"] == "年" and len(found["number"]) == 4)
        and found["number"] != "1"  # 一个, 一年: hardly ever meant as a number
    )


def _pattern(unit: str) -> str:
    return next((ways for ways in _ALIKE if re.fullmatch(ways, unit)), re.escape(unit))


# --- claims -------------------------------------------------------------------------------------

_CONFIRMS = regex(r"是不是|是否|有没有|对不对|真的|没错|[吗吧么]\W*$")
_LIMITS = regex(  # it asks what is allowed, or enough: another number may answer that
    "需要|必须|应[该当]|可以|可不可以|能|行不行|[行够]吗|允许|[够算]|[违合]法|[违合]规|正常|合理|才|提前"
    "|超[过出]|不止|[至最][少多]|最[高长短]|最低(?!工资|生活)|不少于|满|不足|以[上下内外]|之[前内后]|左右|大[概约]|差不多|还是|工作了?\\d"
)


def claims(question: str) -> Iterator[str]:
    """Yield the amount that a folded question wants to have confirmed: 是不是200元.

    Nothing where it asks what one may do, or how a case of one's own is to be judged.
    """
    clause = re.split("[,;。]", question.rstrip("?!。 "))[-1]
    found = [amount for amount in amounts(clause) if amount.is_exact]
    if found and _CONFIRMS.search(clause) and not _LIMITS.search(clause):
        yield found[-1].text


def states(text: str, claim: str) -> bool:
    """Return whether a folded text names an amount, in whichever unit of the same kind."""
    return all(_places(text, amount) for amount in amounts(claim))


def _places(text: str, amount: Amount) -> bool:
    number = re.escape(f"{amount.number:g}")
    return (
        re.search(rf"(?<![\d.]){number}(?:\.0+)?[多余来几]? ?(?:{amount.unit})", text) is not None
    )


# --- conditions ---------------------------------------------------------------------------------

WITHIN = 1.0  # what a range with both its ends, or the amount itself, is worth
BEYOND = 0.5  # and one that is open


def borne(asked: Sequence[Amount], text: str) -> float:
    """Return the share of the amounts that a folded text bears, itself or by a range."""
    return sum(_bears(text, amount) for amount in asked) / len(asked) if asked else 0.0


def _bears(text: str, amount: Amount) -> float:
    if _places(text, amount):
        return WITHIN
    number, unit = r"(\d+(?:\.\d+)?) ?", rf" ?(?:个?(?:{amount.unit}))"
    for found in re.finditer(
        rf"{number}(?:{unit})?(?:以上)?,?(?:但|且)?(?:不满|不足|未满|不超过|至|到|-|—|~){number}{unit}",
        text,
    ):
        if float(found[1]) <= amount.number <= float(found[2]):
            return WITHIN
    for found in re.finditer(rf"(?:满|超过){number}{unit}|{number}{unit}以上", text):
        if float(found[1] or found[2]) <= amount.number and not re.search(
            "[不未]$", text[: found.start()]
        ):
            return BEYOND
    for found in re.finditer(
        rf"(?:不满|不足|未满|不超过){number}{unit}|{number}{unit}以[下内]", text
    ):
        if float(found[1] or found[2]) >= amount.number:
            return BEYOND
    return 0.0
