"""Plants that stand still or run between a least and what is available: when they run, starts and stops, and what those cost.

Rows of the table `commitment`. Where `on` is empty, when a plant runs is open: columns between 0 and 1, which `engine.committing` makes
whole numbers. Where it is given, it is decided: the plant has nothing available while it stands, and its starts are a cost that is spent.
As in PyPSA 1.x, `optimization/constraints.py`, define_operational_constraints_for_committables and define_ramp_limit_constraints.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.lp.blocks import Bools, Floats, Ints
from kelisim.lp.problem import INF
from kelisim.model.assembly import Assembly
from kelisim.tolerances import WHOLE_STATUS

ON, START, STOP = "commitment.on", "commitment.start", "commitment.stop"


@dataclass(frozen=True)
class Committed:
    """Assets of which the table says when they run.

    rows    of the table, each with that of its asset beside it
    at      position of their assets, (rows,)
    open    assets whose running is to be found, (assets,)
    runs    1 where a decided asset runs or may, (assets, steps)
    turns   where a decided asset starts or stops, (assets, steps)
    most    largest activity that starts and stops leave, MW, (assets, steps)
    least   least that they ask for, MW, (assets, steps)
    """

    rows: pd.DataFrame
    at: Ints
    open: Bools
    runs: Floats
    turns: Bools
    most: Floats
    least: Floats

    def limited(self, most: Floats) -> Floats:
        """What is available while it runs, (assets, steps)."""
        return np.minimum(most, self.most) * self.runs if len(self.rows) else most


def of(frame: Assembly, assets: pd.DataFrame) -> Committed:
    """The plants of a case; adds what decided ones spend on starts, stops and running."""
    count, steps = len(assets), frame.steps
    position = {asset: at for at, asset in enumerate(assets["asset"])}
    table = frame.case.table("commitment")
    table = table[table["asset"].isin(position)]
    at = np.array([position[asset] for asset in table["asset"]], dtype=np.int64)
    is_open, turns = np.zeros(count, dtype=bool), np.zeros((count, steps), dtype=bool)
    runs, most, least = np.ones((count, steps)), np.full((count, steps), INF), np.zeros((count, steps))
    rows = assets.iloc[at].reset_index(drop=True).drop(columns=["source", "confidence", "note"])
    rows = pd.concat([rows, table.drop(columns="asset").reset_index(drop=True)], axis=1)
    is_open[at[(table["on"] == "").to_numpy()]] = True
    decided = np.flatnonzero((table["on"] != "").to_numpy())
    if len(decided):
        mine, where = rows.iloc[decided], at[decided]
        on = (frame.case.profiles.matrix(mine["on"], "availability") > WHOLE_STATUS).astype(float)
        change = np.diff(on, axis=1, prepend=(mine["steps_before"] > 0).to_numpy(dtype=float)[:, None])
        runs[where], turns[where] = on, change != 0
        frame.fixed_cost += _spent(frame, mine, on, change) / frame.mean_hours
        most[where], least[where] = _turning(frame, mine, change)
    return Committed(rows, at, is_open, runs, turns, most, least)


def _spent(frame: Assembly, rows: pd.DataFrame, on: Floats, change: Floats) -> float:
    """Currency for starts, stops and hours of running."""
    counts = (
        ("start_cost", np.maximum(change, 0.0).sum(axis=1)),
        ("stop_cost", np.maximum(-change, 0.0).sum(axis=1)),
        ("running_cost", on @ frame.hours),
    )
    return sum(float(rows[cost].to_numpy() @ times) for cost, times in counts)


def _turning(frame: Assembly, rows: pd.DataFrame, change: Floats) -> tuple[Floats, Floats]:
    """Most and least activity in steps of a start and before a stop, MW, (rows, steps)."""
    starts, stops = change > 0, np.zeros(change.shape, dtype=bool)
    stops[:, :-1] = change[:, 1:] < 0
    changes = _changes(frame, rows)
    (rise, first, limits_rise), (fall, last, limits_fall) = changes["rise"], changes["fall"]
    up, down = limits_rise[:, None], limits_fall[:, None]
    most = np.minimum(np.where(starts & up, first, INF), np.where(stops & down, last, INF))
    strict = rows["strict_turns"].to_numpy(dtype=bool)[:, None]
    # a start that is also counted as a fall, and a stop as a rise
    next_rise = np.append(rise[:, 1:], rise[:, -1:], axis=1)
    begun = np.where(starts & down & strict, last - fall, 0.0)
    ended = np.where(stops & up & strict, first - next_rise, 0.0)
    return most, np.maximum(np.maximum(begun, ended), 0.0)


def add(frame: Assembly, plants: Committed, activity: Ints, most: Floats, least: Floats) -> None:
    """Columns `commitment.on`, `.start`, `.stop`, `.below`; rows `.most`, `.least`, `.turn`, `.min_on`, `.min_off`, `.rise`, `.fall`.

    least <= activity + below, activity <= most, both where it is on; on_t - on_{t-1} = start_t - stop_t or less; in the steps after a start it is on;
    the change is at most the ramp where it is on before and after, and that of a start or stop else
    most, least  MW while it runs, (assets, steps)
    """
    is_open = (plants.rows["on"] == "").to_numpy() if len(plants.rows) else np.zeros(0, dtype=bool)
    if not is_open.any():
        return
    rows, at = plants.rows[is_open], plants.at[is_open]
    ids, build, steps = list(rows["asset"]), frame.build, frame.steps
    run, most, least = activity[at], most[at], least[at]
    each = np.ones((1, steps)) / frame.mean_hours
    on = build.add_columns(ON, ids, steps, 0.0, 1.0, frame.price(rows["running_cost"]))
    start, stop = (
        build.add_columns(name, ids, steps, 0.0, 1.0, rows[cost].to_numpy()[:, None] * each)
        for name, cost in ((START, "start_cost"), (STOP, "stop_cost"))
    )
    price = rows["min_price"].fillna(float(frame.case.setting("defaults", "shortfall_price")))
    below = build.add_columns("commitment.below", ids, steps, 0.0, least, frame.price(price))
    upper = build.add_rows("commitment.most", ids, steps, upper=0.0)
    build.add_entries(upper, run, 1.0)
    build.add_entries(upper, on, -most)
    lower = build.add_rows("commitment.least", ids, steps, 0.0)
    build.add_entries(lower, run, 1.0)
    build.add_entries(lower, below, 1.0)
    build.add_entries(lower, on, -least)
    ran = (rows["steps_before"] > 0).to_numpy(dtype=float)
    first = np.zeros((len(ids), steps))
    first[:, 0] = ran
    turn = build.add_rows("commitment.turn", ids, steps, first, first)
    build.add_entries(turn, on, 1.0)
    build.add_entries(turn[:, 1:], on[:, :-1], -1.0)
    build.add_entries(turn, start, -1.0)
    build.add_entries(turn, stop, 1.0)
    _times(frame, rows, on, start, stop)
    _ramps(frame, rows, run, (on, start, stop), ran)


def _times(frame: Assembly, rows: pd.DataFrame, on: Ints, start: Ints, stop: Ints) -> None:
    """Who has started runs for some steps, who has stopped stands for some; what was before counts."""
    since = rows["steps_before"].fillna(1).to_numpy(dtype=int)
    steps = np.arange(frame.steps)
    for name, column, turn, sign in (("min_on", "min_on", start, 1.0), ("min_off", "min_off", stop, -1.0)):
        lasts = rows[column].fillna(0).to_numpy(dtype=int)
        has = lasts > 0
        if not has.any():
            continue
        # sign * on >= what has turned lately (less 1 for those that stand)
        past = np.maximum(sign * since, 0)[:, None]
        held = (past > 0) & (past + steps[None, :] < lasts[:, None])
        least = held - (0.0 if sign > 0 else 1.0)
        ids = [asset for asset, keep in zip(rows["asset"], has, strict=True) if keep]
        made = frame.build.add_rows(f"commitment.{name}", ids, frame.steps, least[has])
        frame.build.add_entries(made, on[has], sign)
        for row, of_row in zip(made, np.flatnonzero(has), strict=True):
            for lag in range(min(lasts[of_row], frame.steps)):
                frame.build.add_entries(row[lag:], turn[of_row, : frame.steps - lag], -1.0)


def _ramps(
    frame: Assembly, rows: pd.DataFrame, run: Ints, turns: tuple[Ints, Ints, Ints], ran: Floats
) -> None:
    """Rows `commitment.rise` and `.fall`.

    rise  p_t - p_{t-1} <= rate on_{t-1} + leap start_t; strict: + leap (on_t - on_{t-1})
    fall  p_{t-1} - p_t <= rate on_t + leap stop_t; strict: + leap (on_{t-1} - on_t)
    """
    on, start, stop = turns
    changes = _changes(frame, rows)
    strict = rows["strict_turns"].to_numpy(dtype=bool)[:, None]
    for name, turn, way in (("rise", start, 1.0), ("fall", stop, -1.0)):
        rate, leap, has = changes[name]
        if not has.any():
            continue
        ids = [asset for asset, keep in zip(rows["asset"], has, strict=True) if keep]
        free = np.zeros((len(ids), frame.steps))
        free[ran[has] > 0, 0] = INF  # what ran before is not known
        made = frame.build.add_rows(f"commitment.{name}", ids, frame.steps, upper=free)
        whole, loose = np.where(strict, leap, 0.0)[has], np.where(strict, 0.0, leap)[has]
        after, earlier = (whole, rate[has] - whole) if way > 0 else (rate[has] - whole, whole)
        add = frame.build.add_entries
        add(made, run[has], way)
        add(made[:, 1:], run[has][:, :-1], -way)
        add(made, on[has], -after)
        add(made[:, 1:], on[has][:, :-1], -earlier[:, 1:])
        add(made, turn[has], -loose)


def _changes(frame: Assembly, rows: pd.DataFrame) -> dict[str, tuple[Floats, Floats, Bools]]:
    """Of rises and of falls: the most of a step while it runs, the most of a start or stop, both MW, (rows, steps), and where there is one."""
    lasts, size = frame.case.horizon.length[None, :], rows["capacity"].to_numpy()[:, None]
    found = {}
    for name, ramp, jump in (
        ("rise", rows["ramp"], rows["start_most"]),
        ("fall", rows["ramp_down"].fillna(rows["ramp"]), rows["stop_most"]),
    ):
        is_slow, leaps = ramp.notna().to_numpy()[:, None], jump.fillna(1.0).to_numpy()[:, None]
        rate = np.where(is_slow, ramp.fillna(0.0).to_numpy()[:, None] * lasts, 1.0) * size
        found[name] = rate, leaps * size * np.ones_like(rate), (ramp.notna() | jump.notna()).to_numpy()
    return found
