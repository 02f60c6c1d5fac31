"""Places, years, numbers and titles in a question: an answer has to be about them.

In: folded text.  Out: names, and whether a document bears one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from itertools import pairwise

from retrieval.folding import fold
from retrieval.patterns import regex
from retrieval.persons import bears_person, has_dot
from retrieval.phrases import says_nothing
from retrieval.terms import ABROAD, LETTER, PLACE_ENDINGS, Analyzer, han_runs

_PLACE = re.compile(rf"(?P<stem>.{{2,}})(?:{'|'.join(PLACE_ENDINGS)})")
# What stands before 区, 市, 村 … without naming any.
_KINDS = frozenset(
    "开发 经开 高新 风景 保护 工业 产业 示范 试验 实验 生活 住宅 商业 服务 居民 行政 办公 "
    "教育 改造 休息 直辖 县级 地级 自治 大城 中小 城中 新农 社会 文化 工厂 全国 各地 每个 "
    "哪个 这个 那个 整个 附近 其他 外地 本地 乡镇 各个".split()
)
_RARELY_MEANT = frozenset("城市 新建 和平 平原 太平 建国 长大 朝阳".split())  # places, too
_ROAD = re.compile(f"{LETTER}{{2}}路街道")
_DATES = "年月日号第"  # what a numeral leaves behind
_SO_MANY = "第了过满近约共达超足"  # before a number that counts years or things
_YEAR = regex(
    r"(?<!\d)(?:"
    r"(?:19|20)\d\d(?= ?年|[-/.]|届|版)|(?<!before )(?<!after )(?<!since )(?:19|20)\d\d(?=\W*$)"
    # Of other numbers 1620年 and 民国112年, but not 用了125年 nor 1500年以上;
    rf"|(?<![{_SO_MANY}])(?!1000)(?:1\d\d\d|[1-9]\d[1-9])"
    r"(?= ?年(?![来多前后内间]|以[上下内前后来]|之[前后内久]|的?历史|左右))"
    # 2023高温津贴, but not 2018名;
    rf"|(?<![{_SO_MANY}])(?:19[5-9]\d|20[0-4][1-9])(?={LETTER})"
    "(?![名位个元块天日时小分周次回倍岁人户家件条张间份场项吨米套对台辆座所篇斤克亩级步字股票多余来几万亿千百]"
    "|职工|员工|会员)"
    # in 1950 or later, but not in 1950 cases.
    r"|(?:(?<=\bin )|(?<=\byear )|(?<=\bduring ))(?:1[5-9]|20)\d\d\b"
    r"(?! ?%| (?!(?:wa|i|doe|ha|thi|it|a)s\b)[a-z]+s\b)"
    r")"
)
_NUMBERED = re.compile(
    r"第 ?\d+ ?[届次批期季轮号条款章版]|\d+ ?周年|\d+路(?=公交|车|司机)"
    r"|\d+ ?号(?:令|文件|公告|通知|线|楼)"
)
_CLAUSE = re.compile(r"(?:^\W*那?么?|[法例定章程] ?)(\d+) ?条")  # 那44条呢, 工会法44条


Known = Callable[[Collection[str]], Collection[str]]
"""Which of some words documents use as the names of places; no dictionary has them all."""


def names(question: str, analyzer: Analyzer, known: Known = lambda words: ()) -> Iterator[str]:
    """Yield the places, years and numbers that name something in a folded question."""
    yield from dict.fromkeys(_YEAR.findall(question))
    yield from dict.fromkeys(name.replace(" ", "") for name in _NUMBERED.findall(question))
    yield from (f"第{number}条" for number in _CLAUSE.findall(question))
    yield from _ROAD.findall(question)
    others: list[str] = []
    for run in han_runs(question):
        stem = ""  # single characters side by side: a name that the dictionary does not know
        for word, following in pairwise([*analyzer.cut(run), ""]):
            unknown = len(word) == 1 and word not in _DATES and not says_nothing(word)
            stem = stem + word if unknown else ""
            whole = (stem or word) + following if following in PLACE_ENDINGS else word
            ended = whole.endswith(PLACE_ENDINGS) and _PLACE.fullmatch(whole)
            if ended and ended["stem"] not in _KINDS:
                yield whole
            elif stem and _PLACE.fullmatch(stem + following) and not analyzer.is_place(following):
                yield stem + following  # 铜 and 山区
            elif len(word) > 1 and word not in _RARELY_MEANT and analyzer.is_place(word):
                yield word
            else:
                others += [stem] if 1 < len(stem) <= LONGEST_STEM else []
                others += [word] if 1 < len(word) <= LONGEST_STEM and word not in _KINDS else []
    yield from known([word for word in others if not says_nothing(word)])


LONGEST_STEM = 4  # characters of a place's name before 区, 县 …

_TITLE_ENDINGS = ("法", "条例", "办法", "规定", "细则", "规则", "章程", "制度", "手册", "法典")
_QUOTED_ENDINGS = (
    *_TITLE_ENDINGS,
    *"通知 意见 决定 解释 方案 公告 合同 协议 须知 指南 标准 规范 纲要 预案 守则 公约".split(),
)
_NO_TITLES = re.compile("[办方做说看想违合非依司执立书用手无没设语魔国犯守普该此本]法")
_QUOTED = re.compile("《([^《》]{2,})》")
# What 第20条 or 第3次会议 provides is no title, nor is what was provided (规定了).
_PROVIDES = regex(
    rf"(?<=第)\d+[条款项章节届次]{LETTER}{{0,4}}规定|(?<=\d)[条款项版年届次期号]|规定[了过]"
)
_STATE = "中华人民共和国"
_BEFORE_TITLES = frozenset(
    "按照 根据 依据 依照 遵照 参照 违反 符合 按 依 照 看 查 问 关于 对于 新 旧 新版 我国 中国 "
    "国家 公司 单位 相关 有关 现行 最新".split()
)


def sources_named(
    words: Collection[str], sources: Collection[str], analyzer: Analyzer
) -> list[str]:
    """Return those of some folded words that name a source, or a part of its name does.

    Only a word that hardly means anything else will do: 蓝湾, not 手册 of 云岭手册.
    """
    folded = [fold(source).text for source in sources]
    return [
        word
        for word in words
        if any(word in source for source in folded) and analyzer.is_proper(word)
    ]


def titles(question: str, analyzer: Analyzer) -> Iterator[str]:
    """Yield what a folded question may name a document by: words that end as titles do.

    In 《…》 stand books and films as well, which a document only speaks of.
    """
    quoted = dict.fromkeys(_QUOTED.findall(question))
    yield from (name for name in quoted if name.endswith(_QUOTED_ENDINGS))
    rest = _PROVIDES.sub(" ", _QUOTED.sub(" ", question))
    for run in han_runs(rest):
        words: list[str] = []
        for word in analyzer.cut(run):
            if says_nothing(word) or word in _BEFORE_TITLES:
                words = []
                continue
            if word == "规定" and words and words[-1].endswith(_TITLE_ENDINGS):
                continue  # what the law provides, not its name
            words.append(word)
            if word.endswith(_TITLE_ENDINGS) and not _NO_TITLES.fullmatch(word):
                name = "".join(words).removeprefix(_STATE)
                if len(name) > (1 if len(word) > 1 else 3) and name not in _TITLE_ENDINGS:
                    yield name


def entitled(title: str, name: str) -> float:
    """Return how well a folded title fits a name: 1 if it is that, 0 if it has nothing of it.

    The parts of a code are the code; what was written about a law only holds its name.
    """
    whole = re.sub(r"\([^()]*\)|[《》]", "", title).replace(_STATE, "").split()
    if whole and name.endswith(whole[0]):
        return 1.0
    return ABOUT_IT if name in "".join(whole) else 0.0


ABOUT_IT = 0.75


def is_year(name: str) -> bool:
    """Return whether a name is a year."""
    return name.isdigit()


def is_number(name: str) -> bool:
    """Return whether a name is a number with what it counts: 第3届, 10周年."""
    return re.search(r"\d\D", name) is not None


def kind(name: str) -> str:
    """Return which names it takes the place of in a follow-up: years of years, 届 of 届."""
    if is_year(name):
        return "year"
    return re.sub(r"\d+", "", name) if is_number(name) else ""


_BODIES = frozenset(  # a name's last word that many share
    "library museum university college school academy institute hospital company corporation "
    "bank union association federation society council committee ministry department court "
    "office agency street road lane square bridge river lake island park station airport "
    "harbour harbor church hotel theatre theater stadium city county district province state "
    "region act law code award".split()
)


def bears(document: str, name: str) -> bool:
    """Return whether a document's folded text bears a name; 海陵 is as good as 海陵区."""
    if is_year(name):
        return re.search(rf"(?<!\d){name}(?!\d)", document) is not None
    if is_number(name):
        return re.search(rf"(?<!\d){name}", document.replace(" ", "")) is not None
    if name.isascii():  # of a library that bears it which tells it from others
        *first, last = name.split()
        if last not in _BODIES or not first:
            return bears_person(document, name)
        return all(re.search(rf"\b{re.escape(word)}\b", document) for word in first)
    if has_dot(name):
        return bears_person(document, name)
    if name in ABROAD and re.search(f"{name[0]}[军方籍治资]|[赴驻]{name[0]}", document):
        return True
    return stem(name) in document


