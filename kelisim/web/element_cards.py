"""What the page says of one element: what it does that day, who owns it, where the numbers are from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kelisim.report.numbers import NONE as DASH
from kelisim.report.numbers import first_lower, listed, percent, text_of
from kelisim.tolerances import FIGURE_CHANGE, NO_POWER
from kelisim.web.map_geometry import DrawnWay, MapGeometry
from kelisim.web.map_state import class_name
from kelisim.web.session import MapSession, Reply
from kelisim.web.texts import text

MOST_THINGS = 40


@dataclass(frozen=True)
class Thing:
    """Something at a place that can be chosen instead: its key, name, and a word on it."""

    key: str
    name: str
    word: str


@dataclass(frozen=True)
class Card:
    """One element in words; `key` is what a cut of it names."""

    key: str
    name: str
    kind: str
    facts: list[tuple[str, str]]
    grade: str = ""
    source: str = ""
    families: tuple[str, ...] = ()
    things: list[Thing] = field(default_factory=list)


class Cards:
    """Cards of the elements of one solved case."""

    def __init__(self, plan: MapSession, sheet: MapGeometry) -> None:
        self.plan, self.sheet, self.book = plan, sheet, plan.book
        self._rows: dict[str, tuple[str, pd.Series]] = {}
        for table, key in (("assets", "asset"), ("storages", "storage"), ("places", "place")):
            for _, row in plan.case.table(table).iterrows():
                self._rows.setdefault(str(row[key]), (table, row))

    def known(self, key: str) -> bool:
        return key in self.sheet.by_key or key in self._rows

    def name(self, key: str) -> str:
        """What people call an element or shared track."""
        if key in self.sheet.by_key:
            return self.sheet.by_key[key][0].name
        if key in self._rows:
            return self.book.element(self._rows[key][0], key)
        return key

    def choices(self) -> dict[str, str]:
        """Key -> words to search for, in the order of names."""
        found = {}
        for key, ways in self.sheet.by_key.items():
            families = listed([first_lower(self.book.family_name(way.family)) for way in ways])
            found[key] = f"{ways[0].name} ({families})"
        for key, (table, row) in self._rows.items():
            if table == "places":
                if key in self.sheet.layout.points:
                    found[key] = text("find.place", name=self.book.place(key))
                continue
            kind = first_lower(self._kind(table, row))
            where = self.book.short_place(row["place"])
            name = self.book.element(table, key)
            found[key] = f"{name} ({kind})" if where.split()[0] in name else f"{name} ({kind}, {where})"
        return dict(sorted(found.items(), key=lambda pair: (pair[1].lower(), pair[0])))

    def _kind(self, table: str, row: pd.Series) -> str:
        """What an asset or a storage is."""
        return self.book.kind("asset_kinds", row["kind"]) if table == "assets" else text("card.storage")

    def card(self, key: str, step: int, reply: Reply | None, family: str = "") -> Card | None:
        """The card of an element in a step; None for one that is not known."""
        asked = reply if reply is not None and reply.holds(step) else None
        if key in self.sheet.by_key:
            ways = self.sheet.by_key[key]
            return self._way(next((way for way in ways if way.family == family), ways[0]), ways, step, asked)
        if key not in self._rows:
            return None
        table, row = self._rows[key]
        if table == "assets":
            return self._asset(key, row, step, asked)
        if table == "storages":
            return self._storage(key, row, step, asked)
        return self._place(key, step, asked)

    # ---- links
    def _way(self, way: DrawnWay, ways: list[DrawnWay], step: int, reply: Reply | None) -> Card:
        plan, links = self.plan, self.plan.links
        track = list(way.track)
        first = links.iloc[track[0]]
        flow, loading = plan.flow[:, step], plan.loading[:, step]
        base = flow
        if reply is not None:
            flow, base, loading = reply.flow(step)
        facts: list[tuple[str, str]] = []
        moving = [at for at in track if max(abs(flow[at]), abs(base[at])) > NO_POWER]
        if not moving:
            facts.append(
                (
                    text("card.flow"),
                    text("card.none_in", when=plan.time.when(plan.time.step_of(step)))
                    + self._part(str(links["carrier"].iloc[track[0]]), step),
                )
            )
        for at in moving[:4]:
            carrier = str(links["carrier"].iloc[at])
            target = way.end if flow[at] >= 0 else way.start
            words = (
                text("card.to", rate=plan.rate(carrier, abs(flow[at])), place=self.book.place(target))
                if abs(flow[at]) > NO_POWER
                else text("card.none")
            )
            if reply is not None and abs(abs(flow[at]) - abs(base[at])) > NO_POWER:
                words += text("card.planned", rate=plan.rate(carrier, abs(base[at])))
            name = text("card.flow") if len(track) == 1 else self.book.carrier(carrier)
            facts.append((name, words + self._part(carrier, step)))
        facts.append((text("card.loading"), percent(min(float(loading[track].sum()), 1.0))))
        carrier = str(first["carrier"])
        capacity = plan.rate(carrier, float(plan.most[track[0], step]))
        back = float(plan.most_back[track[0], step])
        facts.append(
            (
                text("card.capacity"),
                capacity + (text("card.back", rate=plan.rate(carrier, back)) if back > NO_POWER else ""),
            )
        )
        facts.append((text("card.from_to"), f"{self.book.place(way.start)}, {self.book.place(way.end)}"))
        facts += self._owner([str(links["link"].iloc[at]) for at in track])
        kind = self.book.kind("link_kinds", first["kind"])
        names = [self.book.carrier_in_text(links["carrier"].iloc[at]) for at in track]
        goods = names[0] if len(track) == 1 else text("card.track", names=listed(names))
        families = tuple(w.family for w in ways)
        return Card(way.key, way.name, f"{kind}: {goods}", facts, *self._evidence(first), families)

    # ---- plants, fields, mines
    def _asset(self, key: str, row: pd.Series, step: int, reply: Reply | None) -> Card:
        plan, answer = self.plan, self.plan.engine.base
        carrier = plan.case.reference_carriers.get(key, "")
        activity = float(answer.power("assets.activity", [key])[0, step])
        most = float(answer.upper("assets.activity", [key])[0, step])
        planned = activity
        if reply is not None:
            activity = reply.values("assets.activity", "asset", "activity", key).get(step, 0.0)
        ports = plan.case.ports
        ports = ports[ports["asset"] == key]
        units = plan.case.units
        ratios = {
            str(port.carrier): port.ratio * units.ratio(port.unit, port.carrier, carrier or port.carrier)
            for port in ports.itertuples(index=False)
        }
        facts: list[tuple[str, str]] = []
        for name, sign in ((text("card.takes_in"), -1.0), (text("card.makes"), 1.0)):
            mine = {c: sign * ratio for c, ratio in ratios.items() if sign * ratio > 0}
            words = [self._through(c, activity * ratio, planned * ratio, step) for c, ratio in mine.items()]
            if words:
                facts.append((name, listed(words)))
        facts.append((text("card.loading"), percent(min(activity / most, 1.0)) if most > NO_POWER else DASH))
        takes_it = ratios.get(carrier, 1.0) < 0
        facts.append(
            (text("card.could_take_in" if takes_it else "card.could_make"), plan.rate(carrier, most))
        )
        facts.append((text("card.at"), self.book.place(row["place"])))
        facts += self._owner([key])
        families = tuple(dict.fromkeys(self.book.family(c) for c in [carrier, *ports["carrier"]] if c))
        name, kind = self.book.element("assets", key), self.book.kind("asset_kinds", row["kind"])
        return Card(key, name, kind, facts, *self._evidence(row), families)

    def _through(self, carrier: str, power: float, planned: float, step: int) -> str:
        """How much of a carrier goes in or comes out: "4.2 kt/day of diesel"; the plan beside it where that is another."""
        part = self._part(carrier, step).removeprefix(", ")
        when = f" ({part})" if part else ""
        rate, name = self.plan.rate(carrier, power), self.book.carrier_in_text(carrier)
        words = text("card.of", rate=rate, carrier=name) + when
        if abs(power - planned) > max(NO_POWER, FIGURE_CHANGE * planned):
            words += text("card.planned", rate=self.plan.rate(carrier, planned))
        return words

    def _storage(self, key: str, row: pd.Series, step: int, reply: Reply | None) -> Card:
        plan, answer, carrier = self.plan, self.plan.engine.base, str(row["carrier"])
        size = plan.case.quantities("storages").set_index("storage").loc[key]
        level = float(answer.power("storages.level", [key])[0, step]) * answer.mean_hours
        planned = level
        if reply is not None:
            level = reply.values("storages.level", "storage", "level", key).get(step, 0.0)
        words = self.book.amount(level, carrier)
        if abs(level - planned) > 0.005 * max(planned, 1.0):
            words += text("card.planned", rate=self.book.amount(planned, carrier))
        holds, part = float(size["working_capacity"]), self._part(carrier, step).removeprefix(", ")
        facts = [
            (text("card.level", part=part) if part else text(f"card.level_{plan.time.word}"), words),
            (text("card.full"), percent(level / holds) if holds > 0 else DASH),
            (text("card.holds"), self.book.amount(holds, carrier)),
            (text("card.can_give"), plan.rate(carrier, float(size["withdrawal"]))),
            (text("card.can_take"), plan.rate(carrier, float(size["injection"]))),
            (text("card.at"), self.book.place(row["place"])),
            *self._owner([key]),
        ]
        name, kind = (
            self.book.element("storages", key),
            f"{text('card.storage')}: {self.book.carrier_in_text(carrier)}",
        )
        return Card(key, name, kind, facts, *self._evidence(row), (self.book.family(carrier),))

    # ---- places
    def _place(self, key: str, step: int, reply: Reply | None) -> Card:
        plan = self.plan
        demand = plan.case.table("demand")
        rows = np.flatnonzero((demand["place"] == key).to_numpy())
        unserved = reply.unserved(step) if reply is not None else plan.unserved[:, step]
        demanded = reply.demand(step) if reply is not None else plan.demand[:, step]
        facts = []
        for carrier in dict.fromkeys(demand["carrier"].iloc[rows]):
            here = [row for row in rows if demand["carrier"].iloc[row] == carrier]
            wanted, short = float(demanded[here].sum()), float(unserved[here].sum())
            if wanted <= NO_POWER:
                continue
            words = text("card.uses", rate=plan.rate(carrier, wanted))
            if short > NO_POWER:
                classes = [
                    class_name(self.book, demand["customer_class"].iloc[r])
                    for r in here
                    if unserved[r] > NO_POWER
                ]
                rates = {"short": plan.rate(carrier, short), "rate": plan.rate(carrier, wanted)}
                about = {"share": percent(short / wanted), "classes": listed(classes)}
                words = text("card.unserved", **rates, **about)
            facts.append((self.book.carrier(carrier), words + self._part(carrier, step)))
        row = self._rows[key][1]
        country = self.book.country(row["country"])
        return Card(
            key, self.book.place(key), country, facts, *self._evidence(row), (), self._things(key, step)
        )

    def _things(self, place: str, step: int) -> list[Thing]:
        """What stands at a place and what leads to it, the most used first."""
        found: list[tuple[float, Thing]] = []
        answer = self.plan.engine.base
        for key, (table, row) in self._rows.items():
            if table == "assets" and row["place"] == place:
                power = float(answer.power("assets.activity", [key])[0, step])
                carrier = self.plan.case.reference_carriers.get(key, "")
                thing = Thing(key, self.book.element("assets", key), self.plan.rate(carrier, power))
                found.append((power + 1e9, thing))
            elif table == "storages" and row["place"] == place:
                found.append(
                    (2e9, Thing(key, self.book.element("storages", key), first_lower(text("card.storage"))))
                )
        for key, ways in self.sheet.by_key.items():
            way = ways[0]
            if place in (way.start, way.end):
                at = list(way.track)
                power = float(np.abs(self.plan.flow[at, step]).sum())
                if power > NO_POWER or not way.is_far:
                    carrier = str(
                        self.plan.links["carrier"].iloc[max(at, key=lambda i: abs(self.plan.flow[i, step]))]
                    )
                    full = percent(min(float(self.plan.loading[at, step].sum()), 1.0))
                    about = text("card.carrier_full", carrier=self.book.carrier_in_text(carrier), full=full)
                    found.append((power, Thing(key, way.name, about)))
        found.sort(key=lambda pair: (-pair[0], pair[1].key))
        return [thing for _, thing in found[:MOST_THINGS]]

    def _part(self, carrier: str, cell: int) -> str:
        """What is put behind a name whose carrier is in parts of the day: ", evening"."""
        return f", {self.plan.time.words_of(cell)}" if self.plan.time.has_parts([carrier]) else ""

    # ---- owners and sources
    def _evidence(self, row: pd.Series) -> tuple[str, str]:
        """Grade of a row, and where it is from."""
        return text_of(row.get("confidence")), self.book.sources(row.get("source"))

    def _owner(self, elements: list[str]) -> list[tuple[str, str]]:
        owners = self.book.table("owners")
        mine = owners[owners["element"].isin(elements)] if len(owners) else owners
        if mine.empty:
            return [(text("card.owner"), self.book.text("words.not_known"))]
        names = self.book.table("entities").drop_duplicates("entity").set_index("entity")["name"]
        mine = mine.drop_duplicates("entity")
        words = []
        for entity, share in zip(mine["entity"], mine["share"], strict=True):
            part = f" {percent(share)}" if pd.notna(share) and share < 0.9995 else ""
            words.append(f"{names.get(entity, entity)}{part}")
        grades = listed(sorted(set(mine["confidence"].map(text_of)) - {""}))
        return [(text("card.owner"), listed(words) + (text("card.grade", grades=grades) if grades else ""))]
