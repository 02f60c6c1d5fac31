"""The command that measures on questions with known answers, and learns from them.

In: parsed arguments.  Out: an exit code; figures, failures and what was learnt on stdout.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from bot import repl
from bot.opening import FAILED, FOUND, WRONG_USE, asked_library_of, settings_of, share_confidence
from bot.report import drawn
from config.settings import Settings
from retrieval import cases, comparison, confidence, curves, evaluation
from retrieval.answers import Quote
from retrieval.cases import Case
from retrieval.comparison import Comparison, Record
from retrieval.confidence import Confidence, Sample
from retrieval.evaluation import Figures, Outcome
from retrieval.library import Library, Refresh

if TYPE_CHECKING:
    from retrieval.remote import RemoteLibrary


def evaluate(arguments: Namespace) -> int:
    """Measure the answers to questions with known answers."""
    if arguments.calibrate and (arguments.json or arguments.html or arguments.compare):
        print("youju: --calibrate stands alone: measure in a second step", file=sys.stderr)
        return WRONG_USE
    questions = cases.load(arguments.file)
    old = comparison.load(arguments.compare) if arguments.compare else None
    settings = settings_of(arguments)
    with asked_library_of(settings) as library:
        if arguments.calibrate:
            print(*_calibrate(library, settings, questions), sep="\n")
            share_confidence(settings)
            return FOUND
        outcomes = evaluation.run(
            questions, lambda text, before: library.ask(text, previous=before)
        )
    if arguments.html:
        page = drawn(arguments.file.name, outcomes, confidence.load(settings.index))
        try:
            arguments.html.write_text(page, "utf-8")
        except OSError as error:
            print(f"youju: {arguments.html} cannot be written: {error.strerror}", file=sys.stderr)
            return FAILED
    records = [comparison.record(outcome) for outcome in outcomes]
    compared = None if old is None else comparison.compare(old, records)
    if arguments.json:
        print(json.dumps(_as_json(outcomes, records, compared), ensure_ascii=False))
        return FOUND
    print(*_table(evaluation.by_kind(outcomes)), sep="\n")
    print(*_failures(outcomes), sep="\n")
    if compared is not None:
        print(*_changes(arguments.compare, records, *compared), sep="\n")
    return FOUND


_Compared = tuple[int, dict[str, Comparison]]


def _as_json(
    outcomes: Sequence[Outcome], records: Sequence[Record], compared: _Compared | None
) -> dict[str, Any]:
    """Return the form that scripts and --compare rely on: fields may be added, not changed."""
    whole: dict[str, Any] = {
        "figures": {kind: asdict(row) for kind, row in evaluation.by_kind(outcomes).items()},
        "outcomes": [asdict(record) for record in records],
    }
    if compared is not None:
        whole["compared"] = {
            "questions": compared[0],
            "measures": {name: asdict(measure) for name, measure in compared[1].items()},
        }
    return whole


# --- figures, failures, changes -----------------------------------------------------------------


def _table(rows: dict[str, Figures]) -> Iterable[str]:
    """Draw the figures, per cent; what a kind has no questions for stays out."""
    heads = ("R@1", "R@3", "R@10", "MRR", "sent.", "docs", "ans.", "ref.")
    yield f"{'kind':14}{'n':>5}  " + " ".join(f"{head:>5}" for head in heads)
    for kind, row in rows.items():
        _, *shares = asdict(row).values()
        cells = ("    –" if share is None else f"{100 * share:5.1f}" for share in shares)
        yield f"{kind:14}{row.questions:5}  " + " ".join(cells)


def _failures(outcomes: Sequence[Outcome]) -> Iterable[str]:
    """List what is not right, each with what stood first instead."""
    wrong = [o for o in outcomes if not o.is_right]
    beside = [o for o in outcomes if o.is_right and o.case.answers and not o.sentence]
    for title, of in (("Not right", wrong), ("Right, but another sentence was marked", beside)):
        if of:
            yield f"\n{title}: {len(of)} (what stood first, its sentence in 【】)"
        for outcome in of:
            verdict = outcome.answer.verdict.value
            where = f", answered at rank {outcome.rank}" if outcome.rank > 1 else ""
            yield f"{outcome.case.id}  {outcome.case.kind}  {verdict}{where}"
            yield f"    {outcome.case.question}"
            quotes = outcome.answer.quotes
            yield f"  → {_first(quotes[0]) if quotes else 'nothing'}"


AROUND, WITHIN = 12, 60  # characters of the first quote: before and behind its sentence, and of it


def _first(quote: Quote) -> str:
    """Return, on one line, where a quote stands and its sentence with some of its neighbours."""
    start, end = quote.answer
    before, after = quote.text[max(0, start - AROUND) : start], quote.text[end : end + AROUND]
    sentence = quote.text[start:end]
    if len(sentence) > WITHIN:
        sentence = sentence[:WITHIN] + "…"
    text = " ".join(f"{before}【{sentence}】{after}".split())
    return repl.printable(f"{quote.citation.file}: {text}")


def _changes(
    old: Path, records: Sequence[Record], paired: int, measures: dict[str, Comparison]
) -> Iterable[str]:
    """Say whether the run is better than the old one, and list the questions that changed."""
    yield f"\nAgainst {old}: {paired} of {len(records)} questions stand in both"
    for name, measure in measures.items():
        counts = f"better {len(measure.better)}, worse {len(measure.worse)}"
        yield f"{name:18}{counts}, p = {measure.p:.3g}: {measure.meaning}"
    for record in records:
        better = [name for name, measure in measures.items() if record.id in measure.better]
        worse = [name for name, measure in measures.items() if record.id in measure.worse]
        for sign, names in (("+", better), ("-", worse)):
            if names:
                yield f"{sign} {record.id}  {', '.join(names)}  {record.question}"


# --- calibration --------------------------------------------------------------------------------


def keep_calibrated(library: Library, settings: Settings, refresh: Refresh) -> None:
    """Calibrate where the YAML names questions, and they or the documents have changed."""
    if settings.questions is None:
        return
    made = settings.index / confidence.FILE
    sound = confidence.load(settings.index).questions > 0
    fresh = sound and made.stat().st_mtime >= settings.questions.stat().st_mtime
    if refresh.changed or refresh.removed or not fresh:
        lines = _calibrate(library, settings, cases.load(settings.questions))
        print(f"calibrated by {settings.questions}: {lines[0]}")


def _calibrate(
    library: Library | RemoteLibrary, settings: Settings, questions: Sequence[Case]
) -> list[str]:
    """Learn from questions when a match is an answer, keep it, and say what it comes to."""
    taught = evaluation.samples(
        questions, lambda text, before, out: library.ask(text, previous=before, without=out)
    )
    fitted = confidence.fit(taught)
    right = sum(sample.right for sample in taught)
    if not fitted.questions:
        known = sum(bool(case.answers) for case in questions)
        return [
            f"nothing was learnt: {right} of {known} answers were found, and "
            f"{confidence.ENOUGH} are needed"
        ]
    confidence.save(fitted, settings.index)
    known = sum(sample.answerable for sample in taught)
    return [
        f"{right} of {known} answers found first; {len(taught) - known} questions without one",
        f"confidence = logistic({fitted.score:.2f} · score + {fitted.lead:.2f} · lead "
        f"{fitted.intercept:+.2f})",
        f"answer from {fitted.threshold_answer:.3f}, related from {fitted.threshold_related:.3f}",
        "",
        *cuts(taught, fitted),
        "",
        f"kept in {settings.index / confidence.FILE}",
    ]


def cuts(taught: Sequence[Sample], fitted: Confidence) -> Iterable[str]:
    """Draw what each threshold would do: the risk-coverage curve in figures, per cent."""
    yield "answer from   of those found first   of the answerable   refused of the others   wrong"
    chosen = fitted.threshold_answer
    for threshold in sorted({*(n / 10 for n in range(1, 10)), chosen}):
        cut = curves.cut(taught, fitted, threshold)
        kept, answered, refused, risk = (
            "–" if share is None else f"{100 * share:.1f}"
            for share in (cut.kept, cut.answered, cut.refused, cut.risk)
        )
        mark = "→" if threshold == chosen else " "
        yield f"{mark} {threshold:9.3f}   {kept:>19}   {answered:>17}   {refused:>21}   {risk:>5}"
