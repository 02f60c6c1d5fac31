"""An Analyzer over some words of which its process dies, as it might for want of memory."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

from retrieval.folding import Folded
from retrieval.terms import Analyzer, Term

WORDS = "致命的一段"


class DeadlyAnalyzer(Analyzer):
    """See above."""

    def __reduce__(self):
        """Be deadly in another process, too."""
        return DeadlyAnalyzer, super().__reduce__()[1]

    def words(self, folded: Folded) -> Iterator[Term]:
        """Die over WORDS."""
        if WORDS in folded.text:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().words(folded)
