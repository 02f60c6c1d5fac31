import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import config
from config.credentials import cluster_login, telegram_token
from config.settings import Settings, Telegram, load_settings, schema
from config.word_lists import load_lexicon
from config.yaml_tree import ConfigError
from retrieval.engines import ENGINES
from retrieval.engines.connection import Cluster, Login
from retrieval.sources import Source
from retrieval.terms import Analyzer

CONFIG = Path(config.__file__).parent
SCHEMA_PATH = CONFIG / "youju.schema.json"
TOKEN = "123456789:" + "Ab-_" * 9  # made up
GOOD = "sources:\n- {name: 报, path: a.txt}\n"


@pytest.fixture
def load(tmp_path):
    """Settings of a YAML text, beside which there are a file a.txt and a folder docs."""
    (tmp_path / "a.txt").write_text("工会", "utf-8")
    (tmp_path / "docs").mkdir()

    def load(text: str | bytes) -> Settings:
        file = tmp_path / "my.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_settings(file)

    return load


@pytest.fixture
def faults(load):
    """The faults of a YAML text, as `line:column: message`."""

    def faults(text: str | bytes) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text)
        lines = str(caught.value).splitlines()
        assert lines == [str(fault) for fault in caught.value.faults]  # one line a fault
        return [line.partition("my.yaml:")[2] for line in lines]

    return faults


# What the owner gets


def test_the_owners_file_names_five_seeds_that_exist():
    settings = load_settings(CONFIG / "youju.yaml")
    seeds = sorted((CONFIG.parent / "seeds").glob("*.txt"))
    assert [source.path for source in settings.sources] == seeds
    assert (settings.engine, settings.index) == ("memory", CONFIG.parent / "index")


def test_the_example_in_the_comments_of_the_owners_file_works(load):
    manual = (CONFIG / "youju.yaml").read_text("utf-8")
    example = re.sub("^# ", "", manual[manual.index("# telegram:\n") :], flags=re.MULTILINE)
    telegram = load(GOOD + example).telegram
    assert telegram.api == "http://127.0.0.1:8081"
    assert telegram.token_file == Path.home() / ".config/youju/telegram-token"


def test_the_example_of_a_source_in_the_comments_of_the_owners_file_works(load, tmp_path):
    manual = (CONFIG / "youju.yaml").read_text("utf-8")
    example = manual[manual.index("  # - name:") : manual.index("\n# engine：")]
    (tmp_path / "handbook" / "new").mkdir(parents=True)
    (tmp_path / "handbook" / "new" / "a.PDF").touch()
    (source,) = load("sources:\n" + re.sub("^  # ", "  ", example, flags=re.MULTILINE)).sources
    assert source == Source(
        "员工手册",
        tmp_path / "handbook/**/*.pdf",
        exclude=("*.bak", "旧版/", "drafts/**"),
        title="员工手册",
        date="2023-04",
        place="海陵区",
        language="zh",
        split="clause",
        ocr=True,
        visible_to=frozenset({123456789, -1001234567890}),
    )


def test_the_owners_file_explains_every_key_where_it_stands():
    manual = (CONFIG / "youju.yaml").read_text("utf-8")
    root = schema()["properties"]
    for section in (root, root["sources"]["items"]["properties"], root["telegram"]["properties"]):
        for key in section:
            chinese, english = manual.index(f"# {key}："), manual.index(f"# {key}: ")
            stands = re.compile(rf"^[ #-]*{key}:", re.MULTILINE).search(manual, english + 3)
            assert chinese < english
            assert manual.count("\n", chinese, stands.start()) <= 5
    assert manual.count("\n") <= 115


