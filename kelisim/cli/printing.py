"""What the commands print: tables, summaries and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pandas import DataFrame

    from kelisim.report.page import Page
    from kelisim.report.table import View
    from kelisim.report.words import Words
    from kelisim.results.results import Results

MOST_ROWS = 12  # of a table that is printed; one with a few more is printed whole
FEW_MORE = 6
MOST_ASKED = 200  # rows that a query prints
MOST_COLUMNS = 12  # of a table that fits a terminal
MOST_TABLES = 3  # of a comparison, the most general ones
LONG_NAME = 20  # letters of a name of a run
NUMBER = (16, 12, 8)  # letters of the head of a column of numbers, the fewest where it is tight
TEXT = 10  # letters that a column of text has at least
BORDER = 3  # letters between two columns
WIDTH = 100  # letters of a line of help
FIELD = 20  # letters that a field takes of it
LARGEST = 1e15  # number that is written with all its digits before the point


def print_json(data: Any, indent: int | None = 2) -> None:
    text = json.dumps(data, indent=indent, default=str, ensure_ascii=False)
    typer.echo(
        text.encode("utf-8", "backslashreplace").decode()
    )  # half a character as JSON writes it, \ud800


def print_table(title: str, head: list[str], rows: list[list[str]], right: list[bool] | None = None) -> None:
    """A table with a frame; `right` says which columns hold numbers, or else their cells do.

    Where it is wider than the terminal its columns stand in several tables below each other, each of
    which repeats the columns of text that come first.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text  # what stands in brackets in a name is no markup

    console = Console(width=None if sys.stdout.isatty() else 120)
    right = right or [bool(rows) and all(_is_number(row[at]) for row in rows) for at in range(len(head))]
    if title:
        console.print(title, markup=False, highlight=False, style="italic")
    names, tables = _fitting(head, rows, right, console.width)
    for columns in tables:
        table = Table(header_style="bold")
        for at in columns:
            if right[at]:  # a number in two lines is read as two, so only its head is broken
                table.add_column(Text(names[at]), justify="right", no_wrap=True, overflow="ellipsis")
            else:
                table.add_column(Text(names[at]), overflow="fold")
        for row in rows:
            table.add_row(*(Text(row[at]) for at in columns))
        console.print(table)


def _fitting(
    head: list[str], rows: list[list[str]], right: list[bool], width: int
) -> tuple[list[str], list[list[int]]]:
    """Heads, those of numbers broken between words until all columns fit, and the columns of each table."""
    longest = [max([len(row[at]) for row in rows], default=0) for at in range(len(head))]
    for letters in NUMBER:
        names = [
            fill(name, max(letters, size), break_long_words=False, break_on_hyphens=False)
            if is_number
            else name
            for name, size, is_number in zip(head, longest, right, strict=True)
        ]
        sizes = [
            BORDER
            + (max(size, *map(len, name.split("\n"))) if is_number else min(max(size, len(name)), TEXT))
            for name, size, is_number in zip(names, longest, right, strict=True)
        ]
        if sum(sizes) < width:
            return names, [list(range(len(head)))]
    first = list(range(right.index(True))) if True in right else []
    tables = [list(first)]
    for at in range(len(first), len(head)):
        if len(tables[-1]) > len(first) and sum(sizes[one] for one in [*tables[-1], at]) >= width:
            tables.append(list(first))
        tables[-1].append(at)
    return names, tables


