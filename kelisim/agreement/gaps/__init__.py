"""Gaps that no provision covers: one finder for each kind, each with words and the rows that it read."""