def test_the_page_for_owners_explains_every_key_with_an_example():
    page = (CONFIG.parent / "docs" / "configuration.md").read_text("utf-8")
    examples = "\n".join(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    root = schema()["properties"]
    for section in (root, root["sources"]["items"]["properties"], root["telegram"]["properties"]):
        for key in section:
            assert re.search(rf"^#+ .*`{key}`", page, re.MULTILINE), key
            assert re.search(rf"^[ #-]*{key}:", examples, re.MULTILINE), key


def test_the_examples_on_the_page_for_owners_work(load, tmp_path):
    """Each is a whole YAML, or a piece of a source, or of what stands at the left edge."""
    page = (CONFIG.parent / "docs" / "configuration.md").read_text("utf-8")
    own = ("words.yaml", "words.txt", "questions.jsonl")
    documents = ("report.txt", "faq.csv", "notices/a.txt", "handbook/a.pdf", "reports/2018/a.txt")
    for path in documents + own:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(examples) > 8
    for example in examples:
        whole = example if "sources:" in example else GOOD + example
        assert load(whole).sources, example


def test_the_lists_of_words_on_the_page_for_owners_work(tmp_path, analyzer):
    page = (CONFIG.parent / "docs" / "configuration.md").read_text("utf-8")
    lists = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    (tmp_path / "words.yaml").write_text(lists[0], "utf-8")
    lexicon = load_lexicon([tmp_path / "words.yaml"])
    assert lexicon.expand("拖了我们半年工资", analyzer.cut)[0].written == "拖欠工资"
    (tmp_path / "words.txt").write_text(lists[1], "utf-8")
    own = Analyzer(dictionary=tmp_path / "words.txt")
    assert own.cut("去康乃馨服务站") == ["去", "康乃馨服务站"]


def test_the_schema_for_editors_is_the_one_in_the_code(golden):
    golden(SCHEMA_PATH, json.dumps(schema(), ensure_ascii=False, indent=2) + "\n")


def test_what_is_left_out_has_a_default(load, tmp_path):
    assert load(GOOD) == Settings(
        file=tmp_path / "my.yaml",
        sources=(Source("报", tmp_path / "a.txt"),),
        engine="memory",
        index=tmp_path / "my.index",
        telegram=Telegram(),
        lexicon=(),
        dictionary=None,
    )


def test_everything_can_be_chosen(load, tmp_path):
    settings = load(
        "sources:\n- {name: '2023-04-26', path: docs, ocr: true}\n"
        "- {name: 乙, path: docs/../a.txt}\n"
        "engine: memory\nindex: new/index\neval: a.txt\nmay_lose: 2.5%\n"
        "telegram: {api: 'https://[::1]:8081/bots/', token_file: t}\n"
        "lexicon: [a.txt, docs/../a.txt]\ndictionary: a.txt\n"
    )
    assert settings.sources == (
        Source("2023-04-26", tmp_path / "docs", ocr=True),
        Source("乙", tmp_path / "a.txt"),
    )
    assert settings.index == tmp_path / "new/index"
    assert (settings.questions, settings.may_lose) == (tmp_path / "a.txt", 0.025)
    assert settings.telegram == Telegram("https://[::1]:8081/bots", tmp_path / "t")
    assert settings.lexicon == (tmp_path / "a.txt",) * 2
    assert settings.dictionary == tmp_path / "a.txt"


def test_one_list_of_words_needs_no_brackets(load, tmp_path):
    assert load(GOOD + "lexicon: a.txt").lexicon == (tmp_path / "a.txt",)


def test_paths_start_from_the_folder_of_the_yaml_wherever_one_stands(load, tmp_path):
    load(GOOD)
    show = "import sys,config.settings as s,pathlib as p;print(s.load_settings(p.Path('my.yaml')))"
    environment = os.environ | {"PYTHONPATH": str(CONFIG.parent), "PYTHONUTF8": "1"}
    shown = subprocess.run(
        [sys.executable, "-c", show],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert str(load_settings(tmp_path / "docs/../my.yaml")) == shown.stdout.strip()


def test_a_tilde_is_the_home_folder(load):
    assert load("sources: [{name: 家, path: '~'}]").sources[0].path == Path.home().resolve()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff" + GOOD, id="bom"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="crlf"),
        pytest.param(f"---\n{GOOD}...\n", id="document marks"),
        pytest.param("sources: [{name: &n x, path: docs}, {name: 😀：, path: docs}]", id="anchor"),
    ],
)
def test_these_are_fine(load, text):
    assert load(text).sources


