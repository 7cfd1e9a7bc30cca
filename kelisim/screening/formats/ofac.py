"""Lists of the US Treasury in their flat XML: SDN.XML and CONSOLIDATED.XML."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from kelisim.screening.entries import Entry, ListedName, Listing, ListVersion
from kelisim.screening.streams import ListFile, xml_records

ROOT, TITLE, FAMILY = "sdnList", "US Treasury, flat XML", "OFAC"
_KINDS = {"individual": "person", "entity": "company", "vessel": "vessel", "aircraft": "aircraft"}
_PLACES = {"nationalityList", "citizenshipList", "addressList"}


def read(source: ListFile, version: ListVersion, _root: dict[str, str]) -> Iterator[Entry | Listing]:
    """Entries of the list; its date of publication goes into `version`."""
    for record in xml_records(source, 1):
        if record.tag == "sdnEntry":
            yield _entry(record)
        elif record.tag.lower().startswith("publ"):
            month, _, rest = (record.findtext("Publish_Date") or "").strip().partition("/")
            day, _, year = rest.partition("/")
            version.version = f"{year}-{month:0>2}-{day:0>2}" if year else month


def _name(element: Element) -> ListedName:
    first = last = category = ""
    for part in element:
        if part.tag == "lastName":
            last = (part.text or "").strip()
        elif part.tag == "firstName":
            first = (part.text or "").strip()
        elif part.tag == "category":
            category = (part.text or "").strip().lower()
    return ListedName(f"{first} {last}".strip(), category == "weak")


def _entry(record: Element) -> Entry:
    names, births, countries, programmes = [_name(record)], [], [], []
    number = kind = ""
    for part in record:
        tag = part.tag
        if tag == "uid":
            number = (part.text or "").strip()
        elif tag == "sdnType":
            kind = _KINDS.get((part.text or "").strip().lower(), "")
        elif tag == "programList":
            programmes += [e.text for e in part if e.text]
        elif tag == "akaList":
            names += [_name(alias) for alias in part]
        elif tag == "dateOfBirthList":
            births += [e.text for item in part for e in item if e.tag == "dateOfBirth" and e.text]
        elif tag in _PLACES:
            countries += [e.text for item in part for e in item if e.tag == "country" and e.text]
        elif tag == "vesselInfo":
            countries += [e.text for e in part if e.tag == "vesselFlag" and e.text]
    listed = tuple(name for name in names if name.text)
    return Entry(
        number, kind, listed, tuple(births), tuple(dict.fromkeys(countries)), tuple(dict.fromkeys(programmes))
    )
