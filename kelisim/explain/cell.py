"""The cell that somebody asks about: the words that name a row, a colon and a column."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kelisim.case import schema
from kelisim.errors import UserError
from kelisim.explain.tables import NUMBERS, keys_of, label_of, word_of
from kelisim.explain.text import SHOWN
from kelisim.results.results import Results
from kelisim.results.schema import PART


def find(results: Results, table: str, cell: str) -> tuple[int, str]:
    """Position of the row and name of the column of a cell. Raises UserError with the nearest right word."""
    frame = results[table]  # raises with the nearest table
    keys = keys_of(results, table)
    numbers = _numbers(frame)
    such_as = example(results, table) or f"{','.join(keys)}:COLUMN"
    words, colon, column = cell.rpartition(":")
    if not colon:
        raise UserError(
            f'"{cell}" names no column. Write {",".join(keys)}:COLUMN, such as {such_as}. Columns: {", ".join(numbers)}.'
        )
    if column not in frame.columns:
        near = schema.nearest(column, numbers)
        hint = f'Did you mean "{near}"?' if near else ""
        raise UserError(
            f'{table} has no column "{column}". {hint} Columns: {", ".join(numbers)}.'.replace("  ", " ")
        )
    if column not in numbers:
        raise UserError(f'"{column}" of {table} is no number. Numbers: {", ".join(numbers)}.')
    return _row(frame, table, keys, [word.strip() for word in words.split(",")], such_as), column


def _row(frame: pd.DataFrame, table: str, keys: Sequence[str], words: list[str], such_as: str) -> int:
    """Position of the row that the words name, in any order as long as one row fits."""
    texts = {key: frame[key].map(word_of).astype(str) for key in keys}
    if {"step", PART} <= {*keys}:  # a day is all its parts, an hour is one
        texts["step"] = pd.to_datetime(frame["step"]).dt.strftime("%Y-%m-%dT%H:%M:%S")
    left = pd.Series(True, index=frame.index)
    if not keys and len(frame) == 1:
        return 0
    if len(words) > len(keys):  # a key may hold a comma itself
        labels = [",".join(cells).replace(", ", ",") for cells in zip(*texts.values(), strict=True)]
        if ",".join(words) in labels:
            return labels.index(",".join(words))
        words = [",".join(words[: len(words) - len(keys) + 1]), *words[len(words) - len(keys) + 1 :]]
    free = list(keys)
    for word in words:
        fitting = [key for key in free if _fits(texts[key][left], key, word).any()]
        if not fitting:
            known = dict.fromkeys(text for key in free for text in texts[key][left])
            near = schema.nearest(word, known)
            hint = f'Did you mean "{near}"?' if near else f"Known: {schema.some(known, 12)}."
            raise UserError(
                f'{table} has no row "{",".join(words)}": no {" or ".join(free)} "{word}" fits. {hint}'
            )
        left &= _fits(texts[fitting[0]], fitting[0], word)
        free.remove(fitting[0])
    if int(left.sum()) > 1:
        open_keys = [key for key in free if texts[key][left].nunique() > 1]
        if {"step", PART} <= {*open_keys} and texts["step"][left].str[:10].nunique() == 1:
            open_keys.remove("step")  # the part of the day says it
        choices = "; ".join(f"{key}: {schema.some(dict.fromkeys(texts[key][left]), 12)}" for key in open_keys)
        raise UserError(f"{int(left.sum())} rows of {table} fit. Name also {choices or such_as}.")
    return int(left.to_numpy().argmax())


def _fits(texts: pd.Series, key: str, word: str) -> pd.Series:
    same = texts == word
    if key == "step" and not same.any():
        return texts.str.startswith(word)  # 2024-01 for the step that starts on 2024-01-01
    return same


def example(results: Results, table: str) -> str:
    """The first number of a table as one types it; empty where there is none."""
    frame = results[table]
    keys = keys_of(results, table)
    for column in sorted(_numbers(frame), key=lambda name: name in keys):
        filled = frame[column].notna().to_numpy()
        if filled.any():
            return f"{label_of(frame, keys, int(filled.argmax()))}:{column}"
    return ""


def overview(results: Results, table: str = "") -> str:
    """What can be explained: the tables, or the rows and columns of one, each with an example to type."""
    if not table:
        examples = ((name, example(results, name)) for name in results.names)
        return "\n".join(
            ["Tables, each with a cell to try:", *(f"  {name} {cell}" for name, cell in examples if cell)]
        )
    frame = results[table]
    keys = keys_of(results, table)
    rows = [label_of(frame, keys, at) for at in range(min(len(frame), SHOWN))]
    more = f" and {len(frame) - SHOWN:,} more" if len(frame) > SHOWN else ""
    such_as = f", such as {example(results, table)}" if example(results, table) else ""
    return (
        f"{table}: a cell is {','.join(keys)}:COLUMN{such_as}\n"
        f"Columns: {', '.join(_numbers(frame))}\nRows: {'; '.join(rows)}{more}"
    )


def _numbers(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if frame[name].dtype.kind in NUMBERS]
