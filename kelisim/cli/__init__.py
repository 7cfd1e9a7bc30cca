"""The command line: `kelisim demo | new | check | run STUDY | screen | convert | year | report | runs | compare | explain | serve | users | sql | cache`.

Heavy modules are imported inside the commands, so that help comes at once. Exit codes: 0 all went well, 1 an error of
kelisim itself, 2 something in the input is wrong, 3 the limits of a case cannot all be kept.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import Annotated

import typer

from kelisim import __version__
from kelisim.cli import on_cases, on_lists, on_runs, on_start, on_users, on_years
from kelisim.cli.printing import print_json
from kelisim.errors import CaseError, KelisimError, printable, readable

app = typer.Typer(
    name="kelisim", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="A decision system for cross-border energy partnerships.",
)  # fmt: skip
_state = {"traceback": False}
# Objects made before garbage is looked for: a command loads many that stay, and the usual 700 cost a sixth of its start.
GARBAGE = (20_000, 20, 50)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"kelisim {__version__}")
        raise typer.Exit


@app.callback()
def root(
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where an error comes from.")] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """A decision system for cross-border energy partnerships."""
    _state["traceback"] = traceback


# in the order in which help lists them
app.command()(on_cases.demo)
app.command()(on_start.new)
app.command()(on_cases.check)
app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False,
)(on_cases.run)  # fmt: skip
app.command()(on_lists.screen)
app.command()(on_cases.convert)
app.command()(on_years.year)
app.command()(on_runs.report)
app.command()(on_runs.runs)
app.command()(on_runs.compare)
app.command()(on_runs.explain)
app.command()(on_cases.serve)
app.command()(on_users.users)
app.command()(on_runs.sql)
app.command()(on_start.cache)


def main() -> None:
    """Entry point: messages without tracebacks, documented exit codes."""
    gc.set_threshold(*GARBAGE)
    try:
        app()
    except KelisimError as error:
        if _state["traceback"]:
            raise
        message = f"{type(error).__name__}: {error}" if error.exit_code == 1 else str(error)
        if "--json" in sys.argv:
            problems = [str(p) for p in error.problems] if isinstance(error, CaseError) else []
            print_json(
                {"error": type(error).__name__, "message": str(error), "problems": problems}, indent=None
            )
        else:
            typer.echo("\n".join(map(readable, message.splitlines())), err=True)
        sys.exit(error.exit_code)
    except MemoryError:
        if _state["traceback"]:
            raise
        typer.echo(
            "There is not enough memory for this. Give longer steps, fewer rows or fewer processes.", err=True
        )
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        if _state["traceback"]:
            raise
        what = (
            f'"{error.filename}" cannot be read or written'
            if error.filename
            else "The output cannot be written"
        )
        typer.echo(printable(f"{what}: {error.strerror or error}."), err=True)
        with suppress(OSError, ValueError):  # what is still to be written would end in another error
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(2)
