"""Who owns what: companies with their parents, and the elements they hold.

Shares stand in the facts as texts. An owner without a share holds the whole if it is named alone; owners
in words such as "private" or "various" are left out.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tools.reference.elements import Elements
from tools.reference.facts import FOLDERS, README, Facts, number, short, show

FOLDER = Path(__file__).parent


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# names in the facts -> entity; owner texts that mean a company or say less than they seem to
NAMES = {row["text"]: row["entity"] for row in _rows("owner_names")}
TEXTS = {row["text"]: row["means"] for row in _rows("owner_texts")}
# published shares may add up to a little more than the whole; the largest is lowered
ROUNDING = 0.001
CPC = re.compile(r"^Transneft-managed Russian Federation 24%")
# sums of other rows, a project without a company, and owners that are no companies
NOT_SHARES = ("own_012", "own_013", "own_064", "own_089")
COMPANY_OF = {"refinery_pavlodar": "ent_pnhz", "refinery_shymkent": "ent_pkop", "refinery_atyrau": "ent_anpz"}


def entities(facts: Facts) -> list[dict[str, str]]:
    """One row per company and parent; the table of shares, with its days and grades, counts before the texts of the table of companies."""
    dated = _dated(facts)
    rows = []
    for row in facts.records("policy/entities"):
        listed = "" if row["listed_by"].startswith("none") else f"listed by: {row['listed_by']}"
        sources = ";".join(facts.source_ids("policy", row["source_id"]))
        confidence = "C" if "recall" in row["note"] or "recall" in row["source_id"] else "B"
        base = {
            "entity": row["entity_id"],
            "name": row["name"],
            "country": row["country"].split(";")[0],
            "identifiers": row["lei_or_id"],
            "source": sources,
            "confidence": confidence,
            "note": short(listed, row["note"]),
        }
        parents = _shares(row["owners(share;..)"])
        better = dated.pop(row["entity_id"], [])
        if (
            sum(number(one["parent_share"]) for one in better)
            >= sum(number(one[1]) for one in parents) - ROUNDING
            and better
        ):
            rows += [{**base, **one, "name": base["name"]} for one in better]
            continue
        rows += [{**base, "parent": parent, "parent_share": share} for parent, share in parents] or [base]
    for row in _rows("owner_entities"):
        rows.append(
            {
                **row,
                "source": README["policy"],
                "confidence": "C",
                "note": "named as an owner in the collections",
            }
        )
    known = {row["entity"] for row in rows}
    for entity, shares in dated.items():
        rows += [{"entity": entity, "country": "KZ", **one} for one in shares if entity not in known]
    return rows


def _dated(facts: Facts) -> dict[str, list[dict[str, str]]]:
    """Shares with their days and grades, by the company that is held; owners without a name of their own are left out."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in facts.records("more_policy/ownership"):
        owner = NAMES.get(row["owner"], "")
        if row["own_id"] in NOT_SHARES or not owner:
            continue
        end = f"{row['to']}-31" if len(row["to"]) == len("2019-12") else row["to"]
        start = f"{row['from']}-01" if len(row["from"]) == len("2019-12") else row["from"]
        start = f"{start}-01-01" if len(start) == len("2019") else start
        start = "2020-01-01" if start == "2019-12-01" else start
        name = re.split(r" \(|, | LLP| Ltd", row["owned"])[0]
        found.setdefault(row["owned_entity_id"], []).append(
            {
                "name": name,
                "parent": owner,
                "parent_share": show(number(row["share_pct"]) / 100),
                "start": start,
                "end": end,
                "source": ";".join(facts.source_ids("more_policy", row["source_id"])),
                "confidence": row["confidence"],
                "note": short(row["chain_note"], row["note"]),
            }
        )
    return found


def owners(facts: Facts, elements: Elements) -> list[dict[str, str]]:
    """Elements with their owners."""
    rows = []
    sets = (
        ("links", "join/link_join", "link", elements.links),
        ("assets", "join/asset_crosswalk", "asset", elements.assets),
    )
    for table, name, key, spread in sets:
        for row in facts.records(name):
            held = _held(facts, row[key], row["source_rows"])
            for element in spread.get(row[key], []):
                for entity, share in held:
                    rows.append(
                        {
                            "element": element,
                            "entity": entity,
                            "share": share,
                            "table": table,
                            "source": facts.sources(row["source_rows"]),
                            "confidence": "C" if row["confidence"] == "C" else "B",
                        }
                    )
    return rows


def _held(facts: Facts, element: str, references: str) -> list[tuple[str, str]]:
    """Owners of one element of the join: the first fact row that names any."""
    if element in COMPANY_OF:
        return [(COMPANY_OF[element], "1")]
    for reference in references.split(";"):
        row = facts.row(reference)
        if row is None or reference.split("/")[0] not in FOLDERS:
            continue
        column = next((c for c in row if c.startswith("owners")), "")
        found = _shares(row[column]) if column else []
        if found:
            return found
    return []


def _shares(text: str) -> list[tuple[str, str]]:
    """(entity, share) from an owner text; owners without an identity are left out."""
    text = text.strip()
    if CPC.match(text):
        return [("ent_cpc", "1")]
    text = TEXTS.get(text, text)
    if text.startswith("ent_"):
        return [(text, "1")]
    parts = [part.strip() for part in text.split(";") if part.strip()]
    found: dict[str, float] = {}
    for part in parts:
        match = re.fullmatch(r"(.+?):?\s*(\d+(?:\.\d+)?)\s*%?(?:\s*\(.*\))?", part)
        name, share = (match[1], number(match[2]) / 100) if match else (part, 1.0 if len(parts) == 1 else 0.0)
        entity = NAMES.get(name.strip(), "")
        if entity and share:
            found[entity] = found.get(entity, 0.0) + share
    over = sum(found.values()) - 1.0
    if 0 < over < ROUNDING:
        found[max(found, key=lambda entity: found[entity])] -= over
    return [(entity, show(min(share, 1.0))) for entity, share in found.items()]
