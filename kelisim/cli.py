"""The command line: `kelisim demo | check | run STUDY | convert | report | runs | compare | explain | serve | sql`.

Heavy modules are imported inside the commands, so that help comes at once. Exit codes: 0 all went well, 1 an error of
kelisim itself, 2 something in the input is wrong, 3 the limits of a case cannot all be kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
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

    chosen = create(study, _fields(context.args, study, place_rule=place_rule, time_rule=time_rule))
    with _progress(f"{study} of {case}") as say:
        say("reading the case")
        whole = read(case)
        whole = whole.at_step(_step(step)) if step else whole
        rules = Rules.of(whole)
        own = chosen.values()  # a study with a rule of its own leaves the plan of the year as the case has it
        rules = replace(
            rules,
            place=("" if "place_rule" in own else _rule("place", place_rule)) or rules.place,
            time=("" if "time_rule" in own else _rule("time", time_rule)) or rules.time,
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
    to: Annotated[
        str,
        typer.Option("--to", help="Format where the ending does not say it, such as pypsa for a folder."),
    ] = "",
    step: StepOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write a case in another format; what it cannot carry is named."""
    from kelisim.io import left_out, lost, read, write

    case = read(source)
    case = case.at_step(_step(step)) if step else case
    skipped = left_out(source)
    missing = lost(case, target, to)
    path = write(case, target, to)
    if as_json:
        facts = {"case": case.name, "fingerprint": case.fingerprint, "written": str(path)}
        _print_json({**facts, "left_out": skipped, "lost": missing})
        return
    for words, lines in (
        (f"{source} holds more than the case", skipped),
        (f"{path} does not carry", missing),
    ):
        if lines:
            typer.echo("\n".join([f"{words}:", *(f"  {line}" for line in lines)]), err=True)
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
    from kelisim.results.store import find, load_run

    folder = find(run_name or _newest())
    path = load_run(folder).report(out or folder / "report.html")
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
    from kelisim.results import compare as comparing
    from kelisim.results.store import load_run

    one = load_run(first)
    if not second:
        tables = comparing.held_against_observations(one)
        if as_json:
            _print_json({name: json.loads(frame.to_json(orient="records")) for name, frame in tables.items()})
        else:
            _print_scores(tables)
        return
    other = load_run(second)
    found = comparing.differences(one, other)
    if table:
        for results in (one, other):
            results.units(table)  # names the nearest table where there is none
        found = {name: frame for name, frame in found.items() if name == table}
    inputs = one.case.diff(other.case)
    if as_json:
        rows = {name: json.loads(frame.head(top).to_json(orient="records")) for name, frame in found.items()}
        _print_json(
            {
                "first": first,
                "second": second,
                "inputs": inputs["table"].value_counts().to_dict(),
                "tables": rows,
            }
        )
    else:
        _print_differences(found, inputs["table"].value_counts().to_dict(), top)


@app.command()
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
    from kelisim.results.explain import explain as ask
    from kelisim.results.explain import overview
    from kelisim.results.store import load_run

    results = load_run(_newest() if run_name == "newest" else run_name)
    if not cell:
        text = overview(results, table)
        if as_json:
            _print_json({"overview": text.splitlines()})
        else:
            typer.echo(text)
        return
    told = ask(results, table, cell)
    if as_json:
        _print_json(told.to_dict())
    else:
        typer.echo(told.to_text())


@app.command()
def serve(
    case: Annotated[
        str,
        typer.Argument(metavar="[CASE]", help='Case folder, workbook, or "reference", which is the default.'),
    ] = "reference",
    step: Annotated[
        str,
        typer.Option(
            "--step", help="1mo, 1d or 1h; if not given days where they are solved already, else months."
        ),
    ] = "",
    port: Annotated[int, typer.Option("--port", help="Port to listen on.")] = 8080,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; another than this machine needs --login.")
    ] = "127.0.0.1",
    login: Annotated[
        str,
        typer.Option(
            "--login", help="Name to log in with; the password is asked for, or in KELISIM_PASSWORD."
        ),
    ] = "",
    shows: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
) -> None:
    """Show the live map: pick a day, cut anything, see who goes short."""
    import os

    from kelisim.errors import ExtraMissing
    from kelisim.io import read

    try:
        from kelisim.web.app import check_host
        from kelisim.web.app import serve as serve_pages
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("nicegui", "fastapi"):
            raise ExtraMissing("web") from error
        raise
    password = os.environ.get("KELISIM_PASSWORD", "") if login else ""
    if login and not password and sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True)
    check_host(host, login, password)
    whole = read(case)
    typer.echo(f"{whole.title}: http://{host}:{port} (stop with Ctrl-C)")
    serve_pages(case, whole, _step(step) if step else "", host, port, login, password, shows)


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


def _fields(words: list[str], study: str = "", **options: str) -> dict[str, Any]:
    """Fields of a study from words such as --lost a,b --days=30; options that are fields of it count as such."""
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
    if any(options.values()):
        import dataclasses

        from kelisim.studies.study import find

        known = {field.name for field in dataclasses.fields(find(study))}
        found |= {name: value for name, value in options.items() if value and name in known}
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


