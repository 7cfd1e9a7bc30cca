"""A log of who did what, a line of JSON each: moment, person, address, what was done, on what, and how it ended."""

from __future__ import annotations

import json
import logging
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


class Audit:
    """Lines are added at the end of a file and never changed; nothing is written where there is no file."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = threading.Lock()

    def write(self, person: str, act: str, about: str = "", ended: str = "done", **more: Any) -> None:
        """Add a line. A line that cannot be written is told in the log of the server, and the work goes on."""
        if self.path is None:
            return
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps(
            {"time": moment, "person": person, "act": act, "about": about, "ended": ended, **more},
            ensure_ascii=False,
        )
        try:
            with self._lock:
                number = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(number, "a", encoding="utf-8") as file:
                    file.write(line + "\n")
        except OSError as error:
            log.error("The audit log %s cannot be written: %s", self.path, error)
