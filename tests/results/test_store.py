"""Runs: whole or not at all, exact, and a query sees nothing but them."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim import __version__
from kelisim.case.case import Case
from kelisim.errors import InternalError, RunError
from kelisim.io import csv_folder
from kelisim.results import store
from kelisim.results.results import Results

ROOT = Path(__file__).parents[2]
FILES = {
    "case.toml": 'name = "Tiny case"\n[horizon]\nstart = "2024-01-01"\nend = "2024-12-31"\nstep = "1mo"\n',
    "places.csv": "place,name,country,lat,lon\na,A,RU,52,60\nb,B,KZ,50,62\n",
    "links.csv": "link,carrier,from_place,to_place,capacity,unit\npipe,natural_gas,a,b,0.1,bcm/year\n",
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The case of all runs, read once."""
    folder = tmp_path_factory.mktemp("given")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return csv_folder.check(folder)[0]


@pytest.fixture
def results(case: Case) -> Results:
    """A pipe, and numbers that lose digits easily."""
    numbers = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, np.nan]
    steps = pd.date_range("2024-01-01", periods=6, freq="MS")
    link = pd.Categorical.from_codes([0, 0, 1, 1, 0, 1], categories=["pipe", "other"])
    return Results(
        study="balance",
        fields={"series": True, "lost": ("pipe",), "start": date(2024, 1, 15), "share": np.float64(0.1)},
        case=case,
        tables={
            "key_figures": pd.DataFrame(
                {"country": ["all"], "made": [1.0], "firm": [True], "count": [2**60]}
            ),
            "links.flow": pd.DataFrame({"link": link, "step": steps, "flow": numbers}),
            "demand.unserved": pd.DataFrame(
                {"place": pd.Series([], dtype=str), "unserved": pd.Series([], dtype=float)}
            ),
        },
        units_of={"links.flow": {"flow": "MW"}, "key_figures": {"made": "bcm"}},
        meta={
            "status": "optimal",
            "objective": 0.1 + 0.2,
            "rules": {"place": "none"},
            "timings": {"solve": 1.5},
            "counts": {"rows": np.int64(7)},
            "limits": ["No pressures."],
            "versions": {"scipy": "1"},
            "gap": float("nan"),
        },
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def told(call: Any, *arguments: Any) -> str:
    with pytest.raises(RunError) as caught:
        call(*arguments)
    return str(caught.value)


# ---- both ways
def test_a_run_opens_as_it_was(results: Results, home: Path) -> None:
    """A number that changes on the way to disk is another result."""
    folder = results.save(home)
    back = store.load_run(folder.name, home)
    assert back.names == results.names
    for name in results.names:
        pd.testing.assert_frame_equal(back[name], results[name], check_exact=True, check_categorical=False)
    assert np.signbit(back["links.flow"]["flow"].iloc[4])
    assert (back.study, back.units("links.flow")) == ("balance", {"flow": "MW"})
    assert back.fields == {"series": True, "lost": ("pipe",), "start": "2024-01-15", "share": 0.1}
    assert back.meta["objective"] == 0.1 + 0.2
    assert back.meta["gap"] is None
    assert back.meta["run"] == folder.name
    assert back.case.diff(results.case).empty
    assert back.case.fingerprint == results.case.fingerprint == back.meta["fingerprint"]


def test_a_run_says_what_made_it(results: Results, home: Path) -> None:
    """In ten years somebody asks how this number came about."""
    folder = store.save(results, home)
    head = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    made = datetime.fromisoformat(head["created"])
    assert abs((datetime.now(UTC) - made).total_seconds()) < 60
    words = folder.name.split("-")
    assert words[:4] == ["tiny_case", "balance", f"{made:%Y%m%d}", f"{made:%H%M%S}"]
    assert len(words[4]) == 4 and int(words[4], 16) >= 0
    assert head["case"] == {
        "name": "Tiny case",
        "title": "Tiny case",
        "fingerprint": results.case.fingerprint,
    }
    assert head["versions"] == {
        "kelisim": __version__,
        **{name: version(name) for name in ("highspy", "numpy", "pandas")},
        "scipy": "1",
    }
    assert (head["timings"], head["counts"], head["rules"]) == (
        {"solve": 1.5},
        {"rows": 7},
        {"place": "none"},
    )
    assert [(entry["name"], entry["file"], entry["rows"]) for entry in head["tables"]] == [
        ("key_figures", "key_figures.parquet", 1),
        ("links.flow", "links.flow.parquet", 6),
        ("demand.unserved", "demand.unserved.parquet", 0),
    ]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["run.json", "case", *(entry["file"] for entry in head["tables"])]
    )