_MOST_JSON = 1000  # rows of a table that --json prints; longer ones are in the run


def _summary(results: Results) -> dict[str, Any]:
    tables = {}
    for name in ("key_figures", "costs", "conflicts", "scores", "conclusions", "to_know_better"):
        if name in results.tables:
            tables[name] = json.loads(results[name].to_json(orient="records"))
    if results.study not in ("balance", "backcast", "sensitivity"):
        small = {name: frame for name, frame in results.tables.items() if len(frame) <= _MOST_JSON}
        tables |= {n: json.loads(f.to_json(orient="records", date_format="iso")) for n, f in small.items()}
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
        table.add_column(name, justify="right" if right else "left", overflow="fold")
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
    if "scores" in results.tables:
        _print_scores(results.tables)
    if "to_know_better" in results.tables:
        _print_to_know(results)
    if "key_figures" not in results.tables:
        _print_told(results)
        typer.echo(f"Run: {folder}")
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


def _print_told(results: Results) -> None:
    """What the study itself says of its result."""
    from kelisim.studies.study import find

    told = find(results.study).told(results)
    for sentence in told.sentences:
        typer.echo(sentence)
    for title, frame in told.tables:
        _print_table(
            title, list(frame.columns), [[str(v) for v in row] for row in frame.itertuples(index=False)]
        )


_TESTS = {
    "observations.independent": "Independent: a test",
    "observations.partly": "Inputs lean on it",
    "observations.input": "An input itself, or follows one: no test",
}


def _print_scores(tables: Mapping[str, Any]) -> None:
    """Scores, then every observation beside the model, the worst first."""
    from kelisim.report.words import figure as rounded

    words = {"yes": "independent", "partly": "inputs lean on it", "input": "inputs"}
    lines = [
        [words[r.test], r.part, str(r.rows), _percent(r.median_error), _percent(r.within_quarter)]
        for r in tables["scores"].itertuples(index=False)
    ]
    head = ["observations", "which", "rows", "median absolute error", "within 25 %"]
    _print_table("The model against what was measured", head, lines)
    for name, title in _TESTS.items():
        lines = [
            [
                r.observation, r.what, r.period, rounded(r.observed), rounded(r.model), r.unit, _percent(r.error, "+"), r.confidence,
                getattr(r, "follows", ""),
            ]
            for r in tables[name].itertuples(index=False)
        ]  # fmt: skip
        _print_table(
            title,
            ["observation", "what", "period", "observed", "model", "unit", "error", "grade", "follows"],
            lines,
        )
    lines = [
        [
            r.country,
            r.basin,
            r.pits,
            *(f"{e / 1e6:.3g}" for e in (r.energy_observed, r.energy_model)),
            _percent(r.error, "+"),
        ]
        for r in tables["observations.basins"].itertuples(index=False)
    ]
    if lines:
        _print_table(
            "Coal by basin, in heat content",
            ["", "basin", "pits", "observed, TWh", "model, TWh", "error"],
            lines,
        )
    reasons = tables["observations.left_out"]["reason"].value_counts()
    for reason, count in reasons.items():
        typer.echo(f"Not compared: {count:,}, {reason}.")


def _print_to_know(results: Results) -> None:
    """Conclusions with their spread, and the estimates that move them."""
    from kelisim.report.words import figure as rounded

    lines = [
        [
            r.what,
            rounded(r.value),
            r.unit,
            f"{rounded(r.low)} to {rounded(r.high)}",
            _percent(r.share_same),
            r.statement,
        ]
        for r in results["conclusions"].itertuples(index=False)
    ]
    head = ["conclusion", "as it stands", "unit", "90 % of samples", "same statement", "statement"]
    _print_table("Conclusions", head, lines)
    frame = results["to_know_better"]
    lines = [
        [r.what, r.range, str(r.rows), f"{r.swing_over_least:.1f}", f"{r.correlation:+.2f}", r.moves, r.ask]
        for r in frame.head(20).itertuples(index=False)
    ]
    head = ["estimate (grade C)", "range", "rows", "widest move", "correlation", "moves", "to ask for"]
    _print_table("What would have to be known better", head, lines)
    if len(frame) > 20:
        typer.echo(f"... {len(frame) - 20} more in the table to_know_better.")


def _percent(share: float, sign: str = "") -> str:
    return "" if share != share else f"{share:{sign}.0%}".replace("%", " %")


def _print_differences(tables: Mapping[str, Any], inputs: Mapping[str, int], top: int) -> None:
    cells = ", ".join(f"{name} {count:,}" for name, count in inputs.items())
    typer.echo(f"Inputs that differ: {cells or 'none'}.")
    for name, frame in tables.items():
        lines = [
            [r.key, r.column, *(_cell(value) for value in (r.first, r.second, r.difference)), r.unit]
            for r in frame.head(top).itertuples(index=False)
        ]
        _print_table(
            f"{name}: {len(frame):,} cells differ",
            ["row", "column", "first", "second", "difference", "unit"],
            lines,
        )
    if not tables:
        typer.echo("No number of the results differs.")


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
