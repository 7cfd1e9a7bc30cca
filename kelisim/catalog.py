"""Texts in a language: the files of `locales/` that bear its code, with a key for each sentence.

`locales/en.toml` has what answers say, `locales/names/en.toml` what every case has (units, days, carriers),
`locales/web/en.toml` the pages on the web; so it is in each language.

A key is a dotted path, such as `disruption.nobody_short`. A text has named places with a form,
such as "{start:day}"; report/words.py fills them.

The language that is spoken is one of a thread or a task (a context variable): `with speaking("ru"): ...`. Functions
that take a language take the spoken one where none is given.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from babel import Locale

LANGUAGE = "en"  # the one in which every key has a text

Text = str | list[str]
_KEY = re.compile(r"[a-z]\w*(\.\w+)+")
_ALSO = {"kk": ("kz", "kaz", "қазақша")}  # what people write for a language beside its code and names
_SPOKEN: ContextVar[str] = ContextVar("language", default="")
_ASKED: list[Callable[[], str]] = []


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Text]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def spoken() -> str:
    """The language that is spoken in this thread or task: English if nobody said otherwise."""
    return _SPOKEN.get() or next(filter(None, (who() for who in _ASKED)), LANGUAGE)


def ask(who: Callable[[], str]) -> None:
    """Ask somebody for the language where none is spoken, such as the page from which an event comes."""
    if who not in _ASKED:
        _ASKED.append(who)


def speak(language: str) -> None:
    """Speak a language from here on, in this thread or task; raises KeyError for one that has no file."""
    if language not in languages():
        raise KeyError(language)
    _SPOKEN.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language within a block; raises KeyError for one that has no file."""
    before = _SPOKEN.get()
    speak(language)
    try:
        yield
    finally:
        _SPOKEN.set(before)


def texts(language: str = "") -> dict[str, Text]:
    """All texts of a language by key; one that it lacks is taken from English."""
    return _texts(language or spoken())


@cache
def own(language: str) -> dict[str, Text]:
    """The texts that the files of a language hold, by key."""
    found: dict[str, Text] = {}
    for file in _files():
        if file.name == f"{language}.toml":
            found |= _flat(tomllib.loads(file.read_text(encoding="utf-8")))
    return found


@cache
def _files() -> tuple[Traversable, ...]:
    """All files of texts, those of folders last."""
    entries = sorted((files("kelisim") / "locales").iterdir(), key=lambda entry: (entry.is_dir(), entry.name))
    return tuple(file for one in entries for file in (one.iterdir() if one.is_dir() else (one,)))


@cache
def _texts(language: str) -> dict[str, Text]:
    return own(LANGUAGE) | own(language)


@cache
def languages() -> tuple[str, ...]:
    """Languages that have a file, English first, then by their codes."""
    found = {file.name.removesuffix(".toml") for file in _files() if file.name.endswith(".toml")}
    return (LANGUAGE, *sorted(found - {LANGUAGE}))


def name(language: str) -> str:
    """What a language calls itself, with a large first letter."""
    own = Locale.parse(language).get_language_name(language) or language
    return own[:1].upper() + own[1:]


def meant(words: str) -> str:
    """The language that a code or a name most likely means; empty if none is like it."""
    known = {word: code for code in languages() for word in _called(code)}
    found = get_close_matches(words.strip().lower().replace("_", "-").split("-")[0], known, 1)
    return known[found[0]] if found else ""


def _called(code: str) -> Iterator[str]:
    """Names of a language in all languages."""
    yield code
    yield from _ALSO.get(code, ())
    for language in languages():
        yield (Locale.parse(code).get_language_name(language) or code).lower()


def has(key: str, language: str = "") -> bool:
    """Whether there is a text with this key."""
    return key in texts(language)


def text(key: str, language: str = "") -> str:
    """The text of a key. Raises KeyError for a key that no catalogue has.

    What is no dotted path is its own text, so that a study of a single file can bring its sentences.
    """
    found = texts(language)[key] if _KEY.fullmatch(key) else key
    return found if isinstance(found, str) else "\n".join(found)


def lines(key: str, language: str = "") -> list[str]:
    """The texts of a key that holds several; none where there is no such key."""
    found = texts(language).get(key, [])
    return [found] if isinstance(found, str) else list(found)


def under(section: str, language: str = "") -> dict[str, str]:
    """Last part of the key -> text of all keys directly under a section."""
    start = f"{section}."
    return {
        key.removeprefix(start): value
        for key, value in texts(language).items()
        if key.startswith(start) and "." not in key.removeprefix(start) and isinstance(value, str)
    }
