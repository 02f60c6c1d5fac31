"""Follow-ups: questions that go on with the one before them, or with the words of a quote.

In: a Question, and the one before it or that of the quote.  Out: the Question that is meant.

    产假几天 – 难产呢 – 婚假呢 – 怎么申请      of 产假 – how many days of 婚假 – of 婚假
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from retrieval.names import is_year, kind
from retrieval.phrases import Wanted, asks_for_more
from retrieval.questions import Question, whole_words
from retrieval.terms import is_han

_POINTERS = frozenset(
    "那 那么 它 他 她 它们 他们 她们 其中 这个 这 该 此 还有 另外 里面 里头".split()
)
_REFERS = re.compile(
    r"呢[？?。！!]*$|它|他们|她们|^(?:不是|不对|错了)\W|^我[是要想]*[问说]的"
    r"|^(?:and|what about|how about|it|they)\b"
)
_AND = frozenset("那 那么 还有 另外".split())  # what only leads over to the next
_POINTS = re.compile(r"[它他她]们?|\b(?:it|they|them|its|their)\b")
_PUTS = re.compile(r"(?<!的)呢\W*$|^(?:and(?! (?:how|wh))|(?:what|how) about)\b")
_ASKS = re.compile(r"怎么?|咋|如何|为[什何啥]|[吗么不]\W*$|(.)不\1|^(?:how|why)\b")
_SHORT = 12  # characters: a longer question says what it is about
_FEW = 2  # Chinese words of several characters, as well


def refers(question: Question) -> bool:
    """Return whether a question points back: 那贾汪呢, 其中省级的有几个."""
    return question.first_word in _POINTERS or _REFERS.search(question.folded) is not None


def may_follow(question: Question) -> bool:
    """Return whether a question is so short that its subject may be the last question's."""
    places = any(not is_year(name) for name in question.names)
    own = places or bool(question.titles) or Wanted.MANY in question.wants
    own = own or sum(len(w) > 1 and is_han(w) for w, _ in question.content) > _FEW
    asks = bool(question.wants) or _ASKS.search(question.folded) is not None
    return len(question.folded) <= _SHORT and asks and not own


def completed(question: Question, previous: Question) -> Question:
    """Return a follow-up with the terms of what is spoken of; its own count twice.

    That is the question that the one before it was completed from; its own words (其中省级的呢)
    count only for what points back at them (它们在哪里).  So a chain of follow-ups does not
    grow.  A place or a year that it names takes the place of the one that was asked about.
    """
    subject = replace(previous.subject or previous, wants=previous.wants, subject=None)
    points = question.first_word in _POINTERS - _AND or _POINTS.search(question.folded)
    fuller = _together(previous, subject, 1) if points and previous.subject else subject
    whole = _together(question, fuller, 2)
    # Another year of the same is spoken of from now on; another word is asked once.
    named_only = all(len(w) == 1 or _in_any(w, question.names) for w in question.words)
    named_only = named_only and bool(question.names)
    spoken_of = _together(question, subject, 1) if named_only else subject
    begins = replace(
        spoken_of,
        names=whole.names,
        text=subject.text,
        follows=subject.follows,
        about=subject.about,
    )
    return replace(
        whole,
        follows=subject.text or subject.about,
        about="" if subject.text else subject.about,
        subject=begins,
    )


def instead(question: Question, previous: Question) -> Question | None:
    """Return a question that puts another thing in the place of the one that was spoken of.

    婚假呢, after 产假几天, may be about 婚假 alone: how many days, and in the same place.
    None where it is no such question: it names no thing, or points back (其中省级的呢).
    """
    puts = _PUTS.search(question.folded)
    asks = question.wants or (_ASKS.search(question.folded) and not question.folded.isascii())
    if question.first_word in _POINTERS - _AND or not puts or asks:
        return None
    if all(_in_any(word, question.names) for word in things(question)):
        return None
    whole = completed(question, previous)

    def kept(terms: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
        return own + tuple(
            t for t in dict.fromkeys(terms) if _in_any(t, whole.names) and t not in own
        )

    anew = replace(
        whole,
        words=kept(whole.words, question.words),
        grams=kept(whole.grams, question.grams),
        characters=kept(whole.characters, question.characters),
        content=tuple(
            c for c in whole.content if c in question.content or _in_any(c[0], whole.names)
        ),
        written=question.written,
        subject=None,
    )
    asking = (whole.subject and whole.subject.follows) or whole.follows  # 产假几天, whatever since
    nothing = anew.names == question.names and anew.wants == question.wants
    if nothing and (anew.titles, anew.filter) == (question.titles, question.filter):
        return replace(anew, follows="", about="")
    return replace(anew, follows=asking, subject=replace(anew, follows=asking))


def things(question: Question) -> list[str]:
    """Return the words of several letters in a question, folded: what it speaks of."""
    found = [word for word, _ in whole_words(question) if _is_thing(word)]
    if found or question.names:
        return found
    return [gram for gram in question.grams if _is_thing(gram)]  # 年|假


def _is_thing(word: str) -> bool:
    return len(word) > 1 and not word[0].isdigit()  # 满20年呢 asks on about the same


def _together(question: Question, subject: Question, times: int) -> Question:
    """Return a question with the terms of its subject; its own count that many times."""
    anew = {kind(name) for name in question.names}
    replaced = [name for name in subject.names if kind(name) in anew]

    def kept(terms: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(t for t in terms if not any(t in name or name in t for name in replaced))

    return replace(
        question,
        words=question.words * times + kept(subject.words),
        grams=question.grams * times + kept(subject.grams),
        characters=question.characters * times + kept(subject.characters),
        names=question.names + tuple(n for n in subject.names if n not in replaced),
        mistyped=question.mistyped | subject.mistyped,
        amounts=question.amounts or subject.amounts,
        titles=question.titles or subject.titles,
        written=question.written + subject.written,
        content=tuple(
            dict.fromkeys(question.content + tuple(c for c in subject.content if kept(c[:1])))
        ),
        wants=question.wants or subject.wants,
        filter=question.filter or subject.filter,
    )


def _in_any(word: str, names: tuple[str, ...]) -> bool:
    return any(word in name for name in names)


def about(question: Question, fragment: Question) -> Question:
    """Return a question together with the words of a quote that it was put to.

    Its own terms count twice; where it only asks for more, the fragment is all of it.  What
    the fragment names is looked for, but may be otherwise elsewhere: another place, another year.
    """
    said = replace(fragment, text="", names=(), titles=(), claims=(), about=fragment.text)
    if asks_for_more(question.folded):
        return replace(
            said,
            text=question.text,
            wants=frozenset(),
            filter=question.filter,
            subject=said,
        )
    return replace(
        question,
        words=question.words * 2 + fragment.words,
        grams=question.grams * 2 + fragment.grams,
        characters=question.characters * 2 + fragment.characters,
        follows=fragment.text,
        about=fragment.text,
        subject=said,
    )
