"""disruption."""
