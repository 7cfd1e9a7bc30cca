"""Shared limits over several columns, per step or per year: wagons, train paths, berths, corridors, ceilings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.lp.blocks import Bools, Floats, Ints
from kelisim.model import sections
from kelisim.model.assembly import Assembly

_COLUMNS = {
    "links": ("links", "links.flow"),
    "links_back": ("links", "links.flow_back"),
    "assets": ("assets", "assets.activity"),
    "markets": ("markets", "markets.taken"),
    "contracts": ("contracts", "contracts.delivery"),
    "storages_injection": ("storages", "storages.injection"),
    "storages_withdrawal": ("storages", "storages.withdrawal"),
}


def add(frame: Assembly) -> None:
    """Rows `resources.step` and `resources.year`, columns `resources.step_shortfall` and `resources.year_shortfall`; sections."""
    resources = frame.case.quantities("resources")
    uses = frame.case.table("resource_uses")
    for over in ("step", "year"):
        chosen = resources[(resources["over"] == over) & resources["resource"].isin(uses["resource"])]
        if len(chosen):
            _add(frame, chosen, uses[uses["resource"].isin(chosen["resource"])], over)


def scaled(frame: Assembly, resources: pd.DataFrame, uses: pd.DataFrame) -> tuple[Floats, Floats, list[str]]:
    """Amounts and coefficients in internal units, and the internal unit of each resource."""
    carriers = _carriers(frame)
    unit_of, over = (
        dict(zip(resources["resource"], resources[name], strict=True)) for name in ("unit", "over")
    )
    coefficients = np.zeros(len(uses))
    counted: dict[str, tuple[float, str]] = {}
    for at, use in enumerate(uses.itertuples(index=False)):
        carrier = carriers[_COLUMNS[use.table][0]].get(use.element, "")
        asked = unit_of[use.resource], use.unit, carrier, over[use.resource]
        size, per, unit = frame.case.units.draw(*asked)
        coefficients[at] = use.use * per / size
        # uses with a unit of their own are counted in the unit of the row, the others in MWh, t or m3
        if not use.unit or use.resource not in counted:
            counted[use.resource] = (1.0 if use.unit else size, unit)
    factor = np.array([counted[resource][0] for resource in resources["resource"]])
    coefficients *= (
        uses["resource"]
        .map({resource: size for resource, (size, _) in counted.items()})
        .to_numpy(dtype=float)
    )
    return (
        resources["amount"].to_numpy() * factor,
        coefficients,
        [counted[resource][1] for resource in resources["resource"]],
    )


def _carriers(frame: Assembly) -> dict[str, dict[str, str]]:
    found = {"assets": frame.case.reference_carriers}
    for table, key in (
        ("links", "link"),
        ("markets", "market"),
        ("contracts", "contract"),
        ("storages", "storage"),
    ):
        rows = frame.case.table(table)
        found[table] = dict(zip(rows[key], rows["carrier"], strict=True))
    return found


def in_steps(frame: Assembly, resources: pd.DataFrame, uses: pd.DataFrame) -> Bools:
    """Resources all of whose columns stand once a step."""
    fine = set()
    for table, mine in uses.groupby("table", sort=False):
        block = frame.build.gathered(_COLUMNS[str(table)][1])
        if block is not None:
            parts = {element for element, few in zip(block.elements, block.is_coarse, strict=True) if not few}
            fine |= set(mine["resource"][mine["element"].isin(parts)])
    if frame.grid is None:
        return np.zeros(len(resources), dtype=bool)
    return ~resources["resource"].isin(fine).to_numpy()


def _add(frame: Assembly, resources: pd.DataFrame, uses: pd.DataFrame, over: str) -> None:
    amount, coefficient, _ = scaled(frame, resources, uses)
    ids = list(resources["resource"])
    steps = frame.steps if over == "step" else 1
    # rows are divided by their largest use, so that they count about MW
    largest = pd.Series(np.abs(coefficient)).groupby(uses["resource"].to_numpy()).max()
    size = np.array([largest[r] or 1.0 for r in ids])
    if over == "step":
        limit = (amount / size)[:, None] * frame.case.profiles.matrix(resources["profile"], "shape")
        weights = np.ones((1, frame.steps))
        price = frame.price(resources["shortfall_price"].to_numpy() * size)
    else:
        limit = frame.per_year(amount / size)[:, None]
        weights = frame.mean_weights[None, :]
        price = (resources["shortfall_price"].to_numpy() * size)[:, None] * frame.mean_price
    coarse = in_steps(frame, resources, uses) if over == "step" else None
    rows = frame.build.add_rows(f"resources.{over}", ids, steps, upper=limit, coarse=coarse)
    position = {resource: at for at, resource in enumerate(ids)}
    row_of = uses["resource"].map(position).to_numpy(dtype=np.int64)
    parts: list[tuple[Ints, Ints, Floats]] = []
    for table, of_table in uses.assign(row=row_of, value=coefficient / size[row_of]).groupby(
        "table", sort=False
    ):
        block = frame.build.columns.get(_COLUMNS[str(table)][1])
        if block is None:
            continue
        column_of = {element: at for at, element in enumerate(block.elements)}
        kept = of_table[of_table["element"].isin(column_of)]
        columns = block.positions[[column_of[element] for element in kept["element"]]]
        parts.append((kept["row"].to_numpy(), columns, kept["value"].to_numpy()[:, None] * weights))
        frame.build.add_entries(rows[kept["row"]], *parts[-1][1:])
    soft = resources["shortfall_price"].notna().to_numpy()
    if soft.any():
        names = [label for label, keep in zip(ids, soft, strict=True) if keep]
        short = frame.build.add_columns(
            f"resources.{over}_shortfall",
            names,
            steps,
            cost=price[soft],
            coarse=None if coarse is None else coarse[soft],
        )
        parts.append((np.flatnonzero(soft), short, np.full((len(names), 1), -1.0)))
        frame.build.add_entries(rows[soft], short, -1.0)
    if over == "step":
        sections.add(frame, resources, limit, parts, coarse)
