"""Commands that take a case: solve the reference year, check, run a study, convert, and the live map."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kelisim.cli.long import (
    ProgressOption,
    ResumeOption,
    asked_before,
    listener,
    new_place,
    place_of,
    progress,
    sitting,
    words_of,
    workers_at,
)
from kelisim.cli.observed import with_observed
from kelisim.cli.options import (
    CaseArgument,
    ClusterOption,
    EnsembleOption,
    ForceOption,
    JsonOption,
    LanguageOption,
    ScenarioOption,
    StepOption,
    WordsArgument,
    method_name,
    must_be_folder,
    must_be_new,
    rule_name,
    step_length,
    study_and_case,
    study_words,
    with_rules,
)
from kelisim.cli.printing import print_conflicts, print_json, print_run_help, print_summary
from kelisim.errors import CaseError

if TYPE_CHECKING:
    from kelisim.case.case import Case
    from kelisim.engine import Preliminary, Rules
    from kelisim.results.results import Results
    from kelisim.studies.study import Study

INFEASIBLE = 3
_COUNTED = ("places", "links", "assets", "storages", "demand", "markets", "contracts", "resources")


def demo(
    step: Annotated[str, typer.Option("--step", help="1mo or 1d; both if not given.")] = "",
    out: Annotated[Path, typer.Option("--out", help="Folder for the runs and reports.")] = Path("runs"),
    lines: ProgressOption = False,
    _language: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Solve the reference year and write its report.

    By months, which takes seconds, and then by days, which takes minutes the first time.
    """
    import time

    from kelisim.io import reference
    from kelisim.results.store import must_be_writable
    from kelisim.studies import run as run_study
    from kelisim.studies.pages import answer_json
    from kelisim.studies.study import serving

    must_be_folder(out)
    must_be_writable(out)
    found = []
    began = time.perf_counter()
    for one in [step_length(step)] if step else ["1mo", "1d"]:
        with progress(f"reference year, step {one}", lines, as_json) as say:
            from kelisim.engine import Engine

            case = reference(one)
            results = run_study(serving("year"), Engine(case, progress=listener(case, say)))
            say("writing the run and its report")
            folder = results.save(out)
            report_path = results.report(folder / "report.html")
        summary = answer_json(results) | {"step": one, "run": str(folder), "report": str(report_path)}
        found.append(summary)
        if not as_json:
            print_summary(results, folder, {"Report": report_path})
        if not (as_json or step or found[1:]):
            typer.echo(
                f"\nThe first answer is ready, after {time.perf_counter() - began:.0f} s: the year by months, with its "
                "report. Now the same year is solved by days, for what a month hides: cold days, levels of storages, "
                "cuts of a few days.\nThis takes minutes the first time and seconds later; Ctrl-C stops it, and what "
                "is above is kept.\n"
            )
    if as_json:
        print_json(found)


def check(case: CaseArgument, as_json: JsonOption = False) -> None:
    """Read a case and name everything that is wrong with it."""
    from kelisim import catalog
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
        print_json({"case": read.name, "fingerprint": read.fingerprint, "problems": rows})
    elif not problems:
        sizes = ", ".join(
            f"{len(frame):,} {name}" for name, frame in read.tables.items() if len(frame) and name in _COUNTED
        )
        steps = f"{read.horizon.whole:,} steps" + (
            f" in {read.horizon.count:,} parts" if read.horizon.has_parts else ""
        )
        typer.echo(f'No problem in case "{read.name}": {sizes or "no rows yet"}; {steps}.')
    if read.setting("horizon", "blocks") and not as_json:
        typer.echo(catalog.text("words.blocks_note"), err=True)
    if problems:
        if not as_json:
            typer.echo(str(CaseError(read.name, problems)), err=True)
        raise typer.Exit(2)


def run(
    context: typer.Context,
    words: WordsArgument = None,
    step: StepOption = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the run; a new one in ./runs if not given.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write the result tables as an Excel workbook too.")
    ] = None,
    force: ForceOption = False,
    method: Annotated[
        str, typer.Option("--method", help="Solver of the base: simplex if not given, or hipo.")
    ] = "",
    place_rule: Annotated[
        str,
        typer.Option("--place-rule", help="Who goes short first: none, own_first, cooperative, by_contract."),
    ] = "",
    time_rule: Annotated[str, typer.Option("--time-rule", help="When: none, late, even.")] = "",
    scenario: ScenarioOption = "",
    ensemble: EnsembleOption = "",
    cluster: ClusterOption = "",
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Use and keep solved bases.")] = True,
    resume: ResumeOption = "",
    lines: ProgressOption = False,
    _language: LanguageOption = "",
    as_json: JsonOption = False,
    show_help: Annotated[
        bool, typer.Option("--help", help="Show this message, or the fields of a study.")
    ] = False,
) -> None:
    """Ask a study of a case.

    The fields of the study are options, such as --series no: kelisim run STUDY --help lists them.
    """
    plain, fields = study_words(words or [], optional=show_help)
    if resume and not plain and not show_help:
        again = [*asked_before(resume), *words_of(), "--resume", resume]
        raise typer.Exit(context.command.main(again, context.info_name, standalone_mode=False) or 0)
    if show_help or not plain:
        print_run_help(context, plain[0] if plain else "")
        raise typer.Exit
    from kelisim.cli.moves import across, from_files
    from kelisim.engine import Engine
    from kelisim.engine.working import Place
    from kelisim.io import read
    from kelisim.studies.study import create

    study, case = study_and_case(plain)
    study, asked = across(ensemble, study, from_files(fields))
    home = place_of(out, resume, force) or new_place(case, study)  # before the work, not after it
    if xlsx:
        must_be_new(xlsx, force, ".xlsx")
    chosen = create(study, with_rules(asked, study, place_rule=place_rule, time_rule=time_rule))
    title = f"{study} of {case}"
    with (
        sitting(home, title, words_of(), bool(resume)) as going,
        progress(title, lines, as_json) as say,
        workers_at(cluster, chosen) as found,
    ):
        say("reading the case")
        whole = under_scenarios(with_observed(read(case), asked), scenario, step)
        rules, told = rules_asked(whole, chosen, place_rule, time_rule), listener(whole, say)
        engine = Engine(whole, rules, method_name(method), cache, told)
        engine.place = Place(going.keeper(chosen, engine), found)
        with engine.telling_first(first_of(whole, say, as_json)):
            results = chosen.answer(engine)
        say("writing the run")
        folder = going.save(results)
        if xlsx:
            results.to_excel(xlsx)
    _tell(results, folder, xlsx, as_json)
    if not results.is_answered:
        raise typer.Exit(INFEASIBLE)


