"""The study fuel on one region that can be counted by hand: cover, a stress, and what more trains, trucks and wagons bring."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.conformance import check_study
from kelisim.studies.fuel.routes import RAIL, FuelRoutes
from kelisim.studies.fuel.study import Fuel
from tests.cases.cut_town import cut_town
from tests.cases.depots import T, depots
from tests.reading import texts, values

DAY = date(2024, 1, 1)
RULES = {"place_rule": "none", "time_rule": "none"}


@cache
def solved(wagons: bool = False) -> Engine:
    return Engine(depots(wagons=wagons), cache=False)


def ask(wagons: bool = False, **fields: Any) -> Results:
    given = {
        "start": DAY, "days": 10, "of": ("door",), "share": 0.9, "train": 50.0, "trucks": 10.0, "wagons": 5.0
    } | RULES  # fmt: skip
    return run("fuel", solved(wagons), **(given | fields))


def tonnes(results: Results) -> float:
    return float(results["short"]["unserved"].sum()) / T


def test_conforms() -> None:
    """The same answer twice, units for every number, the case unchanged."""
    check_study(Fuel(start=DAY, days=10, share=0.9), depots(days=20, wagons=True))


def test_cover_by_hand() -> None:
    """180 t a day from a stock of 300 t last 1.67 days; all comes by rail and over the border."""
    (row,) = ask()["cover"].to_dict("records")
    assert row == {
        "region": "KZ-N", "country": "KZ", "carrier": "diesel",
        "use_day": pytest.approx(180 * T), "protected_share": 0.0, "stock": pytest.approx(300 * T), "norm": 0.0, "reserve": 0.0,
        "room": pytest.approx(600 * T), "cover_days": pytest.approx(300 / 180), "norm_days": 0.0, "free_days": pytest.approx(300 / 180), "rail_share": pytest.approx(1.0),
        "road_share": pytest.approx(0.0, abs=1e-9), "across_share": pytest.approx(1.0), "rail_cover_days": pytest.approx(300 / 180),
    }  # fmt: skip


def test_stress_by_hand() -> None:
    """The door lets 20 t a day through, the south sends 50 by rail and 20 by road: 90 of 180 lack.

    The depot covers three days and 30 t of the fourth; 10 x 90 - 300 = 600 t stay unserved.
    """
    results = ask(time_rule="late")
    assert tonnes(results) == pytest.approx(600, rel=1e-6)
    assert values(results)["stress"] == results["short"]["unserved"].sum()
    assert texts(results)["stress"] == (
        "90 % less of Border point for 10 days from 1 January 2024: "
        "600 t of diesel unserved in North region, first on 4 January 2024."
    )
    (row,) = results["short"].to_dict("records")
    assert row["first_short"] == pd.Timestamp(2024, 1, 4)
    assert row["days_served"] == 3.0
    lost = results["stress"].set_index("element")
    assert set(lost.index) == {"rail_in", "rail_ru"}
    assert lost.loc["rail_in", ["before", "left", "used_plan", "used"]].to_list() == pytest.approx(
        [200, 20, 180, 20]
    )
    assert lost.loc["rail_in", "unit"] == "t/day"
    level = results["levels"].set_index("step")["level"] / T
    assert level.iloc[:5].to_list() == pytest.approx([210, 120, 30, 0, 0], abs=1e-3)
    assert (results["levels"]["level_base"] / T).iloc[:5].to_list() == pytest.approx([300] * 5)


def test_one_more_train_by_hand() -> None:
    """A train of 50 t a day through the door serves 500 t more in ten days, trucks with 10 t a day 100 t.

    As long as fuel is short the gain is even, and the shadow price says the same: VOLL less the way from the refinery.
    """
    results = ask()
    relief = results["relief"].set_index("kind")
    assert list(relief.index) == ["train", "trucks"]
    assert (relief["unserved_less"] / T).to_list() == pytest.approx([500, 100], rel=1e-6)
    assert relief["saved"].to_list() == pytest.approx(relief["saved_by_price"].to_list(), rel=1e-6)
    classes = solved().case.quantities("customer_classes")
    voll = classes["voll"][
        (classes["customer_class"] == "transport") & classes["carrier"].str.contains("diesel")
    ]
    assert relief.loc["train", "saved"] == pytest.approx(500 * T * (voll.iloc[0] - 20 - 1 - 1), rel=1e-6)
    served = results["relief.served"].set_index("kind")
    assert set(served["carrier"]) == {"diesel"}
    assert served["served"].to_dict() == pytest.approx(relief["unserved_less"].to_dict())
    assert relief.loc["trucks", "saved"] == pytest.approx(100 * T * (voll.iloc[0] - 50 - 5), rel=1e-6)


def test_price_promises_no_less_than_is_brought() -> None:
    """A train of 3,000 t brings what was lacking and no more; its price holds for the first ton only."""
    relief = ask(train=3000.0, trucks=500.0)["relief"]
    assert (relief["unserved_less"] / T).to_list() == pytest.approx([600, 600], rel=1e-6)
    assert (relief["saved_by_price"] >= relief["saved"] - 1e-3).all()
    assert relief["saved_by_price"].max() > 2 * relief["saved"].max()


def test_wagons_are_what_is_lacking_where_the_case_has_them() -> None:
    """A queue at the border is a smaller amount of wagon-days: 2 of 20 move 20 t a day; five more move 50."""
    results = ask(wagons=True, of=())
    assert tonnes(results) == pytest.approx(600, rel=1e-6)
    (lost,) = results["stress"].to_dict("records")
    assert (lost["element"], lost["before"], lost["left"], lost["unit"]) == (
        "wagons",
        20.0,
        pytest.approx(2.0),
        "wagon_day/day",
    )
    assert [lost["used_plan"], lost["used"]] == pytest.approx([18.0, 2.0])
    relief = results["relief"].set_index("kind")
    assert relief.loc["wagons", "unserved_less"] / T == pytest.approx(500, rel=1e-6)
    assert relief.loc["wagons", ["size", "unit"]].to_list() == [5.0, "wagon_day/day"]
    assert "5 wagons on Tank wagons saves most" in texts(results)["relief"]


def test_without_wagons_all_rail_links_are_meant() -> None:
    """By hand: 20 through the door, 5 from the south, 20 by road: 10 x 135 - 300 = 1,050 t. The region is no worse off
    by a smaller share."""
    assert tonnes(ask(of=())) == pytest.approx(1050, rel=1e-6)
    some = [tonnes(ask(of=(), share=share, reliefs=0)) for share in (0.2, 0.5, 0.7)]
    assert some == sorted(some)
    assert some[0] == 0.0


def test_nobody_short_is_said_so() -> None:
    """Good news is an answer."""
    results = ask(share=0.05)
    assert results["short"].empty
    assert results["relief"].empty
    found = texts(results)
    assert list(found)[:3] == ["answer", "who", "rests"]
    assert found["answer"] == "Nobody goes short and nothing changes: the plan does not need what is lost."
    assert found["stress"].endswith("no customer in the regions shown lacks fuel.")
    assert "relief" not in texts(results)


def test_other_countries_are_told_apart() -> None:
    """Regions of a neighbour must not hide among those of the home country."""
    results = ask(countries=("RU",))
    assert results["cover"].empty
    assert results["short"].empty
    text = texts(results)
    assert text["cover_diesel"] == "Diesel: not used in the regions shown."
    assert text["others"] == "7.60 GWh are unserved in other countries."


def test_a_track_loses_its_paths_for_all_it_carries() -> None:
    """Paths taken from diesel alone would leave its trains to gasoline: the name of one link means its track."""
    case = depots(track="gate")
    ways = FuelRoutes(case, ("diesel",), ("KZ",))
    assert set(ways.named("rail_in")) == set(ways.named("gate")) == {"rail_in", "petrol"}
    assert set(ways.named("door")) == {"rail_ru", "rail_in", "petrol"}
    assert set(ways.of_kind(RAIL)) == {"rail_ru", "rail_in", "petrol", "rail_s"}
    assert set(ways.groups(ways.of_kind(RAIL))) == {"door", "rail_s"}
    assert ways.tracks(["rail_in", "petrol", "rail_s"]) == {
        "gate": ["petrol", "rail_in"],
        "rail_s": ["rail_s"],
    }


def test_capacity_comes_back_after_the_days() -> None:
    """A stress that never ends would be told as one of ten days."""
    flows = ask(days=5)["levels"].set_index("step")["level"]
    assert np.isfinite(flows).all()
    short = ask(days=5)["unserved"]
    assert short["step"].max() <= pd.Timestamp(2024, 1, 5)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fuels": ("dieze",)}, 'fuels: no carrier "dieze". Did you mean "diesel"?'),
        ({"share": 0.0}, "share: 0 is not between 0 and 1. All of it is 1."),
        ({"days": 0}, "days: 0 is less than a day."),
        ({"train": -1.0}, "train, trucks, wagons and reliefs: give numbers from 0."),
        ({"countries": ("XX",)}, 'countries: no place lies in "XX".'),
        (
            {"of": ("gate",)},
            'of: "gate" is no shared limit, link or track, and no place where a rail link ends.',
        ),
    ],
)
def test_what_cannot_be_asked(fields: dict[str, Any], message: str) -> None:
    """The message is what the user has to go on."""
    with pytest.raises(StudyError) as caught:
        ask(**fields)
    assert str(caught.value) == message


def test_a_case_without_fuels_is_told_so() -> None:
    """An empty table would look as if all were well."""
    with pytest.raises(StudyError, match="customers of this case want no fuel that goes by rail or road"):
        run("fuel", Engine(cut_town(days=3), cache=False))
