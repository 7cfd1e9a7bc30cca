"""A case whose texts attack whoever shows them: markup, script, formulas, templates, in every column that holds free text."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case, to_text

# each calls ran(), which a page that is tested has; the number says which of them it was
ATTACKS = (
    "<script>ran(1)</script>",
    "' onmouseover='ran(3)' x='",
    "</script><script>ran(4)</script>",
    '<a href="javascript:ran(5)">go</a>',
    "javascript:ran(6)",
    "[go](javascript:ran(7))",
    "`${ran(8)}`",
    "{{constructor.constructor('ran(9)')()}}",
    "a\u2028ran(10)//",
    '" :onclick="ran(11)" @click="ran(11)',
    "</style><svg onload=ran(12)>",
    "#fff;background:url(javascript:ran(13))",
    "{0.__class__} %s %{x} {name}",
    '=HYPERLINK("http://127.0.0.1:1/","go")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "[/b][red]",
    "\\",
)
CORE = "'\"><img src=x onerror=ran(2)>"  # in every text: out of an attribute, and an element that shows that it came through
# what these hold has a meaning of its own, and a check says so
MEANT = {
    "acts_on", "compare_with", "element", "target", "table", "period", "use", "effect_period", "builds", "withdrawal_curve",
    "clock", "diameter_mm", "trigger", "obligor", "beneficiary", "metric", "gate", "sources", "aid", "topic", "may_curtail", "instead", "unit", "effect_unit", "price_unit",
}  # fmt: skip
GROUPS = {"shared_with", "kirchhoff_group"}  # an empty one is none


def hostile(case: Case) -> Case:
    """The case with an attack before every free text, the title and the credits; checked as a folder of files would be.

    Equal texts of a column stay equal: some name a group.
    """
    attacks = cycle(ATTACKS)
    chosen: dict[tuple[str, str], str] = {}
    tables: dict[str, pd.DataFrame] = {}
    for name in dict.fromkeys([*case.tables, *schema.KIND_TABLES]):  # kinds that every case has too
        table = schema.tables()[name]
        text = to_text(table, case.table(name))
        for column in table.columns:
            if (
                column.type == "text"
                and column.name not in MEANT
                and not column.is_key
                and not is_code(name, column.name)
            ):
                cells = [(column.name, cell) for cell in text[column.name]]
                chosen |= {
                    one: f"{next(attacks)} {CORE} {one[1]}".strip()
                    for one in dict.fromkeys(cells)
                    if one not in chosen
                }
                text[column.name] = [chosen[one] if one[1] or one[0] not in GROUPS else "" for one in cells]
        tables[name] = text
    settings: dict[str, Any] = {**case.settings, "title": " ".join(ATTACKS), "licence": " ".join(ATTACKS)}
    settings["display"] = {"credits": list(ATTACKS)}
    return require(assemble(settings, tables, dict(case.files)))


def is_code(table: str, column: str) -> bool:
    """Whether a column of text holds codes that are matched."""
    return column == "country" or (table, column) in {("places", "region"), ("observations", "carrier")}
