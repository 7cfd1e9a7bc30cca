"""The table `steps`: representative days and uneven steps, what they count for, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kelisim.case.assemble import assemble
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import InputProblem
from kelisim.io import csv_folder, excel, geojson
from tests.cases.make import A, table

SETTINGS = {"name": "days", "horizon": {"start": "2024-01-01", "end": "2024-12-31"}}
STEPS = """
    step,             hours, weight
    2024-07-15 12:00, 12,    183
    2024-01-15,       12,    183
    2024-01-15 12:00, 12,    183
    2024-07-15,       12,    183
"""
TABLES = {
    "places": A,
    "assets": "asset, kind, place, capacity, cost, annual_max\nwell, field, a, 60, 10,\ndear, field, a, 100, 50, 1000000",
    "asset_ports": "asset, carrier, ratio\nwell, natural_gas, 1\ndear, natural_gas, 1",
    "demand": "place, carrier, customer_class, amount, unit, profile\na, natural_gas, industry, 439.2, GWh, half",
    "storages": "storage, place, carrier, working_capacity, injection, level_start, is_cyclic, cost\ntank, a, natural_gas, 120, 100, 0, yes, 1",
    "profiles": "profile, hour, value\n"
    + "\n".join(f"half, {hour}, {0.8 if hour < 12 else 1.2}" for hour in range(24)),
}


def given(steps: str = STEPS, **horizon: object) -> tuple[Case, list[InputProblem]]:
    settings = {**SETTINGS, "horizon": {**SETTINGS["horizon"], **horizon}}
    tables = {name: table(text) for name, text in {**TABLES, "steps": steps}.items()}
    return assemble(settings, tables, {})


def days() -> Case:
    case, problems = given()
    assert problems == []
    return case


def test_money_counts_the_weight_and_a_storage_the_hours() -> None:
    """Gas 40 MW in the morning and 60 after noon: a well of 60 gives all of it, a smaller one with the tank.

    A tank of 120 MWh moves 10 MW for 12 hours, whatever the weight. With a well of 50 the mean is just reached.
    """
    case = days()
    np.testing.assert_allclose(case.horizon.hours, [2196] * 4)
    np.testing.assert_allclose(case.horizon.length, 12)
    assert case.horizon.year_share == pytest.approx(1.0)
    assert Engine(case, cache=False).base.objective == pytest.approx(439_200 * 10)
    assets = case.table("assets").assign(capacity=[100.0, 50.0])
    small = case.with_table("assets", assets)
    answer = Engine(small, cache=False).base
    # 10 MW go in and out each day: a cost of 1 on half of the hours
    assert answer.objective == pytest.approx(439_200 * 10 + 4392 * 10 * 1)
    # a tank of half the size: 5 MW of the peak from the dear one
    storages = small.table("storages").assign(working_capacity=60.0)
    dear = Engine(small.with_table("storages", storages), cache=False).base.objective
    assert dear == pytest.approx(4392 * (45 * 10 + 5 * 1) + 4392 * (50 * 10 + 5 * 50))


def test_the_steps_are_in_the_order_of_time() -> None:
    assert list(days().horizon.steps["step"].dt.strftime("%m-%d %H")) == [
        "01-15 00",
        "01-15 12",
        "07-15 00",
        "07-15 12",
    ]


def test_uneven_steps_and_steps_of_minutes() -> None:
    """Without start and end in the settings the horizon is the days of the steps; without weights each counts once."""
    steps = "step, hours\n2024-03-01 06:00, 6\n2024-03-01 12:00, 0.25\n2024-03-01 12:15, 35.75"
    tables = {name: table(text) for name, text in {**TABLES, "steps": steps}.items()}
    case, problems = assemble({"name": "uneven"}, tables, {})
    assert problems == []
    horizon = case.horizon
    assert (str(horizon.start.date()), str(horizon.end.date()), horizon.tick_hours) == (
        "2024-03-01",
        "2024-03-03",
        0.25,
    )
    np.testing.assert_allclose(horizon.hours, [6, 0.25, 35.75])
    half = case.profiles.shape("half")
    np.testing.assert_allclose(half, [0.8, 1.2, (11.75 * 1.2 + 12 * 0.8 + 12 * 1.2) / 35.75])


@pytest.mark.parametrize("form", [csv_folder, excel, geojson])
def test_each_form_keeps_them(form: object, tmp_path: Path) -> None:
    case = days()
    path = tmp_path / {csv_folder: "case", excel: "case.xlsx", geojson: "case.geojson"}[form]
    kept = form.read(form.write(case, path))
    assert kept.horizon == case.horizon
    assert kept.fingerprint == case.fingerprint


def test_another_step_is_the_regular_one() -> None:
    assert days().at_step("listed").horizon.listed
    case = days().at_step("1d")
    assert (case.horizon.count, case.horizon.listed, "steps" in case.tables) == (366, (), False)
    assert case.horizon.hours.sum() == 8784


MISTAKES = {
    "overlap": ("step, hours\n2024-01-15, 12\n2024-01-15 06:00, 12", {}, "steps.csv row 3, step: the step of 2024-01-15 lasts until 2024-01-15 12:00, after 2024-01-15 06:00. Steps follow one another: shorten that one, or let this one begin later."),
    "no time": ("step, hours\n2024-01-15, 0", {}, "steps.csv row 2, hours: the step lasts no time. Write the hours that it lasts, or remove the row."),
    "no weight": ("step, hours, weight\n2024-01-15, 1, 0", {}, "steps.csv row 2, weight: the step counts for nothing. Write how many times it counts, or remove the row."),
    "seconds": ("step, hours\n2024-01-15, 0.01", {}, "steps.csv row 2, hours: it is less than 5 minutes. Steps last 5 minutes or more."),
    "outside": ("step, hours\n2024-12-31, 30", {}, "steps.csv row 2, step: 2024-12-31 to 2025-01-01 06:00 lies outside the horizon, 2024-01-01 to 2025-01-01. Put it right, or start and end of [horizon]."),
    "twice": ("step, hours\n2024-01-15, 1\n2024-01-15, 2", {}, 'steps.csv row 3, step: "2024-01-15" occurs twice. It stands in row 2 already. Give it another identifier or remove one row.'),
    "a step": (STEPS, {"step": "1d"}, "case.toml, horizon.step: stands beside the table steps, which lists the steps. Remove it, or the table."),
    "parts": (STEPS, {"step": "1d", "parts": {"night": 8, "day": 16}}, "case.toml, horizon.parts: stands beside the table steps, whose steps have no parts. Remove it, or the table."),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "horizon", "words"), MISTAKES.values(), ids=MISTAKES)
def test_what_is_wrong_is_named(steps: str, horizon: dict[str, object], words: str) -> None:
    _, problems = given(steps, **horizon)
    assert words in [str(problem) for problem in problems]
