"""What is known of a case beside its rows: sums of inputs that samples keep, and answers by which they are weighed.

Both come from the observations of the case that are graded well and speak of its whole period. One labelled `input` is
arithmetic of inputs: where it is a sum of demand, of outputs or of contracts its rows are drawn around it. Where one speaks of the
balance of a carrier in a country, what customers there use in all follows from it, and is kept as well. All others are answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine.engine import Engine
from kelisim.engine.estimates.conditioned import KnownSum, Movable, known_sum
from kelisim.engine.estimates.factors import Factor, Floats
from kelisim.errors import UserError
from kelisim.results.observations import KEYS, BalanceTerm, Counterpart, Totals, counterparts
from kelisim.results.tables import Tables
from kelisim.tolerances import NOT_FULL

GRADES = "A"  # of observations that count as known
LIMITS = {
    ("assets.total", "activity"): ("assets", ("annual_max", "capacity")),
    ("contracts.total", "quantity"): ("contracts", ("annual_quantity",)),
}  # the input that an output follows: of the columns the first that the row has
BALANCE = "carriers.balance"
OUTPUTS = (BALANCE, "assets.total", "assets.ports")  # answers of countries and plants, not of single routes
STILL = ("availability", "value")  # columns that would move an output whose sum is known


@dataclass(frozen=True)
class Known:
    """What is known.

    sums     that the samples keep
    still    factors that a sum of outputs settles
    answers  observations by which they are weighed: terms, unit, period
    observed their values
    """

    sums: tuple[KnownSum, ...]
    still: tuple[int, ...]
    answers: Mapping[str, Counterpart]
    observed: Floats


def known_of(case: Case, factors: Sequence[Factor], units: Movable, grades: str = GRADES) -> Known:
    """What observations graded so say of a case."""
    rows = case.table("observations")
    rows = rows[rows["confidence"].isin(list(grades)).to_numpy(dtype=bool)]
    asked = counterparts(case) if len(rows) else {}
    told = [
        name in asked and bool(asked[name][0]) and _whole(case, asked[name][2])
        for name in rows["observation"]
    ]
    rows = rows[np.array(told, dtype=bool)]
    sums: list[KnownSum] = []
    settled: set[str] = set()
    answers: dict[str, Counterpart] = {}
    balances: dict[tuple[str, str], None] = {}
    for row in rows.itertuples():
        terms = asked[row.observation][0]
        balances |= {(t.key[0], t.key[1]): None for t in terms if t.table == BALANCE}
        values = _inputs(case, asked[row.observation]) if row.independent == "input" else None
        if values is not None:
            found = known_sum(row.observation, case, factors, units, values)
            sums += [found] if found is not None else []
            settled |= {t.key[0] for t in terms if t.table == "assets.total"}
        elif row.independent != "input" and all(t.table in (*OUTPUTS, "") for t in terms):
            terms, unit, period = asked[row.observation]
            answers[row.observation] = tuple(one for t in terms for one in _made(case, t)), unit, period
    for country, carrier in balances:
        found = known_sum(
            f"demand:{country}:{carrier}", case, factors, units, _demand(case, country, carrier)
        )
        sums += [found] if found is not None else []
    observed = rows.set_index("observation")["value"].reindex(list(answers)).to_numpy(dtype=float)
    return Known(tuple(sums), _still(case, factors, settled), answers, observed)


def _whole(case: Case, period: str) -> bool:
    """Whether a period is that of the case."""
    totals = Totals(case, lambda name: pd.DataFrame())
    try:
        return bool(abs(totals.share(period) - 1.0) <= NOT_FULL)
    except UserError:
        return False


def _made(case: Case, term: BalanceTerm) -> Iterator[BalanceTerm]:
    """What a country makes, as outputs of its assets: quicker than the balance of all countries; other terms as they are."""
    if (term.table, term.column) != (BALANCE, "made"):
        yield term
        return
    country, carrier = term.key
    places = case.table("assets").set_index("asset")["place"]
    countries = case.table("places").set_index("place")["country"]
    for port in case.ports[case.ports["carrier"] == carrier].itertuples():
        if port.ratio > 0 and countries.get(places.get(port.asset)) == country:
            yield BalanceTerm(term.factor, "assets.ports", "energy", (port.asset, carrier))


def _inputs(case: Case, asked: Counterpart) -> dict[tuple[str, str], Floats] | None:
    """By table and column what each row gives to an observation that is a sum of inputs; None if it is another one."""
    found: dict[tuple[str, str], Floats] = {}
    for term in asked[0]:
        if not term.table:
            continue
        table: str
        columns: tuple[str, ...]
        if (term.table, term.column) == ("demand.total", "demand"):
            table, columns = "demand", ("amount",)
        elif (term.table, term.column) in LIMITS:
            table, columns = LIMITS[term.table, term.column]
        else:
            return None
        frame = case.quantities(table)
        keys = ["place", "carrier", "customer_class"] if table == "demand" else [table.removesuffix("s")]
        mine = np.flatnonzero((frame[keys].astype(str) == list(term.key)).all(axis=1))
        column = next((one for one in columns if len(mine) and pd.notna(frame[one].iloc[mine[0]])), "")
        if not column or term.factor <= 0:
            return None
        given = found.setdefault((table, column), np.zeros(len(frame)))
        given[mine] += term.factor * frame[column].to_numpy(dtype=float)[mine] * _hours(case, column)
    return found


def _hours(case: Case, column: str) -> float:
    """What makes MWh of the whole period of a column: a capacity counts its hours, a quantity of the year its share of it."""
    horizon = case.horizon
    return float(horizon.hours.sum()) if column == "capacity" else float(horizon.year_share)


def _demand(case: Case, country: str, carrier: str) -> dict[tuple[str, str], Floats]:
    frame = case.quantities("demand")
    countries = case.table("places").set_index("place")["country"]
    mine = (frame["place"].map(countries) == country) & (frame["carrier"] == carrier)
    amount = frame["amount"].to_numpy(dtype=float) * _hours(case, "amount")
    return {("demand", "amount"): np.where(mine, amount, 0.0)}


def _still(case: Case, factors: Sequence[Factor], settled: set[str]) -> tuple[int, ...]:
    """Factors of availability that would move an output whose sum is known."""
    assets = case.table("assets")
    mine = assets["asset"].isin(settled)
    profiles = set(assets["profile"][mine]) - {""}
    found = []
    for number, factor in enumerate(factors):
        if factor.columns[0] not in STILL:
            continue
        names = case.table(factor.table)[factor.table.removesuffix("s")].iloc[list(factor.rows)]
        if set(names) & (profiles if factor.table == "profiles" else settled):
            found.append(number)
    return tuple(found)


def answered(engine: Engine, known: Known) -> Floats:
    """What a solved case says to the answers that are known, in their units, (observations); missing where it says nothing."""
    tables = Tables(engine.case, engine.base)
    frames: dict[str, pd.DataFrame] = {}
    found = []
    for terms, unit, _ in known.answers.values():
        total = sum(term.factor for term in terms if not term.table)
        for name in dict.fromkeys(term.table for term in terms if term.table):
            if name not in frames:
                frame = getattr(tables, name.replace(".", "_"))
                frames[name] = frame.set_index([frame[key] for key in KEYS[name]])
            mine = [term for term in terms if term.table == name]
            rows = frames[name].reindex([t.key if len(t.key) > 1 else t.key[0] for t in mine])
            for column in dict.fromkeys(term.column for term in mine):
                factor = np.array([term.factor if term.column == column else 0.0 for term in mine])
                total += float(factor @ (rows[column].to_numpy(dtype=float) * _per(engine.case, rows, unit)))
        found.append(total)
    return np.array(found, dtype=float)


def _per(case: Case, rows: pd.DataFrame, unit: str) -> Floats:
    """What a MWh of each row is in a unit; missing for rows that are not there."""
    carriers = rows["carrier"].astype(object)
    known = {c: 1.0 / case.units.factor(unit, "energy", str(c)) for c in carriers.dropna().unique()}
    return np.asarray(carriers.map(known), dtype=float)
