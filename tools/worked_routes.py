"""Routes that are talked about, asked of the reference case by months and on days: `python -m tools.worked_routes` writes docs/worked/routes.md.

What stands between the answers is kept in ROUTES below; each answer is that of the command above it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kelisim.case.scenarios import names, under
from kelisim.engine import Engine
from kelisim.io import reference
from kelisim.report.words import Words
from kelisim.results.facts import facts_of, said
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.study import create

PAGE = Path(__file__).parents[1] / "docs/worked/routes.md"
HEAD = """# Routes that are talked about

Transit routes of gas, crude, coal and power, asked of the [reference case](../reference-case.md) by months, under [scenarios](../cases.md#scenarios)
where something would be built or agreed first, and at the end of a winter peak day. `python -m tools.worked_routes` writes this page from runs. Months
hold no peak day: volumes are upper bounds of those of the worst day. Capacities are counted, no pressures. What is told of each volume is the cost of
the case, before the goods are paid for. How it is computed: [transit](../studies/transit.md).
"""
OMITTED = (
    "winter",
    "summer",
    "cheapest",
    "gas",
)  # facts that are told by the table of ways, or alike in each answer


@dataclass(frozen=True)
class Asked:
    """One question: the ends of a route, the scenario, and other fields of the study."""

    carrier: str
    start: str
    end: str
    scenario: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    step: str = "1mo"

    @property
    def command(self) -> str:
        words = [f"--carrier {self.carrier} --from-place {self.start} --to-place {self.end}"]
        words += [
            f"--{key} {','.join(value) if isinstance(value, tuple) else value}"
            for key, value in self.fields.items()
        ]
        words += [f"--scenario {self.scenario}"] if self.scenario else []
        return f"kelisim run transit reference --step {self.step} " + " ".join(words)

    def values(self) -> dict[str, Any]:
        """The fields of the study."""
        ends = {"carrier": self.carrier, "from_place": self.start, "to_place": self.end}
        return ends | self.fields

    def answer(self) -> Results:
        case = under(reference(self.step), [self.scenario] if self.scenario else [])
        return create("transit", self.values()).run(Engine(case))


@dataclass(frozen=True)
class Route:
    """A section: heading, what is asked, questions, how to read the answers, and scenarios whose plans stand side by side."""

    heading: str
    question: str
    asked: tuple[Asked, ...]
    reading: str
    beside: tuple[str, ...] = ()


def gas(start: str, end: str, volumes: tuple[str, ...], scenario: str = "") -> Asked:
    return Asked("natural_gas", start, end, scenario, {"taken": "there", "volumes": volumes, "ways": 2})


def of_day(carrier: str, start: str, end: str, span: str = "day", **fields: Any) -> Asked:
    """A question of the day of the highest use, or of each day."""
    return Asked(carrier, start, end, "", fields | {"span": span, "ways": 1}, "1d")


def crude(start: str, end: str, scenario: str = "", ways: int = 2) -> Asked:
    return Asked("crude", start, end, scenario, {"ways": ways, "losses": "no"})


TO_UZBEKISTAN = ("border_alexandrov_gay", "uz_karakalpakstan")
PEAK_DAY = """By hand, gas to Uzbekistan on the peak day, million m3 a day, from capacities and own use of the table of links and from what else the plan sends:

| stretch | holds | the plan needs | left | own use, % | arrives |
| --- | ---: | ---: | ---: | ---: | ---: |
| Alexandrov Gay - Makat | 21.86 | 3.52 | 18.34 | 1.28 | 18.10 |
| Makat - Kulsary | 82.24 | 4.73 | 77.51 | 0 | 18.10 |
| Kulsary - Beineu | 82.24 | 20.68 | 61.56 | 0.57 | 18.00 |
| Beineu - Karakalpakia | 18.00 | 0 | 18.00 | 0 | 18.00 |
| Karakalpakia - Nukus | 18.00 | 0 | 18.00 | 1.23 | 17.78 |

17.8 million m3 are what 6.51 bcm a year are by day: with one capacity all year the peak day is no narrower than the month. The widening to 11 bcm
brings 25.9, which are 9.47 bcm a year. It stays one way, so that under N-1 nothing is firm.

By hand, Khorgos on the peak day: the market takes 55 bcm a year, 150.3 million m3 a day. The plan brings 72.4, all of it Turkmen gas; no less than its
least daily quantity of 74.1 at the border of Turkmenistan stays, of which own use on the way leaves 70.4. So 150.3 - 70.4 = 79.9 fit. 10 and 20 bcm a
year are 27.3 and 54.6 a day and fit; 35 are 95.6 and do not. They displace next to nothing on that day: Kazakh gas for China is not in the plan of a
January day, and there is room of 77.9 beside the Turkmen gas. The Russian gas that is told to give way is what the day itself would send through the
new pipe, as it would pay at the price of Khorgos. The project brings no tariff of its own; under the scenario it costs 24.2 USD per 1,000 m3. Under
N-1, without the new pipe, 19.5 million m3 a day still cross by Orenburg, Alexandrov Gay, Beineu, Bozoy and Shymkent.

In the evening the line to Omsk holds the same 600 MW. Kyrgyzstan can take 306 MW from Altai all day, and 516 MW in the evening alone, in the place of
other supply; after the loss of the corridor from Ekibastuz to Karaganda 132 MW are left all day."""
ROUTES = (
    Route(
        "Russian gas to Uzbekistan: 2.8, 7.7, 11 bcm a year",
        "2.8 bcm a year since October 2023, 7.7 agreed for 2025, 11 aimed at from 2026. What fits the network of 2024, and what if\n"
        "Central Asia-Center is widened?",
        (
            gas("border_alexandrov_gay", "uz_karakalpakstan", ("2.8", "7.7", "11")),
            gas("border_alexandrov_gay", "uz_karakalpakstan", ("2.8", "7.7", "11"), "center_11"),
        ),
        """2.8 bcm a year fit as it is, 7.7 with the widening of 2026 and not without, 11 not even then: the last stretch, Beineu to Karakalpakia,
would be 9.6 bcm wide, of which 9.47 arrive. What goes the same way today, 5.2 bcm, is a part of these volumes. The seasons are alike, as
the pipes have one capacity all year (grade C) and nobody on the way may lose. It is one way: without any of its links nothing crosses.""",
    ),
    Route(
        "Russian gas to China through Kazakhstan: 10, 20, 35 bcm a year, beside Power of Siberia 2",
        "A pipe by Barnaul, Semey and Khorgos for 35 bcm a year is asked about, and 10 more for the east of Kazakhstan. Neither pipe is there: both are\n"
        "scenarios, with tariffs of 2 USD per 1,000 m3 and 100 km outside Russia (grade C). Gas that comes to Khorgos takes the place of other gas there,\n"
        "as far as the market of the case, 55 bcm a year, is full.",
        (
            gas("field_west_siberia_gas", "cn_horgos", ("10", "20", "35"), "china_pipe"),
            gas("field_west_siberia_gas", "cn_north", ("10", "20", "35"), "siberia_2"),
        ),
        """10 and 20 bcm a year fit through Kazakhstan, 35 do not: Khorgos takes 55 bcm a year of all gas, and what is booked there comes first. The
plan with the pipe fills Khorgos to that end, and Kazakh gas for China falls from 5.2 to 1.25 bcm, Uzbek and Turkmen gas by 0.7: that is
what the pipe displaces. Power of Siberia 2 comes to a market of its own and displaces none of it. At the prices of the case, 219 USD per
1,000 m3 at Khorgos and 257 in North China (both C), it leaves 36 USD more. Each way hangs on one pipe; without the pipe south of Semey the
small way by Rubtsovsk and what flows there today are left.""",
        ("china_pipe", "siberia_2"),
    ),
    Route(
        "Kazakh crude from Uzen by CPC, Samara, Baku and China: netbacks side by side",
        "What is left of a tonne at the field by each way, at the prices of 2024?",
        (
            crude("field_uzen", "market_mediterranean"),
            crude("field_uzen", "port_novorossiysk"),
            crude("field_uzen", "cn_alashankou", ways=1),
        ),
        """By Baku 586 USD are left of a tonne, by Makhachkala 564, by CPC 556, by Samara 552, in China 538. The cheap ways are narrow: tankers to Baku
carry 2.2 Mt a year, to Makhachkala 4. CPC costs crude of KazTransOil 20.6 USD for its passage at Atyrau, the quality bank in it; crude of
Tengiz, whose own station it is, has 584 USD left by CPC. Not counted: losses and fees in ports, some 10 USD on the way by Baku (C). The
minister's order of December 2025 was CPC, China, Baku.""",
    ),
    Route(
        "Russian crude to China: 10 and 12.5 Mt a year",
        "10 Mt a year are booked in the case. Do 2.5 more fit, and what holds them?",
        (
            Asked("crude", "ru_omsk", "cn_xinjiang", "", {"volumes": ("2.5",), "ways": 1}),
            Asked("crude", "ru_omsk", "cn_xinjiang", "crude_china_12_5", {"ways": 1}),
        ),
        """Between Pavlodar and Atasu the pipe holds 12.5 Mt a year: beside the 10 that are booked 2.5 more fit, and beside 12.5 nothing. They cost 22
USD/t, the tariffs of the way. In January alone less fits, as a month keeps its bookings and stocks as planned. Without any link of the way
nothing crosses.""",
    ),
    Route(
        "Coal: Russian coal to China, Kazakh coal through Russian ports",
        "Kuzbass coal through Kazakhstan to Xinjiang, and coal of Shubarkol through Russia to buyers overseas, beyond what is planned.",
        (
            Asked("coal_low_ash", "ru_kuzbass", "cn_xinjiang", "", {"ways": 2}),
            Asked("coal_low_ash", "mine_shubarkol", "market_overseas", "", {"ways": 2}),
        ),
        """Russian coal to Xinjiang would have 21 Mt a year of rail, both border stations together; what the market there takes is far less, half a
million tonnes of Kazakh coal in 2024. Kazakh coal overseas hangs on the rail to Taman, 7.2 Mt a year; 2.74 Mt went in 2024. A
quota of ports is not in the case: the limits are those of rail and of ports (C).""",
    ),
    Route(
        "Power: Ural to Siberia through Kazakhstan, Russia to Kyrgyzstan",
        "How much firm power crosses beside what is planned?",
        (
            Asked("electricity", "ru_ural_grid", "ru_omsk", "", {"ways": 2}),
            Asked("electricity", "ru_altai", "kg_north", "", {"taken": "there", "ways": 2}),
        ),
        """600 MW is the line through Kazakhstan to Omsk. The 2.77 TWh a year that the plan buys in the Ural for Omsk give way to it, as a purchase on
the spot. From Altai to Kyrgyzstan nothing is firm: beside what is planned no volume gets there in every month and part of the day unless
somebody on the way loses.""",
    ),
    Route(
        "Across the Caspian: crude from Aktau to Ceyhan, coal to Baku",
        "How much crosses beside what is planned, today and with tankers and berths for 7 Mt a year?",
        (
            crude("port_aktau", "port_ceyhan", ways=1),
            crude("port_aktau", "port_ceyhan", "baku_7", ways=1),
            Asked("coal_low_ash", "port_aktau", "port_baku", "", {"ways": 1}),
        ),
        """Beside what is booked tankers leave 1.15 Mt a year from Aktau to Ceyhan. With tankers for 7 Mt a year it is 1.45: the agreement with SOCAR is
on light crude of Tengiz, which comes to Aktau by rail, and would have to be widened too. Coal has more room at the ferries
than anybody asks for; the case has no buyer behind Baku.""",
    ),
    Route(
        "A winter peak day: gas to Uzbekistan and China, power in the evening",
        "10 January 2024 is the day of the highest use of the case. What does it let through by itself, what holds it, and what is left when a link of\n"
        "the way is lost? Projects are in service on that day, beside the plan as it stands.",
        (
            of_day("natural_gas", *TO_UZBEKISTAN, taken="there", volumes=("2.8", "7.7", "11")),
            of_day(
                "natural_gas",
                *TO_UZBEKISTAN,
                taken="there",
                volumes=("7.7", "11"),
                built=("central_asia_centre_11",),
            ),
            of_day(
                "natural_gas",
                "field_west_siberia_gas",
                "cn_horgos",
                taken="there",
                volumes=("10", "20", "35"),
                built=("russia_kazakhstan_china_gas",),
            ),
            of_day("electricity", "ru_ural_grid", "ru_omsk"),
            of_day("electricity", "ru_altai", "kg_north", taken="there"),
        ),
        PEAK_DAY,
    ),
)


