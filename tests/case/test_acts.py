"""What rows act on: one reading of "table:element:column" for measures, provisions, projects and events."""

from __future__ import annotations

import pytest

from kelisim.case.acts import target, targets


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("links:gas_x:capacity", "always", ("links", "gas_x", "capacity")),
        (" demand:town:power:households:amount ", "always", ("demand", "town:power:households", "amount")),
        ("links:gas_x", "never", ("links", "gas_x", "")),
        ("links:gas_x", "maybe", ("links", "gas_x", "")),
        ("links:gas_x:capcity", "maybe", ("links", "gas_x", "capcity")),
        ("demand:town:power:households", "maybe", ("demand", "town:power:households", "")),
        ("demand:town:power:households:lod", "maybe", ("demand", "town:power:households", "lod")),
        ("demand:town:load", "maybe", ("demand", "town", "load")),
        ("pipes:gas_x:capacity", "maybe", ("pipes", "gas_x:capacity", "")),
    ],
)
def test_a_text_is_read(text: str, column: str, expected: tuple[str, str, str]) -> None:
    """A measure on the wrong cell helps nobody; a word that is no column must reach the check that names the right one."""
    assert target(text, column) == expected  # type: ignore[arg-type]


def test_a_cell_names_several() -> None:
    """A blank between two, or a divider at the end, is no further element."""
    assert [one.element for one in targets("links:a:capacity; links:b:capacity;")] == ["a", "b"]
