"""Kirchhoff's voltage law on AC lines: around each independent cycle the reactance times the flow adds up to nothing.

Cycle form of the linear power flow (Hörsch et al. 2018). A slack column per line is fixed at 0 and freed when the
line is out, so that an outage needs bounds only.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import pandas as pd

from kelisim.lp.problem import INF, Ints
from kelisim.model.assembly import Assembly


def add(frame: Assembly, links: pd.DataFrame, forward: Ints, back_links: pd.DataFrame, back: Ints) -> None:
    """Columns `links.slack` (lines, steps), rows `links.kirchhoff` (cycles, steps)."""
    lines = links[(links["kind"] == "line") & (links["reactance"] > 0)]
    cycles = independent_cycles(lines)
    if not cycles:
        return
    ids = list(lines["link"])
    out = frame.availability("links", lines) <= 0.0
    free = np.where(out, INF, 0.0)
    coarse = frame.in_steps(lines["carrier"])
    slack = frame.build.add_columns("links.slack", ids, frame.steps, -free, free, coarse=coarse)
    names = [cycle[0][0] for cycle in cycles]
    of_cycle = frame.in_steps(lines.set_index("link")["carrier"].loc[names])
    rows = frame.build.add_rows("links.kirchhoff", names, frame.steps, 0.0, 0.0, of_cycle)
    position = {link: at for at, link in enumerate(links["link"])}
    back_position = {link: at for at, link in enumerate(back_links["link"])}
    line_position = {link: at for at, link in enumerate(ids)}
    reactance = dict(zip(ids, lines["reactance"] / lines["reactance"].mean(), strict=True))
    for row, cycle in zip(rows, cycles, strict=True):
        for link, sign in cycle:
            weight = sign * reactance[link]
            frame.build.add_entries(row, forward[position[link]], weight)
            frame.build.add_entries(row, slack[line_position[link]], weight)
            if link in back_position:
                frame.build.add_entries(row, back[back_position[link]], -weight)


def independent_cycles(lines: pd.DataFrame) -> list[list[tuple[str, int]]]:
    """A deterministic basis of cycles of the graph of lines; each a list of (link, +1 or -1 along the cycle).

    Breadth-first tree from the first place in order; each line that is not in the tree closes one cycle.
    """
    ends: dict[str, list[tuple[str, str, int]]] = {}
    ordered = lines.sort_values("link")
    for line in ordered.itertuples(index=False):
        mark = f"{line.carrier}|{line.kirchhoff_group}|"
        ends.setdefault(mark + line.from_place, []).append((line.link, mark + line.to_place, 1))
        ends.setdefault(mark + line.to_place, []).append((line.link, mark + line.from_place, -1))
    parent: dict[str, tuple[str, str, int] | None] = {}
    depth: dict[str, int] = {}
    used: set[str] = set()
    for root in sorted(ends):
        if root in parent:
            continue
        parent[root], depth[root] = None, 0
        queue = deque([root])
        while queue:
            here = queue.popleft()
            for link, there, sign in ends[here]:
                if there not in parent:
                    parent[there], depth[there] = (here, link, sign), depth[here] + 1
                    used.add(link)
                    queue.append(there)
    cycles = []
    for line in ordered.itertuples(index=False):
        if line.link in used or line.from_place == line.to_place:
            continue
        mark = f"{line.carrier}|{line.kirchhoff_group}|"
        cycles.append([(line.link, 1), *_way(mark + line.to_place, mark + line.from_place, parent, depth)])
    return cycles


def _way(
    start: str, end: str, parent: dict[str, tuple[str, str, int] | None], depth: dict[str, int]
) -> list[tuple[str, int]]:
    """Links of the tree from start to end, with +1 along their direction."""
    up: list[tuple[str, int]] = []
    down: list[tuple[str, int]] = []
    while start != end:
        if depth[start] >= depth[end]:
            step = parent[start]
            assert step is not None
            up.append((step[1], -step[2]))
            start = step[0]
        else:
            step = parent[end]
            assert step is not None
            down.append((step[1], step[2]))
            end = step[0]
    return up + down[::-1]
