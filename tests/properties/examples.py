"""How many cases each property is tried on: a few in every run, the same each time; KELISIM_EXAMPLES others in `make prove`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("KELISIM_EXAMPLES", "8"))


def examples(share: float = 1.0) -> Callable[[Any], Any]:
    """Settings of a property; share is less than 1 where a case takes longer."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(
        max_examples=max(1, round(share * EXAMPLES)),
        deadline=None,
        derandomize="KELISIM_EXAMPLES" not in os.environ,
        suppress_health_check=slow,
    )
