"""Mistakes that people make in a case, seeded into a copy of its folder, each with the cells a check must name."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

Cell = tuple[str, int, str]  # table, row, column
Row = dict[str, str]


class Folder:
    """A copy of a case folder whose cells can be changed; rows keep their numbers, and no row is changed twice."""

    def __init__(self, original: Path, copy: Path) -> None:
        shutil.copytree(original, copy)
        self.path = copy
        self.heads: dict[str, list[str]] = {}
        self.lines: dict[str, dict[int, list[str]]] = {}
        self.taken: set[tuple[str, int]] = set()
        for file in sorted(copy.glob("*.csv")):
            with file.open(encoding="utf-8", newline="") as handle:
                reader = csv.reader(handle)
                self.heads[file.stem] = next(reader)
                lines = self.lines[file.stem] = {}
                start = reader.line_num + 1
                for cells in reader:
                    lines[start] = cells
                    start = reader.line_num + 1

    def rows(self, table: str) -> Iterator[tuple[int, Row]]:
        for number, cells in self.lines.get(table, {}).items():
            yield number, dict(zip(self.heads[table], cells, strict=True))

    def pick(self, random: Random, table: str, fits: Callable[[Row], bool] = lambda row: True) -> int:
        """A row that nobody has changed; 0 if none fits."""
        found = [
            number for number, row in self.rows(table) if fits(row) and (table, number) not in self.taken
        ]
        chosen = random.choice(found) if found else 0
        self.taken.add((table, chosen))
        return chosen

    def get(self, table: str, row: int, column: str) -> str:
        return dict(self.rows(table))[row].get(column, "")

    def set(self, table: str, row: int, /, **cells: str) -> None:
        for column, value in cells.items():
            if column not in self.heads[table]:
                self.heads[table].append(column)
                for line in self.lines[table].values():
                    line.append("")
            self.lines[table][row][self.heads[table].index(column)] = value

    def add(self, table: str, /, **cells: str) -> int:
        """A row at the end; gives its number."""
        number = max(self.lines[table]) + 1
        self.lines[table][number] = [""] * len(self.heads[table])
        self.set(table, number, **cells)
        self.taken.add((table, number))
        return number

    def blank(self, table: str, row: int) -> None:
        self.lines[table][row] = [""] * len(self.heads[table])

    def rename(self, table: str, column: str, name: str) -> None:
        self.heads[table][self.heads[table].index(column)] = name

    def save(self) -> None:
        for table, lines in self.lines.items():
            with (self.path / f"{table}.csv").open("w", encoding="utf-8", newline="") as handle:
                writer = csv.writer(handle, lineterminator="\n")
                writer.writerow(self.heads[table])
                at = 2
                for number, cells in lines.items():
                    handle.write("\n" * (number - at))
                    writer.writerow(cells)
                    at = number + 1 + sum(cell.count("\n") for cell in cells)


@dataclass(frozen=True)
class Mistake:
    """One mistake: its kind, and what seeds it and gives the cells to be named (none if the case has no such row)."""

    kind: str
    name: str
    seed: Callable[[Folder, Random], list[Cell]]


MISTAKES: list[Mistake] = []


def mistake(
    kind: str,
) -> Callable[[Callable[[Folder, Random], list[Cell]]], Callable[[Folder, Random], list[Cell]]]:
    def register(seed: Callable[[Folder, Random], list[Cell]]) -> Callable[[Folder, Random], list[Cell]]:
        MISTAKES.append(Mistake(kind, seed.__name__, seed))
        return seed

    return register


def changed(
    folder: Folder, random: Random, table: str, fits: Callable[[Row], bool], named: str, /, **cells: str
) -> list[Cell]:
    """Cells of one fitting row changed; the named one must be found."""
    row = folder.pick(random, table, fits)
    if not row:
        return []
    folder.set(table, row, **cells)
    return [(table, row, named)]


def misspelt(
    folder: Folder, random: Random, table: str, column: str, fits: Callable[[Row], bool] = lambda row: True
) -> list[Cell]:
    """The first word of one fitting row with its second letter twice."""
    row = folder.pick(random, table, lambda row: len(row.get(column, "")) > 3 and fits(row))
    if not row:
        return []
    word = folder.get(table, row, column)
    folder.set(table, row, **{column: word[:2] + word[1:]})
    return [(table, row, column)]


def copied(
    folder: Folder, random: Random, table: str, column: str, fits: Callable[[Row], bool] = lambda row: True
) -> list[Cell]:
    """One fitting row once more at the end."""
    row = folder.pick(random, table, fits)
    return [(table, folder.add(table, **dict(folder.rows(table))[row]), column)] if row else []


def in_use(row: Row) -> bool:
    return row.get("status", "") in ("", "base")


# ---- unknown columns
@mistake("unknown column")
def column_that_no_table_has(folder: Folder, random: Random) -> list[Cell]:
    folder.set("places", 2, elevation="120")
    return [("places", 1, "elevation")]


@mistake("unknown column")
def optional_column_misspelt(folder: Folder, random: Random) -> list[Cell]:
    folder.rename("links", "capacity_back", "capacity_bck")
    return [("links", 1, "capacity_bck")]


@mistake("unknown column")
def required_column_misspelt(folder: Folder, random: Random) -> list[Cell]:
    folder.rename("sources", "title", "titel")
    return [("sources", 1, "titel")]


@mistake("unknown column")
def unit_column_in_capitals(folder: Folder, random: Random) -> list[Cell]:
    folder.rename("projects", "unit", "Unit")
    return [("projects", 1, "Unit")]


# ---- duplicates
@mistake("duplicate")
def link_twice(folder: Folder, random: Random) -> list[Cell]:
    return copied(folder, random, "links", "link")


@mistake("duplicate")
def market_twice(folder: Folder, random: Random) -> list[Cell]:
    return copied(folder, random, "markets", "market")


@mistake("duplicate")
def asset_twice(folder: Folder, random: Random) -> list[Cell]:
    return copied(folder, random, "assets", "asset")


@mistake("duplicate")
def demand_twice(folder: Folder, random: Random) -> list[Cell]:
    return copied(folder, random, "demand", "place")


@mistake("duplicate")
def port_twice(folder: Folder, random: Random) -> list[Cell]:
    return copied(folder, random, "asset_ports", "asset")


@mistake("duplicate")
def storage_named_as_a_link(folder: Folder, random: Random) -> list[Cell]:
    used = {row["element"] for _, row in folder.rows("owners")} | {
        row["element"] for _, row in folder.rows("resource_uses")
    }
    used |= {row["element"] for _, row in folder.rows("outages")}
    acts = " ".join(
        row.get("acts_on", "") + row.get("builds", "")
        for t in ("measures", "projects", "event_changes", "provisions")
        for _, row in folder.rows(t)
    )
    link = next(row["link"] for _, row in folder.rows("links"))
    return changed(
        folder,
        random,
        "storages",
        lambda row: row["storage"] not in used and f":{row['storage']}" not in acts,
        "storage",
        storage=link,
    )


# ---- dangling references
@mistake("reference")
def place_of_a_link(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "links", "to_place")


@mistake("reference")
def carrier_of_demand(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "demand", "carrier")


@mistake("reference")
def carrier_of_a_port(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "asset_ports", "carrier")


@mistake("reference")
def kind_of_an_asset(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "assets", "kind")


@mistake("reference")
def class_of_demand(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "demand", "customer_class")


@mistake("reference")
def profile_of_demand(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "demand", "profile")


@mistake("reference")
def element_of_a_resource(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "resource_uses", "element")


@mistake("reference")
def links_of_a_contract(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "contracts", "over")


@mistake("reference")
def element_of_an_owner(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "owners", "element")


@mistake("reference")
def element_of_a_measure(folder: Folder, random: Random) -> list[Cell]:
    row = folder.pick(random, "measures")
    text = folder.get("measures", row, "acts_on")
    folder.set("measures", row, acts_on=re.sub(r":(\w\w)", r":\1\1", text, count=1))
    return [("measures", row, "acts_on")]


@mistake("reference")
def column_of_a_measure(folder: Folder, random: Random) -> list[Cell]:
    row = folder.pick(random, "measures")
    folder.set("measures", row, acts_on=folder.get("measures", row, "acts_on") + "s")
    return [("measures", row, "acts_on")]


@mistake("reference")
def carrier_in_place_of_another(folder: Folder, random: Random) -> list[Cell]:
    row = folder.pick(random, "measures", lambda row: bool(row.get("instead")))
    if not row:
        return []
    folder.set("measures", row, instead=folder.get("measures", row, "instead").replace("e", "ee", 1))
    return [("measures", row, "instead")]


@mistake("reference")
def body_of_a_task(folder: Folder, random: Random) -> list[Cell]:
    return misspelt(folder, random, "tasks", "body")


# ---- units
@mistake("unit")
def unit_misspelt(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "links", lambda row: row["unit"] == "bcm/year", "unit", unit="bcm/yaer")


@mistake("unit")
def unit_of_another_kind(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "demand", lambda row: True, "unit", unit="USD/t")


@mistake("unit")
def rate_for_an_amount(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "storages", lambda row: True, "unit", unit="MW")


@mistake("unit")
def amount_for_a_rate(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "assets", lambda row: row["unit"] == "Mt/year", "unit", unit="Mt")


@mistake("unit")
def another_currency(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "markets", lambda row: True, "price_unit", price_unit="KZT/t")


@mistake("unit")
def ratio_of_nothing(folder: Folder, random: Random) -> list[Cell]:
    return changed(
        folder, random, "asset_ports", lambda row: float(row["ratio"]) not in (1, -1), "unit", unit="t/MWhh"
    )


@mistake("unit")
def limit_in_nothing(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "resources", lambda row: True, "unit", unit="MWW")


@mistake("unit")
def mass_of_electricity(folder: Folder, random: Random) -> list[Cell]:
    return changed(
        folder, random, "links", lambda row: row["carrier"] == "electricity", "unit", unit="Mt/year"
    )


# ---- negative numbers
@mistake("negative")
def capacity_of_a_link(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "links", in_use, "capacity", capacity="-3")


@mistake("negative")
def capacity_of_an_asset(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "assets", in_use, "capacity", capacity="-0.5")


@mistake("negative")
def capacity_of_a_storage(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "storages", lambda row: True, "working_capacity", working_capacity="-12")


@mistake("negative")
def ceiling_of_a_market(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "markets", lambda row: True, "ceiling", ceiling="-1")


@mistake("negative")
def amount_of_demand(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "demand", lambda row: True, "amount", amount="-7")


# ---- demand without any path from a source
def _isle(folder: Folder, name: str) -> str:
    if name not in {row["place"] for _, row in folder.rows("places")}:
        folder.add("places", place=name, name="Isle", country="XA", lat="53", lon="61.5")
    return name


def _isle_demand(folder: Folder, carrier: str, name: str, **cells: str) -> list[Cell]:
    place = _isle(folder, "isle_of_demand")
    return [
        (
            "demand",
            folder.add("demand", place=place, carrier=carrier, customer_class=name, amount="2", **cells),
            "place",
        )
    ]


@mistake("no path")
def power_on_an_isle(folder: Folder, random: Random) -> list[Cell]:
    return _isle_demand(folder, "electricity", "household", unit="GWh")


@mistake("no path")
def diesel_on_an_isle(folder: Folder, random: Random) -> list[Cell]:
    return _isle_demand(folder, "diesel", "transport", unit="kt")


@mistake("no path")
def heat_of_a_plant_without_fuel(folder: Folder, random: Random) -> list[Cell]:
    place = _isle(folder, "isle_of_demand")
    folder.add("assets", asset="isle_boiler", kind="boiler", place=place, capacity="5", unit="MW")
    folder.add("asset_ports", asset="isle_boiler", carrier="heat", ratio="1")
    folder.add("asset_ports", asset="isle_boiler", carrier="lpg", ratio="-1.1")
    return _isle_demand(folder, "heat", "heat", unit="GWh")


@mistake("no path")
def demand_behind_a_candidate(folder: Folder, random: Random) -> list[Cell]:
    place = _isle(folder, "isle_of_candidates")
    start = next(row["place"] for _, row in folder.rows("demand") if row["carrier"] == "electricity")
    folder.add(
        "links",
        link="isle_cable",
        carrier="electricity",
        kind="line",
        from_place=start,
        to_place=place,
        capacity="9",
        unit="MW",
        status="candidate",
    )
    row = folder.add(
        "demand", place=place, carrier="electricity", customer_class="household", amount="3", unit="GWh"
    )
    return [("demand", row, "place")]


# ---- profiles
def _gap(folder: Folder, random: Random, column: str) -> list[Cell]:
    """One row less in a profile that fills this column; the row before it is named."""
    fields = ("month", "weekday", "hour", "step")
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, row in folder.rows("profiles"):
        shape = tuple(bool(row.get(name, "")) for name in fields)
        if row.get(column, ""):
            groups.setdefault((row["profile"], shape), []).append(number)
    used = {
        profile for profile, _ in groups if any(("profiles", n) in folder.taken for n in groups[profile, _])
    }
    found = [rows for (profile, _), rows in groups.items() if len(rows) >= 7 and profile not in used]
    if not found:
        return []
    rows = random.choice(found)
    at = random.randrange(1, len(rows) - 1)
    shape = [name for name in fields if folder.get("profiles", rows[0], name)]
    folder.blank("profiles", rows[at])
    folder.taken.update(("profiles", number) for number in rows)
    return [("profiles", rows[at - 1], shape[-1])]


@mistake("gap")
def month_left_out(folder: Folder, random: Random) -> list[Cell]:
    return _gap(folder, random, "month")


@mistake("gap")
def hour_left_out(folder: Folder, random: Random) -> list[Cell]:
    return _gap(folder, random, "hour")


@mistake("gap")
def another_month_left_out(folder: Folder, random: Random) -> list[Cell]:
    return _gap(folder, random, "month")


@mistake("gap")
def weekday_left_out(folder: Folder, random: Random) -> list[Cell]:
    return _gap(folder, random, "weekday")


@mistake("gap")
def day_left_out(folder: Folder, random: Random) -> list[Cell]:
    return _gap(folder, random, "step")


@mistake("profile")
def availability_above_one(folder: Folder, random: Random) -> list[Cell]:
    used = {folder.get("profiles", n, "profile") for t, n in folder.taken if t == "profiles" and n}
    return changed(
        folder,
        random,
        "profiles",
        lambda row: row["meaning"] == "availability" and row["profile"] not in used,
        "value",
        value="1.05",
    )


@mistake("profile")
def shares_of_more_than_a_year(folder: Folder, random: Random) -> list[Cell]:
    used = {folder.get("profiles", n, "profile") for t, n in folder.taken if t == "profiles" and n}
    row = folder.pick(
        random, "profiles", lambda row: row["meaning"] == "share" and row["profile"] not in used
    )
    if not row:
        return []
    name = folder.get("profiles", row, "profile")
    folder.set("profiles", row, value="0.9")
    return [
        (
            "profiles",
            next(number for number, other in folder.rows("profiles") if other["profile"] == name),
            "value",
        )
    ]


# ---- order of protection
def _class(folder: Folder, name: str, carrier: str, voll: str) -> list[Cell]:
    for number, row in folder.rows("customer_classes"):
        if row["customer_class"] == name and carrier in row["carrier"].split(";"):
            folder.set("customer_classes", number, voll=voll)
            return [("customer_classes", number, "voll")]
    return []


@mistake("order")
def homes_cut_before_industry(folder: Folder, random: Random) -> list[Cell]:
    return _class(folder, "household", "natural_gas", "2")


@mistake("order")
def industry_above_homes(folder: Folder, random: Random) -> list[Cell]:
    return _class(folder, "industry", "electricity", "900000")


@mistake("order")
def trade_below_industry(folder: Folder, random: Random) -> list[Cell]:
    return _class(folder, "other", "diesel", "1")


@mistake("order")
def one_demand_out_of_order(folder: Folder, random: Random) -> list[Cell]:
    return changed(
        folder, random, "demand",
        lambda row: row["customer_class"] == "industry" and row["carrier"] == "electricity", "voll", voll="50000", voll_unit="USD/MWh",
    )  # fmt: skip


# ---- supply without an outlet
def _well(folder: Folder, number: int, carrier: str) -> list[Cell]:
    name = f"isle_well_{number}"
    row = folder.add(
        "assets",
        asset=name,
        kind="field",
        place=_isle(folder, f"isle_of_wells_{number}"),
        capacity="1",
        unit="bcm/year",
    )
    folder.add("asset_ports", asset=name, carrier=carrier, ratio="1")
    return [("assets", row, "place")]


@mistake("no outlet")
def raw_gas_of_a_new_well(folder: Folder, random: Random) -> list[Cell]:
    cells = _well(folder, 1, "natural_gas")
    folder.add("asset_ports", asset="isle_well_1", carrier="raw_gas", ratio="0.2")
    return cells


@mistake("no outlet")
def raw_gas_into_a_dead_end(folder: Folder, random: Random) -> list[Cell]:
    cells = _well(folder, 2, "natural_gas")
    folder.add("asset_ports", asset="isle_well_2", carrier="raw_gas", ratio="0.2")
    folder.add(
        "links", link="isle_gathering", carrier="raw_gas", kind="pipeline", from_place="isle_of_wells_2", to_place=_isle(folder, "isle_of_nothing"),
        capacity="1", unit="bcm/year",
    )  # fmt: skip
    return cells


@mistake("no outlet")
def raw_gas_beside_oil(folder: Folder, random: Random) -> list[Cell]:
    cells = _well(folder, 3, "crude")
    folder.set("assets", cells[0][1], unit="Mt/year")
    folder.add("asset_ports", asset="isle_well_3", carrier="raw_gas", ratio="0.2", unit="1000 m3/t")
    return cells


# ---- minimums above maximums
@mistake("minimum")
def least_year_of_an_asset(folder: Folder, random: Random) -> list[Cell]:
    return changed(
        folder, random, "assets", in_use, "annual_min", annual_min="9", annual_max="8", annual_unit="MWh"
    )


@mistake("minimum")
def least_year_above_the_capacity(folder: Folder, random: Random) -> list[Cell]:
    return changed(
        folder,
        random,
        "assets",
        lambda row: in_use(row) and row["unit"] == "MW",
        "annual_min",
        annual_min="900",
        annual_max="",
        annual_unit="TWh",
    )


@mistake("minimum")
def least_day_of_a_contract(folder: Folder, random: Random) -> list[Cell]:
    return changed(
        folder, random, "contracts", lambda row: not row.get("take_or_pay") and not row.get("ship_or_pay"), "daily_min",
        daily_min="9", daily_max="8", daily_unit="MW", swing_down="1",
    )  # fmt: skip


@mistake("minimum")
def shortest_time_of_a_task(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "tasks", lambda row: True, "optimistic", optimistic="90000")


@mistake("minimum")
def emergency_below_the_usual(folder: Folder, random: Random) -> list[Cell]:
    return changed(
        folder,
        random,
        "links",
        lambda row: row["kind"] == "line" and in_use(row),
        "capacity",
        emergency_capacity="0.01",
    )


# ---- dates
@mistake("dates")
def out_of_service_before_in_service(folder: Folder, random: Random) -> list[Cell]:
    return changed(
        folder,
        random,
        "links",
        in_use,
        "in_service_to",
        in_service_from="2024-05-01",
        in_service_to="2019-01-01",
    )


@mistake("dates")
def contract_that_ends_before_it_starts(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "contracts", lambda row: True, "end", start="2025-03-01", end="2024-03-01")


# ---- shape of the rest
@mistake("ends")
def link_to_itself(folder: Folder, random: Random) -> list[Cell]:
    row = folder.pick(random, "links", lambda row: row["carrier"] in ("coal_high_ash", "crude"))
    folder.set("links", row, to_place=folder.get("links", row, "from_place"), shared_with="")
    return [("links", row, "to_place")]


@mistake("ports")
def reference_port_with_another_ratio(folder: Folder, random: Random) -> list[Cell]:
    first: dict[str, int] = {}
    for number, row in folder.rows("asset_ports"):
        if row["asset"]:
            first.setdefault(row["asset"], number)
    fits = {n for n in first.values() if float(folder.get("asset_ports", n, "ratio")) in (1, -1)} - {
        n for t, n in folder.taken if t == "asset_ports"
    }
    row = random.choice(sorted(fits))
    folder.taken.add(("asset_ports", row))
    folder.set("asset_ports", row, ratio="1.3")
    return [("asset_ports", row, "ratio")]


@mistake("ports")
def asset_without_a_port(folder: Folder, random: Random) -> list[Cell]:
    place = next(row["place"] for _, row in folder.rows("places"))
    return [
        (
            "assets",
            folder.add(
                "assets", asset="isle_works", kind="refinery", place=place, capacity="1", unit="Mt/year"
            ),
            "asset",
        )
    ]


@mistake("type")
def number_with_a_comma(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "demand", lambda row: True, "amount", amount="1,5")


@mistake("type")
def day_of_a_shop_sign(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "agreements", lambda row: True, "signed", signed="31.12.2023")


@mistake("range")
def percent_for_a_share(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "assets", in_use, "availability", availability="85")


@mistake("choice")
def side_of_a_market(folder: Folder, random: Random) -> list[Cell]:
    return changed(folder, random, "markets", lambda row: True, "side", side="buy")


@mistake("circle")
def task_that_waits_for_itself(folder: Folder, random: Random) -> list[Cell]:
    row = folder.pick(random, "tasks")
    folder.set("tasks", row, starts_after=folder.get("tasks", row, "task"))
    return [("tasks", row, "starts_after")]


@mistake("shares")
def more_owners_than_shares(folder: Folder, random: Random) -> list[Cell]:
    entity = next(row["entity"] for _, row in folder.rows("entities"))
    row = folder.pick(random, "owners", lambda row: row["share"] in ("1", "1.0") and row["entity"] != entity)
    element, table = folder.get("owners", row, "element"), folder.get("owners", row, "table")
    return [
        ("owners", folder.add("owners", element=element, table=table, entity=entity, share="0.2"), "share")
    ]
