"""What stands in the cells of strangers: right for some columns, wrong for most, and hostile."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from random import Random
from typing import Any

NUMBERS = """
0 | 1 | -1 | 2 | 0.5 | 1.5 | 100 | -0.0 | 1e-320 | 1e-9 | 1e9 | 1e15 | 1e30 | 1e308 | -1e308 | 1e309 | nan | NaN | -nan | inf | -inf | Infinity
1,5 | 1 000 | 1.000,5 | 1'000 | 5 % | 50% | 5. | .5 | 5e | e5 | 1e5e5 | 0x10 | 1_000 | ٣ | ５ | ½ | ∞ | −5 | +5 | --5 | 1/2 | 5 MW | ~5 | <5 | 5-6 | n/a
99999999999999999999 | -99999999999999999999 | 9007199254740993 | 4294967296 | 2147483648 | 65536 | 32767 | 255 | 8784 | 8760 | 366 | 0.1e-400
"""
DATES = """
2024-01-01 | 2024-02-29 | 2023-02-29 | 2024-02-30 | 2024-12-31T24:00 | 2024-01-01T05:30 | 2024-01-01T00:00:00Z | 2024-01-01T00:00+05:00 | 0001-01-01
9999-12-31 | 1677-09-21 | 2262-04-12 | 10000-01-01 | -0001-01-01 | 31.12.2024 | 12/31/2024 | 1/2/24 | 2024 | 2024-01 | 2024-W05 | 2024-366 | 45292 | today | NaT
20240101 | 2024-1-1 | 01 Jan 2024 | 00:00 | 24:00 | 2024-03-31T02:30:00.123456789 | 2024-01-01 00:00:00+00:00 | 1970-01-01T00:00:00.000000000000000001
"""
WORDS = """
yes | no | TRUE | FALSE | true | 1.0 | Y | да | None | null | NULL | - | ? | x | a;b | a,b | a|b | "a" | 'a' | =1+1 | +1 | @x | #REF! | #N/A | #DIV/0!
MW | mW | GWh | Mt | mt | bcm/year | bcm | m3 | m^3 | m^99999999 | km | USD/MWh | USD | EUR/t | MW/MW | MW*MW | (MW | MW) | 1/0 | 10^6 m3 | тыс. т | млн м3 | degC | °C
natural_gas | gas | electricity | Electricity | crude | heat | pipeline | line | field | power_plant | household | industry | KZ | kz | KAZ | RU | XX | Россия
../up | a/b | a\\b | con | . | .. | <script>alert(1)</script> | {0} | %s | %n | $x | \\x00 | `a` | {"type":"LineString"} | [] | {} | *
"""
SIGNS = [
    "\0",
    "\x07",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u202e",
    "\u2028",
    "\ufeff",
    "\xa0",
    "\u200b",
    "\n",
    "\r",
    "\t",
    "🚰",
    "ж",
    "é",
    "e\u0301",
    "\U0010ffff",
    "\ufffe",
]
LONG = [
    "x" * 40_000,
    "9" * 5_000,
    "ж" * 300,
    "a b " * 200,
    "[" * 3_000,
    '{"a":' * 500,
    "1." + "0" * 400 + "1",
    "m^" * 200 + "2",
    "(" * 500,
]
LINES = [
    '{"type":"LineString","coordinates":[[60,52],[61,51.5]]}',
    '{"type":"LineString","coordinates":[[1e400,52],[61,51.5]]}',
    '{"type":"LineString","coordinates":[[99999999999999999999999999,52],[61,-91]]}',
    '{"type":"LineString","coordinates":[]}',
    '{"type":"LineString","coordinates":[[NaN,52],[61,51.5]]}',
    '{"type":"LineString","coordinates":[[179,52],[-179,52],[60,52,0],[60]]}',
    '{"type":"LineString","coordinates":' + "[" * 2_000,
    '{"type":"MultiLineString","coordinates":[[[60,52]],[[1,1],[1,1]]]}',
    '{"type":["LineString"],"coordinates":{}}',
    '{"type":"Point","coordinates":[60,52]}',
    '{"type":"LineString","coordinates":[[' + "9" * 5_000 + ",1],[2,2]]}",
]  # fmt: skip
LISTS = [
    [word.strip() for line in text.strip().splitlines() for word in line.split(" | ")]
    for text in (NUMBERS, DATES, WORDS)
]
TYPED: list[Any] = [
    0, 1, -1, 0.5, 1e308, -1e308, 5e-324, 2**53 + 1, 2**63, True, False, "", " ", "x",
    datetime.date(2024, 1, 1), datetime.datetime(2024, 2, 29, 12, 30), datetime.datetime(9999, 12, 31), datetime.time(6, 30), 60, 45292.5, 2958465, 2958466, -1.5,
]  # fmt: skip


def cell(random: Random, others: Sequence[str] = ()) -> str:
    """Another text for a cell; others are the cells that stand elsewhere."""
    kind = random.random()
    if kind < 0.3 and others:
        return random.choice(others)
    if kind < 0.8:
        return random.choice(random.choice(LISTS))
    if kind < 0.86:
        return random.choice(LINES)
    if kind < 0.9:
        return random.choice(LONG)
    return slip(random.choice(others) if others else "abc", random)


def slip(text: str, random: Random) -> str:
    """A text with a letter lost, doubled, moved or changed, or a sign put in."""
    at = random.randrange(len(text) + 1)
    sign = random.choice(SIGNS) if random.random() < 0.7 else chr(random.randrange(32, 0xD800))
    return random.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + text[at : at + 1] * 2 + text[at + 1 :],
            text[:at] + sign + text[at:],
            text[: at - 1] + text[at : at + 1] + text[at - 1 : at] + text[at + 1 :] if at else text[::-1],
            text.upper(),
            f" {text} ",
            "",
        ]
    )
