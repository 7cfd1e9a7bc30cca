"""The settings of a case as TOML text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import tomli_w

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
    return tomli_w.dumps(settings_of(settings, horizon))


def in_one_line(value: Any) -> str:
    """A value as TOML writes it in one line, such as {night = 8, day = 16}."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {in_one_line(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(in_one_line, value)) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else json.dumps(key)
