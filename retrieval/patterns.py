"""Regular expressions that are compiled when they are first used.

In: what re.compile takes.  Out: what serves as a re.Pattern.  To compile all that are written down
would take a start from the shell as long as the search; half of them no question needs.
"""

from __future__ import annotations

import re
from typing import Any, cast


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what searches as the compiled expression does."""
    return cast("re.Pattern[str]", _Pattern(pattern, flags))


class _Pattern:
    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever a pattern has)
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)  # the next time it is at hand
        return found
