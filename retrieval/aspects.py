"""What a question wants to know of its subject, and the words that texts say it with.

In: a folded question.  Out: what tells of a folded sentence whether it says that.  Who asks why
is answered by 因为, not by the words of the question: in a passage where these stand all over,
this parts one sentence from the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from retrieval.patterns import regex

_ASPECTS = {  # asked: said
    "cause": (
        r"(?<![称之作名叫成认])为[什何啥]|原因|缘故|缘由|何故|因何|理由|怎么会|导致"
        r"|\bwhy\b|\breason|\bcause",
        r"因|由于|缘于|源于|出于|鉴于|导致|致使|使得|以致|为了"
        r"|\bbecause\b|\b(?:due|owing) to\b|\bcaused?\b",
    ),
    "origin of a name": (
        r"得名|由来|名[字称].{0,4}(?:来|源|含义|意思)|来历|起源|来源|怎么?样?(?:来|产生|形成|得来)"
        r"|\bnamed (?:after|for)\b|\borigin",
        r"得名|命名|起名|取名|取自|源[于自]|起源|来自|由来|赐名|因此称|故[名称而]|统?称[为作]|改名|形成|产生"
        r"|\bnamed?\b|\borigin|\b(?:comes?|derived) from\b",
    ),
    "another name": (
        r"别[名称号]|又[名称叫]|俗[名称]|外号|绰号|昵称|原名|本名|简称|全称|学名|[英中日外]文名|字号|[也还]叫"
        r"|\balso (?:known|called)|\bnickname|\balias|\bfull name",
        r"又[名称叫]|别[名称号]|亦[称名]|[也俗简古统合]称|外号|绰号|昵称|[原本学译旧]名|全称|名为|[英中日外]文"
        r"|\(\W*[a-z]{3}|称[为作]|\bknown as\b|\bcalled\b|\bnickname|\balias",
    ),
    "birth": (
        r"出生|诞生|生于|生日|籍贯|祖籍|哪[里儿]人|什么地方人|故乡|\bborn\b|\bbirth",
        r"生于|出生|诞生|籍贯|祖籍|原籍|[年日]生|\(\d{3,4}年|人[,，。]|\bborn\b|\bnative of\b",
    ),
    "death": (
        r"[死去逝]世|[怎如]\S{0,3}死|死[因亡于后的]|被谁杀|卒于|遇害|牺牲|\bdie[ds]?\b|\bdeath",
        r"死|卒|[去逝过辞]世|病[逝故]|身亡|遇[害难]|牺牲|自杀|[被所]\S{0,8}[杀诛]|终年|享年|薨|驾崩"
        r"|\bdie[ds]\b|\bdeath|\bkilled\b",
    ),
    "kinship": (
        r"谁的?(?:女儿|儿子|妻子|丈夫|[父母]亲|皇?[后妃]|王[后妃]|弟|哥|兄|姐|妹)"
        r"|\b(?:son|daughter|wife) of",
        r"之[女子妻母父弟兄孙妃后]|[长次幼][女子]|的(?:女儿|儿子|妻子|丈夫|[父母]亲|[皇王]后|王?妃)"
        r"|\b(?:son|daughter|wife|mother|father) of\b",
    ),
    "size": (
        r"多[高长宽深远]|高度|长度|宽度|身高|体长|\bhow (?:tall|high|long|far|wide|deep)",
        r"\d ?(?:米|公尺|公分|厘米|毫米|千米|公里|英[尺里]|海里|尺|里|k?m|cm|feet|foot|miles?)",
    ),
    "duration": (
        r"多长时间|期限|有效期|\bhow long\b",
        r"\d[多余]?个?(?:年|月|日|天|小时|分钟|周|星期)|\d (?:year|month|week|day|hour|minute)",
    ),
}
_PATTERNS = [(regex(asked), regex(said)) for asked, said in _ASPECTS.values()]


def says(question: str) -> Callable[[str], bool]:
    """Return what tells whether a folded sentence says what a folded question asks."""
    wanted = _wanted(question)
    return lambda sentence: any(said.search(sentence) for said in wanted)


@lru_cache(maxsize=64)
def _wanted(question: str) -> tuple[re.Pattern[str], ...]:
    return tuple(said for asked, said in _PATTERNS if asked.search(question))
