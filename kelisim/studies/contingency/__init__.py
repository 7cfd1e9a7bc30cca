"""contingency."""
