"""The lines of a scanned page to articles: sentences joined, roles told apart.

In: a Reading whose blocks are single lines.  Out: Articles, each with its blocks in reading
order.  Three steps, each a function below:

1. `_paragraphs`  a column break or a line wrap ends no paragraph while the sentence goes on;
                  what stands inside the broken sentence (a caption, a title) is stepped over
2. `_roles`       heading, byline, caption, notice or body, from form and position
3. `_articles`    a page holds several articles; some bear title and author after the text

The rules are those of Chinese newspapers and of wrapped text.  No rule changes a character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from retrieval.blocks import DATE, Block, Reading, Repeat, Role, join, line_at

Cuts = Callable[[str], Sequence[str]]
"""Text to its words: whether a word runs across a break tells whether the sentence does."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a page."""

    title: str  # "" where the page shows none
    byline: str
    date: str  # as printed, "" where the page shows none
    blocks: tuple[Block, ...]


@dataclass(slots=True)
class _Unit:
    """A block while its role is being found out."""

    text: str
    block: Block
    gap: int  # blank lines above it; many, where it is the first
    role: Role = Role.BODY
    title: bool = False
    inside: bool = False  # it stands within a sentence of another unit


def mend(reading: Reading, cuts: Cuts) -> list[Article]:
    """Return the articles of a page.  There is at least one if the page holds any text."""
    units = _paragraphs(reading, cuts)
    _roles(units, cuts)
    articles = _articles(units)
    # The page head dates every article of its page.
    date = next((m[0] for u in units if u.role is Role.NOTICE and (m := DATE.match(u.text))), "")
    return [_article(a, date) for a in articles]


# --- 1: paragraphs ------------------------------------------------------------------------------

_ENDS = re.compile(r"[。！？!?…；;：:.][\"'”’」』）)》】]*$")
_SENTENCE = re.compile(r"[。！？；]|[.!?]\s")
_NEW = re.compile(
    r"第[零〇一二三四五六七八九十百千\d]+[编章节条款]|[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．](?!\d)"
    r"|[·•●■◆★※]|[-*]\s|【|——|[问答QA]\s?[:：.]"
)
_OPEN, _CLOSE = "“‘《（(「『【", "”’》）)」』】"
_SHORT = 40  # characters: a longer line is no heading
_REACH = 5  # how many units a broken sentence may be continued after
_FIRST = 9  # blank lines above the first line of a page, as it were
_REPEAT = 15  # characters: shorter lines may well stand twice on a page on purpose


def _paragraphs(reading: Reading, cuts: Cuts) -> list[_Unit]:
    units = _wrapped(reading)
    done: list[_Unit] = []
    used: set[int] = set()
    for i, unit in enumerate(units):
        if i in used:
            continue
        at = i
        while (follower := _continuation(units, at, used, cuts)) is not None:
            used.add(follower)
            for between in units[at + 1 : follower]:
                between.inside = True
            unit = _joined(unit, units[follower], reading.text)
            # What follows the continuation may continue it again.
            at, units[follower] = follower, replace(units[follower], text=unit.text)
        done.append(unit)
    return _without_repeats(done)


def _without_repeats(units: list[_Unit]) -> list[_Unit]:
    """Return the units less those that only repeat another, which then knows their places.

    A repeat is shorter: the other ends with the same words or, if they are prose, begins so.
    """
    ending, beginning = _longer(units, lambda text: text[::-1]), _longer(units, str)
    repeats: set[int] = set()
    for unit in sorted(units, key=lambda unit: len(unit.text)):
        whole = ending.get(id(unit)) or (beginning.get(id(unit)) if _prose(unit) else None)
        if whole is None or len(unit.text) < _REPEAT:
            continue
        again = Repeat(unit.block.place, unit.block.spans)
        also = sorted((*whole.block.also, *unit.block.also, again), key=lambda r: r.spans)
        whole.block = replace(whole.block, also=tuple(also))
        repeats.add(id(unit))
    return [unit for unit in units if id(unit) not in repeats]


def _longer(units: list[_Unit], key: Callable[[str], str]) -> dict[int, _Unit]:
    """Return, by a unit's id, one whose text begins with the unit's and goes on."""
    found: dict[int, _Unit] = {}
    # In order, whatever begins with a text stands right behind it.
    ordered = sorted(((key(unit.text), unit) for unit in units), key=lambda pair: pair[0])
    for (text, unit), (following, other) in reversed(list(pairwise(ordered))):
        if following == text and id(other) in found:
            found[id(unit)] = found[id(other)]
        elif following != text and following.startswith(text):
            found[id(unit)] = other
    return found


