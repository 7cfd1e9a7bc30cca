"""Commands around the work: a new case, and the cache."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from kelisim.cli.options import ForceOption, JsonOption
from kelisim.cli.printing import print_json, print_table, size_words


def new(
    name: Annotated[
        Path, typer.Argument(metavar="NAME", help="Folder of the case, or a workbook that ends in .xlsx.")
    ],
    template: Annotated[
        bool, typer.Option("--template", help="An empty workbook, also where NAME does not end in .xlsx.")
    ] = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make a small case that runs at once, or an empty workbook.

    The workbook has a sheet for each table, with pick lists, units and an explanation of each column.
    """
    from kelisim.io.starter import start

    path = name.with_name(f"{name.name}.xlsx") if template and name.suffix.lower() != ".xlsx" else name
    written = start(path, force)
    if as_json:
        print_json({"written": str(written)})
        return
    case = quote(str(written))
    if written.is_dir():
        typer.echo(f"{written}: a small case that runs, with made-up numbers. Its files are yours to change.")
        typer.echo(f"Next: kelisim check {case}, then kelisim run balance {case}")
    else:
        typer.echo(
            f"{written}: an empty workbook, one sheet a table. Fill what you need, leave the rest empty."
        )
        typer.echo(f"First places, assets, asset_ports, links and demand; then kelisim check {case}")


def cache(
    clear: Annotated[
        bool, typer.Option("--clear", help="Delete the solved bases; they are solved again when needed.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say where solved cases are kept, or delete them.

    A case that was solved is not solved again; runs lie elsewhere and are not touched.
    """
    from datetime import datetime

    from kelisim.engine.cache import clear as delete
    from kelisim.engine.cache import kept
    from kelisim.results.known_runs import cache_folder

    bases = kept()
    size = sum(base.size for base in bases)
    if clear:
        delete()
    if as_json:
        listed = [
            {"case": b.case, "step": b.step, "bytes": b.size, "kept": b.made, "file": b.file.name}
            for b in bases
        ]
        print_json({"folder": str(cache_folder()), "bytes": size, "cleared": clear, "bases": listed})
        return
    count = f"{len(bases):,} solved base{'' if len(bases) == 1 else 's'}"
    if clear:
        typer.echo(f"{count} deleted from {cache_folder()}, {size_words(size)}. Runs are not touched.")
        return
    typer.echo(f"{cache_folder()}: {count}, {size_words(size)}. KELISIM_CACHE names another folder.")
    if bases:
        made = [f"{datetime.fromtimestamp(base.made):%Y-%m-%d %H:%M}" for base in bases]
        rows = [[b.case, b.step, when, size_words(b.size)] for b, when in zip(bases, made, strict=True)]
        print_table("", ["case", "step", "kept since", "size"], rows, [False, False, False, True])
        typer.echo("kelisim cache --clear deletes them; each is solved again when it is needed.")
