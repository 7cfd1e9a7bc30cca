"""Commands that take a run that is kept: report, list, compare, explain, SQL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kelisim.cli.options import (
    NEWEST,
    ForceOption,
    JsonOption,
    LanguageOption,
    known_runs,
    must_be_new,
    run_folder,
    unfinished_at,
)
from kelisim.cli.printing import (
    default_words,
    print_differences,
    print_json,
    print_observations,
    print_only,
    print_rows,
    print_run,
    print_runs,
    print_unfinished,
    short_heads,
)
from kelisim.errors import UserError

if TYPE_CHECKING:
    from pandas import DataFrame

    from kelisim.results.results import Results

RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="Folder or name of a run; the newest if not given.", autocompletion=known_runs
    ),
]
SHOWN = 20  # runs of a list


def report(
    run_name: RunArgument = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write; report.html in the run's folder if not given."),
    ] = None,
    papers: Annotated[
        Path | None,
        typer.Option(
            "--papers",
            help="Folder for the papers: those of an exercise, minutes of bodies, a roadmap with its calendar and register.",
        ),
    ] = None,
    force: ForceOption = False,
    _language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the report of a run.

    One HTML file that opens without a network, a document (.md) for a mail or a word processor, or a PDF (.pdf) for print,
    with the numbers of its figures in a workbook beside it.
    """
    from kelisim.results.store import load_run

    begun = unfinished_at(run_name)
    if begun is not None:
        _partial(begun, out, force, as_json)
        return
    folder = run_folder(run_name)
    if papers is not None:
        _papers(folder, papers, force, as_json)
        return
    target = out or folder / "report.html"
    if not force and is_foreign(target):
        raise UserError(
            f'"{target}" is there already, and is not a report. Name another file, or write over it with --force.'
        )
    path = load_run(folder).report(target)
    if as_json:
        print_json({"report": str(path)})
    else:
        typer.echo(f"Report: {path}")


def _partial(folder: Path, out: Path | None, force: bool, as_json: bool) -> None:
    """Write what is done of a run that is not finished."""
    from kelisim.cli.long import command_again
    from kelisim.report.partial import document, html
    from kelisim.results.files import must_end, put
    from kelisim.results.unfinished import unfinished

    target = out or folder / "report.html"
    if not force and is_foreign(target):
        raise UserError(
            f'"{target}" is there already, and is not a report. Name another file, or write over it with --force.'
        )
    writers = {".html": html, ".md": document}
    must_end(target, writers, "a report")
    found = unfinished(folder)
    text = writers[target.suffix.lower()](found, command_again(found.question["words"], folder))
    path = put(target, text.encode())
    if as_json:
        print_json({"report": str(path), "status": "partial", "done": found.done, "all": found.all})
    else:
        typer.echo(f"Report: {path} ({found.words})")


def _papers(run: Path, folder: Path, force: bool, as_json: bool) -> None:
    """Write the papers of a run into a folder that is new or empty."""
    from kelisim.results.store import load_run
    from kelisim.studies.pages import write_papers

    if not force and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f'"{folder}" is there already. Name another folder, or write into it with --force.')
    written = [str(path) for path in write_papers(load_run(run), folder)]
    if as_json:
        print_json({"papers": written})
    else:
        typer.echo(f"Papers: {folder}: {len(written)} files")


