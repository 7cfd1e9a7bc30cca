"""An explanation as text for a terminal."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from kelisim.explain.tables import word_of

if TYPE_CHECKING:
    from kelisim.explain.explanation import Explanation

SHOWN = 12  # rows of a list in the text


def written(told: Explanation, width: int) -> str:
    """The explanation in lines of at most so many characters, where words allow it."""
    return _Text(told, width).text()


def number(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits, without an exponent."""
    if value is None or math.isnan(value):
        return "-"
    if value == 0 or math.isinf(value):
        return "0" if value == 0 else "no limit"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, places):,.{max(min(places, 9), 0)}f}"


class _Text:
    """An explanation as text."""

    def __init__(self, told: Explanation, width: int) -> None:
        self.told = told
        self.width = width

    def text(self) -> str:
        blocks = [
            self._head(),
            self._parts(),
            self._grades(),
            self._limits(),
            self._behind(),
            self._sources(),
            self._made(),
        ]
        return "\n\n".join(block for block in blocks if block)

    def _wrap(self, text: str, indent: int = 2, hang: int | None = None) -> str:
        first = " " * indent
        rest = " " * (indent if hang is None else hang)
        return textwrap.fill(
            text,
            self.width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _head(self) -> str:
        told = self.told
        value = f"{number(told.value)} {told.unit}".strip()
        lines_ = [f"{told.table} {told.cell} = {value}" + (f" ({told.shown})" if told.shown else "")]
        if told.description:
            lines_.append(self._wrap(f"What it is: {told.description}."))
        if told.formula:
            lines_.append(self._wrap(f"How: {told.formula}."))
        others = [
            f"{name} {_short(value)}" for name, value in told.row.items() if _short(value) not in ("", "nan")
        ]
        lines_.append(self._wrap("Its row: " + ", ".join(others) + ".", 2, 4))
        lines_ += [self._wrap(f"Note: {note}", 2, 4) for note in told.notes]
        return "\n".join(lines_)

    def _parts(self) -> str:
        given = [part for part in self.told.parts if part.contribution]
        if not given:
            return ""
        head = f"Made of {len(given)} part{'' if len(given) == 1 else 's'}, the largest first (in {self.told.unit or 'its unit'})"
        lines_ = [head]
        for part in given[:SHOWN]:
            label = f"{part.table} {part.cell}".strip() or part.what
            name = f"  {part.what}" if part.cell and part.what else ""
            grade = f" [{part.grade}]" if part.grade else ""
            lines_.append(
                f"  {number(part.contribution):>16}  {part.share:>6.1%}  {label}{grade}{name}"[
                    : self.width + 40
                ]
            )
        rest = given[SHOWN:]
        if rest:
            total = sum(part.contribution for part in rest)
            lines_.append(
                f"  {number(total):>16}  {sum(part.share for part in rest):>6.1%}  {len(rest)} more; all of them with --json"
            )
        return "\n".join(lines_)

    def _grades(self) -> str:
        words = {
            "A": "official or company (A)",
            "B": "press with a named source (B)",
            "C": "estimates (C)",
            "": "rows without a grade",
        }
        told = [f"{share:.0%} on {words[grade]}" for grade, share in self.told.grades.items() if share > 0]
        return (
            "It rests, by what each row gives and the weakest grade on its way: " + ", ".join(told) + "."
            if told
            else ""
        )

    def _limits(self) -> str:
        if not self.told.limits:
            return self._prices()
        lines_ = ["Limits with a price at what stands behind it, the dearest first"]
        for limit in self.told.limits[:SHOWN]:
            price = f"one more MWh saves {number(limit.shadow_price, 3)} {limit.unit.partition('/')[0]}"
            lines_.append(
                self._wrap(
                    f"{limit.table} {limit.element}, {limit.limit}: {price}; in the horizon {number(limit.value / 1e6, 3)} million  {limit.name}",
                    2,
                    4,
                )
            )
        if len(self.told.limits) > SHOWN:
            lines_.append(f"  {len(self.told.limits) - SHOWN} more")
        return "\n".join([*lines_, *([self._prices()] if self.told.prices else [])])

    def _prices(self) -> str:
        told = [f"{number(price.price, 3)} {price.unit} at {price.place}" for price in self.told.prices]
        return (
            f"Nodal price of {self.told.prices[0].carrier}, mean over the hours: {', '.join(told)}."
            if told
            else ""
        )

    def _behind(self) -> str:
        if not self.told.behind:
            return ""
        lines_ = ["Rows of the case behind it"]
        for row in self.told.behind[:SHOWN]:
            cells = ", ".join(f"{name} {text}" for name, text in row.cells.items())
            share = f"{row.share:.1%} goes through it; " if row.share else ""
            grade = f" [{row.grade}]" if row.grade else ""
            lines_.append(
                self._wrap(
                    f"{row.table} {row.key}{grade} {row.name}".rstrip()
                    + f": {share}{textwrap.shorten(cells, 400)}",
                    2,
                    4,
                )
            )
            lines_.append(
                self._wrap(f"source: {'; '.join(row.sources) or 'none'} ({row.file} row {row.line})", 6, 8)
            )
            if row.note:
                lines_.append(self._wrap(f"note: {textwrap.shorten(row.note, 300)}", 6, 8))
        if len(self.told.behind) > SHOWN:
            lines_.append(f"  {len(self.told.behind) - SHOWN} more; all of them with --json")
        return "\n".join(lines_)

    def _sources(self) -> str:
        if not self.told.sources:
            return ""
        shown = dict.fromkeys(word for row in self.told.behind[:SHOWN] for word in row.sources)
        lines_ = ["Sources"]
        for source in self.told.sources:
            if source.source in shown:
                known = [source.title, source.publisher, source.date, source.url]
                lines_.append(
                    self._wrap(f"{source.source}: " + ", ".join(word for word in known if word), 2, 4)
                )
        return "\n".join(lines_)

    def _made(self) -> str:
        made = self.told.made_by
        fields = ", ".join(f"{name} {_short(value)}" for name, value in made["fields"].items())
        rules = ", ".join(f"{name} rule {rule}" for name, rule in dict(made["rules"]).items())
        words = [
            f"study {made['study']}",
            fields,
            f"case {made['case']} {made['fingerprint']}",
            rules,
            f"kelisim {made['version']}".strip(),
        ]
        return self._wrap("Made by: " + "; ".join(word for word in words if word) + ".", 0, 2)


def _short(value: Any) -> str:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    return word_of(value)
