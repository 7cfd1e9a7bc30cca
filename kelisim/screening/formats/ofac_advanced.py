"""Lists of the US Treasury in the advanced schema: SDN_ADVANCED.XML and CONS_ADVANCED.XML.

Words stand once, in reference values at the head, and everything else names them by number; programmes follow at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from kelisim.screening.entries import Entry, ListedName, Listing, ListVersion
from kelisim.screening.streams import ListFile, xml_records

ROOT, TITLE, FAMILY = "Sanctions", "US Treasury, advanced XML", "OFAC"
MOST_REFERENCES = 300_000  # numbers that are kept to be looked up
_FEATURES = {
    "birthdate": "birth",
    "nationality country": "country",
    "citizenship country": "country",
    "location": "country",
    "vessel flag": "country",
}
_KINDS = {"individual": "person", "entity": "company", "vessel": "vessel", "aircraft": "aircraft"}


@dataclass
class _Words:
    """Reference values that are needed, by number."""

    features: dict[str, str] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, tuple[str, str]] = field(default_factory=dict)  # own meaning, number of the type
    types: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # country by number of a location
    details: dict[str, str] = field(default_factory=dict)

    def take(self, record: Element, source: ListFile) -> None:
        """Keeps the values of one set, or the country of one location."""
        if record.tag == "Location":
            found = record.find("LocationCountry")
            if found is not None:
                self.places[record.get("ID", "")] = found.get("CountryID", "")
        for value in record:
            number, text = value.get("ID", ""), (value.text or "").strip()
            if value.tag == "FeatureType":
                self.features[number] = _FEATURES.get(text.lower(), "")
            elif value.tag in ("Country", "AreaCode"):
                self.countries.setdefault(value.get("CountryID") or number, value.get("ISO2") or text)
            elif value.tag == "PartyType":
                self.types[number] = _KINDS.get(text.lower(), "")
            elif value.tag == "PartySubType":
                self.kinds[number] = (_KINDS.get(text.lower(), ""), value.get("PartyTypeID", ""))
            elif value.tag == "DetailReference":
                self.details[number] = text
        kept = (self.places, self.countries, self.features, self.kinds, self.details)
        if sum(len(words) for words in kept) > MOST_REFERENCES:
            raise source.error(f"it has more than {MOST_REFERENCES:,} reference values.")

    def kind(self, number: str) -> str:
        """Kind of a party by its subtype, or by the type of that, which may stand later in the list."""
        own, kind = self.kinds.get(number, ("", ""))
        return own or self.types.get(kind, "")


def read(source: ListFile, version: ListVersion, _root: dict[str, str]) -> Iterator[Entry | Listing]:
    """Entries of the list, then their programmes; its date of issue goes into `version`."""
    words = _Words()
    date: dict[str, str] = {}
    for record in xml_records(source, 2):
        if record.tag == "DistinctParty":
            yield from _entries(record, words)
        elif record.tag == "SanctionsEntry":
            codes = (e.findtext("Comment") or "" for e in record.iterfind("SanctionsMeasure"))
            yield Listing(record.get("ProfileID", ""), tuple(dict.fromkeys(c for c in codes if c.strip())))
        elif record.tag in ("Year", "Month", "Day") and record.text:
            date.setdefault(record.tag, record.text.strip())
            version.version = "-".join(f"{v:0>2}" for v in date.values())
        else:
            words.take(record, source)


def _entries(party: Element, words: _Words) -> Iterator[Entry]:
    for profile in party.iterfind("Profile"):
        names = [
            (alias.get("Primary") == "true" and identity.get("Primary") == "true", _name(document), alias)
            for identity in profile.iterfind("Identity")
            if identity.get("False") != "true"
            for alias in identity.iterfind("Alias")
            for document in alias.iterfind("DocumentedName")
        ]
        names.sort(key=lambda found: not found[0])
        births, countries = _features(profile, words)
        yield Entry(
            profile.get("ID", ""),
            words.kind(profile.get("PartySubTypeID", "")),
            tuple(ListedName(text, alias.get("LowQuality") == "true") for _, text, alias in names if text),
            births,
            countries,
        )


def _name(document: Element) -> str:
    parts = (value.text or "" for value in document.iter("NamePartValue"))
    return " ".join(part.strip() for part in parts if part.strip())


def _features(profile: Element, words: _Words) -> tuple[tuple[str, ...], tuple[str, ...]]:
    births, countries = [], []
    for feature in profile.iterfind("Feature"):
        meaning = words.features.get(feature.get("FeatureTypeID", ""), "")
        if meaning == "birth":
            births += [_period(period) for period in feature.iter("DatePeriod")]
        elif meaning == "country":
            places = [words.places.get(e.get("LocationID", ""), "") for e in feature.iter("VersionLocation")]
            countries += [words.countries.get(place, "") for place in places]
            details = [e.get("DetailReferenceID", "") for e in feature.iter("VersionDetail")]
            countries += [words.details.get(detail, "") for detail in details]
    return tuple(dict.fromkeys(b for b in births if b)), tuple(dict.fromkeys(c for c in countries if c))


def _period(period: Element) -> str:
    """First and last day of a period as a date or two with a stroke between them."""
    ends = []
    for path in ("Start/From", "End/To"):
        found = period.find(path)
        if found is not None:
            parts = [(found.findtext(name) or "").strip() for name in ("Year", "Month", "Day")]
            ends.append("-".join(f"{part:0>2}" for part in parts if part))
    return "/".join(dict.fromkeys(end for end in ends if end))
