"""Words that ask and words that join: what a question holds besides what it is about.

Chinese and English, in folded form.  Phrases that ask stand in few documents, so that a
search would weigh them most; stop words stand in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from retrieval.terms import LETTER


class Wanted(StrEnum):
    """The kind of answer that a question asks for."""

    NUMBER = "number"
    TIME = "time"
    PERSON = "person"
    PLACE = "place"
    LIST = "list"
    MANY = "many"  # what several documents say: which unions, which places
    MEANING = "meaning"  # what something is
    BYLINE = "byline"  # who wrote, edited or photographed it
    TITLE = "title"
    DATE = "date"  # of the document: the day it was printed, passed or published
    ITEMS = "items"  # a counted list, which may be one of headings: which ten events


def wants(question: str) -> frozenset[Wanted]:
    """Return the kinds of answer that a folded question asks for."""
    found = frozenset(wanted for wanted, phrase in _WANTED.items() if phrase.search(question))
    of_the_document = {Wanted.BYLINE, Wanted.TITLE, Wanted.DATE}
    return found - {Wanted.MEANING} if found & of_the_document else found


def without_asking(question: str) -> str:
    """Return a folded question with spaces for the phrases that only ask; same length."""
    return _ASKING.sub(lambda phrase: " " * len(phrase[0]), question)


def asks_for_more(question: str) -> bool:
    """Return whether a folded text only asks to go on: 还有吗, more, or a mark."""
    return _MORE.fullmatch(question.strip()) is not None


def says_nothing(term: str) -> bool:
    """Return whether a term is a stop word, or made of particles only."""
    return term in _STOP_WORDS or not term.strip(_PARTICLES)


def telling(terms: Iterable[str]) -> tuple[str, ...]:
    """Return the terms that say something, in their order."""
    return tuple([t for t in terms if t not in _STOP_WORDS and t.strip(_PARTICLES)])


_MORE = re.compile(
    r"\W*(?:那么?)?(?:"
    r"(?:还?有没有|还有)?(?:别的|其[他它]的?|更多的?)(?:内容|资料|段落|信息)?[吗么呢]?"
    r"|还有(?:[吗么呢]|没有?)?|就这些[吗么]?|没(?:有)?了[吗么]?|再?多[说讲给看]一?[点些]|继续|接着[说讲]?|再来[点些]?|下一页|然后呢?"
    r"|(?:please )?(?:show |tell )?(?:me )?(?:some |any(?:thing)? ?)?(?:more|else)(?: please)?"
    r"(?: about (?:it|this|that))?"
    r")?\W*"
)
_COUNTED = "年月日天号个位人次岁种部集名届座条项场所家间层点分时代期章首类支只份回件"
_ASKING = re.compile(
    "请问|请教|^(?:不是|不对|错了)(?=\\W)|我[是要想]*[问说]的是?|请说明|请列举|麻烦问一下|想问一下|想知道|想了解|我想问|问一下|有?谁知道|告诉我|(?:帮我)?查一?下"
    r"|(?<=\d[条款项章节])规定[了的]?[是有]?(?:什么|啥|哪些)"  # others cite it so
    "|为什么|为啥|为何|什么样的?|[什啥]么?(?:时候|时间|地方)|(?:是|叫|有)什么|什么"
    "|怎么样?|怎样|咋样?|咋办|如何|是否|有没有|是不是|能不能|可不可以|会不会|要不要"
    "|[有因]何|何[时地处人种者年月日物事]|多少钱|几个钱|几块钱|咋|啥"
    "|哪[一1]?(?:国家|地区|方面|几[个位种类天项家支]?"
    "|[年月日天个些里儿位种国家座部条项名次届类所本支段样边款首场任州省市县区岛篇])|哪|谁"
    f"|多少|几多|多[大长久远高重深宽](?!{LETTER})|第几|几(?=[{_COUNTED}])|[吗呢么嘛吧呀啊]"
)
_PARTICLES = "的了是在有和与及或被由于为以之其这那该此对从到也都而并且把将使就吗呢吧啊么"
_STOP_WORDS = frozenset(
    # written
    "的 了 是 在 有 和 与 及 或 被 由 于 为 以 之 其 这 那 该 此 对 从 到 中 上 下 里 也 都 "
    "而 并 且 等 把 将 向 使 让 给 就 所 不 个 1个 这个 那个 那些 这些 可以 可 会 能 能够 "
    "进行 成为 叫 叫做 称为 分别 主要 他 她 它 他们 她们 它们 自己 因 因为 所以 但 还 又 最 "
    "后 前 时 时候 曾 曾经 "
    # spoken
    "那边 那里 这里 搞 弄 拿 拿到 得 得到 干 找 帮 请 里头 里面 有些 一些 每个 一共 总共 "
    "加起来 起来 出来 出去 回来 当成 觉得 说法 一块 平时 大伙 大家 一起 还是 或者 碰到 遇到 "
    "这边 如果 要是 的话 大概 大约 差不多 就是 到底 究竟 其实 反正 关于 有关 一点 有点 "
    "真的 已经 然后 那么 "
    "知道 现在 目前 开始 多久 那次 这次 一下 情况 东西 事 事情 样 钱 我 我们 你 你们 您 咱 "
    "咱们 跟 去 来 用 要 想 做 说 "
    # English
    "what which who whom whose when where why how many much did do does is are was were be "
    "been the a an of in on at to for by and or with from as that this it its can could "
    "should would will i you we they he she there any some please tell me about my your our his "
    "her their him them us me mine yours have has had having am being not no nor may might must "
    "shall if then than so such there here very just also too only own same both each other "
    "another into onto upon up down out off over under during before after while until between "
    "through per via get gets got getting give gives given take takes took taken make makes made "
    "need needs want wants look put often long these those all s t d ll re ve m don".split()
)

_LISTED = "条件|步骤|流程|程序|材料|手续|证件|情形|职责|权利|义务"  # what comes in lists
_WANTED = {
    Wanted.NUMBER: re.compile(
        r"多少|几(?![乎何])|多[大长高重远宽深久]|how (?:many|much|long|large|far)"
    ),
    Wanted.TIME: re.compile(
        r"[什啥]么?(?:时候|时间)|何时|哪[一1]?[年天月日]|哪几[天年]|几[月号]|多久"
        r"|\bwhen|\bwhat (?:year|date|day)"
    ),
    Wanted.PERSON: re.compile(r"谁|哪[一1]?位|哪[几2]位|何人|什么人|\bwho"),
    Wanted.PLACE: re.compile(
        r"哪[里儿]|[什啥]么?地方|何[处地]|哪个(?:城市|地方|[市区县]|街道)|\bwhere"
    ),
    Wanted.LIST: re.compile(
        r"哪些|哪几|哪(?!1\D)[\d二三四五六七八九十]|有[什啥]么?|都[有是]|分别|各地"
        rf"|[什啥]么?(?:{_LISTED})|(?:{_LISTED})(?:都|分别)?[是有]?(?:[什啥]|哪)"
        r"|\bwhich|\blist|\bwhat are the (?:steps|conditions|requirements|duties|rights)"
    ),
    Wanted.MANY: re.compile(
        "各地|各[省市区县家个]"
        "|哪些(?:工会|地方|单位|地区|城市|公司|企业|街道|部门|[省市区县]|文件|法律?|规定)"
        "|哪几[个家](?:工会|地方|单位|地区|城市|公司|企业|街道|[省市区县])|谁家|哪里都"
        r"|\bwhich (?:unions|places|cities|companies|districts|documents|laws)\b"
    ),
    Wanted.MEANING: re.compile(
        r"[啥什]么?(?:是|叫|算)|是个?(?:什么|啥)|(?:什么|啥)意思|指(?:的是)?(?:什么|啥)|怎么?才?[叫算]|定义"
        r"|\bwhat (?:is|are|does)\b.*|\bmeaning"
    ),
    Wanted.BYLINE: re.compile(
        r"作者|谁写|写的是谁|署名|署的名|[采撰]写|执笔|哪个记者|谁拍|摄影|拍摄者|通讯员|记者[是叫]|(?:什么|哪位)记者|责编|责任编辑|美编|校对|编辑是"
        r"|谁编|来源|出处|转自|\bauthor|written by|photograph|\beditor|\breporter"
    ),
    Wanted.DATE: re.compile(
        r"日期|哪一?期|[几哪]\S{0,3}的?(?:报纸?|版面)"
        r"|(?:什么时候|何时|哪[年天日]|几[月号]|when)\S{0,4}(?:发表|刊[登发载]|见报|出版|发布|公布|颁布|通过|登的?)"
        r"|(?:发表|刊[登发载]|出版|发布|公布|颁布|通过)的?(?:时间|日期)|\bpublished"
    ),
    Wanted.ITEMS: re.compile(
        r"(?:哪|是什么|有什么|都有啥|有哪些)\S{0,2}\d+[个件大条项类章部点步]|\d+[个件大条项类点步]\S{1,8}(?:是哪|是什么|是啥|指什么|指啥|有哪|分别|都有|包括)|哪几[章部]|目录"
    ),
    Wanted.TITLE: re.compile(r"标题|题目|题名|篇名|\btitle|\bheadline"),
}