def told(results: Results) -> Iterator[str]:
    """The sentences of an answer that are not told elsewhere on the page."""
    words = Words(results.case)
    for key, fact in facts_of(results["facts"]).items():
        text = words.say(fact)
        if text and key not in OMITTED and (key == "largest_part" or not key.startswith("largest_")):
            yield text


def seasons(results: Results) -> str:
    """The largest volumes of winter, summer and the month of the highest use, in one sentence."""
    words, rows = Words(results.case), results["firm"].set_index("period")
    found = [
        f"{words.text(f'transit.period_{name}')} {words.figure(rows.loc[period, 'native'])}"
        for period, name in (("winter", "winter"), ("summer", "summer"), ("day", "month"))
        if period in rows.index
    ]
    return f"By season: {', '.join(found)} {rows['unit'].iloc[0]}."


def ways(results: Results) -> Iterator[str]:
    """The ways of an answer as lines of a table."""
    words = Words(results.case)
    for row in results["ways"].itertuples(index=False):
        names = ", ".join(words.say(said("transit.at", place=place)) for place in row.way.split(" > "))
        net = words.figure(row.netback_native) if row.netback_native == row.netback_native else "-"
        cells = (
            names,
            words.figure(row.native),
            row.unit,
            words.figure(row.tariff_native),
            f"{row.loss * 100:.2g}",
            net,
            row.price_unit,
        )
        yield "| " + " | ".join(map(str, cells)) + " |"


