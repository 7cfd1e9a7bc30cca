"""The three sentences that every study of an outage says first: the largest loss, who is cut, on whose help it rests."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from kelisim.engine import Window
from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact
from kelisim.results.headline import headline, rests
from kelisim.results.losses import Losses, losses
from kelisim.studies.helping import given, help_table


def first_three(
    window: Window,
    seen: AgainstPlan,
    rule: str,
    touched: Collection[str],
    others: Mapping[str, AgainstPlan] | None = None,
    help_: pd.DataFrame | None = None,
    key: str = "answer",
) -> tuple[list[Fact], Losses]:
    """The facts `answer`, `who` and `rests` (or by another key, with it before them), and the losses that they are told from.

    rule     of help, of the answer
    touched  elements that are lost
    others   the same question under other rules of help
    help_    table `help` of the answer, where it is known
    """
    found = losses(seen, touched)
    beside = {
        name: (losses(one, touched), help_table(given(window, one), one))
        for name, one in (others or {}).items()
    }
    table = help_table(given(window, seen), seen) if help_ is None else help_
    has_aid = window.help is not None and bool(window.help.aids)
    return [*headline(seen, found, key), rests(found, rule, table, beside, has_aid)], found
