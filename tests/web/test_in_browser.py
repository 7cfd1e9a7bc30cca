"""The pages as a browser shows them, beside what the command line says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import Command
from tests.web.conftest import serving

pytestmark = pytest.mark.browser
DESK, PHONE = (1440, 900), (390, 844)


_TOLD: dict[tuple[str, ...], dict[str, Any]] = {}


def told(cli: Command, study: str, case: Path, *fields: str) -> dict[str, Any]:
    """What the command line says as JSON; asked once."""
    key = (study, str(case), *fields)
    if key not in _TOLD:
        done = cli("run", *key, "--json")
        assert done.returncode == 0, done.stderr
        _TOLD[key] = json.loads(done.stdout)
    return _TOLD[key]


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
            if (map.querySelector(".tip").textContent.startsWith(words)) {
              hit.dispatchEvent(new MouseEvent("click", {bubbles: true}));
              return;
            }
          }
          throw new Error("no line of " + words);
        }""",
        key,
    )


def rows_of(page: Any, where: str) -> list[dict[str, str]]:
    """Rows of a table on the page: head -> the value that a cell is sorted by."""
    found: list[dict[str, str]] = page.evaluate(
        """where => [...document.querySelectorAll(where + " tbody tr")].map(row =>
          Object.fromEntries([...row.cells].map(cell => [cell.dataset.h, cell.dataset.v])))""",
        where,
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
    server: str, visit: Callable[..., Any], cli: Command, case_folder: Path, size: tuple[int, int]
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
    results = told(
        cli, "disruption", case_folder, "--lost", "pipe_a", "--start", "2024-01-10", "--days", "30"
    )
    assert page.locator(".k-says .k-answer").inner_text() == next(
        row["text"] for row in results["facts"] if row["key"] == "answer"
    )
    page.wait_for_selector(".short table")
    shown = {(r["Place"], r["Carrier"], r["Class"]): r for r in rows_of(page, ".short")}
    short = [row for row in results["demand.total"] if row["first_short"]]
    assert len(shown) == len(short) > 0
    for row in short:
        mine = shown[
            "A town" if row["place"] == "a_town" else "B town",
            _carrier(row["carrier"]),
            row["customer_class"],
        ]
        assert float(mine["Energy, MWh"]) == pytest.approx(row["unserved"] - row["unserved_base"], rel=1e-9)
        assert mine["First day short"][:10] == row["first_short"][:10]
    assert (
        "cooperative" in page.locator(".k-says").inner_text()
        and "upper bound" in page.locator(".k-says").inner_text()
    )
    assert page.locator(".live-map .ln.out").count() == 1
    assert page.locator(".live-map .short").count() >= 2
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    number = drawn(page)
    page.locator(".k-bar .k-undo").click()
    redrawn(page, number)
    assert page.locator(".live-map .ln.out").count() == 0 and page.locator(".k-says").is_hidden()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_switch_to_measures(
    server: str, visit: Callable[..., Any], cli: Command, case_folder: Path, size: tuple[int, int]
) -> None:
    """The switch shows what the emergency study says: unserved without and with, the measures, the level of each region."""
    page = visit(f"{server}/?day=2024-01-12&cut=pipe_a&from=2024-01-10&days=10", *size)
    page.wait_for_selector(".k-says .k-answer")
    drawn(page)
    assert page.locator(".live-map .lv").count() == 0
    page.locator(".with-measures").click()
    page.wait_for_selector(".k-says .k-beside")
    fields = ("--lost", "pipe_a", "--start", "2024-01-10", "--days", "10")
    results = told(cli, "emergency", case_folder, *fields)
    value = {row["key"]: row["value"] for row in results["facts"]}
    for name in ("without", "with"):
        shown = page.locator(f".k-beside tr.{name} td.n").first.get_attribute("data-v")
        assert float(shown) == pytest.approx(value[f"unserved_{name}"], rel=1e-6)
    assert value["unserved_with"] < value["unserved_without"] - 100.0  # MWh
    assert (
        page.locator(".k-measures li b").all_inner_texts()
        == [row["name"] for row in results["plan"]]
        == ["Call on homes"]
    )
    assert "Call on homes" in page.locator(".k-says").inner_text()
    page.wait_for_selector(".both table")
    rows = rows_of(page, ".both")
    assert [float(row["With"]) for row in rows] == pytest.approx(
        [row["unserved_with"] for row in results["remaining"]], rel=1e-6
    )
    number = drawn(page)
    page.locator(".with-levels").click()
    redrawn(page, number)
    assert page.locator('.live-map .lv[data-level="3"]').count() == 1
    assert page.locator('.k-chips button[data-f="gas"]').get_attribute("data-level") == "3"
    page.wait_for_function("location.search.includes('measures=1') && location.search.includes('levels=1')")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    other = visit(page.url, *size)
    other.wait_for_selector(".k-says .k-beside")
    assert other.locator(".k-answer").inner_text() == page.locator(".k-answer").inner_text()
    page.locator(".k-bar .k-undo").click()
    page.wait_for_selector(".k-switches", state="hidden")
    page.wait_for_selector(".live-map .lv", state="detached")


def _carrier(carrier: str) -> str:
    return {"natural_gas": "Natural gas", "heat": "Heat", "electricity": "Electricity"}[carrier]


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
        "share": "100", "place": "cooperative", "time": "late",
    }  # fmt: skip
    other = visit(page.url)
    other.wait_for_selector(".k-says .k-answer")
    other.wait_for_selector(".live-map[data-family=electricity]")
    assert other.locator(".k-answer").inner_text() == page.locator(".k-answer").inner_text()
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


