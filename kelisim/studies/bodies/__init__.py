"""Who owes what by when, what bodies have decided, and the minutes drafted from what is open."""
