"""Places, years and ordinals of a question: an answer has to be about them.

In: folded text.  Out: names, and whether a document bears one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from retrieval.phrases import says_nothing
from retrieval.terms import HAN, PLACE_ENDINGS, Analyzer

_PLACE = re.compile(rf"(?P<stem>.{{2,}})(?:{'|'.join(PLACE_ENDINGS)})")
# What stands before 区, 市, 村 … without naming any.
_KINDS = frozenset(
    "开发 经开 高新 风景 保护 工业 产业 示范 试验 实验 生活 住宅 商业 服务 居民 行政 办公 "
    "教育 改造 休息 直辖 县级 地级 自治 大城 中小 城中 新农 社会 文化 工厂 全国 各地 每个 "
    "哪个 这个 那个 整个 附近 其他 外地 本地 乡镇 各个".split()
)
_RARELY_MEANT = frozenset("城市 新建 和平 平原 太平 建国 长大 朝阳".split())  # places, too
_ROAD = re.compile(f"[{HAN}]{{2}}路街道")
_DATES = "年月日号第"  # what a numeral leaves behind
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?= ?年|[-/.]|届|版|$)")
_ORDINAL = re.compile(r"第 ?\d+ ?[届次批期季轮号条款章版]")


def names(question: str, analyzer: Analyzer) -> Iterator[str]:
    """Yield the places, years and ordinals of a folded question."""
    yield from dict.fromkeys(_YEAR.findall(question))
    yield from dict.fromkeys(name.replace(" ", "") for name in _ORDINAL.findall(question))
    yield from _ROAD.findall(question)
    for run in re.findall(f"[{HAN}]+", question):
        stem = ""  # single characters side by side: a name that the dictionary does not know
        for word, following in pairwise([*analyzer.cut(run), ""]):
            unknown = len(word) == 1 and word not in _DATES and not says_nothing(word)
            stem = stem + word if unknown else ""
            whole = (stem or word) + following if following in PLACE_ENDINGS else word
            ended = _PLACE.fullmatch(whole)
            if ended and ended["stem"] not in _KINDS:
                yield whole
            elif stem and _PLACE.fullmatch(stem + following) and not analyzer.is_place(following):
                yield stem + following  # 铜 and 山区
            elif len(word) > 1 and word not in _RARELY_MEANT and analyzer.is_place(word):
                yield word


def is_year(name: str) -> bool:
    """Return whether a name is a year."""
    return name.isdigit()


def bears(document: str, name: str) -> bool:
    """Return whether a document's folded text bears a name; 海陵 is as good as 海陵区."""
    if is_year(name):
        return re.search(rf"(?<!\d){name}(?!\d)", document) is not None
    if name.startswith("第"):
        return name in document.replace(" ", "")
    ended = _PLACE.fullmatch(name)
    return (ended["stem"] if ended else name) in document
