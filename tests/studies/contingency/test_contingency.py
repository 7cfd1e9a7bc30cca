"""The study contingency on one day of one town: against enumeration by changed cases, and the N-1 formula by hand."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim.case.change import Outage
from kelisim.engine import Contingencies, Engine, Lost, Rules
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.results.schema import undeclared
from kelisim.studies import run
from kelisim.studies.conformance import check_study
from kelisim.studies.contingency import losses
from kelisim.studies.contingency.study import Contingency
from tests.cases.border_year import border_year
from tests.cases.cut_town import cut_town
from tests.reading import texts

DAY = date(2024, 1, 1)
CURVE = "0:0.2;1:1"
EVERYTHING = ("links", "assets", "storages", "places")
ELEMENTS = {
    "pipe": "links", "wells": "assets", "chp": "assets", "spare": "assets", "cavern": "storages", "field": "places", "town": "places"
}  # fmt: skip


def ask(**fields: Any) -> Results:
    given = {"day": DAY, "place_rule": "none", "of": EVERYTHING} | fields
    return run("contingency", Engine(cut_town(days=1, curve=CURVE), cache=False), **given)


@cache
def by_changed_cases(size: int) -> pd.Series:
    """Extra cost of every set of so many elements: the case without them, compiled and solved from nothing."""
    case = cut_town(days=1, curve=CURVE)
    before = Engine(case, cache=False).base.objective
    found = {}
    for names in combinations(sorted(ELEMENTS), size):
        outages = [Outage(name, DAY, DAY, 1.0, ELEMENTS[name]) for name in names]
        found[names] = Engine(case.with_(*outages), cache=False).base.objective - before
    return pd.Series(found)


def pair(row: Any) -> tuple[str, ...]:
    return tuple(sorted(name.split(":")[1] for name in row if name))


def test_conforms() -> None:
    """The same answer twice, units for every number, the case unchanged."""
    check_study(Contingency(pairs=2, worst=2), cut_town(days=2))
    check_study(Contingency(of=("links", "sites"), carriers=("natural_gas",), pairs=-1), border_year(10))


def test_singles_are_those_of_changed_cases() -> None:
    """An element whose loss is told too low is not guarded."""
    singles = ask()["singles"].set_index("element")["extra_cost"]
    expected = by_changed_cases(1)
    assert set(singles.index) == set(ELEMENTS)
    assert {(name,): cost for name, cost in singles.items()} == pytest.approx(expected.to_dict(), abs=1e-3)
    assert singles.is_monotonic_decreasing


def test_who_goes_short_without_the_chp() -> None:
    """By hand: 2 MW of heat for a day; power comes from the spare plant."""
    results = ask()
    rows = results["singles"].set_index("element")
    assert rows.loc["chp", ["unserved", "protected", "rows_short", "most_in"]].to_list() == [
        pytest.approx(48), pytest.approx(48), 1, "town:heat:heat"
    ]  # fmt: skip
    short = results["unserved"]
    assert short[short["lost"] == "assets:chp"].to_dict("records") == [
        {"lost": "assets:chp", "place": "town", "carrier": "heat", "customer_class": "heat", "unserved": pytest.approx(48)}
    ]  # fmt: skip
    # 48 MWh of heat at 5000; power 48 MWh x 90; less 96 MWh of gas (5 + 1) and 48 MWh of activity at 1
    assert rows.loc["chp", "extra_cost"] == pytest.approx(48 * 5000 + 48 * 90 - 96 * 6 - 48)
    assert rows.loc["spare", ["extra_cost", "solved"]].to_list() == [0.0, False]


def test_pairs_are_those_of_changed_cases() -> None:
    """The worst pair is sought where nobody looks; the proof says that no other is worse."""
    expected = by_changed_cases(2).sort_values(ascending=False)
    found = ask(pairs=4)["pairs"]
    listed = {pair(row[:2]): row[2] for row in found.itertuples(index=False)}
    assert list(listed.values()) == pytest.approx(expected.head(4).to_list(), rel=1e-7)
    for names, cost in listed.items():
        assert cost == pytest.approx(expected[names], rel=1e-7)
    assert found["is_proven"].all()
    others = found["others_at_most"].iloc[0]
    rest = expected.drop(index=list(listed))
    assert rest.max() <= others + 1e-3
    assert others <= found["extra_cost"].min() + 1e-3


def test_every_pair() -> None:
    """A look at all of them leaves none out."""
    found = ask(pairs=-1)["pairs"]
    assert {pair(row[:2]): row[2] for row in found.itertuples(index=False)} == pytest.approx(
        by_changed_cases(2).to_dict(), abs=1e-3
    )


def test_pairs_left_out_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that ends without a word is taken for all there is: what is left out is counted, and held below what is listed."""
    monkeypatch.setattr(losses, "MOST_PAIRS", 5)
    results = ask(pairs=-1)
    expected = by_changed_cases(2).sort_values(ascending=False)
    assert results["pairs"]["extra_cost"].to_list() == pytest.approx(expected.head(5).to_list(), rel=1e-7)
    assert results["pairs"]["others_at_most"].to_list() == pytest.approx([expected.iloc[5]] * 5, rel=1e-7)
    assert texts(results)["others"].startswith(
        "Of 21 pairs 5 are listed; none of the 16 others costs more than "
    )
    assert "others" not in texts(ask(pairs=-1, of=("links", "storages")))


def test_every_triple() -> None:
    """Who plans for three at once asks all of them: each is that of a changed case."""
    engine = Engine(cut_town(days=1, curve=CURVE), cache=False)
    lost = [Lost(element, ((table, element),)) for element, table in ELEMENTS.items()]
    found = Contingencies(engine.snapshot(DAY, Rules("none", "none")), lost).all_sets(3)
    got = {outcome.names: outcome.loss for outcome in found.outcomes()}
    assert len(got) == 35
    assert got == pytest.approx(by_changed_cases(3).to_dict(), rel=1e-7, abs=1e-3)


