"""Tables and sentences of a partnership."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kelisim.ledger.bargaining import nash_bargain
from kelisim.ledger.cores import core_ranges, least_core, objections
from kelisim.ledger.games import members
from kelisim.ledger.nucleolus import has_gain, nucleolus
from kelisim.ledger.outlays import annuity
from kelisim.ledger.venture import compensation
from kelisim.results.facts import Fact, said
from kelisim.results.schema import framed
from kelisim.results.trade_units import TradeUnit
from kelisim.studies.partnership.accounts import VentureTerms, rows, venture
from kelisim.studies.partnership.worths import ALL, COMPANIES, SharedWorth
from kelisim.tolerances import NO_SHARE, SMALL_MONEY

STUDY = "partnership"


def frames(game: SharedWorth, terms: VentureTerms) -> dict[str, pd.DataFrame]:
    """All tables of the answer."""
    _, built = game.best(game.players)
    players = _players(game, terms, built)
    found = {
        "players": framed(STUDY, "players", players),
        "groups": framed(STUDY, "groups", _groups(game)),
        "projects": framed(STUDY, "projects", _projects(game, terms, built)),
        "demand": framed(STUDY, "demand", _demand(game)),
        "savings": framed(STUDY, "savings", _savings(game, built)),
        "others": framed(STUDY, "others", _others(game, built)),
    }
    paid = dict(zip(found["players"]["player"], found["players"]["payment"], strict=True))
    made = venture(game, terms, built, paid)
    if made is not None:
        books, measures = rows(made, terms)
        found |= {"books": framed(STUDY, "books", books), "measures": framed(STUDY, "measures", measures)}
    return found


def _players(game: SharedWorth, terms: VentureTerms, built: tuple[str, ...]) -> list[tuple[Any, ...]]:
    value, error = game.shares.share, game.shares.error
    unknown = np.full(len(value), np.nan)
    center, low, high = unknown, unknown, unknown
    if game.is_small:
        center = nucleolus(game.game, individually=has_gain(game.game)).share
        ranges = core_ranges(game.game)
        low, high = ranges.T if ranges is not None else (unknown, unknown)
    gain = game.direct(built) if game.by != COMPANIES else dict.fromkeys(game.players, float("nan"))
    costs = {name: terms.shares[name] * game.cost(built) for name in game.players}
    wanted = dict(zip(game.players, map(float, value), strict=True))
    bare = {name: gain[name] - costs[name] for name in game.players}
    paid = compensation(bare, wanted) if game.by != COMPANIES else dict.fromkeys(game.players, 0.0)
    alone = game.alone
    talks = nash_bargain(game.whole, np.zeros(len(value)), outside=alone)
    bargain = talks if talks is not None else np.full(len(value), np.nan)
    return [
        (
            name,
            float(alone[at]),
            float(value[at]),
            float(error[at]),
            float(center[at]),
            float(bargain[at]),
            float(low[at]),
            float(high[at]),
            gain[name],
            costs[name],
            paid[name],
        )
        for at, name in enumerate(game.players)
    ]


def _groups(game: SharedWorth) -> list[tuple[Any, ...]]:
    """Every group of few players; of more each alone, all together, and those who would do better than by Shapley; of many no such are sought."""
    count = len(game.players)
    every = range(1, 2**count) if game.is_small else [*(1 << bit for bit in range(count)), 2**count - 1]
    against = {mask for mask, _ in objections(game.game, game.shares.share)} if game.is_small else set[int]()
    found = []
    for mask in every:
        group = members(mask, game.players)
        worth, built = game.of(mask)
        if count <= MOST_SHOWN or len(group) in (1, count) or mask in against:
            found.append((";".join(group), len(group), worth, ";".join(game.sets[built]), mask in against))
    return found


ALL_SERVED = 0.995  # share of the demand: so much, and all of it is called served
MOST_SAVINGS = 10  # elements
MOST_SHOWN = 4  # players of whose groups all have a row


def _projects(game: SharedWorth, terms: VentureTerms, built: tuple[str, ...]) -> list[tuple[Any, ...]]:
    found = []
    for project in game.can:
        outlay = game.outlay[project]
        gain = game.worths.gains([project], game.demand)[ALL]
        bare = game.worths.gains([project], False)[ALL]
        most = max(0.0, gain) / (annuity(terms.rate, outlay.years, terms.building) + terms.running)
        energy = game.worths.building.energy([project]) / game.worths.years
        costs = (outlay.capex, outlay.yearly, most)
        found.append((project, project in built, gain, gain - outlay.yearly, bare, energy, *costs))
    return found


def _demand(game: SharedWorth) -> list[tuple[Any, ...]]:
    """What the demand of each project costs to supply, and what it counts as worth."""
    found = []
    for project in game.can if game.demand else ():
        supply, served = game.worths.supply(project)
        rows = game.worths.building.comes.loc[list(game.worths.building.brought(project))]
        for carrier, some in rows.groupby("carrier", sort=True):
            unit = TradeUnit.of(game.worths.building.case, str(carrier))
            energy = float(some["amount"].sum())
            worth = float((some["amount"] * some["worth"]).sum()) / energy
            found.append(
                (
                    project,
                    carrier,
                    energy / game.worths.years,
                    served,
                    supply / unit.money,
                    worth / unit.money,
                    unit.price,
                )
            )
    return found


def _savings(game: SharedWorth, built: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Where what is built saves most, and where it costs more."""
    if not built:
        return []
    found = game.worths.savings(built, game.demand)
    rows = sorted(found.items(), key=lambda one: (-abs(one[1]), one[0]))
    return [
        (table, element, saved) for (table, element), saved in rows[:MOST_SAVINGS] if abs(saved) > SMALL_MONEY
    ]


