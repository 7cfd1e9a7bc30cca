"""Profiles: no gap, no share above the whole, and a meaning that fits its use."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pandas as pd

from kelisim.case.checks.view import CaseView, about, each
from kelisim.case.setting_values import is_clock
from kelisim.errors import InputProblem
from kelisim.tolerances import INPUT_SHARES

_RANGES = {"month": range(1, 13), "weekday": range(1, 8), "hour": range(24)}
_FEW_STEPS = 12  # a step profile with fewer rows may be a list of days on which a level changes

# where a profile is named -> what it means there
_AVAILABILITY = (
    ("assets", "profile"),
    ("assets", "min_profile"),
    ("links", "profile"),
    *(("storages", column) for column in ("norm_season", "least_profile", "most_profile")),
    ("commitment", "on"),
)
_SHAPES = (
    *((name, "profile") for name in ("demand", "markets", "resources", "duties")),
    ("storages", "inflow_profile"),
    ("asset_ports", "profile"),
)
_PRICES = (("markets", "price_path"),)


def _groups(view: CaseView) -> list[tuple[str, tuple[str, ...], pd.DataFrame]]:
    """Rows of a profile that fill the same columns, of profiles without a wrong cell."""
    rows = view.rows("profiles")
    wrong = view.wrong("profiles", "profile", "month", "weekday", "hour", "step", "value", "meaning")
    bad = set(rows["profile"][wrong])
    fields = ["month", "weekday", "hour", "step"]
    filled = rows[fields].notna().to_numpy()
    shape = pd.Series(filled @ [1 << at for at in range(len(fields))], rows.index, name="shape")
    return [
        (str(name), tuple(field for bit, field in enumerate(fields) if bits >> bit & 1), rows.loc[at])
        for (name, bits), at in rows["profile"].groupby([rows["profile"], shape], sort=False).groups.items()
        if name and name not in bad
    ]


@about("profiles")
def clocks(view: CaseView) -> Iterator[InputProblem]:
    """Clocks that are none, and profiles of two clocks."""
    rows = view.rows("profiles")
    named = rows[rows["clock"].astype(str) != ""]
    for row, text in named["clock"].astype(str).items():
        if not is_clock(text):
            message = f'"{text}" is not a clock.'
            yield view.problem("profiles", row, "clock", message, 'Write it as "UTC+5".', rule="range")
    for name, own in named.groupby("profile", sort=False):
        others = own[own["clock"] != own["clock"].iloc[0]]
        if len(others):
            message = f'"{name}" has two clocks, {own["clock"].iloc[0]} and {others["clock"].iloc[0]}.'
            remedy = "Name one clock for all its rows."
            yield view.problem("profiles", others.index[0], "clock", message, remedy, rule="range")


@about("profiles")
def gaps(view: CaseView) -> Iterator[InputProblem]:
    """Months, weekdays or hours that a profile leaves out."""
    for name, fields, group in view.made(_groups):
        if "step" in fields:
            if len(fields) > 1:
                message = f'a row of "{name}" has a step and a {fields[0]}.'
                yield view.problem(
                    "profiles", group.index[0], fields[0], message, "Leave the other empty.", rule="gap"
                )
            else:
                yield from _step_gaps(view, name, group)
        elif fields:
            there = set(group[list(fields)].astype(int).itertuples(index=False, name=None))
            missing = [key for key in product(*(_RANGES[field] for field in fields)) if key not in there]
            if missing:
                yield _gap(view, name, fields, group, missing)


def _gap(
    view: CaseView, name: str, fields: tuple[str, ...], group: pd.DataFrame, missing: list[tuple[int, ...]]
) -> InputProblem:
    """A gap, told at the row before it."""
    before = [row for row, *key in group[list(fields)].astype(int).itertuples() if tuple(key) < missing[0]]
    words = ", ".join(f"{field} {value}" for field, value in zip(fields, missing[0], strict=True))
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    row = before[-1] if before else group.index[0]
    return view.problem(
        "profiles",
        row,
        fields[-1],
        f'"{name}" has no row for {words}{more}.',
        "Give every one a value.",
        rule="gap",
    )


def _step_gaps(view: CaseView, name: str, group: pd.DataFrame) -> Iterator[InputProblem]:
    if view.doubts("horizon"):
        return
    ordered = group.sort_values("step")
    steps = ordered["step"]
    clock = view.case.horizon.clock
    if steps.iloc[0] > clock[0]:
        message = f'"{name}" begins on {_day(steps.iloc[0])}, after the start of the year.'
        yield view.problem(
            "profiles", ordered.index[0], "step", message, f"Begin on {_day(clock[0])} or before.", rule="gap"
        )
    lengths = steps.diff().shift(-1).iloc[:-1]
    if len(steps) < _FEW_STEPS:
        return
    usual = lengths.median()
    if (lengths > 1.5 * usual).sum() > len(lengths) / 5:
        return  # days on which a level changes, not a series
    for row in lengths.index[lengths > 1.5 * usual]:
        message = f'"{name}" has no row between {_day(steps[row])} and {_day(steps[row] + lengths[row])}.'
        yield view.problem("profiles", row, "step", message, "Give every step a value.", rule="gap")
    if steps.iloc[-1] + 1.5 * usual < clock[-1]:
        message = f'"{name}" ends on {_day(steps.iloc[-1])}, before the end of the year.'
        yield view.problem(
            "profiles", ordered.index[-1], "step", message, f"Go on to {_day(clock[-1])}.", rule="gap"
        )


def _day(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d %H:%M}".removesuffix(" 00:00")


@about("profiles")
def values(view: CaseView) -> Iterator[InputProblem]:
    """Availabilities above 1, and shares or availabilities below 0."""
    rows = view.sure("profiles", "value", "meaning")
    percent = "Write a percentage as a share: 5 % is 0.05."
    for row, name, value, meaning in each(rows[rows["meaning"] != "level"], "profile", "value", "meaning"):
        if meaning == "availability" and value > 1:
            yield view.problem(
                "profiles",
                row,
                "value",
                f'{value:g} is above 1, and "{name}" is an availability.',
                percent,
                rule="range",
            )
        elif value < 0:
            yield view.problem(
                "profiles",
                row,
                "value",
                f'{value:g} is negative, and "{name}" is {_A[meaning]}.',
                "At least 0.",
                rule="range",
            )
    rows = view.sure("profiles", "value", "meaning")
    users = _users(view, _SHAPES)
    for row, name, value in each(
        rows[(rows["meaning"] == "level") & (rows["value"] < 0)], "profile", "value"
    ):
        if name in users:
            yield view.problem(
                "profiles",
                row,
                "value",
                f'{value:g} is negative, and {users[name]} follows "{name}".',
                "At least 0.",
                rule="range",
            )


_A = {"availability": "an availability", "share": "a share"}


@about("profiles")
def one_meaning(view: CaseView) -> Iterator[InputProblem]:
    """Rows of one profile that mean different things."""
    for name, _, group in view.made(_groups):
        usual = group["meaning"].mode()
        for row, meaning in group["meaning"][group["meaning"] != usual.iloc[0]].items():
            message = f'is {meaning}, and the other rows of "{name}" are {usual.iloc[0]}.'
            yield view.problem(
                "profiles", row, "meaning", message, "A profile has one meaning.", usual.iloc[0], "meaning"
            )


@about("profiles")
def sums(view: CaseView) -> Iterator[InputProblem]:
    """Shares of a year that do not add up to the year."""
    for name, fields, group in view.made(_groups):
        total = group["value"].sum()
        complete = bool(fields) and "step" not in fields and not _missing(fields, group)
        if complete and (group["meaning"] == "share").all() and abs(total - 1) > INPUT_SHARES:
            remedy = (
                "Write percentages as shares: 5 % is 0.05."
                if abs(total - 100) <= 1
                else "Shares of a year add up to 1."
            )
            yield view.problem(
                "profiles",
                group.index[0],
                "value",
                f'the shares of "{name}" add up to {total:.6g}.',
                remedy,
                rule="sum",
            )


def _missing(fields: tuple[str, ...], group: pd.DataFrame) -> bool:
    size = 1
    for field in fields:
        size *= len(_RANGES[field])
    return len(group.drop_duplicates(list(fields))) < size


@about("profiles")
def empty_shapes(view: CaseView) -> Iterator[InputProblem]:
    """A shape that is 0 all year: what follows it would vanish."""
    users = _users(view, _SHAPES)
    for name, _, group in view.made(_groups):
        if name in users and (group["value"] == 0).all():
            message = f'"{name}" is 0 throughout, and {users[name]} follows it.'
            yield view.problem(
                "profiles",
                group.index[0],
                "value",
                message,
                "Give it a shape, or the row that follows it the amount 0.",
                rule="range",
            )


@about("profiles")
def meanings(view: CaseView) -> Iterator[InputProblem]:
    """A shape where an availability is meant, or an availability where a shape is."""
    rows = view.sure("profiles", "meaning")
    meaning_of = rows.groupby("profile")["meaning"].agg(set).to_dict() if len(rows) else {}
    for table, column in _AVAILABILITY:
        for row, name in view.sure(table, column)[column].items():
            meanings = meaning_of.get(name)
            if meanings and "availability" not in meanings:
                message = f'"{name}" is a {_words(meanings)}, and this is an availability.'
                yield view.problem(
                    table,
                    row,
                    column,
                    message,
                    "Give the profile the meaning availability, from 0 to 1.",
                    rule="meaning",
                )
    for table, column in _SHAPES:
        for row, name in view.sure(table, column)[column].items():
            if meaning_of.get(name) == {"availability"}:
                message = f'"{name}" is an availability, and this is a shape over the year.'
                yield view.problem(
                    table,
                    row,
                    column,
                    message,
                    "Give the profile the meaning level or share.",
                    rule="meaning",
                )


def _words(meanings: set[str]) -> str:
    return " and ".join(sorted(meanings))


def _users(view: CaseView, uses: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The first row that follows a profile, in words."""
    found: dict[str, str] = {}
    for table, column in uses:
        rows = view.sure(table, column)
        for row, name in rows[column].items():
            if name:
                found.setdefault(name, f"{table} row {row}")
    return found
