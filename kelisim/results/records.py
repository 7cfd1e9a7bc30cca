"""Answers as lines of text, exact, and read back without running anything that a line could bring along.

What a line may hold: numbers, texts, truth values, days, lists, tuples, mappings by text, arrays, tables, and dataclasses of kelisim.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import zlib
from datetime import date, datetime
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from kelisim.errors import InternalError

_KIND = "~"  # key of what JSON has no form of its own for


def record(value: Any) -> Any:
    """A value as JSON can hold it. Raises InternalError for what a line cannot hold."""
    if value is None or (isinstance(value, (bool, int, float, str)) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, np.generic):
        return record(value.item())
    if isinstance(value, list):
        return [record(one) for one in value]
    if isinstance(value, dict):
        return {_KIND: "dict", "of": [[record(key), record(one)] for key, one in value.items()]}
    if isinstance(value, tuple):
        return {_KIND: "tuple", "of": [record(one) for one in value]}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        content = base64.b85encode(zlib.compress(np.ascontiguousarray(value).tobytes(), 1)).decode()
        return {_KIND: "array", "type": value.dtype.str, "shape": list(value.shape), "of": content}
    if isinstance(value, pd.DataFrame):
        return {_KIND: "table", "of": base64.b85encode(_table(value)).decode()}
    if value is pd.NaT:
        return {_KIND: "no_moment", "of": ""}
    if isinstance(value, pd.Timestamp):
        return {_KIND: "moment", "of": value.isoformat(), "unit": value.unit}
    if isinstance(value, date) and not isinstance(value, datetime):
        return {_KIND: "day", "of": value.isoformat()}
    if dataclasses.is_dataclass(value) and type(value).__module__.startswith(f"{_HOME}."):
        parts = {field.name: record(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {_KIND: f"{type(value).__module__}:{type(value).__qualname__}", "of": parts}
    raise InternalError(f"a line cannot hold {type(value).__name__}")


def recorded(value: Any) -> Any:
    """What a line holds. Raises ValueError for what `record` did not write."""
    if isinstance(value, list):
        return [recorded(one) for one in value]
    if not isinstance(value, dict):
        return value
    try:
        return _known(str(value[_KIND]), value)
    except (KeyError, TypeError, AttributeError, ImportError, zlib.error, pa.ArrowException) as error:
        raise ValueError(f"this is no record: {error}") from error


_HOME = __name__.partition(".")[0]


def _known(kind: str, value: dict[str, Any]) -> Any:
    of = value["of"]
    if kind == "dict":
        return {recorded(key): recorded(one) for key, one in of}
    if kind == "tuple":
        return tuple(recorded(one) for one in of)
    if kind == "array":
        dtype = np.dtype(value["type"])
        if dtype.kind not in "biuf":
            raise ValueError(f"no array of {dtype}")
        return np.frombuffer(zlib.decompress(base64.b85decode(of)), dtype).reshape(value["shape"]).copy()
    if kind == "table":
        return pa.ipc.open_stream(pa.BufferReader(base64.b85decode(of))).read_pandas()
    if kind == "no_moment":
        return pd.NaT
    if kind == "moment":
        return pd.Timestamp(of).as_unit(value["unit"])
    if kind == "day":
        return date.fromisoformat(of)
    module, _, name = kind.partition(":")
    if not module.startswith(f"{_HOME}."):
        raise ValueError(f"no record of {kind}")
    cls = getattr(import_module(module), name)
    if not (isinstance(cls, type) and dataclasses.is_dataclass(cls) and cls.__module__ == module):
        raise ValueError(f"no record of {kind}")
    return cls(**{name: recorded(one) for name, one in of.items()})


def _table(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()
