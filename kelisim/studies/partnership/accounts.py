"""Books of each partner over the life of what is built, filled from the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kelisim.ledger.venture import Partner, Venture, books, sensitivity, to_the_cent
from kelisim.studies.partnership.worths import COMPANIES, SharedWorth
from kelisim.tolerances import NO_ENERGY

FALL, RISE = 0.8, 1.2
STOPPED = 3  # years of a sanction, from the fifth year of service on
FIFTH = 4
LATE = (1, 3)


@dataclass(frozen=True)
class VentureTerms:
    """VentureTerms of the venture.

    shares    of the investment by partner
    held      project -> element -> who owns a part of it
    rate      a year; running is the share of capex a year of what has no cost of its own; life and building in years
    """

    shares: Mapping[str, float]
    held: Mapping[str, Mapping[str, set[str]]]
    rate: float
    running: float
    life: int
    building: int

    @property
    def years(self) -> int:
        return self.building + self.life


def moves(terms: VentureTerms, partners: tuple[str, ...]) -> list[tuple[str, dict[str, Any]]]:
    """What the books are counted again for."""
    first = terms.building + FIFTH
    found: list[tuple[str, dict[str, Any]]] = [
        ("price_lower", {"price": FALL}),
        ("volume_lower", {"volume": FALL}),
        ("capex_higher", {"capex": RISE}),
    ]
    found += [(f"late_{years}", {"delay": years}) for years in LATE if years < terms.life]
    if terms.life > FIFTH + STOPPED:
        years = (first, first + STOPPED - 1)
        found.append(("stopped", {"stopped": years}))
        found += [(f"blocked;{name}", {"stopped": years, "blocked": name}) for name in partners]
    return found


def earned(game: SharedWorth, terms: VentureTerms, built: tuple[str, ...]) -> tuple[dict[str, float], float]:
    """What each partner earns a year with what is built, and the MWh a year that it carries.

    A country earns what it gains by the network; a company the tariff of its links, in equal parts where several own one.
    """
    answer = game.worths.answer(built, game.demand)
    volume = sum(game.worths.carried(answer, project) for project in built)
    if game.by != COMPANIES:
        return game.direct(built), volume
    found = dict.fromkeys(game.players, 0.0)
    for project in built:
        for link, money in game.worths.tolls(answer, project).items():
            for owner in terms.held[project][link]:
                found[owner] += money / len(terms.held[project][link])
    return found, volume


def venture(
    game: SharedWorth, terms: VentureTerms, built: tuple[str, ...], paid: Mapping[str, float]
) -> Venture | None:
    """The venture of what all build together; None where nothing is built, or where an investment is not known.

    paid  what each partner is paid by the others each year of service
    """
    capex = sum(game.outlay[project].capex for project in built)
    if not built or not np.isfinite(capex):
        return None
    money, volume = earned(game, terms, built)
    if volume <= NO_ENERGY:
        return None
    years, first = terms.years, terms.building
    serves = np.arange(years) >= first
    spent = np.where(serves, 0.0, capex / first)
    partners = tuple(
        Partner(name, terms.shares[name], 1.0 / len(game.players), money[name] * len(game.players) / volume)
        for name in game.players
    )
    yearly = sum(game.outlay[project].running for project in built)
    transfers = {name: np.where(serves, paid[name], 0.0) for name in game.players}
    return Venture(partners, spent, np.where(serves, volume, 0.0), yearly, transfers=transfers)


def rows(made: Venture, terms: VentureTerms) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Rows of the tables books and measures."""
    found = to_the_cent(books(made))
    lines = [
        (partner, year + 1, *(float(own[line][year]) for line in own))
        for partner, own in found.lines.items()
        for year in range(terms.years)
    ]
    return lines, [
        (case, *rest) for case, *rest in sensitivity(made, terms.rate, moves(terms, tuple(terms.shares)))
    ]
