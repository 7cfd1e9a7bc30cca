"""What studies of projects are asked: which of the case, and numbers for some of them."""

from __future__ import annotations

from kelisim.case import schema
from kelisim.case.case import Case

MOST_YEARS, MOST_WORKERS = 60, 64


def wrong_terms(
    projects: tuple[str, ...],
    capex: tuple[str, ...],
    *,
    rate: float,
    running: float,
    life: int,
    building: int,
    workers: int,
    worth: float,
) -> list[str]:
    """What is wrong with the fields that each study of projects has, but for the projects themselves."""
    wrong: list[str] = []
    for name, _ in named_numbers("capex", capex, wrong):
        if name not in projects:
            wrong.append(f'capex: "{name}" is none of the projects asked about.')
    for field, share in (("rate", rate), ("running", running)):
        if not 0 <= share <= 1:
            wrong.append(f"{field}: {share:g} is not between 0 and 1.")
    for field, count, most in (
        ("life", life, MOST_YEARS),
        ("building", building, MOST_YEARS),
        ("workers", workers, MOST_WORKERS),
    ):
        if not 1 <= count <= most:
            wrong.append(f"{field}: {count} is not between 1 and {most}.")
    if worth < 0:
        wrong.append(f"worth: {worth:g} is below 0.")
    return wrong


def unknown_projects(case: Case, projects: tuple[str, ...], field: str = "projects") -> list[str]:
    """What is wrong with the projects that are asked about in a field, with the nearest right name."""
    known = list(case.table("projects")["project"])
    wrong = []
    for name in projects:
        if name not in known:
            near = schema.nearest(name, known)
            hint = f' Did you mean "{near}"?' if near else f" Known: {schema.some(known)}."
            wrong.append(f'{field}: no project "{name}".{hint}')
    return wrong if projects else [f"{field}: name one at least."]


def named_numbers(field: str, given: tuple[str, ...], wrong: list[str]) -> list[tuple[str, float]]:
    """Names and numbers written name=number; what cannot be read goes into `wrong`."""
    found = []
    for text in given:
        name, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not name.strip() or not 0.0 <= value < float("inf"):
            wrong.append(f'{field}: "{text}" is not name=number with a number of 0 or more.')
        else:
            found.append((name.strip(), value))
    return found
