"""Every sentence the bot says, in Chinese and in English; here and only here.

`say(language, key, ...)` fills one in; `citation` and `place` put sources into words.
"""

from __future__ import annotations

from typing import Literal

from retrieval.answers import Quote
from retrieval.blocks import Place, Unit

Language = Literal["zh", "en"]

SENTENCES: dict[Language, dict[str, str]] = {
    "zh": {
        "greeting": "你好，我是有据：直接提问，我从资料里逐字引用原文来回答，并注明出处。",
        "help": "直接提问就行，例如“{example}”。\n"
        "我只引用原文，不编写答案；资料里没有的，我会说没有检索到。\n"
        "/more 看后面的段落\n/sources 看有哪些资料\n/help 看这段说明",
        "help_quit": "/quit 退出（也可以按 Ctrl-D）",
        "example": "住院慰问金每次多少钱？",
        "sources": "我会查这些资料：",
        "source": "· {name}（{documents} 篇，{passages} 段）",
        "no_sources": "还没有能读的资料。",
        "more": "还有 {count} 段，发 /more 继续看。",
        "nothing_more": "没有更多段落了。",
        "nothing_yet": "还没有提问，先问一个问题吧。",
        "related": "没有检索到直接的回答。",
        "nearest": "最接近的是：",
        "none": "没有检索到能回答这个问题的内容。",
        "missing": "资料里没有出现：{words}。",
        "absent": "下面的引文和它所在的文章没有提到：{words}。",
        "follows": "结合上一问：{question}",
        "empty": "请输入问题。",
        "too_long": "问题有 {length} 个字，最多 {limit} 个字，请缩短后再问。",
        "no_words": "这句话里没有能检索的字词，请换个说法再问。",
        "unknown_command": "没有 {command} 这个命令。",
        "unavailable": "现在查不了资料，请稍后再试。",
        "failed": "出错了，这条消息没有处理成功（编号 {id}），请稍后再试。",
        "only_text": "我只读得懂文字，请把问题打成文字发给我。",
        "bye": "再见。",
        "answer_mark": "【{text}】",
        "list_comma": "、",
    },
    "en": {
        "greeting": "Hello, I am Youju: ask, and I answer with word-for-word quotations from the "
        "documents, each with its source.",
        "help": "Just ask, for example “{example}”. I only quote and never make anything up; "
        "what the documents do not hold, I say I did not find.\n"
        "/more shows further passages\n/sources lists the documents\n/help shows this",
        "help_quit": "/quit leaves (so does Ctrl-D)",
        "example": "How much is the hospital allowance?",
        "sources": "I look in these documents:",
        "source": "· {name} (documents: {documents}, passages: {passages})",
        "no_sources": "There is no readable document yet.",
        "more": "{count} more: send /more to go on.",
        "nothing_more": "There are no more passages.",
        "nothing_yet": "Nothing has been asked yet: ask a question first.",
        "related": "I found no direct answer.",
        "nearest": "The nearest is:",
        "none": "I found nothing that answers this question.",
        "missing": "These words stand in none of the documents: {words}.",
        "absent": "The quotations below and their articles do not mention: {words}.",
        "follows": "Together with your last question: {question}",
        "empty": "Please type a question.",
        "too_long": "The question has {length} characters; please keep it to {limit} at most.",
        "no_words": "There is no word to search for in this; please put it another way.",
        "unknown_command": "There is no command {command}.",
        "unavailable": "I cannot search just now. Please try again later.",
        "failed": "Something went wrong with this message (number {id}). Please try again later.",
        "only_text": "I can only read text. Please type your question.",
        "bye": "Goodbye.",
        "answer_mark": "[{text}]",
        "list_comma": ", ",
    },
}

COMMANDS: dict[Language, dict[str, str]] = {
    "zh": {"help": "怎么用", "more": "看后面的段落", "sources": "有哪些资料"},
    "en": {"help": "How to use", "more": "Further passages", "sources": "Which documents"},
}
"""What the menu of a channel says for each command."""


def say(language: Language, key: str, **values: object) -> str:
    """Return the sentence `key` with its gaps filled."""
    return SENTENCES[language][key].format(**values)


_UNITS: dict[Language, dict[Unit, str]] = {
    "zh": {
        "lines": "第 {} 行",
        "page": "第 {} 页",
        "slide": "第 {} 张幻灯片",
        "row": "表格第 {} 行",
        "chapter": "第 {} 部分",
        "part": "第 {} 段",
    },
    "en": {
        "lines": "line {}",
        "page": "page {}",
        "slide": "slide {}",
        "row": "row {}",
        "chapter": "part {}",
        "part": "paragraph {}",
    },
}


def place(language: Language, where: Place) -> str:
    """Return “第 3–5 行” or “lines 3–5”, “第 2 页” or “page 2”."""
    single = where.first == where.last
    numbers = str(where.first) if single else f"{where.first}–{where.last}"
    words = _UNITS[language][where.unit].format(numbers)
    return words if single or language == "zh" else words.replace(" ", "s ", 1)


def citation(language: Language, quote: Quote) -> str:
    """Return where a quote stands, on one line: source, article, headings, file, lines, id."""
    cited = quote.citation
    article = " › ".join((cited.title, *cited.section))
    where = f"{cited.file} {place(language, cited.place)}"
    return " ｜ ".join((cited.source, article, where, quote.id))
