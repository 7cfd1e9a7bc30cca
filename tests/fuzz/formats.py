"""A spoilt file of each format from its seed: the same seed gives the same file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from kelisim import io
from kelisim.io import csv_folder, excel, pypsa
from kelisim.io import geojson as geojson_file
from kelisim.io.starter import first_case
from tests.case.mutations import TABLES, mutated
from tests.cases.random_case import random_case
from tests.fuzz import folders, nested, networks, workbooks
from tests.io.conftest import FILES

FORMATS = ("csv", "xlsx", "toml", "netcdf", "geojson", "pypsa")


@dataclass(frozen=True)
class Base:
    """A sound case in each format."""

    files: folders.Files
    xlsx: bytes
    geojson: bytes
    network: folders.Files
    netcdf: bytes


def _base(files: folders.Files, network: int) -> Base:
    """The case of a folder, and a random case as a network; that of the folder where the seed is 0."""
    with TemporaryDirectory() as name:
        home = Path(name)
        folders.put(files, home / "case")
        case = csv_folder.check(home / "case")[0]
        other = random_case(network) if network else case
        pypsa.write(other, home / "network")
        return Base(
            files,
            excel.write(case, home / "a.xlsx").read_bytes(),
            geojson_file.write(case, home / "a.geojson").read_bytes(),
            folders.taken(home / "network"),
            pypsa.write(other, home / "a.nc").read_bytes(),
        )


@cache
def tiny() -> Base:
    """The small case that ships, by its files in every format."""
    return _base({name: text.encode() for name, text in first_case().items()}, 0)


@cache
def bases() -> tuple[Base, ...]:
    """The small case, one that is hard to carry, and one that has most tables."""
    carried = {name: text.lstrip("\n").encode() for name, text in FILES.items()}
    wide = folders.taken(Path(__file__).parents[1] / "cases" / "two_sides")
    return (tiny(),) * 5 + (_base(carried, 3),) * 2 + (_base(wide, 6),)


def spoilt(form: str, seed: int, home: Path, is_tiny: bool = False) -> Path:
    """The file or folder of a format and a seed, written below a folder that is empty.

    is_tiny  of the small case only, which is checked in a twentieth of a second
    """
    random = Random(f"{form} {seed}")
    base = tiny() if is_tiny else random.choice(bases())
    if form == "csv":
        return folders.put(folders.spoil(base.files, random), home / "case")
    if form == "pypsa":
        return folders.put(folders.spoil(base.network, random), home / "network")
    if form == "toml":
        tables = {f"{name}.csv": text.encode() for name, text in TABLES.items()}
        return folders.put(tables | {"case.toml": mutated(random)}, home / "case")
    if form == "netcdf":
        return networks.netcdf(base.netcdf, home / "a.nc", random)
    path = home / f"a.{form}"
    if form == "geojson":
        path.write_bytes(nested.geojson(base.geojson, random))
    elif random.random() < 0.2:  # a network in a workbook
        path.write_bytes(workbooks.xlsx(base.network, workbooks.book(base.network, random), random))
    else:
        path.write_bytes(workbooks.xlsx(base.files, base.xlsx, random))
    return path


def is_sound(base: Base, home: Path) -> bool:
    """Whether nothing is wrong in a base before it is spoilt."""
    (home / "a.nc").write_bytes(base.netcdf)
    (home / "a.xlsx").write_bytes(base.xlsx)
    (home / "a.geojson").write_bytes(base.geojson)
    paths = [home / "a.nc", home / "a.xlsx", home / "a.geojson"]
    paths += [folders.put(base.files, home / "case"), folders.put(base.network, home / "network")]
    return not any(io.check(path)[1] for path in paths)
