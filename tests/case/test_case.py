"""A case as an object: what its two fingerprints tell apart."""

from __future__ import annotations

import pandas as pd

from tests.cases.cut_town import cut_town


def test_what_no_problem_is_made_of_costs_no_new_solve() -> None:
    """A note or a source that is corrected would make a solved year worthless."""
    case = cut_town()
    links = case.table("links")
    noted = case.with_table("links", links.assign(note="read again"))
    assert noted.fingerprint != case.fingerprint
    assert noted.model_fingerprint == case.model_fingerprint
    body = pd.DataFrame({"body": ["ministry"], "name": ["Ministry of energy"]})
    assert case.with_table("bodies", body).model_fingerprint == case.model_fingerprint


def test_what_the_problem_is_made_of_does() -> None:
    """A kept answer would be shown for a case that has changed since."""
    case = cut_town()
    links = case.table("links")
    other = case.with_table("links", links.assign(capacity=links["capacity"] * 2))
    assert other.model_fingerprint != case.model_fingerprint
    assert case.at_step("1mo").model_fingerprint != case.model_fingerprint