# What the owner did wrong

SOURCES = 'the documents that may be quoted, each as "- name: …" and, aligned with name, "path: …"'
NAME = "a name for citations, unlike all others, without /"
TELEGRAM = "how to reach Telegram, indented below: api, token_file or both, but never the token"
PAIRS = 'keys with values belong here, as "key: value" with an ASCII colon: write'
ROOT = f"{PAIRS} at least sources, a list of documents"
UNFIT = "this does not fit here: write"
WIDE = 'write ": " after a key, an ASCII colon and a space, not "："'
TAB = r"this is not YAML (found character '\t' that cannot start any token): indent with spaces"
OCR = "true to read scans and pictures with the program tesseract"
EVAL = "a file of questions with known answers, to learn from"
LOSS = "the share of eval's answers that a new index may lose, as 2%; it is not used if it does"
WORDS = "a file with everyday words of yours and what documents write for them, or a list of files"
KEYS = "sources, engine, cluster, index, lexicon, dictionary, eval, may_lose, telegram"
API = "write the URL of your own Bot API server, as http://127.0.0.1:8081"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [f"1:1: {ROOT}"]),
        (" \n# nothing\n", [f"3:1: {ROOT}"]),
        ("~", [f"1:1: {ROOT}"]),
        ("- a", [f"1:1: {ROOT}"]),
        ("sources：\n", [f"1:1: {ROOT}"]),
        # sources
        ("engine: memory", [f'1:1: "sources" is missing: write {SOURCES}']),
        ("sources:\n", [f'1:1: "sources" has no value: write {SOURCES}']),
        ("sources: []", [f"1:10: {UNFIT} {SOURCES}"]),
        ("sources: a.txt", [f"1:10: {UNFIT} {SOURCES}"]),
        ("sources: {name: x, path: a.txt}", [f"1:10: {UNFIT} {SOURCES}"]),
        (
            "sources:\n- a.txt\n-\n- {}",
            [f"{at}: {PAIRS} {SOURCES}" for at in ("2:3", "3:2", "4:3")],
        ),
        ("sources:\n- name：x", [f"2:3: {PAIRS} {SOURCES}"]),
        ("sources: [{path: a.txt}]", [f'1:11: "name" is missing: write {NAME}']),
        (
            "sources:\n- {name: x, path: docs}\n- {name: x, path: docs}",
            ['3:3: a source above has the name "x" already: choose another'],
        ),
        # keys
        (GOOD + "engin: memory", ['3:1: unknown key "engin": did you mean "engine"?']),
        (GOOD + "Engine: memory", ['3:1: unknown key "Engine": did you mean "engine"?']),
        (
            "sources: [{name: x, pathh: docs, path: docs}]",
            ['1:21: unknown key "pathh": did you mean "path"?'],
        ),
        (
            GOOD + "x: 1",
            [f'3:1: unknown key "x": the keys here are {KEYS}'],
        ),
        (GOOD + "? [a]\n: 1", ["3:3: a key must be a word: put it in quotes"]),
        (
            GOOD + "engine: memory\nengine: tape",
            [
                '4:1: "engine" stands on line 3 already: keep one',
                f"4:9: {UNFIT} the search engine, one of: {', '.join((*ENGINES, 'cluster'))}",
            ],
        ),
        (
            "sources: [{name: x, path: docs, name: y}]",
            ['1:33: "name" stands on line 1 already: keep one'],
        ),
        (
            GOOD + "x:\n- {a: 1,\n   a: 2}",
            [
                f'3:1: unknown key "x": the keys here are {KEYS}',
                '5:4: "a" stands on line 4 already: keep one',
            ],
        ),
        # sections that slipped
        (
            "telegram:\napi: http://x\n" + GOOD,
            [
                f'1:1: "telegram" has no value: write {TELEGRAM}',
                '2:1: "api" does not belong here: write it indented, below "telegram:"',
            ],
        ),
        (
            GOOD + "telegram:\n  engine: memory",
            ['4:3: "engine" does not belong here: write it at the left edge'],
        ),
        (GOOD + "lexicon: []", [f"3:10: {UNFIT} {WORDS}"]),
        (GOOD + "lexicon: [[a.txt]]", [f"3:11: {UNFIT} {WORDS}"]),
        (GOOD + "lexicon: {a: b}", [f"3:10: {UNFIT} {WORDS}"]),
        (GOOD + "eval: a.txt\nmay_lose: 2", [f"4:11: {UNFIT} {LOSS}"]),
        (GOOD + "eval: a.txt\nmay_lose: 200%", [f"4:11: {UNFIT} {LOSS}"]),
        (GOOD + "may_lose: 2%", [f'1:1: "may_lose" needs "eval": write {EVAL}']),
        (GOOD + "telegram: {}", [f"3:11: {PAIRS} {TELEGRAM}"]),
        (GOOD + "telegram: {api: 'ftp://x'}", [f"3:17: this does not fit here: {API}"]),
        (GOOD + "telegram: {api: 'http://me:secret@x'}", [f"3:17: this does not fit here: {API}"]),
        ("sources:\n- {name: x, path: docs, ocr: yes}", [f"2:30: {UNFIT} {OCR}"]),
        (
            "sources:\n- &a {name: x, path: docs}\n- {<<: *a, name: y, path: docs}",
            [
                '3:4: unknown key "<<": the keys here are name, path, exclude, title, date, '
                "place, language, split, ocr, visible_to"
            ],
        ),
    ],
)
def test_each_mistake_has_its_sentence(faults, text, expected):
    assert faults(text) == expected


