"""YAML to Settings: the owner's file, checked as a whole before anything starts.

In: the path of a YAML file.  Out: frozen `Settings` with absolute paths, or one `ConfigError` that
holds every fault with its line and column.  The table of keys at the bottom of this file is all
there is to change for a new key: checks, messages, suggestions and the editors' schema follow it.

The Telegram token never comes from the YAML, which gets copied and shared, but from the
environment or from a file of its own.  No message repeats it.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from msgspec import Struct
from msgspec.structs import replace
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.yaml_tree import NO_TOKEN_HERE, TOKEN, YamlFile
from config.yaml_tree import ConfigError as ConfigError  # "as": for others to import from here
from config.yaml_tree import Fault as Fault
from retrieval.engines import CLUSTER, ENGINES
from retrieval.engines.connection import Cluster, Login
from retrieval.walking import Language, Source, Split, found

_T = TypeVar("_T")

_DEFAULT_ENGINE = next(iter(ENGINES))


class Telegram(Struct, frozen=True):
    """How to reach Telegram; None means its public service, and no file with a token."""

    api: str | None = None  # a Bot API server of the owner's, without a slash at the end
    token_file: Path | None = None  # absolute; read only when the token is needed


class Settings(Struct, frozen=True):
    """What the owner's YAML says, with the defaults filled in."""

    file: Path  # the YAML itself, absolute
    sources: tuple[Source, ...]  # at least one; the names differ, the paths exist
    engine: str  # one of ENGINES, or CLUSTER
    index: Path  # absolute; a folder, which need not exist yet
    telegram: Telegram
    lexicon: tuple[Path, ...] = ()  # absolute; the owner's lists of words, beside the shipped ones
    dictionary: Path | None = None  # absolute; words of the owner's, for jieba
    questions: Path | None = None  # absolute; a file of questions with known answers
    may_lose: float | None = None  # 0 to 1: the share of these answers a new index may lose
    cluster: Cluster | None = None  # where the engine is the cluster


def load_settings(file: Path) -> Settings:
    """Read and check the YAML; paths in it are relative to its folder, `~` is the home folder.

    Raises `ConfigError` with all faults at once.
    """
    path = file.parent.resolve() / file.name
    yaml = YamlFile(path)
    root = yaml.root()
    values = _section(yaml, _ROOT, root)
    engine = values.get("engine", _DEFAULT_ENGINE)
    if "may_lose" in values and "eval" not in values:
        yaml.note(root, f'"may_lose" needs "eval": write {_QUESTIONS}')
    if engine == CLUSTER and "cluster" not in values and not yaml.faults:
        about = next(key.about for key in _KEYS if key.name == "cluster")
        yaml.note(root, f'"cluster" is missing: write {about}')
    if engine != CLUSTER:  # the documents may be on another machine
        yaml.faults.extend(yaml.missing)
    if yaml.faults:
        raise ConfigError(yaml.faults)
    return Settings(
        file=path,
        sources=values["sources"],
        engine=engine,
        index=values.get("index", path.with_name(f"{path.stem}.index")),
        telegram=Telegram(**values.get("telegram", {})),
        lexicon=values.get("lexicon", ()),
        dictionary=values.get("dictionary"),
        questions=values.get("eval"),
        may_lose=values.get("may_lose"),
        cluster=Cluster(**values["cluster"]) if engine == CLUSTER else None,
    )


def telegram_token(settings: Settings, environ: Mapping[str, str]) -> str:
    """Take the token from TELEGRAM_BOT_TOKEN, or from the file that the environment or YAML names.

    Raises `ConfigError` where there is none, or what there is looks like no token.
    """
    token, origin = environ.get("TELEGRAM_BOT_TOKEN", "").strip(), "TELEGRAM_BOT_TOKEN"
    if not token:
        named = environ.get("TELEGRAM_BOT_TOKEN_FILE", "").strip()
        file = Path(named).expanduser() if named else settings.telegram.token_file
        if not file:
            raise _no_token("there is no Telegram token")
        # The path in the environment is not shown: people put the token itself there.
        origin = "the file named by TELEGRAM_BOT_TOKEN_FILE" if named else f"the token file {file}"
        try:
            token = file.read_text("utf-8-sig", errors="replace").strip()
        except OSError as error:
            raise _no_token(f"{origin} cannot be read ({error.strerror})") from None
    if not re.fullmatch(TOKEN, token, re.ASCII):
        raise _no_token(f"{origin} does not hold a whole token, and nothing else")
    return token


