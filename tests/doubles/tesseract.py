"""A stand-in for the program tesseract: it takes what the real one takes, and knows its pictures.

A picture is a number of black bars, one below the other; what is to be read there is laid down
beforehand, by that number.  `Tesseract(folder)` installs it; put the folder on PATH.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageSequence, UnidentifiedImageError

PROGRAM = """#!{python}
import sys
sys.path.insert(0, {doubles!r})
from tesseract import main
sys.exit(main({folder!r}, sys.argv[1:]))
"""


class Tesseract:
    """Tesseract as it is installed in `folder`: its languages, its pictures, what it was asked."""

    def __init__(
        self, folder: Path, languages: tuple[str, ...] = ("chi_sim", "eng", "osd")
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._pages: dict[int, str] = {}
        (folder / "languages").write_text("\n".join(languages))
        (folder / "pages").write_text("{}")
        (folder / "calls").write_text("")
        program = folder / "tesseract"
        doubles = str(Path(__file__).parent)
        program.write_text(
            PROGRAM.format(python=sys.executable, doubles=doubles, folder=str(folder))
        )
        program.chmod(0o755)

    def knows(self, bars: int, text: str) -> None:
        """Let it read a text in a picture; "FAIL" and "HANG" are what they say."""
        self._pages[bars] = text
        (self.folder / "pages").write_text(json.dumps(self._pages), "utf-8")

    @property
    def calls(self) -> list[list[str]]:
        """What it was called with, --list-langs aside."""
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]


def picture(bars: int, width: int = 620, height: int = 877) -> Image.Image:
    """Return a page with so many bars on it."""
    page = Image.new("L", (width, height), 255)
    for number in range(bars):
        ImageDraw.Draw(page).rectangle((60, 60 + 40 * number, width - 60, 80 + 40 * number), 0)
    return page


def main(folder: str, arguments: list[str]) -> int:
    """Do as the real program does with these arguments, as far as Youju needs it."""
    known = Path(folder, "languages").read_text().split()
    if arguments == ["--list-langs"]:
        print(f'List of available languages in "{folder}/" ({len(known)}):', *known, sep="\n")
        return 0
    with Path(folder, "calls").open("a") as calls:
        calls.write(json.dumps(arguments) + "\n")
    if len(arguments) != 4 or arguments[1] != "stdout" or arguments[2] != "-l":
        return _failed(f"Error, unknown command line argument '{arguments[-1:]}'")
    for language in arguments[3].split("+"):
        if language not in known:
            print(f"Error opening data file {folder}/{language}.traineddata", file=sys.stderr)
            return _failed("Could not initialize tesseract.")
    try:
        with Image.open(arguments[0]) as file:
            pages = [page.convert("L") for page in ImageSequence.Iterator(file)]
    except UnidentifiedImageError:
        return _failed("Error during processing.")
    texts = json.loads(Path(folder, "pages").read_text("utf-8"))
    for page in pages:
        text = texts.get(str(_bars(page)), "")
        if text == "FAIL":
            return _failed("Error during processing.")
        if text == "HANG":
            time.sleep(600)
        sys.stdout.buffer.write(f"{text}\n\f".encode())
    return 0


def _bars(page: Image.Image) -> int:
    column = page.crop((page.width // 2, 0, page.width // 2 + 1, page.height))
    dark = [value < 128 for value in column.tobytes()]
    return sum(value for value, _ in groupby(dark))


def _failed(told: str) -> int:
    print(told, file=sys.stderr)
    return 1