def _wrapped(reading: Reading) -> list[_Unit]:
    """Return the lines as units, those of a paragraph wrapped at a fixed width joined."""
    lines: list[_Unit] = []
    for block in reading.blocks:
        gap = _FIRST
        if lines:  # counted in the text: the places of a scanned page are its pages
            between = reading.text[lines[-1].block.spans[-1][1] : block.spans[0][0]]
            gap = line_at(between, len(between)) - 2
        lines.append(_Unit(join(reading.text, block.spans), block, gap))
    followed = [a for a, b in pairwise(lines) if b.gap == 0]
    width = max((len(line.text) for line in followed), default=0)
    filled = [a for a in followed if len(a.text) >= 0.8 * width and not _ENDS.search(a.text)]
    if len(filled) < len(lines) / 4 or not 20 <= width <= 120:
        return lines  # one line a paragraph
    spaced = any(line.gap for line in lines[1:])
    units: list[_Unit] = []
    full = False  # was the line before filled to the margin?
    for line in lines:
        indented = reading.text[line.block.spans[0][0] - 1 : line.block.spans[0][0]] == "\u3000"
        ended = bool(units) and _ENDS.search(units[-1].text) is not None and not spaced
        if full and line.gap == 0 and not indented and not ended and not _NEW.match(line.text):
            units[-1] = _joined(units[-1], line, reading.text)
        else:
            units.append(line)
        full = len(line.text) >= 0.8 * width
    return units


def _joined(first: _Unit, second: _Unit, text: str) -> _Unit:
    block = first.block.followed_by(second.block)
    return _Unit(join(text, block.spans), block, first.gap)


def _continuation(units: list[_Unit], at: int, used: set[int], cuts: Cuts) -> int | None:
    """Return the number of the unit that goes on with the sentence that unit `at` breaks off."""
    broken = units[at].text
    if _ENDS.search(broken) or not (
        len(broken) > _SHORT or _SENTENCE.search(broken) or _left_open(broken)
    ):
        return None
    following = [i for i in range(at + 1, min(at + 1 + _REACH, len(units))) if i not in used]
    for i in following:
        if _prose(units[i]) and _fits(broken, units[i].text, cuts):
            return i
        if len(units[i].text) > 2 * _SHORT and units[i].text != broken[-len(units[i].text) :]:
            break  # too much to be stepped over
    if following:
        text = units[following[0]].text
        # Without such a sign, it goes on in the very next paragraph, if that is a text at all.
        if (_SENTENCE.search(text) or _ENDS.search(text)) and not _NEW.match(text):
            return following[0]
    return None


def _prose(unit: _Unit) -> bool:
    return len(unit.text) > _SHORT or _SENTENCE.search(unit.text) is not None


def _fits(broken: str, follower: str, cuts: Cuts) -> bool:
    """Return whether the break stands within a word, or within quotation marks or brackets."""
    if _NEW.match(follower) or broken.endswith(follower):
        return False
    if broken[-1] in "，,、“‘《（(":
        return True
    if (mark := _left_open(broken)) and _closes(follower, mark):
        return True
    tail, head = broken[-6:], follower[:6]
    at = 0
    for word in cuts(tail + head):
        if at < len(tail) < at + len(word):
            return True
        at += len(word)
    return False


def _left_open(text: str) -> str:
    """Return the last opening mark that nothing closes, or ""."""
    stack: list[str] = []
    for character in text:
        if character in _OPEN:
            stack.append(character)
        elif character in _CLOSE and stack:
            stack.pop()
    return stack[-1] if stack else ""


def _closes(text: str, mark: str) -> bool:
    """Return whether `text` closes `mark` before it opens another of its kind."""
    closing = _CLOSE[_OPEN.index(mark)]
    return (text + mark).index(mark) > text.find(closing) >= 0


# --- 2: roles -----------------------------------------------------------------------------------

_PAGE_HEAD = re.compile(rf"{DATE.pattern}\s*(星期.|周.)?\s*\S{{0,12}}")
_LABEL = re.compile(r"【[^】]{1,12}】|导语|编者按|编者的话|本版导读")
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
_ORIGIN = re.compile(r"[（(]?(?:来源|稿源|原载|转自|摘自)[:：]")
_CAPTION = 120  # characters: a longer text is a paragraph


def _roles(units: list[_Unit], cuts: Cuts) -> None:
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
        paired = (
            after and after.gap <= 1 and after.role is Role.HEADING and not _leads(units, i + 1)
        )
        # Within the sentence of another, below the title, with no text of its own.
        within = unit.inside and not _leads(units, i) and _any_heading(units[:i])
        if unit.role is not Role.HEADING or _bears_name(units, i):
            continue
        if (alone and not paired) or within:
            unit.role = Role.CAPTION


