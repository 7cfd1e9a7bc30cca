"""What each role may do.

viewer   sees the pages, asks cuts on the map, reads the runs of the own side and those that are shared
analyst  also asks studies, keeps answers as runs, and stops what the own side has asked
editor   also shares runs with the other sides, and takes that back
"""

from __future__ import annotations

VIEWER, ANALYST, EDITOR = ROLES = ("viewer", "analyst", "editor")
LOOK, CUT, ASK, KEEP, STOP, SHARE = ACTS = ("look", "cut", "ask", "keep", "stop", "share")
MAY = {
    VIEWER: frozenset({LOOK, CUT}),
    ANALYST: frozenset({LOOK, CUT, ASK, KEEP, STOP}),
    EDITOR: frozenset(ACTS),
}


def least(act: str) -> str:
    """The role of fewest rights that may do something."""
    return next(role for role in ROLES if act in MAY[role])