def _no_token(what: str) -> ConfigError:
    advice = (
        "create the bot with @BotFather, copy its token, and set TELEGRAM_BOT_TOKEN=… or save it "
        "in the file that TELEGRAM_BOT_TOKEN_FILE, or token_file in the YAML, names"
    )
    return ConfigError([Fault(None, 0, 0, f"{what}: {advice}")])


def cluster_login(cluster: Cluster, environ: Mapping[str, str]) -> tuple[Cluster, Login | None]:
    """Take user, password and CA from the environment, or else from the files the YAML names.

    Raises `ConfigError` where there is half of it.  No message repeats the password.
    """
    if ca := environ.get("YOUJU_CLUSTER_CA", "").strip():
        cluster = replace(cluster, ca=Path(ca).expanduser())
    user, password = (environ.get(f"YOUJU_CLUSTER_{name}", "") for name in ("USER", "PASSWORD"))
    origin = "YOUJU_CLUSTER_USER with YOUJU_CLUSTER_PASSWORD"
    if not user and not password and cluster.password_file:
        origin = f"the password file {cluster.password_file}"
        try:
            line = cluster.password_file.read_text("utf-8-sig", errors="replace").strip()
        except OSError as error:
            wrong = f"{origin} cannot be read ({error.strerror})"
            raise ConfigError([Fault(None, 0, 0, f"{wrong}: allow it, or name another")]) from None
        user, _, password = line.partition(":")
        if not user or not password:
            user = password = ""
            wrong = f"{origin} does not hold user:password on one line"
            raise ConfigError([Fault(None, 0, 0, f"{wrong}: write it so")])
    if bool(user) != bool(password):
        wrong = f"{origin} is given by half"
        raise ConfigError([Fault(None, 0, 0, f"{wrong}: set both, or none")])
    if cluster.ca and not os.access(cluster.ca, os.R_OK):
        wrong = f"the certificate {cluster.ca} cannot be read"
        raise ConfigError([Fault(None, 0, 0, f"{wrong}: name a file that can")])
    return cluster, Login(user, password) if user else None


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the YAML, for completion and checks in editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_described(_ROOT)}


def _described(key: _Key) -> dict[str, Any]:
    described = {"description": key.about, **key.schema}
    if not key.keys:
        return described
    section = {
        "type": "object",
        "required": [sub.name for sub in key.keys if sub.required],
        "properties": {sub.name: _described(sub) for sub in key.keys},
        "additionalProperties": False,
    }
    return described | ({"items": section} if key.schema.get("type") == "array" else section)


class _Unusable(Exception):
    """Why a value cannot be used; without a reason: it is not what its key is about."""


def _section(yaml: YamlFile, section: _Key, node: Node) -> dict[str, Any]:
    """Note all faults below and return what is usable; keys the YAML leaves out are left out."""
    if not isinstance(node, MappingNode) or not node.value:
        pairs_belong = 'keys with values belong here, as "key: value" with an ASCII colon'
        yaml.note(node, f"{pairs_belong}: write {section.about}")
        return {}
    pairs = {k.value: (k, value) for k, value in node.value if isinstance(k, ScalarNode)}
    keys = {key.name: key for key in section.keys}
    values = {}
    for name, (name_node, value) in pairs.items():
        if not (key := keys.get(name)):
            yaml.note(name_node, _unknown(name, section))
        elif value.tag.endswith(":null"):
            yaml.note(name_node, f'"{name}" has no value: write {key.about}')
        else:
            try:
                values[name] = key.read(yaml, key, value)
            except _Unusable as why:
                yaml.note(value, _unfit(key, why))
    for key in section.keys:
        if key.required and key.name not in pairs:
            yaml.note(node, f'"{key.name}" is missing: write {key.about}')
    return values


