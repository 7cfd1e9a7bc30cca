"""What the commands print: tables, summaries and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from kelisim.results.results import Results

_MOST_ROWS = 12  # of a table that is printed
_MOST_JSON = 1000  # rows of a table that --json prints; longer ones are in the run
_TESTS = {
    "observations.independent": "Independent: a test",
    "observations.partly": "Inputs lean on it",
    "observations.input": "An input itself, or follows one: no test",
}


def summary_of(results: Results) -> dict[str, Any]:
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


def print_json(data: Any) -> None:
    typer.echo(json.dumps(data, indent=2, default=str, ensure_ascii=False))


def print_table(title: str, head: list[str], rows: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold")
    numeric = [bool(rows) and all(_is_number(row[at]) for row in rows) for at in range(len(head))]
    for name, right in zip(head, numeric, strict=True):
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def cell_text(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _is_number(text: str) -> bool:
    return (
        text in ("", "-")
        or text.replace(",", "").replace(".", "").replace("-", "").replace("e+", "").isdigit()
    )


def print_summary(results: Results, folder: Path, report_path: Path | None) -> None:
    from kelisim.report.numbers import figure as rounded

    case = results.case
    if "scores" in results.tables:
        print_scores(results.tables)
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
        print_table(f"{case.title}: {where}, {case.horizon.count} steps", head, lines)
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

    if "facts" in results:
        print_answer(results)
        return
    told = find(results.study).told(results)
    for sentence in told.sentences:
        typer.echo(sentence)
    for title, frame in told.tables:
        print_table(
            title, list(frame.columns), [[str(v) for v in row] for row in frame.itertuples(index=False)]
        )


def print_answer(results: Results) -> None:
    """What the facts of an answer say, the rules behind it, and the tables that are meant for reading here."""
    from kelisim.report import evidence
    from kelisim.report.words import Words
    from kelisim.studies.pages import page_of

    words = Words(results.case)
    page = page_of(results, words)
    for sentence in page.sentences:
        typer.echo(sentence)
    rules = "; ".join(f"{name}: {rule}" for name, rule in evidence.rules(results, words))
    days = " to ".join(words.text("{day:day}", day=day) for day in results.meta.get("window", []))
    typer.echo(f"{rules}." + (f" Days shown: {days}." if days else ""))
    for view in page.views:
        if view.is_told and view.rows:
            shown = [at for at, head in enumerate(view.heads) if not head.is_minor]
            heads = (view.heads[at] for at in shown)
            rows = [[row[at].text for at in shown] for row in view.rows[:_MOST_ROWS]]
            more = f" (the first {_MOST_ROWS} of {len(view.rows):,})" if len(view.rows) > _MOST_ROWS else ""
            print_table(
                view.caption + more, [f"{h.words}, {h.unit}" if h.unit else h.words for h in heads], rows
            )


def print_scores(tables: Mapping[str, Any]) -> None:
    """Scores, then every observation beside the model, the worst first."""
    from kelisim.report.numbers import figure as rounded

    words = {"yes": "independent", "partly": "inputs lean on it", "input": "inputs"}
    lines = [
        [words[r.test], r.part, str(r.rows), _percent(r.median_error), _percent(r.within_quarter)]
        for r in tables["scores"].itertuples(index=False)
    ]
    head = ["observations", "which", "rows", "median absolute error", "within 25 %"]
    print_table("The model against what was measured", head, lines)
    for name, title in _TESTS.items():
        lines = [
            [
                r.observation, r.what, r.period, rounded(r.observed), rounded(r.model), r.unit, _percent(r.error, "+"), r.confidence,
                getattr(r, "follows", ""),
            ]
            for r in tables[name].itertuples(index=False)
        ]  # fmt: skip
        print_table(
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
        print_table(
            "Coal by basin, in heat content",
            ["", "basin", "pits", "observed, TWh", "model, TWh", "error"],
            lines,
        )
    reasons = tables["observations.left_out"]["reason"].value_counts()
    for reason, count in reasons.items():
        typer.echo(f"Not compared: {count:,}, {reason}.")


def _print_to_know(results: Results) -> None:
    """Conclusions with their spread, and the estimates that move them."""
    from kelisim.report.numbers import figure as rounded

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
    print_table("Conclusions", head, lines)
    frame = results["to_know_better"]
    lines = [
        [r.what, r.range, str(r.rows), f"{r.swing_over_least:.1f}", f"{r.correlation:+.2f}", r.moves, r.ask]
        for r in frame.head(20).itertuples(index=False)
    ]
    head = ["estimate (grade C)", "range", "rows", "widest move", "correlation", "moves", "to ask for"]
    print_table("What would have to be known better", head, lines)
    if len(frame) > 20:
        typer.echo(f"... {len(frame) - 20} more in the table to_know_better.")


def _percent(share: float, sign: str = "") -> str:
    return "" if share != share else f"{share:{sign}.0%}".replace("%", " %")


def print_differences(tables: Mapping[str, Any], inputs: Mapping[str, int], top: int) -> None:
    cells = ", ".join(f"{name} {count:,}" for name, count in inputs.items())
    typer.echo(f"Inputs that differ: {cells or 'none'}.")
    for name, frame in tables.items():
        lines = [
            [r.key, r.column, *(cell_text(value) for value in (r.first, r.second, r.difference)), r.unit]
            for r in frame.head(top).itertuples(index=False)
        ]
        print_table(
            f"{name}: {len(frame):,} cells differ",
            ["row", "column", "first", "second", "difference", "unit"],
            lines,
        )
    if not tables:
        typer.echo("No number of the results differs.")


def print_conflicts(results: Results) -> None:
    from kelisim.report.words import Words

    words = Words(results.case)
    typer.echo(
        f'The limits of case "{results.case.name}" cannot all be kept ({results.meta["status"]}). These conflict:',
        err=True,
    )
    for row in results["conflicts"].itertuples(index=False):
        when = f" in {row.step}" if row.step else ""
        limit = words.limit(row.table, row.element)
        typer.echo(f"  {limit}{when}: between {row.lower:g} and {row.upper:g} (MW)", err=True)
