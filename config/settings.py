"""YAML to Settings: the owner's file, checked as a whole before anything starts.

In: the path of a YAML file.  Out: frozen `Settings` with absolute paths, or one `ConfigError` that
holds every fault with its line and column.  The table of keys at the bottom of this file is all
there is to change for a new key: checks, messages, suggestions and the editors' schema follow it.
How a single value is read stands in `values`, where secrets come from in `credentials`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from msgspec import Struct
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.values import (
    DATE,
    GLOBS,
    IDS,
    LINE,
    LINES,
    NAME,
    SHARE,
    SWITCH,
    URL,
    URLS,
    Key,
    Unusable,
    as_count,
    as_date,
    as_documents,
    as_file,
    as_files,
    as_folder,
    as_ids,
    as_path,
    as_share,
    as_switch,
    as_text,
    as_texts,
    as_url,
    as_urls,
)
from config.yaml_tree import NO_TOKEN_HERE, ConfigError, YamlFile
from retrieval.engines import CLUSTER, ENGINES
from retrieval.engines.connection import Cluster
from retrieval.walking import Language, Source, Split

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


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the YAML, for completion and checks in editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_described(_ROOT)}


def _described(key: Key) -> dict[str, Any]:
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


def _section(yaml: YamlFile, section: Key, node: Node) -> dict[str, Any]:
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
            except Unusable as why:
                yaml.note(value, why.sentence(key))
    for key in section.keys:
        if key.required and key.name not in pairs:
            yaml.note(node, f'"{key.name}" is missing: write {key.about}')
    return values


def _unknown(name: str, section: Key) -> str:
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


def _sources(yaml: YamlFile, key: Key, node: Node) -> tuple[Source, ...]:
    if not isinstance(node, SequenceNode) or not node.value:
        raise Unusable
    found = [_section(yaml, key, item) for item in node.value]
    names = [values.get("name") for values in found]
    for number, (name, item) in enumerate(zip(names, node.value, strict=True)):
        if name and name in names[:number]:
            yaml.note(item, f'a source above has the name "{name}" already: choose another')
    return () if yaml.faults else tuple(Source(**values) for values in found)


_ENGINES = (*ENGINES, CLUSTER)
_ENGINE = {"enum": list(_ENGINES), "default": _DEFAULT_ENGINE}
_LIST = {"type": "array", "minItems": 1}
_LANGUAGE = {"enum": list(get_args(Language))}
_SPLIT = {"enum": list(get_args(Split))}

_WHERE = "a file, a folder or a glob as handbook/**/*.pdf, seen from the folder of this YAML"
_LEFT_OUT = 'what to leave out, seen from the source\'s folder, as ["*.bak", old/, drafts/**]'
_WHO = "the ids of the Telegram chats that may see it, as [123456789, -1001234567890]"
_SOURCE = (
    Key("name", "a name for citations, unlike all others, without /", as_text, NAME, True),
    Key("path", _WHERE, as_documents, LINE, True),
    Key("exclude", _LEFT_OUT, as_texts, GLOBS),
    Key("title", "a title for a file, or for documents that have none", as_text, LINE),
    Key("date", "a date as 2023, 2023-04 or 2023-04-26, for documents without any", as_date, DATE),
    Key("place", "the place that all documents of the source are about", as_text, LINE),
    Key("language", "zh or en, where long paragraphs are cut wrongly", as_text, _LANGUAGE),
    Key("split", "what is to be a passage: paragraph, clause or row", as_text, _SPLIT),
    Key("ocr", "true to read scans and pictures with the program tesseract", as_switch, SWITCH),
    Key("visible_to", _WHO, as_ids, IDS),
)
_TELEGRAM = (
    Key("api", "the URL of your own Bot API server, as http://127.0.0.1:8081", as_url, URL),
    Key("token_file", "a file that holds the bot's token and nothing else", as_path, LINE),
)
_ALIAS = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,99}$", "default": "youju"}
_SHARDS = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1}
_COPIES = {"type": "integer", "minimum": 0, "maximum": 100, "default": 1}
_NODES = "where the OpenSearch cluster is, indented below: hosts, and more where needed"
_CLUSTER = (
    Key("hosts", "the URLs of its nodes, as [https://one:9200]", as_urls, URLS, True),
    Key("index", "a name for the index in lower-case letters, as youju", as_text, _ALIAS),
    Key("shards", "into how many parts to divide the index, from 1", as_count, _SHARDS),
    Key("replicas", "how many copies to keep of each part, from 0", as_count, _COPIES),
    Key("ca", "the certificate (PEM) that signed those of the nodes", as_file, LINE),
    Key("password_file", "a file that holds user:password and nothing else", as_path, LINE),
)
_QUOTED = 'the documents that may be quoted, each as "- name: …" and, aligned with name, "path: …"'
_WORDS = "a file with everyday words of yours and what documents write for them, or a list of files"
_OWN_WORDS = "a file with words of your own, one a line, as jieba reads it"
_QUESTIONS = "a file of questions with known answers, to learn from"
_LOSS = "the share of eval's answers that a new index may lose, as 2%; it is not used if it does"
_REACH = "how to reach Telegram, indented below: api, token_file or both, but never the token"
_KEYS = (
    Key("sources", _QUOTED, _sources, _LIST, True, _SOURCE),
    Key("engine", f"the search engine, one of: {', '.join(_ENGINES)}", as_text, _ENGINE),
    Key("cluster", _NODES, _section, {}, keys=_CLUSTER),
    Key("index", "a folder for the index, made when missing", as_folder, LINE),
    Key("lexicon", _WORDS, as_files, LINES),
    Key("dictionary", _OWN_WORDS, as_file, LINE),
    Key("eval", _QUESTIONS, as_file, LINE),
    Key("may_lose", _LOSS, as_share, SHARE),
    Key("telegram", _REACH, _section, {"minProperties": 1}, keys=_TELEGRAM),
)
_ROOT = Key("", "at least sources, a list of documents", _section, {}, True, _KEYS)
