"""Who may do what on a server that others can reach: people with a role and a side, what they may see, and a log of what they did."""
