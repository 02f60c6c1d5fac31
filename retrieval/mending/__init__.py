"""The lines of a scanned page to articles: sentences joined, roles told apart.

In: a Reading whose blocks are single lines.  Out: Articles, each with its blocks in reading
order.  Three steps: `paragraphs`, `roles`, and the articles themselves, below: a page holds
several, and some bear title and author after the text.

The rules are those of Chinese newspapers and of wrapped text.  No rule changes a character.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from retrieval.blocks import DATE, Block, Reading, Role
from retrieval.mending.paragraphs import Cuts, Unit, paragraphs
from retrieval.mending.roles import LABEL, ORIGIN, bears_name, give_roles, leads


class Article(Struct, frozen=True):
    """One article of a page."""

    title: str  # "" where the page shows none
    byline: str
    date: str  # as printed, "" where the page shows none
    blocks: tuple[Block, ...]


def mend(reading: Reading, cuts: Cuts) -> list[Article]:
    """Return the articles of a page.  There is at least one if the page holds any text."""
    units = paragraphs(reading, cuts)
    give_roles(units, cuts)
    articles = _articles(units)
    # The page head dates every article of its page.
    date = next((m[0] for u in units if u.role is Role.NOTICE and (m := DATE.match(u.text))), "")
    return [_article(a, date) for a in articles]


class _Draft(Struct):
    units: list[Unit] = []
    closed: bool = False  # its source was named: nothing more belongs to it

    def has(self, role: Role) -> bool:
        return any(u.role is role for u in self.units)

    @property
    def titled(self) -> bool:
        return any(u.title for u in self.units)


def _articles(units: list[Unit]) -> list[_Draft]:
    drafts = [_Draft()]
    for i, unit in enumerate(units):
        draft = drafts[-1]
        if _begins(units, i, draft):
            draft = _Draft()
            drafts.append(draft)
        if unit.role is Role.HEADING and not draft.titled and _names(units, i, draft):
            unit.title = True
        elif unit.text.startswith("——") and i and units[i - 1].title:
            unit.title, unit.role = True, Role.HEADING
        draft.units.append(unit)
        draft.closed = draft.closed or ORIGIN.match(unit.text) is not None
    for draft in drafts:
        _name_by_pair(draft)
    return [d for d in drafts if d.units]


def _begins(units: list[Unit], i: int, draft: _Draft) -> bool:
    """Return whether unit `i` is the first of another article than `draft`."""
    unit = units[i]
    if not draft.has(Role.BODY):
        return False
    if unit.role is Role.NOTICE:
        return LABEL.fullmatch(unit.text) is not None
    if unit.role is not Role.HEADING:
        return False
    return draft.closed or (draft.titled and bears_name(units, i))


def _names(units: list[Unit], i: int, draft: _Draft) -> bool:
    """Return whether heading `i` is the title of `draft`, before its text or after it."""
    if bears_name(units, i):
        return True
    # Headings before the first paragraph: the uppermost is the title.
    return not draft.has(Role.BODY) and not draft.has(Role.CAPTION)


def _name_by_pair(draft: _Draft) -> None:
    """Take two short lines on their own for kicker and title, where nothing else is a title."""
    if draft.titled:
        return
    units = draft.units
    for i, (a, b) in enumerate(pairwise(units)):
        if a.role is b.role is Role.HEADING and not leads(units, i + 1):
            a.title = b.title = True
            return


def _article(draft: _Draft, date: str) -> Article:
    titles = [u.text for u in draft.units if u.title]
    bylines = [u.text for u in draft.units if u.role is Role.BYLINE]
    return Article(" ".join(titles), " ".join(bylines), date, tuple(_levelled(draft)))


def _levelled(draft: _Draft) -> Iterator[Block]:
    """Yield the blocks, the title first wherever the page has it."""
    for unit in sorted(draft.units, key=lambda u: not u.title) if draft.titled else draft.units:
        level = (1 if unit.title else 2) if unit.role is Role.HEADING else 0
        yield replace(unit.block, role=unit.role, level=level)
