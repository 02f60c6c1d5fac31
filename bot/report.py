"""Outcomes to one HTML page that needs nothing else: figures, curves, every failure.

In: what became of questions with known answers, and the confidence in force.  Out: the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from msgspec.structs import astuple

from bot.wording import place
from retrieval import curves, evaluation
from retrieval.answers import Quote
from retrieval.confidence import Confidence, Sample
from retrieval.evaluation import Figures, Outcome

STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --soft: #5d6678; --line: #d9dde5;
  --paper: #fff; --panel: #f5f6f9; --mark: #2463c9; --wash: #2463c926; --bad: #b3362b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa4b5;
  --line: #363d4a; --paper: #14171d; --panel: #1c2028; --mark: #7fb0ff; --wash: #7fb0ff33;
  --bad: #ff8f80; } }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1rem; background: var(--paper);
  color: var(--ink); font: 16px/1.6 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
h1, h2 { line-height: 1.25; } h2 { margin-top: 2.5rem; }
p.note, figcaption, dt, .meta { color: var(--soft); font-size: .9rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; } th:first-child, td:first-child { text-align: left; }
td { background: linear-gradient(var(--wash), var(--wash)) no-repeat 0 / var(--share, 0) 100%; }
.curves { display: flex; flex-wrap: wrap; gap: 2rem; } figure { margin: 0; }
svg { width: 27rem; max-width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; }
.axis { stroke: var(--line); } .even { stroke: var(--soft); stroke-dasharray: 4 4; }
.curve { fill: none; stroke: var(--mark); stroke-width: 2; } .dot { fill: var(--mark); }
article { background: var(--panel); border-radius: .5rem; padding: .8rem 1rem; margin: .8rem 0; }
article h3 { margin: 0; font-size: 1.05rem; } dl { margin: .4rem 0 0; } dd { margin: 0 0 .4rem; }
blockquote { margin: 0; padding-left: .7rem; border-left: 3px solid var(--line);
  white-space: pre-line; overflow-wrap: anywhere; }
mark { background: var(--wash); color: inherit; } .verdict { color: var(--bad); }
"""

HEADS = {
    "R@1": "the first quote answers",
    "R@3": "one of the first three does",
    "R@10": "one of the first ten does",
    "MRR": "mean of 1 / rank of the first that does",
    "sentence": "the marked sentence of the first quote holds the key",
    "docs": "crossdoc: share of the documents that answer, among ten quotes",
    "answered": 'answerable questions with the verdict "answer"',
    "refused": "unanswerable questions without it",
}


def drawn(name: str, outcomes: Sequence[Outcome], confidence: Confidence) -> str:
    """Return the page about the questions of the file `name`."""
    samples = [
        Sample(o.answer.score, o.answer.lead, o.rank == 1, bool(o.case.answers)) for o in outcomes
    ]
    failures = [o for o in outcomes if not o.is_right]
    beside = [o for o in outcomes if o.is_right and o.case.answers and not o.sentence]
    title = f"{escape(name)}: {len(outcomes)} questions with known answers"
    source = (
        f"fitted on {confidence.questions} questions" if confidence.questions else "the default"
    )
    sections = [
        f"<h1>{title}</h1>",
        f'<h2>Figures, per cent</h2><div class="wide">{_table(outcomes)}</div>',
        '<h2>Confidence</h2><div class="curves">',
        _figure(_risk_coverage(samples, confidence), _RISK),
        _figure(_reliability(samples, confidence), _RELIABILITY),
        f'</div><p class="note">The confidence in force is {source}: a first match is an answer '
        f"from {confidence.threshold_answer:.2f} on, related from "
        f"{confidence.threshold_related:.2f} on.</p>",
        f"<h2>Not right: {len(failures)}</h2>",
        *(_failure(o, confidence) for o in failures),
        f"<h2>Right, but another sentence was marked: {len(beside)}</h2>",
        *(_failure(o, confidence) for o in beside),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(sections)
        + "\n</body>\n</html>\n"
    )


def _table(outcomes: Sequence[Outcome]) -> str:
    heads = "".join(f'<th title="{escape(about)}">{head}</th>' for head, about in HEADS.items())
    rows = (_row(kind, row) for kind, row in evaluation.by_kind(outcomes).items())
    return f"<table><tr><th>kind</th><th>n</th>{heads}</tr>{''.join(rows)}</table>"


def _row(kind: str, figures: Figures) -> str:
    questions, *shares = astuple(figures)
    cells = (
        "<td>–</td>"
        if share is None
        else f'<td style="--share: {100 * share:.1f}%">{100 * share:.1f}</td>'
        for share in shares
    )
    return f"<tr><td>{escape(kind)}</td><td>{questions}</td>{''.join(cells)}</tr>"


# --- curves -------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, BELOW, ABOVE = 440, 320, 58, 44, 18

