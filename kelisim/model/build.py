"""A case compiled to a problem, in one page."""

from __future__ import annotations

from dataclasses import replace

from kelisim.case.case import Case
from kelisim.lp.problem import Problem
from kelisim.model import assets, contracts, demand, duties, links, markets, places, resources, storages
from kelisim.model.assembly import Assembly


def compile_case(case: Case) -> Problem:
    """The least-cost problem of a case; vectorised over steps. Rules are laid over it by `model.rules`.

    minimise cost of supply, transport, conversion, storage and contracts, less what markets pay, plus unserved energy
    at its value of lost load and shortfalls at their price, subject to the balance of each place and carrier.
    """
    frame = Assembly(case)
    places.add(frame)
    links.add(frame)
    assets.add(frame)
    storages.add(frame)
    demand.add(frame)
    markets.add(frame)
    contracts.add(frame)
    resources.add(frame)
    duties.add(frame)
    facts = {
        "weights": frame.weight,
        "mean_price": frame.mean_price,
        "spent": frame.fixed_cost * frame.mean_hours,
    }
    return replace(frame.build.build(frame.fixed_cost), facts=facts)
