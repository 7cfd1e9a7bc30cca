"""Conversion between the units people write and the internal units: MW, MWh, km, currency per MWh.

A quantity of a carrier may be written as energy, mass or volume; the carrier's gross energy per unit (and its
density, for barrels) leads from one to the other. "year" means the hours of the case's own year. No other module
multiplies by a conversion factor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import pint

from kelisim.errors import UnitError
from kelisim.tolerances import ROUNDING

CURRENCIES = tuple(
    ["USD", "EUR", "RUB", "KZT", "CNY", "GBP", "UZS", "KGS", "TMT", "TRY", "AZN", "GEL", "JPY", "CHF"]
)

_JOULE_PER_MWH = 3.6e9
_SECOND_PER_HOUR = 3600.0
_ENERGY = {"[mass]": 1, "[length]": 2, "[time]": -2}
_FORMS = {"energy": _ENERGY, "mass": {"[mass]": 1}, "volume": {"[length]": 3}}
# base pint units (kg, m, s) in one internal unit of each form: MWh, t, m3
_FORM_BASE = {"energy": _JOULE_PER_MWH, "mass": 1000.0, "volume": 1.0}
_WORDS = (
    (re.compile(r"\b1000 ?(m3|m\^3)"), "thousand_m3"),
    (re.compile(r"\bmillion ?(m3|m\^3)"), "million_m3"),
    (re.compile(r"\bbillion ?(m3|m\^3)"), "billion_m3"),
    (re.compile(r"\bmillion ?(barrels?|bbl)\b"), "million_barrel"),
    (re.compile(r"\b1000 ?(barrels?|bbl)\b"), "thousand_barrel"),
    (re.compile(r"\bkbbl\b"), "thousand_barrel"),
    (re.compile(r"\bMMbbl\b"), "million_barrel"),
    # a bare barrel would be one of beer, a calorie not the one of heat networks
    (re.compile(r"\b(barrels?|bbl)\b"), "oil_barrel"),
    (re.compile(r"\b(1000 ?t|kt)\b"), "kilotonne"),
    (re.compile(r"\bMt\b"), "megatonne"),
    (re.compile(r"\bm3\b"), "m**3"),
    (re.compile(r"\b([kMGT]?)cal\b"), r"\1cal_it"),
    (re.compile(r"\bMW_(th|el)\b"), "MW"),
    (re.compile(r"\b(G|M|k|T)Wh_(th|el)\b"), r"\1Wh"),
    (re.compile(r"\b(years?|yr|y|a|annum)\b"), "case_year"),
    (re.compile(r"\bmonths?\b"), "case_month"),
    (re.compile(r"\bmb\b"), "million_barrel"),
    (re.compile(r"\bkb\b"), "thousand_barrel"),
    (re.compile(r"\bmcm\b"), "million_m3"),
    (re.compile(r"\bbcm\b"), "billion_m3"),
)
# an unbounded power would keep the parser busy for hours
_POWER = re.compile(r"[\d)]\s*(\*\*|\^)|(\*\*|\^)(?!\s*\d\b)")
_UNCLEAR = (
    (re.compile(r"\b[kM]?tons?\b"), 'may be metric or short tons; a metric tonne is "t"'),
    (re.compile(r"\b[mM]bbl\b"), 'may be a thousand or a million barrels; write "kb" or "mb"'),
    (re.compile(r"\b[mM](Btu|BTU)\b"), 'may be a thousand or a million Btu; a million is "MMBtu"'),
    (re.compile(r"\bmt\b"), 'may be a million tonnes or metric tonnes; write "Mt" or "t"'),
    (
        re.compile(r"\b(mm|Mm|MMm) ?(\^|\*\*)? ?3\b"),
        'does not mean a million cubic metres everywhere; write "million m3"',
    ),
    (
        re.compile(r"\bkm ?(\^|\*\*)? ?3\b"),
        'may be a thousand cubic metres or cubic kilometres; write "1000 m3" or "bcm"',
    ),
)
# prefixes that the trade writes; a length has none but kilo
_PREFIXES = frozenset(("", "kilo", "mega", "giga", "tera", "peta", "exa"))
_NAME = re.compile(r"[A-Za-z_]\w*")
_MEANT = (
    (re.compile(r"(?:\b(?:bn|mrd|mlrd|milliard)|\b(?:10 ?(?:\^|\*\*)? ?9|1e9|10⁹)) ?m(?:3|\^3)"), "bcm"),
    (re.compile(r"(?:\b(?:mn|mio|MM)|\b(?:10 ?(?:\^|\*\*)? ?6|1e6|10⁶)) ?m(?:3|\^3)"), "million m3"),
    (re.compile(r"(?:\b(?:tys|th|ths)\.?|\b(?:10 ?(?:\^|\*\*)? ?3|1e3|10³)) ?m(?:3|\^3)"), "1000 m3"),
    (re.compile(r"\bmmbtu\b", re.IGNORECASE), "MMBtu"),
    # several are meant by these, far apart: nothing that is like them by its letters
    (re.compile(r"\b(?:[MBTmbt]|MM|mm)?(?:s?cf|SCF)d?\b"), "which cubic feet"),
    (re.compile(r"\btcm\b"), "1000 m3 or a trillion"),
    (re.compile(r"/ ?mt\b"), "/t"),
    (re.compile(r"\b([kM]?)tons?\b"), r"\1t"),
    (re.compile(r"\b(mm|Mm|MMm) ?(\^|\*\*)? ?3\b"), "million m3"),
    (re.compile(r"\bkm ?(\^|\*\*)? ?3\b"), "1000 m3"),
    (re.compile(r"\b[mM]bbl\b"), "mb"),
    (re.compile(r"\b[mM](Btu|BTU)\b"), "MMBtu"),
    (re.compile(r"\b[mdc](?=(t|toe|tce|Wh?|Wh_(th|el)|W_(th|el)|J|cal)\b)"), "M"),
)
_RUSSIAN = (
    ("млрд м3", "bcm"), ("млн м3", "million m3"), ("тыс м3", "1000 m3"), ("млн т", "Mt"), ("тыс т", "kt"), ("млрд кВтч", "TWh"), ("млн кВтч", "GWh"),
    ("кВтч", "kWh"), ("МВтч", "MWh"), ("ГВтч", "GWh"), ("ТВтч", "TWh"), ("кВт", "kW"), ("МВт", "MW"), ("ГВт", "GW"), ("Гкал", "Gcal"), ("м3", "m3"), ("т", "t"),
    ("год", "year"), ("сутки", "day"), ("сут", "day"), ("день", "day"), ("час", "h"), ("ч", "h"), ("мес", "month"),
    ("руб", "RUB"), ("тенге", "KZT"), ("тг", "KZT"), ("долл", "USD"), ("евро", "EUR"), ("₽", "RUB"), ("₸", "KZT"), ("US$", "USD"), ("$", "USD"), ("€", "EUR"),
)  # fmt: skip
_LONGEST = 60


@cache
def _registry() -> pint.UnitRegistry[Any]:
    registry: pint.UnitRegistry[Any] = pint.UnitRegistry()
    for line in (
        "case_year = [case_year]",
        "case_month = case_year / 12",
        "kilotonne = 1e6 * kilogram",
        "megatonne = 1e9 * kilogram",
        "thousand = 1e3",
        "million = 1e6 = mln",
        "billion = 1e9 = bln",
        "thousand_m3 = 1000 * meter ** 3",
        "million_m3 = 1e6 * meter ** 3",
        "billion_m3 = 1e9 * meter ** 3",
        "thousand_barrel = 1e3 * oil_barrel",
        "million_barrel = 1e6 * oil_barrel",
        "tonne_coal_equivalent = 7 * Gcal_it = tce",
        "million_btu = 1e6 * Btu = MMBtu",
        "wagon = [wagon]",
        "wagon_day = wagon * day",
        "train = [train]",
        "berth_place = [berth]",
        *(f"{code} = [currency_{code}]" for code in CURRENCIES),
    ):
        registry.define(line)
    return registry


@dataclass(frozen=True)
class Heat:
    """What turns a carrier's tonnes or cubic metres into energy.

    form    "energy", "mass" or "volume": what the carrier is counted in
    energy  MWh (gross) per t or m3; 1 for carriers counted as energy
    density t/m3, or None
    """

    form: str = "energy"
    energy: float = 1.0
    density: float | None = None

    def per_form(self, form: str) -> float:
        """MWh per MWh, t or m3; raises UnitError where the carrier has no such measure."""
        if form == "energy":
            return 1.0
        if self.form == form:
            return self.energy
        if self.density and self.form == "mass" and form == "volume":
            return self.energy * self.density
        if self.density and self.form == "volume" and form == "mass":
            return self.energy / self.density
        native = {"energy": "energy", "mass": "tonnes", "volume": "cubic metres"}[self.form]
        raise UnitError(f"the carrier is counted in {native}, and a {form} needs its density")


def _powers(dimensionality: object) -> dict[str, float]:
    return {str(key): float(power) for key, power in dict(dimensionality).items()}  # type: ignore[call-overload]


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[float, dict[str, float]]:
    """A unit text as (factor to kg, m, s; powers of its dimensions). Raises UnitError for an unknown unit."""
    words = text.strip()
    for pattern, reason in _UNCLEAR:
        if pattern.search(words):
            raise UnitError(f'"{text}" {reason}')
    for pattern, word in _WORDS:
        words = pattern.sub(word, words)
    if len(text) > _LONGEST or _POWER.search(words):
        raise UnitError(f'"{text}" is not a unit')
    if prefix := _strange_prefix(words):
        raise UnitError(f'"{text}" has the prefix {prefix}, which is not used with it in the trade')
    try:
        quantity = _registry().Quantity(1, words).to_base_units() if words else _registry().Quantity(1, "")
    except Exception as error:
        raise UnitError(f'"{text}" is not a unit') from error
    if not 0.0 < float(quantity.magnitude) < float("inf"):
        raise UnitError(f'"{text}" is not a unit')
    return float(quantity.magnitude), _powers(quantity.dimensionality)


def _strange_prefix(words: str) -> str:
    """The first prefix of a unit that nobody in the trade writes there; empty if there is none."""
    for name in _NAME.findall(words):
        found = _registry().parse_unit_name(name)
        prefix, unit = found[0][:2] if found else ("", "")
        if prefix not in _PREFIXES or (unit == "meter" and prefix not in ("", "kilo")):
            return str(prefix)
    return ""


def meant(text: str) -> str:
    """What somebody most likely means by a unit that is refused for its prefix or its name; the text itself if nothing is known."""
    plain = re.sub(r"куб\.? ?м\b", "м3", text.replace("м³", "м3").replace("тонн", "т"))
    plain = re.sub(r"[·*.]|(?<=т)-(?=ч)|(?<=Вт) (?=ч)|(?<=м) (?=3)", "", plain)
    for word, unit in _RUSSIAN:
        plain = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", unit, plain)
    text = plain if plain.isascii() else text
    for pattern, unit in _MEANT:
        text = pattern.sub(unit, text)
    return text


def _times(powers: dict[str, float], other: dict[str, float], sign: int = 1) -> dict[str, float]:
    out = dict(powers)
    for key, power in other.items():
        out[key] = out.get(key, 0.0) + sign * power
    return {key: power for key, power in out.items() if abs(power) > ROUNDING}


def _settle_years(text: str, year_hours: float) -> tuple[float, dict[str, float]]:
    factor, powers = parse(text)
    years = powers.get("[case_year]", 0.0)
    if years:
        factor *= (year_hours * _SECOND_PER_HOUR) ** years
        powers = _times({k: p for k, p in powers.items() if k != "[case_year]"}, {"[time]": years})
    return factor, powers


def form_of(unit: str) -> str:
    """What a unit of quantity measures: "energy", "mass" or "volume"."""
    _, powers = parse(unit)
    for form, dimension in _FORMS.items():
        if powers == {k: float(v) for k, v in dimension.items()}:
            return form
    raise UnitError(f'"{unit}" is neither energy nor mass nor volume')


@lru_cache(maxsize=4096)
def factor(unit: str, dimension: str, heat: Heat, year_hours: float, currency: str = "USD") -> float:
    """What to multiply a number in `unit` with to get the internal unit of `dimension`.

    dimension  power (MW), energy (MWh), energy_price (currency/MWh)
    heat       of the carrier that is meant
    year_hours hours of "year" in the unit
    raises     UnitError, saying what the unit measures instead
    """
    size, powers = _settle_years(unit, year_hours)
    money = {f"[currency_{currency}]": 1.0}
    for form, dims in _FORMS.items():
        amount = {key: float(power) for key, power in dims.items()}
        base = _FORM_BASE[form]
        if dimension == "energy_price":
            if powers == _times(money, amount, -1):
                return size * base / heat.per_form(form)
            continue
        if powers == amount and dimension == "energy":
            return size / base * heat.per_form(form)
        if powers == _times(amount, {"[time]": 1.0}, -1):
            rate = size / base * heat.per_form(form) * _SECOND_PER_HOUR
            if dimension == "power":
                return rate
            if "[case_year]" in parse(unit)[1]:
                return rate * year_hours  # so much a year is the year's quantity; so much a day or MW is not
    for code in CURRENCIES:
        if code != currency and f"[currency_{code}]" in powers:
            raise UnitError(f'"{unit}" is in {code}, and the case counts in {currency}')
    raise UnitError(f'"{unit}" is not {meaning(dimension)}')


def meaning(dimension: str) -> str:
    """A dimension in words."""
    return _MEANS.get(dimension, dimension)


_MEANS = {
    "power": "a quantity per time (MW, bcm/year, kt/day ...)",
    "energy": "a quantity (MWh, bcm, kt ...)",
    "energy_price": "money per quantity (USD/MWh, USD/t, USD/1000 m3 ...)",
}


def usual(dimension: str, currency: str = "USD") -> tuple[str, ...]:
    """Units that people write for a dimension, for a pick list; any other of the dimension is read as well."""
    return tuple(unit.replace("USD", currency) for unit in _USUAL.get(dimension, ()))


_USUAL = {
    "power": (
        "MW",
        "GW",
        "Gcal/h",
        "bcm/year",
        "million m3/day",
        "Mt/year",
        "kt/year",
        "kt/day",
        "kb/d",
        "TWh/year",
    ),
    "energy": ("MWh", "GWh", "TWh", "Gcal", "PJ", "bcm", "million m3", "Mt", "kt", "million barrels"),
    "energy_price": ("USD/MWh", "USD/1000 m3", "USD/t", "USD/bbl", "USD/MMBtu", "USD/Gcal"),
}


def ratio(unit: str, top: Heat, bottom: Heat, year_hours: float) -> float:
    """Factor from a port ratio in `unit` (such as t/MWh) to MWh per MWh.

    top, bottom  heat of the port's carrier and of the reference carrier
    """
    above, _, below = unit.partition("/")
    below = below.strip("() ")
    if not below:
        raise UnitError(f'"{unit}" is not a ratio of two quantities, such as t/MWh')
    return factor(above.strip(), "energy", top, year_hours) / factor(below, "energy", bottom, year_hours)


@lru_cache(maxsize=4096)
def draw(
    amount_unit: str, use_unit: str, heat: Heat, year_hours: float, over: str
) -> tuple[float, float, str]:
    """How a column of a carrier draws on a shared limit.

    amount_unit  unit of the limit: MW, Mt/year, wagon ...
    use_unit     unit of the use per unit of the column; empty counts the column in the limit's own unit
    over         "step" (the limit holds in each step) or "year"
    returns      (amount factor, coefficient per MW or MWh of the column, text of the internal unit)
    """
    size, powers = _settle_years(amount_unit, year_hours)
    time = {"[time]": 1.0}
    for form, dims in _FORMS.items():
        amount = {key: float(power) for key, power in dims.items()}
        rate = _times(amount, time, -1)
        base = _FORM_BASE[form]
        name = {"energy": "MWh", "mass": "t", "volume": "m3"}[form]
        if use_unit:
            break
        per = 1.0 / heat.per_form(form) if powers in (amount, rate) else 0.0
        if powers == rate:
            hourly = size / base * _SECOND_PER_HOUR
            return (hourly, per, name + "/h") if over == "step" else (hourly * year_hours, per, name)
        if powers == amount and over == "year":
            return size / base, per, name
    if not use_unit:
        raise UnitError(f'a limit in "{amount_unit}" needs a unit of use, such as wagon_day/t')
    use_size, use_powers = _settle_years(use_unit, year_hours)
    for form, dims in _FORMS.items():
        amount = {key: float(power) for key, power in dims.items()}
        flow = amount if over == "year" else _times(amount, time, -1)
        if _times(use_powers, flow) == powers:
            per = use_size * _FORM_BASE[form] / heat.per_form(form)
            return size, per if over == "year" else per / _SECOND_PER_HOUR, amount_unit
    raise UnitError(f'use in "{use_unit}" does not draw on a limit in "{amount_unit}"')
