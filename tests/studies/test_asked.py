"""The studies of an outage refuse the same things in the same words."""

from __future__ import annotations

import pytest

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.studies import study
from tests.cases.reference import reference_engine

OUTAGES = [
    name for name in study.names() if {"lost", "event", "share"} <= set(study.find(name).__dataclass_fields__)
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return reference_engine()


def test_there_are_some() -> None:
    assert {"disruption", "emergency", "exercise"} <= set(OUTAGES)


@pytest.mark.parametrize("name", OUTAGES)
def test_an_event_says_itself_what_is_asked_beside_it(engine: Engine, name: str) -> None:
    """A field that an event overrides in silence gives an answer to another question."""
    event = engine.case.table("events")["event"].iloc[0]
    link = engine.case.table("links")["link"].iloc[0]
    with pytest.raises(StudyError) as caught:
        study.find(name)(event=event, lost=(link,), days=3, share=0.5).run(engine)
    said = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in said] == ["lost", "days", "share"]
    assert all("leave it out" in line for line in said)


@pytest.mark.parametrize("name", OUTAGES)
def test_everything_wrong_is_said_at_once(engine: Engine, name: str) -> None:
    with pytest.raises(StudyError) as caught:
        study.find(name)(days=0, share=2.0).run(engine)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["lost", "days", "share"]
