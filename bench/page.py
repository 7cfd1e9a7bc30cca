"""docs/benchmarks.md from the kept results: tables as measured, ratios, and what was promised with met or not met."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import (
    Result,
    cuts_of,
    megabytes,
    per_cut,
    percentile_95,
    seconds,
    setting_of,
    spread,
    title_of,
    values_of,
)
from bench.promises import promises

MISSED = Path(__file__).with_name("missed.md")  # what no table says: why a bar is not reached
PHASES = {
    "import": "Import", "build": "Build", "whole": "Whole: build, solve, results", "engine": "kelisim as a user gets it",
    "sweep": "Cut after cut", "all_cuts": "Every element once", "report": "Report",
    "cuts": "Cuts in an open day", "preliminary": "First answers", "snapshot": "All losses of a day",
    "no_gain": "No gain from a loss", "clicks": "The live map", "adequacy": "Generating adequacy",
}  # fmt: skip
EXPLAINED = {
    "import": "A fresh interpreter with one import, wall time.",
    "build": "From the case in memory to the arrays of the problem. For kelisim that holds units, profiles and availability; PyPSA "
    "and linopy begin with their own numbers in memory. `added` is the peak memory less what the process held before; "
    "`system` is the processor time in which the operating system hands out memory, the only part that grows faster than the "
    "case: it depends on what else has used the memory of the machine.",
    "whole": "From the case (PyPSA: the network, linopy: the numbers, bare HiGHS: the arrays) in memory to flows, levels, unserved "
    "demand and prices in memory, with the same solver settings. What PyPSA needs to fill its network is shown beside it and not "
    "counted. `not HiGHS` is the whole less the time inside HiGHS.",
    "engine": "The base solution with the settings that kelisim chooses by itself, nothing kept from an earlier run.",
    "sweep": "One element out for the whole horizon, solved again, put back; the same elements in the same order. kelisim puts the "
    "base basis back before each, linopy and bare HiGHS go on from the last; PyPSA builds and solves again.",
    "all_cuts": "All links and assets, one at a time, on one worker. kelisim leaves out what the base does not use: an outage of it "
    "changes nothing. On two workers the start of their processes counts.",
    "report": "The balance study and its HTML page.",
    "cuts": "The reference case in days, cooperative and late: elements lost for 30 days from 12 January, chosen by chance, with who goes "
    "short on which day read out; under each rule of help from abroad the same elements. Why a few take seconds: decisions/0008-slow-cuts.md.",
    "preliminary": "The same elements lost for 30 days from the same day: those that need a solve, each with its first answer and then the exact "
    "one. Right is a first answer that names the same customers first and is within 10 % of what is unserved or 1 % of what is lost; "
    "silent one that says no number. How it is found: decisions/0020-first-answers.md.",
    "snapshot": "The reference case in days, the day of the highest use, every link, asset, storage and place in service; all pairs with two "
    "processes, all else with one. A set is closed where it is proven that no other of its size is worse; the gap is in currency otherwise.",
    "no_gain": "The reference case, help from abroad as planned: every link, asset, storage, place, market and contract lost by itself, in the month of "
    "the highest use (12 steps) or in January by days (366). No loss makes the answer cheaper by more than 1e-7 of its cost, but for a technical "
    "minimum or the voltage law of a cycle that goes with the element; each of these is named by the run.",
    "clicks": "The reference case in days in headless Chromium: from the click on Cut to the second frame after the map is drawn again, for "
    "cuts of 30 days of single elements. A new day is one whose window is not open yet. `server` is the processor time of the server "
    "meanwhile, which other work on the machine does not lengthen.",
    "adequacy": "The reliability test system of 1979 (32 units, 8,736 hours), against its exact answer by convolution: importance sampling "
    "until the unserved energy is known to a coefficient of variation of 2 %, learning included, each state held against all hours at "
    "once; and how often the 95 % interval of plain samples of 100,000 states holds the exact answer.",
}


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
    lines += [*_machine(results), "", *promises(results)]
    for phase, title in PHASES.items():
        chosen = [result for result in results if result["phase"] == phase]
        if chosen:
            lines += [f"## {title}", "", EXPLAINED[phase], ""]
            lines += _table(
                phase,
                sorted(chosen, key=lambda r: (r["system"], r["part"].split("-")[1:2], r["size"], r["part"])),
            )
            lines.append("")
    lines.append(MISSED.read_text(encoding="utf-8"))
    return "\n".join(lines).rstrip() + "\n"


def short(result: Result) -> list[str]:
    """A few words for the terminal."""
    return [f"{row['peer']:16} {_first(row)}  {row['settings'].get('method', '')}" for row in result["rows"]]


def _first(row: dict[str, Any]) -> str:
    for key, form in (("whole", seconds), ("build", seconds), ("all", seconds), ("all_pairs", seconds)):
        if key in row["runs"][0]:
            return spread(row, key, form)
    if "right" in row["runs"][0]:
        run = row["runs"][0]
        told = (
            f"{seconds(median(run['first']))}, 95th percentile {seconds(percentile_95(sorted(run['first'])))}"
        )
        return f"{told}; {run['right']} of {run['solved']} right, {run['silent']} silent"
    return f"{seconds(per_cut(row))} a cut"


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


def _table(phase: str, results: list[Result]) -> list[str]:
    columns = {
        "import": ["tool", "time"],
        "build": [
            "case",
            "tool",
            "time",
            "processor",
            "of it system",
            "columns",
            "rows",
            "peak memory",
            "added",
            "machine and load",
        ],
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
        "all_cuts": ["case", "tool", "all", "two workers", "elements", "not solved", "cost differs by"],
        "report": ["case", "tool", "study", "page", "peak memory"],
        "cuts": [
            "help from abroad",
            "day opened",
            "first cut, opening included",
            "cuts",
            "median",
            "95th percentile",
            "longest",
            "solved",
            "median of the solved",
        ],
        "preliminary": [
            "help",
            "short window opened",
            "median",
            "95th percentile",
            "longest",
            "processor, 95th",
            "exact, 95th",
            "solved",
            "right",
            "silent",
            "others first",
            "too far",
        ],
        "snapshot": ["what", "time", "", ""],
        "no_gain": [
            "steps",
            "time",
            "elements",
            "solved",
            "free a row",
            "gain by that row",
            "gain without one",
        ],
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
    title, peer, first = title_of(result), row["peer"], row["runs"][0]
    memory = spread(row, "memory", megabytes)
    apart = f"{max(values_of(row, 'difference'), default=0.0):.0e}" if peer != "kelisim" else ""
    if phase == "import":
        return [peer, spread(row, "whole", seconds)]
    if phase == "build":
        added = megabytes(median(run["memory"] - run["memory_before"] for run in row["runs"]))
        return [
            title,
            peer,
            spread(row, "build", seconds),
            spread(row, "processor", seconds),
            spread(row, "kernel", seconds),
            f"{first['columns']:,.0f}",
            f"{first['rows']:,.0f}",
            memory,
            added,
            f"{result['machine']['processor']}, {result['machine']['load']:g}",
        ]
    if phase == "whole":
        rest = seconds(median(run["whole"] - run["solver"] for run in row["runs"]))
        network = spread(row, "network", seconds)
        return [
            title, setting_of(row), peer, spread(row, "whole", seconds), spread(row, "solver", seconds), rest, network, memory, apart,
        ]  # fmt: skip
    if phase == "engine":
        return [title, spread(row, "whole", seconds), spread(row, "solver", seconds), memory]
    if phase == "cuts":
        cuts, solved = sorted(first["cuts"]), first["solved"]
        return [
            result.get("rule", "open"), seconds(first["opening"]), seconds(first["first"]), str(len(cuts)), seconds(median(cuts)), seconds(percentile_95(cuts)),
            seconds(cuts[-1]), str(len(solved)), seconds(median(solved)),
        ]  # fmt: skip
    if phase == "no_gain":
        named = ", ".join(sorted(element for _, element, _, _ in first["exceptions"])) or "none"
        return [
            str(result["size"]), seconds(first["whole"]), f"{first['elements']:,}", f"{first['solved']:,}", str(first["freeing"]),
            named, str(len(first["wrong"])),
        ]  # fmt: skip
    if phase == "preliminary":
        told, exact = sorted(first["first"]), sorted(first["exact"])
        shares = [
            f"{first[kind]} ({first[kind] / first['solved']:.1%})"
            for kind in ("right", "silent", "other", "far")
        ]
        return [
            result.get("rule", "open"), seconds(first["opening"]), seconds(median(told)), seconds(percentile_95(told)), seconds(told[-1]),
            seconds(percentile_95(sorted(first["processor"]))), seconds(percentile_95(exact)), str(first["solved"]), *shares,
        ]  # fmt: skip
    if phase == "clicks":
        cuts, served = sorted(cuts_of(row)), sorted(value for run in row["runs"] for value in run["served"])
        return [
            peer, seconds(median(cuts)), seconds(percentile_95(cuts)), seconds(cuts[-1]), seconds(median(served)),
            seconds(percentile_95(served)), str(len(cuts)),
        ]  # fmt: skip
    if phase == "sweep":
        cuts = sorted(cuts_of(row))
        high = percentile_95(cuts)
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
            spread(row, "all", seconds),
            spread(row, "two_workers", seconds),
            str(facts["links"] + facts["assets"]),
            share,
            apart,
        ]
    if phase == "adequacy":
        return [
            spread(row, "whole", seconds), spread(row, "processor", seconds), f"{first['states']:,.0f}", f"{first['off']:+.1%}",
            f"{first['seeds']:.0f}", f"{first['lole_held']:.1%}", f"{first['eue_held']:.1%}", spread(row, "covering", seconds),
        ]  # fmt: skip
    return [title, peer, spread(row, "whole", seconds), spread(row, "page", seconds), memory]


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