def cell_text(value: Any) -> str:
    """A cell of a result table; of a large number the digits before the point."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if 1_000 <= abs(value) < LARGEST else f"{value:,.4g}"


def print_rows(frame: DataFrame) -> None:
    """A table that someone asked for; few rows of many columns stand below each other."""
    rows = [[cell_text(value) for value in row] for row in frame.head(MOST_ASKED).itertuples(index=False)]
    heads = [str(name) for name in frame.columns]
    if len(heads) > MOST_COLUMNS and len(rows) <= MOST_COLUMNS // 2:
        print_table(
            "",
            ["column", *(f"row {at}" for at in range(1, len(rows) + 1))],
            [[h, *v] for h, *v in zip(heads, *rows, strict=True)],
        )
    else:
        print_table("", heads, rows)
    if len(frame) > MOST_ASKED:
        typer.echo(f"... {len(frame) - MOST_ASKED:,} more rows; ask with LIMIT, or take all with --csv FILE.")


def print_runs(frame: DataFrame, most: int) -> None:
    """Runs that are kept, each by what one types to name it: its name if it lies in the folder of runs, or its path."""
    from kelisim.results.results import is_answered
    from kelisim.results.store import runs_folder

    rows = []
    for run in frame.head(most).itertuples(index=False):
        path = Path(run.folder)
        name = run.run if path.parent == runs_folder() else short(path)
        made = (
            f"{run.created.to_pydatetime().astimezone():%Y-%m-%d %H:%M}" if run.created == run.created else ""
        )
        remark = run.problem or ("" if is_answered(run.status) else run.status)
        rows.append([name, made, run.study, run.case, remark])
    heads = ["run", "made", "study", "case", "remark"]
    shown = [at for at, head in enumerate(heads) if head != "remark" or any(row[at] for row in rows)]
    print_table(
        "Runs", [heads[at] for at in shown], [[row[at] for at in shown] for row in rows], [False] * len(shown)
    )
    if len(frame) > most:
        typer.echo(f"... {len(frame) - most:,} more; ask with --top.")


def print_run(head: Mapping[str, Any]) -> None:
    """What made a run, and where it is."""
    fields = ", ".join(
        f"{name} {default_words(value)}" for name, value in head["fields"].items() if value not in (None, "")
    )
    rules = ", ".join(f"{name} {rule}" for name, rule in head.get("rules", {}).items())
    case = head["case"]
    for what, text in (
        ("Study", f"{head['study']}{f' ({fields})' if fields else ''}"),
        ("Case", f"{case['title'] or case['name']} ({case['name']}, {case['fingerprint']})"),
        ("Rules", rules),
        ("Made", f"{head['created']}, {head.get('status', '')}"),
        ("Tables", ", ".join(table["name"] for table in head["tables"])),
        ("Folder", head["folder"]),
    ):
        typer.echo(f"{what}: {text}")


def print_unfinished(folder: Path, as_json: bool) -> None:
    """What was asked of a run that is not finished, how far it is, and how to go on with it."""
    from kelisim.cli.long import command_again
    from kelisim.results.unfinished import unfinished

    found = unfinished(folder)
    asked = found.question
    again = command_again(asked["words"], folder)
    if as_json:
        about = {name: asked[name] for name in ("study", "fields", "case", "rules", "versions")}
        print_json(
            {
                **about,
                "status": "partial",
                "done": found.done,
                "all": found.all,
                "again": again,
                "folder": str(folder),
            }
        )
        return
    given = {name: tuple(v) if isinstance(v, list) else v for name, v in asked["fields"].items()}
    fields = ", ".join(f"{n} {default_words(v)}" for n, v in given.items() if v not in (None, "", ()))
    for what, text in (
        ("Study", f"{asked['study']}{f' ({fields})' if fields else ''}"),
        ("Case", f"{asked['case']['name']} ({asked['case']['fingerprint']})"),
        ("Done", found.words),
        ("Folder", folder),
        ("Go on with", again),
    ):
        typer.echo(f"{what}: {text}")


def size_words(size: int) -> str:
    """Bytes as people say them."""
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.0f} kB"


def short(path: Path) -> str:
    """A path from the folder in which the user is, where it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _is_number(text: str) -> bool:
    return (
        text in ("", "-")
        or text.replace(",", "").replace(".", "").replace("-", "").replace("e+", "").isdigit()
    )


def print_summary(results: Results, folder: Path, written: Mapping[str, Path | None]) -> None:
    """An answer, how long it took, and where it is: the run, and what else was written of it, by what it is."""
    print_answer(results)
    timings = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in results.meta["timings"].items())
    typer.echo(f"Time: {timings}.")
    typer.echo(f"Run: {folder}")
    for what, path in written.items():
        if path:
            typer.echo(f"{what}: {path}")


def print_run_help(context: typer.Context, study: str) -> None:
    """The options of `kelisim run`, and the fields of a study, each with the form of its value."""
    import dataclasses

    from kelisim.studies.study import find, forms_of, names

    if not study:
        typer.echo(context.get_help())
        typer.echo(f"\nStudies: {', '.join(names())}. Fields of one: kelisim run STUDY --help")
        return
    cls = find(study)
    forms = forms_of(cls)
    typer.echo(f"Usage: kelisim run {study} CASE [OPTIONS] [FIELDS]\n\n{cls.heading()}\n\nFields:")
    for field in dataclasses.fields(cls):
        unit = f" [{field.metadata['unit']}]" if field.metadata.get("unit") else ""
        words = default_words(field.default)
        default = (
            "must be given" if field.default is dataclasses.MISSING else f"default: {words}" if words else ""
        )
        how = "; ".join(text for text in (forms[field.name], default) if text)
        name = f"  --{field.name.replace('_', '-')}".ljust(FIELD)
        told = f"{field.metadata['help']}{unit}{f' ({how})' if how else ''}"
        typer.echo(
            fill(told, WIDTH, initial_indent=name, subsequent_indent=" " * FIELD, break_on_hyphens=False)
        )
    typer.echo(
        "\nOptions: --step, --out, --xlsx, --force, --method, --place-rule, --time-rule, --scenario, --no-cache, --json; "
        "see kelisim run --help."
    )


