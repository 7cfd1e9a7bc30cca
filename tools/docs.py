"""Write the pages that are made from the product.

docs/tables.md from the schema of the case, docs/contracts.md from the list of clauses, docs/commands.md from the help of the commands, docs/results.md
from the tables.csv of results and studies, docs/reference-changes.md from the changes of the reference case, and in
docs/reference-case.md its counts and the comparison with the trial.

python -m tools.docs            writes the pages
python -m tools.docs --check    writes nothing; names the pages that are out of date and ends with 1
"""

from __future__ import annotations

import csv
import dataclasses
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools import compare_trial
from tools.form_texts import form_texts

ROOT = Path(__file__).parents[1]
CASE = ROOT / "kelisim" / "case"
INDICATORS = "<!-- indicators: written by tools/docs.py -->", "<!-- indicators: end -->"
COUNTS = "<!-- counts: written by tools/docs.py -->", "<!-- counts: end -->"
SETTING_TYPES = {
    "name": "text of one line",
    "date": "`2024-01-31` or `2024-01-31T05:00`, as a date of TOML or a text",
    "country": "two capital letters",
    "texts": "list of texts",
    "integers": "list of integers",
    "words": "table of texts",
    "hours": "table of integers, each at least 1, 24 in all",
}
SHARED = "several studies"  # result tables that several studies give
WIDTH = 96

TABLES_HEAD = """\
# Tables of a case

A case is a folder of CSV files (UTF-8, separated by commas) and one [`case.toml`](#casetoml), or the same tables as
sheets of one Excel workbook. Write only the tables and columns that you need. Columns in bold must be
there and filled; any other that is missing or empty takes the value under "if empty". A column that is
not listed is a problem, not silence.

A quantity may be in any unit of its dimension, such as `bcm/year`, `million m3/day`, `kt/year` or `MW`
for a power; the unit stands in the column that is named. A share is a number from 0 to 1, a flag `yes`
or `no`, a date `2024-01-31`. Identifiers are lower-case words joined by `_`.

*This page is made from `kelisim/case/tables/` and `kelisim/case/settings.csv` by `make docs`.*
"""

SETTINGS_HEAD = """\
## case.toml

The settings of the case; in a workbook they are the rows of a sheet `case` with the columns `section`, `key` and
`value`. Each may be left out, the file not. What stands before the dot is the section: `rules.place` is `place` below
`[rules]`. A setting or section that is not listed is a problem.
"""

COMMANDS_HEAD = """\
# Commands

`CASE` is a case folder, a workbook, or `reference` for the shipped case. A run is named by its folder, or by
its name, from any folder; where none is named, or `newest`, the latest is taken, and where it lies is told on standard
error. For this the paths of runs are remembered, in a file that stays on this machine; one that was moved or deleted is
passed over. Runs without `--out` lie in `./runs`; the environment variable `KELISIM_RUNS` names another folder, and
`KELISIM_CACHE` the folder of that list and of solved cases, which are kept so that the same question is answered at once.

What is there is not written over: a folder or file that was named must be new, or `--force` be given, which puts a run
or case in the place of another and touches nothing else. `kelisim --install-completion` teaches the shell to complete
commands, studies, cases and runs.

| exit code | means |
| --- | --- |
| 0 | all went well |
| 1 | an error of kelisim itself |
| 2 | something in the input is wrong: a case with problems, an unknown name, a wrong option |
| 3 | the case has no least-cost answer: its limits cannot all be kept, or nothing limits a gain |

What is asked for goes to standard output, messages and problems to standard error. With `--json` the answer
is one JSON value; an error is an object with `error`, `message` and `problems`, and the exit code stays as
above. A missing or unknown option of the command itself is told in text. On a terminal a line tells what is
being done; it is not written into files and pipes.

*This page is made from the help of the commands by `make docs`.*
"""

