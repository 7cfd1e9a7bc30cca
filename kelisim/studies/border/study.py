"""The regions on a border: who lives on what comes over it, for how long without it, and what takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.settings import TIME_RULES
from kelisim.engine import Engine, Rules
from kelisim.engine.estimates.cut import SampledCut
from kelisim.errors import StudyError
from kelisim.results.border_regions import BorderRegions
from kelisim.results.facts import Fact
from kelisim.results.let_go import TABLE
from kelisim.results.names import element_names
from kelisim.results.regions import KINDS, Regions
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.border.facts import BorderFacts
from kelisim.studies.border.losses import BorderLosses
from kelisim.studies.interval import IntervalFields, interval_of
from kelisim.studies.outage_fields import help_rule, peak_day, place_rule
from kelisim.studies.study import Study, param
from kelisim.tolerances import SMALL_ENERGY

SIDES = ("both", "first", "second")


@dataclass(frozen=True)
class Border(IntervalFields, Study):
    """Is every region on the border supplied, on which neighbour does it live, and what if its largest supply is lost?

    For each region and carrier on both sides: use, the share from across the border, the largest single supply and who goes
    short without it, days of cover if the border is closed, the cheapest alternative, and the agreement behind it.
    """

    name = "border"
    serves = "regions"
    countries: tuple[str, ...] = param(
        "the two countries, separated by a comma; the home country of the case and the neighbour with most links if not given",
        default=(),
    )
    side: str = param(
        "whose regions: both, or those of the first or the second country", choices=SIDES, default="both"
    )
    start: date | None = param("first day looked at; the day of the highest use if not given", default=None)
    days: int = param(
        "days looked at: how long a supply is lost, or the border closed", unit="day", default=30
    )
    kinds: tuple[str, ...] = param(
        "kinds of links whose end makes a region lie on the border; rail and sea reach far beyond it",
        default=KINDS,
    )
    place_rule: str = place_rule()
    time_rule: str = param("when the cut falls", choices=TIME_RULES, default="late")
    help_rule: str = help_rule()

    def run(self, engine: Engine) -> Results:
        case = engine.case
        self._check(case)
        regions = Regions(case, self.kinds)
        pair = regions.pair(self.countries)
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        start = self.start or peak_day(engine)
        last = start + timedelta(days=self.days - 1)
        rules = Rules(
            self.place_rule, self.time_rule, engine.rules.span, engine.rules.tranches, self.help_rule
        )
        window = engine.window(start, self.days, rules)
        weights = case.horizon.share_within(start, last) * case.horizon.hours
        sides = {"both": pair, "first": pair[:1], "second": pair[1:]}[self.side]
        border = BorderRegions(Tables(case, engine.base), regions, weights, pair, sides)
        losses = BorderLosses(engine, border, window, start, last)
        row = ["region", "carrier"]
        table = border.table().merge(losses.without_largest(), on=row).merge(losses.when_closed(), on=row)
        provisions = border.provisions(pd.Timestamp(start))
        table = table.assign(agreements=_behind(table, provisions))
        frames = {
            "border": table,
            "border.n1": losses.lost,
            "border.closed": losses.closed,
            "border.help": losses.helpers.table(),
            TABLE: losses.let_go,
            "border.provisions": provisions,
            "border.links": border.links(),
            "names": pd.DataFrame(element_names(case).items(), columns=["element", "name"]),
        }
        told = losses.helpers.fact()
        facts = BorderFacts(border, table, losses.lost, losses.closed, start, self.days, told).facts()
        sure = self._sure(engine, losses, border, table, start, rules, frames)
        if sure:
            at = 1 + next(at for at, fact in enumerate(facts) if fact.key == "weakest")
            facts = [*facts[:at], *sure, *facts[at:]]
        found = {"start": start, "countries": pair}
        solves = {**window.counts, "questions": losses.asked}
        return self.results(engine, frames, facts, window, found, solves=solves)

    def _sure(
        self,
        engine: Engine,
        losses: BorderLosses,
        border: BorderRegions,
        table: pd.DataFrame,
        start: date,
        rules: Rules,
        frames: dict[str, pd.DataFrame],
    ) -> list[Fact]:
        """The interval of what a region lacks at the weakest point; its tables go to the frames."""
        order = ["n1_protected", "n1_unserved", "n1_less_taken"]
        rows = table[table["n1_unserved"] > SMALL_ENERGY]
        if not self.samples or rows.empty:
            return []
        row = rows.sort_values(order, ascending=False, kind="stable").iloc[0]
        last = start + timedelta(days=self.days - 1)
        outage = Outage(str(row["largest"]), start, last)
        own = border.demand.index[border.demand["region"] == row["region"]]
        cut = SampledCut((outage,), (), start, self.days, rules)
        interval = interval_of(self, engine, cut, losses.seen([outage]), self.name, [*own])
        frames |= interval.frames
        told = {"region": row["region"], "supply": row["supply"]}
        return [Fact("interval_of", say="border.interval_of", **told), *interval.facts]

    def _check(self, case: Case) -> None:
        wrong = self.wrong_samples()
        if self.days < 1:
            wrong.append(f"days: {self.days} is less than a day.")
        known = list(case.table("link_kinds")["kind"])
        wrong += [
            f'kinds: "{kind}" is no kind of link. Known: {", ".join(known)}.'
            for kind in self.kinds
            if kind not in known
        ]
        if wrong:
            raise StudyError("\n".join(wrong))


def _behind(table: pd.DataFrame, provisions: pd.DataFrame) -> list[str]:
    """The agreements behind each row, those in force first, separated by semicolons."""
    ordered = provisions.sort_values("is_in_force", ascending=False, kind="stable")
    found: dict[tuple[str, str], list[str]] = {}
    for row in ordered.drop_duplicates(["region", "carrier", "agreement"]).itertuples():
        found.setdefault((row.region, row.carrier), []).append(row.agreement)
    return [";".join(found.get(key, [])) for key in zip(table["region"], table["carrier"], strict=True)]
