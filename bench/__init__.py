"""Benchmarks: systems, phases and peers, side by side in one run. `python -m bench` runs them and writes docs/benchmarks.md."""
