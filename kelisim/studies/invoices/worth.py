"""What a clause costs or saves: the invoice without it, and for limits of the problem the year solved again without them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kelisim.engine import Engine
from kelisim.engine.held import LIMITS
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import INF
from kelisim.results.schema import framed
from kelisim.studies.invoices.billing import Billing
from kelisim.tolerances import NO_FLOW, NO_PRICE

ASKED = "solved again"
SLACK = "does not bind"
COUNTED = "counted again"


def worth(engine: Engine, billing: Billing) -> pd.DataFrame:
    """Every clause with and without: invoice of its contract, and cost of the case where the clause is a limit of the problem."""
    rows = [*_counted(billing), *_solved(engine, billing)]
    frame = framed("invoices", "clauses.worth", rows)
    order = frame["saving"].fillna(frame["invoice_saving"]).abs()
    return (
        frame.assign(_order=order)
        .sort_values(["_order", "contract", "clause"], ascending=[False, True, True], ignore_index=True)
        .drop(columns="_order")
    )


def _counted(billing: Billing) -> Iterator[tuple[Any, ...]]:
    """Clauses that move money and no flow."""
    rows = billing.case.table("clauses")
    for contract in billing.contracts["contract"]:
        if contract in billing.billed_under:
            continue
        named = list(dict.fromkeys(rows["clause"][rows["contract"] == contract]))
        names = [name for name in named if name not in LIMITS]
        if int(billing.contracts.at[contract, "make_up_years"] or 0) > 0:
            names.append("make_up")
        before = float(billing.lines(only=contract)["amount"].sum())
        for clause in names:
            after = float(billing.lines((contract, clause), contract)["amount"].sum())
            yield (contract, clause, COUNTED, before, after, before - after, np.nan, np.nan, np.nan)


def _solved(engine: Engine, billing: Billing) -> Iterator[tuple[Any, ...]]:
    """Limits of contracts in the problem; solved without them where they bind."""
    problem, base = engine.problem, engine.base
    session: Session | None = None
    for clause, (name, side, column) in LIMITS.items():
        block = problem.rows.get(name)
        if block is None:
            continue
        found = base.rows[name]
        for at, contract in enumerate(block.elements):
            if contract not in billing.contracts.index or not billing.contracts.at[contract, column] > 0:
                continue
            if not np.isfinite(found.lower[at] if side == "least" else found.upper[at]).any():
                continue
            before = float(billing.lines(only=contract)["amount"].sum())
            dual = np.maximum(found.duals[at] if side == "least" else -found.duals[at], 0.0)
            limit = found.lower[at] if side == "least" else found.upper[at]
            met = np.abs(found.values[at] - limit) <= NO_FLOW * np.maximum(1.0, np.abs(limit))
            if dual.max(initial=0.0) <= NO_PRICE or not met.any():
                yield (contract, clause, SLACK, before, before, 0.0, base.objective, base.objective, 0.0)
                continue
            if session is None:
                session = Session(problem)
                session.start("simplex")
            rows = block.own(at)
            low, high = problem.row_lower[rows].copy(), problem.row_upper[rows].copy()
            (low if side == "least" else high)[:] = -INF if side == "least" else INF
            again = session.solve(Delta(rows=rows, row_lower=low, row_upper=high))
            if again.status != "optimal":
                yield (contract, clause, ASKED, before, np.nan, np.nan, base.objective, np.nan, np.nan)
                continue
            answer = engine.answer(problem, again)
            after = float(Billing(billing.case, answer).lines((contract, clause), contract)["amount"].sum())
            saving = base.objective - answer.objective
            yield (
                contract,
                clause,
                ASKED,
                before,
                after,
                before - after,
                base.objective,
                answer.objective,
                saving,
            )
