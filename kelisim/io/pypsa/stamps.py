"""Times of snapshots as PyPSA's files have them: with or without a zone, or names that are no times."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from kelisim.errors import UserError
from kelisim.io.pypsa.network import text

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]+\d.*)?")
_OTHER_DATE = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?:\s.*)?|\d{4}[./]\d{1,2}[./]\d{1,2}(?:\s.*)?|\d{8}(?:[T ]\d+)?"
)
_ZONE = re.compile(r"(?<=\d)\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)$")
_FORM = "Write each as 2013-01-31 13:00."


def stamps(frame: pd.DataFrame, name: str, notes: list[str]) -> pd.DatetimeIndex | None:
    """Times at which snapshots begin, without a zone; None where they have names that are no times.

    frame   the table of snapshots
    name    of the network, for messages
    notes   takes a line on what was done with them
    Raises UserError for times that cannot be read, stand twice or are not in order.
    """
    if "snapshot" not in frame or not len(frame):
        return None
    cells = frame["snapshot"]
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "M":
        return _in_order(pd.DatetimeIndex(cells).as_unit("us"), name)
    words = [cell.isoformat() if isinstance(cell, pd.Timestamp) else text(cell) for cell in cells]
    dates = [bool(_DATE.fullmatch(word)) for word in words]
    if not any(dates):
        for row, word in enumerate(words, 2):
            if _OTHER_DATE.fullmatch(word):
                raise UserError(
                    f'The snapshots of the network "{name}" have times in a form that is not sure: row {row}, "{word}". {_FORM}'
                )
        if len(words) > 1:
            shown = f"{words[0]} to {words[-1]}"
            notes.append(f"snapshots: {shown} are no times; the case begins on 2024-01-01")
        return None
    zones = [
        _ZONE.search(word) if is_date and ":" in word else None
        for word, is_date in zip(words, dates, strict=True)
    ]
    offsets = {zone[1] if zone else "" for zone in zones}
    if len(offsets) == 1:
        bare = [word[: zone.start()] if zone else word for word, zone in zip(words, zones, strict=True)]
        found = pd.to_datetime(pd.Series(bare), errors="coerce", format="ISO8601")
        if zone := offsets.pop():
            clock = "UTC" if zone in ("Z", "UTC", "+00:00", "+0000", "+00") else f"UTC{zone}"
            notes.append(
                f"snapshots: their times are those of {clock}, which is dropped; the hours stay as written"
            )
    else:
        found = pd.to_datetime(pd.Series(words), errors="coerce", format="ISO8601", utc=True).dt.tz_localize(
            None
        )
        notes.append("snapshots: the zone of their times changes; they are in UTC here")
    wrong = np.flatnonzero(found.isna() | ~np.array(dates))
    if len(wrong):
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise UserError(
            f'The snapshots of the network "{name}" have times that cannot be read: row {wrong[0] + 2}, "{words[wrong[0]]}"{more}. {_FORM}'
        )
    return _in_order(pd.DatetimeIndex(found).as_unit("us"), name)


def _in_order(found: pd.DatetimeIndex, name: str) -> pd.DatetimeIndex:
    gaps = np.diff(found.to_numpy()) / np.timedelta64(1, "s")
    wrong = np.flatnonzero(gaps <= 0)
    if not len(wrong):
        return found
    first = int(wrong[0])
    before, after = (f"{found[at]:%Y-%m-%d %H:%M}" for at in (first, first + 1))
    what = f"{after} stands twice" if gaps[first] == 0 else f"{after} follows {before}"
    more = f", and {len(wrong) - 1} more such rows" if len(wrong) > 1 else ""
    raise UserError(
        f'The snapshots of the network "{name}" are not in the order of time: row {first + 3}, {what}{more}. '
        "Sort them, each time once, with their series."
    )
