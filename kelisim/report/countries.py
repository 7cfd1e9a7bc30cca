"""Names of countries in each language."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from kelisim import catalog
from kelisim.report import numbers
from kelisim.report.basemap import shapes


def country_names(language: str = "") -> dict[str, str]:
    """ISO code -> short name of the country.

    countries.csv has the English names, and those of other languages where the countries themselves and the trade
    write another one than babel's list of territories.
    """
    return _names(language or catalog.spoken())


@cache
def _names(language: str) -> dict[str, str]:
    text = (files("kelisim.report") / "countries.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    english = {shape.code: shape.name for shape in shapes("countries.geojson") if shape.code}
    english |= {row["code"]: row["name"] for row in rows}
    if language == catalog.LANGUAGE:
        return english
    known = numbers.locale(language).territories
    own = {row["code"]: row[f"name_{language}"] for row in rows if row.get(f"name_{language}")}
    return {code: own.get(code) or known.get(code) or name for code, name in english.items()}
