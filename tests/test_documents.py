"""What the documents say is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli import main

ROOT = Path(__file__).parent.parent


def session(readme: str) -> str:
    """Return the first code block of a README."""
    return (ROOT / readme).read_text("utf-8").split("```")[1].removeprefix("console\n")


def test_the_readme_begins_with_a_golden_session(seeds_settings, capsys, golden):
    """Each command of the session is run, and answers what the README shows."""
    shown = []
    for command in re.findall(r"^\$ youju (.*)$", session("README.md"), re.MULTILINE):
        *options, question = re.findall(r'"([^"]*)"|(\S+)', command)
        arguments = [a or b for a, b in [*options, question]]
        main(["--config", str(seeds_settings.file), *arguments])
        shown.append(f"$ youju {command}\n{capsys.readouterr().out.rstrip()}\n")

    golden("readme.txt", "\n".join(shown))
    assert session("README.md") == (ROOT / "tests/golden/readme.txt").read_text("utf-8")


def test_both_readmes_show_the_same_session():
    assert session("README.md") == session("README.zh-CN.md")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_command_stands_in_the_readme(readme, capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^    (\w+) {2,}", capsys.readouterr().out, re.MULTILINE)

    text = (ROOT / readme).read_text("utf-8")
    assert len(commands) >= 9
    assert [c for c in commands if f"youju {c}" not in text and c != "chat"] == []


@pytest.mark.parametrize("file", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(file):
    text = (ROOT / file).read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_contributing_is_short():
    assert len((ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()) <= 80
