"""Everyday words to written ones: people ask who was fired, documents write 解除劳动合同.

In: groups of words, and a folded question.  Out: Expansions, each with the part of the
question it stands for.

    >>> lexicon = Lexicon.of([Group(("炒鱿鱼", "开除"), ("解除劳动合同",))])
    >>> [(e.said, e.written) for e in lexicon.expand("被开除了", lambda text: ["被", "开除", "了"])]
    [('开除', '解除劳动合同')]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from retrieval.folding import fold
from retrieval.terms import is_han

GAP = 8  # letters or Chinese characters, at most, that … in a phrase stands for

_DOTS = re.compile(r"\.{3,}")  # … folded


class Group(Struct, frozen=True):
    """Everyday words and phrases, and what documents write for any of them.

    拖…工资 is said in 拖工资 and in 拖了我们三个月工资.
    """

    said: tuple[str, ...]
    written: tuple[str, ...]
    weight: float = 1.0  # above 0, at most 1: how surely it is meant


class Expansion(Struct, frozen=True):
    """What documents may write for the part `[start, end)` of a folded question."""

    start: int
    end: int
    said: str  # that part
    written: str  # folded
    weight: float


class _Found(Struct, frozen=True):
    """A phrase in a question, and the slices it takes: two, if there is a … in it."""

    phrase: str
    slices: tuple[tuple[int, int], ...]

    def order(self) -> tuple[int, int, int]:
        """Return what puts the longest phrase first, then the one that is least stretched."""
        (start, _), (_, end) = self.slices[0], self.slices[-1]
        return -sum(e - s for s, e in self.slices), end - start, start

    def is_long(self) -> bool:
        """Return whether a phrase is too long to be made of parts of other words."""
        return len(self.phrase) > 3 and len(self.slices) == 1 and is_han(self.phrase)


class Lexicon:
    """Groups of words, looked up in questions.  Immutable, so thread-safe.

    `said`: the phrases, folded, a line each; `groups`: in as many lines the numbers of each one's
    groups, with commas; `written`: the groups' written words, folded, with their weights;
    `stretched`: the phrases with a …, what stands behind it by what stands before it.  A question
    from the shell waits for this to be read: ten thousand lines are, sooner than as many lists.
    """

    def __init__(
        self,
        said: str = "",
        groups: str = "",
        written: Sequence[tuple[Sequence[str], float]] = (),
        stretched: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self._said = dict(zip(said.split("\n"), groups.split("\n"), strict=True)) if said else {}
        self._written = written
        self._stretched = stretched
        self._lengths = set(map(len, self._said))

    @classmethod
    def of(cls, groups: Iterable[Group]) -> Lexicon:
        """Make a lexicon of groups, which need not be folded."""
        said: dict[str, list[str]] = {}
        written = []
        for number, group in enumerate(groups):
            written.append(([fold(word).text for word in group.written], group.weight))
            for phrase in group.said:
                said.setdefault(_DOTS.sub("…", fold(phrase).text), []).append(str(number))
        stretched: dict[str, list[str]] = {}
        for head, dots, tail in (phrase.partition("…") for phrase in said):
            if dots:
                stretched.setdefault(head, []).append(tail)
        numbers = "\n".join(map(",".join, said.values()))
        return cls("\n".join(said), numbers, written, stretched)

    @property
    def parts(self) -> dict[str, Any]:
        """What `Lexicon(**parts)` takes, fit for JSON: to be kept between runs."""
        return {
            "said": "\n".join(self._said),
            "groups": "\n".join(self._said.values()),
            "written": self._written,
            "stretched": self._stretched,
        }

    def expand(self, question: str, cut: Callable[[str], Sequence[str]]) -> tuple[Expansion, ...]:
        """Return the written words for every phrase of a folded question, in its order.

        Where phrases overlap the longest counts.  Short ones have to begin and end where words
        do, as `cut` (text to its pieces) has it: there is no 工资 in 职工资格, and no 公司 in
        公司法.  What the question holds itself is left out.
        """
        found = sorted(self._find(question), key=_Found.order)
        if not found:
            return ()
        borders = {0, *accumulate(map(len, cut(question)))}
        taken: set[int] = set()
        kept = []
        for one in found:
            places = set(chain.from_iterable(range(*piece) for piece in one.slices))
            stands = one.is_long() or borders.issuperset(chain.from_iterable(one.slices))
            if stands and taken.isdisjoint(places):
                taken |= places
                kept.append((one.slices[0][0], one.slices[-1][1], one.phrase))
        return tuple(
            Expansion(start, end, question[start:end], written, weight)
            for start, end, phrase in sorted(kept)
            for written, weight in self._expansions(phrase).items()
            if written not in question
        )

    def _find(self, question: str) -> Iterator[_Found]:
        """Yield every phrase that stands in a question, wherever it begins and ends."""
        for length in self._lengths:
            for start in range(len(question) - length + 1):
                phrase = question[start : start + length]
                if phrase in self._said:
                    yield _Found(phrase, ((start, start + length),))
        # Most heads stand in no question, and `filter` tells which without a step of Python.
        for head in filter(question.__contains__, self._stretched):
            start = question.find(head)
            while start >= 0:
                gap = start + len(head)
                for tail in self._stretched[head]:
                    at = question.find(tail, gap, gap + GAP + len(tail))
                    if at == gap or (at > gap and question[gap:at].isalnum()):
                        yield _Found(f"{head}…{tail}", ((start, gap), (at, at + len(tail))))
                start = question.find(head, start + 1)

    def _expansions(self, phrase: str) -> dict[str, float]:
        """Return what is written for a phrase, with its weights."""
        weights: dict[str, float] = {}
        for number in self._said[phrase].split(","):
            words, weight = self._written[int(number)]
            for word in words:
                weights[word] = max(weight, weights.get(word, 0))
        return weights
