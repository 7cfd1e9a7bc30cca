"""The map and the border as a browser shows them, beside what the studies say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kelisim.engine import Engine
from kelisim.io import read, reference
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import page_of
from kelisim.web.address import HELP_RULE
from tests.reading import texts, values
from tests.web.conftest import serving
from tests.web.some_people import PASSWORD, some_people

pytestmark = pytest.mark.browser
DESK, PHONE = (1440, 900), (390, 844)
CUSTOMERS = {"household": "homes", "heat": "homes and public buildings", "industry": "industry"}


@cache
def told(study: str, case: str, step: str = "", **fields: str) -> Results:
    """What a study says, asked here; each question once."""
    whole = reference(step) if case == "reference" else read(case)
    return run(study, Engine(whole, cache=False), **fields)


def drawn(page: Any) -> str:
    """Wait until a map is drawn; its number."""
    page.wait_for_selector(".live-map[data-drawn]")
    return str(page.locator(".live-map").get_attribute("data-drawn"))


def redrawn(page: Any, before: str) -> None:
    page.wait_for_function(
        "before => document.querySelector('.live-map').dataset.drawn !== before", arg=before
    )


def tap(page: Any, key: str, family: str = "gas") -> None:
    """Click on the line of a link on the map, found by its words."""
    page.wait_for_selector(f".live-map[data-family={family}]")
    page.evaluate(
        """words => {
          const map = document.querySelector(".live-map");
          for (const hit of map.querySelectorAll(".hit")) {
            if (hit.parentNode.parentNode.style.display === "none") continue;
            hit.dispatchEvent(new PointerEvent("pointermove", {bubbles: true, pointerType: "mouse"}));
            if (map.querySelector(".km-card").textContent.startsWith(words)) {
              hit.dispatchEvent(new MouseEvent("click", {bubbles: true}));
              return;
            }
          }
          throw new Error("no line of " + words);
        }""",
        key,
    )


def report_of(page: Any) -> Any:
    """The page of an answer in its frame, once it is shown."""
    page.wait_for_selector("iframe.k-report.ready")
    frame = page.query_selector("iframe.k-report").content_frame()
    frame.wait_for_selector("#method")
    return frame


def rows_of(frame: Any, part: str) -> list[dict[str, str]]:
    """Rows of the first table of a part: head -> the value that a cell is sorted by."""
    found: list[dict[str, str]] = frame.evaluate(
        """part => { const table = document.querySelector(`#${part} table`);
          const heads = [...table.querySelectorAll("th button")].map(head => (head.firstChild || head).textContent.trim());
          return [...table.querySelectorAll("tbody tr")].map(row =>
            Object.fromEntries([...row.cells].map((cell, at) => [heads[at], cell.dataset.v]))); }""",
        part,
    )
    return found


def query(page: Any) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_first_page(server: str, visit: Callable[..., Any], size: tuple[int, int]) -> None:
    """The case is open and solved at once: three answers, a map, nothing wider than the screen."""
    page = visit(server, *size)
    drawn(page)
    assert page.locator(".k-three section").count() == 3
    page.wait_for_function("!document.querySelector('.k-three').innerText.includes('is being asked')")
    assert "weakest point" in page.locator(".k-three").inner_text()
    assert page.locator(".live-map .ln").count() == 2  # the two pipes
    assert page.locator(".k-chips button[aria-pressed=true]").inner_text() == "Gas"
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_cut_on_the_map(
    server: str, visit: Callable[..., Any], case_folder: Path, size: tuple[int, int]
) -> None:
    """A click on a pipe and one on Cut give the sentence, the table and the map, with the numbers of the command line."""
    page = visit(f"{server}/?day=2024-01-10", *size)
    before = drawn(page)
    tap(page, "Field – A town")
    page.wait_for_selector(".k-card .k-cut")
    card = page.locator(".k-card").inner_text()
    assert "Gas Transit Co 75 % and Steppe Energy 25 %" in card and "Loading" in card
    page.locator(".k-cut").click()
    page.wait_for_selector(".k-says .k-answer")
    redrawn(page, before)
    results = told("disruption", str(case_folder), lost="pipe_a", start="2024-01-10")
    assert page.locator(".k-says .k-answer").first.inner_text() == texts(results)["answer"]
    shown = {(r["Place"], r["Carrier"], r["Customers"]): r for r in rows_of(report_of(page), "short")}
    short = results["demand.total"].dropna(subset="first_short").to_dict("records")
    assert len(shown) == len(short) > 0
    for row in short:
        place, carrier = "a town" if row["place"] == "a_town" else "b town", row["carrier"].replace("_", " ")
        mine = shown[place, carrier, CUSTOMERS[row["customer_class"]]]
        assert float(mine["Unserved"]) == pytest.approx(row["unserved"] - row["unserved_base"], abs=1e-6)
    said = page.locator(".k-says").inner_text()
    assert "cooperative" in said and "upper bound" in said
    assert page.locator(".live-map .ln.out").count() == 1
    assert page.locator(".live-map .short").count() >= 2
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert "Electricity served" in said or "Electricity short" in said
    number = drawn(page)
    tap(page, "Field – B town")
    page.locator(".k-card .k-too").click()
    page.wait_for_selector(".k-bar .k-back >> nth=1")
    redrawn(page, number)
    assert page.locator(".live-map .ln.out").count() == 2
    page.locator(".k-bar .k-undo").click()
    page.wait_for_selector(".k-bar .k-redo")
    number = drawn(page)
    page.locator(".k-bar .k-undo").click()
    redrawn(page, number)
    assert page.locator(".live-map .ln.out").count() == 0 and page.locator(".k-says").is_hidden()
    assert page.locator(".k-bar .k-redo").count() == 1


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_switch_to_measures(
    server: str, visit: Callable[..., Any], case_folder: Path, size: tuple[int, int]
) -> None:
    """The switch shows what the emergency study says: unserved without and with, the measures, the level of each region."""
    page = visit(f"{server}/?day=2024-01-12&cut=pipe_a&from=2024-01-10&days=10", *size)
    page.wait_for_selector(".k-says .k-answer")
    drawn(page)
    assert page.locator(".live-map .lv").count() == 0
    page.locator(".with-measures").click()
    page.wait_for_function("document.querySelector('.k-says').innerText.includes('Call on homes')")
    results = told("emergency", str(case_folder), lost="pipe_a", start="2024-01-10", days="10")
    said = page.locator(".k-says").inner_text()
    assert all(text in said for text in page_of(results, Words(results.case)).sentences)
    value = values(results)
    assert value["unserved_with"] < value["unserved_without"] - 100.0  # MWh
    page.wait_for_selector('iframe.k-report[src*="measures=1"].ready')
    report = report_of(page)
    assert [float(row["Brings"]) for row in rows_of(report, "plan")] == pytest.approx(
        results["plan"]["energy"].to_list(), abs=1e-6
    )
    assert [float(row["With"]) for row in rows_of(report, "remaining")] == pytest.approx(
        results["remaining"]["unserved_with"].loc[lambda left: left > 1.0].to_list(), abs=1e-6
    )
    command = page.locator(".k-command code").inner_text()
    assert command.startswith("kelisim run emergency ") and command.endswith(
        "--lost pipe_a --start 2024-01-10 --days 10"
    )
    number = drawn(page)
    page.locator(".with-levels").click()
    redrawn(page, number)
    assert page.locator('.live-map .lv[data-level="3"]').count() == 1
    assert page.locator('.k-chips button[data-f="gas"]').get_attribute("data-level") == "3"
    page.wait_for_function("location.search.includes('measures=1') && location.search.includes('levels=1')")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    other = visit(page.url, *size)
    other.wait_for_selector(".k-says .k-key")
    assert other.locator(".k-answer").all_inner_texts() == page.locator(".k-answer").all_inner_texts()
    page.locator(".k-bar .k-undo").click()
    page.wait_for_selector(".k-switches", state="hidden")
    page.wait_for_selector(".live-map .lv", state="detached")


def test_address_restores_the_state(server: str, visit: Callable[..., Any]) -> None:
    """A copied address shows to another what was seen here, and the back button takes a cut back."""
    page = visit(f"{server}/?day=2024-01-10")
    drawn(page)
    tap(page, "Field – A town")
    page.wait_for_selector(".k-card .k-cut")
    page.locator(".days input").fill("12")
    page.locator(".k-cut").click()
    page.wait_for_selector(".k-says .k-answer")
    page.locator(".k-chips button", has_text="Electricity").click()
    page.wait_for_selector(".live-map[data-family=electricity]")
    page.wait_for_function(
        "location.search.includes('carrier=electricity') && location.search.includes('cut=')"
    )
    assert query(page) == {
        "step": "1d", "carrier": "electricity", "day": "2024-01-10", "chosen": "pipe_a", "cut": "pipe_a", "from": "2024-01-10", "days": "12",
        "share": "100", "place": "cooperative", "time": "late", "help": HELP_RULE,
    }  # fmt: skip
    other = visit(page.url)
    other.wait_for_selector(".k-says .k-answer")
    other.wait_for_selector(".live-map[data-family=electricity]")
    assert other.locator(".k-answer").all_inner_texts() == page.locator(".k-answer").all_inner_texts()
    assert other.locator(".k-day .now").inner_text() == "10 January 2024"
    assert other.locator(".k-card h3").inner_text() == page.locator(".k-card h3").inner_text()
    page.go_back()
    page.wait_for_function("!location.search.includes('cut=')")
    drawn(page)
    assert page.locator(".k-says").is_hidden()


def test_day_moves_with_keys(server: str, visit: Callable[..., Any]) -> None:
    """Left and right move by a day, and the map, the card and the address follow."""
    page = visit(f"{server}/?day=2024-01-10&chosen=a_store")
    number = drawn(page)
    page.wait_for_selector(".k-card h3")
    page.locator("body").press("ArrowRight")
    redrawn(page, number)
    page.wait_for_function("document.querySelector('.k-day .now').innerText === '11 January 2024'")
    page.wait_for_function("location.search.includes('day=2024-01-11')")
    assert "Level at the end of the day" in page.locator(".k-card").inner_text()


def test_plant_found_by_name(server: str, visit: Callable[..., Any], case_folder: Path) -> None:
    """A plant that the map does not show as a line is found by its name, and can be cut."""
    page = visit(f"{server}/?day=2024-01-10")
    drawn(page)
    page.locator(".k-search input").fill("chp")
    page.locator(".q-item", has_text="Chp").first.click()
    page.wait_for_function("document.querySelector('.k-card').innerText.includes('Takes in')")
    assert "natural gas" in page.locator(".k-card").inner_text()
    page.locator(".k-cut").click()
    page.wait_for_selector(".k-says .k-answer")
    answer = texts(told("disruption", str(case_folder), lost="chp", start="2024-01-10"))["answer"]
    assert page.locator(".k-says .k-answer").first.inner_text() == answer
    assert answer.startswith("A town lacks up to ") and " MW of electricity" in answer
    assert "Loss of chp, 30 days from 10 January 2024." in page.locator(".k-says").inner_text()


def test_wrong_address_is_told(server: str, visit: Callable[..., Any]) -> None:
    """A mistyped address says what it could not read, and shows the rest."""
    page = visit(f"{server}/?carrier=gaz&chosen=pipe_z&cut=pipe_z&from=2024-01-10")
    drawn(page)
    page.wait_for_selector(".k-says .k-answer")
    assert 'no element "pipe_z"' in page.locator(".k-says").inner_text()
    warnings = page.locator(".k-warn").all_inner_texts()
    assert any('nothing flows of "gaz"' in text for text in warnings) and any(
        'no element "pipe_z"' in text for text in warnings
    )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_border_page(
    server: str, visit: Callable[..., Any], case_folder: Path, size: tuple[int, int]
) -> None:
    """The border page is the page of the study border: the same sentences, tables and command."""
    page = visit(f"{server}/border", *size)
    report = report_of(page)
    results = told("border", str(case_folder))
    shown = report.locator("#answer .answer p").all_inner_texts()
    assert shown == list(page_of(results, Words(results.case)).sentences) and len(shown) > 2
    assert report.locator("table").count() >= 2
    assert page.locator(".k-command code").inner_text().startswith("kelisim run border ")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert (
        report.evaluate("document.documentElement.scrollHeight - window.innerHeight") <= 1
    )  # nothing cut off


def test_largest_supply_leads_to_the_map(server: str, visit: Callable[..., Any]) -> None:
    """From the border page one click shows the supply on the map, ready to be cut."""
    page = visit(f"{server}/border")
    page.locator("summary", has_text="ready to be cut").click()
    link = page.locator('.k-files a[href*="chosen="]').first
    name = link.inner_text()
    link.click()
    page.wait_for_selector(".k-card .k-cut")
    assert page.locator(".k-warn").count() == 0
    assert page.locator(".k-card h3").inner_text().split()[0].lower() == name.split()[0].lower()


def test_answer_of_the_map_is_kept(server: str, visit: Callable[..., Any]) -> None:
    """An answer found on the map becomes a run with its page, and its Excel file comes at once."""
    page = visit(f"{server}/?day=2024-01-10&cut=pipe_a&from=2024-01-10&days=10")
    page.wait_for_selector(".k-says .k-answer")
    with page.expect_download() as loaded:
        page.locator(".k-do button", has_text="Excel").click()
    assert loaded.value.suggested_filename == "disruption_2024-01-10.xlsx"
    said = page.locator(".k-says .k-answer").all_inner_texts()
    page.locator(".k-do button", has_text="Keep as a run").click()
    page.wait_for_url("**/run/*")
    assert report_of(page).locator("#answer .answer p").all_inner_texts() == said


@pytest.fixture(scope="module")
def locked(case_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that asks for a name and a password."""
    users = str(some_people(tmp_path_factory.mktemp("people")))
    with serving(case_folder.parent, str(case_folder), "--users", users) as address:
        yield address