def _tell(results: Results, folder: Path, xlsx: Path | None, as_json: bool) -> None:
    """What a run says at its end."""
    from kelisim.studies.pages import answer_json

    if as_json:
        print_json(answer_json(results) | {"run": str(folder)} | ({"xlsx": str(xlsx)} if xlsx else {}))
    elif results.is_answered:
        print_summary(results, folder, {"Workbook": xlsx})
    else:
        print_conflicts(results)


def under_scenarios(case: Case, asked: str, step: str = "") -> Case:
    """The case under the scenarios of an option, separated by commas, and at another step if one is given."""
    from kelisim.case.scenarios import under, words_of

    found = under(case, words_of(asked))
    return found.at_step(step_length(step)) if step else found


def rules_asked(case: Case, study: Study, place_rule: str, time_rule: str) -> Rules:
    """The rules of the plan: those of the options, or of the case; a study with rules of its own leaves the plan as it is."""
    from kelisim.engine import Rules

    rules, own = Rules.of(case), study.values()
    place, time = rule_name("place", place_rule), rule_name("time", time_rule)
    return replace(
        rules,
        place=("" if "place_rule" in own else place) or rules.place,
        time=("" if "time_rule" in own else time) or rules.time,
    )


def convert(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help='Case folder, file, or "reference".')],
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="Folder, or file whose ending names the format.")
    ],
    to: Annotated[
        str, typer.Option("--to", help="Format where the ending does not say it, such as pypsa for a folder.")
    ] = "",
    step: StepOption = "",
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a case in another format; what it cannot carry is named."""
    from kelisim.io import left_out, lost, must_be_free, read, write

    case = read(source)
    case = case.at_step(step_length(step)) if step else case
    skipped = left_out(source)
    missing = lost(case, target, to)
    if not force:
        must_be_free(case, target)
    path = write(case, target, to)
    if as_json:
        facts = {"case": case.name, "fingerprint": case.fingerprint, "written": str(path)}
        print_json({**facts, "left_out": skipped, "lost": missing})
        return
    for words, lines in (
        (f"{source} holds more than the case", skipped),
        (f"{path} does not carry", missing),
    ):
        if lines:
            typer.echo("\n".join([f"{words}:", *(f"  {line}" for line in lines)]), err=True)
    typer.echo(f"{case.name} written to {path}")


def serve(
    case: Annotated[
        str,
        typer.Argument(metavar="CASE", help='Case folder, workbook, or "reference", which is the default.'),
    ] = "reference",
    step: Annotated[
        str,
        typer.Option(
            "--step", help="1mo, 1d or 1h; if not given days where they are solved already, else months."
        ),
    ] = "",
    port: Annotated[int, typer.Option("--port", help="Port to listen on.")] = 8080,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; another than this machine needs --users.")
    ] = "127.0.0.1",
    users: Annotated[
        Path | None, typer.Option("--users", help="File of the people who may log in, made by kelisim users.")
    ] = None,
    shows: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
) -> None:
    """Show the live map, all studies and runs in a browser."""
    from kelisim.errors import ExtraMissing
    from kelisim.io import read

    try:
        from kelisim.web.app import check_host
        from kelisim.web.app import serve as serve_pages
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("nicegui", "fastapi", "argon2", "prometheus_client"):
            raise ExtraMissing("web") from error
        raise
    check_host(host, port, users is not None)
    whole = read(case)
    typer.echo(f"{whole.title}: http://{host}:{port} (stop with Ctrl-C)")
    serve_pages(case, whole, step_length(step) if step else "", host, port, users, shows)


def first_of(case: Case, say: Callable[[str], None], as_json: bool) -> Callable[[Preliminary], None] | None:
    """Who is told a first answer: a person at a terminal, in the line that the exact answer takes the place of."""
    if as_json or not (sys.stdout.isatty() and sys.stderr.isatty()):
        return None
    from kelisim.report.words import Words

    words = Words(case)
    return lambda first: say(words.say(first.fact))
