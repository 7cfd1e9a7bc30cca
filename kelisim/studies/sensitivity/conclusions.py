"""Conclusions that a ministry asks for, each as one number and one statement about the home country.

A conclusion is named by a word and, where it is about a carrier, a colon and the carrier: "net_import:electricity".
The home country is the setting `home` under [defaults] of the case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.home import home_of
from kelisim.engine import Engine
from kelisim.engine.estimates.cut import SampledCut, outcome
from kelisim.errors import UserError
from kelisim.results import tracing
from kelisim.results.bottlenecks import bottlenecks
from kelisim.results.facts import Fact, said
from kelisim.results.tables import Tables
from kelisim.tolerances import SMALL_ENERGY, SMALL_SHARE

USUAL = (
    *("unserved_protected", "net_import:electricity", "power_share:coal"),
    *("dearest_limit", "net_import:natural_gas"),
)
CUT = "cut"  # the conclusion of a cut, followed by what is lost: cut:pipe_a;plant_b
NOBODY = "nobody"  # its statement where nobody goes short
NO_PLAN = "no_plan"  # statement where the limits cannot all be kept
BANDS = ((0.05, "hardly_any"), (0.25, "below_quarter"), (0.5, "below_half"), (np.inf, "above_half"))
Finding = tuple[float, str, str, float]  # value, unit, statement, least


@dataclass(frozen=True)
class Headline:
    """One conclusion.

    value      in `unit`
    statement  key of what one would say of it, or what that names: the family, or table:element:limit:carrier; a conclusion is
               overturned where another value brings another statement
    least      change of the value below which nobody would speak of a change
    """

    name: str
    value: float
    unit: str
    statement: str
    least: float


def headlines(tables: Tables, names: Sequence[str] = USUAL) -> list[Headline]:
    """The conclusions of a solved case, in the order of their names. Raises UserError for what the case cannot say."""
    home = home_of(tables.case)
    return [
        Headline(name, *_maker(tables.case, name)(tables, home, name.partition(":")[2])) for name in names
    ]


def headline_of(cut: SampledCut, engine: Engine) -> Headline:
    """What a cut leaves unserved beyond the plan, GWh; the statement is who lacks most: place:carrier:class, or nobody."""
    seen = cut.seen(engine)
    rows = outcome(seen)[:-1]
    total, demand = float(rows.sum()), seen.case.table("demand")
    statement = NOBODY
    if total > SMALL_ENERGY:
        most = demand.iloc[int(rows.argmax())]
        statement = ":".join(str(most[column]) for column in ("place", "carrier", "customer_class"))
    return Headline(
        f"{CUT}:{';'.join(cut.lost)}",
        total / 1e3,
        "GWh",
        statement,
        max(SMALL_SHARE * total, SMALL_ENERGY) / 1e3,
    )


def conclusion_said(name: str, home: str) -> Fact:
    """What a conclusion is about."""
    word, _, about = name.partition(":")
    if word == CUT:
        return said("sensitivity.conclusion.cut", lost=about.split(";"))
    return said(f"sensitivity.conclusion.{word}", about=about, home=home)


def statement_said(name: str, statement: str) -> Fact:
    """What one would say of it."""
    word, _, about = name.partition(":")
    if statement == NO_PLAN:
        return said("sensitivity.statement.no_plan")
    if word == CUT and statement != NOBODY:
        place, carrier, customer_class = statement.split(":")
        return said("sensitivity.statement.cut", place=place, carrier=carrier, customer_class=customer_class)
    if word == "power_share" and statement != "nothing":
        return said("sensitivity.statement.power_share", family=statement)
    if word == "dearest_limit" and ":" in statement:
        table, element, limit, carrier = statement.split(":")
        limit_said = said(f"bottlenecks.{'links_' if table == 'links' else ''}{limit}", carrier=carrier)
        return said("sensitivity.statement.dearest_limit", element=element, limit=limit_said)
    return said(f"sensitivity.statement.{word}_{statement}", about=about)


def require(case: Case, names: Sequence[str]) -> None:
    """Raises UserError, with the nearest right word, where a conclusion cannot be drawn from a case."""
    home_of(case)
    for name in names:
        _maker(case, name)


def _maker(case: Case, name: str) -> Callable[[Tables, str, str], Finding]:
    word, _, about = name.partition(":")
    if word not in KNOWN:
        near = schema.nearest(word, KNOWN)
        hint = f'Did you mean "{near}"?' if near else f"Known: {', '.join(KNOWN)}."
        raise UserError(f'no conclusion "{name}". {hint}')
    made, takes = KNOWN[word]
    carriers = case.table("carriers")
    known = {
        "": [""],
        "carrier": list(carriers["carrier"]),
        "family": list(dict.fromkeys(carriers["family"])),
    }[takes]
    if about not in known:
        near = schema.nearest(about, known)
        hint = f'Did you mean "{word}:{near}"?' if near else f"Known: {schema.some(known, 20)}."
        raise UserError(
            f'"{name}": {word} is asked of a {takes}. {hint}' if takes else f'"{name}": {word} stands alone.'
        )
    return made


# ---- the conclusions
def unserved_protected(tables: Tables, home: str, _about: str) -> Finding:
    """Energy that protected customers of the home country do not get, all carriers, GWh."""
    rows = tables.demand_total
    here = rows[rows["protected"] & (rows["place"].map(tables.country) == home)]
    short = float(here["unserved"].sum())
    least = max(float(here["demand"].sum()) * 1e-5, SMALL_ENERGY) / 1e3
    return short / 1e3, "GWh", "served" if short <= SMALL_ENERGY else "short", least


def net_import(tables: Tables, home: str, carrier: str) -> Finding:
    """What comes over the borders and is bought, less what leaves and is sold, in the unit of pages."""
    rows = tables.carriers_balance
    row = rows[(rows["country"] == home) & (rows["carrier"] == carrier)].sum(numeric_only=True)
    unit, factor = tables.case.units.display(carrier)
    net = float(row["net_import"])
    use = float(row["used"] + row["taken_in"])
    least = 0.005 * use
    statement = "balanced" if abs(net) <= least else "import" if net > 0 else "export"
    return net * factor, unit, statement, least * factor


def power_from(tables: Tables, home: str, family: str) -> Finding:
    """Electricity that the home country makes from a family of fuels, in the unit of pages."""
    made = _power_by_fuel(tables, home)
    unit, factor = tables.case.units.display("electricity")
    value = float(made.get(family, 0.0)) * factor
    return value, unit, "some" if value > 0 else "none", 0.01 * made.sum() * factor


def power_share(tables: Tables, home: str, family: str) -> Finding:
    """Share of a family of fuels in the electricity that the home country makes; the statement is the largest family."""
    made = _power_by_fuel(tables, home)
    total = float(made.sum())
    if total <= 0:
        return 0.0, "share", "nothing", 0.01
    return float(made.get(family, 0.0)) / total, "share", str(made.idxmax()), 0.01


def dearest_limit(tables: Tables, home: str, _about: str) -> Finding:
    """The dearest limit of links at home, contracts, shared limits and storages; the yield of a field is no bottleneck."""
    frame = bottlenecks(tables)
    links = tables.case.table("links").set_index("link")
    ends = links[["from_place", "to_place"]].apply(lambda side: side.map(tables.country))
    storages = tables.case.table("storages").set_index("storage")["place"].map(tables.country)
    mine = [
        (table in ("contracts", "resources"))
        or (table == "links" and home in set(ends.loc[element]))
        or (table == "storages" and storages.get(element) == home)
        for table, element in zip(frame["table"], frame["element"], strict=True)
    ]
    frame = frame[mine]
    unit = f"million {tables.case.currency}"
    if frame.empty:
        return 0.0, unit, "none", 1.0
    top = frame.iloc[0]
    return float(top["value"]) / 1e6, unit, ":".join(top[["table", "element", "limit", "carrier"]]), 0.01


def imported_share(tables: Tables, home: str, carrier: str) -> Finding:
    """Share of what the home country uses of a carrier that was made or bought abroad, by proportional sharing."""
    share = _from_abroad(tables, home, carrier)
    return share, "share", next(band for top, band in BANDS if share < top), 0.01


def cost(tables: Tables, _home: str, _about: str) -> Finding:
    """Least cost of the horizon, the whole case."""
    value = float(tables.answer.objective) / 1e6
    return value, f"million {tables.case.currency}", "cost" if value >= 0 else "income", 0.0


KNOWN: dict[str, tuple[Callable[[Tables, str, str], Finding], str]] = {
    "unserved_protected": (unserved_protected, ""),
    "net_import": (net_import, "carrier"),
    "power_from": (power_from, "family"),
    "power_share": (power_share, "family"),
    "dearest_limit": (dearest_limit, ""),
    "imported_share": (imported_share, "carrier"),
    "cost": (cost, ""),
}


def _power_by_fuel(tables: Tables, home: str) -> pd.Series:
    """Electricity made at home by the family of the largest input of its asset; own kind where there is none, MWh."""
    ports = tables.assets_ports
    ports = ports[ports["place"].map(tables.country) == home]
    made = ports[(ports["carrier"] == "electricity") & (ports["energy"] > 0)].groupby("asset")["energy"].sum()
    fuels = ports[(ports["energy"] < 0) & (ports["carrier"] != "electricity")].sort_values("energy")
    largest = fuels.drop_duplicates("asset").set_index("asset")["carrier"]
    family = largest.map(tables.case.table("carriers").set_index("carrier")["family"])
    kinds = tables.case.table("assets").set_index("asset")["kind"]
    by = [str(family.get(asset) or kinds.get(asset, "")) for asset in made.index]
    return made.groupby(by).sum()


def _from_abroad(tables: Tables, home: str, carrier: str) -> float:
    """Share of a country's use that was supplied at places of other countries (Bialek 1996, on net annual flows)."""
    rows = tables.places_balance
    rows = rows[rows["carrier"] == carrier].reset_index(drop=True)
    links, loss = tables.links_total, tables.case.quantities("links")["loss"].to_numpy()
    chosen = (links["carrier"] == carrier).to_numpy()
    position = {place: at for at, place in enumerate(rows["place"])}
    start, end = (
        links[side][chosen].map(position).to_numpy(dtype=np.int64) for side in ("from_place", "to_place")
    )
    flows = tracing.net_links(
        links["forward"][chosen].to_numpy(), links["back"][chosen].to_numpy(), loss[chosen], start, end
    )
    supply = (rows["made"] + rows["bought"] + np.maximum(-rows["stored"], 0.0)).to_numpy()
    if not len(rows) or supply.sum() <= 0:
        return 0.0
    share = tracing.shares(supply, *flows)
    country = rows["place"].map(tables.country)
    at_home = (country == home).to_numpy()
    use = (rows["used"] + rows["taken_in"]).to_numpy() * at_home
    return float(use @ share[:, ~at_home].sum(axis=1) / use.sum()) if use.sum() > 0 else 0.0
