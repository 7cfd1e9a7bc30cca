"""The interval of a cut over samples of what is graded C, on a case whose answer is one line of arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Rules
from kelisim.engine.estimates.conditioned import drawn, units_of
from kelisim.engine.estimates.cut import SampledCut
from kelisim.engine.estimates.ensemble import around, ensemble
from kelisim.engine.estimates.factors import factors_of, shifted
from kelisim.engine.estimates.known import known_of
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.border.study import Border
from kelisim.studies.conformance import check_study
from kelisim.studies.disruption.study import Disruption
from kelisim.studies.emergency.study import Emergency
from kelisim.studies.fuel.study import Fuel
from tests.cases.depots import depots
from tests.cases.make import AB, make
from tests.reading import page

CUT: dict[str, Any] = {"lost": ("line",), "start": date(2024, 1, 1), "days": 2}
MADE = """observation, element, carrier, period, value, unit, use, compare_with, independent, source, confidence
          made, power made, electricity, 2024-01-01..2024-01-02, 1.92, GWh, base_2024, carriers.balance.made:KZ:electricity, yes, s, A"""


def behind_a_line(observations: str = MADE) -> Case:
    """b (RU), power at 50 USD/MWh --line 30--> a (KZ): homes 40 MW and works 22 MW, estimates; a plant of 40 MW, an estimate.

    What KZ made in the two days is known: 40 MW x 48 h = 1.92 GWh. Without the line 22 MW are missing, 1.056 GWh.
    """
    return make(
        defaults={"home": "KZ"},
        places=AB,
        assets="""asset, kind, place, capacity, cost, source, confidence, note
                  plant, power_plant, a, 40, 5, s, C, range 36 to 44
                  abroad, import, b, 100, 50, s, A,""",
        asset_kinds="kind, name, group\npower_plant, Power plant, supply",
        asset_ports="""asset, carrier, ratio, confidence
                       plant, electricity, 1, A
                       abroad, electricity, 1, A""",
        links="""link, carrier, kind, from_place, to_place, capacity, source, confidence
                 line, electricity, line, b, a, 30, s, A""",
        demand="""place, carrier, customer_class, amount, unit, confidence
                  a, electricity, household, 40, MW year, C
                  a, electricity, industry, 22, MW year, C""",
        **({"observations": observations} if observations else {}),
        sources="source, title\ns, A book",
    )


@pytest.fixture(scope="module")
def found() -> Results:
    """80 samples of the cut."""
    return run("disruption", Engine(behind_a_line(), cache=False), samples=80, **CUT)


def test_interval_by_hand(found: Results) -> None:
    """All that is used is kept at 62 MW and the output seen gives the plant, so only its error is left.

    The plant is 40 + 4 l, l even between -1 and 1; what was seen allows 5 % = 2 MW, so l is normal with 0.5, cut off at 1: 90 % lie
    within 0.736. Missing: (22 -+ 4 x 0.736) x 48 h = 915 to 1197 MWh.
    """
    whole = found["interval"].set_index("what").loc["all"]
    assert whole["value"] == pytest.approx(22 * 48)
    assert whole["low"] == pytest.approx(915, abs=25)
    assert whole["high"] == pytest.approx(1197, abs=25)
    assert whole["share_short"] == pytest.approx(1.0)
    known = found["interval.known"].set_index("name")
    assert known.loc["demand:KZ:electricity", ["how", "stands"]].tolist() == ["kept", pytest.approx(62 * 48)]
    assert known.loc["made", ["observed", "stands", "tolerance"]].tolist() == pytest.approx(
        [1.92, 1.92, 0.096]
    )
    assert found["interval.moved_by"]["factor"].tolist() == ["assets.capacity.plant"]
    assert found["interval.moved_by"]["correlation"].iloc[0] < -0.95


def test_headline_first_and_interval_after_it(found: Results) -> None:
    """A reader must not take an interval for the answer, nor an answer for certain."""
    told = page(found).sentences
    assert told[0] == "A lacks up to 22.0 MW of electricity, on average 35 % of use while it lasts."
    assert told[1].startswith("Interval of 90 %, over 80 samples of what is graded C (worth ")
    assert told[1].endswith(" GWh unserved.")
    assert "The interval holds what the data leave open, and not what the model leaves out." in told


def test_samples_keep_what_is_known() -> None:
    """A sample in which the country uses another total than the metered one is no sample of this country."""
    case = behind_a_line()
    factors = factors_of(case)
    units = units_of(case, factors)
    known = known_of(case, factors, units)
    levels = drawn(units, known.sums, 40, seed=4)
    uses = []
    for row in levels:
        there = shifted(case, factors, [row[at] for at in units.rows]).quantities("demand")["amount"]
        uses.append(there.to_numpy(dtype=float))
    assert np.abs(np.sum(uses, axis=1) / (62 * 8784) - 1.0).max() < 1e-9
    assert np.std(uses, axis=0).min() > 1.0


@pytest.mark.parametrize(
    ("start", "days", "starts"),
    [
        ((1, 12), 30, ("01-01", "01-12", "02-01", "02-11", "03-01", "04-01", "07-01", "10-01", "11-01")),
        ((6, 1), 30, ("01-01", "04-01", "05-01", "06-01", "07-01", "08-01", "10-01", "11-01")),
        ((11, 20), 42, ("01-01", "04-01", "07-01", "10-01", "11-01", "11-20", "12-01")),
    ],
)
def test_months_around_a_cut_and_seasons_elsewhere(
    start: tuple[int, int], days: int, starts: tuple[str, ...]
) -> None:
    """A month of the window that was one step with others would lend them what it lacks; April and November begin a season."""
    case = make(days=366, places=AB)
    cut = SampledCut((), (), date(2024, *start), days, Rules("none", "none"))
    assert tuple(around(case, cut).horizon.steps["step"].dt.strftime("%m-%d")) == starts


def test_too_few_samples_are_no_interval() -> None:
    """Five samples have a lowest and a highest one, and no 90 % interval."""
    results = check_study(Disruption(**CUT, samples=5), behind_a_line(""))
    told = page(results).sentences
    assert told[1] == "Too few samples to give an interval: 5, worth 5 of equal weight; 50 are needed."
    assert results["interval"].empty


def test_the_same_whoever_solves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples that depended on who solves them could not be asked again."""

    @contextmanager
    def threads(count: int) -> Iterator[Executor]:
        with ThreadPoolExecutor(count) as pool:
            yield pool

    engine = Engine(behind_a_line(), cache=False)
    outage = Outage("line", CUT["start"], date(2024, 1, 2))
    cut = SampledCut((outage,), (), CUT["start"], 2, Rules("cooperative", "late"))
    alone = ensemble(engine, cut, 9, seed=3)
    monkeypatch.setattr("kelisim.engine.working.processes", threads)
    together = ensemble(engine, cut, 9, seed=3, workers=2)
    assert np.array_equal(alone.outcomes, together.outcomes)
    assert np.array_equal(alone.weight, together.weight)
    assert alone.outcomes[:, :-1].sum(axis=1).std() > 10.0


