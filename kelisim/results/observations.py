"""Results beside what was measured.

An observation says in `compare_with` what in the results stands against it: a sum of terms
`table.column:element[:carrier]` with signs and, where needed, a factor in front, and plain numbers in the unit of the
row. A period shorter than the horizon is read from the tables with one row per step, a step that lies partly within it
by its share of hours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.horizon import Horizon
from kelisim.errors import CaseError, InputProblem, UnitError, UserError
from kelisim.results.results import Results
from kelisim.tolerances import NOT_FULL

Floats = npt.NDArray[np.float64]

KEYS: dict[str, tuple[str, ...]] = {
    **{f"{element}s.total": (element,) for element in ("link", "asset", "market", "contract")},
    "streams.total": ("contract",),
    "assets.ports": ("asset", "carrier"),
    "carriers.balance": ("country", "carrier"),
    "places.balance": ("place", "carrier"),
    "demand.total": ("place", "carrier", "customer_class"),
}
TESTS = ("yes", "partly", "input")
_COMPARED = (
    "base_",
    "part_of_",
    "other_year",
)  # beginnings of `use` that have a counterpart in a case of their period
# values of `use` that name the reason why an observation has no counterpart
_USES = ("peak_hour", "stock_level", "not_comparable")
_TERM = re.compile(
    r"\s*(?P<sign>[+-]?)\s*(?:(?P<factor>\d[\d.]*)\s*\*\s*)?"
    r"(?:(?P<table>[a-z_]+\.[a-z_]+)\.(?P<column>[a-z_]+):(?P<element>\w+(?::\w+)*)|(?P<number>\d[\d.]*))\s*"
)


@dataclass(frozen=True)
class BalanceTerm:
    """One term of a sum: factor times a cell of a result table, or a number where `table` is empty."""

    factor: float
    table: str = ""
    column: str = ""
    key: tuple[str, ...] = ()


Counterpart = tuple[tuple[BalanceTerm, ...], str, str]  # terms, unit, period


def terms(text: str) -> tuple[BalanceTerm, ...]:
    """The terms of a `compare_with`. Raises UserError that says where it cannot be read."""
    found: list[BalanceTerm] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TERM.match(text, at)
        if match is None or (found and not match["sign"]):
            raise UserError(
                f'"{text[at : at + 40].strip()}" is not a term such as + 2 * links.total.forward:pipe'
            )
        sign = -1.0 if match["sign"] == "-" else 1.0
        if match["number"]:
            found.append(BalanceTerm(sign * float(match["number"])))
        else:
            key = tuple(match["element"].split(":"))
            known = KEYS.get(match["table"])
            if known is None:
                raise UserError(
                    f'"{match["table"]}" is not a table to compare with. Known: {", ".join(KEYS)}'
                )
            if len(key) != len(known):
                raise UserError(
                    f'"{match["element"]}" is not a row of {match["table"]}, whose rows are {":".join(known)}'
                )
            found.append(
                BalanceTerm(sign * float(match["factor"] or 1), match["table"], match["column"], key)
            )
        at = match.end()
    return tuple(found)


def between(period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Start and end of a year, half, quarter, month, day or `first..last`, the end not included. Raises UserError."""
    first, _, last = period.partition("..")
    return _one_period(first)[0], _one_period(last or first)[1]


