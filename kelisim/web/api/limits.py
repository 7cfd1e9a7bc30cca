"""How often one visitor may ask: so many at once, then one each time a token has come back (token bucket)."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict

MOST = 10_000  # visitors that are remembered


class Bucket:
    """most: questions at once; each: seconds until one more may be asked."""

    def __init__(self, most: float, each: float) -> None:
        self.most, self.each = most, each
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, who: str, now: float | None = None) -> int:
        """Seconds to wait before the question is taken; 0 takes it."""
        now = time.monotonic() if now is None else now
        with self._lock:
            left, at = self._left.pop(who, (self.most, now))
            left = min(left + (now - at) / self.each, self.most)
            taken = left >= 1.0
            self._left[who] = (left - 1.0 if taken else left, now)
            if len(self._left) > MOST:
                self._left.popitem(last=False)
        return 0 if taken else math.ceil((1.0 - left) * self.each)
