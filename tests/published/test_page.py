"""The page of published answers: what stands in a cell."""

from __future__ import annotations

import pytest

from tests.published.answers import PAGE, SOURCES, reproduces
from tools.published import cells, number, page, part

ROW = {
    "answer": "Flows", "source": "A book", "unit": "MW", "ours": [1.00001, 2.0, 3.0, 4.0, 5.0], "theirs": [1.0, 2.0, 3.0, 4.0, 5.0],
    "error": 2e-6, "allowed": 1e-4, "test": "tests/x.py",
}  # fmt: skip


def test_cells() -> None:
    """A table of numbers is counted, few are written."""
    assert cells(ROW) == ["Flows", "5 numbers, MW", "5 numbers, MW", "2e-6", "1e-4", "`tests/x.py`"]
    few = ROW | {"ours": [0.6666666666, -0.0], "theirs": [2 / 3, 0.0], "unit": ""}
    assert cells(few)[1:3] == ["0.6666667; 0", "0.6666667; 0"]
    assert [number(value) for value in (18441021.4777, 1176.29846, 1e-14)] == ["18,441,021", "1,176.298", "0"]
    assert [part(error) for error in (0, 1e-15, 3e-11, 0.01)] == ["0", "below 1e-12", "3e-11", "1e-2"]
    assert "\n## A book\n\n| answer |" in page([ROW])


def test_an_answer_that_is_not_found_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that holds what no test has looked at proves nothing; nor does a test that the page does not name."""
    monkeypatch.delenv("KELISIM_PUBLISHED", raising=False)
    with pytest.raises(AssertionError):
        reproduces("Gas served", 5.1, 5.0, "gasmodels", abs=1e-6)
    with pytest.raises(AssertionError, match="is not on the page"):
        reproduces("The answer to everything", 42, 42, "gasmodels", abs=0)
    text = PAGE.read_text(encoding="utf-8")
    assert [title for title in SOURCES.values() if f"\n## {title}\n" not in text] == []
