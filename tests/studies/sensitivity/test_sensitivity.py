"""Estimates as ranges: groups, ends, samples, and what they move, on a case that fits a hand calculation."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.engine.estimates.factors import Factor, factor_said, factors_of, range_said, ranges, shifted
from kelisim.errors import KelisimError, StudyError
from kelisim.io import write
from kelisim.lp import workers
from kelisim.report.words import Words
from kelisim.results.facts import Fact
from kelisim.results.results import Results
from kelisim.results.schema import undeclared
from kelisim.results.tables import Tables
from kelisim.studies.conformance import check_study
from kelisim.studies.sensitivity.study import Sensitivity
from tests.cases.make import AB, make
from tests.cases.reference import reference, reference_engine
from tests.conftest import Command
from tests.reading import page, values

PLANT, LINE = "assets.capacity.power_plant.coal.home", "links.capacity.line.electricity.border"
CONCLUSIONS = ("unserved_protected", "net_import:electricity")


def plant_and_line() -> Case:
    """b (RU), power at 50 USD/MWh --30 MW, estimate--> a (KZ): homes want 62 MW; coal plant of 40 MW, an estimate.

    As it stands 22 MW are imported, 1056 MWh in two days. With the plant at -20 % (32 MW) 30 are, at +20 % (48 MW) 14.
    The line alone moves nothing: 24 MW are still more than 22. Both low: 32 + 24 = 56, so 6 MW are short.
    """
    return make(
        defaults={"home": "KZ"},
        places=AB,
        assets="""asset, kind, place, capacity, cost, source, confidence, note
                  mine, mine, a, 1000, 1, s, A,
                  plant, power_plant, a, 40, 5, s, C, by rule
                  abroad, import, b, 100, 50, s, A,""",
        asset_ports="""asset, carrier, ratio, confidence
                       mine, coal_high_ash, 1, A
                       plant, electricity, 1, A
                       plant, coal_high_ash, -2.5, A
                       abroad, electricity, 1, A""",
        links="""link, carrier, kind, from_place, to_place, capacity, source, confidence
                 line, electricity, line, b, a, 30, s, C""",
        demand="place, carrier, customer_class, amount, confidence\na, electricity, household, 544608, A",
        sources="source, title\ns, A book",
    )


def asked(case: Case, **fields: object) -> Results:
    """The study of the plant and the line, and nothing else."""
    study = Sensitivity(**{"conclusions": CONCLUSIONS, "samples": 30, "only": (PLANT, LINE)} | fields)  # type: ignore[arg-type]
    return study.run(Engine(case, cache=False))


@pytest.fixture(scope="module")
def found() -> Results:
    """The answer for both factors."""
    return asked(plant_and_line())


@pytest.mark.parametrize("fields", [{}, {"samples": 0}, {"ends": False}])
def test_conforms(fields: dict[str, Any]) -> None:
    """The same answer twice, every column described, the case unchanged; with one half of the questions left out too."""
    results = check_study(
        Sensitivity(**{"conclusions": CONCLUSIONS, "samples": 6} | fields), plant_and_line()
    )
    assert [word for name in results for word in undeclared("sensitivity", name, results[name])] == []


def test_ends_by_hand(found: Results) -> None:
    """What an estimate moves alone is the first thing that is asked of it."""
    rows = found["one_at_a_time"].set_index(["conclusion", "factor"])
    plant = rows.loc[("net_import:electricity", PLANT)]
    assert [plant["at_low"], plant["as_it_stands"], plant["at_high"]] == pytest.approx([30 * 48e-6, 22 * 48e-6, 14 * 48e-6])  # fmt: skip
    assert plant["swing_over_least"] == pytest.approx(8 / 2.2)
    assert bool(plant["moves"]) and not plant["overturns"]
    line = rows.loc[("net_import:electricity", LINE)]
    assert line["swing"] == pytest.approx(0.0, abs=1e-12) and not line["moves"]
    assert not rows.loc[("unserved_protected", LINE), "moves"]


def test_together_they_bring_a_shortage_that_none_brings_alone(found: Results) -> None:
    """Only the screening sees what needs two estimates to be off at once: short = max(0, 62 - plant - line)."""
    samples = found["samples"]
    short = samples[samples["conclusion"] == "unserved_protected"]["value"]
    assert 0 < (short > 1e-6).sum() < len(short) and short.max() <= 6 * 48e-3
    told = found["conclusions"].set_index("conclusion").loc["unserved_protected"]
    assert told["value"] == 0.0 and told["share_same"] == pytest.approx((short < 1e-3).mean())
    assert told["share_same_low"] < told["share_same"] < told["share_same_high"]


def test_correlations_have_the_sign_of_the_thing(found: Results) -> None:
    """More plant, less import, and less short; the interval must leave out 0."""
    rows = found["screening"].set_index(["conclusion", "factor"])
    plant = rows.loc[("net_import:electricity", PLANT)]
    assert plant["correlation_low"] <= plant["correlation"] <= plant["correlation_high"] < 0
    assert rows.loc[("unserved_protected", PLANT), "correlation"] < 0
    assert rows.loc[("unserved_protected", LINE), "correlation"] < 0


def test_what_would_have_to_be_known_better(found: Results) -> None:
    """The table that says where to send people: the plant first, with its rule, source and what to ask for."""
    first = found["to_know_better"].iloc[0]
    assert first["factor"] == PLANT and first["rows"] == 1
    factor = found["factors"].set_index("factor").loc[PLANT]
    assert (factor["how"], factor["spread"], factor["rule"], factor["sources"]) == (
        "relative",
        0.2,
        "by rule",
        "s",
    )
    words = Words(found.case)
    assert words.say(factor_said(PLANT)) == "capacity of assets: power plant, coal, home"
    assert words.say(factor_said(PLANT, "ask")) == "nameplate and usable capacity from the operator"
    assert "net_import:electricity" in first["moves"].split("; ")


def test_workers_do_not_change_the_answer(found: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that depends on the machine is none."""
    monkeypatch.setattr(workers, "ProcessPoolExecutor", lambda count, *_: ThreadPoolExecutor(count))
    study = Sensitivity(conclusions=CONCLUSIONS, samples=30, only=(PLANT, LINE), workers=2)
    told: list[Fact] = []
    other = study.run(Engine(plant_and_line(), cache=False, progress=told.append))
    for name in found.names:
        assert found[name].equals(other[name]), name
    assert Words(found.case).say(told[-1]) == "34 of 34 points"


