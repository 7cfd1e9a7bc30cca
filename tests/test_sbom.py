"""The bill of materials: every pin is in it, with the licence that the package states."""

from __future__ import annotations

from email.message import Message
from importlib import metadata

import pytest

from tools import sbom


def test_every_pin_is_in_the_bill_with_its_licence() -> None:
    """Of those that are installed as they are pinned; a pin without a licence is named."""
    pinned = sbom.pins(sbom.PINS.read_text(encoding="utf-8"))
    document, missing = sbom.bill(pinned)
    found = {one["name"]: one for one in document["components"]}
    assert {name: one["version"] for name, one in found.items()} == pinned
    without = {name for name, one in found.items() if "licenses" not in one}
    assert without == {line.split()[0] for line in missing}
    assert found["numpy"]["purl"] == f"pkg:pypi/numpy@{metadata.version('numpy')}"
    assert "BSD-3-Clause" in str(found["numpy"]["licenses"])
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({"License-Expression": "MIT OR Apache-2.0", "License": "x"}, [{"expression": "MIT OR Apache-2.0"}]),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, [{"license": {"name": "MIT License"}}]),
        ({"License": "MPL-2.0 AND MIT"}, [{"expression": "MPL-2.0 AND MIT"}]),
        ({"License": "BSD\n\nCopyright (c) 2020"}, [{"license": {"name": "BSD"}}]),
        ({"Classifier": "License :: OSI Approved"}, []),
    ],
)
def test_what_a_package_says_of_its_licence(lines: dict[str, str], expected: list[object]) -> None:
    """Its expression first, then its classes, then its words."""
    given = Message()
    for key, value in lines.items():
        given[key] = value
    assert sbom.licences(given) == expected  # type: ignore[arg-type]


def test_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pin that is not installed, or installed in another version, has no licence in the bill."""
    monkeypatch.setattr(sbom, "pins", lambda text: {"no-such-package": "1.0", "numpy": "0.0.1"})
    assert sbom.main([]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first == "no-such-package 1.0 is not installed, its licence is not known."
    assert second.startswith("numpy 0.0.1 is installed as ")
