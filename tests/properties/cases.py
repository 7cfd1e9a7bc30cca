"""Random small cases as rows of text, and what turns one into another whose cost is known from the first.

A drawn case is a `Rows`: plain rows, so that hypothesis can shrink it and a property can rename, reorder, split or scale
them before anything is read. Costs come from the compiled problem, without a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from kelisim.case import schema
from kelisim.case.assemble import assemble
from kelisim.case.case import Case
from kelisim.case.settings import horizon_of
from kelisim.lp.highs import Session, Solution
from kelisim.lp.problem import Problem
from kelisim.model.build import compile_case

Row = dict[str, Any]
PLACES = ("astana", "baku", "chita", "dauria")
COUNTRIES = ("KZ", "RU", "UZ", "KZ")
MOVED = ("natural_gas", "electricity", "crude", "diesel", "coal_high_ash")
CLASSES = {
    "natural_gas": ("household", "industry"),
    "electricity": ("household", "other"),
    "diesel": ("transport", "other"),
    "coal_high_ash": ("household", "industry"),
    "heat": ("heat",),
}
MAKES = {
    "natural_gas": "field",
    "crude": "field",
    "coal_high_ash": "mine",
    "electricity": "wind",
    "diesel": "import",
}
CONVERTERS: dict[str, tuple[str, dict[str, float]]] = {
    "plant": ("power_plant", {"electricity": 1.0, "natural_gas": -2.1}),
    "steam": ("power_plant", {"electricity": 1.0, "coal_high_ash": -2.7}),
    "chp": ("chp", {"heat": 1.0, "electricity": 0.55, "natural_gas": -1.9}),
    "boiler": ("boiler", {"heat": 1.0, "natural_gas": -1.1}),
    "refinery": ("refinery", {"crude": -1.0, "diesel": 0.45, "fuel_oil": 0.3, "electricity": -0.01}),
}
MEANT = {("demand.csv", "place"), ("demand.csv", "voll"), ("assets.csv", "place")}


@dataclass
class Rows:
    """Settings and tables of a case before it is read."""

    settings: dict[str, Any]
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, to: str, /, **row: Any) -> Row:
        self.tables.setdefault(to, []).append(row)
        return row

    def of(self, table: str) -> list[Row]:
        return self.tables.get(table, [])

    def copy(self) -> Rows:
        return deepcopy(self)

    def text(self) -> dict[str, pd.DataFrame]:
        return {name: _text(rows) for name, rows in self.tables.items() if rows}

    def case(self) -> Case:
        """The case without the checks, which take most of the time and which `checked` makes."""
        horizon, wrong = horizon_of(self.settings, "case.toml")
        known, tables = schema.tables(), {}
        for name, cells in self.text().items():
            tables[name], found = schema.parse(known[name], cells, name)
            wrong += found
        assert wrong == []
        return Case(settings=dict(self.settings), tables=tables, horizon=horizon)

    def checked(self) -> Case:
        """The case with all checks; a demand that nothing reaches, a plant without an outlet, or classes out of order, are drawn on purpose."""
        case, problems = assemble(self.settings, self.text(), {})
        assert [problem for problem in problems if (problem.file, problem.column) not in MEANT] == []
        return case


def _text(rows: list[Row]) -> pd.DataFrame:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row.get(column, "")) for column in columns] for row in rows]
    return pd.DataFrame(cells, columns=columns, index=range(2, len(rows) + 2), dtype=object)


def _cell(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


# ---- cost
def solved(problem: Problem) -> Solution:
    solution = Session(problem, threads=1).start("simplex")
    assert solution.status == "optimal"
    return solution


def cost(rows: Rows) -> float:
    """Least cost of a case, currency."""
    return solved(compile_case(rows.case())).objective


def turnover(problem: Problem, solution: Solution) -> float:
    """Costs and incomes without their signs: what a difference of two costs is held against."""
    return 1.0 + float(abs(problem.cost) @ abs(solution.values)) * problem.scale


def assert_same(first: Rows, second: Rows, factor: float = 1.0) -> None:
    """cost(second) = factor x cost(first), to 1e-7 of all that is paid and earned."""
    problem = compile_case(first.case())
    solution = solved(problem)
    expected = factor * solution.objective
    assert abs(cost(second) - expected) <= 1e-7 * factor * turnover(problem, solution)


# ---- drawing
def amounts(low: int = 1, high: int = 60) -> st.SearchStrategy[int]:
    """Odd whole numbers: no two ways cost the same by chance too often, and they shrink well."""
    return st.integers(low, high).map(lambda n: 2 * n + 1)


@st.composite
def cases(draw: Callable[..., Any], months: bool | None = None, minimums: bool = True) -> Rows:
    """A region of two to four places over a few days or months.

    months    whether in months or in days; drawn if None
    minimums  with least activities: their priced shortfall makes more capacity dearer
    """
    by_month = draw(st.booleans()) if months is None else months
    count = draw(st.integers(1, 3 if by_month else 4))
    rows = Rows({"name": "drawn", "horizon": horizon(count, by_month), "defaults": {"shortfall_price": 77.0}})
    places = PLACES[: draw(st.integers(2, 4))]
    for place, country in zip(places, COUNTRIES, strict=False):
        rows.add("places", place=place, name=place.title(), country=country)
    for month in range(1, 13):
        rows.add("profiles", profile="cold", month=month, value=1.6 if month in (1, 11, 12) else 0.8)
    for day in range(1, 8):
        rows.add("profiles", profile="week", weekday=day, value=1.0 if day < 6 else 0.7)
    hours = 8784.0
    at = st.sampled_from(places)

    for number, carrier in enumerate(draw(st.lists(st.sampled_from(list(MAKES)), min_size=1, max_size=4))):
        row = rows.add(
            "assets", asset=f"source_{number}", kind=MAKES[carrier], place=draw(at), capacity=draw(amounts()), unit="MW",
            cost=draw(amounts(1, 20)), min_price=draw(amounts(10, 30)),
            min_share=draw(st.sampled_from((0, 0, 0.3))) if minimums else 0,
        )  # fmt: skip
        if draw(st.booleans()):
            row |= {"annual_max": 0.7 * row["capacity"] * hours, "annual_unit": "MWh"}
        if draw(st.integers(0, 3)) == 0:
            row["availability"] = 0.9
        rows.add("asset_ports", asset=row["asset"], carrier=carrier, ratio=1)
    for number, name in enumerate(draw(st.lists(st.sampled_from(list(CONVERTERS)), max_size=3))):
        kind, ports = CONVERTERS[name]
        row = rows.add(
            "assets", asset=f"{name}_{number}", kind=kind, place=draw(at), capacity=draw(amounts()), unit="MW",
            cost=draw(amounts(0, 5)), min_price=draw(amounts(5, 20)),
            min_share=draw(st.sampled_from((0, 0.2))) if minimums else 0,
        )  # fmt: skip
        if draw(st.integers(0, 4)) == 0 and minimums:
            row["ramp"] = 0.01
        for carrier, ratio in ports.items():
            rows.add("asset_ports", asset=row["asset"], carrier=carrier, ratio=ratio)
    for number in range(draw(st.integers(1, 5))):
        draw_link(draw, rows, f"link_{number}", places, by_month)
    for number in range(draw(st.integers(0, 2))):
        size = draw(amounts(100, 3000))
        rows.add(
            "storages", storage=f"store_{number}", place=draw(at), carrier=draw(st.sampled_from(MOVED)), working_capacity=size,
            unit="MWh", injection=draw(amounts()), withdrawal=draw(amounts()), rate_unit="MW",
            level_start=draw(st.sampled_from((0, 0.4, 1))), level_end=draw(st.sampled_from((0, 0.5))),
            level_price=draw(amounts(20, 60)), loss=draw(st.sampled_from((0, 0.002))),
            efficiency_in=draw(st.sampled_from((1, 0.9))), is_cyclic=draw(st.sampled_from(("no", "yes"))),
        )  # fmt: skip
    used = draw(
        st.lists(
            st.tuples(at, st.sampled_from([(c, k) for c, ks in CLASSES.items() for k in ks])), min_size=1, max_size=5, unique=True
        )
    )  # fmt: skip
    for place, (carrier, customers) in used:
        rows.add(
            "demand", place=place, carrier=carrier, customer_class=customers, amount=draw(amounts()) * hours, unit="MWh",
            profile=draw(st.sampled_from(("", "cold", "week"))), voll=draw(amounts(100, 500)), voll_unit="USD/MWh",
        )  # fmt: skip
    for number in range(draw(st.integers(0, 2))):
        side = draw(st.sampled_from(("buys", "sells")))
        rows.add(
            "markets", market=f"market_{number}", place=draw(at), carrier=draw(st.sampled_from(MOVED)), side=side,
            ceiling=draw(amounts(1, 40)), unit="MW", price=draw(amounts(5, 40)) * (1 if side == "buys" else 2),
            price_path=draw(st.sampled_from(("", "cold"))),
        )  # fmt: skip
    if draw(st.booleans()):
        rows.add(
            "contracts", contract="supply", kind="supply", carrier="natural_gas", delivery_place=draw(at),
            annual_quantity=draw(amounts()) * hours, unit="MWh", daily_max=121, swing_down=0.2, swing_up=0.1,
            take_or_pay=0.7, price=draw(amounts(5, 20)), shortfall_price=draw(amounts(5, 20)),
        )  # fmt: skip
    if draw(st.booleans()):
        over = draw(st.sampled_from(("step", "year")))
        size = draw(amounts(1, 40)) * (1 if over == "step" else hours)
        unit = "MW" if over == "step" else "MWh"
        rows.add(
            "resources",
            resource="corridor",
            amount=size,
            unit=unit,
            over=over,
            shortfall_price=draw(amounts(20, 40)),
        )
        for link in rows.of("links")[:2]:
            rows.add("resource_uses", resource="corridor", table="links", element=link["link"], use=1)
    return rows


def draw_link(
    draw: Callable[..., Any], rows: Rows, name: str, places: tuple[str, ...], by_month: bool
) -> Row:
    """A link of one carrier between two of the places."""
    start, end = draw(st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True))
    row = rows.add(
        "links", link=name, carrier=draw(st.sampled_from(MOVED)), kind="pipeline", from_place=start, to_place=end,
        capacity=draw(amounts()), capacity_back=draw(st.sampled_from((0, 0, 31))), unit="MW", tariff=draw(amounts(0, 6)),
        loss=draw(st.sampled_from((0, 0.02, 0.1))), days=0 if by_month else draw(st.integers(0, 2)),
    )  # fmt: skip
    if row["days"]:
        row["kind"] = "rail"  # a pipeline delays no quantity
    return row


def horizon(count: int, by_month: bool) -> dict[str, str]:
    start = pd.Timestamp(2024, 1, 1)
    after = start + (pd.DateOffset(months=count) if by_month else pd.DateOffset(days=count))
    return {
        "start": "2024-01-01", "end": (after - pd.Timedelta(days=1)).date().isoformat(), "step": "1mo" if by_month else "1d"
    }  # fmt: skip


# ---- turning one case into another
IDS = {
    "places": ("place",), "links": ("link", "from_place", "to_place"), "assets": ("asset", "place"), "asset_ports": ("asset",),
    "storages": ("storage", "place"), "demand": ("place",), "markets": ("market", "place"),
    "contracts": ("contract", "delivery_place"), "resources": ("resource",), "resource_uses": ("resource", "element"),
}  # fmt: skip
PROFILES = {"profiles": "profile", "demand": "profile", "markets": "price_path"}


def renamed(rows: Rows, new: Callable[[str], str]) -> Rows:
    """Every identifier of the case by another."""
    made = rows.copy()
    for table, columns in IDS.items():
        for row in made.of(table):
            row |= {column: new(row[column]) for column in columns}
    for table, column in PROFILES.items():
        for row in made.of(table):
            row[column] = new(row[column]) if row.get(column) else ""
    return made


def together(first: Rows, second: Rows) -> Rows:
    """Both cases side by side, with nothing between them."""
    made = first.copy()
    for table, rows in second.tables.items():
        made.tables.setdefault(table, []).extend(deepcopy(rows))
    return made


QUANTITIES = {
    "links": ("capacity", "capacity_back"), "assets": ("capacity", "annual_max"), "demand": ("amount",), "markets": ("ceiling",),
    "storages": ("working_capacity", "injection", "withdrawal"), "contracts": ("annual_quantity", "daily_max"),
    "resources": ("amount",),
}  # fmt: skip
PRICES = {
    "links": ("tariff",), "assets": ("cost", "min_price"), "demand": ("voll",), "markets": ("price",), "storages": ("level_price",),
    "contracts": ("price", "shortfall_price"), "resources": ("shortfall_price",),
}  # fmt: skip


def times(rows: Rows, columns: dict[str, tuple[str, ...]], factor: float) -> Rows:
    """The case with these columns multiplied."""
    made = rows.copy()
    for table, names in columns.items():
        for row in made.of(table):
            row |= {name: row[name] * factor for name in names if name in row}
    return made