def _form(text: str) -> Role:
    """Return the role that a text's own form shows."""
    if _PAGE_HEAD.fullmatch(text) or _LABEL.fullmatch(text) or _ADVERTISEMENT.fullmatch(text):
        return Role.NOTICE if len(text) <= _SHORT + 20 else Role.BODY
    if len(text) <= 80 and _BYLINES.fullmatch(text):
        return Role.BYLINE
    latin = text.isascii()
    if len(text) > (100 if latin else _SHORT) or _ENDS.search(text) or _SENTENCE.search(text):
        return Role.BODY
    return Role.HEADING


def _lone_name(text: str, cuts: Cuts) -> bool:
    """Return whether a line is somebody's name and no word that only looks like one."""
    return re.fullmatch(_NAME, text) is not None and (len(text) == 3 or len(cuts(text)) > 1)


def _isolated(unit: _Unit, after: _Unit | None) -> bool:
    """Return whether a single sentence stands apart from the text around it, as captions do."""
    apart = unit.gap > 1 and (after is None or after.gap > 1 or after.role is not Role.BODY)
    single = len(re.findall(r"[。！？]", unit.text)) == 1 and len(unit.text) <= _CAPTION
    return unit.role is Role.BODY and apart and single and len(unit.block.spans) == 1


def _any_heading(units: list[_Unit]) -> bool:
    return any(unit.role is Role.HEADING for unit in units)


def _leads(units: list[_Unit], i: int) -> bool:
    """Return whether a body follows heading `i` directly."""
    return i + 1 < len(units) and units[i + 1].role is Role.BODY


def _bears_name(units: list[_Unit], i: int) -> bool:
    """Return whether heading `i` is a title: its author, subtitle or column label follows."""
    following = units[i + 1 : i + 3]
    while following and following[0].text.startswith("——"):
        following = following[1:]
    if not following:
        return False
    author = following[0].role is Role.BYLINE and not following[0].text.rstrip().endswith("摄")
    return author or _LABEL.fullmatch(following[0].text) is not None


# --- 3: articles --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    units: list[_Unit] = field(default_factory=list)
    closed: bool = False  # its source was named: nothing more belongs to it

    def has(self, role: Role) -> bool:
        return any(u.role is role for u in self.units)

    @property
    def titled(self) -> bool:
        return any(u.title for u in self.units)


def _articles(units: list[_Unit]) -> list[_Draft]:
    drafts = [_Draft()]
    for i, unit in enumerate(units):
        draft = drafts[-1]
        if _begins(units, i, draft):
            draft = _Draft()
            drafts.append(draft)
        if unit.role is Role.HEADING and not draft.titled and _names(units, i, draft):
            unit.title = True
        elif unit.text.startswith("——") and i and units[i - 1].title:
            unit.title, unit.role = True, Role.HEADING
        draft.units.append(unit)
        draft.closed = draft.closed or _ORIGIN.match(unit.text) is not None
    for draft in drafts:
        _name_by_pair(draft)
    return [d for d in drafts if d.units]


def _begins(units: list[_Unit], i: int, draft: _Draft) -> bool:
    """Return whether unit `i` is the first of another article than `draft`."""
    unit = units[i]
    if not draft.has(Role.BODY):
        return False
    if unit.role is Role.NOTICE:
        return _LABEL.fullmatch(unit.text) is not None
    if unit.role is not Role.HEADING:
        return False
    return draft.closed or (draft.titled and _bears_name(units, i))


def _names(units: list[_Unit], i: int, draft: _Draft) -> bool:
    """Return whether heading `i` is the title of `draft`, before its text or after it."""
    if _bears_name(units, i):
        return True
    # Headings before the first paragraph: the uppermost is the title.
    return not draft.has(Role.BODY) and not draft.has(Role.CAPTION)


def _name_by_pair(draft: _Draft) -> None:
    """Take two short lines on their own for kicker and title, where nothing else is a title."""
    if draft.titled:
        return
    units = draft.units
    for i, (a, b) in enumerate(pairwise(units)):
        if a.role is b.role is Role.HEADING and not _leads(units, i + 1):
            a.title = b.title = True
            return


def _article(draft: _Draft, date: str) -> Article:
    titles = [u.text for u in draft.units if u.title]
    bylines = [u.text for u in draft.units if u.role is Role.BYLINE]
    return Article(" ".join(titles), " ".join(bylines), date, tuple(_levelled(draft)))


def _levelled(draft: _Draft) -> Iterator[Block]:
    """Yield the blocks, the title first wherever the page has it."""
    for unit in sorted(draft.units, key=lambda u: not u.title) if draft.titled else draft.units:
        level = (1 if unit.title else 2) if unit.role is Role.HEADING else 0
        yield replace(unit.block, role=unit.role, level=level)
