"""What the tests of retrieval share: pages read through the real readers, small libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from retrieval.library import Library
from retrieval.passages import Passage, cut
from retrieval.sources import FileContent, Source, read
from retrieval.terms import Analyzer

SEEDS = Path(__file__).parents[2] / "seeds"

# The machine may be busy with other things: no test is judged by its time.
settings.register_profile(
    "retrieval",
    deadline=None,
    max_examples=60,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("retrieval")


@dataclass(frozen=True)
class Page:
    """A file as it was read and cut."""

    content: FileContent
    passages: list[Passage]

    @property
    def text(self) -> str:
        return self.content.text

    def holding(self, words: str) -> Passage:
        """Return the only passage that holds these words, white space aside."""
        bare = "".join(words.split())
        found = [p for p in self.passages if bare in "".join(p.text.split())]
        assert len(found) == 1, f"{words}: {[p.text for p in found]}"
        return found[0]

    def texts(self) -> list[str]:
        return [passage.text for passage in self.passages]


def read_page(path: Path, analyzer: Analyzer) -> Page:
    content = read(Source("样本", path), path.name, path, analyzer.cut)
    return Page(content, [p for d in content.documents for p in cut(d, content.text)])


@pytest.fixture(scope="session")
def seed_pages(analyzer: Analyzer) -> dict[str, Page]:
    """The five reports, by the first three characters of their names."""
    return {path.name[:3]: read_page(path, analyzer) for path in sorted(SEEDS.glob("*.txt"))}


@pytest.fixture
def page(tmp_path: Path, analyzer: Analyzer) -> Callable[..., Page]:
    """Write text into a file and read it: `page(text)` or `page(text, "notes.md")`."""

    def made(text: str | bytes, name: str = "page.txt") -> Page:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_page(path, analyzer)

    return made


@pytest.fixture
def open_library(tmp_path: Path, analyzer: Analyzer) -> Iterator[Callable[..., Library]]:
    """Open a library: `open_library(资料=folder)` or of Sources; all are closed at the end.

    `engine` is the one to search with.

    They share the loaded dictionary, which each would take a second to load for itself.
    """
    opened: list[Library] = []

    def make(*sources: Source, engine: str = "memory", **paths: Path) -> Library:
        library = Library(
            [*sources, *(Source(name, path) for name, path in paths.items())],
            tmp_path / "index",
            engine,
            analyzer,
        )
        opened.append(library)
        return library

    yield make
    for library in opened:
        library.close()
