"""Who and what rules of trade touch on a day, until when, how much of the plan that is, what it changes, and lawful answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.change import Change
from kelisim.compliance.exposure import Exposure
from kelisim.compliance.world import World
from kelisim.engine import Engine, Rules
from kelisim.engine.country_money import CountryMoney
from kelisim.errors import StudyError
from kelisim.ledger.rules import Subject, Verdict
from kelisim.results.let_go import TABLE as LET_GO
from kelisim.results.let_go import let_go_beside, more_than_planned
from kelisim.results.results import Results
from kelisim.results.schema import described, framed
from kelisim.results.tables import Tables
from kelisim.studies.keeping_rules import ANSWERS, WAITS, Impact, Stopped, unserved
from kelisim.studies.outage_fields import HELP_RULE, PLACE_RULE
from kelisim.studies.sanctions import facts
from kelisim.studies.sanctions.told import ToldVerdicts
from kelisim.studies.study import Study, param
from kelisim.tolerances import SMALL_ENERGY, SMALL_MONEY

YEAR = 365
PARTNERS_SHOWN = 12


@dataclass(frozen=True)
class Sanctions(Study):
    """What sanctions and other rules of trade touch on a day and until when, how much of the plan that is, what keeping them changes, and lawful answers.

    Each authority is judged by its own rules. The study screens and counts; it names no way round a rule.
    """

    name = "sanctions"
    lets_go = (
        False  # where nothing is prohibited nothing is solved; what an answer lets go stands in places.let_go
    )
    at: date | None = param("the day asked about; the first day of the case if not given", default=None)
    until: date | None = param("last day of the time asked about; a year on if not given", default=None)
    authorities: tuple[str, ...] = param("whose rules count, separated by commas; all if empty", default=())
    about: tuple[str, ...] = param(
        "elements, contracts and companies looked at, separated by commas; all if empty", default=()
    )
    answers: tuple[str, ...] = param(
        f"lawful answers set beside each other, separated by commas: {', '.join(ANSWERS)}",
        default=("stop", "wait", "licence"),
    )
    days: int = param(
        "days in which the rules are kept, from the day asked about on; 0 solves nothing",
        unit="day",
        default=30,
    )
    since: date | None = param(
        "rules that began before this day are kept in the plan already; the first day of the case if not given",
        default=None,
    )
    licence_days: int = param("days until a licence that was asked for is given", unit="day", default=60)
    replace_days: int = param("days until an unlisted party has taken over", unit="day", default=90)
    discount: float = param(
        "share that buyers take off the price of touched goods in those days", unit="share", default=0.0
    )
    lost_services: float = param(
        "share of their output that plants and pipes lose where services for them are prohibited",
        unit="share",
        default=0.0,
    )
    lost_payments: tuple[str, ...] = param(
        "contracts that nobody can pay for in those days, separated by commas",
        refers_to=("contracts",),
        default=(),
    )
    sale_days: int = param("days until a listed owner has sold, under a licence", unit="day", default=120)

    def run(self, engine: Engine) -> Results:
        case = engine.case
        at = self.at or case.horizon.start.date()
        until = self.until or at + timedelta(days=YEAR - 1)
        world = World(case)
        self._check(case, world, at, until)
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        judge = world.judge
        subjects = [one for one in world.subjects if not self.about or one.name in self.about]
        found = [
            one
            for one in judge.verdicts(subjects, at, until)
            if not self.authorities or one.authority in (*self.authorities, "")
        ]
        told = ToldVerdicts(world, subjects, found)
        exposure = Exposure(world, Tables(case, engine.base))
        frames = {
            "day": told.of_day(at),
            "verdicts": told.all(),
            "turns": told.turns(at, until),
            "licences": told.in_force(at),
        }
        touched = [(told.subject(one), one) for one in told.on(at)]
        frames["exposure"] = framed("sanctions", "exposure", exposure.rows(touched, told.name))
        pairs = [(told.subject(one), one) for one in found if one.authority]
        if self.days:
            frames |= self._impact(engine, world, exposure, told, pairs, at)
        fields = {"at": at, "until": until}
        return self.results(engine, frames, facts.facts(self, case, frames, at, until), None, fields)

    # ---- what follows
    def _impact(
        self,
        engine: Engine,
        world: World,
        exposure: Exposure,
        told: ToldVerdicts,
        pairs: Sequence[tuple[Subject, Verdict]],
        at: date,
    ) -> dict[str, pd.DataFrame]:
        case = engine.case
        start = facts.in_horizon(case, at)
        last = min(start + timedelta(days=self.days - 1), (case.horizon.end - pd.Timedelta(hours=1)).date())
        rules = Rules(PLACE_RULE, "late", engine.rules.span, engine.rules.tranches, HELP_RULE)
        window = engine.window(start, (last - start).days + 1, rules)
        touched = frozenset(one.name for one, _ in pairs if one.table == "links")
        impact = Impact(engine, window, world, exposure, start - at, start, last, touched)
        since = self.since or case.horizon.start.date()
        began = {rule.name: rule.start for rule in world.rules if rule.start and rule.start >= since}
        new = [(one, verdict) for one, verdict in pairs if set(verdict.rules) & set(began)]
        stopped = impact.stopped([pair for pair in new if world.is_home(pair[0])])
        frames = {"stops": framed("sanctions", "stops", [_stop(one, told) for one in stopped])}
        beside = impact.scenario(pairs, self.discount, self.lost_services, self.lost_payments)
        if not stopped and not beside:
            return frames
        waits = {name: getattr(self, name) for name in set(WAITS.values())}
        accounts = CountryMoney(case, engine.base, window.problem)
        return frames | _beside(self.answers, impact, accounts, stopped, beside, waits, told)

    def _check(self, case: Case, world: World, at: date, until: date) -> None:
        wrong = []
        if until < at:
            wrong.append(f"until: {until} lies before the day asked about, {at}.")
        if self.days < 0:
            wrong.append(f"days: {self.days} is less than 0.")
        for name in sorted(set(WAITS.values())):
            if getattr(self, name) < 0:
                wrong.append(f"{name}: {getattr(self, name)} is less than 0.")
        for name in ("discount", "lost_services"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                wrong.append(f"{name}: {getattr(self, name):g} is not between 0 and 1.")
        known: dict[str, Sequence[str]] = {
            "lost_payments": list(case.table("contracts")["contract"]),
            "answers": ANSWERS,
            "authorities": sorted({rule.authority for rule in world.rules}),
            "about": sorted({one.name for one in world.subjects}),
        }
        for field, names in known.items():
            for word in getattr(self, field):
                if word not in names:
                    near = schema.nearest(word, names)
                    hint = f'Did you mean "{near}"?' if near else f"Known: {schema.some(names)}."
                    wrong.append(f'{field}: "{word}" is not known. {hint}')
        if not self.answers:
            wrong.append("answers: name at least one.")
        if wrong:
            raise StudyError("\n".join(wrong))


def _beside(
    answers: Sequence[str],
    impact: Impact,
    accounts: CountryMoney,
    stopped: Sequence[Stopped],
    beside: Sequence[Change],
    waits: dict[str, int],
    told: ToldVerdicts,
) -> dict[str, pd.DataFrame]:
    """Answers beside each other, each solved once: costs, who goes short, countries, companies, what is let go.

    beside  changes that hold under every answer
    """
    before = accounts.money(impact.window.base)
    rows, short, countries, companies, goes = [], [], [], [], []
    for answer in answers:
        asked = impact.ask(answer, [*impact.changes(answer, stopped, waits), *beside])
        seen = impact.seen(asked)
        by_carrier = unserved(seen)
        losses = (accounts.money(asked.answer) - before).drop("", errors="ignore")
        gainer = str(losses.idxmin()) if len(losses) and losses.min() < -SMALL_MONEY else ""
        last = max((impact.until(answer, one, waits) for one in stopped), default=None)
        rows.append(
            (
                answer,
                len(stopped),
                pd.NaT if last is None else pd.Timestamp(last),
                float(by_carrier["unserved"].sum()),
                float(by_carrier["protected"].sum()),
                asked.extra_cost,
                float(losses.get(impact.world.home, np.nan)),
                gainer,
                -float(losses.min()) if gainer else 0.0,
            )
        )
        some = by_carrier[by_carrier["unserved"].abs() > SMALL_ENERGY]
        short += [(answer, *row) for row in some.itertuples(index=False, name=None)]
        countries += [(answer, name, loss) for name, loss in losses.items() if abs(loss) > SMALL_MONEY]
        earned = impact.by_company(asked)
        earned = earned[earned.abs() > SMALL_MONEY].head(PARTNERS_SHOWN)
        companies += [(answer, entity, told.name(str(entity)), value) for entity, value in earned.items()]
        goes.append(more_than_planned(let_go_beside(seen)).assign(answer=answer))
    columns = list(described("sanctions")[LET_GO].columns)
    some_go = [frame for frame in goes if len(frame)]
    beyond = pd.concat(some_go, ignore_index=True) if some_go else framed("sanctions", LET_GO)
    return {
        "answers": framed("sanctions", "answers", rows),
        "answers.unserved": framed("sanctions", "answers.unserved", short),
        "answers.countries": framed("sanctions", "answers.countries", countries),
        "answers.companies": framed("sanctions", "answers.companies", companies),
        LET_GO: beyond[columns],
    }


def _stop(one: Stopped, told: ToldVerdicts) -> tuple[Any, ...]:
    """A row of the table stops."""
    verdict, name = one.verdict, one.subject.name
    key = (one.subject.table, name, verdict.authority, verdict.act, verdict.part)
    return (*key, pd.Timestamp(one.start), told.name(name), pd.Timestamp(one.end), one.share)
