"""What a study is: a frozen set of fields with help and units, and `run(engine) -> Results`.

A new study is one module in this folder; it is found by its class, and the command line, the web forms and the line
"computed with" read its fields.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, replace
from datetime import date
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from typing import Any, ClassVar, get_type_hints

import pandas as pd

from kelisim import __version__
from kelisim.case import schema
from kelisim.engine import Engine, Window
from kelisim.errors import InternalError, StudyError
from kelisim.results import by_months, missing
from kelisim.results.facts import Fact, facts_frame
from kelisim.results.results import UNSOLVED, Results
from kelisim.results.schema import units_of

_NOT_STUDIES = (
    "study",
    "conformance",
    "outage_fields",
    "first_three",
    "helping",
    "interval",
    "keeping_rules",
    "pages",
    "side_by_side",
    "building_fields",
    "spending",
    "__init__",
)


def param(
    text: str,
    *,
    unit: str = "",
    default: Any = MISSING,
    choices: Sequence[str] = (),
    refers_to: Sequence[str] = (),
    of_case: str = "",
    has_lines: bool = False,
) -> Any:
    """A field of a study: its help, unit, allowed values, and the tables its identifiers come from.

    of_case    allowed values that the case has: `parts` of the day; empty is one of them
    has_lines  whether it is a text of several lines
    """
    metadata: dict[str, Any] = {
        "help": text,
        "unit": unit,
        "choices": tuple(choices),
        "refers_to": tuple(refers_to),
    }
    metadata |= {"of_case": of_case, "has_lines": has_lines}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Study:
    """One question. The constructor only stores; `run` asks the engine.

    name    of the study: that of its file or folder
    serves  what a page or command asks for without knowing who answers: year, cut, cut_with_measures, regions, game
    lets_go  whether it shows who goes short in an answer, and so what is let go in it (table places.let_go); False of statistics over
             many answers and of one side of the plan
    solves  whether it needs the least-cost year; one that reads records and does sums does not
    needs_days  whether it decides who goes short when: by months its first sentence says that it is a draft (results/by_months.py)
    goes_on  whether a study with workers keeps its pieces, so that a stopped run goes on; False where a piece depends on those before
    tables  of a study of one file: its result tables as the text of a tables.csv, see results/schema.py
    """

    name: ClassVar[str] = ""
    serves: ClassVar[str] = ""
    lets_go: ClassVar[bool] = True
    solves: ClassVar[bool] = True
    needs_days: ClassVar[bool] = False
    goes_on: ClassVar[bool] = True
    tables: ClassVar[str] = ""

    def run(self, engine: Engine) -> Results:
        """The answer as tables with units, made with `results`."""
        raise InternalError(f"the study {type(self).__name__} has no run")

    def answer(self, engine: Engine) -> Results:
        """The answer, and how long it took."""
        began = time.perf_counter()
        found = self.run_in_steps(engine)
        timings = {**found.meta.get("timings", {}), "study": time.perf_counter() - began}
        return replace(found, meta={**found.meta, "timings": timings})

    def run_in_steps(self, engine: Engine) -> Results:
        """What `run` returns, in the steps that the question needs; those of the case if a study says nothing else."""
        return self.run(engine)

    def results(
        self,
        engine: Engine,
        frames: Mapping[str, pd.DataFrame],
        facts: Iterable[Fact] = (),
        window: Window | None = None,
        fields: Mapping[str, Any] | None = None,
        **meta: Any,
    ) -> Results:
        """What `run` returns.

        frames  result tables by name, as tables.csv describes them
        facts   what the answer says, the most important first
        window  in which it was found, if it was one
        fields  values that were found for fields that were left open, such as the day
        meta    more of what made it
        """
        case = engine.case
        values = self.values()
        about = provenance(engine) if self.solves else records(engine)
        about["rules"] |= {k: values[f"{k}_rule"] for k in ("place", "time", "help") if f"{k}_rule" in values}
        if window is not None:
            last = window.steps["end"].iloc[-1] - pd.Timedelta(hours=1)
            days = [str(moment.date()) for moment in (window.steps["step"].iloc[0], last)]
            about |= {"window": days, "solves": dict(window.counts)}
        is_draft = self.needs_days and about["status"] == "optimal"
        first = missing.infeasible(case, engine.base) if self.solves else []
        first += by_months.draft(case, *self._outage(fields)) if is_draft else []
        tables = {"facts": facts_frame([*first, *facts]), **frames}
        units = {n: unit for n, unit in units_of(self.name, case.currency).items() if n in tables}
        return Results(self.name, values | dict(fields or {}), case, tables, units, about | meta)

    @staticmethod
    def _outage(fields: Mapping[str, Any] | None) -> tuple[date | None, int]:
        """First day and length of the outage, where a study has one."""
        days = (fields or {}).get("days", 0)
        return ((fields or {}).get("start") if days else None), days

    def unanswered(self, engine: Engine) -> Results:
        """What `run` returns for a case without a least-cost year: limits that cannot hold together."""
        found = engine.conflicts() if engine.base.status == "infeasible" else []
        rows = [(*conflict.label, conflict.lower, conflict.upper) for conflict in found]
        columns = ["table", "element", "step", "lower", "upper"]
        return self.results(engine, {"conflicts": pd.DataFrame(rows, columns=columns)})

    @classmethod
    def heading(cls) -> str:
        """First paragraph of the docstring: what the help and the list of studies say."""
        return (cls.__doc__ or "").strip().split("\n\n")[0]

    def values(self) -> dict[str, Any]:
        """The fields as they are set."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