def in_passing(name: str, passage: str, document: str) -> bool:
    """Return whether a place is named once in a document, and not in a passage or its context.

    Whoever was visited in 海门 tells nothing of what is done there.
    """
    if is_year(name) or is_number(name) or name.isascii() or bears(passage, name):
        return False
    return document.count(stem(name)) == 1


def of_another_year(name: str, headings: str, passage: str) -> bool:
    """Return whether a name is a year, and a passage speaks of others only, as its headings do.

    The day a report was printed on is not the year that each of its figures is of.
    """
    other = is_year(name) and not bears(f"{headings}\n{passage}", name)
    return other and _YEAR.search(passage) is not None


def begins(passage: str, name: str) -> bool:
    """Return whether a passage's folded text begins with a name, as 第39条 does: it is that."""
    return is_number(name) and passage[: len(name) + 4].replace(" ", "").startswith(name)


@lru_cache(maxsize=64)
def stem(name: str) -> str:
    """Return a place's name without what kind of place it is."""
    ended = _PLACE.fullmatch(name)
    return ended["stem"] if ended else name


def may_be_mistyped(name: str, analyzer: Analyzer) -> bool:
    """Return whether a name is of no place that is known: 润洲区, but not 宿州."""
    known = analyzer.is_place(name) or analyzer.is_place(stem(name))
    return not (known or name.isascii() or is_number(name))
