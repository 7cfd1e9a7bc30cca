"""What studies of projects are asked: which of the case, and numbers for some of them."""

from __future__ import annotations

from kelisim.case import schema
from kelisim.case.case import Case


def unknown_projects(case: Case, projects: tuple[str, ...]) -> list[str]:
    """What is wrong with the projects that are asked about, with the nearest right name."""
    known = list(case.table("projects")["project"])
    wrong = []
    for name in projects:
        if name not in known:
            near = schema.nearest(name, known)
            hint = f' Did you mean "{near}"?' if near else f" Known: {schema.some(known)}."
            wrong.append(f'projects: no project "{name}".{hint}')
    return wrong if projects else ["projects: name one at least."]


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
