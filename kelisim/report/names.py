"""Names and units of a case as people read them: names instead of identifiers, quantities in the unit of their carrier."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

import pandas as pd

from kelisim import catalog
from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.report import moments, numbers
from kelisim.report.countries import country_names
from kelisim.report.numbers import NONE, first_lower, first_upper, human, text_of
from kelisim.results.names import element_names, track_names
from kelisim.results.parts import cell_of
from kelisim.results.regions import Regions

FRONT = ("gas", "crude", "products", "coal", "electricity", "heat", "lpg")
FAMILY_COLOURS = {
    "gas": "#e69f00",
    "crude": "#1b1b1b",
    "products": "#cc79a7",
    "coal": "#7f5539",
    "electricity": "#0072b2",
    "heat": "#d55e00",
    "lpg": "#f0c53f",
    "hydrogen": "#56b4e9",
}


_DASH = re.compile(r"( ?[-\u2013] )")
NAMED = (
    "links",
    "assets",
    "storages",
    "markets",
    "contracts",
    "resources",
    "duties",
)  # tables whose elements have labels
_WORD = re.compile(r"[a-z][a-z0-9_ -]{0,39}")


class Names:
    """The names and units of one case."""

    def __init__(self, case: Case, language: str = "") -> None:
        self.case = case
        self.language = language or catalog.spoken()
        self._elements: dict[str, dict[str, str]] = {}
        self._units: dict[str, tuple[str, float]] = {}

    def table(self, name: str) -> pd.DataFrame:
        """A table of the case; an empty one where the case has none."""
        try:
            found = self.case.table(name)
        except KeyError:
            found = None
        return found if isinstance(found, pd.DataFrame) else pd.DataFrame()

    def _names(self, table: str) -> dict[str, str]:
        """Identifier -> name of the rows of a table: that of its column for the language, else the name, which
        the catalogue may know as one that every case has ("Natural gas", "Pipeline")."""
        rows = self.table(table)
        if rows.empty or "name" not in rows.columns:
            return {}
        names = rows["name"].map(text_of)
        own = f"name_{self.language}"
        if own in rows.columns:
            names = rows[own].map(text_of).where(lambda texts: texts != "", names)
        return {
            str(key): self._usual(table, str(key), name)
            for key, name in zip(rows.iloc[:, 0], names, strict=True)
            if name
        }

    def _usual(self, table: str, key: str, name: str) -> str:
        """The name in the language of what every case has; one that a case gives itself stays as it is."""
        path = f"names.{table}.{key}"
        if catalog.own(catalog.LANGUAGE).get(path) == name:
            return catalog.text(path, self.language)
        return name if table == "places" else self._of_places(name)

    def _of_places(self, name: str) -> str:
        """A name that is that of a place, or of two with a dash between, with their names in the language."""
        parts = _DASH.split(name)
        found = [one if _DASH.fullmatch(one) else self._called.get(one, "") for one in parts]
        return "".join(found) if all(found) else name

    @cached_property
    def _called(self) -> dict[str, str]:
        """Name of a place as the case writes it -> its name in the language, where that is another."""
        rows = self.table("places")
        if f"name_{self.language}" not in rows.columns:
            return {}
        names = zip(rows["place"].astype(str), rows["name"].map(text_of), strict=True)
        return {name: self._places.get(place, name) for place, name in names if name}

    @cached_property
    def title(self) -> str:
        """Title of the case; that of the reference case in the language."""
        return self._usual("cases", self.case.name, self.case.title)

    @cached_property
    def _places(self) -> dict[str, str]:
        return self._names("places")

    @cached_property
    def countries(self) -> dict[str, str]:
        """Place -> country code."""
        rows = self.table("places")
        return (
            {}
            if rows.empty
            else dict(zip(rows["place"].astype(str), rows["country"].map(text_of), strict=True))
        )

    @cached_property
    def _links(self) -> dict[str, str]:
        rows = self.table("links")
        if rows.empty:
            return {}
        names = rows["name"].map(text_of) if "name" in rows.columns else pd.Series("", index=rows.index)
        own = f"name_{self.language}"
        if own in rows.columns:
            names = rows[own].map(text_of).where(lambda texts: texts != "", names.map(self._of_places))
        return {
            str(link): name or f"{self.place(start)} {NONE} {self.place(end)}"
            for link, name, start, end in zip(
                rows["link"], names, rows["from_place"], rows["to_place"], strict=True
            )
        }

    @cached_property
    def _carriers(self) -> dict[str, dict[str, str]]:
        rows = self.table("carriers")
        columns = [c for c in ("family", "colour") if c in rows.columns]
        names = self._names("carriers")
        return {
            str(row["carrier"]): {column: text_of(row[column]) for column in columns}
            | {"name": names.get(str(row["carrier"]), "")}
            for row in rows[["carrier", *columns]].to_dict("records")
        }

    @cached_property
    def labels(self) -> dict[str, str]:
        """Identifier -> name of the elements of all tables, and of tracks that several links share."""
        return (
            track_names(self.case, self._places, self._names("link_kinds"))
            | {one: self._of_places(name) for one, name in element_names(self.case, self._places).items()}
            | self._given
            | self._unnamed_markets
        )

    @cached_property
    def _given(self) -> dict[str, str]:
        """Identifier -> name that an element has in the language, of the tables that have a column for it."""
        own, found = f"name_{self.language}", dict[str, str]()
        for table in NAMED:
            rows = self.table(table)
            if own in rows.columns:
                pairs = zip(rows.iloc[:, 0].astype(str), rows[own].map(text_of), strict=True)
                found |= {key: name for key, name in pairs if name}
        return found

    @cached_property
    def _unnamed_markets(self) -> dict[str, str]:
        """Market without a name -> what it buys or sells and where: "sale of natural gas at Khorgos"."""
        rows = self.table("markets")
        if rows.empty:
            return {}
        rows = rows[rows["name"].map(text_of) == ""] if "name" in rows else rows
        return {
            str(row.market): catalog.text(f"words.market_{row.side}", self.language).format(
                carrier=self.carrier_in_text(row.carrier), place=self.short_place(row.place)
            )
            for row in rows[["market", "side", "carrier", "place"]].itertuples(index=False)
        }

    def place(self, place: Any) -> str:
        """Name of a place."""
        return self._places.get(str(place), human(place))

    def short_place(self, place: Any) -> str:
        """Name of a place without what stands in brackets behind it, for maps."""
        name = self.place(place)
        return name.split(" (")[0] or name

    @cached_property
    def _regions(self) -> Regions:
        return Regions(self.case)

    def region(self, region: Any) -> str:
        """Name of a region; that of a place where it lies in none."""
        return self.place(self._regions.place.get(str(region), region))

    def country(self, code: Any) -> str:
        """Name of a country by its ISO code."""
        text = text_of(code)
        return (
            country_names(self.language).get(text)
            or text
            or first_upper(catalog.text("words.not_known", self.language))
        )

    def area(self, code: Any) -> str:
        """Name of a country or of a region."""
        return country_names(self.language).get(text_of(code)) or self.region(code)

    def country_of(self, place: Any) -> str:
        """ISO code of the country of a place; empty if not known."""
        return self.countries.get(str(place), "")

    def link(self, link: Any) -> str:
        """Name of a link: its own, or its two ends."""
        return self._links.get(str(link), human(link))

    def element(self, table: str, element: Any) -> str:
        """Name of a row of any table."""
        if table == "links":
            return self.link(element)
        if table == "places":
            return self.place(element)
        if table not in self._elements:
            self._elements[table] = self._names(table)
        if str(element) in self._elements[table]:
            return self._elements[table][str(element)]
        if table == "markets" and str(element) in self._unnamed_markets:
            return first_upper(self._unnamed_markets[str(element)])
        return first_upper(human(element))

    def grades(self, table: str) -> dict[str, str]:
        """Element -> grade of evidence of the rows of a table."""
        rows = self.table(table)
        if rows.empty or "confidence" not in rows.columns:
            return {}
        return dict(zip(rows.iloc[:, 0].astype(str), rows["confidence"].map(text_of), strict=True))

    def event(self, event: Any) -> str:
        """What happened in an event of the case."""
        rows = self.table("events")
        what = dict(zip(rows["event"], rows["what"], strict=True)) if len(rows) else {}
        return text_of(what.get(event)) or human(event)

    def kind(self, table: str, kind: Any) -> str:
        """Name of a kind of links, assets or contracts."""
        return self.element(table, kind)

    def carrier(self, carrier: Any) -> str:
        """Name of a carrier."""
        return self._of_carrier(carrier, "name") or human(carrier)

    def carrier_in_text(self, carrier: Any) -> str:
        """Name of a carrier within a sentence: small first letter unless it is an abbreviation."""
        return first_lower(self.carrier(carrier))

    def _of_carrier(self, carrier: Any, column: str) -> str:
        return self._carriers.get(str(carrier), {}).get(column, "")

    def family(self, carrier: Any) -> str:
        """Front carrier that a carrier is drawn with."""
        return self._of_carrier(carrier, "family") or str(carrier)

    def family_name(self, family: str) -> str:
        """Name of a family of carriers; the carrier's own where it stands alone."""
        key = f"names.families.{family}"
        known = catalog.has(key, self.language)
        return catalog.text(key, self.language) if known else first_upper(self.carrier(family))

    def known(self, key: str, english: str) -> str:
        """The text of a key; what stands in the code, in English, where the catalogue of the language has none."""
        return catalog.text(key, self.language) if catalog.has(key, self.language) else english

    def word(self, value: Any) -> str:
        """A word of the product that a table holds, such as a rule or a side; any other text as it is."""
        text = text_of(value)
        if not _WORD.fullmatch(text):
            return text
        return self.known(f"names.words.{text.replace(' ', '_')}", text)

    def study(self, study: Any) -> str:
        """Name of a study."""
        return self.known(f"studies.{study}.name", first_upper(human(study)))

    def field(self, field: str) -> str:
        """Name of a field of a study."""
        return self.known(f"fields.{field}", first_upper(human(field)))

    def table_name(self, table: str) -> str:
        """What people call a table of a case."""
        return self.known(f"names.tables.{table}", human(table))

    def status(self, status: Any) -> str:
        """How the solving of a problem ended."""
        return self.known(f"status.{str(status).replace(' ', '_')}", human(status))

    def colour(self, carrier: Any) -> str:
        """Colour of a carrier, #rrggbb; of a case that nobody has checked too, as it stands unquoted in style and script."""
        own = self._of_carrier(carrier, "colour")
        return own if schema.is_colour(own) else FAMILY_COLOURS.get(self.family(carrier), "#888888")

    def family_colour(self, family: str) -> str:
        """Colour of a family: the fixed one, or that of its first carrier."""
        if family in FAMILY_COLOURS:
            return FAMILY_COLOURS[family]
        members = [carrier for carrier in self._carriers if self.family(carrier) == family]
        return self.colour(members[0]) if members else "#888888"

    def families(self, carriers: Any) -> list[str]:
        """Families of the carriers given, front ones first."""
        found = {self.family(carrier) for carrier in carriers}
        return [name for name in FRONT if name in found] + sorted(found - set(FRONT))

    def unit(self, carrier: Any) -> tuple[str, float]:
        """Display unit, by its English name, and factor from MWh."""
        key = str(carrier)
        if key not in self._units:
            unit, factor = self.case.units.display(key)
            self._units[key] = (str(unit), float(factor))
        return self._units[key]

    def unit_word(self, unit: Any) -> str:
        """A unit as the trade writes it in the language."""
        return numbers.unit(unit, self.language)

    def figure(self, value: Any, digits: int = 3) -> str:
        """A number with at most so many significant digits."""
        return numbers.figure(value, digits, self.language)

    def amount(self, energy: Any, carrier: Any) -> str:
        """A quantity in words: "4.61 bcm", "11.0 kt"; in a smaller unit where it is less than one.

        energy  MWh
        """
        unit, factor = self.unit(carrier)
        return numbers.amount(float(energy) * factor, unit, self.language)

    def flow(self, power: Any, carrier: Any) -> str:
        """A flow in the unit in which its carrier is told: "2.1 million m3/day", "640 MW"; a day's amount where that is no flow.

        power  MW
        """
        told = self.case.units.told(str(carrier))
        unit, size = (told.unit, 1.0) if told.is_rate else (f"{told.unit}/day", 24.0)
        return numbers.amount(float(power) * size * told.factor, unit, self.language)

    def customers(self, customer_class: Any) -> str:
        """What people call a class of customers: its name in the case, that of the catalogue, or its identifier."""
        key = f"customers.{customer_class}"
        return catalog.text(key, self.language) if catalog.has(key, self.language) else human(customer_class)

    def day(self, moment: Any) -> str:
        """A day: "12 January 2024"; "never" where there is none."""
        if moment is None or pd.isna(moment):
            return catalog.text("words.never", self.language)
        return numbers.day(moment, self.language)

    def moment(self, step: Any, carrier: str = "") -> str:
        """When a step is: its day or month, with the part of the day as moments.moment says."""
        return moments.moment(self.case, step, carrier, self.language)

    @cached_property
    def _sources(self) -> dict[str, str]:
        rows = self.table("sources")
        return (
            dict(zip(rows["source"].astype(str), rows["title"].map(text_of), strict=True))
            if len(rows)
            else {}
        )

    def sources(self, cell: Any, most: int = 2) -> str:
        """Titles of the sources named in a cell (identifiers or words, separated by ;)."""
        parts = [part.strip() for part in text_of(cell).split(";") if part.strip()]
        names = list(dict.fromkeys(self._sources.get(part) or part for part in parts))
        more = (
            catalog.text("names.and_more", self.language).format(count=len(names) - most)
            if len(names) > most
            else ""
        )
        return "; ".join(names[:most]) + more

    @property
    def currency(self) -> str:
        return self.case.currency

    def money(self, value: Any) -> str:
        """Money of the case in words."""
        return numbers.money(value, self.currency, self.language)

    @cached_property
    def hours(self) -> float:
        """Hours of the horizon."""
        return float(self.case.horizon.steps["hours"].sum())

    def part(self, step: Any) -> str:
        """The part of the day of a cell by its start: "evening"; empty where it has none."""
        cell = cell_of(self.case, step)
        return "" if cell is None else moments.part_of(self.case, cell, self.language)

    @cached_property
    def period(self) -> str:
        """The horizon in words: "2024", or "1 to 31 January 2024"."""
        return moments.period(self.case, self.language)

    @cached_property
    def step_words(self) -> str:
        """Number and length of the steps: "366 steps of a day"."""
        return moments.step_words(self.case, self.language)

    @cached_property
    def has_whole_year(self) -> bool:
        return self.hours >= 8760 - 24

    @cached_property
    def in_period(self) -> str:
        """ "in the year", or "in the period" for anything shorter."""
        return catalog.text(f"dates.in_the_{'year' if self.has_whole_year else 'period'}", self.language)
