"""Command on the people who may log in to a server."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kelisim.cli.options import JsonOption
from kelisim.cli.printing import print_json, print_table
from kelisim.errors import ExtraMissing, UserError

if TYPE_CHECKING:
    from kelisim.web.people.register import Person

ACTIONS = ("list", "add", "set", "password", "token", "untoken", "remove")
PASSWORD = "KELISIM_PASSWORD"


def users(
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION", help="list, add, set (role and side), password, token, untoken or remove."
        ),
    ] = "list",
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whom it is about.")] = "",
    file: Annotated[Path, typer.Option("--file", help="File of the people.")] = Path("users.toml"),
    role: Annotated[
        str,
        typer.Option(
            "--role", help="viewer looks and cuts, analyst also asks studies, editor also shares runs."
        ),
    ] = "",
    side: Annotated[
        str,
        typer.Option("--side", help="Whose runs they see before these are shared, such as KZ or an office."),
    ] = "",
    token: Annotated[
        str, typer.Option("--token", help="Name of a token of a program: what it is for.")
    ] = "program",
    as_json: JsonOption = False,
) -> None:
    """Say who may log in to a server, with which role and side, and give tokens to their programs.

    A password is asked for, or taken from the environment variable KELISIM_PASSWORD. A token is shown once and kept as a hash.
    """
    try:
        from kelisim.web.people import register
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "argon2":
            raise ExtraMissing("web") from error
        raise
    _known(action, ACTIONS, "action")
    people = register.read(file) if file.exists() else {}
    if action == "list":
        _list(people, file, as_json)
        return
    if not name:
        raise UserError(f"Whom is it about? kelisim users {action} NAME")
    if action == "add":
        if name in people:
            raise UserError(f'"{name}" is there already. Change role and side with: kelisim users set {name}')
        register.checked(name)
        people[name] = register.Person(name, _role(role or "viewer"), side, register.hashed(_asked()))
    elif action == "remove":
        del people[_known(name, people, "person")]
    else:
        person = people[_known(name, people, "person")]
        people[name], shown = _changed(action, person, role, side, token)
    register.write(file, people)
    if action == "token":
        told = {"name": name, "file": str(file), "token": shown}
        typer.echo(shown) if not as_json else print_json(told)
    elif as_json:
        print_json({"name": name, "file": str(file)})
    else:
        typer.echo(f"{name}: written to {file}")


def _changed(action: str, person: Person, role: str, side: str, token: str) -> tuple[Person, str]:
    """A person after a change, and the token if it is a new one."""
    from kelisim.web.people import register

    if action == "set":
        return replace(person, role=_role(role or person.role), side=side or person.side), ""
    if action == "password":
        return replace(person, password=register.hashed(_asked())), ""
    if action == "token":
        return register.with_new_token(person, token)
    _known(token, person.tokens, "token")
    return replace(person, tokens={one: known for one, known in person.tokens.items() if one != token}), ""


def _known(word: str, known: Collection[str], kind: str) -> str:
    """A word that is one of those known. Raises UserError with the nearest."""
    from kelisim.case.schema import nearest

    if word not in known:
        near = nearest(word, known)
        hint = f'Did you mean "{near}"?' if near else f"Known: {', '.join(known) or 'none'}."
        raise UserError(f'There is no {kind} "{word}". {hint}')
    return word


def _role(role: str) -> str:
    from kelisim.web.people.roles import ROLES

    return _known(role, ROLES, "role")


def _asked() -> str:
    """A password: from the environment, else asked for twice at a terminal. Raises UserError where there is neither."""
    given = os.environ.get(PASSWORD, "")
    if given:
        return given
    if not sys.stdin.isatty():
        raise UserError(
            f"There is no terminal to ask for a password: set the environment variable {PASSWORD}."
        )
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _list(people: dict[str, Person], file: Path, as_json: bool) -> None:
    rows = [[one.name, one.role, one.side, ", ".join(one.tokens)] for _, one in sorted(people.items())]
    if as_json:
        print_json(
            [{"name": n, "role": r, "side": s, "tokens": t.split(", ") if t else []} for n, r, s, t in rows]
        )
    elif rows:
        print_table("", ["name", "role", "side", "tokens"], rows, [False] * 4)
    else:
        typer.echo(f"{file}: nobody. kelisim users add NAME --role analyst --side KZ")
