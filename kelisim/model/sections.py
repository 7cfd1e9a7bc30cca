"""Sections of a network: what several lines may carry together hangs on which of them are in service.

The row of a section (`resources.step`) holds with all its lines in service. With a line out the limit falls to what the case
states (`limit_without`), or else by the line's share of the capacities. Each way of falling is a row of its own,

    flows <= what is left without these lines + what each of them adds while it is in service,

so that the loss of a line closes its columns and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from kelisim.lp.blocks import Bools, Floats, Ints
from kelisim.model.assembly import OUT_OF_BASE, Assembly
from kelisim.tolerances import ROOM

IN_SERVICE = "resources.in_service"
Stated = tuple[tuple[str, ...], float]


def stated(text: str) -> list[Stated]:
    """Lines that are out together and the limit then, of a text such as "north:900;north+south:0"."""
    pairs = (part.rpartition(":") for part in text.split(";") if part.strip())
    return [
        (tuple(sorted(line.strip() for line in lines.split("+"))), float(limit)) for lines, _, limit in pairs
    ]


def falls(
    lines: Sequence[str], capacity: Floats, amount: float, known: Sequence[Stated]
) -> Iterator[tuple[str, float, dict[str, float]]]:
    """How a limit falls: label, share of the limit that is left without these lines, and what each adds in service.

    capacity  MW of each line
    known     what the case states
    """
    for out, limit in known:
        left = limit / amount if amount else 0.0
        yield "+".join(out), left, dict.fromkeys(out, 1.0 - left + ROOM)
    alone = {out[0] for out, _ in known if len(out) == 1}
    whole = float(capacity.sum()) or 1.0
    share = {line: float(c) / whole for line, c in zip(lines, capacity, strict=True) if line not in alone}
    if share:
        yield "share", 1.0 - sum(share.values()) + ROOM, share


def add(
    frame: Assembly,
    sections: pd.DataFrame,
    limit: Floats,
    parts: Sequence[tuple[Ints, Ints, Floats]],
    coarse: Bools | None = None,
) -> None:
    """Rows `resources.section` and columns `resources.in_service`.

    sections  resources, all over a step
    limit     of each with all in service, (resources, steps)
    parts     entries of their rows: position among the resources, columns (uses, steps) and values
    coarse    those that have one row a step
    """
    links = frame.case.quantities("links")
    uses = frame.case.table("resource_uses")
    kept = frame.in_service("links", links)
    position = {link: at for at, link in enumerate(links["link"])}
    labels: list[tuple[str, str]] = []
    upper: list[Floats] = []
    of_row: list[int] = []
    members: list[tuple[int, str]] = []
    most: list[Floats] = []
    for at, row in enumerate(sections.itertuples(index=False)):
        if row.kind != "section":
            continue
        mine = uses["element"][(uses["resource"] == row.resource) & uses["table"].str.startswith("links")]
        lines = links[links["link"].isin(mine) & ~links["status"].isin(OUT_OF_BASE)]
        backward = set(uses["element"][(uses["resource"] == row.resource) & (uses["table"] == "links_back")])
        size = np.where(lines["link"].isin(backward), lines["capacity_back"], lines["capacity"])
        known = stated(row.limit_without)
        for label, left, adds in falls(list(lines["link"]), size, row.amount, known):
            for line, share in adds.items():
                members.append((len(labels), line))
                most.append(share * limit[at] * kept[position[line]])
            labels.append((row.resource, label))
            upper.append(left * limit[at])
            of_row.append(at)
    if not labels:
        return
    names = [f"{resource}|{label}" for resource, label in labels]
    few = np.zeros(len(names), dtype=bool) if coarse is None else coarse[of_row]
    rows = frame.build.add_rows("resources.section", names, frame.steps, upper=np.array(upper), coarse=few)
    ids = [f"{names[row]}|{line}" for row, line in members]
    of_member = few[[row for row, _ in members]]
    columns = frame.build.add_columns(IN_SERVICE, ids, frame.steps, 0.0, np.array(most), coarse=of_member)
    frame.build.add_entries(rows[[row for row, _ in members]], columns, -1.0)
    for of_use, used, values in parts:
        for row, at in enumerate(of_row):
            chosen = of_use == at
            frame.build.add_entries(rows[[row]], used[chosen], values[chosen])
