"""Text folded by sound: characters that are pronounced alike become one, tones aside.

In: folded text.  Out: text of the same length, in which a homophone typo is no typo any more.

    >>> by_sound("润洲") == by_sound("润州")
    True

sounds.txt holds the characters of one syllable a line.  It is made from the data of pypinyin,
which takes a third of a second to import, by `make golden`; a test keeps it in step.
"""

from __future__ import annotations

from functools import cache

from retrieval.variants import Variants


def by_sound(text: str) -> str:
    """Return `text` with each Chinese character replaced by the first of its syllable."""
    return text.translate(_first_of_syllable())


def syllables() -> list[str]:
    """Return the characters of each syllable."""
    return _first_of_syllable().groups()


@cache
def _first_of_syllable() -> Variants:
    return Variants("sounds.txt")
