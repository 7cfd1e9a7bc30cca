"""The runs of the fuel venture for northern Kazakhstan: what is assumed, the case with its depots, and what is solved for its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from kelisim.case.building import Building
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage
from kelisim.case.dated import keys
from kelisim.engine import Engine
from kelisim.ledger.outlays import annuity
from kelisim.ledger.venture import WHOLE, Partner, Venture, books, npv
from kelisim.report.words import Words
from kelisim.results.answer import Answer
from kelisim.results.tables import Tables
from kelisim.studies.investment.coming.rules import KeptRules
from kelisim.studies.partnership.worths import Worths

UNIT, DEPOTS = "pavlodar_9", "northern_depots"
SETS = ((), (UNIT,), (DEPOTS,), (UNIT, DEPOTS))
NAMES = {(): "Nothing", (UNIT,): "Refinery", (DEPOTS,): "Depots", (UNIT, DEPOTS): "Both"}
REGIONS = ("kz_north_kazakhstan", "kz_kostanay", "kz_akmola")  # with depots of the venture
NORTH = (*REGIONS, "kz_astana", "kz_pavlodar")
CALLED = {"diesel": "Diesel", "gasoline": "Petrol"}
PRODUCTS, MORE = tuple(CALLED), 30.0  # kt of each in each region
CAPEX = {UNIT: 1400.0, DEPOTS: 90.0}  # million USD
RATE, RUNNING, LIFE, YEARS, TAX, WRITE_OFF = 0.08, 0.03, 25, 3, 0.2, 10
GROWTH, WANTED = 1.1, 0.12  # of fuel use in Kazakhstan; rate of return that the fee is set for
KAZAKH, RUSSIAN = "Kazakh partner", "Russian partner"
BALANCE = ("products_import_ru_diesel", "products_import_ru_gasoline", "products_import_ru_jet")
ALL_OF_BALANCE = "products_import_ru"  # limit of all products together
REFINERY, LINE, RULES_OF = "refinery_pavlodar", "crude_priirt_pavl", date(2025, 11, 30)
OUT, OUT_DAYS = date(2024, 1, 1), 30
WINTER = (1, 2, 3, 11, 12)  # months
DOUBLED = "A tenth more fuel, twice the balance with Russia"
KEPT = "A tenth more fuel, sanctions kept: Russian crude for Pavlodar stops"
TODAY, MORE_FUEL = "As in 2024", "A tenth more fuel"


def with_depots(case: Case) -> Case:
    """The case with the depots as a project beside its own."""
    rows = case.table("projects")
    tanks = ";".join(
        f"storages:stock_products_depots_{region}_{one}" for region in REGIONS for one in PRODUCTS
    )
    own = rows[rows["project"] == UNIT].assign(
        project=DEPOTS, name="Fuel depots in the north", builds=tanks, capacity=MORE, unit="kt"
    )
    return case.with_table("projects", pd.concat([rows, own], ignore_index=True))


@dataclass(frozen=True)
class NorthernFuel:
    """The runs of the page."""

    engine: Engine

    @cached_property
    def words(self) -> Words:
        return Words(self.engine.case)

    @cached_property
    def building(self) -> Building:
        return Building(self.engine.case, (UNIT, DEPOTS))

    @cached_property
    def worths(self) -> Worths:
        return Worths(self.engine, self.building)

    @cached_property
    def grown(self) -> Dated:
        """A tenth more fuel in Kazakhstan."""
        mine = tuple(
            key
            for key in keys(self.engine.case, "demand")
            if key.startswith("kz_") and key.split(":")[1] in (*PRODUCTS, "jet")
        )
        return Dated("demand", mine, "amount", GROWTH, how="scale")

    @cached_property
    def years(self) -> dict[str, list[Change]]:
        """What is otherwise in each year that is asked about."""
        double = [
            Dated("contracts", BALANCE, "annual_quantity", 2.0, how="scale"),
            Dated("resources", (ALL_OF_BALANCE,), "amount", 2.0, how="scale"),
        ]
        none = Dated("contracts", BALANCE, "annual_quantity", 1e-6, how="scale")
        kept = KeptRules(self.engine, self.building.full).in_force(RULES_OF)
        crude = [one for one in kept if isinstance(one, Outage) and one.element == LINE]
        return {
            TODAY: [],
            MORE_FUEL: [self.grown],
            DOUBLED: [self.grown, *double],
            "No products from Russia": [none],
            "A tenth more fuel, no products from Russia": [self.grown, none],
            KEPT: [self.grown, *crude],
        }

    @cached_property
    def answers(self) -> dict[tuple[str, tuple[str, ...]], Answer]:
        """The year with each set, in each of the years."""
        return {
            (name, some): self.worths.answer(some, more=more)
            for name, more in self.years.items()
            for some in SETS
        }

    def saved(self, name: str, some: tuple[str, ...]) -> float:
        return self.answers[name, ()].objective - self.answers[name, some].objective

    def run_at(self, name: str, some: tuple[str, ...]) -> float:
        """Crude that the refinery runs, Mt."""
        return self.amount(float(self.answers[name, some].energy("assets.activity", [REFINERY])[0]), "crude")

    def amount(self, energy: float, carrier: str) -> float:
        """MWh in Mt."""
        return energy * self.engine.case.units.display(carrier)[1]

    def short(self, name: str, some: tuple[str, ...]) -> float:
        """Petrol, diesel and jet fuel that Kazakhstan lacks, Mt."""
        demand = self.worths.engine.case.table("demand")
        missing = self.answers[name, some].by_demand(len(demand)) @ self.answers[name, some].hours
        found = 0.0
        for carrier in (*PRODUCTS, "jet"):
            mine = ((demand["carrier"] == carrier) & demand["place"].str.startswith("kz_")).to_numpy()
            found += self.amount(float(missing[mine].sum()), carrier)
        return found

    def margin(self, name: str, some: tuple[str, ...]) -> float:
        """What a tonne of crude makes at Pavlodar less the crude, at the prices there, USD; mean over what the refinery runs."""
        found, tables = self.answers[name, some], Tables(self.worths.engine.case, self.answers[name, some])
        place = tables.case.table("assets").set_index("asset").at[REFINERY, "place"]
        prices = found.row_price("places.balance")
        at = {node: row for row, node in enumerate(tables.nodes.itertuples(index=False, name=None))}
        ports = tables.ports[(tables.ports["asset"] == REFINERY).to_numpy()]
        worth = sum(
            ratio * prices[at[place, carrier]]
            for carrier, ratio in zip(ports["carrier"], ports["ratio"], strict=True)
        )
        runs = found.energy("assets.activity", [REFINERY])[0]
        mean = float((worth * found.power("assets.activity", [REFINERY])[0]) @ found.hours) / float(runs)
        return mean / self.amount(1.0, "crude") / 1e6

    # ---- books
    @property
    def volume(self) -> float:
        """Crude that the venture refines a year, Mt, with a tenth more fuel."""
        return self.run_at(MORE_FUEL, (UNIT, DEPOTS)) - self.run_at(MORE_FUEL, ())

    def venture(self, fee: float, volume: float | None = None) -> Venture:
        """The venture at a fee, USD a tonne of crude; money in USD."""
        capex = sum(CAPEX.values()) * 1e6
        serves = np.arange(YEARS + LIFE) >= YEARS
        partners = tuple(Partner(name, 0.5, 0.5, fee, tax=TAX) for name in (KAZAKH, RUSSIAN))
        taken = (self.volume if volume is None else volume) * 1e6
        return Venture(
            partners,
            np.where(serves, 0.0, capex / YEARS),
            np.where(serves, taken, 0.0),
            RUNNING * capex,
            write_off=WRITE_OFF,
        )

    def fee(self, rate: float) -> float:
        """Fee at which the present value of all is nothing at a rate."""
        return float(brentq(lambda fee: npv(books(self.venture(fee)).cash(), rate), 1.0, 2000.0))


def yearly(some: Sequence[str]) -> float:
    """What building and running costs a year, million USD."""
    return sum(CAPEX[one] * (annuity(RATE, LIFE, YEARS) + RUNNING) for one in some)


def measured(
    words: Words, move: str, partner: str, value: float, rate: float, count: int, years: float
) -> list[str]:
    """A row of what moves the books."""
    returns = f"{words.figure(rate * 100)} %" if count == 1 else "none" if not count else f"{count} rates"
    after = f"{years:.1f}" if years == years else "never"
    told = "As planned" if move == "as_planned" else move
    return [told, "All" if partner == WHOLE else partner, words.figure(value / 1e6), returns, after]


def together(rows: list[list[str]]) -> list[list[str]]:
    """Rows of both partners that say the same as one row."""
    found: list[list[str]] = []
    for row in rows:
        if (
            found
            and row[1] == RUSSIAN
            and found[-1][1] == KAZAKH
            and [row[0], *row[2:]] == [found[-1][0], *found[-1][2:]]
        ):
            found[-1] = [row[0], "Each partner", *row[2:]]
        else:
            found.append(row)
    return found