def _one_period(text: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    half = re.fullmatch(r"(\d{4})-H([12])", text.strip())
    try:
        if half:
            start = pd.Timestamp(int(half[1]), 6 * int(half[2]) - 5, 1)
            return start, start + pd.DateOffset(months=6)
        whole = pd.Period(re.sub(r"(\d{4})-Q", r"\1Q", text.strip()))
    except (ValueError, TypeError) as error:
        raise UserError(f'"{text}" is not a year, quarter, month or day') from error
    return whole.start_time, (whole + 1).start_time


class Totals:
    """Totals of one run, by the words of an observation or by conditions on its tables.

    case   what was solved
    table  gives a result table by its name; raises KeyError or UserError for one that is not kept
    """

    def __init__(self, case: Case, table: Callable[[str], pd.DataFrame]) -> None:
        self.case = case
        self._ask = table
        self._indexed: dict[str, pd.DataFrame] = {}
        self._series: dict[str, pd.DataFrame] = {}

    @classmethod
    def of(cls, results: Results) -> Totals:
        """Totals of a run of the balance."""
        return cls(results.case, results.__getitem__)

    def table(self, name: str) -> pd.DataFrame:
        """A result table as it is."""
        return self._ask(name)

    # ---- by condition
    def total(self, rows: pd.DataFrame, column: str, unit: str) -> float:
        """Sum of a column, or of an expression of columns, over rows with a carrier, in a unit of quantity."""
        energy = pd.Series(rows.eval(column), dtype=float)
        factor = rows["carrier"].map({str(c): self._per(unit, str(c)) for c in rows["carrier"].unique()})
        return float((energy * factor.astype(float)).sum())

    # ---- by the words of an observation
    def value(self, wanted: tuple[BalanceTerm, ...], unit: str, period: str = "") -> float:
        """What the results say to a sum of terms.

        unit    of a quantity; or of a rate, such as MW, which gives the mean over the period
        period  year, quarter, month, day or `first..last`; the whole horizon if empty
        raises  UserError that says what the results do not have
        """
        weights = self._weights(period)
        hours = float(self.hours.sum() if weights is None else weights.sum())
        share = hours / float(self.hours.sum())
        found = 0.0
        for term in wanted:
            if not term.table:
                found += term.factor * share
                continue
            energy, carrier = self._energy(term, weights)
            found += term.factor * energy * self._per(unit, carrier, hours)
        return found

    def weights(self, term: BalanceTerm, unit: str, period: str = "") -> Floats:
        """What a MW in each step adds to the value of a term, in the unit of `value`, (steps,).

        Of a port that is what a MW of its asset adds. Raises UserError as `value`.
        """
        hours = self.hours if (found := self._weights(period)) is None else found
        row = self._row(term)
        ratio = 1.0
        if term.table == "assets.ports":
            activity = self._row(BalanceTerm(1.0, "assets.total", "activity", term.key[:1]))["activity"]
            ratio = float(row[term.column]) / activity if activity else 0.0
        per = self._per(unit, str(row["carrier"]), float(hours.sum()))
        return np.asarray(term.factor * ratio * per * hours, dtype=float)

    def share(self, period: str) -> float:
        """Share of the horizon that a period is. Raises UserError where it does not lie within it."""
        weights = self._weights(period)
        return 1.0 if weights is None else float(weights.sum() / self.hours.sum())

    @cached_property
    def hours(self) -> Floats:
        """Hours of the steps."""
        return np.asarray(self.case.horizon.hours, dtype=float)

    def _weights(self, period: str) -> Floats | None:
        """Hours of each step within a period; None is the whole horizon."""
        if not period:
            return None
        start, end = between(period)
        # a cell counts by the share of the time that it stands for that lies within the period
        weights = self.case.horizon.share_between(start, end) * self.hours
        if weights.sum() < (end - start).total_seconds() / 3600.0 * (1.0 - NOT_FULL):
            raise UserError(f"the period {period} does not lie within the horizon")
        return None if np.allclose(weights, self.hours) else weights

    def _per(self, unit: str, carrier: str, hours: float = 0.0) -> float:
        """What to multiply MWh with to get a quantity, or a rate over so many hours."""
        try:
            return 1.0 / self.case.units.factor(unit, "energy", carrier)
        except UnitError:
            if not hours:
                raise
            return 1.0 / (self.case.units.factor(unit, "power", carrier) * hours)

    def _energy(self, term: BalanceTerm, weights: Floats | None) -> tuple[float, str]:
        """MWh of a term and the carrier it is counted in."""
        row = self._row(term)
        carrier = str(row["carrier"])
        if weights is None:
            return float(row[term.column]), carrier
        return float(self._steps(term, row) @ weights), carrier

    def _row(self, term: BalanceTerm) -> pd.Series:
        if term.table not in self._indexed:
            keys = list(KEYS[term.table])
            self._indexed[term.table] = self._ask(term.table).set_index(keys, drop=False)
        frame = self._indexed[term.table]
        key = term.key if len(term.key) > 1 else term.key[0]
        if term.column not in frame or key not in frame.index:
            what = ":".join(term.key)
            raise UserError(f"the results have no {term.table}.{term.column}:{what}")
        rows = frame.loc[[key]]
        if len(rows) != 1:
            raise UserError(f"{term.table} has {len(rows)} rows {':'.join(term.key)}")
        return rows.iloc[0]

    def _steps(self, term: BalanceTerm, row: pd.Series) -> Floats:
        """MW of a term in each step."""
        if term.table == "links.total" and term.column in ("forward", "back", "net"):
            net = self._by_step("links.flow", "link", "flow").loc[term.key[0]].to_numpy(dtype=float)
            return {"forward": np.maximum(net, 0.0), "back": np.maximum(-net, 0.0), "net": net}[term.column]
        if (term.table, term.column) in (("assets.total", "activity"), ("assets.ports", "energy")):
            activity = (
                self._by_step("assets.activity", "asset", "activity").loc[term.key[0]].to_numpy(dtype=float)
            )
            year = float(activity @ self.hours)
            ratio = float(row[term.column]) / year if year else 0.0
            return activity * ratio
        if (term.table, term.column) == ("markets.total", "taken"):
            return self._by_step("markets.taken", "market", "taken").loc[term.key[0]].to_numpy(dtype=float)
        if term.table == "streams.total" and term.column in ("entered", "delivered"):
            return (
                self._by_step("streams.delivery", "contract", term.column)
                .loc[term.key[0]]
                .to_numpy(dtype=float)
            )
        raise UserError(f"the results have no {term.table}.{term.column} by step")

    def _by_step(self, name: str, key: str, column: str) -> pd.DataFrame:
        """A table with one row per step as (element, step)."""
        kept = f"{name}.{column}"
        if kept not in self._series:
            try:
                frame = self._ask(name)
            except (KeyError, UserError) as error:
                raise UserError(f"the run keeps no {name}; run it with --series yes") from error
            elements = frame[key].astype(str).to_numpy()[:: len(self.hours)]
            values = frame[column].to_numpy(dtype=float).reshape(len(elements), len(self.hours))
            self._series[kept] = pd.DataFrame(values, index=elements)
        return self._series[kept]


# ---- observations
@dataclass(frozen=True)
class Beside:
    """Observations beside the results.

    rows      observation, element, test, period, observed, model, error, unit, carrier, confidence, source, note, series (the first
              observation of the same sum of results), counted (whether it stays in the score whatever it follows)
    left_out  observation, element, period, observed, unit, reason, detail
    """

    rows: pd.DataFrame
    left_out: pd.DataFrame


_NUMBERS = ("observed", "model", "error", "energy_observed", "energy_model", "level_error", "change_error")
_COMMON = ["observation", "element", "period", "observed", "unit"]
_ROW = ["observation", "element", "test", "period", "observed", "model", "error", "unit", "carrier"]
_ROW += ["confidence", "source", "note", "series", "counted"]


def beside(totals: Totals) -> Beside:
    """Every observation of the case beside its counterpart, or the reason why it has none.

    error = model / observed - 1. Raises CaseError that lists each `compare_with` that cannot be read.
    """
    rows, left = [], []
    series: dict[str, str] = {}
    for row, wanted, reason in _asked(totals.case):
        found = {name: getattr(row, name) for name in ("observation", "element", "period", "unit")}
        found["observed"] = observed = float(row.value)
        detail = str(row.use) if reason == "other_use" else ""
        model = float("nan")
        if not reason:
            try:
                model = totals.value(wanted, row.unit, row.period)
            except UserError as error:
                reason, detail = "not_there", str(error)
        if not reason and not observed:
            reason = "nothing_observed"
        if reason:
            left.append(found | {"reason": reason, "detail": detail})
            continue
        found |= {name: getattr(row, name) for name in ("carrier", "confidence", "source", "note")}
        found["series"] = series.setdefault(f"{row.compare_with} {row.carrier}", row.observation)
        found |= {"counted": bool(row.counted), "test": row.independent}
        rows.append(found | {"model": model, "error": model / observed - 1.0})
    return Beside(framed(rows, _ROW), framed(left, [*_COMMON, "reason", "detail"]))


def framed(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """A table with these columns; those of numbers are numbers where it is empty too."""
    return pd.DataFrame(rows, columns=columns).astype({c: float for c in columns if c in _NUMBERS})


def _asked(case: Case) -> Iterator[tuple[Any, tuple[BalanceTerm, ...], str]]:
    """Each observation with its terms, or with the reason why it has no counterpart."""
    problems, found = [], []
    for row in case.table("observations").itertuples():
        wanted: tuple[BalanceTerm, ...] = ()
        reason = _reason(row, case.horizon)
        if not reason:
            try:
                wanted = terms(str(row.compare_with))
            except UserError as error:
                problems.append(
                    InputProblem(
                        "observations.csv", int(row.Index), "compare_with", str(error), rule="compare_with"
                    )
                )
        found.append((row, wanted, reason))
    if problems:
        raise CaseError(case.name, problems)
    yield from found


def _reason(row: Any, horizon: Horizon) -> str:
    """Why an observation is not compared, from its own columns and the period of the case; empty if it is."""
    use = str(row.use)
    if not use.startswith(_COMPARED):
        return use if use in _USES else "other_use"
    if is_elsewhere(str(row.period), horizon):
        return "other_year"
    if not row.compare_with:
        return "not_comparable"
    return "" if row.independent in TESTS else "no_label"


def is_elsewhere(period: str, horizon: Horizon) -> bool:
    """Whether a period has no moment in the horizon; one that cannot be read has."""
    try:
        start, end = between(period)
    except UserError:
        return False
    return end <= horizon.start or start >= horizon.end


def counterparts(case: Case) -> dict[str, Counterpart]:
    """Terms, unit and period of each observation that has a counterpart. Raises CaseError as `beside`."""
    return {
        row.observation: (wanted, row.unit, row.period) for row, wanted, reason in _asked(case) if not reason
    }
