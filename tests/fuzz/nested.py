"""JSON as programs of maps and scripts write it, spoilt in its tree and in its text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.fuzz.bytes_of import recoded, spoilt
from tests.fuzz.values import cell, slip

LITERALS: list[Any] = [
    None, True, False, 0, 1, -1, 0.5, 1e308, -1e308, 2**64, -(2**64), 10**400, float("nan"), float("inf"), "", "x", "1", [], {}, [[]], [{}], {"": ""},
    [1, 2], [1e308, 1e308], ["1", "2"], [None, None], [[0, 0], [1, 1]], [10**400, 0], "\ud800", "a\udfffb", "\0", "\x1b[2J", "Point", "LineString", "Polygon", "FeatureCollection",
    {"type": "Point", "coordinates": [1, 2]}, {"type": "LineString", "coordinates": [[181, 91], [-999, 1e9]]}, {"type": "name", "properties": {"name": "EPSG:3857"}},
]  # fmt: skip
TEXTS = [
    ('"coordinates"', '"coordinates":' + "[" * 100_000 + ',"coordinates"'),
    ("1", "9" * 5_000), ("1", "1e999"), ("1", "-"), (":", ":NaN,"), (",", ",,"), ("]", "]]"), ("{", "[{"), ('"', "'"), ('"', "\\ud83d"), ("null", "None"), (",", "//,"),
]  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of the tree: what holds it, and its key or index."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)


def branch(document: Any, random: Random) -> None:
    """A member with another value, lost, twice, moved, under another name, or deep below itself."""
    found = list(_places(document))
    if not found:
        return
    home, key = random.choice(found)
    kind = random.randrange(8)
    if kind <= 2:
        home[key] = random.choice(LITERALS) if random.random() < 0.7 else cell(random)
    elif kind == 3:
        del home[key]
    elif kind == 4 and isinstance(home, list):
        home.insert(random.randrange(len(home) + 1), json.loads(json.dumps(home[key])))
    elif kind == 4:
        home[slip(key, random)] = home.pop(key)
    elif kind == 5:
        other, at = random.choice(found)
        if (isinstance(other, list) and at < len(other)) or (isinstance(other, dict) and at in other):
            home[key] = json.loads(json.dumps(other[at]))
    elif kind == 6:
        for _ in range(random.choice([1, 5, 200])):
            home[key] = [home[key]] if random.random() < 0.5 else {"type": home[key]}
    elif isinstance(home, list):
        home[key:] = home[key : key + 1] * random.choice([0, 2, 60])


def geojson(data: bytes, random: Random) -> bytes:
    """A document with one to three changes in its tree, or one in its text."""
    if random.random() < 0.75:
        document = json.loads(data)
        for _ in range(random.choice([1, 1, 1, 2, 3])):
            branch(document, random)
        return json.dumps(document, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    text = data.decode()
    if random.random() < 0.4:
        old, new = random.choice(TEXTS)
        at = text.find(old, random.randrange(len(text)))
        return (text[:at] + new + text[at + len(old) :]).encode() if at >= 0 else spoilt(data, random)
    return recoded(text, random) if random.random() < 0.3 else spoilt(data, random)
