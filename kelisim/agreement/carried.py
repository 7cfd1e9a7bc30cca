"""What provisions carry: the changes of the case that make each come true, and the case and the outages that take each away.

A provision in force is in the numbers of the case, so that without it they are taken away; one that is signed, drafted or a scenario
comes on top. The full case holds all that is counted, and any set of provisions is the full case less the rest:

    value of an element with a set S = max(base if no owner is left out for good else 0, largest quantity of S)

A price is none that is the larger the better: the clause that fixes it holds, be it less than before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from kelisim.agreement.aid import with_aid
from kelisim.agreement.provision import IN_FORCE, WITHOUT_NETWORK, Provision
from kelisim.agreement.words import MONTHS
from kelisim.case import schema
from kelisim.case.acts import Target
from kelisim.case.case import Case, carrier_of_rows
from kelisim.case.change import Change, Dated, Outage
from kelisim.case.dated import TABLES, keys, may_change
from kelisim.errors import UnitError
from kelisim.tolerances import INPUT_ROUNDING, VANISHING

OUT_OF_BASE = ("candidate", "idle", "restricted")
BY_OUTAGE = ("links", "assets", "markets")
AID = "notifications"
# why a provision carries nothing; keys of sentences
DECLARATION, OVER, ELSEWHERE, NO_NUMBER, NO_ELEMENT = (
    "declaration",
    "over",
    "elsewhere",
    "no_number",
    "no_element",
)
DUTY, INTENTION, HELP = "duty", "intention", "help"


@dataclass(frozen=True)
class Carries:
    """What one provision carries.

    what    duty, intention (a number without a duty), help, or why it carries nothing
    values  (table, element, column) -> its quantity there, in the unit of the row; not a number where the case's own holds
    """

    provision: Provision
    what: str
    values: Mapping[Target, float]

    @property
    def is_carried(self) -> bool:
        """Whether it changes the plan."""
        return self.what in (DUTY, INTENTION)


def carries(case: Case, provision: Provision) -> Carries:
    """What a provision carries."""
    if provision.is_over:
        return Carries(provision, OVER, {})
    aid = [one for one in provision.targets if one.table == AID]
    if aid or provision.kind == "emergency_aid":
        return Carries(provision, HELP, dict.fromkeys(aid, provision.quantity))
    chosen = [
        one
        for one in provision.targets
        if one.column and one.table in TABLES and one.column in may_change(one.table)
    ]
    is_new = [one for one in chosen if not _base(case, one) > 0]
    if provision.kind == "declaration" or (not provision.is_hard and not np.isfinite(provision.quantity)):
        return Carries(provision, DECLARATION, {})
    if not chosen:
        return Carries(provision, ELSEWHERE if provision.kind in WITHOUT_NETWORK else NO_ELEMENT, {})
    if provision.kind in WITHOUT_NETWORK:
        values = _values(case, provision, chosen) if len(chosen) == 1 else {}
        if not all(np.isfinite(value) for value in values.values()) or not values:
            return Carries(provision, ELSEWHERE, {})
    if is_new and not np.isfinite(provision.quantity):
        return Carries(provision, NO_NUMBER, {})
    values = _values(case, provision, chosen)
    if is_new and not any(np.isfinite(value) for value in values.values()):
        return Carries(provision, NO_NUMBER, {})
    return Carries(provision, DUTY if provision.is_hard else INTENTION, values)


def is_price(one: Target) -> bool:
    """Whether a number is a price rather than a size."""
    return schema.tables()[one.table][one.column].dimension == "energy_price"


def _base(case: Case, one: Target) -> float:
    """The number of a row in its own unit, 0 where it is not in use."""
    frame = case.table(one.table)
    rows = frame[(keys(case, one.table) == one.element).to_numpy()]
    if rows.empty or ("status" in rows and rows["status"].iloc[0] in OUT_OF_BASE):
        return 0.0
    value = float(rows[one.column].iloc[0])
    return value if np.isfinite(value) else 0.0


def _values(case: Case, provision: Provision, chosen: Sequence[Target]) -> dict[Target, float]:
    """The quantity at each element in the unit of its row: whole at each link of a way, shared by size where several bring it together."""
    found = {}
    in_series = provision.kind in ("capacity", "transit", "rail_paths")
    together = not in_series or all(one.table == "assets" for one in chosen)
    bring = [one for one in chosen if one.table != "links"]
    sizes = {one: float(_cell(case, one, one.column)) for one in bring}
    whole = sum(size for size in sizes.values() if np.isfinite(size)) or 1.0
    for one in chosen:
        share = (
            sizes[one] / whole
            if together and one in sizes and len(bring) > 1 and np.isfinite(sizes[one])
            else 1.0
        )
        found[one] = _in_row_unit(case, provision, one) * share
    return found


def _cell(case: Case, one: Target, column: str) -> str | float:
    frame = case.table(one.table)
    rows = frame[column][(keys(case, one.table) == one.element).to_numpy()]
    value: str | float = rows.iloc[0] if len(rows) else float("nan")
    return value


def _in_row_unit(case: Case, provision: Provision, one: Target) -> float:
    """The quantity in the unit of a row; not a number where it cannot be."""
    column = schema.tables()[one.table][one.column]
    own = str(_cell(case, one, column.unit_column)) if column.unit_column else ""
    if not np.isfinite(provision.quantity) or provision.unit in ("", own):
        return provision.quantity
    frame = case.table(one.table)
    rows = (keys(case, one.table) == one.element).to_numpy()
    carrier = (
        str(carrier_of_rows(case, one.table, frame)[rows].iloc[0]).split(";")[0]
        if rows.any()
        else provision.carrier
    )
    for dimension in dict.fromkeys((column.dimension, "power", "energy", "energy_price")):
        try:
            return (
                provision.quantity
                * case.units.factor(provision.unit, dimension, carrier)
                / case.units.factor(own, dimension, carrier)
            )
        except (UnitError, KeyError):
            continue
    return float("nan")


class Package:
    """Some provisions of a case together.

    case   as it ships
    every  what each provision carries
    """

    def __init__(self, case: Case, provisions: Iterable[Provision]) -> None:
        self.case = case
        self.every = tuple(carries(case, one) for one in provisions)

    @cached_property
    def carried(self) -> tuple[Carries, ...]:
        """Those that change the plan."""
        return tuple(one for one in self.every if one.is_carried)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.provision.name for one in self.carried)

    @cached_property
    def _elements(self) -> dict[Target, list[Carries]]:
        found: dict[Target, list[Carries]] = {}
        for one in self.carried:
            for element in one.values:
                found.setdefault(element, []).append(one)
        return found

    def value(self, element: Target, chosen: Collection[str]) -> float:
        """The number of an element with some of the provisions, in the unit of its row."""
        base, on = _base(self.case, element), self._elements[element]
        bands = [one for one in on if one.provision.kind == "power_band"]
        owners = [one for one in on if one not in bands and one.provision.status in IN_FORCE]
        inside = [one for one in bands if one.provision.status in IN_FORCE and base > 0]
        held = max(base - sum(one.values[element] for one in inside), 0.0)
        found = held if not owners or any(one.provision.name in chosen for one in owners) else 0.0
        found += sum(one.values[element] for one in bands if one.provision.name in chosen)
        raised = [one.values[element] for one in on if one not in bands and one.provision.name in chosen]
        fixed = [value for value in raised if np.isfinite(value)] if is_price(element) else []
        if fixed:
            return max(fixed)
        return max([found, *(value for value in raised if np.isfinite(value))])

    @cached_property
    def helps(self) -> tuple[Provision, ...]:
        """Provisions that count in an outage."""
        return tuple(one.provision for one in self.every if one.what == HELP)

    def _aided(self) -> Case:
        """The case with the rows of help of all provisions of aid that it does not have."""
        case = self.case
        for one in self.helps:
            receivers = [code for code in one.beneficiaries if code not in one.obligors]
            if not [t for t in one.targets if t.table == AID] and one.power > 0 and receivers:
                for giver in one.obligors:
                    case = with_aid(
                        case, giver, receivers[0], one.carrier, one.power, f"{one.name}_{giver.lower()}"
                    )
        return case

    def without_help(self) -> Case:
        """The case with none of the provisions, those of aid included."""
        return self._less_help(self.case_with(()), self.helps)

    def holding(self, months: Collection[int], chosen: Collection[str] | None = None) -> Case:
        """The case with those of some provisions, all if none are given, that hold in one of some months; what is in force is in its numbers."""
        every = self.names if chosen is None else chosen
        held = {
            one.provision.name
            for one in self.carried
            if one.provision.name in every
            and (one.provision.status in IN_FORCE or set(months) & set(one.provision.months))
        }
        idle = [one for one in self.helps if not set(months) & set(one.months)]
        case = self.full if held == set(self.names) else self.case_with(held)
        return self._less_help(case, idle) if idle else case

    def _less_help(self, case: Case, helps: Iterable[Provision]) -> Case:
        """A case without the rows of help of some provisions, those that the case had before only where they stand for them."""
        had = set(self.case.table("notifications")["notification"])
        gone = {t.element for one in helps for t in one.targets if t.table == AID}
        made = {f"{one.name}_{giver.lower()}_aid" for one in helps for giver in one.obligors}
        rows = case.table("notifications")
        return case.with_table(
            "notifications", rows[~rows["notification"].isin(gone | (made - had)).to_numpy()]
        )

    @cached_property
    def full(self) -> Case:
        """The case with all that is counted."""
        case = self._aided()
        for element in self._elements:
            most, base = self.value(element, self.names), _base(case, element)
            if most > base * (1.0 + INPUT_ROUNDING) or (is_price(element) and _differ(most, base)):
                case = _with(case, element, most)
        return case

    @cached_property
    def seasonal(self) -> list[Change]:
        """What takes a raised number back to that of the case in the months in which no provision that raises it holds."""
        found: list[Change] = []
        for element, on in self._elements.items():
            base, most = _base(self.case, element), self.value(element, self.names)
            raising = [one.provision for one in on if one.values[element] > base]
            months = {month for one in raising for month in one.months}
            if (
                most > base * (1.0 + INPUT_ROUNDING)
                and raising
                and len(months) < MONTHS
                and not is_price(element)
            ):
                for first, last in _off(self.case, months):
                    found += _less(self.full, element, base / most, first, last)
        return found

    def case_with(self, chosen: Collection[str]) -> Case:
        """The case with some of the provisions; the others are taken away, their elements stay."""
        case = self.full
        for element in self._elements:
            most, now = self.value(element, self.names), self.value(element, chosen)
            if is_price(element) and _differ(now, most):
                case = _with(case, element, now)
            elif most > 0 and now < most * (1.0 - INPUT_ROUNDING):
                case = _with(case, element, max(now, VANISHING * most))
        return case

    def without(self, gone: Iterable[str]) -> list[Change]:
        """What takes some provisions away from the full case."""
        left = set(self.names) - set(gone)
        found: list[Change] = []
        for element in self._elements:
            most, now = self.value(element, self.names), self.value(element, left)
            if is_price(element):
                found += (
                    [Dated(element.table, (element.element,), element.column, now)]
                    if _differ(now, most)
                    else []
                )
            elif most > 0 and now < most * (1.0 - INPUT_ROUNDING):
                found += _less(self.full, element, now / most)
        return found


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > INPUT_ROUNDING * max(abs(one), abs(other))


def _with(case: Case, one: Target, value: float) -> Case:
    """The case with a number of a row, in use."""
    frame = case.table(one.table).copy()
    rows = (keys(case, one.table) == one.element).to_numpy()
    numbers = frame[one.column].astype(float)
    numbers[rows] = value
    frame[one.column] = numbers
    if "status" in frame:
        frame["status"] = frame["status"].where(~rows, "base")
    return case.with_table(one.table, frame)


def _less(
    case: Case, one: Target, share: float, start: date | None = None, end: date | None = None
) -> list[Change]:
    """What leaves a share of a number, from a day to a day."""
    if one.table in BY_OUTAGE and one.column in ("capacity", "ceiling"):
        return [Outage(one.element, start, end, 1.0 - share, one.table)]
    factor = max(share, VANISHING)
    columns = [one.column]
    if one.table == "contracts" and np.isfinite(float(_cell(case, one, "daily_max"))):
        columns = list(dict.fromkeys([one.column, "daily_max"]))
    return [Dated(one.table, (one.element,), column, factor, "", "scale", start, end) for column in columns]


def _off(case: Case, months: Collection[int]) -> list[tuple[date, date]]:
    """First and last day of each month of the horizon that is none of some."""
    horizon = case.horizon
    every = pd.period_range(horizon.start, horizon.end - pd.Timedelta(hours=1), freq="M")
    last = horizon.end - pd.Timedelta(days=1)
    return [
        (max(one.start_time, horizon.start).date(), min(one.end_time, last).date())
        for one in every
        if one.month not in months
    ]
