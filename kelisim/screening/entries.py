"""What a list holds: entries with their names, and the version of the list."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

KINDS = ("person", "company", "vessel", "aircraft")


class ListedName(NamedTuple):
    """A name of an entry: as it is written, and whether the list itself calls it weak."""

    text: str
    is_weak: bool = False


class Entry(NamedTuple):
    """A party on a list.

    id          the list's own number
    kind        person, company, vessel or aircraft; empty if the list does not say
    names       the first is the main one
    births      dates of birth as the list writes them
    countries   of nationality, registration, flag or address, as the list writes them
    programmes  codes or names of what it is listed under
    """

    id: str
    kind: str
    names: tuple[ListedName, ...]
    births: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """A mark of what the entry says: another one, and the entry was changed."""
        words = [name.text for name in self.names]
        parts = [self.kind, *sorted(words), "|", *sorted(self.births), "|", *sorted(self.countries)]
        return sha256("\n".join(parts).encode()).hexdigest()[:16]


class Listing(NamedTuple):
    """Programmes of an entry that stand elsewhere in the list than the entry itself."""

    id: str
    programmes: tuple[str, ...]


@dataclass
class ListVersion:
    """What list was read.

    family   under which decisions are kept: the same for two formats of one list
    title    of the list
    format   of the file
    version  date or number that the list itself bears; empty if none
    sha256   of the file
    entries  number of entries read
    names    number of names read
    """

    family: str = ""
    title: str = ""
    format: str = ""
    version: str = ""
    sha256: str = ""
    entries: int = 0
    names: int = 0
