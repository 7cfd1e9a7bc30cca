"""In which order to repair what is damaged, with so many crews, so that customers lose least until all is back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import ceil

import numpy as np
import pandas as pd

from kelisim.case.change import Outage
from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.engine import Engine, Lost
from kelisim.engine.around import planned_by_days
from kelisim.errors import StudyError
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.by_months import MONTH, told_in_days
from kelisim.results.facts import Fact, said
from kelisim.results.let_go import TABLE, let_go_beside
from kelisim.results.results import Results
from kelisim.studies.first_three import first_three
from kelisim.studies.outage_fields import SWEPT, help_rule, peak_day, place_rule
from kelisim.studies.restoration import orders, schedules
from kelisim.studies.restoration.losses import MEASURES, SetLosses, capacity, crews_of, damaged
from kelisim.studies.restoration.orders import InDays, Repairs, Schedules
from kelisim.studies.restoration.schedules import FoundSchedule
from kelisim.studies.study import Study, param
from kelisim.tolerances import NO_ENERGY, ROUNDING, SMALL_MONEY

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
    crews: int = param("repair crews, where any crew repairs anything", default=1)
    trades: tuple[str, ...] = param(
        "crews by trade: carriers=crews, such as electricity+heat=1, separated by commas; a crew repairs elements of its carriers",
        default=(),
    )
    start: date | None = param(
        "first day of the repairs; the day of the highest use if not given", default=None
    )
    measure: str = param(
        "what is kept least: extra cost, unserved energy at its value of lost load included, or unserved energy alone",
        choices=MEASURES,
        default="cost",
    )
    most: int = param("elements up to which the order is exact: every set of them is asked", default=10)
    tries: int = param(
        "orders run through the days at most in the search for the best; up to 5 elements 120 are all",
        default=120,
    )
    draws: int = param("orders drawn at random", default=100)
    seed: int = param("seed of the random orders", default=1)
    window: bool = param("whether the orders shown are also run through the days, with stocks", default=True)
    place_rule: str = place_rule(RULES)
    time_rule: str = param("when the cut falls, in the days", choices=TIME_RULES, default="late")
    help_rule: str = help_rule(SWEPT)

    def run_in_steps(self, engine: Engine) -> Results:
        """By months the repairs are asked in days around them. Raises StudyError where they take too long for that."""
        if not engine.case.horizon.is_by_months:
            return self.run(engine)
        self._check(engine)
        elements = damaged(engine.case, self.lost, self.days, self.default_days)
        pairs = list(zip(elements["table"], elements["element"], strict=True))
        crews, _ = crews_of(engine.case, pairs, self.crews, self.trades)
        days = max(ceil(schedules.longest(elements["days"].tolist(), crews) - ROUNDING), 1)
        start = self.start or peak_day(engine)
        asked = planned_by_days(engine, start, days)
        if asked is engine:
            return self.run(engine)
        return told_in_days(replace(self, start=start).run(asked), engine.case, start, days)

    def run(self, engine: Engine) -> Results:
        self._check(engine)
        case, start = engine.case, self.start or peak_day(engine)
        elements = damaged(case, self.lost, self.days, self.default_days)
        pairs = list(zip(elements["table"], elements["element"], strict=True))
        opened = engine.snapshot(
            start, replace(engine.rules, place=self.place_rule, time="none", help=self.help_rule)
        )
        crews, trade = crews_of(case, pairs, self.crews, self.trades)
        losses = SetLosses(opened, [Lost(e, ((t, e),)) for t, e in pairs], self.measure)
        sizes = [capacity(case, opened.deltas.members(Outage(e, None, None, 1.0, t))) for t, e in pairs]
        days = tuple(elements["days"].tolist())
        plain = orders.obvious(losses, days, sizes)
        repairs = Repairs(losses, days, crews, self.most, orders=tuple(plain.values()))
        found = {"best": repairs.best.schedule} | {key: repairs.schedule(one) for key, one in plain.items()}
        drawn, typical = orders.by_chance(repairs, self.draws, self.seed)
        if typical is not None:
            found["random"] = typical
        in_days = best = None
        said_first: list[Fact] = []
        if self.window:
            ruled = replace(engine.rules, place=self.place_rule, time=self.time_rule, help=self.help_rule)
            in_days = InDays(engine, start, ruled, pairs, days, crews, self.measure, self.tries)
            in_days.open(found)
            best = in_days.best(found)
            if best.schedule.ends != found["best"].ends:
                found = {"best": best.schedule, "first_day": found.pop("best")} | found
        alone = [1 << at for at in range(len(pairs))]
        frames = {
            "orders": orders.orders_table(repairs, found, drawn),
            "schedule": orders.schedule_table(elements, found, start),
            "curve": orders.curve_table(losses, found),
            "elements": elements.assign(
                trade=trade,
                capacity=sizes,
                cost_alone=[losses.cost(out) for out in alone],
                unserved_alone=[float(losses.unserved(out).sum()) for out in alone],
            ),
        }
        if in_days is not None:
            _run_days(in_days, found, frames)
            seen = in_days.seen(found["best"], in_days.ask(found["best"]))
            touched = [
                member for t, e in pairs for _, member in opened.deltas.members(Outage(e, None, None, 1.0, t))
            ]
            said_first, _ = first_three(in_days.window, seen, self.help_rule, touched)
            said_first.append(Fact("told_of", say="restoration.told_of"))
        proof = _proof(repairs, len(drawn), best, in_days)
        count = schedules.counted(crews)
        is_in_days = not case.horizon.is_by_months and case.horizon.step == MONTH  # months that were split
        stocks = _first_day(frames, "1d" if is_in_days else case.horizon.step)
        facts = [*said_first, *_answer(frames, start, count), *proof, *stocks]
        window = in_days.window if in_days is not None else None
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
        if self.trades and self.crews != 1:
            wrong.append("crews: the trades say how many crews there are; leave it out.")
        if self.tries < 1:
            wrong.append(f"tries: {self.tries} is less than 1.")
        if self.crews < 1 or self.draws < 0:
            wrong.append("crews and draws: give whole numbers, crews from 1 and draws from 0.")
        if not 1 <= self.most <= 14:
            wrong.append(f"most: {self.most} is not between 1 and 14; 14 elements are 16,384 sets.")
        if wrong:
            raise StudyError("\n".join(wrong))


def _run_days(in_days: InDays, found: Schedules, frames: Frames) -> None:
    """What the orders shown lose day by day. Adds tables to the frames."""
    curves, shorts, let_go = [], [], []
    for key, one in found.items():
        seen = in_days.seen(one, in_days.ask(one))
        curves.append(_short_by_step(seen).assign(order=key))
        shorts.append(_short_in_all(seen).assign(order=key))
        let_go.append(let_go_beside(seen).assign(order=key))
    orders, at = frames["orders"], 0 if in_days.measure == "unserved" else 1
    lost = [in_days.lost(found[key]) for key in orders["order"]]
    orders[["window_unserved", "window_cost"]] = lost
    least = min(one[at] for one in lost)
    orders["above_best"] = [one[at] / least - 1.0 if least > 0 else 0.0 for one in lost]
    for name, parts in (("window.unserved", curves), ("window.total", shorts), (TABLE, let_go)):
        frame = pd.concat(parts, ignore_index=True)
        frames[name] = frame[["order", *frame.columns.drop("order")]]


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
    """How long it takes, what is unserved until then beside other orders, and what it costs: with stocks where the days were run."""
    table, elements = frames["orders"].set_index("order"), frames["elements"]
    in_days = bool(table["window_cost"].notna().any())
    energy, money = ("window_unserved", "window_cost") if in_days else ("unserved", "cost")
    best, most = table.loc["best"], float(table[money].max())
    head = said("restoration.head", elements=len(elements), start=start, crews=crews)
    one = "_one" if len(elements) == 1 else ""
    back = said(f"restoration.back{one}", head=head, length=best["length"])
    cost = said(f"restoration.cost{one}", cost=best[money], most=most)
    random = "_random_days" if in_days else "_random"
    others = [
        said(f"restoration.other{random if key == 'random' else ''}", unserved=value, order=key)
        for key, value in table[energy].iloc[1:].items()
    ]
    is_nothing = (table["total"] <= 0).all()
    if in_days:
        is_nothing = (table[money].abs() <= SMALL_MONEY).all() and (table[energy] <= NO_ENERGY).all()
    kind = "nothing" if is_nothing else "quiet" if (table[energy] <= NO_ENERGY).all() else "answer"
    say = f"restoration.{kind}{'' if kind == 'nothing' else one}"
    return [Fact("unserved", best[energy], "MWh", say, head=head, back=back, cost=cost, others=others)]


def _proof(repairs: Repairs, drawn: int, best: FoundSchedule | None, in_days: InDays | None) -> list[Fact]:
    """Whether another order may be better, by how much, and what was asked to know it.

    best  of the orders run through the days, where they were run; else the best of the first day is what is told
    """
    losses, found = repairs.losses, best or repairs.best
    unit, is_known = losses.unit, found.exact or found.bound > 0.0
    if in_days is not None and not in_days.is_whole and not losses.is_monotone:
        found, is_known = FoundSchedule(found.schedule, found.total, 0.0, False), False
    where = "_days" if in_days is not None else ""
    kind = (
        f"exact{where}" if found.exact else f"gap{where}_{losses.measure}" if is_known else f"no_bound{where}"
    )
    if in_days is not None and found.exact and not in_days.is_whole:
        kind = "exact_days_bound"
    counts = {"sets": losses.asked, "solved": losses.solved}
    orders = in_days.asked if in_days is not None else 0
    share = found.gap / found.total * 100.0 if found.total > 0 else 0.0
    places = {"sets": losses.asked, "orders": orders, "share": share}
    facts = [Fact("gap", found.gap if is_known else np.nan, unit, f"restoration.{kind}", **places)]
    if not losses.is_monotone:
        facts.append(Fact("waiting", say="restoration.waiting"))
    cheaper = losses.cheaper
    say = f"restoration.cheaper_{losses.measure}{where}" if cheaper else ""
    facts.append(Fact("cheaper", cheaper, "sets", say, sets=losses.asked))
    facts += [Fact(key, value, unit) for key, value in {"total": found.total, "bound": found.bound}.items()]
    facts += [Fact(key, value, "sets") for key, value in counts.items()]
    return [*facts, Fact("drawn", drawn, "orders")]


def _first_day(frames: Frames, step: str) -> list[Fact]:
    """What the first day alone would have said of the order."""
    table = frames["orders"].set_index("order")
    if table["window_cost"].isna().all():
        return []
    best = table.loc["best"]
    other = table.loc["first_day"] if "first_day" in table.index else best
    places = {"energy": other["window_unserved"], "cost": other["window_cost"]}
    say = f"restoration.stocks{'_other' if 'first_day' in table.index else ''}"
    return [Fact("window_unserved", best["window_unserved"], "MWh", say, step=step, **places)]
