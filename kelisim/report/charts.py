"""Charts of a result: each says its finding in the title, and is the same in a notebook and in the report.

Every function takes a Results and its words and gives a Figure. Quantities are in the display unit of their
carrier, colours are those of the carriers table, and shades and hatching keep them apart in grey print.
"""

from __future__ import annotations

from typing import Any

from kelisim.report import bars, curves, shares
from kelisim.report.drawing import Map
from kelisim.report.figure import Figure
from kelisim.report.maps import flow_map
from kelisim.report.numbers import listed
from kelisim.report.words import Words
from kelisim.results.results import Results


class Plots:
    """`results.plot.balance()` and its kin: the charts of this module, and the map."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._words = Words(results.case)

    def balance(self, carrier: str | None = None) -> Figure:
        """Where a carrier comes from and goes, by country; all carriers if none is given."""
        return shares.balance(self._results, self._words, carrier)

    def sankey(self) -> Figure:
        """The year from sources through carriers and plants to uses."""
        return shares.sankey(self._results, self._words)

    def storage(self, carrier: str | None = None) -> Figure:
        """Levels of the largest storages of a carrier or family."""
        return curves.storage(self._results, self._words, carrier)

    def unserved(self) -> Figure:
        """Who goes short."""
        return bars.unserved(self._results, self._words)

    def price_duration(self, carrier: str | None = None, places: list[str] | None = None) -> Figure:
        """Prices from high to low at the places that use most."""
        return curves.price_duration(self._results, self._words, carrier, places)

    def loading_duration(self, links: list[str] | None = None, carrier: str | None = None) -> Figure:
        """How full the dearest links are, from high to low."""
        return curves.loading_duration(self._results, self._words, links, carrier)

    def bottlenecks(self) -> Figure:
        """The limits that cost most."""
        return bars.bottlenecks(self._results, self._words)

    def mix(self, place: str | None = None, carrier: str | None = None) -> Figure:
        """Whose energy a place uses, or whose a carrier is."""
        return shares.mix(self._results, self._words, place, carrier)

    def costs(self) -> Figure:
        """What the year costs and earns."""
        return bars.costs(self._results, self._words)

    def map(self, carrier: str | None = None, step: Any = None) -> Map:
        """The map with flows."""
        return flow_map(self._results, carrier, step)

    def __repr__(self) -> str:
        names = [name for name in dir(self) if not name.startswith("_")]
        return f"Plots: {listed(names)}; each gives a figure"
