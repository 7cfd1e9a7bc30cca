"""diversification."""
