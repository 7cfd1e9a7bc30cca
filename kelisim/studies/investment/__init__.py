"""What to build before it is known what comes, why, and what it would be worth to know."""
