"""Verdicts from day to day: rules, licences, owners, origin, caps."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kelisim.ledger.ownership import Ownership, Shareholding
from kelisim.ledger.rules import DatedLicence, DatedRule, Subject
from kelisim.ledger.verdicts import Judge

LISTED = date(2025, 10, 22)
OWNERS = Ownership(
    [
        Shareholding("Lukoil", "Karachaganak", 0.135, confidence="B"),
        Shareholding("Lukoil", "Kalamkas", 0.5, confidence="C"),
        Shareholding("Rosneft", "Vehicle", 0.51, confidence="C"),
        Shareholding("Vehicle", "Pipe", 0.075, confidence="B"),
        Shareholding("Lukoil", "Pipe", 0.125, confidence="B"),
        Shareholding("Tatneft", "Butadiene", 0.75, end=date(2026, 1, 29)),
        Shareholding("Samruk", "Butadiene", 0.25, start=date(2026, 1, 30)),
    ]
)
US = [
    DatedRule(f"us_{who.lower()}", "US", "entity", (who,), "summed", 0.5, start=LISTED, confidence="B")
    for who in ("Lukoil", "Rosneft", "Tatneft")
]
UK = DatedRule("uk_lukoil", "UK", "entity", ("Lukoil",), "single", 0.5, start=date(2025, 10, 15))
BOTH = ("us_lukoil", "us_rosneft")
GL124A = DatedLicence(
    "124A", "US", BOTH, ("operate",), ("sell_stake",), ("Pipe",), start=LISTED, end=date(2025, 11, 13)
)
GL124B = DatedLicence(
    "124B", "US", BOTH, ("operate",), ("sell_stake",), ("Pipe", "Karachaganak"), start=date(2025, 11, 14)
)
GL126 = DatedLicence("126", "US", BOTH, ("wind_down",), start=LISTED, end=date(2025, 11, 20))
JUDGE = Judge([*US, UK], [GL124A, GL124B, GL126], OWNERS)


def company(name: str) -> Subject:
    return Subject(name, "entities", {name: 1.0}, frozenset({name}))


def on(name: str, act: str, day: date, authority: str = "US", part: str = "") -> str:
    return JUDGE.on(company(name), authority, act, day, part)


def test_karachaganak_had_only_the_wind_down_from_22_october_to_13_november() -> None:
    day, days = date(2025, 10, 20), []
    while day <= date(2025, 11, 16):
        days.append((day, on("Karachaganak", "operate", day), on("Karachaganak", "wind_down", day)))
        day += timedelta(days=1)
    stopped = [day for day, operate, _ in days if operate == "prohibited"]
    assert (stopped[0], stopped[-1], len(stopped)) == (LISTED, date(2025, 11, 13), 23)
    assert {wind for day, operate, wind in days if operate == "prohibited"} == {"licence"}
    assert days[0][1:] == ("clear", "clear") and days[-1][1] == "licence"


def test_the_licence_of_the_pipe_does_not_allow_a_sale_of_stakes() -> None:
    (one,) = [
        v
        for v in JUDGE.verdicts([company("Pipe")], LISTED, date(2025, 12, 31))
        if (v.authority, v.act, v.start) == ("US", "sell_stake", LISTED)
    ]
    assert (one.verdict, one.barred, one.end) == ("prohibited", ("124A",), date(2025, 11, 13))
    assert one.share == pytest.approx(0.2) and one.part == "holder"
    assert set(one.chain) == {
        ("Lukoil", "Pipe", 0.125),
        ("Vehicle", "Pipe", 0.075),
        ("Rosneft", "Vehicle", 0.51),
    }
    assert one.confidence == "C"  # that Rosneft holds 51 % of the vehicle is from memory


def test_authorities_stand_side_by_side() -> None:
    """Half of Kalamkas: the whole company under one rule; under the other the half of Lukoil, and a person for the rest."""
    assert on("Kalamkas", "operate", LISTED) == "prohibited"
    assert on("Kalamkas", "operate", LISTED, "UK", "whole") == "judge"
    assert on("Kalamkas", "operate", LISTED, "UK", "holder") == "prohibited"
    assert on("Kalamkas", "operate", date(2025, 10, 14), "UK") == "clear"


def test_a_partner_who_left_is_no_reason_any_more() -> None:
    assert on("Butadiene", "operate", date(2026, 1, 29)) == "prohibited"
    assert on("Butadiene", "operate", date(2026, 1, 30)) == "clear"


def test_pieces_that_say_the_same_are_one() -> None:
    """A year in which nothing changes has one row, though other rules begin in it."""
    found = [
        v for v in JUDGE.verdicts([company("Kalamkas")], LISTED, date(2026, 10, 21)) if v.authority == "US"
    ]
    assert {(v.act, v.start, v.end) for v in found if v.verdict == "prohibited" and v.act == "operate"} == {
        ("operate", LISTED, date(2026, 10, 21))
    }
    assert sorted(v.end for v in found if v.act == "wind_down") == [date(2025, 11, 20), date(2026, 10, 21)]


def test_what_no_rule_touches_has_one_row() -> None:
    (one,) = JUDGE.verdicts([company("Samruk")], LISTED, date(2026, 10, 21))
    assert (one.verdict, one.authority, one.start, one.end) == ("clear", "", LISTED, date(2026, 10, 21))


def test_every_piece_says_what_each_of_its_days_says() -> None:
    subjects = [company(name) for name in ("Pipe", "Karachaganak", "Kalamkas", "Butadiene")]
    first, last = date(2025, 10, 10), date(2026, 2, 5)
    rows = JUDGE.verdicts(subjects, first, last)
    for subject in subjects:
        for days in range(0, (last - first).days + 1, 3):
            day = first + timedelta(days=days)
            for authority in ("US", "UK"):
                for act in ("operate", "wind_down", "sell_stake"):
                    inside = [
                        v.verdict
                        for v in rows
                        if (v.subject, v.authority, v.act) == (subject.name, authority, act)
                        and v.start <= day <= v.end
                    ]
                    worst = JUDGE.on(subject, authority, act, day)
                    assert (worst in inside) if worst != "clear" else not inside


CAP = DatedRule(
    "cap", "EU", "price_cap", effect="cap_price", carriers=("crude",), origins=("RU",), value=47.6
)
CARVED = DatedLicence(
    "origin", "EU", ("cap",), ("carry",), origins=("KZ",), conditions=("certificate_of_origin",)
)


def cargo(origins: str, price: float | None) -> Subject:
    through = frozenset({"RU", "KZ"})
    return Subject(
        "cargo",
        "links",
        carrier="crude",
        origins=frozenset(origins.split()),
        through=through,
        is_sea=True,
        price=price,
    )


@pytest.mark.parametrize(
    ("origins", "price", "expected"),
    [
        ("RU", 60.0, {"whole": "above_cap"}),
        ("RU", 47.6, {}),
        ("RU", None, {"whole": "judge"}),
        ("KZ", 60.0, {"whole": "licence"}),
        ("RU KZ", 60.0, {"origin": "above_cap", "other": "licence"}),
    ],
)
def test_a_cap_looks_at_the_origin_and_the_price(
    origins: str, price: float | None, expected: dict[str, str]
) -> None:
    """Kazakh oil that crosses Russia is outside the cap with its certificate; of a mixture each part is told apart."""
    rows = Judge([CAP], [CARVED], Ownership([])).verdicts([cargo(origins, price)], LISTED, LISTED)
    assert {v.part: v.verdict for v in rows if v.verdict != "clear"} == expected


def test_a_ban_on_imports_and_its_carve_out() -> None:
    ban = DatedRule("ban", "EU", "commodity", carriers=("crude",), origins=("RU",), countries=("EU",))
    carved = DatedLicence("origin", "EU", ("ban",), ("import",), origins=("KZ",))
    judge = Judge([ban], [carved], Ownership([]))

    def at(origins: str, country: str, through: str) -> set[tuple[str, str]]:
        market = Subject(
            "market",
            "markets",
            carrier="crude",
            origins=frozenset(origins.split()),
            countries=frozenset(country.split()),
            through=frozenset(through.split()),
        )
        return {(v.part, v.verdict) for v in judge.verdicts([market], LISTED, LISTED)}

    assert at("RU", "DE EU", "RU") == {("whole", "prohibited")}
    assert at("KZ", "DE EU", "KZ RU") == {("whole", "licence")}
    assert at("KZ", "TR", "KZ RU") == {("whole", "clear")}
    assert at("KZ", "DE EU", "KZ AZ") == {("whole", "clear")}
    assert at("RU KZ", "DE EU", "KZ RU") == {("origin", "prohibited"), ("other", "licence")}


def test_products_are_judged_by_what_they_were_made_of() -> None:
    made_of = DatedRule("made_of", "EU", "origin", carriers=("diesel",), origins=("RU",), countries=("EU",))
    judge = Judge([made_of], [], Ownership([]))
    market = Subject(
        "m",
        "markets",
        carrier="diesel",
        origins=frozenset({"KZ"}),
        feeds=frozenset({"RU"}),
        countries=frozenset({"EU"}),
    )
    assert judge.on(market, "EU", "import", LISTED) == "prohibited"


def test_a_day_that_is_not_known_is_for_a_person() -> None:
    """A licence of "March 2026" surely holds from the last day of the month."""
    unsure = DatedLicence(
        "later", "US", ("us_lukoil",), ("operate",), start=date(2026, 3, 1), sure_from=date(2026, 3, 31)
    )
    judge = Judge(US, [unsure], OWNERS)
    told = [
        judge.on(company("Kalamkas"), "US", "operate", date(2026, *day))
        for day in ((2, 28), (3, 1), (3, 30), (3, 31))
    ]
    assert told == ["prohibited", "judge", "judge", "licence"]


def test_a_rule_that_only_raises_the_risk_forbids_nothing() -> None:
    risk = DatedRule("risk", "US", "service", effect="risk", countries=("RU",), carriers=("crude",))
    link = Subject("pipe", "links", carrier="crude", countries=frozenset({"RU"}))
    assert Judge([risk], [], Ownership([])).on(link, "US", "services", LISTED) == "clear"


@pytest.mark.parametrize("effect", ["levy", "cap_volume"])
def test_what_is_allowed_at_a_price_or_up_to_a_volume_is_not_prohibited(effect: str) -> None:
    rule = DatedRule("duty", "RU", "commodity", effect=effect, carriers=("crude",), countries=("KZ",))
    market = Subject("m", "markets", carrier="crude", origins=frozenset({"RU"}), countries=frozenset({"KZ"}))
    assert Judge([rule], [], Ownership([])).on(market, "RU", "import", LISTED) == "judge"
