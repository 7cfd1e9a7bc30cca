"""netCDF files of PyPSA: variables, dimensions, attributes and bytes that are others than PyPSA writes."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import netCDF4
import numpy as np

from tests.fuzz.bytes_of import spoilt
from tests.fuzz.values import cell, slip

ATTRIBUTES = ["units", "calendar", "_FillValue", "scale_factor", "add_offset", "missing_value", "coordinates", "dtype", "valid_range", "meta", "crs", "network_name", "network__multi_invest", "_Unsigned"]  # fmt: skip
VALUES: list[Any] = [
    "hours since 2024-01-01", "hours since 0000-00-00", "days since 9999-12-31", "months since 2024-01-01", "seconds since 1970-01-01 00:00:00", "hours since", "", "x", "bool", "object", "{", '{"a": [}', "[" * 3_000,
    "standard", "noleap", "360_day", "julian", 0, 1, -1, 1e308, float("nan"), float("inf"), np.int8(5), np.array([1.0, 2.0]), np.array([1, 2, 3]), "true", "buses_i", "nope nope",
]  # fmt: skip
NUMBERS = [0, -1, 1, 0.5, 1e308, -1e308, float("nan"), float("inf"), -float("inf"), 1e-320, 1e15]
FORMATS = (
    "NETCDF4",
    "NETCDF4",
    "NETCDF4",
    "NETCDF4_CLASSIC",
    "NETCDF3_CLASSIC",
    "NETCDF3_64BIT_OFFSET",
    "NETCDF3_64BIT_DATA",
)


def netcdf(base: bytes, path: Path, random: Random) -> Path:
    """A network spoilt in what it holds, or in its bytes."""
    path.write_bytes(base)
    if random.random() < 0.45:
        path.write_bytes(spoilt(base, random))
        return path
    if random.random() < 0.45:
        with netCDF4.Dataset(path, "a") as data:
            for _ in range(random.choice([1, 1, 2, 3])):
                try:
                    _in_place(data, random)
                except (
                    RuntimeError,
                    ValueError,
                    TypeError,
                    AttributeError,
                    IndexError,
                    OverflowError,
                    UnicodeError,
                ):
                    continue  # the library does not write that
        return path
    anew(base, path, random)
    return path


def _in_place(data: netCDF4.Dataset, random: Random) -> None:
    """A name, an attribute or values."""
    name = random.choice(list(data.variables))
    variable = data.variables[name]
    kind = random.randrange(5)
    if kind == 0:
        data.renameVariable(name, slip(name, random) or "x")
    elif kind == 1:
        dimension = random.choice(list(data.dimensions))
        data.renameDimension(dimension, slip(dimension, random) or "x")
    elif kind == 2:
        random.choice([data, variable, variable]).setncattr(random.choice(ATTRIBUTES), random.choice(VALUES))
    elif variable.dtype is str:
        if variable.ndim:
            variable[random.randrange(variable.shape[0])] = cell(random).replace("\0", "")
        else:
            variable[...] = cell(random).replace("\0", "")
    else:
        variable.set_auto_maskandscale(False)
        at = (
            tuple(random.randrange(size) for size in variable.shape)
            if variable.shape and random.random() < 0.5
            else ...
        )
        variable[at] = random.choice(NUMBERS)


def anew(base: bytes, path: Path, random: Random) -> None:
    """The network written again with one variable of another type, over other dimensions, lost, or more; perhaps in groups or as netCDF 3."""
    form = random.choice(FORMATS)
    with netCDF4.Dataset("base.nc", memory=base) as data, netCDF4.Dataset(path, "w", format=form) as out:
        home = out.createGroup("network") if form == "NETCDF4" and random.random() < 0.05 else out
        odd = random.choice(list(data.variables))
        kind = random.randrange(6)
        for name, dimension in data.dimensions.items():
            size = len(dimension) if name != odd or kind != 0 else random.choice([0, 1, 3, 1_000])
            home.createDimension(name, None if random.random() < 0.05 and form == "NETCDF4" else size)
        home.createDimension("scenario", 2)
        out.setncatts({key: data.getncattr(key) for key in data.ncattrs()})
        for name, variable in data.variables.items():
            try:
                _copied(home, name, variable, random, kind if name == odd else -1)
            except (
                RuntimeError,
                ValueError,
                TypeError,
                AttributeError,
                IndexError,
                OverflowError,
                UnicodeError,
                OSError,
            ):
                continue


def _copied(home: Any, name: str, variable: Any, random: Random, kind: int) -> None:
    dimensions, values, dtype = variable.dimensions, variable[...], variable.dtype
    if kind == 1:
        return
    if kind == 2:
        dtype = random.choice([str, "f8", "f4", "i1", "i8", "u8", "S1"])
        values = np.full(values.shape, cell(random) if dtype in (str, "S1") else 1).astype(
            object if dtype is str else dtype
        )
    elif kind == 3:
        names = list(home.dimensions)
        dimensions = random.choice(
            [
                (),
                dimensions[::-1],
                (*dimensions, "scenario"),
                (random.choice(names),),
                (random.choice(names), random.choice(names)),
            ]
        )
        values = np.zeros([len(home.dimensions[one]) for one in dimensions]).astype(
            object if dtype is str else dtype
        )
    elif kind == 4:
        name = random.choice(
            [
                f"{name}_i",
                f"{name}_t_p_set",
                "loads_t_p_set",
                "snapshots_x",
                "generators_",
                "_",
                "links_pw_x",
                "scenario",
                slip(name, random) or "x",
            ]
        )
    made = home.createVariable(name, dtype, dimensions)
    made.setncatts({key: variable.getncattr(key) for key in variable.ncattrs() if key != "_FillValue"})
    made[...] = values
