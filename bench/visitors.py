"""Ten headless browsers that cut, look around, and leave amid a question: no error in log or page, and memory that stays flat.

    python -m bench.visitors [CASE] [--step 1mo] [--visitors 10] [--seconds 120]

Prints a line each ten seconds: cuts that were answered, pages left amid a question, memory of the server, errors so far.
Ends with 1 where there was an error, or where the server held more at the end than after the first half minute by more
than GROWTH.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.clicks import serving

LOOK = 10.0  # seconds between two lines
WARM = 30.0  # seconds after the first answer, after which memory must be flat
GROWTH = 0.10  # share
ANSWER = 180_000  # milliseconds in which a page or an answer must be there


@dataclass
class Seen:
    """What the visitors met."""

    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    first: float = math.inf  # moment of the first answer


def memory(pid: int) -> float:
    """MB that a process holds now."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


async def visitor(playwright: Any, address: str, seen: Seen, chance: random.Random, until: float) -> None:
    """One browser that goes on until the time is over."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    browser = await playwright.chromium.launch(executable_path=path)
    while time.monotonic() < until:
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(ANSWER)
        page.on(
            "console", lambda said: seen.wrong.append(f"page: {said.text}") if said.type == "error" else None
        )
        page.on("pageerror", lambda error: seen.wrong.append(f"page: {error}"))
        try:
            await visit(page, address, seen, chance, until)
        except Exception as error:
            seen.wrong.append(f"visitor: {str(error).splitlines()[0]}")
        await page.close()
    await browser.close()


async def visit(page: Any, address: str, seen: Seen, chance: random.Random, until: float) -> None:
    """A few cuts on one page; then the page is closed, now and then amid a question."""
    if chance.random() < 0.1:
        await page.goto(f"{address}/{chance.choice(['border', 'runs', 'studies', 'study/disruption'])}")
        await page.wait_for_selector(".k-page")
        seen.done["other pages"] += 1
        return
    day = f"2024-{chance.randint(1, 12):02d}-15"
    await page.goto(f"{address}/?chosen={chance.choice(seen.keys)}&day={day}")
    await page.wait_for_selector(".live-map[data-drawn]")
    while time.monotonic() < until and chance.random() < 0.8:
        if not await page.locator(".k-cut").count():
            return
        before = await page.locator(".live-map").get_attribute("data-drawn")
        await page.locator(".k-cut").click()
        if chance.random() < 0.25:
            seen.done["left"] += 1
            return
        await page.wait_for_function(
            "before => document.querySelector('.live-map').dataset.drawn !== before || "
            "document.querySelector('.k-says:not(.hidden) .k-rule')",
            arg=before,
        )
        seen.first = min(seen.first, time.monotonic())
        seen.done["cuts"] += 1
        await page.wait_for_timeout(chance.uniform(50, 800))
        await page.keyboard.press(chance.choice(["ArrowLeft", "ArrowRight"]))
        chips = page.locator(".k-chips button")
        await chips.nth(chance.randrange(await chips.count())).click()


def elements(case: str, step: str) -> list[str]:
    """Links and assets of a case."""
    from kelisim.io import read  # noqa: PLC0415 - the server reads it in its own process

    whole = read(case).at_step(step)
    return [*whole.table("links")["link"], *whole.table("assets")["asset"]]


async def watch(pid: int, log: Path, seen: Seen, began: float, held: list[tuple[float, float]]) -> None:
    """Say every LOOK seconds how it goes."""
    while True:
        await asyncio.sleep(LOOK)
        now = time.monotonic() - began
        held.append((now, memory(pid)))
        done = ", ".join(f"{count} {what}" for what, count in sorted(seen.done.items()))
        lines = len(log.read_text().splitlines())
        errors = len(seen.wrong)
        print(
            f"{now:5.0f} s: {done}; {held[-1][1]:.0f} MB; {errors} errors in pages, {lines} lines in the log",
            flush=True,
        )


async def run(case: str, step: str, visitors: int, seconds: float) -> int:
    """The whole visit; 1 where something was wrong."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - only this part needs a browser

    seen, held = Seen(keys=elements(case, step)), list[tuple[float, float]]()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with serving(step, case, log) as (address, pid):
            async with async_playwright() as playwright:
                await first_page(playwright, f"{address}/?step={step}")
                known = len(log.read_text().splitlines())
                began = time.monotonic()
                watching = asyncio.create_task(watch(pid, log, seen, began, held))
                guests = [
                    visitor(playwright, address, seen, random.Random(at), began + seconds)
                    for at in range(visitors)
                ]
                await asyncio.gather(*guests)
                watching.cancel()
            held.append((time.monotonic() - began, memory(pid)))
        said = log.read_text().splitlines()[known:]
    for line in [*seen.wrong[:20], *said[:60]]:
        print(line)
    flat = [size for at, size in held if began + at >= seen.first + WARM] or [held[-1][1]]
    growth = max(flat) / flat[0] - 1
    when = f"{WARM:.0f} s after the first answer"
    print(f"{sum(seen.done.values())} visits; memory {growth:+.1%} from {when} on")
    print(f"{len(seen.wrong)} errors in pages, {len(said)} lines in the log")
    return int(bool(seen.wrong or said or growth > GROWTH))


async def first_page(playwright: Any, address: str) -> None:
    """Wait until the year is open and the study that the page asks aside is done."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    browser = await playwright.chromium.launch(executable_path=path)
    page = await browser.new_page()
    for _ in range(600):
        try:
            await page.goto(address)
            break
        except Exception:
            await asyncio.sleep(0.5)
    await page.wait_for_selector(".live-map[data-drawn]", timeout=1_800_000)
    await page.wait_for_function(
        "!document.querySelector('.k-three').innerText.includes('is being asked')", timeout=900_000
    )
    await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("case", nargs="?", default="reference")
    parser.add_argument("--step", default="1mo")
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120.0)
    given = parser.parse_args()
    sys.exit(asyncio.run(run(given.case, given.step, given.visitors, given.seconds)))
