"""Persons in a question, known by their neighbours: a title, or words that ask about people.

In: a question, folded; as typed for names in Latin letters.  Out: names, folded.

    镇江高新区总工会主席王建军说了什么     王建军
    什么时候 Zhang Wei joined           zhang wei

Words that are names, too (高兴, 方便), are many, so that a name is rather missed than seen where
there is none: who is missing is only not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from retrieval.folding import fold
from retrieval.patterns import regex
from retrieval.phrases import says_nothing
from retrieval.surnames import BEFORE, COMMON_WORDS, COMPOUND, SURNAMES, TITLES
from retrieval.terms import HAN, LETTER, RUN, is_han

_COMPOUND = tuple(COMPOUND)
_TITLES = f"(?:副|总)?(?:{TITLES})"
_BEFORE = regex(rf"(?:{_TITLES}|{BEFORE}|谁是|介绍(?:一下)?|认识)$")
_TITLED = regex(_TITLES)
_ASKED = regex(
    "是谁|是哪位|是什么人|是干(?:什么|啥)|何许人|今年|多大|几岁"
    "|(?:是?什么时候|何时|哪1?年)(?:入职|入会|当选|出生|退休|上任|任)"
    "|(?:如是)?(?:说|讲|介绍|表示|认为|告诉|强调|提[到出])"
    "|的?(?:电话|手机|职务|简历|生日|学历|年龄|事迹|工资|老家|贡献|成就|作品|经历|荣誉|职业|故乡|籍贯)"
    "|担任|当选|获[评得]|荣获|被评|拿[到了]|[有做作]出?[过了]?(?:什么|啥|哪些)"
    "|(?:写|发明|创作|发现|创办|得|拍|演|唱|翻译)[过了]|生于|出生|毕业|来自哪|去世|叫什么"
)
_NO_ENDING = regex(
    "[性证河湖庄港园镜塔器院部局员家者党县市镇乡村区州会法权率费税期卡人方队店产处科厂校业品机车站线网店班组团表款金]$"
)
_NO_NAME = regex(rf"{_NO_ENDING.pattern}|^{_TITLES}$")
_DOTS = "·•‧・"
_FOREIGN = rf"[{HAN}]+(?:[{_DOTS}][{HAN}]+)+"  # compiled where there is one
_SOUNDS = frozenset(  # characters that foreign names are spelt with, and few other words
    "阿埃艾爱安昂奥澳巴芭白柏拜班邦包保堡鲍北贝本比彼毕宾波伯勃博卜布采蔡策查彻茨次达黛戴丹道德登邓狄迪蒂丁东"
    "杜顿多恩尔法凡范菲费芬丰冯佛夫弗福富盖甘冈戈哥格葛根贡古圭果哈海汉翰豪赫黑亨洪胡华怀惠霍基吉加佳嘉贾简姜杰"
    "捷金津久居喀卡凯恺坎康考柯科克肯孔库夸奎昆拉莱赖兰郎朗劳勒雷蕾黎丽莉利力立连莲列琳林龙隆卢鲁露伦罗萝洛吕马"
    "玛迈麦曼芒毛茅梅门蒙米密敏缪摩莫谟默姆穆拿那纳娜南内尼妮涅宁牛纽农努诺欧帕派潘庞佩彭蓬皮匹平珀普奇琪齐恰乔"
    "切钦琼丘屈让热仁荣茹儒瑞若撒萨塞赛桑瑟森沙莎山尚绍舍申圣施史士斯丝司松苏索塔泰坦汤唐陶特藤廷图吐土托瓦万旺"
    "威薇韦维魏温文翁沃乌武西希锡夏肖谢辛欣休许雪逊雅亚娅延扬耶叶伊易因英尤约泽扎詹珍芝治朱兹佐芙茜梵甫伽迦茵榭芮里可得子于"
)


def persons(question: str, cut: Callable[[str], Sequence[str]]) -> Iterator[str]:
    """Yield the persons that a folded question names in Chinese; `cut` cuts it into words."""
    for run in filter(lambda run: is_han(run[0]), RUN.finditer(question)):
        words = cut(run[0])
        for i, start in enumerate([0, *accumulate(map(len, words))][:-1]):
            for name in _beginning(words[i : i + 3], cut):
                before = question[: run.start() + start]
                after = question[len(before) + len(name) :]
                titled = _BEFORE.search(before) or _TITLED.match(after)
                spelt = len(name) <= len(words[i]) or len(cut(name)) == len(name)
                if titled or (spelt and _ASKED.match(after)):
                    yield name
                    break
    if has_dot(question):
        for found in re.findall(_FOREIGN, question):
            yield from _foreign(found, cut)


def _foreign(run: str, cut: Callable[[str], Sequence[str]]) -> Iterator[str]:
    """Yield the name with a dot in a run of characters: what stands around it is spelt otherwise.

    1620年约翰·史密斯获得: 约翰·史密斯
    """
    first, *between, last = re.split(f"[{_DOTS}]", run)
    begins, ends = len(first), len(first) + 1 + sum(len(part) + 1 for part in between)
    for word in reversed(cut(first)):
        if not _is_spelt(word):
            break
        begins -= len(word)
    for at, word in enumerate(cut(last)):
        if at and not _is_spelt(word):
            break
        ends += len(word)
    if begins < len(first):
        yield run[begins:ends]


def _is_spelt(word: str) -> bool:
    return _SOUNDS.issuperset(word) and not says_nothing(word)


_WHO = regex(
    rf"(?<!{LETTER})(?P<who>[{SURNAMES}{COMMON_WORDS}]{LETTER}{{1,3}}?)(?:到底|究竟)?"
    r"(?:是(?:谁|哪1?位|什么人|何许人|[干做](?:什么|啥))|何许人)|谁是(?P<whom>"
    rf"[{SURNAMES}{COMMON_WORDS}]{LETTER}{{1,2}})(?!{LETTER})"
)

_TITLED_END = regex(rf"{_TITLES}$")  # 王主任


def introduced(question: str) -> str:
    """Return who is to be introduced: the name in 何冰莹是谁, or nothing."""
    found = _WHO.search(question)
    name = (found["who"] or found["whom"]) if found else ""
    return "" if _NO_NAME.search(name) or _TITLED_END.search(name) else name


def has_dot(name: str) -> bool:
    """Return whether a name is a foreign one, spelt with Chinese characters."""
    return any(dot in name for dot in _DOTS)


def bears_person(document: str, name: str) -> bool:
    """Return whether a document's folded text bears a name with a dot, or in Latin letters.

    The last name will do where the document never has it with another before it.
    """
    latin = name.isascii()
    *given, last = name.split() if latin else re.split(f"[{_DOTS}]", name)
    found = rf"\b{re.escape(last)}\b" if latin else re.escape(last)
    others = alone = False
    for place in re.finditer(found, document):
        before = _BEFORE_LATIN if latin else _BEFORE_DOT
        words = before.search(document, max(0, place.start() - 40), place.start())
        stand = re.findall(rf"[^\s.{_DOTS}]+", words[0]) if words else []
        if not given or any(_is_same(one, word, latin) for one in given for word in stand):
            return True
        if stand and not (latin and (says_nothing(stand[-1]) or stand[-1] in _COURTESIES)):
            others = True
        else:
            alone = True
    return alone and not others


def _is_same(given: str, word: str, latin: bool) -> bool:
    """Return whether a first name is that of a document: 汉弗莱 may be 汉弗里 there, j john."""
    if latin:
        return given == word or (1 in (len(given), len(word)) and given[0] == word[0])
    return 2 * len(set(given) & set(word)) >= len(set(given))  # 四分卫雷克斯: no space before it


_BEFORE_LATIN = regex(r"(?:\b[a-z][a-z'-]*[. ]+){1,3}$")
_BEFORE_DOT = regex(rf"(?:[{HAN}]+[{_DOTS}])+$")
_COURTESIES = frozenset(
    "mr mrs ms miss dr prof professor sir lord lady captain president chairman chairwoman chair "
    "director manager mayor minister judge king queen prince secretary general".split()
)


def _beginning(words: Sequence[str], cut: Callable[[str], Sequence[str]]) -> Iterator[str]:
    """Yield what may be a name, the longest first: 张|建国 or 滕|开|昆 in pieces, 王建国 whole."""
    first = words[0]
    if first[0] not in SURNAMES and not first.startswith(_COMPOUND):
        return
    compound = first.startswith(_COMPOUND)
    if len(first) == 3 and not _NO_ENDING.search(first) and (compound or len(cut(first[:2])) == 2):
        yield first  # no 施工方: that begins with a word
    elif len(first) == 1 or first in _COMPOUND:
        given = ""
        names = []
        for word in words[1:]:
            given += word
            if len(given) > 2 or says_nothing(word) or _NO_NAME.search(word):
                break
            names.append(first + given)
        yield from reversed(names)


# --- Latin letters ------------------------------------------------------------------------------

_CAPITALISED = regex(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof)\.? )?[A-Z][a-z]+(?:[ -][A-Z]\.?[a-z]*)* [A-Z][a-z]+\b"
)
_WORD = regex(r"[A-Za-z]+")
_ASKING = regex(
    r"^(?:Who|What|When|Where|Why|Which|How|Is|Are|Was|Were|Do|Does|Did|Has|Have|Can|Could|Should"
    r"|Will|Tell|The|In|And)\b *"
)


_PLACED = regex(r"\b(?:in|at|from|near) ([A-Z][a-z]{2,}(?: [A-Z][a-z]+)*)\b(?! ?\d)")
_NO_PLACE = regex(
    "(?:ish|ese)$|^(?:january|february|march|april|may|june|july|august|september|october|november"
    "|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day|spring|summer|autumn|fall|winter)$"
)


def latin_names(question: str) -> Iterator[str]:
    """Yield the names of persons, bodies and places in a question as typed.

    These are two Capitalised Words or more, or one after in, at or from; none where most words
    are capitalised, as in a headline.
    """
    rest = _ASKING.sub("", question.strip())
    words = _WORD.findall(rest)
    if 2 * sum(word[0].isupper() for word in words) <= len(words) + 2:
        yield from (fold(found[0]).text for found in _CAPITALISED.finditer(rest))
        places = [fold(found[1]).text for found in _PLACED.finditer(rest)]
        yield from (place for place in places if not _NO_PLACE.search(place))
