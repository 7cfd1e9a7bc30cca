"""The legend of a map: widths, loadings and signs, as SVG and as HTML."""

from __future__ import annotations

from html import escape

from kelisim import catalog
from kelisim.report.scene import (
    CLASSES,
    HEIGHT,
    UNSERVED_STEPS,
    Layer,
    Scene,
    front_layer,
    unserved_class,
    unserved_words,
    width_of,
)


def svg_legend(scene: Scene) -> str:
    layer = front_layer(scene)
    if layer is None:
        return ""
    y = HEIGHT + 30
    out: list[str] = []
    x = 16.0
    for text, weight in layer.widths:
        out.append(f'<path d="M{x} {y}h34" stroke="{CLASSES["low"]}" stroke-width="{width_of(weight):.1f}"/>')
        out.append(f'<text class="lg" x="{x + 40}" y="{y + 4}">{escape(text)}</text>')
        x += 56 + 6.4 * len(text)
    if scene.has_loading:
        for look, text in _looks(layer):
            dash = ' stroke-dasharray="5 4"' if look == "out" else ""
            out.append(f'<path d="M{x} {y}h26" stroke="{CLASSES[look]}" stroke-width="4"{dash}/>')
            out.append(f'<text class="lg" x="{x + 32}" y="{y + 4}">{escape(text)}</text>')
            x += 46 + 6.4 * len(text)
    for i, note in enumerate(scene.notes[:1]):
        out.append(f'<text class="lg" x="16" y="{y + 24 + 12 * i}">{escape(note)}</text>')
    return "".join(out)


def _looks(layer: Layer) -> list[tuple[str, str]]:
    used = {line.look for line in layer.lines}
    looks = ["low", "mid", "high", *(look for look in ("idle", "out") if look in used)]
    return [(look, catalog.text(f"legend.{look}")) for look in looks]


def html_legend(scene: Scene, layer: Layer) -> str:
    out: list[str] = []
    for text, weight in layer.widths:
        wide = width_of(weight)
        out.append(
            f'<span><svg width="34" height="12"><path d="M0 6h34" stroke="{CLASSES["low"]}" '
            f'stroke-width="{wide:.1f}"/></svg>{escape(text)}</span>'
        )
    if scene.has_loading and layer.lines:
        for look, text in _looks(layer):
            dash = ' stroke-dasharray="5 4"' if look == "out" else ""
            wide = 1.2 if look == "idle" else 4
            out.append(
                f'<span><svg width="26" height="12"><path d="M0 6h26" stroke="{CLASSES[look]}" '
                f'stroke-width="{wide}"{dash}/></svg>{text}</span>'
            )
    if any(dot.gives for dot in layer.dots):
        for fill, text in (
            (layer.colour, catalog.text("legend.gives")),
            ("#fff", catalog.text("legend.uses")),
        ):
            out.append(
                f'<span><svg width="14" height="12"><circle cx="7" cy="6" r="4.4" fill="{escape(fill)}" '
                'stroke="#33312c"/></svg>'
                f"{text}</span>"
            )
    worst = {unserved_class(dot.unserved) for dot in layer.dots if dot.unserved > 1e-6}
    for level in sorted(worst):
        _, colour = UNSERVED_STEPS[level]
        out.append(
            f'<span><svg width="16" height="16"><circle cx="8" cy="8" r="7" fill="{colour}"/>'
            '<path d="M3 11L11 3M5 13L13 5" stroke="#3b0a45" stroke-opacity=".6"/></svg>'
            f"{catalog.text('legend.unserved').format(share=unserved_words(level))}</span>"
        )
    return "".join(out)