def default_words(value: Any) -> str:
    """A default of a field as it is typed; empty where there is none."""
    import dataclasses

    if value is dataclasses.MISSING or value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(str(one) for one in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


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
    window = results.meta.get("window", [])
    days = words.text("words.span", first=words.day(window[0]), last=words.day(window[-1])) if window else ""
    shown = f"{rules}." + (f" {words.text('told.days_shown', days=days)}" if days else "")
    return [*page.sentences, shown, *(sentence for part in page.parts for sentence in part.sentences)]


def print_views(views: Iterable[View], most: int = MOST_ROWS) -> None:
    """Tables that are meant for reading here, without the columns that a narrow screen leaves out."""
    from kelisim import catalog
    from kelisim.report import numbers

    for view in views:
        if view.is_told and view.rows:
            is_cut = len(view.rows) > most + FEW_MORE and not view.is_whole
            count = most if is_cut else len(view.rows)
            shown = [at for at, head in enumerate(view.heads) if not head.is_minor]
            heads = [view.heads[at] for at in shown]
            rows = [[row[at].text for at in shown] for row in view.rows[:count]]
            whole = {"count": count, "all": numbers.count(len(view.rows))}
            more = catalog.text("told.first").format(**whole) if len(view.rows) > count else ""
            names = [f"{head.words}, {head.unit}" if head.unit else head.words for head in heads]
            print_table(view.caption + more, names, rows, [head.is_number for head in heads])
            if is_cut:
                left = numbers.count(len(view.rows) - count)
                typer.echo(catalog.text("told.more").format(count=left))


def print_observations(results: Results, tables: Mapping[str, Any], most: int) -> None:
    """A run beside what was measured: what the tables say, then the tables."""
    from dataclasses import replace

    from kelisim.report.observations import observation_parts
    from kelisim.report.page import views_of
    from kelisim.report.words import Words
    from kelisim.results.scores import facts_of_scores

    words = Words(results.case)
    for fact in facts_of_scores(tables):
        typer.echo(words.say(fact))
    print_views(views_of(observation_parts(replace(results, tables=tables), words)), most)


def said(key: str, **places: object) -> str:
    """A text of the command line about an answer."""
    from kelisim import catalog

    return catalog.text(f"told.{key}").format(**places)


def print_differences(
    tables: Mapping[str, DataFrame], inputs: DataFrame, runs: tuple[str, str], top: int, table: str = ""
) -> None:
    """Two runs beside each other: the inputs that differ, then the numbers.

    inputs  cells of the two cases that differ: table, key, column, here, there
    runs    what the user calls them, which heads the columns
    table   the one asked for, or "all"; else the first few are shown and the others named
    """
    from kelisim.report import numbers

    heads = short_heads(*runs)
    counts = ", ".join(f"{name} {count:,}" for name, count in inputs["table"].value_counts().items())
    typer.echo(said("inputs", counts=counts) if counts else said("no_inputs"))
    if len(inputs):
        cells = [
            [
                r.table,
                ":".join(map(str, r.key)) if isinstance(r.key, tuple) else str(r.key),
                r.column or said("head_row"),
                cell_text(r.here),
                cell_text(r.there),
            ]
            for r in inputs.head(top).itertuples(index=False)
        ]
        print_table("", [*(said(f"head_{name}") for name in ("table", "row", "column")), *heads], cells)
    shown = list(tables) if table else list(tables)[:MOST_TABLES]
    for name in shown:
        frame = tables[name]
        lines = [
            [r.key, r.column, *(cell_text(value) for value in (r.first, r.second, r.difference)), r.unit]
            for r in frame.head(top).itertuples(index=False)
        ]
        count = said(
            "one_differs" if len(frame) == 1 else "differ", name=name, count=numbers.count(len(frame))
        )
        titles = [said(f"head_{one}") for one in ("row", "column", "difference", "unit")]
        print_table(count, [*titles[:2], *heads, *titles[2:]], lines)
    left = [f"{name} {len(frame):,}" for name, frame in tables.items() if name not in shown]
    if left:
        typer.echo(said("others_differ", tables=", ".join(left)))
    if not tables:
        typer.echo(said("none_differs"))


def print_only(rows: DataFrame, tables: DataFrame, runs: tuple[str, str], top: int) -> None:
    """Rows and tables of one of two runs, which are named and not compared."""
    from kelisim.report import numbers

    for side, head in zip(("first", "second"), short_heads(*runs), strict=True):
        for name, own in rows[rows["side"] == side].groupby("table", sort=False):
            named = ", ".join(own["key"].head(top))
            more = said("and_more", count=numbers.count(len(own) - top)) if len(own) > top else ""
            rows_of = "only_rows" if len(own) > 1 else "only_row"
            places = {"head": head, "count": numbers.count(len(own)), "table": name}
            typer.echo(said(rows_of, **places, rows=f"{named}{more}"))
        whole = list(tables["table"][tables["why"] == side])
        if whole:
            typer.echo(said("only_tables", head=head, tables=", ".join(whole)))
    other = list(tables["table"][tables["why"] == "days"])
    if other:
        typer.echo(said("other_days", tables=", ".join(other)))


def short_heads(first: str, second: str) -> tuple[str, str]:
    """Names of two runs as heads of columns: long ones without the parts with which both begin."""
    names = [Path(run).name or run for run in (first, second)]
    if first == second or names[0] == names[1]:
        return first, second
    parts = [name.split("-") for name in names]
    alike = 0
    while all(len(words) > alike + 1 for words in parts) and parts[0][alike] == parts[1][alike]:
        alike += 1
    if max(map(len, names)) <= LONG_NAME:
        alike = 0
    return "-".join(parts[0][alike:]), "-".join(parts[1][alike:])


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
