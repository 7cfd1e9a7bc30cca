"""What every study of an outage says first: the largest loss, who is cut, on whose help it rests."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from kelisim.engine import Engine
from kelisim.studies import run
from tests.cases.border import steppe
from tests.cases.depots import depots
from tests.reading import texts

MOST = 20  # words of the first sentence
ASKED: dict[str, dict[str, Any]] = {
    "disruption": {"lost": ("pipe",), "days": 10},
    "exercise": {"lost": ("pipe",), "days": 10, "help_rule": "planned", "place_rule": "none"},
    "restoration": {"lost": ("pipe",), "days": ("10",), "place_rule": "none"},
    "emergency": {"lost": ("pipe",), "days": 10},
    "fuel": {"days": 10, "share": 0.9},
}


@cache
def said(study: str) -> dict[str, str]:
    case = depots() if study == "fuel" else steppe()
    return texts(run(study, Engine(case, cache=False), **ASKED[study]))


@pytest.mark.parametrize("study", ASKED)
def test_the_same_three_come_first(study: str) -> None:
    """Five studies that begin in five ways leave a reader to find the loss himself."""
    key = "without" if study == "emergency" else "answer"
    who, rests = ("without_who", "rests") if study == "emergency" else ("who", "rests")
    assert list(said(study))[:3] == [key, who, rests]
    assert len(said(study)[key].split()) <= MOST


@pytest.mark.parametrize("study", ["exercise", "restoration"])
def test_the_same_loss_is_said_alike(study: str) -> None:
    """One function makes the sentence: the same outage under the same rules reads the same in all of them."""
    assert said(study)["answer"].split(",")[0] == said("disruption")["answer"].split(",")[0]
