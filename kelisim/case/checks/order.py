"""Order of protection: who is cut later must be worth more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kelisim.case.checks.units import can_convert
from kelisim.case.checks.view import View
from kelisim.errors import Problem

_ROUNDING = 1e-6
_SHIPPED = 1000  # shipped rows are kept to before any row of the case


@dataclass(frozen=True)
class Class:
    """A customer class for one carrier: its row (-1 if shipped), order and VOLL in currency/MWh."""

    row: int
    name: str
    order: float
    voll: float


def classes(view: View) -> Iterator[Problem]:
    """A class that is cut later than another and has the lower value of lost load.

    Of the classes of a carrier the fewest are named without which the rest keeps the order.
    """
    told = set()
    for carrier, found in _classes(view).items():
        keep = _in_order(found)
        for one in found:
            if one in keep or one.row in told or one.row < 0:
                continue
            told.add(one.row)
            later = [other for other in keep if other.order > one.order and other.voll > one.voll]
            earlier = [other for other in keep if other.order < one.order and other.voll < one.voll]
            other = max(later, key=lambda c: c.voll) if later else min(earlier, key=lambda c: c.voll)
            words = ("below", "before") if later else ("above", "after")
            yield view.problem(
                "customer_classes", one.row, "voll",
                f'"{one.name}" has {one.voll:.6g} {view.case.currency}/MWh for {carrier}, {words[0]} the {other.voll:.6g} of "{other.name}", '
                f"which is cut {words[1]} it.",
                "A class that is cut later has the higher VOLL: change it or the order.", rule="order",
            )  # fmt: skip


def _classes(view: View) -> dict[str, list[Class]]:
    """Classes of each carrier that can be compared."""
    if "money.currency" in view.settings:
        return {}
    rows = view.kinds("customer_classes")
    own = view.wrong("customer_classes", "customer_class", "carrier", "order", "voll", "voll_unit")
    wrong = set(own.index[own])
    found: dict[str, list[Class]] = {}
    for row, name, carriers, order, voll, unit in rows[["customer_class", "carrier", "order", "voll", "voll_unit"]].itertuples():
        first = str(carriers).split(";")[0]
        if row in wrong or not name or voll != voll or order != order or not can_convert(view, unit, "energy_price", first):
            continue
        value = voll * view.case.units.factor(unit, "energy_price", first)
        for carrier in str(carriers).split(";"):
            found.setdefault(carrier, []).append(Class(row, name, order, value))
    return found


def _in_order(found: list[Class]) -> set[Class]:
    """The most classes that keep the order among themselves; the shipped ones weigh most."""
    ranked = sorted(found, key=lambda c: (c.order, -c.voll))
    best: list[tuple[int, list[Class]]] = []
    for one in ranked:
        before = [(weight, chain) for weight, chain in best if chain[-1].voll >= one.voll * (1 - _ROUNDING)]
        weight, chain = max(before, key=lambda pair: pair[0], default=(0, []))
        best.append((weight + (_SHIPPED if one.row < 0 else 1), [*chain, one]))
    return set(max(best, key=lambda pair: pair[0])[1]) if best else set()


def overrides(view: View) -> Iterator[Problem]:
    """A value of lost load of a single demand that puts it out of its class's place.

    It may not exceed the class that is cut after it, wherever that stands, nor fall below one that is cut before it
    at the same place.
    """
    known = _classes(view)
    rows = view.sure("demand", "place", "carrier", "customer_class", "voll", "voll_unit")
    used = set(rows[["carrier", "customer_class"]].itertuples(index=False, name=None))
    here: dict[tuple[str, str], list[tuple[Class, bool]]] = {}
    for row, place, carrier, name, voll, unit in rows[["place", "carrier", "customer_class", "voll", "voll_unit"]].itertuples():
        one = next((c for c in known.get(carrier, []) if c.name == name), None)
        if one is None or (voll == voll and not can_convert(view, unit, "energy_price", carrier)):
            continue
        value = voll * view.case.units.factor(unit, "energy_price", carrier) if voll == voll else one.voll
        here.setdefault((place, carrier), []).append((Class(row, name, one.order, value), voll == voll))
    for (_, carrier), members in here.items():
        for one, is_own in members:
            higher = [c for c in known[carrier] if c.order < one.order and c.voll < one.voll * (1 - _ROUNDING) and (carrier, c.name) in used]
            lower = [c for c, _ in members if c.order > one.order and c.voll > one.voll * (1 + _ROUNDING)]
            if is_own and (higher or lower):
                other = min(higher, key=lambda c: c.voll) if higher else max(lower, key=lambda c: c.voll)
                words = ("above", "after") if higher else ("below", "before")
                yield view.problem(
                    "demand", one.row, "voll",
                    f'"{one.name}" has {one.voll:.6g} {view.case.currency}/MWh here, {words[0]} the {other.voll:.6g} of "{other.name}", '
                    f"which is cut {words[1]} it.",
                    "A class that is cut later has the higher VOLL.", rule="order",
                )  # fmt: skip
