"""A case as a PyPSA network: CSV folder, workbook or netCDF file, in the forms that PyPSA reads and writes.

PyPSA itself is not needed, netCDF needs the extra `kelisim[pypsa]`. Not all of a case fits into a network, nor all of
a network into a case: `lost` says what a written network leaves out, `left_out` what was left out of one that is read.
"""

from __future__ import annotations

from pathlib import Path

from kelisim.case.assemble import require
from kelisim.case.case import Case
from kelisim.errors import InputProblem
from kelisim.io.pypsa import network
from kelisim.io.pypsa.read import case_of
from kelisim.io.pypsa.sound import load_sound
from kelisim.io.pypsa.write import network_of

SUFFIXES = (".nc",)
WRITTEN = ("", ".nc", ".xlsx")  # endings of what it writes when it is named


def claims(path: Path) -> bool:
    """Whether a folder or workbook is a PyPSA network and not a case of our own."""
    return network.is_network(path)


def read(path: Path) -> Case:
    """The case of a network. Raises CaseError with all problems."""
    return require(check(path))


def check(path: Path) -> tuple[Case, list[InputProblem]]:
    """The case of a network and all that is wrong in it."""
    case, problems, _ = case_of(load_sound(path), path)
    return case, problems


def left_out(path: Path) -> list[str]:
    """What a network holds and its case does not, a line for each thing."""
    return case_of(load_sound(path), path)[2]


def write(case: Case, path: Path) -> Path:
    """Write the network of a case: a workbook or netCDF file by the ending of the path, else a folder of CSV files."""
    return network.save(network_of(case)[0], path)


def lost(case: Case) -> list[str]:
    """What a case holds and its network does not, a line for each thing."""
    return network_of(case)[1]
