"""Commands that take a run that is kept: report, list, compare, explain, SQL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kelisim.cli.options import JsonOption, newest
from kelisim.cli.printing import cell_text, print_differences, print_json, print_observations, print_table


def report(
    run_name: Annotated[
        str, typer.Argument(metavar="RUN", help="Folder or name of a run; the newest if not given.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write; report.html in the run's folder if not given."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the report of a run: one HTML file that opens without a network, or a document (.md) for a mail or a word processor."""
    from kelisim.results.store import find, load_run

    folder = find(run_name or newest())
    path = load_run(folder).report(out or folder / "report.html")
    if as_json:
        print_json({"report": str(path)})
    else:
        typer.echo(f"Report: {path}")


def runs(
    root_folder: Annotated[
        Path | None, typer.Option("--root", help="Folder of runs; ./runs if not given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the runs that are kept."""
    from kelisim.results.store import list_runs

    frame = list_runs(root_folder)
    if as_json:
        print_json(json.loads(frame.to_json(orient="records", date_format="iso")))
    elif frame.empty:
        typer.echo("No runs here yet. Make one: kelisim run balance reference")
    else:
        print_table(
            "Runs", list(frame.columns), [[str(v) for v in row] for row in frame.itertuples(index=False)]
        )


def compare(
    first: Annotated[str, typer.Argument(metavar="RUN", help="Folder or name of a run.")],
    second: Annotated[
        str, typer.Argument(metavar="[RUN]", help="Another run; the observations of the case if not given.")
    ] = "",
    table: Annotated[str, typer.Option("--table", help="Only this table.")] = "",
    top: Annotated[int, typer.Option("--top", help="Rows to show of each table.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Hold a run against another run, or against what was measured."""
    from kelisim.results.compare import differences
    from kelisim.results.observations import held_against_observations
    from kelisim.results.store import load_run

    one = load_run(first)
    if not second:
        tables = held_against_observations(one)
        if as_json:
            print_json({name: json.loads(frame.to_json(orient="records")) for name, frame in tables.items()})
        else:
            print_observations(one, tables, top)
        return
    other = load_run(second)
    found = differences(one, other)
    if table:
        for results in (one, other):
            results.units(table)  # names the nearest table where there is none
        found = {name: frame for name, frame in found.items() if name == table}
    counts = one.case.diff(other.case)["table"].value_counts().to_dict()
    if as_json:
        rows = {name: json.loads(frame.head(top).to_json(orient="records")) for name, frame in found.items()}
        print_json({"first": first, "second": second, "inputs": counts, "tables": rows})
    else:
        print_differences(found, counts, top)


def explain(
    run_name: Annotated[
        str, typer.Argument(metavar="RUN", help='Folder or name of a run; "newest" for the latest.')
    ],
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="Result table; lists the tables if not given.")
    ] = "",
    cell: Annotated[
        str,
        typer.Argument(
            metavar="CELL", help="ROW:COLUMN, such as KZ,natural_gas:imported; lists rows if not given."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Trace a number to the rows, sources, grades and shadow prices behind it."""
    from dataclasses import replace

    from kelisim.explain.cell import overview
    from kelisim.explain.explain import explain as ask
    from kelisim.report.words import Words
    from kelisim.results.facts import facts_of
    from kelisim.results.store import load_run

    results = load_run(newest() if run_name == "newest" else run_name)
    if not cell:
        text = overview(results, table)
        if as_json:
            print_json({"overview": text.splitlines()})
        else:
            typer.echo(text)
        return
    told = ask(results, table, cell)
    if table == "facts":
        fact = facts_of(results["facts"])[told.cell.rpartition(":")[0]]
        told = replace(told, description=Words(results.case).say(fact).rstrip(".") or told.description)
    if as_json:
        print_json(told.to_dict())
    else:
        typer.echo(told.to_text())


def sql(
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help="Query over the tables of the run, such as SELECT * FROM links_total."
        ),
    ],
    run_name: Annotated[
        str, typer.Option("--run", help="Folder or name of a run; the newest if not given.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Ask a run in SQL."""
    from kelisim.results.store import sql as ask

    frame = ask(query, run_name or newest())
    if as_json:
        print_json(json.loads(frame.to_json(orient="records", date_format="iso")))
    else:
        print_table(
            "",
            list(frame.columns),
            [[cell_text(v) for v in row] for row in frame.head(200).itertuples(index=False)],
        )
        if len(frame) > 200:
            typer.echo(f"... {len(frame) - 200:,} more rows; ask with LIMIT or --json.")
