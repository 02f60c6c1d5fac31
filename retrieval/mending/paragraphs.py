"""The lines of a scanned page to paragraphs: what a column or a line wrap broke is joined.

In: a Reading whose blocks are single lines.  Out: Units, one a paragraph or a line that stands
alone.  A break ends no paragraph while the sentence goes on; what stands inside the broken
sentence (a caption, a title) is stepped over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from retrieval.blocks import Block, Reading, Repeat, Role, join, line_at

Cuts = Callable[[str], Sequence[str]]
"""Text to its words: whether a word runs across a break tells whether the sentence does."""


class Unit(Struct):
    """A block while its role is being found out, and whether it is a title."""

    text: str
    block: Block
    gap: int  # blank lines above it; many, where it is the first
    role: Role = Role.BODY
    title: bool = False
    inside: bool = False  # it stands within a sentence of another unit


ENDS = re.compile(r"[。！？!?…；;：:.][\"'”’」』）)》】]*$")
SENTENCE = re.compile(r"[。！？；]|[.!?]\s")
_NEW = re.compile(
    r"第[零〇一二三四五六七八九十百千\d]+[编章节条款]|[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．](?!\d)"
    r"|[·•●■◆★※]|[-*]\s|【|——|[问答QA]\s?[:：.]"
)
_OPEN, _CLOSE = "“‘《（(「『【", "”’》）)」』】"
SHORT = 40  # characters: a longer line is no heading, unless it opens the page:
LONG_TITLE = re.compile(r"[^，,。；;：:！？!?…]{1,80}")
_REACH = 5  # how many units a broken sentence may be continued after
_FIRST = 9  # blank lines above the first line of a page, as it were
_REPEAT = 15  # characters: shorter lines may well stand twice on a page on purpose


def paragraphs(reading: Reading, cuts: Cuts) -> list[Unit]:
    """Return what stands on a page, in its order, with broken sentences joined."""
    units = _wrapped(reading)
    done: list[Unit] = []
    used: set[int] = set()
    for i, unit in enumerate(units):
        if i in used:
            continue
        at = i
        while (follower := _continuation(units, at, used, cuts)) is not None:
            used.add(follower)
            for between in units[at + 1 : follower]:
                between.inside = True
            unit = _joined(unit, units[follower], reading.text)
            # What follows the continuation may continue it again.
            at, units[follower] = follower, replace(units[follower], text=unit.text)
        done.append(unit)
    return _without_repeats(done)


def _without_repeats(units: list[Unit]) -> list[Unit]:
    """Return the units less those that only repeat another, which then knows their places.

    A repeat is shorter: the other ends with the same words or, if they are prose, begins so.
    """
    ending, beginning = _longer(units, lambda text: text[::-1]), _longer(units, str)
    repeats: set[int] = set()
    for unit in sorted(units, key=lambda unit: len(unit.text)):
        whole = ending.get(id(unit)) or (beginning.get(id(unit)) if _prose(unit) else None)
        if whole is None or len(unit.text) < _REPEAT:
            continue
        again = Repeat(unit.block.place, unit.block.spans)
        also = sorted((*whole.block.also, *unit.block.also, again), key=lambda r: r.spans)
        whole.block = replace(whole.block, also=tuple(also))
        repeats.add(id(unit))
    return [unit for unit in units if id(unit) not in repeats]


def _longer(units: list[Unit], key: Callable[[str], str]) -> dict[int, Unit]:
    """Return, by a unit's id, one whose text begins with the unit's and goes on."""
    found: dict[int, Unit] = {}
    # In order, whatever begins with a text stands right behind it.
    ordered = sorted(((key(unit.text), unit) for unit in units), key=lambda pair: pair[0])
    for (text, unit), (following, other) in reversed(list(pairwise(ordered))):
        if following == text and id(other) in found:
            found[id(unit)] = found[id(other)]
        elif following != text and following.startswith(text):
            found[id(unit)] = other
    return found


def _wrapped(reading: Reading) -> list[Unit]:
    """Return the lines as units, those of a paragraph wrapped at a fixed width joined."""
    lines: list[Unit] = []
    for block in reading.blocks:
        gap = _FIRST
        if lines:  # counted in the text: the places of a scanned page are its pages
            between = reading.text[lines[-1].block.spans[-1][1] : block.spans[0][0]]
            gap = line_at(between, len(between)) - 2
        lines.append(Unit(join(reading.text, block.spans), block, gap))
    followed = [a for a, b in pairwise(lines) if b.gap == 0]
    width = max((len(line.text) for line in followed), default=0)
    filled = [a for a in followed if len(a.text) >= 0.8 * width and not ENDS.search(a.text)]
    if len(filled) < len(lines) / 4 or not 20 <= width <= 120:
        return lines  # one line a paragraph
    spaced = any(line.gap for line in lines[1:])
    units: list[Unit] = []
    full = False  # was the line before filled to the margin?
    for line in lines:
        indented = reading.text[line.block.spans[0][0] - 1 : line.block.spans[0][0]] == "\u3000"
        ended = bool(units) and ENDS.search(units[-1].text) is not None and not spaced
        if full and line.gap == 0 and not indented and not ended and not _NEW.match(line.text):
            units[-1] = _joined(units[-1], line, reading.text)
        else:
            units.append(line)
        full = len(line.text) >= 0.8 * width
    return units


def _joined(first: Unit, second: Unit, text: str) -> Unit:
    block = first.block.followed_by(second.block)
    return Unit(join(text, block.spans), block, first.gap)


def _continuation(units: list[Unit], at: int, used: set[int], cuts: Cuts) -> int | None:
    """Return the number of the unit that goes on with the sentence that unit `at` breaks off."""
    broken = units[at].text
    if ENDS.search(broken) or (at == 0 and _is_long_title(units)):
        return None
    if not (len(broken) > SHORT or SENTENCE.search(broken) or _left_open(broken)):
        return None
    following = [i for i in range(at + 1, min(at + 1 + _REACH, len(units))) if i not in used]
    for i in following:
        if _prose(units[i]) and _fits(broken, units[i].text, cuts):
            return i
        if len(units[i].text) > 2 * SHORT and units[i].text != broken[-len(units[i].text) :]:
            break  # too much to be stepped over
    if following:
        text = units[following[0]].text
        # Without such a sign, it goes on in the very next paragraph, if that is a text at all.
        if (SENTENCE.search(text) or ENDS.search(text)) and not _NEW.match(text):
            return following[0]
    return None


def _is_long_title(units: list[Unit]) -> bool:
    """Return whether a page opens with a title, rather than with the first line of its text."""
    wrapped = units[0].text.isascii() and len(units) > 1 and units[1].gap == 0
    return LONG_TITLE.fullmatch(units[0].text) is not None and not wrapped


def _prose(unit: Unit) -> bool:
    return len(unit.text) > SHORT or SENTENCE.search(unit.text) is not None


def _fits(broken: str, follower: str, cuts: Cuts) -> bool:
    """Return whether the break stands within a word, or within quotation marks or brackets."""
    if _NEW.match(follower) or broken.endswith(follower):
        return False
    if broken[-1] in "，,、“‘《（(":
        return True
    if (mark := _left_open(broken)) and _closes(follower, mark):
        return True
    tail, head = broken[-6:], follower[:6]
    at = 0
    for word in cuts(tail + head):
        if at < len(tail) < at + len(word):
            return True
        at += len(word)
    return False


def _left_open(text: str) -> str:
    """Return the last opening mark that nothing closes, or ""."""
    stack: list[str] = []
    for character in text:
        if character in _OPEN:
            stack.append(character)
        elif character in _CLOSE and stack:
            stack.pop()
    return stack[-1] if stack else ""


def _closes(text: str, mark: str) -> bool:
    """Return whether `text` closes `mark` before it opens another of its kind."""
    closing = _CLOSE[_OPEN.index(mark)]
    return (text + mark).index(mark) > text.find(closing) >= 0
