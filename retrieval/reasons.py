"""Why a passage was found: how it holds each word that was asked for.

In: a Question, what was looked for, and a passage.  Out: Reasons.

    炒掉 -> 解除劳动合同   by a written word, as the lexicon has it
    润洲 -> 润州           by its sound
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import StrEnum

from msgspec import Struct

from retrieval.folding import Folded
from retrieval.lookup import Text
from retrieval.names import bears, entitled
from retrieval.phrases import without_asking
from retrieval.questions import Question, whole_words
from retrieval.seeking import HEARD, Asked, Other, Sought
from retrieval.sounds import by_sound
from retrieval.store import StoredPassage
from retrieval.terms import is_han


class How(StrEnum):
    """How a passage holds a word."""

    ITSELF = "itself"
    CONTEXT = "context"  # it stands in the title, the headings, the source's name …
    WRITTEN = "written"  # a written word stands for it
    HEARD = "heard"  # what sounds alike stands for it
    PARTLY = "partly"  # only some of its characters stand there
    NOWHERE = "nowhere"
    ABOUT = "about"  # it is a place, year or title, and the passage is of it
    ELSEWHERE = "elsewhere"  # it is, and the passage does not say that it is of it


class Reason(Struct, frozen=True):
    """How a passage holds one word."""

    word: str  # of the question
    how: How
    found: str = ""  # what stands for it, where that is not the word itself


def reasons(
    question: Question, asked: Asked, stored: StoredPassage, folded: Folded
) -> tuple[Reason, ...]:
    """Return how a passage holds each word of a question, then each name; `folded` is its text."""
    words = [
        _reason(word, typed, question, asked, stored, folded)
        for word, typed in whole_words(question)
    ]
    return (*dict.fromkeys(words), *_named(question, stored))


def unknown_words(question: Question, holds: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the words of a question, as typed, that stand nowhere: whole ones where it can."""
    whole = dict.fromkeys(typed for word, typed in whole_words(question) if not holds(word))
    return tuple(whole or (typed for word, typed in question.content if not holds(word)))


_KINDS = frozenset(
    "地方 名字 名称 意思 标题 题目 情况 问题 办法 方法 原因 理由 内容 方式 结果 作用 "
    "数量 人数 金额 时间 日期 时期 季节 城市 部门 单位 东西 家伙 文章 报纸 照片 说法 区别 "
    "特点 好处 定义".split()
)


def otherwise_written(question: Question, holds: Callable[[str], bool]) -> list[str]:
    """Return the parts of a question for which documents hold what is written instead."""
    return [w.said for w in question.written if all(map(holds, w.words))]


def missing_nouns(
    question: Question,
    missing: Collection[str],
    holds: Callable[[str], bool],
    may_name: Callable[[str], bool],
) -> tuple[str, ...]:
    """Return which of a question's missing words name something, and nothing stands for them.

    Not those that say what kind of thing is asked for (哪个城市, 什么名字), nor a short number; of
    an English question, names only.  `may_name` is Analyzer's.
    """
    written = otherwise_written(question, holds)
    asked, chinese = without_asking(question.folded), any(map(is_han, question.folded))

    def counts(word: str, typed: str) -> bool:
        if not is_han(word):
            return len(word) > 2 and (chinese or not typed.islower())
        at = asked.find(word)
        asked_for = at > 0 and asked[at - 1].isspace() and not question.folded[at - 1].isspace()
        return len(word) > 1 and may_name(word) and word not in _KINDS and not asked_for

    return tuple(
        typed
        for word, typed in question.content
        if typed in missing and counts(word, typed) and not any(word in said for said in written)
    )


def _reason(
    word: str, typed: str, question: Question, asked: Asked, stored: StoredPassage, folded: Folded
) -> Reason:
    text, context = Text(folded.text), Text(stored.context)
    alone = Sought(0, word, 0.0, is_han(word))
    if text.spans(alone):
        return Reason(typed, How.ITSELF)
    if context.spans(alone):
        return Reason(typed, How.CONTEXT)
    for other in _others(word, question, asked):
        either = Sought(0, word, 0.0, alone.han, (other,))
        by_text, by_context = text.spans(either), context.spans(either)
        if by_text or by_context:
            found = (
                stored.passage.text[slice(*folded.original(*by_text[0]))]
                if by_text
                else context.text[slice(*by_context[0])]
            )
            said = next((w.said for w in question.written if w.text == other.text), typed)
            return (
                Reason(typed, How.HEARD, found)
                if other.sound
                else (Reason(said, How.WRITTEN, found))
            )
    part = _longest_part(word, f"{folded.text}\n{stored.context}") if alone.han else ""
    return Reason(typed, How.PARTLY, part) if part else Reason(typed, How.NOWHERE)


def _others(word: str, question: Question, asked: Asked) -> tuple[Other, ...]:
    """Return what may stand for a word."""
    for sought in asked.words:
        if sought.text == word:
            return sought.others
    others = [Other(w.text, w.weight) for w in question.written if word in w.said]
    for gram in asked.grams:
        if gram.text in word and any(other.sound for other in gram.others):
            others += [Other(part, HEARD, by_sound(part)) for part in (word, gram.text)]
            break
    return tuple(others)


def _longest_part(word: str, text: str) -> str:
    for length in range(len(word) - 1, 1, -1):
        for start in range(len(word) - length + 1):
            if (part := word[start : start + length]) in text:
                return part
    return ""


def _named(question: Question, stored: StoredPassage) -> Iterator[Reason]:
    about = f"{stored.context}\n{stored.folded}"
    for name in question.names:
        yield Reason(name, How.ABOUT if bears(about, name) else How.ELSEWHERE)
    title = stored.context.partition("\n")[0]
    for name in question.titles:
        yield Reason(name, How.ABOUT if entitled(title, name) else How.ELSEWHERE)
