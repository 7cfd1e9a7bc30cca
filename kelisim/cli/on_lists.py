"""The command that holds names against a published list of sanctioned parties."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kelisim.cli.options import ForceOption, JsonOption
from kelisim.cli.printing import MOST_ASKED, print_json, print_table
from kelisim.errors import UserError

if TYPE_CHECKING:
    from kelisim.screening.screen import NameHit, Screening
    from kelisim.screening.sought import Sought

_SIGNS = {True: "agrees", False: "differs", None: ""}


def screen(
    names: Annotated[
        Path,
        typer.Argument(
            metavar="NAMES",
            help="CSV with a column name (and aliases, kind, born, country), a .txt, or a case: its entities.",
        ),
    ],
    list_file: Annotated[
        Path,
        typer.Argument(
            metavar="LIST", help="A list as published: OFAC XML, EU XML, UK XML, FollowTheMoney JSON."
        ),
    ],
    least: Annotated[
        float, typer.Option("--least", help="Score from which a name is shown, 0.5 to 1.")
    ] = 0.85,
    log: Annotated[
        Path | None,
        typer.Option("--log", help="CSV of what persons decided; it is read, and --decide adds to it."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the hits as CSV.")] = None,
    decide: Annotated[
        str,
        typer.Option(
            "--decide", help="What you decide of one hit: same, different or open. Needs the next four."
        ),
    ] = "",
    name: Annotated[str, typer.Option("--name", help="The name that was looked for.")] = "",
    entry: Annotated[str, typer.Option("--entry", help="Number of the entry on the list.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who decides.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    most_mb: Annotated[int, typer.Option("--most-mb", help="Largest size of a list, in MB.")] = 400,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Hold names against a published list of sanctioned parties.

    A hit says that two names are similar, with a score and what speaks for and against; whether they are one party a person
    decides, and the log keeps who decided what, when, on which list. Nothing is sent anywhere, and no list comes with kelisim.
    """
    from kelisim.screening.decisions import read_log
    from kelisim.screening.screen import screen as search

    _check_decision(log, decide, {"--name": name, "--entry": entry, "--by": by, "--reason": reason})
    if out is not None and out.exists() and not force:
        raise UserError(f'"{out}" is there already. --force writes over it.')
    decided = read_log(log) if log is not None else {}
    found = search(_sought(names), list_file, least, decided, most_mb * 1_000_000)
    if log is not None and decide:
        found = _decide(found, log, decide, name, entry, by, reason)
    if out is not None:
        _write(found, out)
    if as_json:
        print_json({**_version(found), "hits": [_cells(hit) for hit in found.hits]})
    else:
        _print(found, log, out)


def _sought(names: Path) -> tuple[Sought, ...]:
    """Names of a file, or of the entities of a case: each once, with its country."""
    from kelisim.screening.sought import Sought, read_names

    if str(names) != "reference" and not names.is_dir() and names.suffix.lower() != ".xlsx":
        return read_names(names)
    from kelisim.io import read

    rows = read(names).table("entities").drop_duplicates("entity")
    if rows.empty:
        raise UserError(f'the case "{names}" has no entities to look for.')
    countries = [(text,) if text else () for text in rows["country"].fillna("").astype(str)]
    return tuple(Sought(str(n), countries=c) for n, c in zip(rows["name"], countries, strict=True))


def _check_decision(log: Path | None, decide: str, given: dict[str, str]) -> None:
    from kelisim.screening.decisions import DECISIONS

    if not decide:
        if any(given.values()):
            raise UserError("--name, --entry, --by and --reason go with --decide.")
        return
    problems = [] if decide in DECISIONS else [f'--decide: "{decide}". Known: {", ".join(DECISIONS)}.']
    problems += [f"{option}: a decision needs it." for option, value in given.items() if not value.strip()]
    problems += ["--log: a decision is kept in a log; name its file."] if log is None else []
    if problems:
        raise UserError("\n".join(problems))


def _decide(
    found: Screening, log: Path, decide: str, name: str, entry: str, by: str, reason: str
) -> Screening:
    from dataclasses import replace

    from kelisim.screening.decisions import Decision, append, now
    from kelisim.screening.screen import hit_of

    hit, version = hit_of(found.hits, name, entry), found.version
    made = Decision(
        now(),
        by.strip(),
        decide,
        reason.strip(),
        hit.name,
        version.family,
        hit.entry.id,
        hit.entry.names[0].text,
        hit.entry.state,
        f"{hit.score:.3f}",
        version.title,
        version.version,
        version.sha256,
    )
    append(log, made)
    hits = [replace(one, decision=made, is_changed=False) if one is hit else one for one in found.hits]
    return replace(found, hits=hits)


