"""In which order to repair what is damaged, with so many crews, so that customers lose least until all is back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import PLACE_RULES, TIME_RULES, Case
from kelisim.case.change import Outage
from kelisim.engine import Engine, Lost, Rules
from kelisim.errors import StudyError
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.names import element_names
from kelisim.results.results import Results
from kelisim.results.sentences import day, energy, money, rounded
from kelisim.studies.outage_fields import peak_day
from kelisim.studies.restoration.losses import MEASURES, Repairs, Schedule, SetLosses
from kelisim.studies.restoration.tables import capacity, last_day, repair_days
from kelisim.studies.study import Study, Told, param, provenance

# own_first would need a look at each country alone for every set
RULES = tuple(rule for rule in PLACE_RULES if rule != "own_first")
MOST = 40  # elements lost at most
TITLES = {
    "best": "best",
    "capacity": "largest capacity first",
    "own_loss": "largest loss on its own first",
    "shortest": "shortest repair first",
    "random": "at random",
}
LIMITS = (
    "Orders are weighed on the step of the first day: its use, its stocks and its plan stand for all days of the repairs. The orders "
    "shown are then run through the days with stocks, which the ranking does not know.",
    "A crew repairs one element at a time without a break; crews need no way between elements, and any crew repairs anything.",
    "All know from the first day when each element is back. In the window an element is back on the day after its repair ends.",
    "Gas answers count capacities only and no pressures: they are an upper bound of what the network can deliver.",
)
SHORT = {"demand": "MWh", "unserved": "MWh", "unserved_rate": "share"}


@dataclass(frozen=True)
class Restoration(Study):
    """In which order to repair what is damaged, with so many crews, so that least is lost until all is back.

    What each set of elements costs while it is out is asked once; from that follows the best order, with proof for a few
    elements and with a bound for many. Beside it stand the orders that people take: largest capacity first, largest loss on
    its own first, shortest repair first, and chance.
    """

    name = "restoration"
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
    place_rule: str = param("who goes short first", choices=RULES, default="cooperative")
    time_rule: str = param("when the cut falls, in the days", choices=TIME_RULES, default="late")

    def run(self, engine: Engine) -> Results:
        began = time.perf_counter()
        case = engine.case
        self._check(engine)
        start = self.start or peak_day(engine)
        # the answer does not depend on the order in which elements are named
        lost = sorted({(case.home_of(element), element) for element in self.lost}, key=lambda pair: pair[1])
        named = [(case.home_of(element), element) for element in dict.fromkeys(self.lost)]
        given, origins = repair_days(case, named, self.days, self.default_days)
        days = tuple(dict(zip(named, given, strict=True))[pair] for pair in lost)
        origin = [dict(zip(named, origins, strict=True))[pair] for pair in lost]
        place = self.place_rule
        opened = engine.snapshot(start, Rules(place, "none", engine.rules.span, engine.rules.tranches))
        losses = SetLosses(
            opened, [Lost(element, (pair,)) for pair in lost for element in pair[1:]], self.measure
        )
        sizes = [capacity(case, opened.deltas.members(Outage(e, None, None, 1.0, t))) for t, e in lost]
        orders = _obvious(losses, days, sizes)
        repairs = Repairs(losses, days, self.crews, self.most, orders=tuple(orders.values()))
        found = repairs.best
        schedules = {"best": found.schedule} | {key: repairs.schedule(o) for key, o in orders.items()}
        drawn, typical = _random(repairs, self.draws, self.seed)
        if typical is not None:
            schedules["random"] = typical
        frames = {
            "orders": _orders(repairs, schedules, drawn),
            "schedule": _schedule(case, lost, schedules, days, start),
            "curve": _curve(losses, schedules),
            "elements": _elements(case, losses, lost, days, origin, sizes),
        }
        meta = provenance(engine, began, LIMITS) | {
            "rules": {"place": place, "time": self.time_rule if self.window else "none"}, "day": str(start), "crews": self.crews,
            "exact": found.exact, "bound": found.bound, "is_monotone": losses.is_monotone, "cheaper": losses.cheaper,
            "sets": losses.asked, "set_solves": losses.solved, "solves": dict(opened.counts), "drawn": len(drawn),
        }  # fmt: skip
        if self.window:
            self._run_days(engine, start, lost, schedules, frames, meta)
        frames = {"summary": _summary(case, self, start, frames, meta, found.total)} | frames
        values = self.values() | {"start": start}
        return Results("restoration", values, case, frames, _units(case, self.measure, frames), meta)

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

    def _run_days(
        self, engine: Engine, start: date, lost: list[tuple[str, str]], schedules: dict[str, Schedule],
        frames: dict[str, pd.DataFrame], meta: dict[str, Any],
    ) -> None:  # fmt: skip
        """The orders shown, day by day: an outage of each element until its repair ends."""
        case = engine.case
        length = max(ceil(schedule.length - 1e-9) for schedule in schedules.values())
        rules = Rules(self.place_rule, self.time_rule, engine.rules.span, engine.rules.tranches)
        opened = engine.window(start, length, rules)
        totals, curves, shorts = {}, [], []
        for key, schedule in schedules.items():
            outages = [
                Outage(element, start, last_day(start, end), 1.0, table)
                for (table, element), end in zip(lost, schedule.ends, strict=True)
            ]
            asked = engine.ask(opened, outages)
            out = (
                case.horizon.share_within(start, last_day(start, schedule.length))[opened.first : opened.last]
                > 0
            )
            disrupted = AgainstPlan(case, opened.steps, out, asked.answer, asked.base)
            more = disrupted.more
            totals[key] = (float((more @ disrupted.hours).sum()), asked.extra_cost)
            curves.append(_window_curve(key, disrupted))
            shorts.append(_window_short(key, disrupted))
        frames["orders"]["window_unserved"] = [totals[key][0] for key in frames["orders"]["order"]]
        frames["orders"]["window_cost"] = [totals[key][1] for key in frames["orders"]["order"]]
        frames["window.unserved"] = pd.concat(curves, ignore_index=True)
        frames["window.total"] = pd.concat(shorts, ignore_index=True)
        last = (opened.steps["end"].iloc[-1] - pd.Timedelta(hours=1)).date()
        meta["window"] = [str(opened.steps["step"].iloc[0].date()), str(last)]
        meta["window_solves"] = dict(opened.counts)

    @classmethod
    def told(cls, results: Results) -> Told:
        """The answer, the orders beside each other, and the schedule of the best."""
        case = results.case
        frame = results["orders"]
        unit = f"million {case.currency}"
        table = pd.DataFrame(
            {
                "order": frame["name"],
                "all back after": [f"{v:.3g} days" for v in frame["length"]],
                "unserved": [energy(v) for v in frame["unserved"]],
                f"extra cost, {unit}": [rounded(v / 1e6) for v in frame["cost"]],
            }
        )
        if "window_unserved" in frame:
            table["unserved with stocks"] = [energy(v) for v in frame["window_unserved"]]
            table[f"extra cost with stocks, {unit}"] = [rounded(v / 1e6) for v in frame["window_cost"]]
        best = results["schedule"]
        best = best[best["order"] == "best"]
        plan = pd.DataFrame(
            {
                "repair": best["name"], "crew": best["crew"].astype(str),
                "from": [day(v) for v in best["from"]], "to": [day(v) for v in best["to"]],
                "days": [f"{v:.3g}" for v in best["days"]],
            }
        )  # fmt: skip
        sentences = tuple(results["summary"].set_index("key")["text"].loc[["answer", "proof", "stocks"]])
        return Told(
            tuple(s for s in sentences if s),
            (("Orders of repair", table), ("The best order, crew by crew", plan)),
        )


# ---- orders
def _obvious(losses: SetLosses, days: tuple[float, ...], sizes: list[float]) -> dict[str, tuple[int, ...]]:
    """The orders that people take; equal elements by identifier."""
    count = range(len(days))
    alone = [losses(1 << e) for e in count]
    return {
        "capacity": tuple(sorted(count, key=lambda e: (-sizes[e], e))),
        "own_loss": tuple(sorted(count, key=lambda e: (-alone[e], e))),
        "shortest": tuple(sorted(count, key=lambda e: (days[e], e))),
    }


def _random(repairs: Repairs, draws: int, seed: int) -> tuple[pd.DataFrame, Schedule | None]:
    """Totals of orders drawn at random, and the one whose total is nearest to their mean."""
    generator = np.random.default_rng(seed)
    chosen = [
        repairs.schedule(tuple(generator.permutation(len(repairs.days)).tolist())) for _ in range(draws)
    ]
    rows = [(repairs.total(s), *_over(repairs.losses, s), s.length) for s in chosen]
    frame = pd.DataFrame(rows, columns=["total", "cost", "unserved", "length"])
    if not draws:
        return frame, None
    return frame, chosen[int((frame["total"] - frame["total"].mean()).abs().to_numpy().argmin())]


def _over(losses: SetLosses, schedule: Schedule) -> tuple[float, float]:
    """Currency and MWh until all is back."""
    cost, unserved = 0.0, 0.0
    for begin, end, out in schedule.stretches():
        cost += (end - begin) * losses.cost(out)
        unserved += (end - begin) * 24.0 * float(losses.unserved(out).sum())
    return cost, unserved


# ---- tables
def _orders(repairs: Repairs, schedules: dict[str, Schedule], drawn: pd.DataFrame) -> pd.DataFrame:
    """One row per order; of the random ones the mean, and where 95 % of them lie."""
    rows = []
    for key, schedule in schedules.items():
        cost, unserved = _over(repairs.losses, schedule)
        total, low, high, name = repairs.total(schedule), np.nan, np.nan, TITLES[key]
        if key == "random":
            total, cost, unserved = (float(drawn[c].mean()) for c in ("total", "cost", "unserved"))
            low, high = (float(v) for v in drawn["total"].quantile([0.025, 0.975]))
            name = f"{name}, mean of {len(drawn)}"
        length = float(drawn["length"].mean()) if key == "random" else schedule.length
        rows.append((key, name, total, low, high, cost, unserved, length))
    frame = pd.DataFrame(
        rows, columns=["order", "name", "total", "low", "high", "cost", "unserved", "length"]
    )
    best = frame["total"].iloc[0]
    return frame.assign(above_best=frame["total"] / best - 1.0 if best > 0 else 0.0)


def _schedule(
    case: Case,
    lost: list[tuple[str, str]],
    schedules: dict[str, Schedule],
    days: tuple[float, ...],
    start: date,
) -> pd.DataFrame:
    """Who repairs what and when, in the order of each list."""
    known = element_names(case)
    rows = [
        (key, place, lost[e][0], lost[e][1], known.get(lost[e][1], lost[e][1]), s.crew[e] + 1, s.starts[e], s.ends[e], days[e],
         start + timedelta(days=int(s.starts[e] + 1e-9)), last_day(start, s.ends[e]))
        for key, s in schedules.items() for place, e in enumerate(s.order, 1)
    ]  # fmt: skip
    columns = ["order", "place", "table", "element", "name", "crew", "begins", "ends", "days", "from", "to"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(**{c: pd.to_datetime(frame[c]) for c in ("from", "to")})


def _curve(losses: SetLosses, schedules: dict[str, Schedule]) -> pd.DataFrame:
    """Stretches of time of each order: what is out, MW unserved, cost a day; the last one with nothing out."""
    rows = []
    for key, schedule in schedules.items():
        stretches = [*schedule.stretches(), (schedule.length, schedule.length, 0)]
        rows += [
            (key, begin, end, out.bit_count(), float(losses.unserved(out).sum()), losses.cost(out))
            for begin, end, out in stretches
        ]
    return pd.DataFrame(rows, columns=["order", "begins", "ends", "out", "unserved", "cost"])


def _elements(
    case: Case, losses: SetLosses, lost: list[tuple[str, str]], days: tuple[float, ...], origin: list[str], sizes: list[float]
) -> pd.DataFrame:  # fmt: skip
    """What is lost: days of repair and where they are from, capacity, and what it costs if nothing else is out."""
    known = element_names(case)
    rows = [
        (t, e, known.get(e, e), days[at], origin[at], sizes[at], losses.cost(1 << at), float(losses.unserved(1 << at).sum()))
        for at, (t, e) in enumerate(lost)
    ]  # fmt: skip
    columns = ["table", "element", "name", "days", "days_from", "capacity", "cost_alone", "unserved_alone"]
    return pd.DataFrame(rows, columns=columns)


def _window_curve(key: str, disrupted: AgainstPlan) -> pd.DataFrame:
    """MW unserved beyond the plan per carrier and step, where any is."""
    carriers = disrupted.case.table("demand")["carrier"]
    by_carrier = pd.DataFrame(disrupted.more).groupby(carriers.to_numpy()).sum()
    row, step = np.nonzero(by_carrier.to_numpy() > 0)
    return pd.DataFrame(
        {
            "order": key, "carrier": by_carrier.index.to_numpy()[row], "step": disrupted.starts[step],
            "unserved": by_carrier.to_numpy()[row, step],
        }
    )  # fmt: skip


def _window_short(key: str, disrupted: AgainstPlan) -> pd.DataFrame:
    """Who goes short, most first."""
    demand = disrupted.case.table("demand")[["place", "carrier", "customer_class"]]
    unserved, wanted = disrupted.more @ disrupted.hours, disrupted.demand @ disrupted.hours
    at = np.flatnonzero(unserved > 1e-3)
    frame = demand.iloc[at].reset_index(drop=True).assign(
        demand=wanted[at], unserved=unserved[at], unserved_rate=unserved[at] / wanted[at]
    )  # fmt: skip
    frame.insert(0, "order", key)
    return frame.sort_values("unserved", ascending=False, kind="stable", ignore_index=True)


# ---- words
def _summary(
    case: Case,
    study: Restoration,
    start: date,
    frames: dict[str, pd.DataFrame],
    meta: dict[str, Any],
    total: float,
) -> pd.DataFrame:
    orders = frames["orders"].set_index("order")
    unit = "MWh" if study.measure == "unserved" else case.currency
    rows: list[tuple[str, float, str, str]] = [
        ("answer", np.nan, "", _answer(case, study, start, orders, len(frames["elements"]))),
        ("proof", np.nan, "", _proof(case, study, meta, total)),
        ("stocks", np.nan, "", _stocks(case, orders) if "window_unserved" in orders else ""),
        ("total", total, unit, "of the best order, on the step of the first day"),
        ("bound", meta["bound"], unit, "no order is below this"),
        ("sets", float(meta["sets"]), "sets", "of elements out, whose loss was asked"),
        ("solved", float(meta["set_solves"]), "sets", "of them solved; the others follow from a smaller set"),
        (
            "cheaper",
            float(meta["cheaper"]),
            "sets",
            "that cost less than the plan; they count as nothing lost",
        ),
    ]
    return pd.DataFrame(rows, columns=["key", "value", "unit", "text"])


def _answer(case: Case, study: Restoration, start: date, orders: pd.DataFrame, count: int) -> str:
    best = orders.loc["best"]
    crews = "1 crew" if study.crews == 1 else f"{study.crews} crews"
    what = "1 element" if count == 1 else f"{count} elements"
    head = f"{what} out from {day(start)}, {crews}: "
    if best["total"] <= 0 and (orders["total"] <= 0).all():
        return f"{head}nothing is lost in any order; the plan does without them."
    worst = float(orders["cost"].max())
    than = f", the costliest shown {money(case, worst)}" if len(orders) > 1 else ""
    cost = f"The best order costs {money(case, best['cost'])} more than the plan{than}."
    back = f"{head}in the best order all is back after {best['length']:.3g} days"
    if (orders["unserved"] <= 0).all():
        return f"{back}; nobody goes short in any order shown. {cost}"
    others = [
        f"{energy(row.unserved)} {f'with {TITLES[key]}' if key != 'random' else 'at random on average'}"
        for key, row in zip(orders.index[1:], orders.iloc[1:].itertuples(index=False), strict=True)
    ]
    return f"{back}, and {energy(best['unserved'])} are left unserved until then; {', '.join(others)}. {cost}"


def _proof(case: Case, study: Restoration, meta: dict[str, Any], total: float) -> str:
    gap = max(total - meta["bound"], 0.0)
    if meta["exact"]:
        text = f"No order is better: {meta['sets']:,} sets of elements were asked."
    elif meta["bound"] <= 0.0:
        text = "Whether another order is better is not known: some losses here make something cheaper, so that there is no bound."
    else:
        size = energy(gap) if study.measure == "unserved" else money(case, gap)
        text = f"Another order may be better, by {size} at most ({rounded(gap / total * 100.0, 2)} % of the total)."
    if not meta["is_monotone"]:
        text += " As some losses make something cheaper, waiting on purpose might help; it was not looked at."
    return text


def _stocks(case: Case, orders: pd.DataFrame) -> str:
    """What the days with stocks say of the same orders."""
    best = orders.loc["best"]
    least = orders["window_cost"].idxmin()
    text = f"Run through the {_steps(case)} with stocks, the best order leaves {energy(best['window_unserved'])} unserved"
    slack = 1e-6 * max(1.0, abs(float(best["window_cost"])))
    if orders.loc[least, "window_cost"] >= best["window_cost"] - slack:
        return f"{text}, and none of the others shown costs less."
    return (
        f"{text}; there the order {TITLES[str(least)]} costs "
        f"{money(case, best['window_cost'] - orders.loc[least, 'window_cost'])} less, as stocks carry some losses."
    )


def _steps(case: Case) -> str:
    return {"1mo": "months", "1d": "days", "1h": "hours"}.get(case.horizon.step, "steps")


def _units(case: Case, measure: str, frames: dict[str, pd.DataFrame]) -> dict[str, dict[str, str]]:
    loss = "MWh" if measure == "unserved" else case.currency
    units = {
        "summary": {"value": "unit of the row"},
        "orders": {
            "total": loss, "low": loss, "high": loss, "cost": case.currency, "unserved": "MWh", "length": "day", "above_best": "share",
            "window_unserved": "MWh", "window_cost": case.currency,
        },
        "schedule": {"begins": "day", "ends": "day", "days": "day"},
        "curve": {"begins": "day", "ends": "day", "unserved": "MW", "cost": f"{case.currency}/day"},
        "elements": {"days": "day", "capacity": "MW", "cost_alone": f"{case.currency}/day", "unserved_alone": "MW"},
        "window.unserved": {"unserved": "MW"},
        "window.total": SHORT,
    }  # fmt: skip
    return {name: {c: u for c, u in units[name].items() if c in frames[name]} for name in frames}
