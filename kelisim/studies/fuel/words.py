"""What the study of fuels says in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.names import element_names
from kelisim.results.sentences import amount, day, energy, moment, percent, rounded
from kelisim.tolerances import SMALL_ENERGY as LITTLE


def in_text(name: object) -> str:
    """A name of a carrier within a sentence: LPG stays as it is."""
    word = str(name)
    return word if word.split(",", maxsplit=1)[0].isupper() else word[:1].lower() + word[1:]


def listed(names: list[str]) -> str:
    """Names in a row: "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def brings(case: Case, served: npt.NDArray[np.float64]) -> str:
    """Energy that customers get more, by carrier, the most first: "diesel 1.20 kt, gasoline 340 t".

    served  MWh, (rows of demand)
    """
    name = case.table("carriers").set_index("carrier")["name"]
    by_carrier = pd.Series(served).groupby(case.table("demand")["carrier"].to_numpy()).sum()
    some = by_carrier[by_carrier > LITTLE].sort_values(ascending=False, kind="stable")
    return (
        ", ".join(f"{in_text(name[c])} {amount(case, str(c), float(v))}" for c, v in some.items())
        or "nothing"
    )


def summary(
    case: Case, start: date, days: int, fuels: tuple[str, ...], frames: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]
) -> pd.DataFrame:  # fmt: skip
    """Keys, values with units, and sentences: cover of each fuel, the stress, what helps most."""
    short, relief = frames["short"], frames["relief"]
    rows: list[tuple[str, float, str, str]] = [
        (f"cover_{fuel}", _cover(frames["cover"], fuel), "day", _cover_words(case, frames["cover"], fuel, start)) for fuel in fuels
    ]  # fmt: skip
    fuel = short[short["is_fuel"]]
    rows += [
        ("stress", float(fuel["unserved"].sum()), "MWh", _stress_words(case, start, days, frames, facts)),
        ("others", float(short["unserved"][~short["is_fuel"]].sum()), "MWh", _others_words(short, facts)),
        ("extra_cost", float(facts["extra_cost"]), case.currency, ""),
        ("relief", float(relief["saved"].max()) if len(relief) else 0.0, case.currency, _relief_words(case, relief, fuel)),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["key", "value", "unit", "text"])


def _cover(cover: pd.DataFrame, fuel: str) -> float:
    own = cover[cover["carrier"] == fuel]
    return float(own["stock"].sum() / own["use_day"].sum()) if len(own) else 0.0


def _cover_words(case: Case, cover: pd.DataFrame, fuel: str, start: date) -> str:
    own = cover[cover["carrier"] == fuel]
    name = str(case.table("carriers").set_index("carrier")["name"][fuel])
    if own.empty:
        return f"{name}: not used in the regions shown."
    stock = float(own["stock"].sum())
    if stock <= LITTLE:
        where = (
            f"the {len(own)} regions that use it; they live"
            if len(own) > 1
            else "the one region that uses it; it lives"
        )
        return f"{name}: the case has no stocks in {where} on what comes in."
    with_stock = own[own["stock"] > LITTLE]
    low = with_stock.loc[with_stock["cover_days"].idxmin()]
    without = len(own) - len(with_stock)
    bare = f"; {without} of {len(own)} regions {'has' if without == 1 else 'have'} none" if without else ""
    among = "least in" if not without else "least of those that have any"
    reserve = float(own["reserve"].sum())
    more = f", and {amount(case, fuel, reserve)} in reserves of the state" if reserve > LITTLE else ""
    return (
        f"{name}: stocks on {day(start)} are {amount(case, fuel, stock)}, {rounded(_cover(cover, fuel), 2)} days of use{more}; {among} "
        f"{'in ' if without else ''}{low['name']} with {rounded(float(low['cover_days']), 2)} days{bare}."
    )


def _stress_words(
    case: Case, start: date, days: int, frames: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]
) -> str:
    lost, short = frames["stress"], frames["short"]
    ways = element_names(case) | dict(zip(lost["element"], lost["name"], strict=True))
    named = listed([ways.get(element, element) for element in facts["named"]]) if facts["named"] else ""
    if not named:
        named = str(lost["name"].iloc[0]) if len(lost) == 1 else f"{len(lost)} tracks and shared limits"
    length = "1 day" if days == 1 else f"{days} days"
    head = f"{percent(float(facts['share']))} less of {named} for {length} from {day(start)}: "
    own = short[short["is_fuel"]]
    if own.empty:
        cost = float(facts["extra_cost"])
        return f"{head}no customer in the regions shown lacks fuel; other ways cost {rounded(cost / 1e6)} million {case.currency} more."
    parts = []
    names = case.table("carriers").set_index("carrier")["name"]
    ranked = own.groupby("carrier")["unserved"].sum().sort_values(ascending=False, kind="stable")
    for carrier, total in ranked.items():
        rows = own[own["carrier"] == carrier]
        first = rows.loc[rows["first_short"].idxmin()]
        count = rows["region"].nunique()
        when = f"{'in' if case.horizon.step == '1mo' else 'on'} {moment(case, first['first_short'])}"
        where = (
            f"{first['name']}, first {when}"
            if count == 1
            else f"{count} regions, first in {first['name']} {when}"
        )
        parts.append(
            f"{amount(case, str(carrier), float(total))} of {in_text(names[carrier])} unserved in {where}"
        )
    return head + "; ".join(parts) + "."


def _others_words(short: pd.DataFrame, facts: Mapping[str, Any]) -> str:
    others = float(short["unserved"][~short["is_fuel"]].sum())
    parts = []
    if others > LITTLE:
        parts.append(f"{energy(others)} of carriers that are no fuels go short here with them")
    if facts["elsewhere"] > LITTLE:
        parts.append(f"{energy(float(facts['elsewhere']))} are unserved in other countries")
    return f"{'; '.join(parts)}." if parts else ""


def _relief_words(case: Case, relief: pd.DataFrame, fuel: pd.DataFrame) -> str:
    if relief.empty:
        return (
            "No train, truck or wagon more would bring anything: where fuel is short, something else holds it back."
            if len(fuel)
            else ""
        )
    best = relief.iloc[0]
    serves = (
        f"it serves {best['serves']} more" if best["serves"] != "nothing" else "nobody is served more by it"
    )
    return (
        f"Of the increases looked at, {best['increase']} on {best['name']} saves most: {rounded(best['saved'] / 1e6)} million {case.currency} "
        f"({rounded(best['saved_by_price'] / 1e6)} million by the shadow price, which holds for the first ton); {serves}."
    )
