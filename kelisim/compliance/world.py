"""Rules, licences, owners and subjects of a case, as kelisim.ledger judges them.

Where goods may come from is found on the map of the case: from every source its country goes along links that can carry, and along what
plants make of what they take. What a place may receive so is the widest origin; how much of it there is, flows say (exposure.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.errors import StudyError, UnitError
from kelisim.ledger.ownership import Ownership, Shareholding
from kelisim.ledger.rules import ACTS, DatedLicence, DatedRule, Subject
from kelisim.ledger.verdicts import Judge

EU = "EU"
_WEST, _EAST = "AT BE DE DK ES FI FR GR IE IT LU MT NL PT SE", "BG CY CZ EE HR HU LT LV PL RO SI SK"
MEMBERS = frozenset((EU, *_WEST.split(" "), *_EAST.split(" ")))
BARREL = "USD/bbl"  # unit of price caps
SEA = "sea"
KNOWN = ("base", "idle")  # of the status of links
EXPORT = "export_contract"
# words of the form of a company, which a contract leaves out
_FORMS = re.compile(r"\b(pjsc|jsc|llp|llc|gmbh|bv|b v|ltd|nc|company|corporation|state|oil)\b")
Node = tuple[str, str]


def words(cell: Any) -> tuple[str, ...]:
    """Words of a cell that are separated by semicolons."""
    return tuple(word.strip() for word in str(cell).split(";") if word.strip())


def _day(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


@dataclass(frozen=True)
class World:
    """A case as the rules see it."""

    case: Case

    # ---- rules
    @cached_property
    def rules(self) -> tuple[DatedRule, ...]:
        """Rules of trade, of the table restrictions."""
        found = []
        for row in self.case.table("restrictions").itertuples(index=False):
            found.append(
                DatedRule(
                    row.restriction,
                    row.authority or row.programme,
                    row.target_type,
                    words(row.target),
                    row.ownership_test or "named",
                    0.5 if pd.isna(row.threshold) else float(row.threshold),
                    row.effect,
                    words(row.acts),
                    words(row.carriers),
                    words(row.origins),
                    words(row.countries),
                    self._cap(row.value, row.unit) if row.effect == "cap_price" else None,
                    _day(row.start),
                    _day(row.end),
                    _day(row.sure_from),
                    row.confidence,
                )
            )
        return tuple(found)

    @cached_property
    def licences(self) -> tuple[DatedLicence, ...]:
        """Licences and carve-outs, of the table licences."""
        return tuple(
            DatedLicence(
                row.licence,
                row.authority,
                words(row.lifts),
                words(row.acts),
                words(row.acts_not),
                words(row.projects),
                words(row.covers),
                words(row.carriers),
                words(row.origins),
                words(row.countries),
                words(row.conditions),
                _day(row.start),
                _day(row.end),
                _day(row.sure_from),
                row.confidence,
            )
            for row in self.case.table("licences").itertuples(index=False)
        )

    @cached_property
    def judge(self) -> Judge:
        """All of it, ready to be asked. Raises StudyError with every name and act that is not known."""
        known = {rule.name for rule in self.rules}
        wrong = []
        for licence in self.licences:
            for what, name, names in (
                *(("lifts", name, known) for name in licence.lifts),
                *(("acts", name, set(ACTS)) for name in (*licence.acts, *licence.acts_not)),
            ):
                if name not in names:
                    near = schema.nearest(name, names)
                    hint = f' Did you mean "{near}"?' if near else ""
                    wrong.append(f'licences, {what} of {licence.name}: "{name}" is not known.{hint}')
        for rule in self.rules:
            wrong += [
                f'restrictions, acts of {rule.name}: "{name}" is not known.'
                for name in rule.acts
                if name not in ACTS
            ]
        if wrong:
            raise StudyError("\n".join(wrong))
        return Judge(self.rules, self.licences, self.ownership)

    def _cap(self, value: float, unit: str) -> float | None:
        """A cap in money per MWh of crude; None if it has no value."""
        return None if pd.isna(value) else float(value) * self._per_barrel(unit)

    def _per_barrel(self, unit: str) -> float:
        try:
            return self.case.units.factor(unit or BARREL, "energy_price", "crude")
        except UnitError:
            return 1.0

    # ---- owners
    @cached_property
    def ownership(self) -> Ownership:
        """Shares of companies in each other, and in the elements of the case."""
        entities, owners = self.case.table("entities"), self.case.table("owners")
        held = [
            Shareholding(
                row.parent,
                row.entity,
                0.0 if pd.isna(row.parent_share) else min(float(row.parent_share), 1.0),
                _day(row.start),
                _day(row.end),
                source=row.source,
                confidence=row.confidence,
            )
            for row in entities.itertuples(index=False)
            if row.parent
        ]
        held += [
            Shareholding(
                row.entity,
                row.element,
                min(float(row.share), 1.0),
                _day(row.start),
                _day(row.end),
                source=row.source,
                confidence=row.confidence,
            )
            for row in owners.itertuples(index=False)
        ]
        return Ownership(held, [*entities["entity"], *owners["element"]])

    @cached_property
    def _entity_of(self) -> dict[str, str]:
        """Entity by its identifier, its name, and its name without the form of the company."""
        found: dict[str, str] = {}
        for row in self.case.table("entities").itertuples(index=False):
            for name in (row.entity, row.name, plain_name(row.name)):
                found.setdefault(name, row.entity)
        return found

    def party(self, name: str) -> str:
        """Entity of a party to a contract; empty if it is not known."""
        return self._entity_of.get(name) or self._entity_of.get(plain_name(name), "")

    def seat(self, name: str) -> str:
        """Country of a party: of the company, or the country itself that is named; empty if not known."""
        seats = self.case.table("entities").drop_duplicates("entity").set_index("entity")["country"]
        entity = self.party(name)
        if entity:
            return str(seats[entity])
        return name if name in set(self.country.values()) else ""

    @cached_property
    def home(self) -> str:
        """The home country; empty where the case names none."""
        return str(self.case.setting("defaults", "home"))

    def is_home(self, subject: Subject) -> bool:
        """Whether something stands at home, or its goods come from there or cross it."""
        own = subject.origins | subject.through | subject.countries
        return not self.home or self.home in own or subject.table == "dealings"

    @cached_property
    def _held_by(self) -> dict[str, dict[str, float]]:
        """Element -> its owners and their shares."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for row in self.case.table("owners").itertuples(index=False):
            found[row.element][row.entity] = float(row.share)
        return found

    def _nodes(self, element: str) -> dict[str, float]:
        return {element: 1.0, **self._held_by.get(element, {})}

    @cached_property
    def _holders(self) -> dict[str, set[str]]:
        """Element -> companies that hold half of it or more: in their business it stands."""
        owners = self.case.table("owners")
        found: dict[str, set[str]] = defaultdict(set)
        for row in owners[owners["share"] >= 0.5].itertuples(index=False):
            found[row.element].add(row.entity)
        return found

    # ---- goods
    @cached_property
    def country(self) -> dict[str, str]:
        places = self.case.table("places")
        return dict(zip(places["place"], places["country"].astype(str), strict=True))

    @cached_property
    def _reach(self) -> tuple[dict[Node, set[str]], dict[Node, set[str]], dict[Node, set[str]]]:
        """For each place and carrier: countries of its sources, of what its goods were made of, and countries crossed on the way."""
        onward = self._ways()
        origins: dict[Node, set[str]] = defaultdict(set)
        feeds: dict[Node, set[str]] = defaultdict(set)
        through: dict[Node, set[str]] = defaultdict(set)
        made = self._made()
        for node, is_source in made.sources:
            origins[node].add(self.country[node[0]])
            if is_source:
                feeds[node].add(self.country[node[0]])
        queue = list(dict.fromkeys(node for node, _ in made.sources))
        while queue:
            node = queue.pop()
            passed = through[node] | {self.country[node[0]]}
            for end in onward.get(node, ()):
                grew = (
                    not origins[node] <= origins[end]
                    or not feeds[node] <= feeds[end]
                    or not passed <= through[end]
                )
                if grew:
                    origins[end] |= origins[node]
                    feeds[end] |= feeds[node]
                    through[end] |= passed
                    queue.append(end)
            for end in made.turned.get(node, ()):
                if not feeds[node] <= feeds[end]:
                    feeds[end] |= feeds[node]
                    queue.append(end)
        return origins, feeds, through

    def _ways(self) -> dict[Node, set[Node]]:
        links = self.case.table("links")
        links = links[links["status"] == "base"]
        found: dict[Node, set[Node]] = defaultdict(set)
        for row in links.itertuples(index=False):
            if row.capacity > 0:
                found[row.from_place, row.carrier].add((row.to_place, row.carrier))
            if row.capacity_back > 0:
                found[row.to_place, row.carrier].add((row.from_place, row.carrier))
        return found

    def _made(self) -> _Made:
        """Nodes where something is made; whether of nothing, or of what is taken there."""
        place = dict(self.case.table("assets")[["asset", "place"]].itertuples(index=False))
        outs: dict[str, list[Node]] = defaultdict(list)
        takes: dict[str, list[Node]] = defaultdict(list)
        for row in self.case.ports.itertuples(index=False):
            (outs if row.ratio > 0 else takes)[row.asset].append((place[row.asset], row.carrier))
        sources = [(node, not takes[asset]) for asset, nodes in outs.items() for node in nodes]
        markets = self.case.table("markets")
        sells = markets[markets["side"] == "sells"]
        sources += [((row.place, row.carrier), True) for row in sells.itertuples(index=False)]
        turned: dict[Node, set[Node]] = defaultdict(set)
        main = self.case.reference_carriers
        for asset, nodes in takes.items():
            own = [
                node for node in nodes if node[1] == main.get(asset)
            ]  # crude, and not the power of the plant
            for node in own or nodes:
                turned[node] |= set(outs[asset])
        return _Made(sources, dict(turned))

    # ---- subjects
    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Links, assets, storages, markets, customers abroad, contracts, dealings and companies of the case."""
        return (
            *self._links(),
            *self._placed(),
            *self._buyers(),
            *self._contracts(),
            *self._dealings(),
            *self._companies(),
        )

    def _goods(self, node: Node, is_turned: bool = True) -> dict[str, Any]:
        origins, feeds, through = self._reach
        return {
            "carrier": node[1],
            "origins": frozenset(origins.get(node, ())),
            "feeds": frozenset(feeds.get(node, ()) if is_turned else ()),
            "through": frozenset(through.get(node, ())),
        }

    def _links(self) -> Iterable[Subject]:
        links = self.case.table("links")
        price = self._prices
        for row in links[links["status"].isin(KNOWN)].itertuples(index=False):
            yield Subject(
                row.link,
                "links",
                self._nodes(row.link),
                frozenset({row.link, *self._holders.get(row.link, ())}),
                **self._goods((row.from_place, row.carrier)),
                countries=self._in(row.from_place, row.to_place),
                places=frozenset({row.from_place, row.to_place}),
                is_sea=row.kind == SEA,
                price=price.get((row.to_place, row.carrier)),
            )

    def _placed(self) -> Iterable[Subject]:
        carrier = self.case.reference_carriers
        for table, key in (("assets", "asset"), ("storages", "storage")):
            for row in self.case.table(table).itertuples(index=False):
                name = getattr(row, key)
                node = (row.place, carrier[name] if table == "assets" else row.carrier)
                yield Subject(
                    name,
                    table,
                    self._nodes(name),
                    frozenset({name, *self._holders.get(name, ())}),
                    **self._goods(node),
                    countries=self._in(row.place),
                    places=frozenset({row.place}),
                )

    def _buyers(self) -> Iterable[Subject]:
        markets = self.case.table("markets")
        for row in markets[markets["side"] == "buys"].itertuples(index=False):
            node = (row.place, row.carrier)
            goods = self._goods(node)
            yield Subject(
                row.market,
                "markets",
                projects=frozenset({row.market, row.place}),
                **goods,
                countries=self._in(row.place),
                places=frozenset({row.place}),
                price=self._prices.get(node),
            )
        demand = self.case.table("demand")
        for row in demand[demand["customer_class"] == EXPORT].itertuples(index=False):
            yield Subject(
                f"{row.place}:{row.carrier}:{row.customer_class}",
                "demand",
                projects=frozenset({row.place}),
                **self._goods((row.place, row.carrier)),
                countries=self._in(row.place),
                places=frozenset({row.place}),
            )

    def _contracts(self) -> Iterable[Subject]:
        links = self.case.table("links").set_index("link")
        for row in self.case.table("contracts").itertuples(index=False):
            over = [link for link in words(row.over) if link in links.index]
            parties = [entity for entity in (self.party(row.seller), self.party(row.buyer)) if entity]
            start = links.at[over[0], "from_place"] if over else row.delivery_place
            business = {company for link in over for company in self._holders.get(link, ())}
            goods = self._goods((start, row.carrier))
            if row.stream and (seat := self.seat(str(row.seller))):  # it mixes with nothing
                goods["origins"] = frozenset({seat})
            yield Subject(
                row.contract,
                "contracts",
                {**dict.fromkeys(business, 1.0), **dict.fromkeys(parties, 1.0)},
                frozenset({row.contract, *over, *business}),
                **goods,
                countries=frozenset(self.country.get(links.at[link, "to_place"], "") for link in over),
                places=frozenset(links.at[link, end] for link in over for end in ("from_place", "to_place")),
            )

    def _dealings(self) -> Iterable[Subject]:
        links = self.case.table("links").set_index("link")
        for row in self.case.table("dealings").itertuples(index=False):
            over = [link for link in words(row.over) if link in links.index]
            ends = [links.at[link, end] for link in over for end in ("from_place", "to_place")]
            goods = self._goods((ends[0], row.carrier)) if over else {"carrier": row.carrier}
            if row.origin:
                goods |= {"origins": frozenset({row.origin}), "feeds": frozenset({row.origin})}
            yield Subject(
                row.dealing,
                "dealings",
                dict.fromkeys(words(row.parties), 1.0),
                frozenset({row.dealing, *words(row.project), *over}),
                **goods,
                countries=frozenset(self.country[place] for place in ends),
                places=frozenset(ends),
                acts=("pay",) if row.act == "pay" else ("operate", "wind_down"),
                confidence=row.confidence,
            )

    def _companies(self) -> Iterable[Subject]:
        for row in self.case.table("entities").drop_duplicates("entity").itertuples(index=False):
            own = frozenset({row.country} - {""})
            yield Subject(row.entity, "entities", {row.entity: 1.0}, frozenset({row.entity}), countries=own)

    def _in(self, *places: str) -> frozenset[str]:
        """Countries of places, with the Union for its members."""
        found = {self.country.get(place, "") for place in places} - {""}
        return frozenset(found | ({EU} if found & MEMBERS else set()))

    @cached_property
    def _prices(self) -> dict[Node, float]:
        """Price that the market at a place pays, money per MWh."""
        markets = self.case.quantities("markets")
        buys = markets[(markets["side"] == "buys") & markets["price"].notna()]
        return {(row.place, row.carrier): float(row.price) for row in buys.itertuples(index=False)}


@dataclass(frozen=True)
class _Made:
    """Nodes with something made there, and whether it is made of nothing; nodes whose goods are turned into others."""

    sources: list[tuple[Node, bool]]
    turned: dict[Node, set[Node]]


def plain_name(name: str) -> str:
    """A company's name without the form of the company, in small letters."""
    small = re.sub(r"[^\w ]", " ", name.lower())
    return " ".join(_FORMS.sub(" ", small).split())
