"""What gives way when a firm volume crosses: sales, contracts and supply that change beside the plan."""

from __future__ import annotations

import pandas as pd

from kelisim.case.case import Case
from kelisim.lp.highs import Solution
from kelisim.studies.transit.firm import INSIDE, Firm
from kelisim.tolerances import DRAWN_SHARE, SMALL_ENERGY

COLUMNS = ["table", "element", "carrier", "change", "native", "unit"]
MOST = 8  # rows told of each volume


def at_largest(case: Case, one: Firm) -> pd.DataFrame:
    """What changes by more than a little when the largest volume crosses: sales first, the largest fall first."""
    return _beside(case, one, one.at(one.largest * (1.0 - INSIDE)), one.largest)


def at_volumes(case: Case, one: Firm, asked: pd.DataFrame) -> pd.DataFrame:
    """What changes most at each volume that was asked for and fits.

    asked  rows of the table of volumes: volume MW, native, unit, fits
    """
    frames = []
    for row in asked[asked["fits"].astype(bool)].itertuples(index=False):
        volume = min(row.volume, one.largest * (1.0 - INSIDE))
        found = _beside(case, one, one.at(volume), volume).assign(
            volume=row.volume, at=row.native, of=row.unit
        )
        order = found["change"].abs().sort_values(ascending=False, kind="stable").index
        frames.append(found.loc[order].head(MOST))
    columns = ["volume", "at", "of", *COLUMNS]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _beside(case: Case, one: Firm, after: Solution, volume: float) -> pd.DataFrame:
    """Markets and assets whose energy over the time of the window is another than in the plan, MWh."""
    before, hours, rows = one.plan, one.window.hours, []
    for name, table in (("markets.taken", "markets"), ("assets.activity", "assets")):
        block = one.corridor.problem.columns.get(name)
        if block is None:
            continue
        carrier = _carriers(case, table)
        change = (block.take(after.values) - block.take(before.values)) @ hours
        for element, energy in zip(block.elements, change, strict=True):
            of = carrier.get(element, "")
            if abs(energy) > max(SMALL_ENERGY, DRAWN_SHARE * volume * hours.sum()) and of:
                unit, factor = case.units.display(of)
                rows.append((table, element, of, float(energy), float(energy) * factor, unit))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    keys = frame.assign(is_sale=frame["table"] == "markets", change=frame["change"].astype(float))
    order = keys.sort_values(["is_sale", "change", "element"], ascending=[False, True, True]).index
    return frame.loc[order].reset_index(drop=True)


def _carriers(case: Case, table: str) -> dict[str, str]:
    """Carrier that an element sells or is counted by."""
    if table == "markets":
        frame = case.table("markets")
        return dict(zip(frame["market"], frame["carrier"], strict=True))
    return dict(case.reference_carriers)


def most(rows: pd.DataFrame) -> pd.Series | None:
    """The row of what falls most, sales before supply; None if nothing falls."""
    falls = rows[rows["change"].astype(float) < 0] if len(rows) else rows
    if falls.empty:
        return None
    return falls.sort_values(["table", "change"], ascending=[False, True], kind="stable").iloc[0]
