"""What people most likely mean by a cell that is no number, or by the name of a country in the place of its code."""

from __future__ import annotations

import re

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

_REMEDY = "Write digits with a point, without separators."
_NOTHING = {"-", "–", "—", "?", ".", "n/a", "na", "n.a.", "none", "null", "nil", "tbd", "нет", "нет данных"}
_TRADE = {
    "gas": "natural_gas", "ng": "natural_gas", "lng": "natural_gas", "methane": "natural_gas", "газ": "natural_gas", "power": "electricity",
    "electric": "electricity", "электроэнергия": "electricity", "oil": "crude", "crude_oil": "crude", "нефть": "crude",
    "petrol": "gasoline", "бензин": "gasoline", "mazut": "fuel_oil", "hfo": "fuel_oil", "steam": "heat", "тепло": "heat",
    "residential": "household", "population": "household", "население": "household", "industrial": "industry", "промышленность": "industry",
    "well": "field", "gas_field": "field", "power_station": "power_plant", "tes": "power_plant", "tpp": "power_plant", "cable": "line",
    "transmission_line": "line",
}  # fmt: skip
_NO_COUNTRIES = {
    "EU",
    "EZ",
    "QO",
    "UN",
    "XA",
    "XB",
    "ZZ",
}  # codes of two letters in the tables that stand for none
_GAP = r"[ \u00a0\u2009\u202f'’]"
_GROUPS = re.compile(rf"\d{{1,3}}(?:{_GAP}\d{{3}})+(?:[.,]\d+)?")  # 1 200,5
_POINTS = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+")  # 1.200,5
_COMMAS = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+")  # 1,200.5
_COMMA = re.compile(r"0,\d+|\d+,(?:\d{1,2}|\d{4,})")  # 1,5 and not 1,200, which may be either
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?) ?%")
_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?) ?[^\W\d_e][^\d]*\d?", re.IGNORECASE)


def number_meant(text: str, is_share: bool) -> tuple[str, str]:
    """What to do with a text that is no number, and the number that is most likely meant; empty if it may be several."""
    if text.lower() in _NOTHING:
        return "Leave the cell empty where there is no number.", ""
    sign = "-" if text[:1] in "-−–" else ""
    digits = text.lstrip("-−–+ ")
    near = ""
    if _GROUPS.fullmatch(digits):
        near = re.sub(_GAP, "", digits).replace(",", ".")
    elif _POINTS.fullmatch(digits):
        near = digits.replace(".", "").replace(",", ".")
    elif _COMMAS.fullmatch(digits):
        near = digits.replace(",", "")
    elif _COMMA.fullmatch(digits):
        near = digits.replace(",", ".")
    elif is_share and (found := _PERCENT.fullmatch(digits)):
        near = f"{float(found[1].replace(',', '.')) / 100:.10g}"
    elif found := _WITH_UNIT.fullmatch(digits):
        return f"{_REMEDY} A unit stands in a column of its own.", sign + found[1]
    elif sign == "-" and re.fullmatch(r"\d+(?:\.\d+)?", digits):
        near = digits
    return _REMEDY, sign + near if near else ""


def word_meant(text: str) -> str:
    """The word of a case for one of the trade, such as electricity for power; the text itself where there is none."""
    return _TRADE.get(text.lower().replace(" ", "_"), text)


def country_meant(text: str) -> str:
    """The code of two letters of a country by its code of three or by its name in English, Russian or Kazakh; empty if it is none."""
    from babel import Locale  # noqa: PLC0415 - its tables are read only where a country is wrong
    from babel.core import get_global  # noqa: PLC0415

    for code in get_global("territory_aliases").get(text.upper(), []):
        if code not in _NO_COUNTRIES:
            return str(code)
    names = {
        name.casefold(): code
        for language in ("kk", "ru", "en")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }
    found = process.extractOne(
        text.casefold(), list(names), scorer=JaroWinkler.normalized_similarity, score_cutoff=0.9
    )
    return names[found[0]] if found else ""
