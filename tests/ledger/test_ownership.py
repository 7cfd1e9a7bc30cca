"""Shares through chains and circles, and the tests of the authorities."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kelisim.errors import CaseError, UserError
from kelisim.ledger.ownership import Caught, HeldShares, Ownership, Shareholding
from kelisim.ledger.ownership_files import read_bods, read_csv

DAY = date(2025, 10, 22)
# Caspian Pipeline Consortium, press list of February 2025; Rosneft holds 51 % of its venture with Shell
CPC = {
    "Transneft": 0.24,
    "KazMunayGas": 0.19,
    "Chevron": 0.15,
    "Lukoil International": 0.125,
    "ExxonMobil": 0.0925,
    "Rosneft-Shell": 0.075,
    "CPC Company": 0.07,
    "Shell": 0.02,
    "Eni": 0.02,
    "Kazakhstan Pipeline Ventures": 0.0175,
}
HOLDINGS = [
    *(Shareholding(owner, "CPC", share) for owner, share in CPC.items()),
    Shareholding("Transneft", "CPC Company", 1.0),
    Shareholding("Lukoil", "Lukoil International", 1.0),
    Shareholding("Rosneft", "Rosneft-Shell", 0.51),
    Shareholding("Shell", "Rosneft-Shell", 0.49),
    Shareholding("KazMunayGas", "Kalamkas-Khazar", 0.5, confidence="C"),
    Shareholding("Lukoil", "Kalamkas-Khazar", 0.5, confidence="C"),
]


def of(caught: Caught, shares: HeldShares, name: str) -> tuple[bool, float, tuple[str, ...]]:
    place = shares.at[name]
    return bool(caught.is_caught[place]), float(caught.counted[place]), caught.doubts[place]


def test_the_american_rule_adds_blocked_holders_and_does_not_block_cpc() -> None:
    """20.0 % of CPC: 12.5 of Lukoil and the whole 7.5 of a vehicle that Rosneft holds by 51 %; 16.3 % if shares were multiplied."""
    shares = Ownership(HOLDINGS).on(DAY)
    caught = shares.caught(["Rosneft", "Lukoil"], "summed", 0.5)
    is_caught, counted, doubts = of(caught, shares, "CPC")
    assert (is_caught, doubts) == (False, ())
    assert counted == pytest.approx(0.2, abs=1e-12)
    assert shares.through(["Rosneft", "Lukoil"])[:, shares.at["CPC"]].sum() == pytest.approx(0.16325)


def test_half_of_a_venture_is_caught_by_one_rule_and_not_by_the_other() -> None:
    """Kalamkas-Khazar, 50/50 with Lukoil: at least half in the United States, more than half in Britain."""
    shares = Ownership(HOLDINGS).on(DAY)
    american = shares.caught(["Lukoil"], "summed", 0.5)
    british = shares.caught(["Lukoil"], "single", 0.5)
    assert of(american, shares, "Kalamkas-Khazar") == (True, 0.5, ())
    assert of(british, shares, "Kalamkas-Khazar") == (False, 0.5, ("half",))
    chain = shares.chain(american, "Kalamkas-Khazar")
    assert chain == [("Lukoil", "Kalamkas-Khazar", 0.5)] and shares.grade(chain) == "C"


def test_britain_does_not_add_listed_holders_and_asks_a_person() -> None:
    """Transneft 31 %, Lukoil 12.5 %, Rosneft 7.5 %: 51 % of CPC together, nobody with more than half."""
    shares = Ownership(HOLDINGS).on(DAY)
    caught = shares.caught(["Transneft", "Lukoil", "Rosneft"], "single", 0.5)
    is_caught, counted, doubts = of(caught, shares, "CPC")
    assert (is_caught, doubts) == (False, ("together",)) and counted == pytest.approx(0.31)
    added = shares.caught(["Transneft", "Lukoil", "Rosneft"], "summed", 0.5)
    assert of(added, shares, "CPC")[0]


def test_named_catches_nobody_through_owners() -> None:
    shares = Ownership(HOLDINGS).on(DAY)
    caught = shares.caught(["Lukoil"], "named", 0.5)
    assert [name for name in shares.names if caught.is_caught[shares.at[name]]] == ["Lukoil"]


def test_a_chain_of_halves_is_caught_whole() -> None:
    """Half of half of half: 12.5 % through shares, caught link by link."""
    steps = [Shareholding(a, b, 0.5) for a, b in zip("ABC", "BCD", strict=True)]
    shares = Ownership(steps).on(DAY)
    assert shares.through(["A"])[0, shares.at["D"]] == pytest.approx(0.125)
    caught = shares.caught(["A"], "summed", 0.5)
    assert caught.is_caught.all()
    assert shares.chain(caught, "D") == [("C", "D", 0.5), ("B", "C", 0.5), ("A", "B", 0.5)]
    assert shares.caught(["A"], "single", 0.5).is_caught.sum() == 1


def test_a_circle_by_hand() -> None:
    """L holds 40 % of X; X and Y hold 60 % of each other: L has 0.4 / (1 - 0.36) = 0.625 of X and 0.375 of Y."""
    circle = [Shareholding("L", "X", 0.4), Shareholding("X", "Y", 0.6), Shareholding("Y", "X", 0.6)]
    shares = Ownership(circle).on(DAY)
    found = shares.through(["L"])[0]
    assert found[shares.at["X"]] == pytest.approx(0.625) and found[shares.at["Y"]] == pytest.approx(0.375)
    # what X has of Y is what it holds; the way round through itself is not counted twice
    assert shares.through(["X"])[0, shares.at["Y"]] == pytest.approx(0.6)
    assert not shares.caught(["L"], "summed", 0.5).is_caught[shares.at["X"]]


def test_companies_that_hold_one_another_whole_belong_to_nobody() -> None:
    shares = Ownership(
        [Shareholding("X", "Y", 1.0), Shareholding("Y", "X", 1.0), Shareholding("L", "Z", 1.0)]
    ).on(DAY)
    with pytest.raises(UserError, match="circle"):
        shares.through(["L"])


@pytest.mark.parametrize("seed", range(2))
def test_large_graphs_with_circles_equal_dense_algebra(seed: int) -> None:
    """1,000 entities: the reference cuts what others hold of the holder and solves with the whole matrix."""
    random, size = np.random.default_rng(seed), 1000
    dense = np.where(random.random((size, size)) < 0.004, random.random((size, size)), 0.0)
    np.fill_diagonal(dense, 0.0)
    total = dense.sum(axis=0)
    dense *= np.where(total > 0, random.uniform(0.2, 0.98, size) / np.where(total > 0, total, 1.0), 0.0)
    names = [f"e{place}" for place in range(size)]
    owners, owned = np.nonzero(dense)
    rows = [Shareholding(names[i], names[j], float(dense[i, j])) for i, j in zip(owners, owned, strict=True)]
    shares = Ownership(rows, names).on(DAY)
    order = [shares.at[name] for name in names]
    holders = [names[place] for place in random.choice(size, 5, replace=False)]
    found = shares.through(holders)[:, order]
    for row, holder in zip(found, holders, strict=True):
        place = names.index(holder)
        cut = dense.copy()
        cut[:, place] = 0.0
        reference = np.linalg.solve((np.eye(size) - cut).T, np.eye(size)[place])
        assert np.abs(row - reference).max() < 1e-12
    # the test that adds is the smallest set closed under its rule
    caught = shares.caught(holders, "summed", 0.5)
    inside = caught.is_caught[order].astype(float)
    grown = (dense.T @ inside >= 0.5) | np.isin(names, holders)
    assert (grown == inside.astype(bool)).all() and inside.sum() >= 5


def test_shares_are_dated() -> None:
    """A Russian partner leaves a venture on 29 January 2026."""
    held = Ownership(
        [
            Shareholding("Tatneft", "Butadiene", 0.75, date(2021, 11, 1), date(2026, 1, 29)),
            Shareholding("Samruk-Kazyna", "Butadiene", 0.99999, date(2026, 1, 30)),
        ]
    )
    caught = {
        day: of(shares.caught(["Tatneft"], "summed", 0.5), shares, "Butadiene")[0]
        for day in (date(2026, 1, 29), date(2026, 1, 30))
        for shares in [held.on(day)]
    }
    assert list(caught.values()) == [True, False]
    assert held.changes() == [date(2021, 11, 1), date(2026, 1, 30)]


def test_control_and_ranges_are_for_a_person() -> None:
    held = [
        Shareholding("Listed", "Steered", 0.3),
        Shareholding("Listed", "Steered", is_control=True),
        Shareholding("Listed", "Wide", 0.4, most=0.6),
    ]
    shares = Ownership(held).on(DAY)
    for test in ("summed", "single"):
        caught = shares.caught(["Listed"], test, 0.5)
        assert of(caught, shares, "Steered") == (False, 0.3, ("control",))
        assert of(caught, shares, "Wide") == (False, 0.4, ("range",))


def test_a_table_lists_all_that_is_wrong(tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text("owner,owned,share,start,confidence\nLukoil,Venture,0.5,2023-02-01,C\n", encoding="utf-8")
    (one,) = read_csv(good).holdings
    assert (one.share, one.start, one.confidence) == (0.5, date(2023, 2, 1), "C")
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "owner,owned,share,start,end\n,V,50,2023-02-30,\nA,B,x,2024-01-02,2024-01-01\n", encoding="utf-8"
    )
    with pytest.raises(CaseError) as error:
        read_csv(bad)
    found = {(problem.row, problem.column) for problem in error.value.problems}
    assert found == {(2, "owner"), (2, "share"), (2, "start"), (3, "share"), (3, "end")}


BODS_03: list[dict[str, Any]] = [
    {"statementID": "p1", "statementType": "personStatement", "names": [{"fullName": "A Person"}]},
    {"statementID": "c1", "statementType": "entityStatement", "name": "Holder"},
    {"statementID": "c2", "statementType": "entityStatement", "name": "Venture"},
    {
        "statementID": "r1",
        "statementType": "ownershipOrControlStatement",
        "subject": {"describedByEntityStatement": "c2"},
        "interestedParty": {"describedByEntityStatement": "c1"},
        "interests": [{"type": "shareholding", "share": {"exact": 50}, "startDate": "2023-02"}],
    },
    {
        "statementID": "r2",
        "statementType": "ownershipOrControlStatement",
        "subject": {"describedByEntityStatement": "c1"},
        "interestedParty": {"describedByPersonStatement": "p1"},
        "interests": [
            {"type": "shareholding", "share": {"minimum": 25, "maximum": 60}},
            {"type": "appointmentOfBoard"},
        ],
    },
]
BODS_04: list[dict[str, Any]] = [
    {"statementId": "s1", "recordId": "c1", "recordType": "entity", "recordDetails": {"name": "Holder"}},
    {"statementId": "s2", "recordId": "c2", "recordType": "entity", "recordDetails": {"name": "Venture"}},
    {
        "statementId": "s0",
        "recordId": "r1",
        "recordType": "relationship",
        "recordDetails": {"subject": "c2", "interestedParty": "c1", "interests": []},
    },
    {
        "statementId": "s3",
        "recordId": "r1",
        "recordType": "relationship",
        "recordDetails": {
            "subject": "c2",
            "interestedParty": "c1",
            "interests": [
                {"type": "shareholding", "share": {"exact": 50}, "endDate": "2026-01-29T00:00:00Z"}
            ],
        },
    },
    {
        "statementId": "s4",
        "recordId": "r2",
        "recordType": "relationship",
        "recordStatus": "closed",
        "recordDetails": {
            "subject": "c2",
            "interestedParty": "c1",
            "interests": [{"type": "shareholding", "share": {"exact": 10}}],
        },
    },
]


def test_statements_of_beneficial_ownership(tmp_path: Path) -> None:
    path = tmp_path / "bods.json"
    path.write_text(json.dumps(BODS_03), encoding="utf-8")
    read = read_bods(path)
    told = {(one.owner, one.owned, one.share, one.most, one.is_control) for one in read.holdings}
    assert told == {
        ("Holder", "Venture", 0.5, None, False),
        ("A Person", "Holder", 0.25, 0.6, False),
        ("A Person", "Holder", 0.0, None, True),
    }
    assert read.holdings[0].start == date(2023, 2, 1)
    shares = read.on(DAY)
    assert of(shares.caught(["A Person"], "summed", 0.5), shares, "Holder")[2] == ("range", "control")


def test_the_newer_standard_and_lines_of_statements(tmp_path: Path) -> None:
    """Closed records, and what a later statement says anew, are left out; both ways of writing a file say the same."""
    whole, lines = tmp_path / "whole.json", tmp_path / "lines.jsonl"
    whole.write_text(json.dumps(BODS_04), encoding="utf-8")
    lines.write_text("\n".join(json.dumps(one) for one in BODS_04), encoding="utf-8")
    (one,) = read_bods(whole).holdings
    assert (one.owner, one.owned, one.share, one.end) == ("Holder", "Venture", 0.5, date(2026, 1, 29))
    assert read_bods(lines).holdings == (one,)


def test_mangled_statements_are_read_or_refused(tmp_path: Path) -> None:
    """Whatever stands in the place of a part of a file, the answer is a graph or an error that names the row."""
    random, path = np.random.default_rng(7), tmp_path / "mangled.json"
    junk: list[Any] = [None, [], {}, "", "x", -1, 101, 1e999, [[]], {"exact": []}, "2025-13-99", True]
    refused = 0
    for _ in range(120):
        statements = json.loads(json.dumps([*BODS_03, *BODS_04]))
        place: Any = statements[random.integers(len(statements))]
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = keys[random.integers(len(keys))] if keys else None
            if (
                key is None
                or not isinstance(place[key], (dict, list))
                or not place[key]
                or random.random() < 0.3
            ):
                break
            place = place[key]
        if key is not None:
            place[key] = junk[random.integers(len(junk))]
        path.write_text(json.dumps(statements), encoding="utf-8")
        try:
            assert read_bods(path).names
        except CaseError as error:
            refused += 1
            assert all(problem.file == "mangled.json" and problem.row for problem in error.problems)
    assert 0 < refused < 120
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(CaseError, match="nested"):
        read_bods(path)


@pytest.mark.parametrize("text", ["[{", "{}\nno", '[{"recordType":"relationship","recordId":"r","recordDetails":{"subject":"x","interestedParty":"y"}}]'])  # fmt: skip
def test_what_is_no_such_file_ends_with_its_place(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=r"bad\.json row"):
        read_bods(path)