def test_any_program_reads_the_tables(results: Results, home: Path) -> None:
    """The tables are plain Parquet; the folder must serve without kelisim."""
    frame = pd.read_parquet(store.save(results, home) / "links.flow.parquet")
    assert frame["flow"].iloc[0] == 0.1 + 0.2


def test_where_runs_lie(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word they lie in ./runs; a server says another place once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KELISIM_RUNS", raising=False)
    assert results.save().parent == Path("runs")
    monkeypatch.setenv("KELISIM_RUNS", str(tmp_path / "elsewhere"))
    folder = results.save()
    assert folder.parent == tmp_path / "elsewhere"
    assert (
        store.load_run(folder.name).study
        == store.load_run(folder).study
        == store.load_run(str(folder)).study
        == "balance"
    )


def test_list(results: Results, home: Path) -> None:
    """The latest first; a damaged run is listed with what it lacks, not hidden."""
    assert store.list_runs(home).empty
    first, second = results.save(home), results.save(home)
    head = json.loads((first / "run.json").read_text())
    (first / "run.json").write_text(json.dumps(head | {"created": "2020-01-01T00:00:00+00:00"}))
    (first / "links.flow.parquet").unlink()
    (home / "notes").mkdir()
    runs = store.list_runs(home)
    assert runs["run"].tolist() == [second.name, first.name]
    assert runs["problem"].tolist() == ["", "links.flow.parquet is missing"]
    assert runs.loc[0, ["study", "case", "status", "objective"]].tolist() == [
        "balance",
        "Tiny case",
        "optimal",
        0.1 + 0.2,
    ]
    assert str(runs["created"].dt.tz) == "UTC"


# ---- not there, or not whole
def test_no_such_run(results: Results, home: Path) -> None:
    """The id is long and easily mistyped."""
    assert told(store.load_run, "x", home) == f'no run "x": there are no runs in "{home}".'
    run = results.save(home).name
    assert told(store.load_run, run[:-1], home) == f'no run "{run[:-1]}" in "{home}". Did you mean "{run}"?'
    assert told(store.load_run, "x", home) == f'no run "x" in "{home}". The latest: {run}.'
    (home / "mine").mkdir()
    assert told(store.load_run, "mine", home) == f'"{home / "mine"}" is not a run: it has no run.json.'


def test_not_whole(results: Results, home: Path) -> None:
    """Half a run read as a whole is a wrong answer."""
    folder = results.save(home)
    (folder / "demand.unserved.parquet").unlink()
    (folder / "links.flow.parquet").write_bytes(b"short")
    shutil.rmtree(folder / "case")
    size = next(
        e["bytes"]
        for e in json.loads((folder / "run.json").read_text())["tables"]
        if e["name"] == "links.flow"
    )
    assert told(store.load_run, folder) == (
        f"The run {folder.name} is not whole: links.flow.parquet has 5 bytes instead of {size:,}; "
        "demand.unserved.parquet is missing; "
        "the copy of the case is missing. Run the study again."
    )
    assert told(store.sql, "select 1", folder).startswith(f"The run {folder.name} is not whole")


def test_changed_by_a_bit(results: Results, home: Path) -> None:
    """A file of the right size with a wrong number in it must not pass."""
    folder = results.save(home)
    file = folder / "links.flow.parquet"
    data = bytearray(file.read_bytes())
    data[40] ^= 1
    file.write_bytes(bytes(data))
    back = store.load_run(folder)
    assert back["key_figures"]["made"].tolist() == [1.0]
    said = f'"{file}" is not as it was written: its checksum differs. Run the study again.'
    assert told(back.__getitem__, "links.flow") == said
    assert told(store.sql, 'SELECT made FROM "key_figures"', folder) == said
    assert told(store.sql, "SELECT sum(flow) FROM links.flow", folder) == said


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 2, "tables": 5}'])
def test_damaged_head(text: str, results: Results, home: Path) -> None:
    """Someone edited run.json."""
    folder = results.save(home)
    (folder / "run.json").write_text(text)
    assert told(store.load_run, folder).startswith(f'"{folder}" is not a run that can be read: run.json ')
    assert store.list_runs(home)["problem"].str.contains("run.json").all()


