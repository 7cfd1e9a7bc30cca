"""Runs on disk: a folder with run.json, a Parquet file for each table and a copy of the case.

A run is written whole or not at all, and opens again with every number as it was. Runs lie in ./runs, or
where the environment variable KELISIM_RUNS says. Tables are read when asked for, and checked as they are.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet

from kelisim import __version__, catalog
from kelisim.case import schema
from kelisim.errors import InternalError, RunError
from kelisim.late import late
from kelisim.results import files
from kelisim.results.known_runs import BEGUN, HEAD, remember, remembered
from kelisim.results.results import Results
from kelisim.results.unfinished import FOLDER, LOCK, is_unfinished, unfinished

FORMAT = 2  # 1 kept sentences
PARTIAL = "partial"  # status of a run that is not finished
# the rest of run.json is meta
_OWN = ("format", "run", "created", "study", "fields", "case", "units", "tables")
_NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "2GB",
    "temp_directory": "",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def runs_folder(root: str | Path | None = None) -> Path:
    """Where runs lie."""
    return Path(root or os.environ.get("KELISIM_RUNS") or "runs")


# ---- writing
def must_be_free(folder: Path, force: bool = False) -> None:
    """Raises RunError where a run would be put over something that is there; with force over another run only."""
    if folder.is_file() or (folder.is_dir() and any(one.name != LOCK for one in folder.iterdir())):
        if not (folder / HEAD).is_file() and is_unfinished(folder):
            if force:
                return
            raise RunError(
                f'There is an unfinished run in "{folder}": {unfinished(folder).words}. Go on with it with --resume {folder}, '
                "or begin it anew with --force."
            )
        if not (folder / HEAD).is_file():
            raise RunError(
                f'There is something in "{folder}" already, and it is not a run. Name another folder.'
            )
        if not force:
            raise RunError(
                f'There is a run in "{folder}" already. Name another folder, or write over it with --force.'
            )


def must_be_writable(root: str | Path | None = None) -> None:
    """Raises RunError where no run can be written into a folder of runs: before the work, not after it."""
    try:
        files.must_be_writable(runs_folder(root))
    except OSError as error:
        raise _not_written(runs_folder(root), error) from error


def _not_written(home: Path, error: OSError) -> RunError:
    return RunError(f'The run cannot be written to "{home}": {error.strerror or error}.')


def new_name(case: str, study: str) -> str:
    """Name of a run, of case, study and time."""
    words = (re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_") for word in (case, study))
    made = datetime.now(UTC)
    return "-".join([*(word[:40] or "case" for word in words), f"{made:%Y%m%d-%H%M%S}", secrets.token_hex(2)])


def save(results: Results, root: str | Path | None = None, name: str = "", force: bool = False) -> Path:
    """Keep results as a run; gives its folder. Raises RunError where nothing can be written.

    name   of the folder; made of case, study and time if not given
    force  write over a run of that name
    """
    home = runs_folder(root)
    made = datetime.now(UTC)
    run = name or new_name(results.case.name, results.study)
    must_be_free(home / run, force)

    def fill(folder: Path) -> None:
        tables = [_write_table(folder, name, frame) for name, frame in results.tables.items()]
        (folder / "case").mkdir()
        late("fill")(results.case, folder / "case")
        text = json.dumps(
            plain(_head(results, run, made, tables)), indent=1, ensure_ascii=False, allow_nan=False
        )
        (folder / HEAD).write_text(text + "\n", encoding="utf-8")

    try:
        folder = files.put_folder(home / run, fill, HEAD, _is_own)
    except OSError as error:
        raise _not_written(home, error) from error
    remember(folder)
    return folder


def _is_own(entry: Path) -> bool:
    """Whether something in the folder of a run belongs to it, and goes when the run is written over."""
    return entry.suffix == ".parquet" or entry.name in (HEAD, FOLDER, "case", "report.html")


def _head(results: Results, run: str, made: datetime, tables: list[dict[str, Any]]) -> dict[str, Any]:
    versions = {"kelisim": __version__, **{name: version(name) for name in ("highspy", "numpy", "pandas")}}
    meta = {"fingerprint": results.case.fingerprint, **results.meta}
    return {
        "format": FORMAT,
        "run": run,
        "created": made.isoformat(timespec="milliseconds"),
        "study": results.study,
        "fields": results.fields,
        "case": {
            "name": results.case.name,
            "title": results.case.title,
            "fingerprint": results.case.fingerprint,
        },
        **{name: value for name, value in meta.items() if name not in _OWN},
        "versions": {**versions, **meta.get("versions", {})},
        "units": results.units_of,
        "tables": tables,
    }


def _write_table(folder: Path, name: str, frame: pd.DataFrame) -> dict[str, Any]:
    """Write one table; gives its line in run.json."""
    if not _NAME.fullmatch(name):
        raise InternalError(f'"{name}" is not a name of a result table')
    named = any(level is not None for level in frame.index.names)
    try:
        table = pa.Table.from_pandas(frame, preserve_index=named)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise InternalError(f"the table {name} cannot be stored: {error}") from error
    words = [column.name for column in table.schema if not pa.types.is_floating(column.type)]
    content = io.BytesIO()
    pa.parquet.write_table(table, content, compression="zstd", use_dictionary=words)
    data = content.getvalue()
    (folder / f"{name}.parquet").write_bytes(data)
    return {
        "name": name,
        "file": f"{name}.parquet",
        "rows": len(frame),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def plain(value: Any) -> Any:
    """A value as JSON holds it; numbers that are not finite become null."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(inner) for inner in value)
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or value is pd.NaT or isinstance(value, (bool, int, str)):
        return None if value is pd.NaT else value
    return value.isoformat() if isinstance(value, date) else str(value)