RESULTS_HEAD = """\
# Result tables

`results["links.total"]` gives a table in Python, `kelisim sql` asks them in SQL, and a run keeps each as one
Parquet file. `results.units("links.total")` gives the units. Energy is gross and in MWh, power in MW, a share
is 0 to 1, money is in the currency of the case. `key_figures` is in the units of pages, such as
bcm or Mt; for the others `case.units.display("natural_gas")` gives the unit and what to multiply MWh with. In
SQL `links_total` and `links.total` are the same table.

A shadow price says what one more unit of a limit would save; it is 0 where the limit does not hold, or costs
nothing. Columns in bold name the row; `kelisim explain` takes the numbers apart. How a study computes its tables is
on its page, such as [balance](studies/balance.md); a study that gives a table of the plan with other columns
lists it again under its name.

*This page is made from `tables.csv` of `kelisim/results/` and of each study by `make docs`.*
"""


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written_as(column: dict[str, str]) -> str:
    """What may stand in a cell of the column, in words."""
    kind = column["type"]
    if kind in ("ref", "refs"):
        tables = " or ".join(f"[{name}](#{name})" for name in column["refers_to"].split(";") if name)
        some = "row" if kind == "ref" else "rows, separated by `;`,"
        return f"{some} of {tables}" if tables else f"{some} of the table named"
    if kind == "choice":
        return ", ".join(f"`{choice}`" for choice in column["choices"].split(";"))
    if kind == "quantity":
        dimension = column["dimension"].replace("_", " ").replace("any", "quantity")
        return f"{dimension} in `{column['unit_column']}`"
    return "identifier" if kind == "id" else kind


def limits(column: dict[str, str]) -> str:
    """Least and greatest value, in words."""
    low, high = column["minimum"], column["maximum"]
    if low and high:
        return f", {low} to {high}"
    return f", at least {low}" if low else f", at most {high}" if high else ""


def tables_page() -> str:
    """docs/tables.md: every table and column, and the identifiers of the shipped rows."""
    paths = sorted((CASE / "tables").glob("*.csv"))
    parts = [TABLES_HEAD, " · ".join(f"[{path.stem}](#{path.stem})" for path in paths) + "\n"]
    for path in paths:
        columns = rows(path)
        keys = [f"`{column['column']}`" for column in columns if column["key"]]
        parts.append(f"## {path.stem}\n\nKey: {', '.join(keys)}.\n")
        shipped = CASE / "kinds" / path.name
        if shipped.exists():
            ids = dict.fromkeys(next(iter(row.values())) for row in rows(shipped))
            parts.append(f"Shipped: {', '.join(f'`{name}`' for name in ids)}. A case may add rows.\n")
        lines = ["| column | what it is | written as | if empty |", "| --- | --- | --- | --- |"]
        for column in columns:
            name = f"**{column['column']}**" if column["required"] else column["column"]
            default = f"`{column['default']}`" if column["default"] else "-"
            cells = [name, column["description"], written_as(column) + limits(column), default]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join([*parts, settings_part()])


def settings_part() -> str:
    """The part of docs/tables.md on case.toml: a row for each setting."""
    from kelisim.case.settings import known  # noqa: PLC0415

    lines = ["| setting | what it is | written as | if empty |", "| --- | --- | --- | --- |"]
    for path, setting in known().items():
        column = {
            name: f"{getattr(setting, name):g}" if getattr(setting, name) is not None else ""
            for name in ("minimum", "maximum")
        }
        written = SETTING_TYPES.get(setting.type, setting.type)
        if setting.choices:
            written = ", ".join(f"`{choice}`" for choice in setting.choices)
        elif setting.type not in ("date", "hours"):
            written += f" in {setting.unit}" * bool(setting.unit) + limits(column)
        default = f"`{setting.default}`" if setting.default else "-"
        lines.append(f"| `{path}` | {setting.description} | {written} | {default} |")
    return "\n".join([SETTINGS_HEAD, *lines]) + "\n"


