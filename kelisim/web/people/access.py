"""Whose a run is: its head names who asked and their side; a mark beside it says that the other sides may see it.

A run whose head names nobody was made on the server itself, by its operator, and is for all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from kelisim.errors import RunError
from kelisim.results.results import Results
from kelisim.results.store import read_head
from kelisim.web.people.visitor import Visitor

OWNER = "owner"  # of the head of a run
MARK = "shared"  # name of the file that shares it


@dataclass(frozen=True)
class Access:
    """by: name of a person; side: theirs; shared: whether other sides may see it."""

    by: str = ""
    side: str = ""
    shared: bool = True

    def opens_to(self, visitor: Visitor) -> bool:
        """Whether a visitor may see it: the one who asked, those of the same side, and all where it is shared."""
        return visitor.is_here or self.shared or self.is_of(visitor)

    def is_of(self, visitor: Visitor) -> bool:
        """Whether it is of the visitor or of the visitor's side."""
        person = visitor.person()
        return person is not None and (
            person.name == self.by or (bool(self.side) and person.side == self.side)
        )


def of_visitor(visitor: Visitor) -> Access:
    """What a run of a visitor is at first: for the own side only; for all where there are no sides."""
    person = visitor.now
    return Access() if visitor.is_here else Access(person.name, person.side, shared=False)


def owned(results: Results, access: Access) -> Results:
    """Results that say whose they are, to be kept."""
    if not access.by:
        return results
    return replace(results, meta={**results.meta, OWNER: {"by": access.by, "side": access.side}})


def access_of(folder: Path) -> Access:
    """Whose a run is. One whose head cannot be read is for nobody but who sits at the machine."""
    try:
        owner = read_head(folder).get(OWNER)
    except RunError:
        return Access(shared=False)
    if owner is None:
        return Access()
    by, side = (str(owner.get(key, "")) if isinstance(owner, dict) else "" for key in ("by", "side"))
    return Access(by, side, (folder / MARK).is_file())


def share(folder: Path, shared: bool) -> None:
    """Let the other sides see a run, or no longer. Raises RunError where the mark cannot be written."""
    try:
        if shared:
            (folder / MARK).touch(mode=0o644)
        else:
            (folder / MARK).unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f'"{folder.name}" cannot be shared: {error.strerror or error}.') from error
