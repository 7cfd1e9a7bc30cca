"""A study asked of a table of scenarios: quantiles by hand, mistakes by row and column, and a scenario without an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.scenario_table import read, under
from kelisim.engine import Engine
from kelisim.errors import CaseError, StudyError
from kelisim.lp.delta import between
from kelisim.model.build import compile_case
from kelisim.results.results import Results
from kelisim.studies.ensemble.across import AcrossTask
from kelisim.studies.study import create
from tests.cases.border import steppe
from tests.cases.contract_town import contract_town
from tests.cases.make import AB, make
from tests.conftest import Command

SHORT = [f"s{at},demand:*:amount,{1.0 + at / 10:g},factor" for at in range(5)]


def ask(rows: list[str], head: str = "scenario,acts_on,value,unit", **fields: object) -> Results:
    """A well of 10 MW for a demand of 10 MW over two days: what is asked beyond it is not served."""
    case = make(
        days=2,
        places=AB,
        assets="asset, kind, place, capacity, cost\nwells, field, b, 10, 5",
        asset_ports="asset, carrier, ratio\nwells, natural_gas, 1",
        demand="place, carrier, customer_class, amount, unit\nb, natural_gas, household, 10, MW year",
    )
    given = {"table": "\n".join([head, *rows]), **fields}
    return create("ensemble", given).run(Engine(case, cache=False))


def test_quantiles_by_hand() -> None:
    """1.0 to 1.4 times 10 MW for 48 hours: 0, 48, 96, 144 and 192 MWh are lacking, 96 in the middle, 48 a quarter."""
    found = ask(SHORT)
    each = found["scenarios.facts"]
    assert each[each["fact"] == "unserved_energy"]["value"].tolist() == pytest.approx([0, 48, 96, 144, 192])
    row = found["quantiles"].set_index("fact").loc["unserved_energy"]
    ends = row[["as_it_stands", "mean", "low", "quarter", "middle", "three_quarters", "high", "at_most"]]
    assert ends.astype(float).tolist() == pytest.approx([0, 96, 9.6, 48, 96, 144, 182.4, 192])
    assert (row["scenarios"], row["least"], row["most"]) == (5, "s0", "s4")
    assert found["scenarios"]["changes"].tolist() == [1] * 5


def test_mistakes_are_listed() -> None:
    """Of thousands of rows some are wrong; who is told of one at a time gives up."""
    rows = [
        "a,demand:c:amount,1,factor,",
        "a,demand:*:amuont,1,factor,",
        "b,assets:wells:capacity,x,factor,",
        "b,demand:*:amount,2,factor,2024-01-01",
    ]
    with pytest.raises(CaseError) as first:
        ask(rows, "scenario,acts_on,value,unit,start")
    assert [(one.row, one.column) for one in first.value.problems] == [(4, "value")]
    rows[2] = "b,assets:wells:capacity,0.5,factor,"
    with pytest.raises(CaseError) as error:
        ask(rows, "scenario,acts_on,value,unit,start")
    assert str(error.value) == (
        '3 problems in case "tiny"\n'
        '  table row 2, acts_on: "c" is not in demand.\n'
        '  table row 3, acts_on: demand has nothing called "amuont" that can change for some days. Did you mean "demand:*:amount"?\n'
        "  table row 5, start: amount changes for the whole horizon; only what is out of service has days. Leave it empty."
    )
    with pytest.raises(CaseError, match=r'unknown column. Did you mean "acts_on"'):
        ask(["a,demand:*:amount,1,factor"], "scenario,act_on,value,unit")
    with pytest.raises(CaseError, match="holds no scenario"):
        ask([])
    with pytest.raises(StudyError, match="an ensemble is not asked of an ensemble"):
        ask(SHORT, study="ensemble")
    with pytest.raises(StudyError, match="has no field"):
        ask(SHORT, asked=("dyas=3",))


def test_what_is_out_has_days() -> None:
    """An outage of two days must not last the year."""
    case = steppe()
    text = "scenario,acts_on,value,unit,start,end\ncut,links:pipe:share_out,0.5,share,2024-01-02,2024-01-03\n"
    table = read(case, text)
    outages = under(case, table, "cut").table("outages")
    row = outages.iloc[-1]
    assert (row["start"].date(), row["end"].date()) == (date(2024, 1, 2), date(2024, 1, 3))
    assert case.table("outages").empty


def test_on_the_command_line(mycase: Path, cli: Command) -> None:
    """A file of scenarios beside the fields of a study, and one that is not there."""
    Path("winters.csv").write_text("scenario,acts_on,value,unit\ncold,demand:*:amount,1.1,factor\n")
    words = ("run", "balance", "mycase", "--step", "1mo", "--ensemble")
    told = cli(*words, "winters.csv", "--series", "no", "--json")
    found = json.loads(told.stdout)
    assert found["study"] == "ensemble" and found["fields"]["asked"] == ["series=no"]
    assert [row["scenario"] for row in found["scenarios"]] == ["cold"]
    assert cli(*words, "winter.csv").stderr.startswith('--ensemble: "winter.csv" cannot be read: ')


OUT = "a,{table}:{element}:share_out,{share},share,2024-01-02,2024-01-03"


@pytest.mark.parametrize(
    ("table", "case"),
    [
        *((table, steppe) for table in ("links", "assets", "storages", "markets")),
        ("contracts", contract_town),
    ],
)
def test_a_scenario_of_outages_is_not_compiled_and_is_the_same(table: str, case: Callable[[], Case]) -> None:
    """Thousands of scenarios take something out: the problem of each is that of the case with less room, as if it had been compiled."""
    engine = Engine(case(), cache=False)
    element = engine.case.table(table).iloc[-1, 0]
    for share in (0.25, 1.0):
        rows = "scenario,acts_on,value,unit,start,end\n" + OUT.format(
            table=table, element=element, share=share
        )
        scenarios = read(engine.case, rows)
        made = AcrossTask(engine, scenarios, "balance", {}).plain("a")
        compiled = compile_case(under(engine.case, scenarios, "a"))
        assert made is not None
        changed, apart = between(engine.plain, made), between(compiled, made)
        assert changed is not None and not changed.is_empty
        assert apart is not None and apart.is_empty


def test_another_scenario_is_compiled() -> None:
    engine = Engine(steppe(), cache=False)
    rows = "scenario,acts_on,value,unit\na,demand:*:amount,1.1,factor\na,assets:*:share_out,0.5,share"
    assert AcrossTask(engine, read(engine.case, rows), "balance", {}).plain("a") is None


def test_a_market_out_of_service_takes_nothing() -> None:
    """A closed market took all it could: outages of markets and contracts were no part of a plan."""
    case = steppe()
    market = str(case.table("markets").iloc[0, 0])
    engine = Engine(case.with_(Outage(market, table="markets")), cache=False)
    taken = engine.base.columns["markets.taken"]
    assert engine.base.status == "optimal" and not taken.values[taken.elements.index(market)].any()
