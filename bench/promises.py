"""What the project promised to reach, held against what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median
from typing import Any

from bench.figures import (
    Result,
    digits,
    middle,
    per_cut,
    percentile_95,
    seconds,
    setting_of,
    title_of,
    values_of,
)


def _rows(results: Iterable[Result], part: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["peer"], setting_of(row)): row for r in results if r["part"] == part for row in r["rows"]}


def promises(results: list[Result]) -> list[str]:
    lines = [
        "## What was promised",
        "",
        "| promise | case and settings | measured | |",
        "| --- | --- | --- | --- |",
    ]
    for result in results:
        if result["phase"] == "whole":
            lines += _whole_promises(result)
    for result in results:
        if result["phase"] == "sweep":
            lines += _sweep_promises(result)
        if result["phase"] == "all_cuts":
            rows = {row["peer"]: row for row in result["rows"]}
            ratio = _ratio(middle(rows.get("kelisim"), "all"), middle(rows.get("highs"), "all"))
            if ratio is not None:
                lines.append(
                    _line(
                        "every element once: no slower than bare HiGHS",
                        title_of(result),
                        ratio,
                        1.0,
                        "of bare HiGHS",
                    )
                )
            two = _ratio(middle(rows.get("kelisim"), "two_workers"), middle(rows.get("kelisim"), "all"))
            if two is not None:
                lines.append(
                    _line(
                        "every element once: two workers at least 1.5 times as fast as one",
                        title_of(result),
                        two,
                        1 / 1.5,
                        "of one worker's time",
                    )
                )
        if result["phase"] == "clicks":
            lines += _click_promises(result)
        if result["phase"] == "cuts":
            lines += _cut_promises(result)
        if result["phase"] == "preliminary":
            lines += _first_promises(result)
        if result["phase"] == "snapshot":
            lines += _snapshot_promises(result)
        if result["phase"] == "no_gain":
            lines += _gain_promises(result)
        if result["phase"] == "adequacy":
            lines += _adequacy_promises(result)
    lines += _growth(results)
    differences = ("difference", "two_workers_differ")
    apart = [
        value for r in results for row in r["rows"] for key in differences for value in values_of(row, key)
    ]
    if apart:
        worst = max(apart)
        lines.append(
            f"| cost agrees with every tool to 1e-6 | all | at most {worst:.0e} apart | {_met(worst <= 1e-6)} |"
        )
    return [*lines, ""]


def _ratio(top: float | None, bottom: float | None) -> float | None:
    return None if top is None or not bottom else top / bottom


def _met(yes: bool) -> str:
    return "met" if yes else "**not met**"


def _line(promise: str, where: str, ratio: float, limit: float, of: str) -> str:
    return f"| {promise} | {where} | {ratio:.2f} {of} | {_met(ratio <= limit)} |"


def _whole_promises(result: Result) -> list[str]:
    lines = []
    for setting in dict.fromkeys(setting_of(row) for row in result["rows"]):
        rows = {row["peer"]: row for row in result["rows"] if setting_of(row) == setting}
        ours, theirs = rows.get("kelisim"), rows.get("pypsa")
        if not ours or not theirs:
            continue
        where = f"{title_of(result).rpartition(', ')[0]}; {setting}"
        rest = [median(run["whole"] - run["solver"] for run in row["runs"]) for row in (ours, theirs)]
        checks = (
            ("whole time", middle(ours, "whole"), middle(theirs, "whole"), 0.6),
            ("all that is not HiGHS", rest[0], rest[1], 0.2),
            ("peak memory", middle(ours, "memory"), middle(theirs, "memory"), 0.5),
        )
        for name, top, bottom, limit in checks:
            ratio = _ratio(top, bottom)
            if ratio is not None:
                lines.append(_line(f"{name} at most {limit:g} of PyPSA's", where, ratio, limit, "of PyPSA"))
    return lines


def _sweep_promises(result: Result) -> list[str]:
    rows = {row["peer"]: row for row in result["rows"]}
    lines = []
    for peer, least, name in (
        ("pypsa", 100.0, "PyPSA's solve-again"),
        ("linopy", 2.0, "linopy's persistent solver"),
    ):
        if peer in rows and "kelisim" in rows:
            times = per_cut(rows[peer]) / per_cut(rows["kelisim"])
            where = title_of(result).rpartition(", ")[0]
            lines.append(
                f"| a cut at least {least:g} times faster than {name} | {where} | {digits(times)} times | {_met(times >= least)} |"
            )
    return lines


def _cut_promises(result: Result) -> list[str]:
    run = result["rows"][0]["runs"][0]
    cuts = sorted(run["solved"])
    load = f"load of the machine {result['machine']['load']:g}"
    solved = f"{len(cuts)} of {len(run['cuts'])} cuts that need a solve"
    rule = result.get("rule", "open")
    where = f"reference case, 366 days in three parts, help {rule}, {solved}; {load}"
    return [
        f"| {what} at most {limit:g} s | {where} | {seconds(value)} | {_met(value <= limit)} |"
        for what, value, limit in (
            ("one cut of 30 days, median", median(cuts), 0.5), ("one cut of 30 days, 95th percentile", percentile_95(cuts), 2.5),
            ("opening a day", run["opening"], 2.5),
        )
    ]  # fmt: skip


def _first_promises(result: Result) -> list[str]:
    run = result["rows"][0]["runs"][0]
    where = f"reference case, help {result.get('rule', 'open')}, {run['solved']} cuts that need a solve; load of the machine {result['machine']['load']:g}"
    slow, share = percentile_95(sorted(run["first"])), run["right"] / run["solved"]
    return [
        f"| a first answer at most 1 s, 95th percentile | {where} | {seconds(slow)} | {_met(slow <= 1.0)} |",
        f"| a first answer is right for 95 % | {where} | {share:.1%}, silent {run['silent']} | {_met(share >= 0.95)} |",
    ]


def _snapshot_promises(result: Result) -> list[str]:
    run = result["rows"][0]["runs"][0]
    where = f"reference case, day of the highest use; load of the machine {result['machine']['load']:g}"
    closed = {size: proven for size, _, proven, _, _ in run["sets"]}
    lines = [
        f"| {what} at most {limit:g} s | {where} | {seconds(value)} | {_met(value <= limit and good)} |"
        for what, value, limit, good in (
            ("all single losses", run["singles"], 5.0, True),
            ("the worst 1,000 pairs with proof", run["worst_pairs"], 60.0, run["worst_pairs_proven"]),
            ("all pairs on two processes", run["all_pairs"], 360.0, True),
        )
    ]  # fmt: skip
    done = ", ".join(f"{size}: {'closed' if good else 'open'}" for size, good in closed.items())
    lines.append(
        f"| worst sets closed up to 3 | {where} | {done} | {_met(closed.get(2, False) and closed.get(3, False))} |"
    )
    return lines


def _gain_promises(result: Result) -> list[str]:
    run = result["rows"][0]["runs"][0]
    where = f"reference case, {result['size']} steps, {run['elements']:,} elements"
    count = len(run["wrong"])
    return [
        f"| nothing is gained by a loss but what a freed limit explains | {where} | {count} gain more | {_met(not count)} |"
    ]


def _click_promises(result: Result) -> list[str]:
    lines = []
    load = f"{result['machine']['load']:g}"
    if not result.get("aside_done", True):
        load += ", the border study still running beside it"
    for row in result["rows"]:
        limit = {"day open": 1.0, "new day": 2.5}[row["peer"]]
        lines.append(
            f"| from click to redrawn map at most {limit:g} s, median | live map, {row['peer']}; load of the machine {load} | "
            f"{seconds(per_cut(row))} | {_met(per_cut(row) <= limit)} |"
        )
    return lines


def _adequacy_promises(result: Result) -> list[str]:
    row = result["rows"][0]
    first, whole = row["runs"][0], middle(row, "whole") or 0.0
    where = "reliability test system"
    lines = [
        f"| importance sampling to 2 % in less than 2 s | {where} | {seconds(whole)} | {_met(whole < 2.0)} |"
    ]
    # twenty seeds say nothing of 91 to 98 %
    kept = (("lole_held", "hours"), ("eue_held", "energy")) if first["seeds"] >= 100 else ()
    for key, word in kept:
        held = float(first[key])
        lines.append(
            f"| the 95 % interval holds the exact {word} of shortage for 91 to 98 % of seeds | {where}, {first['seeds']:.0f} seeds | "
            f"{held:.1%} | {_met(0.91 <= held <= 0.98)} |"
        )
    return lines


def _growth(results: list[Result]) -> list[str]:
    """Exponent of time and of memory over the number of places, by least squares on logarithms."""
    chosen = sorted(
        (r["facts"]["places"], r["rows"][0]) for r in results if r["part"].startswith("build-family-")
    )
    lines = []
    for start in (0, 100):
        points = [(n, row) for n, row in chosen if n >= start]
        if len(points) < 3:
            continue
        where = f"family, {points[0][0]:,} to {points[-1][0]:,} places"
        added = [
            (n, median(run["memory"] - run["memory_before"] for run in row["runs"])) for n, row in points
        ]
        for name, pairs in (
            ("build time of the processor", [(n, middle(row, "processor") or 0.0) for n, row in points]),
            ("memory", added),
        ):
            power = slope(pairs)
            lines.append(
                f"| {name} grows with an exponent of at most 1.1 | {where} | {power:.2f} | {_met(power <= 1.1)} |"
            )
    return lines


def slope(pairs: list[tuple[int, float]]) -> float:
    """b of y = a * x^b, least squares on logarithms."""
    xs, ys = [math.log(x) for x, _ in pairs], [math.log(max(y, 1e-9)) for _, y in pairs]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / sum((x - mx) ** 2 for x in xs)
