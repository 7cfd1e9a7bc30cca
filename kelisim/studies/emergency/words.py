"""The emergency plan in words and in tables of text, for the command line, the page and the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kelisim.case.case import Case
from kelisim.results.results import Results
from kelisim.results.sentences import amount, day, energy, moment, money, percent
from kelisim.tolerances import SMALL_ENERGY as LEAST

MOST = 20  # rows that a table on the command line shows


def after_measures(
    case: Case,
    plan: pd.DataFrame,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    left_out: Mapping[str, str],
) -> tuple[str, str]:
    """What is to be done, and what that changes, one text each."""
    measures = len(case.table("measures"))
    if not measures:
        return "", "The case lists no measures."
    if not len(plan) and float(before["unserved_energy"]) <= LEAST:
        return "", f"Nobody is short, so none of the {measures} measures of the case is needed."
    if not len(plan):
        more = (
            f" {len(left_out)} of them only take something away or act on what is not there."
            if left_out
            else ""
        )
        return "", f"None of the {measures} measures of the case helps here.{more}"
    steps = "; ".join(
        f"{row.order}. {row.name_} from {when(case, row.bites)}"
        for row in plan.rename(columns={"name": "name_"}).itertuples()
    )
    left, had = float(after["unserved_energy"]), float(before["unserved_energy"])
    saved = had - left
    one = len(plan) == 1
    told = f"With {len(plan)} {'measure' if one else 'measures'} "
    if had <= LEAST:
        told = (
            f"Nobody goes short without measures either; {'one makes' if one else f'{len(plan)} make'} the answer cheaper, "
            f"by {money(case, float(before['extra_cost']) - float(after['extra_cost']))}"
        )
    elif left <= LEAST:
        told += f"nobody goes short: they make up for all {energy(had)}"
    else:
        told += f"{energy(left)} remain unserved of {energy(had)}: they avoid {energy(saved)}, {percent(saved / had)}"
    shielded_before, shielded = float(before["unserved_protected"]), float(after["unserved_protected"])
    if shielded_before > LEAST:
        told += (
            "; protected customers are all served."
            if shielded <= LEAST
            else f"; of protected customers {energy(shielded)} instead of {energy(shielded_before)}."
        )
    else:
        told += "."
    return f"In this order: {steps}.", told


def when(case: Case, at: Any) -> str:
    """A day, with the hour where the step is shorter or a lead time ends within the day."""
    if at is None or pd.isna(at):
        return "not within the days shown"
    stamp = pd.Timestamp(at)
    if case.horizon.step == "1mo":
        return moment(case, stamp)
    return day(stamp) if stamp.hour == 0 else f"{day(stamp)}, {stamp.hour:02d}:00"


def plan_table(results: Results) -> pd.DataFrame:
    """The plan as text, one row per measure."""
    case = results.case
    plan = results["plan"]
    rows = plan.rename(columns={"name": "name_"}).itertuples()
    return pd.DataFrame(
        [
            {
                "": str(row.order), "measure": row.name_, "from level": str(row.level).replace("_", " "), "body": row.body, "bites": when(case, row.bites),
                "brings": amount(case, row.carrier, row.energy) if row.carrier else energy(row.energy),
                "avoids": energy(row.unserved_avoided) if row.unserved_avoided > LEAST else "nothing more than others would",
                "worth": money(case, row.worth), "step down": when(case, row.step_down), "grade": row.grade,
            }
            for row in rows
        ]
    )  # fmt: skip


def remaining_table(results: Results, most: int = MOST) -> pd.DataFrame:
    """Who is still cut, as text: the lowest class first."""
    case = results.case
    place = case.table("places").set_index("place")["name"]
    carrier = case.table("carriers").set_index("carrier")["name"]
    rows = results["remaining"]
    rows = rows[rows["unserved_with"] > LEAST].head(most)
    return pd.DataFrame(
        [
            {
                "class": str(row.customer_class).replace("_", " "), "place": place[row.place], "carrier": carrier[row.carrier],
                "without measures": amount(case, row.carrier, row.unserved_without), "with": amount(case, row.carrier, row.unserved_with),
                "of its use": percent(row.unserved_with / row.demand if row.demand else 0.0), "from": when(case, row.first_short),
            }
            for row in rows.itertuples()
        ]
    )  # fmt: skip


def ranges_table(results: Results) -> pd.DataFrame:
    """How the answer depends on what is graded C, as text."""
    return pd.DataFrame(
        [
            {
                "": row.what, "unserved without measures": energy(row.unserved_without), "with": energy(row.unserved_with),
                "protected customers, with": energy(row.protected_with), "cost beyond the plan": money(results.case, row.extra_cost_with),
            }
            for row in results["ranges"].itertuples()
        ]
    )  # fmt: skip