def test_login_page(locked: str, visit: Callable[..., Any]) -> None:
    """With a login nothing is seen before the password, and then what was asked for."""
    page = visit(f"{locked}/?day=2024-01-10")
    assert page.locator(".live-map").count() == 0
    page.locator("input[name=user]").fill("ana")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button").click()
    drawn(page)
    assert query(page)["day"] == "2024-01-10"
    page.goto(f"{locked}/study/balance")
    page.wait_for_selector("button.k-run:not([disabled])")
    page.locator(".k-person button").click()
    page.wait_for_url("**/login")
    page.locator("input[name=user]").fill("dana")  # who may only look
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button").click()
    page.goto(f"{locked}/study/balance")
    page.wait_for_selector("button.k-run[disabled]")


@pytest.fixture(scope="module")
def reference_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the shipped case in months."""
    with serving(tmp_path_factory.mktemp("reference"), "--step", "1mo") as address:
        yield address


@pytest.mark.slow
def test_reference_case(reference_server: str, visit: Callable[..., Any]) -> None:
    """The shipped case in months: every carrier is drawn, and a cut of a gas main says what the command line says."""
    page = visit(f"{reference_server}/?day=2024-01-01")
    drawn(page)
    for button in page.locator(".k-chips button").all():
        family = button.get_attribute("data-f")
        button.click()
        page.wait_for_selector(f".live-map[data-family={family}]")
    page.goto(f"{reference_server}/?cut=gas_uz_fields_bukhara&from=2024-01-01&days=31")
    page.wait_for_selector(".k-says .k-answer")
    fields = {"lost": "gas_uz_fields_bukhara", "start": "2024-01-01", "days": "31"}
    said = texts(told("disruption", "reference", "1mo", **fields))["answer"]
    assert page.locator(".k-answer").first.inner_text() == said
    assert re.search(r"million m3|bcm", said)


def test_an_exercise_is_played_hour_by_hour(server: str, visit: Callable[..., Any]) -> None:
    """An order of one table stands in the address and in the log; how long it lasts is not told before it is over."""
    page = visit(f"{server}/play?lost=pipe_a&start=2024-01-10&days=3&belief=2", *DESK)
    page.wait_for_selector("[data-side]")
    assert "How long it lasts is not known." in page.locator(".k-page").inner_text()
    page.locator("[data-side=KZ] button", has_text="Order").first.click()
    page.wait_for_url("**decisions=0+KZ+call+1*")
    page.wait_for_selector("[data-side]")
    assert "Call on homes, 100 % of it; accepted" in page.locator(".k-page").inner_text()
    page.goto(f"{page.url}&now=72")
    page.wait_for_selector(".k-command")
    assert "--belief 2" in page.locator(".k-command code").inner_text()