def is_foreign(path: Path) -> bool:
    """Whether a file is there that is no HTML report; a document (.md) may have been worked on, and counts as foreign."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return b'content="kelisim' not in file.read(2_000)


def runs(
    run_name: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="Folder or name of one, to see what made it; all if not given.",
            autocompletion=known_runs,
        ),
    ] = "",
    root_folder: Annotated[Path | None, typer.Option("--root", help="Only those in this folder.")] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Runs to show, the newest first.")] = SHOWN,
    as_json: JsonOption = False,
) -> None:
    """List the runs that are kept.

    Those in ./runs, and those that were written elsewhere on this machine.
    """
    from kelisim.results.store import list_runs, read_head

    begun = unfinished_at(run_name) if run_name else None
    if begun is not None:
        print_unfinished(begun, as_json)
        return
    if run_name:
        folder = run_folder(run_name)
        head = read_head(folder) | {"folder": str(folder.resolve())}
        if as_json:
            print_json(head)
        else:
            print_run(head)
        return
    frame = list_runs(root_folder, anywhere=root_folder is None)
    if as_json:
        print_json(json.loads(frame.to_json(orient="records", date_format="iso")))
    elif frame.empty:
        typer.echo("No runs here yet. Make one: kelisim run balance reference")
    else:
        print_runs(frame, top)


def compare(
    first: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help='Folder or name of a run, or "newest".', autocompletion=known_runs
        ),
    ],
    second: Annotated[
        str,
        typer.Argument(
            metavar="[RUN]",
            help="Another run; the observations of the case if not given.",
            autocompletion=known_runs,
        ),
    ] = "",
    table: Annotated[
        str, typer.Option("--table", help="Only this table, or all; the most general if not given.")
    ] = "",
    top: Annotated[int, typer.Option("--top", min=1, help="Rows to show of each table.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write both runs side by side as a page (.html) or a document (.md)."),
    ] = None,
    force: ForceOption = False,
    _language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Hold a run against another run, or against what was measured."""
    from kelisim.results.compare import differences, not_compared, only
    from kelisim.results.scores import held_against_observations
    from kelisim.results.store import load_run

    one = load_run(run_folder(first))
    if out and not second:
        raise UserError("--out: name a second run; a page shows two side by side.")
    if not second:
        tables = held_against_observations(one)
        if as_json:
            print_json({name: json.loads(frame.to_json(orient="records")) for name, frame in tables.items()})
        else:
            print_observations(one, tables, top)
        return
    other = load_run(run_folder(second))
    found = differences(one, other)
    if table not in ("", "all"):
        for results in (one, other):
            results.units(table)  # names the nearest table where there is none
        found = {name: frame for name, frame in found.items() if name == table}
    inputs, rest = inputs_that_differ(one, other), only(one, other)
    if table not in ("", "all"):
        rest = rest[rest["table"] == table]
    if out:
        from kelisim.studies.side_by_side import write_page

        if not force and is_foreign(out):
            raise UserError(f'"{out}" is there already. Name another file, or write over it with --force.')
        path = write_page(out, (one, other), short_heads(first, second), inputs)
        print_json({"page": str(path)}) if as_json else typer.echo(f"Page: {path}")
        return
    if as_json:
        counts = inputs["table"].value_counts().to_dict()
        rows = {name: json.loads(frame.head(top).to_json(orient="records")) for name, frame in found.items()}
        sides = {s: rest[rest["side"] == s][["table", "key"]].head(top) for s in ("first", "second")}
        told = {f"only_{s}": json.loads(frame.to_json(orient="records")) for s, frame in sides.items()}
        print_json({"first": first, "second": second, "inputs": counts, "tables": rows, **told})
    else:
        print_differences(found, inputs, (first, second), top, table)
        print_only(rest, not_compared(one, other), (first, second), top)


def inputs_that_differ(one: Results, other: Results) -> DataFrame:
    """What was asked otherwise: study, fields, rules, settings and cells of the cases (table, key, column, here, there)."""
    import pandas as pd

    from kelisim.io.settings import settings_of

    asked: list[dict[tuple[str, str, str], str]] = []
    for run in (one, other):
        found = {("study", "", "name"): run.study}
        if one.study == other.study:
            found |= {("study", "", name): default_words(value) for name, value in run.fields.items()}
        found |= {("rules", "", name): str(rule) for name, rule in run.meta.get("rules", {}).items()}
        for section, values in settings_of(run.case.settings, run.case.horizon).items():
            if isinstance(values, dict):
                found |= {("case.toml", section, key): str(value) for key, value in values.items()}
        asked.append(found)
    here, there = asked
    rows = [
        (*key, here.get(key, ""), there.get(key, ""))
        for key in dict.fromkeys([*here, *there])
        if here.get(key, "") != there.get(key, "")
    ]
    cells = one.case.diff(other.case)
    return pd.concat([pd.DataFrame(rows, columns=cells.columns), cells], ignore_index=True) if rows else cells


def explain(
    run_name: RunArgument = NEWEST,
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="Result table; lists the tables if not given.")
    ] = "",
    cell: Annotated[
        str,
        typer.Argument(
            metavar="CELL", help="ROW:COLUMN, such as KZ,natural_gas:imported; lists rows if not given."
        ),
    ] = "",
    _language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Trace a number to the rows, sources and limits behind it."""
    from dataclasses import replace

    from kelisim.explain.cell import overview
    from kelisim.explain.explain import explain as ask
    from kelisim.report.words import Words
    from kelisim.results.facts import facts_of
    from kelisim.results.store import load_run

    results = load_run(run_folder(run_name))
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
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[RUN] QUERY",
            help="Folder or name of a run, the newest if not given; query over its tables, such as "
            '"SELECT * FROM links_total".',
        ),
    ],
    run_name: Annotated[str, typer.Option("--run", help="The run, if it does not stand first.")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", help="Write CSV into this file; - prints it.")] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask a run in SQL."""
    from kelisim.results.files import put
    from kelisim.results.store import sql as ask

    *named, query = words
    if len(named) > 1 or (named and run_name) or not query.strip(" ;").count(" "):
        raise UserError('Write it as kelisim sql RUN "SELECT * FROM links_total", the query in quotes.')
    to_file = csv is not None and str(csv) != "-"
    if csv and to_file:
        must_be_new(csv, force, ".csv")
    frame = ask(query, run_folder(named[0] if named else run_name))
    if csv:
        text = frame.to_csv(index=False, lineterminator="\n")
        if to_file:
            typer.echo(f"{put(csv, text.encode())}: {len(frame):,} rows")
        else:
            typer.echo(text, nl=False)
    elif as_json:
        print_json(json.loads(frame.to_json(orient="records", date_format="iso")))
    else:
        print_rows(frame)
