"""Assets: each has ports, one of them the reference, on the side that its kind allows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import pandas as pd

from kelisim.case.checks.view import CaseView, about, each
from kelisim.errors import InputProblem, UnitError
from kelisim.tolerances import INPUT_SHARES


@about("asset_ports")
def port_owner(view: CaseView) -> Iterator[InputProblem]:
    """A port of nothing, or of an asset and a kind at once."""
    rows = view.rows("asset_ports")
    whole = view.wrong("asset_ports", "asset", "kind")
    for row, asset, kind in each(rows, "asset", "kind"):
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
    for row, asset, kind in each(bare.drop_duplicates("asset"), "asset", "kind"):
        remedy = f'Give it rows in asset_ports, or the kind "{kind}".'
        yield view.problem(
            "assets",
            row,
            "asset",
            f'"{asset}" has no port: it makes and takes nothing.',
            remedy,
            rule="ports",
        )


@about("asset_ports")
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


@about("asset_ports")
def port_sides(view: CaseView) -> Iterator[InputProblem]:
    """A supply whose reference goes in, a sink with something coming out, a converter that makes or takes nothing."""
    groups = view.kinds("asset_kinds").drop_duplicates("kind").set_index("kind")["group"]
    assets = view.sure("assets", "kind").drop_duplicates("asset").set_index("asset")["kind"]
    ports = view.ports[~view.ports["asset"].isin(_assets_in_doubt(view, "ratio", "carrier"))]
    ports = ports.assign(kind=ports["asset"].map(assets).astype(object).fillna(""))
    ports = ports.assign(group=ports["kind"].map(groups).astype(object).fillna(""))
    references = ports[ports["ratio"].abs() == 1.0].drop_duplicates("asset")
    makes, takes = (set(ports["asset"][ports["ratio"] * sign > 0]) for sign in (1, -1))
    found = {
        "is a supply ({kind}), and its reference goes in.": references[
            (references["group"] == "supply") & (references["ratio"] < 0)
        ],
        "is a sink ({kind}), and this comes out.": ports[(ports["group"] == "sink") & (ports["ratio"] > 0)],
        "({kind}) makes nothing.": ports[
            (ports["group"] == "convert") & ~ports["asset"].isin(makes)
        ].drop_duplicates("asset"),
        "({kind}) takes nothing in: it would make energy from nothing.": ports[
            (ports["group"] == "convert") & ports["asset"].isin(makes) & ~ports["asset"].isin(takes)
        ].drop_duplicates("asset"),
    }
    remedies = (
        "Write 1, or give it another kind.",
        "Write a negative ratio, or give it another kind.",
        "Add a port that comes out, or make it a sink.",
        "Add a port that goes in, or give it a kind of supply.",
    )
    for (message, rows), remedy in zip(found.items(), remedies, strict=True):
        for row, asset, kind in each(rows[~rows.index.duplicated()], "asset", "kind"):
            yield view.problem(
                "asset_ports", row, "ratio", f'"{asset}" {message.format(kind=kind)}', remedy, rule="ports"
            )


@about("asset_ports")
def energy(view: CaseView) -> Iterator[InputProblem]:
    """A converter out of which more energy comes than goes in; one that draws on its surroundings may do so."""
    kinds = view.kinds("asset_kinds").drop_duplicates("kind").set_index("kind")
    bound = set(kinds.index[(kinds["group"] == "convert") & ~kinds["from_surroundings"]])
    assets = view.sure("assets", "kind")
    kind_of = {
        asset: kind for asset, kind in zip(assets["asset"], assets["kind"], strict=True) if kind in bound
    }
    doubtful = _assets_in_doubt(view, "ratio", "carrier", "unit")
    told: set[Hashable] = set()
    ports = view.ports[view.ports["asset"].isin(kind_of)].drop_duplicates(["asset", "carrier"])
    for asset, rows in ports.groupby("asset", sort=False):
        reference = view.references.get(str(asset), "")
        if asset in doubtful or not view.carriers.issuperset([reference, *rows["carrier"]]):
            continue
        try:
            factors = [
                view.case.units.ratio(unit, top, reference)
                for unit, top in rows[["unit", "carrier"]].to_numpy()
            ]
        except UnitError:
            continue
        amounts = rows["ratio"] * factors
        row = rows.index[amounts > 0]
        taken, made = -amounts[amounts < 0].sum(), amounts[amounts > 0].sum()
        if len(row) and taken and made > taken * (1 + INPUT_SHARES) and row[0] not in told:
            told.add(row[0])
            message = f'{made:.4g} MWh come out of "{asset}" ({kind_of[str(asset)]}) for {taken:.4g} MWh that go in.'
            remedy = "Look at the ratios and their units; a heat pump has the kind heat_pump."
            yield view.problem("asset_ports", row[0], "ratio", message, remedy, rule="energy")
