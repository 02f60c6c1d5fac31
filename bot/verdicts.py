"""What is said above the quotes: how far they answer, and what was not found.

In: an Answer, or a text as typed.  Out: sentences, in the language of the question.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.wording import Language, say
from retrieval.answers import Answer, Verdict
from retrieval.folding import fold
from retrieval.patterns import regex
from retrieval.phrases import asks_for_more
from retrieval.questions import MAX_LENGTH
from retrieval.terms import is_han

SHORT = 40  # characters of an earlier question or quote by which one recognises it


Example = Callable[[Language], str]
"""A language to a question in it that the documents answer; "" if none is known."""


def no_example(language: Language) -> str:
    """Know no question that the documents answer."""
    return ""


def refusal(language: Language, text: str) -> str:
    """Return why a text cannot be asked at all, as a sentence; "" if it can."""
    if not text.strip():
        return say(language, "empty")
    if len(text) > MAX_LENGTH:
        return say(language, "too_long", length=f"{len(text):,}", limit=f"{MAX_LENGTH:,}")
    return ""


def verdict_words(language: Language, answer: Answer, example: Example = no_example) -> str:
    """Return what is said above the quotes: how far they answer, and what was not found.

    The `example` is shown to who names nothing that can be searched for.
    """
    comma = say(language, "list_comma")
    lines = []
    if answer.question.about:
        fragment = _shortened(answer.question.about)
        if not answer.question.follows:
            return say(language, "about" if answer.quotes else "about_nothing", fragment=fragment)
        lines.append(say(language, "follows_quote", fragment=fragment))
    elif answer.question.follows:
        lines.append(say(language, "follows", question=_shortened(answer.question.follows)))
    if answer.verdict is Verdict.RELATED and not answer.question.words:
        return "\n".join([*lines, say(language, "listed")])
    if not (answer.quotes or answer.question.words or answer.question.filter):
        return say(language, "no_words", example=for_example(language, example))
    if answer.verdict is not Verdict.ANSWER:
        lines.append(say(language, answer.verdict.value))
        absent = " ".join(answer.absent)
        missing = [word for word in answer.missing if fold(word).text not in absent]
        if missing:
            lines.append(say(language, "missing", words=comma.join(missing)))
        if answer.absent:
            lines.append(say(language, "absent", words=comma.join(answer.absent)))
        if answer.nearest:
            pairs = (say(language, "stands_for", word=w, found=f) for w, f in answer.nearest)
            lines.append(say(language, "near", words=comma.join(pairs)))
    elif answer.missing_nouns:
        lines.append(say(language, "missing", words=comma.join(answer.missing_nouns)))
    if answer.verdict is Verdict.RELATED:
        lines.append(say(language, "nearest"))
    if answer.verdict is Verdict.NONE and answer.question.filter:
        lines.append(say(language, "filtered"))
    return "\n".join(lines)


_COURTESIES = {
    "greeting": regex(
        r"(?:你|您|大家)?好[啊呀]?|嗨|哈[喽罗]|在[吗么]|[早晚]上?好|[早下]午好"
        r"|h(?:i|ello|ey)(?: there)?|good (?:morning|day|afternoon|evening)"
    ),
    "welcome": regex(
        r"多?谢+[谢你您了啦]*|辛苦(?:你|您)?了?|麻烦你了|thanks?(?: you)?(?: very much| a lot)?|thx"
    ),
    "who": regex(
        r"你(?:是谁|叫什么(?:名字)?|是(?:干|做)?(?:什么|啥)的?|能?会?[做干]?(?:什么|啥|哪些事?))|怎么用|帮助"
        r"|help|who are you|what (?:can|do) you do|what are you"
    ),
}


def courtesy(text: str) -> str:
    """Return what kind of courtesy a message is (a key of the sentences), "" if it is none.

    It is no question about the documents, unless anything else stands beside it.
    """
    words = re.sub(r"[^\w ]+|_", "", fold(text).text).strip()
    return next((key for key, said in _COURTESIES.items() if said.fullmatch(words)), "")


def says_more(text: str) -> bool:
    """Return whether a message says in words what /more does."""
    return re.search(r"\w", text) is not None and asks_for_more(fold(text).text)


def greeting(language: Language, example: Example) -> str:
    """Return what is said to who greets."""
    hint = say(language, "hint", example=for_example(language, example))
    return say(language, "greeting") + "\n" + hint


def for_example(language: Language, example: Example) -> str:
    """Return the example as the end of a sentence: “, for example …”; "" if there is none."""
    question = example(language)
    return say(language, "example", question=question) if question else ""


def _shortened(fragment: str) -> str:
    words = " ".join(fragment.split())
    return words if len(words) <= SHORT else words[: SHORT - 1] + "…"


def language_of(text: str) -> Language | None:
    """Return the language a question is asked in; None where it holds no letters at all."""
    if any(map(is_han, text)):
        return "zh"
    return "en" if re.search(r"[A-Za-z]", text) else None
