"""English words in their other forms: a question says paying, a document paid.

In: a folded word.  Out: the other forms that it may have.  Most of them are no words (closeing),
which does no harm: whoever looks for them finds none.  Index and documents know nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

SHORTEST = 3  # letters of a word that has other forms

_IRREGULAR = (
    "pay pays paid paying, hold holds held holding, build builds built building, "
    "buy buys bought, send sends sent sending, spend spends spent spending, lend lends lent, "
    "leave leaves left leaving, meet meets met meeting, lead leads led leading, "
    "win wins won winning, write writes wrote written, run runs ran running, "
    "begin begins began begun, speak speaks spoke spoken, teach teaches taught, "
    "choose chooses chose chosen, wear wears wore worn, lose loses lost losing, "
    "sell sells sold selling, grow grows grew grown, know knows knew known, "
    "draw draws drew drawn, fall falls fell fallen, rise rises rose risen, "
    "break breaks broke broken, steal steals stole stolen, drive drives drove driven, "
    "keep keeps kept keeping, feel feels felt, find finds found, bear born, "
    "bring brings brought, catch catches caught, die dies died dying, lie lies lay lying, "
    "eat eats ate eaten, see sees saw seen, go goes went gone, come comes came, "
    "say says said, tell tells told, learn learns learned learnt, man men, woman women, "
    "child children, person people, foot feet, life lives, wife wives, half halves"
)
_TABLE = {form: forms for forms in map(str.split, _IRREGULAR.split(",")) for form in forms}
_VOWEL = "[aeiou]"


@lru_cache(maxsize=1024)
def inflections(word: str) -> tuple[str, ...]:
    """Return the other forms of a folded English word; none of a number or a Chinese word."""
    if len(word) < SHORTEST or not (word.isascii() and word.isalpha()):
        return ()
    forms = _TABLE.get(word) or [form for base in _bases(word) for form in _forms(base)]
    return tuple(form for form in dict.fromkeys(forms) if form != word)


def _bases(word: str) -> Iterator[str]:
    """Yield what a word may be a form of, itself first."""
    yield word
    for ending, stem in (("ies", "y"), ("ied", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 2 and not re.search("[siu]s$", word):
            yield word.removesuffix(ending) + stem
    for ending in ("ed", "ing"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 2 and re.search(_VOWEL, root):
            yield root
            yield root + "e"
            if root[-1] == root[-2]:
                yield root[:-1]  # stopped: stop


def _forms(base: str) -> Iterator[str]:
    yield base
    if re.search(f"[^aeiou]{_VOWEL}[^aeiouwxy]$", base):
        yield from (base + base[-1] + ending for ending in ("ed", "ing"))
    if re.search("[^aeiou]y$", base):
        yield from (base[:-1] + ending for ending in ("ies", "ied"))
    root = base.removesuffix("e")
    yield from (base + "s", base + "es", root + "ed", root + "ing")
