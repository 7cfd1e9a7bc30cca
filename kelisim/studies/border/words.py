"""The first page in words: is every border region supplied, what is the weakest point, on what does each region live."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.results.sentences import amount, day, percent, rounded
from kelisim.results.tables import Tables
from kelisim.studies.border.supply import Border
from kelisim.tolerances import SMALL_ENERGY as NONE
from kelisim.tolerances import SMALL_SHARE as LITTLE

WINTER = (10, 11, 12, 1, 2, 3)
WHOLE = " (all that it carries)"  # behind the name of a track that several carriers share
UPPER_BOUND = "Gas is counted without pressures: an upper bound of what can be delivered."
FINE = 1.5  # days; longer steps do not tell on which day a cut begins
COLUMNS = ["key", "region", "carrier", "value", "unit", "text"]
FAMILY_GAS = "gas"


def summary(
    case: Case,
    border: Border,
    table: pd.DataFrame,
    n1: pd.DataFrame,
    closed: pd.DataFrame,
    start: date,
    days: int,
    rules: tuple[str, str],
) -> pd.DataFrame:
    """Sentences for the first sight, each with the number it rests on.

    table   rows of `border`, the answers included
    n1      rows of `border.n1`
    closed  rows of `border.closed`
    """
    words = _Words(case, border, table, n1, closed, start, days)
    rows = [words.today(), words.winter(), words.weakest(), words.across(), *words.regions()]
    place, when = rules
    text = f"Who goes short follows the place rule {place.replace('_', ' ')} and the time rule {when}. {words.resolution()}"
    rows.append(("rules", "", "", np.nan, "", text.strip()))
    if words.has_gas():
        rows.append(("gas", "", "", np.nan, "", UPPER_BOUND))
    return pd.DataFrame(rows, columns=COLUMNS)


def cover_words(case: Case, days: float, stock_days: float) -> str:
    """Days of cover as far as the steps of the case tell them: "4.0", "less than 31", "no cut", "-" for nobody protected.

    A cut in the first step of a month says little where there is a stock; without one it begins at once.
    """
    if np.isnan(days):
        return "-"
    if np.isinf(days):
        return "no cut"
    step = float(case.horizon.hours.max()) / 24.0
    if days <= 0 and step > FINE and stock_days > 0:
        return f"less than {step:.0f}"
    return rounded(days, 2)


def customers(customer_class: str) -> str:
    """A class in words: boilers_other -> boilers other."""
    return str(customer_class).replace("_", " ")


def shown(case: Case, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `border` that lean on the other side, as people read them."""
    rows = table[table["share_across_now"] > LITTLE]
    names = case.table("carriers").set_index("carrier")["name"]
    largest = [
        f"{n.removesuffix(WHOLE)}, {percent(s)}"
        for n, s in zip(rows["largest_name"], rows["largest_share"], strict=True)
    ]
    return pd.DataFrame(
        {
            "region": rows["name"], "carrier": rows["carrier"].map(names),
            "use/day": [amount(case, c, v) for c, v in zip(rows["carrier"], rows["use_day"], strict=True)],
            "across": [percent(v) for v in rows["share_across_now"]],
            "cover, days": [cover_words(case, d, s) for d, s in zip(rows["cover_days"], rows["stock_days"], strict=True)],
            "largest supply": largest, "short if lost": [percent(v) if v > 0 else "nobody" for v in rows["n1_rate"]], "grade": rows["grade"],
        }
    )  # fmt: skip


