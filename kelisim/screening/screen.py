"""Names against a list: hits with their score, script, evidence and the decision of a person, and the version of the list.

A hit says that two names are similar, not that two parties are one: that is for a person to decide.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from kelisim.errors import UserError
from kelisim.screening.decisions import Decision
from kelisim.screening.entries import Entry, Listing, ListVersion
from kelisim.screening.evidence import births_agree, countries_agree
from kelisim.screening.lists import entries
from kelisim.screening.matching import Candidates, Form, forms, score
from kelisim.screening.scripts import script_of
from kelisim.screening.sought import Sought
from kelisim.screening.streams import MOST_BYTES

SHOWN_FROM = 0.85  # score from which a name is shown
PART_OF_LIST = 30_000  # names of a list that are compared at a time
MOST_LISTINGS = 100_000  # entries whose programmes stand apart and are kept
MOST_PROGRAMMES = 20  # of one entry
MOST_HITS = 50  # of one name, those with the highest score


@dataclass(frozen=True)
class NameHit:
    """A name that is similar to one on the list.

    sought        as it was looked for: the name, or one of its aliases
    listed        the name on the list
    score         0 to 1
    is_weak       the list itself calls this name weak
    script        of both, such as "Cyrillic / Latin"
    standard      by which the one in Cyrillic was written in Latin
    born, country whether they agree: True, False, or None where one side is not known
    kind          whether the kinds are one
    decision      of a person, taken over from the log
    is_changed    the entry says something else than when that was decided
    """

    name: str
    sought: str
    listed: str
    score: float
    is_weak: bool
    script: str
    standard: str
    entry: Entry
    programmes: tuple[str, ...]
    born: bool | None
    country: bool | None
    kind: bool | None
    decision: Decision | None = None
    is_changed: bool = False

    @property
    def rank(self) -> tuple[float, ...]:
        """Order of hits of one name: nothing that speaks against it, then the score, then what speaks for it."""
        signs = (self.born, self.country, self.kind)
        return (float(signs.count(False)), -self.score, -float(signs.count(True)), float(self.is_weak))


@dataclass
class Screening:
    """Hits by name in the order of the names, the best first; left_out counts what is similar beyond the most that are kept of a name."""

    version: ListVersion
    least: float
    names: int
    hits: list[NameHit] = field(default_factory=list)
    left_out: int = 0


@dataclass
class _Best:
    """The best hit of each entry, for one name."""

    found: dict[str, tuple[float, str, str, bool, str, Entry]] = field(default_factory=dict)
    left_out: int = 0

    def take(
        self, value: float, sought: str, listed: str, is_weak: bool, standard: str, entry: Entry
    ) -> None:
        before = self.found.get(entry.id)
        if before is None or (value, not is_weak) > (before[0], not before[3]):
            self.found[entry.id] = (value, sought, listed, is_weak, standard, entry)
        if len(self.found) > 4 * MOST_HITS:
            self.trim()

    def trim(self) -> None:
        kept = sorted(self.found.items(), key=lambda item: -item[1][0])
        self.left_out += max(0, len(kept) - MOST_HITS)
        self.found = dict(kept[:MOST_HITS])


def screen(
    names: Sequence[Sought],
    path: Path,
    least: float = SHOWN_FROM,
    decided: dict[tuple[str, str, str], Decision] | None = None,
    most_bytes: int = MOST_BYTES,
) -> Screening:
    """Holds names against a list of any known format.

    least    score from which a hit is shown, 0.5 to 1
    decided  decisions of earlier screenings
    Raises ListError for a list that cannot be read.
    """
    if not 0.5 <= least <= 1:
        raise UserError("least: a score between 0.5 and 1.")
    version = ListVersion()
    with _no_search_for_circles():
        search = _Search(names, least)
        for found in entries(path, version, most_bytes):
            search.add(found) if isinstance(found, Entry) else search.note(found)
        search.compare()
    out = Screening(version, least, len(names))
    for sought, best in zip(names, search.best, strict=True):
        best.trim()
        out.left_out += best.left_out
        hits = [_hit(sought, found, search.programmes) for found in best.found.values()]
        out.hits += [
            _decided(hit, version.family, decided or {}) for hit in sorted(hits, key=lambda hit: hit.rank)
        ]
    return out


@contextmanager
def _no_search_for_circles() -> Iterator[None]:
    """The many small objects of a list hold no circles and go by themselves; to look for some takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Search:
    """Compares a part of the list at a time, so that memory does not grow with it."""

    def __init__(self, names: Sequence[Sought], least: float) -> None:
        self.least = least
        self.best = [_Best() for _ in names]
        self.forms: list[Form] = []
        self.owner: list[tuple[int, str]] = []
        for at, sought in enumerate(names):
            for text in (sought.name, *sought.aliases):
                for form in forms(text):
                    self.forms.append(form)
                    self.owner.append((at, text))
        self.candidates = Candidates(self.forms)
        self.waiting: list[Entry] = []
        self.count = 0
        self.programmes: dict[str, tuple[str, ...]] = {}

    def note(self, found: Listing) -> None:
        """Keeps programmes that stand apart from their entry, and lets those go that no hit needs when they are too many."""
        before = self.programmes.get(found.id, ())
        self.programmes[found.id] = tuple(dict.fromkeys((*before, *found.programmes)))[:MOST_PROGRAMMES]
        if len(self.programmes) > MOST_LISTINGS:
            self.compare()
            met = {number for best in self.best for number in best.found}
            self.programmes = {number: codes for number, codes in self.programmes.items() if number in met}

    def add(self, entry: Entry) -> None:
        self.waiting.append(entry)
        self.count += len(entry.names)
        if self.count >= PART_OF_LIST:
            self.compare()

    def compare(self) -> None:
        listed, owner = [], []
        for entry in self.waiting:
            for name in entry.names:
                for form in forms(name.text):
                    listed.append(form)
                    owner.append((entry, name))
        self.waiting, self.count = [], 0
        if not listed or not self.forms:
            return
        for mine, near, left_out in self.candidates.against(listed, self.least):
            at, text = self.owner[mine]
            self.best[at].left_out += left_out
            for theirs in near:
                entry, name = owner[theirs]
                value = score(self.forms[mine], listed[theirs], entry.kind == "person")
                if value >= self.least:
                    standard = self.forms[mine].standard or listed[theirs].standard
                    self.best[at].take(value, text, name.text, name.is_weak, standard, entry)


