"""What may come in the year that is planned for, read from short words.

    as_planned           the year as the case has it
    demand:1.1           all demand times a number
    price:ELEMENT:1.3    the cost of an asset, or the price of a market, times a number
    outage:ELEMENT       a link, asset or storage out of service all year
    late:PROJECT         a project that is paid for and not in service yet
    scenario:NAME        a scenario of the case; NAME:low and NAME:high take an end of its ranges
    sanctions:DAY        the rules of trade in force on that day, kept all year (rules.py); DAY:AUTHORITY those of one
    listed:ENTITY        a company that may not be dealt with all year (rules.py)

Several of them together are joined by +, and each outlook has a probability: `demand:1.1+outage:pipe=0.2`. Outlooks from a file are
read in files.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.change import Change, Dated, Outage
from kelisim.case.dated import keys
from kelisim.case.scenarios import ENDS, changes_under, names
from kelisim.errors import CaseError, StudyError
from kelisim.results.facts import Fact, said
from kelisim.tolerances import INPUT_SHARES

PLANNED, DEMAND, PRICE, LOST, LATE = "as_planned", "demand", "price", "outage", "late"
SCENARIO, SANCTIONS, LISTED, ROW = "scenario", "sanctions", "listed", "row"
COUNTS = {  # words that follow each kind, at least and at most
    PLANNED: (0, 0),
    DEMAND: (1, 1),
    PRICE: (2, 2),
    LOST: (1, 1),
    LATE: (1, 1),
    SCENARIO: (1, 2),
    SANCTIONS: (1, 2),
    LISTED: (1, 1),
}
KINDS = tuple(COUNTS)
PRICED = {"markets": "price", "assets": "cost"}
OUT = ("links", "assets", "storages")
EXAMPLES = "as_planned=0.5, demand:1.1=0.2, price:ELEMENT:1.3=0.1, outage:ELEMENT=0.1, late:PROJECT=0.1"


@dataclass(frozen=True)
class OutlookPart:
    """One thing that is otherwise than in the case.

    of       element, project, scenario, company, or day of the rules
    factor   of demand or price
    table    of the element
    by       end of the range of a scenario, or authority of the rules
    changes  of the case, where it is known what they are
    """

    kind: str
    of: str = ""
    factor: float = 1.0
    table: str = ""
    by: str = ""
    changes: tuple[Change, ...] = ()


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

    def with_units(self, units: Mapping[str, Sequence[str]]) -> ComingYear:
        """The same of projects with several units: all of them are late."""
        more = [OutlookPart(LATE, one) for name in self.late for one in units.get(name, ()) if one != name]
        return replace(self, parts=(*self.parts, *more))

    def outages(self) -> list[Outage]:
        """All that is out of service, each with its share and days."""
        own = [Outage(part.of, table=part.table) for part in self.parts if part.kind == LOST]
        return own + [one for part in self.parts for one in part.changes if isinstance(one, Outage)]

    def dated(self) -> list[Dated]:
        """All that has another value, of prices and of anything else."""
        own = [
            Dated(part.table, (part.of,), PRICED[part.table], part.factor, how="scale")
            for part in self.parts
            if part.kind == PRICE
        ]
        return own + [one for part in self.parts for one in part.changes if isinstance(one, Dated)]


def outlook_said(text: str) -> Fact:
    """An outlook in words, from how it is written; one of a file by its name."""
    written = [word.strip().split(":") for word in text.split("+")]
    if not all(_fits(kind, rest) for kind, *rest in written):
        return said("investment.coming_named", name=text)
    return said("investment.coming", parts=[_said(kind, rest) for kind, *rest in written])


def _fits(kind: str, rest: list[str]) -> bool:
    """Whether a kind of outlook is followed by as many words."""
    least, most = COUNTS.get(kind, (0, -1))
    return least <= len(rest) <= most


def _said(kind: str, rest: list[str]) -> Fact:
    of = rest[0] if kind not in (PLANNED, DEMAND) else ""
    factor = float(rest[-1]) if kind in (PRICE, DEMAND) else 1.0
    by = rest[1] if kind in (SCENARIO, SANCTIONS) and len(rest) > 1 else ""
    say = f"investment.coming_{kind}"
    if by:
        say += f"_{by}" if kind == SCENARIO else "_by"
    return said(say, of=of, factor=factor, by=by)


def coming_years(
    case: Case, texts: tuple[str, ...], projects: tuple[str, ...], wrong: list[str]
) -> list[ComingYear]:
    """The outlooks that were asked for, their probabilities brought to 1; what cannot be read goes into `wrong`."""
    found = []
    for text in texts:
        written, _, number = text.partition("=")
        probability = probability_of(number)
        if probability is None:
            wrong.append(f'scenarios: "{text}" has no probability between 0 and 1, such as {EXAMPLES}.')
            continue
        parts = [part_of(case, word.strip(), projects, wrong) for word in written.split("+")]
        found.append(ComingYear(written.strip(), probability, tuple(part for part in parts if part)))
    if not texts:
        wrong.append(f"scenarios: name one at least, such as {EXAMPLES}.")
    elif len({one.text for one in found}) != len(found):
        wrong.append("scenarios: each once.")
    return summing_to_one(found, len(texts), "scenarios", wrong)


def probability_of(text: str) -> float | None:
    """A probability above 0 and up to 1; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 < value <= 1.0 else None


