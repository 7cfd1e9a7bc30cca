"""What may be chosen: limits between projects, projects of several units, and what comes near the plan."""
