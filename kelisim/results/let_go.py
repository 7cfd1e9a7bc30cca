"""What is let go, where, by which row, and beside what: flared gas, heat of power plants, goods that nobody could take.

Energy MWh. A carrier is let go only where a row of carriers or places allows it, and goods that were on their way when an outage
began where nobody can take them any more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kelisim.case.letting_go import allowed_by
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.answer import Answer, Floats
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_ENERGY, SMALL_ENERGY

TABLE, ARRIVED, COLUMN = "places.let_go", "arrived", "window.let_go"
OF_PLAN = ["place", "carrier", "let_go", "by", "maker"]
BESIDE = ["place", "carrier", "let_go", "let_go_base", "by", "maker"]


def let_go(tables: Tables) -> pd.DataFrame:
    """Nodes at which something is let go over the horizon, the most first.

    by     table whose row allows it: carriers or places
    maker  asset there that makes most of the carrier; empty where none does
    """
    balance = tables.places_balance
    frame = balance[["place", "carrier"]].assign(let_go=balance["curtailed"].to_numpy(), by=tables.let_go_by)
    frame = frame[(frame["by"] != "") & (frame["let_go"] > NO_ENERGY)]
    ports = tables.assets_ports
    frame = frame.assign(maker=_makers(ports["asset"], ports, ports["energy"].to_numpy(), frame))
    order = ["let_go", "place", "carrier"]
    return frame.sort_values(order, ascending=[False, True, True], ignore_index=True)[OF_PLAN]


def let_go_beside(seen: AgainstPlan) -> pd.DataFrame:
    """Nodes at which something is let go in the days shown, what the outage adds first; by: also `arrived`."""
    labels = [label.partition(":") for label in seen.answer.rows["places.balance"].elements]
    nodes = [(place, carrier) for place, _, carrier in labels]
    by = allowed_by(seen.case, nodes)
    now, base = (_slack(answer) @ seen.hours for answer in (seen.answer, seen.base))
    frame = pd.DataFrame(nodes, columns=["place", "carrier"]).assign(let_go=now, let_go_base=base, by=by)
    frame = frame[frame["by"] != ""]
    arrived, before = (_arrived(seen, answer) for answer in (seen.answer, seen.base))
    more = [
        (*node.split(":"), energy, before.get(node, 0.0), ARRIVED) for node, energy in sorted(arrived.items())
    ]
    frame = pd.concat([frame, pd.DataFrame(more, columns=frame.columns)], ignore_index=True)
    frame = frame[(frame["let_go"] > NO_ENERGY) | (frame["let_go_base"] > NO_ENERGY)]
    ports = seen.case.ports.merge(seen.case.table("assets")[["asset", "place"]], on="asset")
    activity = seen.answer.energy("assets.activity", list(ports["asset"]))
    frame = frame.assign(maker=_makers(ports["asset"], ports, ports["ratio"].to_numpy() * activity, frame))
    frame["_more"] = frame["let_go"] - frame["let_go_base"]
    order = ["_more", "place", "carrier", "by"]
    frame = frame.sort_values(order, ascending=[False, True, True, True], ignore_index=True)
    return frame[BESIDE].astype({"let_go": float, "let_go_base": float})


def more_than_planned(frame: pd.DataFrame) -> pd.DataFrame:
    """Of the rows of `let_go_beside` those that the outage adds to: what many answers in one table show."""
    return frame[frame["let_go"] - frame["let_go_base"] > SMALL_ENERGY]


def _slack(answer: Answer) -> Floats:
    """MW by which each balance is above what must be met, (nodes, steps)."""
    block = answer.rows["places.balance"]
    return np.maximum(block.values - block.lower, 0.0)


def _arrived(seen: AgainstPlan, answer: Answer) -> dict[str, float]:
    """Node -> energy on its way when the window opened that nobody took."""
    block = answer.columns.get(COLUMN)
    if block is None:
        return {}
    cells = seen.hours
    of_step = seen.case.horizon.step_of[seen.steps.index.to_numpy()]
    steps = np.asarray(np.bincount(of_step - of_step.min(), cells), dtype=float)
    return arrived(block.elements, block.values[:, 0], cells, steps)


def arrived(elements: Sequence[str], power: Floats, cells: Floats, steps: Floats) -> dict[str, float]:
    """Node -> energy of goods on their way that nobody took, MWh.

    elements, power  of the columns that let them go, and their MW
    cells, steps     hours of each part of a day and of each whole day of the window
    """
    found: dict[str, list[float]] = {}
    for label, one in zip(elements, power.tolist(), strict=True):
        block_name, node, *_ = label.split("|")
        if block_name == "places.balance":
            found.setdefault(node, []).append(one)
    return {
        node: float(np.array(p) @ (cells if len(p) == len(cells) else steps)) for node, p in found.items()
    }


def _makers(assets: pd.Series, ports: pd.DataFrame, energy: Floats, frame: pd.DataFrame) -> list[str]:
    """The asset that makes most of each row's carrier at its place."""
    made = pd.DataFrame({"key": ports["place"] + ":" + ports["carrier"], "asset": assets, "energy": energy})
    made = made[made["energy"] > NO_ENERGY].sort_values(["energy", "asset"], ascending=[False, True])
    most = made.drop_duplicates("key").set_index("key")["asset"]
    keys = frame["place"] + ":" + frame["carrier"]
    return [str(most.get(key, "")) for key in keys]
