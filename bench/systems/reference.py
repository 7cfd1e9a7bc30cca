"""The reference case that ships, in months and in days."""

from __future__ import annotations

from bench.registry import System

SYSTEM = System(
    name="reference", title="Reference case", build="bench.cases:reference", sizes=(12, 366), quick=(12,), unit="steps"
)  # fmt: skip
