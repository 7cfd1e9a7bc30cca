"""Charts: the finding in the title, units on the axes, no markup from names."""

from __future__ import annotations

import json
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from kelisim.report.charts import Plots
from kelisim.report.curves import _duration
from kelisim.report.flows import year_flows
from kelisim.report.shares import balance_table
from kelisim.report.theme import shade
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
    assert len(made.finding) > 20
    assert json.loads(json.dumps(made.options, allow_nan=False)) == made.options
    assert name not in FINDINGS or made.finding == FINDINGS[name]


def scripts_of(value: object) -> list[str]:
    """Texts of options that a browser would take for code."""
    if isinstance(value, dict):
        return [found for one in value.values() for found in scripts_of(one)]
    if isinstance(value, list):
        return [found for one in value for found in scripts_of(one)]
    return [value] if isinstance(value, str) and ("function" in value or "=>" in value) else []


def test_options_hold_no_script(results: Results) -> None:
    """Options with a script in a text are run by some readers and shown as letters by others."""
    for name in FINDINGS:
        assert scripts_of(getattr(Plots(results), name)().options) == []


def test_a_notebook_shows_a_chart_in_a_frame_of_its_own(results: Results) -> None:
    """A name of a case must not reach the notebook as markup, nor the chart library its loader of scripts."""
    shown = Plots(results).bottlenecks()._repr_html_()
    assert shown.startswith("<iframe ") and shown.count("<") == 2
    inside = unescape(re.search('srcdoc="([^"]*)"', shown)[1])
    assert '"type":"bar"' in inside and 'role="img"' in inside
    assert "Apache Software Foundation" in inside and "<script>alert" not in inside


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
    points = Plots(results).storage("gas").options["series"][0]["data"]
    assert pd.Timestamp(points[0][0], unit="ms") == pd.Timestamp(2024, 1, 1)
    assert pd.Timestamp(points[-1][0], unit="ms") == pd.Timestamp(2025, 1, 1)
    assert points[0][1] == pytest.approx(10_000 * 3.6 / 37.2 / 1e6, rel=1e-2)


def test_charts_without_series(results: Results) -> None:
    """Results kept without the long tables say so instead of failing."""
    long = ("links.flow", "assets.activity", "storages.level", "places.price")
    short = {name: table for name, table in results.tables.items() if name not in long}
    bare = Results(results.study, results.fields, results.case, short, results.units_of, results.meta)
    for name in ("storage", "loading_duration", "price_duration"):
        made = getattr(Plots(bare), name)()
        assert made.finding.startswith("The tables with one row per step were not kept") and made.is_empty


def test_shades() -> None:
    """Shades of a carrier's colour keep the carriers apart, also in grey print."""
    assert shade("#000000", 0.5) == "#808080"
    assert shade("#e69f00", 1.0) == "#e69f00"
    assert shade("tomato", 0.5) == "tomato"