def quantities(carrier: str, scenario: str) -> tuple[Words, dict[str, float]]:
    """Element -> what it sells, makes or carries in the plan of the year, in the unit of pages: markets, sources and bookings."""
    case = under(reference("1mo"), [scenario] if scenario else [])
    base = Engine(case).base
    _, factor = case.units.display(carrier)
    streams = Tables(case, base).streams_total
    found = {
        str(row.contract): row.delivered * factor
        for row in streams.itertuples(index=False)
        if row.carrier == carrier
    }
    of = case.table("markets").set_index("market")["carrier"].to_dict() | dict(case.reference_carriers)
    for name in ("markets.taken", "assets.activity"):
        block = base.columns[name]
        found |= {
            element: float(values @ base.hours) * factor
            for element, values in zip(block.elements, block.values, strict=True)
            if of.get(element) == carrier
        }
    return Words(case), found


def side_by_side(carrier: str, scenarios: tuple[str, ...]) -> Iterator[str]:
    """What the plans of scenarios change, beside that of the case."""
    words, before = quantities(carrier, "")
    plans = [quantities(carrier, one)[1] for one in scenarios]
    told = names(words.case)
    unit = words.unit(carrier)[0]
    yield f"What the plan itself makes of it, {unit} a year:\n"
    yield "| | 2024 | " + " | ".join(told[one] for one in scenarios) + " |"
    yield "| --- | ---: |" + " ---: |" * len(plans)
    for element in dict.fromkeys(key for plan in (before, *plans) for key in plan):
        values = [plan.get(element, 0.0) for plan in (before, *plans)]
        if max(abs(value - values[0]) for value in values) > 0.2:
            yield f"| {words.label(element)} | " + " | ".join(words.figure(value) for value in values) + " |"
    yield ""


