"""An explanation as text for a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kelisim.explain.tables import word_of

if TYPE_CHECKING:
    from kelisim.explain.explanation import Explanation

SHOWN = 12  # rows of a list in the text
_GRADES = {
    "A": "official or company (A)",
    "B": "press with a named source (B)",
    "C": "estimates (C)",
    "": "rows without a grade",
}


def written(told: Explanation, width: int) -> str:
    """The explanation in lines of at most so many characters, where words allow it."""
    blocks = (
        [line if indent < 0 else _wrapped(line, width, indent) for indent, line in block(told)]
        for block in (_head, _parts, _grades, _limits, _behind, _sources, _made)
    )
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def number(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, without an exponent."""
    if value is None or math.isnan(value):
        return "-"
    if value == 0 or math.isinf(value):
        return "0" if value == 0 else "no limit"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, places):,.{max(min(places, 9), 0)}f}"


def _wrapped(text: str, width: int, indent: int) -> str:
    return textwrap.fill(
        text,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


# ---- the blocks: lines with their indent; one of less than 0 stays a single line
Lines = Iterator[tuple[int, str]]


def _head(told: Explanation) -> Lines:
    value = f"{number(told.value)} {told.unit}".strip()
    yield -1, f"{told.table} {told.cell} = {value}" + (f" ({told.shown})" if told.shown else "")
    if told.description:
        yield 2, f"What it is: {told.description}."
    if told.formula:
        yield 2, f"How: {told.formula}."
    cells = ((name, _short(value)) for name, value in told.row.items())
    yield (
        2,
        "Its row: " + ", ".join(f"{name} {text}" for name, text in cells if text not in ("", "nan")) + ".",
    )
    for note in told.notes:
        yield 2, f"Note: {note}"


def _parts(told: Explanation) -> Lines:
    given = [part for part in told.parts if part.contribution]
    if not given:
        return
    many = "" if len(given) == 1 else "s"
    yield -1, f"Made of {len(given)} part{many}, the largest first (in {told.unit or 'its unit'})"
    for part in given[:SHOWN]:
        label = f"{part.table} {part.cell}".strip() or part.what
        name = f"  {part.what}" if part.cell and part.what else ""
        grade = f" [{part.grade}]" if part.grade else ""
        yield -1, f"  {number(part.contribution):>16}  {part.share:>6.1%}  {label}{grade}{name}"
    rest = given[SHOWN:]
    if rest:
        total, share = sum(part.contribution for part in rest), sum(part.share for part in rest)
        yield -1, f"  {number(total):>16}  {share:>6.1%}  {len(rest)} more; all of them with --json"


def _grades(told: Explanation) -> Lines:
    shares = [f"{share:.0%} on {_GRADES[grade]}" for grade, share in told.grades.items() if share > 0]
    if shares and told.behind:
        yield -1, f"It rests, by what each row gives and the weakest grade on its way: {', '.join(shares)}."


def _limits(told: Explanation) -> Lines:
    if told.limits:
        yield -1, "Limits with a price at what stands behind it, the dearest first"
    for limit in told.limits[:SHOWN]:
        saved = f"one more MWh saves {number(limit.shadow_price, 3)} {limit.unit.partition('/')[0]}"
        millions = f"rent in the horizon {number(limit.value / 1e6, 3)} million"
        yield 2, f"{limit.table} {limit.element}, {limit.limit}: {saved}; {millions}  {limit.name}"
    if len(told.limits) > SHOWN:
        yield -1, f"  {len(told.limits) - SHOWN} more"
    if told.prices:
        prices = [f"{number(price.price, 3)} {price.unit} at {price.place}" for price in told.prices]
        yield -1, f"Nodal price of {told.prices[0].carrier}, mean over the hours: {', '.join(prices)}."


def _behind(told: Explanation) -> Lines:
    if told.behind:
        yield -1, "Rows of the case behind it"
    for row in told.behind[:SHOWN]:
        cells = textwrap.shorten(", ".join(f"{name} {text}" for name, text in row.cells.items()), 400)
        share = f"{row.share:.1%} goes through it; " if row.share else ""
        grade = f" [{row.grade}]" if row.grade else ""
        yield 2, f"{row.table} {row.key}{grade} {row.name}".rstrip() + f": {share}{cells}"
        yield 6, f"source: {'; '.join(row.sources) or 'none'} ({row.file} row {row.line})"
        if row.note:
            yield 6, f"note: {textwrap.shorten(row.note, 300)}"
    if len(told.behind) > SHOWN:
        yield -1, f"  {len(told.behind) - SHOWN} more; all of them with --json"


def _sources(told: Explanation) -> Lines:
    if told.sources:
        yield -1, "Sources"
    shown = {word for row in told.behind[:SHOWN] for word in row.sources}
    for source in told.sources:
        if source.source in shown:
            known = [source.title, source.publisher, source.date, source.url]
            yield 2, f"{source.source}: " + ", ".join(word for word in known if word)


def _made(told: Explanation) -> Lines:
    made = told.made_by
    words = [
        f"study {made['study']}",
        ", ".join(f"{name} {_short(value)}" for name, value in made["fields"].items()),
        f"case {made['case']} {made['fingerprint']}",
        ", ".join(f"{name} rule {rule}" for name, rule in dict(made["rules"]).items()),
        f"kelisim {made['version']}".strip(),
    ]
    yield 0, f"Made by: {'; '.join(word for word in words if word)}."


def _short(value: Any) -> str:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    return word_of(value)
