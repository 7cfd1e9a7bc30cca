"""Areas of the N-1 formula: which places belong together, what counts for each, and the areas of the shipped case by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.errors import CaseError
from kelisim.results.n1_areas import areas, infrastructure
from kelisim.studies.contingency.losses import n1_formula
from tests.cases.make import make
from tests.cases.reference import reference, reference_engine

GAS = "natural_gas"
NO_LOSSES = pd.DataFrame(columns=["element", "unserved"])
CASE = {
    "places": """
        place,  name,   country, region
        abroad, Abroad, RU,
        field,  Field,  KZ,      KZ-W
        west,   West,   KZ,      KZ-W
        node,   Node,   KZ,      KZ-W
        south,  South,  KZ,      KZ-S
        island, Island, KZ,      KZ-I
    """,
    "links": """
        link,  carrier,     kind,     from_place, to_place, capacity
        spur,  natural_gas, pipeline, field,      west,     6
        inlet, natural_gas, pipeline, abroad,     node,     20
        trunk, natural_gas, pipeline, node,       south,    12
        loop,  natural_gas, pipeline, node,       west,     5
        ferry, natural_gas, pipeline, abroad,     island,   3
    """,
    "assets": "asset, kind, place, capacity, cost\nwell, field, field, 9, 1\nsmall, field, south, 2, 1\nfar, field, abroad, 50, 1",
    "asset_ports": "asset, carrier, ratio\nwell, natural_gas, 1\nsmall, natural_gas, 1\nfar, natural_gas, 1",
    "storages": "storage, place, carrier, working_capacity, unit, withdrawal, withdrawal_curve\ntank, south, natural_gas, 200, MWh, 4, 0:0;1:1",
    "demand": """
        place,  carrier,     customer_class, amount, unit
        west,   natural_gas, household,      4,      MW year
        south,  natural_gas, household,      10,     MW year
        island, natural_gas, household,      2,      MW year
    """,
}  # fmt: skip
AREAS = (
    "area, name, carrier, within\nw, In the west, natural_gas, KZ-W\ns, In the south, natural_gas, KZ-S;node"
)


def found(rows: str = "") -> pd.DataFrame:
    case = make(days=1, defaults={"home": "KZ"}, **CASE, **({"areas": rows} if rows else {}))
    engine = Engine(case, cache=False)
    formula, _ = n1_formula(case, engine.snapshot(date(2024, 1, 1)), [GAS], NO_LOSSES)
    return formula[(formula["country"] == "KZ") & (formula["level"] == 0.3)].set_index("area")


def test_areas_of_a_case_by_hand() -> None:
    """A place that is named lies in no other area, the well counts as far as its spur carries, a full store gives its part of the level."""
    rows = found(AREAS)
    assert list(rows.index) == ["s", "w", "KZ-I", ""]
    # west: spur 6 of the well's 9, loop 5; without the spur's well 5 of 4
    assert rows.loc["w", ["entry", "production", "largest", "demand"]].to_list() == [
        pytest.approx(5), pytest.approx(6), "well", pytest.approx(4)
    ]  # fmt: skip
    assert rows.loc["w", "n1"] == pytest.approx((5 + 6 - 6) / 4)
    # south with the node: inlet 20, small 2, store 0.3 x 4; without the inlet 3.2 of 10
    assert rows.loc["s", "n1"] == pytest.approx((20 + 2 + 1.2 - 20) / 10)
    # the island hangs on one line, and the whole country hides it
    assert rows.loc["KZ-I", "n1"] == pytest.approx(0)
    assert rows.loc["", "n1"] == pytest.approx(
        (20 + 3 + 6 + 2 + 1.2 - 23) / 16
    )  # both lines from abroad are one


def test_without_rows_what_hangs_together_is_an_area() -> None:
    """Who gives no areas must not read one figure of a network that is in two pieces."""
    case = make(days=1, defaults={"home": "KZ"}, **CASE)
    assert {one.area: set(one.places) for one in areas(case, GAS)} == {
        "KZ-I": {"island"}, "KZ-S": {"field", "west", "node", "south"}
    }  # fmt: skip
    assert found().index.to_list() == ["KZ-S", "KZ-I", ""]


def test_areas_are_checked() -> None:
    """A region that is misspelt leaves its use out of every figure."""
    wrong = "area, name, carrier, within\nw, W, natural_gas, KZ-V\ns, S, natural_gas, KZ-S;node\nt, T, natural_gas, node"
    with pytest.raises(CaseError) as error:
        make(days=1, **CASE, areas=wrong)
    told = str(error.value)
    assert 'no region and no place "KZ-V"' in told and "lies in the area s of natural_gas already" in told


def test_areas_of_the_shipped_case_by_hand() -> None:
    """Million m3 a day from the rows of the case: what a regulator adds up with a pencil is what is printed."""
    case, engine = reference(), reference_engine()
    formula, counted = n1_formula(case, engine.snapshot(date(2024, 1, 1)), [GAS], NO_LOSSES)
    unit = case.units.factor("million m3/day", "power", GAS)
    rows = formula[(formula["country"] == "KZ") & (formula["level"] == 0.3)].set_index("area")
    by_hand = {
        # BBS 15 bcm a year less 3.5 to Kyrgyzstan, Tashkent - Shymkent 12, the line to China less 121.5 of transit; two fields; two stores of 3
        "n1_south": (37.48 + 32.79 + 28.77, 0.96 + 1.91, 3 + 3, 37.48),
        # Alexandrov Gay less Russian gas for Uzbekistan and Kyrgyzstan; Tengiz, Bolashak, Uzen, Kalamkas
        "n1_west": (0.36, 18.34 + 17.44 + 5.45 + 0.48, 0, 18.34),
        "n1_kostanay": (7.10, 0, 0, 7.10),  # the line from Kartaly and nothing else
        "n1_aktobe": (10.71, 2.95, 0, 10.71),  # KS-14 and Zhanazhol
    }
    for area, (entry, production, storage, largest) in by_hand.items():
        row = rows.loc[area]
        have = [row[name] / unit for name in ("entry", "production", "storage", "largest_capacity")]
        assert have == pytest.approx([entry, production, storage, largest], abs=0.03), area
        assert row["n1"] == pytest.approx(
            (entry + production + storage - largest) / (row["demand"] / unit), abs=2e-3
        )
    assert rows.loc["n1_kostanay", "n1"] == pytest.approx(0, abs=1e-9)
    assert rows.loc["n1_aktobe", "n1"] < 1 < rows.loc["n1_south", "n1"]
    booked = counted.set_index("element")["booked"] / unit
    assert booked["gas_acc_border_shym"] == pytest.approx(121.5, abs=0.1)
    assert infrastructure(case, {"kz_kostanay", "city_rudny"}, GAS)["element"].to_list() == [
        "gas_kartaly_rudny"
    ]
