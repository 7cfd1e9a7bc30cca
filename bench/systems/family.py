"""The made-up family: the same kind of region at every size, see bench/family.py."""

from __future__ import annotations

from bench.registry import System

SYSTEM = System(
    name="family", title="Made-up family", build="bench.family:family", sizes=(20, 50, 100, 200, 500, 1000),
    quick=(20, 50), unit="places",
)  # fmt: skip
