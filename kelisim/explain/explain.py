"""A number of a result table back to its parts, the rows of the case behind it, their sources and grades.

    print(explain(results, "carriers.balance", "KZ,natural_gas:imported").to_text())

The parts of a number add up to it. A trace goes on from part to part until it ends at outcomes of the plan or at
rows of the case; what each gives to the number is counted under the weakest grade among the rows on its way.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.errors import UserError
from kelisim.explain.tables import NUMBERS, CaseRow, TracedCell, TracedPart, described, keys_of, lines
from kelisim.explain.trace import GRADES, Leaf, Tracer, label_of, word_of
from kelisim.results.results import Results

SHOWN = 12  # rows of a list in the text
_QUIET = ("name", "source", "confidence", "note", "lat", "lon", "route", "name_ru", "name_kk")


@dataclass(frozen=True)
class Piece:
    """One row that the number is added up from.

    cell   as one types it to explain this row in turn; empty for a part that is no cell of a table
    share  of the sizes of all parts, 0-1
    """

    table: str
    cell: str
    what: str
    value: float | None
    contribution: float
    share: float
    grade: str


@dataclass(frozen=True)
class Behind:
    """A row of the case behind the number.

    cells  column -> value with its unit, as written; columns that are empty or at their default are left out
    file, line  where it stands in the case
    share  of the number that goes through this row, by size, 0-1
    """

    table: str
    key: str
    name: str
    cells: dict[str, str]
    grade: str
    sources: tuple[str, ...]
    note: str
    file: str
    line: int
    share: float


@dataclass(frozen=True)
class Source:
    """Where a row comes from; `known` is false for words that are no row of the table of sources."""

    source: str
    title: str
    publisher: str
    date: str
    url: str
    licence: str
    known: bool


@dataclass(frozen=True)
class Limit:
    """A limit with a price at an element behind the number."""

    table: str
    element: str
    name: str
    limit: str
    shadow_price: float
    unit: str
    value: float


@dataclass(frozen=True)
class Price:
    """Nodal price at a place of the row, mean over the hours."""

    place: str
    carrier: str
    price: float
    unit: str


@dataclass(frozen=True)
class Explanation:
    """Everything behind one number.

    shown     the number in the unit of pages, where that differs
    row       the other cells of its row
    parts     what it is added up from, largest first; empty where it is an outcome or comes straight from the case
    behind    rows of the case, those through which most of it goes first
    grades    share of the number by grade: A, B, C and "" for none
    limits    the dearest limits at the elements behind it
    prices    nodal prices at the places of its row
    made_by   study, its fields, rules, case, fingerprint and versions
    """

    table: str
    cell: str
    column: str
    value: float
    unit: str
    shown: str
    what: str
    formula: str
    row: dict[str, Any]
    parts: tuple[Piece, ...]
    behind: tuple[Behind, ...]
    sources: tuple[Source, ...]
    grades: dict[str, float]
    limits: tuple[Limit, ...]
    prices: tuple[Price, ...]
    notes: tuple[str, ...]
    made_by: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return _plain(asdict(self))

    @property
    def c_share(self) -> float:
        """Share of the number that rests on rows graded C, 0-1."""
        return self.grades.get("C", 0.0)

    def to_text(self, width: int = 110) -> str:
        """The explanation for a terminal."""
        return _Text(self, width).text()


# ---- asking
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
    behind = _behind(tracer, leaves) or _standing(tracer, row)
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
        sources=tuple(_sources(results, behind)),
        grades=_grades(leaves),
        limits=tuple(_limits(results, tracer, [*leaves, Leaf(here, 0.0, (), "")])),
        prices=tuple(_prices(results, row)),
        notes=tuple(_notes(table, column, parts, leaves, tracer)),
        made_by=_made_by(results),
    )


def find(results: Results, table: str, cell: str) -> tuple[int, str]:
    """Position of the row and name of the column of a cell. Raises UserError with the nearest right word."""
    frame = results[table]  # raises with the nearest table
    keys = keys_of(results, table)
    numbers = [name for name in frame.columns if frame[name].dtype.kind in NUMBERS]
    example = _example(results, table, keys, numbers)
    words, colon, column = cell.rpartition(":")
    if not colon:
        raise UserError(
            f'"{cell}" names no column. Write {",".join(keys)}:COLUMN, such as {example}. Columns: {", ".join(numbers)}.'
        )
    if column not in frame.columns:
        near = schema.nearest(column, numbers)
        hint = f'Did you mean "{near}"?' if near else ""
        raise UserError(
            f'{table} has no column "{column}". {hint} Columns: {", ".join(numbers)}.'.replace("  ", " ")
        )
    if column not in numbers:
        raise UserError(f'"{column}" of {table} is no number. Numbers: {", ".join(numbers)}.')
    return _row(frame, table, keys, [word.strip() for word in words.split(",")], example), column


def _row(frame: pd.DataFrame, table: str, keys: Sequence[str], words: list[str], example: str) -> int:
    """Position of the row that the words name, in any order as long as one row fits."""
    texts = {key: frame[key].map(word_of).astype(str) for key in keys}
    if len(words) > len(keys):
        # a key may hold a comma itself
        words = [",".join(words[: len(words) - len(keys) + 1]), *words[len(words) - len(keys) + 1 :]]
    left = pd.Series(True, index=frame.index)
    free = list(keys)
    for word in words:
        fitting = [key for key in free if _fits(texts[key][left], key, word).any()]
        if not fitting:
            known = dict.fromkeys(text for key in free for text in texts[key][left])
            near = schema.nearest(word, known)
            hint = f'Did you mean "{near}"?' if near else f"Known: {schema.some(known, 12)}."
            raise UserError(
                f'{table} has no row "{",".join(words)}": no {" or ".join(free)} "{word}" fits. {hint}'
            )
        left &= _fits(texts[fitting[0]], fitting[0], word)
        free.remove(fitting[0])
    if int(left.sum()) > 1:
        open_keys = [key for key in free if texts[key][left].nunique() > 1]
        choices = "; ".join(f"{key}: {schema.some(dict.fromkeys(texts[key][left]), 12)}" for key in open_keys)
        raise UserError(f"{int(left.sum())} rows of {table} fit. Name also {choices or example}.")
    return int(left.to_numpy().argmax())


def _fits(texts: pd.Series, key: str, word: str) -> pd.Series:
    same = texts == word
    if key == "step" and not same.any():
        return texts.str.startswith(word)  # 2024-01 for the step that starts on 2024-01-01
    return same


def _example(results: Results, table: str, keys: Sequence[str], numbers: Sequence[str]) -> str:
    frame = results[table]
    if frame.empty or not numbers:
        return f"{','.join(keys)}:COLUMN"
    return ",".join(word_of(frame[key].iloc[0]) for key in keys) + f":{numbers[0]}"


def overview(results: Results, table: str = "") -> str:
    """What can be explained: the tables, or the rows and columns of one, each with an example to type."""
    if table:
        frame = results[table]
        keys = keys_of(results, table)
        numbers = [name for name in frame.columns if frame[name].dtype.kind in NUMBERS]
        rows = [",".join(word_of(row[key]) for key in keys) for _, row in frame.head(SHOWN).iterrows()]
        more = f" and {len(frame) - SHOWN:,} more" if len(frame) > SHOWN else ""
        lines_ = [
            f"{table}: a cell is {','.join(keys)}:COLUMN, such as {_example(results, table, keys, numbers)}"
        ]
        return "\n".join([*lines_, f"Columns: {', '.join(numbers)}", f"Rows: {'; '.join(rows)}{more}"])
    found = ["Tables, each with a cell to try:"]
    for name in results.names:
        frame = results[name]
        numbers = [column for column in frame.columns if frame[column].dtype.kind in NUMBERS]
        if numbers and len(frame):
            found.append(f"  {name} {_example(results, name, keys_of(results, name), numbers)}")
    return "\n".join(found)


# ---- the pieces
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


def _behind(tracer: Tracer, leaves: Sequence[Leaf]) -> list[Behind]:
    weights: dict[CaseRow, float] = {}
    for leaf in leaves:
        for row in leaf.rows:
            weights[row] = weights.get(row, 0.0) + abs(leaf.contribution)
    size = sum(abs(leaf.contribution) for leaf in leaves) or 1.0
    # places say where a thing is, not how much of it there is
    ordered = sorted(weights, key=lambda row: (row[0] == "places", -weights[row]))
    rows = [_row_of(tracer, row, weights[row] / size) for row in ordered]
    for row in ordered[:SHOWN]:
        rows += [_row_of(tracer, other, 0.0) for other in _beside(tracer, row) if other not in weights]
    unique = {(row.table, row.key, row.line): row for row in reversed(rows)}
    return list(reversed(unique.values()))


def _standing(tracer: Tracer, row: pd.Series) -> list[Behind]:
    """For a number to which no row can give anything: the places that it is about."""
    places = tracer.case.table("places")
    if "place" in row:
        mine = places["place"] == row["place"]
    elif "country" in row:
        mine = (places["country"] == row["country"]) | (row["country"] == "all")
    else:
        return []
    return [_row_of(tracer, ("places", label), 0.0) for label in places.index[mine][:SHOWN]]


def _beside(tracer: Tracer, row: CaseRow) -> list[CaseRow]:
    """Shapes, outages, contracts and shared limits that bear on a row of the case; they give nothing themselves."""
    case, (home, label) = tracer.case, row
    if home not in ("links", "assets", "storages", "markets", "demand", "asset_ports"):
        return []
    frame = case.table(home)
    if label not in frame.index:
        return []
    cells = frame.loc[label]
    found: list[CaseRow] = []
    for column in ("profile", "price_path", "inflow_profile"):
        if cells.get(column):
            shape = case.table("profiles")
            found += [("profiles", one) for one in shape.index[shape["profile"] == cells[column]][:1]]
    element = str(cells.iloc[0])
    outages = case.table("outages")
    found += [("outages", one) for one in outages.index[outages["element"] == element]]
    uses = case.table("resource_uses")
    limits = uses["resource"][(uses["element"] == element) & uses["table"].str.startswith(home)]
    resources = case.table("resources")
    found += [("resources", one) for one in resources.index[resources["resource"].isin(set(limits))]]
    if home == "links":
        contracts = case.table("contracts")
        books = [element in [word.strip() for word in str(over).split(";")] for over in contracts["over"]]
        found += [("contracts", one) for one in contracts.index[books]]
    return found


def _row_of(tracer: Tracer, row: CaseRow, share: float) -> Behind:
    home, label = row
    case = tracer.case
    frame = case.ports if home == "asset_ports" else case.table(home)
    line = frame.loc[label] if isinstance(frame.loc[label], pd.Series) else frame.loc[label].iloc[0]
    table = schema.tables()[home]
    cells = {}
    for column in table.columns:
        text = "" if column.is_key or column.name in _QUIET or column.type == "unit" else _cell(column, line)
        if text:
            cells[column.name] = text
    key = ",".join(word_of(line[name]) for name in table.keys if not _blank(line[name]))
    words = str(line.get("source", ""))
    return Behind(
        table=home,
        key=key,
        name=str(line.get("name", "") or ""),
        cells=cells,
        grade=str(line.get("confidence", "") or ""),
        sources=tuple(word.strip() for word in words.split(";") if word.strip()),
        note=str(line.get("note", "") or ""),
        file=case.files.get(home, f"{home}.csv"),
        line=int(label),
        share=share,
    )


def _blank(value: Any) -> bool:
    return value is None or value == "" or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _cell(column: schema.Column, line: pd.Series) -> str:
    """A cell with its unit as written; empty where nothing is said or the default holds."""
    value = line[column.name]
    if _blank(value):
        return ""
    if column.is_number:
        text = f"{float(value):.6g}"
        if column.default and float(value) == float(column.default):
            return ""
        unit = str(line[column.unit_column]) if column.unit_column else ""
        return f"{text} {unit}".strip()
    if column.type == "flag":
        text = "yes" if value else "no"
    elif column.type == "date":
        text = word_of(value)
    else:
        text = str(value)
    return (
        ""
        if text == column.default or (column.type == "flag" and text == "no" and not column.default)
        else text
    )


def _sources(results: Results, behind: Iterable[Behind]) -> list[Source]:
    """Every source of the rows, once, in their order."""
    frame = results.case.table("sources")
    known = frame.drop_duplicates("source").set_index("source")
    found = []
    for word in dict.fromkeys(word for row in behind for word in row.sources):
        if word in known.index:
            row = known.loc[word]
            found.append(
                Source(word, row["title"], row["publisher"], row["date"], row["url"], row["licence"], True)
            )
        else:
            found.append(Source(word, word, "", "", "", "", False))
    return found


def _grades(leaves: Sequence[Leaf]) -> dict[str, float]:
    size = sum(abs(leaf.contribution) for leaf in leaves)
    if size == 0.0:  # a zero rests on the rows that could have given something
        count = len(leaves) or 1
        return {grade: sum(leaf.grade == grade for leaf in leaves) / count for grade in GRADES}
    return {
        grade: sum(abs(leaf.contribution) for leaf in leaves if leaf.grade == grade) / size
        for grade in GRADES
    }


def _limits(results: Results, tracer: Tracer, leaves: Sequence[Leaf]) -> list[Limit]:
    """Limits with a price at the elements behind the number and at what bears on them, the dearest first."""
    if "bottlenecks" not in results:
        return []
    rows = {row for leaf in leaves for row in leaf.rows}
    rows |= {row for leaf in leaves if leaf.cell for row in tracer.case_rows(leaf.cell)}
    rows |= {other for row in list(rows) for other in _beside(tracer, row)}
    wanted: set[tuple[str, str]] = set()
    for home, label in rows:
        frame = tracer.case.ports if home == "asset_ports" else tracer.case.table(home)
        if label in frame.index:
            named = frame.loc[[label]].iloc[0]
            wanted.add(
                ("assets", str(named["asset"])) if home == "asset_ports" else (home, str(named.iloc[0]))
            )
    frame = results["bottlenecks"]
    unit = results.units("bottlenecks").get("shadow_price", "")
    return [
        Limit(row.table, row.element, row.name, row.limit, float(row.shadow_price), unit, float(row.value))
        for row in frame.itertuples(index=False)
        if (row.table, row.element) in wanted
    ]


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


def number(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, without an exponent."""
    if value is None or math.isnan(value):
        return "-"
    if value == 0 or math.isinf(value):
        return "0" if value == 0 else "no limit"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, places):,.{max(min(places, 9), 0)}f}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


