"""A study that was stopped goes on where it was: every study with workers, found by that field, without being listed here."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kelisim.engine import Engine
from kelisim.engine.working import Place
from kelisim.results.results import Results
from kelisim.results.unfinished import Journal, unfinished
from kelisim.studies.interval import IntervalFields
from kelisim.studies.study import create, find, names
from tests.cases.border import steppe
from tests.studies.test_conformance import CASES, fields_of

SWEPT = [
    name
    for name in names()
    if find(name).goes_on and "workers" in {field.name for field in dataclasses.fields(find(name))}
]
# studies that share the samples of an interval: all of them in `make prove`, one in every run
SAMPLED = [name for name in SWEPT if issubclass(find(name), IntervalFields)]
TRIED = SWEPT if "KELISIM_EXAMPLES" in os.environ else [name for name in SWEPT if name not in SAMPLED[1:]]
ASKED = {
    "format": 1,
    "study": "",
    "fields": {},
    "case": {"name": "steppe"},
    "rules": {},
    "versions": {},
    "words": [],
}


class Remembering(Journal):
    """Remembers what it was told to keep."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ASKED)
        self.kept_as: list[tuple[Any, ...]] = []

    @property
    def told(self) -> list[tuple[str, int]]:
        return [(loop, at) for loop, at, *_ in self.kept_as]

    def keep(self, loop: str, at: int, key: str, answer: Any, row: tuple[str, Mapping[str, float]]) -> None:
        super().keep(loop, at, key, answer, row)
        self.kept_as.append((loop, at, key, answer, row))


def asked(study: str, keeper: Journal) -> Results:
    known = {field.name for field in dataclasses.fields(find(study))}
    more = {"workers": 1, "samples": 2, "players": "companies", "ends": False, "pairs": 0, "states": 50}
    fields = fields_of(study) | {name: value for name, value in more.items() if name in known}
    engine = Engine(CASES.get(study, steppe)(), cache=False, place=Place(keeper))
    return create(study, fields).run(engine)


def equal(one: Results, other: Results) -> bool:
    """Whether all tables are, to the last digit."""
    for name in one.names:
        pd.testing.assert_frame_equal(one[name], other[name], check_exact=True)
    return one.names == other.names


@pytest.mark.parametrize("study", TRIED)
def test_a_stopped_study_goes_on(study: str, tmp_path: Path) -> None:
    """A night's sweep that is lost at a power cut, or a piece that counts twice after it, is not used a second time."""
    whole = Remembering(tmp_path / "whole")
    undisturbed = asked(study, whole)
    assert whole.told, "nothing is kept: the study does its long work outside kelisim.lp.work"
    stops = max(1, len(whole.told) // 2)
    for loop, at, key, answer, row in whole.kept_as[:stops]:
        before = Journal(tmp_path / "stopped", ASKED)
        before.keep(loop, at, key, answer, row)
        before.flush()
    assert unfinished(tmp_path / "stopped").done == stops
    again = Remembering(tmp_path / "stopped")
    assert equal(asked(study, again), undisturbed)
    assert again.reused == stops
    assert sorted(again.told) == sorted(whole.told[stops:])
