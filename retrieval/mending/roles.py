"""Which role each unit of a scanned page has: heading, byline, caption, notice or body.

In: Units in the order of the page.  Out: the same with their roles, told from form and position.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile

from retrieval.blocks import DATE, Role
from retrieval.mending.paragraphs import ENDS, LONG_TITLE, SENTENCE, SHORT, Cuts, Unit
from retrieval.surnames import COMMON_WORDS, COMPOUND, OFFICES, SURNAMES

_PAGE_HEAD = re.compile(rf"{DATE.pattern}\s*(星期.|周.)?\s*\S{{0,12}}")
LABEL = re.compile(r"【[^】]{1,12}】|导语|编者按|编者的话|本版导读")
_ADVERTISEMENT = re.compile(r".*(热烈祝贺|热烈庆祝|恭祝|订阅热线|广告).*")
_SURNAMES = (SURNAMES + COMMON_WORDS).replace("文", "")  # 文/图
_COMPOUND_SURNAMES = "|".join(COMPOUND)
_NAME = rf"(?:(?:[{_SURNAMES}]|{_COMPOUND_SURNAMES})[一-鿿]{{1,2}})"
_REPORTER = r"(?:本报|本刊|本网|特约|实习|见习|首席)*(?:通讯员|记者)"
_BYLINES = re.compile(
    rf"(?:{_NAME}|{_REPORTER}|[\s、,，/／])*{_REPORTER}(?:{_NAME}|{_REPORTER}|[\s、,，/／])*(?:[文图摄][/／]?)*"
    r"|(?:责编|美编|校对|编辑|责任编辑|版式|组版|审核|监制|主编|制图|摄影|作者|撰文|文|图)\s*[/／:：].{2,60}"
    rf"|(?:{_NAME}[\s、]*)+[/／]?\s*(?:摄|文|图|摄影|供图|绘)"
    r"|[（(]?(?:来源|稿源|原载|转自|摘自)[:：].{2,40}"
    rf"|.{{2,40}}(?:{OFFICES})\s+{_NAME}"
)
ORIGIN = re.compile(r"[（(]?(?:来源|稿源|原载|转自|摘自)[:：]")
_CHAPTER = re.compile(r"第[零〇一二三四五六七八九十百\d]+[编章节]|[一二三四五六七八九十]{1,3}、")
_ABOVE = (Role.NOTICE, Role.BYLINE)  # what may stand above a title
_CAPTION = 120  # characters: a longer text is a paragraph


def give_roles(units: list[Unit], cuts: Cuts) -> None:
    """Give each unit its role, in place."""
    for unit in units:
        unit.role = _form(unit.text)
    if units and units[0].role is Role.BODY and LONG_TITLE.fullmatch(units[0].text):
        units[0].role = Role.HEADING
    # What stands apart does so more than is usual on its page: some are set wide throughout.
    usual = Counter(unit.gap for unit in units[1:]).most_common(1)
    near = max(1, usual[0][0]) if usual else 1
    for i, unit in enumerate(units):
        before = units[i - 1] if i else None
        after = units[i + 1] if i + 1 < len(units) else None
        if before and before.role is Role.HEADING and _lone_name(unit.text, cuts):
            unit.role = Role.BYLINE
        if _isolated(unit, after, near):
            unit.role = Role.CAPTION
    top = _uppermost(units)
    for i, unit in enumerate(units):
        after = units[i + 1] if i + 1 < len(units) else None
        alone = unit.gap > near and (after is None or after.role is not Role.BODY)
        paired = (
            after and after.gap <= near and after.role is Role.HEADING and not leads(units, i + 1)
        )
        # Within the sentence of another, below the title, with no text of its own.
        within = unit.inside and not leads(units, i) and _any_heading(units[:i])
        if unit.role is not Role.HEADING or i == top or bears_name(units, i):
            continue
        if _CHAPTER.match(unit.text):
            continue
        if (alone and not paired) or within:
            unit.role = Role.CAPTION


def _form(text: str) -> Role:
    """Return the role that a text's own form shows."""
    if _PAGE_HEAD.fullmatch(text) or LABEL.fullmatch(text) or _ADVERTISEMENT.fullmatch(text):
        return Role.NOTICE if len(text) <= SHORT + 20 else Role.BODY
    if len(text) <= 80 and _BYLINES.fullmatch(text):
        return Role.BYLINE
    latin = text.isascii()
    if len(text) > (100 if latin else SHORT) or ENDS.search(text) or SENTENCE.search(text):
        return Role.BODY
    return Role.HEADING


def _lone_name(text: str, cuts: Cuts) -> bool:
    """Return whether a line is somebody's name and no word that only looks like one."""
    return re.fullmatch(_NAME, text) is not None and (len(text) == 3 or len(cuts(text)) > 1)


def _isolated(unit: Unit, after: Unit | None, near: int) -> bool:
    """Return whether a single sentence stands apart from the text around it, as captions do."""
    apart = unit.gap > near and (after is None or after.gap > near or after.role is not Role.BODY)
    single = len(re.findall(r"[。！？]", unit.text)) == 1 and len(unit.text) <= _CAPTION
    return unit.role is Role.BODY and apart and single and len(unit.block.spans) == 1


def _uppermost(units: list[Unit]) -> int | None:
    """Return the number of the heading that opens a page; None where something else does.

    It is the title of what follows, though a chapter's heading or a date may come first.  Only
    where another heading bears its author's name before any text, the first may be a caption.
    """
    top = next((i for i, unit in enumerate(units) if unit.role not in _ABOVE), len(units))
    opening = list(takewhile(lambda unit: unit.role is not Role.BODY, units[top:]))
    if not opening or opening[0].role is not Role.HEADING:
        return None
    below = range(top + 1, top + len(opening))
    named = any(units[i].role is Role.HEADING and bears_name(units, i) for i in below)
    return None if named else top


def _any_heading(units: list[Unit]) -> bool:
    return any(unit.role is Role.HEADING for unit in units)


def leads(units: list[Unit], i: int) -> bool:
    """Return whether a body follows heading `i` directly."""
    return i + 1 < len(units) and units[i + 1].role is Role.BODY


def bears_name(units: list[Unit], i: int) -> bool:
    """Return whether heading `i` is a title: its author, subtitle or column label follows."""
    following = units[i + 1 : i + 3]
    while following and following[0].text.startswith("——"):
        following = following[1:]
    if not following:
        return False
    author = following[0].role is Role.BYLINE and not following[0].text.rstrip().endswith("摄")
    return author or LABEL.fullmatch(following[0].text) is not None
