"""Conclusions about the home country, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import UserError
from kelisim.report.words import Words
from kelisim.results.tables import Tables
from kelisim.studies.sensitivity.conclusions import KNOWN, conclusion_said, headlines, require, statement_said
from tests.cases.make import AB, make


def two_countries(demand: float = 60.0, line: float = 15.0) -> Case:
    """b (RU), power at 50 USD/MWh --15 MW--> a (KZ): wants 60 MW; coal plant of 40 MW at 7.5, gas turbine of 30 at 80.

    The coal plant runs full, the line is full, the turbine makes 5 MW: over two days 1920, 720 and 240 MWh.
    """
    return make(
        defaults={"home": "KZ"},
        places=AB,
        assets="""asset, kind, place, capacity, cost
                  mine, mine, a, 1000, 1
                  well, field, a, 1000, 30
                  coal, power_plant, a, 40, 5
                  turbine, power_plant, a, 30, 5
                  abroad, import, b, 100, 50""",
        asset_ports="""asset, carrier, ratio
                       mine, coal_high_ash, 1
                       well, natural_gas, 1
                       coal, electricity, 1
                       coal, coal_high_ash, -2.5
                       turbine, electricity, 1
                       turbine, natural_gas, -2.5
                       abroad, electricity, 1""",
        links=f"link, name, carrier, kind, from_place, to_place, capacity\nline, The line, electricity, line, b, a, {line}",
        demand=f"place, carrier, customer_class, amount\na, electricity, household, {demand * 8784}",
    )


def told(case: Case, *names: str) -> dict[str, tuple[float, str, str]]:
    """Value, unit and statement of conclusions, in words."""
    tables, words = Tables(case, Engine(case, cache=False).base), Words(case)
    return {
        one.name: (one.value, one.unit, words.say(statement_said(one.name, one.statement)))
        for one in headlines(tables, names)
    }


def test_values_and_statements_by_hand() -> None:
    """A conclusion is what a minister repeats: it must be the sum it claims to be."""
    found = told(
        two_countries(), "unserved_protected", "net_import:electricity", "power_from:coal", "power_share:coal", "dearest_limit",
        "imported_share:electricity",
    )  # fmt: skip
    assert found["unserved_protected"] == (0.0, "GWh", "all protected customers are served")
    assert found["net_import:electricity"][0] == pytest.approx(720e-6)
    assert found["net_import:electricity"][1:] == ("TWh", "net import of electricity")
    assert found["power_from:coal"][0] == pytest.approx(1920e-6)
    assert found["power_share:coal"][0] == pytest.approx(1920 / 2160)
    assert found["power_share:coal"][2] == "most power is made from coal"
    # turbine 5 + 2.5 x 30 = 80, power abroad 50: each of 720 MWh over the line saves 30 USD
    assert found["dearest_limit"][0] == pytest.approx(720 * 30 / 1e6)
    assert found["dearest_limit"][2] == "the dearest limit is The line, capacity for electricity"
    assert found["imported_share:electricity"][0] == pytest.approx(720 / 2880)
    assert found["power_from:coal"][2] == "power is made from coal"


def test_a_shortage_of_homes_is_told() -> None:
    """95 MW against 40 + 30 + 15: homes lack 10 MW, 480 MWh."""
    value, unit, statement = told(two_countries(demand=95), "unserved_protected")["unserved_protected"]
    assert (value, unit, statement) == (pytest.approx(0.48), "GWh", "protected customers go short")


def test_no_limit_that_costs() -> None:
    """With a wide line nothing of the network is worth widening, and the field's own yield is no bottleneck."""
    assert told(two_countries(line=100), "dearest_limit")["dearest_limit"] == (0.0, "million USD", "no limit has a price")  # fmt: skip


def test_every_conclusion_has_words() -> None:
    """A conclusion that is asked for and cannot be said would break the page after an hour of solving."""
    words = Words(two_countries())
    about = {"": "", "carrier": ":electricity", "family": ":coal"}
    names = [word + about[takes] for word, (_, takes) in KNOWN.items()]
    assert all(words.say(conclusion_said(name, "KZ")) for name in names)
    statements = [text for *_, text in told(two_countries(), *names).values()]
    assert all(statements) and len(set(statements)) == len(KNOWN)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("net_inport:electricity", 'no conclusion "net_inport:electricity". Did you mean "net_import"?'),
        ("net_import:electricty", '"net_import:electricty": net_import is asked of a carrier. Did you mean "net_import:electricity"?'),
        ("power_share:coil", '"power_share:coil": power_share is asked of a family. Did you mean "power_share:coal"?'),
        ("cost:gas", '"cost:gas": cost stands alone.'),
    ],
)  # fmt: skip
def test_wrong_names_are_answered(name: str, message: str) -> None:
    """A list of conclusions is typed by hand."""
    with pytest.raises(UserError) as error:
        require(two_countries(), [name])
    assert str(error.value) == message


def test_a_case_without_a_home_says_what_to_write() -> None:
    """Without a home country there is nothing to conclude about."""
    case = two_countries()
    case = replace(case, settings={key: value for key, value in case.settings.items() if key != "defaults"})
    with pytest.raises(UserError) as error:
        require(case, ["cost"])
    assert str(error.value) == (
        'the case names no home country. Write home = "KZ" under [defaults] in case.toml. Countries: KZ, RU.'
    )
