"""What each contract pays by month, and what its clauses cost or save."""
