"""A case as a linear problem; one module per table."""
