"""The study of an agreement: gains that add up, gaps that are named, drafts that are checked."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kelisim.cli.moves import from_files
from kelisim.engine import Engine
from kelisim.errors import CaseError, StudyError, UserError
from kelisim.results.results import Results
from kelisim.studies import run
from tests.cases.treaty import treaty

DRAFT = """provision,text,kind,obligor,beneficiary,carrier,acts_on,quantity,unit,body,status,start,end,season
gas,Russia shall deliver gas,supply,RU,KZ,natural_gas,links:pipe:capacity,20,MW,igc,,2026-01-01,2030-12-31,
"""


def ask(**fields: Any) -> Results:
    return run("agreement", Engine(treaty(), cache=False), **({"days": 10} | fields))


@cache
def small() -> Results:
    return ask(n1="each")


def test_shares_add_up_to_the_package() -> None:
    """What the parts are worth is what the whole is worth, to all and to each side."""
    worth, states = small()["worth"], small()["states"]
    assert list(states["state"]) == ["none", "all", "without", "without"]
    for column, state in (("all", "cost"), ("first", "first"), ("second", "second")):
        assert worth[column].sum() == pytest.approx(-states.iloc[1][state], rel=1e-9)
    assert (worth["error"] == 0).all()
    assert states.iloc[0]["protected"] - states.iloc[1]["protected"] == pytest.approx(
        worth["protected"].sum()
    )


def test_the_second_pipe_is_worth_its_n1() -> None:
    """With two pipes the loss of one harms nobody: the draft closes N-1 for gas, and is missed there only."""
    n1 = small()["n1"].set_index("carrier")
    assert "natural_gas" not in n1.index or n1.at["natural_gas", "protected"] == 0
    missed = small()["worth"].set_index("provision")["missed_n1"]
    assert missed["second"] > 0


def test_a_draft_with_mistakes_lists_them_all() -> None:
    """Row, column and the nearest right value of each, as for any table."""
    wrong = (
        DRAFT.replace("links:pipe", "links:pope").replace(",MW,", ",MWatt,").replace("supply,RU", "suply,RU")
        + "gas,a,b\n"
    )
    with pytest.raises(CaseError) as caught:
        ask(draft=wrong)
    told = str(caught.value)
    assert "draft row 2, kind: " in told and 'Did you mean "supply"?' in told
    assert "pipe" in told and "row 2, unit" in told and caught.value.exit_code == 2


def test_a_place_that_nobody_knows_is_a_mistake() -> None:
    """Without the place nothing would be held against the network, and no gap would be told."""
    head, row = DRAFT.splitlines()
    with pytest.raises(CaseError, match='row 2, from_place: "Nowhere" is no place, region or country'):
        ask(draft=f"{head},from_place,to_place\n{row},Nowhere,KZ\n")


def test_two_drafts_side_by_side() -> None:
    """What differs is named cell by cell, and what each brings stands beside the other."""
    other = DRAFT.replace(",20,MW", ",10,MW") + "more,examine more,declaration,RU,KZ,,,,,igc,,,,\n"
    found = ask(draft=DRAFT, against=other, n1="no")
    rows = found["drafts"].set_index("draft")
    assert list(rows["provisions"]) == [1, 2] and list(rows["carried"]) == [1, 1]
    differ = found["drafts.differ"]
    assert set(zip(differ["provision"], differ["what"], strict=True)) == {
        ("gas", "quantity"),
        ("more", "only_second"),
    }


def test_wrong_fields() -> None:
    with pytest.raises(StudyError, match='Did you mean "deal"'):
        ask(agreement=("dael",))
    with pytest.raises(StudyError, match="no draft"):
        ask(against=DRAFT)


def test_a_draft_is_a_file_on_the_command_line(tmp_path: Path) -> None:
    """The study takes the text, so that a run holds what it was asked with; a file that is not there is named."""
    path = tmp_path / "draft.csv"
    path.write_text("\ufeff" + DRAFT, encoding="utf-8")
    assert from_files({"draft": str(path), "n1": "no"}) == {"draft": DRAFT, "n1": "no"}
    with pytest.raises(UserError, match=r"nowhere\.csv"):
        from_files({"against": str(tmp_path / "nowhere.csv")})


def test_border_regions_without_n1_are_named() -> None:
    """Three of one region: the only pipe, the only line and the only plant for heat; a duty that bears on one of them is told."""
    gaps = ask(draft=DRAFT)["gaps"]
    mine = gaps[(gaps["kind"] == "n1").to_numpy()]
    read = [rows.split(";")[-1] for rows in mine["rows"]]
    assert read == ["border:KZ-S:natural_gas", "border:KZ-S:electricity", "border:KZ-S:heat"]
    assert list(mine["provisions"]) == ["gas", "", ""]
    assert list(mine["say"]) == [f"agreement.gap_n1{end}" for end in ("_with", "", "")]


@pytest.mark.parametrize(("price", "more"), [(4, 3), (0.25, -0.75)])
def test_who_pays_a_tariff_and_who_receives_it(price: float, more: float) -> None:
    """12 MW of gas for 40 days over the pipe, whose tariff is 1 USD/MWh: the clause moves the difference from one side to the other, all lose nothing."""
    words = "the tariff of the pipe is fixed,price,KZ,RU,natural_gas,links:pipe:tariff"
    found = ask(
        draft=f"{DRAFT.splitlines()[0]}\nfee,{words},{price},USD/MWh,igc,,2026-01-01,2030-12-31,\n", n1="no"
    )
    row = found["worth"].set_index("provision").loc["fee"]
    sides = dict(zip(found.fields["countries"], ("first", "second"), strict=True))
    moved = more * 12 * 24 * 40
    assert row["all"] == pytest.approx(0.0, abs=1.0)
    assert row[sides["KZ"]] == pytest.approx(-moved, rel=0.02) and row[sides["RU"]] == pytest.approx(
        moved, rel=0.02
    )


def test_a_summer_right_is_no_supply_in_january() -> None:
    """What is promised for summer does not help when the pipe is lost in winter: with it nobody is safer, without a season everybody is."""
    row = "pipe,a second pipe stands ready,capacity,RU,KZ,natural_gas,links:second:capacity,20,MW,igc,,2026-01-01,2030-12-31,"
    head = DRAFT.splitlines()[0]
    of = {season: ask(draft=f"{head}\n{row}{season}\n")["n1"] for season in ("summer", "year")}
    gas = {
        season: frame[frame["carrier"] == "natural_gas"]["protected"].sum() for season, frame in of.items()
    }
    assert gas["year"] == 0 < gas["summer"]
