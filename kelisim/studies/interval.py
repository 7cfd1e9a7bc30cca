"""The interval of an answer over samples of what is graded C, as fields, tables, facts and parts of a page that studies of an outage share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from kelisim.engine import Engine
from kelisim.engine.estimates.conditioned import Ints, KnownSum
from kelisim.engine.estimates.cut import SampledCut, outcome
from kelisim.engine.estimates.ensemble import Ensemble, ensemble
from kelisim.engine.estimates.factors import Floats, factor_said, range_said
from kelisim.report.page import Part, part
from kelisim.report.table import view
from kelisim.report.words import Words
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact
from kelisim.results.intervals import LEAST_EFFECTIVE, effective, weighted_quantiles
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.studies.study import param
from kelisim.tolerances import ROUNDING, SMALL_ENERGY, SMALL_SHARE

ENDS = np.array([0.05, 0.5, 0.95])
KNOWN = ("A", "AB")  # grades of observations that may count as known
MOST = 12  # rows of demand that the table names
FIRST = 5  # estimates that it names
SURE = 0.05  # chance that any estimate is named which has nothing to do with the answer


@dataclass(frozen=True)
class IntervalFields:
    """The fields of a study whose answer can have an interval."""

    samples: int = param(
        "samples of what is graded C, for a 90 % interval of who goes short; 0 asks for none, fewer than about 80 are too few",
        default=0,
    )
    known: str = param(
        "grades of the observations of the case that samples are held to", choices=KNOWN, default="A"
    )
    seed: int = param("start of the random numbers of the samples", default=1)
    workers: int = param("processes that solve samples at the same time", default=1)

    def wrong_samples(self) -> list[str]:
        """What is wrong with these fields."""
        wrong = [f"samples: {self.samples} is below 0."] if self.samples < 0 else []
        return [*wrong, *([f"workers: {self.workers} is below 1."] if self.workers < 1 else [])]


@dataclass(frozen=True)
class Interval:
    """The tables of an interval, and what they say."""

    frames: dict[str, pd.DataFrame]
    facts: list[Fact]


def interval_of(
    fields: IntervalFields,
    engine: Engine,
    cut: SampledCut,
    seen: AgainstPlan,
    study: str,
    of: Sequence[int] | Ints | None = None,
) -> Interval:
    """The interval of an answer that was found.

    cut   what is asked of each sample
    seen  the answer as it stands
    of    rows of demand that count; all if not given
    """
    found = ensemble(engine, cut, fields.samples, fields.seed, fields.workers, fields.known)
    rows = np.arange(len(seen.more)) if of is None else np.asarray(of, dtype=np.int64)
    worth = int(effective(found.weight) + ROUNDING)
    if worth < LEAST_EFFECTIVE:
        few = Fact(
            "interval",
            say="interval.too_few",
            samples=len(found.outcomes),
            effective=worth,
            least=LEAST_EFFECTIVE,
        )
        frames = {"interval": framed(study, "interval"), "interval.known": _known(study, found)}
        return Interval(frames | {"interval.moved_by": framed(study, "interval.moved_by")}, [few])
    scaled = _Scaled(seen, found, rows)
    table = _table(study, scaled, found)
    moved = _moved_by(study, scaled, found)
    frames = {"interval": table, "interval.known": _known(study, found), "interval.moved_by": moved}
    return Interval(frames, _facts(table, moved, scaled, found, worth))


class _Scaled:
    """What each sample says to the answer as it stands.

    now    MWh that each row lacks, of the answer as it stands, (rows)
    each   of each sample, (samples, rows)

    Where samples have other steps than the answer, a row that lacks something there as it stands counts as its share of it; to one
    that does not, what a sample lacks is added.
    """

    def __init__(self, seen: AgainstPlan, found: Ensemble, rows: Ints) -> None:
        self.demand = seen.case.table("demand").iloc[rows]
        self.protected = seen.protected[rows]
        now, stands = outcome(seen), found.stands
        self.cost = float(now[-1])
        self.costs = now[-1] + found.outcomes[:, -1] - stands[-1]
        self.now, stands, each = now[rows], stands[rows], found.outcomes[:, rows]
        if found.own_steps:
            self.each = each
            return
        is_short = stands > SMALL_ENERGY
        share = np.divide(self.now, stands, out=np.ones_like(stands), where=is_short)
        self.each = np.where(is_short, each * share, self.now + each)


def _table(study: str, scaled: _Scaled, found: Ensemble) -> pd.DataFrame:
    """The whole, what protected customers lack, the cost, and the rows of demand that lack most."""
    shield = scaled.protected
    whole = [
        ("all", scaled.now.sum(), scaled.each.sum(axis=1)),
        ("protected", scaled.now[shield].sum(), scaled.each[:, shield].sum(axis=1)),
    ]
    rows = [{"what": what, "unit": "MWh", **_ends(now, each, found.weight)} for what, now, each in whole]
    cost = _ends(scaled.cost, scaled.costs, found.weight) | {"share_short": np.nan}
    rows.append({"what": "extra_cost", "unit": "currency", **cost})
    mean = found.weight @ scaled.each
    least = SMALL_SHARE * max(scaled.now.sum(), float(mean.sum()))
    ranked = np.argsort(-np.maximum(scaled.now, mean), kind="stable")
    some = [at for at in ranked if max(scaled.now[at], mean[at]) > max(least, SMALL_ENERGY)][:MOST]
    for at in some:
        own = {name: scaled.demand[name].iloc[at] for name in ("place", "carrier", "customer_class")}
        ends = _ends(scaled.now[at], scaled.each[:, at], found.weight)
        rows.append({"what": "row", "unit": "MWh", **own, **ends})
    columns = list(framed(study, "interval").columns)
    texts = dict.fromkeys(("place", "carrier", "customer_class"), "")
    frame = pd.DataFrame([texts | row for row in rows], columns=columns)
    return frame.astype({name: float for name in ("value", "low", "middle", "high", "share_short")})


def _ends(now: float, each: Floats, weight: Floats) -> dict[str, float]:
    low, middle, high = (float(end) for end in weighted_quantiles(each, weight, ENDS))
    short = float(weight @ (each > SMALL_ENERGY))
    return {"value": float(now), "low": low, "middle": middle, "high": high, "share_short": short}


def _known(study: str, found: Ensemble) -> pd.DataFrame:
    """What the samples are held to: sums that they keep, and answers that weigh them."""
    rows: list[tuple[object, ...]] = [_held(one) for one in found.known.sums]
    for at, (name, (_, unit, _)) in enumerate(found.known.answers.items()):
        low, _, high = weighted_quantiles(found.answers[:, at], found.weight, ENDS)
        values = (found.known.observed[at], found.answer[at], found.tolerance[at], low, high)
        rows.append((name, "weighs", unit, *map(float, values)))
    return framed(study, "interval.known", rows)


def _held(one: KnownSum) -> tuple[object, ...]:
    return one.name, "kept", "MWh", one.size, one.size, 0.0, one.size, one.size


def _moved_by(study: str, scaled: _Scaled, found: Ensemble) -> pd.DataFrame:
    """Estimates that the answer goes with over the samples, the strongest first.

    Rank correlation with all that is unserved; named if it is beyond what the strongest of so many estimates reaches by chance in one of
    20 cases (Bonferroni).
    """
    total = scaled.each.sum(axis=1)
    if np.ptp(total) <= SMALL_ENERGY or len(total) < FIRST:
        return framed(study, "interval.moved_by")
    moving = np.ptp(found.levels, axis=0) > ROUNDING
    ranks = np.apply_along_axis(rankdata, 0, found.levels[:, moving])
    mine = rankdata(total)
    found_by = np.array([np.corrcoef(column, mine)[0, 1] for column in ranks.T])
    least = np.tanh(norm.ppf(1.0 - SURE / 2.0 / len(found_by)) / np.sqrt(len(total) - 3.0))
    factors = [factor for factor, some in zip(found.factors, moving, strict=True) if some]
    strongest = [at for at in np.argsort(-np.abs(found_by), kind="stable") if abs(found_by[at]) > least]
    rows = [
        (
            factors[at].name,
            found_by[at],
            factors[at].how,
            factors[at].spread,
            factors[at].low,
            factors[at].high,
        )
        for at in strongest[:FIRST]
    ]
    return framed(study, "interval.moved_by", rows)


def _facts(
    table: pd.DataFrame, moved: pd.DataFrame, scaled: _Scaled, found: Ensemble, worth: int
) -> list[Fact]:
    """The interval; who comes first in the samples; the estimates behind it; what it does not hold."""
    whole = table.iloc[0]
    about = {"samples": len(found.outcomes), "effective": worth}
    say = "interval.unserved" if whole["high"] > SMALL_ENERGY else "interval.nobody"
    facts = [Fact("interval", whole["value"], "MWh", say, low=whole["low"], high=whole["high"], **about)]
    if scaled.now.sum() > SMALL_ENERGY:
        first = int(np.argmax(scaled.now))
        same = float(found.weight @ (np.argmax(scaled.each, axis=1) == first))
        own = {name: scaled.demand[name].iloc[first] for name in ("place", "carrier", "customer_class")}
        facts.append(Fact("interval_first", same, "share", "interval.first", **own))
    elif whole["high"] > SMALL_ENERGY:
        facts.append(Fact("interval_first", whole["share_short"], "share", "interval.may_be_short"))
    if len(moved):
        row = moved.iloc[0]
        what, how = factor_said(row["factor"]), range_said(*row[["how", "spread", "low", "high"]])
        facts.append(
            Fact("interval_moved_by", row["correlation"], "share", "interval.moved_by", what=what, range=how)
        )
    lost = {"lost": found.lost} if found.lost else {}
    facts.append(
        Fact("interval_holds", found.lost, "samples", f"interval.holds{'_lost' if lost else ''}", **lost)
    )
    return facts


def interval_parts(results: Results, words: Words) -> list[Part]:
    """The interval, the estimates behind it and what samples are held to, for a page; nothing where none was asked."""
    if "interval" not in results:
        return []
    table = results["interval"]
    currency = results.case.currency
    names = []
    for row in table.itertuples():
        if row.what == "row":
            names.append(
                words.text(
                    "interval.table.row",
                    place=row.place,
                    carrier=row.carrier,
                    customer_class=row.customer_class,
                )
            )
        else:
            names.append(words.text(f"interval.table.what_{row.what}"))
    shown = table.assign(what=names)
    for column in ("value", "low", "middle", "high"):
        shown[column] = [
            words.money(value) if unit == "currency" else words.number(value, "MWh")
            for value, unit in zip(table[column], table["unit"], strict=True)
        ]
    known = results["interval.known"]
    known = known.assign(how=[words.text(f"interval.known.{how}") for how in known["how"]])
    moved = results["interval.moved_by"]
    ranges = moved[["how", "spread", "low", "high"]].itertuples(index=False)
    estimates = [factor_said(name) for name in moved["factor"]]
    moved = moved.assign(estimate=estimates, range=[range_said(*row) for row in ranges])
    columns = "what:text, value:text, low:text, middle:text, high:text, -share_short:share"
    numbers = "observed:number, stands:number, -tolerance:number, low:number, high:number"
    return [
        part(words, "interval.table", view(words, shown, "interval.table", columns, currency=currency)),
        part(
            words,
            "interval.moved",
            view(words, moved, "interval.moved", "estimate:say, range:say, correlation:number"),
        ),
        part(
            words,
            "interval.known",
            view(words, known, "interval.known", f"name:text, how:text, unit:text, {numbers}", told=False),
        ),
    ]
