"""The examples on the page about cases add up to a case that works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kelisim import Case, Results, read, run
from tests.conftest import Command

ROOT = Path(__file__).parents[1]
FILE = re.compile(r"^```\w+ title=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGE = (ROOT / "docs/cases.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The README's case with what the page adds."""
    for name, text in [*FILE.findall((ROOT / "README.md").read_text(encoding="utf-8")), *FILE.findall(PAGE)]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "mycase"


@pytest.fixture
def solved(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Case, Results]:
    monkeypatch.setenv("KELISIM_CACHE", str(tmp_path / "cache"))
    case = read(folder)
    return case, run("balance", case)


def test_examples_are_a_case(folder: Path, cli: Command) -> None:
    """Who types the examples off must not be told that they are wrong."""
    done = cli("check", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_example_has_an_effect(solved: tuple[Case, Results]) -> None:
    """An example that changes nothing teaches nothing."""
    _, results = solved
    assert results["storages.total"]["injected"].sum() > 0
    assert results["markets.total"]["taken"].sum() > 0
    assert results["contracts.total"]["quantity"].sum() > 0
    assert results["resources.total"]["share_used"].iloc[0] > 0


def test_numbers_on_the_page(solved: tuple[Case, Results]) -> None:
    """A number that is not so makes the others doubtful."""
    case, results = solved
    assert round(case.units.factor("bcm/year", "power", "natural_gas")) == 1176
    assert round(1e9 * 10.333333e-3 / 8760) == 1180
    flow = results["links.flow"]
    august = flow[(flow["link"] == "pipe") & (flow["step"] == "2024-08-01")].iloc[0]
    # full in no summer month: the limit of the step is what the outage leaves
    capacity = case.quantities("links").set_index("link").loc["pipe", "capacity"]
    assert abs(august["flow"]) / august["loading"] == pytest.approx(capacity * (1 - 0.5 * 10 / 31))
    assert round(0.5 * 10 / 31, 2) == 0.16
