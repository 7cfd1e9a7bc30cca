"""What stands under the map: the legend, and the line that shows the year under the slider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import numpy as np

from kelisim.report.legend import look_words, steps, stroke, swatch
from kelisim.report.numbers import first_lower, plain
from kelisim.report.scene import LOOKS
from kelisim.results.crisis import thresholds
from kelisim.web import map_state as frame
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.opening import cover_words
from kelisim.web.session import Floats, MapSession, Reply
from kelisim.web.texts import text


def legend(
    plan: MapSession,
    sheet: MapGeometry,
    family: str,
    data: Mapping[str, Any],
    is_answer: bool,
    shows_levels: bool = False,
) -> str:
    """Three widths, and the colours, halos, circles and marks that are on the map now.

    data  the step as the page draws it (frame.of_step)
    """
    parts = [stroke(words, "low", wide, 34) for words, wide in frame.widths(plan, sheet, family)]
    used = [look for look in LOOKS if look[0] in data["l"]]
    parts += [
        stroke(words, look, 1.2 if look == "idle" else 4) for look, words in look_words(used) if look in used
    ]
    if is_answer:
        parts += [stroke(text(f"legend.{change}"), change, 10) for change in ("more", "less")]
    areas = [look for look in data["a"].values() if look[0] == "u"]
    parts.append(steps([*data["s"].values(), *(int(look[1]) for look in areas)]))
    if is_answer and shows_levels:
        parts += _marks(plan, data["v"].values())
    parts += [swatch(words, look) for look, words in cover_words(set(data["a"].values()))]
    notes = [*sheet.layout.notes, *([text("legend.areas")] if sheet.data["areas"] else [])]
    return "".join([*parts, *(f"<span>{escape(note)}</span>" for note in notes)])


def _marks(plan: MapSession, levels: Iterable[int]) -> list[str]:
    """What the marks of the levels mean; where there is none, that."""
    early, alert, emergency = thresholds(plan.case)
    shares = (
        "",
        text("legend.more_than", share=_whole(early)),
        text("legend.or_more", share=_whole(alert)),
        text("legend.or_more", share=_whole(emergency)),
    )
    found = [
        f'<span><b class="k-level l{level}">{"!" * level}</b>'
        f"{text('legend.level', level=frame.level_name(level), share=shares[level])}</span>"
        for level in sorted(set(levels))
    ]
    return found or [f"<span>{text('legend.no_level')}</span>"]


def _whole(share: float) -> str:
    return f"{plain(share * 100)} %"


def year_line(plan: MapSession, sheet: MapGeometry, family: str, reply: Reply | None) -> tuple[str, str]:
    """A drawing of the year for the carrier in front (stock, unserved, days of the answer), and what it shows in words."""
    level, unserved = _levels(plan, family, reply), _unserved(plan, family, reply)
    shown = []
    if level is not None:
        shown.append(text("legend.in_store", family=first_lower(plan.book.family_name(family))))
    if unserved.any():
        shown.append(text("legend.bars"))
    if not shown:
        return "", text("legend.keys")
    if reply is not None:
        shown.append(text("legend.shaded"))
    words = text("legend.under", shown=", ".join(shown))
    edges = plan.time.edges
    window = None if reply is None else (float(edges[reply.window[0]]), float(edges[reply.window[1]]))
    return spark_svg(level, unserved, window, words, edges), f"{words} {text('legend.keys')}"


def _levels(plan: MapSession, family: str, reply: Reply | None) -> Floats | None:
    """Stock of a family per step, MWh; None where it has no storage."""
    storages = plan.case.table("storages")
    mine = [
        s
        for s, c in zip(storages["storage"], storages["carrier"], strict=True)
        if plan.book.family(c) == family
    ]
    if not mine:
        return None
    answer = plan.engine.base
    each: Floats = answer.power("storages.level", mine) * answer.mean_hours
    if reply is not None:
        first, last = reply.window
        held = [cell for cell in range(first, last) if reply.holds(cell)]
        stock = reply.of_elements("storages.level", "storage", "level", mine)
        each[:, held] = stock[:, [cell - first for cell in held]]
    found: Floats = each.sum(axis=0)
    return found


def _unserved(plan: MapSession, family: str, reply: Reply | None) -> Floats:
    """Unserved of a family per step, MW."""
    mine = np.array([plan.book.family(c) == family for c in plan.case.table("demand")["carrier"]], dtype=bool)
    found: Floats = plan.unserved[mine].sum(axis=0)
    if reply is not None:
        for cell in filter(reply.holds, range(*reply.window)):
            found[cell] = reply.unserved(cell)[mine].sum()
    return found


def spark_svg(
    level: Floats | None, unserved: Floats, window: tuple[float, float] | None, label: str, edges: Floats
) -> str:
    """Storage level (line) and unserved (bars) of each cell, over the whole horizon; the window of an answer is shaded.

    edges  where each cell begins on the line, and the last ends, 0-1, (cells + 1)
    """
    count = len(unserved)
    parts = [
        f'<svg class="k-spark" viewBox="0 0 1000 44" preserveAspectRatio="none" role="img" aria-label="{escape(label, quote=True)}">'
    ]
    if window is not None:
        left, right = 1000 * window[0], 1000 * window[1]
        parts.append(f'<rect x="{left:.1f}" y="0" width="{right - left:.1f}" height="44" fill="#ece9e0"/>')
    if level is not None and level.max() > 0:
        points = [
            f"{1000 * edges[at + 1]:.1f} {40 - 36 * value:.1f}"
            for at, value in enumerate(level / level.max())
        ]
        parts.append(
            f'<path d="M{"L".join(points)}" fill="none" stroke="#8b867a" stroke-width="1.4" vector-effect="non-scaling-stroke"/>'
        )
    most = float(unserved.max()) if count else 0.0
    if most > 0:
        for at in np.flatnonzero(unserved > 0):
            high = 2 + 38 * unserved[at] / most
            left, wide = 1000 * edges[at], max(1000 * (edges[at + 1] - edges[at]) - 0.4, 0.8)
            box = f'x="{left:.1f}" y="{44 - high:.1f}" width="{wide:.2f}" height="{high:.1f}"'
            parts.append(f'<rect {box} fill="#c2268a"/>')
    return "".join([*parts, "</svg>"])
