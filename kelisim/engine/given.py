"""On whose help an answer rests: what comes in over each border beside the plan, of it by agreement, and who goes short for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kelisim.engine.window import Window
from kelisim.lp.problem import Floats
from kelisim.model.borders import Border, borders_of, crossings
from kelisim.model.help import AID
from kelisim.model.nominations import nominations
from kelisim.results.answer import Answer
from kelisim.tolerances import NO_POWER


@dataclass(frozen=True)
class OverBorder:
    """What comes into a country from another one, of one carrier.

    planned, now  MW by the plan and in the answer, (steps,)
    agreed        MW of it by what is agreed, (steps,)
    contracts     that bring something in over this border
    assumed       those of them whose daily maximum is not in the case
    """

    border: Border
    planned: Floats
    now: Floats
    agreed: Floats
    contracts: tuple[str, ...]
    assumed: tuple[str, ...]

    @property
    def more(self) -> Floats:
        """MW beyond the plan, (steps,)."""
        found = np.maximum(self.now - self.planned, 0.0)
        return np.where(found > NO_POWER, found, 0.0)

    @property
    def less(self) -> Floats:
        """MW planned and not delivered, (steps,)."""
        found = np.maximum(self.planned - self.now, 0.0)
        return np.where(found > NO_POWER, found, 0.0)


def over_borders(window: Window, answer: Answer, base: Answer) -> list[OverBorder]:
    """What comes in over each border in an answer of a window, beside the undisturbed one; by border."""
    case, problem = window.case, window.problem
    found = crossings(case, problem)
    borders = borders_of(found)
    at = {border: row for row, border in enumerate(borders)}
    now, planned, agreed = (np.zeros((len(borders), len(window.hours))) for _ in range(3))
    for one in found:
        if one.border is not None:
            for into, source in ((now, answer), (planned, base)):
                into[at[one.border]] += one.arrives * source.columns[one.block].values[one.at]
    if window.help is not None and AID in answer.columns:
        for row, aid in enumerate(window.help.aids):
            agreed[at[aid.border]] += answer.columns[AID].values[row]
    booked = nominations(case, found)
    return [
        OverBorder(
            border,
            planned[row],
            now[row],
            np.minimum(agreed[row], np.maximum(now[row] - planned[row], 0.0)),
            tuple(dict.fromkeys(one.contract for one in booked if one.border == border)),
            tuple(dict.fromkeys(one.contract for one in booked if one.border == border and one.assumed)),
        )
        for border, row in at.items()
    ]
