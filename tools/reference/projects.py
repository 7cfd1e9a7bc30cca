"""What may be built, and the work until it stands.

A project of the facts is kept if the case has the element it builds. Money in tenge is turned into
dollars at the rate of the year of its price. Where no investment is known, a usual cost of its kind stands for it (grade C).
The tasks of a project are the stage gates still ahead of it, with the usual
months of each.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tools.reference.facts import Facts, number, short, show

KZT_PER_USD = "kzt_usd"
DAYS_PER_MONTH = 30.44
MULTIPLE = {
    "bln KZT": 1e3,
    "bn KZT": 1e3,
    "KZT": 1e-6,
    "bln USD": 1e3,
    "bn USD": 1e3,
    "mln USD": 1.0,
    "USD": 1e-6,
    "m EUR": 1.0,
}
EUR_2024 = 1.08  # dollars a euro, mean of 2024: general knowledge, grade C
# usual costs: million dollars for each unit of what is counted (tenge are turned at the rate of the year)
USUAL = {"mln USD/MW": 1.0, "mln USD/km": 1.0, "bn USD per Mt/yr": 1e3, "bn KZT/km": 1e3}

# work up to each stage gate, and what ends it, in words without abbreviations
WORK = {
    "g0": "idea and memorandum",
    "g1": "survey of route or site",
    "g2": "feasibility study",
    "g3": "design, state expertise, permits and land",
    "g4": "financing and investment decision",
    "g5": "procurement and construction",
    "g6": "tests and commissioning",
}
ENDS = {
    "g0": "memorandum signed",
    "g1": "technical assignment approved",
    "g2": "feasibility approved and the agreement between the governments signed",
    "g3": "expertise passed and permits granted",
    "g4": "credit in force and investment decided",
    "g5": "works done as planned",
    "g6": "tests passed and first flow",
}
OWN = Path(__file__).with_name("projects.csv")


def projects(facts: Facts, spread: dict[str, list[str]]) -> list[dict[str, str]]:
    """Projects of the case.

    spread  link of the join -> links of the case
    """
    rows = []
    for own in _chosen():
        references = own["fact_rows"]
        capex, remark = _capex(facts, references)
        source, grade = facts.sources(references), facts.first(references, "confidence")
        if not capex and own["unit_cost"]:
            capex, remark, also = _usual(facts, own)
            source, grade = ";".join(dict.fromkeys([*source.split(";"), *also])), "C"
        status = facts.first(references, "status").replace("_", " ")
        rows.append(
            {
                "project": own["project"],
                "name": own["name"],
                "builds": ";".join(_spread(one, spread) for one in own["builds"].split(";")),
                "share_of_capacity": "1",
                "capacity": own["capacity"],
                "unit": own["unit"],
                "capex": capex,
                "earliest": own["earliest"] or _earliest(facts, references),
                "announced": own["earliest"] or _last_of_year(facts, references),
                "lumpy": "yes",
                "parties": facts.first(references, "parties") or facts.first(references, "owner_or_builder"),
                "source": source,
                "confidence": grade,
                "note": short(own["note"], remark, f"status: {status}"),
            }
        )
    return rows


def tasks(facts: Facts, bodies: set[str]) -> list[dict[str, str]]:
    """Stage gates still ahead of each project, one after the other."""
    gates, begun = facts.by("policy/stage_gates", "gate_id"), _begun(facts)
    order = [gate for gate in gates if gate.startswith("g") and gate[1:].isdigit() and gate != "g7"]
    rows = []
    for own in _chosen():
        first, before = own["first_gate"], ""
        for gate in order[order.index(first) :] if first else []:
            low, high = (number(gates[gate][c]) for c in ("typical_months_min", "typical_months_max"))
            task = f"{own['project']}_{gate}"
            began, source, _, remark = begun.get(task, ("", "", "", ""))
            rows.append(
                {
                    "task": task,
                    "name": f"{own['name']}: {WORK[gate]}",
                    "provision": own["provision"],
                    "project": own["project"],
                    "body": own["body"] if own["body"] in bodies else "",
                    "owner": facts.first(own["fact_rows"], "parties").split(";")[0],
                    "starts_after": before,
                    "duration_days": show(round((low + high) / 2 * DAYS_PER_MONTH)),
                    "optimistic": show(round(low * DAYS_PER_MONTH)),
                    "pessimistic": show(round(high * DAYS_PER_MONTH)),
                    "gate": gate,
                    "began_on": began,
                    "source": ";".join(one for one in ("policy/balance_notes", source) if one),
                    "confidence": "C",
                    "note": short(
                        f"ends when: {ENDS[gate]}", "durations are the usual ones of the gate", remark
                    ),
                }
            )
            before = task
    return rows


def demand(facts: Facts) -> list[dict[str, str]]:
    """Demand that comes with projects, worth what customers elsewhere pay; in tenge it is turned at the year's rate."""
    prices = {
        row["place_or_border"]: row for row in facts.records("gas/prices") if row["item"] == "retail tariff"
    }
    rate = facts.by("coal_rail/parameters", "parameter_id")[KZT_PER_USD]["value"]
    rows = []
    with Path(__file__).with_name("project_demand.csv").open(encoding="utf-8", newline="") as file:
        for own in csv.DictReader(file):
            row, price = facts.rows[own["fact_row"]], prices[own["price_of"]]
            paid = f"worth: {price['value']} {price['unit']}, {price['place_or_border']} in {price['period']}, at {rate}"
            rows.append(
                {
                    "project": own["project"],
                    "place": own["place"],
                    "carrier": row["carrier"],
                    "customer_class": own["customer_class"],
                    "amount": row["annual_volume"],
                    "unit": row["unit"],
                    "profile": own["profile"],
                    "worth": show(round(number(price["value"]) / number(rate) * 1e3, 1)),
                    "worth_unit": "USD/1000 m3",
                    "source": ";".join(
                        dict.fromkeys(
                            [
                                *facts.sources(own["fact_row"]).split(";"),
                                *facts.source_ids("gas", price["source_id"]),
                            ]
                        )
                    ),
                    "confidence": "C",
                    "note": short("potential if a line is built, shared out by guess", paid),
                }
            )
    return rows


