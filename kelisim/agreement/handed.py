"""Money that a clause on a price only hands over: what one side pays the other receives, and nobody else is the poorer.

A tariff of the network is a cost where the link begins. A clause that fixes it fixes a payment: of the difference to the price without the
clause, at the flows of the year, who owes pays it, who gets receives it, and the network costs what it did.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from kelisim.agreement.carried import Package, is_price
from kelisim.agreement.provision import Provision
from kelisim.engine.country_money import CountryMoney
from kelisim.results.answer import Answer, Floats

Moves = dict[str, float]  # country -> currency that it costs more
WHOLE = ""


@dataclass(frozen=True)
class Handed:
    """Payments by clauses on prices, of the answers of one window.

    cost_of  objective coefficients of all columns with a set of provisions
    """

    package: Package
    money: CountryMoney
    cost_of: Callable[[Collection[str]], Floats]

    def moves(self, answer: Answer, chosen: Collection[str]) -> Moves:
        """Currency that each country pays more than the costs of the answer say, and under WHOLE that all together do; empty without such clauses."""
        clauses = {
            target: who for target, who in self._clauses(chosen).items() if who.obligors and who.beneficiaries
        }
        if not clauses:
            return {}
        problem = self.money.problem
        more = self.cost_of(chosen) - self.cost_of(())
        found: Moves = {}
        for name, block in problem.columns.items():
            if name not in answer.columns or not np.any(block.take(more)):
                continue
            spent = block.spread(more) * answer.columns[name].values
            for element, paid in zip(
                block.elements, spent.reshape(len(block.elements), -1).sum(axis=1), strict=True
            ):
                who = clauses.get(_row(name, element))
                if who is None or not paid:
                    continue
                sums = {self.money.country_of(name, element): -1.0, WHOLE: -1.0}
                for side, sign in ((who.obligors[0], 1.0), (who.beneficiaries[0], -1.0)):
                    sums[side] = sums.get(side, 0.0) + sign
                for side, sign in sums.items():
                    found[side] = found.get(side, 0.0) + sign * float(paid) * problem.scale
        return found

    def _clauses(self, chosen: Collection[str]) -> dict[tuple[str, str], Provision]:
        """(table, row) whose price a chosen provision fixes, and the provision that does."""
        return {
            (target.table, target.element): one.provision
            for one in self.package.carried
            if one.provision.name in chosen
            for target in one.values
            if is_price(target)
        }


def _row(block: str, element: str) -> tuple[str, str]:
    """Table and row behind an element of a block; of a stream its link."""
    table = block.partition(".")[0]
    return ("links", element.partition("|")[2]) if table == "streams" else (table, element)
