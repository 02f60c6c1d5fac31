"""How often the right passage is found and its sentence marked, beside what others find.

    .venv/bin/python tests/bench/quality.py DATA [SET ...]      (make bench-quality DATA=...)

DATA is a folder with `data/`, `golden/` and `sketches/`, none of which is part of the project.
The sets: cmrc, typos, seeds, reports, laws, everyday, speed, or all where none is named.
To fit on: trial, CMRC's trial questions, and default, the confidence where nobody calibrated.
Prints Markdown for docs/evaluation.md, and on stderr what it does.  The packages to compare with
are in the extra `bench`.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path

import baselines
import corpora
import second_stage
from baselines import Found
from corpora import SEED, Corpus
from msgspec.structs import replace
from runs import library_over, ours, samples, say, some, theirs

from bot.measuring import cuts, keep_calibrated
from config.settings import load_settings
from retrieval import cases, confidence, evaluation
from retrieval.cases import Case
from retrieval.evaluation import Outcome

ROOT = Path(__file__).parents[2]
ODD = ("followup", "typo", "traditional", "mixed", "short")  # kinds that are judged together


def main() -> None:
    """Measure the sets that were named, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", nargs="?", type=Path, metavar="DATA")
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join([*SETS, *FITTING]))
    parser.add_argument("--index", type=Path, default=ROOT / "index" / "quality", metavar="FOLDER")
    parser.add_argument("--sample", type=int, metavar="N", help="ask N questions of each set only")
    parser.add_argument("--articles", type=int, default=50_000, metavar="N", help="around CMRC")
    parser.add_argument("--no-baselines", action="store_true", help="ours alone: it is faster")
    parser.add_argument("--misses", action="store_true", help="list what was not found first")
    arguments = parser.parse_args()
    unknown = set(arguments.sets) - {*SETS, *FITTING}
    if unknown:
        parser.error(f"there is no set {', '.join(sorted(unknown))}")
    if arguments.data is None or not (arguments.data / "data").is_dir():
        print(
            f"Nothing measured: name a folder with data/ in it ({arguments.data or 'none given'})."
        )
        return
    missing = [name for name in ("bm25s", "langchain_community") if find_spec(name) is None]
    if missing and not arguments.no_baselines:
        sys.exit(f"{', '.join(missing)} is missing: pip install -c constraints.txt -e '.[bench]'")
    logging.basicConfig(level=logging.WARNING)
    for name in arguments.sets or SETS:
        print(*(SETS | FITTING)[name](arguments), sep="\n", end="\n\n", flush=True)


# --- the sets -----------------------------------------------------------------------------------


def cmrc(arguments: argparse.Namespace) -> Iterable[str]:
    """Measure the development questions of CMRC, its passages among articles of law."""
    return _cmrc(arguments, "dev", "CMRC 2018 dev", list)


def typos(arguments: argparse.Namespace) -> Iterable[str]:
    """Measure the same questions with a homophone typo each."""
    wrong = _with_typos(arguments)
    return _cmrc(arguments, "dev", "the same with one homophone typo each", wrong)


def trial(arguments: argparse.Namespace) -> Iterable[str]:
    """Measure the trial questions, which weights may be fitted on."""
    return _cmrc(arguments, "trial", "CMRC 2018 trial", list)


def _with_typos(arguments: argparse.Namespace) -> Callable[[Iterable[Case]], list[Case]]:
    return lambda questions: corpora.with_typos(arguments.data / "data", questions)


def _cmrc(
    arguments: argparse.Namespace,
    part: str,
    title: str,
    change: Callable[[Iterable[Case]], list[Case]],
) -> Iterable[str]:
    data = arguments.data / "data"
    corpus = corpora.cmrc_among_laws(data, part, arguments.articles, arguments.index)
    questions = some(change(corpora.cmrc(data, part)[1]), arguments)
    columns = theirs(arguments, baselines.BASELINES, corpus, questions)
    with library_over(corpus) as library:
        outcomes = ours(library, questions, arguments.misses)
    columns["Youju"] = [(outcome.rank, outcome.sentence) for outcome in outcomes]
    yield f"**{title}**, {len(questions)} questions, {len(corpus.passages):,} passages, per cent:\n"
    yield f"| | {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' * len(columns)}"
    yield f"| R@1 | {' | '.join(_at(1, found) for found in columns.values())} |"
    yield f"| sentence hit | {' | '.join(_sentences(found) for found in columns.values())} |"
    yield f"| R@10 | {' | '.join(_at(10, found) for found in columns.values())} |"


def _at(rank: int, found: Sequence[Found]) -> str:
    return _share(1 <= at <= rank for at, _ in found)


def _sentences(found: Sequence[Found]) -> str:
    return _share(hit for _, hit in found)


def _share(values: Iterable[bool]) -> str:
    counted = list(values)
    return f"{100 * sum(counted) / len(counted):.1f}" if counted else "–"


def seeds(arguments: argparse.Namespace) -> Iterable[str]:
    """Measure the questions about the reports that come with the project."""
    settings = load_settings(ROOT / "config" / "youju.yaml")
    corpus = corpora.reports(settings.sources, arguments.index)
    settings = replace(settings, index=corpus.folder / "index")
    # What the owner's `youju index` does:
    with library_over(corpus) as library, redirect_stdout(sys.stderr):
        keep_calibrated(library, settings, library.refresh())
    return _golden(arguments, arguments.data / "golden" / "seeds.jsonl", corpus)


def reports(arguments: argparse.Namespace) -> Iterable[str]:
    """Measure questions about the reports by somebody who had seen no other, and no code."""
    settings = load_settings(ROOT / "config" / "youju.yaml")
    corpus = corpora.reports(settings.sources, arguments.index)
    return _golden(arguments, Path(__file__).with_name("reports.jsonl"), corpus)


