"""Single values of the YAML to Python's: texts, dates, numbers, URLs, paths.

In: a node and its key.  Out: the value, or `Unusable`, which says why there is none; of a list, the
items that are usable, the others being noted as faults.  The constants are what values look like,
for the checks here and for the editors' schema.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct
from yaml.nodes import Node, ScalarNode, SequenceNode

from config.yaml_tree import YamlFile
from retrieval.walking import Source, found

_T = TypeVar("_T")


class Key(Struct, frozen=True):
    """One key of the YAML."""

    name: str
    about: str  # what it holds: for the schema, and in messages after "write"
    read: Callable[[YamlFile, Key, Node], object]  # may raise Unusable
    schema: Mapping[str, Any]
    required: bool = False
    keys: tuple[Key, ...] = ()  # of the section, or of every section in the list


class Unusable(Exception):
    """Why a value cannot be used; without a reason: it is not what its key is about."""

    def sentence(self, key: Key) -> str:
        """Say it to the owner, with what to write."""
        return str(self) or f"this does not fit here: write {key.about}"


_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff"  # fits on no line of a message
LINE = {"type": "string", "pattern": rf"^(?=.*\S)[^{_UNSEEN}]+$"}
NAME = {"type": "string", "pattern": rf"^(?=.*\S)[^/{_UNSEEN}]+$"}
_GLOB = rf"^(?!!|~/|/*$|(.*/)?\.\.(/|$))(?=.*\S)[^\\{_UNSEEN}]+$"
GLOBS = {
    "type": ["string", "array"],
    "pattern": _GLOB,
    "items": {"type": "string", "pattern": _GLOB},
}
_HOST = r"(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]{1,5})?"
URL = {"type": "string", "pattern": rf"^https?://{_HOST}(/[^\s?#@]*)?$"}
LINES = {**LINE, "type": ["string", "array"], "items": LINE, "minItems": 1}
DATE = {
    "type": ["string", "integer"],
    "pattern": "^[1-9][0-9]{3}(-[0-9]{1,2}){0,2}$",
    "minimum": 1000,
    "maximum": 9999,
}
SHARE = {"type": "string", "pattern": r"^(100|[0-9]{1,2}(\.[0-9]+)?)%$"}
IDS = {"type": "array", "items": {"type": "integer"}}
URLS = {**URL, "type": ["string", "array"], "items": URL, "minItems": 1}
SWITCH = {"type": "boolean", "default": False}


def as_text(yaml: YamlFile, key: Key, node: Node) -> str:
    """Return a text that its key's pattern or choice of words allows."""
    pattern = key.schema.get("pattern") or "|".join(key.schema["enum"])
    if isinstance(node, ScalarNode) and not node.tag.endswith(":str"):
        raise Unusable(f'YAML does not take "{node.value}" for text: put it in quotes')
    if not isinstance(node, ScalarNode) or not re.fullmatch(pattern, node.value):
        raise Unusable
    return str(node.value)


def as_texts(yaml: YamlFile, key: Key, node: Node) -> tuple[str, ...]:
    """Return the texts of a list, or one text."""
    return tuple(_each(yaml, key, _items(node), as_text))


def as_ids(yaml: YamlFile, key: Key, node: Node) -> frozenset[int]:
    """Return the ids of a list, which may be empty."""
    if not isinstance(node, SequenceNode):
        raise Unusable
    return frozenset(_each(yaml, key, node.value, _as_id))


def as_date(yaml: YamlFile, key: Key, node: Node) -> str:
    """Return 2023, 2023-04 or 2023-04-26, which YAML takes for a number, a text and a date."""
    if not isinstance(node, ScalarNode) or not re.fullmatch(str(DATE["pattern"]), node.value):
        raise Unusable
    year, month, day = [*map(int, node.value.split("-")), 1, 1][:3]
    try:
        datetime.date(year, month, day)
    except ValueError:
        wrong = f"there is no {node.value} in the calendar"
        raise Unusable(f"{wrong}: write {key.about}") from None
    return str(node.value)


