"""Charts: the finding in the title, units on the axes, no markup from names."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from kelisim.report.charts import Plots
from kelisim.report.curves import _duration
from kelisim.report.flows import year_flows
from kelisim.report.shares import balance_table
from kelisim.report.theme import finding, shade
from kelisim.report.words import Words
from kelisim.results.results import Results

FINDINGS = {
    "balance": "Natural gas is the largest stream: 1.04 TWh, 2024",
    "sankey": "0.959 TWh of energy enter, 2024: where they come from and what becomes of them",
    "unserved": "84.7 GWh unserved, 2024; most in South: 8.20 million m3 of natural gas",
    "costs": "The largest cost is unserved energy: 381 million USD",
}


@pytest.mark.parametrize("name", [name for name in dir(Plots) if not name.startswith("_") and name != "map"])
def test_every_chart_says_something(results: Results, name: str) -> None:
    """A chart without a finding is a picture to be explained by someone who is not there."""
    made = getattr(Plots(results), name)()
    assert len(finding(made)) > 20
    assert made.layout.title.text
    assert name not in FINDINGS or finding(made) == FINDINGS[name]


def test_names_are_text(results: Results) -> None:
    """A place named like a tag must not become one: plotly reads some tags, links among them."""
    for name in ("loading_duration", "bottlenecks", "mix", "price_duration"):
        text = json.dumps(getattr(Plots(results), name)().to_plotly_json()["layout"], default=str)
        assert "<script" not in text.replace('"finding": "', "").split('"meta"')[0]
        marks = getattr(Plots(results), name)()
        shown = [marks.layout.title.text, *(note.text for note in marks.layout.annotations)]
        assert not any("<script" in part for part in shown)


def test_balance_closes(results: Results) -> None:
    """What comes and what goes are equally long, but for what is missing."""
    table = balance_table(results, Words(results.case), "natural_gas")
    comes = table[["made", "bought", "imported", "unstored"]].sum(axis=1)
    goes = table[["used", "taken_in", "exported", "sold", "stored", "lost", "curtailed"]].sum(axis=1)
    assert np.allclose(comes, goes)
    # 480,000 MWh less 45 MW over 8,784 h, in bcm of 37.2 GJ per 1000 m3
    assert table.loc["UZ", "unserved"] == pytest.approx((480_000 - 45 * 8784) * 3.6 / 37.2 / 1e6)


def test_year_has_no_circles(results: Results) -> None:
    """A Sankey with a circle is drawn as a knot."""
    flows = year_flows(results, Words(results.case))
    after: dict[object, set[object]] = {}
    for start, end in zip(flows["source"], flows["target"], strict=True):
        after.setdefault(start, set()).add(end)

    def reaches(here: object, goal: object, seen: set[object]) -> bool:
        return any(
            there == goal or (there not in seen and reaches(there, goal, seen | {there}))
            for there in after.get(here, ())
        )

    assert not any(reaches(node, node, set()) for node in after)


def test_own_use_breaks_a_circle(results: Results) -> None:
    """Power for the field that makes the gas for the power is own use."""
    ports = results["assets.ports"]
    own = pd.DataFrame(
        {"asset": ["field"], "place": ["north"], "carrier": ["electricity"], "energy": [-5000.0]}
    )
    changed = Results(
        results.study,
        results.fields,
        results.case,
        {**results.tables, "assets.ports": pd.concat([ports, own])},
        results.units_of,
        results.meta,
    )
    flows = year_flows(changed, Words(results.case))
    names = flows["target"].map(lambda node: node[2])
    assert flows.loc[names == "Own use of fields and plants", "energy"].sum() == pytest.approx(0.005)


def test_duration_counts_hours() -> None:
    """A long step weighs more than a short one."""
    steps = pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-03"])
    share, level = _duration(
        pd.Series([1.0, 3.0, 2.0], index=steps), pd.Series([10.0, 20.0, 70.0], index=steps)
    )
    assert share == [0.0, 20.0, 90.0, 100.0]
    assert level == [3.0, 3.0, 2.0, 1.0]


def test_storage_starts_at_its_start(results: Results) -> None:
    """A level is that of the end of a step; the curve must not be a step late."""
    made = Plots(results).storage("gas")
    line = made.data[0]
    assert pd.Timestamp(line.x[0]) == pd.Timestamp(2024, 1, 1)
    assert pd.Timestamp(line.x[-1]) == pd.Timestamp(2025, 1, 1)
    assert line.y[0] == pytest.approx(10_000 * 3.6 / 37.2 / 1e6, rel=1e-2)


def test_charts_without_series(results: Results) -> None:
    """Results kept without the long tables say so instead of failing."""
    long = ("links.flow", "assets.activity", "storages.level", "places.price")
    short = {name: table for name, table in results.tables.items() if name not in long}
    bare = Results(results.study, results.fields, results.case, short, results.units_of, results.meta)
    for name in ("storage", "loading_duration", "price_duration"):
        assert finding(getattr(Plots(bare), name)()).startswith(
            "The tables with one row per step were not kept"
        )


def test_shades() -> None:
    """Shades of a carrier's colour keep the carriers apart, also in grey print."""
    assert shade("#000000", 0.5) == "#808080"
    assert shade("#e69f00", 1.0) == "#e69f00"
    assert shade("tomato", 0.5) == "tomato"
