"""Provisions on the same matter whose numbers or dates cannot hold together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from kelisim.agreement.gaps.gap import CONFLICT, Gap, day, named, rows_of
from kelisim.agreement.provision import WITHOUT_NETWORK, Provision, hours_of
from kelisim.agreement.words import countries_in, plain
from kelisim.case.case import Case
from kelisim.results.facts import said
from kelisim.tolerances import SMALL_SHARE

DELIVERIES = {"supply", "transit", "capacity", "indicative_balance", "rail_paths"}
STEM, ALIKE = (
    6,
    0.6,
)  # letters of a word that count, and share of the words that two texts on one matter have in common
CEILINGS = ("indicative_balance", "power_band")
LIMITS = (
    *("not more than", "at most", "no more than", "not exceed", "up to", "ceiling", "limit"),
    *("не более", "не выше", "не превыш", "предел", "потолок", "аспай", "дейін", "артық емес"),
)


def conflicts(case: Case, provisions: Sequence[Provision]) -> Iterator[Gap]:
    """Pairs of provisions on one matter that bind on the same days and cannot both be kept."""
    live = [one for one in provisions if not one.is_over]
    for one, other in combinations(live, 2):
        if not _same_matter(case, one, other):
            continue
        found = _dates(one, other) or (_numbers(one, other) if one.meets(other) else None)
        if found is not None:
            yield found


def _same_matter(case: Case, one: Provision, other: Provision) -> bool:
    """Whether two provisions promise the same thing: of one kind, on an element of both, or from and to the same places for the same two."""
    if one.kind != other.kind and {one.kind, other.kind} - DELIVERIES:
        return False
    if one.carrier != other.carrier and (one.carrier and other.carrier):
        return False
    if one.kind in WITHOUT_NETWORK and not _alike(one.text, other.text):
        return False
    shared = {(t.table, t.element, t.column) for t in one.targets} & {
        (t.table, t.element, t.column) for t in other.targets
    }
    if shared:
        return (
            one.kind == other.kind
            or _is_limit(one)
            or _is_limit(other)
            or "capacity" in (one.kind, other.kind)
        )
    if one.kind != other.kind or (one.elements and other.elements) or one.carrier != other.carrier:
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


def _is_limit(one: Provision) -> bool:
    """Whether the number is the most that may be, rather than what is owed."""
    words = plain(f"{one.text} {one.metric}")
    return one.kind in CEILINGS or any(word in words for word in LIMITS) or "<=" in words


def _numbers(one: Provision, other: Provision) -> Gap | None:
    """Two numbers of which only one can be right, or a duty above a ceiling."""
    if not (one.is_hard or other.is_hard):
        return None
    power = np.array([one.power, other.power])
    if not np.isfinite(power).all():
        same_unit = plain(one.unit) == plain(other.unit) and np.isfinite([one.quantity, other.quantity]).all()
        if not same_unit or one.months != other.months:
            return None
        power = np.array([one.quantity, other.quantity])
    if abs(power[0] - power[1]) <= SMALL_SHARE * max(abs(power).max(), 1e-300):
        return None
    if set(one.months) != set(other.months) and not _impossible(one, other, power):
        return None
    limits = (_is_limit(one), _is_limit(other))
    if one.kind != other.kind and not any(limits):  # what is built is a limit of what is delivered
        limits = (one.kind == "capacity", other.kind == "capacity")
    if limits in ((True, False), (False, True)):
        owed, most = (power[1], power[0]) if limits[0] else (power[0], power[1])
        if owed <= most * (1.0 + SMALL_SHARE):
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
