"""An emergency as an exercise of two states: what each side decides, held against nothing, each alone, and the best of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.case.change import Outage
from kelisim.engine import Engine
from kelisim.engine.orders import Decided, Order
from kelisim.engine.unknown import Knowledge, played
from kelisim.engine.window import Window
from kelisim.errors import StudyError
from kelisim.model.delta import RebuildNeeded
from kelisim.results.answer import Answer
from kelisim.results.facts import Fact, said
from kelisim.results.notices import trigger
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.results.shut_in import displaced
from kelisim.studies.exercise import mechanism
from kelisim.studies.exercise.log import open_points, read, timeline
from kelisim.studies.exercise.sides import Exercised, options, touched
from kelisim.studies.first_three import first_three
from kelisim.studies.outage_fields import OutageFields, happening, help_rule, place_rule
from kelisim.studies.study import Study, param
from kelisim.tolerances import SMALL_SHARE

RULES = ("none", "cooperative")


@dataclass(frozen=True)
class Exercise(OutageFields, Study):
    """How well do two states master an emergency, each alone, both together, and as they decided?

    Orders of both sides are taken hour by hour, with the levels and the lead times of the measures. The score is the share
    of the avoidable harm that they avoid; notifications, aid over the border, settlement and minutes go with it.
    """

    name = "exercise"
    serves = "game"
    needs_days = True
    side_a: str = param("first country; the home country of the case if not given", default="")
    side_b: str = param("second country; the neighbour with most links to the first if not given", default="")
    decisions: tuple[str, ...] = param(
        'orders "hour side measure share", separated by commas, such as "24 KZ release_reserve 1.0"; share 0 stops; on the command '
        "line also @FILE.csv with these columns",
        default=(),
    )
    injects: tuple[str, ...] = param(
        'what happens later, known from its hour on, separated by commas: "48 lose power_line 5" (element, days), '
        '"72 use town:heat:heat 1.1" (row of demand, factor), "24 say frost is near"',
        default=(),
    )
    belief: int = param(
        "days that the players believe the outage to last; its length if 0", unit="day", default=0
    )
    now: float = param(
        "hour of play for which the options of both sides are told; none below 0", unit="h", default=0.0
    )
    place_rule: str = place_rule(RULES)
    # aid over the border is what is played: with nothing but the plan there would be none
    help_rule: str = help_rule(default="agreed")

    def run(self, engine: Engine) -> Results:
        case = engine.case
        injects, wrong = read(case, self.injects)
        happens = happening(self, engine, [*wrong, *self._wrong()])
        start, days, last, context = happens.start, happens.days, happens.last, happens.context
        kind = "event" if happens.event else "loss"
        what = said(f"exercise.what_{kind}", lost=self.lost, event=happens.what)
        pair, alone = self._pair(case)
        opened = engine.window(start, days, self.rules(engine), measures=True)
        out = happens.lasts(case.horizon)[opened.first : opened.last]
        plan = engine.ask(opened, context, self.in_transit).answer if context else opened.base
        steps = pd.DatetimeIndex(opened.steps["step"]), opened.hours, opened.steps["of"].to_numpy()
        is_coarse = case.horizon.is_by_months
        belief = 0 if is_coarse else self.belief
        known = Knowledge(tuple(happens.causes), tuple(context), tuple(injects), belief, is_coarse, *steps)
        changes = known.truth
        held = Exercised(case, opened, out, plan, changes, self.in_transit, pair)
        orders, refused = _orders(self.decisions, pair, held)
        response = held.respond(opened, [m for m, (sides, _) in held.sides.items() if sides])
        decided = held.decide(orders, refused)
        best, allowed = held.best(response, decided)
        answers: dict[str, Answer] = {"nothing": response.without.answer}
        apart = None
        if not alone:
            border = list(mechanism.crossing(case, pair)["link"])
            try:
                answers |= _apart(held, opened.with_held(border, plan))
            except RebuildNeeded as needed:
                why = said(needed.reason.say, **needed.reason.places)
                apart = Fact("apart", say="exercise.not_apart", why=why)
        answers |= {"decided": decided.asked.answer, "together": best}
        answers |= _as_known(held, known, decided)
        frames = held.tables(answers, decided, allowed, touched(case, opened, changes))
        lost = [one for c in changes if isinstance(c, Outage) for _, one in opened.deltas.members(c)]
        seen = held.seen(answers["decided"])
        beside, let_go_facts = displaced(seen, lost)
        frames |= beside
        until = pd.Timestamp(last) + pd.Timedelta(days=1)
        bodies = held.rows["body"].to_dict()
        frames["timeline"] = timeline(
            what, happens.begins(case.horizon), until, steps[0], frames, bodies, injects
        )
        if self.now >= 0 and not happens.event:
            frames["options"] = options(held, known, decided, self.now)
        frames["open_points"] = open_points(frames["decisions"], held, allowed, best)
        no_border = Fact("owed", 0.0, case.currency, "exercise.no_border")
        said_first, _ = first_three(opened, seen, self.help_rule, lost)
        facts = [
            *said_first,
            Fact("told_of", say=f"exercise.told_of_{'decided' if orders else 'nothing'}"),
            Fact(
                "asked", say="exercise.asked", what=what, start=start, days=days, sides=[s for s in pair if s]
            ),
            *_scores(case, frames, len(orders)),
            *([] if alone or apart else [_modes(frames["modes"], pair)]),
            *([apart] if apart else []),
            *([Fact("no_measures", say="exercise.no_measures")] if case.table("measures").empty else []),
            *_unknown(case, frames["modes"], days, self.belief),
            *([Fact("months", say="exercise.months")] if is_coarse else []),
            no_border if alone else _settled(case, frames["settlement"], pair),
            *let_go_facts,
            *_claimed(case, frames["claims"]),
            *_notices(case, frames["notifications"]),
            Fact("decisions", float(len(orders)), "decisions"),
            Fact("refused", float((~frames["decisions"]["accepted"].astype(bool)).sum()), "decisions"),
        ]
        about = {"sides": list(pair), "not_chosen": dict(response.measures.left_out)}
        return self.results(engine, frames, facts, opened, {"start": start, "days": days}, **about)

    def _wrong(self) -> list[str]:
        """What is wrong with the fields that only this study has."""
        wrong = [f"belief: {self.belief} is less than a day."] if self.belief < 0 else []
        if self.event and (self.belief or self.injects):
            wrong.append(
                "event: what happens, and how long, is known; leave out belief and injects, or name what is lost."
            )
        return wrong

    def _pair(self, case: Case) -> tuple[tuple[str, str], bool]:
        """The two sides; the second is empty, and True, where the case has no border and none is asked."""
        named = tuple(side for side in (self.side_a, self.side_b) if side)
        if self.side_b and not self.side_a:
            named = (str(case.setting("defaults", "home")) or self.side_b, self.side_b)
        regions = Regions(case)
        if not named and case.table("links").empty:
            return (_only_country(case), ""), True
        try:
            return regions.pair(named), False
        except StudyError as error:
            if named:
                raise StudyError(str(error).replace("countries:", "side_a, side_b:")) from error
            return (_only_country(case), ""), True


def _only_country(case: Case) -> str:
    home = str(case.setting("defaults", "home"))
    countries = sorted({str(c) for c in case.table("places")["country"] if c})
    return home or (countries[0] if countries else "")


def _orders(
    texts: tuple[str, ...], pair: tuple[str, str], held: Exercised
) -> tuple[list[Order], dict[Order, Fact]]:
    """Orders from text, and those refused whatever the level. Raises StudyError with all texts that cannot be read."""
    wrong, orders = [], []
    refused: dict[Order, Fact] = {}
    left_out = held.opened.measures.left_out if held.opened.measures else {}
    sides = held.sides
    for text in texts:
        words = text.split()
        try:
            order = Order(float(words[0]), words[1], words[2], float(words[3]) if len(words) > 3 else 1.0)
        except (IndexError, ValueError):
            order = None
        if order is None or len(words) > 4 or not (order.hour >= 0 and 0.0 <= order.share <= 1.0):
            wrong.append(
                f'decisions: "{text}" is not "hour side measure share" with an hour from 0 and a share from 0 to 1.'
            )
            continue
        orders.append(order)
        if order.side not in pair:
            refused[order] = said("exercise.refused_side", side=order.side)
        elif order.measure not in held.rows.index:
            refused[order] = said("exercise.refused_unknown")
        elif order.measure not in sides:
            refused[order] = said(left_out.get(order.measure, "exercise.refused_idle"))
        elif order.side not in sides[order.measure][0]:
            whose = list(sides[order.measure][0])
            kind = "others" if whose else "third"
            refused[order] = said(f"exercise.refused_{kind}", sides=whose)
    if wrong:
        raise StudyError("\n".join(wrong))
    return orders, refused


def _apart(held: Exercised, kept: Window) -> dict[str, Answer]:
    """Answers with the border held at the plan: nobody, and each side with its own measures. Raises RebuildNeeded."""
    found = {"border_held": kept.ask(held.changes, held.in_transit).answer}
    for mode, side in zip(("alone_a", "alone_b"), held.pair, strict=True):
        own = [m for m, (sides, over) in held.sides.items() if sides == (side,) and not over]
        found[mode] = held.respond(kept, own).answered.answer
    return found


def _as_known(held: Exercised, known: Knowledge, decided: Decided) -> dict[str, Answer]:
    """What comes of nothing and of the decisions where not all is known, and of the decisions had it been."""
    if known.is_certain:
        return {}
    played_ = {
        mode: played(held.opened, known, held.in_transit, allowed).answer
        for mode, allowed in (("nothing", {}), ("decided", dict(decided.allowed)))
    }
    return {**played_, "foreseen": decided.asked.answer}


def _unknown(case: Case, modes: pd.DataFrame, days: int, belief: int) -> list[Fact]:
    """What it costs not to have known."""
    harm = modes.set_index("mode")["harm"]
    if "foreseen" not in harm:
        return []
    cost = max(float(harm["decided"] - harm["foreseen"]), 0.0)
    kind = "belief" if belief and belief != days else "injects"
    return [
        Fact("unknown", cost, case.currency, f"exercise.unknown_{kind}", belief=belief, days=days, cost=cost)
    ]


def _claimed(case: Case, claims: pd.DataFrame) -> list[Fact]:
    """What was not handed over under contract, each with its claim; what was not taken has none."""
    found = []
    for row in claims[claims["kind"] == "not_delivered"].to_dict("records"):
        about = {
            name: row[name]
            for name in ("contract", "carrier", "seller", "buyer", "undelivered", "claimed", "amount")
        }
        key = f"claim_{row['contract']}"
        found.append(Fact(key, row["amount"], case.currency, "exercise.claimed", **about))
    return found


def _scores(case: Case, frames: dict[str, pd.DataFrame], orders: int) -> list[Fact]:
    """The score, what it is a share of, and what the decisions do for the customers of each side."""
    modes = frames["modes"].set_index("mode")
    harm, score = modes["harm"], float(modes["avoided_share"]["decided"])
    kind = "nothing" if np.isnan(score) else "all" if orders else "none"
    nothing, together = harm["nothing"], harm["together"]
    places = {"nothing": nothing, "together": together, "avoidable": nothing - together}
    places |= {"avoided": nothing - harm["decided"], "score": score}
    found = [Fact("score", score, "share", f"exercise.score_{kind}", **places)]
    found += [Fact(f"harm_{mode}", harm[mode], case.currency) for mode in ("nothing", "decided", "together")]
    for row in frames["sides"].itertuples():
        if orders and not np.isnan(row.avoided_share):
            spared = (f"spared_{row.side}", row.avoided_share, "share", "exercise.spared")
            found.append(Fact(*spared, side=row.side))
    return found


def _modes(modes: pd.DataFrame, pair: tuple[str, str]) -> Fact:
    harm = modes.set_index("mode")["harm"]
    places = {"held": harm["border_held"], "alone_a": harm["alone_a"], "alone_b": harm["alone_b"]}
    return Fact("held", say="exercise.held", **places, a=pair[0], b=pair[1])


def _settled(case: Case, settlement: pd.DataFrame, pair: tuple[str, str]) -> Fact:
    """What crossed the border beyond the plan, and what the second side owes the first."""
    net = mechanism.owed(settlement, pair)
    if settlement.empty:
        return Fact("owed", net, case.currency, "exercise.nothing_owed", a=pair[0], b=pair[1])
    given = settlement.groupby(["giver", "receiver", "carrier"], sort=True)["energy"].sum()
    given = given[given >= SMALL_SHARE * given.sum()]  # what is less is in the table
    parts = [said("exercise.gives", **row) for row in given.reset_index().to_dict("records")]
    gives, owes = pair if net >= 0 else pair[::-1]
    places = {"parts": parts, "gives": gives, "owes": owes, "amount": abs(net)}
    return Fact("owed", net, case.currency, "exercise.owes", **places)


def _notices(case: Case, notices: pd.DataFrame) -> list[Fact]:
    """What is not known of who tells whom."""
    rows = case.table("notifications")
    if rows.empty:
        return [Fact("notifications", say="exercise.no_notifications")]
    words = sum(trigger(str(t)) is None for t in rows["trigger"])
    found = []
    if not len(notices) and words != len(rows):
        found.append(Fact("notifications", say="exercise.none_set_off"))
    if words:
        found.append(Fact("triggers", say="exercise.triggers_in_words", count=words, all=len(rows)))
    return found
