"""What the words of the command line may be, and what they mean."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from kelisim.errors import UserError

NEWEST = "newest"  # the name under which the latest run goes


def known_cases(begun: str) -> list[str]:
    """Cases in this folder, for completion; the shell completes other paths."""
    found = [
        "reference",
        *(f.parent.name for f in Path().glob("*/case.toml")),
        *map(str, Path().glob("*.xlsx")),
    ]
    return [name for name in found if name.startswith(begun)]


def known_words(begun: str) -> list[str]:
    """Studies and cases, for completion."""
    studies = (
        entry.name for entry in (files("kelisim") / "studies").iterdir() if (entry / "study.py").is_file()
    )
    return [name for name in sorted(studies) if name.startswith(begun)] + known_cases(begun)


def known_runs(begun: str) -> list[str]:
    """Names of runs, the latest first, for completion."""
    from kelisim.results.known_runs import remembered

    return [name for name in dict.fromkeys(folder.name for folder in remembered()) if name.startswith(begun)]


CaseArgument = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help='Case folder, workbook, or "reference" for the shipped case.',
        autocompletion=known_cases,
    ),
]
WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="STUDY CASE [FIELDS]",
        help='Name of the study; case folder, workbook, or "reference"; fields of the study, such as --days 14.',
        autocompletion=known_words,
    ),
]
EnsembleOption = Annotated[
    str,
    typer.Option(
        "--ensemble",
        help="CSV file of scenarios (scenario, acts_on, value, unit, start, end): the study is asked of each.",
    ),
]
ClusterOption = Annotated[
    str,
    typer.Option(
        "--cluster",
        help="Scheduler of Dask, tcp://host:port or tls://host:port, whose workers solve in the place of --workers.",
    ),
]
StepOption = Annotated[
    str, typer.Option("--step", help="Length of a step: 1mo, 1d or 1h; the case's own if not given.")
]
ScenarioOption = Annotated[
    str,
    typer.Option(
        "--scenario",
        help="Scenarios of the case, separated by commas; NAME:low or NAME:high for an end of its range.",
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over what is there.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def known_languages(begun: str) -> list[str]:
    """Languages that answers can be in, for completion."""
    from kelisim import catalog

    return [code for code in catalog.languages() if code.startswith(begun)]


def _speak(context: typer.Context, language: str) -> str:
    """Speak a language until the command ends."""
    from kelisim import catalog

    if language and not context.resilient_parsing:
        if language not in catalog.languages():
            near = catalog.meant(language)
            raise UserError(
                f'--language: "{language}" is not a language that kelisim speaks.'
                f"{f' Did you mean {near}?' if near else ''} Known: {', '.join(catalog.languages())}."
            )
        context.with_resource(catalog.speaking(language))
    return language


LanguageOption = Annotated[
    str,
    typer.Option(
        "--language",
        help="Language of answers, reports and tables: en, ru or kk; English if not given.",
        callback=_speak,
        envvar="KELISIM_LANGUAGE",
        autocompletion=known_languages,
    ),
]


_FILES = [
    ".csv",
    ".docx",
    ".geojson",
    ".htm",
    ".html",
    ".json",
    ".md",
    ".nc",
    ".odt",
    ".parquet",
    ".pdf",
    ".svg",
    ".png",
    ".txt",
    ".xls",
    ".xlsx",
    ".zip",
]


def must_be_folder(out: Path) -> None:
    """Raises UserError where the name of a folder of runs is that of a file."""
    if out.suffix.lower() in _FILES and not out.is_dir():
        raise UserError(
            f'--out: a run is a folder, and "{out.name}" would be a {out.suffix} file. Did you mean "{out.stem}"? '
            "kelisim report makes a file of a run."
        )


def step_length(step: str) -> str:
    if step not in ("1mo", "1d", "1h"):
        raise UserError(f'--step: "{step}" is not a step. Known: 1mo, 1d, 1h.')
    return step


def rule_name(kind: str, rule: str) -> str:
    from kelisim.case.settings import PLACE_RULES, TIME_RULES

    known = PLACE_RULES if kind == "place" else TIME_RULES
    if rule and rule not in known:
        raise UserError(f'--{kind}-rule: "{rule}" is not a rule. Known: {", ".join(known)}.')
    return rule


def method_name(method: str) -> str:
    if method not in ("", "simplex", "hipo"):
        raise UserError(f'--method: "{method}" is not a method. Known: simplex, hipo.')
    return method


def study_words(words: list[str], optional: bool = False) -> tuple[list[str], dict[str, str]]:
    """What stands before and between the options, and the fields of a study: days = 30 from --days=30 or --days 30.

    optional  whether a field may stand without its value
    """
    plain: list[str] = []
    fields: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            plain.append(word)
            continue
        name, equals, value = word[2:].partition("=")
        if not equals:
            value = next(rest, "--")
            if value.startswith("--") and not optional:
                raise UserError(f"--{name} needs a value: --{name} VALUE.")
        key = name.replace("-", "_")
        fields[key] = f"{fields[key]},{value}" if key in fields else value
    return plain, fields


def study_and_case(words: list[str]) -> tuple[str, str]:
    """The study and the case of `kelisim run`. Raises UserError that says how it is written."""
    from kelisim.studies.study import find, names

    study, case, *more = [*words, "", ""]
    if case in names() and study not in names():
        raise UserError(f"The study comes first: kelisim run {case} {quote(study)}")
    find(study)
    if not case:
        raise UserError(f"Of which case? kelisim run {study} CASE, such as kelisim run {study} reference")
    if any(more):
        raise UserError(f'"{more[0]}" is not expected here; fields are written as --name value.')
    return study, case


def with_rules(fields: dict[str, Any], study: str, **rules: str) -> dict[str, Any]:
    """Fields of a study with the rules that are fields of it as well."""
    import dataclasses

    from kelisim.studies.study import find

    known = {field.name for field in dataclasses.fields(find(study))}
    return fields | {name: value for name, value in rules.items() if value and name in known}


def run_folder(name: str = "") -> Path:
    """Folder of a run, by its path or its name, wherever it was written; the newest where none is named.

    One that is not at the path given and not in the folder of runs is said, on standard error.
    """
    from kelisim.case import schema
    from kelisim.errors import RunError
    from kelisim.results.known_runs import HEAD, remembered
    from kelisim.results.store import PARTIAL, find, list_runs

    if name in ("", NEWEST):
        frame = list_runs(anywhere=True)
        frame = frame[frame["status"] != PARTIAL]
        if frame.empty:
            raise UserError("There is no run yet. Make one: kelisim run balance reference")
        found = Path(str(frame.iloc[0]["folder"]))
    else:
        path = Path(name).parent if Path(name).name == HEAD else Path(name)
        try:
            return find(path)
        except RunError:
            same = [folder for folder in remembered() if folder.name == name]
            known = [] if same else list_runs(anywhere=True)["run"].tolist()
            if path.exists() or not (same or known):
                raise
            if not same:
                near = schema.nearest(name, known)
                hint = f'Did you mean "{near}"?' if near else f"The latest: {schema.some(known, 3)}."
                raise RunError(f'no run "{name}", here or elsewhere. {hint}') from None
        found = same[0]
    typer.echo(f"Run: {found}", err=True)
    return found


def unfinished_at(name: str) -> Path | None:
    """Folder of a run that is not finished, by its path or its name, wherever it is; None where there is no such one."""
    from kelisim.results.known_runs import HEAD, remembered
    from kelisim.results.store import runs_folder
    from kelisim.results.unfinished import is_unfinished

    if not name or name == NEWEST:
        return None
    here = [runs_folder() / name, Path(name), *(folder for folder in remembered() if folder.name == name)]
    found = next((one for one in here if (one / HEAD).is_file() or is_unfinished(one)), None)
    return found if found is not None and not (found / HEAD).is_file() else None


def must_be_new(path: Path, force: bool, ending: str) -> None:
    """Raises UserError where a file has another ending than its content, would be written over another, or cannot be."""
    from kelisim.results.files import must_be_writable

    if path.is_dir() or path.suffix.lower() != ending:
        near = path.with_suffix(ending).name
        raise UserError(f'"{path}": name a file that ends in {ending}. Did you mean "{near}"?')
    if path.exists() and not force:
        raise UserError(f'"{path}" is there already. Name another file, or write over it with --force.')
    try:
        must_be_writable(path.parent)  # before the work, not after it
    except OSError as error:
        raise UserError(f'"{path}" cannot be written: {error.strerror or error}.') from error
