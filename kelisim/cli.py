"""The command line: `kelisim demo | check | run STUDY | convert | report | runs | sql`.

Heavy modules are imported inside the commands, so that help comes at once. Exit codes: 0 all went well, 1 an error of
kelisim itself, 2 something in the input is wrong, 3 the limits of a case cannot all be kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kelisim.errors import CaseError, KelisimError, UserError

if TYPE_CHECKING:
    from kelisim.results.results import Results

INFEASIBLE = 3
app = typer.Typer(
    name="kelisim", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="A decision system for cross-border energy partnerships.",
)  # fmt: skip
_state = {"traceback": False}

CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help='Case folder, workbook, or "reference" for the shipped case.')
]
StepOption = Annotated[
    str, typer.Option("--step", help="Length of a step: 1mo, 1d or 1h; the case's own if not given.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


@app.callback()
def root(
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where an error comes from.")] = False,
) -> None:
    """A decision system for cross-border energy partnerships."""
    _state["traceback"] = traceback


@app.command()
def demo(
    step: Annotated[str, typer.Option("--step", help="1mo or 1d; both if not given.")] = "",
    out: Annotated[Path, typer.Option("--out", help="Folder for the runs and reports.")] = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Solve the reference year and write its report."""
    from kelisim.io import reference
    from kelisim.studies import run as run_study

    found = []
    for one in [step] if step else ["1mo", "1d"]:
        with _progress(f"reference year, step {one}") as say:
            from kelisim.engine import Engine

            results = run_study("balance", Engine(reference(_step(one)), progress=say))
            say("writing the run and its report")
            folder = results.save(out)
            report_path = results.report(folder / "report.html")
        summary = _summary(results) | {"step": one, "run": str(folder), "report": str(report_path)}
        found.append(summary)
        if not as_json:
            _print_summary(results, folder, report_path)
    if as_json:
        _print_json(found)


@app.command()
def check(case: CaseArgument, as_json: JsonOption = False) -> None:
    """Read a case and name everything that is wrong with it."""
    from kelisim.io import check as check_case

    read, problems = check_case(case)
    if as_json:
        rows = [
            {
                key: getattr(p, key)
                for key in ("file", "row", "column", "message", "remedy", "nearest", "rule")
            }
            for p in sorted(problems)
        ]
        _print_json({"case": read.name, "fingerprint": read.fingerprint, "problems": rows})
    elif not problems:
        sizes = ", ".join(
            f"{len(frame):,} {name}" for name, frame in read.tables.items() if len(frame) and name in _COUNTED
        )
        typer.echo(f'No problem in case "{read.name}": {sizes}; {read.horizon.count} steps.')
    if problems:
        if not as_json:
            typer.echo(str(CaseError(read.name, problems)), err=True)
        raise typer.Exit(2)


_COUNTED = ("places", "links", "assets", "storages", "demand", "markets", "contracts", "resources")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False,
)  # fmt: skip
def run(
    context: typer.Context,
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Name of the study.")] = "",
    case: Annotated[str, typer.Argument(metavar="CASE", help='Case folder, workbook, or "reference".')] = "",
    step: StepOption = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the run; a new one in ./runs if not given.")
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            "--method", help="Solver of the base: simplex or hipo; the better one by size if not given."
        ),
    ] = "",
    place_rule: Annotated[
        str,
        typer.Option("--place-rule", help="Who goes short first: none, own_first, cooperative, by_contract."),
    ] = "",
    time_rule: Annotated[str, typer.Option("--time-rule", help="When: none, late, even.")] = "",
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Use and keep solved bases.")] = True,
    as_json: JsonOption = False,
    show_help: Annotated[
        bool, typer.Option("--help", help="Show this message, or the fields of a study.")
    ] = False,
) -> None:
    """Ask a study of a case; the fields of the study are options, such as --series no."""
    if show_help or not study or not case:
        _run_help(context, study)
        raise typer.Exit(0 if show_help or not study else 2)
    from dataclasses import replace

    from kelisim.engine import Engine, Rules
    from kelisim.io import read
    from kelisim.studies.study import create

    chosen = create(study, _fields(context.args))
    with _progress(f"{study} of {case}") as say:
        say("reading the case")
        whole = read(case)
        whole = whole.at_step(_step(step)) if step else whole
        rules = Rules.of(whole)
        rules = replace(
            rules,
            place=_rule("place", place_rule) or rules.place,
            time=_rule("time", time_rule) or rules.time,
        )
        engine = Engine(whole, rules=rules, method=_method(method), cache=cache, progress=say)
        results = chosen.run(engine)
        say("writing the run")
        folder = results.save(out.parent, out.name) if out else results.save()
    infeasible = results.meta.get("status") != "optimal"
    if as_json:
        _print_json(_summary(results) | {"run": str(folder)})
    elif infeasible:
        _print_conflicts(results)
    else:
        _print_summary(results, folder, None)
    if infeasible:
        raise typer.Exit(INFEASIBLE)