@pytest.mark.parametrize(
    "value", ["2023-04-26", "2023-99-99", "no", "12:30", "007", "1.5", "!!binary QQ=="]
)
def test_a_name_that_yaml_takes_for_something_else_wants_quotes(faults, load, value):
    shown = value.split()[-1]
    assert faults(f"sources: [{{name: {value}, path: docs}}]") == [
        f'1:18: YAML does not take "{shown}" for text: put it in quotes'
    ]
    assert load(f"sources: [{{name: '{shown}', path: docs}}]").sources[0].name == shown


@pytest.mark.parametrize(
    "name", ['""', "' 　'", "a/b", r'"a\tb"', r'"a\n"', r'"\u2028"', r'"\ud83d"', "[a]"]
)
def test_a_name_must_fit_into_a_line_and_an_id(faults, name):
    assert faults(f"sources: [{{name: {name}, path: docs}}]") == [f"1:18: {UNFIT} {NAME}"]


def test_a_path_must_lead_to_a_file_or_folder(faults, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    paths = ["../no.txt", "a.txt/b", "x" * 300, "loop", "~nobody-of-that-name/a"]
    sources = [f"- {{name: 报{n}, path: {path}}}\n" for n, path in enumerate(paths)]
    found = faults("sources:\n" + "".join(sources))
    for path, fault in zip(paths[:3], found, strict=False):
        where = (tmp_path / path).resolve()
        missing = f"{where} cannot be found; paths start from the folder of this YAML file"
        assert fault.endswith(f": {missing}")
    assert "cannot be found" in found[3] or UNFIT in found[3]  # Python 3.13 resolves it
    assert UNFIT in found[4]


def test_a_glob_has_to_match_a_file_that_can_be_read(faults, load, tmp_path):
    write = 'sources: [{{name: x, path: "{}"}}]'
    for glob in ("docs/*", "docs/**/*.txt", "no/*.txt", "docs/?.exe", "*/../../*.bak"):
        (fault,) = faults(write.format(glob))
        where = (tmp_path / glob).resolve()
        start = "paths start from the folder of this YAML file"
        assert fault == f"1:27: {where} matches no file of a kind that can be read; {start}"
    (tmp_path / "docs" / "a.exe").touch()
    assert faults(write.format("docs/*.exe"))
    (tmp_path / "docs" / "A.TXT").touch()
    assert load(write.format("docs/*.txt")).sources[0].path == tmp_path / "docs/*.txt"
    assert load(write.format("d?cs/a.txt")).sources[0].root == tmp_path


@pytest.mark.parametrize("key", ["lexicon: [a.txt, {}]", "dictionary: {}"])
def test_lists_of_words_are_files_that_exist(faults, tmp_path, key):
    (fault,) = faults(GOOD + key.format("no.txt"))
    assert "no.txt cannot be found; paths start from the folder of this YAML file" in fault
    (fault,) = faults(GOOD + key.format("docs"))
    assert f"{tmp_path / 'docs'} is a folder: write a file with " in fault


ABOUT = {
    key: value["description"]
    for key, value in schema()["properties"]["sources"]["items"]["properties"].items()
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("exclude: {a: b}", f"12: {UNFIT} {ABOUT['exclude']}"),
        ("exclude: ''", f"12: {UNFIT} {ABOUT['exclude']}"),
        ("exclude: [a, '!b']", f"16: {UNFIT} {ABOUT['exclude']}"),
        ("exclude: [a, '~/b']", f"16: {UNFIT} {ABOUT['exclude']}"),
        ("exclude: [a, ../b]", f"16: {UNFIT} {ABOUT['exclude']}"),
        (r"exclude: a\b", f"12: {UNFIT} {ABOUT['exclude']}"),
        ("exclude: [2023]", '13: YAML does not take "2023" for text: put it in quotes'),
        ("exclude: *.bak", "13: put the text in quotes"),
        ("title: ' '", f"10: {UNFIT} {ABOUT['title']}"),
        ("title: [a]", f"10: {UNFIT} {ABOUT['title']}"),
        ("place: 12", '10: YAML does not take "12" for text: put it in quotes'),
        ("date: 2023-02-30", f"9: there is no 2023-02-30 in the calendar: write {ABOUT['date']}"),
        ("date: '2023-13'", f"9: there is no 2023-13 in the calendar: write {ABOUT['date']}"),
        ("date: 26.4.2023", f"9: {UNFIT} {ABOUT['date']}"),
        ("date: 23", f"9: {UNFIT} {ABOUT['date']}"),
        ("date: 2023-04-26T10:00:00", f"9: {UNFIT} {ABOUT['date']}"),
        ("date: ２０２３", f"9: {UNFIT} {ABOUT['date']}"),
        ("date: [2023]", f"9: {UNFIT} {ABOUT['date']}"),
        ("language: fr", f"13: {UNFIT} {ABOUT['language']}"),
        ("split: line", f"10: {UNFIT} {ABOUT['split']}"),
        ("visible_to: 123", f"15: {UNFIT} {ABOUT['visible_to']}"),
        ("visible_to: [1, '@ann']", f"19: {UNFIT} {ABOUT['visible_to']}"),
        ("visible_to: [1, 0]", f"19: {UNFIT} {ABOUT['visible_to']}"),
        ("visible_to: [1, 1.5]", f"19: {UNFIT} {ABOUT['visible_to']}"),
        ("visible_to: [1, 12:30]", f"19: {UNFIT} {ABOUT['visible_to']}"),
        ("visible_to:", f'3: "visible_to" has no value: write {ABOUT["visible_to"]}'),
        ("visible-to: [1]", '3: unknown key "visible-to": did you mean "visible_to"?'),
    ],
)
def test_a_wrong_value_of_a_source_is_shown_where_it_stands(faults, line, expected):
    (fault,) = faults(f"sources:\n- name: 报\n  path: a.txt\n  {line}")
    column, _, message = expected.partition(": ")
    assert fault.startswith(f"4:{column}: ")
    assert fault.endswith(message)


