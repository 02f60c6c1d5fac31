"""Questions to what became of them: asked of the library, and of the baselines.

In: a Corpus and questions, and the command's options.  Out: Outcomes, and what the baselines found.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import baselines
from baselines import Found
from corpora import SEED, Corpus

from config.word_lists import load_lexicon
from retrieval import evaluation
from retrieval.cases import Case
from retrieval.confidence import Sample
from retrieval.evaluation import Outcome
from retrieval.library import Library


def say(text: str) -> None:
    """Tell whoever waits what is being done."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


@contextmanager
def library_over(corpus: Corpus) -> Iterator[Library]:
    """Open the library of a corpus as owners have it, its index brought up to date."""
    say(f"indexing {corpus.folder}")
    folder = corpus.folder / "index"
    library = Library(corpus.sources, folder, lexicon=load_lexicon((), folder / "lexicon.json"))
    try:
        library.refresh()
        yield library
    finally:
        library.close()


def ours(library: Library, questions: Sequence[Case], misses: bool) -> list[Outcome]:
    """Ask the library every question."""
    say(f"asking {len(questions)} questions")
    outcomes = evaluation.run(questions, lambda text, before: library.ask(text, previous=before))
    for outcome in outcomes if misses else ():
        if not outcome.is_right:
            first = outcome.answer.quotes[0] if outcome.answer.quotes else None
            instead = f"{first.citation.file}: {first.text[:60]!r}" if first else "nothing"
            say(f"{outcome.case.id} ({outcome.rank}) {outcome.case.question} → {instead}")
    return outcomes


def theirs(
    arguments: argparse.Namespace, names: Iterable[str], corpus: Corpus, questions: Sequence[Case]
) -> dict[str, list[Found]]:
    """Ask the baselines every question by itself: they know no conversation."""
    if arguments.no_baselines:
        return {}
    say(f"asking {', '.join(names)} {len(questions)} questions")
    return baselines.found(names, corpus, questions)


def some(questions: Sequence[Case], arguments: argparse.Namespace) -> list[Case]:
    """Return the questions, or a sample of them, in their order."""
    count = min(arguments.sample or len(questions), len(questions))
    chosen = random.Random(SEED).sample(range(len(questions)), count)
    return [questions[at] for at in sorted(chosen)]


def samples(corpus: Corpus, questions: Sequence[Case]) -> list[Sample]:
    """Ask the library every question with and without its answers."""
    with library_over(corpus) as library:
        say(f"asking {len(questions)} questions with and without their answers")
        return evaluation.samples(
            questions, lambda text, before, out: library.ask(text, previous=before, without=out)
        )
