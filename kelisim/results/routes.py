"""By which way energy leaves an area or comes into it, and which areas it crosses: proportional sharing over the horizon.

What enters a place mixes and what leaves carries the mix, upstream (whose energy) and downstream (for whom). So of the flow on a link

    from origin i for destination j = flow x share of i at its start x share for j at its end

and the flow over a border is told by origin and by destination at once. Booked transit mixes with nothing on its way.

Energy that leaves an area, comes back and leaves again is counted where it leaves for the last time; what comes in, leaves and comes back
where it came in first.

Trade statistics count otherwise where a carrier of several owners mixes: what comes in from i and passes on is transit of i, and the
owner at home gives what he keeps of it back from his own. `exchanged` moves energy so: of what is used here and came from i, and of own
energy that leaves unbooked where energy of i leaves too, the smaller amount is taken as exchanged. Own exports and imports both shrink by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.results import tracing
from kelisim.results.tables import Tables
from kelisim.tolerances import NO_ENERGY

Floats = npt.NDArray[np.float64]
WAYS = ["link", "to", "energy"]


@dataclass(frozen=True)
class Routes:
    """Flows of one carrier over a period, by origin and destination.

    tables    of the period
    area_of   each place: its country, or its region
    """

    tables: Tables
    carrier: str
    area_of: Mapping[str, str]

    @cached_property
    def _flows(self) -> tuple[list[str], Floats, Floats, tracing.Flows, list[str]]:
        return self.tables.carrier_flows(self.carrier)

    @property
    def links(self) -> int:
        """How many of the flows are links; bookings stand behind them."""
        return int((self.tables.links_total["carrier"] == self.carrier).sum())

    @cached_property
    def areas(self) -> list[str]:
        """All areas that have the carrier, by name."""
        return sorted(set(self._own_area))

    @cached_property
    def _own_area(self) -> list[str]:
        return [str(self.area_of[place]) for place in self._flows[0]]

    @cached_property
    def _at(self) -> npt.NDArray[np.int64]:
        """Position of the area of each place, (places)."""
        at = {area: row for row, area in enumerate(self.areas)}
        return np.array([at[area] for area in self._own_area], dtype=np.int64)

    def _by_area(self, shares: Floats) -> Floats:
        found = np.zeros((len(shares), len(self.areas)))
        np.add.at(found.T, self._at, shares.T)
        return np.clip(found, 0.0, 1.0)

    @cached_property
    def origins(self) -> Floats:
        """Share of what passes a place that was supplied in each area, (places, areas)."""
        return self._by_area(tracing.shares(self._flows[1], *self._flows[3]))

    @cached_property
    def uses(self) -> Floats:
        """Share of what passes a place that is used in each area, (places, areas)."""
        return self._by_area(self._onward(()))

    def _onward(self, stops: Iterable[int]) -> Floats:
        """Share of what passes each place that first comes to each place of some areas, or is used at each place before."""
        sent, arrived, start, end = self._flows[3]
        caught = np.isin(self._at, list(stops))
        goes = ~caught[start]
        use = np.where(caught, 1.0, self._flows[2])
        return tracing.shares(use, arrived[goes], sent[goes], end[goes], start[goes])

    def _before(self, stops: Iterable[int]) -> Floats:
        """Share of what passes each place that was last at each place of some areas, or was supplied at each place since."""
        sent, arrived, start, end = self._flows[3]
        caught = np.isin(self._at, list(stops))
        comes = ~caught[end]
        supply = np.where(caught, 1.0, self._flows[1])
        return tracing.shares(supply, sent[comes], arrived[comes], start[comes], end[comes])

    # ---- trade between areas
    @cached_property
    def trade(self) -> pd.DataFrame:
        """Energy by area of origin (rows) and area of use (columns), MWh."""
        found = np.zeros((len(self.areas), len(self.areas)))
        np.add.at(found.T, self._at, self.origins * self._flows[2][:, None])
        return pd.DataFrame(found, index=self.areas, columns=self.areas)

    def of(
        self, area: str, exchanged: bool = True, between: Mapping[str, Iterable[str]] | None = None
    ) -> AreaTrade:
        """The trade of one area.

        exchanged  take what is exchanged at home out of both sides, as statistics count it
        between    booking -> areas that it crosses
        """
        at = self.areas.index(area)
        suppliers, buyers = self.trade[area].to_numpy(copy=True), self.trade.loc[area].to_numpy(copy=True)
        out, back = _Side.out_of(self, at), _Side.into(self, at)
        own, got = out.energy[:, at, :].copy(), back.energy[:, :, at].copy()
        own[:, at], got[:, at] = 0.0, 0.0
        before, came = own.sum(axis=1), got.sum(axis=1)
        for one in range(len(self.areas)) if exchanged else ():
            if one == at:
                continue
            passes = np.delete(out.energy[:, one, :], at, axis=1).sum(axis=1) > NO_ENERGY
            leaving = np.where((passes & ~out.is_booked)[:, None], own, 0.0)
            whole = float(leaving.sum())
            moved = min(float(suppliers[one]), whole)
            if moved <= NO_ENERGY:
                continue
            part = leaving * (moved / whole)
            own -= part
            got[:, one] *= 1.0 - moved / float(suppliers[one])
            suppliers[one] -= moved
            buyers -= part.sum(axis=0)
            suppliers[at], buyers[at] = suppliers[at] + moved, buyers[at] + moved
        exits, entries = own.sum(axis=1), got.sum(axis=1)
        booked = between or {}
        return AreaTrade(
            area,
            self._named(suppliers),
            self._named(buyers),
            out.ways(exits),
            back.ways(entries),
            self._crossed(out, exits, before, self._named(buyers), booked),
            self._crossed(back, entries, came, self._named(suppliers), booked),
        )

    def _named(self, energy: Floats) -> pd.Series:
        found = pd.Series(energy, index=self.areas, dtype=float)
        return found[found > NO_ENERGY]

    def _crossed(
        self,
        side: _Side,
        energy: Floats,
        before: Floats,
        trade: pd.Series,
        between: Mapping[str, Iterable[str]],
    ) -> pd.DataFrame:
        """Other areas that the exports (or imports) of an area come into: area, entered, ends, through; the most first."""
        left = np.divide(energy, before, out=np.zeros_like(energy), where=before > NO_ENERGY)
        rows = []
        for other, name in enumerate(self.areas):
            if other == side.area:
                continue
            visits = side.visiting(other, between)
            entered = float((side.whole * visits * left).sum())
            ends = float(trade.get(name, 0.0))
            if entered > NO_ENERGY:
                rows.append((name, entered, ends, _over(entered, ends)))
        frame = pd.DataFrame(rows, columns=["area", "entered", "ends", "through"]).astype(
            dict.fromkeys(("entered", "ends", "through"), float)
        )
        return frame.sort_values(["entered", "area"], ascending=[False, True], ignore_index=True)


def _over(entered: float, ends: float) -> float:
    """What only crosses; sharing by proportion leaves a trace where nothing does."""
    return entered - ends if entered - ends > NO_ENERGY else 0.0


@dataclass(frozen=True)
class _Side:
    """Flows over the border of an area, one way.

    area      position of it
    flows     positions of the flows
    ends      place at the other end of each
    energy    by origin and destination, (flows, areas, areas)
    whole     own energy that leaves, or energy that comes in for use here, before it is told by destination or origin, (flows,)
    share     of what passes each place that is first, or was last, in the area, (places,)
    """

    routes: Routes
    area: int
    outward: bool
    flows: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    energy: Floats
    whole: Floats
    share: Floats

    @classmethod
    def out_of(cls, routes: Routes, area: int) -> _Side:
        sent, _, start, end = routes._flows[3]
        some = np.flatnonzero((routes._at[start] == area) & (routes._at[end] != area))
        down = routes._by_area(routes._onward((area,)))
        up = routes.origins[start[some]]
        energy = sent[some, None, None] * up[:, :, None] * down[end[some]][:, None, :]
        return cls(routes, area, True, some, end[some], energy, sent[some] * up[:, area], down[:, area])

    @classmethod
    def into(cls, routes: Routes, area: int) -> _Side:
        _, arrived, start, end = routes._flows[3]
        some = np.flatnonzero((routes._at[end] == area) & (routes._at[start] != area))
        up = routes._by_area(routes._before((area,)))
        down = routes.uses[end[some]]
        energy = arrived[some, None, None] * up[start[some]][:, :, None] * down[:, None, :]
        return cls(routes, area, False, some, start[some], energy, arrived[some] * down[:, area], up[:, area])

    @property
    def names(self) -> list[str]:
        return [self.routes._flows[4][flow] for flow in self.flows]

    @property
    def is_booked(self) -> npt.NDArray[np.bool_]:
        """Flows that are bookings."""
        return np.array(self.flows >= self.routes.links, dtype=bool)

    def ways(self, energy: Floats) -> pd.DataFrame:
        """Link or booking, area behind the border, energy; the most first."""
        behind = [self.routes.areas[self.routes._at[place]] for place in self.ends]
        frame = pd.DataFrame({"link": self.names, "to": behind, "energy": energy}, columns=WAYS)
        frame = frame[frame["energy"] > NO_ENERGY].astype({"energy": float})
        return frame.sort_values(["energy", "link"], ascending=[False, True], ignore_index=True)

    def visiting(self, other: int, between: Mapping[str, Iterable[str]]) -> Floats:
        """Share of each flow that comes through another area on its way, and does not come back here, (flows,)."""
        stops = (self.area, other)
        caught = self.routes._onward(stops) if self.outward else self.routes._before(stops)
        there = np.flatnonzero(self.routes._at == other)
        found: Floats = caught[np.ix_(self.ends, there)] @ (1.0 - self.share[there])
        crosses = np.array(
            [self.routes.areas[other] in between.get(name, ()) for name in self.names], dtype=bool
        )
        return np.where(crosses, 1.0 - self.share[self.ends], found)


@dataclass(frozen=True)
class AreaTrade:
    """The trade of an area with a carrier, MWh.

    suppliers, buyers  area -> energy used here that it supplied; energy supplied here that it uses; the area itself included
    exits, entries     link or booking, area behind it, energy; the most first
    export_ways, import_ways  other areas on the way: area, entered, ends (used or supplied there), through; the most first
    """

    area: str
    suppliers: pd.Series
    buyers: pd.Series
    exits: pd.DataFrame
    entries: pd.DataFrame
    export_ways: pd.DataFrame
    import_ways: pd.DataFrame