@pytest.mark.parametrize("date", ["2023", "2023-04", "2023-04-26", "'2023'", "'2023-04-26'"])
def test_a_date_needs_no_quotes(load, date):
    source = load(f"sources: [{{name: x, path: a.txt, date: {date}}}]").sources[0]
    assert source.date == date.strip("'")


def test_one_glob_needs_no_list_and_nobody_may_be_a_list_of_nobody(load):
    (source,) = load("sources: [{name: x, path: docs, exclude: old/, visible_to: []}]").sources
    assert (source.exclude, source.visible_to) == (("old/",), frozenset())


def test_the_index_cannot_be_a_file(faults):
    expected = f"3:8: {UNFIT} a folder for the index, made when missing"
    assert faults(GOOD + "index: a.txt") == [expected]


def test_all_faults_are_reported_at_once_in_the_order_of_the_file(load, tmp_path):
    with pytest.raises(ConfigError) as caught:
        load("engin: x\nsources:\n- {name: no, path: gone}\n- {path: docs}\nindex:\n")
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [
        (1, 1),
        (3, 10),
        (3, 20),
        (4, 3),
        (5, 1),
    ]
    assert all(fault.file == tmp_path / "my.yaml" for fault in caught.value.faults)
    assert str(caught.value).startswith(f"{tmp_path / 'my.yaml'}:1:1: unknown key")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("sources:\n\t- name: x", "2:1: " + TAB, ", not with tabs"),
        ("sources:\n  - name: x\n\tpath: docs", "3:1: " + TAB, ", not with tabs"),
        ("sources:\t\n", "1:9: " + TAB, ", not with tabs"),
        (GOOD + "---\n" + GOOD, "3:1: ", "keep one document in the file, without --- between two"),
        ("sources:\n- name: a: b", "2:10: ", "put a text with a colon in quotes, align keys"),
        ("sources:\n- name: @x", "2:9: ", "put the text in quotes"),
        ("sources:\n- path: *.txt", "2:10: ", "put the text in quotes"),
        ("sources:\n- path: *a", "2:9: ", "put the text in quotes"),
        ('sources:\n- path: "C:\\Users"', "2:14: ", "write / instead of \\, or use single quotes"),
        ('sources:\n- path: "D:\\data"', "2:13: ", "write / instead of \\, or use single quotes"),
        ('sources:\n- name: "x\n  path: docs', "2:9: ", "check the quotes, brackets"),
        ("sources: [{name: x\n", "1:11: ", "check the quotes, brackets"),
        ("sources:\n  - name: x\n   path: docs", "3:4: ", "check the quotes, brackets"),
        (GOOD + "engine:memory\n", "3:1: ", "write a colon and a space after the key"),
        (GOOD + "engine：memory\n", "3:1: ", WIDE),
        ("sources:\n- name：x\n  path: docs", "3:7: ", WIDE),
        (GOOD + r'x: "\U00110000"', "3:7: this cannot be read", "plainer way"),
        (GOOD + r'x: "\UFFFFFFFF"', "3:7: this cannot be read", "plainer way"),
        (GOOD + "# a\0\n", "3:4: an invisible control character", "delete it"),
        (GOOD + "x: \x1b[1m\n", "3:4: an invisible control character", "delete it"),
        (b"sources:\n- name: \xb9\xa4\xbb\xe1", "2:1: this line is not UTF-8", "encoding UTF-8"),
        (GOOD.encode("utf-16"), "1:1: this line is not UTF-8", "encoding UTF-8"),
    ],
)
def test_what_is_not_yaml_is_shown_where_it_starts_with_a_way_out(faults, text, start, end):
    (fault,) = faults(text)
    assert fault.startswith(start)
    assert end in fault


