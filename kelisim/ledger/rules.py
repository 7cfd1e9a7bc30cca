"""Rules of trade and the licences that lift them, each with the days on which it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

# what may be done with somebody, or something, that a rule touches
ACTS = (
    "operate",  # run it, trade with it, send goods through it
    "services",  # supply equipment, drilling, engineering
    "carry",  # carry, insure, finance or broke a cargo at sea
    "import",  # bring goods into the country of the rule
    "pay",  # pay through a bank
    "wind_down",  # end what was begun
    "negotiate",  # talk about a sale and sign what depends on a licence
    "sell_stake",  # sell or transfer the stake
    "divest",  # sell debt, shares or derivatives
)
KINDS = ("entity", "commodity", "origin", "link", "place", "price_cap", "service", "vessel", "payment")
EFFECTS = ("prohibit", "cap_price", "cap_volume", "levy", "risk")
VERDICTS = ("clear", "licence", "judge", "above_cap", "prohibited")  # from the mildest to the worst
PARTS = ("whole", "holder", "origin", "other")
CASE_BY_CASE = "case_by_case"


@dataclass(frozen=True)
class DatedRule:
    """One rule of one authority.

    kind       what it aims at, one of KINDS
    targets    names of entities, links or places
    test       how owners count: summed, single, named (kelisim/ledger/ownership.py)
    threshold  share for that test
    effect     one of EFFECTS; `risk` raises the danger of being listed and forbids nothing
    acts       that it forbids; those of its kind if empty
    carriers, origins, countries  goods, where they come from, and where they arrive or a service is done; of a rule on goods
    value      a price cap, in the money and unit of `price` of subjects
    start, end days from and to which it holds, both included; None is open
    sure_from  first day on which it surely holds, where the day is not known
    """

    name: str
    authority: str
    kind: str
    targets: tuple[str, ...] = ()
    test: str = "named"
    threshold: float = 0.5
    effect: str = "prohibit"
    acts: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    value: float | None = None
    start: date | None = None
    end: date | None = None
    sure_from: date | None = None
    confidence: str = ""


@dataclass(frozen=True)
class DatedLicence:
    """What lifts rules for some time, of an authority: a licence, an exemption, a wind-down, a carve-out by origin.

    lifts      names of rules
    projects   entities or elements for whose business it is given; all if empty
    covers     listed persons whose block is lifted, with what they own; all if empty
    acts       that it allows
    acts_not   that it says it does not allow
    carriers, origins, countries  of goods; all if empty
    conditions codes, such as certificate_of_origin; case_by_case must be asked for each time
    """

    name: str
    authority: str
    lifts: tuple[str, ...]
    acts: tuple[str, ...]
    acts_not: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    sure_from: date | None = None
    confidence: str = ""


@dataclass(frozen=True)
class Subject:
    """What a verdict is asked of.

    table      links, assets, storages, markets, contracts, demand, dealings or entities
    acts       that are asked of it; those that its table knows if empty
    nodes      names in the ownership and the share of it that they stand for: itself and who holds it, or the parties of a contract
    projects   entities and elements in whose business it stands, itself among them
    carrier, origins, feeds, countries, through  what it moves, where that may come from, where that of which it was made may come from,
               where it arrives, what it crosses
    places     that it touches
    is_sea     a cargo at sea
    confidence grade of who its parties are
    price      of what it moves; None if not known
    """

    name: str
    table: str
    nodes: Mapping[str, float] = field(default_factory=dict)
    projects: frozenset[str] = frozenset()
    carrier: str = ""
    origins: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    through: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    is_sea: bool = False
    price: float | None = None
    acts: tuple[str, ...] = ()
    confidence: str = ""


@dataclass(frozen=True)
class Verdict:
    """What one authority says of one act with one subject from a day to a day, both included.

    part       whole: of all of it; holder: of the part of a caught owner who has too little to catch the whole; origin: of goods of the
               origin that the rule names; other: of the rest of them
    verdict    one of VERDICTS
    share      0-1 of the subject that is touched; None where the origin must be traced
    rules, licences  names of the rules that touch it, and of the licences that lift them
    barred     licences in force that say they do not allow this act
    chain      how the owners lead to a listed person: (owner, owned, share)
    doubts     why a person must judge
    conditions of the licences
    confidence the worst grade of the rules, licences and shares behind it
    """

    subject: str
    table: str
    authority: str
    act: str
    part: str
    start: date
    end: date
    verdict: str
    share: float | None = 1.0
    rules: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    chain: tuple[tuple[str, str, float], ...] = ()
    doubts: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    confidence: str = ""


def holds(one: DatedRule | DatedLicence, day: date) -> bool:
    """Whether it may hold on a day."""
    return (one.start is None or one.start <= day) and (one.end is None or day <= one.end)


def is_sure(one: DatedRule | DatedLicence, day: date) -> bool:
    """Whether it surely holds on a day on which it may."""
    return one.sure_from is None or one.sure_from <= day


def turns(found: Iterable[DatedRule | DatedLicence]) -> set[date]:
    """Days on which something begins to hold, surely holds, or has just ended."""
    days: set[date] = set()
    for one in found:
        days |= {day for day in (one.start, one.sure_from) if day is not None}
        if one.end is not None:
            days.add(date.fromordinal(one.end.toordinal() + 1))
    return days
