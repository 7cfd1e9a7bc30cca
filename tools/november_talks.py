"""From the November 2025 talks to a plan, on the reference case: `python -m tools.november_talks` writes docs/worked/november-2025-talks.md.

By months; the page says so. Every number comes from a solve or from a row of the case, none is written here.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import Any

import pandas as pd

from kelisim.agreement.carried import Package
from kelisim.agreement.provision import Provision, provisions_of
from kelisim.agreement.words import countries_in
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.io import reference
from kelisim.report.forms import FORMS
from kelisim.report.words import Words
from kelisim.results.facts import facts_of, sentence_of
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.agreement.told import gap_words
from kelisim.studies.agreement.worth import Security
from kelisim.studies.outage_fields import peak_day
from kelisim.studies.study import create
from kelisim.tolerances import SMALL_ENERGY

PAGE = Path(__file__).parents[1] / "docs/worked/november-2025-talks.md"
PAIR = ("KZ", "RU")
NORTH = ("KZ-39", "KZ-59", "KZ-55", "KZ-10", "KZ-63")  # border regions in the north and east, ISO 3166-2
ISHIM, TRANSIT = "prv_ishim_capacity", "prv_transit_uz_2026"
FROM_ISHIM, TO_UZBEKISTAN = "gas_ishim_petropavl", "gas_cac_uz_karakalpak"
PROJECTS = ("ishim_astana", "central_asia_centre_11")
TALKS = date(2025, 11, 30)  # the day on which the plan after the talks of 12 November is looked at
OCTOBER = "october-2025.md"
DAYS, BEST, PAIRS, POINTS, FIRST = 30, 5, 4, 12, 3
SAME, AS_TODAY = "the same", "as today"
MILLION = 1e6  # currency: what a provision is worth at least to be named
SURE = 1.96  # standard errors of 95 %

INTRO = """
On 12 November 2025 the presidents of Russia and Kazakhstan signed a declaration; the volumes stand in other papers of that autumn. This page takes
the agreements between the two countries as data and asks what they are worth. It is written by a run on the reference case by months
(`python -m tools.november_talks`). No public text of the declaration with numbers, of an emergency mechanism or of a joint venture in refining was
found: the rows that carry these are scenarios (grade C) and marked so.
"""
HOW_N1 = """
Each region loses the largest supply of each carrier, one after another, for {days} days from {start}, the time of the highest use. A cell says
whether protected customers (homes, hospitals, heat) then get all they need, and if not what they lack in the worst case, in all carriers together.
*Planned*: neighbours give what they give by the plan. *Agreed*: they also give what is agreed and they can spare. By months a peak day is not seen,
and the amounts are lower bounds. Grade C: most plants, boiler houses and shares of homes are estimates. Regions without a border with Russia, such as
Akmola region and Astana, are not in the table.
"""
HOW_FLOWS = """
What flows in the year: {told}. A right is no delivery: what nobody buys at its price does not flow; how much fits is
in the study of [transit](../studies/transit.md). The customers are those of 2024; who would be connected to the line is not among them.
"""
HOW_WORTH = """
The value of Shapley over {count} provisions; behind ± 95 % of the error of sampling in the gain to all, as orders of them were drawn.
A provision in force is worth what would be
missing without it, at the value of lost load where nothing takes its place. {declared} provisions are declarations (examine, create conditions) and
carry nothing.
"""
HOW_DELAY = """
Durations are three-point estimates of the case (C); chances come from samples of them. The cost of a delay is that of the demand of 2024: what new
customers would gain is in the study of [partnership](../studies/partnership.md).
"""
HOW_OCTOBER = """
In the agreements it is a topic and no duty: "{clause}". Which companies, ways and payments the listings of 22 October 2025 touch, which licences lift
what until when, and what keeping the rules costs is on the {where}.
"""


def flat(text: str, **places: Any) -> str:
    """A paragraph that was broken over lines."""
    return " ".join(text.format(**places).split()) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return (
        "\n".join("| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |" for line in lines)
        + "\n"
    )


def variants(case: Case) -> list[tuple[str, Case]]:
    """Today, with the line from Ishim to Astana, and with the transit right of 11 bcm a year on top."""
    named = {one.name: one for one in provisions_of(case)}
    line, right = named[ISHIM], named[TRANSIT]
    found = [("Today", case), ("With Ishim-Astana", Package(case, [line]).full)]
    return [*found, ("With 11 bcm a year on top", Package(case, [line, right]).full)]


def supplied(engine: Engine, words: Words) -> Iterator[str]:
    """N-1 of the northern regions in the three variants, planned and agreed."""
    security = Security(engine, PAIR, peak_day(engine), DAYS, "planned")
    cells: dict[str, list[str]] = {region: [] for region in NORTH}
    failing: list[list[str]] = []
    heads = ["Region"]
    for name, case in variants(engine.case):
        losses = security.losses(case)
        heads += [f"{name}: planned", "agreed"]
        told = {
            (region, rule): _cell(losses, region, rule, words)
            for region in NORTH
            for rule in ("protected", "agreed")
        }
        for region in NORTH:
            planned, agreed = told[region, "protected"], told[region, "agreed"]
            is_same = (
                bool(cells[region]) and [planned, SAME if agreed == planned else agreed] == cells[region][:2]
            )
            cells[region] += (
                [AS_TODAY, AS_TODAY] if is_same else [planned, SAME if agreed == planned else agreed]
            )
        failing.append([region for region in NORTH if told[region, "protected"] != "yes"])
    yield "## Is every northern region supplied if one thing fails?\n"
    yield _answer(failing, words)
    yield table(heads, [[words.region(region), *told] for region, told in cells.items()])
    yield flat(HOW_N1, days=DAYS, start=words.day(security.start))
    yield _flows(engine)


def _cell(losses: pd.DataFrame, region: str, rule: str, words: Words) -> str:
    """ "yes", or what protected customers of a region lack in the worst case."""
    mine = losses[(losses["region"] == region).to_numpy()].sort_values(
        [rule, "carrier"], ascending=[False, True]
    )
    lacking = float(mine[rule].head(1).sum())
    if lacking <= SMALL_ENERGY:
        return "yes"
    return f"no: {words.number(lacking, 'MWh')} without {words.label(mine['largest'].iloc[0])}"


def _answer(failing: list[list[str]], words: Words) -> str:
    today, line, transit = failing
    if not today:
        return "Yes: today already, each region keeps its protected customers supplied.\n"
    fewer, more = (
        [words.region(one) for one in some if one not in other]
        for some, other in ((today, line), (line, today))
    )
    change = (
        f"The line from Ishim to Astana closes {words.listed(fewer)}"
        if fewer
        else "The line from Ishim to Astana closes none of these gaps"
    )
    change += f" and opens {words.listed(more)}" if more else ""
    same = "changes nothing of it" if transit == line else "changes which regions fail"
    names = words.listed([words.region(one) for one in today])
    return f"No. Without its largest supply each of these is short today: {names}. {change}; the transit of 11 bcm a year on top {same}.\n"


def _flows(engine: Engine) -> str:
    """What the line and the transit carry in the year of the case."""
    found = []
    for name, case in variants(engine.case):
        ahead = Tables(case, engine.beside(case).base).links_total.set_index("link")["forward"]
        unit, scale = case.units.display("natural_gas")
        line, transit = (f"{float(ahead[link]) * scale:.2f} {unit}" for link in (FROM_ISHIM, TO_UZBEKISTAN))
        found.append(
            f"{name[0].lower()}{name[1:]} {line} from Ishim and {transit} of Russian gas into Uzbekistan"
        )
    told = "; ".join(found)
    return flat(HOW_FLOWS, told=told)


def worth(engine: Engine, words: Words, results: Results) -> Iterator[str]:
    """The provisions that are worth most to each side."""
    frame, rows = results["worth"], results["provisions"]
    named = {one.name: one for one in provisions_of(engine.case)}
    carried = rows.set_index("provision")["carries"]
    facts = facts_of(results["facts"])
    yield "## Which provision is worth most to each side?\n"
    yield (
        " ".join(words.say(facts[key]) for key in ("package", "most_first", "most_second") if key in facts)
        + "\n"
    )
    heads = [
        "Provision",
        "Million USD a year",
        "Missed if it alone is left out",
        "What it is",
        "Grade",
        "Source",
    ]
    for side, code in (("first", PAIR[0]), ("second", PAIR[1])):
        most = frame[(frame[side] >= MILLION).to_numpy()].sort_values(
            [side, "provision"], ascending=[False, True]
        )
        best = most.head(BEST).to_dict("records")
        yield f"**{words.country(code)}**\n"
        yield table(
            heads,
            [
                _worth_row(row, side, named[row["provision"]], carried[row["provision"]], words)
                for row in best
            ],
        )
    yield flat(HOW_WORTH, count=len(frame), declared=int((rows["carries"] == "declaration").sum()))


def _worth_row(row: dict[Any, Any], side: str, one: Provision, carries: str, words: Words) -> list[str]:
    kind = {"duty": "duty", "intention": "a number without a duty"}[carries]
    amount, missed, error = row[side] / 1e6, row[f"missed_{side}"] / 1e6, SURE * row["error"] / 1e6
    spread = f" (±{words.figure(error, 2)})" if error > 0 else ""
    sources = ", ".join(f"`{source}`" for source in one.source.split(";")[:2])
    return [
        one.title,
        f"{words.figure(amount)}{spread}",
        words.figure(missed),
        f"{kind}, {one.status}",
        one.confidence,
        sources,
    ]


def delay(engine: Engine, words: Words) -> Iterator[str]:
    """What a month and a year of delay cost, and when the work will likely end."""
    results = create("roadmap", {"at": TALKS, "worth": PROJECTS, "projects": PROJECTS}).run(engine)
    yield "## What does a year's delay cost?\n"
    told = [words.say(fact) for fact in facts_of(results["facts"]).values()]
    yield "\n".join(f"- {one}" for one in told if "delay of" in one) + "\n"
    heads = ["Project", "Announced", "One chance of two", "Four chances of five lie between", "Grade"]
    rows = []
    for row in results["projects"].to_dict("records"):
        span = f"{_month(row['p10'])} and {_month(row['p90'])}"
        rows.append(
            [
                words.element("projects", row["project"]),
                _month(row["announced"]),
                _month(row["p50"]),
                span,
                "C",
            ]
        )
    yield table(heads, rows)
    yield flat(HOW_DELAY)


def _month(value: object) -> str:
    return "not known" if pd.isna(value) else f"{pd.Timestamp(str(value)):%B %Y}"


def october(results: Results) -> Iterator[str]:
    """What the sanctions of October 2025 change."""
    rows = results["provisions"]
    (clause,) = rows["text"][(rows["provision"] == "prv_task_sanctions").to_numpy()]
    where = (
        f"worked page [October 2025]({OCTOBER})"
        if (PAGE.parent / OCTOBER).exists()
        else "page of the study [sanctions](../studies/sanctions.md)"
    )
    yield "## What does October 2025 change?\n"
    yield flat(HOW_OCTOBER, clause=clause, where=where)
    if told := _first_list(PAGE.parent / OCTOBER):
        yield "It says first:\n"
        yield "\n".join(told[:FIRST]) + "\n"


def _first_list(page: Path) -> list[str]:
    """The points of the first list of a page, which answer its question."""
    lines = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
    begin = next((at for at, line in enumerate(lines) if line.startswith("- ")), len(lines))
    return list(takewhile(lambda line: line.startswith("- "), lines[begin:]))


def who(engine: Engine, words: Words) -> Iterator[str]:
    """Who owes what by when."""
    rows = create("bodies", {"at": TALKS}).run(engine)["points"]
    rows = rows[rows["due"].notna().to_numpy()].sort_values("due", kind="stable").head(POINTS)
    shown = [
        [
            words.say(sentence_of(row)),
            FORMS["offices"](words, row["owner"]),
            words.day(row["due"]),
            row["confidence"],
        ]
        for row in rows.to_dict("records")
    ]
    yield "## Who must do what by when?\n"
    yield table(["What", "Who", "Until", "Grade"], shown)
    yield f"As seen on {words.day(TALKS)}; offices, not persons. With what has no day yet: `kelisim run bodies reference --at {TALKS}`.\n"


def gaps(results: Results, words: Words) -> Iterator[str]:
    """What no provision covers."""
    yield "## What does no provision cover?\n"
    yield "\n".join(f"- {words.say(fact)}" for fact in gap_words(results["gaps"])) + "\n"


def page(engine: Engine) -> Iterator[str]:
    """The page, part by part."""
    words = Words(engine.case)
    rows = engine.case.table("agreements")[["agreement", "parties"]].itertuples(index=False)
    both = [name for name, parties in rows if set(countries_in(parties)) == set(PAIR)]
    results = create("agreement", {"agreement": tuple(both), "pairs": PAIRS}).run(engine)
    yield "# From the November 2025 talks to a plan\n"
    yield flat(INTRO)
    yield words.say(facts_of(results["facts"])["provisions"]) + "\n"
    yield from supplied(engine, words)
    yield from worth(engine, words, results)
    yield from delay(engine, words)
    yield from october(results)
    yield from who(engine, words)
    yield from gaps(results, words)
    asked = (
        "agreement reference --agreement agr_gas_memo_ishim,agr_gas_supply_2526 --n1 each",
        "border reference",
        f"roadmap reference --at {TALKS} --worth {','.join(PROJECTS)}",
        f"bodies reference --at {TALKS}",
    )
    yield "## Ask again\n\n```console\n" + "\n".join(f"$ kelisim run {one}" for one in asked) + "\n```\n"


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    PAGE.write_text("\n".join(page(Engine(reference()))), encoding="utf-8")
    print(f"written: docs/worked/{PAGE.name}")


if __name__ == "__main__":
    main()
