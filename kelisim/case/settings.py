"""The settings of a case: what is wrong in case.toml, and the horizon that it describes.

settings.csv is the only description of sections and keys: checks, defaults, documentation and forms read its rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from kelisim import units
from kelisim.case.horizon import MOST_STEPS, Horizon
from kelisim.case.schema import nearest
from kelisim.case.setting_values import Setting, fault, has_hour, moment, printable, shown, utc_offset
from kelisim.errors import InputProblem

_DAY, _HOUR = pd.Timedelta(days=1), pd.Timedelta(hours=1)


@cache
def known() -> dict[str, Setting]:
    """All settings that a case may have, by path, such as "rules.place"."""
    text = (files("kelisim.case") / "settings.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        low, high = (float(row[name]) if row[name] else None for name in ("minimum", "maximum"))
        choices = tuple(row["choices"].split(";")) if row["choices"] else ()
        choices = units.CURRENCIES if row["key"] == "currency" else choices
        setting = Setting(
            row["section"],
            row["key"],
            row["type"],
            row["unit"],
            row["default"],
            low,
            high,
            choices,
            row["description"],
        )
        found[setting.path] = setting
    return found


SECTIONS = tuple(dict.fromkeys(setting.section for setting in known().values() if setting.section))
PLACE_RULES = known()["rules.place"].choices
TIME_RULES = known()["rules.time"].choices


def setting_of(settings: Mapping[str, Any], section: str, key: str) -> Any:
    """One setting of case.toml, or what holds where it is not written."""
    written = settings.get(section, {}) if section else settings
    return written.get(key, known()[f"{section}.{key}" if section else key].value)


def sound(settings: Mapping[str, Any], file: str) -> tuple[dict[str, Any], list[InputProblem]]:
    """The settings that can be relied on, as they are written, and what is wrong with the others."""
    kept: dict[str, Any] = {}
    problems: list[InputProblem] = []
    for name, value in settings.items():
        if name in SECTIONS and isinstance(value, Mapping):
            right, wrong = _rows(name, value, file)
            kept[name] = right
        elif name in SECTIONS:
            remedy = f"Write [{name}] once, and its settings below."
            wrong = [InputProblem(file, 0, name, f"{_kind(value)}, not a section.", remedy, rule="type")]
        else:
            right, wrong = _rows("", {name: value}, file)
            kept |= right
        problems += wrong
    crisis = [setting_of(kept, "crisis", level) for level in ("early_warning", "alert", "emergency")]
    if crisis != sorted(crisis):
        remedy = "early_warning is at most alert, and alert at most emergency."
        problems.append(InputProblem(file, 0, "crisis", "the levels do not rise.", remedy, rule="range"))
    return kept, problems


def _rows(section: str, values: Mapping[str, Any], file: str) -> tuple[dict[str, Any], list[InputProblem]]:
    kept, problems = {}, []
    for key, value in values.items():
        path = f"{section}.{key}" if section else key
        setting = known().get(path)
        if setting is None:
            problems.append(_unknown(section, key, value, file))
        elif found := fault(setting, value):
            problems.append(InputProblem(file, 0, path, found.message, *found[1:]))
        else:
            kept[key] = value
    return kept, problems


def _unknown(section: str, key: str, value: Any, file: str) -> InputProblem:
    is_section = not section and isinstance(value, Mapping)
    path = f"{section}.{printable(key)}" if section else printable(key)
    homes = [
        setting.section for setting in known().values() if setting.key == key and setting.section != section
    ]
    beside = [setting.key for setting in known().values() if setting.section == section]
    words = [*beside, *SECTIONS] if not section else beside
    near = "" if homes else nearest(key, SECTIONS if is_section else words)
    message = "unknown section." if is_section else "unknown setting."
    remedy = ""
    if homes:
        remedy = f"It stands under [{homes[0]}]." if homes[0] else "It stands above all sections."
    elif not near:
        remedy = f"Known: {', '.join(SECTIONS if is_section else words)}."
    return InputProblem(file, 0, path, message, remedy, near, "unknown")


def _kind(value: Any) -> str:
    return "is a list" if isinstance(value, list | tuple) else f"is {shown(value)}"


# ---- the horizon
def horizon_of(settings: Mapping[str, Any], file: str) -> tuple[Horizon, list[InputProblem]]:
    """The horizon that sound settings describe, or 2024 by months with the problems found."""
    problems = [InputProblem(file, 0, *found, rule="range") for found in _faults(settings)]
    return _horizon(settings if not problems else {}), problems


def _faults(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Key, message and remedy of what does not go together in the section `horizon`."""
    section = settings.get("horizon", {})
    step = setting_of(settings, "horizon", "step")
    parts = section.get("parts") or section.get("blocks")
    if step == "blocks" and not parts:
        yield (
            "horizon.blocks",
            "is missing, and the step is blocks.",
            "Write {night = 8, day = 11, evening = 5}.",
        )
        return
    if section.get("parts") and section.get("blocks"):
        yield "horizon.blocks", "stands beside parts, which say the same.", "Remove it."
    elif section.get("blocks") and "step" in section and step != "blocks":
        yield (
            "horizon.step",
            f'"{step}" stands beside blocks, which are steps already.',
            "Remove one of them, or write parts.",
        )
    elif section.get("parts") and step not in ("1d", "1mo", "blocks"):
        yield (
            "horizon.parts",
            f"the step is {step}, and only days and months have parts.",
            'Write step = "1d".',
        )
    hourly = step not in ("1mo", "1d", "blocks")
    in_days = step == "blocks" or bool(section.get("blocks")) or (step == "1d" and bool(parts))
    allowed = {"start": hourly, "end": hourly or in_days}
    for key, has_hours in allowed.items():
        if key in section and not has_hours and moment(section[key]).hour:
            remedy = "Write the day; a day that begins at another hour has day_starts."
            yield f"horizon.{key}", f"has an hour, and the step is {step}.", remedy
            return
    horizon = _horizon(settings)
    if horizon.end <= horizon.start:
        yield "horizon.end", "the end lies before the start.", "The end is the last day, included."
    elif (steps := _steps(horizon)) > MOST_STEPS:
        yield "horizon.end", f"there are {steps:,.0f} steps.", f"At most {MOST_STEPS:,} are solved."


