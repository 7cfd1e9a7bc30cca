"""One file per tool: build, whole and sweep, each from the same numbers."""