def _chosen() -> list[dict[str, str]]:
    """Projects whose element the case has: what they build, their fact rows and the first gate ahead."""
    with OWN.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _spread(builds: str, spread: dict[str, list[str]]) -> str:
    table, element = builds.split(":")
    return ";".join(f"{table}:{one}" for one in spread.get(element, [element]))


def _capex(facts: Facts, references: str) -> tuple[str, str]:
    """Investment in million dollars and how it was turned; a row that tells the year of its price goes before others."""
    rows = [(reference, facts.row(reference)) for reference in references.split(";")]
    told = [(reference, row) for reference, row in rows if row is not None and row["capex"]]
    for reference, row in sorted(told, key=lambda one: not one[1].get("price_year")):
        unit = re.sub(r"\s*\(.*\)", "", row["capex_unit"])
        if unit not in MULTIPLE or not re.fullmatch(r"[\d.]+", row["capex"]):
            continue  # a range, or a currency without rates
        value = number(row["capex"]) * MULTIPLE[unit]
        if "EUR" in unit:
            return show(
                round(value * EUR_2024, 1)
            ), f"capex {show(value)} million euro at {EUR_2024} dollars, mean of 2024"
        if "KZT" not in unit:
            return show(value), ""
        year = row.get("price_year") or _year_told(facts, reference, row)
        rate, remark = _rate(facts, year)
        billion = show(number(row["capex"]) * MULTIPLE[unit] / 1e3)
        return show(round(value / rate, 1)), f"capex {billion} billion KZT{remark} at {show(rate)}"
    return "", ""


def _usual(facts: Facts, own: dict[str, str]) -> tuple[str, str, list[str]]:
    """Investment by what a unit of its kind usually costs, how it was reckoned, and its sources."""
    size = number(own["size"] or own["capacity"])
    row = facts.by("coal_rail/parameters", "parameter_id")[own["unit_cost"]]
    value = number(row["value"]) * USUAL[row["unit"]] * size
    told = f"capex estimated: {show(size)} {row['unit'].rpartition('/')[2] if own['size'] else own['unit']} at {row['value']} {row['unit']} (C)"
    sources = facts.source_ids("coal_rail", row["source_id"])
    if "KZT" not in row["unit"]:
        return show(round(value, 1)), told, list(sources)
    rate, remark = _rate(facts, row["year"])
    return show(round(value / rate, 1)), f"{told}{remark} at {show(rate)}", list(sources)


def _year_told(facts: Facts, reference: str, row: dict[str, str]) -> str:
    """Year in which the source of a row was published, which is the year of its prices where no other is told."""
    folder = reference.partition("/")[0]
    dates = facts.by(f"{folder}/sources", "source_id")
    first = re.split(r"[;,]", row["source_id"])[0].strip()
    found = re.match(r"\d{4}", dates[first]["date"]) if first in dates else None
    return found[0] if found else ""


def _rate(facts: Facts, year: str) -> tuple[float, str]:
    """Tenge a dollar: mean of the year, or the last day that is known of it; that of the case where none is."""
    rows = [row for row in facts.records("more_policy/fx") if row["pair_or_item"] == "KZT/USD"]
    own = [row for row in rows if row["period"].startswith(year)] if year else []
    mean = [row for row in own if row["kind"] == "annual mean"]
    if not own:
        return number(facts.by("coal_rail/parameters", "parameter_id")[KZT_PER_USD]["value"]), ""
    return number((mean or own[-1:])[0]["value"]), f" of {year}"


def _earliest(facts: Facts, references: str) -> str:
    """First day of the target year."""
    year = re.match(r"\d{4}", facts.first(references, "target_year"))
    return f"{year[0]}-01-01" if year else ""


def _last_of_year(facts: Facts, references: str) -> str:
    """Last day of the target year: who says a year keeps his word until it ends."""
    year = re.match(r"\d{4}", facts.first(references, "target_year"))
    return f"{year[0]}-12-31" if year else ""


def _begun(facts: Facts) -> dict[str, tuple[str, str, str, str]]:
    """Task -> day on which it began, source, grade and a remark, where a source tells it."""
    found = {}
    with Path(__file__).with_name("tasks_begun.csv").open(encoding="utf-8", newline="") as file:
        for own in csv.DictReader(file):
            row = facts.row(own["fact_row"])
            grade = row["confidence"] if row else "C"
            found[own["task"]] = (own["began_on"], facts.sources(own["fact_row"]), grade, own["note"])
    return found
