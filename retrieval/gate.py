"""Whether a new index may take the place of the old one: it must not lose too many known answers.

In: questions with known answers, asked of both.  Out: those that only the old one answers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from retrieval.cases import Case
from retrieval.errors import Refused
from retrieval.evaluation import Ask, run
from retrieval.intake import Changes

NAMED = 5  # questions in a message
REFUSED = "refused.json"  # in the folder of the index


class Gate(Struct, frozen=True):
    """Questions with known answers, and the share of them, 0 to 1, that may be lost."""

    cases: tuple[Case, ...]
    may_lose: float

    def answered(self, ask: Ask) -> tuple[Case, ...]:
        """Return the questions whose answer is among the quotes."""
        known = [case for case in self.cases if case.answers]
        return tuple(o.case for o in run(known, ask) if o.rank)

    def check(self, before: Iterable[Case], ask: Ask) -> None:
        """Raise Refused if too many of those answered before are not answered any more."""
        were = tuple(before)
        still = {case.id for case in Gate(were, 0).answered(ask)}
        lost = tuple(case.question for case in were if case.id not in still)
        if len(lost) > self.may_lose * len(were):
            named = "; ".join(lost[:NAMED]) + ("; …" if len(lost) > NAMED else "")
            raise Refused(
                f"the new index loses {len(lost)} of {len(were)} known answers, and may lose "
                f"{self.may_lose:.0%}: {named}: what was there before goes on answering; "
                "`youju index --force` takes the new one",
                lost,
            )

    def recall(self, folder: Path, changes: Changes, version: str) -> None:
        """Raise Refused if these very changes of that version of the store were refused before."""
        try:
            kept = json.loads((folder / REFUSED).read_text("utf-8"))
            refused = Refused(kept["message"], tuple(kept["lost"]))
            if kept["key"] != self._key(changes, version):
                return
        except (OSError, ValueError, KeyError, TypeError):
            return
        raise refused

    def remember(self, folder: Path, changes: Changes, version: str, refused: Refused) -> None:
        """Keep a refusal, so that nobody reads the same files in vain."""
        key = self._key(changes, version)
        kept = {"key": key, "message": str(refused), "lost": refused.lost}
        with suppress(OSError):
            (folder / REFUSED).write_text(json.dumps(kept, ensure_ascii=False), "utf-8")

    def _key(self, changes: Changes, version: str) -> str:
        """Return what is the same as long as files, store and gate are."""
        seen: list[object] = [version, sorted(changes.removed), self]
        for source, file, path in changes.changed:
            try:
                stat = path.stat()
                seen.append((source, file, stat.st_size, stat.st_mtime_ns))
            except OSError:
                seen.append((source, file))
        return hashlib.sha256(repr(seen).encode(errors="surrogatepass")).hexdigest()
