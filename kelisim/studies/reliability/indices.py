"""Reliability of supply from sampled states: hours and energy short, by place, region and carrier, with intervals.

What counts is what is unserved beyond the plan with nothing out. A shortage of a group of customers is that of the group
as a whole: what one place gets at the expense of another in the same region is no shortage of the region.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from kelisim.case.case import Case
from kelisim.results.intervals import Estimate, estimate, poisson_binomial, tail, wilson
from kelisim.results.outage_rates import Failing
from kelisim.results.regions import Regions
from kelisim.results.schema import framed
from kelisim.tolerances import NO_LOSS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
WORST = 0.05  # share of the outcomes that CVaR is the mean of
TAIL = 5  # samples in the worst share from which its mean has an interval
DRIVERS = 8  # named for each group
SEEN = 20  # samples short from which drivers of a group are named
ALL = "all"
KEYS = {  # columns that name the groups of a level
    "places": ["region", "country", "place", "carrier", "customer_class"],
    "regions": ["region", "country", "carrier"],
    "carriers": ["carrier"],
}


@dataclass(frozen=True)
class Groups:
    """Groups of rows of demand that are judged together.

    labels   one row for each: level (places, regions, carriers), region, country, place, carrier, customer_class; "" where
             a group has many
    members  1 where a row of demand belongs to a group, (groups, rows)
    """

    labels: pd.DataFrame
    members: sp.csr_array

    @classmethod
    def of(cls, case: Case) -> Groups:
        """Each row of demand; each region and carrier; each carrier; everything."""
        demand = case.table("demand")[["place", "carrier", "customer_class"]].astype(str)
        regions = Regions(case)
        demand["region"] = demand["place"].map(regions.of)
        demand["country"] = demand["region"].map(regions.country)
        count = len(demand)
        parts, at = [demand.assign(level="places")], [np.arange(count)]
        total = count
        for level in ("regions", "carriers"):
            found = demand[KEYS[level]].drop_duplicates().sort_values(KEYS[level], ignore_index=True)
            at.append(total + demand.groupby(KEYS[level]).ngroup().to_numpy())
            parts.append(found.assign(level=level))
            total += len(found)
        parts.append(pd.DataFrame({"level": ["carriers"], "carrier": [ALL]}))
        at.append(np.full(count, total))
        labels = pd.concat(parts, ignore_index=True)[["level", *KEYS["places"]]].fillna("")
        rows = np.tile(np.arange(count), len(at))
        members = sp.csr_array((np.ones(len(rows)), (np.concatenate(at), rows)), shape=(total + 1, count))
        return cls(labels, members)

    def of_carriers(self, carriers: Sequence[str]) -> Bools:
        """Groups of level `carriers` that make up these carriers; everything if none is named, (groups)."""
        wanted = list(carriers) or [ALL]
        found: Bools = ((self.labels["level"] == "carriers") & self.labels["carrier"].isin(wanted)).to_numpy()
        return found

    def lacking(self, now: Floats, planned: Floats, hours: Floats) -> tuple[Floats, Floats]:
        """Hours short and MWh unserved of each group beyond the plan, (states, groups) both.

        now, planned  MW unserved, (states, rows, steps) and (rows, steps)
        hours         of each step that count, (steps)
        """
        states, rows, steps = now.shape
        flat = now.transpose(0, 2, 1).reshape(-1, rows)
        power = (self.members @ flat.T).T.reshape(states, steps, -1) - (self.members @ planned).T[None]
        power = np.where(power > NO_LOSS, power, 0.0)
        return np.einsum("stg,t->sg", power > 0, hours), np.einsum("stg,t->sg", power, hours)


@dataclass(frozen=True)
class Seen:
    """What was sampled, and what it gives.

    hours, energy  short, of each group, (samples, groups)
    weight, group, exact  as in `kelisim.results.intervals.estimate`; weights of a step add up to 1
    out            units out of each part, on a path their mean over time, (samples, parts)
    levels         of each varied group of capacities, -1, 0 or 1, (samples, varied)
    period         h that the indices are of; steps: outcomes that CVaR is taken over
    by_path        each sample is a path over the whole period
    """

    hours: Floats
    energy: Floats
    weight: Floats
    group: Ints
    exact: Bools
    out: Floats
    levels: Floats
    period: float
    by_path: bool = False

    def of(self, values: Floats) -> Estimate:
        """Expectation over the period of what samples give, with Student's distribution for paths."""
        found = estimate(values, self.weight, self.group, self.exact)
        return Estimate(found.mean, found.error, max(len(self.weight) - 1, 1)) if self.by_path else found


