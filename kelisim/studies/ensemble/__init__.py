"""Any study asked of every scenario of a table."""
