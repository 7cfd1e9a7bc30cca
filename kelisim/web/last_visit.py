"""What changed since the page was last opened: the key figures of the year, kept beside the solved bases."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kelisim.errors import UserError
from kelisim.report.words import Words
from kelisim.results.facts import Fact, said
from kelisim.results.files import put_filled
from kelisim.results.known_runs import cache_folder
from kelisim.tolerances import FIGURE_CHANGE
from kelisim.web.session import MapSession

FIGURES = ("unserved", "imported", "exported", "used")
NAMED = 3


@dataclass(frozen=True)
class LastVisit:
    """What changed since the last opening.

    fact    the sentence; `inputs` the one on what it rests on
    """

    fact: Fact
    inputs: Fact

    def say(self, words: Words) -> tuple[str, str]:
        """Both sentences in a language."""
        return words.say(self.fact), words.say(self.inputs)


def since_last_time(plan: MapSession, step: str) -> LastVisit:
    """Compare the key figures with those of the last opening, and keep them for the next."""
    when = datetime.now().isoformat(timespec="minutes")
    now = {"case": plan.case.fingerprint, "key": plan.engine.key, "when": when, "figures": _figures(plan)}
    name = re.sub(r"[^\w.-]", "_", plan.case.name)
    file = f"opened_{name[:40]}_{step}.json"
    before = _read(file)
    is_same = before is not None and (before["figures"], before["case"]) == (now["figures"], now["case"])
    _write(file, {**before, "when": when} if before is not None and is_same else now)
    if before is None:
        return LastVisit(said("web.since.none"), said("web.since.kept"))
    return _told(plan, before, now)


def _figures(plan: MapSession) -> dict[str, float]:
    """country|carrier|column -> amount in the unit of pages."""
    frame = plan.tables.key_figures
    long = frame.melt(["country", "carrier"], list(FIGURES), "column")
    keys = long["country"] + "|" + long["carrier"] + "|" + long["column"]
    return dict(zip(keys, long["value"].astype(float).round(9), strict=True))


def _told(plan: MapSession, before: dict[str, Any], now: dict[str, Any]) -> LastVisit:
    when = datetime.fromisoformat(before["when"])
    changes = []
    for key, value in now["figures"].items():
        old = before["figures"].get(key, 0.0)
        size = max(abs(value), abs(old))
        if size > 1e-6 and abs(value - old) > FIGURE_CHANGE * size:
            changes.append((key.split("|")[2] != "unserved", -abs(value - old) / size, key, old, value))
    same_case = before["case"] == now["case"]
    inputs = said("web.since.same_inputs" if same_case else "web.since.other_inputs")
    if not changes:
        return LastVisit(said("web.since.nothing", when=when), inputs)
    figures = plan.tables.key_figures
    units = dict(zip(figures["carrier"], figures["unit"], strict=True))
    parts = [_change(key, old, value, units) for _, _, key, old, value in sorted(changes)[:NAMED]]
    rest = len(changes) - NAMED
    key = "web.since.changed_more" if rest > 0 else "web.since.changed"
    return LastVisit(said(key, when=when, parts=parts, rest=max(rest, 0)), inputs)


def _change(key: str, old: float, new: float, units: dict[str, str]) -> Fact:
    country, carrier, column = key.split("|")
    where = said("web.since.everywhere") if country == "all" else said("web.since.country", country=country)
    places = {"carrier": carrier, "where": where, "old": old, "new": new, "unit": units.get(carrier, "")}
    return said(f"web.since.{column}", **places)


def _read(file: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((cache_folder() / file).read_text(encoding="utf-8"))
        return found if {"case", "when", "figures"} <= set(found) else None
    except (OSError, ValueError):
        return None


def _write(file: str, facts: dict[str, Any]) -> None:
    """Whole or not at all; a folder that cannot be written only means that nothing is compared next time."""
    with contextlib.suppress(OSError, UserError):
        put_filled(cache_folder() / file, lambda path: path.write_text(json.dumps(facts), encoding="utf-8"))
