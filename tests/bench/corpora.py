"""The public sets to measure on, as files in a folder and as the passages that baselines get.

In: the folder with the data (its README names the files).  Out: Corpora.  What is made once is
kept in a working folder, and found there by the next run.
"""

from __future__ import annotations

import json
import lzma
import random
import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from retrieval.cases import Case
from retrieval.passages import cut
from retrieval.sources import Source, read, reading_version
from retrieval.terms import Analyzer
from retrieval.walking import files

SEED = 1
ARTICLE = re.compile(
    r"第[一二三四五六七八九十百千零〇0-9０-９]+条(?:之[一二三四五六七八九十]+)?(?=\s|$)"
)


@dataclass(frozen=True)
class Corpus:
    """Documents that can be indexed, and the same ones cut into passages for the baselines."""

    folder: Path  # where its index is kept
    sources: tuple[Source, ...]
    passages: tuple[tuple[str, str, str], ...]  # (file, title, text)

    @cached_property
    def words(self) -> list[list[str]]:
        """The words of each passage and its title, as jieba cuts them by itself."""
        import jieba

        kept = self.folder / "words.json"
        if not kept.exists():
            words = [jieba.lcut(f"{title}\n{text}") for _, title, text in self.passages]
            kept.write_text(json.dumps(words), "utf-8")
        read: list[list[str]] = json.loads(kept.read_text("utf-8"))
        return read

    @cached_property
    def frequencies(self) -> Counter[str]:
        """How many passages hold each word."""
        return Counter(word for words in self.words for word in set(words))


# --- CMRC among articles of law -----------------------------------------------------------------


def cmrc(data: Path, part: str) -> tuple[list[tuple[str, str, str]], list[Case]]:
    """Return the passages `(file, title, text)` of CMRC 2018, `dev` or `trial`, and its questions.

    The right passage is known by its file alone; any of the answers' words is the key.
    """
    passages, cases = [], []
    with lzma.open(data / f"cmrc2018_{part}.json.xz") as stream:
        articles = json.load(stream)["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            file = f"{paragraph['id']}.md"
            passages.append((file, article["title"], paragraph["context"]))
            for qa in paragraph["qas"]:
                key = tuple(dict.fromkeys(answer["text"] for answer in qa["answers"]))
                cases.append(Case(qa["id"], qa["question"], part, ((file, ""),), key, any_key=True))
    return passages, cases


def with_typos(data: Path, cases: Iterable[Case]) -> list[Case]:
    """Return the questions of the development set that there is a typo for, with it."""
    with lzma.open(data / "cmrc2018_dev_typos.jsonl.xz", "rt", encoding="utf-8") as stream:
        wrong = {row["id"]: row["question"] for row in map(json.loads, stream)}
    return [
        Case(c.id, wrong[c.id], "typo", c.answers, c.key, c.any_key) for c in cases if c.id in wrong
    ]


def cmrc_among_laws(data: Path, part: str, articles: int, work: Path) -> Corpus:
    """Write each passage of CMRC as a file, and a sample of articles as a file a law."""
    folder = work / f"cmrc-{part}-{articles}"
    sources = (Source("百科", folder / "cmrc"), Source("法规", folder / "laws"))
    passages, _ = cmrc(data, part)
    laws: dict[str, list[str]] = {}
    everything = [(name, text) for name, text in law_texts(data) for text in law_articles(text)]
    count = min(articles, len(everything))
    for at in sorted(random.Random(SEED).sample(range(len(everything)), count)):
        laws.setdefault(everything[at][0], []).append(everything[at][1])
    if not (folder / "written").exists():
        for source in sources:
            source.path.mkdir(parents=True, exist_ok=True)
        for file, title, text in passages:
            (folder / "cmrc" / file).write_text(f"# {title}\n\n{text}\n", "utf-8")
        for number, (name, texts) in enumerate(laws.items()):
            text = f"# {Path(name).stem}\n\n" + "\n\n".join(texts) + "\n"
            (folder / "laws" / f"{number}.md").write_text(text, "utf-8")
        (folder / "written").touch()
    around = [(name, Path(name).stem, text) for name, texts in laws.items() for text in texts]
    return Corpus(folder, sources, (*passages, *around))


def law_texts(data: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(data / "laws.tar.xz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".md"):
                stream = archive.extractfile(member)
                assert stream is not None  # it is a file
                yield member.name.removeprefix("./"), stream.read().decode("utf-8")


def law_articles(text: str) -> Iterator[str]:
    """Yield the numbered articles of a law, each with its items."""
    article: list[str] = []
    for line in text.rpartition("<!-- INFO END -->")[2].split("\n"):
        if line.startswith("#") or ARTICLE.match(line):
            if article:
                yield "\n\n".join(article)
            article = [] if line.startswith("#") else [line.strip()]
        elif article and line.strip():
            article.append(line.strip())
    if article:
        yield "\n\n".join(article)


# --- all laws, and the reports ------------------------------------------------------------------


def all_laws(data: Path, work: Path) -> Corpus:
    """Unpack the files of law, 56 MB."""
    folder = work / "laws"
    if not (folder / "written").exists():
        for name, text in law_texts(data):
            file = folder / "files" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        (folder / "written").touch()
    sources = (Source("法律法规", folder / "files"),)
    return Corpus(folder, sources, _as_we_cut_them(sources, folder))


EVERYDAY = Path(__file__).with_name("everyday.tsv")


def everyday(corpus: Corpus) -> list[Case]:
    """Return everyday questions about the laws: any passage with words that answer will do.

    A line of the file: which batch, the question, pieces of passages that answer it, and words
    that the sentence has to hold.
    """
    bare = [(file, "".join(text.split())) for file, _, text in corpus.passages]
    cases = []
    for number, line in enumerate(EVERYDAY.read_text("utf-8").splitlines(), 1):
        batch, question, pieces, keys = line.split("\t")
        found = [(f, piece) for piece in pieces.split(";") for f, text in bare if piece in text]
        answers = tuple(dict.fromkeys(found))
        key = tuple(keys.split(";"))
        cases.append(Case(f"e{number:03}", question, batch, answers, key, any_key=True))
    return cases


def reports(sources: tuple[Source, ...], work: Path) -> Corpus:
    """Return the reports that come with the project."""
    folder = work / "seeds"
    return Corpus(folder, sources, _as_we_cut_them(sources, folder))


def _as_we_cut_them(sources: Iterable[Source], folder: Path) -> tuple[tuple[str, str, str], ...]:
    """Return the passages that the library makes of the files, for the baselines as well."""
    kept = folder / "passages.json"
    sources = tuple(sources)
    version = [reading_version(source, "") for source in sources]
    if kept.exists():
        made_by, passages = json.loads(kept.read_text("utf-8"))
        if made_by == version:
            return tuple((file, title, text) for file, title, text in passages)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "words.json").unlink(missing_ok=True)
    analyzer = Analyzer(cache=folder)
    found = []
    for source in sources:
        for file, path in files(source):
            content = read(source, file, path, analyzer.cut)
            for document in content.documents:
                found += [(file, p.title, p.text) for p in cut(document, content.text)]
    kept.write_text(json.dumps([version, found]), "utf-8")
    return tuple(found)