@pytest.mark.parametrize("text", [GOOD + "x: " + "[" * 1700, "- " * 100_000])
def test_endless_nesting_is_a_fault_and_no_crash(faults, text):
    (fault,) = faults(text)
    assert "this cannot be read: write it in a plainer way" in fault


@pytest.mark.parametrize(
    "text",
    [
        "sources: &x [*x]",
        "&r\nsources: *r",
        "sources: [&a {<<: *a, name: y}]",
        "? &k [*k]\n: 1",
        GOOD + "telegram: &t {api: *t}",
    ],
)
def test_an_alias_that_turns_in_a_circle_does_not_hang(faults, text):
    assert faults(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.txt").touch()
    reasons = {
        tmp_path / "no.yaml": "No such file or directory",
        tmp_path: "Is a directory",
        tmp_path / "a.txt/b": "Not a directory",
        tmp_path / ("x" * 300): "File name too long",
    }
    for file, reason in reasons.items():
        with pytest.raises(ConfigError) as caught:
            load_settings(file)
        message = f"the file cannot be read ({reason}): name a YAML file that can"
        assert str(caught.value) == f"{file}:1:1: {message}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_one_may_not_read_is_named(load, tmp_path):
    load(GOOD)
    (tmp_path / "my.yaml").chmod(0)
    with pytest.raises(ConfigError, match="Permission denied"):
        load_settings(tmp_path / "my.yaml")


# The token


@pytest.mark.parametrize(
    "line",
    [
        f"telegram: {{token: {TOKEN}}}",
        f"telegram: {{api: 'http://127.0.0.1/bot{TOKEN}'}}",
        f"# {TOKEN}",
        f"{TOKEN}: 1",
        f"? {TOKEN}",
        f"x: *{TOKEN}",
        f"x: [{TOKEN}",
        f"engine: memory\nengine: {TOKEN}",
    ],
)
def test_a_token_in_the_yaml_is_refused_and_never_repeated(load, line):
    with pytest.raises(ConfigError) as caught:
        load(f"{GOOD}{line}\nzzz: 1\n")
    (fault,) = caught.value.faults  # nothing else is said, lest it be quoted
    assert fault.line == (4 if line.startswith("engine") else 3)
    assert "must not stand in this file" in fault.message
    assert "TELEGRAM_BOT_TOKEN" in fault.message
    assert TOKEN[20:] not in f"{caught.value}{caught.value.__cause__}"
    assert TOKEN[10:20] not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.parametrize("line", ["token: x", "telegram: {token: x}", "telegram: {bot_token: x}"])
def test_a_key_for_the_token_is_answered_with_where_it_goes(faults, line):
    (fault,) = faults(GOOD + line)
    assert "set the environment variable TELEGRAM_BOT_TOKEN" in fault


@pytest.mark.parametrize(
    "line", ["# sha256:" + "0a" * 32, "# 12:30 开会", "# 2023042600:" + "中文" * 30]
)
def test_what_only_resembles_a_token_may_stand_there(load, line):
    assert load(GOOD + line)


def test_a_token_as_the_name_of_the_file_is_not_repeated(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / TOKEN)
    assert str(caught.value).startswith(f"{tmp_path}/<token>:1:1: ")


def test_the_environment_goes_before_files(load, tmp_path):
    first, second, third = (f"{n}:{'x' * 35}" for n in (1, 2, 3))
    (tmp_path / "by variable").write_text(f"\ufeff{second}\r\n", "utf-8")
    (tmp_path / "by yaml").write_text(f"\n{third}\n", "utf-8")
    settings = load(GOOD + "telegram: {token_file: by yaml}")
    named = {"TELEGRAM_BOT_TOKEN_FILE": str(tmp_path / "by variable")}
    assert telegram_token(settings, named | {"TELEGRAM_BOT_TOKEN": f" {first}\n"}) == first
    assert telegram_token(settings, named | {"TELEGRAM_BOT_TOKEN": ""}) == second
    assert telegram_token(settings, {"TELEGRAM_BOT_TOKEN_FILE": " "}) == third


def test_without_a_token_one_learns_how_to_get_one(load):
    with pytest.raises(ConfigError) as caught:
        telegram_token(load(GOOD), {})
    assert str(caught.value) == (
        "there is no Telegram token: create the bot with @BotFather, copy its token, and set "
        "TELEGRAM_BOT_TOKEN=… or save it in the file that TELEGRAM_BOT_TOKEN_FILE, or token_file "
        "in the YAML, names"
    )


@pytest.mark.parametrize("token", [TOKEN[:30], TOKEN[10:], TOKEN + "!", f"a {TOKEN}", TOKEN + "字"])
def test_what_looks_like_no_token_is_refused_and_not_repeated(load, tmp_path, token):
    (tmp_path / "t").write_text(token, "utf-8")
    for settings, environ, origin in (
        (load(GOOD), {"TELEGRAM_BOT_TOKEN": token}, "TELEGRAM_BOT_TOKEN"),
        (load(GOOD), {"TELEGRAM_BOT_TOKEN_FILE": str(tmp_path / "t")}, "the file named by"),
        (load(GOOD + "telegram: {token_file: t}"), {}, f"the token file {tmp_path / 't'}"),
    ):
        with pytest.raises(ConfigError) as caught:
            telegram_token(settings, environ)
        assert str(caught.value).startswith(origin)
        assert "does not hold a whole token, and nothing else: create the bot" in str(caught.value)
        assert token not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b" \n", "does not hold a whole token, and nothing else"),
        (TOKEN.encode("utf-16"), "does not hold a whole token, and nothing else"),
    ],
)
def test_a_token_file_that_cannot_be_used_is_named(load, tmp_path, content, reason):
    if content is not None:
        (tmp_path / "t").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        telegram_token(load(GOOD + "telegram: {token_file: t}"), {})
    assert str(caught.value).startswith(f"the token file {tmp_path / 't'} {reason}: create the bot")


