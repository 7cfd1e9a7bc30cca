"""What a case must satisfy: one function per rule, each gives all its problems.

A rule sees the case through a CaseView, which knows the cells that are wrong already; no rule complains about those, nor
about what follows from them. Rules of single cells come before rules of the whole network.
"""

from __future__ import annotations

from kelisim.case.case import Case
from kelisim.case.checks import (
    areas,
    assets,
    clauses,
    commitment,
    contracts,
    duties,
    events,
    identity,
    letting_go,
    limits,
    links,
    network,
    order,
    profiles,
    stocks,
    trade_law,
    units,
)
from kelisim.case.checks import references as names
from kelisim.case.checks.view import CaseView, Rule
from kelisim.errors import InputProblem

RULES: tuple[Rule, ...] = (
    identity.identifiers,
    identity.unique_elements,
    identity.classes_once,
    identity.countries,
    identity.home,
    identity.texts,
    names.class_of_demand,
    names.element_or_kind,
    names.owned_elements,
    names.actions,
    names.instead,
    names.restriction_targets,
    trade_law.names_in_lists,
    trade_law.acts,
    names.task_order,
    names.months_off,
    units.carriers,
    units.told,
    assets.port_owner,
    assets.ports,
    assets.reference_port,
    assets.port_sides,
    units.quantities,
    units.port_ratios,
    assets.energy,
    units.draws,
    units.free_units,
    units.acted_quantities,
    links.ends,
    links.shared_capacity,
    profiles.clocks,
    profiles.gaps,
    profiles.values,
    profiles.one_meaning,
    profiles.sums,
    profiles.empty_shapes,
    profiles.meanings,
    contracts.places,
    contracts.booked_links,
    contracts.contract_quantities,
    contracts.streams,
    clauses.values,
    clauses.complete,
    areas.within,
    commitment.in_order,
    duties.homes,
    duties.shapes,
    limits.minimums,
    limits.annual_minimums,
    limits.contract_minimums,
    limits.dates,
    limits.within,
    limits.sizes,
    limits.shares,
    limits.withdrawal_curves,
    stocks.norms,
    stocks.targets,
    limits.sections,
    order.classes,
    order.overrides,
    letting_go.allowed,
    network.demand_without_source,
    network.supply_without_outlet,
    events.changes,
    events.years,
    events.scenarios,
    stocks.norm_prices,
)


# what they look at a change of numbers or of what is in service leaves as it is: words, identifiers, rows that wait for a question
_OF_WORDS = (identity, names, trade_law, events)
OF_NUMBERS: tuple[Rule, ...] = tuple(
    rule for rule in RULES if rule.__module__ not in {module.__name__ for module in _OF_WORDS}
)


def references(case: Case) -> list[InputProblem]:
    """Identifiers that no row has."""
    return names.dangling(case)


def run(case: Case, already: list[InputProblem], rules: tuple[Rule, ...] = RULES) -> list[InputProblem]:
    """All rules beyond types and references; a cell that is wrong already is not told again.

    rules  those that are asked; OF_NUMBERS of a case that differs from a sound one in numbers and in what is in service
    """
    view = CaseView(case, already)
    found: list[InputProblem] = []
    for rule in rules:
        fresh = [problem for problem in rule(view) if not view.told(problem)]
        for problem in fresh:
            if not view.told(problem):
                view.note(problem)
                found.append(problem)
    return found
