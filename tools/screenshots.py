"""Pictures of the report for the README: `python -m tools.screenshots [FOLDER]`, docs/images if none is given.

Solves the reference year by months, writes its report and photographs the first screen. Needs a Chromium: its path in
CHROMIUM, or what tools/ensure_chromium.sh finds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from kelisim.io import reference
from kelisim.studies import run
from kelisim.studies.pages import write_report

ROOT = Path(__file__).parents[1]
SCREENS = {"report": (1440, 900)}


def main(arguments: list[str]) -> int:
    """Write the pictures; the exit code."""
    target = Path(arguments[0]) if arguments else ROOT / "docs" / "images"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        address = write_report(run("balance", reference("1mo")), Path(folder) / "report.html").as_uri()
        browser = playwright.chromium.launch(executable_path=chromium())
        for name, size in SCREENS.items():
            path = target / f"{name}.png"
            photograph(browser, address, size, path)
            print(f"written: {path}, {path.stat().st_size / 1024:,.0f} kB")
        browser.close()
    return 0


def chromium() -> str:
    """Path of the browser."""
    return os.environ.get("CHROMIUM") or subprocess.check_output(
        [ROOT / "tools" / "ensure_chromium.sh"], encoding="utf-8"
    ).strip()  # fmt: skip


def photograph(browser: Any, address: str, size: tuple[int, int], path: Path) -> None:
    """The first screen of a report, once its map has found its scale."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(address)
    page.wait_for_function("document.querySelector('svg.km').style.getPropertyValue('--k') !== ''")
    page.screenshot(path=path)
    page.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
