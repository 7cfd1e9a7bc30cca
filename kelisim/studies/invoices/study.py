"""What each contract pays by month, clause by clause, and what a clause costs or saves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.facts import Fact, said
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.studies.invoices.billing import Billing
from kelisim.studies.invoices.worth import worth
from kelisim.studies.study import Study, param

NAMED = 3  # contracts and clauses that a sentence names


@dataclass(frozen=True)
class Invoices(Study):
    """What the contracts of a case pay month by month: goods at their prices, clauses one by one, and what each clause costs or saves."""

    name = "invoices"
    lets_go = False
    worth: bool = param("also ask what each clause costs or saves, with and without it", default=True)

    def run(self, engine: Engine) -> Results:
        case = engine.case
        if case.table("contracts").empty:
            raise StudyError(f'The case "{case.name}" has no contracts to send invoices for.')
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        billing = Billing(case, engine.base)
        lines = billing.lines()
        frames = {"invoices": lines, "invoices.total": _total(billing, lines)}
        facts = [*_paid(frames["invoices.total"], case.currency), *_by_clause(lines, case.currency)]
        if self.worth:
            frames["clauses.worth"] = worth(engine, billing)
            facts += _worth(frames["clauses.worth"], case.currency)
        else:
            frames["clauses.worth"] = framed("invoices", "clauses.worth")
        names = billing.unpriced()
        if names:
            parts = [said("invoices.of_name", contract=name) for name in names[:NAMED]]
            facts.append(Fact("unpriced", float(len(names)), "contracts", "invoices.unpriced", parts=parts))
        return self.results(engine, frames, facts)


def _total(billing: Billing, lines: pd.DataFrame) -> pd.DataFrame:
    """One row for each contract, the largest sum first."""
    rows = []
    for contract, own in lines.groupby("contract", sort=False):
        row = billing.contracts.loc[contract]
        is_goods = own["clause"] == "goods"
        goods, amount = float(own["amount"][is_goods].sum()), float(own["amount"].sum())
        quantity = float(own["quantity"][is_goods].sum())
        mean = amount / quantity if quantity > 0 else np.nan
        about = (contract, row["seller"], row["buyer"], row["carrier"])
        energy = float(own["energy"][is_goods].sum())
        rows.append((*about, quantity, own["unit"].iloc[0], energy, goods, amount - goods, amount, mean))
    frame = framed("invoices", "invoices.total", rows)
    return frame.sort_values(["amount", "contract"], ascending=[False, True], ignore_index=True)


def _paid(total: pd.DataFrame, currency: str) -> list[Fact]:
    if total.empty:
        return [Fact("invoiced", 0.0, currency, "invoices.nothing")]
    parts = [
        said("invoices.of_contract", contract=row.contract, amount=row.amount)
        for row in total.head(NAMED).itertuples(index=False)
    ]
    whole = float(total["amount"].sum())
    rest = len(total) - len(parts)
    more = said("invoices.more", count=rest) if rest > 0 else ""
    return [Fact("invoiced", whole, currency, "invoices.paid", count=len(total), parts=parts, more=more)]


def _by_clause(lines: pd.DataFrame, currency: str) -> list[Fact]:
    """What clauses add to the goods, the largest first."""
    own = lines[lines["clause"] != "goods"].groupby("clause", sort=True)["amount"].sum()
    own = own[own.abs() > 0].sort_values(key=lambda one: -one.abs(), kind="stable")
    if own.empty:
        return [Fact("clauses", 0.0, currency, "invoices.no_clause")]
    parts = [said("invoices.of_clause", clause=name, amount=value) for name, value in own.head(NAMED).items()]
    whole = float(own.sum())
    say = "invoices.clauses" if whole >= 0 else "invoices.clauses_less"
    return [Fact("clauses", whole, currency, say, parts=parts, less=abs(whole))]


def _worth(table: pd.DataFrame, currency: str) -> list[Fact]:
    """The limits of contracts that cost most to keep."""
    found = table[table["saving"] > 0].head(NAMED)
    if found.empty:
        return [Fact("limits_cost", 0.0, currency, "invoices.no_limit")]
    parts = [
        said("invoices.of_limit", clause=row.clause, contract=row.contract, saving=row.saving)
        for row in found.itertuples(index=False)
    ]
    return [Fact("limits_cost", float(found["saving"].max()), currency, "invoices.limits_found", parts=parts)]
