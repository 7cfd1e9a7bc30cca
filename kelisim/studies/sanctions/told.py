"""Verdicts as tables with the names of the case: the day asked about, all of them, and the days on which something turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from kelisim.compliance.world import World
from kelisim.ledger.rules import VERDICTS, DatedLicence, DatedRule, Subject, Verdict, holds
from kelisim.results.names import element_names
from kelisim.results.schema import framed

TRADED = ("operate", "import", "carry", "pay")  # acts that the page of a day shows
NAMED = 3
# tables whose names say most come first
FIRST = ("contracts", "dealings", "assets", "entities", "markets", "demand", "storages", "links")


@dataclass(frozen=True)
class ToldVerdicts:
    """Verdicts with names."""

    world: World
    subjects: Sequence[Subject]
    verdicts: Sequence[Verdict]

    @cached_property
    def by_subject(self) -> dict[tuple[str, str], Subject]:
        return {(one.table, one.name): one for one in self.subjects}

    def subject(self, one: Verdict) -> Subject:
        return self.by_subject[one.table, one.subject]

    # ---- names
    @cached_property
    def names(self) -> dict[str, str]:
        """Names of elements, companies, dealings, and customers abroad by their place."""
        case = self.world.case
        found = element_names(case)
        found |= dict(case.table("dealings")[["dealing", "name"]].itertuples(index=False))
        found |= dict(case.table("entities")[["entity", "name"]].itertuples(index=False))
        for one in self.subjects:
            if one.table == "demand":
                place, _, _ = one.name.partition(":")
                found[one.name] = found.get(place, place)
        return found

    def name(self, identifier: str) -> str:
        return self.names.get(identifier, identifier)

    @cached_property
    def rules(self) -> dict[str, str]:
        """Name of each rule: its programme and whom or what it aims at."""
        rows = self.world.case.table("restrictions")
        found = {}
        for row in rows.itertuples(index=False):
            aims = ", ".join(self.name(word.strip()) for word in str(row.target).split(";"))
            found[row.restriction] = f"{row.programme}: {aims}" if len(aims) < 60 else row.programme
        return found

    @cached_property
    def licences(self) -> dict[str, str]:
        rows = self.world.case.table("licences")
        return dict(zip(rows["licence"], rows["number"], strict=True))

    def who(self, one: Verdict) -> str:
        """Chain of owners, the listed one first: "Lukoil PJSC 13.5 % of Karachaganak Petroleum Operating"."""
        turned = [
            f"{self.name(owner)} {100 * share:.4g} % of {self.name(owned)}"
            for owner, owned, share in one.chain
        ]
        return "; ".join(reversed(turned))

    # ---- tables
    def of_day(self, day: date) -> pd.DataFrame:
        """What holds on a day, of what is at home, comes from there or crosses it."""
        found = [one for one in self.on(day) if self.world.is_home(self.subject(one))]
        found.sort(key=lambda one: (-VERDICTS.index(one.verdict), -(one.share or 0.0)))
        rows = []
        for one in found:
            lifted = [*one.licences, *one.barred]
            rows.append(
                (
                    one.table,
                    one.subject,
                    one.authority,
                    one.act,
                    one.part,
                    self.name(one.subject),
                    one.verdict,
                    one.share,
                    self.who(one),
                    "; ".join(self.rules[name] for name in one.rules),
                    "; ".join(dict.fromkeys(self.licences[name] for name in lifted)),
                    self._since(one),
                    pd.Timestamp(one.end),
                    "; ".join(sorted({origin for name in one.rules for origin in self._origins[name]})),
                    "; ".join(one.doubts),
                    one.confidence,
                )
            )
        return framed("sanctions", "day", rows)

    @cached_property
    def _origins(self) -> dict[str, tuple[str, ...]]:
        return {rule.name: rule.origins for rule in self.world.rules}

    def _since(self, one: Verdict) -> pd.Timestamp:
        """First day of the latest of the rules that touch it; empty if none is known."""
        starts = [rule.start for rule in self.world.rules if rule.name in one.rules and rule.start]
        return pd.Timestamp(max(starts)) if starts else pd.NaT

    def on(self, day: date) -> list[Verdict]:
        """Verdicts other than clear that hold on a day, of acts of trade."""
        return [
            one
            for one in self.verdicts
            if one.start <= day <= one.end and one.verdict != "clear" and one.act in TRADED
        ]

    def all(self) -> pd.DataFrame:
        """Every verdict from day to day."""
        rows = [
            (
                one.table,
                one.subject,
                one.authority,
                one.act,
                one.part,
                pd.Timestamp(one.start),
                pd.Timestamp(one.end),
                self.name(one.subject),
                one.verdict,
                one.share,
                self.who(one),
                "; ".join(self.rules[name] for name in one.rules),
                "; ".join(self.licences[name] for name in one.licences),
                "; ".join(self.licences[name] for name in one.barred),
                "; ".join(one.conditions),
                "; ".join(one.doubts),
                one.confidence,
            )
            for one in self.verdicts
        ]
        return framed("sanctions", "verdicts", rows)

    def in_force(self, day: date) -> pd.DataFrame:
        """Licences and carve-outs in force on a day."""
        rows = self.world.case.table("licences").set_index("licence")
        found = []
        for one in self.world.licences:
            if holds(one, day):
                row = rows.loc[one.name]
                end = pd.Timestamp(one.end) if one.end else pd.NaT
                told = (one.name, row["number"], one.authority, row["kind"], row["scope"], end)
                found.append((*told, one.confidence))
        return framed("sanctions", "licences", found)

    def turns(self, start: date, end: date) -> pd.DataFrame:
        """Days on which a rule or a licence begins, or has just ended, and whose verdict changes with it."""
        changed = self._changed()
        rows: list[tuple[Any, ...]] = []
        kinds: tuple[tuple[str, Sequence[DatedRule | DatedLicence], dict[str, str]], ...] = (
            ("rule", self.world.rules, self.rules),
            ("licence", self.world.licences, self.licences),
        )
        for what, found, names in kinds:
            for one in found:
                ends = None if one.end is None else one.end + timedelta(days=1)
                for way, day in (("begins", one.start), ("ends", ends)):
                    if day is None or not start <= day <= end:
                        continue
                    who = self._touched(one, changed[one.authority, day])
                    told = (pd.Timestamp(day), what, one.name, way, names[one.name], one.authority, len(who))
                    rows.append((*told, "; ".join(who[:NAMED]), one.confidence))
        rows.sort(key=lambda row: (row[0], row[3], row[1], row[2]))
        return framed("sanctions", "turns", rows)

    def _changed(self) -> dict[tuple[str, date], list[Verdict]]:
        """(authority, day) -> verdicts that begin there, or have just ended."""
        found: dict[tuple[str, date], list[Verdict]] = defaultdict(list)
        for one in self.verdicts:
            if one.authority:
                found[one.authority, one.start].append(one)
                found[one.authority, one.end + timedelta(days=1)].append(one)
        return found

    def _touched(self, row: DatedRule | DatedLicence, some: Iterable[Verdict]) -> list[str]:
        """Names of those at home whose verdict changes and rests on the row on one of the two sides."""
        found = [
            one
            for one in some
            if row.name in (*one.rules, *one.licences, *one.barred) and self.world.is_home(self.subject(one))
        ]
        found.sort(key=lambda one: FIRST.index(one.table))
        return list(dict.fromkeys(self.name(one.subject) for one in found))
