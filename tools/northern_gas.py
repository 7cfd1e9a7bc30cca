"""Three gas pipelines for the north of Kazakhstan, alone and together: `python -m tools.northern_gas` writes docs/worked/northern-gas.md.

By months on the reference case; the page says so. Every number comes from a solve or from a row of the case; what is assumed stands in ASSUMED, WORTH
and the weights of MARKETS and RULES. What stands between the numbers was written by a person who had them before him.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np

from kelisim.case.building import Building
from kelisim.engine import Engine
from kelisim.io import reference
from kelisim.ledger.outlays import Outlay, outlays
from kelisim.report.numbers import first_upper
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies.agreement.worth import Security
from kelisim.studies.investment.coming.outlooks import ComingYear, coming_years, outlook_said
from kelisim.studies.investment.coming.rules import KeptRules, stopped_by
from kelisim.studies.investment.portfolio import Portfolio
from kelisim.studies.outage_fields import peak_day
from kelisim.studies.partnership.worths import ALL, Worths
from kelisim.studies.study import create
from kelisim.tolerances import SMALL_ENERGY
from tools.november_talks import DAYS, NORTH, PAIR, flat, table

PAGE = Path(__file__).parents[1] / "docs/worked/northern-gas.md"
PROJECTS = ("ishim_astana", "saryarka_2_3", "aktobe_kostanay")
SHORT = {"ishim_astana": "Ishim", "saryarka_2_3": "Saryarka", "aktobe_kostanay": "Aktobe"}
ASSUMED = {"ishim_astana": 1500.0}  # million USD: nobody has published one
WORTH = 275.0  # USD/1000 m3, of the gas that comes with a project
RATE, RUNNING, LIFE, BUILDING = 0.08, 0.03, 25, 3
MARKETS = {
    "as_planned": 0.55,
    "scenario:lng_glut": 0.15,
    "scenario:china_strong": 0.15,
    "price:russia_gas_supply:1.5": 0.15,
}
LISTED = "listed:ent_gazprom"
RULES = {"": 0.8, "sanctions:2025-11-30": 0.1, LISTED: 0.1}
MOST_OF = 0.9
COUNTRIES = ("KZ", "RU", "UZ", "TM", "CN")
Some = tuple[str, ...]

INTRO = """
Which pipeline should bring gas to the north of Kazakhstan: Ishim - Astana with Russian gas, stages 2 and 3 of Saryarka with Kazakh gas, or Aktobe -
Kostanay? Each is put in alone and with the others, in years that differ by market and by sanctions; in the tables they are called Ishim, Saryarka and
Aktobe. This page is written by runs on the reference case by months (`python -m tools.northern_gas`). It is a scenario (grade C): nobody has
published what Ishim - Astana costs, nor how much gas the north would use.
"""
COMPARED = """
Ishim - Astana: {assumed:g} million USD are assumed. New gas in North Kazakhstan and Akmola is a guess of the potential, and is worth {worth:g}
USD/1000 m3, what liquefied gas earned at the border in 2024; homes in Astana paid a third of that in 2020. With Ishim - Astana and with Saryarka it
is the same gas, once; with Aktobe - Kostanay no new use is counted. Costs are spread over {life} years of service at {rate:g} %, after {building}
years of building; running costs {running:g} % of the investment a year.
"""
YEARS = """
Million USD a year saved against building nothing, after what building and running costs; below 0 the set costs more than it saves, and the best set
of a year is in bold. *Expected* takes the weights of the second column, which are assumed; *most regret* needs none: it is what the set costs more
than the best, in the year in which that is most. What goes unserved counts at the value of lost load of the case.
"""
SHORTAGE = """
TWh a year of the demand of today, in all carriers and all countries of the case, that nothing serves. It is a sum and a lower bound: **months do not
decide who goes short**, and no region is named here.
"""
HOW_N1 = """
Each region loses the largest supply of each carrier, one after another, for {days} days from {start}, the time of the highest use. A cell says
whether protected customers of today (homes, hospitals, heat) then get all they need, with what neighbours give by the plan; if not, what they lack in
the worst case. By months a peak day is not seen, the amounts are lower bounds, and new customers are not among them. Astana and Akmola have no border
with Russia and are not in the table.
"""
GAINS = """
Million USD a year, before anybody pays for building, in the year as planned: costs fall where they are spent, and what crosses a border is paid for
half-way between what it costs the sender and what it is worth to the buyer. Russian gas comes at its cost in these sums: what Russia earns by a
higher price is a payment from Kazakhstan.
"""
STOPS = """
"Rules of 30 November 2025": everybody keeps every rule then in force, whoever made it and whomever it binds. "No dealings with Gazprom" is a listing
that nobody has made: what the company holds by half or more, and pipes into Kazakhstan that get all their gas over that, stand still all year.
"""
LENDER = """
**A lender** sees two kinds of project. Ishim - Astana earns by gas that nobody uses today, at a worth that is a scenario: without that use it gains
{bare} a year before its cost. At an assumed cost it pays in every market but the one of dearer Russian gas, and not at all where that gas stops.
Aktobe - Kostanay earns nothing as long as Russian gas comes to Kostanay: it is an insurance, {premium} a year, that pays off if a year without that
gas is expected more than about once in {often} years. Nobody earns a tariff by it, so that a state or all consumers would have to pay for it.
"""
ASTANA = """
**A minister in Astana** sees who is exposed: Kostanay region hangs on one pipe from Russia, today and with Ishim - Astana; none but Aktobe - Kostanay
changes that. Saryarka needs no partner and gains little: Kazakh gas for it is gas that is not sold to China.
"""
MOSCOW = """
**A minister in Moscow** sees that Russian gas at its cost leaves all of the gain in Kazakhstan. To have its half of the costs back and a half of what
the line adds, Russia would have to be paid {paid} a year; because Kazakhstan can build Saryarka alone, that is {less} less than without it.
"""


def sets() -> list[Some]:
    """Every set of the projects but none, single ones first."""
    every = [
        tuple(name for name, there in zip(PROJECTS, some, strict=True) if there)
        for some in product((1, 0), repeat=3)
    ]
    return sorted((one for one in every if one), key=len)


def called(some: Some) -> str:
    """A set in few words."""
    return (
        "All three" if len(some) == len(PROJECTS) else " + ".join(SHORT[name] for name in some) or "Nothing"
    )


@dataclass(frozen=True)
class NorthernGas:
    """The runs of the page."""

    engine: Engine

    @cached_property
    def words(self) -> Words:
        return Words(self.engine.case)

    @cached_property
    def building(self) -> Building:
        return Building(self.engine.case, PROJECTS, WORTH)

    @cached_property
    def portfolio(self) -> Portfolio:
        texts = [
            f"{'+'.join(word for word in (market, rule) if word != 'as_planned' and word) or 'as_planned'}={chance * likely:g}"
            for (rule, likely), (market, chance) in product(RULES.items(), MARKETS.items())
        ]
        wrong: list[str] = []
        coming = coming_years(self.engine.case, tuple(texts), PROJECTS, wrong)
        if wrong:
            raise ValueError("\n".join(wrong))
        rules = KeptRules(self.engine, self.building.full)
        return Portfolio(self.engine, self.building, [rules.year(one) for one in coming], self.outlay)

    @cached_property
    def outlay(self) -> dict[str, Outlay]:
        given = {name: value * 1e6 for name, value in ASSUMED.items()}
        return outlays(self.building.rows, given, RATE, LIFE, RUNNING, BUILDING)

    @cached_property
    def saved(self) -> dict[Some, np.ndarray]:
        """Set -> saved in each outlook, after what it costs, currency a year."""
        p, nothing = self.portfolio, self.portfolio.costs(())
        return {some: nothing - p.costs(some) - p.paid(some) for some in sets()}

    @cached_property
    def regret(self) -> dict[Some, np.ndarray]:
        """Set -> what it costs more than the best set in each outlook; of nothing too."""
        nothing = np.zeros(len(self.portfolio.coming))
        best = np.maximum(nothing, np.max(list(self.saved.values()), axis=0))
        return {some: best - value for some, value in {**self.saved, (): nothing}.items()}

    @cached_property
    def partnership(self) -> Results:
        fields = {
            "projects": PROJECTS,
            "worth": WORTH,
            "capex": tuple(f"{k}={v:g}" for k, v in ASSUMED.items()),
        }
        return create("partnership", fields).run(self.engine)


def projects(runs: NorthernGas) -> Iterator[str]:
    """What is compared."""
    words, rows = runs.words, []
    for name, row in runs.building.rows.iterrows():
        outlay = runs.outlay[str(name)]
        own = "scenario, C" if name in ASSUMED else str(row["confidence"])
        cost = f"{words.figure(outlay.capex / 1e6)} ({own})"
        new = runs.building.energy([str(name)]) * runs.engine.case.units.display("natural_gas")[1]
        parties = str(row["parties"]).replace(";", ", ")
        rows.append(
            [
                row["name"],
                f"{row['capacity']:g} {row['unit']}",
                parties,
                cost,
                words.figure(outlay.yearly / 1e6),
                words.figure(new) if new else "none",
            ]
        )
    heads = [
        "Project",
        "Capacity",
        "Who",
        "Investment, million USD",
        "Costs a year, million USD",
        "New gas, bcm a year",
    ]
    yield "## What is compared\n"
    yield table(heads, rows)
    yield flat(
        COMPARED,
        assumed=ASSUMED["ishim_astana"],
        worth=WORTH,
        rate=RATE * 100,
        running=RUNNING * 100,
        life=LIFE,
        building=BUILDING,
    )


def year(runs: NorthernGas, one: ComingYear) -> str:
    """An outlook as the first cell of a row."""
    return first_upper(runs.words.say(outlook_said(one.text)))


def years(runs: NorthernGas) -> Iterator[str]:
    """Every set in every outlook."""
    words, p = runs.words, runs.portfolio
    rows = []
    for at, one in enumerate(p.coming):
        best = max(runs.saved, key=lambda some: runs.saved[some][at])
        cells = []
        for some, value in runs.saved.items():
            text = words.figure(value[at] / 1e6)
            cells.append(f"**{text}**" if some == best and value[at] > 0 else text)
        rows.append([year(runs, one), f"{one.probability * 100:.2g}", *cells])
    expected = {some: float(p.probabilities @ value) for some, value in runs.saved.items()}
    rows.append(["*Expected*", "", *(words.figure(value / 1e6) for value in expected.values())])
    rows.append(["*Most regret*", "", *(words.figure(runs.regret[some].max() / 1e6) for some in runs.saved)])
    yield "## Each set in each year that may come\n"
    yield answer(runs, expected)
    yield flat(YEARS)
    yield table(["Year", "Weight, %", *map(called, runs.saved)], rows)


def answer(runs: NorthernGas, expected: dict[Some, float]) -> str:
    """The first sentences."""
    words, p = runs.words, runs.portfolio
    best = max(expected, key=lambda some: expected[some])
    calm = min(runs.regret, key=lambda some: float(runs.regret[some].max()))
    worst = p.coming[int(np.argmax(runs.regret[calm]))]
    planned = max(runs.saved, key=lambda some: runs.saved[some][0])
    told = "In the year as planned nothing pays for itself. "
    if runs.saved[planned][0] > 0:
        told = (
            f"In the year as planned {called(planned)} is best, with {words.money(runs.saved[planned][0])}. "
        )
    told += f"With these weights {called(best)} saves most, {words.money(expected[best])} a year"
    rare = np.array([LISTED in one.text for one in p.coming])
    if (p.probabilities * runs.saved[best])[rare].sum() > MOST_OF * expected[best]:
        told += ", nearly all of it in the rare years without dealings with Gazprom"
    least, nothing = (words.money(float(runs.regret[some].max())) for some in (calm, ()))
    told += f". The least regret has the set {called(calm)}: at most {least} a year ({words.say(outlook_said(worst.text))})"
    return told + f"; building nothing is up to {nothing} a year away from the best.\n"


def shortage(runs: NorthernGas) -> Iterator[str]:
    """What is unserved, under the plain market."""
    p, count = runs.portfolio, len(MARKETS)
    rows = []
    for at in range(0, len(p.coming), count):
        cells = [f"{p.unserved(some)[at] / 1e6:.1f}" for some in [(), *sets()]]
        rows.append([year(runs, p.coming[at]), *cells])
    yield "## What stays unserved\n"
    yield flat(SHORTAGE)
    yield table(["Year", *map(called, [(), *sets()])], rows)


def n_minus_one(runs: NorthernGas) -> Iterator[str]:
    """N-1 of the northern border regions with each set."""
    words = runs.words
    security = Security(runs.engine, PAIR, peak_day(runs.engine), DAYS, "planned")
    some = [(), *((name,) for name in PROJECTS), PROJECTS]
    cells: dict[str, list[str]] = {region: [] for region in NORTH}
    for one in some:
        case = Building(runs.engine.case, one).in_service if one else runs.engine.case
        losses = security.losses(case)
        for region in NORTH:
            mine = losses[(losses["region"] == region).to_numpy()].sort_values("protected", ascending=False)
            lacking = float(mine["protected"].head(1).sum())
            told = "yes"
            if lacking > SMALL_ENERGY:
                told = f"no: {words.number(lacking, 'MWh')} without {words.label(mine['largest'].iloc[0])}"
            cells[region].append(told)
    rows = [
        [words.region(region), own[0], *("as today" if text == own[0] else text for text in own[1:])]
        for region, own in cells.items()
    ]
    yield "## Is each northern border region supplied if one thing fails?\n"
    yield table(["Region", "Today", *map(called, some[1:])], rows)
    yield flat(HOW_N1, days=DAYS, start=words.day(security.start))


def million(words: Words, value: float) -> str:
    """Millions; less than a tenth of one is none."""
    return words.figure(value / 1e6) if abs(value) >= 1e5 else "0"


def gainers(runs: NorthernGas) -> Iterator[str]:
    """What each country gains with each set, and what would have to be paid."""
    words, worths = runs.words, Worths(runs.engine, runs.building)
    found = {some: worths.gains(some) for some in sets()}
    rows = [
        [words.country(code), *(million(words, gain.get(code, 0.0)) for gain in found.values())]
        for code in COUNTRIES
    ]
    rest = [sum(v for k, v in gain.items() if k not in (*COUNTRIES, ALL)) for gain in found.values()]
    rows.append(["Others", *(million(words, value) for value in rest)])
    rows.append(["All", *(million(words, gain[ALL]) for gain in found.values())])
    yield "## Who gains\n"
    yield table(["Country", *map(called, found)], rows)
    yield flat(GAINS)
    keys = [
        key
        for key in facts_of(runs.partnership["facts"])
        if not key.startswith(("supply", "demand", "saving"))
    ]
    facts = facts_of(runs.partnership["facts"])
    yield "If Kazakhstan and Russia share what they can build with these three:\n"
    yield "\n".join(f"- {words.say(facts[key])}" for key in keys) + "\n"


def reading(runs: NorthernGas) -> Iterator[str]:
    """What a lender and a minister of either side see."""
    words, p = runs.words, runs.portfolio
    ishim, aktobe = ("ishim_astana",), ("aktobe_kostanay",)
    plain, listed = 0, len(MARKETS) * list(RULES).index(LISTED)
    premium = p.paid(aktobe)
    gain = float(runs.saved[aktobe][listed]) + premium
    bare = float(p.costs(())[plain] - p.costs(ishim, silent=ishim)[plain])
    rows = runs.partnership["players"].set_index("player")
    paid, alone = float(rows.at["RU", "payment"]), float(rows.at["KZ", "alone"])
    markets = runs.saved[ishim][: len(MARKETS)]
    if not ((markets[:-1] > 0).all() and markets[-1] < 0 and (runs.saved[aktobe][: len(MARKETS)] < 0).all()):
        raise SystemExit("what the lender reads no longer holds: write it anew.")
    yield "## How to read it\n"
    yield flat(
        LENDER, bare=words.money(bare), premium=words.money(premium), often=words.figure(gain / premium, 2)
    )
    yield flat(ASTANA)
    yield flat(MOSCOW, paid=words.money(paid), less=words.money(alone / 2))


def stops(runs: NorthernGas) -> Iterator[str]:
    """What the rules stop."""
    rows = []
    for one in runs.portfolio.coming:
        names = [
            f"{runs.words.label(element)}"
            for part in one.parts
            for _, element, _ in stopped_by(part)
            if part.kind in ("sanctions", "listed")
        ]
        if names and len(one.parts) == 1:
            rows.append([year(runs, one), ", ".join(dict.fromkeys(names))])
    yield "## What the rules stop\n"
    yield flat(STOPS)
    yield table(["Year", "Stops"], rows)


def page(engine: Engine) -> Iterator[str]:
    """The page, part by part."""
    runs = NorthernGas(engine)
    yield "# Northern gas: Ishim - Astana, Saryarka or Aktobe - Kostanay\n"
    yield flat(INTRO)
    yield from projects(runs)
    yield from years(runs)
    yield from shortage(runs)
    yield from n_minus_one(runs)
    yield from gainers(runs)
    yield from stops(runs)
    yield from reading(runs)
    words = ",".join(f"{one.text}={one.probability:g}" for one in runs.portfolio.coming)
    capex = ",".join(f"{name}={value:g}" for name, value in ASSUMED.items())
    asked = (
        f"investment reference --step 1mo --projects {','.join(PROJECTS)} --worth {WORTH:g} --capex {capex} --scenarios {words}",
        f"partnership reference --step 1mo --projects {','.join(PROJECTS)} --worth {WORTH:g} --capex {capex}",
        "border reference",
    )
    yield "## Ask again\n\n```console\n" + "\n".join(f"$ kelisim run {one}" for one in asked) + "\n```\n"


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    PAGE.write_text("\n".join(page(Engine(reference("1mo")))), encoding="utf-8")
    print(f"written: docs/worked/{PAGE.name}")


if __name__ == "__main__":
    main()