def indices(seen: Seen, groups: Groups, demand: Floats, planned: Floats) -> pd.DataFrame:
    """LOLE, EUE, NEUE and CVaR of each group, with 95 % intervals.

    demand, planned  MWh in the period that are wanted, and that the plan leaves unserved, (rows)

    The CVaR of too few samples has no interval. A group that was never short has a LOLE of at most what Wilson's interval leaves,
    and an EUE of at most all its demand in these hours.
    """
    lole, eue = seen.of(seen.hours), seen.of(seen.energy)
    events = (seen.hours > 0).sum(axis=0)
    low, high = lole.low, lole.high
    if not seen.by_path and seen.period > 0:
        share, error = lole.mean / seen.period, lole.error / seen.period
        worth = np.where(
            error > 0, share * (1 - share) / np.where(error > 0, error, 1.0) ** 2, len(seen.weight)
        )
        if not seen.exact.all():
            low, high = (end * seen.period for end in wilson(share, worth))
    wanted, before = groups.members @ demand, groups.members @ planned
    never = events == 0
    low[never] = 0.0
    if seen.by_path:
        # at most so many paths are short, perhaps all the time
        high[never] = wilson(0.0, len(seen.weight))[1] * seen.period
    most = high / seen.period * wanted if seen.period > 0 else np.zeros(len(wanted))
    eue_high = np.where(never, most, eue.high)
    tails = np.zeros((len(events), 3))
    for at in np.flatnonzero(~never).tolist():
        worst = tail(seen.energy[:, at], seen.weight, seen.group, seen.exact, WORST)
        known = len(seen.weight) * WORST >= TAIL
        tails[at] = worst.mean, *((worst.low, worst.high) if known else (np.nan, np.nan))
    energy = np.column_stack([eue.mean, eue.low, eue_high])
    share = np.where(wanted[:, None] > 0, energy / np.where(wanted > 0, wanted, 1.0)[:, None], 0.0)
    table = groups.labels.assign(demand=wanted, planned=before, events=events)
    hours = np.column_stack([lole.mean, low, high])
    for name, values in (("lole", hours), ("eue", energy), ("neue", share), ("cvar", tails)):
        table[[name, f"{name}_low", f"{name}_high"]] = values
    return table


def level_of(table: pd.DataFrame, level: str) -> pd.DataFrame:
    """One level of the table of indices, largest first, with the columns that name its groups; places only if short."""
    found = table[table["level"] == level]
    if level == "places":
        found = found[found["events"] > 0]
    found = found.drop(columns=["level", *(set(KEYS["places"]) - set(KEYS[level]))])
    keys = [key for key in KEYS[level] if key != "country" and (key != "region" or level == "regions")]
    ascending = [False, False, *(True for _ in keys)]
    return found.sort_values(["eue", "lole", *keys], ascending=ascending, ignore_index=True)


