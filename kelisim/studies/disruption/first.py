"""What is said first of a disruption, with the tables that it is said from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from kelisim.engine import Window
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact
from kelisim.results.headline import lines
from kelisim.results.losses import SHUT_IN, TRANSIT, Losses
from kelisim.results.propagation import chain
from kelisim.results.region_levels import levels_fact, regions_at_level
from kelisim.results.shut_in import displaced
from kelisim.studies import helping
from kelisim.studies.first_three import first_three

KINDS = {"shut_in": SHUT_IN, "transit_not_delivered": TRANSIT}  # facts that are told where such a loss is


def first(
    window: Window,
    seen: AgainstPlan,
    rule: str,
    ask: Callable[[str], AgainstPlan],
    touched: Sequence[str],
    question: Fact,
) -> tuple[dict[str, pd.DataFrame], list[Fact], list[Fact], Losses]:
    """Tables, what is said first and what of help later, and the losses.

    rule      of help, of the answer
    ask       the same question under another rule of help
    touched   elements that are lost
    question  what was asked, said behind the first three sentences
    """
    others: dict[str, AgainstPlan] = {}

    def other(name: str) -> AgainstPlan:
        others[name] = ask(name)
        return others[name]

    frames, of_help = helping.told(window, seen, rule, other)
    said_first, found = first_three(window, seen, rule, touched, others, frames["help"])
    services, served = lines(seen, found)
    at_level = regions_at_level(seen)
    facts = [*said_first, question, served, levels_fact(at_level)]
    return (
        frames | {"losses": found.all, "services": services, "regions.levels": at_level},
        facts,
        of_help,
        found,
    )


def follows(
    seen: AgainstPlan, found: Losses, touched: Sequence[str], trips: Sequence[str]
) -> tuple[dict[str, pd.DataFrame], list[Fact], list[Fact]]:
    """The chain, what is let go, shut in and not carried, and what is said of them; what is folded is said last.

    trips  elements that stop for want of power
    """
    links = chain(seen, touched, trips, found.total)
    frames, told = displaced(seen, touched)
    facts = [fact for fact in told if fact.key not in KINDS or found.tells(KINDS[fact.key])]
    folded = (
        [Fact("rerouted", float(links.rerouted), "elements", "disruption.rerouted")] if links.rerouted else []
    )
    return frames | {"chain": links.rows}, facts, folded