def _unfit(key: _Key, why: _Unusable) -> str:
    return str(why) or f"this does not fit here: write {key.about}"


def _unknown(name: str, section: _Key) -> str:
    if name.lower().endswith("token"):
        return NO_TOKEN_HERE
    for home in (_ROOT, *_ROOT.keys):
        if name in (key.name for key in home.keys):
            place = "at the left edge" if home is _ROOT else f'indented, below "{home.name}:"'
            return f'"{name}" does not belong here: write it {place}'
    import difflib  # only who mistyped a key waits for it

    names = [key.name for key in section.keys]
    near = difflib.get_close_matches(name.lower(), names, n=1)
    advice = f'did you mean "{near[0]}"?' if near else f"the keys here are {', '.join(names)}"
    return f'unknown key "{name}": {advice}'


def _sources(yaml: YamlFile, key: _Key, node: Node) -> tuple[Source, ...]:
    if not isinstance(node, SequenceNode) or not node.value:
        raise _Unusable
    found = [_section(yaml, key, item) for item in node.value]
    names = [values.get("name") for values in found]
    for number, (name, item) in enumerate(zip(names, node.value, strict=True)):
        if name and name in names[:number]:
            yaml.note(item, f'a source above has the name "{name}" already: choose another')
    return () if yaml.faults else tuple(Source(**values) for values in found)


def _text(yaml: YamlFile, key: _Key, node: Node) -> str:
    pattern = key.schema.get("pattern") or "|".join(key.schema["enum"])
    if isinstance(node, ScalarNode) and not node.tag.endswith(":str"):
        raise _Unusable(f'YAML does not take "{node.value}" for text: put it in quotes')
    if not isinstance(node, ScalarNode) or not re.fullmatch(pattern, node.value):
        raise _Unusable
    return str(node.value)


def _texts(yaml: YamlFile, key: _Key, node: Node) -> tuple[str, ...]:
    return tuple(_each(yaml, key, node.value if isinstance(node, SequenceNode) else [node], _text))


def _ids(yaml: YamlFile, key: _Key, node: Node) -> frozenset[int]:
    if not isinstance(node, SequenceNode):
        raise _Unusable
    return frozenset(_each(yaml, key, node.value, _id))


def _id(yaml: YamlFile, key: _Key, node: Node) -> int:
    if not isinstance(node, ScalarNode) or not re.fullmatch("-?[1-9][0-9]*", node.value):
        raise _Unusable
    return int(node.value)


def _each(
    yaml: YamlFile, key: _Key, nodes: Iterable[Node], read: Callable[[YamlFile, _Key, Node], _T]
) -> Iterator[_T]:
    """Yield what is usable of a list's items; each fault is noted where it stands."""
    for node in nodes:
        try:
            yield read(yaml, key, node)
        except _Unusable as why:
            yaml.note(node, _unfit(key, why))


def _date(yaml: YamlFile, key: _Key, node: Node) -> str:
    """Return 2023, 2023-04 or 2023-04-26, which YAML takes for a number, a text and a date."""
    if not isinstance(node, ScalarNode) or not re.fullmatch(str(_DAY["pattern"]), node.value):
        raise _Unusable
    year, month, day = [*map(int, node.value.split("-")), 1, 1][:3]
    try:
        datetime.date(year, month, day)
    except ValueError:
        wrong = f"there is no {node.value} in the calendar"
        raise _Unusable(f"{wrong}: write {key.about}") from None
    return str(node.value)


def _hosts(yaml: YamlFile, key: _Key, node: Node) -> tuple[str, ...]:
    if isinstance(node, SequenceNode) and not node.value:
        raise _Unusable
    return tuple(_each(yaml, key, node.value if isinstance(node, SequenceNode) else [node], _url))


def _count(yaml: YamlFile, key: _Key, node: Node) -> int:
    if not isinstance(node, ScalarNode) or not re.fullmatch("[0-9]{1,4}", node.value):
        raise _Unusable
    if not key.schema["minimum"] <= int(node.value) <= key.schema["maximum"]:
        raise _Unusable
    return int(node.value)


