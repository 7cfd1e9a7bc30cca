"""What people call each element of a case."""

from __future__ import annotations

from kelisim.case.case import Case


def element_names(case: Case) -> dict[str, str]:
    """Identifier -> name; links without a name are named by their ends."""
    found: dict[str, str] = {}
    for table, key in (
        ("places", "place"), ("assets", "asset"), ("storages", "storage"), ("markets", "market"),
        ("contracts", "contract"), ("resources", "resource"),
    ):  # fmt: skip
        rows = case.table(table)
        names = rows["name"] if "name" in rows else rows[key]
        found |= {i: n or i for i, n in zip(rows[key], names, strict=True)}
    links = case.table("links")
    for link, name, start, end in links[["link", "name", "from_place", "to_place"]].itertuples(index=False):
        found[link] = name or f"{found.get(start, start)} - {found.get(end, end)}"
    return found
