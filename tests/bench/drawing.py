"""Figures to the tables of docs/scaling.md and to plots.

In: what scaling.py measured.  Out: the part of docs/scaling.md between its two marks rewritten,
and docs/latency.svg and docs/memory.svg.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from shares import GROUPS

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
OURS = ("memory", "disk")

Row = Mapping[str, Any]


def draw(figures: Mapping[str, Row], docs: Path) -> None:
    """Write tables and plots."""
    page = docs / "scaling.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    tables = "\n".join(_tables(figures))
    page.write_text(f"{before}{BEGIN}\n\n{tables}\n{END}{after}", "utf-8")
    _plot(figures, docs / "latency.svg", "a question, median", "milliseconds", _latency)
    _plot(figures, docs / "memory.svg", "memory, resident", "MB", _memory)


def _tables(figures: Mapping[str, Row]) -> Iterator[str]:
    sizes = sorted({int(key.split()[0]) for key in figures})
    names = list(dict.fromkeys(key.partition(" ")[2] for key in figures))
    names.sort(key=lambda name: name not in OURS)
    yield "A question, milliseconds, median / 99th percentile:\n"
    yield f"| | {' | '.join(f'{size:,}' for size in sizes)} |"
    yield f"| --- |{' ---: |' * len(sizes)}"
    for name in names:
        rows = [figures.get(f"{size} {name}") for size in sizes]
        if name in OURS:
            yield f"| {name}, search | {' | '.join(_spread(row, 'first') for row in rows)} |"
            yield f"| **{name}, answer** | {' | '.join(_spread(row, 'whole') for row in rows)} |"
        else:
            yield f"| {name}, search | {' | '.join(_spread(row, 'whole') for row in rows)} |"
    yield "\nMemory, MB resident; of others at most, building included:\n"
    yield f"| | {' | '.join(f'{size:,}' for size in sizes)} |"
    yield f"| --- |{' ---: |' * len(sizes)}"
    for name in names:
        cells = [_number(_memory(figures.get(f"{size} {name}"))) for size in sizes]
        yield f"| {name} | {' | '.join(cells)} |"
    yield "\nWhat the index takes:\n"
    yield f"| | {' | '.join(column for column, _ in COLUMNS)} |"
    yield f"| --- |{' ---: |' * len(COLUMNS)}"
    for size in sizes:
        for name in names:
            row = figures.get(f"{size} {name}")
            if row and name in OURS:
                cells = [_number(value(row)) for _, value in COLUMNS]
                yield f"| {name}, {row['passages']:,} passages | {' | '.join(cells)} |"
            elif row:
                seconds, rest = _number(row["index_s"]), " |" * (len(COLUMNS) - 1)
                yield f"| {name}, {size:,}, words given | {seconds} |{rest}"
    yield from _shares(figures)
    yield ""


def _shares(figures: Mapping[str, Row]) -> Iterator[str]:
    """Yield where the time of indexing goes; a column for each index that it was measured of."""
    rows = {key: row["shares"] for key, row in figures.items() if "shares" in row}
    if not rows:
        return
    yield "\nWhere the seconds of processors go, in hundredths (`tests/bench/shares.py`):\n"
    heads = [f"{key.partition(' ')[2]}, {figures[key]['passages']:,}" for key in rows]
    yield f"| | {' | '.join(heads)} |"
    yield f"| --- |{' ---: |' * len(rows)}"
    for group, parts in GROUPS.items():
        whole = [f"{100 * sum(row[part] for part in parts):.0f}" for row in rows.values()]
        yield f"| **{group}** | {' | '.join(whole)} |"
        for part in parts if len(parts) > 1 else ():
            cells = [f"{100 * row[part]:.0f}" for row in rows.values()]
            yield f"| {part} | {' | '.join(cells)} |"


COLUMNS: tuple[tuple[str, Callable[[Row], float | None]], ...] = (
    ("index, s", lambda row: row["index"]["s"]),
    ("s of processors", lambda row: row["index"]["cpu_s"]),
    ("MB at most", lambda row: row["index"]["peak_mb"]),
    ("MB of text", lambda row: row["text_mb"]),
    ("MB on disk", lambda row: row["disk_mb"]),
    ("one file changed, s", lambda row: row["change"]["s"]),
    ("cold question, s", lambda row: row["cold"]),
    ("of `jieba.initialize()`", lambda row: row["cold"] / row["baseline"]),
)


def _spread(row: Row | None, what: str) -> str:
    if row is None:
        return ""
    return f"{_number(row[what]['p50'])} / {_number(row[what]['p99'])}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _latency(row: Row | None) -> float | None:
    return row["whole"]["p50"] if row else None


def _memory(row: Row | None) -> float | None:
    return row.get("resident_mb", row.get("peak_mb")) if row else None


def _plot(
    figures: Mapping[str, Row],
    file: Path,
    title: str,
    unit: str,
    value: Callable[[Row], float | None],
) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "youju"}
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    for name in dict.fromkeys(key.partition(" ")[2] for key in figures):
        points = sorted(
            (row.get("passages", int(key.split()[0])), value(row))
            for key, row in figures.items()
            if key.partition(" ")[2] == name
        )
        ours = name in OURS
        axes.plot(
            *zip(*points, strict=True),
            marker="o",
            label=f"Youju, {name}: the answer" if ours else f"{name}: search alone",
            linewidth=2.5 if ours else 1,
            linestyle="-" if ours else "--",
        )
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel=unit, title=title)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(file, metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(figure)
