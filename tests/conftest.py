"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from retrieval.library import Library
from retrieval.terms import Analyzer

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run only the tests that have a golden file where those are to be rewritten."""
    if config.getoption("--update-golden"):
        items[:] = [item for item in items if "golden" in getattr(item, "fixturenames", ())]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path | str, str], None]:
    """Compare text with a golden file (by path, or by its name in tests/golden).

    `make golden` rewrites the files.
    """

    def check(file: Path | str, actual: str) -> None:
        path = GOLDEN / file
        if request.config.getoption("--update-golden"):
            path.write_text(actual, encoding="utf-8")
        assert actual == path.read_text(encoding="utf-8")

    return check


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for jieba's parsed dictionary, which takes a second to make."""
    return tmp_path_factory.mktemp("jieba")


@pytest.fixture(scope="session")
def analyzer(cache: Path) -> Analyzer:
    return Analyzer(cache)


@pytest.fixture(scope="session")
def seeds_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The project's own configuration, with an index of the tests' own."""
    shipped = ROOT / "config" / "youju.yaml"
    folder = tmp_path_factory.mktemp("seeds")
    text = shipped.read_text("utf-8").replace("../", f"{ROOT}/")
    text = text.replace("\neval: ", f"\neval: {ROOT}/config/")
    (folder / "youju.yaml").write_text(
        text.replace(f"index: {ROOT}/index", "index: index"), "utf-8"
    )
    return load_settings(folder / "youju.yaml")


@pytest.fixture(scope="session")
def seeds(seeds_settings: Settings) -> Iterator[Library]:
    """The library of the five reports."""
    library = Library(seeds_settings.sources, seeds_settings.index)
    library.refresh()
    yield library
    library.close()
