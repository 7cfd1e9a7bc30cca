"""A number of a result table back to its parts, the rows of the case behind it, their sources and grades.

    print(explain(results, "carriers.balance", "KZ,natural_gas:imported").to_text())

The parts of a number add up to it. A trace goes on from part to part until it ends at outcomes of the plan or at
rows of the case; what each gives to the number is counted under the weakest grade among the rows on its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from kelisim.explain.behind import behind_of, limits_of, sources_of, standing_of
from kelisim.explain.cell import find
from kelisim.explain.explanation import Explanation, Piece, Price
from kelisim.explain.tables import TracedCell, TracedPart, described, keys_of, lines
from kelisim.explain.text import number
from kelisim.explain.trace import GRADES, Leaf, Tracer, label_of
from kelisim.results.results import Results


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
    unit = results.units(table).get(column, "")
    unit = str(row["unit"]) if unit == "unit of the row" and "unit" in row else unit
    behind = behind_of(tracer, leaves) or standing_of(tracer, row)
    return Explanation(
        table=table,
        cell=f"{label_of(results, frame, table, at)}:{column}",
        column=column,
        value=float(row[column]),
        unit=unit,
        shown=_in_display(results, row, float(row[column]), unit),
        what=described()[table].what if table in described() else "",
        formula=_formula(table, column),
        row={name: row[name] for name in results[table].columns if name != column},
        parts=tuple(_pieces(tracer, parts)),
        behind=tuple(behind),
        sources=tuple(sources_of(results, behind)),
        grades=_grades(leaves),
        limits=tuple(limits_of(results, tracer, [*leaves, Leaf(here, 0.0, (), "")])),
        prices=tuple(_prices(results, row)),
        notes=tuple(_notes(table, column, parts, leaves, tracer)),
        made_by=_made_by(results),
    )


def _formula(table: str, column: str) -> str:
    told = lines().get((table, column), ())
    return told[0].words if told else ""


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
        rows = tuple(tracer.case_rows(cell))
        text = f"{label_of(tracer.results, tracer.frames[cell.table], cell.table, cell.at)}:{cell.column}"
        found.append(
            Piece(
                cell.table,
                text,
                _name_of(tracer, cell),
                tracer.value(cell),
                part.contribution,
                share,
                tracer.worst(rows),
            )
        )
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
    table: str, column: str, parts: Sequence[TracedPart], leaves: Sequence[Leaf], tracer: Tracer
) -> list[str]:
    found = []
    if table not in described():
        found.append(
            "This table is not described to the command: its row, the rows of the case it names and what made it are shown."
        )
    elif not parts and any(line.of for line in lines().get((table, column), ())):
        found.append("There is no row that could give anything to it.")
    if any(
        leaf.cell is not None
        and leaf.cell.table in ("links.total", "links.flow", "assets.activity", "assets.total")
        for leaf in leaves
    ):
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
