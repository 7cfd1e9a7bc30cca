"""Order of protection: who is cut later must be worth more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from kelisim.case.checks.units import can_convert
from kelisim.case.checks.view import CaseView, about, each
from kelisim.errors import InputProblem
from kelisim.tolerances import INPUT_ROUNDING

_SHIPPED = 1000  # shipped rows are kept to before any row of the case


@dataclass(frozen=True)
class Class:
    """A customer class for one carrier: its row (-1 if shipped), order and VOLL in currency/MWh (NaN if in doubt)."""

    row: int
    name: str
    order: float
    voll: float


def classes(view: CaseView) -> Iterator[InputProblem]:
    """A class that is cut later than another and has the lower value of lost load.

    Of the classes of a carrier the fewest are named without which the rest keeps the order.
    """
    told = set()
    for carrier, every in view.made(_classes).items():
        found = [one for one in every if not math.isnan(one.voll)]
        keep = _in_order(found)
        for one in found:
            if one in keep or one.row in told or one.row < 0:
                continue
            told.add(one.row)
            later = [other for other in keep if other.order > one.order and other.voll > one.voll]
            earlier = [other for other in keep if other.order < one.order and other.voll < one.voll]
            other = max(later, key=lambda c: c.voll) if later else min(earlier, key=lambda c: c.voll)
            below, before = ("below", "before") if later else ("above", "after")
            has = f'"{one.name}" has {one.voll:.6g} {view.case.currency}/MWh for {carrier}'
            message = f'{has}, {below} the {other.voll:.6g} of "{other.name}", which is cut {before} it.'
            remedy = "A class that is cut later has the higher VOLL: change it or the order."
            yield view.problem("customer_classes", one.row, "voll", message, remedy, rule="order")


def _classes(view: CaseView) -> dict[str, list[Class]]:
    """Classes of each carrier whose order is known."""
    if view.doubts("money.currency"):
        return {}
    rows = view.kinds("customer_classes")
    own = view.rows("customer_classes").index
    lost = set(own[view.wrong("customer_classes", "customer_class", "carrier", "order")])
    unsure = set(own[view.wrong("customer_classes", "voll", "voll_unit")])
    found: dict[str, list[Class]] = {}
    for row, name, carriers, order, voll, unit in each(
        rows, "customer_class", "carrier", "order", "voll", "voll_unit"
    ):
        first = str(carriers).split(";")[0]
        if row in lost or not name or math.isnan(order):
            continue
        good = row not in unsure and not math.isnan(voll) and can_convert(view, unit, "energy_price", first)
        value = voll * view.case.units.factor(unit, "energy_price", first) if good else math.nan
        for carrier in str(carriers).split(";"):
            found.setdefault(carrier, []).append(Class(row, name, order, value))
    return found


def _in_order(found: list[Class]) -> set[Class]:
    """The most classes that keep the order among themselves; the shipped ones weigh most, the ones far from all others least."""
    if not found:
        return set()
    size = {one: math.log(max(one.voll, INPUT_ROUNDING)) for one in found}
    middle = median(size.values())
    best: list[tuple[float, float, list[Class]]] = []
    for one in sorted(found, key=lambda c: (c.order, -c.voll)):
        before = [part for part in best if part[2][-1].voll >= one.voll * (1 - INPUT_ROUNDING)]
        weight, near, chain = max(before, key=lambda part: part[:2], default=(0.0, 0.0, []))
        best.append(
            (weight + (_SHIPPED if one.row < 0 else 1), near - abs(size[one] - middle), [*chain, one])
        )
    return set(max(best, key=lambda part: part[:2])[2])


@about("demand")
def overrides(view: CaseView) -> Iterator[InputProblem]:
    """A value of lost load of a single demand that puts it out of its class's place.

    It may not exceed the class that is cut after it, wherever that stands, nor fall below one that is cut before it
    at the same place.
    """
    known = view.made(_classes)
    rows = view.sure("demand", "place", "carrier", "customer_class", "voll", "voll_unit")
    used = set(zip(rows["carrier"], rows["customer_class"], strict=True))
    here: dict[tuple[str, str], list[tuple[Class, bool]]] = {}
    for row, place, carrier, name, voll, unit in each(
        rows, "place", "carrier", "customer_class", "voll", "voll_unit"
    ):
        one = next((c for c in known.get(carrier, []) if c.name == name), None)
        is_own = not math.isnan(voll)
        if one is None or (is_own and not can_convert(view, unit, "energy_price", carrier)):
            continue
        value = voll * view.case.units.factor(unit, "energy_price", carrier) if is_own else one.voll
        here.setdefault((place, carrier), []).append((Class(row, name, one.order, value), is_own))
    for (_, carrier), members in here.items():
        high: dict[Class, list[Class]] = {}
        for one, is_own in members:
            before = [
                c
                for c in known[carrier]
                if c.order < one.order
                and c.voll < one.voll * (1 - INPUT_ROUNDING)
                and (carrier, c.name) in used
            ]
            if is_own and before:
                high[one] = before
                yield _out_of_place(view, one, min(before, key=lambda c: c.voll), "above", "after")
        for one, is_own in members:
            later = [
                c
                for c, _ in members
                if c.order > one.order and c.voll > one.voll * (1 + INPUT_ROUNDING) and c not in high
            ]
            if is_own and later and one not in high:
                yield _out_of_place(view, one, max(later, key=lambda c: c.voll), "below", "before")


def _out_of_place(view: CaseView, one: Class, other: Class, side: str, when: str) -> InputProblem:
    message = f'"{one.name}" has {one.voll:.6g} {view.case.currency}/MWh here, {side} the {other.voll:.6g} of "{other.name}", which is cut {when} it.'
    return view.problem(
        "demand", one.row, "voll", message, "A class that is cut later has the higher VOLL.", rule="order"
    )
