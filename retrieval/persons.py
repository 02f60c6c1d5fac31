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
from retrieval.terms import HAN, RUN, is_han

# Without those that are words of their own more often: 于, 成, 应, 向, 常, 时, 和 …
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁余叶蒋杜苏魏程吕丁沈姚卢傅"
    "钟姜崔谭廖范汪陆金石戴贾韦夏邱侯邹熊孟秦白江阎薛尹雷黎史龙陶贺顾毛郝龚邵钱严赖覃洪武莫孔汤温康施牛樊葛邢"
    "齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿兰焦俞左柳甘祝包宁尚舒阮柯纪梅童凌毕裴霍涂苗谷盛翁冉骆蓝路辛靳柴蒙鲍华"
    "喻祁蒲房滕屈饶牟艾尤穆司古吉缪简车项芦褚娄窦戚岑景宫费卜席卫米柏宗瞿桂佟臧闵苟邬卞姬仇栾隋商刁沙荣巫寇桑"
    "郎甄丛仲虞敖巩佘池麻苑迟邝"
)
_COMPOUND = ("欧阳", "司马", "诸葛", "上官", "司徒", "慕容", "令狐", "皇甫", "尉迟")
_TITLES = (
    "(?:副|总)?(?:主席|书记|部长|主任|局长|处长|科长|厅长|院长|校长|所长|站长|队长|经理|董事长|总裁|会长|秘书长|理事长"
    "|[省市区县镇乡]长|记者|通讯员|教授|律师|医生|院士|同志|先生|女士|师傅|老师|工程师|调解员)"
)
_BEFORE = regex(rf"(?:{_TITLES}|劳模|工匠|作者|谁是|介绍(?:一下)?|认识)$")
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
_FOREIGN = rf"[{HAN}]{{1,6}}·(?:(?![是说的在有])[{HAN}]){{2,6}}"  # compiled where there is one


def persons(question: str, cut: Callable[[str], Sequence[str]]) -> Iterator[str]:
    """Yield the persons that a folded question names in Chinese; `cut` cuts it into words."""
    for run in filter(lambda run: is_han(run[0]), RUN.finditer(question)):
        words = cut(run[0])
        for i, start in enumerate([0, *accumulate(map(len, words))][:-1]):
            before = question[: run.start() + start]
            for name in _beginning(words[i : i + 3], cut):
                after = question[len(before) + len(name) :]
                titled = _BEFORE.search(before) or _TITLED.match(after)
                spelt = len(name) <= len(words[i]) or len(cut(name)) == len(name)
                if titled or (spelt and _ASKED.match(after)):
                    yield name
                    break
    if "·" in question and _ASKED.search(question):
        yield from re.findall(_FOREIGN, question)


def _beginning(words: Sequence[str], cut: Callable[[str], Sequence[str]]) -> Iterator[str]:
    """Yield what may be a name, the longest first: 张|建国 or 滕|开|昆 in pieces, 王建国 whole."""
    first = words[0]
    if first[0] not in _SURNAMES and not first.startswith(_COMPOUND):
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


def latin_names(question: str) -> Iterator[str]:
    """Yield the names of persons and bodies in a question as typed: two Capitalised Words or more.

    None where most words are capitalised, as in a headline.
    """
    rest = _ASKING.sub("", question.strip())
    words = _WORD.findall(rest)
    if 2 * sum(word[0].isupper() for word in words) <= len(words) + 2:
        yield from (fold(found[0]).text for found in _CAPITALISED.finditer(rest))