def test_what_is_wrong_is_said() -> None:
    """Two fields that do not go together must not answer something else."""
    with pytest.raises(StudyError) as error:
        run("disruption", Engine(behind_a_line(""), cache=False), samples=-1, workers=0, **CUT)
    assert str(error.value) == "samples: -1 is below 0.\nworkers: 0 is below 1."
    with pytest.raises(StudyError) as error:
        run("disruption", Engine(behind_a_line(""), cache=False), samples=9, knows_duration=False, **CUT)
    assert "an interval is of an outage whose length is known" in str(error.value)


def test_emergency_border_and_fuel_have_theirs() -> None:
    """A plan, or a weakest point, that is given without how sure it is would be taken for certain."""
    case, few = behind_a_line(""), {"samples": 5}
    plan = check_study(Emergency(**CUT, **few), case)
    told = page(plan).sentences
    at = told.index("How sure what remains with measures is:")
    assert told[at + 1] == "Too few samples to give an interval: 5, worth 5 of equal weight; 50 are needed."
    weak = check_study(Border(**few, days=2), case)
    told = page(weak).sentences
    at = told.index("How sure the weakest point is, A without plant:")
    assert told[at + 1].startswith("Too few samples to give an interval: 5")
    assert weak["interval.known"].empty
    lacking = check_study(Fuel(days=10, share=0.9, **few), depots())
    told = page(lacking).sentences
    at = told.index("How sure what fuels lack in the regions shown is:")
    assert told[at + 1].startswith("Too few samples to give an interval: 5")
