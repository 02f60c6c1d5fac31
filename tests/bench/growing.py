"""A collection of any size, as files that Youju can index, and questions whose answers it holds.

In: the folder with the public sets.  Out: Markdown files of about so many passages: CMRC's, each
a file, and files of law, whole.  Where more are wanted than there are, passages are recombined:
the first half of one's sentences and the second half of another's, a hundred in a file.  One in
ten of the words there that no more than five passages hold is replaced by characters drawn by
chance, so that the vocabulary grows as it would.  The same size always gives the same files.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import corpora
import rjieba

from retrieval.cases import Case

RARE, RENAMED, IN_A_FILE = 5, 0.1, 100
_SENTENCE = re.compile(r"[^。；！？]+[。；！？]?")
_HAN = re.compile(r"[一-鿿]{2,}")


def collection(data: Path, passages: int, work: Path) -> Path:
    """Return a folder with about so many passages; made only once."""
    folder = work / f"{passages}"
    if (folder / "written").exists():
        return folder / "files"
    natural = list(_natural(data))
    chance = random.Random(corpora.SEED)
    laws = [one for one in natural if one[0].startswith("laws/")]
    chance.shuffle(laws)
    held = 0
    for name, text, articles in [one for one in natural if one not in laws] + laws:
        if held >= passages:
            break
        _write(folder / "files" / name, text)
        held += len(articles)
    every = [article for _, _, articles in natural for article in articles]
    made = _recombined(every, passages - held, chance)
    for number, block in enumerate(_blocks(made)):
        text = f"# 汇编第{number + 1}册\n\n" + "\n\n".join(block) + "\n"
        _write(folder / "files" / "more" / f"{number:05}.md", text)
    (folder / "written").touch()
    return folder / "files"


def questions(data: Path, count: int) -> list[Case]:
    """Return questions of CMRC's development set: every collection holds their passages."""
    _, cases = corpora.cmrc(data, "dev")
    return random.Random(corpora.SEED).sample(cases, min(count, len(cases)))


def words(files: Path) -> Iterator[list[str]]:
    """Yield the words of each passage, for engines that get words: cut by rjieba, as is."""
    for path in sorted(files.rglob("*.md")):
        for paragraph in path.read_text("utf-8").split("\n\n"):
            if len(paragraph) > 1 and not paragraph.startswith(("#", "<!--")):
                yield [word for word in rjieba.cut(paragraph) if not word.isspace()]


def _natural(data: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Yield name, text and passages of each file there is."""
    for file, title, text in corpora.cmrc(data, "dev")[0]:
        yield f"cmrc/{file}", f"# {title}\n\n{text}\n", [text]
    for number, (_, text) in enumerate(corpora.law_texts(data)):
        yield f"laws/{number:04}.md", text, list(corpora.law_articles(text))


def _recombined(natural: list[str], count: int, chance: random.Random) -> Iterator[str]:
    """Yield passages of halves of two."""
    if count <= 0:
        return
    held = Counter(word for text in natural for word in set(rjieba.cut(text)))
    split = [_SENTENCE.findall(text.replace("\n", "")) for text in natural]
    characters = sorted({c for word in held if _HAN.fullmatch(word) for c in word})
    for _ in range(count):
        one, other = chance.choice(split), chance.choice(split)
        text = "".join(one[: (len(one) + 1) // 2] + other[len(other) // 2 :])
        for word in set(rjieba.cut(text)):
            if held[word] <= RARE and _HAN.fullmatch(word) and chance.random() < RENAMED:
                text = text.replace(word, "".join(chance.choices(characters, k=len(word))))
        yield text


def _blocks(passages: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for passage in passages:
        block.append(passage)
        if len(block) == IN_A_FILE:
            yield block
            block = []
    if block:
        yield block


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
