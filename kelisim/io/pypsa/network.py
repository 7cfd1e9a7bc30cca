"""A PyPSA network as plain tables, and the three forms in which PyPSA keeps it: CSV folder, workbook, netCDF."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from kelisim.errors import ExtraMissing, UserError
from kelisim.io.text_file import table_files, unopenable
from kelisim.io.workbook import DAMAGED, sheets
from kelisim.results.files import put, put_filled, put_folder

MOST_BYTES = 500_000_000
_FIRST = ("buses", "carriers", "generators", "global_constraints", "lines", "links", "loads", "processes")
COMPONENTS = (*_FIRST, "stores", "storage_units", "transformers")
OTHER = ("shunt_impedances", "line_types", "transformer_types", "shapes", "sub_networks")
WEIGHTS = ("objective", "stores", "generators")
_JSON = ("crs.json", "meta.json")  # beside the tables in a folder of PyPSA's own
PIECES = "-pw"  # how PyPSA ends the names of tables of breakpoints
_MADE = datetime.datetime(2000, 1, 1)  # the same case gives the same file


@dataclass
class Network:
    """The tables of a PyPSA network.

    snapshots  column snapshot (a time or a text) and the weights of each, in hours
    static     list of a component, such as "links" -> one row for each, index the names
    series     (list, attribute) -> values over the snapshots, columns the names
    pieces     (list, attribute) -> names of those that have it in pieces, over their output or capacity
    """

    name: str
    snapshots: pd.DataFrame
    static: dict[str, pd.DataFrame] = field(default_factory=dict)
    series: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    pieces: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)


# ---- which files are PyPSA's
def is_network(path: Path) -> bool:
    """Whether a folder or workbook holds a PyPSA network; a folder with a case.toml is a case."""
    if path.is_dir():
        return (path / "buses.csv").exists() and not (path / "case.toml").exists()
    if path.suffix.lower() != ".xlsx" or not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as part:
            return b'name="buses"' in part.read(1_000_000)
    except (OSError, KeyError, RuntimeError, *DAMAGED):
        return False


# ---- reading
def load(path: Path) -> Network:
    """The tables of a network. Raises UserError for what is not one."""
    if path.is_dir():
        tables, attributes = _from_folder(path)
    elif path.suffix.lower() == ".xlsx":
        tables, attributes = _from_workbook(path)
    else:
        tables, attributes = _from_netcdf(path)
    if "buses" not in tables:
        raise UserError(f'"{path}" has no buses: it is not a PyPSA network.')
    snapshots = tables.pop("snapshots", None)
    if snapshots is None or not len(snapshots):
        snapshots = pd.DataFrame({"snapshot": ["now"]})
    network = Network(attributes.get("name", "") or path.stem, snapshots.reset_index(drop=True))
    network.attributes = attributes
    for name, frame in tables.items():
        component, dash, attribute = name.partition("-")
        if not dash:
            network.static[component] = frame
        elif attribute.endswith(PIECES):
            network.pieces[component, attribute.removesuffix(PIECES)] = list(frame)
        elif len(frame) != len(network.snapshots):
            raise UserError(
                f'"{path}": {name} has {len(frame):,} rows, and there are {len(network.snapshots):,} snapshots.'
            )
        else:
            network.series[component, attribute] = frame.reset_index(drop=True)
    return network


def _from_folder(path: Path) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    tables: dict[str, pd.DataFrame] = {}
    attributes: dict[str, str] = {}
    for file in table_files(path):
        if unread := unopenable(file):
            raise UserError(f'"{file}" {unread}. Put the file itself there, or take this away.')
        try:
            if file.stat().st_size > MOST_BYTES:
                raise UserError(f'"{file}" is larger than {MOST_BYTES / 1e6:,.0f} MB, the most that is read.')
            with file.open(encoding="utf-8-sig", newline="") as handle:
                rows = [cells for cells in csv.reader(handle, strict=True) if cells]
        except OSError as error:
            raise UserError(f'"{file}" cannot be read: {error.strerror or error}.') from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise UserError(f'"{file}" cannot be read: {error}. It is a CSV file in UTF-8.') from error
        _keep(file.stem, rows, tables, attributes, str(file))
    return tables, attributes


def _from_workbook(path: Path) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    tables: dict[str, pd.DataFrame] = {}
    attributes: dict[str, str] = {}
    for name, sheet in sheets(path).items():
        if sheet.errors:
            (row, column, what), count = sheet.errors[0], len(sheet.errors)
            more = f" and {count - 1} more" if count > 1 else ""
            raise UserError(f'"{path}" sheet {name}, row {row}, column {column + 1}: holds {what}{more}.')
        _keep(name, [cells for _, cells in sheet.rows], tables, attributes, f"{path} sheet {name}")
    return tables, attributes


def _is_table(name: str) -> bool:
    """Whether PyPSA has a file or sheet of this name."""
    return name.partition("-")[0] in (
        *COMPONENTS,
        *OTHER,
        "network",
        "snapshots",
        "investment_periods",
        "scenarios",
    )


def _keep(
    name: str, rows: list[list[str]], tables: dict[str, pd.DataFrame], attributes: dict[str, str], where: str
) -> None:
    """Put the text rows of one file among the tables, typed."""
    if name == "network" and len(rows) > 1:
        attributes.update(zip(rows[0], rows[1], strict=False))
    if not _is_table(name) or name == "network" or not rows:
        return
    head, body = rows[0], rows[1:]
    if name.endswith(PIECES):  # a file has the names twice in its header, a sheet beside "attribute"
        tables[name] = pd.DataFrame(
            columns=list(dict.fromkeys(word for word in head[1:] if word != "attribute"))
        )
        return
    if any(len(cells) > len(head) for cells in body):
        raise UserError(f'"{where}": a row has more cells than the header.')
    cells = [[*row, *[""] * (len(head) - len(row))] for row in body]
    frame = pd.DataFrame(cells, columns=head, dtype=object)
    if frame.columns.has_duplicates:
        raise UserError(f'"{where}": a column stands twice.')
    first = frame.columns[0]
    if "-" in name:
        frame = frame.drop(columns=first)
        tables[name] = frame.map(lambda cell: _number(cell, where)) if len(frame.columns) else frame
    elif name == "snapshots":
        tables[name] = frame if first == "snapshot" else frame.drop(columns=first)
    else:
        tables[name] = frame.set_index(first).rename_axis("name")
    if tables[name].index.has_duplicates:
        raise UserError(f'"{where}": a name stands twice.')


def _number(cell: Any, where: str) -> float:
    if cell == "" or cell is None:
        return float("nan")
    try:
        return float(cell)
    except (TypeError, ValueError):
        raise UserError(f'"{where}": "{cell}" is not a number.') from None


def _extra(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise ExtraMissing("pypsa") from error


def _from_netcdf(path: Path) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    xarray = _extra("xarray")
    _extra("netCDF4")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f'"{path}" is larger than {MOST_BYTES / 1e6:,.0f} MB, the most that is read.')
        with xarray.open_dataset(path, engine="netcdf4") as data:
            _require_shapes(data, path)
            return _unpacked(data)
    except OSError as error:
        raise UserError(
            f'"{path}" is not a netCDF file that can be read ({error.strerror or error}).'
        ) from error
    except (ValueError, KeyError, RuntimeError, TypeError, AttributeError, OverflowError) as error:
        raise UserError(f'"{path}" is not a sound PyPSA network in netCDF ({error}).') from error


_LISTS = sorted((*COMPONENTS, *OTHER, "snapshots", "investment_periods"), key=len, reverse=True)


def _component(label: str) -> str:
    """The list of an array, such as "storage_units" of "storage_units_t_inflow"; "" where it is of none."""
    return next((name for name in _LISTS if label.startswith(f"{name}_")), "")


def _require_shapes(data: Any, path: Path) -> None:
    """Raises UserError for arrays that are not over what PyPSA has them over; those of scenarios have one dimension more."""
    wrong = []
    for label, variable in data.data_vars.items():
        component = _component(str(label))
        attribute = str(label)[len(component) + 1 :]
        if component not in (*COMPONENTS, "snapshots") or attribute.startswith("pw_"):
            continue
        names = "snapshots" if component == "snapshots" else f"{component}_i"
        expected = ["snapshots", f"{label}_i"] if attribute.startswith("t_") else [names]
        found = [str(name) for name in variable.dims if name != "scenario"]
        if sorted(found) != sorted(expected):
            wrong.append(f"{label} is over {', '.join(found) or 'nothing'}, not over {', '.join(expected)}")
        elif expected[-1] not in data.coords and component != "snapshots":
            wrong.append(f"{label} has no names {expected[-1]}")
    if wrong:
        raise UserError(f'"{path}" is not a sound PyPSA network: {"; ".join(wrong)}.')


def _unpacked(data: Any) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    tables: dict[str, dict[str, Any]] = {}
    found: dict[str, pd.DataFrame] = {}
    for label, variable in data.data_vars.items():
        component = _component(str(label))
        if not component:
            continue
        attribute = str(label)[len(component) + 1 :]
        if attribute.startswith("pw_"):
            names = [str(name) for name in data.coords[f"{label}_i"].to_numpy()]
            found[f"{component}-{attribute[3:]}{PIECES}"] = pd.DataFrame(columns=names)
        elif attribute.startswith("t_"):
            attribute = attribute[2:]
            frame = variable.transpose("snapshots", ...).to_pandas().reset_index(drop=True)
            frame.columns = [str(name) for name in frame.columns]
            found[f"{component}-{attribute}"] = frame.astype(float)
        else:
            tables.setdefault(component, {})[attribute] = variable.to_numpy()
    for component in (*COMPONENTS, *OTHER):
        if f"{component}_i" in data.coords:
            index = pd.Index([str(name) for name in data.coords[f"{component}_i"].to_numpy()], name="name")
            found[component] = pd.DataFrame(tables.get(component, {}), index=index)
    snapshots = tables.get("snapshots", {})
    if "snapshots" in data.coords:
        snapshots.setdefault("snapshot", data.coords["snapshots"].to_numpy())
    found["snapshots"] = pd.DataFrame(snapshots)
    if "investment_periods" in tables:
        found["investment_periods"] = pd.DataFrame(tables["investment_periods"])
    if "scenario" in data.coords:
        found["scenarios"] = pd.DataFrame(index=pd.Index(data.coords["scenario"].to_numpy()))
    attributes = {
        str(key).removeprefix("network_"): str(value)
        for key, value in data.attrs.items()
        if str(key).startswith("network_")
    }
    return found, attributes


# ---- writing
def save(network: Network, path: Path) -> Path:
    """Write a network as a folder of CSV files, or as a workbook or netCDF file by the ending of the path."""
    ending = path.suffix.lower()
    if ending == ".xlsx":
        return put(path, _workbook(network))
    if ending == ".nc":
        return put_filled(path, lambda file: _netcdf(network, file))
    return _folder(network, path)


def _sheets(network: Network) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and table of each file or sheet, as PyPSA names them; the first column is the index."""
    head = {"name": network.name, "_multi_invest": 0, **network.attributes}
    yield "network", pd.DataFrame([head]).set_index("name")
    yield "snapshots", network.snapshots
    for component, frame in network.static.items():
        yield component, frame
        for (owner, attribute), values in network.series.items():
            if owner == component:
                yield f"{owner}-{attribute}", values


