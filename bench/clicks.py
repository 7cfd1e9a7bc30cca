"""The live map as a visitor sees it: seconds from a click on Cut to the map drawn again, in headless Chromium.

Not called by hand: `python -m bench --only clicks` starts it. The base of the year is solved first if it is not kept.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.child import hash_of

STEPS = {12: "1mo", 366: "1d"}
START = date(2024, 1, 15)  # the day that is open
OPEN, NEW = 20, 5  # cuts with the day open, new days
BASE, ASIDE = 1800.0, 900.0  # seconds for the base and for the study that the page asks aside
LOOK = 15.0  # seconds between two looks whether it is done
SETTLE = 0.6  # seconds after a page has loaded
# the click, then the map's own mark of a new drawing, then two frames of the browser: by then it is on the screen
CLICK = """() => new Promise((done) => {
  const map = document.querySelector(".live-map"), before = map.dataset.drawn, began = performance.now();
  const watch = new MutationObserver(() => {
    if (map.dataset.drawn === before) return;
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done((performance.now() - began) / 1000)));
  });
  watch.observe(map, { attributes: true });
  document.querySelector(".k-cut").click();
})"""


def elements() -> list[str]:
    """Links (those of one track as one) and assets of the reference case, in an order that mixes them."""
    from kelisim.io import reference  # noqa: PLC0415 - the runner loads no case

    case = reference("1mo")
    links = case.table("links")
    tracks = [
        shared or link for link, shared in zip(links["link"], links["shared_with"].fillna(""), strict=True)
    ]
    names = dict.fromkeys([*tracks, *case.table("assets")["asset"]])
    return sorted(names, key=lambda word: (hash_of(word), word))


@contextmanager
def serving(step: str, case: str = "reference", log: Path | None = None) -> Iterator[tuple[str, int]]:
    """A server of a case: its address and process.

    log  file of what it says
    """
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    words = ["serve", case, "--step", step, "--port", str(port), "--no-browser"]
    with tempfile.TemporaryDirectory() as folder, (log or Path(folder) / "log").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", "from kelisim.cli import main; main()", *words], stdout=said, stderr=said
        )
        try:
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def spent(pid: int) -> float:
    """Processor seconds of a process so far; not a number where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def first_visit(page: Any, address: str) -> bool:
    """Wait for the map, and for the study that the page asks aside; whether that was done in time."""
    until = time.monotonic() + BASE
    while True:
        try:
            page.goto(address)
            break
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
    page.wait_for_selector(".live-map[data-drawn]", timeout=BASE * 1000)
    until = time.monotonic() + ASIDE
    while "is being asked" in page.locator(".k-three").inner_text():
        if time.monotonic() > until:
            return False
        page.goto("about:blank")  # a map that nobody looks at would take the processor from the study
        time.sleep(LOOK)
        page.goto(address)
        page.wait_for_selector(".live-map[data-drawn]")
    return True


def measure(size: int, opened: int = OPEN, new: int = NEW) -> dict[str, Any]:
    """Cuts of 30 days: `opened` elements on a day that is open, then one on each of `new` days."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this part needs a browser

    step = STEPS[size]
    days = [START + timedelta(days=(at + 1) * 330 // new) for at in range(new)]
    rows: dict[str, list[dict[str, float]]] = {"day open": [], "new day": []}
    with serving(step) as (address, pid), sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        aside = first_visit(page, f"{address}/?step={step}")
        asked = [
            ("", START),
            *(("day open", START) for _ in range(opened)),
            *(("new day", day) for day in days),
        ]
        names = iter(elements())
        for row, day in asked:
            found = _one(page, address, step, names, day, pid)
            if row:
                rows[row].append(found)
        browser.close()
    return {
        "aside_done": aside,
        "rows": [
            {
                "peer": row,
                "settings": {},
                "runs": [{"cuts": [c["seconds"] for c in cuts], "served": [c["served"] for c in cuts]}],
            }
            for row, cuts in rows.items()
        ],
    }


def _one(page: Any, address: str, step: str, names: Iterator[str], day: date, pid: int) -> dict[str, float]:
    """Cut the next element that the page knows."""
    while True:
        page.goto(f"{address}/?step={step}&chosen={next(names)}&day={day}")
        page.wait_for_selector(".live-map[data-drawn]")
        if page.locator(".k-cut").count():
            break
    time.sleep(SETTLE)
    before = spent(pid)
    seconds = float(page.evaluate(CLICK))
    return {"seconds": seconds, "served": spent(pid) - before}


if __name__ == "__main__":
    print("RESULT " + json.dumps(measure(*(int(word) for word in sys.argv[1:]))))
