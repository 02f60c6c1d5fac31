"""Text to terms: the one place that decides what counts as a word.

Documents and questions go through the same Analyzer, so an engine never has to understand
a language: engines compare terms, they do not make them.
"""

from __future__ import annotations

import hashlib
import re
import threading
from operator import add
from pathlib import Path

from retrieval.cutting import Cutter, MappedCutter, QuickCutter
from retrieval.dictionary import Dictionary
from retrieval.vocabulary import Word, dictionary_of, own_words

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"[{HAN}]+|\d+(?:\.\d+)?%?|[a-z][a-z0-9]*|[^\W_{HAN}]+")
"""Runs of one script in folded text: Chinese, a number, a Latin word, anything else."""

PLACE_ENDINGS = ("自治区", "街道", "省", "市", "区", "县", "镇", "乡", "村", "州", "旗")

ABROAD = frozenset(  # China goes without saying
    "阿富汗 阿根廷 阿联酋 阿曼 阿塞拜疆 埃及 埃塞俄比亚 爱尔兰 爱沙尼亚 安哥拉 奥地利 "
    "澳大利亚 巴基斯坦 巴拉圭 巴林 巴拿马 巴西 白俄罗斯 保加利亚 贝宁 比利时 冰岛 波兰 "
    "玻利维亚 博茨瓦纳 布隆迪 不丹 朝鲜 丹麦 德国 东帝汶 多哥 多米尼加 俄罗斯 厄瓜多尔 "
    "厄立特里亚 法国 菲律宾 斐济 芬兰 冈比亚 刚果 哥伦比亚 哥斯达黎加 格鲁吉亚 古巴 圭亚那 "
    "哈萨克斯坦 海地 韩国 荷兰 洪都拉斯 吉布提 吉尔吉斯斯坦 几内亚 加拿大 加纳 加蓬 柬埔寨 "
    "捷克 津巴布韦 喀麦隆 卡塔尔 科威特 克罗地亚 肯尼亚 拉脱维亚 莱索托 老挝 黎巴嫩 立陶宛 "
    "利比里亚 利比亚 列支敦士登 卢森堡 卢旺达 罗马尼亚 马达加斯加 马尔代夫 马耳他 马拉维 "
    "马来西亚 马里 毛里求斯 毛里塔尼亚 美国 蒙古 孟加拉国 秘鲁 缅甸 摩尔多瓦 摩洛哥 摩纳哥 "
    "莫桑比克 墨西哥 纳米比亚 南非 南苏丹 尼泊尔 尼加拉瓜 尼日尔 尼日利亚 挪威 葡萄牙 日本 "
    "瑞典 瑞士 萨尔瓦多 塞尔维亚 塞拉利昂 塞内加尔 塞浦路斯 沙特 沙特阿拉伯 斯里兰卡 "
    "斯洛伐克 斯洛文尼亚 斯威士兰 苏丹 苏里南 索马里 塔吉克斯坦 泰国 坦桑尼亚 汤加 突尼斯 "
    "土耳其 土库曼斯坦 瓦努阿图 危地马拉 委内瑞拉 文莱 乌干达 乌克兰 乌拉圭 乌兹别克斯坦 "
    "西班牙 希腊 新加坡 新西兰 匈牙利 叙利亚 牙买加 亚美尼亚 也门 伊拉克 伊朗 以色列 意大利 "
    "印度 印尼 印度尼西亚 英国 约旦 越南 赞比亚 乍得 智利 香港 澳门 台湾".split()
)
"""Countries, and what else is a place without 省 or 市 after it."""

LETTER = r"[^\W\da-z_]"
"""A letter that is not Latin: in a pattern over folded text, as good as HAN as long as there is
no other script, and quicker by a millisecond to compile, which counts at a start."""


def is_han(text: str) -> bool:
    """Return whether `text` begins with a Chinese character."""
    first = text[:1]
    return first >= "\u3400" and (
        "\u4e00" <= first <= "\u9fff"
        or first <= "\u4dbf"
        or "\uf900" <= first <= "\ufaff"
        or "\U00020000" <= first <= "\U0003ffff"
    )


def han_runs(folded: str) -> list[str]:
    """Return the runs of Chinese characters in a text."""
    return [run for run in RUN.findall(folded) if is_han(run)]


_LITTLE = frozenset(
    "过了着再那这各每不没几又还也先就都在把被给让去来上下出起回说要会能刚很太多少个们"
)