def names() -> list[str]:
    """Names of all studies, from the files and folders of this folder, without importing them."""
    found = []
    for entry in (files("kelisim") / "studies").iterdir():
        if entry.name.endswith(".py") and entry.name[:-3] not in _NOT_STUDIES:
            found.append(entry.name[:-3])
        elif entry.is_dir() and (entry / "study.py").is_file():
            found.append(entry.name)
    return sorted(found)


def find(name: str) -> type[Study]:
    """The class of a study. Raises StudyError with the nearest name."""
    if name not in names():
        near = schema.nearest(name, names())
        hint = f'Did you mean "{near}"?' if near else f"Known: {', '.join(names())}."
        raise StudyError(f'no study "{name}". {hint}')
    is_folder = (files("kelisim") / "studies" / name).is_dir()
    module = import_module(f"kelisim.studies.{name}.study" if is_folder else f"kelisim.studies.{name}")
    classes = [
        value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Study)
    ]
    found = [value for value in classes if value.__module__ == module.__name__]
    if len(found) != 1:
        raise InternalError(f"the module of the study {name} must hold one study, not {len(found)}")
    return found[0]


@cache
def serving(what: str) -> str:
    """Name of the study that serves a page or command which asks for this."""
    (found,) = (name for name in names() if find(name).serves == what)
    return found


def create(name: str, fields: dict[str, Any]) -> Study:
    """A study with its fields from text or values. Raises StudyError that lists all that is wrong."""
    cls = find(name)
    known = {field.name: field for field in dataclasses.fields(cls)}
    hints, forms = get_type_hints(cls), forms_of(cls)
    wrong, values = [], {}
    for key, value in fields.items():
        if key not in known:
            near = schema.nearest(key, known)
            hint = f'Did you mean "{near}"?' if near else f"Known: {', '.join(known)}."
            wrong.append(f'the study {name} has no field "{key}". {hint}')
            continue
        try:
            values[key] = _typed(value, hints[key])
        except ValueError:
            wrong.append(f'{key}: "{value}" is not {forms[key]} ({known[key].metadata["help"]}).')
            continue
        choices = known[key].metadata.get("choices", ())
        if choices and values[key] not in choices:
            near = schema.nearest(str(value), choices)
            hint = f' Did you mean "{near}"?' if near else ""
            wrong.append(f'{key}: "{value}" is not one of its values.{hint} Known: {", ".join(choices)}.')
    for key, field in known.items():
        if field.default is MISSING and key not in fields:
            wrong.append(f"{key} is missing: {field.metadata['help']}.")
    if wrong:
        raise StudyError("\n".join(wrong))
    return cls(**values)


_FORMS = {
    "int": "a whole number such as 3",
    "float": "a number such as 0.5",
    "bool": "yes or no",
    "tuple": "values separated by commas",
    "date": "a date such as 2024-01-15",
}


def forms_of(study: type[Study]) -> dict[str, str]:
    """How the value of each field is written: "a date such as 2024-01-15"; empty for a text, and where its help says it."""
    hints = get_type_hints(study)
    found = {}
    for field in dataclasses.fields(study):
        kind = getattr(hints[field.name], "__name__", "")
        kind = kind if kind in _FORMS else "date" if "date" in str(hints[field.name]) else ""
        choices = field.metadata.get("choices", ())
        is_told = kind == "tuple" and "comma" in field.metadata["help"]
        found[field.name] = (
            f"one of {', '.join(choices)}" if choices else "" if is_told else _FORMS.get(kind, "")
        )
    return found


def _typed(value: Any, kind: Any) -> Any:
    if not isinstance(value, str):
        return value
    if kind is int:
        return int(value)
    if kind is float:
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(value)
        return number
    if kind is bool:
        if value.lower() not in ("yes", "no", "true", "false"):
            raise ValueError(value)
        return value.lower() in ("yes", "true")
    if str(kind).startswith("tuple"):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    if "date" in str(kind):
        return date.fromisoformat(value)
    return value


def records(engine: Engine) -> dict[str, Any]:
    """What made a result for which nothing was solved."""
    return {
        "fingerprint": engine.case.fingerprint,
        "status": UNSOLVED,
        "objective": None,
        "rules": {},
        "versions": {
            "kelisim": __version__,
            **{name: _version(name) for name in ("numpy", "pandas", "scipy")},
        },
        "timings": dict(engine.timings),
        "counts": dict(engine.counts),
        "method": "",
        "credits": list(engine.case.setting("display", "credits")),
    }


@cache
def _version(name: str) -> str:
    """Version of a package; looking it up reads files, which each answer would pay for."""
    return version(name)


def provenance(engine: Engine) -> dict[str, Any]:
    """What made a result: fingerprint, versions, timings, counts, rules."""
    base = engine.base
    return {
        "fingerprint": engine.case.fingerprint,
        "status": base.status,
        "objective": base.objective,
        "rules": {"place": base.facts.get("place_rule", "none"), "time": base.facts.get("time_rule", "none")},
        "versions": {
            "kelisim": __version__,
            **{name: _version(name) for name in ("highspy", "numpy", "pandas", "scipy")},
        },
        "timings": dict(engine.timings),
        "counts": {
            **engine.counts,
            **{k: base.facts[k] for k in ("rows", "columns", "nonzeros", "iterations") if k in base.facts},
        },
        "method": base.facts.get("method", ""),
        "credits": list(engine.case.setting("display", "credits")),
    }
