"""The program tesseract: a picture of text to its text.

In: the bytes of a PNG, JPEG or TIFF.  Out: what tesseract reads in it, in those of our languages
that it knows.  It is a process of its own: neither a fault nor a hang of it is ours.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from retrieval.blocks import NotReadable

LANGUAGES = ("chi_sim", "chi_tra", "eng")  # that are asked for, as tesseract calls them
_INSTALL = "(Debian: apt install tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-chi-tra)"


class Missing(NotReadable):
    """Tesseract is not installed, or none of the languages."""


def read(picture: bytes, suffix: str, patience: float) -> str:
    """Return the text of a picture, a form feed after each page.

    `suffix` says what picture it is, `patience` how many seconds it may take.  Raises Missing,
    or NotReadable with the reason where tesseract fails.
    """
    program = shutil.which("tesseract")
    if program is None:
        raise Missing(f"needs the program tesseract, which is not installed {_INSTALL}")
    languages = "+".join(_languages(program))
    if not languages:
        wanted = " nor ".join(LANGUAGES)
        raise Missing(f"needs a tesseract with its language; it knows neither {wanted} {_INSTALL}")
    try:
        with tempfile.TemporaryDirectory(prefix="youju-") as folder:
            file = Path(folder, f"page{suffix}")
            file.write_bytes(picture)
            return _output([program, str(file), "stdout", "-l", languages], patience)
    except OSError as error:
        raise NotReadable(f"tesseract cannot be used: {error.strerror}") from error


def version() -> str:
    """Return what changes when the same pictures may be read otherwise; "" without tesseract."""
    program = shutil.which("tesseract")
    return "+".join(_languages(program)) if program else ""


@cache
def _languages(program: str) -> tuple[str, ...]:
    try:
        listed = _output([program, "--list-langs"], patience=60).split()
    except (NotReadable, OSError):
        return ()
    return tuple(language for language in LANGUAGES if language in listed)


def _output(command: list[str], patience: float) -> str:
    """Return what tesseract prints; raise NotReadable where it fails, OSError where it is none."""
    try:
        done = subprocess.run(  # noqa: S603  (no shell, and the paths are ours)
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotReadable(f"tesseract was not done after {patience:g} seconds") from error
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(told) if line.strip()), "no reason given")
        raise NotReadable(f"tesseract failed ({last[:200]})")
    return done.stdout.decode("utf-8", "replace")
