"""Whether provisions are kept: observations against obligations, forecasts to the deadline, early warning, a light with its rule."""
