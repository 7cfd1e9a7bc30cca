"""When to build: years that follow each other, each with its demand and its tariffs, and what is in service from which of them on.

    least over x of  sum over years t of  w(t) * ( what x(t) costs a year + sum over outlooks s of p(s) * Q(s, t, x(t)) ),    x(t) <= x(t + 1)

x(t) is what is in service in year t, w(t) the share of the discounted years that t stands for: until the next one, and the last for as
long as a project serves. Building and running are paid in each year of service (kelisim/ledger/outlays.py), so that what comes later costs
later. Each (s, t) is one outlook of a two-stage problem: when a project comes is decided before it is known what comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from kelisim.case.change import Dated
from kelisim.case.dated import keys
from kelisim.errors import SolverError, StudyError
from kelisim.lp.problem import Floats
from kelisim.lp.two_stage import Choices, Outlook, StageDecision, Tangents, TwoStage, benders
from kelisim.lp.two_stage.benders import priced
from kelisim.lp.work import Work
from kelisim.results.facts import Fact, said
from kelisim.studies.building_fields import named_numbers
from kelisim.studies.investment.coming.outlooks import DEMAND, ROW, ComingYear, OutlookPart
from kelisim.studies.investment.portfolio import Portfolio
from kelisim.tolerances import SMALL_MONEY

MOST_STAGES, FIRST_YEAR, LAST_YEAR, MOST_FACTOR = 6, 1900, 2200, 10.0


@dataclass(frozen=True)
class YearAhead:
    """A year that is planned for: its demand and its tariffs as factors of those of the case."""

    year: int
    demand: float
    tariffs: float = 1.0


def years_ahead(stages: Sequence[str], tariffs: Sequence[str], wrong: list[str]) -> tuple[YearAhead, ...]:
    """Years from year=factor of demand, and year=factor of tariffs; what cannot be read goes into `wrong`."""
    demand, prices = _factors("stages", stages, wrong), _factors("tariffs", tariffs, wrong)
    years = list(demand)
    if years != sorted(years) or len(years) > MOST_STAGES or len(years) != len(stages):
        wrong.append(f"stages: at most {MOST_STAGES} years, each once and one after the other.")
    wrong += [f"tariffs: {year} is none of the stages." for year in prices if year not in demand]
    return tuple(YearAhead(year, factor, prices.get(year, 1.0)) for year, factor in demand.items())


def _factors(name: str, texts: Sequence[str], wrong: list[str]) -> dict[int, float]:
    found = {}
    for text, value in named_numbers(name, tuple(texts), wrong):
        if not text.isdigit() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
            wrong.append(f'{name}: "{text}" is no year.')
        elif not 0.0 < value <= MOST_FACTOR:
            wrong.append(f"{name}: {value:g} in {text} is no factor above 0 and up to {MOST_FACTOR:g}.")
        else:
            found[int(text)] = value
    return found


@dataclass(frozen=True)
class Phases:
    """The choice of what is in service from which year on.

    rate      a year, at which later years are discounted
    life      years that are looked at, from the first stage on
    building  years from the first stage until what has no earliest day of its own can be in service
    """

    portfolio: Portfolio
    ahead: tuple[YearAhead, ...]
    rate: float
    life: int
    building: int
    work: Work | None = None

    @cached_property
    def shares(self) -> Floats:
        """Share of the discounted years that each stage stands for, (stages,)."""
        first, ends = self.ahead[0].year, [one.year for one in self.ahead[1:]]
        last = max(first + self.life, self.ahead[-1].year + 1)
        worth = [
            sum((1.0 + self.rate) ** (first - year) for year in range(one.year, end))
            for one, end in zip(self.ahead, [*ends, last], strict=True)
        ]
        return np.array(worth) / sum(worth)

    @cached_property
    def earliest(self) -> dict[str, int]:
        """First stage in which each project can be in service; the number of stages where in none."""
        days = pd.to_datetime(self.portfolio.building.rows["earliest"])
        found = {}
        for project in self.portfolio.projects:
            day = days[project]
            year = self.ahead[0].year + self.building if pd.isna(day) else int(day.year)
            found[project] = sum(one.year < year for one in self.ahead)
        return found

    # ---- the problem
    def _in_year(self, one: ComingYear, ahead: YearAhead) -> ComingYear:
        """An outlook in a year ahead."""
        links = tuple(str(link) for link in keys(self.portfolio.engine.case, "links"))
        tariffs = tuple(
            Dated("links", links, column, ahead.tariffs, how="scale") for column in ("tariff", "tariff_back")
        )
        more = [OutlookPart(DEMAND, factor=ahead.demand)] if ahead.demand != 1.0 else []
        more += [OutlookPart(ROW, changes=tariffs)] if ahead.tariffs != 1.0 else []
        return replace(one, text=f"{ahead.year}|{one.text}", parts=(*one.parts, *more))

    @cached_property
    def two(self) -> TwoStage:
        """The two-stage problem: choices of the first year, then of the second, and so on."""
        p, own = self.portfolio, self.portfolio.two.choices
        count, stages = len(own.names), len(self.ahead)
        outlooks = []
        for stage, (ahead, share) in enumerate(zip(self.ahead, self.shares, strict=True)):
            place = np.zeros((1, stages))
            place[0, stage] = 1.0
            spread = sp.kron(place, sp.eye_array(count))
            for one in p.coming:
                found = p.outlook(self._in_year(one, ahead))
                reach = found.reach.of(sp.csr_array(spread))
                cost = np.asarray(found.cost @ spread)
                outlooks.append(Outlook(found.name, one.probability * float(share), found.delta, reach, cost))
        return TwoStage(p.problem, self._choices(own), tuple(outlooks))

    def _choices(self, own: Choices) -> Choices:
        count, stages = len(own.names), len(self.ahead)
        upper = np.tile(own.upper, stages)
        for at, project in enumerate(self.portfolio.projects):
            upper[[stage * count + at for stage in range(self.earliest[project])]] = 0.0
        built = sp.eye_array(len(self.portfolio.projects), count)
        stays = sp.kron(sp.eye_array(stages - 1, stages, k=1) - sp.eye_array(stages - 1, stages), built)
        # what the floor on security asked of the plan has to be there in the last stage
        early = own.matrix.shape[0] - len(self.portfolio.conditions.more)
        before, last = sp.eye_array(stages, format="csr")[:-1], sp.eye_array(stages, format="csr")[-1:]
        limits = [sp.kron(before, own.matrix[:early]), sp.kron(last, own.matrix), stays]
        least = [np.tile(own.least[:early], stages - 1), own.least, np.zeros(stays.shape[0])]
        most = [np.tile(own.most[:early], stages - 1), own.most, np.ones(stays.shape[0])]
        return Choices(
            tuple(f"{one.year} {name}" for one in self.ahead for name in own.names),
            np.concatenate([share * own.cost for share in self.shares]),
            np.tile(own.lower, stages),
            upper,
            np.tile(own.whole, stages),
            sp.csr_array(sp.vstack(limits)),
            np.concatenate(least),
            np.concatenate(most),
        )

    @cached_property
    def _tangents(self) -> Tangents:
        return Tangents()

    @cached_property
    def best(self) -> StageDecision:
        try:
            return benders(self.two, self.portfolio.session, self.work, tangents=self._tangents)
        except SolverError as error:
            if error.status != "Infeasible":
                raise
            raise StudyError(
                "stages: what the floor needs can be in service in none of them; name a later one."
            ) from error

    @cached_property
    def since(self) -> dict[str, int]:
        """Stage from which each project is in service in the plan; the number of stages where it never is."""
        taken = self.best.x.reshape(len(self.ahead), -1)[:, : len(self.portfolio.projects)] > 0.5
        return {name: int((~own).sum()) for name, own in zip(self.portfolio.projects, taken.T, strict=True)}

    def _x(self, since: dict[str, int]) -> Floats:
        """Choices by the stage from which each project is in service; parts in common as soon as one of theirs is."""
        sets = self.portfolio.sets
        rows = [
            [float(any(since[name] <= stage for name in some)) for some in sets]
            for stage in range(len(self.ahead))
        ]
        return np.array(rows).ravel()

    def costs(self, since: dict[str, int]) -> Floats:
        """What a year of each stage costs with projects in service from some stage on, building included, (stages,)."""
        p, x = self.portfolio, self._x(since)
        found = priced(self.two, p.session, x, self.work, self._tangents).costs
        paid = (self.two.choices.cost * x).reshape(len(self.ahead), -1).sum(axis=1) / self.shares
        return (found.reshape(len(self.ahead), -1) @ p.probabilities + paid) / p.years

    # ---- what is told
    @cached_property
    def never(self) -> dict[str, int]:
        return dict.fromkeys(self.portfolio.projects, len(self.ahead))

    def frames(self) -> dict[str, list[tuple[Any, ...]]]:
        """Rows of the tables phases and stages."""
        saved = self.costs(self.never) - self.costs(self.since)
        stages = [
            (one.year, one.demand, one.tariffs, float(share), self._invested(at), float(saved[at]))
            for at, (one, share) in enumerate(zip(self.ahead, self.shares, strict=True))
        ]
        return {"phases": [self._phase(name) for name in self.portfolio.projects], "stages": stages}

    def _invested(self, stage: int) -> float:
        outlay = self.portfolio.outlay
        return float(sum(np.nan_to_num(outlay[name].capex) for name, at in self.since.items() if at == stage))

    def _phase(self, project: str) -> tuple[Any, ...]:
        at, stages = self.since[project], len(self.ahead)
        years = [*(str(one.year) for one in self.ahead), ""]
        sooner = self._moved(project, at - 1) if at > self.earliest[project] else float("nan")
        later = self._moved(project, at + 1) if at < stages else float("nan")
        return project, years[at], years[self.earliest[project]], sooner, later

    def _moved(self, project: str, at: int) -> float:
        """What it costs more a year, over all stages, if one project comes at another stage."""
        moved = self.costs(self.since | {project: at}) - self.costs(self.since)
        return float(self.shares @ moved)

    def facts(self) -> Iterator[Fact]:
        """What comes from which year on, and what waiting is worth."""
        works = [
            said("investment.from_year", project=name, year=str(self.ahead[at].year))
            for name, at in sorted(self.since.items(), key=lambda one: one[1])
            if at < len(self.ahead)
        ]
        saved = float(self.shares @ (self.costs(self.never) - self.costs(self.since)))
        say = "none_in_service" if not works else "in_service_dear" if saved < -SMALL_MONEY else "in_service"
        told = -saved if say == "in_service_dear" else saved
        yield Fact("phases", told, "", f"investment.{say}", projects=works)
        at_once = {
            name: self.earliest[name] if at < len(self.ahead) else at for name, at in self.since.items()
        }
        if at_once != self.since:
            waiting = float(self.shares @ (self.costs(at_once) - self.costs(self.since)))
            if waiting > SMALL_MONEY:
                yield Fact("waiting", waiting, "", "investment.waiting")
