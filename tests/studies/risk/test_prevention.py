"""What a risk calls for: a second string before the rule, and nothing that does not bring what is short."""

from __future__ import annotations

from kelisim.studies.risk.prevention import Actions
from tests.cases.border import PARTS, steppe

LINKS = (
    PARTS["links"].rstrip()
    + """
        pipe_2, natural_gas,   pipeline,   field,      town,      20,       0,             1
        wire,   electricity,   line,       ru_side,    south,     50,       0,             1
        wire_2, electricity,   line,       ru_side,    town,      50,       0,             1
"""
)
HEAD, *ROWS = [line.strip() for line in LINKS.strip().splitlines()]
CANDIDATES = {"pipe_2", "wire", "wire_2"}
PROJECTS = """
    project,  name,          builds,       share_of_capacity
    string,   Second string, links:pipe_2, 1
    line_two, Second line,   links:wire_2, 1
"""


def actions() -> Actions:
    rows = [f"{row}, {'candidate' if row.split(',')[0] in CANDIDATES else 'base'}" for row in ROWS]
    return Actions(steppe(links="\n".join([f"{HEAD}, status", *rows]), projects=PROJECTS), "KZ")


def test_a_project_that_leads_around_comes_first() -> None:
    """The way from field to town goes over main and pipe: a second string is what their loss calls for."""
    for link in ("main", "pipe"):
        found = actions().of([("links", link)], {("KZ-S", "natural_gas"): 1.0})
        assert (found.action, found.by, found.touches) == ("project", "string", "element")


def test_a_plant_is_missed_for_what_it_makes() -> None:
    """Heat of a plant is not replaced by a power line to its town: the rule of its kind holds."""
    found = actions().of([("assets", "chp")], {("KZ-S", "heat"): 1.0})
    assert (found.action, found.by) == ("rule", "chp")
    power = actions().of([("assets", "grid")], {("KZ-S", "electricity"): 1.0})
    assert (power.action, power.by, power.touches) == ("project", "line_two", "customers")
