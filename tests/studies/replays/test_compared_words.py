"""What an effect is held against reads by names, in one line, with the part that matters."""

from __future__ import annotations

import pytest

from kelisim.report.words import Words
from kelisim.studies.replays.words import compared, period
from tests.cases.reference import reference


@pytest.mark.parametrize(
    ("text", "statistic", "said"),
    [
        ("links.flow:gas_kartaly_rudny", "mean", "mean: flow on Kartaly-Rudny"),
        ("- links.flow:gas_kartaly_rudny", "change", "fall of flow on Kartaly-Rudny"),
        ("demand.unserved:city_rudny:heat", "days", "days with lack of heat in Rudny"),
        ("demand.unserved:kz_*:natural_gas:household", "share", "share of use: lack of natural gas (homes) in 17 places of KZ"),
        ("assets.activity:field_tengiz + assets.activity:field_kashagan", "change", "change of output of Tengiz and Korolev (Tengizchevroil), oil and gas as one and 1 more"),
        ("trains stood for days", "", "no result"),
    ],
)  # fmt: skip
def test_words(text: str, statistic: str, said: str) -> None:
    assert compared(Words(reference()), text, statistic) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the event"), ("2022", "2022"), ("2025-12", "December 2025"), ("2022-12..2023-01", "December 2022 to January 2023"),
        ("2025-10-22..2025-11-01", "22 October 2025 to 1 November 2025"), ("2023-08-11", "11 August 2023"), ("first hour", "first hour"),
    ],
)  # fmt: skip
def test_periods(text: str, said: str) -> None:
    assert period(Words(reference()), text) == said
