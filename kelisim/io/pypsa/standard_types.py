"""Standard types of lines and transformers, as PyPSA names them: reactance and resistance of what has a type.

The tables beside this module are those of PyPSA (LICENCES-DATA.md); types of the network itself go before them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Any

from kelisim.io.pypsa.network import Network, number, text


@cache
def _shipped(kind: str) -> dict[str, Mapping[str, Any]]:
    content = (files("kelisim.io.pypsa") / f"{kind}.csv").read_text(encoding="utf-8")
    return {row["name"]: row for row in csv.DictReader(content.splitlines())}


def with_type(network: Network, component: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of lines or transformers with the values that its type gives; they go before its own, as in PyPSA.

    A line has r and x in ohm for its length and its parallel circuits; a transformer has r and x per unit of the
    power s_nom of its type, the tap ratio at its tap position and the shift of phase. Raises KeyError for a type that
    is not known.
    """
    found, name = dict(row), text(row.get("type"))
    if not name:
        return found
    kind = f"{component.removesuffix('s')}_types"
    own = network.static.get(kind)
    of_type = own.loc[name] if own is not None and name in own.index else _shipped(kind)[name]
    parallel = number(row.get("num_parallel"), 1.0)
    if component == "lines":
        ways = number(row.get("length"), 0.0) / parallel if parallel else 0.0
        return found | {key: number(of_type[f"{key}_per_length"], 0.0) * ways for key in ("r", "x")}
    resistance = number(of_type["vscr"], 0.0) / 100.0
    reactance = sqrt(max((number(of_type["vsc"], 0.0) / 100.0) ** 2 - resistance**2, 0.0))
    taps = number(row.get("tap_position"), 0.0) - number(of_type["tap_neutral"], 0.0)
    found |= {"r": resistance / parallel, "x": reactance / parallel} if parallel else {"r": 0.0, "x": 0.0}
    found["tap_ratio"] = 1.0 + taps * number(of_type["tap_step"], 0.0) / 100.0
    return found | {key: of_type[key] for key in ("s_nom", "phase_shift")}
