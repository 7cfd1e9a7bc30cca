"""The study reliability: against all states of two areas, and what must always hold."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from kelisim.engine import Engine
from kelisim.engine.sampling import out_over_time
from kelisim.errors import StudyError
from kelisim.report.page import sentences
from kelisim.report.words import Words
from kelisim.results.adequacy import all_states, unserved_in_areas
from kelisim.results.facts import Fact, facts_of
from kelisim.results.outage_rates import Failing, failing
from kelisim.results.results import Results
from kelisim.results.schema import undeclared
from kelisim.studies import run
from kelisim.studies.conformance import check_study
from kelisim.studies.reliability.monte_carlo import DEMAND
from kelisim.studies.reliability.study import Reliability
from tests.cases.border import steppe
from tests.cases.make import NO_FUEL_OF_PLANTS, make
from tests.cases.two_areas import LINE, LOAD, PLANTS, two_areas

DAYS = 4
HOURS = 24.0 * DAYS
STORE = """
    storage, name,  place, carrier,     working_capacity, injection, withdrawal, level_start, level_end, cost
    pumped,  Basin, a,     electricity, 2000,             30,        60,         0.9,         0,         1
"""


@cache
def engine() -> Engine:
    """Two areas; windows stay open from one question to the next."""
    return Engine(two_areas(DAYS), cache=False)


def ask(case: Any = None, **fields: Any) -> Results:
    # the truth is that of two areas that share all they have
    given = {"days": DAYS, "states": 2000, "help_rule": "open"} | fields
    return run("reliability", Engine(case, cache=False) if case else engine(), **given)


@cache
def parts() -> tuple[Failing, ...]:
    """What fails in two areas, whatever the length of the span."""
    return tuple(failing(two_areas(DAYS)))


def lacking(out: npt.NDArray[np.bool_], demand: float = 1.0) -> npt.NDArray[np.float64]:
    """MW unserved in both areas together, (states)."""
    margin = np.tile([-LOAD["a"] * demand, -LOAD["b"] * demand], (len(out), 1))
    limit = np.zeros((len(out), 1))
    for at, one in enumerate(parts()):
        if one.name == "links:line":
            limit[:, 0] = LINE[0] * ~out[:, at]
        else:
            margin[:, "ab".index(one.name[7])] += PLANTS[one.name[7]][int(one.name[8])][0] * ~out[:, at]
    return unserved_in_areas(margin, [(0, 1)], limit)


@cache
def truth(factor: float = 1.0) -> tuple[float, float]:
    """LOLE and EUE of the four days by looking at all 128 states."""
    out, chance = all_states(np.array([one.rate for one in parts()]))
    found = lacking(out, factor)
    return float(chance @ (found > 0)) * HOURS, float(chance @ found) * HOURS


def total(results: Results) -> Any:
    return results["carriers"].set_index("carrier").loc["all"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"draw": "stratified"},
        {"sequential": True, "paths": 3},
        {"demand_spread": 0.1, "capacity_spread": 0.2},
    ],
)
def test_conforms(fields: dict[str, Any]) -> None:
    """The same answer twice, every column described, the case unchanged; in every mode."""
    found = check_study(Reliability(days=3, states=60, **fields), steppe())
    assert [word for name in found for word in undeclared("reliability", name, found[name])] == []


@pytest.mark.parametrize("method", ["plain", "stratified", "importance"])
def test_intervals_hold_the_truth(method: str) -> None:
    """Sampling is only worth its interval: of five seeds all but one must hold what looking at all states gives."""
    lole, eue = truth()
    held = np.zeros(2)
    for seed in range(5):
        found = total(ask(draw=method, seed=seed, states=1200))
        held += [
            found["lole_low"] <= lole <= found["lole_high"],
            found["eue_low"] <= eue <= found["eue_high"],
        ]
    assert (held >= 4).all()


def test_strata_are_surer() -> None:
    """Few failures are looked at in full, so the interval is a fraction of the plain one."""
    wide, narrow = total(ask()), total(ask(draw="stratified"))
    assert narrow["eue_high"] - narrow["eue_low"] < 0.2 * (wide["eue_high"] - wide["eue_low"])
    assert narrow["eue"] == pytest.approx(truth()[1], rel=0.02)


def test_demand_that_spreads() -> None:
    """Five demands, evenly: the mean of the five truths."""
    eue = float(np.mean([truth(1 + 0.1 * level)[1] for level in DEMAND]))
    found = total(ask(draw="stratified", demand_spread=0.1))
    assert abs(found["eue"] - eue) < 3 * (found["eue_high"] - found["eue"]) / 1.96


def test_neighbours_that_give_what_is_planned() -> None:
    """The same states: who may not count on more than the plan is short more often and of more, and never of less."""
    planned, at_will = (total(ask(draw="stratified", help_rule=rule)) for rule in ("planned", "open"))
    assert planned["eue"] > at_will["eue"] * 1.1
    assert planned["lole"] >= at_will["lole"]


def test_tables_agree() -> None:
    """Hours, energy and shares of one table must be those of the others."""
    results = ask(draw="stratified")
    regions, carriers = results["regions"], results["carriers"].set_index("carrier")
    assert carriers.loc["electricity", "eue"] == pytest.approx(carriers.loc["all", "eue"])
    assert regions["eue"].sum() == pytest.approx(carriers.loc["all", "eue"])
    assert carriers.loc["all", "lole"] <= regions["lole"].sum() + 1e-9
    assert (regions["neue"] * regions["demand"]).to_numpy() == pytest.approx(regions["eue"].to_numpy())
    assert carriers.loc["all", "demand"] == pytest.approx(HOURS * 190)
    assert results["by_failed"]["eue"].sum() == pytest.approx(carriers.loc["all", "eue"])
    assert results["by_failed"]["probability"].sum() == pytest.approx(1.0, abs=1e-3)
    assert (regions["cvar"] >= regions["eue"] / DAYS - 1e-9).all()
    assert (regions["cvar_low"] <= regions["cvar"]).all() and (regions["cvar"] <= regions["cvar_high"]).all()
    work = facts_of(results["facts"])["solved"]
    places = work.places
    assert places["equal"] + places["pruned"] + work.value == places["asked"]


def test_what_is_out_when_it_is_short() -> None:
    """The large plants of each area must stand first in its list, far above their usual share."""
    drivers = ask(draw="stratified")["drivers"]
    a = drivers[drivers["region"] == "KZ-A"].iloc[0]
    assert a["element"] == "assets:a0"
    assert a["usual"] == pytest.approx(0.1)
    assert a["share_out_low"] > 0.3


def test_drawing_stops_at_the_target() -> None:
    """Enough is enough, but not before a hundred states were short."""
    results = ask(states=6000, target=0.10)
    last = results["convergence"].iloc[-1]
    assert facts_of(results["facts"])["drawn"].value == last["samples"] < 6000
    assert last["variation"] <= 0.10
    assert last["short"] >= 100
    assert (results["convergence"]["variation"].iloc[:-1] > 0.10).all() or results["convergence"][
        "short"
    ].iloc[-2] < 100


def test_no_shortage_is_not_no_risk() -> None:
    """Nothing seen in so many states: at most what Wilson's interval leaves, and all the demand in those hours."""
    case = make(
        places="place, name, country\na, A, KZ",
        assets="asset, name, kind, place, capacity, cost\none, One, power_plant, a, 20, 1\ntwo, Two, power_plant, a, 20, 2",
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="asset, carrier, ratio\none, electricity, 1\ntwo, electricity, 1",
        demand="place, carrier, customer_class, amount, unit\na, electricity, household, 10, MW year",
        outage_rates="table, element, failures_per_year, repair_hours\nassets, one, 0.001, 1\nassets, two, 0.001, 1",
    )
    results = ask(case, days=2, states=400)
    found = total(results)
    assert (found["lole"], found["lole_low"], found["eue"], found["events"]) == (0, 0, 0, 0)
    assert found["lole_high"] == pytest.approx(48 * 0.00951, rel=0.01)
    assert found["eue_high"] == pytest.approx(found["lole_high"] * 10)
    assert "No shortage was seen" in sentences(results, Words(case))[1]


