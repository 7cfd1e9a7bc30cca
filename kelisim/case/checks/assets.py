"""Assets: each has ports, one of them the reference, on the side that its kind allows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import pandas as pd

from kelisim.case.checks.view import CaseView
from kelisim.errors import InputProblem


def port_owner(view: CaseView) -> Iterator[InputProblem]:
    """A port of nothing, or of an asset and a kind at once."""
    rows = view.rows("asset_ports")
    whole = view.wrong("asset_ports", "asset", "kind")
    for row, asset, kind in rows[["asset", "kind"]].itertuples():
        if not asset and not kind and not whole[row]:
            yield view.problem(
                "asset_ports",
                row,
                "asset",
                "the port belongs to no asset.",
                "Name an asset or a kind.",
                rule="missing",
            )
        elif asset and kind:
            yield view.problem(
                "asset_ports",
                row,
                "kind",
                "the port belongs to an asset already.",
                "Name an asset or a kind, not both.",
                rule="ports",
            )


def ports(view: CaseView) -> Iterator[InputProblem]:
    """An asset without ports does nothing; a port with ratio 0 neither."""
    rows = view.sure("asset_ports", "ratio")
    for row in rows.index[rows["ratio"] == 0]:
        yield view.problem(
            "asset_ports",
            row,
            "ratio",
            "is 0.",
            "Negative goes in, positive comes out; leave a port away that is not used.",
            rule="ports",
        )
    lost = view.wrong("asset_ports", "asset", "kind").any() or "asset_ports" in view.unread
    if lost:
        return
    assets = view.rows("assets")
    bare = assets[
        ~assets["asset"].isin(view.ports["asset"]) & ~view.wrong("assets", "kind") & (assets["asset"] != "")
    ]
    for row, asset, kind in bare.drop_duplicates("asset")[["asset", "kind"]].itertuples():
        remedy = f'Give it rows in asset_ports, or the kind "{kind}".'
        yield view.problem(
            "assets",
            row,
            "asset",
            f'"{asset}" has no port: it makes and takes nothing.',
            remedy,
            rule="ports",
        )


def reference_port(view: CaseView) -> Iterator[InputProblem]:
    """Ports of which none counts 1: the capacity would have no meaning."""
    wrong = _assets_in_doubt(view, "ratio", "carrier")
    ports = view.ports
    right = set(ports["asset"][ports["ratio"].abs() == 1.0]) | wrong | {""}
    told = set()
    for asset, rows in ports[~ports["asset"].isin(right)].groupby("asset", sort=False):
        row = _likely_reference(rows)
        if row not in told:
            told.add(row)
            message = f'no port of "{asset}" has the ratio 1 or -1.'
            remedy = "The port in which its capacity is counted has 1 (out) or -1 (in)."
            near = "-1" if (rows["ratio"][rows.index == row] < 0).all() else "1"
            yield view.problem("asset_ports", row, "ratio", message, remedy, near, "ports")


def _assets_in_doubt(view: CaseView, *columns: str) -> set[str]:
    """Assets with a port that cannot be relied on."""
    wrong = view.rows("asset_ports").index[view.wrong("asset_ports", "asset", "kind", *columns)]
    return set(view.ports["asset"][view.ports.index.isin(wrong)])


def _likely_reference(rows: pd.DataFrame) -> Hashable:
    """The first port whose ratio has no unit of its own, which is how a reference is written."""
    plain = rows.index[rows["unit"] == "MWh/MWh"]
    return (plain if len(plain) else rows.index)[0]


def port_sides(view: CaseView) -> Iterator[InputProblem]:
    """A supply whose reference goes in, a sink with something coming out, a converter that makes nothing."""
    groups = view.kinds("asset_kinds").drop_duplicates("kind").set_index("kind")["group"]
    assets = view.sure("assets", "kind").drop_duplicates("asset").set_index("asset")["kind"]
    ports = view.ports[~view.ports["asset"].isin(_assets_in_doubt(view, "ratio", "carrier"))]
    ports = ports.assign(kind=ports["asset"].map(assets).fillna(""))
    ports = ports.assign(group=ports["kind"].map(groups).fillna(""))
    references = ports[ports["ratio"].abs() == 1.0].drop_duplicates("asset")
    makes = set(ports["asset"][ports["ratio"] > 0])
    found = {
        "is a supply ({kind}), and its reference goes in.": references[
            (references["group"] == "supply") & (references["ratio"] < 0)
        ],
        "is a sink ({kind}), and this comes out.": ports[(ports["group"] == "sink") & (ports["ratio"] > 0)],
        "({kind}) makes nothing.": ports[
            (ports["group"] == "convert") & ~ports["asset"].isin(makes)
        ].drop_duplicates("asset"),
    }
    remedies = (
        "Write 1, or give it another kind.",
        "Write a negative ratio, or give it another kind.",
        "Add a port that comes out, or make it a sink.",
    )
    for (message, rows), remedy in zip(found.items(), remedies, strict=True):
        for row, asset, kind in rows[~rows.index.duplicated()][["asset", "kind"]].itertuples():
            yield view.problem(
                "asset_ports", row, "ratio", f'"{asset}" {message.format(kind=kind)}', remedy, rule="ports"
            )
