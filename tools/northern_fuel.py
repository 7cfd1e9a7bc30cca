"""A refining and fuel-logistics venture for northern Kazakhstan, as a scenario: `python -m tools.northern_fuel` writes docs/worked/northern-fuel.md.

By months on the reference case with depots that are not in it. Every number comes from a solve, from a row of the case, or from what is assumed here:
CAPEX, MORE, GROWTH, TAX and the shares of the partners.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from kelisim.case.building import Building
from kelisim.case.change import Dated, Outage
from kelisim.engine import Engine, Rules
from kelisim.engine.country_money import CountryMoney
from kelisim.io import reference
from kelisim.ledger.games import CoalitionGame, shapley
from kelisim.ledger.venture import WHOLE, books, npv, sensitivity, to_the_cent
from tools.northern_fuel_runs import (
    CALLED,
    CAPEX,
    DEPOTS,
    DOUBLED,
    GROWTH,
    KAZAKH,
    KEPT,
    LIFE,
    LINE,
    MORE,
    MORE_FUEL,
    NAMES,
    NORTH,
    OUT,
    OUT_DAYS,
    PRODUCTS,
    RATE,
    REFINERY,
    RULES_OF,
    RUNNING,
    RUSSIAN,
    SETS,
    TAX,
    TODAY,
    UNIT,
    WANTED,
    WINTER,
    WRITE_OFF,
    YEARS,
    NorthernFuel,
    measured,
    together,
    with_depots,
    yearly,
)
from tools.november_talks import flat, table

PAGE = Path(__file__).parents[1] / "docs/worked/northern-fuel.md"

INTRO = """
**This is a scenario.** No joint venture of Russia and Kazakhstan in refining or fuel logistics was found in public texts; a task for one stands among
the provisions of the case without a number. What follows makes one up from the nearest thing that is planned, the widening of the Pavlodar refinery,
which runs on crude from Omsk and from Kazakhstan, and from depots in the north, and asks what it would be worth to either side. It is written by a
run on the reference case by months (`python -m tools.northern_fuel`). Grade C throughout.
"""
ASSUMED = """
Assumed are all costs, half of the shares for each side, tax of {tax:g} % on profit, and {building} years of building before {life} years of service.
Running costs {running:g} % of the investment a year. Nobody has published what the widening costs: Caspi Bitum paid 154 USD for a tonne a year of
capacity in 2025, and {per:.0f} are taken here for deeper refining.
"""
WORTH_OF = """
Million USD a year saved against building nothing, before what building costs: refinery and depots cost {unit} and {depots} million a year. What goes
unserved counts at the value of lost load of the case, so that the sums beside a shortage say how dear it is rather than what anybody earns. The
balance is what Kazakhstan and Russia agree for products each year; twice as much of it needs no refinery. With a tenth more fuel depots carry stock
over the turn of the year to where it is lacking, and the plan knows beforehand where that is: an upper bound.
"""
FLOWS_OF = """
The five regions are North Kazakhstan, Kostanay, Akmola, Pavlodar and Astana. Months and one diesel: the case does not tell winter diesel from summer
diesel. In November to March these regions use {winter:.0f} kt of diesel. Russian diesel comes from April to October in the plan. **Where fuel is
lacking, months do not decide that it is lacking here.** The unit for winter diesel that is in work at Pavlodar (160 kt a year, B) would give
{share:.0f} % of that; the rest of the winter grade has to come from other units there, or from Russia, and the rows do not say how much does.
"""
STOCKS_OF = """
Tanks of the venture are full only if somebody fills them: the plan knows its year and holds no more than the norm. The second row fills them before
the refinery stops. **Months do not decide who goes short**; the numbers are sums over Kazakhstan, and lower bounds.
"""
BOOKS_OF = """
The venture refines for a fee, half of the volume for each side, in the year with a tenth more fuel: {volume:.2f} Mt a year more than the refinery
runs without it. At {low:.0f} USD a tonne of crude its present value is nothing at {rate:g} %; at {fee:.0f} USD its cash returns {wanted:g} %. The
books below take that fee. What a tonne of crude makes is worth more than the crude by {now:.0f} USD at the prices of the plan of 2024, by {dear:.0f}
with a tenth more fuel, and by {there:.0f} once the venture is there: a fee above that is earned only by a contract. All prices are of one year,
before financing.
"""
WHO_ADDS = """
With a tenth more fuel the refinery runs {volume:.2f} Mt more, and {more:.2f} Mt more crude comes from Russia. With no more Russian crude than without
the venture, Kazakhstan alone would gain {own} a year after all costs; together it is {together}. By what each adds (Shapley) that is {mine} for the
Kazakh and {theirs} for the Russian side. By the network itself customers in Kazakhstan gain nearly all: the fee of the books is how they pay both
partners. Half of all costs is {half} a year; Russia gains {russia} by the network, so that it has to be paid {need} a year to lose nothing.
"""
LENDER = """
**A lender** sees a bet on the use of fuel. At that of 2024 the refinery would run {small:.2f} Mt more, and at the fee of the books {loss} of present
value would be lost. With a tenth more fuel it pays as long as nothing else brings that fuel; with twice the balance with Russia it {verdict}, by
{balance} a year. He would ask for a contract that takes the volume, or pays for it.
"""
ASTANA = """
**A minister in Astana** sees that a shortage after ten per cent more use costs far more than any refinery, that a wider balance with Russia is the
cheaper first step where it can be had, and that depots ({depots} a year) buy days in an outage only if they are filled: that is a rule for stocks,
and no building.
"""
MOSCOW = """
**A minister in Moscow** sees that the refinery in Pavlodar takes crude instead of products from Russia. The Russian partner can be replaced: with the
rules of 30 November 2025 kept by all, so that no Russian crude comes to Pavlodar, the refinery still runs {kept:.2f} Mt more instead of {volume:.2f}.
Companies that supply crude to Pavlodar are listed by three authorities on that day ([October 2025](october-2025.md)), and a partner who may not be
paid earns nothing.
"""


def assumed(runs: NorthernFuel) -> Iterator[str]:
    """What the venture builds."""
    row = runs.building.rows.loc[UNIT]
    rows = [
        [
            row["name"],
            f"{row['capacity']:g} {row['unit']} more crude, by {row['announced']:%Y}",
            f"{row['confidence']}, {row['source'].split(';')[0]}",
            f"{CAPEX[UNIT]:g} (assumed)",
        ],
        [
            "Fuel depots at Petropavl, Kostanay and Kokshetau",
            f"{MORE:g} kt each of diesel and of petrol",
            "assumed, C",
            f"{CAPEX[DEPOTS]:g} (assumed)",
        ],
    ]
    yield "## What the venture is\n"
    yield table(["Part", "Size", "Grade and source", "Investment, million USD"], rows)
    yield flat(
        ASSUMED,
        tax=TAX * 100,
        building=YEARS,
        life=LIFE,
        running=RUNNING * 100,
        per=CAPEX[UNIT] / float(row["capacity"]),
    )


def worth(runs: NorthernFuel) -> Iterator[str]:
    """What each set saves in each year."""
    words = runs.words
    rows = []
    for name in runs.years:
        cells = [words.figure(runs.saved(name, some) / 1e6) for some in SETS[1:]]
        ran = " → ".join(f"{runs.run_at(name, some):.2f}" for some in ((), (UNIT, DEPOTS)))
        lacks = " → ".join(f"{runs.short(name, some):.2f}" for some in ((), (UNIT, DEPOTS)))
        rows.append([name, *cells, ran, lacks])
    yield "## What it is worth\n"
    yield answer(runs)
    heads = [
        "Year",
        *(NAMES[some] for some in SETS[1:]),
        "Pavlodar runs, Mt: without → with both",
        "Kazakhstan lacks, Mt of fuel",
    ]
    yield table(heads, rows)
    yield flat(WORTH_OF, unit=words.figure(yearly([UNIT])), depots=words.figure(yearly([DEPOTS])))


def answer(runs: NorthernFuel) -> str:
    """The first sentences."""
    words, cost = runs.words, yearly([UNIT]) * 1e6
    today, more, other = (runs.saved(name, (UNIT,)) for name in list(runs.years)[:3])
    pays = "pays" if today > cost else "does not pay"
    told = f"At the use of 2024 the wider refinery saves {words.money(today)} a year and costs {words.money(cost)}: it {pays}. "
    told += (
        f"With a tenth more fuel used it saves {words.money(more)}, most of it fuel that would be missing; "
    )
    told += f"if Russia and Kazakhstan agree on twice the products instead, {words.money(other)} are left of that. "
    depots = runs.saved(next(iter(runs.years)), (DEPOTS,))
    return told + f"Depots save {words.money(depots)} a year in a year without a surprise.\n"


def flows(runs: NorthernFuel) -> Iterator[str]:
    """Where diesel and petrol of the north come from."""
    rows = []
    for carrier in PRODUCTS:
        for months, called in ((range(1, 13), "year"), (WINTER, "November to March")):
            for name, some in ((TODAY, ()), (MORE_FUEL, ()), (MORE_FUEL, (UNIT, DEPOTS))):
                found = sources(runs, name, some, carrier, months)
                what = f"{CALLED[carrier]}, {called}"
                rows.append(
                    [
                        what,
                        f"{name}, {NAMES[some].lower()}",
                        *(f"{value * 1e3:.0f}" for value in found.values()),
                    ]
                )
    winter = sources(runs, TODAY, (), "diesel", WINTER)["used"] * 1e3
    yield "## Where the fuel of the north comes from\n"
    yield table(
        [
            "Product and time",
            "Year, built",
            "Pavlodar, kt",
            "Other Kazakh refineries",
            "Russia",
            "Other regions, net",
            "Used",
        ],
        rows,
    )
    yield flat(FLOWS_OF, winter=winter, share=160 / winter * 100)


def sources(
    runs: NorthernFuel, name: str, some: tuple[str, ...], carrier: str, months: Sequence[int]
) -> dict[str, float]:
    """Mt into the five regions by where it comes from, and what is used, in some months."""
    case, found = runs.worths.engine.case, runs.answers[name, some]
    country = dict(case.table("places")[["place", "country"]].itertuples(index=False))
    inside = np.isin(case.horizon.steps["step"].dt.month, list(months))
    weights = found.hours * inside
    links = case.table("links")
    links = links[((links["carrier"] == carrier) & (links["status"] == "base")).to_numpy()]
    ids = list(links["link"])
    net = (found.power("links.flow", ids) - found.power("links.flow_back", ids)) @ weights
    total = dict.fromkeys(("pavlodar", "others", "russia", "regions"), 0.0)
    for start, end, energy in zip(links["from_place"], links["to_place"], net, strict=True):
        if (start in NORTH) == (end in NORTH):
            continue
        far, signed = (start, energy) if end in NORTH else (end, -energy)
        kind = (
            "russia"
            if country[far] == "RU"
            else "pavlodar"
            if far == "plant_pavlodar_refinery"
            else "others"
            if far.startswith("plant_")
            else "regions"
        )
        total[kind] += runs.amount(float(signed), carrier)
    demand = case.table("demand")
    mine = ((demand["carrier"] == carrier) & demand["place"].isin(NORTH)).to_numpy()
    wanted, missing = (found.by_demand(len(demand), part)[mine] @ weights for part in ("upper", "values"))
    wanted = wanted * (GROWTH if runs.grown in runs.years[name] else 1.0)
    return total | {"used": runs.amount(float((wanted - missing).sum()), carrier)}


def stocks(runs: NorthernFuel) -> Iterator[str]:
    """The refinery stops in January, with the depots as they are and filled."""
    case, words = Building(runs.engine.case, (DEPOTS,)).in_service, runs.words
    engine = runs.engine.beside(case)
    window = engine.window(
        OUT, OUT_DAYS, Rules("none", "late", engine.rules.span, engine.rules.tranches, "planned")
    )
    last = date.fromordinal(OUT.toordinal() + OUT_DAYS - 1)
    tanks = tuple(cell.element for cell in runs.building.cells[DEPOTS])
    full = Dated("storages", tanks, "level", MORE, "kt", "add", OUT, OUT)
    stop = Outage(REFINERY, OUT, last, table="assets")
    demand = case.table("demand")
    rows = []
    for told, more in (
        ("Depots as planned", []),
        (f"Depots with {MORE:g} kt more of each in each region", [full]),
    ):
        asked = engine.ask(window, [stop, *more])
        lacks = []
        for carrier in PRODUCTS:
            mine = ((demand["carrier"] == carrier) & demand["place"].str.startswith("kz_")).to_numpy()
            extra = (
                asked.answer.by_demand(len(demand))[mine] - asked.base.by_demand(len(demand))[mine]
            ) @ asked.answer.hours
            lacks.append(f"{runs.amount(float(extra.sum()), carrier) * 1e3:.0f}")
        rows.append([told, *lacks])
    yield "## If Pavlodar stops in winter\n"
    yield f"The refinery stands still for {OUT_DAYS} days from {words.day(OUT)}. Fuel that is then missing in Kazakhstan beyond the plan, kt:\n"
    yield table(["", "Diesel", "Petrol"], rows)
    yield flat(STOCKS_OF)


def gainers(runs: NorthernFuel) -> Iterator[str]:
    """Which country gains, and whose crude it is."""
    words, worths = runs.words, runs.worths
    accounts = CountryMoney(worths.engine.case, worths.engine.base, worths.window.problem)
    gains = []
    for name in (TODAY, MORE_FUEL):
        before, after = (accounts.money(runs.answers[name, some]) for some in ((), (UNIT, DEPOTS)))
        gains.append(before.sub(after, fill_value=0.0))
    codes = [
        code
        for code in ("KZ", "RU", "KG", "UZ", "TJ")
        if any(abs(gain.get(code, 0.0)) >= 1e5 for gain in gains)
    ]
    rows = [
        [words.country(code), *(words.figure(gain.get(code, 0.0) / 1e6) for gain in gains)] for code in codes
    ]
    rest = [gain.drop([code for code in codes if code in gain.index]).sum() for gain in gains]
    rows.append(["Others", *(words.figure(value / 1e6) if abs(value) >= 1e5 else "0" for value in rest)])
    rows.append(["All", *(words.figure(gain.sum() / 1e6) for gain in gains)])
    yield "## Who gains, and who has to be paid\n"
    yield table(["Million USD a year, before costs", TODAY, MORE_FUEL], rows)
    yield crude(runs, float(gains[-1].get("RU", 0.0)))


def crude(runs: NorthernFuel, russia: float) -> str:
    """Whose crude the refinery runs more of, and what each side adds."""
    words, both = runs.words, (UNIT, DEPOTS)
    before, after = (
        runs.amount(float(runs.answers[MORE_FUEL, some].energy("links.flow", [LINE])[0]), "crude")
        for some in ((), both)
    )
    held = Dated("links", (LINE,), "capacity", before, "Mt/year")
    nothing, alone = (runs.worths.answer(some, more=[runs.grown, held]).objective for some in ((), both))
    cost = yearly(both) * 1e6
    own, together = max(0.0, nothing - alone - cost), max(0.0, runs.saved(MORE_FUEL, both) - cost)
    game = CoalitionGame((KAZAKH, RUSSIAN), np.array([0.0, own, 0.0, together]))
    mine, theirs = shapley(game)
    return flat(
        WHO_ADDS,
        volume=runs.volume,
        more=max(0.0, after - before),
        own=words.money(own),
        together=words.money(together),
        mine=words.money(mine),
        theirs=words.money(theirs),
        half=words.money(cost / 2),
        russia=words.money(russia),
        need=words.money(max(0.0, cost / 2 - russia)),
    )


def partners(runs: NorthernFuel) -> Iterator[str]:
    """Books of both sides."""
    words, low, fee = runs.words, runs.fee(RATE), runs.fee(WANTED)
    plan = runs.venture(fee)
    kept = to_the_cent(books(plan))
    first, last = YEARS + WRITE_OFF - 1, YEARS + LIFE - 1
    rows = []
    for partner in (KAZAKH, RUSSIAN, WHOLE):
        own = kept.lines[partner]
        for at in (0, YEARS, first + 1, last):
            cells = [
                words.figure(own[line][at] / 1e6)
                for line in ("capex", "revenue", "opex_fixed", "tax", "cash")
            ]
            rows.append([str(at + 1), "All" if partner == WHOLE else partner, *cells])
    rows = together(sorted(rows, key=lambda row: int(row[0])))
    start = YEARS + 4
    moves = [
        ("Fee 20 % lower", {"price": 0.8}),
        ("Volume 20 % lower", {"volume": 0.8}),
        ("Investment 20 % higher", {"capex": 1.2}),
        ("A year late", {"delay": 1}),
        ("Three years late", {"delay": 3}),
        ("Three years without trade (sanction)", {"stopped": (start, start + 2)}),
        (
            "Three years without the Russian partner (sanctioned)",
            {"stopped": (start, start + 2), "blocked": RUSSIAN},
        ),
    ]
    asked = sensitivity(plan, RATE, moves)
    small = runs.run_at(TODAY, (UNIT, DEPOTS)) - runs.run_at(TODAY, ())
    asked += [("At the use of 2024", *rest) for _, *rest in sensitivity(runs.venture(fee, small), RATE, [])]
    told = together([measured(words, *row) for row in asked])
    yield "## Books of both partners\n"
    dear, there = (runs.margin(MORE_FUEL, some) for some in ((), (UNIT, DEPOTS)))
    yield flat(
        BOOKS_OF,
        now=runs.margin(TODAY, ()),
        dear=dear,
        there=there,
        volume=runs.volume,
        low=low,
        fee=fee,
        rate=RATE * 100,
        wanted=WANTED * 100,
    )
    yield table(["Year", "Partner", "Investment", "Fee", "Running", "Tax", "Cash"], rows)
    yield f"Million USD; years 1 to {YEARS} are those of building, from year {first + 2} on nothing is written off any more. What moves them:\n"
    yield table(
        [
            "Change",
            "Partner",
            f"Present value at {RATE * 100:g} %, million USD",
            "Rate of return",
            "Paid back after, years",
        ],
        told,
    )


def reading(runs: NorthernFuel) -> Iterator[str]:
    """What a lender and a minister of either side see."""
    words, fee = runs.words, runs.fee(WANTED)
    small = runs.run_at(TODAY, (UNIT, DEPOTS)) - runs.run_at(TODAY, ())
    loss = npv(books(runs.venture(fee, small)).cash(), RATE)
    balance = runs.saved(DOUBLED, (UNIT,)) - yearly([UNIT]) * 1e6
    verdict = "still pays" if balance > 0 else "no longer pays"
    kept = runs.run_at(KEPT, (UNIT, DEPOTS)) - runs.run_at(KEPT, ())
    yield "## How to read it\n"
    yield flat(
        LENDER, small=small, loss=words.money(-loss), verdict=verdict, balance=words.money(abs(balance))
    )
    yield flat(ASTANA, depots=words.money(yearly([DEPOTS]) * 1e6))
    yield flat(MOSCOW, kept=kept, volume=runs.volume)


def page(engine: Engine) -> Iterator[str]:
    """The page, part by part."""
    runs = NorthernFuel(engine)
    yield "# A refining and fuel-logistics venture for northern Kazakhstan (scenario)\n"
    yield flat(INTRO)
    yield from assumed(runs)
    yield from worth(runs)
    yield from flows(runs)
    yield from stocks(runs)
    yield from gainers(runs)
    yield from partners(runs)
    yield from reading(runs)
    yield "## Ask again\n"
    yield "The depots are no project of the case; the refinery can be asked about:\n"
    asked = (
        f"investment reference --step 1mo --projects {UNIT} --capex {UNIT}={CAPEX[UNIT]:g} --scenarios as_planned=0.9,sanctions:{RULES_OF}=0.1",
        f"sanctions reference --at {RULES_OF}",
    )
    yield "```console\n" + "\n".join(f"$ kelisim run {one}" for one in asked) + "\n```\n"


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    PAGE.write_text("\n".join(page(Engine(with_depots(reference("1mo"))))), encoding="utf-8")
    print(f"written: docs/worked/{PAGE.name}")


if __name__ == "__main__":
    main()
