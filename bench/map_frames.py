"""Frames a second while the map of the reference case is dragged and zoomed, in a headless Chromium.

python -m bench.map_frames
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from kelisim.io import reference
from kelisim.report.maps import case_map

LEAST = 30.0  # frames a second
SECONDS = 3.0
COUNT = """seconds => new Promise(done => {
  let frames = 0;
  const began = performance.now();
  const tick = () => { frames += 1; const now = performance.now();
    if (now - began < seconds * 1000) requestAnimationFrame(tick); else done(frames / ((now - began) / 1000)); };
  requestAnimationFrame(tick);
  const svg = document.querySelector(".km-stage>svg"), box = svg.parentNode.getBoundingClientRect();
  const send = (kind, x, y, more) => svg.dispatchEvent(new PointerEvent(kind, {bubbles: true, pointerId: 1, pointerType: "mouse",
    clientX: box.x + x, clientY: box.y + y, ...more}));
  let step = 0;
  send("pointerdown", 500, 300);
  const drag = setInterval(() => { step += 1; send("pointermove", 500 + 200 * Math.sin(step / 12), 300 + 120 * Math.cos(step / 12));
    if (step % 20 === 0) svg.dispatchEvent(new WheelEvent("wheel", {bubbles: true, ctrlKey: true, cancelable: true, clientX: box.x + 500,
      clientY: box.y + 300, deltaY: step % 40 ? 1 : -1})); }, 16);
  setTimeout(() => { clearInterval(drag); send("pointerup", 500, 300); }, seconds * 1000);
})"""


def main() -> None:
    """Print frames a second for each family of carriers."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "no Chromium: run tools/ensure_chromium.sh"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "map.html"
        page_file.write_text(
            f"<!doctype html><meta charset=utf-8>{case_map(reference('1mo')).html}", encoding="utf-8"
        )
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(page_file.as_uri())
        for button in page.locator(".km-chips button").all():
            button.click()
            rate = float(page.evaluate(COUNT, SECONDS))
            verdict = "" if rate >= LEAST else f", fewer than {LEAST:.0f}"
            print(f"{button.inner_text()}: {rate:.0f} frames a second{verdict}")
        browser.close()


if __name__ == "__main__":
    main()
