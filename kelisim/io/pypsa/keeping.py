"""Storages of a case as stores of a PyPSA network, each on a bus of its own that is filled and emptied by a link each way.

A storage of a carrier with one balance a step loses in the first part of a step what it loses in the step. What repeats itself within
a typical day is a store for each such day, as large as all the days together that it stands for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kelisim.io.pypsa.draft import LIMIT, Draft, DraftFlow, word

Floats = npt.NDArray[np.float64]


def add(draft: Draft) -> None:
    """Buses, links and stores."""
    storages = draft.case.quantities("storages")
    if storages.empty:
        return
    share = draft.share("storages", storages)
    countries = draft.case.table("places").set_index("place")["country"]
    for at, row in enumerate(storages.itertuples(index=False)):
        _Storage(draft, row, share[at], countries[row.place]).add()


class _Storage:
    """One storage on its way into the network.

    coarse      its carrier has one balance a step
    by_step     its level counts at the end of a step alone
    repeats     its level repeats itself within each typical day
    moves       hours by which it is moved in each cell
    lasts       hours in which a level is moved: of the cell, or where levels are kept by step of the step
    """

    def __init__(self, draft: Draft, row: Any, share: Floats, country: str) -> None:
        self.draft, self.row = draft, row
        horizon, cells = draft.case.horizon, draft.cells
        self.coarse = cells.is_coarse(row.carrier)
        self.by_step = self.coarse or (horizon.is_typical and bool(row.is_seasonal))
        self.repeats = horizon.is_typical and not self.by_step
        self.moves: Floats = horizon.length if self.repeats else cells.moves
        self.lasts = cells.over_step(self.moves) if self.by_step else self.moves
        self.inflow: Floats = row.inflow * draft.shape(row.inflow_profile)
        where = {"carrier": word(row.carrier), "location": "", "country": country}
        self.bus = draft.add("buses", f"{row.storage} content", **where)
        in_step = row.working_capacity / self.lasts
        rates = [np.inf if np.isnan(rate) else rate for rate in (row.injection, row.withdrawal)]
        once = [
            row.turnover != "rate" or np.isinf(rate) for rate in rates
        ]  # a step moves what it can hold, once
        into, out = in_step / row.efficiency_in, (in_step + self.inflow) * row.efficiency_out
        self.inject: Floats = share * (np.minimum(rates[0], into) if once[0] else rates[0])
        self.draw: Floats = share * (np.minimum(rates[1], out) if once[1] else rates[1])

    def add(self) -> None:
        """All of it."""
        self._flows()
        if self.repeats:
            self._typical_days()
        else:
            self._store()
        row = self.row
        reasons = (
            (
                "the withdrawal curve; it may empty at its full rate",
                row.withdrawal_curve and row.withdrawal >= 0,
            ),
            ("its norm", row.norm_days > 0),
            (f"its level by {row.target}", row.target),
        )
        self.draft.lost += [f"storages {row.storage}: {what}" for what, is_lost in reasons if is_lost]

    def _flows(self) -> None:
        draft, row, kind = self.draft, self.row, word(self.row.carrier)
        node = draft.node(row.place, row.carrier)
        into = {node: -1.0, self.bus: row.efficiency_in}
        out = {self.bus: -1.0 / row.efficiency_out, node: 1.0}
        charge = DraftFlow(f"{row.storage} injection", into, self.inject, draft.level(row.cost), kind)
        discharge = DraftFlow(f"{row.storage} withdrawal", out, self.draw, draft.level(0.0), kind)
        draft.flow("storages_injection", row.storage, charge, self.coarse)
        draft.flow("storages_withdrawal", row.storage, discharge, self.coarse)
        if row.inflow > 0:
            inflow = draft.cells.mean(self.inflow) if self.coarse else self.inflow
            # what of it does not run is spilled
            held = {"p_min_pu": inflow / inflow.max()} if row.spills == "none" else {}
            draft.generator(f"{row.storage} inflow", self.bus, inflow, carrier="inflow", **held)

    def _store(self) -> None:
        draft, row, cells = self.draft, self.row, self.draft.cells
        size = row.working_capacity
        values: dict[str, Any] = {"e_nom": size, "standing_loss": self._standing_loss()}
        profiles = draft.case.profiles
        high = draft.level(1.0) * profiles.availability(row.most_profile)
        low = draft.level(0.0)
        if row.least_profile:
            low += profiles.availability(row.least_profile)
        if self.by_step and not self.coarse and size > 0:
            # within the step it may be above or below: only what is left at the end counts
            swing = self._largest() * float(cells.over_step(self.moves).max()) / size + 1.0
            high, low = cells.at(cells.tails, 1.0, swing), cells.at(cells.tails, 0.0, -swing)
        if row.is_cyclic:
            values["e_cyclic"] = True
        else:
            # PyPSA takes no standing loss from the initial level in the first step
            kept = (1.0 - row.loss) ** (self.lasts[0] / 24.0)
            values["e_initial"] = kept * row.level_start * size
            end = row.level_start if np.isnan(row.level_end) else row.level_end
            if end > 0 and size > 0:
                # what is missing at the end is bought there: the store itself may not end below
                last = draft.level(0.0)
                low[-1], last[-1] = max(end, low[-1]), end * size / cells.moves[-1]
                price = row.level_price / cells.counted[-1]
                draft.generator(f"{row.storage} missing", self.bus, last, price)
        values |= {"e_min_pu": low} if low.any() else {}
        values |= {"e_max_pu": high} if (high != 1.0).any() else {}
        draft.add("stores", row.storage, bus=self.bus, carrier=word(row.carrier), type=row.role, **values)

    def _standing_loss(self) -> float | Floats:
        """Loss of an hour by which PyPSA's store moves."""
        cells, loss = self.draft.cells, self.row.loss
        if not (self.by_step and self.draft.case.horizon.has_parts and loss > 0):
            return float(1.0 - (1.0 - loss) ** (1.0 / 24.0))
        return cells.at(cells.heads, 1.0 - (1.0 - loss) ** (self.lasts / 24.0 / cells.moves))

    def _typical_days(self) -> None:
        """A store for each typical day, which only the cells of that day reach."""
        draft, row = self.draft, self.row
        steps = draft.case.horizon.steps
        most = self._largest()
        for (_, kind), cells in steps.groupby(["of", "day_type"], sort=False).groups.items():
            mine = cells.to_numpy()
            if not (row.working_capacity > 0 and most > 0):
                continue
            day = f"{row.storage} {steps['step'][mine[0]]:%Y-%m} {kind}"
            bus = draft.add("buses", day, carrier=LIMIT, location="")
            is_open = draft.cells.at(mine, 1.0)
            ends = {"bus0": self.bus, "bus1": bus, "carrier": LIMIT, "p_nom": most}
            draft.add("links", day, **ends, p_max_pu=is_open, p_min_pu=-is_open)
            days = draft.hours[mine[0]] / self.moves[mine[0]]
            loss = 1.0 - (1.0 - row.loss) ** (self.moves / 24.0 / draft.hours)
            values = {"e_nom": days * row.working_capacity, "standing_loss": draft.cells.at(mine, loss)}
            draft.add("stores", day, bus=bus, carrier=word(row.carrier), e_cyclic=True, **values)

    def _largest(self) -> float:
        """MW by which its content can be moved at most."""
        into = float(self.inject.max()) * self.row.efficiency_in + float(self.inflow.max())
        return into + float(self.draw.max()) / self.row.efficiency_out
