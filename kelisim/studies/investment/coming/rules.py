"""Rules of trade as an outlook: what they stop is out of service all year, as under the answer "stop" of the study sanctions.

What stands in the home country, or whose goods come from there or cross it, counts, and dealings and bookings of it; nothing that others do among
themselves. Rules bind persons of their authority: the outlook is what follows if everybody keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage
from kelisim.compliance.exposure import Exposure
from kelisim.compliance.world import World
from kelisim.engine import Engine
from kelisim.ledger.rules import Subject, Verdict
from kelisim.results.tables import Tables
from kelisim.studies.investment.coming.outlooks import LISTED, SANCTIONS, ComingYear, OutlookPart
from kelisim.studies.keeping_rules import STOPS, Impact

HALF = 0.5
SUPPOSED = "supposed"  # authority of a listing that nobody has made


def stopped_by(part: OutlookPart) -> Iterator[tuple[str, str, float]]:
    """Table, element and share of all that the rules of an outlook stop."""
    for one in part.changes:
        if isinstance(one, Outage):
            yield one.table, one.element, one.share
        elif isinstance(one, Dated):
            yield from ((one.table, element, 1.0 - one.value) for element in one.elements)


@dataclass(frozen=True)
class KeptRules:
    """What rules stop in a year of the case with all projects in service.

    engine  of the case without them, whose plan says how much a part of an owner is
    full    the case with them
    """

    engine: Engine
    full: Case

    def year(self, one: ComingYear) -> ComingYear:
        """An outlook with the changes of its rules."""
        return replace(one, parts=tuple(self._part(part) for part in one.parts))

    def _part(self, part: OutlookPart) -> OutlookPart:
        if part.kind == SANCTIONS:
            return replace(part, changes=tuple(self.in_force(date.fromisoformat(part.of), part.by)))
        if part.kind == LISTED:
            return replace(part, changes=tuple(self.listed(part.of)))
        return part

    @cached_property
    def _world(self) -> World:
        return World(self.full)

    @property
    def _first(self) -> date:
        return self.full.horizon.start.date()

    @property
    def _last(self) -> date:
        return (self.full.horizon.end - timedelta(days=1)).date()

    def in_force(self, day: date, authority: str = "") -> list[Change]:
        """What the rules in force on a day stop, all year; of one authority or of all."""
        return self._stopped(self._world, self._found(self._world, day, authority))

    def listed(self, entity: str) -> list[Change]:
        """What stops if nobody may deal with a company, or with what it holds by half or more.

        A pipe or line into the home country stops too where all that comes to its start comes over what the company holds.
        """
        rule = {
            "restriction": SUPPOSED,
            "authority": SUPPOSED,
            "programme": SUPPOSED,
            "target_type": "entity",
        }
        rule |= {"target": entity, "effect": "prohibit", "ownership_test": "summed", "threshold": str(HALF)}
        alone, _ = schema.parse(schema.tables()["restrictions"], pd.DataFrame([rule]), SUPPOSED)
        none = self.full.table("licences").iloc[:0]
        world = World(self.full.with_table("restrictions", alone).with_table("licences", none))
        found = self._found(world, self._first)
        held = {one.name for one, verdict in found if one.table == "links" and verdict.share == 1.0}
        across = [Outage(link, table="links") for link in self._fed_by(held)]
        return [*self._stopped(world, found), *across]

    # ---- parts
    @staticmethod
    def _found(world: World, day: date, authority: str = "") -> list[tuple[Subject, Verdict]]:
        """What is prohibited on a day."""
        subjects = {(one.table, one.name): one for one in world.subjects}
        verdicts = world.judge.verdicts(world.subjects, day, day)
        return [
            (subjects[one.table, one.subject], one)
            for one in verdicts
            if one.verdict in STOPS and authority in ("", one.authority)
        ]

    def _stopped(self, world: World, found: list[tuple[Subject, Verdict]]) -> list[Change]:
        exposure = Exposure(world, Tables(self.engine.case, self.engine.base))
        window = self.engine.whole_window()
        impact = Impact(
            self.engine, window, world, exposure, timedelta(0), self._first, self._last, frozenset()
        )
        all_year = [
            (one, replace(verdict, start=self._first, end=self._last))
            for one, verdict in found
            if world.is_home(one)
        ]
        return impact.changes("stop", impact.stopped(all_year), {})

    def _fed_by(self, held: set[str]) -> list[str]:
        """Links into the home country whose start is reached over some links abroad, and by nothing else."""
        country, home = self._world.country, self._world.home
        links = self.full.table("links")
        links = links[(links["status"] == "base").to_numpy()]
        into = links[
            [
                country[end] == home != country[start]
                for start, end in zip(links["from_place"], links["to_place"], strict=True)
            ]
        ]
        found = []
        for row in into.itertuples(index=False):
            ways = links[(links["carrier"] == row.carrier).to_numpy()]
            forward = ways["link"][(ways["to_place"] == row.from_place).to_numpy()]
            back = ways["link"][
                ((ways["from_place"] == row.from_place) & (ways["capacity_back"] > 0)).to_numpy()
            ]
            feeding = {*forward, *back} - {row.link}
            if feeding and feeding <= held and (row.from_place, row.carrier) not in self._made:
                found.append(str(row.link))
        return found

    @cached_property
    def _made(self) -> set[tuple[str, str]]:
        """Place and carrier of what plants make, stores give or sellers sell."""
        case = self.full
        place = dict(case.table("assets")[["asset", "place"]].itertuples(index=False))
        found = {
            (place[row.asset], row.carrier) for row in case.ports.itertuples(index=False) if row.ratio > 0
        }
        sold = case.table("markets")
        for frame in (case.table("storages"), sold[(sold["side"] == "sells").to_numpy()]):
            found |= set(zip(frame["place"], frame["carrier"], strict=True))
        return found
