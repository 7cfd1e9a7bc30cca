"""Studies, their forms and runs as a browser shows them."""

from __future__ import annotations

import dataclasses
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from kelisim.results.store import list_runs, load_run
from kelisim.studies.study import find, names
from tests.conftest import ROOT
from tests.reading import page as page_in_english
from tests.web.conftest import serving
from tests.web.test_in_browser import DESK, PHONE, report_of, told

pytestmark = pytest.mark.browser


def fits(page: Any) -> bool:
    """Whether nothing is wider than the screen, on a desk and on a phone."""
    found = []
    for width, height in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(50)
        found.append(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
    return all(found)


def choose(page: Any, field: str, identifier: str) -> None:
    """Pick an element in a list that is searched."""
    page.locator(f"[data-field={field}] input").fill(identifier)
    page.locator(".q-item", has_text=f"({identifier})").click()
    page.keyboard.press("Escape")


def test_form_of_every_study(server: str, visit: Callable[..., Any]) -> None:
    """Each study is in the list with what it asks, and has a form with a place for each of its fields."""
    page = visit(f"{server}/studies", *DESK)
    assert page.locator(".k-head nav a[aria-current]").inner_text() == "Studies"
    assert [link.get_attribute("href") for link in page.locator(".k-runs .to").all()] == [
        f"/study/{name}" for name in names()
    ]
    listed = page.locator(".k-runs").inner_text()
    assert "29 February 2024, what does it cost, and where is the network tight?" in listed
    assert "How much firm transit crosses from one place to another" in listed and "{" not in listed
    assert all(find(name).heading() in listed for name in names())
    for name in names():
        study = find(name)
        page.goto(f"{server}/study/{name}")
        page.wait_for_selector(".k-run")
        assert study.heading() in page.locator(".k-page").inner_text()
        for field in dataclasses.fields(study):
            place = page.locator(f"[data-field={field.name}]")
            assert field.metadata["help"].split(",")[0][1:] in place.inner_text()
            assert place.locator("input, textarea, .q-checkbox").count() >= 1
        assert fits(page)


@pytest.mark.slow
def test_study_from_the_form_to_the_files(server: str, visit: Callable[..., Any], case_folder: Path) -> None:
    """A cut that is asked in the form gives the page, the workbook, the document and the command of the same question."""
    page = visit(f"{server}/study/disruption", *DESK)
    choose(page, "lost", "pipe_a")
    page.locator("[data-field=start] input").fill("2024-01-10")
    page.locator("[data-field=days] input").fill("10")
    page.locator(".k-run").click()
    page.wait_for_selector(".k-later .k-stop")
    page.wait_for_url("**/run/*")
    results = told("disruption", str(case_folder), lost="pipe_a", start="2024-01-10", days="10")
    report = report_of(page)
    assert report.locator("#answer .answer p").all_inner_texts() == list(page_in_english(results).sentences)
    assert report.locator(".plot .canvas svg").count() >= 1  # drawn by the library that the server has
    command = page.locator(".k-command code").inner_text()
    assert (
        command
        == f"kelisim run disruption {case_folder} --step 1d --lost pipe_a --start 2024-01-10 --days 10"
    )
    assert fits(page)
    files = {}
    for link in page.locator(".k-files a[download]").all():
        with page.expect_download() as loaded:
            link.click()
        files[loaded.value.suggested_filename.rpartition(".")[2]] = loaded.value.path().read_bytes()
    run = page.url.rpartition("/")[2]
    kept = load_run(run, case_folder.parent / "runs")
    pd.testing.assert_frame_equal(kept["demand.total"], results["demand.total"])
    book = CalamineWorkbook.from_filelike(io.BytesIO(files["xlsx"]))
    assert {"demand.total", "chain"} <= set(book.sheet_names)
    assert (
        "<script src=" not in files["html"].decode()
        and page_in_english(results).question in files["html"].decode()
    )
    assert page_in_english(results).sentences[0] in files["md"].decode()
    page.locator(".k-files a", has_text="Ask again").click()
    page.wait_for_selector(".k-run")
    assert page.locator("[data-field=days] input").input_value() == "10"
    assert "pipe_a" in page.locator("[data-field=lost]").inner_text()


def test_study_without_a_view_of_its_own(server: str, visit: Callable[..., Any], case_folder: Path) -> None:
    """A yes and a no, a field that is left alone, and the step are asked as they are set."""
    page = visit(f"{server}/study/balance?step=1mo&series=no")
    box = page.locator("[data-field=series] .q-checkbox")
    assert box.get_attribute("aria-checked") == "false"
    page.locator(".k-run").click()
    page.wait_for_url("**/run/*")
    report_of(page)
    command = page.locator(".k-command code").inner_text()
    assert command == f"kelisim run balance {case_folder} --step 1mo --series no"
    assert load_run(page.url.rpartition("/")[2], case_folder.parent / "runs").fields["series"] is False


def test_wrong_field_is_told_beside_it(server: str, visit: Callable[..., Any]) -> None:
    """What is wrong stands beside its field, and nothing that was put in is lost."""
    page = visit(f"{server}/study/disruption")
    choose(page, "lost", "pipe_b")
    page.locator("[data-field=days] input").fill("0")
    page.locator("[data-field=share] input").fill("1.5")
    page.locator(".k-run").click()
    page.wait_for_selector("[data-field=days] .k-wrong >> visible=true")
    assert page.locator("[data-field=days] .k-wrong").inner_text() == "0 is less than a day."
    assert page.locator("[data-field=share] .k-wrong").inner_text().startswith("1.5 is not between 0 and 1.")
    assert page.locator("[data-field=lost] .k-wrong").is_hidden()
    assert "see share and days above" in page.locator(".k-warn").inner_text().replace(
        "days and share", "share and days"
    )
    assert page.locator("[data-field=days] input").input_value() == "0"
    assert "pipe_b" in page.locator("[data-field=lost]").inner_text()
    page.goto(f"{server}/study/restoration")
    page.locator(".k-run").click()
    page.wait_for_selector("[data-field=lost] .k-wrong >> visible=true")  # known before anything is asked
    assert page.locator("[data-field=lost] .k-wrong").inner_text().startswith("Must be given")
    page.goto(f"{server}/study/disrupton")
    assert page.locator(".k-warn").inner_text() == 'There is no study "disrupton". Did you mean "disruption"?'


def test_run_is_cancelled(server: str, visit: Callable[..., Any], case_folder: Path) -> None:
    """Cancel ends a run: it is said, no run is kept, and the form can be sent again."""
    before = len(list_runs(case_folder.parent / "runs"))
    page = visit(f"{server}/study/reliability?states=500000&sequential=yes&paths=5000")
    page.locator(".k-run").click()
    page.wait_for_function(
        "/compiling|asking|opening|solving/.test(document.querySelector('.k-later')?.innerText)"
    )
    assert page.locator(".k-run").is_disabled()
    other = visit(f"{server}/runs")
    other.wait_for_selector(".k-later .k-stop")  # others see it too
    assert "Reliability" in other.locator(".k-later").inner_text()
    page.locator(".k-later .k-stop").click()
    page.wait_for_selector(".k-warn >> visible=true")
    assert page.locator(".k-warn").inner_text() == "It was cancelled."
    assert (
        page.locator(".k-run").is_enabled()
        and page.locator("[data-field=states] input").input_value() == "500000"
    )
    other.wait_for_selector(".k-later .k-stop", state="detached")
    assert len(list_runs(case_folder.parent / "runs")) == before


def test_list_of_runs(server: str, visit: Callable[..., Any], case_folder: Path) -> None:
    """The latest run stands first and leads to its page; a damaged one says what it lacks; another's case gives its copy."""
    results = told("disruption", str(case_folder), lost="pipe_a", start="2024-01-10", days="10")
    runs = case_folder.parent / "runs"
    results.save(runs, "broken")
    (runs / "broken" / "chain.parquet").unlink()
    other = dataclasses.replace(results, meta={**results.meta, "fingerprint": "of another case"})
    other.save(runs, "it's last")
    page = visit(f"{server}/runs")
    assert page.locator(".k-runs li").count() == len(list_runs(runs)) and fits(page)
    assert page.locator(".k-runs li:not(.damaged) .to").first.get_attribute("href") == "/run/it%27s%20last"
    assert "Lost pipe_a" in page.locator(".k-runs li:not(.damaged)").first.inner_text()
    damaged = page.locator(".k-runs .damaged")
    assert "chain.parquet is missing" in damaged.inner_text() and damaged.locator("a").count() == 0
    page.locator("input[data-filter]").fill("missing")
    assert page.locator(".k-runs li:visible").count() == 1
    page.goto(f"{server}/run/it's last")
    report_of(page)
    command = page.locator(".k-command code").inner_text()
    assert command.startswith("kelisim run disruption '") and "--lost pipe_a" in command
    for name in ("nothing", "..%2F..%2Fborder_year", ".."):
        assert page.request.get(f"{server}/run/{name}/answer.xlsx").status == 404
    page.goto(f"{server}/run/nothing")
    assert 'no run "nothing"' in page.locator(".k-warn").inner_text()


STUDY = '''
"""How much of each carrier customers want, a study of one file."""

from __future__ import annotations

from dataclasses import dataclass

from kelisim.engine import Engine
from kelisim.results.facts import Fact
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.study import Study, param


@dataclass(frozen=True)
class Wanted(Study):
    """How much of each carrier do customers want in the year?"""

    name = "wanted"
    tables = """
    table, column, type, unit, key, description, formula
    wanted, , , , carriers, a carrier that customers want,
    wanted, carrier, text, , carriers, form of energy,
    wanted, demand, number, MWh, , wanted in the year,
    """
    of: tuple[str, ...] = param("carriers", refers_to=("carriers",), default=())
    least: float = param("carriers with less are left out", unit="MWh", default=0.0)

    def run(self, engine: Engine) -> Results:
        frame = Tables(engine.case, engine.base).demand_total
        frame = frame.groupby("carrier", observed=True, as_index=False)["demand"].sum()
        frame = frame[frame["carrier"].isin(self.of or frame["carrier"]) & (frame["demand"] > self.least)]
        total = Fact("wanted", float(frame["demand"].sum()), "MWh", "Customers want {value:energy} in the year.")
        return self.results(engine, {"wanted": frame.reset_index(drop=True)}, [total])
'''


@pytest.mark.slow
def test_study_that_is_dropped_in(case_folder: Path, tmp_path: Path, visit: Callable[..., Any]) -> None:
    """A study of one file, put into the folder of studies, has its form and its page on the web at once."""
    shutil.copytree(ROOT / "kelisim", tmp_path / "kelisim", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "kelisim" / "studies" / "wanted.py").write_text(STUDY)
    with serving(tmp_path, str(case_folder), "--step", "1d", PYTHONPATH=str(tmp_path)) as server:
        page = visit(f"{server}/studies", *DESK)
        page.locator(".k-runs .to", has_text="Wanted").click()
        page.wait_for_selector(".k-run")
        assert "How much of each carrier do customers want" in page.locator(".k-page").inner_text()
        choose(page, "of", "heat")
        page.locator(".k-run").click()
        page.wait_for_url("**/run/*")
        report = report_of(page)
        assert report.locator("#answer .answer p").inner_text().startswith("Customers want ")
        assert report.locator("table").first.locator("tbody tr").count() == 1
        assert (
            page.locator(".k-command code").inner_text()
            == f"kelisim run wanted {case_folder} --step 1d --of heat"
        )
        assert fits(page)
        page.close()
