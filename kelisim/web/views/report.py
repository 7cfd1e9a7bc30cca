"""The page of an answer in a frame, and the command that gives the same."""

from __future__ import annotations

import tempfile
from html import escape
from pathlib import Path

from nicegui import ui

from kelisim.results.results import Results
from kelisim.web.texts import text

CHARTS = "/kelisim/echarts.js"  # the chart library, which a page in a frame takes from the server


def report(address: str, name: str, part: str = "whole") -> None:
    """The page of an answer in a frame as tall as it is.

    part  "whole", or "rest" without what stands first: question, answer, key numbers and map
    """
    frame = ui.element("iframe").classes("k-report").props(f'data-part="{part}"')
    frame.props["src"], frame.props["title"] = address, name


def computed(command: str) -> None:
    """The command that gives the same."""
    words = f"<p>{text('command')}</p><pre><code>{escape(command)}</code></pre>"
    said = " ".join(f'data-{word}="{text(word)}"' for word in ("copied", "refused", "unsafe"))
    button = f'<button type="button" data-copy {said}>{text("copy")}</button>'
    ui.html(f"{words}{button}", sanitize=False).classes("k-box k-command")


def workbook(results: Results) -> bytes:
    """The answer as an Excel file."""
    with tempfile.TemporaryDirectory() as folder:
        return results.to_excel(Path(folder) / "answer.xlsx").read_bytes()
