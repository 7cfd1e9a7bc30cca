"""Effects that were seen beside the model: a verdict for each, why the model misses it, and a score.

An effect is a bound or the change in other words as often as it is a test; only independent numbers are counted, and
what the model does not have is a miss.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.change import Change, Outage
from kelisim.case.effects import EffectTerm, elements
from kelisim.case.events import Effect, carrier_of
from kelisim.results.facts import Fact, said
from kelisim.studies.replays.reading import MONTH, Read, Replayed
from kelisim.tolerances import NO_POWER

FACTOR = 2.0  # a model value within this factor of the observed one counts as right
NAMED = 2  # elements that a cause names
SHORT = 28  # days below which an event does not fill a month
# verdicts, those that count first
VERDICTS = tuple(
    [
        "within",
        "miss",
        "not_comparable",
        "null_kept",
        "null_broken",
        "bound_held",
        "bound_broken",
        "the_change",
    ]
)
RIGHT = ("within", "null_kept", "bound_held")


def verdict(effect: Effect, read: Read, null_share: float) -> str:
    """What the model's value says of an effect.

    null_share  share of the use, or of the plan, up to which a change is none
    """
    if effect.kind == "cause":
        return "the_change"
    if read.reason or np.isnan(read.value):
        return "not_comparable"
    nothing = abs(read.value) <= null_share * max(read.scale if not np.isnan(read.scale) else 0.0, 1e-12)
    if effect.kind == "null":
        return "null_kept" if nothing else "null_broken"
    ratio = ratio_of(effect, read)
    if effect.kind == "bound":
        same_side = read.value * effect.observed >= 0 or nothing
        is_held = same_side and abs(read.value) <= abs(effect.observed) * (1.0 + 1e-9)
        return "bound_held" if is_held else "bound_broken"
    if effect.observed == 0.0:
        return "within" if nothing else "miss"
    return "within" if 1.0 / FACTOR <= ratio <= FACTOR else "miss"


def ratio_of(effect: Effect, read: Read) -> float:
    """Model over observed; nan where nothing was observed."""
    return read.value / effect.observed if effect.observed else float("nan")


# ---- causes
def causes(
    replayed: Replayed, effect: Effect, read: Read, found: str, chain: pd.DataFrame | None
) -> list[Fact]:
    """Why the model misses an effect, from the run; then what the case itself says. Nothing where it does not.

    found  the verdict
    chain  what changed next to what was lost; None where there is none
    """
    if found in (*RIGHT, "the_change"):
        return []
    told = [read.reason] if read.reason else []
    if found != "not_comparable":
        told += _limits(replayed)
        level = effect.statistic in ("mean", "sum") and effect.observed
        if level and not 1.0 / FACTOR <= read.plan / effect.observed <= FACTOR:
            change = read.value - read.plan
            told.append(said("replays.cause.plan", plan=read.plan, of=effect.unit, change=change))
        if chain is not None and effect.compared is not None:
            told += _takes_over(replayed.case, chain, effect.compared.terms)
        if read.covers < 1.0 - 1e-6:
            told.append(said("replays.cause.covers", share=read.covers))
    if effect.miss:
        told.append(said("replays.cause.known", text=effect.miss.removesuffix(".")))
    return told


def _limits(replayed: Replayed) -> list[Fact]:
    """Changes that do not bind, and steps that are longer than the event."""
    case, event, stretch = replayed.case, replayed.event, replayed.days
    found = []
    if case.horizon.step == MONTH and event.step != "hour" and event.days < SHORT:
        found.append(said("replays.cause.months", days=event.days))
    if stretch is None:
        return found
    for change in _outages(event.causes):
        table = change.table or case.home_of(change.element)
        block = {"links": "links.flow", "assets": "assets.activity"}.get(table)
        if block is None:
            continue
        inside = case.horizon.share_within(change.start, change.end)[stretch.first : stretch.last] > 0
        if not inside.any():
            continue
        used = float(stretch.plan.power(block, [change.element])[0][inside].mean())
        left = float(stretch.answer.upper(block, [change.element])[0][inside].mean())
        unit, per = case.units.display(carrier_of(case, block, change.element))
        year = per * case.horizon.year_hours
        if used <= NO_POWER:
            found.append(said("replays.cause.unused", element=change.element))
        elif used <= left:
            amounts = {"used": used * year, "left": left * year, "of": unit}
            found.append(said("replays.cause.slack", element=change.element, **amounts))
    return found


def _outages(changes: Iterable[Change]) -> list[Outage]:
    return [change for change in changes if isinstance(change, Outage)]


def _takes_over(case: Case, chain: pd.DataFrame, terms: Iterable[EffectTerm]) -> list[Fact]:
    """What is used more in the place of what was lost, of the carriers that are compared."""
    carriers = {carrier_of(case, term.quantity, one) for term in terms for one in elements(case, term)}
    rows = chain[(chain["order"] > 0) & (chain["change"] > 0) & chain["carrier"].isin(carriers)]
    rows = rows[rows["table"] != "demand"].sort_values("change", ascending=False, kind="stable").head(NAMED)
    if rows.empty:
        return []
    named = rows[["element", "carrier", "change"]].to_dict("records")
    return [said("replays.cause.takes_over", parts=[said("replays.cause.more", **row) for row in named])]


# ---- the score
def scores(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by what they can prove: how many, how many are as they should be.

    rows     columns kind, verdict, statistic
    returns  part (independent, levels and changes of them, null, bound, cause), rows, right
    """
    independent = rows[rows["kind"] == "independent"]
    level = independent["statistic"].isin(("mean", "sum"))
    parts = {"independent": independent, "levels": independent[level], "changes": independent[~level]}
    parts |= {kind: rows[rows["kind"] == kind] for kind in ("null", "bound", "cause")}
    found = [(name, len(part), int(part["verdict"].isin(RIGHT).sum())) for name, part in parts.items()]
    return pd.DataFrame(found, columns=["part", "rows", "right"])