def _horizon(settings: Mapping[str, Any]) -> Horizon:
    section = settings.get("horizon", {})
    written = section.get("parts") or section.get("blocks") or {}
    parts = tuple((str(name), int(hours)) for name, hours in written.items())
    step = setting_of(settings, "horizon", "step")
    is_old = bool(section.get("blocks")) or step == "blocks"
    step = "1d" if is_old else step
    first, last = (
        pd.Timestamp(moment(section[key]).isoformat()) if key in section else None for key in ("start", "end")
    )
    start = first or pd.Timestamp(last.year if last else 2024, 1, 1)
    may_have_hour = step not in ("1mo", "1d") or (step == "1d" and bool(parts))
    is_hour = may_have_hour and last is not None and has_hour(section["end"])
    end = (last or pd.Timestamp(start.year, 12, 31)) + (_HOUR if is_hour else _DAY)
    stages = tuple(int(year) for year in section.get("stages", ()))
    clock = setting_of(settings, "horizon", "clock")
    return Horizon(
        start,
        end,
        step,
        parts,
        stages,
        int(setting_of(settings, "horizon", "day_starts")),
        utc_offset(clock) if clock else 0.0,
        is_old or setting_of(settings, "horizon", "resolution") == "part",
    )


def _steps(horizon: Horizon) -> float:
    days = float((horizon.end - horizon.start) / _DAY)
    parts = max(len(horizon.parts), 1)
    in_a_day = {"1mo": 2 * parts / 28, "1d": parts}.get(horizon.step)
    return days * (24 / horizon.tick_hours if in_a_day is None else in_a_day)
