"""What is wrong in the tables of a PyPSA network: buses that are not there, and texts where numbers should stand, each with its component."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.errors import CaseError, InputProblem
from kelisim.io.pypsa.network import COMPONENTS, Network, load, number, text

_BUS = re.compile(r"bus\d*")
_WITHOUT_BUS = ("buses", "carriers", "global_constraints")  # a constraint may name one
_NUMBER = re.compile(
    r"(?:efficiency|delay)\d*|(?:efficiency_store|efficiency_dispatch|standing_loss|inflow|marginal_cost\w*|capital_cost|co2_emissions)"
    r"|[pse](?:_[a-z_]+)*_(?:nom|min|max|pu|set|opt|initial|mod|extension)|[pse]_(?:nom|set)|state_of_charge_\w+|max_hours|sign|lifetime|build_year"
    r"|[xyrbg]|length|v_nom|num_parallel|tap_ratio|tap_position|phase_shift|s_max_pu|constant|ramp_limit_(?:up|down)|terrain_factor"
)


def load_sound(path: Path) -> Network:
    """The network of a folder or file. Raises CaseError with all cells that no network can have."""
    network = load(path)
    buses = {text(name) for name in network.static["buses"].index}
    problems = [
        problem
        for name in COMPONENTS
        if name in network.static
        for problem in _wrong(name, network.static[name], buses, path)
    ]
    if problems:
        raise CaseError(path.name, problems)
    return network


def _wrong(component: str, frame: pd.DataFrame, buses: set[str], path: Path) -> Iterator[InputProblem]:
    file = f"{path.name}, {component}"
    for column in map(str, frame.columns):
        if component not in _WITHOUT_BUS and _BUS.fullmatch(column):
            for name, cell in zip(frame.index, frame[column], strict=True):
                bus = text(cell)
                if bus not in buses and (bus or column in ("bus", "bus0", "bus1")):
                    near = schema.nearest(bus, buses)
                    message = f'no bus "{bus}".' if bus else "is empty, and each stands at a bus."
                    yield InputProblem(
                        file,
                        0,
                        f'{column} of "{text(name)}"',
                        message,
                        f"Known: {schema.some(sorted(buses))}.",
                        near,
                    )
        elif _NUMBER.fullmatch(column):
            for name, cell in zip(frame.index, frame[column], strict=True):
                if not _is_number(cell):
                    message = f'"{cell}" is not a number.'
                    yield InputProblem(
                        file,
                        0,
                        f'{column} of "{text(name)}"',
                        message,
                        "Write digits with a point, without separators.",
                    )


def _is_number(cell: Any) -> bool:
    try:
        number(cell, 0.0)
    except (TypeError, ValueError):
        return False
    return True
