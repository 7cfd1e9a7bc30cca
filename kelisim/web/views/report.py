"""The page of an answer in a frame, and the command that gives the same."""

from __future__ import annotations

from html import escape

from nicegui import ui

PLOTLY = "/kelisim/plotly.js"  # the chart library, which a page in a frame takes from the server


def report(address: str, name: str, part: str = "whole") -> None:
    """The page of an answer in a frame as tall as it is.

    part  "whole", or "rest" without what stands first: question, answer, key numbers and map
    """
    frame = ui.element("iframe").classes("k-report").props(f'data-part="{part}"')
    frame.props["src"], frame.props["title"] = address, name


def computed(command: str) -> None:
    """The command that gives the same."""
    words = f"<p>The same from the command line:</p><pre><code>{escape(command)}</code></pre>"
    button = '<button type="button" data-copy>Copy</button>'
    ui.html(f"{words}{button}", sanitize=False).classes("k-box k-command")
