"""Writes the reference case: python -m tools.reference.build FACTS_DIR OUT_DIR."""

from __future__ import annotations

import argparse
import csv
import shutil
from pathlib import Path

from tools.reference import (
    assets,
    changes,
    demand,
    events,
    geo,
    licences,
    links,
    markets,
    measures,
    monthly_exports,
    notifications,
    observations,
    owners,
    partners,
    places,
    policy,
    profiles,
    projects,
    resources,
    sanctions,
    sources,
    storages,
    yearly_balance,
)
from tools.reference.elements import Elements
from tools.reference.facts import Facts
from tools.reference.wording import plain

SETTINGS = Path(__file__).with_name("case.toml")
SCHEMAS = Path(__file__).resolve().parents[2] / "kelisim" / "case" / "tables"
Rows = list[dict[str, str]]
ENERGY = (
    "links",
    "assets",
    "asset_ports",
    "storages",
    "demand",
    "customer_classes",
    "markets",
    "contracts",
    "resources",
    "resource_uses",
    "duties",
    "profiles",
)  # what the problem is made of; changed before elements and observations are read off it


def build(facts: Facts, routes: set[str]) -> dict[str, Rows]:
    """All tables of the case.

    routes  links that have a drawn route
    """
    tables = _energy(facts, routes)
    elements = Elements.of(facts, tables)
    seen = observations.observations(facts, elements, tables)
    tables["observations"] = [
        *seen,
        *monthly_exports.monthly_exports(facts, tables["markets"], seen),
        *yearly_balance.yearly_balance(facts, tables["markets"]),
    ]
    tables["events"] = events.events(facts)
    tables["event_changes"] = events.changes(facts, elements)
    tables["outage_rates"] = events.outage_rates(facts)
    tables["entities"] = owners.entities(facts)
    tables["owners"] = owners.owners(facts, elements)
    tables["bodies"] = policy.bodies(facts)
    tables["meetings"] = policy.meetings(facts)
    tables["actions"] = policy.actions(facts)
    tables["agreements"] = policy.agreements(facts)
    tables["provisions"] = policy.provisions(facts)
    tables["regulations"] = policy.regulations(facts)
    tables["restrictions"] = sanctions.restrictions(facts, tables["links"])
    tables["licences"] = sanctions.licences(facts)
    tables["dealings"] = _written("dealings")
    tables["measures"] = measures.measures(facts, tables)
    tables["notifications"] = notifications.notifications(facts)
    tables["projects"] = projects.projects(facts, elements.links)
    tables["project_demand"] = projects.demand(facts)
    tables["tasks"] = projects.tasks(facts, {row["body"] for row in tables["bodies"]})
    tables["partners"] = partners.partners(facts)
    tables["clauses"] = _written("clauses")
    tables["years"] = []  # all of these stand in changes/
    tables["scenario_changes"] = []
    tables["areas"] = []
    changes.apply(facts, tables, [name for name in tables if name not in ENERGY])
    measures.expand(tables)
    observations.label(tables["observations"])
    cited = {one for rows in tables.values() for row in rows for one in row.get("source", "").split(";")}
    tables["sources"] = sources.sources(facts, cited)
    for rows in tables.values():
        for row in rows:
            row["note"] = plain(row.get("note", ""))
    _named(tables)
    return tables


def _named(tables: dict[str, Rows]) -> None:
    """Give what stands in names_other.csv its Russian and Kazakh names. Raises ValueError for what is not there."""
    for given in _written("names_other"):
        rows = tables[given["table"]]
        own = next(iter(rows[0]))
        row = next((row for row in rows if row[own] == given["element"]), None)
        if row is None:
            raise ValueError(f"names_other.csv: {given['table']} has no {given['element']}")
        row |= {"name_ru": given["name_ru"], "name_kk": given["name_kk"]}


def _written(name: str) -> list[dict[str, str]]:
    """A table that was written by hand."""
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _energy(facts: Facts, routes: set[str]) -> dict[str, Rows]:
    """The tables that the problem is made of."""
    tables: dict[str, Rows] = {}
    tables["links"] = links.links(facts, routes)
    tables["assets"] = assets.assets(facts)
    tables["asset_ports"] = assets.ports(facts)
    tables["storages"] = storages.storages(facts)
    tables["demand"] = demand.demand(facts)
    tables["customer_classes"] = demand.customer_classes(facts)
    tables["markets"] = markets.markets(facts)
    tables["contracts"] = resources.balances(facts)
    tables["resources"], tables["resource_uses"] = resources.resources(facts)
    limits, uses = resources.thermal_plants(facts, tables["assets"])
    tables["resources"] += limits
    tables["resource_uses"] += uses
    tables["profiles"] = profiles.profiles(facts)
    changes.apply(facts, tables, ENERGY)
    tables["places"] = places.places(facts, _places_used(tables))
    return tables


def write(tables: dict[str, Rows], out: Path) -> None:
    """One CSV per table that has rows; columns in the order of the schema, empty ones left out."""
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        if not rows:
            continue
        with (SCHEMAS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            known = [row["column"] for row in csv.DictReader(file)]
        unknown = {column for row in rows for column, cell in row.items() if cell} - set(known)
        if unknown:
            raise ValueError(f"{name}: no column {', '.join(sorted(unknown))}")
        columns = [column for column in known if any(row.get(column) for row in rows)]
        with (out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _places_used(tables: dict[str, Rows]) -> set[str]:
    """Places where something stands or goes to."""
    columns = ("place", "from_place", "to_place")
    names = ("links", "assets", "storages", "demand", "markets")
    return {row[column] for name in names for row in tables[name] for column in columns if column in row}


def main() -> None:
    """Reads the arguments and builds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("facts", type=Path, help="folder with the fact tables")
    parser.add_argument("out", type=Path, help="folder of the case")
    arguments = parser.parse_args()
    facts = Facts(arguments.facts)
    lines = geo.routes(facts)
    tables = build(facts, set(lines))
    write(tables, arguments.out)
    geo.write(facts, lines, arguments.out / "geo")
    shutil.copyfile(SETTINGS, arguments.out / "case.toml")
    (arguments.out / "LICENCES.md").write_text(licences.text(tables["sources"]), encoding="utf-8")
    for name, rows in sorted(tables.items()):
        print(f"{name:20} {len(rows):6}")


if __name__ == "__main__":
    main()
