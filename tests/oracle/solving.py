"""PyPSA as a second opinion: it reads what kelisim wrote and solves it with HiGHS."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Solved:
    """What PyPSA found.

    objective  cost of the horizon, constant of capacities left out
    prices     currency/MWh, index snapshots, columns buses
    network    PyPSA's own
    """

    status: str
    objective: float
    prices: pd.DataFrame
    network: Any


@contextmanager
def quiet() -> Iterator[None]:
    """Warnings of PyPSA and its parts are not ours to put right; those of kelisim stay errors outside of this."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def network(path: Path) -> Any:
    """PyPSA's network of a folder, workbook or netCDF file."""
    with quiet():
        import pypsa  # noqa: PLC0415 - takes seconds, and only these tests need it

        return pypsa.Network(str(path))


def solve(given: Path | Any) -> Solved:
    """PyPSA's answer for a path or for a network of its own."""
    found = network(given) if isinstance(given, Path) else given
    with quiet():
        found.optimize.create_model()
        status, condition = found.model.solve(
            solver_name="highs", io_api="direct", output_flag=False, threads=1, progress=False
        )
        balances = [  # buses with many parts have rows of their own
            rows.dual.to_pandas()
            for name, rows in found.model.constraints.items()
            if name.endswith("nodal_balance")
        ]
        frame = pd.concat([part if part.index.name == "snapshot" else part.T for part in balances], axis=1)
        prices = frame.div(found.snapshot_weightings["objective"], axis=0)
        return Solved(f"{status}, {condition}", float(found.model.objective.value), prices, found)
