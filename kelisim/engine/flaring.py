"""Gas of a field that its own power plant burns: while that plant is repaired it may be flared, so that the oil goes on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.ports import port_ratios
from kelisim.lp.delta import Delta
from kelisim.lp.problem import Problem

MAKERS, BURNERS = ("field",), ("power_plant", "chp")  # kinds of assets
NODES = "places.balance"


class Flares:
    """What may be flared for the hours of a repair.

    Where a field makes gas beside its oil, gas that a plant of the same place burns may be let go while the plant is out: as much as
    the part of it that is out could burn. What goes on to others may not.
    """

    def __init__(self, case: Case, problem: Problem) -> None:
        self.problem = problem
        self._burnt = _burnt(case)

    def of(self, members: Iterable[tuple[str, str]], share: float, delta: Delta) -> Delta:
        """The loss of a share of some elements, with what may be flared for it."""
        plants = {element for table, element in members if table == "assets"}
        rows = self._burnt[self._burnt["asset"].isin(plants)]
        most = (rows.groupby("node")["power"].sum() * share).to_dict()
        block = self.problem.rows[NODES]
        more = Delta()
        for row, node in enumerate(block.elements):
            if node in most:
                at = np.unique(block.positions[row])
                at = at[~np.isin(at, delta.rows)]
                low, high = self.problem.row_lower[at], self.problem.row_upper[at] + most[node]
                more = more.then(Delta(rows=at, row_lower=low, row_upper=high))
        return delta.then(more) if not more.is_empty else delta


def _burnt(case: Case) -> pd.DataFrame:
    """Plants that burn gas which a field of their place makes beside its main product: asset, node, power (MW of gas)."""
    assets = case.quantities("assets").set_index("asset", drop=False).rename_axis(None)
    ports = port_ratios(case, assets)
    kind, main = ports["asset"].map(assets["kind"]), ports["asset"].map(case.reference_carriers)
    node = ports["place"].astype(str) + ":" + ports["carrier"].astype(str)
    made = set(node[kind.isin(MAKERS) & (ports["ratio"] > 0) & (ports["carrier"] != main)])
    capacity = ports["asset"].map(assets["capacity"])
    burns = (ports["ratio"] < 0) & kind.isin(BURNERS) & node.isin(made) & capacity.notna()
    frame = pd.DataFrame({"asset": ports["asset"], "node": node, "power": -ports["ratio"] * capacity})
    return frame[burns].reset_index(drop=True)
