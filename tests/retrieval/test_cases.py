"""Files of questions with known answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval.cases import Case, load
from retrieval.errors import UnreadableFile


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_cases_are_read_with_all_they_hold(tmp_path):
    full = {
        "id": "g1",
        "question": "问",
        "kind": "number",
        "answers": [{"file": "a.txt", "quote": "答"}],
        "key": ["答", "案"],
        "key_mode": "any",
        "previous": "前",
        "note": "unknown keys are for people",
    }
    file = write(
        tmp_path / "q.jsonl", json.dumps(full, ensure_ascii=False), "", '{"question": "只问"}'
    )
    assert load(file) == [
        Case("g1", "问", "number", (("a.txt", "答"),), ("答", "案"), True, "前"),
        Case("3", "只问"),
    ]


def test_a_byte_order_mark_is_no_obstacle(tmp_path):
    (tmp_path / "q.jsonl").write_bytes('\ufeff{"question": "问"}'.encode())
    assert load(tmp_path / "q.jsonl") == [Case("1", "问")]


@pytest.mark.parametrize(
    "bad",
    [
        "not json",
        '{"answers": []}',
        "[]",
        "null",
        '"question"',
        '{"question": "问", "answers": [{"file": "a.txt"}]}',
        '{"question": "问", "answers": 5}',
        '{"question": "问", "answers": ["a.txt"]}',
        '{"question": "问", "answers": null}',
        ('{"question": "问", "key": "100元"}'),
        "[" * 100_000,
        '{"question": null}',
    ],
)
def test_a_bad_line_is_named(tmp_path, bad):
    file = write(tmp_path / "q.jsonl", '{"question": "好"}', bad)
    with pytest.raises(UnreadableFile, match=r"q\.jsonl: line 2 "):
        load(file)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xfe\x00", "问".encode("gbk")])
def test_a_file_without_questions_is_refused(tmp_path, data):
    (tmp_path / "q.jsonl").write_bytes(data)
    with pytest.raises(UnreadableFile, match=r"q\.jsonl"):
        load(tmp_path / "q.jsonl")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere\.jsonl"):
        load(tmp_path / "nowhere.jsonl")


def test_a_line_separator_within_a_question_ends_no_line(tmp_path):
    file = write(tmp_path / "q.jsonl", '{"question": "一\u2028二"}')
    assert load(file) == [Case("1", "一\u2028二")]


def test_two_questions_may_not_have_the_same_id(tmp_path):
    same = '{"id": "a", "question": "问"}'
    with pytest.raises(UnreadableFile, match='two questions with the id "a"'):
        load(write(tmp_path / "q.jsonl", same, same))


@pytest.mark.parametrize("name", ["q.yaml", "q.yml", "q.json"])
def test_the_same_objects_may_stand_in_a_list_of_yaml_or_json(tmp_path, name):
    data = [
        {"question": "问", "answers": [{"file": "a.txt", "quote": "答"}], "key": ["答"]},
        {"question": "只问", "kind": None},
    ]
    file = write(tmp_path / name, json.dumps(data, ensure_ascii=False))
    assert load(file) == [Case("1", "问", "", (("a.txt", "答"),), ("答",)), Case("2", "只问")]


def test_yaml_may_be_written_as_people_write_it(tmp_path):
    file = write(
        tmp_path / "q.yaml",
        "- question: 年假有几天？",
        "  answers:",
        "    - {file: 手册.md, quote: 年假五天}",
        "  key: [5天, 五天]",
        "  key_mode: any",
    )
    answers = (("手册.md", "年假五天"),)
    assert load(file) == [Case("1", "年假有几天？", "", answers, ("5天", "五天"), True)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- question: [", r"q\.yaml: line 2 is no YAML"),
        ("question: 问", "no list of questions"),
        ("- ask: 问", "question 1 is no question"),
        ("- question: 2018-01-01", "question 1 is no question"),
        ("", "holds no question"),
        ("[" * 5000, "is no YAML"),
        ("- \x01", "is no YAML"),
    ],
)
def test_a_bad_yaml_is_named_with_its_line_or_question(tmp_path, text, complaint):
    with pytest.raises(UnreadableFile, match=complaint):
        load(write(tmp_path / "q.yaml", text))


CONTEXT = "青山镇在北部。渔村图书馆每天早上九点开门，晚上八点关门。周二休息。镇上还有一座茶园。"


def squad(*qas: dict) -> str:
    data = {"data": [{"title": "青山镇", "paragraphs": [{"context": CONTEXT, "qas": list(qas)}]}]}
    return json.dumps(data, ensure_ascii=False)


def qa(*answers: tuple[str, int], **more: object) -> dict:
    found = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": "q1", "question": "几点开门？", "answers": found, **more}


def test_in_squads_form_the_sentence_of_the_answer_has_to_be_found_in_any_file(tmp_path):
    nine = CONTEXT.index("九点")
    given = qa(("九点", nine), ("早上九点", nine - 2), ("九点", nine))
    assert load(write(tmp_path / "q.json", squad(given))) == [
        Case(
            "q1",
            "几点开门？",
            answers=(("", "渔村图书馆每天早上九点开门，晚上八点关门。"),),
            key=("九点", "早上九点"),
            any_key=True,
        )
    ]


def test_a_short_sentence_that_may_stand_anywhere_is_taken_with_the_next(tmp_path):
    (case,) = load(write(tmp_path / "q.json", squad(qa(("周二", CONTEXT.index("周二"))))))
    assert case.answers == (("", "周二休息。镇上还有一座茶园。"),)


def test_an_answer_that_stands_a_few_characters_off_is_found_all_the_same(tmp_path):
    (case,) = load(write(tmp_path / "q.json", squad(qa(("茶园", 3)))))
    assert case.answers == (("", "镇上还有一座茶园。"),)


def test_what_squad_calls_impossible_has_no_answer(tmp_path):
    given = qa(("茶园", 3), is_impossible=True)
    assert load(write(tmp_path / "q.json", squad(given))) == [
        Case("q1", "几点开门？", "none", any_key=True)
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is no JSON"),
        ("{}", "no JSON in the form of SQuAD"),
        (squad(qa(), {"id": "q2", "question": "问"}), 'SQuAD .* "q2"'),
        (squad(qa(("红烧肉", 0))), 'question "q1" does not hold its answer "红烧肉"'),
        (squad(), "holds no question"),
        ("5", "no list of questions"),
    ],
)
def test_a_bad_file_in_squads_form_is_named_with_its_question(tmp_path, text, complaint):
    with pytest.raises(UnreadableFile, match=complaint):
        load(write(tmp_path / "q.json", text))
