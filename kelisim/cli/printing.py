"""What the commands print: tables, summaries and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from kelisim.report.page import Page
    from kelisim.report.table import View
    from kelisim.report.words import Words
    from kelisim.results.results import Results

MOST_ROWS = 12  # of a table that is printed; one with a few more is printed whole
FEW_MORE = 6


def print_json(data: Any) -> None:
    typer.echo(json.dumps(data, indent=2, default=str, ensure_ascii=False))


def print_table(title: str, head: list[str], rows: list[list[str]], right: list[bool] | None = None) -> None:
    """A table with a frame; `right` says which columns hold numbers, or else their cells do."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold")
    right = right or [bool(rows) and all(_is_number(row[at]) for row in rows) for at in range(len(head))]
    for name, is_number in zip(head, right, strict=True):
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
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
    print_answer(results)
    timings = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in results.meta["timings"].items())
    typer.echo(f"Time: {timings}.")
    typer.echo(f"Run: {folder}")
    if report_path:
        typer.echo(f"Report: {report_path}")


def print_answer(results: Results) -> None:
    """What the facts of an answer say, the rules behind it, and the tables that are meant for reading here."""
    from kelisim.report.words import Words
    from kelisim.studies.pages import page_of

    words = Words(results.case)
    page = page_of(results, words)
    for line in answer_lines(results, page, words):
        typer.echo(line)
    print_views(page.views)


def answer_lines(results: Results, page: Page, words: Words) -> list[str]:
    """Sentences of an answer, the rules and days behind it, and what its parts say."""
    from kelisim.report import evidence

    rules = "; ".join(f"{name}: {rule}" for name, rule in evidence.rules(results, words))
    days = " to ".join(words.text("{day:day}", day=day) for day in results.meta.get("window", []))
    shown = f"{rules}." + (f" Days shown: {days}." if days else "")
    return [*page.sentences, shown, *(sentence for part in page.parts for sentence in part.sentences)]


def print_views(views: Iterable[View], most: int = MOST_ROWS) -> None:
    """Tables that are meant for reading here, without the columns that a narrow screen leaves out."""
    for view in views:
        if view.is_told and view.rows:
            count = most if len(view.rows) > most + FEW_MORE else len(view.rows)
            shown = [at for at, head in enumerate(view.heads) if not head.is_minor]
            heads = [view.heads[at] for at in shown]
            rows = [[row[at].text for at in shown] for row in view.rows[:count]]
            more = f" (the first {count} of {len(view.rows):,})" if len(view.rows) > count else ""
            names = [f"{head.words}, {head.unit}" if head.unit else head.words for head in heads]
            print_table(view.caption + more, names, rows, [head.is_number for head in heads])


def print_observations(results: Results, tables: Mapping[str, Any], most: int) -> None:
    """A run beside what was measured: what the tables say, then the tables."""
    from dataclasses import replace

    from kelisim.report.observations import observation_parts
    from kelisim.report.page import views_of
    from kelisim.report.words import Words
    from kelisim.results.observations import facts_of_scores

    words = Words(results.case)
    for fact in facts_of_scores(tables):
        typer.echo(words.say(fact))
    print_views(views_of(observation_parts(replace(results, tables=tables), words)), most)


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
