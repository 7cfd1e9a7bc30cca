"""Observations of a file as rows of the case: --observations FILE.csv of the study monitoring."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelisim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from kelisim.case.case import Case

FIELD = "observations"
NEEDED, MORE = ("element", "period", "value"), ("unit", "note")
SHARE = "1"  # unit of a share or a plain number


def with_observed(case: Case, fields: Mapping[str, Any]) -> Case:
    """The case with the rows of the file that a field names. Raises UserError with all that is wrong, by row and column."""
    name = str(fields.get(FIELD, ""))
    if not name:
        return case
    import pandas as pd

    from kelisim.case.watched import WATCHED

    path = Path(name.removeprefix("@"))
    head, lines = _lines(path)
    wrong, found = list(_heads(path, head)), list[dict[str, Any]]()
    known = {table: set(case.table(table).iloc[:, 0].astype(str)) for table in WATCHED}
    for line, row in lines if not wrong else ():
        cells = {key: (row.get(key) or "").strip() for key in (*NEEDED, *MORE)}
        told = list(_cells(cells, known))
        wrong += [f"{path} row {line}, {text}" for text in told]
        if not told:
            found.append(_row(case, cells, known, len(found), name))
    if not wrong and not found:
        wrong.append(f"{path} has no rows.")
    if wrong:
        raise UserError("\n".join(wrong))
    return case.with_table(FIELD, _added(case.table(FIELD), pd.DataFrame(found)))


def _lines(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            head = [name.strip() for name in reader.fieldnames or []]
            reader.fieldnames = head
            return head, [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f'--{FIELD}: "{path}" cannot be read: {error}.') from error


def _heads(path: Path, head: list[str]) -> Iterator[str]:
    from kelisim.case.schema import nearest

    for one in NEEDED:
        if one not in head:
            near = nearest(one, [name for name in head if name not in (*NEEDED, *MORE)])
            yield f'{path}: no column "{one}".{_hint(near)}'
    for one in head:
        if one not in (*NEEDED, *MORE):
            near = nearest(one, (*NEEDED, *MORE))
            yield f'{path}: column "{one}" is not expected.{_hint(near)}'


def _hint(near: str) -> str:
    return f' Did you mean "{near}"?' if near else ""


def _cells(cells: dict[str, str], known: dict[str, set[str]]) -> Iterator[str]:
    """What is wrong in a row: column and words."""
    from kelisim import units
    from kelisim.case.schema import nearest
    from kelisim.case.watched import period_of
    from kelisim.errors import UnitError

    everything = set().union(*known.values())
    if cells["element"] not in everything:
        near = nearest(cells["element"], everything)
        yield f'element: "{cells["element"]}" is no provision, storage or contract of the case.{_hint(near)}'
    try:
        period_of(cells["period"])
    except ValueError:
        yield f'period: "{cells["period"]}" is no year, month or day such as 2026-03.'
    try:
        finite = abs(float(cells["value"])) < float("inf")
    except ValueError:
        finite = False
    if not finite:
        yield f'value: "{cells["value"]}" is not a number.'
    if cells["unit"]:
        try:
            units.parse(cells["unit"])
        except UnitError as error:
            yield f"unit: {error}."


def _row(
    case: Case, cells: dict[str, str], known: dict[str, set[str]], number: int, name: str
) -> dict[str, Any]:
    from kelisim.case.watched import MONITORED, WATCHED

    table = next(table for table in WATCHED if cells["element"] in known[table])
    unit = cells["unit"]
    if not unit and table == "provisions":
        rows = case.table(table)
        unit = str(rows["unit"][rows["provision"] == cells["element"]].iloc[0])
    return {
        "observation": f"watched_{number + 1}",
        "table": table,
        "element": cells["element"],
        "period": cells["period"],
        "value": float(cells["value"]),
        "unit": unit or SHARE,
        "use": MONITORED,
        "source": name,
        "note": cells["note"],
    }


def _added(rows: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """The rows of the case and those of the file below them, columns without a value as in rows without one."""
    import pandas as pd

    for column in rows.columns:
        if column not in more:
            kind = rows[column].dtype.kind
            more[column] = False if kind == "b" else float("nan") if kind == "f" else ""
    return pd.concat([rows, more[list(rows.columns)]], ignore_index=True)
