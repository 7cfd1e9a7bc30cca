"""What the words of the command line may be, and what they mean."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kelisim.errors import UserError

CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help='Case folder, workbook, or "reference" for the shipped case.')
]
StepOption = Annotated[
    str, typer.Option("--step", help="Length of a step: 1mo, 1d or 1h; the case's own if not given.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


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


def study_fields(words: list[str], study: str = "", **options: str) -> dict[str, Any]:
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


def newest() -> str:
    from kelisim.results.store import list_runs

    frame = list_runs(None)
    if frame.empty:
        raise UserError("There is no run yet. Make one: kelisim run balance reference")
    return str(frame.iloc[0]["run"])
