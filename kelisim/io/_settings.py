"""The settings of a case as TOML text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kelisim.case.horizon import Horizon


def settings_of(settings: Mapping[str, Any], horizon: Horizon) -> dict[str, Any]:
    """Settings with the horizon as it is now."""
    section: dict[str, Any] = {
        "start": _moment(horizon.start),
        "end": _moment(horizon.end - timedelta(days=1)),
    }
    if horizon.blocks:
        section["blocks"] = dict(horizon.blocks)
    else:
        section["step"] = horizon.step
    if horizon.stages:
        section["stages"] = list(horizon.stages)
    if horizon.day_starts:
        section["day_starts"] = horizon.day_starts
    return {**settings, "horizon": section}


def _moment(moment: datetime) -> str:
    """A day, with the hour where it is not midnight."""
    return moment.isoformat().removesuffix("T00:00:00")


def to_toml(settings: Mapping[str, Any], horizon: Horizon) -> str:
    """TOML text of the settings; reads back to the same."""
    whole = settings_of(settings, horizon)
    lines = [f"{key} = {_value(value)}" for key, value in whole.items() if not isinstance(value, Mapping)]
    for section, values in whole.items():
        if isinstance(values, Mapping):
            lines += [
                "",
                f"[{section}]",
                *(f"{_key(key)} = {_value(value)}" for key, value in values.items()),
            ]
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False)
