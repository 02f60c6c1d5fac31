"""The commands that look after the documents and the set-up.

In: parsed arguments.  Out: an exit code; what was found out on stdout.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot import repl
from bot.journal import Journal, JournalUnusable
from bot.opening import FAILED, FOUND, NOTHING, WRONG_USE, library_of, report, settings_of
from bot.wording import place
from config.settings import ConfigError, telegram_token
from retrieval import evaluation
from retrieval.errors import RetrievalError, UnknownSource
from retrieval.passages import Passage, cut
from retrieval.proof import Standing
from retrieval.sources import read
from retrieval.terms import Analyzer


def index(arguments: Namespace) -> int:
    """Bring the index in line with the files."""
    with library_of(settings_of(arguments)) as library:
        refresh = library.refresh()
        report(library, refresh)
        passages = sum(source.passages for source in library.contents())
        print(
            f"files: {refresh.files}, passages: {passages} "
            f"(new or changed: {refresh.changed}, removed: {refresh.removed})"
        )
        return FAILED if refresh.problems or refresh.note else FOUND


def status(arguments: Namespace) -> int:
    """Show what the index holds, without changing it."""
    settings = settings_of(arguments)
    with library_of(settings) as library:
        print(f"engine    {settings.engine}")
        print(f"index     {settings.index}")
        for source in library.contents():
            print(
                f"source    {source.name}: files: {source.files}, documents: {source.documents}, "
                f"passages: {source.passages} ({source.path})"
            )
        problems = library.problems()
        for problem in problems:
            print(f"problem   {problem.source}: {problem.file} {problem.reason}")
        for name, file, encoding in library.guessed():
            print(f"encoding  {name}: {file} was taken for {encoding}")
        pending = library.pending()
        print(f"pending   {pending} (files new, changed or gone since they were last taken in)")
        return FAILED if problems else FOUND


def passages(arguments: Namespace) -> int:
    """Show how a file is read, configured or not."""
    path: Path = arguments.file
    content = read(path.stem, path.name, path, Analyzer(cache=_cache(arguments)).cut)
    for document in content.documents:
        if not arguments.json:
            about = [text for text in (document.title, document.byline, document.date) if text]
            print(f"═══ {' ｜ '.join(about)}")
            if content.encoding not in ("", "utf-8"):
                print(f"    (taken for {content.encoding})")
        for passage in cut(document, content.text):
            if arguments.json:
                print(json.dumps(_passage_json(passage), ensure_ascii=False))
            else:
                print(_drawn(passage, content.text))
    return FOUND


def _cache(arguments: Namespace) -> Path | None:
    """Return the folder with jieba's parsed dictionary, where a configuration names one."""
    try:
        folder = settings_of(arguments).index
    except ConfigError:
        return None
    return folder if folder.is_dir() else None


def _passage_json(passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "title": passage.title,
        "section": list(passage.section),
        "role": passage.role.value,
        "text": passage.text,
        "place": passage.place.as_json(),
        "spans": [list(span) for span in passage.spans],
    }


def _drawn(passage: Passage, text: str) -> str:
    """Draw a passage with its role, place and headings; ⏎ stands where lines were joined."""
    where = place("en", passage.place)
    above = "".join(f" › {heading}" for heading in passage.section)
    joined = " ⏎ ".join(text[start:end] for start, end in passage.spans)
    head = f"[{passage.role.value}] {where}{above}"
    if repl.wants_colour(sys.stdout):
        head = repl.DIM + head + repl.PLAIN
    return f"{head}\n{repl.printable(joined)}\n"


_STANDINGS = {
    Standing.SAME: "stands word for word in the file it was quoted from",
    Standing.STILL: "still stands there word for word, though the file was changed since",
    Standing.MOVED: "still stands in the file word for word, but elsewhere",
    Standing.GONE: "does not stand in the file any more: the file was changed",
}


