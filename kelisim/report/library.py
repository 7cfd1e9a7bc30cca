"""The library that draws charts in a browser: a file of an installed package, written into pages that need no network.

Apache ECharts 5.5.1 (Apache-2.0) comes with the package vizly. Only its file is read, no code of the package runs. It must
be, to the byte, the file that its makers publish.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from kelisim import catalog
from kelisim.errors import InternalError
from kelisim.report import theme
from kelisim.report.scene import asset

if TYPE_CHECKING:
    from kelisim.report.figure import Figure

ECHARTS = ("vizly", "assets/echarts.min.js")
PUBLISHED = {ECHARTS: "e84270bd0cd5bdf60fefc26d00c2a391cb2e81f4d26a7a9ee16185a54773a3cf"}


def path_of(library: tuple[str, str]) -> Path:
    """Where a file of a library is. Raises InternalError if its package is not installed."""
    package, name = library
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise InternalError(f"the package {package}, which brings {Path(name).name}, is not installed")
    return Path(found.submodule_search_locations[0]) / name


@cache
def text_of_library(library: tuple[str, str]) -> str:
    """Text of a library. Raises InternalError if it is not what its makers publish."""
    content = path_of(library).read_bytes()
    if hashlib.sha256(content).hexdigest() != PUBLISHED[library]:
        raise InternalError(f"{path_of(library)} is not the file that the makers of the library publish")
    return content.decode()


@cache
def echarts() -> Markup:
    """Apache ECharts as the text of a script element; it stays out of the way of a loader that a notebook may have."""
    text = text_of_library(ECHARTS).replace("</script", "<\\/script")
    return Markup(f"(function(define,exports,module){{{text}\n}}).call(globalThis);")


def script_safe(value: Any) -> Markup:
    """A value as JSON that can stand in a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def notebook(figure: Figure) -> str:
    """A figure in a frame of its own, as a notebook shows it: nothing of it meets the notebook's scripts and styles."""
    finding = escape(figure.finding, quote=True)
    if figure.is_empty:
        return f"<p>{finding}</p>"
    drawn = f'<script type="application/json">{script_safe(figure.options)}</script>'
    canvas = (
        f'<div class="canvas" style="height:{figure.height - 34}px" role="img" aria-label="{finding}"></div>'
    )
    body = f'<figure class="plot"><figcaption><b>{escape(figure.finding)}</b></figcaption>{canvas}{drawn}</figure>'
    look = f'<script type="application/json" id="look">{script_safe(theme.look(catalog.spoken()))}</script>'
    scripts = "".join(f"<script>{text}</script>" for text in (echarts(), asset("charts.js")))
    style = f"<style>body{{margin:8px;font:15px/1.4 {theme.FONT}}}figure{{margin:0}}</style>"
    page = f'<!doctype html><html lang="{catalog.spoken()}"><meta charset="utf-8">{style}{body}{look}{scripts}</html>'
    size = f"width:100%;height:{figure.height + 40}px;border:0"
    return f'<iframe title="{finding}" style="{size}" srcdoc="{escape(page, quote=True)}"></iframe>'
