"""Tables and sentences of an investment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from kelisim.ledger.outlays import annuity
from kelisim.lp.two_stage import Knowing
from kelisim.results.facts import Fact, said
from kelisim.results.schema import framed
from kelisim.studies.investment.choosing.floors import Floors
from kelisim.studies.investment.choosing.phases import Phases
from kelisim.studies.investment.choosing.rivals import Rivals
from kelisim.studies.investment.coming.outlooks import LISTED, SANCTIONS, outlook_said
from kelisim.studies.investment.coming.rules import stopped_by
from kelisim.studies.investment.portfolio import Portfolio
from kelisim.tolerances import NO_SHARE, ROUNDING, SMALL_ENERGY, SMALL_MONEY

STUDY = "investment"
MOST_SAVINGS = 4  # elements of each project
MOST_SETS = 16  # of which each is solved in each outlook
MOST_YEARS = 200  # solved years that are looked at for the sake of this

Some = tuple[str, ...]


@dataclass(frozen=True)
class AlsoAsked:
    """What is told only where it is asked for: when to build, and a floor on security."""

    phases: Phases | None = None
    floors: Floors | None = None

    def frames(self, plan: Some) -> dict[str, list[tuple[Any, ...]]]:
        """Rows of the tables, those that have any."""
        found = self.phases.frames() if self.phases else {}
        rows = self.floors.rows(plan) if self.floors else []
        return found | ({"floors": rows} if rows else {})

    def facts(self, plan: Some) -> Iterator[Fact]:
        if self.floors:
            yield from self.floors.facts(plan)
        if self.phases:
            yield from self.phases.facts()


@dataclass(frozen=True)
class PlanTold:
    """What is told of a choice of projects."""

    portfolio: Portfolio
    known: Knowing
    rivals: Rivals
    more: AlsoAsked
    rate: float
    running: float
    building: int

    @cached_property
    def built(self) -> tuple[str, ...]:
        return self.portfolio.named(self.known.best.x)

    def _without(self, project: str) -> tuple[str, ...]:
        return tuple(name for name in self.built if name != project)

    def _with(self, project: str) -> tuple[str, ...]:
        return (*self._without(project), project)

    # ---- tables
    def frames(self) -> dict[str, pd.DataFrame]:
        """All tables of the answer."""
        rows = {
            "projects": self._projects(),
            "outlooks": self._outlooks(),
            "savings": self._savings(),
            "sets": compared(
                self.portfolio, self.built, [self.portfolio.named(one.x) for one in self.known.waited]
            ),
            "knowing": self._knowing(),
            "bounds": self._bounds(),
            **self.rivals.frames(),
            **self.more.frames(self.built),
        }
        if stops := self._stops():
            rows["stops"] = stops
        return {name: framed(STUDY, name, found) for name, found in rows.items()}

    def _stops(self) -> list[tuple[Any, ...]]:
        """What rules of trade stop in each outlook, once each."""
        found = {
            (one.text, table, element): share
            for one in self.portfolio.coming
            for part in one.parts
            if part.kind in (SANCTIONS, LISTED)
            for table, element, share in stopped_by(part)
        }
        return [(*key, share) for key, share in found.items()]

    def _projects(self) -> list[tuple[Any, ...]]:
        p, found = self.portfolio, []
        nothing = p.expected(())
        for project in p.projects:
            outlay, rest = p.outlay[project], self._without(project)
            gain = p.expected(rest) - p.expected(self._with(project))
            bare = p.expected(rest) - p.expected(self._with(project), silent=(project,))
            most = max(0.0, gain) / (annuity(self.rate, outlay.years, self.building) + self.running)
            worths = (nothing - p.expected((project,)), gain, gain - outlay.yearly, bare)
            marginal = (p.slope(rest, project), p.slope(self._with(project), project))
            energy = p.building.energy([project]) / p.years
            costs = (outlay.capex, outlay.yearly, most)
            idle = self._idle.get(project, float("nan"))
            found.append((project, project in self.built, *worths, *marginal, energy, *costs, idle))
        return found

    @cached_property
    def _idle(self) -> dict[str, float]:
        """What each project of the plan saves if nobody uses or buys anything."""
        return {project: self.portfolio.idle(self.built, project) for project in self.built}

    def _outlooks(self) -> list[tuple[Any, ...]]:
        p, known = self.portfolio, self.known
        before, after = p.costs(()), p.costs(self.built) + p.paid(self.built)
        missing = zip(p.unserved(()), p.unserved(self.built), strict=True)
        return [
            (
                one.text,
                one.probability,
                float(before[at] - after[at]),
                *map(float, short),
                float(self.rivals.regret[0, at]),
                ";".join(p.named(known.waited[at].x)),
            )
            for at, (one, short) in enumerate(zip(p.coming, missing, strict=True))
        ]

    def _savings(self) -> list[tuple[Any, ...]]:
        found = []
        for project in self.built:
            saved = self.portfolio.savings(self._without(project), self.built)
            rows = sorted(saved.items(), key=lambda one: (-abs(one[1]), one[0]))
            found += [
                (project, table, element, money)
                for (table, element), money in rows[:MOST_SAVINGS]
                if abs(money) > SMALL_MONEY
            ]
        return found

    def _knowing(self) -> list[tuple[Any, ...]]:
        names = ("sp", "ws", "evpi", "ev", "eev", "vss")
        return [(name, getattr(self.known, name) / self.portfolio.years) for name in names]

    def _bounds(self) -> list[tuple[Any, ...]]:
        years = self.portfolio.years
        return [
            (at + 1, step.lower / years, step.upper / years, step.cuts)
            for at, step in enumerate(self.known.best.steps)
        ]

    # ---- sentences
    def facts(self) -> list[Fact]:
        """What the answer says, the most important first."""
        p, rows = self.portfolio, framed(STUDY, "projects", self._projects())
        every = [said("investment.work", project=project) for project in p.projects]
        works = [said("investment.work", project=project) for project in self.built]
        saved = p.saved(self.built)
        say = "plan" if works else "nothing" if len(every) > 1 else "nothing_one"
        say = f"investment.{say}"
        if works and saved < -SMALL_MONEY:
            say, saved = f"investment.plan_for_{'risk' if p.risk.price > 0 else 'floor'}", -saved
        out = [Fact("saved", saved, "", say, projects=works or every, of=len(every))]
        if np.isfinite(p.conditions.budget):
            spent = sum(np.nan_to_num(p.outlay[project].capex) for project in self.built)
            out.append(
                Fact("budget", p.conditions.budget, "", "investment.within_budget", spent=float(spent))
            )
        out += list(self._whys(rows))
        out += list(self._needless(rows))
        out += list(self._missing())
        out += list(self._worth_of_knowing())
        out += list(self.rivals.facts())
        out += list(self.more.facts(self.built))
        return out

    def _whys(self, rows: pd.DataFrame) -> Iterator[Fact]:
        """Of each project why it is built, or is not."""
        p = self.portfolio
        savings = framed(STUDY, "savings", self._savings())
        for row in rows.itertuples(index=False):
            places = {"project": row.project, "gain": row.gain, "yearly": row.yearly}
            top = savings[(savings["project"] == row.project) & (savings["saved"] > 0)].head(1)
            if not row.built:
                say, others = self._left_out(row)
                yield Fact(f"why_{row.project}", row.worth, "", f"investment.{say}", **places, **others)
            else:
                most = {}
                if not top.empty and not self._by_demand(row):
                    most = {"element": top["element"].iloc[0], "saved": float(top["saved"].iloc[0])}
                say = ("why" if most else "why_demand") + ("" if np.isfinite(row.capex) else "_unpaid")
                if row.worth < -SMALL_MONEY and (p.risk.price > 0 or self.more.floors):
                    say = "why_risk" if p.risk.price > 0 else "why_floor"
                yield Fact(f"why_{row.project}", row.worth, "", f"investment.{say}", **places, **most)
            if row.built and row.first > SMALL_MONEY:
                bits = {"first": row.first, "last": row.last, "project": row.project}
                say = "investment.full" if row.last > NO_SHARE * row.gain else "investment.ample"
                yield Fact(f"margin_{row.project}", row.last, "", say, **bits)
            if row.built and row.energy > 0:
                say = "by_demand" if self._by_demand(row) else "without_demand"
                yield Fact(f"demand_{row.project}", row.bare, "", f"investment.{say}", project=row.project)
            if not np.isfinite(row.capex) and row.gain > SMALL_MONEY:
                yield Fact(
                    f"capex_{row.project}", row.most, "", "investment.unpublished", project=row.project
                )

    def _needless(self, rows: pd.DataFrame) -> Iterator[Fact]:
        """Whether what the plan saves is by what it serves: else a resource is free, or a stock is full."""
        own = rows[rows["built"]]
        some = own[own["idle"].abs() > np.maximum(SMALL_MONEY, NO_SHARE * own["gain"].abs())]
        if own.empty or own["idle"].isna().any():
            return
        if some.empty:
            yield Fact("idle", 0.0, "", "investment.not_idle", of=len(own))
        for row in some.itertuples(index=False):
            yield Fact(f"idle_{row.project}", row.idle, "", "investment.idle", project=row.project)

    def _left_out(self, row: Any) -> tuple[str, dict[str, Any]]:
        """Why a project is not built, and by which others."""
        conditions = self.portfolio.conditions
        if row.gain <= SMALL_MONEY or row.worth <= SMALL_MONEY:
            return ("left_out" if row.gain > SMALL_MONEY else "gains_nothing"), {}
        lacks, bars = conditions.lacks(row.project, self.built), conditions.bars(row.project, self.built)
        works = [said("investment.work", project=name) for name in lacks or bars]
        if works:
            return ("needs_other" if lacks else "instead_of"), {"others": works}
        return "no_money_left", {}

    @staticmethod
    def _by_demand(row: Any) -> bool:
        """Whether it is the demand that comes with it which makes a project worth something."""
        return bool(row.energy > 0 and row.bare <= NO_SHARE * row.gain)

    def _missing(self) -> Iterator[Fact]:
        """Unserved energy before and after, as it is expected."""
        p = self.portfolio
        before, after = (float(p.probabilities @ p.unserved(some)) for some in ((), self.built))
        if max(before, after) > SMALL_ENERGY:
            yield Fact("unserved", after, "MWh", "investment.unserved", before=before)
        before, after = p.worst(()), p.worst(self.built)
        if p.risk.price > 0 and max(before, after) > SMALL_ENERGY:
            places = {"before": before, "share": 1.0 - p.risk.level}
            yield Fact("worst", after, "MWh", "investment.worst", **places)

    def _worth_of_knowing(self) -> Iterator[Fact]:
        p, known = self.portfolio, self.known
        if len(p.coming) < 2 or p.risk.price > 0:  # the price of risk is in these numbers
            return
        evpi, vss = known.evpi / p.years, known.vss / p.years
        say = "evpi" if evpi > SMALL_MONEY else "evpi_none"
        yield Fact("evpi", evpi, "", f"investment.{say}")
        say = "vss" if vss > SMALL_MONEY else "vss_none"
        yield Fact("vss", vss, "", f"investment.{say}")
        at = int(np.argmax(known.regret))
        regret = float(known.regret[at]) / p.years
        if regret > SMALL_MONEY:
            works = [said("investment.work", project=name) for name in p.named(known.waited[at].x)]
            say = "regret" if works else "regret_nothing"
            outlook = outlook_said(p.coming[at].text)
            yield Fact("regret", regret, "", f"investment.{say}", outlook=outlook, projects=works)


def sets_of(portfolio: Portfolio, built: Some, waited: Sequence[Some]) -> list[Some]:
    """Sets of projects worth comparing: all where they are few, else the plan, what is one project away from it, and the best of each outlook."""
    projects = portfolio.projects
    if 2 ** len(projects) <= MOST_SETS:
        every = product((False, True), repeat=len(projects))
        found = [tuple(name for name, is_in in zip(projects, some, strict=True) if is_in) for some in every]
    else:
        less = [tuple(name for name in built if name != one) for one in built]
        more = [
            tuple(name for name in projects if name in (*built, one)) for one in projects if one not in built
        ]
        found = [(), built, *dict.fromkeys(waited), *less, *more]
    most = max(2, MOST_YEARS // len(portfolio.coming))
    allowed = [some for some in dict.fromkeys([(), built, *found]) if _may_be(portfolio, some)]
    return sorted(allowed[:most], key=lambda some: (len(some), some))


def _may_be(portfolio: Portfolio, some: Some) -> bool:
    """Whether a set meets the budget, needs and alternatives."""
    capex = np.array([portfolio.outlay[name].capex for name in portfolio.projects])
    there = np.array([float(name in some) for name in portfolio.projects])
    return all(
        low <= weights @ there <= high * (1.0 + ROUNDING)
        for weights, low, high in portfolio.conditions.limits(portfolio.projects, capex)
    )


def compared(portfolio: Portfolio, built: Some, waited: Sequence[Some]) -> list[tuple[Any, ...]]:
    """Rows of the table sets: expected, a year, beside building nothing."""
    some = sets_of(portfolio, built, waited)
    nothing = portfolio.expected(())
    saved = np.array([nothing - portfolio.expected(one) - portfolio.paid(one) for one in some])
    short = np.array([float(portfolio.probabilities @ portfolio.unserved(one)) for one in some])
    capex = [sum(np.nan_to_num(portfolio.outlay[name].capex) for name in one) for one in some]
    return [
        (
            ";".join(one),
            one == built,
            float(saved[at]),
            float(capex[at]),
            float(short[at]),
            _is_best(saved, short, at),
        )
        for at, one in enumerate(some)
    ]


def _is_best(saved: np.ndarray, short: np.ndarray, at: int) -> bool:
    """Whether no other set saves as much and leaves as little unserved, and is better in one of both."""
    as_good = (saved >= saved[at] - SMALL_MONEY) & (short <= short[at] + SMALL_ENERGY)
    better = (saved > saved[at] + SMALL_MONEY) | (short < short[at] - SMALL_ENERGY)
    return not bool((as_good & better).any())