def _hit(
    sought: Sought, found: tuple[float, str, str, bool, str, Entry], programmes: dict[str, tuple[str, ...]]
) -> NameHit:
    value, text, listed, is_weak, standard, entry = found
    scripts = (script_of(text), script_of(listed))
    kind = None if not (sought.kind and entry.kind) else sought.kind == entry.kind
    return NameHit(
        sought.name,
        text,
        listed,
        round(value, 3),
        is_weak,
        scripts[0] if scripts[0] == scripts[1] else " / ".join(scripts),
        standard if scripts[0] != scripts[1] else "",
        entry,
        tuple(dict.fromkeys((*entry.programmes, *programmes.get(entry.id, ())))),
        births_agree(sought.births, entry.births),
        countries_agree(sought.countries, entry.countries),
        kind,
    )


def _decided(hit: NameHit, family: str, decided: dict[tuple[str, str, str], Decision]) -> NameHit:
    found = decided.get((hit.name.casefold(), family, hit.entry.id))
    return hit if found is None else replace(hit, decision=found, is_changed=found.state != hit.entry.state)


def hit_of(hits: Iterable[NameHit], name: str, entry: str) -> NameHit:
    """The hit of a name and an entry; UserError where there is none, for nothing is decided that was not found."""
    found = [hit for hit in hits if hit.name.casefold() == name.casefold()]
    for hit in found:
        if hit.entry.id == entry:
            return hit
    known = ", ".join(hit.entry.id for hit in found)
    raise UserError(
        f'No hit of "{name}" with entry "{entry}".'
        + (f" Its entries: {known}." if known else " The name has no hit.")
    )
