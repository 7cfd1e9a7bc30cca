"""Work in a process of its own: it comes back whole, says why it failed, and ends when it is cancelled or the server is gone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from kelisim.case.scenarios import under
from kelisim.errors import StudyError, UnderWayError
from kelisim.io import read
from kelisim.results.store import list_runs, load_run
from kelisim.studies import run
from kelisim.web.job import Job
from kelisim.web.session import MapSession
from kelisim.web.workspace import Workspace
from tests.conftest import ROOT
from tests.processes import is_there, until


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Solved bases and runs in a folder of the test."""
    monkeypatch.setenv("KELISIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KELISIM_RUNS", str(tmp_path / "runs"))
    return tmp_path


def test_year_solved_aside(case_folder: Path, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year that is solved aside is the one the page then opens from the cache, and a study asked aside comes back whole."""
    case = read(case_folder)
    monkeypatch.setattr("kelisim.web.workspace.SMALL", 0)
    assert Workspace(str(case_folder), case, "1mo").step == "1mo"
    for study in ("", "border"):
        job = Job(str(case_folder), case, study)
        until(lambda job=job: job.is_done)  # type: ignore[misc]
        assert (job.failed, job.doing, job.run) == ("", "", "")
    desk = Workspace(str(case_folder), case)
    assert desk.step == "1d" and desk.aside("1d") is None
    found = MapSession(case)
    found.solve()
    assert found.engine.counts["cached"] == 1
    assert job.results is not None
    here = run("border", found.engine)
    for name in here:
        pd.testing.assert_frame_equal(job.results[name], here[name])
        assert job.results.units(name) == here.units(name)
    assert list_runs().empty


def test_answer_is_kept_as_a_run(case_folder: Path, folders: Path) -> None:
    """What is asked on the web is the same run that the command line writes, with fields as they were given."""
    case = read(case_folder)
    desk = Workspace(str(case_folder), case)
    job = desk.run("disruption", "1d", {"lost": "pipe_a", "start": "2024-01-10", "days": "10"})
    until(lambda: job.is_done)
    kept = load_run(job.run)
    here = run("disruption", case, lost="pipe_a", start="2024-01-10", days="10")
    assert job.failed == "" and list(kept) == list(here)
    pd.testing.assert_frame_equal(kept["demand.total"], here["demand.total"])
    asked = desk.command(kept.study, kept.fields, kept.meta)
    assert (
        asked == f"kelisim run disruption {case_folder} --step 1d --lost pipe_a --start 2024-01-10 --days 10"
    )


def test_a_study_under_a_scenario(case_folder: Path, folders: Path, tmp_path: Path) -> None:
    """The form asks of the case under a scenario what the command line asks with --scenario; one that is not there is named at once."""
    folder = tmp_path / "priced"
    shutil.copytree(case_folder, folder)
    (folder / "scenario_changes.csv").write_text(
        "scenario,change_no,name,acts_on,value,unit\nbusy,1,More use,demand:*:amount,1.1,factor\n",
        encoding="utf-8",
    )
    desk = Workspace(str(folder), read(folder), "1mo")
    with pytest.raises(StudyError, match='no scenario "bussy"'):
        desk.run("balance", "1mo", {}, "bussy")
    job = desk.run("balance", "1mo", {"series": "no"}, "busy")
    until(lambda: job.is_done)
    case = under(read(folder), ["busy"]).at_step("1mo")
    here, kept = run("balance", case, series=False), load_run(job.run)
    assert job.failed == "" and kept.case.name.endswith("_busy")
    pd.testing.assert_frame_equal(kept["demand.total"], here["demand.total"])


def test_failure_is_told(tmp_path: Path, plan: MapSession, case_folder: Path, folders: Path) -> None:
    """Work that cannot be done says so instead of being waited for for ever: a case that is gone, a field that is wrong."""
    gone = Job(str(tmp_path / "nothing"), plan.case)
    wrong = Job(str(case_folder), plan.case, "disruption", {"days": "0"}, keeps=True)
    until(lambda: gone.is_done and wrong.is_done)
    assert "does not exist" in gone.failed and gone.results is None
    assert wrong.failed.splitlines() == [
        "lost: name at least one element, such as the identifier of a link or an asset, or an event.",
        "days: 0 is less than a day.",
    ]
    assert list_runs().empty


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_cancelled_run_ends_its_process(case_folder: Path, folders: Path) -> None:
    """A cancelled run takes no more of the machine and leaves no run; others may be asked again."""
    case = read(case_folder)
    desk = Workspace(str(case_folder), case)
    jobs = [desk.run("balance", "1d", {}) for _ in range(2)]
    with pytest.raises(UnderWayError, match="2 runs are under way"):
        desk.run("balance", "1d", {})
    process = jobs[0]._process.pid
    assert process is not None and is_there(process)
    desk.close()
    until(lambda: all(job.is_done for job in jobs), 10.0)
    assert [job.failed for job in jobs] == ["it was cancelled", "it was cancelled"]
    assert not is_there(process) and list_runs().empty


SERVER = """
import sys, time
from kelisim.io import read
from kelisim.web.job import Job
if __name__ == "__main__":
    job = Job(sys.argv[1], read(sys.argv[1]), "reliability", {"states": "2000000", "sequential": "yes", "paths": "2000"})
    while job.doing in ("starting", "reading the case"):
        time.sleep(0.05)
    print(job._process.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_process_ends_with_a_killed_server(case_folder: Path, folders: Path) -> None:
    """A server that is killed must not leave processes behind that solve on for hours."""
    script = folders / "server.py"
    script.write_text(SERVER)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, str(script), str(case_folder)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:  # fmt: skip
        assert server.stdout is not None
        process = int(server.stdout.readline())
        assert is_there(process)
        server.send_signal(signal.SIGKILL)
        until(lambda: not is_there(process), 20.0)
