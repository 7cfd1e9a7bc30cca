"""References: every name of a thing is the name of something, and says what it must."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import networkx as nx
import pandas as pd

from kelisim.case import acts, schema
from kelisim.case.case import Case
from kelisim.case.checks.view import (
    ELEMENT_COLUMNS,
    ELEMENT_TABLES,
    CaseView,
    about,
    each,
    file_of,
    ids_of,
    unread,
)
from kelisim.case.typed import word_meant
from kelisim.errors import InputProblem

OWNED = ("links", "assets", "storages", "places", "markets", "contracts", "resources", "projects")
_ACTIONS = (
    ("measures", "acts_on"),
    ("provisions", "acts_on"),
    ("regulations", "acts_on"),
    ("event_changes", "acts_on"),
)
_LISTED = 20  # known words in a message, where none is near
_MONTHS = tuple(str(month) for month in range(1, 13))
_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
_TARGETS = {"entity": "entities", "link": "links", "place": "places"}


def dangling(case: Case) -> list[InputProblem]:
    """Identifiers that no row has."""
    found: list[InputProblem] = []
    missing = unread(case)
    for name, frame in case.tables.items():
        if frame.empty:
            continue
        for column in schema.tables()[name].columns:
            if column.type in ("ref", "refs") and column.refers_to and column.refers_to not in missing:
                found += _dangling(
                    case, name, frame[column.name], column.name, column.refers_to, column.type == "refs"
                )
        if name in ELEMENT_COLUMNS:
            for word, rows in frame.groupby("table"):
                home = ELEMENT_TABLES.get(str(word), "")
                if home and home not in missing:
                    found += _dangling(case, name, rows["element"], "element", home, False)
    return found


def _dangling(
    case: Case, table: str, cells: pd.Series, column: str, target: str, many: bool
) -> list[InputProblem]:
    known = ids_of(case, target)
    if known.issuperset(set(cells) - {""}):
        return []
    found = []
    thing = schema.tables()[target].id_column.replace("_", " ")
    for row, cell in cells[~cells.isin(known | {""})].items():
        strange = [
            word for word in (str(cell).split(";") if many else [str(cell)]) if word and word not in known
        ]
        if strange:
            near = schema.nearest(word_meant(strange[0]), known)
            message = " ".join(f'no {thing} "{word}".' for word in strange)
            found.append(
                InputProblem(
                    file_of(case, table),
                    int(str(row)),
                    column,
                    message,
                    _known(case, strange[0], target, near),
                    near,
                    "reference",
                )
            )
    return found


def _known(case: Case, word: str, target: str, near: str) -> str:
    """Where else the word is known, or what is known, unless something near is."""
    if near:
        return ""
    for other in ("links", "assets", "storages", "markets", "contracts", "places", "carriers"):
        if word in ids_of(case, other):
            return f"It is one of {other}."
    known = sorted(ids_of(case, target))
    return f"Known: {schema.some(known, _LISTED)}." if known else f"The table {target} has no rows."


@about("demand")
def class_of_demand(view: CaseView) -> Iterator[InputProblem]:
    """A class that has no value of lost load for the carrier it uses."""
    if "customer_classes" in view.unread:
        return
    pairs = {
        (c, w)
        for _, c, ws in each(view.kinds("customer_classes"), "customer_class", "carrier")
        for w in ws.split(";")
    }
    unsure = set(view.rows("customer_classes")["customer_class"][view.wrong("customer_classes", "carrier")])
    rows = view.sure("demand", "carrier", "customer_class")
    for row, carrier, name in zip(rows.index, rows["carrier"], rows["customer_class"], strict=True):
        if carrier and name and (name, carrier) not in pairs and name not in unsure:
            classes = sorted(c for c, w in pairs if w == carrier)
            remedy = f"Classes of {carrier}: {', '.join(classes)}." if classes else f"No class has {carrier}."
            yield view.problem(
                "demand",
                row,
                "customer_class",
                f'"{name}" has no row for {carrier} in customer_classes.',
                remedy,
                rule="class",
            )


@about("outage_rates")
def element_or_kind(view: CaseView) -> Iterator[InputProblem]:
    """An outage rate of nothing, or of a kind that is not one."""
    rows = view.rows("outage_rates")
    homes = {"links": "link_kinds", "assets": "asset_kinds"}
    for row, table, element, kind in zip(
        rows.index, rows["table"], rows["element"], rows["kind"], strict=True
    ):
        if not element and not kind:
            yield view.problem(
                "outage_rates",
                row,
                "element",
                "neither an element nor a kind is named.",
                "Fill one of them.",
                rule="missing",
            )
        elif (
            kind and table in homes and homes[table] not in view.unread and kind not in view.ids(homes[table])
        ):
            known = sorted(view.ids(homes[table]))
            near = schema.nearest(kind, known)
            yield view.problem(
                "outage_rates",
                row,
                "kind",
                f'no kind "{kind}".',
                "" if near else f"Known: {', '.join(known)}.",
                near,
                "reference",
            )


def owned_elements(view: CaseView) -> Iterator[InputProblem]:
    """An owner of something, or an observation of something, that is not in the case."""
    rows = view.rows("owners")
    everything = {word for table in OWNED for word in view.ids(table)}
    for row, element, table in zip(rows.index, rows["element"], rows["table"], strict=True):
        if table and table not in OWNED:
            near = schema.nearest(table, OWNED)
            yield view.problem(
                "owners",
                row,
                "table",
                f'"{table}" is no table of things that have owners.',
                "",
                near,
                "reference",
            )
        elif element and not view.unread & set(OWNED):
            known = view.ids(table) if table else everything
            if element not in known:
                yield view.problem(
                    "owners",
                    row,
                    "element",
                    f'no element "{element}".',
                    "",
                    schema.nearest(element, known),
                    "reference",
                )
    rows = view.rows("observations")
    for row, table, element in zip(rows.index, rows["table"], rows["element"], strict=True):
        if table in schema.tables() and table not in view.unread:
            strange = [word for word in str(element).split(";") if word and word not in view.ids(table)]
            if strange:
                near = schema.nearest(strange[0], view.ids(table))
                yield view.problem(
                    "observations",
                    row,
                    "element",
                    f'"{strange[0]}" is not in {table}.',
                    "",
                    near,
                    "reference",
                )


def actions(view: CaseView) -> Iterator[InputProblem]:
    """What an emergency measure, a provision, a rule or an event acts on must be in the case."""
    for table, column in _ACTIONS:
        rows = view.rows(table)
        for row, cell in zip(rows.index, rows[column], strict=True):
            parts = [part.strip() for part in str(cell).split(";")]
            if table == "measures" and any(part.count(":") < 2 for part in parts) and cell:
                yield view.problem(
                    table,
                    row,
                    column,
                    f'"{cell}" does not say what it acts on.',
                    "Write table:element:column.",
                    rule="form",
                )
                continue
            yield from (
                p for part in parts if ":" in part for p in [_action(view, table, row, column, part)] if p
            )
    rows = view.rows("projects")
    for row, cell in zip(rows.index, rows["builds"], strict=True):
        for part in str(cell).split(";"):
            if ":" not in part and part:
                yield view.problem(
                    "projects",
                    row,
                    "builds",
                    f'"{part}" does not say what it builds.',
                    "Write table:element.",
                    rule="form",
                )
            elif part:
                problem = _action(view, "projects", row, "builds", part.strip())
                if problem:
                    yield problem
                    break


def _action(view: CaseView, home: str, row: object, column: str, text: str) -> InputProblem | None:
    table, element, changed = acts.target(text, "never" if home == "projects" else "maybe")
    known = schema.tables()
    if table not in known:
        near = schema.nearest(table, known)
        return view.problem(
            home,
            row,
            column,
            f'no table "{table}" in "{text}".',
            "",
            near and text.replace(table, near, 1),
            "reference",
        )
    ids = view.ids(table)
    name = element.split(":")[0]
    if (
        table not in view.unread
        and name not in ids
        and not ("*" in name and any(fnmatchcase(word, name) for word in ids))
    ):
        near = schema.nearest(name, ids)
        return view.problem(
            home,
            row,
            column,
            f'"{name}" is not in {table}.',
            "",
            near and text.replace(name, near, 1),
            "reference",
        )
    if home == "measures" and table == "demand" and table not in view.unread:
        rows = view.rows("demand")
        keys = list(rows["place"] + ":" + rows["carrier"] + ":" + rows["customer_class"])
        if element not in keys:
            near = schema.nearest(element, keys)
            near = near and text.replace(element, near, 1)
            message, remedy = f'"{element}" is no row of demand.', "A measure names place:carrier:class."
            return view.problem(home, row, column, message, remedy, near, "reference")
    words = [c.name for c in known[table].columns] + (
        list(acts.EVENT_WORDS) if home == "event_changes" else []
    )
    if changed and changed not in words:
        near = schema.nearest(changed, words)
        start = text[: len(text) - len(changed)]
        return view.problem(
            home, row, column, f'{table} has no column "{changed}".', "", near and start + near, "reference"
        )
    return None


@about("measures")
def instead(view: CaseView) -> Iterator[InputProblem]:
    """What a call takes in place of what is given up: carrier:number, of a call on customers only."""
    rows = view.sure("measures", "instead", "acts_on")
    known = view.ids("carriers")
    for row, text, acts_on in each(rows[rows["instead"] != ""], "instead", "acts_on"):
        try:
            parts = acts.instead(text)
        except ValueError:
            remedy = "Write carrier:MWh for each MWh given up, such as electricity:0.95."
            yield view.problem("measures", row, "instead", f'"{text}" is not carrier:number.', remedy)
            continue
        strange = [carrier for carrier, _ in parts if carrier not in known and "carriers" not in view.unread]
        if strange:
            near = schema.nearest(word_meant(strange[0]), known)
            right = near and str(text).replace(strange[0], near, 1)
            message = f'"{strange[0]}" is not in carriers.'
            yield view.problem("measures", row, "instead", message, "", right, "reference")
        elif any(not ratio > 0 for _, ratio in parts):
            message = f'"{text}" has a number that is not above 0.'
            yield view.problem("measures", row, "instead", message, "A MWh given up takes some of the other.")
        elif any(target.table != "demand" for target in acts.targets(acts_on)):
            message = "only customers use something else, and acts_on names other things."
            yield view.problem("measures", row, "instead", message, "Leave it empty, or act on demand only.")


@about("restrictions")
def restriction_targets(view: CaseView) -> Iterator[InputProblem]:
    """A restriction whose target looks like an identifier of the case and is none; words are allowed."""
    rows = view.sure("restrictions", "target_type")
    for row, kind, target in zip(rows.index, rows["target_type"], rows["target"], strict=True):
        table = _TARGETS.get(str(kind), "")
        if not table or table in view.unread or not view.ids(table):
            continue
        strange = [
            w
            for w in str(target).split(";")
            if _IDENTIFIER.fullmatch(w.strip()) and w.strip() not in view.ids(table)
        ]
        if strange:
            near = schema.nearest(strange[0], view.ids(table))
            yield view.problem(
                "restrictions", row, "target", f'"{strange[0]}" is not in {table}.', "", near, "reference"
            )


@about("tasks")
def task_order(view: CaseView) -> Iterator[InputProblem]:
    """Tasks that wait for each other would never start."""
    rows = view.rows("tasks")
    line = dict(zip(rows["task"], rows.index, strict=True))
    graph = nx.DiGraph(
        (before, task)
        for column in ("starts_after", "starts_with")
        for task, after in zip(rows["task"], rows[column], strict=True)
        for before in str(after).split(";")
        if before
    )
    for circle in nx.strongly_connected_components(graph):
        inside = sorted((task for task in circle if task in line), key=lambda task: line[task])
        if inside and (len(inside) > 1 or graph.has_edge(inside[0], inside[0])):
            path = [edge[0] for edge in nx.find_cycle(graph.subgraph(inside), inside[0])]
            circle_text = ", ".join([*path, path[0]])
            yield view.problem(
                "tasks",
                line[path[0]],
                "starts_after",
                f"waits for itself: {circle_text}.",
                "Take one of them out of starts_after or starts_with.",
                rule="circle",
            )


def months_off(view: CaseView) -> Iterator[InputProblem]:
    """Months without work that are no months, or all of them."""
    rows = view.sure("tasks", "months_off")
    for row, text in zip(rows.index, rows["months_off"], strict=True):
        names = [part.strip() for part in str(text).split(";") if part.strip()]
        wrong = [name for name in names if name not in _MONTHS]
        if wrong:
            told = f'"{wrong[0]}" is no month.'
            hint = "Months are numbers from 1 to 12, separated by ;."
            yield view.problem("tasks", row, "months_off", told, hint, rule="month")
        elif len(set(names)) == len(_MONTHS):
            yield view.problem(
                "tasks", row, "months_off", "no month is left for work.", "Take one out.", rule="month"
            )