def test_a_token_put_where_the_name_of_its_file_belongs_is_not_repeated(load):
    for wrong in (TOKEN, TOKEN[:30]):
        with pytest.raises(ConfigError) as caught:
            telegram_token(load(GOOD), {"TELEGRAM_BOT_TOKEN_FILE": wrong})
        assert "the file named by TELEGRAM_BOT_TOKEN_FILE cannot be read" in str(caught.value)
        assert wrong[:30] not in str(caught.value)


# --- the cluster --------------------------------------------------------------------------------

NODES = "engine: cluster\ncluster:\n  hosts: ['https://one:9200/', 'https://two:9200']\n"


def test_the_documents_of_a_cluster_may_be_on_another_machine(load):
    settings = load("sources: [{name: x, path: nowhere}]\n" + NODES)
    assert settings.engine == "cluster"
    assert settings.cluster == Cluster(("https://one:9200", "https://two:9200"))
    assert settings.sources[0].path.name == "nowhere"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("engine: cluster", '"cluster" is missing'),
        (NODES + "  shards: 0", "into how many parts"),
        (NODES + "  replicas: many", "how many copies"),
        (NODES + "  index: Youju", "lower-case"),
        (NODES + "  password: x", 'unknown key "password": did you mean "password_file"?'),
        ("engine: cluster\ncluster: {hosts: ['http://me:secret@one']}", "the URLs of its nodes"),
        ("engine: cluster\ncluster: {hosts: []}", "the URLs of its nodes"),
        ("hosts: ['http://one']", 'write it indented, below "cluster:"'),
    ],
)
def test_a_mistake_about_the_cluster_has_its_sentence(faults, text, expected):
    assert expected in faults(GOOD + text)[0]


