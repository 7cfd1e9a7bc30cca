"""Builds the reference case of 2024 from a folder of collected facts."""
