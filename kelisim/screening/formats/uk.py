"""The UK Sanctions List (FCDO, XML)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from kelisim.screening.entries import Entry, ListedName, Listing, ListVersion
from kelisim.screening.streams import ListFile, xml_records

ROOT, TITLE, FAMILY = "Designations", "UK Sanctions List", "UK"
_KINDS = {"individual": "person", "entity": "company", "ship": "vessel"}
_PARTS = ("Name1", "Name2", "Name3", "Name4", "Name5", "Name6")
_COUNTRIES = {"Nationality", "AddressCountry", "CurrentBelievedFlagOfShip"}


def read(source: ListFile, version: ListVersion, _root: dict[str, str]) -> Iterator[Entry | Listing]:
    """Entries of the list; the date on which it was made goes into `version`."""
    for record in xml_records(source, 1):
        if record.tag == "Designation":
            yield _entry(record)
        elif record.tag == "DateGenerated":
            version.version = "-".join(reversed((record.text or "").strip().split("/")))


def _entry(record: Element) -> Entry:
    main: list[ListedName] = []
    others: list[ListedName] = []
    births, countries = [], []
    for element in record.iter():
        if element.tag == "Name" and len(element):
            parts = [(element.findtext(part) or "").strip() for part in _PARTS]
            weak = (element.findtext("AliasStrength") or "").strip().lower().startswith("low")
            name = ListedName(" ".join(part for part in parts if part), weak)
            is_main = (element.findtext("NameType") or "").strip().lower() == "primary name"
            (main if is_main else others).append(name)
        elif element.tag == "NameNonLatinScript" and element.text:
            others.append(ListedName(element.text.strip()))
        elif element.tag == "DOB" and element.text:
            births.append(element.text.strip())
        elif element.tag in _COUNTRIES and element.text:
            countries.append(element.text.strip())
    regime = (record.findtext("RegimeName") or "").strip()
    return Entry(
        (record.findtext("UniqueID") or "").strip(),
        _KINDS.get((record.findtext("IndividualEntityShip") or "").strip().lower(), ""),
        tuple(name for name in [*main, *others] if name.text),
        tuple(births),
        tuple(dict.fromkeys(countries)),
        (regime,) if regime else (),
    )