@app.command()
def convert(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help='Case folder, file, or "reference".')],
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="Folder, or file whose ending names the format.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Write a case in another format."""
    from kelisim.io import read, write

    case = read(source)
    path = write(case, target)
    if as_json:
        _print_json({"case": case.name, "fingerprint": case.fingerprint, "written": str(path)})
    else:
        typer.echo(f"{case.name} written to {path}")


@app.command()
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
    """Write the report of a run: one HTML file that opens without a network."""
    from kelisim.results.store import load_run

    results = load_run(run_name or _newest())
    path = results.report(out or Path(results.meta["folder"]) / "report.html")
    if as_json:
        _print_json({"report": str(path)})
    else:
        typer.echo(f"Report: {path}")


@app.command()
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
        _print_json(json.loads(frame.to_json(orient="records", date_format="iso")))
    elif frame.empty:
        typer.echo("No runs here yet. Make one: kelisim run balance reference")
    else:
        _print_table(
            "Runs", list(frame.columns), [[str(v) for v in row] for row in frame.itertuples(index=False)]
        )


@app.command()
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

    frame = ask(query, run_name or _newest())
    if as_json:
        _print_json(json.loads(frame.to_json(orient="records", date_format="iso")))
    else:
        _print_table(
            "",
            list(frame.columns),
            [[_cell(v) for v in row] for row in frame.head(200).itertuples(index=False)],
        )
        if len(frame) > 200:
            typer.echo(f"... {len(frame) - 200:,} more rows; ask with LIMIT or --json.")


# ---- helpers
def _newest() -> str:
    from kelisim.results.store import list_runs

    frame = list_runs(None)
    if frame.empty:
        raise UserError("There is no run yet. Make one: kelisim run balance reference")
    return str(frame.iloc[0]["run"])


def _step(step: str) -> str:
    if step not in ("1mo", "1d", "1h"):
        raise UserError(f'--step: "{step}" is not a step. Known: 1mo, 1d, 1h.')
    return step


def _rule(kind: str, rule: str) -> str:
    from kelisim.case.case import PLACE_RULES, TIME_RULES

    known = PLACE_RULES if kind == "place" else TIME_RULES
    if rule and rule not in known:
        raise UserError(f'--{kind}-rule: "{rule}" is not a rule. Known: {", ".join(known)}.')
    return rule


def _method(method: str) -> str:
    if method not in ("", "simplex", "hipo"):
        raise UserError(f'--method: "{method}" is not a method. Known: simplex, hipo.')
    return method


def _fields(words: list[str]) -> dict[str, Any]:
    """Fields of a study from words such as --lost a,b --days=30."""
    found: dict[str, Any] = {}
    at = 0
    while at < len(words):
        word = words[at]
        if not word.startswith("--"):
            raise UserError(f'"{word}" is not expected here; fields are written as --name value.')
        name, equals, value = word[2:].partition("=")
        if not equals:
            at += 1
            if at >= len(words):
                raise UserError(f"--{name} needs a value.")
            value = words[at]
        key = name.replace("-", "_")
        found[key] = f"{found[key]},{value}" if key in found else value
        at += 1
    return found


def _run_help(context: typer.Context, study: str) -> None:
    from kelisim.studies.study import names

    if study not in names():
        typer.echo(context.get_help())
        typer.echo(f"\nStudies: {', '.join(names())}. Fields of one: kelisim run STUDY --help")
        return
    import dataclasses

    from kelisim.studies.study import find

    cls = find(study)
    typer.echo(f"Usage: kelisim run {study} CASE [OPTIONS] [FIELDS]\n\n{cls.heading()}\n\nFields:")
    for field in dataclasses.fields(cls):
        unit = f" [{field.metadata['unit']}]" if field.metadata.get("unit") else ""
        default = "" if field.default is dataclasses.MISSING else f" (default: {field.default})"
        typer.echo(f"  --{field.name.replace('_', '-')}  {field.metadata['help']}{unit}{default}")
    typer.echo(
        "\nOptions: --step, --out, --method, --place-rule, --time-rule, --no-cache, --json; see kelisim run --help."
    )