def helps(command: Any, name: str, parent: Any = None) -> Iterator[tuple[str, str]]:
    """Name and help of a command and of all below it."""
    context = command.context_class(command, info_name=name, parent=parent, terminal_width=WIDTH, color=False)
    text = "\n".join(line.rstrip() for line in command.get_help(context).strip().splitlines())
    yield context.command_path, text
    if hasattr(command, "list_commands"):
        for word in command.list_commands(context):
            child = command.get_command(context, word)
            if not child.hidden:
                yield from helps(child, word, context)


def commands_page() -> str:
    """docs/commands.md: what `--help` says, for each command."""
    # Plain text without frames; typer reads this when it is imported, hence the imports below it.
    os.environ["TYPER_USE_RICH"] = "0"
    from typer.main import get_command  # noqa: PLC0415

    from kelisim.cli import app  # noqa: PLC0415

    parts = [f"## {path}\n\n```text\n{text}\n```\n" for path, text in helps(get_command(app), "kelisim")]
    return "\n".join([COMMANDS_HEAD, *parts, *studies()])


def studies() -> Iterator[str]:
    """Each study with its fields, which are options of `kelisim run`."""
    from kelisim.cli.printing import default_words  # noqa: PLC0415
    from kelisim.studies.study import find, forms_of, names  # noqa: PLC0415

    for name in names():
        study = find(name)
        forms = forms_of(study)
        yield f"## kelisim run {name}\n\n{study.heading()} See [its page](studies/{name}.md).\n"
        lines = [
            "| field | what it is | written as | unit | if not given |",
            "| --- | --- | --- | --- | --- |",
        ]
        for field in dataclasses.fields(study):
            words = default_words(field.default)
            default = (
                "must be given" if field.default is dataclasses.MISSING else f"`{words}`" if words else "-"
            )
            form = forms[field.name] or "-"
            unit = field.metadata["unit"] or "-"
            option = field.name.replace("_", "-")
            lines.append(f"| `--{option}` | {field.metadata['help']} | {form} | {unit} | {default} |")
        yield "\n".join(lines) + "\n"


def results_page() -> str:
    """docs/results.md: every table and column of the results of all studies."""
    from kelisim.results.schema import own_tables, shared_tables  # noqa: PLC0415
    from kelisim.studies.study import names  # noqa: PLC0415

    groups = {SHARED: shared_tables()} | {name: own_tables(name) for name in names()}
    contents, parts = [], []
    for group, tables in groups.items():
        links = " \u00b7 ".join(f"[{name}](#{anchor(group, name)})" for name in tables)
        contents += [f"- **{group}**: {links}"] if links else []
        parts += [result_table(group, table) for table in tables.values()]
    return "\n".join([RESULTS_HEAD, "\n".join(contents) + "\n", *parts])


def anchor(group: str, table: str) -> str:
    """Where the heading of a result table is on its page."""
    return re.sub(r"[^\w\- ]", "", table if group == SHARED else f"{group}: {table}").replace(" ", "-")


def result_table(group: str, table: Any) -> str:
    """Heading, words and columns of a result table."""
    from kelisim.explain.formula import parsed  # noqa: PLC0415

    units = table.units("currency")
    rows = [["column", "unit", "what it is", "how it is computed"], ["---"] * 4]
    for column in table.columns.values():
        name = f"**`{column.name}`**" if column.key else f"`{column.name}`"
        rows.append([name, units.get(column.name, "-"), column.description, parsed(column.formula).told])
    is_computed = any(row[3] for row in rows[2:])
    lines = ["| " + " | ".join(row if is_computed else row[:3]).replace("|  |", "| |") + " |" for row in rows]
    heading = table.name if group == SHARED else f"{group}: {table.name}"
    words = table.description[:1].upper() + table.description[1:]
    words += ". Not in every run" if table.is_optional else ""
    return f"## {heading}\n\n{words}.\n\n" + "\n".join(lines) + "\n"


