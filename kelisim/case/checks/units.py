"""Units: every quantity can be converted to what its column holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import cast

import pandas as pd

from kelisim import units
from kelisim.case import schema
from kelisim.case.acts import targets
from kelisim.case.checks.view import ELEMENT_TABLES, CaseView, about, each, settings_file
from kelisim.errors import InputProblem, UnitError
from kelisim.tolerances import ROUNDING

# words that may stand where no unit is meant
PLAIN = ("", "share", "factor", "percent", "%", "days")
_ENERGIES = ("MWh", "GWh", "TWh", "kWh", "GJ", "TJ", "PJ", "Gcal", "toe")
_AMOUNTS = (*_ENERGIES, "t", "kt", "Mt", "bcm", "million m3", "1000 m3", "m3", "mcm", "bbl", "mb", "kb")
_TIMES = ("year", "month", "day", "d", "h")
_POWERS = ("MW", "GW", "kW")
_HEATS = (units.Heat("energy"), units.Heat("mass", 1.0, 1.0), units.Heat("volume", 1.0, 1.0))


@cache
def _candidates(currency: str) -> tuple[str, ...]:
    rates = [f"{amount}/{time}" for time in _TIMES for amount in _AMOUNTS]
    prices = [f"{currency}/{amount}" for amount in _AMOUNTS]
    ratios = [
        f"{one}/{other}" for one in ("MWh", "t", "1000 m3", "m3") for other in ("MWh", "t", "1000 m3", "m3")
    ]
    return (
        *_POWERS,
        *_AMOUNTS,
        *rates,
        *prices,
        *ratios,
        "wagon",
        "wagon/day",
        "wagon_day/day",
        "wagon_day/t",
        "wagon/t",
        "train/day",
        "train/t",
    )


def suggestion(view: CaseView, text: str, fits: Callable[[str], object]) -> str:
    """What a text most likely means, or the known unit most like it, among those that fit; else nothing."""
    meant = units.meant(text)
    if meant != text:  # what is meant and does not fit has no word near it
        return "" if _error(fits, meant) else meant
    return schema.nearest(text, [word for word in _candidates(view.case.currency) if not _error(fits, word)])


def _error(convert: Callable[[str], object], text: str) -> str:
    try:
        convert(text)
    except UnitError as error:
        return str(error)
    return ""


@about("carriers")
def carriers(view: CaseView) -> Iterator[InputProblem]:
    """A carrier whose unit on pages is not a quantity, or that lacks the energy of its tonne or cubic metre."""
    rows = view.rows("carriers")
    known = ~view.wrong("carriers", "energy_per_unit")
    for row, unit, energy, density in each(rows, "display_unit", "energy_per_unit", "density"):
        error = _error(units.form_of, unit)
        if error and unit:
            near = suggestion(view, unit, units.form_of)
            yield view.problem(
                "carriers",
                row,
                "display_unit",
                f"{error}.",
                "Quantities of a carrier are TWh, Mt, bcm ...",
                near,
                "unit",
            )
            continue
        form = "" if error else units.form_of(unit)
        native = {"mass": "tonne", "volume": "cubic metre"}.get(form, "")
        if known[row] and energy == 0:
            yield view.problem(
                "carriers",
                row,
                "energy_per_unit",
                "is 0.",
                "It holds the gross energy of one tonne or cubic metre, MWh.",
                rule="range",
            )
        elif known[row] and energy == 1 and native:
            message = f"is 1 MWh per {native}, which stands where none is given."
            remedy = f"The carrier is shown in {unit}: give the gross energy of one {native}, MWh."
            yield view.problem("carriers", row, "energy_per_unit", message, remedy, rule="missing")
        elif known[row] and energy != 1 and form == "energy":
            message = f"is {energy:g}, and the carrier is shown in {unit}, which is energy already."
            yield view.problem(
                "carriers",
                row,
                "energy_per_unit",
                message,
                "Leave it empty, or show the carrier in t or m3.",
                rule="unit",
            )
        if density == 0:
            yield view.problem(
                "carriers",
                row,
                "density",
                "is 0.",
                "It holds tonnes per cubic metre; leave it empty if unknown.",
                rule="range",
            )


def told(view: CaseView) -> Iterator[InputProblem]:
    """A unit of `[display] units` for a carrier that the case does not have, or that cannot tell its carriers."""
    if view.settings & {"display.units"}:
        return
    rows = view.kinds("carriers")
    known = sorted({*rows["carrier"], *rows["family"]} - {""})
    file = settings_file(view.case)
    written = view.case.settings.get("display", {}).get("units", {})
    for name, unit in view.case.setting("display", "units").items():
        of = list(rows["carrier"][(rows["carrier"] == name) | (rows["family"] == name)])
        if not of and name in written:  # one that nobody wrote waits for carriers that the case need not have
            near = schema.nearest(name, known)
            remedy = f"Known: {schema.some(known)}."
            message = f'neither a carrier nor a family of carriers is called "{name}".'
            yield InputProblem(file, 0, f"display.units.{name}", message, remedy, near, "reference")
        fits = [partial(_tells, view, carrier) for carrier in of if carrier in view.carriers]
        wrong = next((fit for fit in fits if _error(fit, unit)), None)
        if wrong is not None:
            message = f'{name}: "{unit}" is neither a flow nor an amount of it.'
            remedy = 'Such as "million m3/day", "MW", "Gcal/h" or "kt".'
            near = suggestion(view, unit, wrong)
            yield InputProblem(file, 0, f"display.units.{name}", message, remedy, near, "unit")


def _tells(view: CaseView, carrier: str, unit: str) -> float:
    """Factor of a unit of a flow or of an amount. Raises UnitError."""
    flow = _converter(view, "power", carrier)
    return float(cast("float", (_converter(view, "energy", carrier) if _error(flow, unit) else flow)(unit)))


def quantities(view: CaseView) -> Iterator[InputProblem]:
    """A quantity in a unit that cannot become what its column holds."""
    for name, table in schema.tables().items():
        rows = view.rows(name)
        columns = table.quantities()
        if rows.empty or not columns:
            continue
        carrier = carrier_of_rows(view, name, rows)
        for unit_column in dict.fromkeys(column.unit_column for column in columns):
            measured = [column for column in columns if column.unit_column == unit_column]
            if view.doubts("money.currency") and measured[0].dimension == "energy_price":
                continue
            filled = rows[[column.name for column in measured]].notna().any(axis=1)
            yield from _quantity_units(view, name, rows[unit_column][filled], carrier, measured[0])


def _quantity_units(
    view: CaseView, table: str, cells: pd.Series, carrier: pd.Series, column: schema.Column
) -> Iterator[InputProblem]:
    wrong: dict[tuple[str, str], tuple[str, str]] = {}
    for row, unit in cells.items():
        words = str(carrier[row]).split(";")
        key = (unit, str(carrier[row]))
        if key not in wrong:
            convert = _converter(view, column.dimension, words[0])
            error = _error(convert, unit)
            wrong[key] = (error, suggestion(view, unit, convert) if error else "")
            if not error and len(words) > 1:
                wrong[key] = (_differs(view, unit, column.dimension, words), "")
        error, near = wrong[key]
        if error:
            remedy = f"{column.name} is {units.meaning(column.dimension)}."
            yield view.problem(table, row, column.unit_column, f"{error}.", remedy, near, "unit")


def _converter(view: CaseView, dimension: str, carrier: str) -> Callable[[str], object]:
    """Converts a unit for a carrier; where the carrier is in doubt, for any."""
    hours, currency = view.case.horizon.year_hours, view.case.currency
    if carrier in view.carriers:
        return lambda unit: view.case.units.factor(unit, dimension, carrier)

    def convert(unit: str) -> float:
        errors = []
        for heat in _HEATS:
            try:
                return units.factor(unit, dimension, heat, hours, currency)
            except UnitError as error:
                errors.append(error)
        raise errors[0]

    return convert


def _differs(view: CaseView, unit: str, dimension: str, carriers: list[str]) -> str:
    """A unit of mass or volume that stands for several carriers of different heat."""
    factors = set()
    for carrier in carriers:
        if carrier in view.carriers:
            error = _error(_converter(view, dimension, carrier), unit)
            if error:
                return f"{error} for {carrier}"
            factors.add(view.case.units.factor(unit, dimension, carrier))
    return f'"{unit}" is another value for each of its carriers' if len(factors) > 1 else ""


def carrier_of_rows(view: CaseView, table: str, rows: pd.DataFrame) -> pd.Series:
    """The carrier in whose units each row is written, or of the first where they are several."""
    if table == "assets":
        return rows["asset"].map(view.references).astype(object).fillna("")
    return rows["carrier"] if "carrier" in rows else pd.Series("", index=rows.index)


@about("asset_ports")
def port_ratios(view: CaseView) -> Iterator[InputProblem]:
    """A port whose unit is not a quantity of its carrier over one of the reference carrier."""
    seen: dict[tuple[str, str, str], tuple[str, str]] = {}
    told = set()
    wrong = set(
        view.rows("asset_ports").index[view.wrong("asset_ports", "carrier", "asset", "kind", "ratio")]
    )
    known = view.carriers
    for row, asset, carrier, ratio, unit in each(view.ports, "asset", "carrier", "ratio", "unit"):
        reference = view.references.get(asset, "")
        if row in told or row in wrong or reference not in known or carrier not in known:
            continue
        key = (unit, carrier, reference)
        if key not in seen:
            convert = partial(_port_factor, view, carrier, reference)
            error = _error(convert, unit)
            seen[key] = (error, suggestion(view, unit, convert) if error else "")
        error, near = seen[key]
        remedy = f"It is a quantity of {carrier} over one of {reference}, the reference port."
        if (
            not error
            and carrier == reference
            and abs(ratio) == 1.0
            and abs(_port_factor(view, carrier, reference, unit) - 1.0) > ROUNDING
        ):
            error, remedy = f'"{unit}" makes the reference port another than 1', "Leave it empty."
        if error:
            told.add(row)
            yield view.problem("asset_ports", row, "unit", f"{error}.", remedy, near, "unit")


def _port_factor(view: CaseView, top: str, bottom: str, unit: str) -> float:
    return view.case.units.ratio(unit, top, bottom)


@about("resources")
def draws(view: CaseView) -> Iterator[InputProblem]:
    """A use that does not draw on its limit, or a limit in a unit that nothing can draw on."""
    carrier_of = view.made(_element_carriers)
    uses = view.sure("resource_uses", "resource", "table", "element")
    by_resource = dict(iter(uses.groupby("resource", sort=False)))
    resources = view.sure("resources", "over").drop_duplicates("resource")
    for line, resource, limit, over in each(resources, "resource", "unit", "over"):
        rows = by_resource.get(resource, uses.iloc[:0])
        drawn = [
            (row, use, carrier_of[ELEMENT_TABLES[table]].get(element, ""))
            for row, table, element, use in each(rows, "table", "element", "unit")
        ]
        yield from _draws(view, line, limit, over, [one for one in drawn if one[2] in view.carriers])


def _draws(
    view: CaseView, line: object, limit: str, over: str, drawn: list[tuple[object, str, str]]
) -> Iterator[InputProblem]:
    draw = view.case.units.draw

    def with_use(carrier: str) -> Callable[[str], object]:
        return lambda use: draw(limit, use, carrier, over)

    unknown = _error(units.parse, limit) if limit else ""
    wrong = [(*one, _error(with_use(one[2]), one[1])) for one in drawn]
    wrong = [one for one in wrong if one[3]]
    if unknown or (wrong and len(wrong) == len(drawn) and (len(wrong) > 1 or not drawn[0][1])):
        # nothing can draw on it: the limit is wrong, not its uses
        use, carrier = (drawn[0][1], drawn[0][2]) if drawn else ("", "")
        near = suggestion(
            view, limit, units.parse if unknown else lambda text: draw(text, use, carrier, over)
        )
        remedy = "It must fit what draws on it: a quantity per time, or a quantity for the year."
        yield view.problem("resources", line, "unit", f"{unknown or wrong[0][3]}.", remedy, near, "unit")
        return
    for row, use, carrier, error in wrong:
        near = suggestion(view, use, with_use(carrier)) if use else ""
        yield view.problem(
            "resource_uses",
            row,
            "unit",
            f"{error}.",
            "It is what one unit of the column draws, such as wagon_day/t.",
            near,
            "unit",
        )


def _element_carriers(view: CaseView) -> dict[str, dict[str, str]]:
    found = {"assets": view.references}
    for table, key in (
        ("links", "link"),
        ("markets", "market"),
        ("contracts", "contract"),
        ("storages", "storage"),
    ):
        rows = view.sure(table, "carrier")
        found[table] = dict(zip(rows[key], rows["carrier"], strict=True))
    return found


def free_units(view: CaseView) -> Iterator[InputProblem]:
    """A unit beside a number of an event, a measure or an observation that is none."""
    for name, table in schema.tables().items():
        measured = {column.unit_column for column in table.quantities()} | (
            {"unit"} if name in ("resources", "resource_uses") else set()
        )
        for column in table.columns:
            if column.type == "unit" and column.name not in measured and name != "carriers":
                for row, cell in view.rows(name)[column.name].items():
                    error = "" if cell in PLAIN else _error(units.parse, cell)
                    if error:
                        yield view.problem(
                            name,
                            row,
                            column.name,
                            f"{error}.",
                            "",
                            suggestion(view, cell, units.parse),
                            "unit",
                        )


def acted_quantities(view: CaseView) -> Iterator[InputProblem]:
    """A measure or a project in a unit that the column it changes cannot have."""
    carrier_of = view.made(_element_carriers)
    rows = view.sure("measures", "unit", "acts_on", "mode")
    for row, text, mode, unit in each(rows, "acts_on", "mode", "unit"):
        for table, element, name in targets(text, "maybe"):
            column = (
                schema.tables()[table][name]
                if table in schema.tables() and name in schema.tables()[table]
                else None
            )
            if (
                mode in ("scale", "order")
                or not unit
                or column is None
                or column.type != "quantity"
                or column.dimension == "any"
            ):
                continue
            problem = _acted(view, "measures", row, unit, column, carrier_of.get(table, {}).get(element, ""))
            if problem:
                yield problem
                break
    rows = view.sure("projects", "unit", "builds")
    for row, text, unit in each(rows[rows["capacity"].notna()], "builds", "unit"):
        for table, element, _ in targets(text, "never"):
            if table == "resources":
                other = _of_limit(view, row, element, unit)
                if other:
                    yield other
                    break
                continue
            # a project of a storage adds room or rates
            names = {
                "links": ("capacity",),
                "assets": ("capacity",),
                "storages": ("working_capacity", "withdrawal"),
            }.get(table, ())
            carrier = carrier_of.get(table, {}).get(element, "")
            wrong = [
                _acted(view, "projects", row, unit, schema.tables()[table][name], carrier) for name in names
            ]
            if wrong and wrong[0] and all(wrong):
                yield wrong[0]
                break


def _of_limit(view: CaseView, row: object, element: str, unit: str) -> InputProblem | None:
    """What is wrong where a project widens a shared limit in a unit that is not one of its own."""
    limits = view.rows("resources")
    own = limits["unit"][(limits["resource"] == element).to_numpy()]
    if own.empty or unit == own.iloc[0] or _error(units.parse, unit):
        return None
    try:
        if units.parse(unit)[1] == units.parse(str(own.iloc[0]))[1]:
            return None
    except UnitError:
        return None
    problem = f'"{unit}" cannot stand for "{own.iloc[0]}", the unit of {element}.'
    return view.problem("projects", row, "unit", problem, f'Write it in "{own.iloc[0]}".', rule="unit")


def _acted(
    view: CaseView, table: str, row: object, unit: str, column: schema.Column, carrier: str
) -> InputProblem | None:
    convert = _converter(view, column.dimension, carrier)
    error = _error(convert, unit)
    if not error or _error(units.parse, unit):
        return None
    remedy = f"{column.name} is {units.meaning(column.dimension)}."
    return view.problem(table, row, "unit", f"{error}.", remedy, suggestion(view, unit, convert), "unit")


def can_convert(view: CaseView, unit: str, dimension: str, carrier: str) -> bool:
    """Whether a unit can be converted for sure, so that two quantities can be compared; energy needs no carrier."""
    known = carrier if carrier in view.carriers else ""
    return not _error(lambda text: view.case.units.factor(text, dimension, known), unit)
