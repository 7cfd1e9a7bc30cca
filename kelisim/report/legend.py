"""The legend of a map: widths, loadings and signs, as HTML for page and report and as SVG for a drawing alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape

from kelisim import catalog
from kelisim.report.scene import (
    CLASSES,
    HEIGHT,
    UNSERVED,
    WIDTH,
    Layer,
    Scene,
    front_layer,
    unserved_class,
    width_of,
)

LOADED = ("low", "mid", "high")


def look_words(looks: Collection[str]) -> list[tuple[str, str]]:
    """Looks of lines in words: the three of loading, and of the others those that are there."""
    shown = [look for look in (*LOADED, "idle", "out") if look in LOADED or look in looks]
    return [(look, catalog.text(f"legend.{look}")) for look in shown]


def unserved_words(level: int) -> str:
    """A step of the unserved share in words."""
    return catalog.text("legend.unserved").format(share=catalog.text(f"legend.unserved_{level}"))


def stroke(text: str, look: str, wide: float, long: int = 26) -> str:
    """A line and its words."""
    line = f'<path d="M0 6h{long}" class="{look}" stroke-width="{wide:.1f}"/>'
    return f'<span><svg class="km" width="{long}" height="12">{line}</svg>{escape(text)}</span>'


def swatch(text: str, look: str) -> str:
    """The colour of areas and its words."""
    box = f'<rect x="1" y="1" width="14" height="10" class="{look}" stroke="currentColor" stroke-width=".5"/>'
    return f'<span><svg class="km" width="16" height="12">{box}</svg>{escape(text)}</span>'


def steps(levels: Iterable[int]) -> str:
    """Steps of the unserved share that are on the map."""
    return "".join(
        f'<span><svg class="km" width="16" height="16"><circle cx="8" cy="8" r="7" class="u{level}"/>'
        f'<path d="M3 11L11 3M5 13L13 5" class="hatch"/></svg>{escape(unserved_words(level))}</span>'
        for level in sorted(set(levels))
    )


def dots(colour: str) -> str:
    """What filled and empty dots mean."""
    return "".join(
        f'<span><svg class="km" width="14" height="12"><circle cx="7" cy="6" r="4.4" class="dot"{fill}/></svg>'
        f"{escape(catalog.text(f'legend.{key}'))}</span>"
        for fill, key in ((f' fill="{escape(colour)}"', "gives"), ("", "uses"))
    )


def html_legend(scene: Scene, layer: Layer) -> str:
    """The legend of one family in a report."""
    out = [stroke(text, "low", width_of(weight), 34) for text, weight in layer.widths]
    if scene.has_loading and layer.lines:
        looks = look_words({line.look for line in layer.lines})
        out += [stroke(text, look, 1.2 if look == "idle" else 4) for look, text in looks]
    if any(dot.gives for dot in layer.dots):
        out.append(dots(layer.colour))
    out.append(steps(unserved_class(dot.unserved) for dot in layer.dots if dot.unserved > 1e-6))
    return "".join(out)


def svg_legend(scene: Scene) -> str:
    """The legend under a drawing alone."""
    layer = front_layer(scene)
    if layer is None:
        return ""
    items: list[tuple[str, str, float]] = [(text, "low", width_of(weight)) for text, weight in layer.widths]
    if scene.has_loading:
        items += [(text, look, 4.0) for look, text in look_words({line.look for line in layer.lines})]
    shown = {unserved_class(dot.unserved) for dot in layer.dots if dot.unserved > 1e-6}
    items += [(unserved_words(level), f"u{level}", 10.0) for level in sorted(shown)]
    x, y, out = 16.0, HEIGHT + 24, list[str]()
    for text, look, wide in items:
        long = 46 + 6.4 * len(text)
        if x + long > WIDTH - 10:
            x, y = 16.0, y + 20
        ink = UNSERVED[int(look[1])][1] if look[0] == "u" else CLASSES[look]
        dash = ' stroke-dasharray="5 4"' if look == "out" else ""
        out.append(f'<path d="M{x:.0f} {y:.0f}h26" stroke="{ink}" stroke-width="{wide:.1f}"{dash}/>')
        out.append(f'<text class="lg" x="{x + 32:.0f}" y="{y + 4:.0f}">{escape(text)}</text>')
        x += long
    for note in scene.notes[:1]:
        out.append(f'<text class="lg" x="16" y="{y + 22:.0f}">{escape(note)}</text>')
    return "".join(out)
