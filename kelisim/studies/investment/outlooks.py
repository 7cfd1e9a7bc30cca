"""What may come in the year that is planned for, read from short words.

    as_planned          the year as the case has it
    demand:1.1          all demand times a number
    price:ELEMENT:1.3   the cost of an asset, or the price of a market, times a number
    outage:ELEMENT      a link, asset or storage out of service all year
    late:PROJECT        a project that is paid for and not in service yet

Several of them together are joined by +, and each outlook has a probability: `demand:1.1+outage:pipe=0.2`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.change import Dated, Outage
from kelisim.case.dated import keys
from kelisim.results.facts import Fact, said
from kelisim.tolerances import INPUT_SHARES

PLANNED, DEMAND, PRICE, LOST, LATE = "as_planned", "demand", "price", "outage", "late"
KINDS = (PLANNED, DEMAND, PRICE, LOST, LATE)
PRICED = {"markets": "price", "assets": "cost"}
OUT = ("links", "assets", "storages")
EXAMPLES = "as_planned=0.5, demand:1.1=0.2, price:ELEMENT:1.3=0.1, outage:ELEMENT=0.1, late:PROJECT=0.1"


@dataclass(frozen=True)
class OutlookPart:
    """One thing that is otherwise than in the case.

    of      element or project
    factor  of demand or price
    table   of the element
    """

    kind: str
    of: str = ""
    factor: float = 1.0
    table: str = ""


@dataclass(frozen=True)
class ComingYear:
    """An outlook as it was written, its probability and what it is made of."""

    text: str
    probability: float
    parts: tuple[OutlookPart, ...]

    @property
    def demand(self) -> float:
        """Factor of all demand."""
        found = 1.0
        for part in self.parts:
            found *= part.factor if part.kind == DEMAND else 1.0
        return found

    @property
    def late(self) -> frozenset[str]:
        return frozenset(part.of for part in self.parts if part.kind == LATE)

    def outages(self) -> list[Outage]:
        return [Outage(part.of, table=part.table) for part in self.parts if part.kind == LOST]

    def prices(self) -> list[Dated]:
        return [
            Dated(part.table, (part.of,), PRICED[part.table], part.factor, how="scale")
            for part in self.parts
            if part.kind == PRICE
        ]


def outlook_said(text: str) -> Fact:
    """An outlook in words, from how it is written."""
    said_parts = []
    for word in text.split("+"):
        kind, *rest = word.strip().split(":")
        of = rest[0] if kind in (PRICE, LOST, LATE) else ""
        factor = float(rest[-1]) if kind in (PRICE, DEMAND) else 1.0
        said_parts.append(said(f"investment.coming_{kind}", of=of, factor=factor))
    return said("investment.coming", parts=said_parts)


def coming_years(
    case: Case, texts: tuple[str, ...], projects: tuple[str, ...], wrong: list[str]
) -> list[ComingYear]:
    """The outlooks that were asked for, their probabilities brought to 1; what cannot be read goes into `wrong`."""
    found = []
    for text in texts:
        written, _, number = text.partition("=")
        try:
            probability = float(number)
        except ValueError:
            probability = -1.0
        if not 0.0 < probability <= 1.0:
            wrong.append(f'scenarios: "{text}" has no probability between 0 and 1, such as {EXAMPLES}.')
            continue
        parts = [_part(case, word.strip(), projects, wrong) for word in written.split("+")]
        found.append(ComingYear(written.strip(), probability, tuple(part for part in parts if part)))
    whole = sum(one.probability for one in found)
    if not texts:
        wrong.append(f"scenarios: name one at least, such as {EXAMPLES}.")
    elif len({one.text for one in found}) != len(found):
        wrong.append("scenarios: each once.")
    elif len(found) == len(texts) and abs(whole - 1.0) > INPUT_SHARES:
        wrong.append(f"scenarios: the probabilities sum to {whole:g}, not to 1.")
    return [ComingYear(one.text, one.probability / whole, one.parts) for one in found]


def _part(case: Case, word: str, projects: tuple[str, ...], wrong: list[str]) -> OutlookPart | None:
    kind, *rest = word.split(":")
    if kind not in KINDS or len(rest) != {PLANNED: 0, PRICE: 2}.get(kind, 1):
        near = schema.nearest(kind, KINDS)
        hint = f' Did you mean "{near}"?' if near and near != kind else f" Known: {EXAMPLES}."
        wrong.append(f'scenarios: "{word}" cannot be read.{hint}')
        return None
    if kind in (DEMAND, PRICE):
        factor = _factor(rest[-1])
        if factor is None:
            wrong.append(f'scenarios: "{rest[-1]}" in "{word}" is no factor above 0 and up to 10.')
            return None
        if kind == DEMAND:
            return OutlookPart(kind, "", factor)
        tables = {str(element): table for table in PRICED for element in keys(case, table)}
        if not _is_known(rest[0], tables, "asset or market", word, wrong):
            return None
        return OutlookPart(kind, rest[0], factor, tables[rest[0]])
    if kind == LATE:
        known_projects = list(projects)
        return (
            OutlookPart(kind, rest[0])
            if _is_known(rest[0], known_projects, "project asked about", word, wrong)
            else None
        )
    if kind == LOST:
        tables = {str(element): table for table in OUT for element in keys(case, table)}
        if not _is_known(rest[0], tables, "link, asset or storage", word, wrong):
            return None
        return OutlookPart(kind, rest[0], table=tables[rest[0]])
    return OutlookPart(kind)


def _factor(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 < value <= 10.0 else None


def _is_known(name: str, known: Collection[str], what: str, word: str, wrong: list[str]) -> bool:
    if name in known:
        return True
    near = schema.nearest(name, list(known))
    hint = f' Did you mean "{near}"?' if near else f" Known: {schema.some(list(known))}."
    wrong.append(f'scenarios: "{name}" in "{word}" is no {what}.{hint}')
    return False