def test_a_stopped_search_starts_from_what_is_known() -> None:
    """A set that costs less than a single loss on the same page is no worst set."""
    results = ask(worst=3, seconds=-1.0)
    row = results["worst"].iloc[0]
    assert row["extra_cost"] >= results["singles"]["extra_cost"].max()
    assert row["gap"] >= by_changed_cases(3).max() - row["extra_cost"] - 1e-3
    assert np.isfinite(row["gap"])
    if not row["is_proven"]:
        assert "and another set may cost up to " in texts(results)["worst"]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_worst_set_is_that_of_changed_cases(size: int) -> None:
    """A certificate that is wrong is worse than none."""
    results = ask(worst=size)
    row = results["worst"].iloc[0]
    assert row["extra_cost"] == pytest.approx(by_changed_cases(size).max(), rel=1e-7)
    assert bool(row["is_proven"])
    assert row["gap"] == pytest.approx(0.0, abs=1e-3)
    names = pair(row["set"].split("; "))
    assert len(names) <= size
    assert by_changed_cases(len(names))[names] == pytest.approx(row["extra_cost"], rel=1e-7)
    short = results["worst.unserved"]
    # without field or town no gas, heat or, without the spare plant, power: 8 + 6 + 2 MW of gas and heat at least
    assert short["unserved"].sum() >= 0.99 * 24 * (2 if size == 1 else 8)


def test_formula_by_hand() -> None:
    """EPm 30, Sm 30 x (0.2 + 0.8 x level), Im 30, Dmax 14 of customers + 4 of the CHP."""
    results = ask()
    rows = results["n1_formula"]
    assert rows["country"].to_list() == ["KZ", "KZ"]  # RU uses no gas
    columns = ["level", "entry", "production", "storage", "largest_capacity", "demand"]
    by_hand = [0.3, 30, 0, 13.2, 30, 18, 1.0, 30, 0, 30, 30, 18]
    assert rows[columns].to_numpy().ravel() == pytest.approx(by_hand)
    assert rows["n1"].to_list() == pytest.approx([13.2 / 18, 30 / 18])
    assert rows["is_met"].to_list() == [False, True]
    assert rows["largest"].to_list() == ["pipe", "pipe"]
    # the network: the full cavern could give all, but its gas is worth more than industry (300 and 97 USD/MWh)
    assert rows["unserved_model"].to_list() == pytest.approx([6 * 24, 6 * 24])


def test_two_workers_give_the_same() -> None:
    """Numbers may not depend on the machine."""
    one, two = ask(pairs=3), ask(pairs=3, workers=2)
    for name in ("singles", "pairs", "unserved"):
        pd.testing.assert_frame_equal(one[name], two[name], rtol=1e-9)


def test_sites_tracks_and_carriers() -> None:
    """Common causes are lost as one; a question about one carrier looks at its elements only."""
    results = ask(of=("sites",))
    assert results["singles"][["table", "element"]].to_numpy().tolist() == [["sites", "town"]]
    assert texts(results)["costliest"].startswith(
        "The loss that hurts most is that of Steppe town (all of it): "
    )
    assert set(ask(of=("links", "storages"), carriers=("natural_gas",))["singles"]["element"]) == {"pipe", "cavern"}  # fmt: skip


def test_sentences() -> None:
    """What is said names the day, how many were looked at, the worst, and what need not be looked at."""
    found = texts(ask(pairs=1, worst=2))
    assert list(found) == ["short", "costliest", "worst", "others", "untouched", "gas"]
    assert found["short"] == (
        "On 1 January 2024: 7 losses were looked at, each for the whole step; 5 of them leave somebody unserved."
    )
    assert found["costliest"] == (
        "The loss that hurts most is that of Steppe town: 1.31 million USD; 432 MWh stay unserved, most in Steppe town, natural gas of "
        "homes."
    )
    assert found["worst"].endswith("; no other set of that size is worse.")
    assert found["others"].startswith("Of 21 pairs 1 is listed; none of the 20 others costs more than ")
    assert found["untouched"].startswith("2 losses need no answer of their own")


def test_a_step_of_a_month_is_said_as_a_month() -> None:
    """A step of a month does not say what a loss of one day does."""
    results = run("contingency", Engine(border_year(months=1), cache=False), of=("links",))
    assert texts(results)["short"].startswith("In January 2024: ")


@pytest.mark.parametrize(
    "fields",
    [{"pairs": 2, "worst": 2}, {"pairs": -1, "of": ("sites",)}, {"formula": (), "carriers": ("coal",)}],
)
def test_tables_are_described(fields: dict[str, Any]) -> None:
    """A column without a description cannot be defended; a description without a column misleads."""
    results = ask(**fields)
    for name in results:
        assert undeclared("contingency", name, results[name]) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"of": ("link",)}, 'of: "link" is nothing that can be lost. Known: links, assets, storages, places, tracks, sites.'),
        ({"worst": -1}, "worst and workers: give whole numbers, worst from 0 and workers from 1."),
        ({"day": date(2025, 1, 1)}, "start: 2025-01-01 lies outside the case, 2024-01-01 to 2024-01-01."),
        (
            {"place_rule": "own_first"},
            'place_rule: "own_first" is not one of its values. Known: none, cooperative, by_contract.',
        ),
    ],
)  # fmt: skip
def test_questions_that_make_no_sense(fields: dict[str, Any], message: str) -> None:
    """The message is all that somebody has who mistyped at night."""
    with pytest.raises(StudyError) as error:
        ask(**fields)
    assert str(error.value) == message
