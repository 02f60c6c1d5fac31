"""A stand-in for the Library: prepared answers, looked up by the question as typed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from retrieval.answers import Answer, Citation, Quote, Verdict
from retrieval.blocks import Place
from retrieval.confidence import DEFAULT
from retrieval.fragments import Fragment
from retrieval.library import Refresh, SourceContents
from retrieval.questions import Question
from retrieval.sources import Source


class Shelf:
    """A library with what a Conversation needs; everybody may see all of it."""

    sources: Sequence[Source] = ()
    confidence = DEFAULT

    def __init__(self, answers: dict[str, Sequence[Quote]] | None = None) -> None:
        self.answers = answers or {}
        self.holdings = (SourceContents("工会报", Path("papers"), 5, 12, 96),)
        self.before: Callable[[str], object] = lambda text: None  # called first, with the question

    def ask(
        self,
        text: str,
        sources: Collection[str] | None = None,
        previous: Answer | None = None,
        fragment: Fragment | None = None,
    ) -> Answer:
        """Return what was prepared for this question, or that nothing was found."""
        self.before(text)
        question = Question(text=text, folded=text, words=(text,))
        quotes = tuple(self.answers.get(text, ()))
        if quotes:
            return Answer(question, Verdict.ANSWER, quotes)
        return Answer(question, Verdict.NONE, missing=(text,))

    def refresh(self) -> Refresh:
        """Return that nothing has changed."""
        return Refresh(files=5, changed=0, removed=0, problems=())

    def contents(self) -> tuple[SourceContents, ...]:
        """Return what stands on it."""
        return self.holdings


class Ledger:
    """A stand-in for the Journal: keeps what was shown."""

    def __init__(self) -> None:
        self.quotes: list[Quote] = []

    def record(self, quotes: Sequence[Quote]) -> None:
        """Take down the quotes."""
        self.quotes += quotes


def quote(text: str, answer: str = "", marks: Sequence[str] = (), title: str = "一篇报道") -> Quote:
    """Return `text` as a Quote; `answer` and `marks` are words of it, and found in it."""
    start = text.index(answer or text)
    end = start + len(answer or text)
    words = sorted((text.index(mark, start), text.index(mark, start) + len(mark)) for mark in marks)
    place = Place("lines", 3, 5)
    return Quote(
        id="q1",
        text=text,
        spans=((0, len(text)),),
        answer=(start, end),
        marks=tuple(words),
        score=0.8,
        citation=Citation("工会报", "000.txt", title, (), place),
        file_hash="0" * 64,
    )