def test_plant_found_by_name(server: str, visit: Callable[..., Any]) -> None:
    """A plant that the map does not show as a line is found by its name, and can be cut."""
    page = visit(f"{server}/?day=2024-01-10")
    drawn(page)
    page.locator(".k-search input").fill("chp")
    page.locator(".q-item", has_text="Chp").first.click()
    page.wait_for_function("document.querySelector('.k-card').innerText.includes('Takes in')")
    assert "natural gas" in page.locator(".k-card").inner_text()
    page.locator(".k-cut").click()
    page.wait_for_selector(".k-says .k-answer")
    assert "out for 30 days from 10 January 2024: " in page.locator(".k-answer").inner_text()


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
    server: str, visit: Callable[..., Any], cli: Command, case_folder: Path, size: tuple[int, int]
) -> None:
    """The border page shows the sentences and numbers of the study border from the command line."""
    page = visit(f"{server}/border", *size)
    page.wait_for_selector("section.border table")
    results = told(cli, "border", case_folder)
    text = page.locator(".k-borders").inner_text()
    for fact in results["facts"]:
        if fact["key"].startswith(("today", "winter", "weakest", "region_")):
            assert fact["text"] in text
    assert "own first: each country serves its own places" in text
    shown = rows_of(page, ".border")
    assert len(shown) == len(results["border"]) > 0
    for mine, row in zip(shown, results["border"], strict=True):
        assert mine["Region"] == {"a_town": "A town", "b_town": "B town"}[row["region"]]
        for head, column in (
            ("Use per day", "use_day"),
            ("From across", "share_across_now"),
            ("Unserved without it, all carriers, GWh", "n1_unserved"),
        ):
            assert float(mine[head]) == pytest.approx(row[column], rel=1e-9, abs=1e-9)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_largest_supply_leads_to_the_map(server: str, visit: Callable[..., Any]) -> None:
    """From the border page one click shows the supply on the map, ready to be cut."""
    page = visit(f"{server}/border")
    page.wait_for_selector("section.border table")
    link = page.locator(".border tbody a").first
    name = link.inner_text()
    link.click()
    page.wait_for_selector(".k-card .k-cut")
    assert page.locator(".k-warn").count() == 0
    assert page.locator(".k-card h3").inner_text().split()[0].lower() == name.split()[0].lower()


def test_tables_sort_and_filter(server: str, visit: Callable[..., Any]) -> None:
    """A click on a head sorts by the numbers themselves; a word leaves only the rows that hold it."""
    page = visit(f"{server}/border")
    page.wait_for_selector("section.border table")
    page.locator(".border th button", has_text="Use per day").click()
    found = [float(row["Use per day"]) for row in rows_of(page, ".border")]
    assert found == sorted(found, reverse=True) and len(set(found)) > 1
    count = page.locator(".border tbody tr").count()
    if page.locator(".border input").count():
        page.locator(".border input").fill("natural gas")
        assert 0 < page.locator(".border tbody tr:visible").count() < count


@pytest.fixture(scope="module")
def locked(case_folder: Path) -> Iterator[str]:
    """A server that asks for a name and a password."""
    with serving(
        case_folder.parent, str(case_folder), "--login", "ana", KELISIM_PASSWORD="steppe"
    ) as address:
        yield address


def test_login_page(locked: str, visit: Callable[..., Any]) -> None:
    """With a login nothing is seen before the password, and then what was asked for."""
    page = visit(f"{locked}/?day=2024-01-10")
    assert page.locator(".live-map").count() == 0
    page.locator("input[name=user]").fill("ana")
    page.locator("input[name=password]").fill("steppe")
    page.locator("button").click()
    drawn(page)
    assert query(page)["day"] == "2024-01-10"


@pytest.fixture(scope="module")
def reference_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the shipped case in months."""
    with serving(tmp_path_factory.mktemp("reference"), "--step", "1mo") as address:
        yield address


@pytest.mark.slow
def test_reference_case(reference_server: str, visit: Callable[..., Any], cli: Command) -> None:
    """The shipped case in months: every carrier is drawn, and a cut of a gas main says what the command line says."""
    page = visit(f"{reference_server}/?day=2024-01-01")
    drawn(page)
    for button in page.locator(".k-chips button").all():
        family = button.get_attribute("data-f")
        button.click()
        page.wait_for_selector(f".live-map[data-family={family}]")
    page.goto(f"{reference_server}/?cut=gas_uz_fields_bukhara&from=2024-01-01&days=31")
    page.wait_for_selector(".k-says .k-answer")
    fields = ("--step", "1mo", "--lost", "gas_uz_fields_bukhara", "--start", "2024-01-01", "--days", "31")
    results = told(cli, "disruption", Path("reference"), *fields)
    said = next(row["text"] for row in results["facts"] if row["key"] == "answer")
    assert page.locator(".k-answer").inner_text() == said
    assert re.search(r"million m3|bcm", said)