def verify(arguments: Namespace) -> int:
    """Cut a quote out of its file again and say whether it still stands there."""
    settings = settings_of(arguments)
    with closing(Journal(settings.index)) as journal:
        try:
            record = journal.find(arguments.id.strip().lower())
        except JournalUnusable as error:
            print(f"youju: {error}", file=sys.stderr)
            return FAILED
    if record is None:
        print(f"youju: no quote was given under the id {arguments.id!r}", file=sys.stderr)
        return NOTHING
    with library_of(settings) as library:
        try:
            proof = library.verify(record)
        except UnknownSource as error:
            print(f"youju: {error}", file=sys.stderr)
            return WRONG_USE
    where = f", {place('en', proof.place)}" if proof.place else ""
    print(f"{record.id} {_STANDINGS[proof.standing]} ({record.source}: {record.file}{where})")
    if proof.text:
        print(repl.printable(proof.text))
    return NOTHING if proof.standing is Standing.GONE else FOUND


def evaluate(arguments: Namespace) -> int:
    """Measure the answers to questions with known answers."""
    cases = evaluation.load(arguments.file)
    with library_of(settings_of(arguments)) as library:
        report(library, library.refresh())
        outcomes = evaluation.run(cases, lambda text, before: library.ask(text, previous=before))
    kinds = sorted({outcome.case.kind for outcome in outcomes} - {""})
    rows = {"all": evaluation.figures(outcomes)} | {
        kind: evaluation.figures([o for o in outcomes if o.case.kind == kind]) for kind in kinds
    }
    if arguments.json:
        print(json.dumps({kind: asdict(row) for kind, row in rows.items()}, ensure_ascii=False))
        return FOUND
    print(*_table(rows), sep="\n")
    print("\nNot right (id, kind, question, what stood first):")
    for outcome in outcomes:
        if not outcome.is_right:
            first = outcome.answer.quotes[0].text[:40] if outcome.answer.quotes else "nothing"
            print(f"{outcome.case.id}  {outcome.case.kind}  {outcome.case.question}  → {first}")
    return FOUND


def _table(rows: dict[str, evaluation.Figures]) -> Iterable[str]:
    """Draw the figures, per cent; what a kind has no questions for stays out."""
    heads = ("R@1", "R@3", "R@10", "MRR", "sent.", "ans.", "ref.")
    yield f"{'kind':14}{'n':>5}  " + " ".join(f"{head:>5}" for head in heads)
    for kind, row in rows.items():
        shares = (row.first, row.three, row.ten, row.mrr, row.sentence, row.answered, row.refused)
        drawn = ("    –" if share is None else f"{100 * share:5.1f}" for share in shares)
        yield f"{kind:14}{row.questions:5}  " + " ".join(drawn)


def config(arguments: Namespace) -> int:
    """Show the configuration with its defaults filled in; no secret is part of it."""
    settings = settings_of(arguments)
    print(f"file      {settings.file}")
    for source in settings.sources:
        print(f"source    {source.name}: {source.path}")
    print(f"engine    {settings.engine}")
    print(f"index     {settings.index}")
    print(f"telegram  {settings.telegram.api or 'the public Bot API'}")
    return FOUND


def doctor(arguments: Namespace) -> int:
    """Check the set-up, a line each, and say how to mend what is wrong."""
    settings = settings_of(arguments)
    print(f"ok    configuration: {settings.file}")
    code = FOUND
    try:
        with library_of(settings) as library:
            refresh = library.refresh()
            for problem in refresh.problems:
                print(f"bad   {problem.source}: {problem.file} {problem.reason}")
            writable = not refresh.note and os.access(settings.index, os.W_OK)
            print(f"{'ok ' if writable else 'bad'}   index: {refresh.note or settings.index}")
            print(f"ok    documents: {sum(s.passages for s in library.contents())} passages")
            code = FOUND if writable and not refresh.problems else FAILED
    except RetrievalError as error:
        print(f"bad   index: {error}")
        code = FAILED
    try:
        telegram_token(settings, os.environ)
        print("ok    Telegram token: set, and of the right form")
    except ConfigError as error:
        print(f"note  Telegram: {error}")
    return code
