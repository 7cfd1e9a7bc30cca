"""Small drawings over time: a step curve of the share served, and the line under the slider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from kelisim.report.numbers import day, percent
from kelisim.web.session import Floats

WIDE, HIGH = 820.0, 230.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 240.0, 12.0, 26.0


@dataclass(frozen=True)
class CurveLine:
    """One curve: name, colour, a value per step, and the dashes that tell it from others of its colour."""

    name: str
    colour: str
    values: Floats
    dash: str = ""


def steps_svg(
    starts: pd.DatetimeIndex, hours: Floats, lines: Sequence[CurveLine], out: tuple[int, int], label: str
) -> str:
    """Shares (0-1) as a step curve, each named beside its least share; the steps of the outage are shaded.

    starts, hours  of the steps shown     out  first step of the outage and the one after its last
    """
    ends = np.concatenate([[0.0], np.cumsum(hours)])
    lowest = min(float(line.values.min()) for line in lines)
    bottom = np.floor(max(lowest - 0.02, 0.0) * 20) / 20
    across, down = WIDE - LEFT - RIGHT, HIGH - TOP - BOTTOM

    def x(hour: float) -> float:
        return LEFT + across * hour / ends[-1]

    def y(share: float) -> float:
        return TOP + down * (1.0 - (share - bottom) / (1.0 - bottom))

    parts = [
        f'<svg class="k-curve" viewBox="0 0 {WIDE:.0f} {HIGH:.0f}" role="img" aria-label="{escape(label, quote=True)}">',
        f'<rect x="{x(ends[out[0]]):.1f}" y="{TOP}" width="{x(ends[out[1]]) - x(ends[out[0]]):.1f}" height="{down}" fill="#f1efe9"/>',
        f'<text x="{x(ends[out[0]]) + 4:.1f}" y="{TOP + down - 5:.1f}" font-size="11" fill="#6b675e">out of service</text>',
    ]
    step = next((one for one in (0.01, 0.02, 0.05, 0.1) if (1.0 - bottom) / one <= 5.001), 0.2)
    for share in np.arange(1.0, bottom - 1e-9, -step):
        parts.append(f'<path d="M{LEFT} {y(share):.1f}H{LEFT + across:.1f}" stroke="#e4e1d8"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{y(share) + 4:.1f}" text-anchor="end" font-size="11" fill="#6b675e">{share * 100:.3g} %</text>'
        )
    count = len(starts)
    for at in sorted({0, *np.linspace(0, count, 5).astype(int)[1:-1].tolist()}):
        parts.append(
            f'<text x="{x(ends[at]):.1f}" y="{HIGH - 8}" text-anchor="{"start" if at == 0 else "middle"}" font-size="11" fill="#6b675e">'
            f"{starts[at].day} {starts[at]:%b}</text>"
        )
    taken: list[float] = []
    # names stand beside the least share, where the curves are apart
    for line in sorted(lines, key=lambda one: -float(one.values.min())):
        path = f"M{x(0):.1f} {y(line.values[0]):.1f}" + "".join(
            f"V{y(value):.1f}H{x(end):.1f}" for value, end in zip(line.values, ends[1:], strict=True)
        )
        least = int(line.values.argmin())
        words = f"{line.name}: least {percent(line.values[least])} served, from {day(starts[least])}"
        dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
        parts.append(
            f'<path d="{path}" fill="none" stroke="{line.colour}" stroke-width="2.2"{dash}><title>{escape(words)}</title></path>'
        )
        spot = y(line.values[least]) + 4
        while any(abs(spot - other) < 14 for other in taken):
            spot += 14
        taken.append(spot)
        parts.append(
            f'<path d="M{LEFT + across + 6:.1f} {spot - 4:.1f}h22" stroke="{line.colour}" stroke-width="2.2"{dash}/>'
        )
        parts.append(
            f'<text x="{LEFT + across + 33:.1f}" y="{spot:.1f}" font-size="11.5" fill="#2b2a26">{escape(line.name)}: {percent(line.values[least])}</text>'
        )
    return "".join([*parts, "</svg>"])


def spark_svg(level: Floats | None, unserved: Floats, window: tuple[int, int] | None, label: str) -> str:
    """Storage level (line) and unserved (bars) of each step, over the whole horizon; the window of an answer is shaded."""
    count = len(unserved)
    parts = [
        f'<svg class="k-spark" viewBox="0 0 1000 44" preserveAspectRatio="none" role="img" aria-label="{escape(label, quote=True)}">'
    ]
    if window is not None:
        left, right = 1000 * window[0] / count, 1000 * window[1] / count
        parts.append(f'<rect x="{left:.1f}" y="0" width="{right - left:.1f}" height="44" fill="#ece9e0"/>')
    if level is not None and level.max() > 0:
        points = [
            f"{1000 * (at + 1) / count:.1f} {40 - 36 * value:.1f}"
            for at, value in enumerate(level / level.max())
        ]
        parts.append(
            f'<path d="M{"L".join(points)}" fill="none" stroke="#8b867a" stroke-width="1.4" vector-effect="non-scaling-stroke"/>'
        )
    most = float(unserved.max()) if count else 0.0
    if most > 0:
        for at in np.flatnonzero(unserved > 0):
            high = 2 + 38 * unserved[at] / most
            parts.append(
                f'<rect x="{1000 * at / count:.1f}" y="{44 - high:.1f}" width="{max(1000 / count - 0.4, 0.8):.2f}" height="{high:.1f}" fill="#c2268a"/>'
            )
    return "".join([*parts, "</svg>"])
