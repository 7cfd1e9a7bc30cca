"""What a nodal price is made of: the price where the energy comes from, and what the way or the conversion adds.

At the optimum the price at the end of a link in use is the price at its start, plus tariff, loss and the shadow prices
of the limits on the way; the price of what an asset makes is that of what it takes in, plus its cost and the shadow
prices of its limits (complementary slackness). What contracts, shared limits and other steps add is the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kelisim.explain.tables import CaseRow, Frames, TracedCell, TracedPart
from kelisim.tolerances import NO_FLOW, ROUNDING

SERIES = ("links.flow", "assets.activity", "places.price")


def price_parts(frames: Frames, at: int) -> list[TracedPart]:
    """Parts of a nodal price, which add up to it: where somebody goes short the value of lost load, else what the
    largest inflow of the step costs. Empty where nothing comes in or the tables by step were not kept.

    at  position of the row in places.price
    """
    if any(name not in frames for name in SERIES):
        return []
    row = frames["places.price"].iloc[at]
    found = _short(frames, row) or _largest(frames, row)
    if not found:
        return []
    price = float(row["price"])
    rest = price - sum(part.contribution for part in found)
    if abs(rest) > ROUNDING * max(abs(price), 1.0):
        rows = found[-1].rows
        found.append(
            TracedPart(
                None,
                rest,
                "other limits on this way: of the year, of contracts, shared, or of other steps",
                rows,
            )
        )
    return found


def _short(frames: Frames, row: pd.Series) -> list[TracedPart]:
    """The class that goes short at this place and step sets the price."""
    if "demand.unserved" not in frames:
        return []
    short = frames["demand.unserved"]
    here = short[
        (short["place"] == row["place"])
        & (short["carrier"] == row["carrier"])
        & (short["step"] == row["step"])
    ]
    if here.empty:
        return []
    cheapest = here.sort_values("voll").iloc[0]
    demand = frames.case.table("demand")
    own = demand[
        (demand["place"] == row["place"])
        & (demand["carrier"] == row["carrier"])
        & (demand["customer_class"] == cheapest["customer_class"])
    ]
    classes = frames.case.table("customer_classes")
    of_carrier = [str(row["carrier"]) in str(carriers).split(";") for carriers in classes["carrier"]]
    of_class = classes[
        (classes["customer_class"] == cheapest["customer_class"]) & np.array(of_carrier, dtype=bool)
    ]
    rows: tuple[CaseRow, ...] = (
        *(("demand", label) for label in own.index),
        # shipped classes may bear the line number of a row of the case
        *(("customer_classes", label) for label in of_class.index[:1] if (classes.index == label).sum() == 1),
    )
    return [
        TracedPart(
            None,
            float(cheapest["voll"]),
            f"value of lost load of {cheapest['customer_class']}, which goes short here",
            rows,
        )
    ]


def _largest(frames: Frames, row: pd.Series) -> list[TracedPart]:
    link, flow = _inflow(frames, row)
    asset, made = _maker(frames, row)
    if max(flow, made) <= NO_FLOW:
        return []
    return _over_link(frames, row, link) if flow > made else _from_asset(frames, row, asset)


def _inflow(frames: Frames, row: pd.Series) -> tuple[int, float]:
    """Position in links.flow of the link that brings most in the step, and how much."""
    flows = frames.at_step("links.flow", row["step"])
    mine = flows[flows["case_carrier"] == row["carrier"]]
    into = np.where(mine["case_to_place"] == row["place"], mine["flow"], 0.0)
    back = np.where(mine["case_from_place"] == row["place"], -mine["flow"], 0.0)
    arriving = np.maximum(into, back) * (1.0 - mine["case_loss"].to_numpy())
    if not len(arriving):
        return -1, 0.0
    best = int(arriving.argmax())
    return int(mine.index[best]), float(arriving[best])


def _maker(frames: Frames, row: pd.Series) -> tuple[str, float]:
    """The asset at the place that makes most in the step, and how much."""
    ports = frames["@ports"]
    here = ports[
        (ports["place"] == row["place"]) & (ports["carrier"] == row["carrier"]) & (ports["ratio"] > 0)
    ]
    activity = frames.at_step("assets.activity", row["step"]).set_index("asset")["activity"]
    made = here["ratio"].to_numpy() * here["asset"].map(activity).fillna(0.0).to_numpy()
    if not len(made):
        return "", 0.0
    best = int(made.argmax())
    return str(here["asset"].iloc[best]), float(made[best])


def _over_link(frames: Frames, row: pd.Series, at: int) -> list[TracedPart]:
    flow = frames["links.flow"].iloc[at]
    ahead = flow["case_to_place"] == row["place"]
    there = flow["case_from_place"] if ahead else flow["case_to_place"]
    tariff = float(flow["case_tariff"] if ahead else flow["case_tariff_back"])
    source = frames.price_at(str(there), str(row["carrier"]), row["step"])
    if source < 0:
        return []
    prices = frames["places.price"]["price"]
    rows: tuple[CaseRow, ...] = tuple(frames.rows_of("links", str(flow["link"])))
    parts = [
        TracedPart(TracedCell("places.price", source, "price"), float(prices.iat[source])),
        TracedPart(TracedCell("links.flow", at, "shadow_price"), float(flow["shadow_price"]), rows=rows),
        TracedPart(None, tariff, f"tariff of {flow['link']}", rows),
        TracedPart(None, float(row["price"]) * float(flow["case_loss"]), f"loss on {flow['link']}", rows),
    ]
    return [part for part in parts[:1] if part.cell] + [part for part in parts[1:] if part.contribution]


def _from_asset(frames: Frames, row: pd.Series, asset: str) -> list[TracedPart]:
    ports: Any = frames["@ports"]
    mine = ports[ports["asset"] == asset]
    ratio = float(mine.loc[mine["carrier"] == row["carrier"], "ratio"].iloc[0])
    assets = frames.case.quantities("assets").set_index("asset")
    rows: tuple[CaseRow, ...] = tuple(frames.rows_of("assets", asset))
    parts = []
    prices = frames["places.price"]["price"]
    for port in mine.itertuples(index=False):
        at = frames.price_at(str(row["place"]), str(port.carrier), row["step"])
        if port.carrier != row["carrier"] and at >= 0:
            parts.append(
                TracedPart(
                    TracedCell("places.price", at, "price"),
                    -float(port.ratio) / ratio * float(prices.iat[at]),
                )
            )
    parts.append(TracedPart(None, float(assets.at[asset, "cost"]) / ratio, f"cost of {asset}", rows))
    return parts
