"""Provisions on the same matter whose numbers or dates cannot hold together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from kelisim.agreement.carried import is_price
from kelisim.agreement.gaps.gap import CONFLICT, Gap, day, named, rows_of
from kelisim.agreement.gaps.network import ends
from kelisim.agreement.provision import WITHOUT_NETWORK, Provision, hours_of
from kelisim.agreement.words import countries_in, plain, says
from kelisim.case.case import Case
from kelisim.errors import UnitError
from kelisim.results.facts import said
from kelisim.tolerances import SMALL_SHARE

DELIVERIES = {"supply", "transit", "capacity", "indicative_balance", "rail_paths"}
STEM, ALIKE = (
    6,
    0.6,
)  # letters of a word that count, and share of the words that two texts on one matter have in common
CEILINGS = ("indicative_balance", "power_band")
EXACT, CEILING, FLOOR = "exact", "ceiling", "floor"
PER_YEAR = re.compile(r"/ ?(y|yr|a|year)$")
GOODS = {"supply", "indicative_balance"}


def conflicts(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """Pairs of provisions on one matter that bind on the same days and cannot both be kept."""
    live = [one for one in provisions if not one.is_over]
    for one, other in combinations(live, 2):
        if not same_matter(case, one, other):
            continue
        found = _dates(one, other) or (numbers_differ(case, one, other) if one.meets(other) else None)
        if found is not None:
            yield found


def same_matter(case: Case, one: Provision, other: Provision) -> bool:
    """Whether two provisions promise the same thing: of one kind, on an element of both, or from and to the same places for the same two."""
    if one.kind != other.kind and {one.kind, other.kind} - DELIVERIES:
        return False
    if one.carrier != other.carrier and (one.carrier and other.carrier):
        return False
    shared = set(one.targets) & set(other.targets)
    fixes_price = any(one.column and is_price(one) for one in shared)
    if one.kind in WITHOUT_NETWORK and not fixes_price and not _alike(one.text, other.text):
        return False
    if shared:
        return (
            one.kind == other.kind
            or _is_limit(one)
            or _is_limit(other)
            or "capacity" in (one.kind, other.kind)
        )
    if (one.elements and other.elements) or one.carrier != other.carrier:
        return False
    if _is_within(case, one, other):
        return True
    if one.kind != other.kind:
        return False
    ends = [(_end(case, it, "from_place"), _end(case, it, "to_place")) for it in (one, other)]
    if ends[0] == ends[1] and any(ends[0]):
        return bool(one.carrier) or _alike(one.text, other.text)
    return (
        not any(any(pair) for pair in ends)
        and _alike(one.text, other.text)
        and one.obligors == other.obligors
    )


def _end(case: Case, one: Provision, side: str) -> str:
    """Where a delivery begins or ends: the place as the case calls it, else the country, else that of the side."""
    word = str(getattr(one, side))
    if word:
        found = named(case, "places", word)
        return found or ";".join(countries_in(word)) or plain(word)
    return ";".join(one.obligors if side == "from_place" else one.beneficiaries)


def _alike(text: str, other: str) -> bool:
    """Whether two texts share most of their words, by their stems."""
    words = [{word[:STEM] for word in re.findall(r"\w{4,}", plain(it))} for it in (text, other)]
    if not all(words):
        return False
    return len(words[0] & words[1]) >= ALIKE * min(len(some) for some in words)


def _is_within(case: Case, one: Provision, other: Provision) -> bool:
    """Whether what must be at least delivered is a part of what a ceiling holds: its places lie within those of the ceiling."""
    low, high = _low_high(one, other)
    if low is None or high is None or not high.carrier or _sort(high) != CEILING:
        return False
    if low.kind != high.kind and {low.kind, high.kind} - GOODS:
        return False
    inner, outer = ends(case, low), ends(case, high)
    return all(inner) and inner[0] <= outer[0] and inner[1] <= outer[1]


def _sort(one: Provision) -> str:
    """Whether a number is the most that may be, the least that must be, or what is owed."""
    words = plain(f"{one.text} {one.metric}")
    if says(FLOOR, words) or ">=" in words:
        return FLOOR
    is_limit = one.kind in CEILINGS or says(CEILING, words) or "<=" in words
    return CEILING if is_limit else EXACT


def _is_limit(one: Provision) -> bool:
    return _sort(one) == CEILING


def _low_high(one: Provision, other: Provision) -> tuple[Provision | None, Provision | None]:
    """Which of two numbers must be reached and which may not be passed; neither where both are of one sort."""
    sorts = [_sort(one), _sort(other)]
    if one.kind != other.kind and sorts == [EXACT, EXACT]:  # what is built is a limit of what is delivered
        sorts = [CEILING if it.kind == "capacity" else EXACT for it in (one, other)]
    order = (FLOOR, EXACT, CEILING)
    if sorts[0] == sorts[1]:
        return None, None
    return (one, other) if order.index(sorts[0]) < order.index(sorts[1]) else (other, one)


def numbers_differ(case: Case, one: Provision, other: Provision) -> Gap | None:
    """Two numbers of which only one can be right, or a duty above a ceiling."""
    if not (one.is_hard or other.is_hard):
        return None
    power = np.array([one.power, other.power])
    is_power = bool(np.isfinite(power).all())
    if not is_power:
        same_unit = plain(one.unit) == plain(other.unit) and np.isfinite([one.quantity, other.quantity]).all()
        if not same_unit or one.months != other.months:
            return None
        power = np.array([one.quantity, other.quantity])
    if abs(power[0] - power[1]) <= SMALL_SHARE * max(abs(power).max(), 1e-300) and one.months == other.months:
        return None
    low, high = _low_high(one, other)
    if low is not None and high is not None:
        owed, most = (power[0], power[1]) if low is one else (power[1], power[0])
        if not (_beyond(case, low, high) if is_power else owed > most * (1.0 + SMALL_SHARE)):
            return None
    elif set(one.months) != set(other.months) and not _impossible(one, other, power):
        return None
    places = {
        "first": one.title,
        "second": other.title,
        "a": one.quantity,
        "a_unit": one.unit,
        "b": other.quantity,
        "b_unit": other.unit,
    }
    return Gap(
        CONFLICT, (one.name, other.name), said("agreement.gap_numbers", **places), rows_of([one, other])
    )


def _is_amount(case: Case, one: Provision) -> bool:
    """Whether a quantity counts over all of its months (bcm, GWh, Mt/year) rather than at any time (MW, million m3/day)."""
    if PER_YEAR.search(plain(one.unit)):
        return True
    try:
        case.units.factor(one.unit, "power", one.carrier)
    except UnitError:
        return True
    return False


def _beyond(case: Case, low: Provision, high: Provision) -> bool:
    """Whether what must be delivered is more than what may be, their months being unequal:

    a rate is owed in each of its months, an amount may come in any of its months
    """
    both = tuple(sorted(set(low.months) & set(high.months)))
    owed_by_rate, most_by_rate = not _is_amount(case, low), not _is_amount(case, high)
    if owed_by_rate and most_by_rate:
        owed, most = low.power, high.power
    elif owed_by_rate:
        owed, most = low.power * hours_of(both), high.power * hours_of(high.months)
    elif set(low.months) <= set(high.months):
        span = hours_of(low.months if most_by_rate else high.months)
        owed, most = low.power * hours_of(low.months), high.power * span
    else:
        return False
    return bool(owed > most * (1.0 + SMALL_SHARE))


def _impossible(one: Provision, other: Provision, power: np.ndarray) -> bool:
    """Whether a season asks for more in its months than the whole year holds, both being owed."""
    inner, outer = (one, other) if len(one.months) < len(other.months) else (other, one)
    if not set(inner.months) < set(outer.months):
        return False
    season, year = (power[0], power[1]) if inner is one else (power[1], power[0])
    return bool(season * hours_of(inner.months) > year * hours_of(outer.months) * (1.0 + SMALL_SHARE))


def _dates(one: Provision, other: Provision) -> Gap | None:
    """The same duty with the same number due on two days."""
    if not (one.is_hard or other.is_hard) or one.months != other.months:
        return None
    numbers = (one.quantity, other.quantity)
    same = numbers[0] == numbers[1] or not np.isfinite(numbers).any() or np.isclose(one.power, other.power)
    for side in ("end", "start"):
        first, second = getattr(one, side), getattr(other, side)
        differ = first is not None and second is not None and first != second
        if same and differ and one.meets(other) and one.kind == other.kind:
            places = {"first": one.title, "second": other.title, "a": day(first), "b": day(second)}
            return Gap(
                CONFLICT,
                (one.name, other.name),
                said(f"agreement.gap_{side}s_differ", **places),
                rows_of([one, other]),
            )
    return None
