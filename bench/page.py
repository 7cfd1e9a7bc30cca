"""docs/benchmarks.md from the kept results: tables as measured, ratios, and what was promised with met or not met."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

Result = dict[str, Any]
PHASES = {
    "import": "Import", "build": "Build", "whole": "Whole: build, solve, results", "engine": "kelisim as a user gets it",
    "sweep": "Cut after cut", "all_cuts": "Every element once", "report": "Report",
    "cuts": "Cuts in an open day", "snapshot": "All losses of a day", "clicks": "The live map", "adequacy": "Generating adequacy",
}  # fmt: skip
EXPLAINED = {
    "import": "A fresh interpreter with one import, wall time.",
    "build": "From the case in memory to the arrays of the problem. For kelisim that holds units, profiles and availability; PyPSA "
    "and linopy begin with their own numbers in memory. `added` is the peak memory less what the process held before.",
    "whole": "From the case (PyPSA: the network, linopy: the numbers, bare HiGHS: the arrays) in memory to flows, levels, unserved "
    "demand and prices in memory, with the same solver settings. What PyPSA needs to fill its network is shown beside it and not "
    "counted. `not HiGHS` is the whole less the time inside HiGHS.",
    "engine": "The base solution with the settings that kelisim chooses by itself, nothing kept from an earlier run.",
    "sweep": "One element out for the whole horizon, solved again, put back; the same elements in the same order. kelisim puts the "
    "base basis back before each, linopy and bare HiGHS go on from the last; PyPSA builds and solves again.",
    "all_cuts": "All links and assets, one at a time, on one worker. kelisim leaves out what the base does not use: an outage of it "
    "changes nothing.",
    "report": "The balance study and its HTML page.",
    "cuts": "The reference case in days, cooperative and late: elements lost for 30 days from 12 January, chosen by chance, with who goes "
    "short on which day read out. Why a few take seconds: decisions/0008-slow-cuts.md.",
    "snapshot": "The reference case in days, the day of the highest use, every link, asset, storage and place in service; all pairs with two "
    "processes, all else with one. A set is closed where it is proven that no other of its size is worse; the gap is in currency otherwise.",
    "clicks": "The reference case in days in headless Chromium: from the click on Cut to the second frame after the map is drawn again, for "
    "cuts of 30 days of single elements. A new day is one whose window is not open yet. `server` is the processor time of the server "
    "meanwhile, which other work on the machine does not lengthen.",
    "adequacy": "The reliability test system of 1979 (32 units, 8,736 hours), against its exact answer by convolution: importance sampling "
    "until the unserved energy is known to a coefficient of variation of 2 %, learning included, each state held against all hours at "
    "once; and how often the 95 % interval of plain samples of 100,000 states holds the exact answer.",
}
SETTINGS = "{method}, {threads}, presolve {presolve}"


def write(results: list[Result], quick: bool = False) -> str:
    """The page. results: contents of the files of bench/results."""
    lines = ["# Benchmarks", ""]
    lines += [
        "Made by `make prove`; the numbers below are as measured, none is typed in. Each measurement is a process of its own; the",
        "tools take turns, so that a busy minute hits all. Times are medians with the least and the most in brackets. The family is a",
        "made-up region of any size, see `bench/family.py`; *plain* leaves out what PyPSA has no words for, so that all tools solve",
        "the same problem and must find the same cost.",
        "",
    ]
    if quick:
        lines += ["**A quick run: small sizes, few repetitions. Not for quoting.**", ""]
    if not results:
        return "\n".join([*lines, "Nothing measured yet: `make prove`.", ""])
    lines += [*_machine(results), "", *_promises(results)]
    for phase, title in PHASES.items():
        chosen = [result for result in results if result["phase"] == phase]
        if chosen:
            lines += [f"## {title}", "", EXPLAINED[phase], ""]
            lines += _table(
                phase,
                sorted(chosen, key=lambda r: (r["system"], r["part"].split("-")[1:2], r["size"], r["part"])),
            )
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def short(result: Result) -> list[str]:
    """A few words for the terminal."""
    return [f"{row['peer']:16} {_first(row)}  {row['settings'].get('method', '')}" for row in result["rows"]]


def _first(row: dict[str, Any]) -> str:
    for key, form in (("whole", seconds), ("build", seconds), ("all", seconds)):
        if key in row["runs"][0]:
            return _spread(row, key, form)
    return f"{seconds(_per_cut(row))} a cut"


# ---- numbers
def seconds(value: float) -> str:
    """Three digits, in ms below a second."""
    if value < 0.9995:
        return f"{_digits(value * 1000)} ms"
    return f"{_digits(value)} s"


def megabytes(value: float) -> str:
    return f"{_digits(value)} MB"


def _digits(value: float) -> str:
    if value == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}"


def _values(row: dict[str, Any], key: str) -> list[float]:
    return [float(run[key]) for run in row["runs"] if key in run]


def _mid(row: dict[str, Any] | None, key: str) -> float | None:
    values = _values(row, key) if row else []
    return median(values) if values else None


def _spread(row: dict[str, Any], key: str, form: Callable[[float], str]) -> str:
    values = _values(row, key)
    if not values:
        return ""
    if len(values) == 1:
        return form(values[0])
    return f"{form(median(values))} ({form(min(values))} - {form(max(values))})"


def _cuts(row: dict[str, Any]) -> list[float]:
    return [float(value) for run in row["runs"] for value in run["cuts"]]


def _high(values: list[float]) -> float:
    """95th percentile of sorted values, by nearest rank."""
    return values[min(len(values) - 1, math.ceil(0.95 * len(values)) - 1)]


def _per_cut(row: dict[str, Any]) -> float:
    return median(_cuts(row))


def _setting(row: dict[str, Any]) -> str:
    settings = row["settings"]
    if not settings:
        return ""
    threads = f"{settings['threads']} thread" if settings["threads"] else "threads by default"
    return SETTINGS.format(method=settings["method"], threads=threads, presolve=settings["presolve"])


# ---- tables
def _machine(results: list[Result]) -> list[str]:
    seen = {}
    for result in results:
        m = result["machine"]
        seen[
            f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}, Python {m['python']}"
        ] = True
    dates = sorted({result["machine"]["date"] for result in results})
    loads = [float(result["machine"]["load"]) for result in results]
    versions = results[-1]["machine"]["versions"]
    return [
        f"- Machine: {'; '.join(seen)}",
        f"- Versions: {', '.join(f'{name} {number}' for name, number in versions.items())}",
        f"- Measured: {dates[0]}{f' to {dates[-1]}' if len(dates) > 1 else ''}; load of the machine before a part "
        f"{min(loads):g} to {max(loads):g} (above 0.5 others were at work and times are too long)",
    ]


def _title(result: Result) -> str:
    facts = result["facts"]
    if not facts:
        return ""
    where = "reference case" if result["system"] == "reference" else f"family, {facts['places']:,} places"
    return f"{where}: {facts['nodes']:,} nodes, {facts['steps']} steps, {facts['annual_rows']} year rows, {facts['columns']:,} columns"


def _table(phase: str, results: list[Result]) -> list[str]:
    columns = {
        "import": ["tool", "time"],
        "build": ["case", "tool", "time", "processor", "columns", "rows", "peak memory", "added"],
        "whole": [
            "case",
            "settings",
            "tool",
            "whole",
            "in HiGHS",
            "not HiGHS",
            "network",
            "peak memory",
            "cost differs by",
        ],
        "engine": ["case", "whole", "in HiGHS", "peak memory"],
        "sweep": ["case", "tool", "per cut, median", "95th percentile", "longest", "cuts", "cost differs by"],
        "all_cuts": ["case", "tool", "all", "elements", "not solved", "cost differs by"],
        "report": ["case", "tool", "study", "page", "peak memory"],
        "cuts": [
            "day opened",
            "first cut, opening included",
            "cuts",
            "median",
            "95th percentile",
            "longest",
            "solved",
            "median of the solved",
        ],
        "snapshot": ["what", "time", "", ""],
        "clicks": [
            "",
            "click to map, median",
            "95th percentile",
            "longest",
            "server, median",
            "server, 95th",
            "cuts",
        ],
        "adequacy": [
            "to 2 %",
            "processor",
            "states",
            "off by",
            "seeds",
            "hours held",
            "energy held",
            "processor, all seeds",
        ],
    }[phase]
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    for result in results:
        for row in result["rows"]:
            if phase == "snapshot":
                lines += [f"| {' | '.join(cells)} |" for cells in _snapshot_cells(row["runs"][0])]
                continue
            cells = _cells(phase, result, row)
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _cells(phase: str, result: Result, row: dict[str, Any]) -> list[str]:
    title, peer, first = _title(result), row["peer"], row["runs"][0]
    memory = _spread(row, "memory", megabytes)
    apart = f"{max(_values(row, 'difference'), default=0.0):.0e}" if peer != "kelisim" else ""
    if phase == "import":
        return [peer, _spread(row, "whole", seconds)]
    if phase == "build":
        added = megabytes(median(run["memory"] - run["memory_before"] for run in row["runs"]))
        return [
            title,
            peer,
            _spread(row, "build", seconds),
            _spread(row, "processor", seconds),
            f"{first['columns']:,.0f}",
            f"{first['rows']:,.0f}",
            memory,
            added,
        ]
    if phase == "whole":
        rest = seconds(median(run["whole"] - run["solver"] for run in row["runs"]))
        network = _spread(row, "network", seconds)
        return [
            title, _setting(row), peer, _spread(row, "whole", seconds), _spread(row, "solver", seconds), rest, network, memory, apart,
        ]  # fmt: skip
    if phase == "engine":
        return [title, _spread(row, "whole", seconds), _spread(row, "solver", seconds), memory]
    if phase == "cuts":
        cuts, solved = sorted(first["cuts"]), first["solved"]
        return [
            seconds(first["opening"]), seconds(first["first"]), str(len(cuts)), seconds(median(cuts)), seconds(_high(cuts)),
            seconds(cuts[-1]), str(len(solved)), seconds(median(solved)),
        ]  # fmt: skip
    if phase == "clicks":
        cuts, served = sorted(_cuts(row)), sorted(value for run in row["runs"] for value in run["served"])
        return [
            peer, seconds(median(cuts)), seconds(_high(cuts)), seconds(cuts[-1]), seconds(median(served)),
            seconds(_high(served)), str(len(cuts)),
        ]  # fmt: skip
    if phase == "sweep":
        cuts = sorted(_cuts(row))
        high = _high(cuts)
        return [
            title,
            peer,
            seconds(median(cuts)),
            seconds(high),
            seconds(cuts[-1]),
            str(len(first["cuts"])),
            apart,
        ]
    if phase == "all_cuts":
        facts = result["facts"]
        share = f"{first['pruned']} ({first['pruned'] / (facts['links'] + facts['assets']):.0%})"
        return [
            title,
            peer,
            _spread(row, "all", seconds),
            str(facts["links"] + facts["assets"]),
            share,
            apart,
        ]
    if phase == "adequacy":
        return [
            _spread(row, "whole", seconds), _spread(row, "processor", seconds), f"{first['states']:,.0f}", f"{first['off']:+.1%}",
            f"{first['seeds']:.0f}", f"{first['lole_held']:.1%}", f"{first['eue_held']:.1%}", _spread(row, "covering", seconds),
        ]  # fmt: skip
    return [title, peer, _spread(row, "whole", seconds), _spread(row, "page", seconds), memory]


# ---- promises
def _rows(results: Iterable[Result], part: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["peer"], _setting(row)): row for r in results if r["part"] == part for row in r["rows"]}


def _promises(results: list[Result]) -> list[str]:
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
            ratio = _ratio(_mid(rows.get("kelisim"), "all"), _mid(rows.get("highs"), "all"))
            if ratio is not None:
                lines.append(
                    _line(
                        "every element once: no slower than bare HiGHS",
                        _title(result),
                        ratio,
                        1.0,
                        "of bare HiGHS",
                    )
                )
        if result["phase"] == "clicks":
            lines += _click_promises(result)
        if result["phase"] == "cuts":
            lines += _cut_promises(result)
        if result["phase"] == "snapshot":
            lines += _snapshot_promises(result)
        if result["phase"] == "adequacy":
            lines += _adequacy_promises(result)
    lines += _growth(results)
    apart = [value for r in results for row in r["rows"] for value in _values(row, "difference")]
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
    for setting in dict.fromkeys(_setting(row) for row in result["rows"]):
        rows = {row["peer"]: row for row in result["rows"] if _setting(row) == setting}
        ours, theirs = rows.get("kelisim"), rows.get("pypsa")
        if not ours or not theirs:
            continue
        where = f"{_title(result).rpartition(', ')[0]}; {setting}"
        rest = [median(run["whole"] - run["solver"] for run in row["runs"]) for row in (ours, theirs)]
        checks = (
            ("whole time", _mid(ours, "whole"), _mid(theirs, "whole"), 0.6),
            ("all that is not HiGHS", rest[0], rest[1], 0.2),
            ("peak memory", _mid(ours, "memory"), _mid(theirs, "memory"), 0.5),
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
            times = _per_cut(rows[peer]) / _per_cut(rows["kelisim"])
            where = _title(result).rpartition(", ")[0]
            lines.append(
                f"| a cut at least {least:g} times faster than {name} | {where} | {_digits(times)} times | {_met(times >= least)} |"
            )
    return lines


def _cut_promises(result: Result) -> list[str]:
    run = result["rows"][0]["runs"][0]
    cuts = sorted(run["cuts"])
    where = f"reference case, 366 days; load of the machine {result['machine']['load']:g}"
    return [
        f"| {what} at most {limit:g} s | {where} | {seconds(value)} | {_met(value <= limit)} |"
        for what, value, limit in (
            ("one cut of 30 days, median", median(cuts), 0.3), ("one cut of 30 days, 95th percentile", _high(cuts), 0.8),
            ("first cut of a new day", run["first"], 2.0),
        )
    ]  # fmt: skip


def _snapshot_cells(run: dict[str, Any]) -> list[list[str]]:
    """Rows of the table of a snapshot."""
    rows = [
        ["each loss on its own", seconds(run["singles"]), f"{run['elements']:,} elements", f"{run['untouched']:,} not touched, not solved"],
        ["the worst 1,000 pairs", seconds(run["worst_pairs"]), "proven" if run["worst_pairs_proven"] else "not proven", ""],
        ["all pairs, two processes", seconds(run["all_pairs"]), f"{run['elements'] * (run['elements'] - 1) // 2:,} pairs", ""],
    ]  # fmt: skip
    for size, took, proven, gap, solves in run["sets"]:
        rows.append(
            [
                f"the worst {size}",
                seconds(took),
                "closed" if proven else f"open, gap {gap:,.0f}",
                f"{solves:,} solves",
            ]
        )
    return rows


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


def _click_promises(result: Result) -> list[str]:
    lines = []
    load = f"{result['machine']['load']:g}"
    if not result.get("aside_done", True):
        load += ", the border study still running beside it"
    for row in result["rows"]:
        limit = {"day open": 1.0, "new day": 2.5}[row["peer"]]
        lines.append(
            f"| from click to redrawn map at most {limit:g} s, median | live map, {row['peer']}; load of the machine {load} | "
            f"{seconds(_per_cut(row))} | {_met(_per_cut(row) <= limit)} |"
        )
    return lines


def _adequacy_promises(result: Result) -> list[str]:
    row = result["rows"][0]
    first, whole = row["runs"][0], _mid(row, "whole") or 0.0
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
            ("build time of the processor", [(n, _mid(row, "processor") or 0.0) for n, row in points]),
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