# ---- the text
class _Text:
    """An explanation as text."""

    def __init__(self, told: Explanation, width: int) -> None:
        self.told = told
        self.width = width

    def text(self) -> str:
        blocks = [
            self._head(),
            self._parts(),
            self._grades(),
            self._limits(),
            self._behind(),
            self._sources(),
            self._made(),
        ]
        return "\n\n".join(block for block in blocks if block)

    def _wrap(self, text: str, indent: int = 2, hang: int | None = None) -> str:
        first = " " * indent
        rest = " " * (indent if hang is None else hang)
        return textwrap.fill(
            text,
            self.width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _head(self) -> str:
        told = self.told
        value = f"{number(told.value)} {told.unit}".strip()
        lines_ = [f"{told.table} {told.cell} = {value}" + (f" ({told.shown})" if told.shown else "")]
        if told.formula:
            lines_.append(self._wrap(f"How: {told.formula}."))
        others = [
            f"{name} {_short(value)}" for name, value in told.row.items() if _short(value) not in ("", "nan")
        ]
        lines_.append(self._wrap("Its row: " + ", ".join(others) + ".", 2, 4))
        lines_ += [self._wrap(f"Note: {note}", 2, 4) for note in told.notes]
        return "\n".join(lines_)

    def _parts(self) -> str:
        given = [part for part in self.told.parts if part.contribution]
        if not given:
            return ""
        head = f"Made of {len(given)} part{'' if len(given) == 1 else 's'}, the largest first (in {self.told.unit or 'its unit'})"
        lines_ = [head]
        for part in given[:SHOWN]:
            label = f"{part.table} {part.cell}".strip() or part.what
            name = f"  {part.what}" if part.cell and part.what else ""
            grade = f" [{part.grade}]" if part.grade else ""
            lines_.append(
                f"  {number(part.contribution):>16}  {part.share:>6.1%}  {label}{grade}{name}"[
                    : self.width + 40
                ]
            )
        rest = given[SHOWN:]
        if rest:
            total = sum(part.contribution for part in rest)
            lines_.append(
                f"  {number(total):>16}  {sum(part.share for part in rest):>6.1%}  {len(rest)} more; all of them with --json"
            )
        return "\n".join(lines_)

    def _grades(self) -> str:
        words = {
            "A": "official or company (A)",
            "B": "press with a named source (B)",
            "C": "estimates (C)",
            "": "rows without a grade",
        }
        told = [f"{share:.0%} on {words[grade]}" for grade, share in self.told.grades.items() if share > 0]
        return (
            "It rests, by what each row gives and the weakest grade on its way: " + ", ".join(told) + "."
            if told
            else ""
        )

    def _limits(self) -> str:
        if not self.told.limits:
            return self._prices()
        lines_ = ["Limits with a price at what stands behind it, the dearest first"]
        for limit in self.told.limits[:SHOWN]:
            price = f"one more MWh saves {number(limit.shadow_price, 3)} {limit.unit.partition('/')[0]}"
            lines_.append(
                self._wrap(
                    f"{limit.table} {limit.element}, {limit.limit}: {price}; in the horizon {number(limit.value / 1e6, 3)} million  {limit.name}",
                    2,
                    4,
                )
            )
        if len(self.told.limits) > SHOWN:
            lines_.append(f"  {len(self.told.limits) - SHOWN} more")
        return "\n".join([*lines_, *([self._prices()] if self.told.prices else [])])

    def _prices(self) -> str:
        told = [f"{number(price.price, 3)} {price.unit} at {price.place}" for price in self.told.prices]
        return (
            f"Nodal price of {self.told.prices[0].carrier}, mean over the hours: {', '.join(told)}."
            if told
            else ""
        )

    def _behind(self) -> str:
        if not self.told.behind:
            return ""
        lines_ = ["Rows of the case behind it"]
        for row in self.told.behind[:SHOWN]:
            cells = ", ".join(f"{name} {text}" for name, text in row.cells.items())
            share = f"{row.share:.1%} goes through it; " if row.share else ""
            grade = f" [{row.grade}]" if row.grade else ""
            lines_.append(
                self._wrap(
                    f"{row.table} {row.key}{grade} {row.name}".rstrip()
                    + f": {share}{textwrap.shorten(cells, 400)}",
                    2,
                    4,
                )
            )
            lines_.append(
                self._wrap(f"source: {'; '.join(row.sources) or 'none'} ({row.file} row {row.line})", 6, 8)
            )
            if row.note:
                lines_.append(self._wrap(f"note: {textwrap.shorten(row.note, 300)}", 6, 8))
        if len(self.told.behind) > SHOWN:
            lines_.append(f"  {len(self.told.behind) - SHOWN} more; all of them with --json")
        return "\n".join(lines_)

    def _sources(self) -> str:
        if not self.told.sources:
            return ""
        shown = dict.fromkeys(word for row in self.told.behind[:SHOWN] for word in row.sources)
        lines_ = ["Sources"]
        for source in self.told.sources:
            if source.source in shown:
                known = [source.title, source.publisher, source.date, source.url]
                lines_.append(
                    self._wrap(f"{source.source}: " + ", ".join(word for word in known if word), 2, 4)
                )
        return "\n".join(lines_)

    def _made(self) -> str:
        made = self.told.made_by
        fields = ", ".join(f"{name} {_short(value)}" for name, value in made["fields"].items())
        rules = ", ".join(f"{name} rule {rule}" for name, rule in dict(made["rules"]).items())
        words = [
            f"study {made['study']}",
            fields,
            f"case {made['case']} {made['fingerprint']}",
            rules,
            f"kelisim {made['version']}".strip(),
        ]
        return self._wrap("Made by: " + "; ".join(word for word in words if word) + ".", 0, 2)


def _short(value: Any) -> str:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    return word_of(value)
