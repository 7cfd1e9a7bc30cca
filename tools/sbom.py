"""A bill of materials of the pinned packages in the form CycloneDX 1.6, each with the licence that it states of itself.

python -m tools.sbom            writes it to the terminal
python -m tools.sbom FILE       writes it to a file

A licence is that of the installed package: its expression in SPDX, else the names that it gives. Pins that are not installed, and those that
state no licence, are named on the terminal, and the command ends with 1.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import kelisim

ROOT = Path(__file__).parents[1]
PINS = ROOT / "constraints.txt"
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;#]+)")
_CLASS = "License :: "
_PARTS = re.compile(r" +(?:AND|OR|WITH) +")
_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def pins(text: str) -> dict[str, str]:
    """Version of each package that a file of constraints pins."""
    found = (_PIN.match(line.strip()) for line in text.splitlines())
    return {pin[1]: pin[2] for pin in found if pin}


def licences(given: metadata.PackageMetadata) -> list[dict[str, Any]]:
    """What the metadata of a package say of its licence, as CycloneDX writes it; empty if they say nothing."""
    expression = (given.get("License-Expression") or "").strip()
    if expression:
        return [{"expression": expression}]
    classes = [one for one in given.get_all("Classifier") or [] if one.startswith(_CLASS)]
    names = [one.rsplit(" :: ", 1)[-1] for one in classes if one != "License :: OSI Approved"]
    if not names:
        lines = (given.get("License") or "").strip().splitlines()
        names = [lines[0].strip()] if lines else []
    if len(names) == 1 and len(parts := _PARTS.split(names[0])) > 1 and all(map(_SPDX.fullmatch, parts)):
        return [{"expression": names[0]}]
    return [{"license": {"name": name}} for name in names]


def component(name: str, version: str) -> tuple[dict[str, Any], str]:
    """One package, and what is missing of it; empty if nothing is."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    found: dict[str, Any] = {"type": "library", "name": name, "version": version}
    found["purl"] = found["bom-ref"] = f"pkg:pypi/{key}@{version}"
    try:
        given = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return found, "is not installed, its licence is not known"
    if given.version != version:
        return found, f"is installed as {given.version}, its licence is not looked at"
    if stated := licences(given.metadata):
        return found | {"licenses": stated}, ""
    return found, "states no licence"


def bill(pinned: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The bill of materials, and a line for each package of which something is missing."""
    pairs = [component(name, pinned[name]) for name in sorted(pinned, key=str.lower)]
    own = {"type": "application", "name": "kelisim", "version": kelisim.__version__}
    own["bom-ref"] = f"kelisim@{kelisim.__version__}"
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own | {"licenses": [{"expression": "Apache-2.0"}]}},
        "components": [found for found, _ in pairs],
    }
    return document, [f"{found['name']} {found['version']} {wrong}." for found, wrong in pairs if wrong]


def main(arguments: list[str]) -> int:
    """Write the bill of the pins. Gives the exit code."""
    document, missing = bill(pins(PINS.read_text(encoding="utf-8")))
    text = json.dumps(document, indent=2) + "\n"
    if arguments:
        Path(arguments[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    for line in missing:
        print(line, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
