"""What neighbours have agreed to give beyond plan and contracts: volume, lead time and price of mutual aid.

Two tables say so: notifications that come with an aid (given by the country that is told to the one that tells), and measures that let
more over the border and are of a body of the giver, of a joint one or of none: what lies on a border is ordered by both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from kelisim.case.case import Case
from kelisim.case.streams import streams
from kelisim.errors import UnitError
from kelisim.lp.problem import INF
from kelisim.model.borders import Border
from kelisim.model.measure_ways import Act, acts

PERCENT = ("percent", "%")


@dataclass(frozen=True)
class Aid:
    """What one row lets a giver give.

    name    the notification or measure
    most    MW; infinite where the row says no volume
    lead    hours from the asking until it flows
    price   currency/MWh, all in; not a number if it is a share on top of the price where it is handed over
    on_top  that share
    is_measure  whether it is a measure: where measures are ordered one by one, it comes as far as it is in force
    """

    receiver: str
    giver: str
    carrier: str
    name: str
    most: float
    lead: float
    price: float
    on_top: float
    is_measure: bool = False

    @property
    def border(self) -> Border:
        return self.receiver, self.giver, self.carrier


def aids(case: Case, borders: Iterable[Border]) -> tuple[Aid, ...]:
    """All that is agreed over some borders, in the order of border and name."""
    known = tuple(borders)
    found = [*_notified(case, known), *_measured(case, known)]
    return tuple(sorted(found, key=lambda aid: (aid.border, aid.name)))


def _notified(case: Case, borders: tuple[Border, ...]) -> Iterator[Aid]:
    country = case.table("bodies").set_index("body")["country"]
    for row in case.table("notifications").itertuples(index=False):
        carrier = str(row.trigger).partition(":")[2].strip()
        pair = str(country[row.from_body]), str(country[row.to_body])
        for border in borders:
            if not row.aid or border[:2] != pair or carrier not in ("", border[2]):
                continue
            try:
                yield Aid(
                    *border,
                    str(row.notification),
                    _volume(case, row, border[2]),
                    float(row.within_hours),
                    *_price(case, row, border[2]),
                )
            except UnitError:
                continue  # of another carrier


def _volume(case: Case, row: object, carrier: str) -> float:
    volume, unit = float(row.volume), str(row.unit)  # type: ignore[attr-defined]
    if np.isnan(volume):
        return INF
    return volume * (case.units.factor(unit, "power", carrier) if unit else 1.0)


def _price(case: Case, row: object, carrier: str) -> tuple[float, float]:
    price, unit = float(row.price), str(row.price_unit)  # type: ignore[attr-defined]
    if np.isnan(price):
        return np.nan, 0.0
    if unit in PERCENT:
        return np.nan, price / 100.0
    return price * (case.units.factor(unit, "energy_price", carrier) if unit else 1.0), 0.0


def _measured(case: Case, borders: tuple[Border, ...]) -> Iterator[Aid]:
    """Measures that a body of the giver's country orders, or both do, by what they let more over the border."""
    measures = case.table("measures").set_index("measure")
    bodies = case.table("bodies").set_index("body")["country"]
    found, _ = acts(case) if len(measures) else ([], {})
    ends = _ends(case)
    total: dict[tuple[Border, str], float] = {}
    for act in found:
        body = str(measures["body"][act.measure])
        giver = str(bodies[body]) if body else ""
        for border in _over(case, act, ends) & set(borders):
            if giver in ("", border[1]):
                more = _more(case, act, border[2])
                total[border, act.measure] = max(total.get((border, act.measure), 0.0), more)
    for (border, name), most in total.items():
        lead, price = float(measures["lead_time"][name]), _measure_price(case, measures.loc[name], border[2])
        if most > 0.0:
            yield Aid(*border, name, most, lead, price if price else np.nan, 0.0, True)


def _ends(case: Case) -> dict[str, Border]:
    """Link -> country at its end and at its start, and carrier: the border that its flow crosses."""
    country = dict(case.table("places")[["place", "country"]].itertuples(index=False))
    links = case.table("links")[["link", "from_place", "to_place", "carrier"]]
    return {
        str(link): (str(country[end]), str(country[start]), str(carrier))
        for link, start, end, carrier in links.itertuples(index=False)
    }


def _over(case: Case, act: Act, ends: dict[str, Border]) -> set[Border]:
    """Borders that what a measure acts on crosses: a link, the links that a contract books, or those that draw on a shared limit."""
    if act.table == "links":
        links = {act.element: act.column == "capacity_back"}
    elif act.table == "contracts":
        row = case.table("contracts").set_index("contract").loc[act.element]
        # more of a stream is more for the country of its buyer's point
        through = {
            leg.link
            for stream in streams(case)
            if stream.contract == act.element
            for leg in stream.legs
            if stream.country[leg.end] != stream.country[stream.end]
        }
        links = {link: False for link in str(row["over"]).split(";") if link and link not in through}
    elif act.table == "resources":
        uses = case.table("resource_uses")
        mine = uses[(uses["resource"] == act.element) & uses["table"].isin(("links", "links_back"))]
        links = dict(zip(mine["element"], mine["table"] == "links_back", strict=True))
    else:
        return set()
    found = set()
    for link, back in links.items():
        receiver, giver, carrier = ends[link]
        if receiver != giver:
            found.add((giver, receiver, carrier) if back else (receiver, giver, carrier))
    return found


def _more(case: Case, act: Act, carrier: str) -> float:
    """MW that a measure adds; 0 of a limit that counts no energy."""
    gain = act.after - act.before
    if act.column == "annual_quantity":
        return gain / case.horizon.year_hours
    if act.table != "resources":
        return gain
    unit = str(case.table("resources").set_index("resource")["unit"][act.element])
    try:
        return gain * case.units.factor(unit, "power", carrier)
    except UnitError:
        return 0.0


def _measure_price(case: Case, row: object, carrier: str) -> float:
    cost, unit = float(row["cost"]), str(row["cost_unit"])  # type: ignore[index]
    return cost * case.units.factor(unit, "energy_price", carrier) if cost and unit else cost