def home_first(table: pd.DataFrame, home: str, before: str = "") -> pd.DataFrame:
    """Rows of the home country first, in their order; before them those of a carrier, such as all of everything."""
    if table.empty:
        return table
    order = (table["country"] != home).astype(int)
    if before:
        order = order.where((table["carrier"] != before) & (table["region"] != ""), -1)
    return table.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def drivers(seen: Seen, groups: Groups, parts: Sequence[Failing]) -> pd.DataFrame:
    """What is out when a group is short: the share of an element that is out, on average over its EUE, beside the usual share.

    Only elements that are out clearly more than usual (the interval leaves out the usual share), the furthest from it first;
    groups that were short in few samples are left out. On a path the share is that of the time. The average is a ratio of two
    estimates, its error that of the linearised ratio.
    """
    out = seen.out / np.array([max(part.units, 1) for part in parts])
    usual = np.array([part.rate for part in parts])
    labels = groups.labels
    # everything and its carriers first, then regions, what is short of most first
    size = seen.weight @ seen.energy
    order = np.lexsort((np.arange(len(size)), -size, labels["level"] == "regions"))
    rows = []
    for at in order[(labels["level"] != "places").to_numpy()[order]].tolist():
        part = seen.weight * seen.energy[:, at]
        some = np.flatnonzero(part)
        if len(some) < SEEN:
            continue
        total = part[some].sum()
        share = part[some] @ out[some] / total
        error = np.sqrt(((part[some, None] * (out[some] - share)) ** 2).sum(axis=0)) / total
        low, high = np.maximum(share - 1.96 * error, 0.0), np.minimum(share + 1.96 * error, 1.0)
        found = np.flatnonzero(low > usual)
        group = labels.loc[at, KEYS["regions"]].to_dict()
        for j in found[np.argsort(-(share - usual)[found], kind="stable")][:DRIVERS].tolist():
            ends = {"share_out": share[j], "share_out_low": low[j], "share_out_high": high[j]}
            names = {"element": parts[j].name, "first": parts[j].first}
            rows.append({**group, **names, **ends, "usual": usual[j]})
    return framed("reliability", "drivers", rows)


def by_failed(seen: Seen, parts: Sequence[Failing], aim: Bools) -> pd.DataFrame:
    """How many units are out: the exact probability of each number, and how much of the EUE falls on it."""
    rates = np.repeat([part.rate for part in parts], [part.units for part in parts])
    chance = poisson_binomial(np.asarray(rates, dtype=float))
    number = seen.out.sum(axis=1).astype(np.int64)
    part = seen.weight * seen.energy[:, aim].sum(axis=1)
    most = max(int(number.max(initial=0)), int(np.flatnonzero(chance > 1e-4)[-1]))
    eue = np.bincount(number, part, minlength=most + 1)
    drawn = np.bincount(number, minlength=most + 1)
    return pd.DataFrame(
        {
            "out": np.arange(most + 1),
            "probability": chance[: most + 1],
            "samples": drawn,
            "eue": eue[: most + 1],
        }
    )


def by_level(seen: Seen, varied: Mapping[str, Sequence[object]], aim: Bools) -> pd.DataFrame:
    """EUE with the capacities of each varied group at their low end, as written, and at their high end, with errors.

    varied  elements of each group
    """
    energy = seen.energy[:, aim].sum(axis=1)
    total = float(seen.weight.sum())
    rows = []
    for at, (name, members) in enumerate(varied.items()):
        row: dict[str, object] = {"group": name, "rows": len(members)}
        for word, level in (("low", -1.0), ("middle", 0.0), ("high", 1.0)):
            here = seen.levels[:, at] == level
            weight, share = seen.weight[here], float(seen.weight[here].sum())
            mean = float(weight @ energy[here]) / share if share else np.nan
            error = np.sqrt(((weight * (energy[here] - mean)) ** 2).sum()) / share if share else np.nan
            row |= {f"eue_at_{word}": mean * total, f"eue_at_{word}_error": float(error) * total}
        rows.append(row)
    frame = pd.DataFrame(rows)
    swing = (frame["eue_at_low"] - frame["eue_at_high"]).abs()
    return frame.iloc[np.argsort(-swing.to_numpy(), kind="stable")].reset_index(drop=True)


def parts_table(parts: Sequence[Failing]) -> pd.DataFrame:
    """What can fail, with its rates and where they come from."""
    named = {
        "element": "name",
        "failures_per_year": "failures",
        "repair_hours": "repair",
        "outage_rate": "rate",
    }
    plain = ("first", "units", "source", "confidence", "is_general", "is_length_assumed", "note")
    names = named | {name: name for name in plain}
    rows = [
        {column: getattr(part, name) for column, name in names.items()} | {"members": len(part.members)}
        for part in parts
    ]
    return framed("reliability", "elements", rows)