def laws(arguments: argparse.Namespace) -> Iterable[str]:
    """Measure the questions about all files of law."""
    corpus = corpora.all_laws(arguments.data / "data", arguments.index)
    return _golden(arguments, arguments.data / "golden" / "laws.jsonl", corpus)


def everyday(arguments: argparse.Namespace) -> Iterable[str]:
    """Measure everyday questions about all files of law, by batch."""
    corpus = corpora.all_laws(arguments.data / "data", arguments.index)
    questions = some(corpora.everyday(corpus), arguments)
    with library_over(corpus) as library:
        outcomes = ours(library, questions, arguments.misses)
    yield f"**everyday questions**, {len(corpus.passages):,} passages, per cent:\n"
    yield "| batch | n | R@1 | R@5 | R@10 | sentence | answered |"
    yield f"| --- |{' ---: |' * 6}"
    for batch in ("", *sorted({outcome.case.kind for outcome in outcomes})):
        of = [outcome for outcome in outcomes if batch in ("", outcome.case.kind)]
        at = [_share(1 <= o.rank <= k for o in of) for k in (1, 5, 10)]
        rest = _share(o.sentence for o in of), _share(o.answer.verdict == "answer" for o in of)
        yield f"| {batch or 'all'} | {len(of)} | {' | '.join((*at, *rest))} |"


def _golden(arguments: argparse.Namespace, file: Path, corpus: Corpus) -> Iterable[str]:
    """Draw the figures of a set by kind; the unanswerable also by how far off they are."""
    tags = {row["id"]: row.get("tags", []) for row in map(json.loads, file.open(encoding="utf-8"))}
    questions = some(cases.load(file), arguments)
    columns = theirs(arguments, ("rank_bm25",), corpus, questions).get("rank_bm25")
    with library_over(corpus) as library:
        outcomes = ours(library, questions, arguments.misses)
    yield f"**{file.name}**, {len(corpus.passages):,} passages, per cent:\n"
    yield (
        "| kind | n | rank_bm25 R@1 | R@3 | sentence | Youju R@1 | R@3 | R@5 | R@10 | MRR "
        "| sentence | docs | answered | refused |"
    )
    yield f"| --- |{' ---: |' * 13}"
    for kind in ("", *sorted({outcome.case.kind for outcome in outcomes})):
        chosen = [at for at, o in enumerate(outcomes) if o.case.kind == kind or not kind]
        yield _golden_row(kind or "all", [outcomes[at] for at in chosen], columns, chosen)
    chosen = [at for at, outcome in enumerate(outcomes) if outcome.case.kind in ODD]
    yield _golden_row(" + ".join(ODD), [outcomes[at] for at in chosen], columns, chosen)
    for tag in ("nearmiss", "faroff"):
        chosen = [at for at, outcome in enumerate(outcomes) if tag in tags[outcome.case.id]]
        if chosen:
            yield _golden_row(f"none, {tag}", [outcomes[at] for at in chosen], columns, chosen)


def _golden_row(
    kind: str, outcomes: Sequence[Outcome], columns: Sequence[Found] | None, chosen: Sequence[int]
) -> str:
    known = [at for at, outcome in zip(chosen, outcomes, strict=True) if outcome.case.answers]
    base = [columns[at] for at in known] if columns else []
    five = _share(1 <= o.rank <= 5 for o in outcomes if o.case.answers)
    f = evaluation.figures(outcomes)
    first, three, *rest = (
        "–" if share is None else f"{100 * share:.1f}"
        for share in (
            f.first,
            f.three,
            f.ten,
            f.mrr,
            f.sentence,
            f.documents,
            f.answered,
            f.refused,
        )
    )
    cells = (_at(1, base), _at(3, base), _sentences(base), first, three, five, *rest)
    return f"| {kind} | {len(outcomes)} | {' | '.join(cells)} |"


def speed(arguments: argparse.Namespace) -> Iterable[str]:
    """Measure the second stage against the sketch's, over candidates of CMRC among laws."""
    sketch = arguments.data / "sketches" / "second_stage.py"
    if not sketch.exists():
        yield f"The second stage was not timed: {sketch} is missing."
        return
    data = arguments.data / "data"
    corpus = corpora.cmrc_among_laws(data, "dev", arguments.articles, arguments.index)
    questions = random.Random(SEED).sample(corpora.cmrc(data, "dev")[1], 200)
    with library_over(corpus) as library:
        say("timing the second stage")
        yield second_stage.compared(library, [case.question for case in questions], sketch)


def default(arguments: argparse.Namespace) -> Iterable[str]:
    """Fit the confidence on CMRC's trial questions and the project's own, as many of each."""
    data = arguments.data / "data"
    settings = load_settings(ROOT / "config" / "youju.yaml")
    assert settings.questions is not None
    own = cases.load(settings.questions)
    arguments.sample = len(own)
    foreign = some(corpora.cmrc(data, "trial")[1], arguments)
    among = corpora.cmrc_among_laws(data, "trial", arguments.articles, arguments.index)
    of_each = [
        samples(among, foreign),
        samples(corpora.reports(settings.sources, arguments.index), own),
    ]
    fitted = confidence.fit([sample for each in of_each for sample in each])
    yield f"{fitted}\n"
    for name, each in zip(("CMRC trial", "own questions"), of_each, strict=True):
        yield from (f"{name}:", "", *cuts(each, fitted), "")


SETS: dict[str, Callable[[argparse.Namespace], Iterable[str]]] = {
    "cmrc": cmrc,
    "typos": typos,
    "seeds": seeds,
    "reports": reports,
    "laws": laws,
    "everyday": everyday,
    "speed": speed,
}

FITTING = {"trial": trial, "default": default}


if __name__ == "__main__":
    main()
