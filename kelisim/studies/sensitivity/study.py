"""What we do not know: estimates as ranges, and which of them move the conclusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.case.home import home_of
from kelisim.engine import Engine, Rules
from kelisim.engine.estimates.cut import SampledCut
from kelisim.engine.estimates.factors import Factor, factor_said, factors_of, range_said
from kelisim.engine.estimates.sampled import SampledCase
from kelisim.errors import StudyError, UserError
from kelisim.results.facts import Fact
from kelisim.results.results import Results
from kelisim.results.screening import latin_hypercube
from kelisim.results.tables import Tables
from kelisim.studies.outage_fields import DAYS, HELP_RULE, PLACE_RULE, peak_day
from kelisim.studies.sensitivity import conclusions as headlines
from kelisim.studies.sensitivity import samples as sampling
from kelisim.studies.study import Study, param


@dataclass(frozen=True)
class Sensitivity(Study):
    """Which estimates move the conclusions about the home country, and what would have to be known better."""

    name = "sensitivity"
    lets_go = False
    conclusions: tuple[str, ...] = param(
        "conclusions: unserved_protected, dearest_limit, cost, net_import:CARRIER, imported_share:CARRIER, power_from:FAMILY, power_share:FAMILY",
        default=headlines.USUAL,
    )
    lost: tuple[str, ...] = param(
        "elements lost, separated by commas: who goes short without them is concluded too",
        refers_to=("links", "assets", "storages", "places", "markets"),
        default=(),
    )
    start: date | None = param(
        "first day on which they are lost; the day of the highest use if not given", default=None
    )
    days: int = param("for how long they are lost", unit="day", default=DAYS)
    samples: int = param("samples of all factors together; 0 leaves the screening out", default=300)
    ends: bool = param("set each factor to its low and high end alone", default=True)
    moves: float = param("change of a conclusion that counts as moving it", unit="share", default=0.1)
    alone: int = param("links among the dearest limits at home that are factors of their own", default=10)
    only: tuple[str, ...] = param("names of factors to look at; all if not given", default=())
    seed: int = param("start of the random numbers", default=1)
    workers: int = param("processes that solve at the same time", default=1)

    def run(self, engine: Engine) -> Results:
        case, base = engine.case, engine.base
        self._require(case)
        if base.status != "optimal":
            return self.unanswered(engine)
        tables = Tables(case, base)
        factors = chosen(factors_of(case, tables, self.alone), self.only)
        cut = self._cut(engine)
        here = sampling.concluded(engine, self.conclusions, cut)
        points = self._points(len(factors))
        asked = sampling.Asked(SampledCase.of(engine, factors), self.conclusions, cut)
        with engine.working(self.workers) as work:
            found = sampling.solve(asked, points, work)
        split = 2 * len(factors) if self.ends else 0
        levels = np.array(points[split:], dtype=float).reshape(len(points) - split, len(factors))
        ends = sampling.one_at_a_time(here, factors, found[:split], self.moves)
        screening = sampling.screened(here, factors, levels, found[split:])
        frames = {
            "conclusions": sampling.spread(here, found[split:]),
            "to_know_better": sampling.to_know_better(factors, ends, screening),
            "one_at_a_time": ends,
            "screening": screening,
            "factors": sampling.factor_table(factors),
            "samples": sampling.samples_table(found[split:]),
        }
        return self.results(engine, frames, self._facts(case, frames, found))

    def _cut(self, engine: Engine) -> SampledCut | None:
        """What is lost at every point, under the rules that studies of an outage have if none are named."""
        if not self.lost:
            return None
        start = self.start or peak_day(engine)
        last = start + timedelta(days=self.days - 1)
        rules = Rules(PLACE_RULE, "late", engine.rules.span, engine.rules.tranches, HELP_RULE)
        outages = tuple(Outage(element, start, last) for element in self.lost)
        return SampledCut(outages, (), start, self.days, rules)

    def _require(self, case: Case) -> None:
        wrong = []
        try:
            headlines.require(case, self.conclusions)
        except UserError as error:
            wrong.append(f"conclusions: {error}")
        if not 0.0 < self.moves < 1.0:
            wrong.append(f"moves: {self.moves:g} is not a share between 0 and 1.")
        for element in self.lost:
            case.home_of(element)
        least = {"samples": 0, "alone": 0, "workers": 1, "days": 1}
        values = self.values()
        wrong += [
            f"{name}: {values[name]} is below {low}." for name, low in least.items() if values[name] < low
        ]
        if wrong:
            raise StudyError("\n".join(wrong))

    def _points(self, count: int) -> list[sampling.Point]:
        """Low and high end of each factor alone, then the samples; none without a factor."""
        if not count:
            return []
        alone = [
            tuple(level if at == which else 0.0 for at in range(count))
            for which in range(count if self.ends else 0)
            for level in (-1.0, 1.0)
        ]
        together = latin_hypercube(self.samples, count, self.seed)
        return alone + [tuple(float(level) for level in row) for row in together]

    def _facts(
        self, case: Case, frames: dict[str, pd.DataFrame], found: Sequence[sampling.Found]
    ) -> list[Fact]:
        """How many estimates decide, how firm each conclusion is, and what would have to be known better first."""
        home, know, factors = home_of(case), frames["to_know_better"], frames["factors"]
        overturning = int((know["overturned"] > 0).sum())
        say = f"sensitivity.{'moved' if len(know) else 'none_moves' if len(factors) else 'nothing_varied'}"
        facts = [Fact("estimates", len(know), "estimates", say, all=len(factors), overturning=overturning)]
        for row in frames["conclusions"].to_dict("records"):
            what = headlines.conclusion_said(row["conclusion"], home)
            statement = headlines.statement_said(row["conclusion"], row["statement"])
            say = "sensitivity.spread" if row["samples"] else "sensitivity.stands"
            places = {name: row[name] for name in ("low", "high", "share_same", "samples")}
            facts.append(
                Fact(
                    row["conclusion"],
                    row["value"],
                    row["unit"],
                    say,
                    what=what,
                    statement=statement,
                    **places,
                )
            )
        if len(know):
            name = know["factor"].iloc[0]
            how = factors.set_index("factor").loc[name, ["how", "spread", "low", "high"]]
            what, ask = (factor_said(name, about) for about in ("estimate", "ask"))
            facts.append(
                Fact("know_first", say="sensitivity.know_first", what=what, range=range_said(*how), ask=ask)
            )
        lost = sum(not headline for headline in found)
        say = "sensitivity.without_a_plan" if lost else ""
        return [*facts, Fact("solves", len(found), "solves", say, lost=lost)]


def chosen(factors: Sequence[Factor], only: Sequence[str]) -> list[Factor]:
    """Those that are named, all if none is. Raises StudyError with the nearest name."""
    if not factors:
        return []
    known = {factor.name: factor for factor in factors}
    wrong = [name for name in only if name not in known]
    if wrong:
        near = {name: schema.nearest(name, known) or next(iter(known)) for name in wrong}
        hints = [f'no factor "{name}". Did you mean "{near[name]}"?' for name in wrong]
        raise StudyError("only: " + "\n".join(hints))
    return [known[name] for name in only] or list(factors)