class _Words:
    def __init__(
        self,
        case: Case,
        border: Border,
        table: pd.DataFrame,
        n1: pd.DataFrame,
        closed: pd.DataFrame,
        start: date,
        days: int,
    ) -> None:
        self.case, self.border, self.table = case, border, table
        self.n1, self.closed = n1, closed
        self.start, self.days = start, days
        self.carriers = case.table("carriers").set_index("carrier")
        self.markets = set(case.table("markets")["market"])
        self.step_days = float(case.horizon.hours.max()) / 24.0

    def carrier(self, carrier: str) -> str:
        name = str(self.carriers["name"].get(carrier, carrier))
        return name if name[1:2].isupper() else name[:1].lower() + name[1:]

    def has_gas(self) -> bool:
        return bool(self.table["carrier"].map(self.carriers["family"]).eq(FAMILY_GAS).any())

    def period(self) -> str:
        """The days looked at, as far as the steps of the case tell them."""
        length = "1 day" if self.days == 1 else f"{self.days} days"
        return f"the {length} from {day(self.start)}"

    def count(self) -> str:
        count = self.table["region"].nunique()
        return f"the {count} regions and plants" if count != 1 else "the one region"

    # ---- supplied?
    def today(self) -> tuple[Any, ...]:
        first, second = self.border.pair
        short = float(self.table["unserved_now"].sum())
        where = f"on the border of {first} and {second}"
        if self.table.empty:
            return "today", "", "", 0.0, "MWh", f"No region {where} uses anything."
        if short <= NONE:
            return (
                "today",
                "",
                "",
                0.0,
                "MWh",
                f"Each of {self.count()} {where} is supplied in {self.period()}, by the least-cost plan.",
            )
        text = self._short_rows(self.table, "unserved_now")
        return (
            "today",
            "",
            "",
            short,
            "MWh",
            f"Not all of {self.count()} {where} are supplied in {self.period()}: {text} stay unserved.",
        )

    def winter(self) -> tuple[Any, ...]:
        short, months = self._winter_short()
        if not months:
            return (
                "winter",
                "",
                "",
                np.nan,
                "",
                "The case holds no month from October to March: nothing is said of the winter.",
            )
        words = f"the winter months of the case ({months})"
        total = float(short["unserved"].sum()) if len(short) else 0.0
        if total <= NONE:
            return (
                "winter",
                "",
                "",
                0.0,
                "MWh",
                f"Nobody on the border goes short in {words}, if nothing fails.",
            )
        return (
            "winter",
            "",
            "",
            total,
            "MWh",
            f"In {words} these go short even if nothing fails: {self._short_rows(short, 'unserved')}.",
        )

    def _winter_short(self) -> tuple[pd.DataFrame, str]:
        tables: Tables = self.border.tables
        steps = self.case.horizon.steps
        cold = steps["month"].isin(WINTER)
        months = _months(steps["step"][cold])
        frame = tables.demand_unserved
        frame = frame.assign(
            region=frame["place"].map(self.border.regions.of),
            hours=frame["step"].map(dict(zip(steps["step"], tables.hours, strict=True))),
        )
        frame = frame[frame["step"].isin(steps["step"][cold]) & frame["region"].isin(self.border.found)]
        energy = (frame["unserved"] * frame["hours"]).groupby([frame["region"], frame["carrier"]]).sum()
        found = energy.rename("unserved").rename_axis(["region", "carrier"]).reset_index()
        return found, months

    def _short_rows(self, frame: pd.DataFrame, column: str, most: int = 3) -> str:
        rows = frame[frame[column] > NONE].sort_values(column, ascending=False, kind="stable")
        names = self.border.regions.name
        parts = [
            f"{amount(self.case, r['carrier'], r[column])} of {self.carrier(r['carrier'])} in {names[r['region']]}"
            for r in rows.head(most).to_dict("records")
        ]
        return ", ".join(parts) + (f" and {len(rows) - most} more" if len(rows) > most else "")

    # ---- the weakest point
    def weakest(self) -> tuple[Any, ...]:
        order = ["n1_protected", "n1_unserved", "n1_less_taken"]
        rows = self.table.sort_values(order, ascending=False, kind="stable")
        row = rows.iloc[0] if len(rows) else None
        if row is None or (row[order] <= NONE).all():
            return (
                "weakest",
                "",
                "",
                0.0,
                "MWh",
                f"Nobody on the border goes short if any one region loses its largest supply of a carrier in {self.period()}.",
            )
        text = f"The weakest point is the supply of {row['name']} with {self.carrier(row['carrier'])}: {self.loss(row)}"
        if self.carriers["family"].get(row["carrier"]) == FAMILY_GAS:
            text = f"{text} {UPPER_BOUND}"
        return "weakest", row["region"], row["carrier"], float(row["n1_unserved"]), "MWh", text

    def loss(self, row: Any) -> str:
        """What happens to a region if its largest supply is lost, a sentence."""
        told = self._told(self.n1, row)
        return f"if {row['largest_name']} is lost for {self.days} days from {day(self.start)}, {told or 'nobody there goes short'}."

    def across(self) -> tuple[Any, ...]:
        """The region that is hit most if the border is closed for one carrier."""
        rows = self.table[self.table["share_across_now"] > LITTLE]
        rows = rows.assign(cover=rows["cover_days"].fillna(np.inf)).sort_values(
            ["cover", "closed_unserved", "closed_less_taken"], ascending=[True, False, False], kind="stable"
        )
        rows = rows[(rows["closed_unserved"] > NONE) | (rows["closed_less_taken"] > NONE)]
        if rows.empty:
            return (
                "across",
                "",
                "",
                0.0,
                "MWh",
                f"Nobody on the border goes short if it is closed for any one carrier in {self.period()}.",
            )
        row = rows.iloc[0]
        carrier = self.carrier(row["carrier"])
        when = f"for {self.days} days from {day(self.start)}"
        text = f"If the border is closed for {carrier} {when}, {row['name']} is hit hardest: {self._told(self.closed, row)}."
        if self.carriers["family"].get(row["carrier"]) == FAMILY_GAS:
            text = f"{text} {UPPER_BOUND}"
        return "across", row["region"], row["carrier"], float(row["closed_unserved"]), "MWh", text

    def _told(self, details: pd.DataFrame, row: Any, most: int = 2) -> str:
        """Who goes short in the region of a row, the protected and the largest first; empty if nobody does."""
        mine = details[
            (details["region"] == row["region"])
            & (details["carrier"] == row["carrier"])
            & (details["customer_class"] != "")
        ]
        mine = mine.assign(lost=mine["unserved"] + mine["less_taken"])
        parts = [self._class(one) for one in mine.head(most).to_dict("records")]
        rest = len(mine) - most
        return "; ".join(parts) + (f"; and {rest} more" if rest > 0 else "")

    def _class(self, one: dict[str, Any]) -> str:
        lost = amount(self.case, one["short_carrier"], one["lost"])
        carrier = self.carrier(one["short_carrier"])
        share = f"{percent(one['rate'])} of the use in these days"
        when = "at once" if one["days_served"] < 0.5 else f"after {rounded(one['days_served'], 2)} days"
        if one["customer_class"] in self.markets:
            return f"buyers there take {lost} of {carrier} less ({share}), {when}"
        who = (
            "" if one["customer_class"] == one["short_carrier"] else f", {customers(one['customer_class'])},"
        )
        return f"{lost} of {carrier}{who} stay unserved ({share}), {when}"

    # ---- each region
    def regions(self) -> list[tuple[Any, ...]]:
        """For each region the carrier on which it hangs most."""
        rows = []
        for region in self.border.found:
            mine = self.table[self.table["region"] == region]
            if mine.empty:
                continue
            leans = mine["share_across_now"] > LITTLE
            order = mine.assign(
                cover=mine["cover_days"].fillna(np.inf).where(leans, np.inf), lost=(mine["closed_unserved"] + mine["closed_less_taken"]).where(leans, 0.0),
                hung=mine["share_across_now"] * mine["use_day"],
            )  # fmt: skip
            keys = ["cover", "lost", "hung", "use_day"]
            row = order.sort_values(keys, ascending=[True, False, False, False], kind="stable").iloc[0]
            rows.append(
                ("region", region, row["carrier"], float(row["share_across_now"]), "share", self.region(row))
            )
        return rows

    def region(self, row: Any) -> str:
        """One region and carrier: how much, from where, for how long, what hangs on it."""
        parts = [
            f"{self.carrier(row['carrier'])} {amount(self.case, row['carrier'], row['use_day'])}/day",
            f"{percent(row['share_across_now'])} from across the border",
        ]
        if row["share_across_now"] > LITTLE:
            parts.append(self.cover(row))
            if row["protected_share"] > LITTLE:
                parts.append(f"{percent(row['protected_share'])} of what its customers use is protected")
        if row["heat_share"] > LITTLE:
            parts.append(self.heat(row))
        return f"{row['name']}: {', '.join(parts)}."

    def cover(self, row: Any) -> str:
        """Days until the first protected customer of the region is cut, if the border is closed for the carrier."""
        if np.isfinite(row["cover_days"]):
            return f"{cover_words(self.case, row['cover_days'], row['stock_days'])} days of cover"
        told = self._told(self.closed, row, 1)
        if told:
            return f"if the border is closed for it {told}"
        return f"nobody goes short if the border is closed for it for {self.days} days"

    def heat(self, row: Any) -> str:
        """Places whose heat is made from the carrier."""
        count = int(row["heat_places"])
        kinds = self.case.table("places").set_index("place")
        towns = [
            kinds["kind"].get(place) == "town"
            for place in self.border.heat_places(row["region"], row["carrier"])
        ]
        word = ("town" if all(towns) else "place") + ("" if count == 1 else "s")
        return f"heat of {count} {word} hangs on it, {percent(row['heat_share'])} of the heat made there"

    def resolution(self) -> str:
        if self.step_days < FINE:
            return ""
        return f"The steps are up to {self.step_days:.0f} days long: days of cover are not known any finer, 0 means within the first."


def _months(moments: pd.Series) -> str:
    """Months in words, those in a row together: "January to March 2024, October to December 2024"."""
    months = list(dict.fromkeys(pd.PeriodIndex(moments, freq="M")))
    runs: list[list[pd.Period]] = []
    for month in months:
        if runs and month == runs[-1][-1] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(_run(run[0], run[-1]) for run in runs)


def _run(first: pd.Period, last: pd.Period) -> str:
    if first == last:
        return f"{first:%B %Y}"
    return f"{first:%B} to {last:%B %Y}" if first.year == last.year else f"{first:%B %Y} to {last:%B %Y}"
