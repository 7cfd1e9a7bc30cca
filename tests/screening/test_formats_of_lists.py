"""Published formats: three made-up parties read alike from each."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from kelisim.screening.entries import Entry, ListVersion
from kelisim.screening.evidence import births_agree, countries_agree, country
from kelisim.screening.lists import entries
from kelisim.screening.screen import screen
from kelisim.screening.sought import Sought

LISTS = Path(__file__).parent / "lists"
FILES = sorted(path for path in LISTS.iterdir() if path.suffix != ".md")
WHO = [
    Sought("Жанибек Ермолов", kind="person", births=("1961",), countries=("Россия",)),
    Sought("Severnyi Kit", kind="vessel", countries=("PA",)),
    Sought("Мунай Боран", kind="company", births=(), countries=("kz",)),
    Sought("Nobody At All"),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_format_is_read(path: Path) -> None:
    """A field that one format hides is a party that is not found, or is taken for another."""
    version = ListVersion()
    found = [entry for entry in entries(path, version) if isinstance(entry, Entry)]
    assert [entry.kind for entry in found][:2] == ["person", "company"] and len(found) == 3 == version.entries
    assert found[2].kind == ("company" if path.stem == "eu" else "vessel")
    person, company, vessel = found
    assert sorted(person.names[0].text.lower().split()) == ["yermolov", "zhanibek"]
    assert [name.text for name in person.names if name.is_weak] == ["The Miller"]
    assert (
        births_agree(person.births, ["1961-02-03"]) and births_agree(person.births, ["1961-02-04"]) is False
    )
    assert [country(text) for text in (*person.countries, *company.countries, *vessel.countries)] == [
        "RU",
        "KZ",
        "PA",
    ]
    assert countries_agree(person.countries, ["Russland", "KZ"]) is False
    assert version.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert version.version[:10] in {"2025-10-22", "2025-10-23"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_format_is_searched(path: Path) -> None:
    """Names in Cyrillic must be found in Latin, with programmes that stand elsewhere in the file, and no one else."""
    found = screen(WHO, path)
    assert [hit.name for hit in found.hits] == ["Жанибек Ермолов", "Severnyi Kit", "Мунай Боран"]
    person, vessel, company = found.hits
    assert person.score == 1.0 and (person.born, person.country, person.kind) == (True, True, True)
    expected = ("The Made-up Regulations 2025",) if path.stem == "uk" else ("MADE-UP1", "MADE-UP2")
    assert person.programmes == expected and len(company.programmes) == 1
    assert (
        company.score >= 0.85 and company.script == "Cyrillic / Latin" and company.standard == "BGN/PCGN 1947"
    )
    assert vessel.country is True and vessel.kind is (path.stem != "eu")


def test_two_formats_of_one_list_share_decisions() -> None:
    """A decision that is lost with the next format would have to be made again."""
    numbers = {}
    for name in ("ofac", "ofac_advanced"):
        found = screen(WHO, LISTS / f"{name}.xml")
        numbers[name] = [(found.version.family, hit.entry.id) for hit in found.hits]
    assert (
        numbers["ofac"] == numbers["ofac_advanced"] == [("OFAC", "1001"), ("OFAC", "1003"), ("OFAC", "1002")]
    )


def test_kinds_and_order_of_hits(tmp_path: Path) -> None:
    """What speaks against a hit comes below what does not, and is said; nothing is hidden."""
    rows = [
        '{"id": "a", "schema": "Person", "properties": {"name": ["Ana Boranova"], "birthDate": ["1950"]}}',
        '{"id": "b", "schema": "Company", "properties": {"name": ["Ana Boranova"]}}',
        '{"id": "c", "schema": "Person", "properties": {"name": ["Anna Boranova"], "birthDate": ["1975-05"]}}',
    ]
    path = tmp_path / "list.json"
    path.write_text("\n".join(rows), encoding="utf-8")
    found = screen([Sought("Ana Boranova", kind="person", births=("1975",))], path)
    assert [(hit.entry.id, hit.born, hit.kind) for hit in found.hits] == [
        ("c", True, True),
        ("a", False, True),
        ("b", None, False),
    ]
