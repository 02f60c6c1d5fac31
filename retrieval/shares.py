"""How much of a question a text holds: by words, by characters, in one sentence, in one window.

In: the terms of a question and what they weigh, a folded text and what its context holds.
Out: shares, from 0 to 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct

from retrieval.lookup import Terms, Text
from retrieval.seeking import Asked

WINDOW = 40  # characters
CONTEXT = 0.8  # what a term counts that stands in the passage's context only


class Weights(Struct, frozen=True):
    """What each term of a question weighs as a word, as a character and as a pair."""

    by_number: tuple[tuple[float, float, float], ...]  # 0 where it is none
    words: float  # what all words weigh together; 1 where there are none
    characters: float
    pairs: float
    names: frozenset[int]  # the numbers of those that belong to a name

    @classmethod
    def of(cls, asked: Asked) -> Weights:
        """Take the weights of all that is asked."""
        table = [[0.0, 0.0, 0.0] for _ in asked.distinct]
        for kind, terms in enumerate((asked.words, asked.characters, asked.grams)):
            for sought in terms:
                table[sought.number][kind] = sought.weight
        words, characters, pairs = (sum(row[kind] for row in table) or 1.0 for kind in range(3))
        names = frozenset(sought.number for sought in asked.distinct if sought.is_name)
        return cls(tuple((a, b, c) for a, b, c in table), words, characters, pairs, names)


class Near(Struct, frozen=True):
    """What the context of a passage holds."""

    terms: dict[int, float]  # the terms that stand there, by number, and their worth
    pairs: float  # what the pairs among them weigh

    @classmethod
    def of(cls, context: str, terms: Terms, weights: Weights) -> Near:
        """Look the terms up in a folded context."""
        found, pairs = {}, 0.0
        for sought, _, worth in Text(context).find(terms):
            found[sought.number] = worth
            pair = weights.by_number[sought.number][2]
            pairs += (1 if sought.is_name else CONTEXT) * worth * pair
        return cls(found, pairs)


def shares(
    terms: Terms, weights: Weights, near: Near, folded: str, k: float
) -> tuple[float, float, float, float, float, float]:
    """Return the first six shares of ranking's WEIGHTS; `k`: BM25's k1 for a text so long.

    One pass over what stands in the text: this is what every question waits for.
    """
    text = Text(folded)
    words = characters = coverage = 0.0
    pairs: list[tuple[int, int, float]] = []
    placed: list[tuple[Sequence[int], float, float]] = []
    elsewhere = near.terms.copy()  # what does not stand in the text itself, and names
    for sought, places, worth in text.find(terms):
        number = sought.number
        word, character, pair = weights.by_number[number]
        if pair and number not in near.terms:
            pair *= worth
            pairs += [(place, number, pair) for place in places]
        if number in weights.names:
            elsewhere[number] = max(worth, elsewhere.get(number, 0.0))
            continue
        elsewhere.pop(number, None)
        if not word and not character:
            continue
        saturation = worth * len(places) / (len(places) + k)
        words += word * saturation
        characters += character * saturation
        coverage += character * worth
        placed.append((places, word * worth, character * worth))
    every_word = every_character = 0.0  # counted for every sentence alike
    for number, worth in elsewhere.items():
        word, character, _ = weights.by_number[number]
        if number in weights.names:
            # A document names its place in one passage and takes it for granted in the others.
            every_word += word * worth
            every_character += character * worth
        else:
            worth *= CONTEXT
            coverage += character * worth
        words += word * worth / (1 + k)
        characters += character * worth / (1 + k)
    best_words, best_characters = _best_sentences(text, placed)
    return (
        words / weights.words,
        characters / weights.characters,
        (coverage + every_character) / weights.characters,
        (best_words + every_word) / weights.words,
        (best_characters + every_character) / weights.characters,
        (near.pairs + _best_window(pairs)) / weights.pairs,
    )


def _best_sentences(
    text: Text, placed: Sequence[tuple[Sequence[int], float, float]]
) -> tuple[float, float]:
    """Return what a single sentence holds at most of the words, and of the characters.

    `placed` are `(places, weight as a word, weight as a character)` of terms in the text.
    """
    if len(placed) < 2:  # as in most candidates: no need to know where sentences end
        return (placed[0][1], placed[0][2]) if placed else (0.0, 0.0)
    starts = text.starts
    words, characters = [0.0] * len(starts), [0.0] * len(starts)  # by sentence
    for places, word, character in placed:
        last = -1
        for place in places:
            if (sentence := bisect_right(starts, place) - 1) != last:
                words[sentence] += word
                characters[sentence] += character
                last = sentence
    return max(words), max(characters)


def _best_window(pairs: list[tuple[int, int, float]]) -> float:
    """Return what the best WINDOW characters hold of `(place, number, weight)`, each once."""
    if not pairs:
        return 0.0
    pairs.sort()
    if pairs[-1][0] - pairs[0][0] <= WINDOW:
        return sum({number: weight for _, number, weight in pairs}.values())
    held: dict[int, int] = {}
    best = weight = 0.0
    first = 0
    for place, number, worth in pairs:
        times = held.get(number, 0)
        held[number] = times + 1
        if not times:
            weight += worth
        while pairs[first][0] < place - WINDOW:
            _, gone, worth_gone = pairs[first]
            held[gone] -= 1
            if not held[gone]:
                weight -= worth_gone
            first += 1
        if weight > best:
            best = weight
    return best
