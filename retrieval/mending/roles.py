"""Which role each unit of a scanned page has: heading, byline, caption, notice or body.

In: Units in the order of the page.  Out: the same with their roles, told from form and position.
"""

from __future__ import annotations

import re

from retrieval.blocks import DATE, Role
from retrieval.mending.paragraphs import ENDS, SENTENCE, SHORT, Cuts, Unit

_PAGE_HEAD = re.compile(rf"{DATE.pattern}\s*(星期.|周.)?\s*\S{{0,12}}")
LABEL = re.compile(r"【[^】]{1,12}】|导语|编者按|编者的话|本版导读")
_ADVERTISEMENT = re.compile(r".*(热烈祝贺|热烈庆祝|恭祝|订阅热线|广告).*")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁"
    "沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戚莫"
    "孔向汤常温康施牛樊葛邢安齐庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴"
    "霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戎"
    "岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟"
)
_COMPOUND_SURNAMES = "欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|公孙|令狐"
_NAME = rf"(?:(?:[{_SURNAMES}]|{_COMPOUND_SURNAMES})[一-鿿]{{1,2}})"
_REPORTER = r"(?:本报|本刊|本网|特约|实习|见习|首席)*(?:通讯员|记者)"
_BYLINES = re.compile(
    rf"(?:{_NAME}|{_REPORTER}|[\s、,，/／])*{_REPORTER}(?:{_NAME}|{_REPORTER}|[\s、,，/／])*(?:[文图摄][/／]?)*"
    r"|(?:责编|美编|校对|编辑|责任编辑|版式|组版|审核|监制|主编|制图|摄影|作者|撰文|文|图)\s*[/／:：].{2,60}"
    rf"|(?:{_NAME}[\s、]*)+[/／]?\s*(?:摄|文|图|摄影|供图|绘)"
    r"|[（(]?(?:来源|稿源|原载|转自|摘自)[:：].{2,40}"
    rf"|.{{2,40}}(?:书记|主席|主任|部长|局长|处长|科长|院长|校长|会长|经理|董事长|教授|研究员|成员|委员|干部)\s+{_NAME}"
)
ORIGIN = re.compile(r"[（(]?(?:来源|稿源|原载|转自|摘自)[:：]")
_CAPTION = 120  # characters: a longer text is a paragraph


def give_roles(units: list[Unit], cuts: Cuts) -> None:
    """Give each unit its role, in place."""
    for unit in units:
        unit.role = _form(unit.text)
    for i, unit in enumerate(units):
        before = units[i - 1] if i else None
        after = units[i + 1] if i + 1 < len(units) else None
        if before and before.role is Role.HEADING and _lone_name(unit.text, cuts):
            unit.role = Role.BYLINE
        if _isolated(unit, after):
            unit.role = Role.CAPTION
    for i, unit in enumerate(units):
        after = units[i + 1] if i + 1 < len(units) else None
        alone = unit.gap > 1 and (after is None or after.role is not Role.BODY)
        paired = after and after.gap <= 1 and after.role is Role.HEADING and not leads(units, i + 1)
        # Within the sentence of another, below the title, with no text of its own.
        within = unit.inside and not leads(units, i) and _any_heading(units[:i])
        if unit.role is not Role.HEADING or bears_name(units, i):
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


def _isolated(unit: Unit, after: Unit | None) -> bool:
    """Return whether a single sentence stands apart from the text around it, as captions do."""
    apart = unit.gap > 1 and (after is None or after.gap > 1 or after.role is not Role.BODY)
    single = len(re.findall(r"[。！？]", unit.text)) == 1 and len(unit.text) <= _CAPTION
    return unit.role is Role.BODY and apart and single and len(unit.block.spans) == 1


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
