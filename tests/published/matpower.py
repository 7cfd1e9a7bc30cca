"""MATPOWER case files as cases of one day, for published networks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case
from kelisim.lp.delta import Delta
from kelisim.lp.interdiction import Element
from kelisim.lp.problem import INF, Floats, Problem

HOURS = 24.0
YEAR = 8760.0  # hours of 2023


@dataclass(frozen=True)
class Network:
    """The tables of a MATPOWER file, column order as in its manual."""

    bus: Floats
    gen: Floats
    gencost: Floats
    branch: Floats
    base_mva: float

    @classmethod
    def read(cls, path: Path) -> Network:
        text = re.sub(r"%.*", "", path.read_text(encoding="utf-8"))
        tables = {
            name: np.array([[float(cell) for cell in row.split()] for row in body.split(";") if row.strip()])
            for name, body in re.findall(r"mpc\.(\w+)\s*=\s*\[(.*?)\]\s*;", text, re.DOTALL)
        }
        base = re.search(r"mpc\.baseMVA\s*=\s*([\d.]+)", text)
        assert base
        return cls(tables["bus"], tables["gen"], tables["gencost"], tables["branch"], float(base[1]))

    @property
    def lines(self) -> list[str]:
        """A name for each branch: its ends, and a number from the second one between them."""
        seen: Counter[str] = Counter()
        names = []
        for start, end in self.branch[:, :2].astype(int):
            key = f"line_{start}_{end}"
            seen[key] += 1
            names.append(key if seen[key] == 1 else f"{key}_{seen[key]}")
        return names

    def case(
        self, reactance: Floats | None, voll: float, capacity: Floats | None = None, costs: bool = False
    ) -> Case:
        """One day in January 2023; without reactances power flows as goods do.

        reactance  per branch, in any one unit
        voll       USD/MWh of all demand (Pd and the conductance Gs)
        capacity   MW per branch; rate A if not given
        costs      whether generators have the linear cost of the file
        """
        limit = self.branch[:, 5] if capacity is None else capacity
        branch = range(len(self.branch))
        made = [at for at in range(len(self.gen)) if self.gen[at, 8] > 0 and self.gen[at, 7] > 0]
        used = self.bus[:, 2] + self.bus[:, 4]
        rows = {
            "places": [
                {"place": _bus(i), "name": f"Bus {int(i)}", "country": "US"} for i in self.bus[:, 0]
            ],
            "links": [
                {
                    "link": self.lines[at], "carrier": "electricity", "kind": "line",
                    "from_place": _bus(self.branch[at, 0]), "to_place": _bus(self.branch[at, 1]),
                    "capacity": repr(float(limit[at])), "capacity_back": repr(float(limit[at])),
                    "reactance": "" if reactance is None else repr(float(reactance[at])),
                }
                for at in branch
            ],
            "assets": [
                {
                    "asset": f"gen_{at + 1}", "kind": "power_plant", "place": _bus(self.gen[at, 0]),
                    "capacity": repr(float(self.gen[at, 8])),
                    "cost": repr(float(self.gencost[at, 5])) if costs else "0",
                }
                for at in made
            ],
            "asset_kinds": [{"kind": "power_plant", "name": "Power plant", "group": "supply"}],  # no fuel in them
            "asset_ports": [
                {"asset": f"gen_{at + 1}", "carrier": "electricity", "ratio": "1"} for at in made
            ],
            "demand": [
                {
                    "place": _bus(bus), "carrier": "electricity", "customer_class": "other",
                    "amount": repr(float(power) * YEAR), "voll": repr(voll),
                }
                for bus, power in zip(self.bus[:, 0], used, strict=True)
                if power > 0
            ],
        }  # fmt: skip
        settings = {
            "name": "published",
            "horizon": {"start": "2023-01-01", "end": "2023-01-01", "step": "1d"},
        }
        tables = {
            name: pd.DataFrame(part, index=range(2, len(part) + 2), dtype=object)
            for name, part in rows.items()
        }
        return require(assemble(settings, tables, {}))


def _bus(number: float) -> str:
    return f"bus_{int(number)}"


def line_elements(problem: Problem, names: list[str]) -> list[Element]:
    """Each line as something that can be lost: both directions to 0, its slack free."""
    found = []
    for name in names:
        columns, lower, upper = [], [], []
        for block, low, high in (("flow", 0.0, 0.0), ("flow_back", 0.0, 0.0), ("slack", -INF, INF)):
            part = problem.columns.get(f"links.{block}")
            if part is not None and name in part.elements:
                columns.append(int(part.positions[part.elements.index(name), 0]))
                lower.append(low)
                upper.append(high)
        found.append(Element(name, Delta(np.array(columns), np.array(lower), np.array(upper))))
    return found


def flows(problem: Problem, values: Floats, names: list[str]) -> Floats:
    """MW on each line, positive from its first end to the second."""
    ahead, back = problem.columns["links.flow"], problem.columns["links.flow_back"]
    net = dict(zip(ahead.elements, ahead.take(values)[:, 0], strict=True))
    for name, flow in zip(back.elements, back.take(values)[:, 0], strict=True):
        net[name] -= flow
    return np.array([net[name] for name in names])
