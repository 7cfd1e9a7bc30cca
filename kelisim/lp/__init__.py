"""A sparse linear problem and its solver; no energy words."""