def _folder(network: Network, path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise UserError(f'"{path}" is a file; a folder cannot be written there.')
    if path.exists() and any(path.iterdir()) and not is_network(path):
        raise UserError(f'"{path}" holds something else than a PyPSA network. Name a new folder.')

    def fill(folder: Path) -> None:
        for name, frame in _sheets(network):
            text = frame.to_csv(lineterminator="\n", date_format="%Y-%m-%d %H:%M:%S")
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")

    def is_own(file: Path) -> bool:
        return file.name in _JSON or (file.suffix.lower() == ".csv" and _is_table(file.stem))

    return put_folder(path, fill, "buses.csv", is_own)


def _workbook(network: Network) -> bytes:
    buffer = io.BytesIO()
    off = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "nan_inf_to_errors"), False)
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **off})
    book.set_properties({"created": _MADE})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for name, frame in _sheets(network):
        sheet = book.add_worksheet(name[:31])
        sheet.write_row(0, 0, [frame.index.name or "", *frame.columns])
        for row, (label, cells) in enumerate(zip(frame.index, frame.itertuples(index=False), strict=True), 1):
            for column, cell in enumerate((label, *cells)):
                if isinstance(cell, (pd.Timestamp, datetime.datetime)):
                    sheet.write_datetime(row, column, pd.Timestamp(cell).to_pydatetime(), moment)
                elif isinstance(cell, (bool, np.bool_)):
                    sheet.write_boolean(row, column, bool(cell))
                elif isinstance(cell, (int, float, np.number)):
                    if np.isfinite(cell):
                        sheet.write_number(row, column, float(cell))
                elif cell:
                    sheet.write_string(row, column, str(cell))
    book.close()
    return buffer.getvalue()