@contextmanager
def _progress(title: str) -> Iterator[Any]:
    """A line on the terminal that says what is happening; silent where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _text: None
        return
    from rich.console import Console

    with Console(stderr=True).status(title) as status:
        yield lambda text: status.update(f"{title}: {text}")


def _summary(results: Results) -> dict[str, Any]:
    tables = {}
    for name in ("key_figures", "costs", "conflicts"):
        if name in results.tables:
            tables[name] = json.loads(results[name].to_json(orient="records"))
    meta = {
        key: results.meta.get(key)
        for key in ("status", "objective", "rules", "fingerprint", "timings", "counts", "method")
    }
    return {"study": results.study, "case": results.case.name, "fields": results.fields, **meta, **tables}


def _print_json(data: Any) -> None:
    typer.echo(json.dumps(data, indent=2, default=str, ensure_ascii=False))


def _cell(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _print_table(title: str, head: list[str], rows: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold")
    numeric = [bool(rows) and all(_is_number(row[at]) for row in rows) for at in range(len(head))]
    for name, right in zip(head, numeric, strict=True):
        table.add_column(name, justify="right" if right else "left")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def _is_number(text: str) -> bool:
    return (
        text in ("", "-")
        or text.replace(",", "").replace(".", "").replace("-", "").replace("e+", "").isdigit()
    )


def _print_summary(results: Results, folder: Path, report_path: Path | None) -> None:
    from kelisim.report.words import figure as rounded

    case = results.case
    if "key_figures" not in results.tables:
        typer.echo(f"{results.study}: {folder}")
        return
    figures = results["key_figures"]
    home = case.setting("defaults", "home", "")
    carriers = case.table("carriers").set_index("carrier")["name"]
    for country in [c for c in (home, "all") if c in set(figures["country"])]:
        rows = figures[figures["country"] == country]
        where = {"all": "the whole case"}.get(country, country)
        head = ["carrier", "unit", "made", "used", "imported", "exported", "unserved"]
        lines = [
            [str(carriers.get(r.carrier, r.carrier)), r.unit, *(rounded(getattr(r, k)) for k in head[2:])]
            for r in rows.itertuples(index=False)
        ]
        _print_table(f"{case.title}: {where}, {case.horizon.count} steps", head, lines)
    unserved = results["demand.total"]
    protected = unserved[unserved["protected"]]
    short = unserved[unserved["unserved"] > 0]
    typer.echo(
        f"Protected customers: {'all served' if protected['unserved'].sum() <= 0 else 'NOT all served'}."
    )
    names = case.table("places").set_index("place")["name"]
    for row in short.sort_values("unserved", ascending=False).head(5).itertuples(index=False):
        unit, factor = case.units.display(row.carrier)
        amount = rounded(row.unserved * factor)
        label = str(carriers.get(row.carrier, row.carrier))
        typer.echo(
            f"  {names[row.place]}, {label}, {row.customer_class}: {amount} {unit} unserved ({row.unserved_rate:.1%}); {row.reason}"
        )
    timings = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in results.meta["timings"].items())
    typer.echo(
        f"Cost of the year: {results.meta['objective'] / 1e6:,.0f} million {case.currency}. Time: {timings}."
    )
    typer.echo(f"Run: {folder}")
    if report_path:
        typer.echo(f"Report: {report_path}")


def _print_conflicts(results: Results) -> None:
    typer.echo(
        f'The limits of case "{results.case.name}" cannot all be kept ({results.meta["status"]}). These conflict:',
        err=True,
    )
    for row in results["conflicts"].itertuples(index=False):
        when = f" in {row.step}" if row.step else ""
        typer.echo(f"  {row.limit}{when}: between {row.lower:g} and {row.upper:g} (MW)", err=True)


def main() -> None:
    """Entry point: messages without tracebacks, documented exit codes."""
    try:
        app()
    except KelisimError as error:
        if _state["traceback"]:
            raise
        message = f"{type(error).__name__}: {error}" if error.exit_code == 1 else str(error)
        if "--json" in sys.argv:
            problems = [str(p) for p in error.problems] if isinstance(error, CaseError) else []
            typer.echo(
                json.dumps(
                    {"error": type(error).__name__, "message": str(error), "problems": problems},
                    ensure_ascii=False,
                )
            )
        else:
            typer.echo(message, err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    main()
