"""Every sentence the bot says, in Chinese and in English; here and only here.

`say(language, key, ...)` fills one in; `citation` and `place` put sources into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from retrieval.answers import Answer, Quote
from retrieval.blocks import Place, Unit
from retrieval.confidence import Confidence
from retrieval.errors import on_one_line
from retrieval.reasons import How

Language = Literal["zh", "en"]

SENTENCES: dict[Language, dict[str, str]] = {
    "zh": {
        "greeting": "你好，我是有据：直接提问，我从资料里逐字引用原文来回答，并注明出处。",
        "help": "直接提问就行{example}。\n"
        "我只引用原文，不编写答案；资料里没有的，我会说没有检索到。\n"
        '缩小范围："原文短语" -不要的词 来源:名 文件:名 标题:词 日期:2018..2020，前后空格\n'
        "/more 看后面的段落；/more 2 看别处怎么说第 2 段的事\n"
        "/why 看为什么是这几段\n/alone 单独问，不结合上一问\n"
        "/sources 看有哪些资料\n/help 看这段说明",
        "hint": "直接提问就行{example}；/help 看怎么用。",
        "welcome": "不客气，还想查什么就接着问。",
        "help_quit": "/quit 退出（也可以按 Ctrl-D）",
        "example": "，例如“{question}”",
        "sources": "我会查这些资料：",
        "source": "· {name}（{documents} 篇，{passages} 段）",
        "no_sources": "还没有能读的资料。",
        "more": "还有 {count} 段，发 /more 继续看。",
        "nothing_more": "没有更多段落了。",
        "nothing_yet": "还没有提问，先问一个问题吧。",
        "related": "没有检索到直接的回答。",
        "nearest": "最接近的是：",
        "listed": "符合这些条件的段落：",
        "filtered": "问题里带了筛选条件（引号、-词、来源: 等），不符合的段落没有看。",
        "none": "没有检索到能回答这个问题的内容。",
        "missing": "资料里没有出现：{words}。",
        "absent": "下面的引文没有写明说的是：{words}。",
        "near": "资料里相近的词：{words}。",
        "follows": "结合上一问：{question}",
        "follows_quote": "结合引文“{fragment}”",
        "about": "关于“{fragment}”，别处还有：",
        "about_nothing": "关于“{fragment}”，别处没有检索到更多内容。",
        "no_such_quote": "刚才没有第 {number} 段。",
        "empty": "请输入问题。",
        "too_long": "问题有 {length} 个字，最多 {limit} 个字，请缩短后再问。",
        "no_words": "这句话里没有能检索的字词，请写出想查的事{example}。",
        "how_more": "用法：/more 看后面的段落；/more 2 看别处怎么说第 2 段的事，后面还可以写问题。",
        "how_why": "用法：/why 看刚才那几段的依据；/why 2 看第 2 段的。",
        "unknown_command": "没有 {command} 这个命令。",
        "unavailable": "现在查不了资料，请稍后再试。",
        "failed": "出错了，这条消息没有处理成功（编号 {id}），请稍后再试。",
        "only_text": "我只读得懂文字，图片、语音、贴纸还看不懂。"
        "请把问题打成文字发给我，我从资料里找原文回答。",
        "bye": "再见。",
        "answer_mark": "【{text}】",
        "list_comma": "、",
        "why": "第 {number} 段（{title}，得分 {score:.2f}）",
        "sure": "把握 {sure:.0%}：{answer:.0%} 起算回答，{related:.0%} 起算有关。",
        "stands_for": "{word} → {found}",
        "alone": "单独问",
        "alone_hint": "只问这一句，不结合上一问：/alone",
        "already_alone": "上一个问题本来就是单独回答的。",
        "stale": "这个按钮只对最近一次回答有效，请直接再问一次。",
        "only_conditions": "问题里只有筛选条件，列出的是符合条件的段落。",
        "again": "，又见{places}",
        "alike": "另见 {count} 篇：{titles}",
        "elsewhere": "原文不在本机，未再核对",
    },
    "en": {
        "greeting": "Hello, I am Youju: ask, and I answer with word-for-word quotations from the "
        "documents, each with its source.",
        "help": "Just ask{example}. I only quote and never make anything up; "
        "what the documents do not hold, I say I did not find.\n"
        'To narrow it down, between blanks: "exact phrase" -without source:name file:name '
        "title:word date:2018..2020\n"
        "/more shows further passages; /more 2 shows what others say of the second\n"
        "/why tells why it was these\n"
        "/alone asks the last question without the one before it\n"
        "/sources lists the documents\n/help shows this",
        "hint": "Just ask{example}; /help shows how.",
        "welcome": "You are welcome. Just go on asking.",
        "help_quit": "/quit leaves (so does Ctrl-D)",
        "example": ", for example “{question}”",
        "sources": "I look in these documents:",
        "source": "· {name} (documents: {documents}, passages: {passages})",
        "no_sources": "There is no readable document yet.",
        "more": "{count} more: send /more to go on.",
        "nothing_more": "There are no more passages.",
        "nothing_yet": "Nothing has been asked yet: ask a question first.",
        "related": "I found no direct answer.",
        "nearest": "The nearest is:",
        "listed": "Passages that fit these conditions:",
        "filtered": "The question sets conditions (quotation marks, -word, source: …); passages "
        "that do not fit them were left out.",
        "none": "I found nothing that answers this question.",
        "missing": "These words stand in none of the documents: {words}.",
        "absent": "The quotations below do not say that they are about: {words}.",
        "near": "Words like these do occur: {words}.",
        "follows": "Together with your last question: {question}",
        "follows_quote": "Together with the quotation “{fragment}”",
        "about": "Elsewhere, about “{fragment}”:",
        "about_nothing": "I found nothing else about “{fragment}”.",
        "no_such_quote": "There was no passage {number}.",
        "empty": "Please type a question.",
        "too_long": "The question has {length} characters; please keep it to {limit} at most.",
        "no_words": "There is no word to search for in this. Please name what you look "
        "for{example}.",
        "how_more": "Use: /more for further passages; /more 2 for what others say of the second, "
        "with a question behind it if you like.",
        "how_why": "Use: /why for the passages just shown; /why 2 for the second.",
        "unknown_command": "There is no command {command}.",
        "unavailable": "I cannot search just now. Please try again later.",
        "failed": "Something went wrong with this message (number {id}). Please try again later.",
        "only_text": "I can only read text, no pictures, voices or stickers yet. Please type your "
        "question: I look for the answer in the documents.",
        "bye": "Goodbye.",
        "answer_mark": "[{text}]",
        "list_comma": ", ",
        "why": "Passage {number} ({title}, score {score:.2f})",
        "sure": "Confidence {sure:.0%}: an answer from {answer:.0%} on, related from "
        "{related:.0%} on.",
        "stands_for": "{word} → {found}",
        "alone": "Ask it alone",
        "alone_hint": "To ask this alone, without the question before it: /alone",
        "already_alone": "The last question was answered alone as it is.",
        "stale": "This button was for an earlier answer: please ask again.",
        "only_conditions": "The question sets conditions only; these passages fit them.",
        "again": ", again at {places}",
        "alike": "{count} more like it: {titles}",
        "elsewhere": "its file is on another machine, and was not compared again",
    },
}

COMMANDS: dict[Language, dict[str, str]] = {
    "zh": {
        "help": "怎么用",
        "more": "看后面的段落",
        "why": "为什么是这几段",
        "alone": "单独问，不结合上一问",
        "sources": "有哪些资料",
    },
    "en": {
        "help": "How to use",
        "more": "Further passages",
        "why": "Why these passages",
        "alone": "Ask without the question before",
        "sources": "Which documents",
    },
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


def place(language: Language, where: Place, also: Sequence[Place] = ()) -> str:
    """Return “第 3–5 行” or “lines 3–5”, “第 2 页” or “page 2”; `also` is where it is repeated."""
    if also:
        places = say(language, "list_comma").join(place(language, other) for other in also)
        return place(language, where) + say(language, "again", places=places)
    single = where.first == where.last
    numbers = str(where.first) if single else f"{where.first}–{where.last}"
    words = _UNITS[language][where.unit].format(numbers)
    return words if single or language == "zh" else words.replace(" ", "s ", 1)


NAMED = 3  # documents alike that are named; the others are counted


def citation(language: Language, quote: Quote) -> str:
    """Return where a quote stands, on one line: source, article, headings, file, lines, id."""
    cited = quote.citation
    article = " › ".join((cited.title, *cited.section))
    where = f"{cited.file} {place(language, cited.place, cited.also)}"
    parts = [cited.source, article, where, quote.id]
    if quote.alike:
        titles = say(language, "list_comma").join(other.title for other in quote.alike[:NAMED])
        parts.append(say(language, "alike", count=len(quote.alike), titles=titles))
    if not cited.here:
        parts.append(say(language, "elsewhere"))
    return on_one_line(" ｜ ".join(parts))


_HOW: dict[Language, dict[How, str]] = {
    "zh": {
        How.ITSELF: "原样出现：{}",
        How.CONTEXT: "在标题、小标题、日期等处：{}",
        How.WRITTEN: "书面说法：{}",
        How.HEARD: "读音相同：{}",
        How.PARTLY: "只出现了一部分：{}",
        How.NOWHERE: "没有出现：{}",
        How.ABOUT: "地点、年份、篇名相符：{}",
        How.ELSEWHERE: "没有写明是：{}",
    },
    "en": {
        How.ITSELF: "as they are: {}",
        How.CONTEXT: "in its title, headings or date: {}",
        How.WRITTEN: "by a written word: {}",
        How.HEARD: "by its sound: {}",
        How.PARTLY: "only in part: {}",
        How.NOWHERE: "nowhere: {}",
        How.ABOUT: "of the place, year or title asked for: {}",
        How.ELSEWHERE: "not said to be of: {}",
    },
}


def why(language: Language, answer: Answer, shown: range, confidence: Confidence) -> str:
    """Return how each of these quotes, counted from 0, holds the words of the question."""
    if answer.quotes and not answer.question.words:
        return say(language, "only_conditions")
    parts = []
    for number, quote in enumerate(answer.quotes[shown.start : shown.stop], shown.start + 1):
        title = quote.citation.title
        lines = [say(language, "why", number=number, title=title, score=quote.score)]
        for how, words in _HOW[language].items():
            found = [
                say(language, "stands_for", word=r.word, found=r.found) if r.found else r.word
                for r in quote.reasons
                if r.how is how
            ]
            if found:
                lines.append("· " + words.format(say(language, "list_comma").join(found)))
        parts.append("\n".join(lines))
    sure = confidence.of(answer.score, answer.lead)
    limits = confidence.threshold_answer, confidence.threshold_related
    parts.append(say(language, "sure", sure=sure, answer=limits[0], related=limits[1]))
    return "\n\n".join(parts)
