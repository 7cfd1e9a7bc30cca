"""Questions one can ask of a case; one module per study."""

from __future__ import annotations

from typing import Any

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.results.results import Results
from kelisim.studies.study import create


def run(study: str, case: Case | Engine, **fields: Any) -> Results:
    """The answer of a study by name, such as run("balance", reference())."""
    engine = case if isinstance(case, Engine) else Engine(case)
    return create(study, fields).answer(engine)
