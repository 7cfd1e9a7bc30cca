"""How similar two names are: word by word, in any order, with spellings of one name taken as one.

Each word has a weight by its length and by how much it tells (words.csv). Words match if their keys do, if they share 80 % of
their letters (Indel ratio), or, beside a word that matches, if one is the initial of the other. The score of two names is

    both = sum of s (w_i + w_j) over matched words / sum of w of both names
    part = 0.92 m / w of the shorter name, where all of it that tells is in the longer one; 0.86 if that is one word

and the larger of them, 0 to 1. Of people one word is no part. Names that are one when written without spaces have at least 0.97.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from scipy import sparse

from kelisim.screening.scripts import latin_forms, words_of

ALIKE = 80  # percent of letters that two words share
SHORTEST_ALIKE = 4  # letters; shorter words match only if they are equal
PART, PART_OF_ONE = 0.92, 0.86  # of the score where one name is within the other
JOINED = 0.97  # of names that differ by spaces only
TELLING = 0.3  # weight of a word that tells who is meant
LONG_WORD = 5  # letters of a word that alone names a company
INITIAL = 0.9  # of a word for its first letter
BELOW = 0.15  # by which a first estimate may miss the score
_TWICE = re.compile(r"(.)\1+")
MOST_NEAR = 250  # pairs of one name that are scored, of a part of a list
PAIRS = 2_000_000  # pairs of names that are estimated at a time
CELLS = 24_000_000  # pairs of words that are compared at a time


class Form(NamedTuple):
    """A name as it is compared.

    keys, weights  of its words, in the order of the alphabet
    joined         the words that tell, in their own order and without spaces
    standard       by which it was written in Latin; empty if it was
    """

    keys: tuple[str, ...]
    weights: tuple[float, ...]
    joined: str = ""
    standard: str = ""


@lru_cache(maxsize=65_536)
def forms(name: str) -> tuple[Form, ...]:
    """The name as it is compared; in Cyrillic one form for each standard that gives another key."""
    found: dict[tuple[str, ...], Form] = {}
    for latin, standard in ((name.lower(), ""),) if name.isascii() else latin_forms(name):
        words = words_of(latin)
        told = {word.key: word.weight for word in words if word.weight > 0}
        told = told or {word.key: min(len(word.key), 8) / 8 for word in words}
        keys = tuple(sorted(told))
        if keys and keys not in found:
            telling = [word.key for word in words if word.told >= TELLING]
            joined = _TWICE.sub(r"\1", "".join(telling)) if len(telling) > 1 else "".join(telling)
            found[keys] = Form(keys, tuple(told[key] for key in keys), joined, standard)
    return tuple(found.values())


def alike(one: str, other: str) -> float:
    """How similar two words are, 0 to 1; 0 where they are not."""
    if one == other:
        return 1.0
    if min(len(one), len(other)) == 1:
        return INITIAL if one[0] == other[0] else 0.0
    if min(len(one), len(other)) < SHORTEST_ALIKE:
        return 0.0
    return float(fuzz.ratio(one, other, score_cutoff=ALIKE)) / 100


def score(one: Form, other: Form, is_person: bool = False) -> float:
    """Score of two names, 0 to 1.

    >>> ivan, full = forms("Ivan Petrov")[0], forms("PETROV Ivan Sergeevich")[0]
    >>> round(score(ivan, full, is_person=True), 2), score(forms("Иван Петров")[0], ivan)
    (0.92, 1.0)
    """
    pairs = sorted(
        (
            (value, i, j)
            for i, first in enumerate(one.keys)
            for j, second in enumerate(other.keys)
            if (value := alike(first, second))
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    if pairs and all(value == INITIAL for value, _, _ in pairs):
        return 0.0  # initials say something only beside a word
    used_one: set[int] = set()
    used_other: set[int] = set()
    met, within = 0.0, 0.0
    shorter_is_one = sum(one.weights) <= sum(other.weights)
    for value, i, j in pairs:
        if i not in used_one and j not in used_other:
            used_one.add(i)
            used_other.add(j)
            met += value * (one.weights[i] + other.weights[j])
            within += value * (one.weights[i] if shorter_is_one else other.weights[j])
    both = met / (sum(one.weights) + sum(other.weights))
    if one.joined and one.joined == other.joined:
        both = max(both, JOINED)
    shorter = one if shorter_is_one else other
    telling = [word for word, told in zip(shorter.keys, shorter.weights, strict=True) if told >= TELLING]
    many = len(telling) > 1
    if not telling or (not many and (is_person or len(telling[0]) < LONG_WORD)):
        return both
    return max(both, (PART if many else PART_OF_ONE) * within / sum(shorter.weights))


class Candidates:
    """Names that are looked for, ready to be held against a part of a list."""

    def __init__(self, sought: Sequence[Form]) -> None:
        self.sought = sought
        self.words = sorted({word for form in sought for word in form.keys})
        self.place = {word: at for at, word in enumerate(self.words)}
        self.total = np.array([sum(form.weights) for form in sought])
        self.matrix = _matrix(sought, self.place)
        self.joined: dict[str, list[int]] = {}
        for at, form in enumerate(sought):
            self.joined.setdefault(form.joined, []).append(at)
        self.joined.pop("", None)

    def against(self, listed: Sequence[Form], least: float) -> Iterator[tuple[int, list[int], int]]:
        """Of each name that is sought those that are listed and whose score can reach `least`: few, and none is missed but for initials alone.

        Of more than MOST_NEAR those that can score most are given. The third number counts those left out.
        """
        words = sorted({word for form in listed for word in form.keys})
        place = {word: at for at, word in enumerate(words)}
        total = np.array([sum(form.weights) for form in listed])
        near = self._near(words, place)
        theirs = _matrix(listed, place)
        weights, ones = theirs.T.tocsr(), _ones(theirs).T.tocsr()
        joined: dict[int, list[int]] = {}
        for at, form in enumerate(listed):
            for mate in self.joined.get(form.joined, ()):
                joined.setdefault(mate, []).append(at)
        step = max(1, PAIRS // len(listed))
        for begin in range(0, len(self.sought), step):
            some = self.matrix[begin : begin + step]
            one = (some @ near @ ones).tocsr()
            other = (_ones(some) @ near @ weights).tocsr()
            one.sort_indices()
            other.sort_indices()
            for row in range(one.shape[0]):
                span = slice(one.indptr[row], one.indptr[row + 1])
                at, mine, yours = one.indices[span], self.total[begin + row], total[one.indices[span]]
                both = (one.data[span] + other.data[span]) / (mine + yours)
                part = PART * np.where(mine <= yours, one.data[span] / mine, other.data[span] / yours)
                most = np.maximum(both, part)
                kept = at[most >= least - BELOW]
                left_out = max(0, len(kept) - MOST_NEAR)
                if left_out:
                    kept = at[np.argsort(-most, kind="stable")[:MOST_NEAR]]
                same = joined.get(begin + row, [])[:MOST_NEAR]
                if len(kept) or same:
                    yield begin + row, sorted({*kept.tolist(), *same}), left_out

    def _near(self, words: list[str], place: dict[str, int]) -> sparse.csr_array:
        """Which words are similar to which, (sought, listed)."""
        short = [at for at, word in enumerate(self.words) if len(word) < SHORTEST_ALIKE and word in place]
        rows, columns, values = [np.array(short, dtype=int)], [], [np.ones(len(short))]
        columns.append(np.array([place[self.words[at]] for at in short], dtype=int))
        mine = _by_length(self.words)
        theirs = _by_length(words)
        for length, own in mine.items():
            close = [
                others
                for size, others in theirs.items()
                if 200 * min(length, size) >= ALIKE * (length + size)
            ]
            if not close:
                continue
            others = np.concatenate(close)
            step = max(1, CELLS // len(others))
            texts = [words[at] for at in others]
            for begin in range(0, len(own), step):
                some = own[begin : begin + step]
                found = process.cdist(
                    [self.words[at] for at in some],
                    texts,
                    scorer=fuzz.ratio,
                    score_cutoff=ALIKE,
                    dtype=np.uint8,
                )
                i, j = np.nonzero(found)
                rows.append(some[i])
                columns.append(others[j])
                values.append(found[i, j] / 100)
        data = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return sparse.csr_array(data, shape=(len(self.words), len(words)))


def _by_length(words: Sequence[str]) -> dict[int, npt.NDArray[np.int64]]:
    found: dict[int, list[int]] = {}
    for at, word in enumerate(words):
        if len(word) >= SHORTEST_ALIKE:
            found.setdefault(len(word), []).append(at)
    return {length: np.array(places) for length, places in found.items()}


def _matrix(listed: Sequence[Form], place: dict[str, int]) -> sparse.csr_array:
    """Weights of the words of names, (names, words)."""
    starts = np.cumsum([0, *(len(form.keys) for form in listed)])
    columns = np.array([place[word] for form in listed for word in form.keys], dtype=int)
    data = np.array([told for form in listed for told in form.weights])
    return sparse.csr_array((data, columns, starts), shape=(len(listed), len(place)))


def _ones(matrix: sparse.csr_array) -> sparse.csr_array:
    same = matrix.copy()
    same.data[:] = 1.0
    return same