class Analyzer:
    """Cuts text into words and bigrams.  Thread-safe.

    `cache` is a folder where the dictionary is kept, ready to be used; without it (or where
    it cannot be written) the dictionary is made anew at every start.

    `dictionary` is a file with words of the owner's, as jieba reads it: a word a line, and if
    wanted how often it occurs and a tag (ns: a place); UnreadableFile if it is anything else.
    `version` changes with it: what was cut with another dictionary has to be cut again.
    """

    def __init__(self, cache: Path | None = None, dictionary: Path | None = None) -> None:
        self._own = own_words(dictionary) if dictionary else ()
        self.version = hashlib.sha256(repr(self._own).encode()).hexdigest()[:16]
        self._cache = cache
        self._dictionary: Dictionary | None = None
        self._cutter: Cutter | None = None
        self._lock = threading.Lock()

    def __getstate__(self) -> tuple[tuple[Word, ...], str, Path | None]:
        """Return what another process needs, which opens the dictionary for itself."""
        return self._own, self.version, self._cache

    def __setstate__(self, state: tuple[tuple[Word, ...], str, Path | None]) -> None:
        """Become a copy of one in another process."""
        self._own, self.version, self._cache = state
        self._dictionary = self._cutter = None
        self._lock = threading.Lock()

    def quick(self) -> Analyzer:
        """Return one that cuts fast: it takes a tenth of a second, and pays for many pages."""
        words = self._words()
        quick = Analyzer.__new__(type(self))
        quick.__setstate__(self.__getstate__())
        quick._dictionary = words
        own = [(word.text, words.frequency(word.text) or 1) for word in self._own]
        quick._cutter = QuickCutter(MappedCutter(words), own)
        return quick

    def words(self, text: str) -> list[str]:
        """Return words: Chinese ones as jieba's search mode cuts them, shorter ones inside too.

        Numbers and Latin words stay whole: jieba never sees them, as it would split them.
        """
        found: list[str] = []
        for run in RUN.findall(text):
            found += self.words_of(run) if is_han(run) else [run]
        return found

    def words_of(self, runs: str) -> list[str]:
        """Return what `words` finds in runs of Chinese characters, faster: without places.

        What stands between the runs, which may be anything else, is returned, too.
        """
        return self._cuts().words(runs)

    def cut(self, text: str) -> list[str]:
        """Return the pieces of `text` between word ends: joined, they are `text`."""
        return self._cuts().pieces(text)

    def is_place(self, word: str) -> bool:
        """Return whether the dictionary knows `word` as a place, with an ending or without.

        Its tag alone will not do: it calls 城市 and 东西 places.  A real one is also there
        with what kind of place it is: 海陵 and 海陵区; a country needs none.
        """
        if word in ABROAD:
            return True
        is_place = self._words().is_place
        if len(word) > 2 and word.endswith(PLACE_ENDINGS):
            return is_place(word)
        return is_place(word) and any(is_place(word + ending) for ending in PLACE_ENDINGS)

    def may_name(self, word: str) -> bool:
        """Return whether a Chinese word may name something: as a noun, or as a new word (抖音).

        What the dictionary lacks and holds a little word (再添) was cut wrongly.
        """
        words = self._words()
        return words.is_noun(word) or not (words.frequency(word) or _LITTLE.intersection(word))

    def is_proper(self, word: str) -> bool:
        """Return whether a Chinese word is a name: the dictionary has none, or has a place."""
        return is_han(word) and (self._words().is_place(word) or not self._words().frequency(word))

    def _words(self) -> Dictionary:
        with self._lock:
            if self._dictionary is None:
                self._dictionary = dictionary_of(self._own, self._cache)
        return self._dictionary

    def _cuts(self) -> Cutter:
        if self._cutter is None:
            self._cutter = MappedCutter(self._words())
        return self._cutter


def bigrams(text: str) -> list[str]:
    """Return each pair of neighbouring Chinese characters; a number or Latin word counts as one.

    A lone Chinese character is a term of its own: there is no pair to find it by.
    """
    found: list[str] = []
    for run in RUN.findall(text):
        if len(run) > 1 and is_han(run):
            found += map(add, run, run[1:])
        else:
            found.append(run)
    return found


def characters(text: str) -> list[str]:
    """Return each Chinese character; a number or Latin word counts as one."""
    return [one for run in RUN.findall(text) for one in (run if is_han(run) else [run])]
