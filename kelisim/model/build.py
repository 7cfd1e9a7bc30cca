"""A case compiled to a problem, in one page."""

from __future__ import annotations

from kelisim.case.case import Case
from kelisim.lp.problem import Problem
from kelisim.model import assets, contracts, demand, links, markets, places, resources, storages
from kelisim.model.frame import Frame
from kelisim.model.rules import Rules


def compile_case(case: Case, rule: Rules | None = None) -> Problem:
    """The least-cost problem of a case under a rule; vectorised over steps.

    minimise cost of supply, transport, conversion, storage and contracts, less what markets pay, plus unserved energy
    at its value of lost load and shortfalls at their price, subject to the balance of each place and carrier.
    """
    chosen = rule or Rules.of(case)
    frame = Frame(case)
    places.add(frame)
    links.add(frame)
    assets.add(frame)
    storages.add(frame)
    demand.add(frame, chosen)
    markets.add(frame)
    contracts.add(frame, chosen)
    resources.add(frame)
    return frame.build.build()