@pytest.mark.slow
def test_processes_of_its_own(found: Results) -> None:
    """What the command line starts with --workers 2."""
    other = asked(plant_and_line(), workers=2)
    assert found["samples"].equals(other["samples"])


def test_shifted_by_kind_of_range() -> None:
    """Relative, absolute and noted ranges, each within what its column allows."""
    case = make(
        defaults={"home": "KZ"},
        places=AB,
        assets="""asset, kind, place, capacity, availability, confidence, note
                  one, field, a, 10, 0.98, C, ,
                  two, field, a, 20, 1, C, range of capacity: 15 to 30""".replace("C, ,", "C,"),
        asset_ports="asset, carrier, ratio\none, natural_gas, 1\ntwo, natural_gas, 1",
        demand="place, carrier, customer_class, amount\na, natural_gas, industry, 1000",
    )
    factors = {factor.name: factor for factor in factors_of(case)}
    words = Words(case)

    def range_of(factor: Factor) -> str:
        return words.say(range_said(factor.how, factor.spread, factor.low, factor.high))

    assert {name: range_of(factor) for name, factor in factors.items() if name.startswith("assets")} == {
        "assets.capacity.field.gas.home": "±20 %",
        "assets.capacity.two": "15 to 30 (note of the row)",
        "assets.availability.field.gas.home": "±0.05",
    }
    low, high = (
        shifted(case, list(factors.values()), [level] * len(factors)).table("assets").set_index("asset")
        for level in (-1.0, 1.0)
    )
    assert [low.at["one", "capacity"], high.at["one", "capacity"]] == pytest.approx([8, 12])
    assert [low.at["two", "capacity"], high.at["two", "capacity"]] == pytest.approx([15, 30])
    assert [low.at["one", "availability"], high.at["one", "availability"]] == pytest.approx([0.93, 1.0])


def test_an_availability_over_the_year_moves_with_its_profile() -> None:
    """Shapes are kept between points; one that a factor moves must not be the old one."""
    case = make(
        months=2,
        defaults={"home": "KZ"},
        places=AB,
        assets="asset, kind, place, capacity, profile, confidence\none, field, a, 10, some, C",
        asset_ports="asset, carrier, ratio\none, natural_gas, 1",
        demand="place, carrier, customer_class, amount\na, natural_gas, industry, 1000",
        profiles="profile, month, value, meaning, confidence\n"
        + "\n".join(
            f"some, {month}, {0.98 if month > 1 else 0.5}, availability, C" for month in range(1, 13)
        ),
    )
    assert list(case.profiles.availability("some")) == pytest.approx([0.50, 0.98])
    by_name = {factor.name: factor for factor in factors_of(case)}
    shape, size = by_name["profiles.value.some"], by_name["assets.capacity.field.gas.home"]
    assert list(shifted(case, [shape], [1.0]).profiles.availability("some")) == pytest.approx([0.55, 1.0])
    assert list(shifted(case, [size], [1.0]).profiles.availability("some")) == pytest.approx([0.50, 0.98])


