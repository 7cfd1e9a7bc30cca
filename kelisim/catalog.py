"""Texts in a language: the files of `locales/`, one a language, with a key for each sentence.

A key is a dotted path, such as `disruption.nobody_short`. A text has named places with a form,
such as "{start:day}"; report/words.py fills them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGE = "en"  # the one in which every key has a text

Text = str | list[str]
_KEY = re.compile(r"[a-z]\w*(\.\w+)+")


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Text]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


@cache
def texts(language: str = LANGUAGE) -> dict[str, Text]:
    """All texts of a language by key; one that it lacks is taken from English."""
    content = (files("kelisim") / "locales" / f"{language}.toml").read_text(encoding="utf-8")
    own = dict(_flat(tomllib.loads(content)))
    return own if language == LANGUAGE else texts() | own


def languages() -> list[str]:
    """Languages that have a file."""
    entries = (files("kelisim") / "locales").iterdir()
    return sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml"))


def has(key: str) -> bool:
    """Whether there is a text with this key."""
    return key in texts()


def text(key: str, language: str = LANGUAGE) -> str:
    """The text of a key. Raises KeyError for a key that no catalogue has.

    What is no dotted path is its own text, so that a study of a single file can bring its sentences.
    """
    found = texts(language)[key] if _KEY.fullmatch(key) else key
    return found if isinstance(found, str) else "\n".join(found)


def lines(key: str, language: str = LANGUAGE) -> list[str]:
    """The texts of a key that holds several; none where there is no such key."""
    found = texts(language).get(key, [])
    return [found] if isinstance(found, str) else list(found)


def under(section: str, language: str = LANGUAGE) -> dict[str, str]:
    """Last part of the key -> text of all keys directly under a section."""
    start = f"{section}."
    return {
        key.removeprefix(start): value
        for key, value in texts(language).items()
        if key.startswith(start) and "." not in key.removeprefix(start) and isinstance(value, str)
    }