def _others(game: SharedWorth, built: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Countries that are no partners and gain or lose by what is built."""
    if game.by == COMPANIES or not built:
        return []
    gains = game.worths.gains(built, game.demand)
    rest = {name: gain for name, gain in gains.items() if name not in (*game.players, ALL)}
    return [
        (name, gain)
        for name, gain in sorted(rest.items(), key=lambda one: -abs(one[1]))
        if abs(gain) > NO_SHARE * abs(gains[ALL])
    ]


def facts(game: SharedWorth, found: dict[str, pd.DataFrame]) -> list[Fact]:
    """What the answer says, the most important first."""
    worth, built = game.best(game.players)
    players = [said("partnership.player", player=name) for name in game.players]
    works = [said("partnership.work", project=project) for project in built]
    if not built:
        every = [said("partnership.work", project=project) for project in game.can]
        out = [Fact("worth", 0.0, "", "partnership.nothing", players=players, projects=every)]
        return [*out, *_supplied(found["demand"]), *_of_projects(found["projects"])]
    is_paid = all(np.isfinite(game.outlay[project].capex) for project in built)
    say = "partnership.worth" if is_paid else "partnership.worth_unpaid"
    out = [Fact("worth", worth, "", say, players=players, projects=works)]
    for row in found["savings"].query("saved > 0").head(1).itertuples(index=False):
        out.append(Fact("saving", row.saved, "", "partnership.saving", element=row.element))
    rows = found["players"]
    for row in rows[rows["alone"] > SMALL_MONEY].itertuples(index=False):
        _, own = game.best((row.player,))
        some = [said("partnership.work", project=project) for project in own]
        out.append(
            Fact(f"alone_{row.player}", row.alone, "", "partnership.alone", player=row.player, projects=some)
        )
    shares = [
        said("partnership.share", player=row.player, money=row.shapley)
        for row in rows.itertuples(index=False)
    ]
    out.append(Fact("shapley", worth, "", "partnership.shapley", parts=shares))
    out.append(_stable(game, rows))
    out += _payments(game, rows)
    return [*out, *_supplied(found["demand"]), *_of_projects(found["projects"])]


def _stable(game: SharedWorth, rows: pd.DataFrame) -> Fact:
    """Whether some group would do better by itself; of many players how sure the shares are."""
    if not game.is_small:
        error = float(game.shares.error.max())
        return Fact(
            "sampled", error, "", "partnership.sampled", count=len(game.players), orders=game.shares.orders
        )
    middle = [
        said("partnership.share", player=row.player, money=row.nucleolus)
        for row in rows.itertuples(index=False)
    ]
    core = least_core(game.game)
    say = "core" if core.has_core else "no_core" if has_gain(game.game) else "apart"
    return Fact("core", core.excess, "", f"partnership.{say}", parts=middle)


def _supplied(rows: pd.DataFrame) -> list[Fact]:
    """What the demand that comes costs to supply, beside what it is worth."""
    out = []
    for row in rows.itertuples(index=False):
        places = {
            "project": row.project,
            "carrier": row.carrier,
            "worth": row.worth,
            "unit_name": row.unit,
            "energy": row.energy,
        }
        say = (
            "partnership.unserved"
            if not row.served > 0
            else "partnership.supply"
            if row.served > ALL_SERVED
            else "partnership.supply_part"
        )
        out.append(
            Fact(f"supply_{row.project}_{row.carrier}", row.supply, "", say, served=row.served, **places)
        )
    return out


def _payments(game: SharedWorth, rows: pd.DataFrame) -> list[Fact]:
    """Who would lose by himself, and who has to be paid how much."""
    if game.by == COMPANIES:
        return [Fact("companies", say="partnership.companies")]
    out = []
    for row in rows.itertuples(index=False):
        bare = row.gain - row.cost
        if bare < -SMALL_MONEY:
            out.append(
                Fact(f"loser_{row.player}", bare, "", "partnership.loser", player=row.player, money=-bare)
            )
    paid = rows[rows["payment"] > SMALL_MONEY]
    if len(paid):
        parts = [
            said("partnership.share", player=r.player, money=r.payment) for r in paid.itertuples(index=False)
        ]
        out.append(Fact("paid", float(paid["payment"].sum()), "", "partnership.paid", parts=parts))
    return out


def _of_projects(rows: pd.DataFrame) -> list[Fact]:
    out = []
    for row in rows.itertuples(index=False):
        places = {"project": row.project}
        if not np.isfinite(row.capex):
            say = "partnership.unpublished" if row.most > SMALL_MONEY else "partnership.worthless"
            out.append(Fact(f"capex_{row.project}", row.most, "", say, **places))
        if row.energy > 0:
            say = "without_demand"
            if row.gain <= SMALL_MONEY:
                say = "gains_nothing"
            elif row.bare <= SMALL_MONEY:
                say = "by_demand"
            elif row.gain - row.bare <= NO_SHARE * row.gain:
                say = "no_more_by_demand"
            say = f"partnership.{say}"
            out.append(Fact(f"demand_{row.project}", row.bare, "", say, gain=row.gain, **places))
    return out
