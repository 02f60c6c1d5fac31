"""Files of everyday words to a Lexicon: the shipped ones (config/lexicon/) and the owner's.

In: paths.  Out: a `Lexicon`, or one `ConfigError` with every fault of every file.  A file is a
YAML list with a group a line, read line by line.

    # a comment
    - 炒鱿鱼, 开除 > 解除劳动合同, 辞退
    - 欠薪 = 拖欠工资
    - 公司 > 用人单位 *0.5
    - 拖…工资 > 拖欠工资
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from config.yaml_tree import ConfigError, Fault
from retrieval import folding, lexicon
from retrieval.lexicon import Group, Lexicon
from retrieval.patterns import regex

MOST_FAULTS = 20  # said at once: an altogether different file has one in every line
SHIPPED = Path(__file__).parent / "lexicon"
_CODE = [Path(__file__), Path(folding.__file__), Path(lexicon.__file__)]  # what is kept hangs on it

_GROUP = regex(r"- ([^>=*#]+)(?:>([^>=*#]+)|=([^>*#]+))(?:\*(\d*\.?\d+))? ?(?:#.*)?")
_STRETCHED = regex("[^…]+(?:…[^…]+)?")
_NO_GROUP = regex(r" ?(?:#.*)?")
# What is typed on a Chinese keyboard or on Windows, and where space does not count.
_TYPED = dict(zip("，、＞＝＊\t\r", [*",,>=* ", ""], strict=True))
_TYPED |= {"  ": " ", " ,": ",", ", ": ",", "...": "…", "……": "…", " …": "…", "… ": "…"}

_FORM = (
    'this is no group of words: write "- everyday words > written words" or "- words = words", '
    "with commas between words"
)
_WEIGHT = "a weight is above 0 and at most 1: write *0.5, or nothing"
_GAP = "… belongs between two words on the left of >, once in a phrase: write 拖…工资 > 拖欠工资"


class _Unusable(Exception):
    """Why a line is no group."""


def load_lexicon(own: Iterable[Path], cache: Path | None = None) -> Lexicon:
    """Read the shipped files and the owner's; raise `ConfigError` with all that is wrong.

    To read and fold thousands of phrases takes longer than to answer a question: `cache` is a
    file that keeps the result, in a folder that need not be there or be writable.
    """
    faults: list[Fault] = []
    contents = {file: _bytes(file, faults) for file in [*sorted(SHIPPED.glob("*.yaml")), *own]}
    version = hashlib.sha256(b"\0".join([*map(Path.read_bytes, _CODE), *contents.values()]))
    if cache and not faults and (kept := _kept(cache, version.hexdigest())):
        return kept
    groups = [group for file, data in contents.items() for group in _groups(file, data, faults)]
    if faults:
        raise ConfigError(faults[:MOST_FAULTS])
    made = Lexicon.of(groups)
    if cache:
        _keep(cache, version.hexdigest(), made)
    return made


def _bytes(file: Path, faults: list[Fault]) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        message = f"the file cannot be read ({error.strerror}): name a list of words that can"
        faults.append(Fault(file, 1, 1, message))
        return b""


def _kept(cache: Path, version: str) -> Lexicon | None:
    try:
        data = json.loads(cache.read_bytes())
        return Lexicon(**data["parts"]) if data["version"] == version else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # not there yet, or damaged


def _keep(cache: Path, version: str, made: Lexicon) -> None:
    text = json.dumps({"version": version, "parts": made.parts}, ensure_ascii=False)
    new = cache.with_name(f"{cache.name}.{os.getpid()}")
    with suppress(OSError):  # it is made anew at the next start
        new.write_text(text, "utf-8")
        new.replace(cache)


def _groups(file: Path, data: bytes, faults: list[Fault]) -> Iterator[Group]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = data.count(b"\n", 0, error.start) + 1
        faults.append(Fault(file, bad, 1, "this line is not UTF-8: save the file in UTF-8"))
        return
    for typed, meant in _TYPED.items():
        while typed in text:
            text = text.replace(typed, meant)
    for number, line in enumerate(text.split("\n"), 1):
        if not _NO_GROUP.fullmatch(line):
            try:
                yield _group(line)
            except _Unusable as why:
                faults.append(Fault(file, number, 1, str(why)))


def _group(line: str) -> Group:
    found = _GROUP.fullmatch(line)
    if not found:
        raise _Unusable(_FORM)
    left, right, same, weight = found.groups()
    said, written = _words(left), _words(right or same)
    if same:
        written = tuple(word for side in same.split("=") for word in _words(side))
        said = written = said + written if said and written else ()
    if not said or not written:
        raise _Unusable(_FORM)
    if not 0 < float(weight or 1) <= 1:
        raise _Unusable(_WEIGHT)
    stretched = "…" in left and all(map(_STRETCHED.fullmatch, said))
    if "…" in "".join(written) or ("…" in left and not stretched):
        raise _Unusable(_GAP)
    return Group(said, written, float(weight or 1))


def _words(side: str) -> tuple[str, ...]:
    return tuple(filter(None, side.strip().split(",")))
