"""On whose help an answer rests, as tables and facts that studies of an outage share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from kelisim.case.customers import voll_of
from kelisim.engine import Window
from kelisim.engine.given import OverBorder, over_borders
from kelisim.report.page import Part, part
from kelisim.report.table import view
from kelisim.report.words import Words
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact, said
from kelisim.results.results import Results
from kelisim.tolerances import FIGURE_CHANGE, SMALL_ENERGY, SMALL_MONEY

NAMED = 3  # borders that a sentence names
BESIDE = ("planned", "agreed")  # rules that stand side by side


def told(
    window: Window, seen: AgainstPlan, rule: str = "", ask: Callable[[str], AgainstPlan] | None = None
) -> tuple[dict[str, pd.DataFrame], list[Fact]]:
    """Tables and facts of help from abroad: who gives what, and the answer under planned and agreed help side by side.

    rule  under which the answer was asked
    ask   the same question under another rule; without it nothing is put side by side
    """
    found = given(window, seen)
    table = help_table(found, seen)
    if ask is None or window.help is None:
        return {"help": table}, help_facts(table, found)
    if not window.help.aids:
        is_short = float((seen.more @ seen.hours).sum()) > SMALL_ENERGY
        nothing = [Fact("help_rules", say="help.nothing_agreed")] if is_short else []
        return {"help": table}, [*help_facts(table, found), *nothing]
    asked = {one: seen if one == rule else ask(one) for one in BESIDE}
    tables = {
        one: table if one == rule else help_table(given(window, other), other) for one, other in asked.items()
    }
    rules = rules_table(asked, tables)
    facts = [
        *help_facts(table, found),
        rules_fact(rules, asked, "" if rule == "agreed" else _givers(tables["agreed"])),
    ]
    return {"help": table, "help.rules": rules}, facts


def given(window: Window, seen: AgainstPlan) -> list[OverBorder]:
    """What comes in over each border where that is not as planned."""
    found = over_borders(window, seen.answer, seen.base)
    return [one for one in found if max(one.kept @ seen.hours, one.less @ seen.hours) > SMALL_ENERGY]


def help_table(found: Sequence[OverBorder], seen: AgainstPlan) -> pd.DataFrame:
    """More and less than planned over each border, the most help first, and what the giver itself is short of."""
    hours = seen.hours
    short = _short_of(seen)
    rows = [
        {
            "receiver": receiver, "giver": giver, "carrier": carrier, "planned": float(one.planned @ hours),
            "now": float(one.now @ hours), "more": float(one.kept @ hours), "agreed": float(one.agreed @ hours),
            "peak": float(one.kept.max(initial=0.0)), "not_delivered": float(one.less @ hours),
            "giver_short": short.get((giver, carrier), 0.0), "contracts": ";".join(one.contracts),
        }
        for one in found
        for receiver, giver, carrier in [one.border]
    ]  # fmt: skip
    columns = [
        "receiver", "giver", "carrier", "planned", "now", "more", "agreed", "peak", "not_delivered", "giver_short", "contracts",
    ]  # fmt: skip
    order = ["more", "not_delivered", "receiver", "giver", "carrier"]
    frame = pd.DataFrame(rows, columns=columns).astype({name: float for name in columns[3:10]})
    return frame.sort_values(order, ascending=[False, False, True, True, True], ignore_index=True)


def rules_table(asked: Mapping[str, AgainstPlan], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The same question under several rules of help, side by side.

    tables  `help` under each rule
    """
    names = ("unserved_energy", "unserved_protected", "peak", "protected_days", "extra_cost")
    rows = []
    for rule, seen in asked.items():
        figures, helped = seen.figures(), _helped(tables[rule])
        more = {"help": float(helped["more"].sum()), "helpers": ";".join(dict.fromkeys(helped["giver"]))}
        rows.append({"rule": rule, **{name: float(figures[name]) for name in names}, **more})
    return pd.DataFrame(rows, columns=["rule", *names, "help", "helpers"])


def _helped(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["more"] > SMALL_ENERGY]


def _givers(table: pd.DataFrame) -> list[Fact]:
    """Who gives whom what beyond the plan, the most first."""
    return [
        said("help.gives", giver=row.giver, receiver=row.receiver, carrier=row.carrier, more=row.more)
        for row in _helped(table).head(NAMED).itertuples(index=False)
    ]


