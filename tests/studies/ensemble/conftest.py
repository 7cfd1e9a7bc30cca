"""The case that `new` writes, for the command line."""

from __future__ import annotations

from tests.cli.conftest import mycase, own_cache

__all__ = ["mycase", "own_cache"]