_RISK = (
    "Risk against coverage: answering the surest questions only, how many of the answers are "
    "wrong. The dot is the threshold in force."
)
_RELIABILITY = (
    "Reliability: of the questions about as sure as that, how many were answered rightly. On "
    "the dashed line a confidence means what it says; above it, it is too modest, as where it "
    "was fitted on more questions without an answer. The larger a dot, the more questions."
)


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{caption}</figcaption></figure>"


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - ABOVE), 1)


def _y(share: float) -> float:
    return round(HEIGHT - BELOW - share * (HEIGHT - BELOW - ABOVE), 1)


def _plot(across: str, up: str, inside: Iterable[str]) -> str:
    """Return a square from 0 to 100 per cent each way, with its axes named."""
    ticks = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = _x(share), _y(share)
        ticks.append(f'<line class="axis" x1="{x}" y1="{_y(0)}" x2="{x}" y2="{_y(1)}"/>')
        ticks.append(f'<line class="axis" x1="{_x(0)}" y1="{y}" x2="{_x(1)}" y2="{y}"/>')
        ticks.append(f'<text x="{x}" y="{_y(0) + 16}" text-anchor="middle">{share:.0%}</text>')
        ticks.append(f'<text x="{_x(0) - 6}" y="{y + 4}" text-anchor="end">{share:.0%}</text>')
    middle = _y(0.5)
    names = (
        f'<text x="{_x(0.5)}" y="{HEIGHT - 6}" text-anchor="middle">{across}</text>'
        f'<text transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">{up}</text>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{up} against {across}">'
        f"{''.join(ticks)}{names}{''.join(inside)}</svg>"
    )


def _dot(across: float, up: float, radius: float, about: str) -> str:
    where = f'cx="{_x(across)}" cy="{_y(up)}" r="{radius:.1f}"'
    return f'<circle class="dot" {where}><title>{escape(about)}</title></circle>'


def _risk_coverage(samples: Sequence[Sample], confidence: Confidence) -> str:
    points = curves.risk_coverage(samples, confidence)
    line = " ".join(f"{_x(coverage)},{_y(risk)}" for coverage, risk in points)
    chosen = curves.cut(samples, confidence, confidence.threshold_answer)
    risk = chosen.risk or 0.0
    about = f"{chosen.coverage:.0%} get an answer, {risk:.0%} of these are wrong"
    inside = (
        f'<polyline class="curve" points="{line}"/>',
        _dot(chosen.coverage, risk, 5, about),
    )
    return _plot("questions answered", "answers that are wrong", inside)


def _reliability(samples: Sequence[Sample], confidence: Confidence) -> str:
    bins = curves.reliability(samples, confidence)
    line = " ".join(f"{_x(b.confidence)},{_y(b.right)}" for b in bins)
    dots = (
        _dot(
            b.confidence,
            b.right,
            3 + 9 * (b.samples / len(samples)) ** 0.5,
            f"{b.samples} questions, {b.confidence:.0%} sure: {b.right:.0%} right",
        )
        for b in bins
    )
    even = f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    return _plot("confidence", "right", (even, f'<polyline class="curve" points="{line}"/>', *dots))


# --- failures -----------------------------------------------------------------------------------


def _failure(outcome: Outcome, confidence: Confidence) -> str:
    """Draw one question: what was expected, what stood first, how sure that was."""
    case, answer = outcome.case, outcome.answer
    sure = confidence.of(answer.score, answer.lead)
    found = f", the right one stands at {outcome.rank}" if outcome.rank > 1 else ""
    before = f"<dt>asked before</dt><dd>{escape(case.previous)}</dd>" if case.previous else ""
    expected = "".join(
        f"<blockquote>{escape(quote)}</blockquote>"
        f'<div class="meta">{escape(file) or "any file"}</div>'
        for file, quote in case.answers
    )
    key = escape((" or " if case.any_key else " and ").join(case.key))
    keys = f'<div class="meta">needed: {key}</div>' if key else ""
    first = _quote(answer.quotes[0]) if answer.quotes else "nothing"
    return (
        f"<article><h3>{escape(case.question)}</h3>"
        f'<div class="meta">{escape(case.id)} · {escape(case.kind)} · '
        f'<span class="verdict">{answer.verdict.value}</span>{found} · score {answer.score:.3f}, '
        f"lead {answer.lead:.3f}, confidence {sure:.2f}</div><dl>{before}"
        f"<dt>expected</dt><dd>{expected or 'no answer'}{keys}</dd>"
        f"<dt>stood first</dt><dd>{first}</dd></dl></article>"
    )


def _quote(quote: Quote) -> str:
    start, end = quote.answer
    before, sentence, after = quote.text[:start], quote.text[start:end], quote.text[end:]
    cited = quote.citation
    where = escape(f"{cited.file} {place('en', cited.place)}")
    return (
        f"<blockquote>{escape(before)}<mark>{escape(sentence)}</mark>{escape(after)}</blockquote>"
        f'<div class="meta">{where}</div>'
    )
