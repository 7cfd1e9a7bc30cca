"""Line fill of pipelines: what is in the pipe is lost with it, if so asked, and put back before it delivers again.

Only links with a `fill` have these columns and rows. In the plan nothing is lost: they are closed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kelisim.case.transit import is_pipe
from kelisim.lp.delta import Delta
from kelisim.lp.problem import INF, Floats, Problem
from kelisim.model.assembly import Assembly

REFILL, FILLED, SHORT = "links.refill", "links.filled", "links.refill_shortfall"


def add(frame: Assembly, links: pd.DataFrame) -> None:
    """Columns `links.refill` (pipes, steps) and `links.refill_shortfall`, rows `links.filled`: refill + shortfall >= what was lost.

    Rows count MWh per mean step, as levels do. What is put back is taken where the pipe starts.
    """
    pipes = links[(links["fill"] > 0).to_numpy() & is_pipe(frame.case, links)]
    if pipes.empty:
        return
    ids = list(pipes["link"])
    coarse = frame.in_steps(pipes["carrier"])
    refill = frame.build.add_columns(REFILL, ids, frame.steps, 0.0, 0.0, 0.0, coarse)
    frame.build.add_entries(frame.node_rows(pipes["from_place"], pipes["carrier"]), refill, -1.0)
    rows = frame.build.add_rows(FILLED, ids, 1, 0.0, INF)
    frame.build.add_entries(rows, refill, frame.weight[None, :])
    price = float(frame.case.setting("defaults", "shortfall_price"))
    most = pipes["fill"].to_numpy()[:, None] / frame.mean_hours
    frame.build.add_entries(rows, frame.build.add_columns(SHORT, ids, 1, 0.0, most, price), 1.0)


def refilled(
    problem: Problem,
    links: pd.DataFrame,
    left: Mapping[tuple[str, str], Floats],
    before: Delta,
    hours: tuple[Floats, float],
) -> Delta:
    """What putting back the fill of cut pipes takes: from the step in which a pipe is back, for as long as the way takes, at least a step.

    links   quantities of the links of the case
    left    share of each element that is left in each cell
    hours   of the cells of the problem, and the mean of a step of the case
    """
    block, flows, rows = (
        problem.columns.get(REFILL),
        problem.columns.get("links.flow"),
        problem.rows.get(FILLED),
    )
    if block is None or flows is None or rows is None:
        return Delta()
    _, _, upper, low, _ = before.applied(problem)
    cells, mean = hours
    columns: list[np.ndarray] = []
    at_rows: list[int] = []
    of = links.set_index("link")
    for pipe, element in enumerate(block.elements):
        share = left.get(("links", element))
        if share is None or (share >= 1.0).all():
            continue
        begins = int(np.argmax(share < 1.0))
        after = np.flatnonzero(share[begins:] >= 1.0) + begins
        if not len(after):
            continue  # it is put back after the window
        lost = float(of.at[element, "fill"]) * float(1.0 - share.min())
        end = int(
            np.searchsorted(np.cumsum(cells[after[0] :]), max(24.0 * float(of.at[element, "days"]), 1e-6))
        )
        back = np.arange(after[0], min(after[0] + end + 1, len(cells)))
        mine, flow = block.positions[pipe][back], flows.positions[flows.elements.index(element)][back]
        power = np.minimum(lost / cells[back].sum(), upper[flow])
        upper[mine], upper[flow] = power, upper[flow] - power
        row = int(rows.positions[pipe, 0])
        low[row] = float(power @ cells[back]) / mean
        columns += [mine, flow]
        at_rows.append(row)
    if not columns:
        return Delta()
    c, r = np.unique(np.concatenate(columns)), np.array(sorted(at_rows), dtype=np.int64)
    return Delta(c, problem.lower[c], upper[c], r, low[r], problem.row_upper[r])