def test_paths_without_a_store_are_rows_of_days() -> None:
    """Nothing ties the days together: each path is the sum of its days, each by hand."""
    results = ask(two_areas(30), sequential=True, paths=12, days=30, seed=3)
    rates, repair = (
        np.array(values) for values in zip(*((one.rate, one.repair) for one in parts()), strict=True)
    )
    sums = []
    for number in range(12):
        rng = np.random.default_rng([3, number])
        out = out_over_time(rates, repair, 24.0 * np.arange(30) + 12, rng)
        sums.append(float(lacking(out.T).sum()) * 24)
    assert total(results)["eue"] == pytest.approx(float(np.mean(sums)))
    assert total(results)["eue"] > 0


def test_a_store_bridges_outages() -> None:
    """Only paths see a store run empty; with it there is less shortage than without, and not none."""
    fields: dict[str, Any] = {"sequential": True, "paths": 12, "days": 30, "seed": 3}
    without = total(ask(two_areas(30), **fields))
    with_store = total(ask(two_areas(30, storage=STORE), **fields))
    assert 0 < with_store["eue"] < without["eue"]


def test_capacities_that_vary() -> None:
    """With plants smaller than written more goes short than with larger ones, and the table says which rows those are."""
    case = two_areas(DAYS)
    graded = case.with_table("assets", case.table("assets").assign(confidence="C"))
    results = ask(graded, capacity_spread=0.2, states=3000)
    row = results["ranges"].iloc[0]
    assert (row["group"], row["rows"]) == ("assets: power_plant", 6)
    assert row["eue_at_low"] > row["eue_at_middle"] > row["eue_at_high"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"of": ("lines",)}, 'of: "lines" is nothing that can fail. Known: links, assets, storages.'),
        ({"carriers": ("electricty",)}, 'carriers: no carrier "electricty". Did you mean "electricity"?'),
        ({"days": 0}, "days: 0 is below 1."),
        ({"target": 1.5}, "target: 1.5 is not a share from 0 to below 1."),
        ({"of": ("storages",)}, "of: nothing here has a rate of failure. Give rows in outage_rates: table, element or kind, "
         "failures_per_year, repair_hours."),
        ({"sequential": True, "demand_spread": 0.1}, "sequential: paths are drawn plainly; leave draw, demand_spread and "
         "capacity_spread as they are."),
    ],
)  # fmt: skip
def test_wrong_fields(fields: dict[str, Any], message: str) -> None:
    """A wrong field is told with what would be right, before anything is solved."""
    with pytest.raises(StudyError) as error:
        ask(**fields)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("fields", "last"),
    [({"states": 80}, "80 of 80 states"), ({"sequential": True, "paths": 4}, "4 of 4 paths")],
)
def test_progress_is_told(fields: dict[str, Any], last: str) -> None:
    """Who waits for ten thousand states wants to know how far it is."""
    told: list[Fact] = []
    case = two_areas(DAYS)
    run("reliability", Engine(case, cache=False, progress=told.append), days=DAYS, **fields)
    assert Words(case).say(told[-1]) == last


def test_start_outside_the_case() -> None:
    """A span that the case does not know."""
    with pytest.raises(
        StudyError, match=r"start: 2025-02-01 lies outside the case, 2024-01-01 to 2024-01-04\."
    ):
        ask(start=date(2025, 2, 1))


def test_a_case_without_customers() -> None:
    """Where nobody is, the answer is a sentence, not a crash."""
    case = make(
        places="place, name, country\na, A, KZ",
        assets="asset, name, kind, place, capacity, cost\none, One, power_plant, a, 20, 1",
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="asset, carrier, ratio\none, electricity, 1",
    )
    with pytest.raises(StudyError, match="The case has no demand, so nobody can go short"):
        ask(case, days=1)
