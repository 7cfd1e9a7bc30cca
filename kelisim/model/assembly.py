"""What all parts of the model share while a case is compiled: steps and their cells, nodes, availability, and the builder.

Flows are MW. Objective coefficients are currency per MW and step, divided by the mean hours of a step so that a day
and a month scale alike; rows over the year count mean MW; levels count MWh per mean step. `Problem.scale` leads back.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.horizon import Horizon
from kelisim.case.resolution import in_steps
from kelisim.lp.blocks import Bools, Floats, Grid, Ints
from kelisim.lp.builder import Builder

_FORMATS = {"1mo": "%Y-%m", "1d": "%Y-%m-%d"}
OUT_OF_BASE = ("candidate", "idle", "restricted")


class Assembly:
    """Compilation state of one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.hours: Floats = case.horizon.hours
        self.steps = case.horizon.count  # cells: steps, or parts of them
        self.mean_hours = float(self.hours.mean())
        self.total_hours = float(self.hours.sum())
        self.weight: Floats = self.hours / self.mean_hours
        self.grid = grid_of(case.horizon)
        self.build = Builder(cell_names(case.horizon), scale=self.mean_hours, grid=self.grid)
        self.fixed_cost = 0.0  # of what is decided, in the unit of the objective
        self.balance: Ints = np.zeros((0, 0), dtype=np.int64)

    # ---- nodes
    @cached_property
    def nodes(self) -> dict[tuple[str, str], int]:
        """(place, carrier) -> position among the nodes, sorted."""
        case = self.case
        links = case.table("links")
        ports = case.ports.merge(case.table("assets")[["asset", "place"]], on="asset")
        contracts = case.table("contracts")
        pairs = [links[[end, "carrier"]] for end in ("from_place", "to_place")]
        pairs.append(ports[["place", "carrier"]])
        pairs += [case.table(name)[["place", "carrier"]] for name in ("storages", "demand", "markets")]
        pairs += [contracts[[place, "carrier"]] for place in ("delivery_place", "return_place")]
        found = {(str(p), str(c)) for frame in pairs for p, c in frame.itertuples(index=False) if p and c}
        return {pair: i for i, pair in enumerate(sorted(found))}

    def node_rows(self, places: pd.Series, carriers: pd.Series) -> Ints:
        """Balance rows of the nodes of some elements, (elements, steps)."""
        at = [self.nodes[str(p), str(c)] for p, c in zip(places, carriers, strict=True)]
        return self.balance[np.array(at, dtype=np.int64)] if at else self.balance[:0]

    @cached_property
    def shortest(self) -> float:
        """Hours of the shortest cell."""
        return float(self.hours.min())

    # ---- resolution
    def in_steps(self, carriers: pd.Series) -> Bools:
        """Which elements of these carriers have one column or row a step; the others have one in each part."""
        return in_steps(self.case, carriers)

    def over_step(self, cells: Floats, coarse: Bools) -> Floats:
        """In each cell of coarse elements the sum over its step, (elements, cells)."""
        if self.grid is None or not coarse.any():
            return cells
        found = np.array(np.broadcast_to(cells, (len(coarse), self.steps)))
        found[coarse] = self.grid.over_step(found[coarse])[:, self.grid.step_of]
        return found

    def once(self, coarse: Bools) -> Floats:
        """1 in each cell of fine elements and in the first of each step of coarse ones, else 0, (elements, cells)."""
        found = np.ones((len(coarse), self.steps))
        if self.grid is not None and coarse.any():
            first = np.zeros(self.steps)
            first[self.grid.heads] = 1.0
            found[coarse] = first
        return found

    def before(self, coarse: Bools) -> Ints:
        """The cell that a store holds over from, (elements, cells); -1 where there is none. Of a coarse element the last of the step before."""
        found = np.tile(self.case.horizon.before, (len(coarse), 1))
        if self.grid is not None and coarse.any():
            found[coarse] = self.grid.heads[self.grid.step_of] - 1
        return found

    # ---- time
    def per_year(self, energy: pd.Series | Floats) -> Floats:
        """Energy of a year as mean MW over the horizon, for rows over the horizon."""
        return np.asarray(energy, dtype=float) * self.case.horizon.year_share / self.total_hours

    @property
    def mean_weights(self) -> Floats:
        """Weights that turn MW per step into mean MW over the horizon."""
        return self.hours / self.total_hours

    @property
    def mean_price(self) -> float:
        """What turns currency/MWh into the cost of a mean MW over the horizon."""
        return self.total_hours / self.mean_hours

    def price(self, per_mwh: pd.Series | Floats) -> Floats:
        """Prices per MWh as objective coefficients of MW, (elements, steps)."""
        return np.asarray(per_mwh, dtype=float)[:, None] * self.weight[None, :]

    # ---- what can be used
    def availability(self, table: str, rows: pd.DataFrame) -> Floats:
        """Share of the capacity that can be used, (elements, steps): status, dates, profile, outages."""
        horizon = self.case.horizon
        share = np.ones((len(rows), self.steps))
        if "status" in rows:
            share[rows["status"].isin(OUT_OF_BASE).to_numpy()] = 0.0
        if "in_service_from" in rows:
            dated = rows["in_service_from"].notna() | rows["in_service_to"].notna()
            for at in np.flatnonzero(dated.to_numpy()):
                row = rows.iloc[at]
                share[at] *= horizon.share_within(row["in_service_from"], row["in_service_to"])
        if "profile" in rows and table in ("links", "assets"):
            share *= self.case.profiles.matrix(rows["profile"], "availability")
        if "availability" in rows:
            share *= rows["availability"].to_numpy()[:, None]
        return share * self.in_service(table, rows)

    def in_service(self, table: str, rows: pd.DataFrame) -> Floats:
        """Share of the capacity that planned outages leave, (elements, steps)."""
        share = np.ones((len(rows), self.steps))
        for row_at, out in self._outages(table, rows):
            share[row_at] *= out
        return share

    def _outages(self, table: str, rows: pd.DataFrame) -> list[tuple[int, Floats]]:
        outages = self.case.table("outages")
        if outages.empty:
            return []
        position = {element: at for at, element in enumerate(rows.iloc[:, 0])}
        found = []
        for outage in outages.itertuples(index=False):
            left = 1.0 - outage.share * self.case.horizon.share_within(outage.start, outage.end)
            if outage.table == table and outage.element in position:
                found.append((position[outage.element], left))
            elif outage.table == "places":
                ends = [rows[c] == outage.element for c in ("place", "from_place", "to_place") if c in rows]
                found += [(int(at), left) for end in ends for at in np.flatnonzero(end.to_numpy())]
        return found


def grid_of(horizon: Horizon) -> Grid | None:
    """Steps and cells of a horizon whose steps have several."""
    if not horizon.has_parts:
        return None
    of = horizon.step_of
    share = horizon.hours / np.bincount(of, horizon.hours)[of]
    starts = horizon.steps["step"].groupby(of).first()
    return Grid(of, share, tuple(starts.dt.strftime(_FORMATS[horizon.step])))


def cell_names(horizon: Horizon) -> tuple[str, ...]:
    """Names of the cells: when they begin, or in steps of months the type of day and the hour; no name of a part."""
    steps = horizon.steps
    if horizon.is_typical:
        moments = steps["step"].dt.strftime("%H:%M")
        return tuple(steps["step"].dt.strftime("%Y-%m") + " " + steps["day_type"] + " " + moments)
    written = (
        "%Y-%m-%d %H:%M" if horizon.parts or horizon.listed else _FORMATS.get(horizon.step, "%Y-%m-%d %H:%M")
    )
    return tuple(steps["step"].dt.strftime(written))
