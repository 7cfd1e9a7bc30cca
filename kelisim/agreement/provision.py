"""A provision of an agreement as it is read: who owes what to whom, when, and whether it is a duty at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kelisim.agreement.words import carrier_in, countries_in, force_of, kind_of, months_of
from kelisim.case.acts import Target, targets
from kelisim.case.case import Case
from kelisim.errors import UnitError

IN_FORCE, OVER = ("in force",), ("lapsed", "contested", "ended")
# kinds whose words bind somebody without a number of the network
WITHOUT_NETWORK = ("price", "regulation", "working_group", "joint_venture", "declaration")


@dataclass(frozen=True)
class Provision:
    """One provision.

    line       in its file
    kind, force, status  as written, or read from the text and the agreement
    parties    countries of the agreement
    obligors, beneficiaries  countries, as far as their words name any
    months     of the year in which it holds
    power      MW owed while it holds; not a number where none is named or the unit counts something else
    """

    line: int
    name: str
    agreement: str
    article: str
    text: str
    kind: str
    force: str
    status: str
    obligor: str
    beneficiary: str
    parties: tuple[str, ...]
    obligors: tuple[str, ...]
    beneficiaries: tuple[str, ...]
    carrier: str
    from_place: str
    to_place: str
    targets: tuple[Target, ...]
    quantity: float
    unit: str
    power: float
    months: tuple[int, ...]
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    body: str
    project: str
    metric: str
    confidence: str
    source: str

    @property
    def title(self) -> str:
        """What people call it: its article and text."""
        return f"{self.article}: {self.text}" if self.article and self.text else self.text or self.name

    @property
    def is_hard(self) -> bool:
        return self.force == "hard"

    @property
    def is_over(self) -> bool:
        """Whether it binds nobody any more: lapsed, ended or contested."""
        return self.status in OVER

    @cached_property
    def elements(self) -> frozenset[tuple[str, str]]:
        """(table, element) of what it acts on."""
        return frozenset((one.table, one.element) for one in self.targets)

    def meets(self, other: Provision) -> bool:
        """Whether both hold on some day, and in some month of the year."""
        first = [one.start for one in (self, other) if one.start is not None]
        last = [one.end for one in (self, other) if one.end is not None]
        together = not first or not last or max(first) <= min(last)
        return together and bool(set(self.months) & set(other.months))


def provisions_of(case: Case) -> list[Provision]:
    """The provisions of a case, in the order of its table."""
    agreements = case.table("agreements").set_index("agreement")
    return [_read(case, row, agreements) for row in case.table("provisions").to_dict("index").items()]


def _read(case: Case, row: tuple[Any, Mapping[str, Any]], agreements: pd.DataFrame) -> Provision:
    line, cells = row
    told = {key: str(value) for key, value in cells.items()}
    known = told["agreement"] in agreements.index
    deal = agreements.loc[told["agreement"]] if known else pd.Series({"parties": "", "status": ""})
    words = f"{told['text']} {told['topic']}"
    quantity = float(cells["quantity"])
    acts = tuple(one for one in targets(told["acts_on"], "maybe"))
    kind = told["kind"] or kind_of(words) or "supply"
    carrier = told["carrier"] or _carrier(case, acts) or carrier_in(told["text"])
    months = _months(told["season"])
    is_counted = bool(np.isfinite(quantity) or acts)
    owes = (
        told["obligor"] if told["obligor"] != told["beneficiary"] else ""
    )  # what both owe both needs words of duty
    said = force_of(told["text"], is_counted or bool(owes), is_counted)
    force = told["force"] or ("soft" if kind == "declaration" else said)
    return Provision(
        int(str(line)),
        told["provision"],
        told["agreement"],
        told["article"],
        told["text"],
        kind,
        force,
        told["status"] or str(deal["status"]),
        told["obligor"],
        told["beneficiary"],
        countries_in(str(deal["parties"])),
        countries_in(told["obligor"]),
        countries_in(told["beneficiary"]),
        carrier,
        told["from_place"],
        told["to_place"],
        acts,
        quantity,
        told["unit"],
        power_of(case, quantity, told["unit"], carrier, months),
        months,
        _day(cells["start"]),
        _day(cells["end"]),
        told["body"],
        told["project"],
        told["metric"],
        told["confidence"],
        told["source"],
    )


def _months(season: str) -> tuple[int, ...]:
    try:
        return months_of(season)
    except ValueError:
        return months_of("")


def _day(value: Any) -> pd.Timestamp | None:
    return None if pd.isna(value) else pd.Timestamp(value)


def _carrier(case: Case, acts: tuple[Target, ...]) -> str:
    """The carrier of the first element that has one."""
    for table, element, _ in acts:
        if table == "assets" and element in case.reference_carriers:
            return str(case.reference_carriers[element])
        frame = (
            case.table(table) if table in ("links", "storages", "markets", "contracts", "duties") else None
        )
        if frame is not None:
            mine = frame["carrier"][frame.iloc[:, 0] == element]
            if len(mine):
                return str(mine.iloc[0])
        if table == "demand" and element.count(":"):
            return element.split(":")[1]
    return ""


def power_of(case: Case, quantity: float, unit: str, carrier: str, months: tuple[int, ...]) -> float:
    """MW of a quantity: of a rate at once, of an amount over the hours of its months; not a number of anything else."""
    if not np.isfinite(quantity) or not unit or not carrier:
        return float("nan")
    try:
        return quantity * case.units.factor(unit, "power", carrier)
    except UnitError:
        pass
    try:
        energy = quantity * case.units.factor(unit, "energy", carrier)
    except UnitError:
        return float("nan")
    return energy / hours_of(months)


def hours_of(months: tuple[int, ...]) -> float:
    """Hours of some months of a year of 365 days."""
    return float(sum(pd.Period(f"2023-{month:02d}").days_in_month for month in months) * 24)
