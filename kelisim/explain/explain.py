"""A number of a result table back to its parts, the rows of the case behind it, their sources and grades.

    print(explain(results, "carriers.balance", "KZ,natural_gas:imported").to_text())

The parts of a number add up to it. A trace goes on from part to part until it ends at outcomes of the plan or at
rows of the case; what each gives to the number is counted under the weakest grade among the rows on its way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from kelisim.explain.behind import behind_of, limits_of, sources_of, standing_of
from kelisim.explain.cell import find
from kelisim.explain.explanation import Explanation, Piece, Price
from kelisim.explain.tables import TracedCell, TracedPart, keys_of, label_of, table_of
from kelisim.explain.text import number
from kelisim.explain.trace import GRADES, Leaf, Tracer
from kelisim.results.results import Results

_OUTCOMES = ("links.total", "links.flow", "assets.activity", "assets.total")


def explain(results: Results, table: str, cell: str) -> Explanation:
    """What stands behind a number. Raises UserError with the nearest right word.

    cell  the words that name the row, separated by commas, then a colon and the column: "KZ,natural_gas:imported"
    """
    at, column = find(results, table, cell)
    tracer = Tracer(results)
    here = TracedCell(table, at, column)
    parts, _ = tracer.parts(here)
    leaves = tracer.leaves(here)
    frame = tracer.frames[table]
    row = frame.iloc[at]
    described = table_of(results, table)
    unit = results.units(table).get(column, "")
    unit = str(row["unit"]) if unit == "unit of the row" and "unit" in row else unit
    behind = behind_of(tracer, leaves) or standing_of(tracer, row)
    return Explanation(
        table=table,
        cell=f"{label_of(frame, keys_of(results, table), at)}:{column}",
        column=column,
        value=float(row[column]),
        unit=unit,
        shown=_in_display(results, row, float(row[column]), unit),
        what=described.description,
        description=described.columns[column].description if column in described.columns else "",
        formula=tracer.formula(here).told,
        row=_row(table, row[[name for name in results[table].columns if name != column]].to_dict()),
        parts=tuple(_pieces(tracer, parts)),
        behind=tuple(behind),
        sources=tuple(sources_of(results, behind)),
        grades=_grades(leaves),
        limits=tuple(limits_of(results, tracer, [*leaves, Leaf(here, 0.0, (), "")])),
        prices=tuple(_prices(results, row)),
        notes=tuple(_notes(tracer, here, parts, leaves)),
        made_by=_made_by(results),
    )


def _row(table: str, cells: dict[str, Any]) -> dict[str, Any]:
    """The other cells of a row; of a fact what its sentence names, where it is a plain value."""
    if table != "facts":
        return cells
    places = json.loads(cells["places"])
    return {"unit": cells["unit"]} | {k: v for k, v in places.items() if not isinstance(v, (dict, list))}


def _pieces(tracer: Tracer, parts: Iterable[TracedPart]) -> list[Piece]:
    listed = sorted(parts, key=lambda part: -abs(part.contribution))
    size = sum(abs(part.contribution) for part in listed) or 1.0
    found = []
    for part in listed:
        share = abs(part.contribution) / size
        if part.cell is None:
            found.append(Piece("", "", part.label, None, part.contribution, share, tracer.worst(part.rows)))
            continue
        cell = part.cell
        keys = keys_of(tracer.results, cell.table)
        text = f"{label_of(tracer.frames[cell.table], keys, cell.at)}:{cell.column}"
        grade = tracer.worst(tuple(tracer.case_rows(cell)))
        value, name = tracer.value(cell), _name_of(tracer, cell)
        found.append(Piece(cell.table, text, name, value, part.contribution, share, grade))
    return found


def _name_of(tracer: Tracer, cell: TracedCell) -> str:
    """What people call the element of a row, where it has one."""
    row = tracer.frames[cell.table].iloc[cell.at]
    words = (str(row[key]) for key in keys_of(tracer.results, cell.table))
    return next((tracer.names[word] for word in words if word in tracer.names), "")


def _grades(leaves: Sequence[Leaf]) -> dict[str, float]:
    size = sum(abs(leaf.contribution) for leaf in leaves)
    if size == 0.0:  # a zero rests on the rows that could have given something
        count = len(leaves) or 1
        return {grade: sum(leaf.grade == grade for leaf in leaves) / count for grade in GRADES}
    return {
        grade: sum(abs(leaf.contribution) for leaf in leaves if leaf.grade == grade) / size
        for grade in GRADES
    }


def _prices(results: Results, row: pd.Series) -> list[Price]:
    if "places.balance" not in results or "carrier" not in row:
        return []
    frame = results["places.balance"]
    unit = results.units("places.balance").get("price_mean", "")
    found = []
    for place in dict.fromkeys(str(row[name]) for name in ("place", "from_place", "to_place") if name in row):
        here = frame[(frame["place"] == place) & (frame["carrier"] == row["carrier"])]
        found += [Price(place, str(row["carrier"]), float(price), unit) for price in here["price_mean"]]
    return found


def _notes(
    tracer: Tracer, cell: TracedCell, parts: Sequence[TracedPart], leaves: Sequence[Leaf]
) -> list[str]:
    found = []
    if not table_of(tracer.results, cell.table).columns:
        found.append(
            "This table is in no tables.csv: its row, the rows of the case that it names and what made it are shown."
        )
    elif not parts and tracer.formula(cell).terms:
        found.append("There is no row that could give anything to it.")
    if any(leaf.cell is not None and leaf.cell.table in _OUTCOMES for leaf in leaves):
        found.append(
            "Flows and activities are outcomes of the least-cost plan of the whole case; other rows bear on them through the limits."
        )
    gas = tracer.case.table("carriers").set_index("carrier")["family"]
    carriers = {str(value) for value in _carriers(tracer, leaves)}
    if any(gas.get(carrier, "") == "gas" for carrier in carriers):
        found.append(
            "Gas counts capacities and no pressures: an upper bound of what the network can deliver."
        )
    return found


def _carriers(tracer: Tracer, leaves: Sequence[Leaf]) -> set[Any]:
    found = set()
    for leaf in leaves:
        if leaf.cell is not None:
            row = tracer.frames[leaf.cell.table].iloc[leaf.cell.at]
            found.add(row.get("carrier", row.get("case_carrier", "")))
    return found


def _made_by(results: Results) -> dict[str, Any]:
    meta = results.meta
    return {
        "study": results.study,
        "fields": dict(results.fields),
        "case": results.case.name,
        "fingerprint": meta.get("fingerprint", ""),
        "run": meta.get("run", ""),
        "created": meta.get("created", ""),
        "rules": meta.get("rules", {}),
        "version": dict(meta.get("versions", {})).get("kelisim", ""),
    }


def _in_display(results: Results, row: pd.Series, value: float, unit: str) -> str:
    """Energy of one carrier in the unit of pages."""
    carrier = row.get("carrier", "")
    if unit != "MWh" or not carrier or carrier not in set(results.case.table("carriers")["carrier"]):
        return ""
    shown, factor = results.case.units.display(str(carrier))
    return f"{number(value * factor)} {shown}"
