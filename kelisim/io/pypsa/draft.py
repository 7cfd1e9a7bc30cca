"""A PyPSA network while it is made: buses, what flows between them, and what a capacity is in each snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case.case import Case
from kelisim.errors import InternalError
from kelisim.io.pypsa.cells import Cells
from kelisim.io.pypsa.network import Network

Floats = npt.NDArray[np.float64]
CURRENT = "AC"  # PyPSA's word for electricity
LIMIT = "limit"  # PyPSA's carrier of what is not energy
_OUT = ("candidate", "idle", "restricted")


@dataclass
class DraftFlow:
    """One quantity that the optimisation chooses: what it moves at which buses, its limit and its cost.

    ports  bus -> MW at the bus for each MW of the flow, negative where it takes; may differ by step
    most   MW per step
    cost   currency/MWh per step
    delay  hours until the flow is at its second port
    ramp   MW by which it may change into each step; where ramp_down is given that of a rise
    coarse it is the same in all parts of a step, or may be taken for it
    held   it must be the same in all parts of a step
    """

    name: str
    ports: dict[str, Any]
    most: Floats
    cost: Floats
    carrier: str
    kind: str = ""
    delay: float = 0.0
    ramp: Floats | None = None
    ramp_down: Floats | None = None
    coarse: bool = False
    held: bool = False

    def add(self, bus: str, amount: Any) -> None:
        """Let the flow move so much at a bus."""
        self.ports[bus] = self.ports.get(bus, 0.0) + amount


@dataclass
class Draft:
    """The network while it is made."""

    case: Case
    tables: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    flows: dict[tuple[str, str], DraftFlow] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    into: dict[str, float] = field(default_factory=dict)
    out_of: dict[str, float] = field(default_factory=dict)
    nodes: dict[str, tuple[str, str]] = field(default_factory=dict)
    coarse: set[str] = field(default_factory=set)  # buses that balance over the step
    uneven: set[str] = field(default_factory=set)  # buses at which something may differ within a step

    def __post_init__(self) -> None:
        self.cells = Cells(self.case)
        self.hours: Floats = self.case.horizon.hours
        self.steps = self.case.horizon.count
        self.total = float(self.hours.sum())

    # ---- parts
    def node(self, place: str, carrier: str) -> str:
        """The bus of a place and carrier."""
        bus = f"{place}:{carrier}"
        self.nodes[bus] = (place, carrier)
        if self.cells.is_coarse(carrier):
            self.coarse.add(bus)
        return bus

    def add(self, component: str, name: str, **values: Any) -> str:
        """A row of a component; gives the name under which it stands."""
        rows = self.tables.setdefault(component, {})
        while name in rows:
            name += "_"
        rows[name] = values
        return name

    def limit_bus(self, name: str) -> str:
        """A bus for a limit."""
        return self.add("buses", name, carrier=LIMIT, location="")

    def level(self, value: float) -> Floats:
        """The same value in each step."""
        return np.full(self.steps, float(value))

    def generator(
        self,
        name: str,
        bus: str,
        most: Floats,
        cost: Any = 0.0,
        sign: float = 1.0,
        carrier: str = LIMIT,
        **more: Any,
    ) -> None:
        """A generator with a limit per step; sign -1 takes instead of giving."""
        nominal, share = per_unit(most)
        more |= {"sign": sign} if sign < 0 else {}
        size = {"p_nom": nominal, "p_max_pu": share, "marginal_cost": cost}
        self.add("generators", name, bus=bus, carrier=carrier, **size, **more)
        side = self.into if sign > 0 else self.out_of
        side[bus] = side.get(bus, 0.0) + nominal

    def flow(self, table: str, element: str, flow: DraftFlow, coarse: bool = False) -> None:
        """Keep a flow under its table and element; of a coarse one the means over each step count."""
        if coarse:
            flow.coarse = True
            flow.most, flow.cost = self.cells.mean(flow.most), self.cells.mean(flow.cost)
        self.flows[table, element] = flow

    def emit(self, flow: DraftFlow) -> None:
        """A flow as a generator where it touches one bus, else as a link from the first bus it takes from."""
        ports = {bus: amount for bus, amount in flow.ports.items() if np.any(amount)}
        nominal, share = per_unit(flow.most)
        ramp = self._ramp(flow, nominal)
        if not flow.coarse:
            self.uneven |= ports.keys()
        if len(ports) == 1 and np.ndim(next(iter(ports.values()))) == 0:
            ((bus, amount),) = ports.items()
            size = abs(float(amount))
            self.generator(
                flow.name,
                bus,
                flow.most * size,
                flow.cost / size,
                np.sign(amount),
                flow.carrier,
                type=flow.kind,
                **ramp,
            )
            return
        first = next((bus for bus, amount in ports.items() if np.ndim(amount) == 0 and amount < 0), "")
        if not first:
            first = self.add("buses", f"{flow.name} supply", carrier=LIMIT, location="")
            self.generator(f"{flow.name} supply", first, self.level(nominal))
            ports = {first: -1.0, **ports}
        size = -float(ports.pop(first))
        values: dict[str, Any] = {"bus0": first}
        for at, (bus, amount) in enumerate(ports.items(), 1):
            values[f"bus{at}"] = bus
            values["efficiency" if at == 1 else f"efficiency{at}"] = np.asarray(amount, dtype=float) / size
            largest = float(np.max(amount)) * nominal
            side = self.into if largest > 0 else self.out_of
            side[bus] = side.get(bus, 0.0) + abs(largest)
        self.out_of[first] = self.out_of.get(first, 0.0) + nominal * size
        if not ports:
            raise InternalError(f"the flow {flow.name} gives nowhere")
        if flow.delay:
            values["delay"] = int(flow.delay)
        values |= ramp
        values |= {"carrier": flow.carrier, "type": flow.kind, "p_nom": nominal * size, "p_max_pu": share}
        self.add("links", flow.name, **values, marginal_cost=flow.cost / size)

    def _ramp(self, flow: DraftFlow, nominal: float) -> dict[str, Any]:
        """Largest change from the snapshot before, as PyPSA counts it; nothing where it cannot bind."""
        found = {}
        for key, change in (
            ("ramp_limit_up", flow.ramp),
            ("ramp_limit_down", flow.ramp if flow.ramp_down is None else flow.ramp_down),
        ):
            if flow.coarse and (flow.held or change is not None) and self.case.horizon.has_parts:
                change = self.cells.at(
                    self.cells.heads, nominal if change is None else np.minimum(change, nominal)
                )
            if change is None or nominal <= 0 or len(change) < 2 or (change[1:] >= nominal).all():
                continue
            found[key] = change / nominal
        return found

    def free_stores(self) -> None:
        """What lets buses balance over the step alone."""
        longest = float(self.cells.over_step(self.hours).max())
        for bus in sorted(self.coarse & self.uneven):
            size = self.into.get(bus, 0.0) * longest
            if size > 0:
                free = self.cells.free_within_step()
                self.add("stores", f"{bus} within the step", bus=bus, carrier=LIMIT, e_nom=size, **free)

    # ---- shares and shapes
    def share(self, table: str, rows: pd.DataFrame) -> Floats:
        """Share of the capacity in use, (elements, steps): status, dates, profile, availability, outages."""
        horizon = self.case.horizon
        name = rows.columns[0]
        share = np.ones((len(rows), self.steps))
        left: dict[tuple[str, str], Floats] = {}  # share that outages leave of a table's element
        for outage in self.case.table("outages").itertuples(index=False):
            key = (outage.table, outage.element)
            left[key] = left.get(key, 1.0) * (
                1.0 - outage.share * horizon.share_within(outage.start, outage.end)
            )
        for at, row in enumerate(rows.to_dict("records")):
            if row.get("status", "base") in _OUT or row.get("role") == "strategic":
                share[at] = 0.0
                continue
            if pd.notna(row["in_service_from"]) or pd.notna(row["in_service_to"]):
                share[at] = horizon.share_within(row["in_service_from"], row["in_service_to"])
            if row.get("profile"):
                share[at] *= self.case.profiles.availability(row["profile"])
            share[at] *= row.get("availability", 1.0)
            spots = [row.get(end) for end in ("place", "from_place", "to_place") if end in row]
            for key in ((table, row[name]), *(("places", spot) for spot in spots)):
                share[at] *= left.get(key, 1.0)
        return share

    def shape(self, name: str) -> Floats:
        """A profile as a shape over the steps."""
        return self.case.profiles.shape(name)

    # ---- the end
    def network(self) -> Network:
        """The tables of the network."""
        snapshots = pd.DataFrame({"snapshot": self.case.horizon.steps["step"].to_numpy()})
        for weight in ("objective", "stores", "generators"):
            snapshots[weight] = self.cells.moves if weight == "stores" else self.hours
        network = Network(self.case.name, snapshots, attributes={"pypsa_version": "1.4.0", "srid": "4326"})
        for component in ("buses", "carriers", "generators", "lines", "links", "loads", "stores"):
            if self.tables.get(component):
                network.static[component] = self._static(network, component)
        return network

    def _static(self, network: Network, component: str) -> pd.DataFrame:
        rows = self.tables[component]
        names = list(rows)
        columns: dict[str, list[Any]] = {}
        varying: dict[str, dict[str, Floats]] = {}
        for at, (name, values) in enumerate(rows.items()):
            for key, value in values.items():
                if isinstance(value, np.ndarray) and value.ndim and not np.all(value == value[0]):
                    varying.setdefault(key, {})[name] = value
                    continue
                cell = value.flat[0].item() if isinstance(value, np.ndarray) else value
                cells = columns.setdefault(key, [None] * len(names))
                cells[at] = cell
        for key, values in varying.items():
            network.series[component, key] = pd.DataFrame(values)
        frame = pd.DataFrame(index=pd.Index(names, name="name"))
        for key, cells in columns.items():
            words = any(isinstance(cell, str) for cell in cells)
            default = _DEFAULTS.get(key.rstrip("0123456789"), "" if words else 0.0)
            filled = [default if cell is None else cell for cell in cells]
            frame[key] = pd.Series(filled, index=frame.index, dtype=object if words else None)
        return frame


_DEFAULTS = {
    **dict.fromkeys(("p_max_pu", "s_max_pu", "efficiency", "sign"), 1.0),
    **dict.fromkeys(("ramp_limit_up", "ramp_limit_down", "x", "y"), np.nan),
    **{"p_min_pu": 0.0, "e_cyclic": False, "delay": 0},
}


def word(carrier: str) -> str:
    """PyPSA's word for a carrier."""
    return CURRENT if carrier == "electricity" else carrier


def per_unit(most: Floats) -> tuple[float, Floats]:
    """The largest of the limits, and each as a share of it."""
    nominal = float(most.max())
    return nominal, most / nominal if nominal > 0 else np.ones_like(most)