# ---- reading
def load_run(run: str | Path, root: str | Path | None = None) -> Results:
    """The results of a run, by its id or its folder. Raises RunError that says what is missing."""
    folder = find(run, root)
    head = read_head(folder)
    _require_whole(folder, head)
    case, problems = late("check")(folder / "case")
    meta = {name: value for name, value in head.items() if name not in _OWN}
    meta |= {"run": head["run"], "created": head["created"]}
    if problems:
        found = catalog.text("run.problems").format(count=len(problems), first=problems[0])
        meta["limits"] = [*meta.get("limits", []), found]
    fields = {
        name: tuple(value) if isinstance(value, list) else value for name, value in head["fields"].items()
    }
    tables = _Tables(folder, {entry["name"]: entry["sha256"] for entry in head["tables"]})
    return Results(head["study"], fields, case, tables, head["units"], meta)


def find(run: str | Path, root: str | Path | None = None) -> Path:
    """Folder of a run. Raises RunError with the nearest id."""
    home = runs_folder(root)
    for folder in (home / run, Path(run)):
        if (folder / HEAD).is_file():
            return folder
        if is_unfinished(folder):
            raise RunError(
                f'The run in "{folder}" is not finished: {unfinished(folder).words}. Go on with --resume {folder}.'
            )
        if folder.is_dir() and folder.resolve() != home.resolve() and str(run):
            raise RunError(f'"{folder}" is not a run: it has no {HEAD}.')
    known = [folder.name for folder in _folders(home)]
    if not known:
        raise RunError(f'no run "{run}": there are no runs in "{home}".')
    near = schema.nearest(str(run), known)
    hint = f'Did you mean "{near}"?' if near else f"The latest: {schema.some(known[::-1], 3)}."
    raise RunError(f'no run "{run}" in "{home}". {hint}')


def _folders(home: Path) -> list[Path]:
    """Folders of runs; what is being written is none."""
    if not home.is_dir():
        return []
    return sorted(
        folder
        for folder in home.iterdir()
        if not folder.name.startswith(".") and any((folder / name).is_file() for name in (HEAD, BEGUN))
    )


