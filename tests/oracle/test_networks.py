"""Networks made by chance: what PyPSA says they cost is what kelisim says when it reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim import io
from kelisim.engine import Engine
from kelisim.results.missing import infeasible
from tests.oracle.committed import committed
from tests.oracle.random_network import random_network
from tests.oracle.solving import quiet
from tests.properties.examples import EXAMPLES

BUNDLE = "Al/St 240/40 4-bundle 380.0"


def made(seed: int) -> Any:
    """A tree of buses and a ring: typed lines and transformers, generators whose price changes and which have limits, a store."""
    import pypsa  # noqa: PLC0415 - takes seconds

    chance = np.random.default_rng(seed)
    hours, count = int(chance.integers(2, 6)), int(chance.integers(3, 6))
    found = pypsa.Network()
    found.set_snapshots(pd.date_range("2023-03-01", periods=hours, freq="h"))
    found.add("Carrier", ["AC", "wind"])
    volts = chance.choice([220.0, 380.0], count)
    for at in range(count):
        found.add("Bus", f"b{at}", v_nom=volts[at], carrier="AC", country="KZ")
        found.add("Generator", f"back{at}", bus=f"b{at}", p_nom=500.0, marginal_cost=300.0, carrier="wind")
        if at < 2 or chance.random() < 0.6:
            found.add("Load", f"l{at}", bus=f"b{at}", p_set=chance.uniform(5, 60, hours))
    ways = [(int(chance.integers(0, at)), at) for at in range(1, count)] + [(0, count - 1), (1, 2)]
    for at, (one, other) in enumerate(ways):
        ends = {"bus0": f"b{one}", "bus1": f"b{other}", "num_parallel": float(chance.integers(1, 4))}
        size = {"s_nom": float(chance.integers(20, 120))}
        if volts[one] != volts[other]:
            kind = {"type": "160 MVA 380/110 kV", "tap_position": int(chance.integers(-3, 4))}
            found.add("Transformer", f"t{at}", **ends, **size, **kind)
        elif chance.random() < 0.5:
            found.add("Line", f"w{at}", **ends, **size, type=BUNDLE, length=chance.uniform(10, 200))
        else:
            found.add("Line", f"w{at}", **ends, **size, x=chance.uniform(5, 30), r=0.1)
    for at in range(int(chance.integers(3, 7))):
        limits: dict[str, Any] = {}
        if chance.random() < 0.4:
            limits |= dict.fromkeys(("ramp_limit_up", "ramp_limit_down"), chance.uniform(0.1, 0.6))
        if chance.random() < 0.4:
            limits["p_min_pu"] = chance.uniform(0.05, 0.15)
        elif chance.random() < 0.4:
            limits["p_max_pu"] = chance.uniform(0, 1, hours)
        if chance.random() < 0.2:
            limits["sign"] = -1.0
        price = chance.normal(30, 30, hours) if chance.random() < 0.6 else chance.normal(20, 25)
        bus = f"b{int(chance.integers(0, count))}"
        found.add("Generator", f"g{at}", bus=bus, p_nom=chance.uniform(20, 120), carrier="wind", marginal_cost=price, **limits)  # fmt: skip
    found.add("StorageUnit", "s", bus="b0", p_nom=20.0, max_hours=3.0, efficiency_store=0.9, carrier="wind")
    return found


@pytest.mark.parametrize("seed", range(max(1, EXAMPLES // 8)))
def test_a_network_costs_what_pypsa_says(seed: int, tmp_path: Path) -> None:
    """Brute force found three ways in which a network became another one when it was read, and no note said so."""
    with quiet():
        network = made(seed)
        network.export_to_csv_folder(str(tmp_path / "net"))
        status = network.optimize(solver_name="highs", io_api="direct", output_flag=False, progress=False)
    if status[1] == "infeasible":
        pytest.skip("what must run has no taker")
    assert status == ("ok", "optimal")
    here = Engine(io.read(tmp_path / "net"), cache=False).base
    assert here.objective == pytest.approx(float(network.objective), rel=1e-6, abs=1e-6)
    notes = [note for note in io.left_out(tmp_path / "net") if not note.startswith(("loads:", "buses"))]
    assert notes == []


def weighted(seed: int) -> Any:
    """The network in snapshots that count more often than they last, at times that are their own; a store among its buses."""
    chance = np.random.default_rng(seed)
    network = made(seed)
    count = len(network.snapshots)
    lasts = np.full(count, float(chance.choice([1.0, 0.5, 3.0])))
    if seed % 2:  # a ramp of PyPSA's is one from snapshot to snapshot, whatever they last
        lasts = chance.choice([1.0, 3.0, 0.5], count)
        network.generators[["ramp_limit_up", "ramp_limit_down"]] = np.nan
    network.snapshot_weightings["stores"] = lasts
    network.snapshot_weightings["objective"] = lasts * chance.uniform(1, 90, count).round(2)
    network.snapshot_weightings["generators"] = network.snapshot_weightings["objective"]
    network.add("Store", "tank", bus="b1", e_nom=30.0, e_initial=12.0, standing_loss=0.01)
    network.add("Generator", "bounded", bus="b1", p_nom=40.0, marginal_cost=-5.0, e_sum_max=500.0)
    return network


@pytest.mark.parametrize("seed", range(100, 100 + max(6, EXAMPLES // 8)))
def test_weights_of_snapshots_are_read(seed: int, tmp_path: Path) -> None:
    """Representative days: what a snapshot counts for and how long it lasts were one number, and storages held too much."""
    with quiet():
        network = weighted(seed)
        network.export_to_csv_folder(str(tmp_path / "net"))
        status = network.optimize(solver_name="highs", io_api="direct", output_flag=False, progress=False)
    if status[1] == "infeasible":
        pytest.skip("what must run has no taker")
    assert status == ("ok", "optimal")
    case = io.read(tmp_path / "net")
    np.testing.assert_allclose(case.horizon.hours, network.snapshot_weightings["objective"])
    np.testing.assert_allclose(case.horizon.length, network.snapshot_weightings["stores"])
    here = Engine(case, cache=False).base
    assert here.objective == pytest.approx(float(network.objective), rel=1e-6, abs=1e-6)
    notes = io.left_out(tmp_path / "net")
    assert [
        note for note in notes if not note.startswith(("loads:", "buses", "snapshots: their times"))
    ] == []


# what is said and changes no answer
_NO_CHANGE = ("loads:", "buses", "carriers", "snapshots:")
_CARRIED = ("no limit of capacity", "keeps nothing of it")


def _without(network: Any, note: str) -> None:
    """Take out of a network what a note says that the case leaves out, of the elements that it names. KeyError for a note of another kind."""
    component, _, rest = note.partition(" ")
    named, _, what = rest.partition(": ")
    frame = network.static(component) if hasattr(network, "static") else getattr(network, component)
    names = [name.strip() for name in named.partition(" and ")[0].split(",")]
    if what == "its part in a global constraint":
        frame.loc[names, "carrier"] = "new"
    elif what.startswith("ramp limits over time"):
        frame.loc[names, ["ramp_limit_up", "ramp_limit_down"]] = np.nan
    elif what.startswith("starts and stops (committable) beside"):
        frame.loc[names, "committable"] = False
    else:
        raise KeyError(note)


def _compared(network: Any, home: Path) -> tuple[bool, list[str]]:
    """Whether a network costs what PyPSA says, or is infeasible in both, and what is said of it that may change its cost."""
    with quiet():
        network.export_to_csv_folder(str(home))
        status = network.optimize(
            solver_name="highs", io_api="direct", output_flag=False, progress=False, mip_rel_gap=0.0
        )
    case = io.read(home)
    here = Engine(case, cache=False).base
    notes = [
        note
        for note in io.left_out(home)
        if not note.startswith(_NO_CHANGE) and not any(words in note for words in _CARRIED)
    ]
    lacks = here.status != "optimal" or bool(infeasible(case, here))
    if status[1] != "optimal":
        return lacks, notes
    return not lacks and here.objective == pytest.approx(float(network.objective), rel=1e-6, abs=1e-6), notes


@pytest.mark.parametrize("seed", [5, 77, *range(20, 20 + EXAMPLES // 8)])
def test_whatever_a_network_holds(seed: int, tmp_path: Path) -> None:
    """A network costs what PyPSA says and is infeasible where PyPSA says so; a note excuses nothing but what it names."""
    with quiet():
        network = random_network(seed)
    is_same, notes = _compared(network, tmp_path / "net")
    if is_same:
        return
    assert notes, "another answer, and no note"
    with quiet():
        network = random_network(seed)
        for note in notes:
            _without(network, note)
    is_same, _ = _compared(network, tmp_path / "without")
    assert is_same, f"another answer also without what is said: {notes}"


@pytest.mark.parametrize("seed", [11, 17, *range(30, 30 + EXAMPLES // 8)])
def test_plants_start_and_stop_as_in_pypsa(seed: int, tmp_path: Path) -> None:
    """Costs of starts, stops and running, least times, what was before, ramps and limits of starts: the least cost is PyPSA's."""
    with quiet():
        network = committed(seed)
    assert _compared(network, tmp_path / "net") == (True, [])
