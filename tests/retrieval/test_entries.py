"""Terms made for all passages of a file at once are those that are defined one by one."""

from __future__ import annotations

import pickle
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from retrieval import entries
from retrieval.blocks import Place, Role
from retrieval.engines import Field
from retrieval.engines.columns import Columns
from retrieval.entries import Entries
from retrieval.packing import StoredPassage
from retrieval.passages import Passage
from retrieval.sounds import by_sound
from retrieval.terms import Analyzer, bigrams, characters, han_runs

LETTERS = "工会职工住院慰问金的镇正政策条例𠀀𠮷㐀々ab1290.%, \n\0，。é가カ_\ud800"
TEXTS = st.text(st.sampled_from(LETTERS), max_size=40)
PASSAGE = Passage(
    id="资料/a.txt:1",
    document="资料/a.txt",
    source="资料",
    file="a.txt",
    title="标题",
    section=(),
    role=Role.BODY,
    text="",
    spans=((0, 1),),
    place=Place("lines", 1, 1),
)


def passages(texts: list[tuple[str, str]]) -> list[StoredPassage]:
    return [
        StoredPassage(replace(PASSAGE, id=f"资料/a.txt:{number}"), folded, context)
        for number, (folded, context) in enumerate(texts, 1)
    ]


def defined(analyzer: Analyzer, stored: StoredPassage) -> dict[Field, Counter[str]]:
    """The terms of a passage, as `terms` defines them."""
    text, lines = stored.folded, stored.context.split("\n")
    return {
        Field.WORD: Counter(analyzer.words(text)),
        Field.GRAM: Counter(bigrams(text)),
        Field.CHAR: Counter(characters(text)),
        Field.SOUND: Counter(
            by_sound(pair)
            for part in (text, *lines)
            for run in han_runs(part)
            for pair in bigrams(run)
        ),
        Field.CONTEXT: Counter(
            term
            for line in lines
            for some in (analyzer.words(line), bigrams(line))
            for term in some
        ),
    }


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_terms_of_a_file_are_those_of_its_passages(analyzer, monkeypatch, at_once):
    monkeypatch.setattr(entries, "AT_ONCE", at_once)

    @given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
    def check(texts):
        stored = passages(texts)
        for one, entry in zip(stored, Entries(analyzer).columns(stored), strict=True):
            found = {field: Counter(terms) for field, terms in entry.terms.items()}
            assert found == defined(analyzer, one)

    check()


@given(st.lists(TEXTS, max_size=4))
def test_columns_are_the_same_in_another_process(analyzer, texts):
    columns = Entries(analyzer).columns(passages([(text, "标题") for text in texts]))
    assert pickle.loads(pickle.dumps(columns)) == columns


@given(st.lists(TEXTS, max_size=4))
def test_columns_of_entries_hold_their_terms(analyzer, texts):
    columns = Entries(analyzer).columns(passages([(text, "标题") for text in texts]))
    again = Columns.of(list(columns))
    assert [(e.passage, {f: Counter(t) for f, t in e.terms.items()}) for e in again] == [
        (e.passage, {f: Counter(t) for f, t in e.terms.items()}) for e in columns
    ]
    # Each character stands once before the mark: an engine that does not count takes no more.
    for text in again.fields.get(Field.CHAR, ()):
        once = text.partition("\n")[0].split()
        assert len(set(once)) == len(once)
        assert set(once) == set(text.split())
