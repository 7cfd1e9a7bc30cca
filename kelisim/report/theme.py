"""How charts look: inks, shades that survive grey print, and what the script of a page has to know."""

from __future__ import annotations

from typing import Any

from babel.dates import get_day_names, get_month_names

from kelisim import catalog

INK, QUIET, GRID = "#2b2a26", "#8b867a", "#e4e0d7"
RED, GAIN, LOSS = "#b3261e", "#0072b2", "#d55e00"
BAND = "rgba(139, 134, 122, 0.28)"
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")  # Okabe and Ito 2008
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
DASH_ORDER = ("solid", "dash", "dot", "dashdot", "longdash")


def shade(colour: str, strength: float) -> str:
    """A colour mixed with white; strength 1 leaves it, 0 gives a light grey."""
    if strength <= 0 or len(colour) != 7 or not colour.startswith("#"):
        return "#cfcbc2" if strength <= 0 else colour
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * strength):02x}" for part in parts)


def over(colour: str) -> str:
    """Ink that can be read on a colour."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)] if len(colour) == 7 else [200, 200, 200]
    return INK if 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] > 125 else "#fff"


def ink(colour: str) -> str:
    """A colour dark enough for a line and its name on white."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)] if len(colour) == 7 else [90, 90, 90]
    light = (0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2]) / 255
    factor = 1.0 if light < 0.5 else 0.5 / light
    return "#" + "".join(f"{round(part * factor):02x}" for part in parts)


def line_looks(colour: str, count: int) -> list[tuple[str, str]]:
    """Colour and dash of each of up to five lines: the first in the carrier's colour, the others in greys."""
    greys = ("#4a4842", "#7d7a72", "#2b2a26", "#96928a")
    return [(ink(colour) if i == 0 else greys[(i - 1) % 4], DASH_ORDER[i % 5]) for i in range(count)]


def look(language: str) -> dict[str, Any]:
    """What the script of a page has to know: language, names of months and days, inks by day and by night, its words."""
    names = {
        "month": _in_order(get_month_names("wide", locale=language), 1),
        "monthAbbr": _in_order(get_month_names("abbreviated", locale=language), 1),
        "dayOfWeek": _week(get_day_names("wide", locale=language)),
        "dayOfWeekAbbr": _week(get_day_names("abbreviated", locale=language)),
    }
    inks = {"ink": INK, "quiet": QUIET, "soft": "#6b675e", "grid": GRID, "paper": "#ffffff"}
    night = {"ink": "#e8e5dd", "quiet": "#8b867a", "soft": "#b5b0a4", "grid": "#3a3832", "paper": "#1d1c19"}
    words = {name: catalog.text(f"charts.words.{name}", language) for name in WORDS}
    return {"language": language, "time": names, "day": inks, "night": night, "font": FONT, "words": words}


WORDS = ("numbers", "name", "value")


def _in_order(names: Any, first: int) -> list[str]:
    return [str(names[at]) for at in range(first, first + len(names))]


def _week(names: Any) -> list[str]:
    """From Sunday on, as scripts count."""
    return [str(names[(at + 6) % 7]) for at in range(7)]
