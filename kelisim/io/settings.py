"""The settings of a case as TOML text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import tomli_w

from kelisim.case.horizon import Horizon
from kelisim.errors import InputProblem

_HEAD = re.compile(r"\s*\[+([^\]]+)\]")
_NAME = re.compile(r"\s*([\w.\"'\s-]+?)\s*=")


def settings_of(settings: Mapping[str, Any], horizon: Horizon) -> dict[str, Any]:
    """Settings with the horizon as it is now."""
    section: dict[str, Any] = {"start": _moment(horizon.start), "end": last_of(horizon.end)}
    if not horizon.listed:  # those stand in the table `steps`
        section["step"] = horizon.step
    if horizon.parts:
        section["parts"] = dict(horizon.parts)
    if horizon.parts and horizon.all_parts:
        section["resolution"] = "part"
    if horizon.offset:
        section["clock"] = clock_of(horizon.offset)
    if horizon.stages:
        section["stages"] = list(horizon.stages)
    if horizon.day_starts:
        section["day_starts"] = horizon.day_starts
    return {**settings, "horizon": section}


def last_of(end: datetime) -> str:
    """The last day of a horizon, or its last hour where it ends within a day."""
    last = end - timedelta(hours=1)
    return last.isoformat() if end.hour or end.minute else last.date().isoformat()


def clock_of(offset: float) -> str:
    """The name of a clock, such as UTC+5."""
    minutes = round(abs(offset) * 60)
    rest = f":{minutes % 60:02d}" if minutes % 60 else ""
    return f"UTC{'-' if offset < 0 else '+'}{minutes // 60}{rest}"


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


def lines_of(text: str) -> dict[str, int]:
    """Line of each section and setting of a TOML text, by path such as "rules.place"."""
    found: dict[str, int] = {}
    section = quote = ""
    for number, line in enumerate(text.split("\n"), 1):
        if quote:
            quote = "" if quote in line else quote
        elif head := _HEAD.match(line):
            section = _path(head[1])
            found.setdefault(section, number)
        elif name := _NAME.match(line):
            path = _path(f"{section}.{name[1]}")
            found.setdefault(path, number)
            found.setdefault(path.partition(".")[0], number)
            quote = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
    return found


def with_lines(problems: Iterable[InputProblem], file: str, lines: Mapping[str, int]) -> list[InputProblem]:
    """The problems of the settings with the line of each, or of its section."""
    return [
        replace(problem, row=lines.get(problem.column) or lines.get(problem.column.partition(".")[0], 0))
        if problem.file == file and not problem.row
        else problem
        for problem in problems
    ]


def _path(text: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in text.split(".")).strip(".")


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else json.dumps(key)
