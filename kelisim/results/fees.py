"""What crossing a country earns: transit fees by whose energy it is and for whom, and congestion rent of the links over its borders.

Energy that mixes on its way is told by proportional sharing (routes.py): of what is sent over a link the part from origin i for
destination j is sent x share of i at its start x share for j at its end. It is transit of a country where both are others. Of a link over a
border half of the tariff counts to either side. The congestion rent of a link is its shadow price times its flow: what one unit is worth
more behind it than before it, beyond tariff and losses, where it is full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.results.routes import Routes
from kelisim.results.tables import Tables
from kelisim.tolerances import SMALL_ENERGY

Floats = npt.NDArray[np.float64]


def fees(tables: Tables, areas: Sequence[str], carriers: Sequence[str]) -> list[tuple[Any, ...]]:
    """area, carrier, origin, destination, energy that enters it, tariffs paid for it there; energy of others for others only."""
    found = []
    for carrier in carriers:
        routes = Routes(tables, carrier, tables.country)
        for area in areas:
            if area in routes.areas:
                amounts = _mixed(tables, routes, area)
                for key, more in _booked(tables, carrier, area):
                    amounts[key] = amounts.get(key, np.zeros(2)) + more
                found += [
                    (area, carrier, *key, float(energy), float(paid))
                    for key, (energy, paid) in amounts.items()
                    if energy > SMALL_ENERGY
                ]
    return sorted(found, key=lambda one: (areas.index(one[0]), -one[5], one[1:4]))


def borders(tables: Tables, areas: Sequence[str], carriers: Sequence[str]) -> list[tuple[Any, ...]]:
    """area, carrier, link, the country behind it, energy out and in, tariffs paid on it, its congestion rent."""
    links = tables.links_total
    ends = [links[side].map(tables.country) for side in ("from_place", "to_place")]
    found = []
    for area in areas:
        for row, start, end in zip(links.itertuples(index=False), *ends, strict=True):
            if (start == area) == (end == area) or row.carrier not in carriers:
                continue
            out, into = (row.forward, row.back) if start == area else (row.back, row.forward)
            if out + into > SMALL_ENERGY:
                behind = end if start == area else start
                found.append((area, row.carrier, row.link, behind, out, into, row.cost, row.rent))
    return sorted(found, key=lambda one: (areas.index(one[0]), -one[6] - one[7], one[2]))


def _mixed(tables: Tables, routes: Routes, area: str) -> dict[tuple[str, str], Floats]:
    """(origin, destination) -> energy and tariffs of what mixes on its way."""
    places, *_, (sent, arrived, start, end), _ = tables.carrier_flows(routes.carrier)
    count = routes.links
    sent, arrived, start, end = sent[:count], arrived[:count], start[:count], end[:count]
    own = tables.case.quantities("links")
    own = own[own["carrier"] == routes.carrier]
    ahead = np.array([places[at] for at in start]) == own["from_place"].to_numpy()
    tariff = np.where(ahead, own["tariff"], own["tariff_back"].fillna(own["tariff"]))
    inside = np.array([tables.country[place] == area for place in places])
    weight = 0.5 * inside[start] + 0.5 * inside[end]
    enters = inside[end] & ~inside[start]
    up, down = routes.origins[start], routes.uses[end]
    energy = np.einsum("k,ko,kd->od", arrived * enters, up, down)
    paid = np.einsum("k,ko,kd->od", sent * tariff * weight, up, down)
    names = routes.areas
    return {
        (one, other): np.array([energy[i, j], paid[i, j]])
        for i, one in enumerate(names)
        for j, other in enumerate(names)
        if area not in (one, other)
    }


def _booked(tables: Tables, carrier: str, area: str) -> Iterator[tuple[tuple[str, str], Floats]]:
    """(origin, destination) with energy and tariffs of each booking that crosses a country."""
    links = tables.case.quantities("links").set_index("link")
    hours = tables.hours
    for one in tables.streams.all:
        ends = one.country[one.start], one.country[one.end]
        if one.carrier != carrier or area in ends or area not in one.country.values():
            continue
        energy = paid = 0.0
        for leg in one.legs:
            here = (one.country[leg.start] == area, one.country[leg.end] == area)
            row = links.loc[leg.link]
            back = row["tariff"] if pd.isna(row["tariff_back"]) else row["tariff_back"]
            sent = float(tables.streams.sent(one, leg) @ hours)
            paid += 0.5 * sum(here) * float(back if leg.is_back else row["tariff"]) * sent
            energy += float(tables.streams.arrived(one, leg) @ hours) if here == (False, True) else 0.0
        yield ends, np.array([energy, paid])
