"""What authorities say of elements, contracts and companies, from day to day: clear, under a licence, for a person to judge, above a cap, prohibited.

Nothing changes between two days on which a rule, a licence or a share begins or ends. So the days asked about are cut into the pieces
between them, and a piece is judged once.

    touched        an owner catches it (ownership), its goods come from an origin, it crosses a place, it is named
    lifted         a licence of the same authority, in force, for that rule, that project, that person, those goods and that act
    prohibited     touched by a rule that nothing lifts
    above_cap      a price cap, and the price lies above it
    judge          only a doubt touches it, a rule or a licence that may hold on that day, or a price that is not known
    licence        touched, and every rule lifted: it may go on as far as the licence goes
    clear          not touched
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kelisim.ledger.ownership import GRADES, Caught, HeldShares, Ownership
from kelisim.ledger.rules import VERDICTS, DatedLicence, DatedRule, Subject, Verdict, holds, is_sure, turns
from kelisim.tolerances import ROUNDING

OWNED_ACTS = ("operate", "wind_down", "negotiate", "sell_stake", "divest")
HELD_ACTS = ("operate", "wind_down", "sell_stake")
OF_COMPANIES = ("negotiate", "divest", "pay")  # acts that are asked of companies only
KIND_ACTS = {
    "commodity": ("import",),
    "origin": ("import",),
    "price_cap": ("carry",),
    "service": ("services",),
    "place": ("operate",),
    "link": ("operate",),
}
Chain = tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class _Hit:
    """One way in which rules touch a subject."""

    rules: tuple[DatedRule, ...]
    acts: tuple[str, ...]
    part: str
    share: float | None
    node: str = ""
    listed: tuple[str, ...] = ()
    chain: Chain = ()
    doubts: tuple[str, ...] = ()
    grade: str = ""
    is_exempt: bool = False  # goods of another origin: touched only as far as that must be shown


class Judge:
    """Rules, licences and owners, ready to be asked."""

    def __init__(
        self, rules: Iterable[DatedRule], licences: Iterable[DatedLicence], owners: Ownership
    ) -> None:
        self.rules = tuple(rules)
        self.licences = tuple(licences)
        self.owners = owners
        self._caught: dict[tuple[object, ...], Caught] = {}
        self._hits: dict[tuple[object, ...], dict[str, list[_Hit]]] = {}

    @property
    def authorities(self) -> list[str]:
        return list(dict.fromkeys(rule.authority for rule in self.rules))

    def pieces(self, start: date, end: date, authority: str) -> list[tuple[date, date]]:
        """The days from start to end, both included, cut where a rule or licence of an authority, or a share, begins or ends."""
        every: tuple[DatedRule | DatedLicence, ...] = (*self.rules, *self.licences)
        found = turns(one for one in every if one.authority == authority) | set(self.owners.changes())
        firsts = sorted({start, *(day for day in found if start < day <= end)})
        lasts = [day - timedelta(days=1) for day in firsts[1:]] + [end]
        return list(zip(firsts, lasts, strict=True))

    def verdicts(self, subjects: Sequence[Subject], start: date, end: date) -> list[Verdict]:
        """Every verdict other than clear, and of what stays clear one for all authorities; in the order of subjects, then authorities.

        Pieces that say the same are put together.
        """
        found: dict[tuple[str, str, str, str, str], list[Verdict]] = defaultdict(list)
        for authority in self.authorities:
            for first, last in self.pieces(start, end, authority):
                for one in self._on(subjects, authority, first, last):
                    key = (one.table, one.subject, one.authority, one.act, one.part)
                    _joined(found[key], one)
        touched = {key[:2] for key in found}
        rows = [one for group in found.values() for one in group]
        rows += [
            Verdict(s.name, s.table, "", "operate", "whole", start, end, "clear")
            for s in subjects
            if (s.table, s.name) not in touched
        ]
        order = {(s.table, s.name): place for place, s in enumerate(subjects)}
        return sorted(rows, key=lambda one: order[one.table, one.subject])

    def on(self, subject: Subject, authority: str, act: str, day: date, part: str = "") -> str:
        """The verdict of one day: the worst of all parts, or that of one part."""
        found = [
            one.verdict
            for one in self._on([subject], authority, day, day)
            if one.act == act and part in ("", one.part)
        ]
        return max(found, key=VERDICTS.index, default="clear")

    # ---- one piece of time
    def _on(self, subjects: Sequence[Subject], authority: str, first: date, last: date) -> Iterator[Verdict]:
        rules = [one for one in self.rules if one.authority == authority and holds(one, first)]
        if not rules:
            return
        licences = [one for one in self.licences if one.authority == authority and holds(one, first)]
        hits = self._of_owners([one for one in rules if one.kind in ("entity", "payment")], first)
        goods = [one for one in rules if one.kind not in ("entity", "payment", "vessel")]
        for subject in subjects:
            own = [
                _scaled(hit, weight) for node, weight in subject.nodes.items() for hit in hits.get(node, ())
            ]
            own += [hit for rule in goods for hit in _of_goods(rule, subject)]
            if own:
                yield from self._judged(subject, authority, own, licences, first, last)

    def _judged(
        self,
        subject: Subject,
        authority: str,
        hits: list[_Hit],
        licences: list[DatedLicence],
        first: date,
        last: date,
    ) -> Iterator[Verdict]:
        """One verdict for each act and part, the worst of its hits."""
        groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
        for hit in hits:
            for act in hit.acts:
                if not _can(subject, act):
                    continue
                one = _verdict(subject, authority, act, hit, licences, first, last)
                if one is not None:
                    groups[act, hit.part].append(one)
        for found in groups.values():
            worst = max(found, key=lambda one: VERDICTS.index(one.verdict))
            alike = [one for one in found if one.verdict == worst.verdict]
            yield _together(worst, alike)

    # ---- owners
    def _of_owners(self, rules: list[DatedRule], day: date) -> dict[str, list[_Hit]]:
        """Hits by node of the ownership, of the rules that list persons."""
        shares = self.owners.on(day)
        key = (id(shares), tuple((one.name, is_sure(one, day)) for one in rules))
        if key in self._hits:
            return self._hits[key]
        found: dict[str, list[_Hit]] = defaultdict(list)
        groups: dict[tuple[str, float], list[DatedRule]] = defaultdict(list)
        for rule in rules:
            if rule.effect != "risk":
                groups[rule.test, rule.threshold].append(rule)
        for (test, threshold), group in groups.items():
            listed = sorted({name for rule in group for name in rule.targets if name in shares.at})
            caught = shares.caught(listed, test, threshold)
            for place, node in enumerate(shares.names):
                for hit in _of_node(shares, caught, group, listed, place):
                    found[node].append(hit)
        self._hits[key] = dict(found)
        return self._hits[key]


def _of_node(
    shares: HeldShares, caught: Caught, rules: list[DatedRule], listed: list[str], place: int
) -> Iterator[_Hit]:
    """How one entity is caught, or held in part by somebody who is."""
    node, counted = shares.names[place], float(caught.held[place])
    is_caught, doubts = bool(caught.is_caught[place]), caught.doubts[place]
    if not is_caught and counted <= ROUNDING and not doubts:
        return
    chain: Chain = tuple(shares.chain(caught, node))
    roots = tuple(name for name in listed if name == node or any(name == owner for owner, _, _ in chain))
    own = tuple(rule for rule in rules if set(rule.targets) & set(roots))
    grade = shares.grade(chain)
    if is_caught:
        acts = (*OWNED_ACTS, "pay", "carry")
        yield _Hit(own, acts, "whole", 1.0, node, roots, chain, (), grade)
        return
    if doubts:
        yield _Hit(own or tuple(rules), OWNED_ACTS, "whole", 1.0, node, roots, chain, doubts, grade)
    if counted > ROUNDING:
        yield _Hit(own, HELD_ACTS, "holder", counted, node, roots, chain, (), grade)


def _can(subject: Subject, act: str) -> bool:
    """Whether an act is asked of such a subject."""
    if subject.acts:
        return act in subject.acts
    if act == "carry":
        return subject.is_sea
    return subject.table == "entities" or act not in OF_COMPANIES


def _scaled(hit: _Hit, weight: float) -> _Hit:
    """A hit of a company, as it touches what that company holds by a share."""
    return hit if hit.share is None else replace(hit, share=hit.share * weight)


def _of_goods(rule: DatedRule, subject: Subject) -> Iterator[_Hit]:
    """How a rule on goods, places, links or services touches a subject."""
    acts = rule.acts or KIND_ACTS[rule.kind]
    if rule.kind == "link":
        if subject.name in rule.targets:
            yield _Hit((rule,), acts, "whole", 1.0)
        return
    if rule.kind == "service":
        is_there = (
            subject.table in ("links", "assets") and not subject.is_sea and subject.carrier in rule.carriers
        )
        if is_there and rule.effect != "risk" and subject.countries & set(rule.countries):
            yield _Hit((rule,), acts, "whole", 1.0)
        return
    if rule.effect == "risk" or not _goods_meet(rule, subject):
        return
    origins = _origins(rule, subject)
    named, others = origins & set(rule.origins), origins - set(rule.origins)
    if named or not rule.origins:
        yield _Hit((rule,), acts, "origin" if others else "whole", None if others else 1.0)
    if others and (named or subject.through & set(rule.origins)):
        yield _Hit((rule,), acts, "other" if named else "whole", None if named else 1.0, is_exempt=True)


def _origins(rule: DatedRule, subject: Subject) -> frozenset[str]:
    """Where goods may come from, or, for a rule on origin, that of which they were made."""
    return subject.feeds if rule.kind == "origin" else subject.origins


def _goods_meet(rule: DatedRule, subject: Subject) -> bool:
    """Whether a rule looks at such goods at such a place at all."""
    if rule.kind == "place":
        return bool(subject.places & set(rule.targets)) and (
            not rule.carriers or subject.carrier in rule.carriers
        )
    if subject.carrier not in rule.carriers:
        return False
    if rule.kind == "price_cap":
        return subject.is_sea
    return subject.table in ("markets", "demand") and bool(subject.countries & set(rule.countries))


def _verdict(
    subject: Subject,
    authority: str,
    act: str,
    hit: _Hit,
    licences: list[DatedLicence],
    first: date,
    last: date,
) -> Verdict | None:
    """The verdict of one hit for one act; None if it is clear."""
    projects = subject.projects | ({hit.node} if hit.node else set())
    fits = [one for one in licences if _fits(one, hit, subject, projects)]
    used, is_sure_of_all = _lifting(hit, act, fits, first)
    doubts, conditions = hit.doubts, tuple(dict.fromkeys(c for one in used for c in one.conditions))
    is_mixed = any(one.origins and not _is_all(one, hit, subject) for one in used)
    if used:
        verdict = "licence" if is_sure_of_all and not is_mixed else "judge"
        doubts += () if is_sure_of_all else ("licence_day",)
        doubts += ("mixed_goods",) if is_mixed else ()
    elif hit.is_exempt:
        return None
    else:
        verdict, more = _unlifted(subject, hit, first)
        doubts += more
    if verdict == "clear":
        return None
    behind: tuple[DatedRule | DatedLicence, ...] = (*hit.rules, *used)
    grades = (subject.confidence, hit.grade, *(one.confidence for one in behind))
    return Verdict(
        subject.name,
        subject.table,
        authority,
        act,
        hit.part,
        first,
        last,
        verdict,
        share=hit.share,
        rules=tuple(rule.name for rule in hit.rules),
        licences=tuple(dict.fromkeys(one.name for one in used)),
        barred=tuple(one.name for one in fits if act in one.acts_not),
        chain=hit.chain,
        doubts=doubts,
        conditions=conditions,
        confidence=max(grades, key=GRADES.index),
    )


def _lifting(hit: _Hit, act: str, fits: list[DatedLicence], day: date) -> tuple[list[DatedLicence], bool]:
    """Licences that lift every rule of a hit for an act, none if one rule stays; and whether they surely hold on the day."""
    used: list[DatedLicence] = []
    is_sure_of_all = True
    for rule in hit.rules:
        lifting = [one for one in fits if rule.name in one.lifts and act in one.acts]
        if not lifting:
            return [], False
        sure = [one for one in lifting if is_sure(one, day)]
        is_sure_of_all &= bool(sure)
        used += sure or lifting
    return used, is_sure_of_all


def _unlifted(subject: Subject, hit: _Hit, day: date) -> tuple[str, tuple[str, ...]]:
    """What a rule says that nothing lifts, and new doubts."""
    if hit.doubts:
        return "judge", ()
    if not any(is_sure(rule, day) for rule in hit.rules):
        return "judge", ("rule_day",)
    if all(rule.effect in ("levy", "cap_volume") for rule in hit.rules):
        return "judge", ("amount",)  # it is allowed, at a price or up to a volume
    caps = [rule.value for rule in hit.rules if rule.effect == "cap_price" and rule.value is not None]
    if not caps:
        return "prohibited", ()
    if subject.price is None:
        return "judge", ("price",)
    return ("above_cap" if subject.price > min(caps) else "clear"), ()


def _fits(licence: DatedLicence, hit: _Hit, subject: Subject, projects: frozenset[str] | set[str]) -> bool:
    """Whether a licence is given for such a project, person and goods."""
    if not any(rule.name in licence.lifts for rule in hit.rules):
        return False
    if licence.projects and not projects & set(licence.projects):
        return False
    if licence.covers and hit.listed and not set(hit.listed) & set(licence.covers):
        return False
    is_open = hit.node and not subject.carrier  # a company, of whose goods nothing is said
    if licence.carriers and not is_open and subject.carrier not in licence.carriers:
        return False
    if licence.countries and not subject.countries & set(licence.countries):
        return False
    if not licence.origins:
        return True
    if hit.part == "origin":
        return bool({o for rule in hit.rules for o in rule.origins} & set(licence.origins))
    if hit.node:  # goods of a person: a part of them may be of that origin, or nobody knows
        return not subject.carrier or bool(subject.origins & set(licence.origins))
    return _is_all(licence, hit, subject)


def _is_all(licence: DatedLicence, hit: _Hit, subject: Subject) -> bool:
    """Whether all goods that a hit speaks of are of an origin that the licence names."""
    if hit.part == "origin":
        return True
    named = {origin for rule in hit.rules for origin in rule.origins}
    origins = {origin for rule in hit.rules for origin in _origins(rule, subject)}
    rest = origins - named if hit.is_exempt else origins
    return bool(rest) and rest <= set(licence.origins)


def _together(worst: Verdict, alike: list[Verdict]) -> Verdict:
    """Hits of one verdict as one: all their rules, licences and chains."""
    if len(alike) == 1:
        return worst

    def union(of: str) -> tuple[object, ...]:
        return tuple(dict.fromkeys(item for one in alike for item in getattr(one, of)))

    shares = [one.share for one in alike]
    share = None if None in shares else max(value for value in shares if value is not None)
    fields = {of: union(of) for of in ("rules", "licences", "barred", "chain", "doubts", "conditions")}
    grade = max((one.confidence for one in alike), key=GRADES.index)
    return replace(worst, share=share, confidence=grade, **fields)  # type: ignore[arg-type]


def _joined(rows: list[Verdict], one: Verdict) -> None:
    """Adds a verdict, or makes the last one longer that says the same."""
    if rows and _goes_on(rows[-1], one):
        rows[-1] = replace(rows[-1], end=one.end)
    else:
        rows.append(one)


def _goes_on(last: Verdict, one: Verdict) -> bool:
    """Whether a verdict says the same as the last one, from the next day on."""
    is_next = last.end + timedelta(days=1) == one.start
    return is_next and replace(last, end=one.end) == replace(one, start=last.start)
