"""Flow on links: limits each way, tariff, loss, transit time, and capacity shared by several carriers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.transit import transit_days
from kelisim.lp.blocks import Bools, Floats, Ints
from kelisim.model import kirchhoff, line_fill
from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Columns `links.flow` and `links.flow_back` (links, steps), rows `links.shared` and the voltage law.

    A flow leaves one node at once and reaches the other after its transit time, in a pipeline at once; the horizon wraps.
    """
    links = frame.case.quantities("links")
    if links.empty:
        return
    share = frame.availability("links", links)
    coarse = frame.in_steps(links["carrier"])
    ids = list(links["link"])
    forward = frame.build.add_columns(
        "links.flow",
        ids,
        frame.steps,
        0.0,
        share * links["capacity"].to_numpy()[:, None],
        frame.price(links["tariff"]),
        coarse,
    )
    _connect(frame, links, forward, "from_place", "to_place")
    two_way = (links["capacity_back"] > 0).to_numpy()
    back_links = links[two_way]
    if len(back_links):
        tariff_back = back_links["tariff_back"].fillna(back_links["tariff"])
        most, ids = back_links["capacity_back"].to_numpy()[:, None], list(back_links["link"])
        size = ("links.flow_back", ids, frame.steps, 0.0)
        back = frame.build.add_columns(
            *size, share[two_way] * most, frame.price(tariff_back), coarse[two_way]
        )
        _connect(frame, back_links, back, "to_place", "from_place")
        _share(frame, back_links, back, share[two_way], "capacity_back", "links.shared_back")
        kirchhoff.add(frame, links, forward, back_links, back)
    else:
        kirchhoff.add(frame, links, forward, back_links, forward[:0])
    _share(frame, links, forward, share, "capacity", "links.shared")
    line_fill.add(frame, links)


def transit_steps(case: Case, links: pd.DataFrame, coarse: Bools) -> Ints:
    """Transit time of quantities, none in pipelines.

    Rounded to whole steps, of fine links to whole cells; none in a snapshot and in steps longer than twice the journey.

    coarse  links that have one column a step
    """
    horizon = case.horizon
    if not horizon.wraps:
        return np.zeros(len(links), dtype=np.int64)
    count = np.where(coarse, horizon.whole, 0 if horizon.is_typical else horizon.count)
    journey = transit_days(case, links).to_numpy() * 24.0 * count / horizon.hours.sum()
    return np.rint(journey).astype(np.int64) % np.maximum(count, 1)


def arrival_cells(case: Case, delay: Ints, coarse: Bools) -> Ints:
    """The cell in which what is sent in each cell arrives, of a coarse link one in the step of arrival, (links, cells).

    delay  steps of coarse and cells of fine links, (links,); the horizon wraps
    """
    horizon = case.horizon
    found = np.asarray((np.arange(horizon.count)[None, :] + delay[:, None]) % horizon.count)
    if coarse.any():
        heads = np.flatnonzero(np.diff(horizon.step_of, prepend=-1))
        found[coarse] = heads[(horizon.step_of[None, :] + delay[coarse][:, None]) % horizon.whole]
    return found


def _connect(frame: Assembly, links: pd.DataFrame, columns: Ints, start: str, end: str) -> None:
    frame.build.add_entries(frame.node_rows(links[start], links["carrier"]), columns, -1.0)
    arrival, kept = arrivals(frame, links)
    rows = np.take_along_axis(frame.node_rows(links[end], links["carrier"]), arrival, axis=1)
    frame.build.add_entries(rows, columns, kept)


def arrivals(frame: Assembly, links: pd.DataFrame) -> tuple[Ints, Floats]:
    """The cell in which what is sent in each cell arrives, and the share of its MW that arrives there, (links, cells) each."""
    coarse = frame.in_steps(links["carrier"])
    delay = transit_steps(frame.case, links, coarse)
    arrival = arrival_cells(frame.case, delay, coarse)
    # energy sent in a step arrives in a step that may have other hours
    kept = (1.0 - links["loss"].to_numpy())[:, None] * frame.hours[None, :] / frame.hours[arrival]
    return arrival, kept


def _share(
    frame: Assembly, links: pd.DataFrame, columns: Ints, share: Floats, capacity: str, name: str
) -> None:
    """Rows over the links of a group: their flows, counted in the unit of the capacity, stay within it."""
    grouped = links[(links["shared_with"] != "")]
    names = list(dict.fromkeys(grouped["shared_with"]))
    if not names:
        return
    position = {link: at for at, link in enumerate(links["link"])}
    head = grouped.drop_duplicates("shared_with")
    at_head = [position[link] for link in head["link"]]
    members = [position[link] for link in grouped["link"]]
    row_of = {name: at for at, name in enumerate(names)}
    group = [row_of[name] for name in grouped["shared_with"]]
    # a group is open while any of its links is: a banned carrier does not close the track for the others
    open_share = np.zeros((len(names), frame.steps))
    np.maximum.at(open_share, group, share[members])
    limit = open_share * links[capacity].to_numpy()[at_head][:, None]
    # the row has parts if any of its links has
    coarse = np.ones(len(names), dtype=bool)
    np.logical_and.at(coarse, group, frame.in_steps(grouped["carrier"]))
    rows = frame.build.add_rows(name, names, frame.steps, upper=limit, coarse=coarse)
    frame.build.add_entries(rows[group], columns[members], native_weights(frame, grouped, head)[:, None])


def native_weights(frame: Assembly, grouped: pd.DataFrame, head: pd.DataFrame) -> Floats:
    """What a MW of each link takes of the capacity of its group, in MW of the group's first link."""
    first = dict(zip(head["shared_with"], zip(head["unit"], head["carrier"], strict=True), strict=True))
    factor = frame.case.units.factor
    weights = []
    for group, carrier in zip(grouped["shared_with"], grouped["carrier"], strict=True):
        unit, head_carrier = first[group]
        weights.append(factor(unit, "power", head_carrier) / factor(unit, "power", carrier))
    return np.array(weights)
