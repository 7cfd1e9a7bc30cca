"""Tiny cases written as text: `make(days=2, links="link, carrier, ...")` gives a case, or all that is wrong with it.

A case is frozen, and most of the time of a small test is its checks: the same text gives the same case, checked once.
"""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from typing import Any

import pandas as pd

from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case
from kelisim.errors import InputProblem

A = "place, name, country\na, A, KZ"
AB = "place, name, country\na, A, KZ\nb, B, RU"
ABC = "place, name, country\na, A, KZ\nb, B, RU\nc, C, UZ"
# plants whose fuel the case leaves out: a supply, as far as it is concerned
NO_FUEL = "kind, name, group\npower_plant, Power plant, supply\nchp, Combined heat and power plant, supply\nboiler, Boiler house, supply"
NO_FUEL_OF_PLANTS = "kind, name, group\npower_plant, Power plant, supply"


def make(name: str = "tiny", **parts: Any) -> Case:
    """A case from text tables; raises CaseError with all problems.

    days or months  length of the horizon from 1 January 2024 in steps of a day or a month; two days if neither is given.
                    January and February have 744 and 696 hours: 31/30 and 29/30 of their mean of 720
    rules, defaults sections of case.toml
    anything else   a table as aligned CSV text
    """
    return _checked(json.dumps([name, parts]))


@cache
def _checked(text: str) -> Case:
    name, parts = json.loads(text)
    return require(made(name, **parts))


def made(
    name: str = "tiny",
    *,
    days: int = 2,
    months: int = 0,
    rules: dict[str, Any] | None = None,
    defaults: dict[str, Any] | None = None,
    **tables: str,
) -> tuple[Case, list[InputProblem]]:
    """As make, but the case comes with its problems."""
    start = pd.Timestamp(2024, 1, 1)
    after = start + (pd.DateOffset(months=months) if months else pd.DateOffset(days=days))
    horizon = {
        "start": start.date().isoformat(),
        "end": (after - pd.Timedelta(days=1)).date().isoformat(),
        "step": "1mo" if months else "1d",
    }
    settings: dict[str, Any] = {"name": name, "horizon": horizon}
    settings |= {key: part for key, part in (("rules", rules), ("defaults", defaults)) if part}
    return assemble(settings, {key: table(text) for key, text in tables.items()}, {})


def table(text: str) -> pd.DataFrame:
    """Text cells of aligned CSV; the index is the line in the text, the header being line 1."""
    lines = [line.strip() for line in text.strip().splitlines()]
    head, *rows = csv.reader(io.StringIO("\n".join(lines)), skipinitialspace=True)
    cells = [[cell.strip() for cell in row] for row in rows]
    return pd.DataFrame(
        cells, columns=[name.strip() for name in head], index=range(2, len(cells) + 2), dtype=object
    )