def _version(found: Screening) -> dict[str, Any]:
    from kelisim import __version__

    version = found.version
    return {
        "list": version.title,
        "list_version": version.version,
        "list_sha256": version.sha256,
        "entries": version.entries,
        "listed_names": version.names,
        "names": found.names,
        "least": found.least,
        "left_out": found.left_out,
        "kelisim": __version__,
    }


def _cells(hit: NameHit) -> dict[str, Any]:
    decision = hit.decision
    return {
        "name": hit.name,
        "sought": hit.sought,
        "listed": hit.listed,
        "score": hit.score,
        "weak_alias": hit.is_weak,
        "script": hit.script,
        "standard": hit.standard,
        "entry": hit.entry.id,
        "kind": hit.entry.kind,
        "programmes": "; ".join(hit.programmes),
        "born": "; ".join(hit.entry.births),
        "born_agrees": hit.born,
        "countries": "; ".join(hit.entry.countries),
        "country_agrees": hit.country,
        "kind_agrees": hit.kind,
        "decision": decision.decision if decision else "",
        "decided_by": decision.by if decision else "",
        "decided": decision.decided if decision else "",
        "reason": decision.reason if decision else "",
        "changed_since": hit.is_changed,
    }


def _write(found: Screening, out: Path) -> None:
    import csv

    same = {
        key: value
        for key, value in _version(found).items()
        if key in ("list", "list_version", "list_sha256", "least", "kelisim")
    }
    rows = [{**_cells(hit), **same} for hit in found.hits]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*(_CELLS if not rows else list(rows[0]))], lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)


_CELLS = ("name", "sought", "listed", "score", "list", "list_version", "list_sha256", "least", "kelisim")


def _signs(hit: NameHit) -> str:
    parts = [
        f"born {_SIGNS[hit.born]}" if hit.born is not None else "",
        f"country {_SIGNS[hit.country]}" if hit.country is not None else "",
        "kind differs" if hit.kind is False else "",
        "weak alias" if hit.is_weak else "",
        hit.standard,
    ]
    return ", ".join(part for part in parts if part)


def _decided(hit: NameHit) -> str:
    if hit.decision is None:
        return ""
    changed = ", entry changed since" if hit.is_changed else ""
    return f"{hit.decision.decision}, {hit.decision.by}, {hit.decision.decided[:10]}{changed}"


def _print(found: Screening, log: Path | None, out: Path | None) -> None:
    version = found.version
    of = f" of {version.version}" if version.version else ", which bears no date"
    typer.echo(f"{version.title}{of}: {version.entries:,} entries with {version.names:,} names.")
    typer.echo(f"SHA-256 of the file: {version.sha256}")
    met = len({hit.name for hit in found.hits})
    if not found.hits:
        typer.echo(
            f"No name is similar to one on the list (score {found.least:g} or more); {found.names:,} looked for."
        )
        return
    head = ["name", "on the list", "score", "script", "entry", "programmes", "for and against"]
    if any(hit.decision for hit in found.hits):
        head.append("decided")
    rows = [
        [
            hit.name if hit.sought == hit.name else f"{hit.name} ({hit.sought})",
            hit.listed,
            f"{hit.score:.2f}",
            hit.script,
            hit.entry.id,
            ", ".join(hit.programmes),
            _signs(hit),
            _decided(hit),
        ][: len(head)]
        for hit in found.hits[:MOST_ASKED]
    ]
    print_table("", head, rows, [column == "score" for column in head])
    if len(found.hits) > MOST_ASKED:
        typer.echo(f"... {len(found.hits) - MOST_ASKED:,} more hits; take all with --out FILE.")
    typer.echo(
        f"{met:,} of {found.names:,} names are similar to one on the list (score {found.least:g} or more)."
    )
    if found.left_out:
        typer.echo(
            f"{found.left_out:,} more are similar or nearly so, and not shown: of each name the 50 with the highest scores are."
        )
    waiting = sum(hit.decision is None or hit.is_changed for hit in found.hits)
    if waiting:
        typer.echo(
            f"{waiting:,} hit{'' if waiting == 1 else 's'} wait for a person to decide whether the party is the same: "
            f"--log FILE --decide same|different|open --name --entry --by --reason"
        )
    if out is not None:
        typer.echo(f"Written: {out}")