def as_urls(yaml: YamlFile, key: Key, node: Node) -> tuple[str, ...]:
    """Return the URLs of a list, or one URL."""
    if isinstance(node, SequenceNode) and not node.value:
        raise Unusable
    return tuple(_each(yaml, key, _items(node), as_url))


def as_count(yaml: YamlFile, key: Key, node: Node) -> int:
    """Return a number between its key's limits."""
    if not isinstance(node, ScalarNode) or not re.fullmatch("[0-9]{1,4}", node.value):
        raise Unusable
    if not key.schema["minimum"] <= int(node.value) <= key.schema["maximum"]:
        raise Unusable
    return int(node.value)


def as_switch(yaml: YamlFile, key: Key, node: Node) -> bool:
    """Return what true or false says."""
    if not isinstance(node, ScalarNode) or node.value not in ("true", "false"):
        raise Unusable
    return bool(node.value == "true")


def as_share(yaml: YamlFile, key: Key, node: Node) -> float:
    """Return a share from 0 to 1 that is written as 2%."""
    if not isinstance(node, ScalarNode) or not re.fullmatch(str(SHARE["pattern"]), node.value):
        raise Unusable
    return float(node.value.rstrip("%")) / 100


def as_url(yaml: YamlFile, key: Key, node: Node) -> str:
    """Return a URL without a slash at the end."""
    return as_text(yaml, key, node).rstrip("/")


def as_path(yaml: YamlFile, key: Key, node: Node) -> Path:
    """Return an absolute path, seen from the YAML's folder, whether anything is there or not."""
    try:
        return (yaml.path.parent / Path(as_text(yaml, key, node)).expanduser()).resolve()
    except (OSError, RuntimeError):  # links in a circle, ~somebody unknown
        raise Unusable from None
    except UnicodeEncodeError as error:
        raise Unusable(
            f"files cannot be named so in this locale ({error.encoding}): set PYTHONUTF8=1"
        ) from None


def as_documents(yaml: YamlFile, key: Key, node: Node) -> Path:
    """Return the path or glob of documents; that there are none is noted as missing."""
    path = as_path(yaml, key, node)
    # Pictures count: whether they are read stands under another key.
    source, start = Source("", path, ocr=True), "paths start from the folder of this YAML file"
    if source.root != path and not any(found(source)):
        yaml.miss(node, f"{path} matches no file of a kind that can be read; {start}")
    if source.root == path and not os.access(path, os.F_OK):  # unlike exists(), it never raises
        yaml.miss(node, f"{path} cannot be found; {start}")
    return path


def as_file(yaml: YamlFile, key: Key, node: Node) -> Path:
    """Return the path of a file that exists."""
    path = as_path(yaml, key, node)
    if not os.access(path, os.F_OK):
        start = "paths start from the folder of this YAML file"
        raise Unusable(f"{path} cannot be found; {start}")
    if path.is_dir():
        raise Unusable(f"{path} is a folder: write {key.about}")
    return path


def as_files(yaml: YamlFile, key: Key, node: Node) -> tuple[Path, ...]:
    """Return the paths of a list, or one path, each of a file that exists."""
    if isinstance(node, SequenceNode) and not node.value:
        raise Unusable
    return tuple(_each(yaml, key, _items(node), as_file))


def as_folder(yaml: YamlFile, key: Key, node: Node) -> Path:
    """Return the path of a folder, which need not exist yet."""
    path = as_path(yaml, key, node)
    if os.access(path, os.F_OK) and not path.is_dir():
        raise Unusable
    return path


def _as_id(yaml: YamlFile, key: Key, node: Node) -> int:
    if not isinstance(node, ScalarNode) or not re.fullmatch("-?[1-9][0-9]*", node.value):
        raise Unusable
    return int(node.value)


def _items(node: Node) -> list[Node]:
    """Return a list's items; a single one needs no brackets."""
    return node.value if isinstance(node, SequenceNode) else [node]


def _each(
    yaml: YamlFile, key: Key, nodes: Iterable[Node], read: Callable[[YamlFile, Key, Node], _T]
) -> Iterator[_T]:
    """Yield what is usable of a list's items; each fault is noted where it stands."""
    for node in nodes:
        try:
            yield read(yaml, key, node)
        except Unusable as why:
            yaml.note(node, why.sentence(key))
