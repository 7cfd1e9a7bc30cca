"""Write docs/tables.md from the schema of the case and docs/commands.md from the help of the commands.

python -m tools.docs            writes both pages
python -m tools.docs --check    writes nothing; names the pages that are out of date and ends with 1
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CASE = ROOT / "kelisim" / "case"
WIDTH = 96

TABLES_HEAD = """\
# Tables of a case

A case is a folder of CSV files (UTF-8, separated by commas) and one `case.toml`, or the same tables as
sheets of one Excel workbook. Write only the tables and columns that you need. Columns in bold must be
there and filled; any other that is missing or empty takes the value under "if empty". A column that is
not listed is a problem, not silence.

A quantity may be in any unit of its dimension, such as `bcm/year`, `million m3/day`, `kt/year` or `MW`
for a power; the unit stands in the column that is named. A share is a number from 0 to 1, a flag `yes`
or `no`, a date `2024-01-31`. Identifiers are lower-case words joined by `_`.

*This page is made from `kelisim/case/tables/` by `make docs`.*
"""

COMMANDS_HEAD = """\
# Commands

Exit codes: 0 all went well; 1 an error of kelisim itself; 2 something in the input is wrong; 3 the
limits of the case cannot all be kept.

*This page is made from the help of the commands by `make docs`.*
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
    return "\n".join(parts)


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
    from kelisim.cli import app  # noqa: PLC0415
    from typer.main import get_command  # noqa: PLC0415

    parts = [f"## {path}\n\n```text\n{text}\n```\n" for path, text in helps(get_command(app), "kelisim")]
    return "\n".join([COMMANDS_HEAD, *parts])


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; the exit code."""
    stale = []
    for name, text in {"tables": tables_page(), "commands": commands_page()}.items():
        path = ROOT / "docs" / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
            if "--check" not in arguments:
                path.write_text(text, encoding="utf-8", newline="\n")
    if "--check" not in arguments:
        print("\n".join(f"written: {name}" for name in stale) or "nothing to write")
        return 0
    if stale:
        print(f"out of date: {', '.join(stale)}. Run: make docs")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
