"""Charts as SVG without a browser: the same options and the same script as on a page, run by V8.

Needs the package mini-racer (extra `pdf`). Apache ECharts draws to a string where it is told that it stands on a server.
"""

from __future__ import annotations

import json

from kelisim.errors import ExtraMissing
from kelisim.report import theme
from kelisim.report.figure import Figure
from kelisim.report.library import ECHARTS, text_of_library
from kelisim.report.scene import asset

WIDTH = 640  # pixels, as on printed pages
TITLE = 34  # of the height of a figure is its title, which stands beside it here
FACE = "Libertinus Serif"  # the letters of the document
# what the script of the pages looks for in a browser; the library must find none, so it is hidden from it
_STANDS = """
var WINDOW = { addEventListener: function () {}, setTimeout: function () {} };
var DOCUMENT = {
  getElementById: function () { return { textContent: LOOK }; },
  querySelectorAll: function () { return []; }
};
"""
_DRAW = """
(function (text, width, height) {
  var chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: width, height: height, locale: LOCALE });
  chart.setOption(kelisimCharts.fitted(JSON.parse(text), width, height));
  var drawn = chart.renderToSVGString();
  chart.dispose();
  return drawn;
})
"""


class Drawer:
    """V8 with the library and the script of the pages, in a language; to be closed, as a file is."""

    def __init__(self, language: str) -> None:
        """Raises ExtraMissing."""
        try:
            from py_mini_racer import MiniRacer  # noqa: PLC0415 - of an extra
        except ModuleNotFoundError as error:
            raise ExtraMissing("pdf") from error
        self._engine, look = MiniRacer(), theme.look(language) | {"font": FACE}
        locale = {"time": look["time"], "legend": {}, "toolbox": {}, "series": {"typeNames": {}}}
        locale["aria"] = {"general": {}, "series": {"single": {}, "multiple": {}}, "data": {}}
        self._engine.eval(
            f"var LOOK = {json.dumps(json.dumps(look))}, LOCALE = {json.dumps(locale)};{_STANDS}"
        )
        self._engine.eval(text_of_library(ECHARTS))
        self._engine.eval(f"(function (window, document) {{{asset('charts.js')}\n}}(WINDOW, DOCUMENT));")
        self._engine.eval(f"var DRAW = {_DRAW};")

    def __enter__(self) -> Drawer:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def svg(self, figure: Figure, width: int = WIDTH) -> str:
        """A figure without its title as SVG; empty where nothing is drawn."""
        if figure.is_empty:
            return ""
        drawn: str = self._engine.call("DRAW", json.dumps(figure.options), width, figure.height - TITLE)
        return drawn