def reference_page() -> str:
    """docs/reference-case.md with the counts of its rows."""
    from kelisim.io import reference  # noqa: PLC0415

    lines = ["| table | rows | A | B | C |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, frame in sorted(reference().tables.items()):
        if len(frame):
            counts = [len(frame), *([*frame.get("confidence", ())].count(grade) for grade in "ABC")]
            lines.append(f"| [{name}](tables.md#{name}) | " + " | ".join(f"{n:,}" for n in counts) + " |")
    path = ROOT / "docs" / "reference-case.md"
    before, _, after = compare_trial.split(path.read_text(encoding="utf-8"), *COUNTS)
    return before + "\n".join(lines) + after


CONTRACTS_HEAD = """\
# Contracts

What a contract may agree on, and what kelisim makes of it. A clause that limits flows is part of the [problem](model.md); one that moves money
is counted in the study [invoices](studies/invoices.md). All are pure functions of `kelisim.ledger`, each with an example that was counted by hand:

```python
from kelisim.ledger import quantities, transport

years = quantities.take_or_pay([100.0, 100.0, 100.0], [60.0, 95.0, 100.0], share=0.8, make_up_years=2)
print(years.unpaid, years.made_up)  # 20 paid for in the first year, taken later: 15 and 5
print(transport.ship_or_pay(booked=100.0, shipped=60.0, tariff=2.0, share=0.8))  # 160.0
```

The terms of most contracts between Russia, Kazakhstan and their neighbours are secret: shares, discounts and periods are for the user to
enter, with their grade. The grade below is that of the form of the clause.

*This page is made from `kelisim/ledger/clauses.csv` and `kelisim/case/kinds/clause_parameters.csv` by `make docs`.*
"""
_WHERE = {
    "problem": "in the problem",
    "invoices": "in invoices",
    "function": "as a function",
    "not modelled": "**not modelled**",
}


def contracts_page() -> str:
    """docs/contracts.md: every clause, what is made of it and why not, its parameters, its example."""
    listed = rows(ROOT / "kelisim" / "ledger" / "clauses.csv")
    lines = []
    for row in listed:
        where = ", ".join(_WHERE[one] for one in row["where"].split(";"))
        made = where + (f": {row['reason']}" if row["reason"] else "")
        calls = ", ".join(f"`{one}`" for one in row["function"].split(";") if one) or "-"
        lines.append([row["name"], row["formula"], made, calls, row["parameters"] or "-", row["confidence"]])
    parts = [CONTRACTS_HEAD, "## Clauses\n"]
    parts += _table(["clause", "formula", "where", "function", "what is given", "grade"], lines)
    own = []
    for row in rows(CASE / "kinds" / "clause_parameters.csv"):
        unit = row["dimension"].replace("_", " ") or "number"
        low, high = (
            f", {word} {row[side]}" if row[side] else ""
            for word, side in (("at least", "minimum"), ("at most", "maximum"))
        )
        name = f"**{row['parameter']}**" if row["required"] else row["parameter"]
        own.append(
            [
                row["clause"],
                name or "-",
                row["description"],
                f"{unit}{low}{high}" if row["parameter"] else "-",
                row["several"] or "-",
            ]
        )
    parts.append("## Parameters\n\nRows of the table [clauses](tables.md#clauses). In bold: must be given.\n")
    parts += _table(["clause", "parameter", "what it is", "written as", "one for each item"], own)
    parts.append("## Examples\n\n" + "\n".join(_examples(listed)))
    return "\n".join(parts)


def _examples(listed: list[dict[str, str]]) -> Iterator[str]:
    """The example of each function, as its docstring has it and a test runs it."""
    import doctest  # noqa: PLC0415
    from importlib import import_module  # noqa: PLC0415

    calls = dict.fromkeys(one for row in listed for one in row["function"].split(";") if one)
    for call in calls:
        module, _, name = call.partition(".")
        text = getattr(import_module(f"kelisim.ledger.{module}"), name).__doc__ or ""
        told = [
            f">>> {one.source.strip()}\n{one.want.strip()}".strip()
            for one in doctest.DocTestParser().get_examples(text)
        ]
        yield f"`{call}`: {text.strip().splitlines()[0]}\n\n```text\n" + "\n".join(told) + "\n```\n"


def dependence_page() -> str:
    """docs/studies/dependence.md with the list of its indicators."""
    from kelisim.results.dependence import listed  # noqa: PLC0415

    own, left = [], []
    for name, one in listed().items():
        if one.reason:
            left.append([one.name, one.reason, one.source or "-"])
            continue
        bands = "-" if one.low != one.low else f"{one.low:g} to {one.high:g}"
        own.append([f"`{name}`", one.name, one.formula, one.better, bands, one.source or "-", one.confidence])
    lines = _table(["indicator", "what it is", "formula", "better", "fair between", "source", "grade"], own)
    lines += _table(["not computed here", "why", "source"], left)
    path = ROOT / "docs" / "studies" / "dependence.md"
    before, _, after = compare_trial.split(path.read_text(encoding="utf-8"), *INDICATORS)
    return before + "\n".join(lines).rstrip("\n") + after


CHANGES_HEAD = """\
# Changes of the reference case

Every number of the [reference case](reference-case.md) that was changed after its parts were joined, topic by topic: what stood there, what
stands there now, on which source, how sure it is (A official or company, B press quoting a named source, C estimate with its rule) and
why. Rows that came or went stand below the changed ones.

*This page is made from `tools/reference/changes/` by `make docs`.*
"""
_WORDS = ("source", "confidence", "note")


def changes_page() -> str:
    """docs/reference-changes.md: each changed number, each row that came or went."""
    from tools.reference import changes  # noqa: PLC0415

    parts = [CHANGES_HEAD]
    for topic in changes.topics():
        parts.append(f"## {topic[:1].upper()}{topic[1:].replace('_', ' ')}\n")
        rows = [
            [f"{r['table']} `{r['row']}`", r["column"], r["old"] or "-", r["new"] or "-", r["confidence"], r["source"], r["why"]]
            for r in changes.made(topic)
        ]  # fmt: skip
        parts += _table(["row", "column", "old", "new", "grade", "source", "why"], rows)
        rows = []
        for table, more in changes.added(topic).items():
            for row in more:
                key = changes.key_of(table, row)
                own = set(changes.KEYS.get(table, (next(iter(row)),)))
                cells = [f"{c} {v}" for c, v in row.items() if v and c not in own and c not in _WORDS]
                rows.append(
                    [
                        f"{table} `{key}`",
                        ", ".join(cells),
                        row["confidence"],
                        row["source"],
                        row.get("note", ""),
                    ]
                )
        parts += _table(["row that came", "cells", "grade", "source", "note"], rows)
        rows = [[f"{r['table']} `{r['row']}`", r["why"]] for r in changes.removed(topic)]
        parts += _table(["row that went", "why"], rows)
    return "\n".join(parts)


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """A table in Markdown, or nothing where it has no rows."""
    if not rows:
        return []
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "/") for cell in row] for row in rows)]
    return ["\n".join("| " + " | ".join(line).replace("|  |", "| |") + " |" for line in lines) + "\n"]


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; the exit code."""
    stale = []
    makers = {
        "tables": tables_page,
        "contracts": contracts_page,
        "commands": commands_page,
        "results": results_page,
        "reference-case": reference_page,
        "studies/dependence": dependence_page,
        "reference-changes": changes_page,
        "kelisim/locales/forms/en.toml": form_texts,
    }
    for name, maker in makers.items():
        text = maker()
        path = ROOT / (name if name.endswith(".toml") else f"docs/{name}.md")
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
            if "--check" not in arguments:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    if "--check" not in arguments:
        print("\n".join(f"written: {name}" for name in stale) or "nothing to write")
    elif stale:
        print(f"out of date: {', '.join(stale)}. Run: make docs")
    trial = compare_trial.main(arguments)
    return int("--check" in arguments and bool(stale)) or trial


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
