"""Times to what is told of them.  It imports nothing: what measures memory uses it, too."""

from __future__ import annotations

import math
import statistics


def spread(times: list[float]) -> dict[str, float]:
    """Return the median and the 99th percentile."""
    ordered = sorted(times)
    last = ordered[math.ceil(len(ordered) * 0.99) - 1]
    return {"p50": statistics.median(times), "p99": last, "n": len(times)}
