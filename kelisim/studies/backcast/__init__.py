"""The study backcast."""
