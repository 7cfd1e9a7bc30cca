"""Entities of FollowTheMoney as lines of JSON, as several collections of lists are published.

Numbers of entries are taken as they stand, also those with an underscore.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kelisim.screening.entries import Entry, ListedName, Listing, ListVersion
from kelisim.screening.streams import ListFile

TITLE, FAMILY = "FollowTheMoney, lines of JSON", "FollowTheMoney"
_KINDS = {
    "Person": "person",
    "Company": "company",
    "Organization": "company",
    "PublicBody": "company",
    "LegalEntity": "",
    "Vessel": "vessel",
    "Airplane": "aircraft",
}
_COUNTRIES = ("nationality", "citizenship", "jurisdiction", "country", "flag")


def read(source: ListFile, version: ListVersion, _root: dict[str, str]) -> Iterator[Entry | Listing]:
    """Entries of the lines, and programmes of them; the latest date of change goes into `version`."""
    number = 0
    while data := source.line():
        number += 1
        if not data.strip():
            continue
        try:
            row = json.loads(data.decode("utf-8-sig" if number == 1 else "utf-8"))
            schema, given = row["schema"], row["properties"]
            found = {
                key: _texts(given.get(key, []))
                for key in ("name", "alias", "weakAlias", "birthDate", "program")
            }
            countries = [text for key in _COUNTRIES for text in _texts(given.get(key, []))]
            parties = _texts(given.get("entity", []))
            identity, changed = str(row["id"]), str(row.get("last_change") or "")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise source.error(
                f"line {number} is no entity in UTF-8 with id, schema and properties ({type(error).__name__})."
            ) from None
        version.version = max(version.version, changed)
        if schema == "Sanction":
            programmes = tuple(found["program"]) or tuple(_texts(given.get("authority", [])))
            yield from (Listing(party, programmes) for party in parties)
        elif schema in _KINDS and found["name"]:
            names = [ListedName(text) for text in (*found["name"], *found["alias"])]
            names += [ListedName(text, True) for text in found["weakAlias"]]
            births, codes = tuple(found["birthDate"]), tuple(dict.fromkeys(countries))
            yield Entry(identity, _KINDS[schema], tuple(names), births, codes, tuple(found["program"]))


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError("values of a property are a list")
    return [text for text in value if isinstance(text, str) and text.strip()]