def test_every_estimate_of_the_reference_case_is_in_one_factor_of_its_kind() -> None:
    """A row that is left out is a doubt that nobody looks at; one that is in twice moves twice."""
    case = reference()
    tables = Tables(case, reference_engine().base)
    factors = factors_of(case, tables, 10)
    for line in ranges():
        first = line["columns"].split(";")[0]
        mine = [
            row
            for factor in factors
            if (factor.table, factor.columns[0]) == (line["table"], first)
            for row in factor.rows
        ]
        assert len(mine) == len(set(mine))
    demand = [factor for factor in factors if factor.table == "demand"]
    assert sum(len(factor.rows) for factor in demand) == int(
        (case.table("demand")["confidence"] == "C").sum()
    )
    assert len({factor.name for factor in factors}) == len(factors)
    assert any(factor.name == "profiles.value.availability_coal" for factor in factors)
    words = Words(case)
    assert all(
        words.say(factor_said(factor.name, about)) for factor in factors for about in ("estimate", "ask")
    )
    assert next(f for f in factors if f.name == "storages.working_capacity.storage_bozoy").how == "noted"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"only": ("links.capacity.line.electricity.bordr",)}, 'only: no factor "links.capacity.line.electricity.bordr". Did you mean "links.capacity.line.electricity.border"?'),
        ({"conclusions": ("net_inport:electricity",)}, 'conclusions: no conclusion "net_inport:electricity". Did you mean "net_import"?'),
        ({"moves": 2.0, "samples": -1}, "moves: 2 is not a share between 0 and 1.\nsamples: -1 is below 0."),
    ],
)  # fmt: skip
def test_wrong_fields_are_told(fields: dict[str, object], message: str) -> None:
    """A field that is typed wrong must not cost an hour of solving first."""
    with pytest.raises(StudyError) as error:
        asked(plant_and_line(), **fields)
    assert str(error.value) == message


@pytest.mark.parametrize("fields", [{}, {"samples": 300, "only": ()}, {"ends": False, "samples": 2}])
def test_without_estimates_nothing_is_varied(fields: dict[str, object]) -> None:
    """Three hundred solves of one and the same case would pass for a proof that all is firm."""
    case = plant_and_line()
    for table in ("assets", "links"):
        case = case.with_table(table, case.table(table).assign(confidence="B" if table == "links" else ""))
    results = asked(case, **{"only": ()} | fields)
    first = page(results).sentences[0]
    assert first == (
        "No row of the case is an estimate (grade C) that a range could be given to: nothing was varied, "
        "and what follows is the case as it stands."
    )
    assert results["conclusions"]["value"].notna().all() and (results["conclusions"]["samples"] == 0).all()
    assert values(results)["solves"] == 0


def test_command_prints_what_would_have_to_be_known(cli: Command, tmp_path: Path) -> None:
    """The answer of the command is the table, not the name of a folder."""
    write(plant_and_line(), tmp_path / "given")
    done = cli("run", "sensitivity", "given", "--samples", "5", "--conclusions", "net_import:electricity")
    assert done.returncode == 0, done.stderr
    assert "What would have to be known better" in done.stdout and "capacity of assets" in done.stdout
    as_json = cli("run", "sensitivity", "given", "--samples", "0", "--only", PLANT, "--json")
    assert json.loads(as_json.stdout)["to_know_better"][0]["factor"] == PLANT


def test_what_turns_the_answer_to_a_cut() -> None:
    """Who reads that works lack most must learn which estimate would make it homes, or nobody.

    The line lost, the plant makes 40 of 62 MW (48 at its high end): 22 MW x 48 h are missing, 30 at the low end and 14 at the high one.
    """
    results = asked(plant_and_line(), lost=("line",), start=date(2024, 1, 1), days=2, samples=0)
    ends = results["one_at_a_time"].set_index(["conclusion", "factor"]).loc["cut:line"]
    assert ends.loc[PLANT, ["at_low", "as_it_stands", "at_high"]].tolist() == pytest.approx(
        [1.44, 1.056, 0.672]
    )
    assert not ends.loc[PLANT, "overturns"]
    assert ends.loc[LINE, "swing"] == pytest.approx(0.0, abs=1e-6)
    told = page(results).sentences
    said = "Unserved without B - A: 1.06 GWh; household in A lacks most, of electricity."
    assert said in told, told


def test_an_element_that_is_not_there_is_refused() -> None:
    """A cut of nothing would read as "nobody goes short"."""
    with pytest.raises(KelisimError) as error:
        asked(plant_and_line(), lost=("lin",))
    assert "line" in str(error.value)
