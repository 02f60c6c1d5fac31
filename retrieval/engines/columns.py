"""The entries of a file, by field: for each passage its terms in one text, white space between.

In: entries, or such texts.  Out: either.  A text costs a twentieth of what its terms cost one
by one, to make, to send from process to process, and to hand to an engine that divides it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.engines import Entry, Field

_BETWEEN = "\0"  # stands between texts that are sent as one; no term holds it

AGAIN = "\n"
"""Stands in the text of single characters: before it each of them once, behind it the others."""


class Columns(Sequence[Entry]):  # no Struct: those cannot be a Sequence as well
    """The entries of a file: the ids of its passages, and by field a text for each of them."""

    def __init__(self, passages: tuple[str, ...], fields: Mapping[Field, Sequence[str]]) -> None:
        self.passages = passages
        self.fields = fields

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Columns:
        """Return entries as columns, which they may be already."""
        if isinstance(entries, cls):
            return entries
        join = dict.fromkeys(Field, " ".join) | {Field.CHAR: _with_repeats_last}
        return cls(
            tuple(entry.passage for entry in entries),
            {
                field: [join[field](entry.terms.get(field, ())) for entry in entries]
                for field in join
            },
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Send a field as one text, two bytes a character: pickle takes twice as long."""
        joined = {
            field.value: _BETWEEN.join(texts).encode("utf-16-le", "surrogatepass")
            for field, texts in self.fields.items()
        }
        return _received, (self.passages, joined)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same texts."""
        return isinstance(other, Columns) and (self.passages, self.fields) == (
            other.passages,
            other.fields,
        )

    def __len__(self) -> int:
        """Return how many passages there are."""
        return len(self.passages)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401  (never a slice)
        """Return the entry of a passage, by its number."""
        terms = {field: texts[at].split() for field, texts in self.fields.items()}
        return Entry(self.passages[at], terms)


def _received(passages: tuple[str, ...], joined: Mapping[str, bytes]) -> Columns:
    """Return the Columns that another process sent."""
    fields = {
        Field(field): text.decode("utf-16-le", "surrogatepass").split(_BETWEEN) if passages else []
        for field, text in joined.items()
    }
    return Columns(passages, fields)


def _with_repeats_last(terms: Sequence[str]) -> str:
    counts = Counter(terms)
    return " ".join(counts) + AGAIN + " ".join((counts - Counter(counts.keys())).elements())
