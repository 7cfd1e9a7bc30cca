"""A file of people for tests: hashes that are quick to check."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher

from kelisim.web.people.register import Person, digest, write

PASSWORD, TOKEN = "steppe and sea", "a-token-of-a-program"
SIDES = {"KZ": ("ana", "bek", "dana"), "RU": ("vera",), "": ("guest",)}
ROLES = {"ana": "editor", "bek": "analyst", "dana": "viewer", "vera": "editor", "guest": "analyst"}


def some_people(folder: Path) -> Path:
    """Two sides and a third party; each with the same password, and the token TOKEN with the own name in front (of ana without)."""
    known = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    side = {name: key for key, names in SIDES.items() for name in names}
    people = {
        name: Person(
            name, role, side[name], known, {"test": digest(TOKEN if name == "ana" else f"{name}-{TOKEN}")}
        )
        for name, role in ROLES.items()
    }
    write(folder / "users.toml", people)
    return folder / "users.toml"
