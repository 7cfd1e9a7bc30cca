"""What provisions carry: duties and numbers change the case, declarations do not, and a set is the full case less the rest."""

from __future__ import annotations

import pytest

from kelisim.agreement.carried import Package, carries
from kelisim.agreement.provision import provisions_of
from kelisim.agreement.words import countries_in, force_of, kind_of, months_of
from kelisim.case.case import Case
from tests.cases.treaty import treaty


def package(case: Case) -> Package:
    return Package(case, provisions_of(case))


def test_declarations_carry_nothing_and_say_so() -> None:
    """A promise to examine that is priced as a delivery would buy nothing with something."""
    told = {one.provision.name: one.what for one in package(treaty()).every}
    assert told == {"supply": "duty", "second": "duty", "words": "declaration", "aid": "help"}


def test_a_set_is_the_full_case_less_the_rest() -> None:
    """In force is in the numbers already; a draft comes on top: the wrong one of both, and a package is worth the opposite."""
    made = package(treaty())
    links = made.full.quantities("links").set_index("link")
    assert links.at["second", "status"] == "base" and links.at["second", "capacity"] == pytest.approx(20)
    none = made.case_with(()).quantities("links").set_index("link")["capacity"]
    assert none["pipe"] == pytest.approx(0, abs=1e-6) and none["second"] == pytest.approx(0, abs=1e-6)
    only = made.case_with(("supply",)).quantities("links").set_index("link")["capacity"]
    assert only["pipe"] == pytest.approx(20) and only["second"] == pytest.approx(0, abs=1e-6)
    assert [change.element for change in made.without(("second",))] == ["second"]  # type: ignore[union-attr]


def test_a_band_is_a_part_of_what_flows() -> None:
    """A band of 2 MW inside a limit of 5: without it 3 are left, and not nothing."""
    rows = """
        provision, agreement, topic, kind, text, obligor, beneficiary, carrier, acts_on, quantity, unit
        plan, deal, power, supply, energy by the yearly plan, RU, KZ, electricity, links:line:capacity, ,
        band, deal, power, power_band, deviations within the band, KZ, RU, electricity, links:line:capacity, 2, MW
    """
    made = package(treaty(provisions=rows))
    (line,) = {one for it in made.carried for one in it.values}
    sizes = [made.value(line, chosen) for chosen in (("plan", "band"), ("plan",), ("band",), ())]
    assert sizes == pytest.approx([5, 3, 2, 0])


def test_units_by_year_season_and_day() -> None:
    """Seven times a day is 365 sevenths of a year: a rate taken for an amount is wrong a hundredfold."""
    head = "provision, agreement, topic, kind, text, obligor, beneficiary, carrier, acts_on, quantity, unit, season\n"
    for quantity, unit, season, power in (
        (175.68, "GWh/year", "", 20),
        (480, "MWh/day", "winter", 20),
        (86.4, "GWh", "October-March", 19.78),
    ):
        row = f"a, deal, gas, supply, deliver, RU, KZ, natural_gas, links:pipe:capacity, {quantity}, {unit}, {season}"
        (one,) = provisions_of(treaty(provisions=head + row))
        assert one.power == pytest.approx(power, rel=2e-3), unit


@pytest.mark.parametrize(
    ("text", "force", "kind"),
    [
        ("the sides examine deliveries of gas", "soft", "supply"),
        ("Стороны рассмотрят возможность поставки газа", "soft", "supply"),
        ("Тараптар газ жеткізу мүмкіндігін қарастырады", "soft", "supply"),
        ("Россия обязуется обеспечить транзит нефти", "hard", "transit"),
        ("Қазақстан көмірді теміржолмен жеткізуге міндеттенеді", "hard", "rail_paths"),
        ("create conditions for a joint venture", "soft", "joint_venture"),
    ],
)
def test_words_of_three_languages(text: str, force: str, kind: str) -> None:
    """A draft comes in the language of who wrote it."""
    assert (force_of(text, False), kind_of(text)) == (force, kind)


def test_countries_and_seasons() -> None:
    """A company stands for its country; a season is months."""
    assert countries_in("Газпром; ҚазМұнайГаз") == ("RU", "KZ")
    assert countries_in("RU Gazprom;UZ") == ("RU", "UZ")
    assert months_of("декабрь–февраль") == (12, 1, 2)
    assert months_of("қыс") == months_of("winter") == months_of("October to March")
    with pytest.raises(ValueError):
        months_of("blue")


def test_what_is_over_carries_nothing() -> None:
    """A lapsed duty that is still priced is money that nobody pays."""
    case = treaty()
    rows = case.table("provisions")
    case = case.with_table("provisions", rows.assign(status="lapsed"))
    assert {carries(case, one).what for one in provisions_of(case)} == {"over"}


def test_aid_is_a_row_of_help_that_goes_with_its_provision() -> None:
    """Aid counts in an outage only, so it stands with the help that is agreed, and not in the plan."""
    made = package(treaty())
    rows = made.full.table("notifications")
    assert list(rows["volume"]) == [pytest.approx(3)] and rows["trigger"].iloc[0] == "alert:electricity"
    assert made.without_help().table("notifications").empty
    assert made.names == ("second", "supply")


def test_a_season_ends() -> None:
    """A pipe that is promised for the winter is not there in summer, and what was there before stays."""
    head = "provision, agreement, topic, kind, text, obligor, beneficiary, carrier, acts_on, quantity, unit, season, status\n"
    row = (
        "a, deal, gas, supply, deliver more, RU, KZ, natural_gas, links:pipe:capacity, 40, MW, winter, draft"
    )
    made = package(treaty(days=0, months=12, provisions=head + row))
    assert made.full.quantities("links").set_index("link").at["pipe", "capacity"] == pytest.approx(40)
    off = [(one.start.month, one.share) for one in made.seasonal]  # type: ignore[union-attr]
    assert off == [(month, pytest.approx(0.5)) for month in (4, 5, 6, 7, 8, 9)]
    assert package(treaty()).seasonal == []