def test_other_format(results: Results, home: Path) -> None:
    """A run of a later version must not be read by guess."""
    folder = results.save(home)
    head = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(head | {"format": 9}))
    assert told(store.load_run, folder) == f'"{folder}" was written in format 9; this version reads format 2.'


def test_a_name_cannot_lead_out_of_the_folder(results: Results, home: Path) -> None:
    """A run from a stranger must not read other files."""
    folder = results.save(home)
    head = json.loads((folder / "run.json").read_text())
    head["tables"][0]["name"] = "../../secret"
    (folder / "run.json").write_text(json.dumps(head))
    assert told(store.load_run, folder).endswith("run.json has wrong lines for its tables.")


# ---- whole or not at all
def test_what_cannot_be_stored(results: Results, home: Path) -> None:
    """A column of mixed things is a mistake of the study; nothing must remain of the run."""
    mixed = pd.DataFrame({"here": [1.0, "a"]})
    with pytest.raises(InternalError, match=r"the table mix cannot be stored: .*here"):
        store.save(Results("s", {}, results.case, {"costs": results["key_figures"], "mix": mixed}), home)
    assert not home.exists()


def test_nowhere_to_write(results: Results, tmp_path: Path) -> None:
    """The disk's own words come with the place."""
    (tmp_path / "file").write_text("mine")
    assert told(store.save, results, tmp_path / "file").startswith(
        f'The run cannot be written to "{tmp_path / "file"}": '
    )


CHILD = """
import sys, time
from pathlib import Path
import pandas as pd
from kelisim.case.case import Case
from kelisim.results import store
from kelisim.results.results import Results

case = Case(settings={"name": "killed"}, tables={})
tables = {f"table.n{i}": pd.DataFrame({"a": range(20_000), "b": 0.5}) for i in range(8)}
results = Results("balance", {}, case, tables)
write = store._write_table

def slow(folder, name, frame):
    entry = write(folder, name, frame)
    if sys.argv[2] == "halt" and name.endswith("n3"):
        print("half", flush=True)
        time.sleep(60)
    return entry

store._write_table = slow
print("ready", flush=True)
while True:
    store.save(results, sys.argv[1])
"""


def killed(home: Path, how: str, after: str, wait: float = 0.0) -> None:
    """Run a writer in a process of its own and kill it without warning."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home), how], stdout=subprocess.PIPE, text=True, env=environment
    )
    with child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip() == after:
                break
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)


def test_killed_in_the_middle(results: Results, home: Path) -> None:
    """A killed writer leaves no run, and the next save takes away what it left."""
    killed(home, "halt", "half")
    (left,) = home.glob(".writing-*")
    assert len(list(left.glob("new/*.parquet"))) == 4
    assert store.list_runs(home).empty
    assert told(store.load_run, "new", home).endswith(f'there are no runs in "{home}".')
    folder = results.save(home)
    assert [path.name for path in home.iterdir()] == [folder.name]


def test_killed_at_any_moment(home: Path) -> None:
    """Whatever the moment, every run that is listed is whole."""
    chance = random.Random(7)
    for _ in range(3):
        killed(home, "go on", "ready", chance.uniform(0.0, 0.3))
    runs = store.list_runs(home)
    assert (runs["problem"] == "").all()
    for run in runs["run"].head(5):
        back = store.load_run(run, home)
        assert [len(back[name]) for name in back] == [20_000] * 8


def test_two_writers(results: Results, home: Path) -> None:
    """One writer must not clean away what another is writing."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home), "go on"], stdout=subprocess.PIPE, text=True, env=environment
    )
    with child:
        assert child.stdout is not None and child.stdout.readline().strip() == "ready"
        try:
            mine = [results.save(home) for _ in range(5)]
            assert child.poll() is None
        finally:  # or else the end of the block waits for it
            child.send_signal(signal.SIGKILL)
    assert (store.list_runs(home)["problem"] == "").all()
    assert all(store.load_run(folder).study == "balance" for folder in mine)