def test_the_password_of_the_cluster_comes_from_the_environment_or_a_file(tmp_path):
    file, ca = tmp_path / "password", tmp_path / "ca.pem"
    file.write_text("me:se:cret\n", "utf-8")
    ca.touch()
    named = Cluster(("http://one:9200",), password_file=file)
    assert cluster_login(named, {}) == (named, Login("me", "se:cret"))
    environ = {"YOUJU_CLUSTER_USER": "you", "YOUJU_CLUSTER_PASSWORD": "x"}
    assert cluster_login(named, environ)[1] == Login("you", "x")
    assert cluster_login(Cluster(("http://one:9200",)), {})[1] is None
    assert cluster_login(named, {"YOUJU_CLUSTER_CA": str(ca)})[0].ca == ca
    assert "se:cret" not in repr(cluster_login(named, {}))


@pytest.mark.parametrize("held", [None, "", "secret", "me:", ":secret"])
def test_a_password_file_that_holds_none_is_a_sentence_without_it(tmp_path, held):
    file = tmp_path / "password"
    if held is not None:
        file.write_text(held, "utf-8")
    with pytest.raises(ConfigError) as error:
        cluster_login(Cluster(("http://one:9200",), password_file=file), {})
    assert str(file) in str(error.value)
    assert "secret" not in str(error.value)


def test_half_a_login_is_a_sentence():
    with pytest.raises(ConfigError, match="by half"):
        cluster_login(Cluster(("http://one:9200",)), {"YOUJU_CLUSTER_USER": "me"})
