"""The consolidated list of the EU (Financial Sanctions Files, XML 1.0 and 1.1): asset freezes, not sectoral bans or vessels."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from kelisim.screening.entries import Entry, ListedName, Listing, ListVersion
from kelisim.screening.streams import ListFile, xml_records

ROOT, TITLE, FAMILY = "export", "EU, consolidated list", "EU"
_KINDS = {"person": "person", "enterprise": "company", "p": "person", "e": "company"}


def read(source: ListFile, version: ListVersion, root: dict[str, str]) -> Iterator[Entry | Listing]:
    """Entries of the list; the date on which it was made goes into `version`."""
    version.version = root.get("generationDate", "")[:19]
    for record in xml_records(source, 1):
        if record.tag == "sanctionEntity":
            yield _entry(record)


def _entry(record: Element) -> Entry:
    kind = record.find("subjectType")
    code = "" if kind is None else (kind.get("code") or kind.get("classificationCode") or "")
    names, births, countries, programmes = [], [], [], []
    for part in record:
        if part.tag == "nameAlias":
            parts = [part.get(key, "") for key in ("firstName", "middleName", "lastName")]
            text = part.get("wholeName", "").strip() or " ".join(p for p in parts if p)
            names.append(ListedName(text, part.get("strong", "true").lower() == "false"))
        elif part.tag == "birthdate":
            year = part.get("year", "")
            births.append(part.get("birthdate") or ("circa " if part.get("circa") == "true" else "") + year)
        elif part.tag in ("citizenship", "address"):
            countries.append(part.get("countryIso2Code", ""))
        elif part.tag == "regulation":
            programmes.append(part.get("programme", ""))
    return Entry(
        record.get("euReferenceNumber") or record.get("logicalId") or "",
        _KINDS.get(code.lower(), ""),
        tuple(name for name in names if name.text),
        tuple(birth for birth in births if birth.strip()),
        tuple(dict.fromkeys(code for code in countries if code not in ("", "00"))),
        tuple(dict.fromkeys(code for code in programmes if code)),
    )
