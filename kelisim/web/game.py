"""A game of two tables as an address holds it: what is lost, what is believed, the orders so far, and the hour of play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from kelisim.results.results import Results
from kelisim.studies.study import find
from kelisim.web.address import GAME

NOW, ORDERS = "now", "decisions"
JUMPS = (1, 6, 24)  # hours by which the clock goes on
HAPPENED = ("event", "inject", "level", "notification", "decision", "bites", "step_down", "end")


@dataclass(frozen=True)
class Game:
    """The fields of the exercise that are set, as text, and the step of the case."""

    fields: Mapping[str, str] = field(default_factory=dict)
    step: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Game:
        """The game that an address holds; what is no field of the exercise is left out."""
        known = {one.name for one in fields(find(GAME))}
        return cls(
            {name: query[name] for name in query if name in known and query[name]}, query.get("step", "")
        )

    @property
    def is_on(self) -> bool:
        """Whether it has begun: something is lost, or an event of the case is played."""
        return bool(self.fields.get("lost") or self.fields.get("event"))

    @property
    def now(self) -> float:
        """Hour of play; 0 where the address holds none that can be read."""
        try:
            return max(float(self.fields.get(NOW, "0")), 0.0)
        except ValueError:
            return 0.0

    @property
    def orders(self) -> list[str]:
        """Orders so far."""
        return [one.strip() for one in self.fields.get(ORDERS, "").split(",") if one.strip()]

    def asked(self) -> dict[str, str]:
        """The fields as the exercise takes them."""
        return {**self.fields, NOW: f"{self.now:g}"}

    def ordered(self, side: str, measure: str, share: float) -> Game:
        """The game with one more order, at the hour of play."""
        more = f"{self.now:g} {side} {measure} {share:g}"
        return Game({**self.fields, ORDERS: ",".join([*self.orders, more])}, self.step)

    def later(self, hours: float) -> Game:
        """The game with the clock gone on."""
        return Game({**self.fields, NOW: f"{self.now + hours:g}"}, self.step)

    def without_last(self) -> Game:
        """The game without the order that was given last."""
        return Game({**self.fields, ORDERS: ",".join(self.orders[:-1])}, self.step)

    def link(self) -> str:
        """Its address: copying it hands the game to the other table."""
        parts = {**self.fields, "step": self.step}
        return "/play?" + urlencode({name: text for name, text in parts.items() if text}, safe=",:")

    def is_over(self, results: Results) -> bool:
        """Whether the outage is over at the hour of play: then all may be told."""
        ends = results["timeline"]
        return bool((ends["hour"][ends["kind"] == "end"] <= self.now).all())

    def log(self, results: Results) -> pd.DataFrame:
        """What has happened up to the hour of play, the latest first; what is to come stays hidden."""
        rows = results["timeline"]
        return rows[rows["hour"] <= self.now].iloc[::-1].reset_index(drop=True)

    def options(self, results: Results, side: str) -> list[dict[str, Any]]:
        """What a side may order now, what helps most first; what is not allowed yet comes last."""
        if "options" not in results:
            return []
        rows = results["options"]
        mine = rows[rows["side"] == side].to_dict("records")
        order = ("open", "ordered", "level")
        return sorted(
            ({str(k): v for k, v in row.items()} for row in mine), key=lambda row: order.index(row["state"])
        )
