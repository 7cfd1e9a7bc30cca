"""The command that makes a case of another year."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kelisim.cli.options import CaseArgument, ForceOption, JsonOption
from kelisim.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from kelisim.case.case import Case


def year(
    case: CaseArgument,
    year: Annotated[int, typer.Argument(metavar="YEAR", help="Year of the new case, such as 2025.")],
    by: Annotated[
        str,
        typer.Option("--by", help="CSV file with rows of the table years; that of the case if not given."),
    ] = "",
    out: Annotated[
        str, typer.Option("--out", help="Folder or file of the new case; CASE-YEAR here if not given.")
    ] = "",
    drop_lapsed: Annotated[
        bool,
        typer.Option(
            "--drop-lapsed", help="Take out contracts, duties and outages that have no day in the year."
        ),
    ] = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Move a case to another year: its calendar, its numbers by factors, and what belongs to that year.

    Contracts that have no day in it are named, and stop it, until a row gives them new days or --drop-lapsed takes them out.
    """
    from kelisim.case.another_year import in_year
    from kelisim.io import must_be_free, read, write
    from kelisim.io.settings import last_of
    from kelisim.results.observations import counterparts, is_elsewhere

    source = read(case)
    moved = in_year(_with_rows(source, by) if by else source, year, drop_lapsed)
    there = moved.case
    target = out or f"{Path(case).stem}-{year}"
    if not force:
        must_be_free(there, target)
    path = write(there, target)
    rows = there.table("observations")
    seen = sum(not is_elsewhere(str(period), there.horizon) for period in rows["period"])
    scored = len([name for name, ask in counterparts(there).items() if ask[0]])
    if as_json:
        turning = moved.turning.assign(day=moved.turning["day"].dt.date.astype(str)).to_dict("records")
        changed = moved.changed.to_dict("records")
        about = {
            "case": there.name,
            "written": str(path),
            "lapsed": list(moved.lapsed),
            "observations": seen,
            "compared": scored,
        }
        print_json({**about, "changed": changed, "turning": turning})
        return
    typer.echo(
        f"{there.name} written to {path}: {there.horizon.start.date()} to {last_of(there.horizon.end)}."
    )
    if len(moved.changed):
        cells = [
            [r.acts_on, f"{r.value:g}" if r.value == r.value else "", r.unit, str(r.rows)]
            for r in moved.changed.itertuples()
        ]
        print_table("Changed", ["acts on", "value", "unit", "rows"], cells, [False, True, False, True])
    else:
        typer.echo(
            "No number is changed: the case has no rows of the table years for it. --by names a file with some."
        )
    if moved.lapsed:
        typer.echo(f"Taken out, without a day in {year}: {', '.join(moved.lapsed)}.")
    if len(moved.turning):
        cells = [[r.element, r.table, str(r.day.date()), r.turn] for r in moved.turning.itertuples()]
        print_table("Within the year", ["element", "table", "day", "goes"], cells, [False] * 4)
    typer.echo(f"Observations of its period: {seen}, {scored} of them with a result to hold against.")


def _with_rows(case: Case, by: str) -> Case:
    """The case with the rows of a file in its table years. Raises UserError or CaseError with all problems."""
    from dataclasses import replace

    from kelisim.case import schema
    from kelisim.errors import CaseError, InputProblem, UserError
    from kelisim.io.csv_folder import text_table

    file = Path(by)
    if not file.is_file():
        raise UserError(f'"{by}" is not a file.')
    problems: list[InputProblem] = []
    cells = text_table(file, problems)
    if cells is not None:
        rows, wrong = schema.parse(schema.tables()["years"], cells, file.name)
        problems += wrong
    if problems:
        raise CaseError(case.name, problems)
    return replace(case.with_table("years", rows), files={**case.files, "years": file.name})
