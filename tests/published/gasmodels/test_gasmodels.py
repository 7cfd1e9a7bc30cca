"""Load shedding of a gas network of six nodes, with capacities made from pressures and diameters."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.interdiction import Element, Interdiction
from kelisim.lp.problem import Floats
from kelisim.model.build import compile_case
from tests.published.answers import reproduces

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
HOURS, YEAR = 24.0, 8760.0


class GasNetwork:
    """The tables of a MatGas file; a kg/s counts as a MW."""

    def __init__(self, path: Path) -> None:
        text = re.sub(r"%.*", "", path.read_text(encoding="utf-8"))
        bodies = dict(re.findall(r"mgc\.(\w+)\s*=\s*\[(.*?)\]", text, re.DOTALL))
        self.tables = {
            name: [re.findall(r"'[^']*'|\S+", line) for line in body.replace(";", "\n").splitlines() if line.strip()]
            for name, body in bodies.items()
        }  # fmt: skip
        self.sound = float(re.search(r"sound_speed\s*=\s*([\d.]+)", text)[1])  # type: ignore[index]

    def numbers(self, name: str, *columns: int) -> Floats:
        return np.array([[float(row[at]) for at in columns] for row in self.tables[name]])

    def case(self) -> Case:
        """One day; priorities are the value of lost load, 1 where there are none."""
        links = []
        for pipe, start, end, diameter, length, friction, least, most in self.numbers("pipe", *range(8)):
            area = np.pi * diameter**2 / 4
            # p1^2 - p2^2 = friction L a^2 m^2 / (D A^2)
            flow = np.sqrt((most**2 - least**2) * diameter * area**2 / (friction * length * self.sound**2))
            links.append(_link(f"pipe_{int(pipe)}", start, end, flow, flow))
        for number, start, end, flow in self.numbers("compressor", 0, 1, 2, 7):
            links.append(_link(f"compressor_{int(number)}", start, end, flow, 0.0))
        priority = (
            self.numbers("delivery_data", 0)[:, 0]
            if "delivery_data" in self.tables
            else np.ones(len(self.tables["delivery"]))
        )
        self.priority = priority
        rows = {
            "places": [
                {"place": _node(at), "name": f"Node {int(at)}", "country": "US", "may_curtail": "yes"}
                for at in self.numbers("junction", 0)[:, 0]
            ],
            "links": links,
            "assets": [
                {"asset": f"receipt_{int(at)}", "kind": "field", "place": _node(node), "capacity": repr(float(most))}
                for at, node, most in self.numbers("receipt", 0, 1, 3)
            ],
            "asset_ports": [
                {"asset": f"receipt_{int(at)}", "carrier": "natural_gas", "ratio": "1"}
                for at in self.numbers("receipt", 0)[:, 0]
            ],
            "demand": [
                {
                    "place": _node(node), "carrier": "natural_gas", "customer_class": "industry",
                    "amount": repr(float(most) * YEAR), "voll": repr(float(weight)),
                }
                for (node, most), weight in zip(self.numbers("delivery", 1, 3), priority, strict=True)
            ],
        }  # fmt: skip
        settings = {"name": "gas", "horizon": {"start": "2023-01-01", "end": "2023-01-01", "step": "1d"}}
        tables = {
            name: pd.DataFrame(part, index=range(2, len(part) + 2), dtype=object)
            for name, part in rows.items()
        }
        return require(assemble(settings, tables, {}))


def _node(number: float) -> str:
    return f"node_{int(number)}"


def _link(name: str, start: float, end: float, ahead: float, back: float) -> dict[str, str]:
    return {
        "link": name, "carrier": "natural_gas", "from_place": _node(start), "to_place": _node(end),
        "capacity": repr(float(ahead)), "capacity_back": repr(float(back)),
    }  # fmt: skip


def test_served() -> None:
    """Of 7.5 kg/s that are asked for, the receipt has five."""
    network = GasNetwork(HERE / "case-6-ls.m")
    problem = compile_case(network.case())
    solution = Session(problem, threads=1).start()
    asked = network.numbers("delivery", 3).sum()
    assert asked == 7.5
    served = EXPECTED["case-6-ls"]["served_kg_s"]
    reproduces("Gas served", asked - solution.objective / HOURS, served, "gasmodels", "kg/s", abs=1e-6)


def test_served_by_priority() -> None:
    """What is served, weighted by its priority: the value of lost load in another word."""
    network = GasNetwork(HERE / "case-6-ls-priority.m")
    problem = compile_case(network.case())
    solution = Session(problem, threads=1).start()
    asked = float((network.numbers("delivery", 3)[:, 0] * network.priority).sum())
    expected = EXPECTED["case-6-ls-priority"]["priority_weighted_served"]
    answer = "Gas served, weighted by priority"
    reproduces(answer, asked - solution.objective / HOURS, expected, "gasmodels", "kg/s", abs=1e-6)


def test_worst_pipe() -> None:
    """Without the first compressor nothing reaches anybody; the bound says so before it is solved."""
    problem = compile_case(GasNetwork(HERE / "case-6-ls.m").case())
    session = Session(problem, threads=1)
    session.start()
    elements = []
    for name in problem.columns["links.flow"].elements:
        at = [
            int(block.positions[block.elements.index(name), 0])
            for block in (problem.columns["links.flow"], problem.columns["links.flow_back"])
            if name in block.elements
        ]
        elements.append(Element(name, Delta(np.array(at), np.zeros(len(at)), np.zeros(len(at)))))
    search = Interdiction(problem, elements, session.solve)
    found = search.worst(1)
    assert (found.best.names, found.is_proven) == (("compressor_1",), True)
    assert found.best.loss / HOURS == pytest.approx(5.0)
    assert search.bounds()["compressor_1"] / HOURS == pytest.approx(5.0)
