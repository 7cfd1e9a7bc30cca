"""The page of a border: whole, true to its tables, and with the regions marked on the map."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from kelisim.engine import Engine
from kelisim.results.results import Results
from kelisim.results.store import load_run
from kelisim.studies import run
from kelisim.studies.pages import report_html
from tests.cases.border import steppe
from tests.cases.make import NO_FUEL_OF_PLANTS, make
from tests.reading import heights, texts
from tests.reading import page as shown


@pytest.fixture(scope="module")
def results() -> Results:
    return run("border", Engine(steppe(), cache=False), start=date(2024, 1, 6), days=10)


@pytest.fixture(scope="module")
def page(results: Results) -> str:
    return report_html(results)


def test_page_is_whole(page: str) -> None:
    """A page with a hole where a number should stand is not shown to a minister."""
    assert page.count('<figure class="plot') == 2
    assert page.count('<figure class="table') == 6  # what hurts, two regions, losses, help, agreements
    assert page.count('<figure class="map"') == 1
    text = re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S))
    assert not re.findall(r"\bnan\b|\bNaN\b|\bNaT\b|\binf\b|None", text)
    assert "upper bound" in text


def test_page_says_what_the_tables_say(results: Results, page: str) -> None:
    """Sentences, rules and countries by name: no identifier of a rule or country is left to guess."""
    assert texts(results)["weakest"] in page.replace("&#39;", "'")
    assert "on the border of Kazakhstan and Russia is supplied in the 10 days from 6 January 2024" in page
    assert "cooperative: a shortage is shared evenly between the places" in page
    assert "planned: no neighbour gives more than by the plan or by contract" in page
    numbers = shown(results).key_numbers
    assert [number.value for number in numbers] == ["0", "0 days", "5.40 million USD"]
    assert numbers[2].beside == "Steppe region without Door - Steppe region"


def test_regions_are_marked_on_the_map(results: Results) -> None:
    """A region that would go short without its largest supply has a ring, by the share that is lost."""
    drawn = shown(results).map
    assert drawn is not None
    assert set(re.findall(r">(Steppe region)<", drawn.svg)) == {"Steppe region"}
    assert drawn.svg.count('class="short"') >= 2  # colour and hatching
    assert "Power station" in drawn.html and "Ural side" in drawn.html


def test_bars_name_the_finding(results: Results) -> None:
    """A chart whose title is not its finding has to be read twice."""
    losses, bars = (part.items[0] for part in shown(results).parts[:2])
    assert bars.finding == (
        "Power station takes 100 % of its coal, high ash from across the border, 10 days from 6 January 2024"
    )
    assert max(heights(bars)) == pytest.approx(100)
    # 1,200 MWh of gas of homes at 4,500 USD
    assert losses.finding.startswith(
        "Steppe region is hurt most, without Door - Steppe region: 5.40 million USD"
    )


def test_regions_have_sections_without_what_does_not_matter(results: Results) -> None:
    """Rows that say 0 % across hide those that matter; that the other region was left out is said."""
    parts = {part.anchor: part for part in shown(results).parts}
    assert [name for name in parts if name.startswith("region-")] == ["region-KZ-S", "region-plant"]
    assert "left out" in parts["hurts"].sentences[0]
    for name, part in parts.items():
        if name.startswith("region-"):
            (table,) = part.items
            heads = [head.words for head in table.heads]
            for row in table.rows:
                cells = dict(zip(heads, (cell.value for cell in row), strict=True))
                assert cells["From across"] > 0.01 or cells["With fuels"] > 0.01


def test_report_of_a_kept_run(results: Results, tmp_path: Path) -> None:
    """`kelisim report RUN` reads dates and countries from text."""
    folder = results.save(tmp_path, "one")
    path = load_run(folder).report(tmp_path / "page.html")
    text = path.read_text(encoding="utf-8")
    assert "10 days from 6 January 2024" in text


def test_a_border_where_nothing_is_missing() -> None:
    """Good news has a page too."""
    case = make(
        days=3, places="place, name, country\na, A, KZ\nb, B, RU",
        links="link, carrier, kind, from_place, to_place, capacity\nab, electricity, line, a, b, 10",
        assets="asset, kind, place, capacity\np, power_plant, a, 10\nq, power_plant, b, 10",
        asset_kinds=NO_FUEL_OF_PLANTS,
        asset_ports="asset, carrier, ratio\np, electricity, 1\nq, electricity, 1",
        demand="place, carrier, customer_class, amount, unit\na, electricity, household, 3, MW year\nb, electricity, industry, 3, MW year",
    )  # fmt: skip
    results = run("border", Engine(case, cache=False), days=2)
    text = report_html(results)
    assert "Nobody on the border goes short if it is closed for any one carrier" in text
    assert "The case names no provision" in text