def _switch(yaml: YamlFile, key: _Key, node: Node) -> bool:
    if not isinstance(node, ScalarNode) or node.value not in ("true", "false"):
        raise _Unusable
    return bool(node.value == "true")


def _share(yaml: YamlFile, key: _Key, node: Node) -> float:
    """Return a share from 0 to 1 that is written as 2%."""
    if not isinstance(node, ScalarNode) or not re.fullmatch(str(_SHARE["pattern"]), node.value):
        raise _Unusable
    return float(node.value.rstrip("%")) / 100


def _url(yaml: YamlFile, key: _Key, node: Node) -> str:
    return _text(yaml, key, node).rstrip("/")


def _path(yaml: YamlFile, key: _Key, node: Node) -> Path:
    try:
        return (yaml.path.parent / Path(_text(yaml, key, node)).expanduser()).resolve()
    except (OSError, RuntimeError):  # links in a circle, ~somebody unknown
        raise _Unusable from None
    except UnicodeEncodeError as error:
        raise _Unusable(
            f"files cannot be named so in this locale ({error.encoding}): set PYTHONUTF8=1"
        ) from None


def _documents(yaml: YamlFile, key: _Key, node: Node) -> Path:
    path = _path(yaml, key, node)
    # Pictures count: whether they are read stands under another key.
    source, start = Source("", path, ocr=True), "paths start from the folder of this YAML file"
    if source.root != path and not any(found(source)):
        yaml.miss(node, f"{path} matches no file of a kind that can be read; {start}")
    if source.root == path and not os.access(path, os.F_OK):  # unlike exists(), it never raises
        yaml.miss(node, f"{path} cannot be found; {start}")
    return path


def _file(yaml: YamlFile, key: _Key, node: Node) -> Path:
    path = _path(yaml, key, node)
    if not os.access(path, os.F_OK):
        start = "paths start from the folder of this YAML file"
        raise _Unusable(f"{path} cannot be found; {start}")
    if path.is_dir():
        raise _Unusable(f"{path} is a folder: write {key.about}")
    return path


def _files(yaml: YamlFile, key: _Key, node: Node) -> tuple[Path, ...]:
    if isinstance(node, SequenceNode) and not node.value:
        raise _Unusable
    return tuple(_each(yaml, key, node.value if isinstance(node, SequenceNode) else [node], _file))


def _folder(yaml: YamlFile, key: _Key, node: Node) -> Path:
    path = _path(yaml, key, node)
    if os.access(path, os.F_OK) and not path.is_dir():
        raise _Unusable
    return path


class _Key(Struct, frozen=True):
    """One key of the YAML."""

    name: str
    about: str  # what it holds: for the schema, and in messages after "write"
    read: Callable[[YamlFile, _Key, Node], object]  # may raise _Unusable
    schema: Mapping[str, Any]
    required: bool = False
    keys: tuple[_Key, ...] = ()  # of the section, or of every section in the list


_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff"  # fits on no line of a message
_LINE = {"type": "string", "pattern": rf"^(?=.*\S)[^{_UNSEEN}]+$"}
_NAME = {"type": "string", "pattern": rf"^(?=.*\S)[^/{_UNSEEN}]+$"}
_GLOB = rf"^(?!!|~/|/*$|(.*/)?\.\.(/|$))(?=.*\S)[^\\{_UNSEEN}]+$"
_GLOBS = {
    "type": ["string", "array"],
    "pattern": _GLOB,
    "items": {"type": "string", "pattern": _GLOB},
}
_HOST = r"(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]{1,5})?"
_URL = {"type": "string", "pattern": rf"^https?://{_HOST}(/[^\s?#@]*)?$"}
_LINES = {**_LINE, "type": ["string", "array"], "items": _LINE, "minItems": 1}
_DAY = {
    "type": ["string", "integer"],
    "pattern": "^[1-9][0-9]{3}(-[0-9]{1,2}){0,2}$",
    "minimum": 1000,
    "maximum": 9999,
}
_SHARE = {"type": "string", "pattern": r"^(100|[0-9]{1,2}(\.[0-9]+)?)%$"}
_IDS = {"type": "array", "items": {"type": "integer"}}
_ENGINES = (*ENGINES, CLUSTER)
_ENGINE = {"enum": list(_ENGINES), "default": _DEFAULT_ENGINE}
_LIST = {"type": "array", "minItems": 1}
_SWITCH = {"type": "boolean", "default": False}

