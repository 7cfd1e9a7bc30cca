"""Gaps that the network shows: border regions without N-1, and aid whose giver has none to give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from kelisim.agreement.gaps.gap import AID, N1, Gap, rows_of
from kelisim.agreement.provision import Provision
from kelisim.case.case import Case
from kelisim.results.facts import said
from kelisim.tolerances import SMALL_ENERGY, SMALL_SHARE

Spare = Callable[[str, str, str, float, tuple[int, ...]], tuple[float, list[str]]]
Arrives = Callable[[Provision, str, str], tuple[float, list[str]]]
COVERS = ("emergency_aid", "supply", "capacity", "transit", "power_band")


def without_n1(case: Case, provisions: Sequence[Provision], losses: pd.DataFrame) -> Iterator[Gap]:
    """Border regions whose protected customers go short when the largest supply is lost, and no provision helps.

    losses  region, country, carrier, largest, unserved and protected (MWh): without the largest supply, all provisions kept
    """
    for row in losses.to_dict("records"):
        if not row["protected"] > SMALL_ENERGY:
            continue
        near = [one for one in provisions if _bears_on(case, one, row) and not one.is_over]
        carried = [one for one in near if one.is_hard]
        say = (
            "agreement.gap_n1"
            if not near
            else "agreement.gap_n1_with"
            if carried
            else "agreement.gap_n1_soft"
        )
        places = {key: row[key] for key in ("region", "carrier", "largest", "protected", "unserved")}
        told = said(say, **places, provisions=[one.title for one in (carried or near)][:3])
        yield Gap(
            N1,
            tuple(one.name for one in (carried or near)[:3]),
            told,
            rows_of((carried or near)[:3], f"border:{row['region']}:{row['carrier']}"),
        )


def _bears_on(case: Case, one: Provision, row: dict[str, object]) -> bool:
    """Whether a provision brings the carrier to the region, or help to its country."""
    if one.carrier != row["carrier"] or one.kind not in COVERS:
        return False
    places = case.table("places").set_index("place")
    region = {str(place) for place in places.index[(places["region"] == row["region"]).to_numpy()]} | {
        str(row["region"])
    }
    links = case.table("links").set_index("link")
    contracts = case.table("contracts").set_index("contract")["over"]
    ways = {element for table, element in one.elements if table == "links"}
    ways |= {
        link
        for table, element in one.elements
        if table == "contracts"
        for link in str(contracts.get(element, "")).split(";")
    }
    ends = {
        str(links.at[link, side])
        for link in ways
        if link in links.index
        for side in ("from_place", "to_place")
    }
    return bool(region & (ends | {one.to_place})) or (
        one.kind == "emergency_aid" and row["country"] in one.beneficiaries
    )


def aid_without_giver(
    provisions: Sequence[Provision], spare: Spare, arrives: Arrives | None = None, home: str = ""
) -> Iterator[Gap]:
    """Emergency aid of which the giver has less to spare, or its line less room, in the worst of its months, than is promised.

    home     country that is helped where a provision names none
    spare    giver, receiver, carrier, MW promised and months -> MW that the giver can spare, and the rows read
    arrives  provision, giver and receiver -> MW that can come over the line beside what is booked, and the rows read
    """
    for one in provisions:
        if one.kind != "emergency_aid" or one.is_over or not one.power > 0:
            continue
        gets = [code for code in (*one.beneficiaries, *one.parties, home) if code not in one.obligors]
        gets = gets or [code for code in one.beneficiaries if len(one.beneficiaries) > 1]
        for giver in one.obligors:
            for receiver in [code for code in gets if code and code != giver][:1]:
                told = {
                    "provision": one.title,
                    "giver": giver,
                    "receiver": receiver,
                    "carrier": one.carrier,
                    "quantity": one.quantity,
                    "unit_name": one.unit,
                }
                room, way = arrives(one, giver, receiver) if arrives else (float("inf"), [])
                can, rows = spare(giver, receiver, one.carrier, one.power, one.months)
                least = one.power * (1.0 - SMALL_SHARE)
                if can < least and can <= room:
                    say = said("agreement.gap_aid", **told, can=can / one.power * one.quantity)
                    yield Gap(AID, (one.name,), say, rows_of([one], *rows))
                elif room < least:
                    say = said("agreement.gap_aid_way", **told, can=room / one.power * one.quantity)
                    yield Gap(AID, (one.name,), say, rows_of([one], *way))