def section(route: Route) -> str:
    """One section, asked anew."""
    return "\n".join(_parts(route))


def _parts(route: Route) -> Iterator[str]:
    answers = [one.answer() for one in route.asked]
    yield f"## {route.heading}\n\n{route.question}\n"
    for one, results in zip(route.asked, answers, strict=True):
        lines = [*told(results)]
        if one.step == "1mo" and len(results["firm"]) > 2 and results["firm"]["volume"].iloc[0] > 0:
            lines.insert(1, seasons(results))
        yield f"```console\n$ {one.command}\n```\n\n" + "\n".join(f"- {line}" for line in lines) + "\n"
    yield "| way | lets through | unit | tariffs | lost, % | netback at the start | unit |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | --- |"
    yield "\n".join(line for results in answers for line in ways(results)) + "\n"
    if route.beside:
        yield from side_by_side(route.asked[0].carrier, route.beside)
    yield f"{route.reading}\n"


def kept() -> dict[str, str]:
    """Heading -> section of the page as it stands."""
    if not PAGE.is_file():
        return {}
    parts = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    return {part.split("\n")[0]: f"## {part}".rstrip("\n") + "\n" for part in parts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, default=0, help="number of the one section to ask again")
    only = parser.parse_args().only
    found = kept()
    for number, route in enumerate(ROUTES, 1):
        if only in (0, number):
            found[route.heading] = section(route)
    sections = [found[route.heading] for route in ROUTES if route.heading in found]
    PAGE.write_text("\n".join([HEAD, *sections]), encoding="utf-8")
    print(f"written: docs/worked/{PAGE.name}")


if __name__ == "__main__":
    main()
