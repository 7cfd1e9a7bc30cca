"""The worst that the loss of elements can do to the optimum of a linear problem: sets, pairs, bounds."""

from __future__ import annotations

from kelisim.lp.interdiction.bounds import LossBound
from kelisim.lp.interdiction.dropped import DropBound
from kelisim.lp.interdiction.outcomes import Element, Outcome, Ranking, Values, Worst, cost_of, nothing_left
from kelisim.lp.interdiction.search import Interdiction, favour_few

__all__ = [
    "DropBound",
    "Element",
    "Interdiction",
    "LossBound",
    "Outcome",
    "Ranking",
    "Values",
    "Worst",
    "cost_of",
    "favour_few",
    "nothing_left",
]
