"""Sources that the rows of the case name, and the licences that bind."""

from __future__ import annotations

from tools.reference.facts import FOLDERS, JOIN, README, Facts

OWN = {
    JOIN: "Estimates made when the five collections were joined; the rule stands in the note of the row",
    README["gas"]: "Notes on balances and methods of the gas collection",
    README["oil"]: "Notes on balances and methods of the oil collection",
    README["electricity"]: "Notes on balances and methods of the electricity collection",
    README["coal_rail"]: "Notes on balances and methods of the coal and rail collection",
    README["policy"]: "Notes on agreements and sanctions of the policy collection",
    README["more"]: "Notes of the collection of additional energy facts",
    README["more_policy"]: "Notes of the collection of additional facts on events, contracts and projects",
}


def sources(facts: Facts, cited: set[str]) -> list[dict[str, str]]:
    """One row per cited source, in the order of the collections."""
    rows = []
    for folder in FOLDERS:
        for row in facts.records(f"{folder}/sources"):
            source = f"{folder}/{row['source_id']}"
            if source in cited:
                rows.append(
                    {
                        "source": source,
                        "title": row["title"],
                        "publisher": row["publisher"],
                        "url": row["url"],
                        "date": row["date"],
                        "licence": row.get("licence_or_terms") or row.get("licence", ""),
                    }
                )
    for source, title in OWN.items():
        if source in cited:
            rows.append(
                {
                    "source": source,
                    "title": title,
                    "publisher": "kelisim",
                    "url": "",
                    "licence": "as the case",
                }
            )
    return rows
