"""The terminal: a whole transcript, and what a person sees and types."""

from __future__ import annotations

import io

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot import repl
from bot.asking import answer_json
from bot.conversation import Conversation
from bot.journal import Journal
from bot.repl import BOLD, PROMPT, UNDERLINED
from bot.wording import citation

TRANSCRIPT = [
    "海陵区职工住院慰问金每次多少钱？",
    "一年最多能领几次？",
    "/more",
    "泰州姜堰区的住院慰问金是多少？",
    "红烧肉怎么做才不腻？",
    "/sources",
    "/帮助",
    "/nonsense",
    "How much is the hospital allowance?",
]


@pytest.fixture
def conversation(seeds, tmp_path):
    journal = Journal(tmp_path)
    yield Conversation(seeds, journal, can_quit=True)
    journal.close()


def test_the_golden_transcript_shows_a_whole_session(conversation, golden):
    out = io.StringIO()
    print(repl.welcome(conversation), file=out)
    lines = []
    for line in TRANSCRIPT:
        lines.append(line)

    def typed():
        for line in lines:
            out.write(f"{PROMPT}{line}\n")
            yield line

    repl.run(conversation, typed(), out, colour=False)

    golden("repl.txt", out.getvalue())


def test_with_colour_the_sentence_is_bold_and_its_matched_words_underlined(conversation):
    out = io.StringIO()

    repl.run(conversation, iter(["海陵区职工住院慰问金每次多少钱？"]), out, colour=True)

    assert f"{BOLD}经" in out.getvalue()
    assert f"{UNDERLINED}海陵区" in out.getvalue()
    assert "【" not in out.getvalue()


def test_a_document_cannot_command_the_terminal():
    assert repl.printable("红\x1b[31m\x07\r字\n") == "红�[31m��字\n"


def test_typed_lines_are_edited_and_ctrl_d_leaves(tmp_path):
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("慰问金\x7f费\n\x04")

        assert list(repl.typed(tmp_path / "history")) == ["慰问费"]
    assert "慰问费" in (tmp_path / "history").read_text("utf-8")


def test_ctrl_c_drops_the_line_and_stays():
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("错了\x03对了\n\x04")

        assert list(repl.typed(None)) == ["对了"]


def test_the_history_is_readable_by_its_owner_only(tmp_path):
    file = repl.history_file({"XDG_STATE_HOME": str(tmp_path)}.get)

    assert file == tmp_path / "youju" / "history"
    assert file.stat().st_mode & 0o777 == 0o600


def test_without_a_place_for_it_there_is_no_history_and_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")

    assert repl.history_file({"XDG_STATE_HOME": str(tmp_path / "file")}.get) is None


@pytest.mark.parametrize("word", ["/quit", "/exit", "/退出", "／quit"])
def test_quit_leaves(conversation, word):
    out = io.StringIO()

    repl.run(conversation, iter([word, "海陵"]), out, colour=False)

    assert out.getvalue() == ""


def test_a_citation_names_each_place_where_the_words_stand_again(seeds):
    answer = seeds.ask("海陵区万名职工知识竞赛共有多少人次参与？", limit=1)
    (quote,) = answer.quotes
    assert "第 61–67 行，又见第 65 行 ｜" in citation("zh", quote)
    assert "lines 61–67, again at line 65 ｜" in citation("en", quote)
    assert answer_json(answer, 1.0)["quotes"][0]["also"] == [{"lines": [65, 65]}]
