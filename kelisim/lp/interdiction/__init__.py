"""interdiction."""