# ---- queries
@pytest.mark.parametrize("spelling", ["links.flow", '"links.flow"', "links_flow"])
def test_sql(spelling: str, results: Results, home: Path) -> None:
    """The dot in the name must not be in the way."""
    folder = results.save(home)
    for run in (folder.name, folder, results):
        found = store.sql(
            f"SELECT link, count(*) AS steps FROM {spelling} GROUP BY link ORDER BY link", run, home
        )
        assert found.to_numpy().tolist() == [["other", 3], ["pipe", 3]]
    assert store.sql(f"SELECT flow FROM {spelling} LIMIT 1", folder)["flow"].tolist() == [0.1 + 0.2]


def test_wrong_query(results: Results, home: Path) -> None:
    """Who mistypes a name sees what there is."""
    words = told(store.sql, "SELECT * FROM links.flows", results.save(home))
    assert "links.flows" in words or "flows" in words
    assert words.endswith("\nTables: key_figures, links.flow, demand.unserved.")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM '{parquet}'",
        "SELECT * FROM read_parquet('{parquet}')",
        "SELECT * FROM glob('*')",
        "COPY links_flow TO '{new}'",
        "COPY links_flow TO '{parquet}'",
        "ATTACH '{new}'",
        "EXPORT DATABASE '{new}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET memory_limit = '100GB'",
        "SELECT * FROM hidden",
    ],
)
def test_a_query_sees_nothing_else(query: str, results: Results, home: Path, tmp_path: Path) -> None:
    """A query may come from a page: it must not read a file, write one, or lift its own limits."""
    hidden = pd.DataFrame({"secret": [1]})
    folder = results.save(home)
    (tmp_path / "file.txt").write_text("secret")
    names = {"file": tmp_path / "file.txt", "parquet": folder / "links.flow.parquet", "new": tmp_path / "new"}
    before = (folder / "links.flow.parquet").read_bytes()
    words = told(store.sql, query.format(**names), folder)
    assert "secret" not in words and len(hidden) == 1
    assert not (tmp_path / "new").exists()
    assert (folder / "links.flow.parquet").read_bytes() == before
    assert store.load_run(folder)["links.flow"].shape == (6, 3)


# ---- time
def test_a_daily_year_is_written_fast(results: Results, home: Path) -> None:
    """Saving must not be felt beside solving: four tables of a daily year in less than 1.5 s."""
    steps, count = pd.date_range("2024-01-01", periods=366, freq="D"), 820
    chance = np.random.default_rng(1)
    codes = np.repeat(np.arange(count, dtype=np.int32), len(steps))
    element = pd.Categorical.from_codes(codes, categories=[f"element_number_{i}" for i in range(count)])
    long = pd.DataFrame({"element": element, "step": np.tile(steps.to_numpy(), count)})
    tables = {
        f"table.n{i}": long.assign(
            **{name: chance.gamma(1.0, 100.0, len(long)) for name in ("flow", "loading", "shadow_price")}
        )
        for i in range(4)
    }
    began = time.process_time()  # of this process, so that what else the machine does is not counted
    store.save(Results("balance", {}, results.case, tables), home)
    taken = time.process_time() - began
    assert taken < 1.5


def test_a_run_is_not_put_over_another(results: Results, tmp_path: Path) -> None:
    """A run that took hours would be lost by a name given twice."""
    folder = results.save(tmp_path, "twice")
    with pytest.raises(RunError) as caught:
        results.save(tmp_path, "twice")
    said = f'There is a run in "{folder}" already. Name another folder, or write over it with --force.'
    assert str(caught.value) == said