_LANGUAGE = {"enum": list(get_args(Language))}
_SPLIT = {"enum": list(get_args(Split))}

_WHERE = "a file, a folder or a glob as handbook/**/*.pdf, seen from the folder of this YAML"
_LEFT_OUT = 'what to leave out, seen from the source\'s folder, as ["*.bak", old/, drafts/**]'
_WHO = "the ids of the Telegram chats that may see it, as [123456789, -1001234567890]"
_SOURCE = (
    _Key("name", "a name for citations, unlike all others, without /", _text, _NAME, True),
    _Key("path", _WHERE, _documents, _LINE, True),
    _Key("exclude", _LEFT_OUT, _texts, _GLOBS),
    _Key("title", "a title for a file, or for documents that have none", _text, _LINE),
    _Key("date", "a date as 2023, 2023-04 or 2023-04-26, for documents without any", _date, _DAY),
    _Key("place", "the place that all documents of the source are about", _text, _LINE),
    _Key("language", "zh or en, where long paragraphs are cut wrongly", _text, _LANGUAGE),
    _Key("split", "what is to be a passage: paragraph, clause or row", _text, _SPLIT),
    _Key("ocr", "true to read scans and pictures with the program tesseract", _switch, _SWITCH),
    _Key("visible_to", _WHO, _ids, _IDS),
)
_TELEGRAM = (
    _Key("api", "the URL of your own Bot API server, as http://127.0.0.1:8081", _url, _URL),
    _Key("token_file", "a file that holds the bot's token and nothing else", _path, _LINE),
)
_HOSTS = {**_URL, "type": ["string", "array"], "items": _URL, "minItems": 1}
_ALIAS = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,99}$", "default": "youju"}
_SHARDS = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1}
_COPIES = {"type": "integer", "minimum": 0, "maximum": 100, "default": 1}
_NODES = "where the OpenSearch cluster is, indented below: hosts, and more where needed"
_CLUSTER = (
    _Key("hosts", "the URLs of its nodes, as [https://one:9200]", _hosts, _HOSTS, True),
    _Key("index", "a name for the index in lower-case letters, as youju", _text, _ALIAS),
    _Key("shards", "into how many parts to divide the index, from 1", _count, _SHARDS),
    _Key("replicas", "how many copies to keep of each part, from 0", _count, _COPIES),
    _Key("ca", "the certificate (PEM) that signed those of the nodes", _file, _LINE),
    _Key("password_file", "a file that holds user:password and nothing else", _path, _LINE),
)
_QUOTED = 'the documents that may be quoted, each as "- name: …" and, aligned with name, "path: …"'
_WORDS = "a file with everyday words of yours and what documents write for them, or a list of files"
_OWN_WORDS = "a file with words of your own, one a line, as jieba reads it"
_QUESTIONS = "a file of questions with known answers, to learn from"
_LOSS = "the share of eval's answers that a new index may lose, as 2%; it is not used if it does"
_REACH = "how to reach Telegram, indented below: api, token_file or both, but never the token"
_KEYS = (
    _Key("sources", _QUOTED, _sources, _LIST, True, _SOURCE),
    _Key("engine", f"the search engine, one of: {', '.join(_ENGINES)}", _text, _ENGINE),
    _Key("cluster", _NODES, _section, {}, keys=_CLUSTER),
    _Key("index", "a folder for the index, made when missing", _folder, _LINE),
    _Key("lexicon", _WORDS, _files, _LINES),
    _Key("dictionary", _OWN_WORDS, _file, _LINE),
    _Key("eval", _QUESTIONS, _file, _LINE),
    _Key("may_lose", _LOSS, _share, _SHARE),
    _Key("telegram", _REACH, _section, {"minProperties": 1}, keys=_TELEGRAM),
)
_ROOT = _Key("", "at least sources, a list of documents", _section, {}, True, _KEYS)
