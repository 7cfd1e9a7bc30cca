"""What partners gain by building together, how they can share it, and what each has in his books."""
