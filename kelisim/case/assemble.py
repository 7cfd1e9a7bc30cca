"""From text tables to a case: types, units, references and rules, all problems collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from kelisim.case import checks, listed, schema
from kelisim.case.case import Case
from kelisim.case.series import Series
from kelisim.case.settings import horizon_of, sound
from kelisim.errors import CaseError, InputProblem


def assemble(
    settings: Mapping[str, Any],
    raw: Mapping[str, pd.DataFrame],
    files: Mapping[str, str],
    already: Sequence[InputProblem] = (),
    series: Mapping[str, Series] | None = None,
) -> tuple[Case, list[InputProblem]]:
    """A case from text cells, with everything that is wrong in it.

    settings  contents of case.toml
    raw       table name -> text cells, index the line in the file
    files     table name -> what to call it in a message; "case" for the settings
    already   what was wrong with the files themselves; what follows from it is not told
    series    values by step of profiles that have a row without a time
    """
    file = files.get("case", "case.toml")
    kept, problems = sound(settings, file)
    horizon, unsure = horizon_of(kept, file)
    problems += unsure
    tables = {}
    known = schema.tables()
    for name, cells in raw.items():
        if name not in known:
            near = schema.nearest(name, list(known))
            problems.append(
                InputProblem(
                    files.get(name, name),
                    0,
                    "",
                    "no such table.",
                    f"Known: {schema.some(known, 40)}.",
                    near,
                    "unknown",
                )
            )
            continue
        tables[name], wrong = schema.parse(known[name], cells, files.get(name, f"{name}.csv"))
        problems += wrong
    if "steps" in tables and not unsure:
        rows, name = tables["steps"], files.get("steps", "steps.csv")
        horizon, wrong = listed.with_steps(horizon, kept, rows, name, file)
        problems += wrong
    case = Case(kept, MappingProxyType(tables), dict(files), horizon, dict(series or {}))
    problems += checks.references(case)
    problems += checks.run(case, already=[*already, *problems])
    return case, problems


def require(result: tuple[Case, list[InputProblem]]) -> Case:
    """The case, or CaseError with all problems."""
    case, problems = result
    if problems:
        raise CaseError(case.name, problems)
    return case