def rules_fact(
    rules: pd.DataFrame, asked: Mapping[str, AgainstPlan], helpers: Sequence[Fact] | str = ""
) -> Fact:
    """What the other rule would bring, in money first and then by carrier, and who gives it.

    A MWh of coal and one of power are not worth the same: the cheaper answer may leave more MWh unserved.

    asked    the answers under planned and under agreed help
    helpers  under agreed help, where the answer itself is another one
    """
    cost = rules.set_index("rule")["extra_cost"]
    short = {rule: _short_by_carrier(seen) for rule, seen in asked.items()}
    apart = short["planned"].sub(short["agreed"], fill_value=0.0).abs()
    is_same = abs(cost["planned"] - cost["agreed"]) <= FIGURE_CHANGE * abs(cost["planned"]) + SMALL_MONEY
    if is_same and not (apart > SMALL_ENERGY).any():
        places = {"short": _amounts(short["planned"]), "cost": cost["planned"]}
        return Fact("help_rules", cost["agreed"], asked["agreed"].case.currency, "help.same", **places)
    lost = {f"short_{rule}": _amounts(energy) for rule, energy in short.items()}
    who = said("help.agreed_helpers", parts=list(helpers)) if helpers else ""
    places = {"planned": cost["planned"], "agreed": cost["agreed"], "who": who, **lost}
    return Fact("help_rules", cost["agreed"], asked["agreed"].case.currency, "help.both", **places)


def _short_by_carrier(seen: AgainstPlan) -> pd.Series:
    """MWh unserved beyond the plan by carrier, that which is worth most to its customers first."""
    demand = seen.case.quantities("demand")
    energy = np.asarray(seen.more @ seen.hours)
    rows = pd.DataFrame({"carrier": demand["carrier"].to_numpy(), "energy": energy})
    total = rows.assign(worth=energy * voll_of(seen.case, demand)).groupby("carrier").sum()
    total = total[total["energy"] > SMALL_ENERGY].reset_index()
    ranked = total.sort_values(["worth", "carrier"], ascending=[False, True])
    return pd.Series(ranked["energy"].to_numpy(), index=ranked["carrier"].to_list(), dtype=float)


def _amounts(energy: pd.Series) -> list[Fact]:
    """Amounts of carriers as parts of a sentence."""
    found = [said("outage.less", amount=value, carrier=carrier) for carrier, value in energy.items()]
    return found or [said("help.nothing_unserved")]


def help_facts(table: pd.DataFrame, found: Sequence[OverBorder]) -> list[Fact]:
    """Who helps beyond the plan, which helper is short itself, and what was assumed."""
    helped = _helped(table)
    total, parts = float(helped["more"].sum()), _givers(table)
    rest = len(helped) - len(parts)
    more = said("help.more", count=rest) if rest > 0 else ""
    say = "help.rests" if parts else "help.nobody"
    facts = [Fact("help", total, "MWh", say, parts=parts, more=more)]
    short = helped[helped["giver_short"] > SMALL_ENERGY]
    if len(short):
        own = [
            said("help.is_short", giver=row.giver, carrier=row.carrier, short=row.giver_short)
            for row in short.drop_duplicates(["giver", "carrier"]).head(NAMED).itertuples(index=False)
        ]
        facts.append(Fact("helpers_short", float(len(short)), "borders", "help.helpers_short", parts=own))
    assumed = sorted({name for one in found for name in one.assumed if (one.kept > 0).any()})
    if assumed:
        facts.append(
            Fact("daily_max", float(len(assumed)), "contracts", "help.assumed", names=assumed[:NAMED])
        )
    return facts


def help_parts(results: Results, words: Words) -> list[Part]:
    """What comes over borders and is not as planned, and the rules side by side, for a page."""
    key = "help.table"
    frame = results["help"]
    amounts = {
        name: [
            words.amount(value, carrier) if value > SMALL_ENERGY else ""
            for value, carrier in zip(frame[name], frame["carrier"], strict=True)
        ]
        for name in ("more", "agreed", "not_delivered", "giver_short")
    }
    columns = "receiver:country, giver:country, carrier:carrier_name, more:text, agreed:text, not_delivered:text, -giver_short:text"
    found = [part(words, key, view(words, frame.assign(**amounts), key, columns))] if len(frame) else []
    if "help.rules" in results:
        rules = results["help.rules"]
        names = [words.text(f"rules.help_{rule}") for rule in rules["rule"]]
        helpers = [", ".join(map(words.country, one.split(";"))) if one else "" for one in rules["helpers"]]
        columns = "rule:text, unserved_energy:energy, unserved_protected:energy, -protected_days:number, extra_cost:millions, help:energy, helpers:text"
        shown = view(words, rules.assign(rule=names, helpers=helpers), "help.rules", columns)
        found.append(part(words, "help.rules", shown))
    return found


def _short_of(seen: AgainstPlan) -> dict[tuple[str, str], float]:
    """MWh that each country lacks of a carrier beyond the plan."""
    demand = seen.case.table("demand")
    country = demand["place"].map(seen.case.table("places").set_index("place")["country"])
    more = np.asarray(seen.more @ seen.hours)
    frame = pd.DataFrame(
        {"country": country.to_numpy(), "carrier": demand["carrier"].to_numpy(), "more": more}
    )
    total = frame.groupby(["country", "carrier"])["more"].sum()
    return {(str(a), str(b)): float(value) for (a, b), value in total.items()}
