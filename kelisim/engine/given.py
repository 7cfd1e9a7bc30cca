"""On whose help an answer rests: what comes in over each border beside the plan, of it by agreement, and who goes short for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kelisim.engine.window import Window
from kelisim.lp.problem import Floats
from kelisim.model.borders import Border, Crossing, borders_of, crossings, helped_over
from kelisim.model.help import AID, going_through
from kelisim.model.nominations import nominations
from kelisim.results.answer import Answer
from kelisim.tolerances import NO_POWER


@dataclass(frozen=True)
class OverBorder:
    """What comes into a country from another one, of one carrier.

    planned, now  MW by the plan and in the answer, (steps,)
    kept          MW of help: of what comes in beyond the plan the part by which more stays in the country than by the plan, (steps,)
    agreed        MW of it by what is agreed, (steps,)
    contracts     that bring something in over this border
    assumed       those of them whose daily maximum is not in the case
    """

    border: Border
    planned: Floats
    now: Floats
    kept: Floats
    agreed: Floats
    contracts: tuple[str, ...]
    assumed: tuple[str, ...]

    @property
    def less(self) -> Floats:
        """MW planned and not delivered, (steps,)."""
        return _some(self.planned - self.now)


def over_borders(window: Window, answer: Answer, base: Answer) -> list[OverBorder]:
    """What comes in over each border in an answer of a window, beside the undisturbed one; by border."""
    case, problem = window.case, window.problem
    found = crossings(case, problem)
    borders = borders_of(found)
    at = {border: row for row, border in enumerate(borders)}
    (now, stays), (planned, stayed) = (_comes_in(found, borders, one) for one in (answer, base))
    agreed = np.zeros_like(now)
    if window.help is not None and AID in answer.columns:
        for row, aid in enumerate(window.help.aids):
            agreed[at[aid.border]] += answer.columns[AID].values[row]
    helped = helped_over(case, found)
    is_helped = np.array([border in helped for border in borders], dtype=bool)[:, None]
    # who only hands on or buys is helped by nobody: more of it is a sale
    kept = np.where(is_helped, _kept(borders, _some(now - planned), stays - stayed), 0.0)
    booked = nominations(case, found)
    return [
        OverBorder(
            border,
            planned[row],
            now[row],
            kept[row],
            np.minimum(agreed[row], kept[row]),
            tuple(dict.fromkeys(one.contract for one in booked if one.border == border)),
            tuple(dict.fromkeys(one.contract for one in booked if one.border == border and one.assumed)),
        )
        for border, row in at.items()
    ]


def _kept(borders: tuple[Border, ...], more: Floats, stays: Floats) -> Floats:
    """What comes in beyond the plan, as far as more stays in the country: shared out over its borders, (borders, steps)."""
    found = np.zeros_like(more)
    for receiver, carrier in sorted({(receiver, carrier) for receiver, _, carrier in borders}):
        mine = [row for row, border in enumerate(borders) if (border[0], border[2]) == (receiver, carrier)]
        total = more[mine].sum(axis=0)
        part = np.divide(stays[mine].sum(axis=0), total, out=np.zeros(len(total)), where=total > 0)
        found[mine] = more[mine] * np.clip(part, 0.0, 1.0)
    return _some(found)


def _comes_in(
    found: Sequence[Crossing], borders: tuple[Border, ...], answer: Answer
) -> tuple[Floats, Floats]:
    """MW that comes in over each border, and of it what stays, (borders, steps)."""
    leaving = tuple(sorted({(one.leaves, one.carrier) for one in found if one.leaves}))
    comes_in, leaves = (np.zeros((len(some), len(answer.hours))) for some in (borders, leaving))
    row, out = ({key: at for at, key in enumerate(some)} for some in (borders, leaving))
    for one in found:
        values = answer.columns[one.block].values[one.at]
        if one.border is not None:
            comes_in[row[one.border]] += one.arrives * values
        if one.leaves:
            leaves[out[one.leaves, one.carrier]] += one.departs * values
    return comes_in, comes_in - going_through(borders, leaving, comes_in, leaves)


def _some(power: Floats) -> Floats:
    """What is more than the solver leaves, not below 0."""
    return np.where(power > NO_POWER, power, 0.0)