def summing_to_one(found: list[ComingYear], asked: int, field: str, wrong: list[str]) -> list[ComingYear]:
    """The outlooks with probabilities that sum to 1 exactly; where all were read and they do not, that goes into `wrong`."""
    whole = sum(one.probability for one in found)
    if found and len(found) == asked and abs(whole - 1.0) > INPUT_SHARES:
        wrong.append(f"{field}: the probabilities sum to {whole:g}, not to 1.")
    return [ComingYear(one.text, one.probability / whole, one.parts) for one in found]


def part_of(case: Case, word: str, projects: tuple[str, ...], wrong: list[str]) -> OutlookPart | None:
    """One word of an outlook; what cannot be read goes into `wrong`."""
    kind, *rest = word.split(":")
    if not _fits(kind, rest):
        near = schema.nearest(kind, KINDS)
        hint = f' Did you mean "{near}"?' if near and near != kind else f" Known: {EXAMPLES}."
        wrong.append(f'scenarios: "{word}" cannot be read.{hint}')
        return None
    if kind in (DEMAND, PRICE):
        return _scaled(case, kind, word, rest, wrong)
    if kind == LATE:
        is_known = _is_known(rest[0], list(projects), "project asked about", word, wrong)
        return OutlookPart(kind, rest[0]) if is_known else None
    if kind == LOST:
        tables = {str(element): table for table in OUT for element in keys(case, table)}
        if not _is_known(rest[0], tables, "link, asset or storage", word, wrong):
            return None
        return OutlookPart(kind, rest[0], table=tables[rest[0]])
    if kind == SCENARIO:
        return _scenario(case, word, rest, wrong)
    if kind == SANCTIONS:
        return _sanctions(case, word, rest, wrong)
    if kind == LISTED:
        entities = sorted(set(case.table("entities")["entity"]))
        return (
            OutlookPart(kind, rest[0])
            if _is_known(rest[0], entities, "company of the table entities", word, wrong)
            else None
        )
    return OutlookPart(kind)


def _scaled(case: Case, kind: str, word: str, rest: list[str], wrong: list[str]) -> OutlookPart | None:
    """Demand or a price times a number."""
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


def _scenario(case: Case, word: str, rest: list[str], wrong: list[str]) -> OutlookPart | None:
    """A scenario of the case as changes."""
    name, end = rest[0], rest[1] if len(rest) > 1 else ""
    if not _is_known(name, names(case), "scenario of the case", word, wrong):
        return None
    if end not in ("", *ENDS):
        wrong.append(f'scenarios: "{word}" ends in neither :low nor :high.')
        return None
    try:
        return OutlookPart(SCENARIO, name, by=end, changes=tuple(changes_under(case, name, end)))
    except (StudyError, CaseError) as error:
        wrong.append(f"scenarios: {error}")
        return None


def _sanctions(case: Case, word: str, rest: list[str], wrong: list[str]) -> OutlookPart | None:
    """Rules of a day, of one authority or of all."""
    try:
        date.fromisoformat(rest[0])
    except ValueError:
        wrong.append(f'scenarios: "{rest[0]}" in "{word}" is no day, such as 2025-11-30.')
        return None
    rules = case.table("restrictions")
    known = sorted(
        {str(one) for one in rules["authority"].where(rules["authority"] != "", rules["programme"])}
    )
    if len(rest) > 1 and not _is_known(rest[1], known, "authority of the table restrictions", word, wrong):
        return None
    return OutlookPart(SANCTIONS, rest[0], by=rest[1] if len(rest) > 1 else "")


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
