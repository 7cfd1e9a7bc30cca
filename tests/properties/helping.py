"""Random cases whose neighbours have agreed to help each other, and whose ties have twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case
from kelisim.lp.slice import Solved
from kelisim.model.borders import WAYS, crossings
from tests.cases import random_case as made_up


def helping_case(seed: int, twins: bool = False) -> Case:
    """The random case of a seed with mutual aid between its countries, and a twin of each link over a border if wanted."""
    made: list[Case] = []

    def keep(settings: dict[str, object], tables: dict[str, pd.DataFrame], files: object) -> object:
        draw = np.random.default_rng(seed + 77)
        countries = sorted(set(tables["places"]["country"]))
        rows = {"bodies": [{"body": f"grid_{one.lower()}", "name": one, "country": one} for one in countries]}
        rows["notifications"] = [
            {
                "notification": f"aid_{a}_{b}_{carrier}".lower(), "trigger": f"alert:{carrier}", "from_body": f"grid_{a.lower()}",
                "to_body": f"grid_{b.lower()}", "within_hours": str(int(draw.integers(0, 30))), "aid": "help",
                "volume": f"{draw.uniform(5, 60):.3f}", "unit": "MW", "price": "50", "price_unit": "percent",
            }
            for a in countries for b in countries if a != b
            for carrier in ("electricity", "natural_gas") if draw.random() < 0.7
        ]  # fmt: skip
        for name, some in rows.items():
            tables[name] = pd.DataFrame(some, index=range(2, len(some) + 2), dtype=object)
        if twins:
            links = tables["links"]
            plain = (links["reactance"] == "") & (links.get("shared_with", pd.Series("", links.index)) == "")
            again = links[plain].assign(link=links["link"][plain] + "_twin")
            tables["links"] = pd.concat([links, again]).set_axis(range(2, len(links) + len(again) + 2))
        made.append(require(assemble(settings, tables, files)))
        return made[0]

    original = made_up.require, made_up.assemble
    made_up.require, made_up.assemble = (lambda found: found), keep  # type: ignore[assignment]
    try:
        made_up.random_case.__wrapped__(seed)
    finally:
        made_up.require, made_up.assemble = original
    return made[0]


def moved(case: Case, solved: Solved, seed: int) -> Solved:
    """The plan with a part of the flow of each link over a border moved to its twin, where both have room.

    Links on which something is under way, or that a contract or a shared limit counts, are no equals of their twins.
    """
    draw = np.random.default_rng(seed)
    links = case.table("links")
    counted = set(links["link"][links["days"] > 0]) | set(case.table("resource_uses")["element"])
    counted |= {link for over in case.table("contracts")["over"] for link in str(over).split(";")}
    values = solved.values.copy()
    for one in crossings(case, solved.problem):
        twin = f"{one.element}_twin"
        block = solved.problem.columns[one.block]
        if one.block in WAYS and twin in block.elements and one.element not in counted:
            here, there = block.positions[one.at], block.positions[block.elements.index(twin)]
            room = np.minimum(values[here], solved.problem.upper[there] - values[there])
            part = draw.uniform(0, 1, len(here)) * np.maximum(room, 0.0)
            values[here] -= part
            values[there] += part
    return replace(solved, values=values, activities=solved.problem.matrix @ values)
