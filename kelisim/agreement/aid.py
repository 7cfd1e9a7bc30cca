"""Emergency aid: rows of help that a provision makes, and what a neighbour can spare, month by month, with its own customers served."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.engine import Engine, Rules
from kelisim.results.regions import Regions

Spare = Callable[[str, str, str, float, tuple[int, ...]], tuple[float, list[str]]]


def spare_of(engine: Engine) -> Spare:
    """Asks what a giver can spare for a receiver: MW in the worst of some months, at most what is asked for, and the rows behind it."""

    def spare(
        giver: str, receiver: str, carrier: str, power: float, months: tuple[int, ...]
    ) -> tuple[float, list[str]]:
        case = engine.case
        links = _over(case, giver, receiver, carrier)
        rows = [f"links:{link}" for link in links] or [f"places:{giver}"]
        if not links:
            return 0.0, rows
        asked = engine.beside(only_aid(case, giver, receiver, carrier, power))
        rules = Rules("none", "none", engine.rules.span, engine.rules.tranches, "agreed")
        horizon = case.horizon
        window = asked.window(horizon.start.date(), (horizon.end - horizon.start).days, rules, tail=0)
        if window.help is None or (giver, carrier) not in window.help.givers:
            return 0.0, rows
        can = window.spare()[window.help.givers.index((giver, carrier))]
        of = pd.DatetimeIndex(window.steps["step"]).month.to_numpy()
        inside = np.isin(of, months)
        return float(can[inside].min()) if inside.any() else float(can.min()), rows

    return spare


def _over(case: Case, giver: str, receiver: str, carrier: str) -> list[str]:
    """Links in use on which a carrier can go from one country to the other."""
    crossing = Regions(case).crossing((giver, receiver)).get(carrier, ())
    links = case.table("links").set_index("link")
    country = case.table("places").set_index("place")["country"]
    found = []
    for link in crossing:
        row = links.loc[link]
        size = row["capacity"] if country[row["from_place"]] == giver else row["capacity_back"]
        if row["status"] == "base" and float(size) > 0:
            found.append(str(link))
    return sorted(found)


def with_aid(
    case: Case, giver: str, receiver: str, carrier: str, power: float, name: str = "agreement"
) -> Case:
    """The case with one aid more: two bodies, and a notification of the volume, MW, at once and at the price of the network."""
    asks, gives = (f"{name}_{side}" for side in ("asks", "gives"))
    bodies = _rows(
        "bodies",
        [{"body": asks, "name": asks, "country": receiver}, {"body": gives, "name": gives, "country": giver}],
    )
    told = {
        "notification": f"{name}_aid",
        "trigger": f"alert:{carrier}",
        "from_body": asks,
        "to_body": gives,
        "within_hours": "0",
    }
    rows = _rows("notifications", [told | {"aid": "aid", "volume": repr(power), "unit": "MW"}])
    for table, more in (("bodies", bodies), ("notifications", rows)):
        case = case.with_table(table, pd.concat([case.table(table), more], ignore_index=True))
    return case


def only_aid(case: Case, giver: str, receiver: str, carrier: str, power: float) -> Case:
    """The case with this aid and no other, from notifications or measures."""
    bare = case.with_table("notifications", case.table("notifications").iloc[:0])
    return with_aid(
        bare.with_table("measures", case.table("measures").iloc[:0]), giver, receiver, carrier, power
    )


def _rows(name: str, rows: list[dict[str, str]]) -> pd.DataFrame:
    table = schema.tables()[name]
    text = pd.DataFrame(rows, dtype=object).reindex(
        columns=[column.name for column in table.columns], fill_value=""
    )
    return schema.parse(table, text, name)[0]
