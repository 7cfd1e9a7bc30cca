"""What contracts make of quantities: clauses and invoices, as pure functions on arrays."""
