"""A case whose case.toml is spoilt in the ways in which people, editors and programs spoil such files."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

TOML = """\
name = "town"
title = "A town across the border"
description = "first line\\nsecond line"
licence = "CC BY 4.0"

[horizon]
start = 2024-01-01
end = 2024-03-31
step = "1mo"
stages = [2024, 2030]
day_starts = 0

[money]
currency = "USD"
price_year = 2024

[defaults]
shortfall_price = 100.0
level_price = 300
home = "XA"

[crisis]
early_warning = 0.0
alert = 0.01
emergency = 0.05

[display]
units = { natural_gas = "bcm" }
credits = ["Statistical office", "Own survey"]

[rules]
place = "none"
time = "none"
tranche_span = 0.05
tranches = 5
"""
TABLES = {
    "places": "place,name,country\na,A,XA\nb,B,XB\n",
    "assets": "asset,kind,place,capacity,unit,min_share\nwell,field,a,100,MW,0.1\npump,field,b,20,MW,\n",
    "asset_ports": "asset,carrier,ratio\nwell,natural_gas,1\npump,natural_gas,1\n",
    "links": "link,carrier,from_place,to_place,capacity,unit\npipe,natural_gas,a,b,60,MW\n",
    "contracts": "contract,carrier,delivery_place,daily_max,daily_min,price,firm\nk,natural_gas,a,5,1,3,yes\n",
    "demand": "place,carrier,customer_class,amount,unit\na,natural_gas,household,500,GWh\n"
    "b,natural_gas,household,700,GWh\nb,natural_gas,industry,200,GWh\n",
    "storages": "storage,place,carrier,working_capacity,unit,injection,withdrawal,rate_unit,level_start\n"
    "cave,b,natural_gas,9,GWh,5,5,MW,0.5\n",
}

# values of every type, right for some keys and wrong for most
VALUES = """
"" | "none" | "late" | "even" | "own_first" | "cooperative" | "by_contract" | "1mo" | "1d" | "1h" | "blocks" | "EUR" | "usd"
"XA" | "XB" | "ZZ" | "xa" | "KAZ" | true | false | 0 | 1 | -1 | 2 | 3 | 6 | 23 | 24 | 25 | 100 | 2024 | 0.0 | 0.3 | 0.5 | 1.0 | 1.5 | -0.1
5.0 | 5.5 | 1e9 | 1e30 | 1e308 | 1e999 | nan | -nan | inf | -inf | 99999999999999999999 | -99999999999999999999 | 0xffffffffffffffffffff | 0b11 | 0o17
"5" | "0.05" | "5 %" | "5,0" | "nan" | [] | {} | [[]] | [{}] | [1] | ["a"] | [1, "a"] | [2024, 2030] | [nan] | [[2024]] | {a = 1} | {a = {b = 1}}
{night = 8, day = 16} | {night = 8, day = 10, evening = 6} | {all = 24} | {night = 8, day = 8} | {night = -8, day = 32} | {night = 0, day = 24}
{night = 12.0, day = 12.0} | {night = 7.5, day = 16.5} | {night = "8", day = 16} | {night = true, day = 23} | {"" = 24} | {"a b;c" = 24} | {night = nan}
2024-01-01 | 2024-01-15 | 2024-02-29 | 2024-12-31 | 2023-06-30 | 2025-01-01 | 1899-12-31 | 1900-01-01 | 2200-12-31 | 2201-01-01 | 0001-01-01 | 9999-12-31
2024-02-30 | 2024-13-01 | 2024-03-31T05:00:00 | 2024-03-31T23:00:00 | 2024-01-01T00:00:00 | 2024-01-02T06:30:00 | 2024-01-01T00:00:00Z
2024-01-01T00:00:00+05:00 | 07:32:00 | 2024-01-01 06:00:00 | "2024-01-01" | "2024-01-10" | "2024-1-1" | "01.02.2024" | "31.12.2024" | "1/2/2024" | "2024/01/31"
"2024" | "2024-01" | "20240131" | "2024-W05" | "2024-031" | "Jan 2024" | "1 January 2024" | "today" | "now" | "NaT" | "" | "2024-02-30" | "2024-01-31T24:00"
"2024-03-05T07:00" | "2024-03-05 07:00" | "2024-03-05T07:30" | "2024-03-05T07:00Z" | "２０２４-01-01" | " 2024-01-01 " | "2024-01-01\\n"
"a\\u0000b" | "a\\u0007b" | "\\u001b[31mred" | "\\u202e" | "Кейс № 1" | "🚰" | "a/b" | "../up" | "con" | "." | "a\\nb" | "a\\tb" | '''a''' | \"\"\"a
b\"\"\"
"""
LITERALS = [
    value.strip()
    for line in VALUES.strip().replace("a\nb", "a\0b").splitlines()
    for value in line.split(" | ")
]
LITERALS = [value.replace("a\0b", "a\nb") for value in LITERALS]
# values that are right, alone or with others
RIGHT = {
    "name": ['"Кейс № 1"', '"a/b"', '".."', '"con"', "'{name}'", '"<b>"', "'a\\b'"],
    "title": ['""', '"%s {title} <script>"'],
    "start": ["2024-01-31", "2024-02-29", '"2024-01-15"', "2023-12-15", "2024-03-31", "1999-01-01"],
    "end": ["2024-01-01", "2024-02-10", '"2024-03-01"', "2024-12-31", "2024-03-05T07:00:00", "2030-06-30"],
    "step": [
        '"1d"',
        '"1d"',
        '"1h"',
        '"blocks"\nblocks = {night = 8, day = 16}',
        '"blocks"\nblocks = {all = 24}',
    ],
    "day_starts": ["6", "23", "6.0", "1"],
    "stages": ["[]", "[2024]", "[2030.0]"],
    "currency": ['"USD"'],
    "shortfall_price": ["0", "1e9", "0.001"],
    "home": ['"XB"'],
    "early_warning": ["0.005", "0"],
    "alert": ["0", "0.05"],
    "emergency": ["1", "0.01"],
    "units": ["{}", '{crude = "t", a = "b"}'],
    "credits": ["[]", '["", "%", "<b>"]'],
    "place": ['"own_first"', '"cooperative"', '"by_contract"'],
    "time": ['"late"', '"even"'],
    "tranche_span": ["0", "0.5", "1e-300"],
    "tranches": ["1", "2", "100", "3.0"],
}
LONG = [
    '"' + "x" * 5_000 + '"',
    "9" * 5_000,
    "0x" + "f" * 5_000,
    "[" * 300 + "]" * 300,
    "[" * 3_000,
    "{a=" * 200 + "1" + "}" * 200,
]
SETTING = re.compile(r"^(\w+)( = )(.*)$", re.MULTILINE)
SECTION = re.compile(r"^\[(\w+)\]\n((?:.+\n)*)", re.MULTILINE)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "cp866", "latin-1")
Mutation = Callable[[str, Random], str]


def _cut(text: str, found: re.Match[str], new: str) -> str:
    return text[: found.start()] + new + text[found.end() :]


def _any(pattern: re.Pattern[str], text: str, random: Random) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return random.choice(found) if found else None


def value(text: str, random: Random) -> str:
    """Another value for a setting."""
    found = _any(SETTING, text, random)
    right = RIGHT.get(found[1], ["1"]) if found else []
    literal = random.choice(random.choice([right, LITERALS, LITERALS if random.random() < 0.8 else LONG]))
    return _cut(text, found, f"{found[1]} = {literal}") if found else text


def key(text: str, random: Random) -> str:
    """A key that nobody knows, in other letters, dotted, in quotes, or empty."""
    found = _any(SETTING, text, random)
    if not found:
        return text
    at = random.randrange(len(found[1]))
    slip = found[1][:at] + random.choice(["", found[1][at] * 2, "x", "ж"]) + found[1][at + 1 :]
    name = random.choice(
        [
            slip,
            slip,
            found[1].upper(),
            f'"{slip}"',
            f"{found[1]}.a",
            f"a.{found[1]}",
            '""',
            '"a\\nb"',
            "rules.place",
            "__proto__",
        ]
    )
    return _cut(text, found, f"{name}{found[2]}{found[3]}")


def lost(text: str, random: Random) -> str:
    """A setting or a whole section left out."""
    found = _any(random.choice([SETTING, SECTION]), text, random)
    return _cut(text, found, "") if found else text


def twice(text: str, random: Random) -> str:
    """A setting or a section that stands twice, here or at the end."""
    found = _any(random.choice([SETTING, SECTION]), text, random)
    if not found:
        return text
    return random.choice(
        [_cut(text, found, f"{found[0]}\n{found[0]}"), f"{text}\n{found[0]}\n", f"{found[0]}\n{text}"]
    )


def section(text: str, random: Random) -> str:
    """A section that is a value, a list of sections, a section in a section, or goes by another name."""
    found = _any(SECTION, text, random)
    if not found:
        return text
    name, body = found[1], found[2]
    if random.random() < 0.5:
        return f"{name} = {random.choice(LITERALS)}\n" + _cut(text, found, "")
    heads = [
        f"[[{name}]]",
        f"[{name}.{name}]",
        f"[a.{name}]",
        f"[{name}s]",
        f"[{name.upper()}]",
        f"[ {name} ]",
        f'["{name}"]',
        f"[{name}",
        "[]",
    ]
    return _cut(text, found, random.choice(heads) + "\n" + body)


def nested(text: str, random: Random) -> str:
    """A setting that is a section of its own."""
    found = _any(SETTING, text, random)
    home = random.choice(["rules", "horizon", "money", "display", "defaults", "crisis"])
    if not found:
        return text
    return _cut(text, found, "") + f"\n[{home}.{found[1]}]\n{found[1]} = {found[3]}\n"


def moved(text: str, random: Random) -> str:
    """A setting in a section that is not its own."""
    found, target = _any(SETTING, text, random), _any(SETTING, text, random)
    if not found or not target or found.start() == target.start():
        return text
    line = found[0]
    return "\n".join(part for part in _cut(text, target, f"{target[0]}\n{line}").split("\n"))


def syntax(text: str, random: Random) -> str:
    """A character lost, put in or changed, or the end cut off."""
    at = random.randrange(len(text) + 1)
    sign = random.choice(
        [
            *"[]{}=\"'#,.;:\\\n\t\r\0\x07\x1b\x7f\x85\u2028\ufeffя%&",
            "==",
            '"""',
            "'''",
            "\r\n",
            "<<<<<<< HEAD\n",
        ]
    )
    return random.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + sign + text[at:],
            text[:at] + sign + text[at + 1 :],
            text[:at],
        ]
    )


MUTATIONS: tuple[Mutation, ...] = (
    value,
    value,
    value,
    value,
    key,
    lost,
    twice,
    section,
    section,
    nested,
    moved,
    syntax,
)


def mutated(random: Random) -> bytes:
    """The file with one to three mutations, now and then in another encoding or with other ends of lines."""
    text = TOML
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        text = random.choice(MUTATIONS)(text, random)
    if random.random() < 0.05:
        text = text.replace("\n", random.choice(["\r\n", "\r", "\n\n"]))
    encoding = random.choice(ENCODINGS) if random.random() < 0.08 else "utf-8"
    return text.encode(encoding, "replace")