def read_head(folder: Path) -> dict[str, Any]:
    """What run.json of a run says: study, fields, case, rules, status. Raises RunError where it is damaged."""
    try:
        head = json.loads((folder / HEAD).read_bytes())
        missing = [name for name in _OWN if name not in head]
        sound = not missing and all(
            _NAME.fullmatch(entry["name"])
            and isinstance(entry["bytes"], int)
            and isinstance(entry["sha256"], str)
            for entry in head["tables"]
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise RunError(f'"{folder}" is not a run that can be read: {HEAD} is damaged ({error}).') from error
    if missing:
        raise RunError(f'"{folder}" is not a run that can be read: {HEAD} lacks {", ".join(missing)}.')
    if not sound:
        raise RunError(f'"{folder}" is not a run that can be read: {HEAD} has wrong lines for its tables.')
    if head["format"] != FORMAT:
        raise RunError(
            f'"{folder}" was written in format {head["format"]}; this version reads format {FORMAT}.'
        )
    result: dict[str, Any] = head
    return result


def _missing(folder: Path, head: dict[str, Any]) -> list[str]:
    """What a run lacks, in words."""
    found = []
    for entry in head["tables"]:
        file = folder / f"{entry['name']}.parquet"
        size = file.stat().st_size if file.is_file() else -1
        if size < 0:
            found.append(f"{file.name} is missing")
        elif size != entry["bytes"]:
            sizes = {"size": f"{size:,}", "bytes": f"{entry['bytes']:,}"}
            found.append(catalog.text("run.cut_off").format(file=file.name, **sizes))
    if not (folder / "case" / "case.toml").is_file():
        found.append(catalog.text("run.no_case"))
    return found


def _require_whole(folder: Path, head: dict[str, Any]) -> None:
    missing = _missing(folder, head)
    if missing:
        raise RunError(f"The run {head['run']} is not whole: {'; '.join(missing)}. Run the study again.")


@dataclass(frozen=True)
class _Tables(Mapping[str, pd.DataFrame]):
    """Tables of a stored run, each read once, when it is asked for."""

    folder: Path
    checksums: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_read", {})

    def __getitem__(self, name: str) -> pd.DataFrame:
        read: dict[str, pd.DataFrame] = self.__dict__["_read"]
        if name not in read:
            read[name] = self._load(name, self.checksums[name])
        return read[name]

    def _load(self, name: str, checksum: str) -> pd.DataFrame:
        data = io.BytesIO(_sound(self.folder / f"{name}.parquet", checksum))
        frame: pd.DataFrame = pa.parquet.read_table(data).to_pandas()
        return frame

    def __iter__(self) -> Iterator[str]:
        return iter(self.checksums)

    def __len__(self) -> int:
        return len(self.checksums)


def list_runs(root: str | Path | None = None, anywhere: bool = False) -> pd.DataFrame:
    """Runs of a folder, the latest first: run, created, study, case, fingerprint, status, objective, problem, folder.

    anywhere  those as well that lie in the working folder, or were written elsewhere and are still there
    problem   what a run lacks, in words; empty if it is whole
    """
    rows = []
    home = runs_folder(root)
    others = [folder.resolve() for folder in (*_folders(Path()), *remembered())] if anywhere else []
    elsewhere = [folder for folder in dict.fromkeys(others) if folder.parent != home.resolve()]
    for folder in [*_folders(home), *elsewhere]:
        if is_unfinished(folder) and not (folder / HEAD).is_file():
            rows.append(_begun(folder))
            continue
        try:
            head = read_head(folder)
            problem = "; ".join(_missing(folder, head))
        except RunError as error:
            head, problem = {}, str(error)
        case = head.get("case", {})
        rows.append(
            {
                "run": folder.name,
                "created": head.get("created"),
                "study": head.get("study", ""),
                "case": case.get("name", ""),
                "fingerprint": case.get("fingerprint", ""),
                "status": head.get("status", ""),
                "objective": head.get("objective"),
                "problem": problem,
                "folder": str(folder),
            }
        )
    columns = ["run", "created", "study", "case", "fingerprint", "status", "objective", "problem", "folder"]
    frame = pd.DataFrame(rows, columns=columns).astype({"objective": float})
    frame["created"] = pd.to_datetime(frame["created"], utc=True, errors="coerce", format="ISO8601")
    return frame.sort_values(["created", "run"], ascending=False, ignore_index=True)


def _begun(folder: Path) -> dict[str, Any]:
    """Line of a run that is not finished."""
    row: dict[str, Any] = dict.fromkeys(("created", "study", "case", "fingerprint", "status"), "")
    row |= {"run": folder.name, "objective": None, "folder": str(folder)}
    try:
        found = unfinished(folder)
    except RunError as error:
        return row | {"created": None, "problem": str(error)}
    asked, case = found.question, found.question["case"]
    named = {"case": str(case.get("name", "")), "fingerprint": str(case.get("fingerprint", ""))}
    about = {"created": asked.get("created"), "study": str(asked["study"]), "status": PARTIAL}
    return row | named | about | {"problem": found.words}


# ---- queries
def sql(query: str, run: str | Path | Results, root: str | Path | None = None) -> pd.DataFrame:
    """What a query in DuckDB's SQL finds in the tables of a run.

    The spellings links.flow, "links.flow" and links_flow are the same. The query sees these tables and no
    file, network or setting. Raises RunError for a wrong query.
    """
    with duckdb.connect(":memory:", config=_LIMITS) as connection:
        names = _attach(connection, run, root)
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        try:
            found: pd.DataFrame = connection.execute(query).df()
        except (duckdb.Error, RuntimeError, ValueError) as error:
            raise RunError(f"{str(error).strip()}\nTables: {', '.join(names)}.") from error
    return found


def _sound(file: Path, checksum: str) -> bytes:
    """Content of the file of a table. Raises RunError where it is not as it was written."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise RunError(f'"{file}" cannot be read: {error.strerror or error}.') from error
    if hashlib.sha256(data).hexdigest() != checksum:
        raise RunError(f'"{file}" is not as it was written: its checksum differs. Run the study again.')
    return data


def _attach(
    connection: duckdb.DuckDBPyConnection, run: str | Path | Results, root: str | Path | None
) -> list[str]:
    """Make the tables known to a connection, each under three spellings; gives their names."""
    sources: dict[str, Any]
    if isinstance(run, Results):
        sources = {name: pa.Table.from_pandas(frame) for name, frame in run.tables.items()}
    else:
        folder = find(run, root)
        head = read_head(folder)
        _require_whole(folder, head)
        sources = {}
        for entry in head["tables"]:
            file = folder / f"{entry['name']}.parquet"
            _sound(file, entry["sha256"])
            # Arrow opens the files, so that DuckDB itself needs no access to any
            sources[entry["name"]] = pa.dataset.dataset(file)
    for name, source in sources.items():
        connection.register(name, source)
        table, _, quantity = name.rpartition(".")
        if table:
            home = table.replace(".", "_")
            other = name.replace(".", "_")
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{home}"')
            connection.execute(f'CREATE VIEW "{home}"."{quantity}" AS SELECT * FROM main."{name}"')
            if other not in sources:
                connection.execute(f'CREATE VIEW main."{other}" AS SELECT * FROM main."{name}"')
    return list(sources)