def _netcdf(network: Network, path: Path) -> None:
    xarray = _extra("xarray")
    _extra("netCDF4")
    count = len(network.snapshots)
    variables: dict[str, Any] = {
        f"snapshots_{name}": ("snapshots", values.to_numpy()) for name, values in network.snapshots.items()
    }
    coordinates: dict[str, Any] = {"snapshots": np.arange(count)}
    for component, frame in network.static.items():
        coordinates[f"{component}_i"] = [str(name) for name in frame.index]
        for name, values in frame.items():
            column = values.astype(object) if values.dtype == object or str(values.dtype) == "str" else values
            variables[f"{component}_{name}"] = (f"{component}_i", column.to_numpy())
    for (component, attribute), frame in network.series.items():
        label = f"{component}_t_{attribute}"
        coordinates[f"{label}_i"] = [str(name) for name in frame.columns]
        variables[label] = (("snapshots", f"{label}_i"), frame.to_numpy(dtype=float))
    attributes = {"network_name": network.name, "network__multi_invest": 0, "meta": "{}", "crs": "{}"}
    attributes |= {f"network_{key}": value for key, value in network.attributes.items()}
    data = xarray.Dataset(variables, coordinates, attributes)
    packed = {
        name: {"zlib": True, "complevel": 4} for name, v in data.data_vars.items() if v.dtype.kind in "fiu"
    }
    try:
        data.to_netcdf(path, engine="netcdf4", encoding=packed)
    except RuntimeError as error:  # what the library makes of a full disk
        raise OSError(str(error)) from error


def text(value: Any, default: str = "") -> str:
    """A cell as text; the default where it is empty."""
    if value is None or (isinstance(value, (float, np.floating)) and np.isnan(value)):
        return default
    return str(value).strip() or default


def number(value: Any, default: float) -> float:
    """A cell as a number; the default where it is empty. Raises ValueError for a text."""
    if value is None or value == "":
        return default
    found = float(value)
    return default if np.isnan(found) else found


def flag(value: Any, default: bool = False) -> bool:
    """A cell as yes or no."""
    word = text(value).lower()
    return default if word == "" else word in ("true", "1", "1.0", "yes")
