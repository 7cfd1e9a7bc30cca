"""The people of a server: a file with name, role, side and the hash of the password of each, and of the tokens of their programs.

A password is kept as its Argon2id hash (RFC 9106), a token as its SHA-256: it is random and long, so that it cannot be guessed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kelisim.case.schema import nearest
from kelisim.errors import UserError
from kelisim.web.people.roles import ROLES

NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
LEAST, MOST = 10, 1024  # characters of a password
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))  # checked for names that are unknown: they take as long
KNOWN = ("role", "side", "password", "tokens")


@dataclass(frozen=True)
class Person:
    """One of the people.

    side    whose drafts they see, such as a country or an office; empty for a third party
    tokens  name -> SHA-256 of a token
    """

    name: str
    role: str
    side: str = ""
    password: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict)


class Register:
    """The people of a file; read again when the file has changed, so that who is taken out is out at once."""

    def __init__(self, path: Path) -> None:
        """Raises UserError for a file that is not there or has mistakes, all of them at once."""
        self.path = path
        self._stamp: tuple[int, int] = (0, 0)
        self._people: dict[str, Person] = {}
        self.people()

    def people(self) -> dict[str, Person]:
        """Everybody by name. Raises UserError."""
        try:
            now = self.path.stat()
        except OSError as error:
            raise UserError(
                f'There is no file "{self.path}" of people. Make one: kelisim users add NAME --file {self.path}'
            ) from error
        stamp = (now.st_mtime_ns, now.st_size)
        if stamp != self._stamp:
            self._people, self._stamp = read(self.path), stamp
        return self._people

    def get(self, name: str) -> Person | None:
        return self.people().get(name)

    def with_password(self, name: str, password: str) -> Person | None:
        """Who has this name and password; nobody if either is wrong. It takes as long for a name that nobody has."""
        person = self.get(name)
        known = person.password if person is not None and person.password else _NOBODY
        try:
            _HASHER.verify(known, password[:MOST])
        except (VerificationError, InvalidHashError):
            return None
        return person if person is not None and person.password else None

    def with_token(self, token: str) -> Person | None:
        """Whose token it is; nobody's if it is none."""
        wanted = digest(token)
        return next(
            (
                one
                for one in self.people().values()
                for known in one.tokens.values()
                if secrets.compare_digest(known, wanted)
            ),
            None,
        )


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def hashed(password: str) -> str:
    """The hash of a password. Raises UserError for one that is too short or too long."""
    if not LEAST <= len(password) <= MOST:
        raise UserError(f"A password has {LEAST} to {MOST} characters; this one has {len(password)}.")
    return _HASHER.hash(password)


def with_new_token(person: Person, name: str) -> tuple[Person, str]:
    """The person with one token more, and the token, which is not kept. Raises UserError if there is one of that name."""
    if name in person.tokens:
        raise UserError(f'{person.name} has a token "{name}" already. Take it out first, or name another.')
    token = secrets.token_urlsafe(32)
    return replace(person, tokens={**person.tokens, name: digest(token)}), token


def read(path: Path) -> dict[str, Person]:
    """The people of a file. Raises UserError that lists all that is wrong in it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{path} cannot be read as a file of people: {error}.") from error
    wrong: list[str] = []
    rows = content.get("people", {})
    if not isinstance(rows, dict) or set(content) - {"people"}:
        raise UserError(f'{path} is no file of people: it has one table, "people".')
    found = {name: _person(name, row, wrong) for name, row in rows.items()}
    if wrong:
        raise UserError("\n".join([f"{len(wrong)} mistakes in {path}:", *(f"  {line}" for line in wrong)]))
    return found


def _person(name: str, row: Any, wrong: list[str]) -> Person:
    if not isinstance(row, dict):
        wrong.append(f"{name}: this is a table with {', '.join(KNOWN)}.")
        return Person(name, ROLES[0])
    try:
        checked(name)
    except UserError as error:
        wrong.append(str(error))
    for key in sorted(set(row) - set(KNOWN)):
        wrong.append(f'{name}: "{key}" is unknown.{_near(key, KNOWN)}')
    for key in ("role", "side", "password"):
        if not isinstance(row.get(key, ""), str):
            wrong.append(f"{name}: {key} is a text.")
    role = str(row.get("role", ""))
    if role not in ROLES:
        wrong.append(f'{name}: role "{role}" is none of {", ".join(ROLES)}.{_near(role, ROLES)}')
    tokens = row.get("tokens", {})
    if not isinstance(tokens, dict) or not all(isinstance(one, str) for one in tokens.values()):
        wrong.append(f"{name}: tokens is a table of texts.")
        tokens = {}
    return Person(name, role, str(row.get("side", "")), str(row.get("password", "")), tokens)


def _near(word: str, known: tuple[str, ...]) -> str:
    near = nearest(word, list(known))
    return f' Did you mean "{near}"?' if near else ""


def checked(name: str) -> None:
    """Raises UserError for what is no name of a person."""
    if not NAME.fullmatch(name):
        raise UserError(
            f'"{name}" is no name: letters, digits, dot, hyphen, underscore and @, at most 64, a letter or digit first.'
        )


def write(path: Path, people: Mapping[str, Person]) -> None:
    """Put a file of people in the place of what is there, readable by its owner alone."""
    rows = {
        name: {"role": one.role, "side": one.side, "password": one.password}
        | ({"tokens": dict(one.tokens)} if one.tokens else {})
        for name, one in sorted(people.items())
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, other = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(tomli_w.dumps({"people": rows}))
        os.replace(other, path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror or error}.") from error
