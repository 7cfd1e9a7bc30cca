"""Limits: no minimum above its maximum, no end before its start, no more than all of a share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.case.checks.units import can_convert, carrier_of_rows
from kelisim.case.checks.view import CaseView, about, each
from kelisim.errors import InputProblem
from kelisim.tolerances import INPUT_ROUNDING, INPUT_SHARES, MOST_OF_ALL

_PAIRS = (
    ("assets", "annual_min", "annual_max"),
    ("contracts", "daily_min", "daily_max"),
    ("links", "capacity", "emergency_capacity"),
    ("tasks", "optimistic", "duration_days"),
    ("tasks", "duration_days", "pessimistic"),
)
_DATES = (
    ("assets", "in_service_from", "in_service_to"),
    ("links", "in_service_from", "in_service_to"),
    ("storages", "in_service_from", "in_service_to"),
    ("contracts", "start", "end"),
    ("duties", "start", "end"),
    ("restrictions", "start", "end"),
    ("licences", "start", "end"),
    ("owners", "start", "end"),
    ("entities", "start", "end"),
    ("agreements", "signed", "in_force_until"),
    ("provisions", "start", "end"),
    ("events", "start", "end"),
    ("event_changes", "start", "end"),
    ("scenario_changes", "start", "end"),
    ("outages", "start", "end"),
    ("meetings", "date", "due"),
    ("tasks", "planned_start", "planned_finish"),
    ("tasks", "began_on", "done_on"),
)
_INSIDE = {"": "", "energy": " MWh", "power": " MW", "energy_price": " per MWh"}
_SHARES = (("owners", "element", "share"), ("entities", "entity", "parent_share"))


def minimums(view: CaseView) -> Iterator[InputProblem]:
    """A minimum above its maximum."""
    for table, low, high in _PAIRS:
        for row, least, most in each(view.sure(table, low, high), low, high):
            if not least > most:  # either may be missing
                continue
            yield view.problem(
                table,
                row,
                low,
                f"{least:g} is above {high} {most:g}.",
                "Lower the one or raise the other.",
                rule="minimum",
            )


@about("assets")
def annual_minimums(view: CaseView) -> Iterator[InputProblem]:
    """A least activity of the year above what the capacity can do in a year."""
    hours = view.case.horizon.year_hours
    columns = ("asset", "annual_min", "annual_unit", "capacity", "unit", "availability")
    rows = view.sure("assets", *columns[1:])
    for row, asset, least, unit, capacity, rate, share in each(rows[rows["annual_min"] > 0], *columns):
        carrier = view.references.get(asset, "")
        if can_convert(view, unit, "energy", carrier) and can_convert(view, rate, "power", carrier):
            factor = view.case.units.factor
            most = capacity * share * factor(rate, "power", carrier) * hours / factor(unit, "energy", carrier)
            if least > most * (1 + INPUT_ROUNDING):
                message = (
                    f"{least:g} {unit} is above the {most:.6g} {unit} that the capacity makes in a year."
                )
                yield view.problem(
                    "assets", row, "annual_min", message, "Lower it or raise the capacity.", rule="minimum"
                )


@about("contracts")
def contract_minimums(view: CaseView) -> Iterator[InputProblem]:
    """A contract whose least quantity of the year cannot pass within its most of a day."""
    names = "annual_quantity unit daily_max daily_unit swing_down take_or_pay ship_or_pay start end carrier"
    rows = view.sure("contracts", *names.split())
    rows = rows[rows["annual_quantity"].notna() & rows["daily_max"].notna()]
    factor, horizon = view.case.units.factor, view.case.horizon
    for row, contract in rows.iterrows():
        carrier, unit, rate = contract["carrier"], contract["unit"], contract["daily_unit"]
        if not can_convert(view, unit, "energy", carrier) or not can_convert(view, rate, "power", carrier):
            continue
        share = max(1.0 - contract["swing_down"], contract["take_or_pay"], contract["ship_or_pay"])
        least = share * contract["annual_quantity"]
        most = (
            contract["daily_max"]
            * factor(rate, "power", carrier)
            * horizon.year_hours
            / factor(unit, "energy", carrier)
        )
        if least > most * (1 + INPUT_ROUNDING):
            message = f"{share:g} of it must be taken, {least:g} {unit}, and daily_max allows {most:.6g} {unit} a year."
            yield view.problem(
                "contracts", row, "annual_quantity", message, "Lower it or raise daily_max.", rule="minimum"
            )


def dates(view: CaseView) -> Iterator[InputProblem]:
    """An end before its start."""
    for table, start, end in _DATES:
        rows = view.sure(table, start, end)
        for row, first, last in each(rows, start, end):
            if not last < first:  # either may be missing
                continue
            message = f"{_day(last)} lies before {start} {_day(first)}."
            yield view.problem(
                table, row, end, message, "The last day is not before the first.", rule="dates"
            )


def within(view: CaseView) -> Iterator[InputProblem]:
    """An outage, a contract or a duty that has no day within the horizon, and so no effect."""
    if view.doubts("horizon"):
        return
    horizon = view.case.horizon
    span = f"{_day(horizon.start)} to {_day(horizon.end - pd.Timedelta(hours=1))}".replace(" 23:00:00", "")
    for table in ("outages", "contracts", "duties"):
        for row, start, end in each(view.sure(table, "start", "end"), "start", "end"):
            if not horizon.share_within(start, end).any():
                column = "end" if end < horizon.start else "start"
                message = f"{_day(end if column == 'end' else start)} lies outside the horizon, {span}."
                remedy = "Put the date right, or remove the row: it has no day on which it could count."
                yield view.problem(table, row, column, message, remedy, rule="dates")


def sizes(view: CaseView) -> Iterator[InputProblem]:
    """Numbers beyond what any network holds, most often a slip of a unit; observations are not solved."""
    for name, table in schema.tables().items():
        rows = view.rows(name)
        if rows.empty or name == "observations":
            continue
        carriers = carrier_of_rows(view, name, rows)
        measured = table.quantities()
        for column in (column for column in table.columns if column.is_number):
            dimension = column.dimension if column in measured else ""
            cells = rows[column.name].abs()
            units = rows[column.unit_column] if dimension else pd.Series("", index=rows.index)
            for row, value in _beyond(view, cells[cells > 0.0], units, carriers, dimension):
                if view.wrong(name, column.name)[row]:
                    continue
                counted = f", {value:.3g}{_INSIDE[dimension]}," if dimension else ""
                message = f"{cells[row]:g} {units[row]}".rstrip() + f"{counted} is beyond all that is solved."
                remedy = f"Look at the number and its unit: at most {MOST_OF_ALL:g}{_INSIDE[dimension]}."
                yield view.problem(name, row, column.name, message, remedy, rule="range")


def _beyond(
    view: CaseView, cells: pd.Series, units: pd.Series, carriers: pd.Series, dimension: str
) -> Iterator[tuple[object, float]]:
    """Row and amount in internal units of what is too much."""
    if not dimension:
        yield from cells[cells > MOST_OF_ALL].items()
        return
    factors: dict[tuple[str, str], float] = {}
    for row, cell in cells.items():
        pair = (units[row], carriers[row])
        if pair not in factors:
            factors[pair] = _inside(view, dimension, *pair)
        if cell * factors[pair] > MOST_OF_ALL:
            yield row, cell * factors[pair]


def _inside(view: CaseView, dimension: str, unit: str, carriers: str) -> float:
    """What makes a number of a table one of internal units; 0 where that is not known."""
    carrier = carriers.split(";", maxsplit=1)[0]
    if not dimension:
        return 1.0
    known = can_convert(view, unit, dimension, carrier)
    return view.case.units.factor(unit, dimension, carrier) if known else 0.0


def _day(moment: pd.Timestamp) -> str:
    return str(moment).removesuffix(" 00:00:00")


def shares(view: CaseView) -> Iterator[InputProblem]:
    """Owners who hold more than all of something at one time."""
    for table, thing, share in _SHARES:
        rows = view.rows(table)
        if rows.empty:
            continue
        wrong = view.wrong(table, share)
        rows = rows[~wrong.groupby(rows[thing]).transform("any")]
        rows = rows[rows.groupby(thing)[share].transform("sum") > 1.0 + INPUT_SHARES]
        for name, held in rows.groupby(thing, sort=False):
            whole, row = _most_at_once(held, share)
            if whole > 1.0 + INPUT_SHARES:
                message = f'the shares of "{name}" add up to {whole:g}.'
                yield view.problem(table, row, share, message, "They are at most 1.", rule="shares")


def _most_at_once(held: pd.DataFrame, share: str) -> tuple[float, Any]:
    """The largest sum of shares that are held on one day, and the row that takes it above the whole, or the last."""
    start = held["start"].fillna(pd.Timestamp("1700-01-01"))
    end = held["end"].fillna(pd.Timestamp("2200-01-01"))
    most, at = 0.0, held.index[0]
    for day in start.unique():
        some = held[share].fillna(0.0)[(start <= day) & (day <= end)]
        total = some.cumsum()
        if total.iloc[-1] > most:
            over = total[total > 1.0 + INPUT_SHARES]
            most, at = float(total.iloc[-1]), (over if len(over) else total).index[0]
    return most, at


@about("storages")
def withdrawal_curves(view: CaseView) -> Iterator[InputProblem]:
    """A withdrawal curve that is not a list of points, or bends the wrong way."""
    rows = view.rows("storages")
    rows = rows[rows["withdrawal_curve"] != ""]
    unlimited = rows["withdrawal"].isna() & ~view.wrong("storages", "withdrawal")[rows.index]
    for row, text in rows["withdrawal_curve"].items():
        fault = _curve_fault(str(text))
        if fault:
            remedy = "Write points level:rate, both shares, such as 0:0.3;0.5:1;1:1."
            yield view.problem("storages", row, "withdrawal_curve", fault, remedy, rule="curve")
        elif unlimited[row]:
            message = "there is no withdrawal that the curve could lower."
            yield view.problem(
                "storages",
                row,
                "withdrawal_curve",
                message,
                "Give the withdrawal, or leave the curve empty.",
                rule="curve",
            )


def _curve_fault(text: str) -> str:
    try:
        points = [tuple(float(number) for number in point.split(":")) for point in text.split(";")]
    except ValueError:
        return f'"{text}" is not a list of points.'
    if len(points) < 2 or any(len(point) != 2 for point in points):
        return f'"{text}" is not a list of two or more points.'
    if not all(0 <= number <= 1 for point in points for number in point):
        return f'"{text}" has a number that is no share.'
    steps = list(zip(points[:-1], points[1:], strict=True))
    if any(x1 <= x0 for (x0, _), (x1, _) in steps):
        return f'"{text}" has levels that do not rise.'
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in steps]
    if any(slope < 0 for slope in slopes):
        return f'"{text}" has a rate that falls while the level rises.'
    if any(later > earlier + INPUT_ROUNDING for earlier, later in zip(slopes[:-1], slopes[1:], strict=True)):
        return f'"{text}" is not concave: it grows steeper with the level.'
    return ""


@about("resources")
def sections(view: CaseView) -> Iterator[InputProblem]:
    """A section that is no limit of each step over lines, or whose limits with lines out cannot be read."""
    rows, uses = view.rows("resources"), view.rows("resource_uses")
    for row, one in rows[(rows["kind"] == "section") | (rows["limit_without"] != "")].iterrows():
        lines = set(
            uses["element"][
                (uses["resource"] == one["resource"]) & uses["table"].isin(["links", "links_back"])
            ]
        )
        fault = _section_fault(one, lines)
        if fault:
            near = schema.nearest(fault[1], sorted(lines)) if fault[1] else ""
            remedy = "Write line:limit with + between lines that are out together, such as north:900;north+south:0."
            yield view.problem("resources", row, fault[0], fault[2], remedy, near, rule="section")


def _section_fault(row: pd.Series, lines: set[str]) -> tuple[str, str, str] | None:
    """Column, wrong name if there is one, and what is wrong."""
    if row["kind"] != "section":
        return "kind", "", "only a section has a limit without lines."
    if row["over"] != "step" or not lines:
        return "kind", "", "a section holds in each step, over flows on links."
    for part in filter(None, map(str.strip, str(row["limit_without"]).split(";"))):
        names, colon, number = part.rpartition(":")
        strange = [name.strip() for name in names.split("+") if name.strip() not in lines]
        try:
            is_limit = bool(colon) and 0.0 <= float(number) <= float(row["amount"])
        except ValueError:
            is_limit = False
        if not is_limit:
            return "limit_without", "", f'"{part}" has no limit between 0 and the amount, {row["amount"]:g}.'
        if strange:
            return "limit_without", strange[0], f'"{strange[0]}" is no line of the section.'
    return None
