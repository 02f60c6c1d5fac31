"""Files of questions with known answers to Cases.

In: JSON Lines, YAML (a list of the same objects) or JSON in the form of SQuAD.  An object has
`question`, `answers` (`file` and `quote`, a piece of that file; none, where nothing answers),
`key` (the words a reader needs) with `key_mode` (`all` or `any`), `kind`, and for a follow-up
`previous`.  In SQuAD's form an answer is a place in a `context`: what has to be found is the
sentence there, whichever file holds it, and the answer's words are the key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from retrieval.errors import UnreadableFile
from retrieval.passages import sentences

SHORT = 12  # characters: a shorter sentence may stand anywhere, so it is taken with the next


class Case(Struct, frozen=True):
    """A question with its known answers."""

    id: str
    question: str
    kind: str = ""
    answers: tuple[tuple[str, str], ...] = ()  # (file, quote); file "": whichever holds it
    key: tuple[str, ...] = ()
    any_key: bool = False
    previous: str = ""


_Parsed = Any  # whatever stands in a file


class _Unfit(Exception):
    """Why there are no questions in a file; the message names the place in it."""


def load(path: Path) -> list[Case]:
    """Read a file of cases: .yaml, .yml, .json, or JSON Lines under any other name.

    Raises UnreadableFile, naming the line or the question, if it is no such file.
    """
    form = {".json": _json, ".yaml": _yaml, ".yml": _yaml}.get(path.suffix.lower(), _lines)
    try:
        cases = list(form(path.read_text("utf-8-sig")))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(path, f"cannot be read as UTF-8 text ({error})") from error
    except _Unfit as error:
        raise UnreadableFile(path, str(error)) from error
    if not cases:
        raise UnreadableFile(path, "holds no question")
    ids: set[str] = set()
    for case in cases:
        if case.id in ids:
            raise UnreadableFile(path, f'holds two questions with the id "{case.id}"')
        ids.add(case.id)
    return cases


def _lines(text: str) -> Iterator[Case]:
    for number, line in enumerate(text.split("\n"), 1):  # nothing else ends a JSON line
        if line.strip():
            try:
                data = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _Unfit(f"line {number} is no JSON object: {error}") from error
            yield _case(data, number, f"line {number}")


def _yaml(text: str) -> Iterator[Case]:
    try:
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1} " if mark else ""
        raise _Unfit(f"{line}is no YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _Unfit(f"is no YAML: {error}".partition("\n")[0]) from error
    yield from _list(data)


def _list(data: _Parsed) -> Iterator[Case]:
    if data is None:
        return
    if not isinstance(data, list):
        raise _Unfit("is no list of questions, each an object with question and answers")
    for number, item in enumerate(data, 1):
        yield _case(item, number, f"question {number}")


def _case(data: _Parsed, number: int, place: str) -> Case:
    """Make a case of an object; its `number` is its id where it has none."""
    try:
        if not isinstance(data["question"], str) or not isinstance(data.get("key", []), list):
            raise TypeError("question has to be a text, and key a list")
        return Case(
            id=str(data.get("id", number)),
            question=data["question"],
            kind=str(data.get("kind") or ""),
            answers=tuple((str(a["file"]), str(a["quote"])) for a in data.get("answers", [])),
            key=tuple(map(str, data.get("key", []))),
            any_key=data.get("key_mode") == "any",
            previous=str(data.get("previous") or ""),
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise _Unfit(f"{place} is no question with answers: {error!r}") from error


# --- SQuAD --------------------------------------------------------------------------------------


def _json(text: str) -> Iterator[Case]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Unfit(f"is no JSON: {error}") from error
    if not isinstance(data, dict):
        yield from _list(data)
        return
    id = ""
    try:
        for article in data["data"]:
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    id = str(qa["id"])
                    yield _squad_case(id, qa, paragraph["context"])
    except (TypeError, KeyError, AttributeError) as error:
        after = f' (at or after the question "{id}")' if id else ""
        raise _Unfit(f"is no JSON in the form of SQuAD{after}: {error!r}") from error


def _squad_case(id: str, qa: dict[str, Any], context: str) -> Case:
    if not isinstance(qa["question"], str):
        raise TypeError("question has to be a text")
    texts = {}  # several readers gave their answers: each once
    for answer in [] if qa.get("is_impossible") else qa["answers"]:
        start = int(answer["answer_start"])
        text = str(answer["text"])
        if context[start : start + len(text)] != text:
            start = context.find(text)  # known sets are a few characters off here and there
        if start < 0:
            raise _Unfit(f'the context of question "{id}" does not hold its answer "{text}"')
        texts[text] = _sentence(context, start)
    return Case(
        id=id,
        question=qa["question"],
        kind="" if texts else "none",
        answers=tuple(("", sentence) for sentence in dict.fromkeys(texts.values())),
        key=tuple(texts),
        any_key=True,
    )


def _sentence(context: str, at: int) -> str:
    """Return the sentence around a place, with those behind it if it is too short by itself."""
    spans = sentences(context)
    start = max(start for start, _ in spans if start <= at)
    end = min(end for _, end in spans if end > at and (end - start >= SHORT or end == spans[-1][1]))
    return context[start:end].strip()
