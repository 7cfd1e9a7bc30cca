"""What PyPSA networks of a year or of a large grid take to be read: `python -m bench.large_networks [FOLDER]`.

Each network is written once, as netCDF and as a CSV folder, and read in a process of its own: the time of its processor and
the most memory that it held.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.io.pypsa.network import Network, save

READ = """
import resource, sys
from kelisim import io
case = io.read(sys.argv[1])
use = resource.getrusage(resource.RUSAGE_SELF)
print(f"{use.ru_utime + use.ru_stime:.1f} {use.ru_maxrss / 1024:.0f} {case.horizon.count} {len(case.series)}")
"""


@dataclass(frozen=True)
class Size:
    """A network of so many nodes and hours; series of so many of its loads and plants."""

    name: str
    nodes: int
    hours: int
    plants: int


SIZES = (
    Size("year of 200 nodes", nodes=200, hours=8760, plants=400),
    Size("day of 585 nodes with 1,467 series", nodes=585, hours=24, plants=882),
)


def network(size: Size) -> Network:
    """A ring of nodes with a load each, plants whose availability changes, and a back-up at each node."""
    chance = np.random.default_rng(1)
    times = pd.date_range("2013-01-01", periods=size.hours, freq="h")
    snapshots = pd.DataFrame({"snapshot": times, "objective": 1.0, "stores": 1.0, "generators": 1.0})
    found = Network(size.name, snapshots)
    buses = [f"b{at}" for at in range(size.nodes)]
    plants = [f"wind {at}" for at in range(size.plants)]
    home = [buses[at % size.nodes] for at in range(size.plants)]
    back = [f"back {bus}" for bus in buses]
    found.static["buses"] = _frame(buses, carrier="AC", country="KZ")
    found.static["loads"] = _frame([f"l {bus}" for bus in buses], bus=buses)
    sizes = {
        "p_nom": [60.0] * size.plants + [200.0] * size.nodes,
        "marginal_cost": [0.0] * size.plants + [50.0] * size.nodes,
    }
    found.static["generators"] = _frame([*plants, *back], bus=home + buses, carrier="wind", **sizes)
    ring = {"bus0": buses, "bus1": [*buses[1:], buses[0]], "x": 10.0, "s_nom": 100.0}
    found.static["lines"] = _frame([f"w{at}" for at in range(size.nodes)], **ring)
    found.series["loads", "p_set"] = _series(
        [f"l {bus}" for bus in buses], chance.uniform(20, 80, (size.hours, size.nodes))
    )
    found.series["generators", "p_max_pu"] = _series(plants, chance.uniform(0, 1, (size.hours, size.plants)))
    return found


def _frame(names: list[str], **columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(names, name="name"))


def _series(names: list[str], values: npt.NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame(values, columns=names)


def measured(path: Path) -> str:
    """Seconds of the processor, peak MB, steps and series of reading a network."""
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    seconds, peak, steps, series = done.stdout.split()
    return f"{float(seconds):6.1f} s {int(peak):6,} MB, {int(steps):,} steps, {int(series):,} series"


def main() -> None:
    """Write the networks and read them."""
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    for size in SIZES:
        for ending in (".nc", ""):
            path = save(network(size), home / f"{size.name.replace(' ', '_').replace(',', '')}{ending}")
            print(f"{size.name:40} {ending or 'folder':7}{measured(path)}", flush=True)
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(f"written in {own.ru_utime + own.ru_stime:.0f} s")


if __name__ == "__main__":
    main()
