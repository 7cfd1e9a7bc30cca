"""The settings of a case: sections and keys of case.toml, what is wrong in them, and the horizon that they describe."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from kelisim import units
from kelisim.case import schema
from kelisim.case.horizon import STEPS, Horizon
from kelisim.errors import InputProblem

SETTINGS: dict[str, tuple[str, ...]] = {
    "": ("name", "title", "description", "licence"),
    "horizon": ("start", "end", "step", "blocks", "stages", "day_starts"),
    "money": ("currency", "price_year"),
    "defaults": ("shortfall_price", "level_price", "home"),
    "crisis": ("early_warning", "alert", "emergency"),
    "display": ("units", "credits", "map"),
    "rules": ("place", "time", "tranche_span", "tranches"),
}
PLACE_RULES = ("none", "own_first", "cooperative", "by_contract")
TIME_RULES = ("none", "late", "even")


def settings_problems(settings: Mapping[str, Any], file: str) -> list[InputProblem]:
    """Unknown sections, keys and values of case.toml."""
    wrong = partial(InputProblem, file, 0)
    found = []
    for section, values in settings.items():
        if not isinstance(values, Mapping):
            if section not in SETTINGS[""]:
                near = schema.nearest(section, [*SETTINGS[""], *SETTINGS])
                found.append(wrong(section, "unknown setting.", "", near, "unknown"))
        elif section not in SETTINGS:
            near = schema.nearest(section, list(SETTINGS))
            found.append(wrong(section, "unknown section.", "", near, "unknown"))
        else:
            for key in [key for key in values if key not in SETTINGS[section]]:
                near = schema.nearest(key, SETTINGS[section])
                found.append(wrong(f"{section}.{key}", "unknown setting.", "", near, "unknown"))
    for key, known in (("place", PLACE_RULES), ("time", TIME_RULES)):
        value = settings.get("rules", {}).get(key, "none")
        if value not in known:
            remedy = f"Known: {', '.join(known)}."
            found.append(wrong(f"rules.{key}", f'"{value}" is not a rule.', remedy, rule="choice"))
    currency = settings.get("money", {}).get("currency", "USD")
    if currency not in units.CURRENCIES:
        found.append(wrong("money.currency", f'"{currency}" is not a known currency.', rule="choice"))
    return found


def horizon_of(settings: Mapping[str, Any], file: str) -> tuple[Horizon, list[InputProblem]]:
    """The horizon that case.toml describes, or 2024 by months with the problems found."""
    wrong = partial(InputProblem, file, 0)
    section = settings.get("horizon", {})
    found = []
    stamps = {}
    for key, default in (("start", "2024-01-01"), ("end", "2024-12-31")):
        try:
            stamps[key] = pd.Timestamp(str(section.get(key, default)))
        except ValueError:
            message = f'"{section[key]}" is not a date.'
            found.append(wrong(f"horizon.{key}", message, "Write it as 2024-01-31."))
            stamps[key] = pd.Timestamp(default)
    stamps["end"] += pd.Timedelta(days=1)
    if stamps["end"] <= stamps["start"]:
        remedy = "The end is the last day, included."
        found.append(wrong("horizon.end", "the end lies before the start.", remedy))
        stamps["end"] = stamps["start"] + pd.DateOffset(years=1)
    blocks = tuple((str(k), int(v)) for k, v in dict(section.get("blocks", {})).items())
    step = "blocks" if blocks else str(section.get("step", "1mo"))
    if step not in STEPS:
        remedy = f"Known: {', '.join(STEPS[:3])}, or blocks."
        found.append(wrong("horizon.step", f'"{step}" is not a step.', remedy, rule="choice"))
        step = "1mo"
    if blocks and sum(hours for _, hours in blocks) != 24:
        message = "the hours of the blocks do not add up to 24."
        found.append(wrong("horizon.blocks", message, rule="range"))
        blocks, step = (), "1d"
    stages = tuple(int(year) for year in section.get("stages", ()))
    day_starts = int(section.get("day_starts", 0))
    return Horizon(stamps["start"], stamps["end"], step, blocks, stages, day_starts), found
