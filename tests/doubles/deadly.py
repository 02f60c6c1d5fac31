"""An Analyzer over some words of which its process dies, as it might for want of memory."""

from __future__ import annotations

import os
import signal

from retrieval.terms import Analyzer

WORDS = "致命的一段"


class DeadlyAnalyzer(Analyzer):
    """See above."""

    def cut(self, text: str) -> list[str]:
        """Die over WORDS."""
        if WORDS in text:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().cut(text)
