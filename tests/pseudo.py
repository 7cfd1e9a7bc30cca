"""A language of no people: the English texts in letters that nothing else has, so that what is not of the catalogue shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kelisim import catalog

INSTEAD = "ru"  # the language that it takes the place of: its days, plurals and places stay
KEPT = ("dates.",)  # patterns, not words
PLACES = re.compile(r"(\{[^}]*\})")
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "абцдефгхијклмнопярстувђшзчАБЦДЕФГХИЈКЛМНОПЯРСТУВЂШЗЧ"[:52],
)


def written(text: catalog.Text) -> catalog.Text:
    """A text in other letters, its places as they were."""
    if isinstance(text, list):
        return [str(written(one)) for one in text]
    parts = PLACES.split(text)
    return "".join(one if one.startswith("{") else one.translate(LETTERS) for one in parts)


@contextmanager
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak it."""
    english, own = catalog.own(catalog.LANGUAGE), catalog.own(INSTEAD)
    texts = {key: own[key] if key.startswith(KEPT) else written(text) for key, text in english.items()}
    usual = catalog.texts
    with monkeypatch.context() as patch, catalog.speaking(INSTEAD):
        patch.setattr(
            catalog,
            "texts",
            lambda language="": texts if (language or INSTEAD) == INSTEAD else usual(language),
        )
        yield
