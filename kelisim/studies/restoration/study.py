"""In which order to repair what is damaged, with so many crews, so that customers lose least until all is back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import ceil

import numpy as np
import pandas as pd

from kelisim.case.change import Outage
from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.engine import Engine, Lost, Window
from kelisim.errors import StudyError
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact, said
from kelisim.results.let_go import TABLE, let_go_beside
from kelisim.results.results import Results
from kelisim.studies.outage_fields import SWEPT, help_rule, peak_day, place_rule
from kelisim.studies.restoration import orders
from kelisim.studies.restoration.losses import MEASURES, SetLosses, capacity, damaged
from kelisim.studies.restoration.orders import Repairs, Schedules
from kelisim.studies.study import Study, param
from kelisim.tolerances import NO_ENERGY, ROUNDING

# own_first would need a look at each country alone for every set
RULES = tuple(rule for rule in PLACE_RULES if rule != "own_first")
MOST = 40  # elements lost at most
Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Restoration(Study):
    """In which order to repair what is damaged, with so many crews, so that least is lost until all is back.

    What each set of elements costs while it is out is asked once; from that follows the best order, with proof for a few
    elements and with a bound for many. Beside it stand the orders that people take: largest capacity first, largest loss on
    its own first, shortest repair first, and chance.
    """

    name = "restoration"
    needs_days = True
    lost: tuple[str, ...] = param(
        "damaged elements, separated by commas", refers_to=("links", "assets", "storages", "places")
    )
    days: tuple[str, ...] = param(
        "days of repair: one number for all, one for each, or element=days; else the outage rates of the case",
        unit="day",
        default=(),
    )
    default_days: float = param(
        "days of repair of what has no number and no outage rate", unit="day", default=7.0
    )
    crews: int = param("repair crews", default=1)
    start: date | None = param(
        "first day of the repairs; the day of the highest use if not given", default=None
    )
    measure: str = param(
        "what is kept least: extra cost, unserved energy at its value of lost load included, or unserved energy alone",
        choices=MEASURES,
        default="cost",
    )
    most: int = param("elements up to which the order is exact: every set of them is asked", default=10)
    draws: int = param("orders drawn at random", default=100)
    seed: int = param("seed of the random orders", default=1)
    window: bool = param("whether the orders shown are also run through the days, with stocks", default=True)
    place_rule: str = place_rule(RULES)
    time_rule: str = param("when the cut falls, in the days", choices=TIME_RULES, default="late")
    help_rule: str = help_rule(SWEPT)

    def run(self, engine: Engine) -> Results:
        self._check(engine)
        case, start = engine.case, self.start or peak_day(engine)
        elements = damaged(case, self.lost, self.days, self.default_days)
        pairs = list(zip(elements["table"], elements["element"], strict=True))
        opened = engine.snapshot(
            start, replace(engine.rules, place=self.place_rule, time="none", help=self.help_rule)
        )
        losses = SetLosses(opened, [Lost(e, ((t, e),)) for t, e in pairs], self.measure)
        sizes = [capacity(case, opened.deltas.members(Outage(e, None, None, 1.0, t))) for t, e in pairs]
        days = tuple(elements["days"].tolist())
        plain = orders.obvious(losses, days, sizes)
        repairs = Repairs(losses, days, self.crews, self.most, orders=tuple(plain.values()))
        found = {"best": repairs.best.schedule} | {key: repairs.schedule(one) for key, one in plain.items()}
        drawn, typical = orders.by_chance(repairs, self.draws, self.seed)
        if typical is not None:
            found["random"] = typical
        alone = [1 << at for at in range(len(pairs))]
        frames = {
            "orders": orders.orders_table(repairs, found, drawn),
            "schedule": orders.schedule_table(elements, found, start),
            "curve": orders.curve_table(losses, found),
            "elements": elements.assign(
                capacity=sizes,
                cost_alone=[losses.cost(out) for out in alone],
                unserved_alone=[float(losses.unserved(out).sum()) for out in alone],
            ),
        }
        proof = _proof(repairs, len(drawn))
        window = self._run_days(engine, start, found, frames) if self.window else None
        facts = [*_answer(frames, start, self.crews), *proof, *_stocks(frames, case.horizon.step)]
        time_rule = self.time_rule if self.window else "none"
        rules = {"place": self.place_rule, "time": time_rule, "help": self.help_rule}
        asked = dict(opened.counts)
        return self.results(engine, frames, facts, window, {"start": start}, rules=rules, set_solves=asked)

    def _check(self, engine: Engine) -> None:
        wrong = []
        if not self.lost:
            wrong.append("lost: name at least one element, such as the identifier of a link or an asset.")
        for element in self.lost:
            engine.case.home_of(element)
        if len(set(self.lost)) > MOST:
            wrong.append(f"lost: {len(set(self.lost))} elements; {MOST} at most.")
        if self.crews < 1 or self.draws < 0:
            wrong.append("crews and draws: give whole numbers, crews from 1 and draws from 0.")
        if not 1 <= self.most <= 14:
            wrong.append(f"most: {self.most} is not between 1 and 14; 14 elements are 16,384 sets.")
        if wrong:
            raise StudyError("\n".join(wrong))

    def _run_days(self, engine: Engine, start: date, found: Schedules, frames: Frames) -> Window:
        """The orders shown, day by day: an outage of each element until its repair ends. Adds tables to the frames."""
        length = max(ceil(one.length - ROUNDING) for one in found.values())
        rules = replace(engine.rules, place=self.place_rule, time=self.time_rule, help=self.help_rule)
        window = engine.window(start, length, rules)
        tables, elements = frames["elements"]["table"], frames["elements"]["element"]
        totals, curves, shorts, let_go = {}, [], [], []
        for key, one in found.items():
            outages = [
                Outage(element, start, orders.last_day(start, end), 1.0, table)
                for table, element, end in zip(tables, elements, one.ends, strict=True)
            ]
            asked = engine.ask(window, outages)
            share = engine.case.horizon.share_within(start, orders.last_day(start, one.length))
            out = share[window.first : window.last] > 0
            seen = AgainstPlan(engine.case, window.steps, out, asked.answer, asked.base)
            totals[key] = (float((seen.more @ seen.hours).sum()), asked.extra_cost)
            curves.append(_short_by_step(seen).assign(order=key))
            shorts.append(_short_in_all(seen).assign(order=key))
            let_go.append(let_go_beside(seen).assign(order=key))
        columns = ["window_unserved", "window_cost"]
        frames["orders"][columns] = [totals[key] for key in frames["orders"]["order"]]
        for name, parts in (("window.unserved", curves), ("window.total", shorts), (TABLE, let_go)):
            frame = pd.concat(parts, ignore_index=True)
            frames[name] = frame[["order", *frame.columns.drop("order")]]
        return window


def _short_by_step(seen: AgainstPlan) -> pd.DataFrame:
    """MW unserved beyond the plan per carrier and step, where any is."""
    carriers = seen.case.table("demand")["carrier"]
    more = pd.DataFrame(seen.more).groupby(carriers.to_numpy()).sum()
    row, step = np.nonzero(more.to_numpy() > 0)
    values = more.to_numpy()[row, step]
    return pd.DataFrame(
        {"carrier": more.index.to_numpy()[row], "step": seen.starts[step], "unserved": values}
    )


def _short_in_all(seen: AgainstPlan) -> pd.DataFrame:
    """Who goes short, most first."""
    unserved, wanted = seen.more @ seen.hours, seen.demand @ seen.hours
    at = np.flatnonzero(unserved > NO_ENERGY)
    frame = seen.case.table("demand")[["place", "carrier", "customer_class"]].iloc[at]
    frame = frame.assign(demand=wanted[at], unserved=unserved[at], unserved_rate=unserved[at] / wanted[at])
    return frame.sort_values("unserved", ascending=False, kind="stable", ignore_index=True)


# ---- facts
def _answer(frames: Frames, start: date, crews: int) -> list[Fact]:
    """How long it takes, what is unserved until then beside other orders, and what it costs."""
    table, elements = frames["orders"].set_index("order"), frames["elements"]
    best, most = table.loc["best"], float(table["cost"].max())
    head = said("restoration.head", elements=len(elements), start=start, crews=crews)
    back = said("restoration.back", head=head, length=best["length"])
    cost = said("restoration.cost", cost=best["cost"], most=most)
    others = [
        said(f"restoration.other{'_random' if key == 'random' else ''}", unserved=energy, order=key)
        for key, energy in table["unserved"].iloc[1:].items()
    ]
    kind = (
        "nothing" if (table["total"] <= 0).all() else "quiet" if (table["unserved"] <= 0).all() else "answer"
    )
    say = f"restoration.{kind}"
    return [Fact("unserved", best["unserved"], "MWh", say, head=head, back=back, cost=cost, others=others)]


def _proof(repairs: Repairs, drawn: int) -> list[Fact]:
    """Whether another order may be better, by how much, and what was asked to know it."""
    found, losses = repairs.best, repairs.losses
    unit = losses.unit
    kind = "exact" if found.exact else "no_bound" if found.bound <= 0.0 else f"gap_{losses.measure}"
    share = found.gap / found.total * 100.0 if found.total > 0 else 0.0
    facts = [Fact("gap", found.gap, unit, f"restoration.{kind}", sets=losses.asked, share=share)]
    if not losses.is_monotone:
        facts.append(Fact("waiting", say="restoration.waiting"))
    cheaper = losses.cheaper
    say = f"restoration.cheaper_{losses.measure}" if cheaper else ""
    facts.append(Fact("cheaper", cheaper, "sets", say, sets=losses.asked))
    numbers = {"total": found.total, "bound": found.bound}
    counts = {"sets": losses.asked, "solved": losses.solved}
    facts += [Fact(key, value, unit) for key, value in numbers.items()]
    facts += [Fact(key, value, "sets") for key, value in counts.items()]
    return [*facts, Fact("drawn", drawn, "orders")]


def _stocks(frames: Frames, step: str) -> list[Fact]:
    """What the days with stocks say of the same orders."""
    table = frames["orders"].set_index("order")
    if table["window_cost"].isna().all():
        return []
    best, least = table.loc["best"], table["window_cost"].idxmin()
    less = best["window_cost"] - table["window_cost"].min()
    say = f"restoration.stocks{'_other' if less > 1e-6 * max(1.0, abs(best['window_cost'])) else ''}"
    return [Fact("window_unserved", best["window_unserved"], "MWh", say, step=step, order=least, less=less)]
